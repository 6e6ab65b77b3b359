package SentConv::Wait;

# Polling with a deadline, in place of fixed sleeps.

use strict;
use warnings;

use Exporter 'import';
use Time::HiRes qw(sleep time);

our @EXPORT = qw(wait_for seconds free_port);

my $scale = $ENV{TEST_NGINX_SCALE} || ($ENV{TEST_NGINX_VALGRIND} ? 10 : 1);
my %taken;


# a limit in seconds, stretched where everything runs slower

sub seconds {
    my ($limit) = @_;

    return $limit * $scale;
}


# calls the code until it answers true, or the limit is over; what it said

sub wait_for {
    my ($limit, $code) = @_;

    my $end = time() + seconds($limit);
    my $pause = 0.005;

    while (1) {
        my $result = $code->();

        return $result if $result || time() > $end;

        sleep($pause);
        $pause = $pause * 1.5 > 0.1 ? 0.1 : $pause * 1.5;
    }
}


# below the range that outgoing connections take theirs from

sub free_port {
    require IO::Socket::INET;

    for (1 .. 1000) {
        my $port = 10000 + int(rand(20000));

        next if $taken{$port}++;

        my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
            LocalPort => $port, Proto => 'tcp', Listen => 1);

        return $port if $s;
    }

    die "no free port\n";
}


1;
