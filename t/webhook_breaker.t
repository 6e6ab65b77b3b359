#!/usr/bin/perl

# Tests for the breaker of an endpoint: it opens after failures in a row, one
# probe at a time is tried, no event loses an attempt by it, and all comes
# once it closes; over workers, their deaths and a reload.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $t = setup(workers => 2, off => ['sent_conv_webhook_breaker'],
    http => '    sent_conv_webhook_breaker 5 500ms 2s;');

$t->tolerate('duplicates');
$t->allow(qr/sent conv/);

my @received = (event_types => ['message'],
    event_filters => { message => ['received'] }, retry_count => 1,
    timeout_seconds => 5);

sub flood {
    my ($from, $n) = @_;

    $t->carrier('whatsapp', [map { $t->message(from => $t->contact($_)) }
        $from .. $from + $n - 1]);
}

sub open_breakers {
    my ($hook) = @_;

    my @lines = $t->{nginx}->log()
        =~ /webhook "\Q$hook->{id}\E": breaker open/g;

    return scalar(@lines);
}

# sixty contacts, an endpoint that says 500: few attempts, then probes alone

my $down = $t->webhook('/down', @received);
my $well = $t->webhook('/well', @received);

$t->{receiver}->default('/down', status => 500);
flood(1, 60);

is(scalar(my @served = $t->wait_events('/well', 60)), 60,
    'the other endpoint is served');
ok(wait_for(10, sub { open_breakers($down) }), 'opens');

my ($opened) = $t->{nginx}->log() =~ /breaker open, failures (\d+), next/;

is($opened, 5, 'after five');
ok(wait_for(20, sub { open_breakers($down) >= 3 }), 'probes fail');

my @tried = $t->{receiver}->requests('/down');

# each worker had four on their way at most when it opened

ok(@tried <= 2 * 8 + 4, 'few attempts') or diag(scalar(@tried));

# the probes are apart by the pause, doubled

my @last = map { $_->{at} } @tried[-2, -1];

ok($last[1] - $last[0] > 0.75, 'the pause grows') or diag("@last");

# one probe at a time, whoever asks, also while another hangs

$t->{receiver}->script('/down', { delay => 2, status => 500 });

my $before = @tried;

$t->{receiver}->wait_requests('/down', $before + 1, 10);
flood(101, 20);
sleep(1.5);             # as long as the probe takes, on any machine
is(scalar(my @probes = $t->{receiver}->requests('/down')), $before + 1,
    'one probe');

# it survives a reload

my $known = open_breakers($down);

ok(wait_for(10, sub { open_breakers($down) > $known }), 'that fails, too');
$before = $t->{receiver}->requests('/down');
$t->{nginx}->reload();
$t->ready($t->{nginx});
flood(121, 20);
wait_for(1, sub { 0 });
ok($t->{receiver}->requests('/down') <= $before + 1, 'over a reload');

# it recovers: all comes, and nothing was given up

$t->{receiver}->default('/down');

my @all = $t->wait_events('/down', 100, 20);

is(scalar(@all), 100, 'all comes');
like($t->{nginx}->log(), qr/webhook "\Q$down->{id}\E": breaker closed/,
    'closed');
unlike($t->{nginx}->log(), qr/"\Q$down->{id}\E".*given up/,
    'nothing is given up');

my $shown = $t->get("/v3/webhooks/$down->{id}")->data();

is($shown->{consecutive_failures}, 0, 'no event failed');

# a worker that dies with the probe does not keep it

$t->{receiver}->default('/down', status => 503);
flood(1, 20);
ok(wait_for(10, sub { open_breakers($down) > $known + 1 }), 'opens again');
$t->{receiver}->script('/down', { hang => 1, repeat => 1 });
$before = () = $t->{receiver}->requests('/down');
$t->{receiver}->wait_requests('/down', $before + 1, 10);
$t->{nginx}->kill_worker($_) for $t->{nginx}->workers();
$t->{receiver}->script('/down');
$t->{receiver}->default('/down');
$t->ready($t->{nginx});

is(scalar(@all = $t->wait_events('/down', 120, 25)), 120,
    'another probe after that of the dead');

# what was in flight when it opened and succeeds closes it

$t->webhook('/mixed', @received);
$t->{receiver}->script('/mixed', { delay => 1.5 },
    map { { status => 500 } } 1 .. 5);
flood(1, 6);
is(scalar(my @mixed = $t->wait_events('/mixed', 6, 10)), 6,
    'a late success closes');

# one that is changed begins anew

my $moved = $t->webhook('/moved', @received);

$t->{receiver}->default('/moved', status => 500);

flood(301, 20);
ok(wait_for(10, sub { open_breakers($moved) >= 3 }), 'open');

is($t->api('PUT', "/v3/webhooks/$moved->{id}", body => {
    display_name => 'moved', endpoint_url => $t->url('/there'), @received })
    ->verdict(), '200', 'moved');

my $closed = () = $t->{nginx}->log() =~ /"\Q$moved->{id}\E": breaker closed/g;

ok(wait_for(15, sub { 20 == (my @there = $t->events('/there')) }),
    'all come to the new place');
is($closed, () = $t->{nginx}->log() =~ /"\Q$moved->{id}\E": breaker closed/g,
    'without a probe');
