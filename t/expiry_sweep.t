#!/usr/bin/perl

# Tests for windows that end on time with notifications switched off or
# forbidden, and for the setting they need.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(epoch);

my $t = setup(window => '3s', redis => { options =>
    ['--notify-keyspace-events', 'Kg'] });

$t->webhook('/hook');

# what is missing is added to what is there

my %flags = map { $_ => 1 } split(//,
    $t->{redis}->command('CONFIG', 'GET', 'notify-keyspace-events')->[1]);

is(scalar(grep { $flags{$_} } qw(E x K g)), 4, 'flags added');
is(scalar(() = $t->{nginx}->log() =~ /notify-keyspace-events/g), 1,
    'said once');

sub lateness {
    my ($from, $to) = @_;

    $t->carrier('whatsapp', [map { $t->message(from => $t->contact($_)) }
        $from .. $to]);

    my $n = $to;
    my @ended;

    ok(wait_for(15, sub {
        @ended = grep { $_->{event}{event} eq 'conversation.ended' }
            $t->arrivals('/hook');
        return @ended >= $n;
    }), 'all ended');

    my ($late) = sort { $b <=> $a } map { $_->{at}
        - epoch($_->{event}{payload}{ended_at}) } @ended[$from - 1 .. $#ended];

    return $late;
}

my $late = lateness(1, 50);

ok($late < seconds(1.2), 'with notifications') or diag($late);

# switched off

$t->{redis}->command('CONFIG', 'SET', 'notify-keyspace-events', '');
$late = lateness(51, 100);
ok($late < seconds(1.2), 'switched off') or diag($late);

# forbidden

my $two = $t->node('two', start => 0);

$t->{nginx}->quit();
$t->{redis}->command('ACL', 'SETUSER', 'default', '-config');
$two->start();
$t->ready($two);
$t->{nginx} = $two;
$late = lateness(101, 150);
ok($late < seconds(1.2), 'forbidden') or diag($late);
like($two->log(), qr/sent conv .*notif/i, 'and said');
is(() = $two->log() =~ /\[(?:error|crit|alert|emerg)\]/g, 0,
    'not as an error');

# nothing is left to do, and nothing is done: no busy sweep

my $calls = $t->{redis}->info('stats')->{total_commands_processed};

my $since = time();

wait_for(2, sub { 0 });

my $idle = ($t->{redis}->info('stats')->{total_commands_processed} - $calls)
    / (time() - $since);

ok($idle < 1000, 'idle') or diag("$idle commands a second");
