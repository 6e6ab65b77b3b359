#!/usr/bin/perl

# Tests for an endpoint's rate limit: no more than that a second, all in the
# end, and others not held up.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(workers => 1);

$t->webhook('/slow', rate_limit => 5, event_types => ['conversation'],
    event_filters => { conversation => ['started'] });
$t->webhook('/free', event_types => ['conversation'],
    event_filters => { conversation => ['started'] });

$t->carrier('whatsapp', [map { $t->message(from => $t->contact($_)) }
    1 .. 25]);

my @free = $t->{receiver}->wait_requests('/free', 25, 10);

is(scalar(@free), 25, 'free one');

my @slow = $t->{receiver}->wait_requests('/slow', 25, 30);

is(scalar(@slow), 25, 'all in the end');
ok($free[-1]{at} < $slow[-1]{at}, 'free one is not held up');

my $took = $slow[-1]{at} - $slow[0]{at};

ok($took > 3.5 && $took < 15, 'paced') or diag($took);

my $most = 0;

for my $r (@slow) {
    my $n = grep { $_->{at} >= $r->{at} && $_->{at} < $r->{at} + 1 } @slow;

    $most = $n if $n > $most;
}

ok($most <= 8, 'no more than that a second') or diag($most);
