#!/usr/bin/perl

# Tests for a carrier that takes no idempotency token and of which nobody knows
# whether it took a message: no second text before 60 s or its report.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Fake::WhatsApp;

my $port = free_port();
my %secrets = ('meta.secret' => 'the-app-secret-of-meta',
    'meta.verify' => 'the-verify-token-we-typed');

my $t = setup(set => { META => $port }, secrets => \%secrets,
    server => <<'EOF');
        location = /carriers/meta {
            sent_conv_carrier meta whatsapp whatsapp_cloud;
            sent_conv_carrier_secret %%TESTDIR%%/meta.secret;
            sent_conv_carrier_verify_token %%TESTDIR%%/meta.verify;
        }

        location = /deliver/meta {
            internal;
            sent_conv_deliver carrier meta whatsapp_cloud;
            proxy_pass http://127.0.0.1:%%META%%/v23.0/1065/messages;
            proxy_set_header Authorization "Bearer EAAG";
            proxy_read_timeout 1s;
            proxy_next_upstream off;
        }
EOF

$t->bind_number('whatsapp', $t->{numbers}{whatsapp}, $t->{customer}, 'meta');

my $meta = SentConv::Fake::WhatsApp->new(dir => $t->{dir}, name => 'meta',
    port => $port, to => $t->{nginx}->port(0), path => '/carriers/meta',
    secret => $secrets{'meta.secret'},
    number => $t->{numbers}{whatsapp} =~ s/^\+//r);

$t->allow(qr/upstream/);
$t->webhook('/hook');

sub statuses {
    my ($id) = @_;

    return join(' ', map { $_->{status} }
        @{$t->get("/v3/messages/$id/activities")->data()->{activities}});
}

sub settled {
    my ($id, $want, $name) = @_;

    my $got;

    wait_for(10, sub { ($got = statuses($id)) eq $want });
    is($got, $want, $name);
}

sub texts {
    my ($id) = @_;

    return scalar(grep { ($_->{token} // '') eq $id } $meta->messages());
}

# the contact's lane: its key of the partition's sets, and s until it is due

sub lane {
    my ($to) = @_;

    for my $key (@{$t->{redis}->command('KEYS', 'sc:{*}:q:whatsapp:*')}) {
        next unless grep { / \Q$to\E / }
            @{$t->{redis}->command('LRANGE', $key, 0, -1)};

        my ($tag, $member) = $key =~ /^(sc:\{\d+\}):(.*)/;

        return ("$tag:lanes", $member);
    }

    return;
}

sub wait_lane {
    my ($to, $name) = @_;

    my $left = 0;

    ok(wait_for(20, sub {
        my ($set, $member) = lane($to) or return 0;
        my $score = $t->{redis}->command('ZSCORE', $set, $member) or return 0;

        $left = $score / 1000 - time();
        return $left > 50;
    }), "$name: it is left alone") or diag($left);

    cmp_ok($left, '<=', 60.5, "$name: for 60 s");
}

# as if they were over

sub over {
    my ($to) = @_;

    my ($set, $member) = lane($to);

    $t->{redis}->command('ZADD', $set, 'XX', int(time() * 1000), $member);
}

sub begin {
    my ($n, $text) = @_;

    my $to = $t->contact($n);

    $meta->notify($meta->message($to, 'hi'));

    return ($to, $t->send(to => $to, body => $text)->data()->{message_id});
}

# taken, and the connection breaks; then its report

my ($one, $id) = begin(1, 'lose 1');

wait_lane($one, 'lost answer');
is(texts($id), 1, 'one text');

my $next = $t->send(to => $one, body => 'behind it')->data()->{message_id};

is(statuses($next), 'QUEUED', 'what is behind it waits');
$meta->report('wamid.late', { to => $one, token => $id }, 'delivered');
settled($id, 'QUEUED DELIVERED', 'its report settles it');
settled($next, 'QUEUED SENT', 'and the next one goes');
is(texts($id), 1, 'still one text');

# taken, and no report ever

my ($two, $lost) = begin(2, 'lose 2');

wait_lane($two, 'no report');
over($two);
settled($lost, 'QUEUED SENT', 'once more when 60 s are over');
is(texts($lost), 2, 'two texts');

# refused by a report: nothing to repeat

my ($three, $refused) = begin(3, 'lose 3');

wait_lane($three, 'refused');
$meta->notify($meta->status('wamid.r', $three, 'failed',
    biz_opaque_callback_data => $refused, errors => [{ code => 131026,
    title => 'Message undeliverable' }]));
settled($refused, 'QUEUED FAILED', 'its report is the end of it');
ok(wait_for(10, sub { !lane($three) }), 'nothing waits');
is(texts($refused), 1, 'one text, refused');

# refused by a rate: that passes, and it is tried again when it is due

my ($nine, $rated) = begin(9, 'lose 9');

wait_lane($nine, 'a rate');
$meta->notify($meta->status('wamid.n', $nine, 'failed',
    biz_opaque_callback_data => $rated, errors => [{ code => 130429,
    title => 'Rate limit hit' }]));
is(statuses($rated), 'QUEUED', 'its report is no end of it');
over($nine);
settled($rated, 'QUEUED SENT', 'once more');
$meta->notify($meta->status('wamid.n', $nine, 'failed',
    biz_opaque_callback_data => $rated, errors => [{ code => 130429,
    title => 'Rate limit hit' }]));
settled($rated, 'QUEUED SENT FAILED', 'what was taken fails for good');

# it hangs until the read times out

$meta->script('/v23.0/1065/messages', { hang => 1, match => 'slow 4' });

my ($four, $slow) = begin(4, 'slow 4');

wait_lane($four, 'timeout');
is(texts($slow), 1, 'one text, slow');
$meta->report('wamid.s', { to => $four, token => $slow }, 'read');
settled($slow, 'QUEUED READ', 'its report settles that, too');

# its report comes while it hangs: what is behind it need not wait

$meta->script('/v23.0/1065/messages', { hang => 1, match => 'told 8' });

my ($eight, $told) = begin(8, 'told 8');

ok(wait_for(10, sub { texts($told) == 1 }), 'it hangs');
$next = $t->send(to => $eight, body => 'behind 8')->data()->{message_id};
$meta->report('wamid.t', { to => $eight, token => $told }, 'sent');
settled($next, 'QUEUED SENT', 'the next one goes when it has timed out');
is(statuses($told), 'QUEUED SENT', 'as its report said');
is(texts($told), 1, 'one text, told');

# a STOP finds it waiting: it ends there, and no report moves it

my ($five, $stopped) = begin(5, 'lose 5');

wait_lane($five, 'stopped');
$meta->notify($meta->message($five, 'STOP'));
settled($stopped, 'QUEUED FILTERED', 'a STOP');
is(texts($stopped), 1, 'no second text after a STOP');

# who posted it dies before the answer

$meta->script('/v23.0/1065/messages', { hang => 1, match => 'dies 6' });

my ($six, $orphan) = begin(6, 'dies 6');

ok(wait_for(10, sub { texts($orphan) == 1 }), 'it is posted');
$t->{nginx}->kill_worker($_) for $t->{nginx}->workers();
wait_lane($six, 'dead deliverer');
is(texts($orphan), 1, 'one text, of a dead one');
$meta->report('wamid.o', { to => $six, token => $orphan }, 'sent');
settled($orphan, 'QUEUED SENT', 'a report settles it');

# who posted it is told to go

$meta->script('/v23.0/1065/messages', { hang => 1, match => 'goes 7' });

my ($seven, $left) = begin(7, 'goes 7');

ok(wait_for(10, sub { texts($left) == 1 }), 'posted by one that goes');
$t->{nginx}->reload();
wait_lane($seven, 'reload');
is(texts($left), 1, 'one text over a reload');
$meta->report('wamid.l', { to => $seven, token => $left }, 'sent');
settled($left, 'QUEUED SENT', 'settled');
