#!/usr/bin/perl

# Tests of the web page: the ends of a window, as they come.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use SentConv::Browser;
use SentConv::Env;

my $t = page_setup(window => '20s');

walk($t, 'ending');

done_testing();
