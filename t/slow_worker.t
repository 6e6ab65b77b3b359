#!/usr/bin/perl

# Tests for a worker that is only slow: another takes its lane over, and
# what the first says afterwards changes nothing.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(workers => 2);

$t->tolerate('duplicates', 'disorder');
$t->webhook('/hook', retry_count => 5, timeout_seconds => 10);

my $c = $t->opened();

$t->wait_events('/hook', 3);

# the worker that delivers stands still beyond its lease, with a 2xx unread,
# a failure unread, or none yet

sub stand_still {
    my ($name, $step) = @_;

    my $path = '/hook';

    $t->{receiver}->script($path, $step);

    my $id = $t->send()->data()->{message_id};

    ok(wait_for(5, sub { grep { $_->{body} =~ /queued.*\Q$id\E/ }
        $t->{receiver}->requests($path) }), "$name - on its way");

    # which of the two has it?

    my ($request) = grep { $_->{body} =~ /queued.*\Q$id\E/ }
        $t->{receiver}->requests($path);
    my @workers = $t->{nginx}->workers();
    my ($slow) = grep { holds($_, $t->{receiver}->port()) } @workers;

    ok($slow, "$name - found") or return;

    kill('STOP', $slow);

    my $sent = $t->wait_event($path, 'message.sent', message_id => $id,
        limit => 20);

    ok($sent, "$name - taken over");
    kill('CONT', $slow);

    # the other still answers, and the slow one comes back without harm

    ok(wait_for(5, sub { my $n = 0;
        $n++ for grep { $_ && $_->status() == 200 } map {
            $t->get('/v3/conversations') } 1 .. 6;
        return $n == 6 }), "$name - both answer");

    my @order = map { $_->{event} } grep {
        ($_->{payload}{message_id} // '') eq $id } $t->events($path);

    is("@order", 'message.queued conversation.message_exchanged message.sent',
        "$name - in order");

    my @posts = grep { $_->{headers}{'idempotency-key'} eq $id }
        $t->{receiver}->requests('/carrier/whatsapp');

    ok(@posts >= 1 && @posts <= 2, "$name - carrier") or diag(scalar(@posts));
}

# has the process a connection to that port?

sub holds {
    my ($pid, $port) = @_;

    my %inode = map { $_ => 1 } map { (readlink($_) // '')
        =~ /^socket:\[(\d+)\]/ } glob("/proc/$pid/fd/*");

    open(my $f, '<', "/proc/$pid/net/tcp") or return 0;

    while (my $line = <$f>) {
        my @w = split(' ', $line);
        return 1 if $w[2] =~ /:(\w+)$/ && hex($1) == $port && $inode{$w[9]};
    }

    return 0;
}

stand_still('stale 2xx', { delay => 2, match => 'message.queued' });
stand_still('stale failure', { delay => 2, status => 500,
    match => 'message.queued' });
stand_still('hanging', { hang => 1, match => 'message.queued' });

# after all that the lane goes on as ever, each new event once

my $id = $t->send()->data()->{message_id};

ok($t->wait_event('/hook', 'message.sent', message_id => $id, limit => 15),
    'goes on');

my %times;

$times{$_->{event}{id}}++ for grep {
    ($_->{event}{payload}{message_id} // '') eq $id } $t->arrivals('/hook');

is(join(' ', values %times), '1 1 1', 'once each');

# Redis answered in time, and the worker looks at it late: taken

$t->send(body => 'warm') for 1 .. 20;
$t->{redis}->freeze();

my $late = SentConv::Process->job(sub {
    my $answer = $t->send(body => 'looked at late', timeout => 10);
    return $answer ? $answer->verdict() : 'no answer';
});

wait_for(0.3, sub { 0 });
kill('STOP', $_) for my @all = $t->{nginx}->workers();
$t->{redis}->thaw();
wait_for(1.5, sub { 0 });
kill('CONT', $_) for @all;
is($late->result(), '202', 'an answer that was only read late');
