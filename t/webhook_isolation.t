#!/usr/bin/perl

# Tests for endpoints that take every request and never answer: they leave
# room for the others, however small the room is.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

# a worker that makes eight attempts at once, six of them at webhooks, and one
# endpoint fewer that hangs

my $t = setup(workers => 1, http => '    sent_conv_deliveries 8;');

my @received = (event_types => ['message'],
    event_filters => { message => ['received'] }, timeout_seconds => 60);

my @hang = map { "/hang-$_" } 1 .. 5;

for my $path (@hang) {
    $t->webhook($path, @received);
    $t->{receiver}->script($path, { hang => 1, repeat => 1 });
}

$t->webhook('/well', @received);
$t->carrier('whatsapp', [map { $t->message(from => $t->contact($_)) }
    1 .. 40]);

my @well = $t->wait_events('/well', 40);

is(scalar(@well), 40, 'the sixth is served');

# nothing that hangs had come to its end by then

my %at;

for my $r ($t->{receiver}->requests()) {
    push @{$at{$r->{path}}}, $r->{at} if $r->{path} =~ /hang/;
}

my ($first) = sort { $a <=> $b } map { @$_ } values %at;
my ($last) = sort { $b <=> $a } map { $_->{at} } @well = $t->arrivals('/well');

ok($last - $first < 59, 'while they hang') or diag($last - $first);

my %before = map { $_ => scalar(grep { $_ < $last } @{$at{$_} || []}) } @hang;

is(scalar(grep { !$before{$_} } @hang), 0, 'each of them has a request');
is(scalar(grep { $before{$_} > 3 } @hang), 0, 'none has more than half');

# and more contacts, as long as they hang

$t->carrier('whatsapp', [map { $t->message(from => $t->contact($_)) }
    41 .. 80]);
is(scalar($t->wait_events('/well', 80)), 80, 'goes on');

# they come back, and lose nothing

$t->{receiver}->stop();
$t->{receiver}->start();

for my $path (@hang) {
    is(scalar($t->wait_events($path, 80, 40)), 80, "$path - all in the end");
}

unlike($t->{nginx}->log(), qr/given up/, 'nothing given up');
