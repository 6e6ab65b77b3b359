#!/usr/bin/perl

# The form of the sources: what a reader of nginx expects of every file.

use strict;
use warnings;

use FindBin;
use Test::More;

my $root = "$FindBin::Bin/..";
my @files = grep { -f "$root/$_" } split(/\n/, `git -C '$root' ls-files`);

@files = map { s!^\Q$root/!!r } glob("$root/*.c $root/src/*.[ch]"
    . " $root/src/*/*.[ch] $root/src/lua/*.lua $root/src/lua/inc/*.lua"
    . " $root/t/*.t $root/t/lib/SentConv/*.pm $root/t/unit/*.[ch]")
    unless @files;

my %found = map { $_ => [] } qw(long tab blank end slashes lines proto open);

for my $file (grep { !/\.(?:png|svg|md|json)$/ } @files) {
    open(my $in, '<', "$root/$file") or die "$file: $!\n";
    my @lines = <$in>;
    my $text = join('', @lines);
    my $c = $file =~ /\.[ch]$/;

    next if $text =~ /\0/;

    for my $i (0 .. $#lines) {
        my $line = $lines[$i];
        my $at = "$file:" . ($i + 1);

        utf8::decode($line);
        chomp($line);

        push @{$found{blank}}, $at if $line =~ /[ \t]$/;
        push @{$found{tab}}, $at
            if $line =~ /\t/ && $file !~ /(?:^|\/)(?:Makefile|config\.make)$/;

        next unless $file =~ /\.(?:c|h|t|pm|lua)$/;

        push @{$found{long}}, $at if length($line) > 79;
        push @{$found{slashes}}, $at
            if $c && $line =~ m{(?<![:"])//} && $line !~ m{"[^"]*//[^"]*"}
                && $line !~ m{^ \*};
    }

    push @{$found{end}}, $file if length($text) && $text !~ /[^\n]\n\z/
        && $file !~ m!/corpus/!;

    next unless $c;

    push @{$found{open}}, $file unless $text =~ m!^\n/\*\n \* \S!;
    _functions($file, \@lines);
}


is("@{$found{long}}", '', 'lines of 79 columns');
is("@{$found{tab}}", '', 'no tabs');
is("@{$found{blank}}", '', 'no trailing blanks');
is("@{$found{end}}", '', 'one newline at the end');
is("@{$found{slashes}}", '', 'no // comments');
is("@{$found{open}}", '', 'files open with their job');
is("@{$found{lines}}", '', 'two empty lines between functions');
is("@{$found{proto}}", '', 'statics have prototypes');

done_testing();


# a definition: its type on a line, its name at column 0 on the next

sub _functions {
    my ($file, $lines) = @_;

    my $text = join('', @$lines);

    for my $i (1 .. $#$lines) {
        next unless $lines->[$i] =~ /^(\w+)\(/;

        my $name = $1;
        my $type = $lines->[$i - 1];

        next unless $type =~ /^\w[\w \*]*$/ && $type !~ /;/;

        my $before = $i - 2;

        # what stands right above belongs to it: a comment, a macro, an #if

        $before-- while $before > 0 && $lines->[$before] !~ /^$/;

        # or a comment above it, that stands for more than this function

        if ($before > 0 && $lines->[$before - 1] =~ m{\*/$}) {
            $before--;
            $before-- while $before > 0 && $lines->[$before] !~ m{^/\*};
            $before--;
        }

        push @{$found{lines}}, "$file:" . ($i + 1) unless $before < 1
            || $lines->[$before] =~ /^$/ && $lines->[$before - 1] =~ /^$/
            || $lines->[$before - 1] =~ /^#/;

        push @{$found{proto}}, "$file: $name" if $type =~ /^static/
            && $type !~ /ngx_inline/
            && $text !~ /^static [^\n;{}]*\b\Q$name\E\([^;{}]*\)[^;{}]*;/m;
    }
}
