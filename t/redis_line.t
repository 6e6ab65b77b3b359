#!/usr/bin/perl

# Tests for the line to Redis: how many connections there are, how much goes
# out at once, and what becomes of one that is silent or refused.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use IO::Select;
use IO::Socket::INET;

use SentConv::Env;

my $t = setup(workers => 2, redis => { tcp => 1 });
my $redis = $t->{redis};

$t->webhook('/hook');

sub clients {
    my ($name) = @_;

    return $redis->command('CLIENT', 'LIST')
        =~ /\bname=sent_conv:\Q$name\E:(\d+)\b/g;
}

# one connection for each worker, and one of them listens

my @workers = $t->{nginx}->workers();

is(join(' ', sort { $a <=> $b } clients('commands')), "@workers",
    'one connection for each worker');
ok(wait_for(5, sub { 1 == (my @n = clients('notifications')) }),
    'one that listens');
is(scalar(my @none = clients('waits')), 0, 'none that waits for replicas');

# its worker dies, and another listens in its place

my ($listener) = clients('notifications');

$t->{nginx}->kill_worker($listener);
ok(wait_for(6, sub { my @n = clients('notifications');
    return @n == 1 && $n[0] != $listener }), 'another listens');
$t->ready($t->{nginx});

# all that a turn of the event loop asks for leaves in one write

$t->carrier('whatsapp', $t->message());

my $before = $redis->info('stats');

$t->carrier('whatsapp', [map { $t->message(from => $t->contact(1 + $_)) }
    1 .. 50]);

my $after = $redis->info('stats');
my ($reads, $commands) = map { $after->{$_} - $before->{$_} }
    qw(total_reads_processed total_commands_processed);

ok($commands >= 50, 'commands') or diag($commands);
ok($reads < $commands / 2, 'in few writes') or diag("$reads of $commands");

# a line that is open and silent: nothing comes, and nobody says so

my $silent = "$t->{dir}/silent";
my $port = free_port();

sub forward {
    my ($stop) = @_;
    my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
        LocalPort => $port, Listen => 64, ReuseAddr => 1) or return;
    my $select = IO::Select->new($listen);
    my (%peer, %listens);

    until ($stop->()) {
        for my $s ($select->can_read(0.1)) {
            if ($s == $listen) {
                my $in = $listen->accept() or next;
                my $out = IO::Socket::INET->new(
                    PeerAddr => '127.0.0.1:' . $redis->port()) or next;

                @peer{$in, $out} = ($out, $in);
                $select->add($in, $out);
                next;
            }

            my $peer = $peer{$s};

            if (!sysread($s, my $bytes, 65536)) {
                $select->remove($s, $peer);
                delete @peer{$s, $peer};
                close($_) for $s, $peer;

            } else {
                @listens{$s, $peer} = (1, 1) if $bytes =~ /PSUBSCRIBE/;

                # only that which listened then, and never again

                if ($listens{$s} && -e $silent) {
                    unlink($silent);
                    $listens{$_} = 2 for grep { $listens{$_} } keys %listens;
                }

                syswrite($peer, $bytes) unless ($listens{$s} || 0) == 2;
            }
        }
    }
}

my $forward = SentConv::Process->job(\&forward);
my $far = $t->node('far', start => 0, set => { WHERE => "127.0.0.1:$port" },
    off => ['sent_conv_redis'], http => '    sent_conv_redis %%WHERE%%;');

$far->allow(qr/sent conv redis/);
wait_for(5, sub { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") });
$far->start();
$t->ready($far);
ok(wait_for(5, sub { $far->log() =~ /notifications: ready/ }), 'it listens');

open(my $f, '>', $silent) or die "$silent: $!\n";
close($f);

ok(wait_for(25, sub { $far->log() =~ /message of our own did not arrive/ }),
    'silence is noticed');
ok(wait_for(5, sub { 2 == (() = $far->log() =~ /notifications: ready/g) }),
    'and it listens again');
is($t->send(to => $t->contact(1), node => $far)->verdict(), '202',
    'the other line had nothing');

# refused again and again: asked ever more seldom, and not by all at once

$far->quit();
$forward->stop();

my $refuse = SentConv::Process->job(sub {
    my ($stop) = @_;
    my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
        LocalPort => $port, Listen => 64, ReuseAddr => 1) or return [];
    my $select = IO::Select->new($listen);
    my @at;

    until ($stop->()) {
        next unless $select->can_read(0.1);
        close($listen->accept());
        push @at, time();
    }

    return \@at;
});

wait_for(5, sub { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") });
$far->start();
wait_for(8, sub { 0 });
$far->quit();

my @at = @{$refuse->stop()};
my ($first, $last) = map { my $from = $_;
    scalar(grep { $_ >= $at[0] + $from && $_ < $at[0] + $from + 2 } @at) }
    0, 6;

ok($first > $last && $last > 0, 'ever more seldom')
    or diag(join(' ', map { sprintf('%.2f', $_ - $at[0]) } @at));
ok(@at < 5 * (1 + $at[-1] - $at[0]), 'no storm') or diag(scalar(@at));
