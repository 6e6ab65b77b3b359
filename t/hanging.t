#!/usr/bin/perl

# Tests for a flood of lanes to an endpoint that hangs: windows end on time,
# and the other endpoints and customers do not wait.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(epoch);

my $t = setup(window => '5s', http => '    sent_conv_webhook_in_flight 4;');
my $other = $t->new_customer('other');

$t->webhook('/good', event_types => ['conversation']);
$t->webhook('/other', key => $other->{key});
$t->webhook('/hang', timeout_seconds => 5, retry_count => 1);
$t->{receiver}->script('/hang', { hang => 1, repeat => 1 });

# three hundred contacts, three lanes to the hanging one each way

my $start = time();

for my $n (0 .. 2) {
    $t->carrier('whatsapp', [map { $t->message(from => $t->contact($_)) }
        $n * 100 + 1 .. $n * 100 + 100]);
}

# while it hangs, the other customer is served at once

for my $n (1 .. 20) {
    my $sent = time();

    $t->inbound(from => $t->contact($n), to => $other->{numbers}{sms},
        channel => 'sms');
    $t->wait_events('/other', 3 * $n, 5);

    my @got = $t->arrivals('/other');

    if (@got < 3 * $n || $got[-1]{at} - $sent > seconds(1)) {
        fail("other customer, $n");
        last;
    }
}

is(scalar(my @served = $t->events('/other')), 60, 'other customer served');

# the windows end on time at the good endpoint

my @ended = $t->wait_events('/good', 300, 20, event => 'conversation.ended');

is(scalar(@ended), 300, 'all ended');

my @late = sort { $b <=> $a } map { $_->{at}
    - epoch($_->{event}{payload}{ended_at}) }
    grep { $_->{event}{event} eq 'conversation.ended' }
    $t->arrivals('/good');

ok($late[0] < seconds(1.5), 'on time') or diag("$late[0] s");

# no more requests to the hanging one than it may have, by each worker

my ($most, %open) = (0);
my @hung = $t->{receiver}->requests('/hang');

for my $i (0 .. $#hung) {
    my $at = $hung[$i]{at};
    my $n = grep { $_->{at} > $at - 4.5 && $_->{at} <= $at } @hung;

    $most = $n if $n > $most;
}

ok(@hung > 0, 'it was tried');
ok($most <= 2 * 4 * 2, 'bounded') or diag("$most in 4.5 s");

# it wakes up: what was not given up comes, in order (looked at in the end)

my $before = @hung;

$t->{receiver}->script('/hang');
ok(wait_for(20, sub { $t->{receiver}->requests('/hang') > $before + 100 }),
    'it wakes up');
