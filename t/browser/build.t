#!/usr/bin/perl

# Tests of the web page: an agent built by keyboard alone, a conversation held
# on the phone, and its STOP, which the webhook hears of, too.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use SentConv::Browser;
use SentConv::Env;

my $t = page_setup();

$t->template(name => 'appointment_confirm');

walk($t, 'build');

is($t->wait_event('/hook', 'conversation.ended')->{payload}{close_reason},
    'COMPLIANCE_STOP', 'the webhook heard of the STOP');

done_testing();
