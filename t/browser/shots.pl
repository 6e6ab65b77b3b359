#!/usr/bin/perl

# Makes the pictures of README: shots.pl folder.

use strict;
use warnings;

use Cwd qw(abs_path);
use FindBin;
use lib "$FindBin::Bin/../lib";

use SentConv::Browser;
use SentConv::Env;

my $out = abs_path($ARGV[0] // '') or die "usage: shots.pl folder\n";
my $t = page_setup();

$t->use_customer($t->new_customer('Reed and Partners'));
$t->template(name => 'appointment_confirm');

walk($t, 'shots', OUT => $out);

system('pngquant', '--force', '--ext', '.png', '--strip', '--speed', 1, 128,
    glob("$out/*.png")) == 0 or die "pngquant: $?\n";

done_testing();
