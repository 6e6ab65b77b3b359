#!/usr/bin/perl

# Tests of the web page: sessions, keys that read, customers without
# conversations.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use SentConv::Browser;
use SentConv::Env;

my $t = page_setup();
my $off = $t->new_customer('second', conversations_enabled => \0);

walk($t, 'sign_in', OFF_KEY => $off->{key});

done_testing();
