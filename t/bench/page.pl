#!/usr/bin/perl

# Scores of the web page, as Lighthouse gives them.

use strict;
use warnings;

use Cwd qw(abs_path);
use FindBin;
use lib "$FindBin::Bin/../lib";

use SentConv::Browser;
use SentConv::Env;

my $t = page_setup();

walk($t, '../bench/page/score');

done_testing();
