#!/usr/bin/perl

# A short run of each target of the fuzzer, t/fuzz/: its examples, and two
# seconds beyond.  make fuzz is the long one.  SENT_CONV_OBJS is the folder of
# what was built.

use strict;
use warnings;

use File::Spec;
use File::Temp qw(tempdir);
use FindBin;
use Test::More;

use constant SECONDS => 2;

my $dir = "$FindBin::Bin/fuzz";
my $objs = File::Spec->rel2abs($ENV{SENT_CONV_OBJS}
    || "$FindBin::Bin/../objs");
my $clang = $ENV{CLANG} || 'clang';
my $temp = tempdir('sent-conv-fuzz-XXXXXX', TMPDIR => 1, CLEANUP => 1);

plan(skip_all => "no $clang that links libFuzzer and its sanitizers")
    unless _fuzzer();

-e "$objs/ngx_auto_config.h"
    or die "no $objs/ngx_auto_config.h: make build makes it\n";

my @targets = map { m!/fuzz_(\w+)\.c$! } sort glob("$dir/fuzz_*.c");
my $built = _run('build', 'make', '-k', '-j2', '-f', "$dir/Makefile",
    "OBJS=$objs", "CLANG=$clang", 'build');

ok(@targets >= 14 && $built, 'targets built');

for my $target (@targets) {
    my $found = "$temp/$target-";

    mkdir "$temp/$target" or die "$temp/$target: $!\n";

    ok(_run($target, "$objs/fuzz/fuzz_$target", '-max_total_time=' . SECONDS,
            '-seed=1', "-artifact_prefix=$found", "$temp/$target",
            "$dir/corpus/$target"), $target)
        or _show(glob("$found*"));
}

done_testing();


sub _fuzzer {
    open(my $out, '>', "$temp/one.c") or die "$temp/one.c: $!\n";
    print $out <<'EOT';
#include <stddef.h>
#include <stdint.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return 0;
}
EOT
    close($out);

    return system("$clang -fsanitize=fuzzer,address,undefined -o $temp/one"
        . " $temp/one.c >/dev/null 2>&1") == 0;
}


# true where the command ends well; else its last lines are shown

sub _run {
    my ($name, @command) = @_;

    my $log = "$temp/$name.log";
    my $pid = fork() // die "fork: $!\n";

    if ($pid == 0) {
        delete @ENV{qw(MAKEFLAGS MAKELEVEL MFLAGS)};
        open(STDOUT, '>', $log) or die "$log: $!\n";
        open(STDERR, '>&', \*STDOUT) or die "$log: $!\n";
        exec(@command) or die "$command[0]: $!\n";
    }

    waitpid($pid, 0);
    return 1 if $? == 0;

    open(my $in, '<', $log) or die "$log: $!\n";
    my @lines = grep { /\.c:\d+:|ERROR|error|SUMMARY|make:/ } <$in>;
    diag($_) for @lines[0 .. (@lines > 8 ? 8 : @lines) - 1];

    return 0;
}


# the input, as printf takes it

sub _show {
    for my $file (@_) {
        open(my $in, '<:raw', $file) or die "$file: $!\n";
        my $input = do { local $/; <$in> };

        $input =~ s/([^ !#-\$&-\[\]-~])/sprintf('\\%03o', ord($1))/ge;
        diag("input: $input");
    }
}
