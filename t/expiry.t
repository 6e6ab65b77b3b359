#!/usr/bin/perl

# Tests for the end of a window by itself: at its time, once, and whatever
# goes on in it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(epoch);

my $t = setup(window => '3s');
my $hook = $t->webhook('/hook');
my $c = $t->opened(from => $t->contact(1));
my $deadline = epoch($c->{expires_at});

is(sprintf('%.1f', $deadline - epoch($c->{opened_at})), '3.0', 'deadline');

# activity does not extend it

$t->opened(from => $t->contact($_)) for 2 .. 10;

while (time() < $deadline - 0.5) {
    last if $t->inbound()->status() != 200 || $t->send()->status() != 202;
    sleep(0.2);
}

my @ended = $t->wait_events('/hook', 10, 10, event => 'conversation.ended');
my ($first) = grep { $_->{payload}{conversation_id} eq $c->{id} } @ended;

is(scalar(@ended), 10, 'all ended');
is($first->{payload}{close_reason}, 'EXPIRED', 'reason');
is($first->{payload}{ended_at}, $c->{expires_at}, 'ended at the deadline');

my @late;

for my $r ($t->arrivals('/hook')) {
    next if $r->{event}{event} ne 'conversation.ended';
    push @late, $r->{at} - epoch($r->{event}{payload}{ended_at});
}

@late = sort { $a <=> $b } @late;
ok($late[0] >= -0.01, 'none early') or diag("@late");
ok($late[-1] < 1.2, 'none late') or diag("@late");

$c = $t->conversation($c->{id});

is($c->{status}, 'CLOSED', 'status');
is($c->{close_reason}, 'EXPIRED', 'close reason');
is($c->{closed_at}, $c->{expires_at}, 'closed at');
is($t->send()->verdict(), '422 CONVERSATION_001', 'send');

my $answer = $t->end($c->{id});

is($answer->verdict(), '200', 'close');
is($answer->data()->{close_reason}, 'EXPIRED', 'close says so');
is($answer->data()->{closed_at}, $c->{expires_at}, 'close says when');

# another window: ended comes before started

my $next = $t->opened();
my $started = $t->wait_event('/hook', 'conversation.started',
    conversation_id => $next->{id});

is($started->{payload}{previous_conversation_id}, $c->{id}, 'previous');

$t->wait_event('/hook', 'conversation.ended', conversation_id => $next->{id});

is(scalar($t->events('/hook', event => 'conversation.ended')), 11, 'once');
is(scalar($t->{redis}->keys('sc:*:due')), 0, 'no deadline left');
