#!/usr/bin/perl

# Tests that ten thousand deliveries leave nothing behind: connections,
# descriptors, memory, keys.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(workers => 1, http => '    sent_conv_webhook_in_flight 64;');

$t->webhook('/a');
$t->webhook('/b', event_types => ['conversation']);

sub state {
    my ($pid) = $t->{nginx}->workers();
    my @fds = glob("/proc/$pid/fd/*");

    open(my $f, '<', "/proc/$pid/status") or die "status: $!\n";

    my ($rss) = do { local $/; <$f> } =~ /VmRSS:\s+(\d+)/;

    return { fds => scalar(@fds), rss => $rss };
}

my $delivered = 0;

sub round {
    my ($n) = @_;

    # an inbound makes 4 or 5 deliveries, a send 5

    my $before = () = $t->{receiver}->requests();
    my $expected = 0;

    for my $batch (1 .. $n) {
        my $answer = $t->carrier('whatsapp', [map {
            $t->message(from => $t->contact($_)) } 1 .. 50]);

        $expected += 150 if $answer && $answer->status() == 200;

        for my $send (http_many($t->{nginx}->port(), [map {
            $t->send_bytes(to => $t->contact($_)) } 1 .. 50]))
        {
            $expected += 5 if $send && $send->status() == 202;
        }
    }

    my $now = 0;

    wait_for(120, sub {
        $now = () = $t->{receiver}->requests();
        return $now >= $before + $expected;
    });

    $delivered += $now - $before;

    wait_for(10, sub { !$t->{redis}->keys('sc:*:q:*') });

    return $now - $before >= $expected;
}

ok(round(5), 'warm');

my $first = state();

# what leaks grows each time; what is only at its highest does not

my @states = ($first);

for my $n (1 .. 5) {
    ok(round(6), "round $n");
    push @states, state();
}

my @rss = map { $_->{rss} } @states;
my ($least) = sort { $a <=> $b } map { $rss[$_] - $rss[$_ - 1] } 1 .. $#rss;

ok($delivered >= 10000, 'ten thousand') or diag($delivered);
is($states[-1]{fds}, $first->{fds}, 'descriptors');

SKIP: {
    skip 'a sanitizer holds what was freed', 1 if $ENV{TEST_NGINX_STATIC};
    ok($least < 100, 'memory') or diag("@rss");
}

my $status;

ok(wait_for(5, sub {
    $status = $t->{nginx}->stub_status();
    return $status->{active} == 1 && $status->{writing} == 1;
}), 'counters');
is(scalar(my @lanes = $t->{redis}->keys('sc:*:lane*')), 0, 'no lanes left');
