#!/usr/bin/perl

# Tests of the web page: it stays quick with ten thousand conversations.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use SentConv::Browser;
use SentConv::Env;

my $many = 10_000;
my $t = page_setup();

for my $i (0 .. $many / 500 - 1) {
    my @from = ($i * 500 .. $i * 500 + 499);

    $t->carrier('whatsapp', [map { $t->message(from => $t->contact($_)) }
        @from], timeout => 60)->status() == 200 or die "not taken\n";
}

walk($t, 'many', MANY => $many);

done_testing();
