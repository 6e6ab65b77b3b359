#!/usr/bin/perl

# Tests of the web page: lists that are live, through gaps in the line.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use SentConv::Browser;
use SentConv::Env;

my $t = page_setup(http => "    sent_conv_partitions 1;\n");

walk($t, 'live');

done_testing();
