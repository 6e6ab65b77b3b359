#!/usr/bin/perl

# Tests for the replay of an event: once more, the same bytes, at the end of
# its lane; and what cannot be replayed.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(uuid4);

my $t = setup();

$t->tolerate('duplicates', 'disorder');
$t->allow(qr/sent conv/);

sub uri { my ($hook, $id) = @_;
    return "/v3/webhooks/$hook->{id}/events/$id" }

sub replay { my ($hook, $id, @arg) = @_;
    return $t->post(uri($hook, $id) . '/replay', @arg) }

sub rows { my ($hook, $query) = @_;
    return @{$t->get("/v3/webhooks/$hook->{id}/events?page_size=100"
        . ($query // ''))->data()->{events}} }

sub row { my ($hook, $id) = @_;
    my @found = grep { $_->{id} eq $id } rows($hook);
    die scalar(@found) . " of $id\n" if @found > 1;
    return $found[0] }

sub attempts { my ($hook, $id) = @_;
    return @{$t->get(uri($hook, $id) . '/attempts')->data()->{attempts}} }

sub over { my ($hook, $id, $status) = @_;
    my $row;
    wait_for(15, sub { $row = row($hook, $id);
        return $row && $row->{delivery_status} eq $status });
    return $row }

sub came { my ($path, $id) = @_;
    return grep { ($_->{event}{id} // '') eq $id } $t->arrivals($path) }

# what was received

my $hook = $t->webhook('/hook');
my $c = $t->opened();
my $id = my $first = "evt_$c->{id}_started";

over($hook, $id, 'DELIVERED');

my $answer = replay($hook, $id);
my $row = $answer->data();

is($answer->verdict(), '202', 'replayed');
is_deeply([@$row{qw(id event_type delivery_status delivery_attempts
    http_status_code processing_completed_at)}],
    [$id, 'conversation.started', 'RETRYING', 1, 200, undef], 'the row');
ok(wait_for(5, sub { came('/hook', $id) == 2 }), 'comes again');

my @came = came('/hook', $id);

is($came[1]{body}, $came[0]{body}, 'the same bytes');
is($came[1]{headers}{'webhook-id'}, $id, 'the same id');
ok(wait_for(5, sub { (over($hook, $id, 'DELIVERED') || {})
    ->{delivery_attempts} == 2 }), 'two attempts');
is(join(' ', map { $_->{number} } attempts($hook, $id)), '1 2', 'both kept');
is(scalar(rows($hook)), 3, 'one row of it');
is((rows($hook))[0]{id}, $id, 'which is the last now');

# what was given up

my $dead = $t->webhook('/dead', retry_count => 1,
    event_types => ['conversation']);

$t->{receiver}->script('/dead', ({ status => 500, match => 'started' }) x 2);
$c = $t->opened(from => $t->contact(2));
$id = "evt_$c->{id}_started";
over($dead, $id, 'FAILED');
is(replay($dead, $id)->data()->{error_message}, 'The answer is not 2xx.',
    'as it failed');
$row = over($dead, $id, 'DELIVERED');
is_deeply([@$row{qw(delivery_attempts error_message)}], [3, undef],
    'given up, delivered after all');
is(join(' ', map { "$_->{number}:$_->{http_status_code}" }
    attempts($dead, $id)), '1:500 2:500 3:200', 'its whole story');

# behind what waits

my $line = $t->webhook('/line', event_types => ['conversation']);

$c = $t->opened(from => $t->contact(3));
$id = "evt_$c->{id}_started";
wait_for(10, sub { 2 == grep { $_->{delivery_status} eq 'DELIVERED' }
    rows($line) });
$t->{receiver}->script('/line', { delay => 1 });
$t->send(to => $t->contact(3));
$t->{receiver}->wait_requests('/line', 3);
$t->send(to => $t->contact(3));
is(replay($line, $id)->verdict(), '202', 'replayed behind others');
is($t->{receiver}->wait_requests('/line', 5), 5, 'all come');
is(join(' ', map { $_->{event}{sub_type} =~ s/.*\.//r }
    ($t->arrivals('/line'))[2 .. 4]),
    'message_exchanged message_exchanged started', 'at the end');

# what waits itself: not doubled, and the next of its lane is tried at once

my $slow = $t->webhook('/slow', event_types => ['conversation'],
    retry_count => 5);

$t->{receiver}->script('/slow', { status => 503,
    headers => { 'Retry-After' => 30 } });
$c = $t->opened(from => $t->contact(4));
$id = "evt_$c->{id}_started";
over($slow, $id, 'RETRYING');

my ($behind) = grep { $_->{id} ne $id } rows($slow);

is(replay($slow, $behind->{id})->data()->{delivery_status}, 'PENDING',
    'it waits anyhow');
is(replay($slow, $id)->data()->{delivery_status}, 'RETRYING', 'so does this');
is(replay($slow, $id)->verdict(), '202', 'however often');
is(scalar(rows($slow)), 2, 'none twice');

# one that its endpoint holds back stays where it is; one in its own pause goes

my $pause = $t->webhook('/pause', event_types => ['conversation'],
    retry_count => 5);

$t->{receiver}->script('/pause', ({ status => 500 }) x 5);
$c = $t->opened(from => $t->contact(5));
$id = "evt_$c->{id}_started";
$t->{receiver}->wait_requests('/pause', 5);
over($pause, $id, 'RETRYING');
is(replay($pause, $id)->verdict(), '202', 'in its own pause');
over($pause, $id, 'DELIVERED');
is(scalar(came('/pause', $id)), 6, 'once more');

# an Idempotency-Key, a sandbox

$id = (rows($hook, '&status=DELIVERED'))[0]{id};

my $before = came('/hook', $id);
my @answers = map { replay($hook, $id, body => {}, idem => 'again-1') }
    1 .. 3;

is(join(' ', map { $_->verdict() } @answers), '202 202 202',
    'with a key, thrice');
is($answers[2]->header('idempotent-replayed'), 'true', 'the first answer');
is_deeply($answers[2]->data(), $answers[0]->data(), 'the same');
over($hook, $id, 'DELIVERED');
is(came('/hook', $id), $before + 1, 'sent once');

$answer = replay($hook, $id, body => { sandbox => JSON::PP::true });
is($answer->verdict(), '202', 'sandbox');
is($answer->header('x-sandbox'), 'true', 'sandbox header');
is($answer->data()->{delivery_status}, 'RETRYING', 'as if');
is(row($hook, $id)->{delivery_status}, 'DELIVERED', 'nothing is written');

# refused

my $other = $t->new_customer('other');

for my $case (['an unknown event', $hook, 'evt_' . uuid4()],
    ['no id of an event', $hook, 'x'], ['another webhook\'s', $line, $first],
    ['an unknown webhook', { id => uuid4() }, $id])
{
    is(replay($case->[1], $case->[2])->verdict(), '404 RESOURCE_008',
        $case->[0]);
}

is(replay($hook, $id, key => $other->{key})->verdict(), '404 RESOURCE_008',
    'another customer\'s');
is(replay($hook, $id, key => $t->{read_key})->verdict(), '403 AUTH_004',
    'a read key');
is($t->get(uri($hook, $id) . '/replay')->verdict(), '405 VALIDATION_001',
    'a GET');

$t->api('PATCH', "/v3/webhooks/$dead->{id}/toggle-status",
    body => { is_active => JSON::PP::false });
$answer = replay($dead, (rows($dead))[0]{id});
is($answer->verdict(), '422 BUSINESS_007', 'one that is off');
like($answer->json()->{error}{message}, qr/switched off/, 'says so');

# a contact that was deleted: its events are gone

my $thread = $c->{thread_id};
my ($contact) = @{$t->get('/v3/contacts?phone=%2B'
    . substr($t->contact(5), 1))->data()->{contacts}};

is($t->api('DELETE', "/v3/contacts/$contact->{id}")->status(), 204, 'erased');
is(replay($pause, "evt_$c->{id}_started")->verdict(), '404 RESOURCE_008',
    'not replayed');
wait_for(5, sub { !grep { $_->{delivery_status} =~ /ING/ } rows($pause) });
is(scalar(rows($pause)), 0, 'nothing of it in the log');

my @kept = map { @{$t->{redis}->command('LRANGE', $_, 0, -1)} }
    $t->{redis}->keys('sc:*:[ed]:*');

is(scalar(grep { /\Q$thread\E/ } @kept), 0, 'nor in Redis');

# workers killed while much is replayed: all of it comes, each in one place

my $many = $t->webhook('/many', event_types => ['conversation'],
    event_filters => { conversation => ['started'] });

$t->opened(from => $t->contact($_)) for 100 .. 139;

my @ids;

wait_for(20, sub { (@ids = map { $_->{id} }
    rows($many, '&status=DELIVERED')) == 40 });
is(scalar(@ids), 40, 'forty events');
$t->{receiver}->default('/many', delay => 0.05);

for my $n (0 .. 39) {
    my $again;

    ok(wait_for(20, sub {
        $again = replay($many, $ids[$n]);
        return $again && $again->status() == 202;
    }), "replayed $n");
    $t->{nginx}->kill_worker(($t->{nginx}->workers())[0])
        if $n % 13 == 12;
}

ok(wait_for(30, sub { !grep { came('/many', $_) < 2 } @ids }), 'all came');
ok(wait_for(20, sub { my @now = rows($many);
    return @now == 40 && !grep { $_->{delivery_status} ne 'DELIVERED' } @now
}), 'each in one place') or diag(join(' ', map { $_->{delivery_status} }
    rows($many)));
