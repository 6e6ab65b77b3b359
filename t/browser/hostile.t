#!/usr/bin/perl

# Tests of the web page: texts that would be something else than text.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use SentConv::Browser;
use SentConv::Env;

my $t = page_setup();

walk($t, 'hostile');

done_testing();
