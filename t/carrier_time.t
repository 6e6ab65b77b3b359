#!/usr/bin/perl

# Tests for the time a contact wrote: the window runs from it, and what was
# written too long ago opens nothing.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(epoch rfc3339);

my $t = setup();
my $hook = $t->webhook('/hook');
my $n = 0;

sub written {
    my ($ago, %arg) = @_;

    my $from = $t->contact(++$n);

    $t->inbound(from => $from, timestamp => rfc3339(time() - $ago), %arg);

    return ($t->open($from), $from);
}

sub ends_in {
    my ($c) = @_;

    return int((epoch($c->{expires_at}) - time()) / 60 + 0.5);
}

is(ends_in((written(0))[0]), 1440, 'now');
is(ends_in((written(3600))[0]), 1380, 'an hour ago');
is(ends_in((written(86400 - 120))[0]), 2, 'nearly a day ago');
is(ends_in((written(-3600))[0]), 1440, 'in the future: the arrival');

my ($c, $from) = written(86400 + 60, text => 'written yesterday');

is($c, undef, 'a day ago opens nothing');

my $received = $t->wait_event('/hook', 'message.received',
    text => 'written yesterday');

is($received->{payload}{conversation_id}, undef, 'and is reported');

my ($entry) = @{$t->get("/v3/conversations/$received->{payload}{thread_id}")
    ->data()->{messages}};

is($entry->{message_body}{content}, 'written yesterday', 'and kept');

# any offset, any fraction

for my $case (['2020-01-01T00:00:00Z', 0], ['1970-01-01T00:00:00Z', 0],
    [do { my $s = rfc3339(time() - 3600 + 7200);
    $s =~ s/\.\d+Z$/+02:00/r }, 1380])
{
    my ($c) = written(0, timestamp => $case->[0]);

    is($c ? ends_in($c) : 0, $case->[1], "offset $case->[0]");
}

# a window that runs is not changed by what is late

($c, $from) = written(60);
$t->inbound(from => $from, timestamp => rfc3339(time()), text => 'newer');
$t->inbound(from => $from, timestamp => rfc3339(time() - 7200),
    text => 'older');
is($t->open($from)->{expires_at}, $c->{expires_at}, 'deadline stays');
is($t->open($from)->{inbound_count}, 3, 'all counted');
ok(epoch($t->open($from)->{last_inbound_at}) > time() - 60,
    'the last one is the one written last');

# written before the last EXPIRED ending

my $two = $t->node('short', window => '2s');

$from = $t->contact(50);

my $answer = $t->inbound(from => $from, node => $two);

is($answer->status(), 200, 'short window');

my $ended = $t->wait_event('/hook', 'conversation.ended',
    contact => $from);
my $at = epoch($ended->{payload}{ended_at});

$t->inbound(from => $from, timestamp => rfc3339($at - 0.5));
is($t->open($from), undef, 'written before the end that was EXPIRED');

wait_for(5, sub { time() > $at + 0.1 });
$t->inbound(from => $from, timestamp => rfc3339($at + 0.1));
ok($t->open($from), 'written after it');

# an EXPLICIT ending does not matter

$from = $t->contact(51);
$t->inbound(from => $from);
$t->end($t->open($from)->{id});
$t->inbound(from => $from, timestamp => rfc3339(time() - 60));
ok($t->open($from), 'written before an end that was EXPLICIT');
