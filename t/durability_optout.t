#!/usr/bin/perl

# Tests for opt-outs that wait for a replica wherever there is one, by every
# way they come; and for what does not wait.

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

my $t = setup(redis => { tcp => 1 }, secrets => \%secrets,
    set => { META => $port }, server => <<'EOF');
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
EOF

my $master = $t->{redis};
my $theirs = '+14155559999';
my $n = 0;

$t->allow(qr/sent conv/);
$t->bind_number('whatsapp', $theirs, $t->{customer}, 'meta');
$t->admin('PATCH', "/customers/$t->{customer}", body => {
    keywords => ['BAJA'] });

my $meta = SentConv::Fake::WhatsApp->new(dir => $t->{dir}, name => 'meta',
    port => $port, to => $t->{nginx}->port(0), path => '/carriers/meta',
    secret => $secrets{'meta.secret'}, number => $theirs =~ s/^\+//r);

# each way to opt out, of a contact of its own: [name, contact, what asks it]

sub ways {
    my @ways;

    for my $way (
        ['STOP' => sub { $t->inbound(from => $_[0], id => "stop-$_[1]",
            text => 'Stop!') }],
        ['a word of the customer' => sub { $t->inbound(from => $_[0],
            id => "baja-$_[1]", text => 'baja', channel => 'sms') }],
        ['in a batch' => sub { my ($from, $serial) = @_; $t->carrier('sms', [
            map { $t->message(from => $from, channel => 'sms',
                id => "batch-$serial-$_", text => $_) }
            'hello', 'STOP', 'bye']) }],
        ["a carrier's signal" => sub { $meta->notify($meta->preference($_[0],
            'stop')) }],
        ['PATCH' => sub { $t->api('PATCH', "/v3/contacts/$_[2]",
            body => { opt_out => JSON::PP::true }) }],
        ['PATCH with a key' => sub { $t->api('PATCH', "/v3/contacts/$_[2]",
            idem => "patch-$_[1]", body => { opt_out => JSON::PP::true }) }],
        ['erasure' => sub { $t->api('DELETE', "/v3/contacts/$_[2]") }])
    {
        my ($name, $code) = @$way;
        my $serial = ++$n;
        my $from = $t->contact($serial);
        my $id = contact_id($t->{customer}, $from);

        $t->inbound(from => $from);
        push @ways, [$name, $from, sub { $code->($from, $serial, $id) }];
    }

    return @ways;
}

# the opt-outs that a Redis holds

sub out {
    my ($redis) = @_;

    return scalar(grep { defined $redis->command('HGET', $_, 'out') }
        $redis->keys('sc:{*}:t:*'));
}

sub stop {
    my ($contact, %more) = @_;

    return $t->inbound(text => 'STOP', from => $t->contact($contact), %more);
}

# no replica: nothing waits

for my $way (ways()) {
    like($way->[2]->()->status(), qr/^20[04]$/, "$way->[0], no replica");
}

is($master->calls('wait'), 0, 'no WAIT');

# a replica comes: what waits for it, and what does not

my $replica = $master->replica('replica');
my @ways = ways();

$t->inbound(text => 'hello', from => $t->contact(100));
is($t->send(to => $t->contact(100))->verdict(), '202', 'a send');
is($t->inbound(text => 'START', from => $t->contact(100))->status(), 200,
    'an opt-in');
is($master->calls('wait'), 0, 'do not wait');

# with its first replica a master begins another history: each worker finds
# that out once

wait_for(10, sub { stop(101)->status() == 200 }) for 1 .. 8;

for my $way (@ways) {
    my $waited = $master->calls('wait');

    like($way->[2]->()->status(), qr/^20[04]$/, "$way->[0], a replica");
    is($master->calls('wait'), $waited + 1, 'one WAIT');
}

is(out($replica), out($master), 'all are on the replica');

# it stops: 503, and what is asked again is not answered 2xx either

@ways = ways();
$replica->freeze();
is($t->inbound(text => 'hello', from => $t->contact(100))->status(), 200,
    'an inbound');
is($t->send(to => $t->contact(100))->verdict(), '202', 'a send');
is($t->inbound(text => 'START', from => $t->contact(100))->status(), 200,
    'an opt-in');

for my $way (@ways) {
    my ($name, $from, $ask) = @$way;
    my $start = time();
    my $answer = $ask->();

    is($answer->verdict(), '503 SERVICE_002', "$name, stopped");
    ok(time() - $start < 1.5, 'in time');
    is_deeply($answer->json()->{error}{details},
        { replicas => ['0 of 1 have it'] }, 'what is known');
    ok($answer->header($name =~ /PATCH|erasure/ ? 'x-should-retry'
        : 'retry-after'), 'repeat it');

    # it has taken effect all the same

    isnt($t->send(to => $from)->verdict(), '202', 'nothing leaves any more');

    is($ask->()->verdict(), '503 SERVICE_002', 'repeated: no other answer');
}

$replica->thaw();
ok($replica->follows($master), 'it follows again');

for my $way (@ways) {
    my ($name, $from, $ask) = @$way;

    is($ask->()->status(), $name eq 'erasure' ? 404 : 200,
        "$name, repeated when it is back");
}

is(out($replica), out($master), 'all are on the replica');

# a node that came later

my $two = $t->node('two');

$two->allow(qr/sent conv/);
$replica->freeze();
is(stop(102, node => $two)->status(), 503, 'another node');
$replica->thaw();
ok($replica->follows($master), 'it follows again');

# it lags a little: the answer does

$replica->freeze();

my $job = SentConv::Process->job(sub { stop(103)->status() });

wait_for(5, sub { $master->info('clients')->{blocked_clients} > 0 });
$replica->thaw();
is($job->result(), 200, 'a lag');

# it is killed: the master has none, and nothing waits

$replica->crash();
wait_for(5, sub {
    $master->info('replication')->{connected_slaves} == 0 });

my $waited = $master->calls('wait');

for my $way (ways()) {
    like($way->[2]->()->status(), qr/^20[04]$/, "$way->[0], killed");
}

is($master->calls('wait'), $waited, 'no WAIT');

# where Redis may not be asked, they are taken as without a replica

$master->command('ACL', 'SETUSER', 'narrow', 'on', '>s3cret-word', '~sc:*',
    '&*', '+@all', '-info');
push @{$t->{secrets}}, 's3cret-word';
$t->{nginx}->configure(SentConv::Conf::standard(off => ['sent_conv_redis'],
    http => '    sent_conv_redis unix:%%REDIS%% username=narrow'
        . ' password=s3cret-word;'));
$t->{nginx}->reload();
$t->{nginx}->settled(35);
$t->ready($t->{nginx}, 15);
is(stop(104)->status(), 200, 'an opt-out');
like($t->{nginx}->log(), qr/INFO is forbidden/, 'and the operator is told');
