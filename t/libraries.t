#!/usr/bin/perl

# Tests for "config": a library that configure does not find stops it, with
# the name of its package.

use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use Test::More;

use lib "$FindBin::Bin/lib";

use SentConv::Nginx;

my $root = SentConv::Nginx::root();
my $dir = tempdir('sent_conv_XXXXXX', TMPDIR => 1, CLEANUP => 1);
my %packages = (hiredis => 'libhiredis-dev', yajl => 'libyajl-dev',
    libcrypto => 'libssl-dev', utf8proc => 'libutf8proc-dev');

# what configure does for a module, without its compiler

mkdir("$dir/auto");
put('auto/feature', 'ngx_found=yes; case $ngx_feature in "$MISSING "*)'
    . ' ngx_found=no;; esac');
put('auto/module', 'echo "$ngx_module_libs"');
put('configure', "ngx_addon_dir=$root; NGX_OBJS=objs; . $root/config");


sub put {
    my ($name, $text) = @_;

    open(my $out, '>', "$dir/$name") or die "$name: $!\n";
    print $out "$text\n";
    close($out);
}


sub configure {
    my ($missing, $link) = @_;

    local @ENV{qw(MISSING ngx_module_link)} = ($missing, $link // 'NONE');

    my $said = `cd $dir && sh ./configure 2>&1`;

    return ($? >> 8, $said);
}


my $libs = '-lhiredis -lyajl -lcrypto -lutf8proc';
my ($status, $said) = configure('nothing');

is($status, 0, 'all there');
is($said, "$libs\n", 'linked with');
is((configure('nothing', 'DYNAMIC'))[1], "$libs -Wl,-Bsymbolic\n",
    'a dynamic module');
is((configure('linker', 'DYNAMIC'))[1], "$libs\n",
    'a linker that does not know how');

for my $name (sort keys %packages) {
    ($status, $said) = configure($name);

    is($status, 1, "$name is missing");
    like($said, qr/^\S+: error: .* \Q$name\E .*\n.* \Q$packages{$name}\E\.$/m,
        "$name comes with");
}

done_testing();
