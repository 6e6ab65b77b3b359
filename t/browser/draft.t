#!/usr/bin/perl

# Tests of the web page: drafts, and two who change the same agent.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use SentConv::Browser;
use SentConv::Env;

my $t = page_setup();

walk($t, 'draft');

done_testing();
