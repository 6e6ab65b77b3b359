#!/usr/bin/perl

# Tests for a Redis that is killed, stopped, away, or comes back with or
# without what it knew.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(redis => { options => ['--appendonly', 'yes',
    '--appendfsync', 'always'] });

$t->allow(qr/sent conv/);
$t->tolerate('duplicates');
$t->webhook('/hook', retry_count => 5);

my $c = $t->opened();

is($t->send(body => 'before')->verdict(), '202', 'before');

# killed: 503, nothing accepted, said so

$t->{redis}->crash();

my $down;

ok(wait_for(5, sub { ($down = $t->send(body => 'while it is down'))->code()
    eq 'SERVICE_001' }), 'down');
is($down->status(), 503, 'status');
ok($down->header('retry-after'), 'retry-after');
is($t->inbound(text => 'while it is down')->status(), 503,
    'a carrier is told to repeat it');
is($t->end($c->{id})->verdict(), '503 SERVICE_001', 'close');
is($t->get('/v3/conversations')->verdict(), '503 SERVICE_001', 'list');
is($t->post('/v3/webhooks', body => { display_name => 'x', endpoint_url =>
    $t->url('/x'), event_types => ['message'] })->verdict(),
    '503 SERVICE_001', 'webhook');

# back, with its append-only file: everything that was answered is there

$t->{redis}->start();
$t->ready($t->{nginx}, 15);

is($t->open()->{id}, $c->{id}, 'window is there');
is(join('|', map { $_->{message_body}{content} } $t->transcript($c->{id})),
    'a question|before', 'transcript is there');
is($t->send(body => 'after')->verdict(), '202', 'after');
ok(wait_for(20, sub { my @all = $t->events('/hook', event => 'message.sent');
    return @all >= 2 }), 'deliveries go on');

# killed with deliveries under way: all come

$t->{receiver}->script('/carrier/whatsapp', { delay => 1 });
$t->{receiver}->script('/hook', { delay => 1, match => 'queued' });

my @ids = map { $t->send(body => "over a crash $_")->data()->{message_id} }
    1 .. 5;

$t->{redis}->crash();
wait_for(1.2, sub { 0 });
$t->{redis}->start();
$t->ready($t->{nginx}, 15);

for my $id (@ids) {
    ok($t->wait_event('/hook', 'message.sent', message_id => $id,
        limit => 30), 'sent over a crash');
}

# away for longer than a lease, with the carrier's answer in hand: what it
# took is not posted again

$t->{receiver}->script('/carrier/whatsapp', { delay => 0.5 });

my $taken = $t->send(body => 'taken meanwhile')->data()->{message_id};
my $posts = sub { return scalar(grep { $_->{headers}{'idempotency-key'}
    eq $taken } $t->{receiver}->requests('/carrier/whatsapp')) };

wait_for(10, $posts);
$t->{redis}->crash();
wait_for(7, sub { 0 });
$t->{redis}->start();
ok($t->wait_event('/hook', 'message.sent', message_id => $taken,
    limit => 30), 'sent while it was away');
is($posts->(), 1, 'posted once');

# SIGSTOP: no answer comes, what was handed over is unknown (a worker that has
# yet to ask for the key, which it does anew once notifications are back, hands
# nothing over)

$t->ready($t->{nginx}, 15);
ok(wait_for(15, sub {
    my @told = $t->{nginx}->log()
        =~ /sent conv redis notifications(?: at \S+)?: (\w+)/g;
    return $told[-1] eq 'ready';
}), 'notifications are back');
http_many($t->{nginx}->port(), [($t->send_bytes(body => 'warm')) x 5])
    for 1 .. 10;
$t->{redis}->freeze();

my $start = time();
my @frozen = http_many($t->{nginx}->port(),
    [($t->send_bytes(body => 'into the ice')) x 10]);
my ($frozen) = grep { $_->code() eq 'SERVICE_002' } @frozen;

ok($frozen, 'unknown') or diag(map { $_->verdict() . "\n" } @frozen);
is(scalar(grep { $_->status() != 503 } @frozen), 0, 'none is accepted');
is($frozen->header('x-should-retry'), 'false', 'x-should-retry');
ok(time() - $start < 4, 'in time');
ok(wait_for(5, sub { ($down = $t->send())->code() eq 'SERVICE_001' }),
    'then it is not even tried');
$t->{redis}->thaw();
$t->ready($t->{nginx}, 15);
is($t->send(body => 'thawed')->verdict(), '202', 'thawed');

# scripts flushed: NOSCRIPT is nobody's business

$t->{redis}->command('SCRIPT', 'FLUSH');
is($t->send(body => 'without scripts')->verdict(), '202', 'scripts flushed');
is($t->inbound()->status(), 200, 'inbound with scripts flushed');

# loading, read-only, out of memory

$t->{redis}->command('CONFIG', 'SET', 'maxmemory', '1');

my $full = $t->send(body => 'no room');

is($full->verdict(), '503 SERVICE_001', 'out of memory');
is($t->inbound()->status(), 503, 'inbound out of memory');
is($t->end($c->{id})->verdict(), '200', 'what frees memory runs');
$t->{redis}->command('CONFIG', 'SET', 'maxmemory', '0');
is($t->inbound()->status(), 200, 'room again');

# clients thrown out

eval { $t->{redis}->command('CLIENT', 'KILL', 'TYPE', 'normal') };
ok(wait_for(5, sub { !$t->{nginx}->connected() }), 'noticed');
$t->ready($t->{nginx}, 15);
is($t->send(body => 'thrown out')->verdict(), '202', 'clients thrown out');

# restarted empty: nothing is known, and nothing breaks

$t->{redis}->stop();
$t->{redis}->forget();
$t->{redis}->start();
$t->ready($t->{nginx}, 15);

# within the 5 s that what is cached may be old

ok(wait_for(6, sub { $t->get('/v3/conversations')->verdict()
    eq '401 AUTH_002' }), 'empty');
ok(wait_for(6, sub { my $data = $t->inbound()->data();
    return $data && $data->{accepted} == 0 }), 'number of nobody');

$t->use_customer($t->new_customer('again'));
$t->webhook('/again');
ok($t->opened(), 'a new beginning');
is($t->send()->verdict(), '202', 'a new send');
ok($t->wait_event('/again', 'message.sent'), 'a new delivery');
