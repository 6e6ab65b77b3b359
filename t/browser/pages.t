#!/usr/bin/perl

# Tests of the web page: each of them, for everybody.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use SentConv::Browser;
use SentConv::Env;

my $t = page_setup();

$t->template(name => 'appointment_confirm');
walk($t, 'pages');

done_testing();
