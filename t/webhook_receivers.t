#!/usr/bin/perl

# Tests for receivers that misbehave: what counts as a failure, and that
# each event comes in the end.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup();

my %behave = (
    refuses => [],
    error => [{ status => 500 }, { status => 503 }],
    resets => [{ reset => 1 }, { reset => 1 }],
    closes => [{ close => 1 }, { close => 1 }],
    redirects => [{ status => 302, headers => { Location => '/other' } },
        { status => 307, headers => { Location => '/other' } }],
    'not-found' => [{ status => 404 }, { status => 400 }],
    unchanged => [{ status => 304 }],
    'bytes' => [{ slow => 0.02, body => 'slowly' }],
    huge => [{ huge => 30_000_000 }],
    'huge-error' => [{ huge => 30_000_000, status => 500 }],
    created => [{ status => 201 }], empty => [{ status => 204 }],
    accepted => [{ status => 202, body => 'no JSON' }],
    'other-2xx' => [{ status => 299 }],
    'odd-type' => [{ headers => { 'Content-Type' => 'text/html' },
        body => '<html>' }],
);

my %hook;

for my $name (sort keys %behave) {
    next if $name eq 'refuses';
    $hook{$name} = $t->webhook("/$name", retry_count => 5,
        event_types => ['conversation']);
    $t->{receiver}->script("/$name", @{$behave{$name}});
}

my $c = $t->opened();

for my $name (sort keys %hook) {
    my @events = $t->wait_events("/$name", 2, 20);

    is(join(' ', map { $_->{event} } @events),
        'conversation.started conversation.message_exchanged', $name);
}

my %tries = (error => 3, resets => 3, closes => 3, redirects => 3,
    'not-found' => 3, unchanged => 2, 'huge-error' => 2);

for my $name (sort keys %hook) {
    my $id = "evt_$c->{id}_started";
    my @tries = grep { $_->{event}{id} eq $id } $t->arrivals("/$name");

    is(scalar(@tries), $tries{$name} || 1, "$name - attempts");
}

is(scalar(my @other = $t->arrivals('/other')), 0, 'no redirect followed');

# the pauses between attempts

my @at = map { $_->{at} } grep { $_->{event}{event} =~ /started/ }
    $t->arrivals('/error');

ok($at[1] - $at[0] > 0.07 && $at[1] - $at[0] < 1.5, 'first pause');
ok($at[2] - $at[1] > 0.15 && $at[2] - $at[1] < 2.5, 'second pause');

# nobody there, and then somebody

my $port = free_port();

is($t->post('/v3/webhooks', body => { display_name => 'refuses',
    endpoint_url => "http://127.0.0.1:$port/refused", retry_count => 5,
    event_types => ['conversation'] })->verdict(), '201', 'refuses');

$t->opened(from => $t->contact(2));

mkdir("$t->{dir}/late");

my $late = SentConv::Receiver->new(dir => "$t->{dir}/late", port => $port);

is(scalar($late->wait_requests('/refused', 2, 20)), 2,
    'comes when it is there');

# one that hangs: its attempt ends at the timeout, the others do not wait

$t->webhook('/hangs', retry_count => 1, timeout_seconds => 5);
$t->{receiver}->script('/hangs', { hang => 1 });

my $start = time();

$t->opened(from => $t->contact(3));
ok($t->wait_event('/created', 'conversation.started',
    contact => $t->contact(3), limit => 3), 'others go on');

my @hung = $t->{receiver}->wait_requests('/hangs', 2, 20);

ok($hung[1]{at} - $hung[0]{at} > 4.5 && $hung[1]{at} - $hung[0]{at} < 8,
    'ends at its timeout') or diag($hung[1]{at} - $hung[0]{at});

# one that trickles longer than its timeout is a failure, too

$t->webhook('/trickles', retry_count => 1, timeout_seconds => 5,
    event_types => ['conversation'],
    event_filters => { conversation => ['started'] });
$t->{receiver}->script('/trickles', { slow => 0.4, body => 'x' x 100 });
$t->opened(from => $t->contact(4));

my @slow = $t->{receiver}->wait_requests('/trickles', 2, 20);

is(scalar(@slow), 2, 'the whole attempt is limited');
ok(@slow == 2 && $slow[1]{at} - $slow[0]{at} < 8, 'in time');
