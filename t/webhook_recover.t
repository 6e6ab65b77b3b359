#!/usr/bin/perl

# Tests for recovery: all that a webhook gave up since some time goes out
# again, in order, once; and what is refused.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(uuid4);

my $t = setup(workers => 2, off => ['sent_conv_webhook_breaker'],
    http => '    sent_conv_webhook_breaker off;'
        . ' sent_conv_webhook_disable off;');

$t->tolerate('duplicates', 'disorder');
$t->allow(qr/sent conv/);

my $ever = '2020-01-01T00:00:00Z';

sub recover { my ($hook, $since, %arg) = @_;
    return $t->post("/v3/webhooks/$hook->{id}/recover", %arg,
        body => { since => $since, %{$arg{body} || {}} }) }

sub rows { my ($hook, $query) = @_;
    return @{$t->get("/v3/webhooks/$hook->{id}/events?page_size=100"
        . ($query // ''))->data()->{events}} }

sub count { my ($hook, $status) = @_;
    return $t->get("/v3/webhooks/$hook->{id}/events?status=$status")->data()
        ->{pagination}{total_count} }

sub counted { my ($hook, $status, $n, $limit) = @_;
    my $is;
    wait_for($limit || 20, sub {
        return ($is = count($hook, $status) // -1) == $n });
    is($is, $n, "$n $status") }

my @twice = (retry_count => 1, event_types => ['conversation']);

# two rounds of what is given up; a time in between

my $hook = $t->webhook('/hook', @twice);
my $other = $t->webhook('/other', @twice);

$t->{receiver}->default($_, status => 500, body => 'no') for qw(/hook /other);

$t->opened(from => $t->contact($_)) for 1 .. 8;
counted($hook, 'FAILED', 16);
counted($other, 'FAILED', 16);

my $between = (rows($hook))[0]{processing_completed_at};

$t->{redis}->tick();
$t->send(to => $t->contact($_)) for 1 .. 8;
counted($hook, 'FAILED', 24);

my @failed = rows($hook);
my ($since) = grep { $_ gt $between } reverse map {
    $_->{processing_completed_at} } @failed;

# not by a sandbox

my $answer = recover($hook, $since, body => { sandbox => JSON::PP::true });

is($answer->verdict(), '202', 'sandbox');
is($answer->data()->{events}, 8, 'sandbox - how many it would be');
$t->{receiver}->default('/hook');

# since then, and no more; three at once are one

my $before = $t->arrivals('/hook');
my @answers = map { recover($hook, $since) } 1 .. 3;

is(join(' ', map { $_->verdict() } @answers), '202 202 202', 'recover');
is_deeply([sort keys %{$answers[0]->data()}],
    [qw(events since webhook_id)], 'its answer');
is($answers[0]->data()->{events}, 8, 'how many');
is($answers[0]->data()->{webhook_id}, $hook->{id}, 'whose');
is($answers[0]->data()->{since}, $since, 'since when');
counted($hook, 'DELIVERED', 8);
is(count($hook, 'FAILED'), 16, 'what was before stays');
is($t->arrivals('/hook') - $before, 8, 'each once');

my ($row) = rows($hook, '&status=DELIVERED');

is($row->{delivery_attempts}, 3, 'attempts count on');
is($row->{http_status_code}, 200, 'the last one counts');

# all of it: in order, contact by contact

$before = $t->arrivals('/hook');
is(recover($hook, $ever)->data()->{events}, 16, 'the rest');
counted($hook, 'DELIVERED', 24);

my @came = $t->arrivals('/hook');
my %order;

push @{$order{$_->{event}{payload}{thread_id}}}, $_->{event}{event}
    for @came[$before .. $#came];

is(scalar(keys %order), 8, 'eight contacts');
is(scalar(grep { "@$_" ne
    'conversation.started conversation.message_exchanged' }
    values %order), 0, 'in order');
is(count($hook, 'FAILED'), 0, 'nothing failed is left');
is(recover($hook, $ever)->data()->{events}, 0, 'nothing to do');
is(count($other, 'FAILED'), 24, 'the other webhook has its own');

# what fails again is given up again, and that is the end of it

$before = $t->arrivals('/other');
is(recover($other, $ever)->data()->{events}, 24, 'again');
ok(wait_for(20, sub { $t->arrivals('/other') - $before == 48 }),
    'tried twice more');
counted($other, 'FAILED', 24);
ok(!wait_for(3, sub { $t->arrivals('/other') - $before > 48 }), 'no more');
is((rows($other))[0]{delivery_attempts}, 4, 'attempts count on');
is(scalar($t->{redis}->keys("sc:*:b:$other->{id}")), 0, 'it is over');

# with an Idempotency-Key

$t->{receiver}->default('/other');
$answer = recover($other, $ever, idem => 'all-1');
is($answer->data()->{events}, 24, 'with a key');
counted($other, 'DELIVERED', 24);
$answer = recover($other, $ever, idem => 'all-1');
is($answer->header('idempotent-replayed'), 'true', 'the first answer');
is($answer->data()->{events}, 24, 'as it was');

# refused

for my $case (['no time', {}, 'VALIDATION_004'],
    ['a date', { since => '2026-01-01' }, 'VALIDATION_006'],
    ['a number', { since => 1 }, 'VALIDATION_001'],
    ['nonsense', { since => 'yesterday' }, 'VALIDATION_006'])
{
    $answer = $t->post("/v3/webhooks/$hook->{id}/recover",
        body => $case->[1]);
    is($answer->verdict(), "400 $case->[2]", $case->[0]);
    ok(exists $answer->json()->{error}{details}{since}, 'details');
}

is(recover({ id => uuid4() }, $ever)->verdict(), '404 RESOURCE_008',
    'unknown');
is(recover($hook, $ever, key => $t->{read_key})->verdict(), '403 AUTH_004',
    'a read key');
is(recover($hook, $ever, key => $t->new_customer('x')->{key})->verdict(),
    '404 RESOURCE_008', 'another customer\'s');
is($t->get("/v3/webhooks/$hook->{id}/recover")->verdict(),
    '405 VALIDATION_001', 'a GET');

# one that was off: what arose meanwhile is recovered when it is on again

my $off = $t->webhook('/off', @twice);

$t->{receiver}->script('/off', { status => 410 });
$t->opened(from => $t->contact(50));
ok(wait_for(10, sub { !$t->get("/v3/webhooks/$off->{id}")->data()
    ->{is_active} }), 'disabled by 410');
$t->opened(from => $t->contact($_)) for 51 .. 53;
counted($off, 'FAILED', 8);
is(recover($off, $ever)->verdict(), '422 BUSINESS_007', 'while it is off');
$t->api('PATCH', "/v3/webhooks/$off->{id}/toggle-status",
    body => { is_active => JSON::PP::true });
is(recover($off, $ever)->data()->{events}, 8, 'on again');
counted($off, 'DELIVERED', 8);

# a webhook that is deleted takes along all that is kept of it

$t->{receiver}->default('/off', status => 500);
$t->opened(from => $t->contact(54));
counted($off, 'FAILED', 2);
is($t->api('DELETE', "/v3/webhooks/$off->{id}")->status(), 204, 'deleted');
ok(wait_for(10, sub { !$t->{redis}->keys("sc:*:?:$off->{id}") }),
    'nothing is kept');
