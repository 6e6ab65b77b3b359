#!/usr/bin/perl

# Tests of the web page: time left, pings, warnings, and what the end offers.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use SentConv::Browser;
use SentConv::Env;

my $t = page_setup();

$t->template(name => 'appointment_confirm');
walk($t, 'time');

done_testing();
