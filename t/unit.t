#!/usr/bin/perl

# Tests of the pure floors in C, run by nginx itself while it reads its
# configuration.  SENT_CONV_OBJS is the folder of what was built, a module or
# an nginx with the module in it; TEST_NGINX_BINARY is the nginx to use.

use warnings;
use strict;

use File::Basename qw/ dirname /;
use File::Spec;
use File::Temp qw/ tempdir /;

my $root = File::Spec->rel2abs(dirname(__FILE__) . '/..');
my $objs = File::Spec->rel2abs($ENV{SENT_CONV_OBJS} || "$root/objs");
my $module = "$objs/ngx_sent_conv_unit_module.so";
my $dynamic = -e $module && !$ENV{TEST_NGINX_STATIC};
my ($nginx) = grep { defined && ($_ eq 'nginx' || -x) }
    $ENV{TEST_NGINX_BINARY}, $dynamic ? () : "$objs/nginx",
    '/usr/sbin/nginx', 'nginx';

if (!$dynamic && `$nginx -V 2>&1` !~ m!/t/unit\b!) {
    die "no $module: make build makes it\n";
}

my $d = tempdir('sent-conv-unit-XXXXXX', TMPDIR => 1, CLEANUP => 1);

open my $conf, '>', "$d/nginx.conf" or die "cannot write nginx.conf: $!\n";
print $conf "load_module $module;\n\n" if $dynamic;
print $conf <<"EOF";
pid $d/nginx.pid;
error_log $d/error.log;

sent_conv_unit;

events {
}
EOF
close $conf;

my @valgrind = $ENV{TEST_NGINX_VALGRIND}
    ? qw/ valgrind -q --error-exitcode=99 / : ();

$ENV{LSAN_OPTIONS} //= "suppressions=$root/t/lib/lsan.supp"
    . ':print_suppressions=0';

# the examples of definitions

$ENV{SENT_CONV_AGENTS} = "$root/t/agent";

my $rc = system(@valgrind, $nginx, '-t', '-q', '-p', $d,
    '-c', "$d/nginx.conf", '-e', "$d/error.log");

if ($rc != 0 && open my $log, '<', "$d/error.log") {
    print "# $_" while <$log>;
}

exit($rc ? 1 : 0);
