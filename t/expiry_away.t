#!/usr/bin/perl

# Tests for windows that lapse while Redis, nginx or the subscriber is away:
# each ends once, soon after they are back.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(epoch);

my $t = setup(window => '3s', redis => { options => ['--appendonly', 'yes',
    '--appendfsync', 'always'] });

$t->allow(qr/sent conv/);
$t->tolerate('duplicates');
$t->webhook('/hook', retry_count => 5);

my $n = 0;

sub windows {
    my ($how_many) = @_;

    my @items = map { $t->message(from => $t->contact(++$n)) } 1 .. $how_many;

    $t->carrier('whatsapp', \@items);

    return map { $t->open($_->{from}) } @items;
}

sub all_end {
    my ($name, @c) = @_;

    my %end;
    my $start = time();

    wait_for(15, sub {
        $end{$_->{payload}{conversation_id}} = $_->{payload}
            for $t->events('/hook', event => 'conversation.ended');
        return !grep { !$end{$_->{id}} } @c;
    });

    my $took = time() - $start;

    is(scalar(grep { !$end{$_->{id}} } @c), 0, "$name - all ended");
    is(scalar(grep { ($end{$_->{id}}{close_reason} || '') ne 'EXPIRED' } @c),
        0, "$name - reason");
    is(scalar(grep { ($end{$_->{id}}{ended_at} || '') ne $_->{expires_at} }
        @c), 0, "$name - at their deadline");

    return $took;
}

sub past {
    my (@c) = @_;

    wait_for(10, sub { time() > epoch($c[-1]{expires_at}) + 0.5 });
}

# nginx is away

my @c = windows(30);

$t->{nginx}->quit();
past(@c);
$t->{nginx}->start();
ok(all_end('nginx away', @c) < 5, 'nginx away - soon');

# Redis is away

@c = windows(30);
$t->{redis}->crash();
past(@c);
$t->{redis}->start();
$t->ready($t->{nginx}, 15);
ok(all_end('Redis away', @c) < 6, 'Redis away - soon');

# Redis does not answer

@c = windows(30);
$t->{redis}->freeze();
past(@c);
$t->{redis}->thaw();
$t->ready($t->{nginx}, 15);
ok(all_end('Redis frozen', @c) < 6, 'Redis frozen - soon');

# the subscriber's connection is cut, again and again

@c = windows(30);

wait_for(10, sub {
    eval { $t->{redis}->command('CLIENT', 'KILL', 'TYPE', 'pubsub') };
    return time() > epoch($c[-1]{expires_at}) + 0.5;
});

ok(all_end('subscriber away', @c) < 3, 'subscriber away - soon');

# both at once, and nginx is killed

@c = windows(30);
$t->{nginx}->crash();
$t->{redis}->crash();
past(@c);
$t->{redis}->start();
$t->{nginx}->start();
$t->ready($t->{nginx}, 15);
all_end('both away', @c);

# each one once, as far as Redis knows

my %ids;

$ids{$_->{id}}++ for map { $_->{event} }
    grep { $_->{event}{event} eq 'conversation.ended' } $t->arrivals('/hook');

is(scalar(keys %ids), 150, 'no other ends');
