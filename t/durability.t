#!/usr/bin/perl

# Tests for answers that wait for replicas: one that follows, stops, lags, is
# killed, and comes back.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(start => 0, redis => { tcp => 1 }, workers => 2,
    http => '    sent_conv_durability replicas 1 800ms;');
my $master = $t->{redis};
my $replica = $master->replica('replica');

$t->start();
$t->allow(qr/sent conv/);
$t->tolerate('duplicates');
$t->use_customer($t->new_customer('first'));
$t->webhook('/hook', retry_count => 5);

my $c = $t->opened();

# is a message in a transcript, by the replica itself?

sub there {
    my ($id) = @_;

    return scalar(my @keys = $replica->keys('*:i:' . substr($id, 0, 35)));
}

# posts so many sends at once, tells their verdicts

sub flood {
    my ($n) = @_;

    my %got;

    $got{$_ ? $_->verdict() : 'none'}++ for http_many($t->{nginx}->port(),
        [map { $t->send_bytes(to => $t->contact(100 + $_),
            body => "one of many $_") } 1 .. $n]);

    return join(', ', map { "$_: $got{$_}" } sort keys %got);
}

# what is answered is on the replica

my $lost = 0;

for my $i (1 .. 30) {
    my $answer = $t->send(body => "replicated $i");

    $lost++ unless $answer->status() == 202
        && there($answer->data()->{message_id});
}

is($lost, 0, 'what is answered is on the replica');
is($t->inbound()->status(), 200, 'inbound');
ok($t->wait_event('/hook', 'message.sent'), 'delivered');

# the scripts flushed: no answer needs them loaded

$master->command('SCRIPT', 'FLUSH');
is($t->send(body => 'without scripts')->verdict(), '202', 'scripts flushed');

# the connection for it thrown out

my ($id) = $master->command('CLIENT', 'LIST')
    =~ /^id=(\d+) .*name=sent_conv:waits:/m;

ok($id, 'a connection of its own');
is(scalar(() = $master->command('CLIENT', 'LIST') =~ /sent_conv:waits:/g), 2,
    'of each worker');
$master->command('CLIENT', 'KILL', 'ID', $id);
is($t->send(body => "after a kill $_")->verdict(), '202', 'thrown out')
    for 1 .. 4;

# the replica stops: accepted, and said so; no read waits for it

$replica->freeze();

my $start = time();
my $answer = $t->send(body => 'not replicated');

is($answer->verdict(), '503 SERVICE_002', 'stopped');
ok(time() - $start < 4, 'in time');
like($answer->json()->{error}, qr/not by enough replicas/, 'the sentence');
is_deeply($answer->json()->{details}, { replicas => ['0 of 1 have it'] },
    'what is known');
is($answer->header('x-should-retry'), 'false', 'x-should-retry');
is($answer->header('retry-after'), undef, 'no retry-after');

my $job = SentConv::Process->job(sub {
    $t->send(body => 'another')->verdict();
});

wait_for(5, sub { $master->info('clients')->{blocked_clients} > 0 });
$start = time();
is($t->get('/v3/conversations')->verdict(), '200', 'a read meanwhile');
ok(time() - $start < 0.25, 'does not wait');
is($job->result(), '503 SERVICE_002', 'the write did');

$start = time();
is($t->send(to => $t->contact(9))->verdict(), '422 CONVERSATION_001',
    'what changed nothing');
is($t->send(sandbox => JSON::PP::true)->verdict(), '202', 'a trial');
ok(time() - $start < 0.25, 'do not wait');

# each door

my %doors = (
    'POST /v3/messages' => sub { $t->broadcast('+16505550777',
        text => 'anybody?') },
    'POST /v3/webhooks' => sub { $t->post('/v3/webhooks', body => {
        display_name => 'x', endpoint_url => $t->url('/x'),
        event_types => ['message'] }) },
    'POST /v3/contacts' => sub { $t->post('/v3/contacts',
        body => { phone_number => '+16505550778' }) },
    'close' => sub { $t->end($c->{id}) },
    'operator' => sub { $t->admin('PATCH', "/customers/$t->{customer}",
        body => { help => 'none' }) },
);

is($doors{$_}->()->verdict(), '503 SERVICE_002', $_) for sort keys %doors;

$answer = $t->inbound(id => 'again', text => 'will be told twice');
is($answer->verdict(), '503 SERVICE_002', 'carrier');
is($answer->header('retry-after'), '1', 'is told to repeat it');
is($answer->header('x-should-retry'), undef, 'by Retry-After alone');

# repeats under one Idempotency-Key: one message

$replica->thaw();
$replica->follows($master);
$t->inbound(text => 'a new window');
$replica->freeze();

is($t->send(idem => 'once', body => 'exactly once')->verdict(),
    '503 SERVICE_002', 'under a key');
is($t->send(idem => 'once', body => 'exactly once')->verdict(),
    '503 SERVICE_002', 'its repeat promises no more');
$replica->thaw();

$answer = $t->send(idem => 'once', body => 'exactly once');
is($answer->verdict(), '202', 'repeated when it is back');
is($answer->header('idempotent-replayed'), 'true', 'from the record');
ok(there($answer->data()->{message_id}), 'and replicated');
ok($t->wait_event('/hook', 'message.sent',
    message_id => $answer->data()->{message_id}), 'sent');
is(scalar(grep { $_->{body} =~ /exactly once/ }
    $t->{receiver}->requests('/carrier/whatsapp')), 1, 'once');

is($t->inbound(id => 'again', text => 'will be told twice')
    ->data()->{duplicates}, 1, 'the carrier repeats it');
is($doors{'POST /v3/contacts'}->()->verdict(), '409 RESOURCE_007',
    'it was accepted');
delete $doors{'POST /v3/contacts'};
like($doors{$_}->()->status(), qr/^2/, "$_, with it back")
    for sort keys %doors;

# memory is full: what frees memory is answered

my $open = $t->opened(from => $t->contact(2));

$master->command('CONFIG', 'SET', 'maxmemory', 1);
is($t->send(to => $t->contact(2))->verdict(), '503 SERVICE_001',
    'out of memory');
is($t->end($open->{id})->verdict(), '200', 'what frees memory waits, too');
$master->command('CONFIG', 'SET', 'maxmemory', 0);

# killed: none has it; another comes

$replica->crash();
ok(wait_for(5, sub { ($answer = $t->inbound())->status() == 503 }), 'killed');
is_deeply($answer->json()->{error}{details},
    { replicas => ['0 of 1 have it'] }, 'none');

$replica = $master->replica('another');
ok(wait_for(10, sub { $t->inbound()->status() == 200 }), 'another one');

# a lag, longer than a turn and shorter than the limit; one WAIT for many

$t->opened(from => $t->contact(100 + $_)) for 1 .. 100;

$t->{nginx}->configure(SentConv::Conf::standard(workers => 2,
    http => '    sent_conv_durability replicas 1 10s;'));
ok($t->{nginx}->reload(), 'reload');
$t->{nginx}->settled(35);
$t->ready($t->{nginx});
is(flood(100), '202: 100', 'many at once');

$replica->freeze();
$master->command('CONFIG', 'RESETSTAT');
$job = SentConv::Process->job(sub { flood(100) });
wait_for(10, sub { $master->calls('evalsha') >= 100 });
$replica->thaw();
is($job->result(), '202: 100', 'over a lag');

my $waits = $master->calls('wait');

ok($waits >= 2 && $waits <= 20, 'a WAIT for many') or diag($waits);

# two are wanted, one is there

$t->{nginx}->configure(SentConv::Conf::standard(workers => 2,
    http => '    sent_conv_durability replicas 2 800ms;'));
$t->{nginx}->reload();
$t->ready($t->{nginx});
$answer = $t->send(to => $t->contact(101));
is_deeply($answer->json()->{details}, { replicas => ['1 of 2 have it'] },
    'one of two');

my $second = $master->replica('second');

ok(wait_for(10, sub { $t->send(to => $t->contact(101))->status() == 202 }),
    'both');

my $metrics = $t->get('/status', key => undef)->body();

like($metrics, qr/^sent_conv_http_replicated_total\{replicas="$_"\} [1-9]/m,
    "counted: $_")
    for qw(enough few);
like($metrics, qr/^sent_conv_redis_wait_duration_seconds_count [1-9]/m,
    'and timed');
