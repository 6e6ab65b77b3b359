#!/usr/bin/perl

# Tests for the end of windows whose customer Redis knows no more: they end
# all the same, and no worker falls over them.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Wait qw(wait_for);

my $t = setup(window => '6s');

$t->opened(from => $t->contact($_)) for 1 .. 5;

my $redis = $t->{redis};
my @settings = $redis->keys("*{$t->{customer}}:settings");

is(scalar(@settings), 1, 'settings');
$redis->command('DEL', @settings);

ok(wait_for(15, sub {
    return !$redis->keys("*:due");
}), 'all ended');

$t->use_customer($t->new_customer('second'));
$t->opened(from => $t->contact(1));

is($t->send()->verdict(), '202', 'others go on');
