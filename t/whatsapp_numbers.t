#!/usr/bin/perl

# Tests for contacts that Meta knows by another number: what is said of consent
# from either holds for both, whoever knew what at that moment, and nothing of
# it outlives the contact.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Fake::WhatsApp;
use SentConv::Id qw(contact_id);

my $port = free_port();
my %secrets = ('meta.secret' => 'the-app-secret-of-meta',
    'meta.verify' => 'the-verify-token-we-typed');

my $t = setup(set => { META => $port }, secrets => \%secrets,
    server => <<'EOF_SERVER');
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
        }
EOF_SERVER

$t->bind_number('whatsapp', $t->{numbers}{whatsapp}, $t->{customer}, 'meta');

my $meta = SentConv::Fake::WhatsApp->new(dir => $t->{dir}, name => 'meta',
    port => $port, to => $t->{nginx}->port(0), path => '/carriers/meta',
    secret => $secrets{'meta.secret'},
    number => $t->{numbers}{whatsapp} =~ s/^\+//r);

my $template = $t->template();

# as the business has it, and as Meta does

sub both {
    my ($n) = @_;

    my $number = sprintf('+55119%08d', $n);

    return ($number, '+' . SentConv::Fake::WhatsApp::wa_id($number));
}

sub status { return $t->get("/v3/messages/$_[0]")->data()->{status} }

sub begin {
    my ($to, $channel) = @_;

    return $t->broadcast($to, template => $template,
        channel => [$channel // 'whatsapp'])->data()->{recipients}[0]
        {message_id};
}

# what becomes of one that is begun now

sub fate {
    my ($to, $channel) = @_;

    my $id = begin($to, $channel);

    wait_for(10, sub { status($id) ne 'QUEUED' });

    return status($id);
}

sub fates { return join(' ', map { fate($_) } @_) }

sub says {
    my ($from, $text) = @_;

    $t->{redis}->tick();
    $meta->notify($meta->message($from, $text, timestamp => int(time()) + 9));
}

sub change {
    my ($to, $out) = @_;

    $t->{redis}->tick();

    return $t->api('PATCH', '/v3/contacts/' . contact_id($t->{customer}, $to),
        body => { opt_out => $out ? JSON::PP::true : JSON::PP::false })
        ->status();
}

sub known {
    my ($to) = @_;

    return scalar(@{$t->get("/v3/contacts?phone=$to")->data()->{contacts}});
}

sub aliases {
    return @{$t->{redis}->command('HGETALL', "sc:{$t->{customer}}:alias")};
}

# from the other number, whether that has been written to or not

my ($ana, $other) = both(1);

is(fate($ana), 'SENT', 'a template');
says($other, 'STOP');
is(fates($ana, $other), 'FILTERED FILTERED', 'a STOP from the other');
says($other, 'START');
is(fates($ana, $other), 'SENT SENT', 'a START from the other');

# from the number itself, on another channel; what waits for the other, too

$meta->script('/v23.0/1065/messages', { status => 503, repeat => 1,
    match => $other =~ s/\+//r });

my $waits = begin($other);

ok(wait_for(10, sub { grep { $_->{to} eq $other && $_->{token} eq $waits }
    $meta->messages() }), 'one waits for the other');
$t->inbound(from => $ana, channel => 'sms', text => 'stop');
ok(wait_for(10, sub { status($waits) eq 'FILTERED' }),
    'a STOP by SMS takes it along');
is(fates($other, $ana), 'FILTERED FILTERED', 'both are out');

# by the business, and by the carrier

$meta->script('/v23.0/1065/messages', { status => 200, chance => 0 });
is(change($ana, 0), 200, 'in by PATCH');
is(fates($ana, $other), 'SENT SENT', 'both are in');
is(change($ana, 1), 200, 'out by PATCH');
is(fates($ana, $other), 'FILTERED FILTERED', 'both are out');

my ($bia, $hers) = both(2);

is(fate($bia), 'SENT', 'another contact');
$meta->notify($meta->preference($hers, 'stop'));
is(fates($bia, $hers), 'FILTERED FILTERED', 'a preference, of both');
is(known($hers), 1, 'who is written to is a contact');

# who has said it before anybody knew

my ($eva, $early) = both(3);

$meta->notify($meta->message($early, 'STOP'));
is(fate($eva), 'SENT', 'nobody knows yet');
ok(wait_for(10, sub { fate($eva, 'sms') eq 'FILTERED' }),
    'an opt-out of the other number is found');

my ($lia, $late) = both(4);

$t->inbound(from => $lia, channel => 'sms', text => 'STOP');
$t->admin('PATCH', "/customers/$t->{customer}", body => { help => 'Call.' });
$meta->notify($meta->message($lia, 'HELP'));
ok(wait_for(10, sub { grep { /^\Q$late\E$/ } aliases() }),
    'a help text tells the other number');
ok(wait_for(10, sub { fate($late) eq 'FILTERED' }),
    'an opt-out of the contact holds for it');

# a STOP of one who becomes known in that moment: it is looked up again

my $seen = "$t->{dir}/seen";
my $monitor = SentConv::Process->job(sub {
    my $c = SentConv::Resp->new($t->{redis}->socket());

    open(my $out, '>', $seen) or die "$seen: $!\n";
    $c->command('MONITOR');
    print $out "ready\n";
    $out->flush();

    while (defined(my $line = eval { $c->reply() })) {
        last if $line =~ /"ECHO" "the end"/;
        print $out $line =~ /lua\] "HSET".*"out"/ ? 'out ' :
            $line =~ /"HGET" "sc:\{[^}]*\}:alias"/ ? 'alias ' : '';
    }

    close($out);
});

wait_for(10, sub { -s $seen }) or die "no monitor\n";
$meta->notify($meta->message((both(5))[1], 'STOP'));
$t->{redis}->command('ECHO', 'the end');
$monitor->wait_exit(10);

open(my $lines, '<', $seen) or die "$seen: $!\n";
<$lines>;
is(join('', <$lines> // ''), 'alias out alias ', 'looked up behind the STOP');

# who is erased: its other number goes, the opt-out of both stays

my ($ida, $gone) = both(6);

is(fate($ida), 'SENT', 'one more');
says($gone, 'STOP');

my $id = contact_id($t->{customer}, $ida);

is($t->api('DELETE', "/v3/contacts/$id")->status(), 204, 'erased');
ok(wait_for(10, sub { !grep { /\Q$ida\E|\Q$gone\E/ } aliases() }),
    'the other number is not kept');
is(known($gone), 0, 'it was no contact');
is(fates($ida, $gone), 'FILTERED FILTERED', 'both are out still');

# what was on its way then brings nothing back

my ($zoe, $hidden) = both(7);

$meta->script('/v23.0/1065/messages', { delay => 1, match => $zoe =~ s/\+//r,
    body => JSON::PP->new->encode({ messages => [{ id => 'wamid.z' }],
        contacts => [{ input => $zoe, wa_id => $hidden =~ s/\+//r }] }) });
begin($zoe);
ok(wait_for(10, sub { grep { $_->{to} eq $zoe } $meta->messages() }),
    'one is on its way');
is($t->api('DELETE', '/v3/contacts/' . contact_id($t->{customer}, $zoe))
    ->status(), 204, 'erased meanwhile');
sleep(1.2);
ok(wait_for(10, sub { !grep { /\Q$zoe\E/ } aliases() }),
    'its answer brings no number back');

# nor does a worker that dies in the middle of it: Redis does its command, and
# nobody is there for the answer

my ($max, $old) = both(8);

is(fate($max), 'SENT', 'another that is erased');
ok(wait_for(10, sub { grep { $_ eq $old } aliases() }), 'and has two numbers');
$id = contact_id($t->{customer}, $max);
$t->{redis}->freeze();

my $job = SentConv::Process->job(sub {
    return $t->api('DELETE', "/v3/contacts/$id") ? 1 : 0;
});

wait_for(0.5, sub { 0 });
$t->{nginx}->kill_worker($_) for $t->{nginx}->workers();
$t->{redis}->thaw();
$t->ready($t->{nginx});
$job->result();
ok(known($max) || !(grep { $_ eq $old } aliases()),
    'no number without its contact');
like($t->api('DELETE', "/v3/contacts/$id")->status(), qr/^(?:204|404)$/,
    'asked for again');
is(known($max), 0, 'erased');
is(scalar(grep { $_ eq $old || $_ eq $max } aliases()), 0,
    'neither number is kept');

# where its other number cannot be taken off the list it is not erased

($max, $old) = both(9);
$id = contact_id($t->{customer}, $max);
is(fate($max), 'SENT', 'one more');
ok(wait_for(10, sub { grep { $_ eq $old } aliases() }), 'two numbers again');

my $list = "sc:{$t->{customer}}:alias";

$t->allow(qr/refused a command/);
$t->{redis}->command('RENAME', $list, "$list:put-by");
$t->{redis}->command('SET', $list, 'x');
is($t->api('DELETE', "/v3/contacts/$id")->verdict(), '503 SERVICE_001',
    'not erased');
is(known($max), 1, 'the contact is there');
$t->{redis}->command('RENAME', "$list:put-by", $list);
is($t->api('DELETE', "/v3/contacts/$id")->status(), 204, 'and then it is');
is(scalar(grep { $_ eq $old || $_ eq $max } aliases()), 0, 'with both');
