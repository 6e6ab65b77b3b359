#!/usr/bin/perl

# Tests for a Retry-After that holds a whole endpoint back, in seconds and as
# a date.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use POSIX qw(strftime);

my $t = setup(workers => 2);

my @received = (event_types => ['message'],
    event_filters => { message => ['received'] }, retry_count => 5);

sub date {
    my ($form, $in) = @_;

    return strftime($form, gmtime(time() + $in));
}

my %says = (
    '/seconds' => [429, 3],
    '/imf' => [503, sub { date('%a, %d %b %Y %H:%M:%S GMT', 4) }],
    '/rfc850' => [503, sub { date('%A, %d-%b-%y %H:%M:%S GMT', 4) }],
    '/asctime' => [429, sub { date('%a %b %e %H:%M:%S %Y', 4) }],
    '/error' => [500, 3],
    '/date-gone-by' => [503, 'Thu, 01 Jan 2015 00:00:00 GMT'],
    '/negative' => [429, '-3'],
);

$t->webhook($_, @received) for sort keys %says;

# the first of each is told

for my $path (sort keys %says) {
    my ($status, $value) = @{$says{$path}};

    $t->{receiver}->script($path, { status => $status,
        headers => { 'Retry-After' => ref $value ? $value->() : $value } });
}

$t->inbound();
$t->{receiver}->wait_requests($_, 1) for keys %says;

# and the second contact's waits, too, where the whole endpoint is held back

wait_for(5, sub { 3 <= (() = $t->{nginx}->log() =~ /status (?:429|503)/g) });
$t->inbound(from => $t->contact(2));

my %gap;

for my $path (sort keys %says) {
    is(scalar($t->wait_events($path, 2, 15)), 2, "$path - both come");

    my ($first) = $t->{receiver}->requests($path);
    my ($second) = grep { $_->{event}{payload}{inbound_number}
        eq $t->contact(2) } $t->arrivals($path);

    $gap{$path} = $second->{at} - $first->{at};
}

for my $path (qw(/seconds /imf /rfc850 /asctime)) {
    ok($gap{$path} > 2.5, "$path - held back") or diag($gap{$path});
}

for my $path (qw(/error /date-gone-by /negative)) {
    ok($gap{$path} < 2.5, "$path - not held back") or diag($gap{$path});
}
