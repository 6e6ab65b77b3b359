#!/usr/bin/perl

# Tests for an endpoint's limits: requests a second, by all workers of a node
# together, and in flight, by each of them; all comes in the end, and others
# are not held up.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(workers => 4, http => '    sent_conv_webhook_in_flight 2;');

my @started = (event_types => ['conversation'],
    event_filters => { conversation => ['started'] });

$t->webhook('/slow', @started, rate_limit => 5);
$t->webhook('/free', @started);
$t->webhook('/busy', @started);
$t->{receiver}->default('/busy', delay => 0.5);

# a request of its own for each contact, so that all workers have a share

http_many($t->{nginx}->port(), [map { $t->carrier_bytes('whatsapp',
    json($t->message(from => $t->contact($_)))) } 1 .. 40]);

my @free = $t->{receiver}->wait_requests('/free', 40, 10);
my @slow = $t->{receiver}->wait_requests('/slow', 40, 30);
my @busy = $t->{receiver}->wait_requests('/busy', 40, 30);

is(scalar(@free), 40, 'free one');
is(scalar(@slow), 40, 'all in the end');
is(scalar(@busy), 40, 'all of the busy one');
ok($free[-1]{at} < $slow[-1]{at}, 'free one is not held up');

my $took = $slow[-1]{at} - $slow[0]{at};

ok($took > 39 / 5 - 0.3 && $took < 20, 'paced') or diag($took);

sub most {
    my ($within, @at) = @_;

    my $most = 0;

    for my $at (@at) {
        my $n = grep { $_ >= $at && $_ < $at + $within } @at;

        $most = $n if $n > $most;
    }

    return $most;
}

# a turn may be taken 0.1 s late, and the receiver be slow to look

my $most = most(1, map { $_->{at} } @slow);

ok($most <= 7, 'no more than that a second') or diag($most);

# those of the busy one that overlap: two of each worker

$most = most(0.45, map { $_->{at} } @busy);

ok($most > 2 && $most <= 2 * 4, 'in flight') or diag($most);

# a reload does not begin the second anew

$t->{receiver}->default('/slow');
http_many($t->{nginx}->port(), [map { $t->carrier_bytes('whatsapp',
    json($t->message(from => $t->contact($_)))) } 41 .. 60]);
$t->{receiver}->wait_requests('/slow', 42, 10);
$t->{nginx}->reload();

@slow = $t->{receiver}->wait_requests('/slow', 60, 30);

is(scalar(@slow), 60, 'over a reload');

$most = most(1, map { $_->{at} } @slow[40 .. 59]);
ok($most <= 7, 'no more than that over it') or diag($most);
