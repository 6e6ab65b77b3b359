#!/usr/bin/perl

# The floors of the house: what a file may include, by where it lies.

use strict;
use warnings;

use File::Basename qw(basename dirname);
use File::Find;
use FindBin;
use Test::More;

my $root = "$FindBin::Bin/..";

# a floor => those whose headers it may include beside its own

my %below = (
    core => [],
    json => [qw(core)],
    carrier => [qw(core json)],
    redis => [qw(core)],
    store => [qw(redis core json)],
    http => [qw(store core json carrier)],
    delivery => [qw(store core json carrier)],
    sweep => [qw(store core json)],
    face => [qw(http delivery sweep store redis core json carrier)],
);

# foreign headers => the only floors that may know them; a pure header of the
# field itself is everyone's

my %foreign = (
    qr!^hiredis! => [qw(redis)],
    qr!^yajl! => [qw(json)],
    qr!^openssl! => [qw(core store)],
    qr!^utf8proc! => [qw(core)],
    qr!^ngx_http! => [qw(http delivery sweep face)],
    qr!^ngx_event! => [qw(redis store delivery sweep http face)],
);

my (@files, %floor);

find({ wanted => sub {
    return unless /\.[ch]$/;
    my ($floor) = $File::Find::name =~ m!^\Q$root\E/src/(\w+)/!
        ? $1 : 'face';
    push @files, [$File::Find::name, $floor];
    $floor{basename($_)} = $floor if /\.h$/;
}, no_chdir => 1 }, "$root/src", glob("$root/*.c"));

ok(@files > 20, 'sources found');

my (@unknown, @breach, @names, @guards);

for my $f (@files) {
    my ($path, $floor) = @$f;
    my $name = basename($path);
    my $shared = $name eq 'ngx_http_sent_conv.h';
    my $glue = $name =~ /^ngx_http_sent_conv/;
    my %may = map { $_ => 1 } $floor, 'face', @{$below{$floor} || []};

    push @unknown, $path unless $below{$floor};
    push @names, $path unless $name =~ /^ngx_(http_)?sent_conv/;

    # only the glue's own header of the face is for the floors above

    delete $may{face} if !$glue && $floor ne 'face';

    open(my $in, '<', $path) or die "$path: $!\n";
    my @lines = <$in>;
    my @includes = map { /^\s*#\s*include\s+[<"]([^>"]+)[>"]/ } @lines;

    for my $include (@includes) {
        my $other = $floor{basename($include)};

        if (defined $other) {
            push @breach, "$path: $include" unless $may{$other};
            next;
        }

        push @breach, "$path: $include"
            if $include =~ /^ngx_http/ && !$glue;

        for my $pattern (keys %foreign) {
            push @breach, "$path: $include" if $include =~ $pattern
                && !grep { $_ eq $floor } @{$foreign{$pattern}};
        }
    }

    next unless $name =~ /\.h$/;

    my $guard = '_' . uc($name =~ s/\.h$//r) . '_H_INCLUDED_';

    push @guards, $path unless grep { /^#define \Q$guard\E$/ } @lines;
}

is("@unknown", '', 'every folder is a floor');
is("@names", '', 'names tell glue from pure');
is(join("\n", @breach), '', 'includes go down only');
is("@guards", '', 'guards');

# the core takes values and gives values

my @impure;

for my $f (grep { $_->[1] =~ /^(?:core|json|carrier)$/ } @files) {
    open(my $in, '<', $f->[0]) or die "$f->[0]: $!\n";

    while (my $line = <$in>) {
        push @impure, "$f->[0]:$.: $1" if $line
            =~ /\b(ngx_cycle|ngx_time\(|ngx_timeofday|ngx_current_msec
                   |ngx_random|ngx_log_error|ngx_log_debug\d?|redis\w+
                   |ngx_event_\w+|ngx_add_timer|time\(NULL)\b?/x;
    }
}

is(join("\n", @impure), '', 'pure floors have no clock, no log, no events');

done_testing();
