#!/usr/bin/perl

# Tests of the web page: the canvas with a pointer, JSON out and in, versions.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use SentConv::Browser;
use SentConv::Env;

my $t = page_setup();

walk($t, 'canvas');

done_testing();
