#!/usr/bin/perl

# Tests for a window past its deadline that nobody has swept: closed for
# every reader and writer, and ended before anything else is done.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(epoch);

# the deadlines are taken away from the sweep, the hint has no key to tell of

my $t = setup(window => '2s');
my $hook = $t->webhook('/hook');
my %c;

for my $n (1 .. 5) {
    $c{$n} = $t->opened(from => $t->contact($n));
}

$t->{redis}->command('CONFIG', 'SET', 'notify-keyspace-events', '');
$t->{redis}->command('DEL', $_)
    for $t->{redis}->keys('sc:*:due'), $t->{redis}->keys('sc:*:w:*');

wait_for(5, sub { time() > epoch($c{5}{expires_at}) });

is($t->conversation($c{1}{id})->{status}, 'CLOSED', 'conversation');
is($t->conversation($c{1}{id})->{close_reason}, 'EXPIRED', 'reason');
is($t->conversation($c{1}{id})->{closed_at}, $c{1}{expires_at}, 'closed at');
is($t->open($t->contact(1)), undef, 'no open one in the list');

my ($in_list) = grep { $_->{id} eq $c{1}{id} }
    @{$t->get('/v3/conversations?status=closed')->data()->{conversations}};

ok($in_list, 'in the list of the closed');

is($t->get("/v3/conversations/$c{1}{thread_id}")->data()->{conversation},
    undef, 'thread has no open one');

is($t->send(to => $t->contact(2))->verdict(), '422 CONVERSATION_001', 'send');

my $answer = $t->end($c{3}{id});

is($answer->data()->{close_reason}, 'EXPIRED', 'close');
is($answer->data()->{closed_at}, $c{3}{expires_at}, 'close time');

my $next = $t->opened(from => $t->contact(4), text => 'once more');

isnt($next->{id}, $c{4}{id}, 'inbound opens another');

$t->inbound(from => $t->contact(5), text => 'STOP');

my @ended = $t->wait_events('/hook', 4, 10, event => 'conversation.ended');
my %ended = map { $_->{payload}{conversation_id} => $_->{payload} } @ended;

for my $n (2 .. 5) {
    is($ended{$c{$n}{id}}{close_reason}, 'EXPIRED', "$n ended");
    is($ended{$c{$n}{id}}{ended_at}, $c{$n}{expires_at}, "$n ended at");
}

my @order = map { "$_->{event} $_->{payload}{conversation_id}" }
    grep { $_->{event} =~ /conversation\.(?:started|ended)/
        && $_->{payload}{contact} eq $t->contact(4) } $t->events('/hook');

is("@order[0 .. 2]", join(' ', "conversation.started $c{4}{id}",
    "conversation.ended $c{4}{id}", "conversation.started $next->{id}"),
    'ended before the next started');
