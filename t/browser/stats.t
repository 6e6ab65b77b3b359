#!/usr/bin/perl

# Tests of the web page: how busy agents are, in the list, on the canvas and
# over their conversations; the chart and what stands in its place.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use SentConv::Browser;
use SentConv::Env;

my $t = page_setup();

$t->template(name => 'confirm', channels => { sms => { text => 'Hello!' } },
    parameters => []);
$t->{receiver}->default('/fails', status => 500);

walk($t, 'stats', FAILS => $t->url('/fails'));

done_testing();
