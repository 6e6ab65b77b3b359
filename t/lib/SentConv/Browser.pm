package SentConv::Browser;

# Tests of the web page in a browser: an environment that serves the page as
# it is shipped, and the walks of t/browser/, each a script for Node.js that
# tells what it found.

use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter 'import';
use Fcntl qw(:flock);
use File::Basename qw(dirname);
use JSON::PP ();

use SentConv::Env;

our @EXPORT = qw(page_setup page_built walk);

my $root = abs_path(dirname(__FILE__) . '/../../..');
my $objs = abs_path($ENV{SENT_CONV_OBJS} || "$root/objs");


# the page's files and what drives them; tests may start at the same time

sub page_built {
    open(my $lock, '<', "$root/Makefile") or die "Makefile: $!\n";
    flock($lock, LOCK_EX);

    my $said = `{ make -C '$root' --no-print-directory ui OBJS='$objs' \\
        && '$root/conf/npm.sh' '$root/t/browser'; } 2>&1`;

    die "there is no page:\n$said" if $?;

    return $objs;
}


# as setup(); on all channels the carriers are the sandbox

sub page_setup {
    my (%arg) = @_;

    page_built();

    return setup(%arg, server => ($arg{server} // '') . <<"EOF");

        root $objs;
        include $root/conf/dashboard.conf;

        location /sandbox/ {
            sent_conv_sandbox wa sms-one rcs-one;
        }
EOF
}


# runs t/browser/$name.mjs to its end, its findings are tests of this one

sub walk {
    my ($t, $name, %env) = @_;

    local %ENV = (%ENV, BASE => 'http://127.0.0.1:' . $t->{nginx}->port(0),
        KEY => $t->{key}, READ_KEY => $t->{read_key},
        NUMBERS => JSON::PP->new->encode($t->{numbers}),
        HOOK => $t->url('/hook'), REDIS => $t->{redis}->socket(),
        CUSTOMER => $t->{customer}, %env);

    CORE::open(my $out, '-|', "node '$root/t/browser/$name.mjs' 2>&1")
        or die "node: $!\n";

    my ($said, $done) = ('', 0);

    while (my $line = <$out>) {
        chomp($line);

        if ($line =~ /^(not )?ok - (.*)/) {
            ok(!$1, "$name - $2");
        } elsif ($line =~ /^secret (.*)/) {
            push @{$t->{secrets}}, $1;
        } elsif ($line =~ /^text (.*)/) {
            utf8::decode(my $text = $1);
            $t->{texts}{$text} = 1;
        } elsif ($line =~ /^row (.*)/) {
            diag($1);
        } elsif ($line =~ /^note (.*)/) {
            note("$name: $1");
        } else {
            $done ||= $line eq 'done';
            $said .= "$line\n";
        }
    }

    ok(close($out) && $done, "$name - to its end") or diag($said);
}


1;
