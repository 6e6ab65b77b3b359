#!/usr/bin/perl

# Tests of the web page: a draft is tried with a conversation, by the module's
# own rules; nothing of it leaves.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use SentConv::Browser;
use SentConv::Env;

my $t = page_setup();

walk($t, 'simulator');

is(scalar($t->arrivals('/hook')), 0, 'no webhook was called');
is_deeply($t->get('/v3/conversations')->data()->{conversations}, [],
    'no conversation is there');

done_testing();
