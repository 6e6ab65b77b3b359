#!/usr/bin/perl

# Tests for a STOP that races sends: nothing that waits for a carrier goes
# out, and what is on its way goes out once.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(workers => 2);
my $hook = $t->webhook('/hook');
my $contact = $t->contact();

# the first is with the carrier, the others wait behind it

$t->{receiver}->script('/carrier/whatsapp', { delay => 1.5 });

my $c = $t->opened();
my @ids = map { $t->send(body => "waiting message $_")->data()->{message_id} }
    1 .. 5;

$t->{receiver}->wait_requests('/carrier/whatsapp', 1);
$t->inbound(text => 'STOP');

is($t->conversation($c->{id})->{close_reason}, 'COMPLIANCE_STOP', 'stopped');

my @filtered = $t->wait_events('/hook', 4, 10, event => 'message.filtered');

is(join(' ', sort map { $_->{payload}{message_id} } @filtered),
    join(' ', sort @ids[1 .. 4]), 'those that wait are filtered');
is($t->wait_event('/hook', 'message.sent')->{payload}{message_id}, $ids[0],
    'the one on its way is sent');
is(scalar($t->{receiver}->requests('/carrier/whatsapp')), 1, 'only that one');

my %status = map { $_->{id} => $_->{status} } $t->transcript($c->{id});

is(join(' ', map { $status{$_} } @ids), 'SENT' . ' FILTERED' x 4, 'statuses');
is($filtered[0]{payload}{message_status}, 'FILTERED', 'status in the event');

# one that fails on its way is not tried again

my $two = $t->contact(2);

$c = $t->opened(from => $two);
$t->{receiver}->script('/carrier/whatsapp', { delay => 1, status => 503 });

my $id = $t->send(to => $two)->data()->{message_id};

$t->{receiver}->wait_requests('/carrier/whatsapp', 2);
$t->inbound(from => $two, text => 'stop');

is($t->wait_status($c->{id}, $id, 'FILTERED'), 'FILTERED', 'doomed');
is(scalar($t->{receiver}->requests('/carrier/whatsapp')), 2, 'no retry');

# one that waits for its next attempt is not tried again, either

my $three = $t->contact(3);

$c = $t->opened(from => $three, channel => 'sms');
$t->{receiver}->script('/carrier/sms', { status => 503, repeat => 1,
    headers => { 'Retry-After' => 1 } });
$id = $t->send(to => $three)->data()->{message_id};
$t->{receiver}->wait_requests('/carrier/sms', 1);

my $before = time();

$t->inbound(from => $three, text => 'stop', channel => 'sms');

my $after = time();

is($t->wait_status($c->{id}, $id, 'FILTERED'), 'FILTERED', 'between attempts');

my @late = grep { $_->{at} > $after + 0.05 }
    $t->{receiver}->requests('/carrier/sms');

is(scalar(@late), 0, 'no attempt after the STOP');

# sends and a STOP at once, many times: none accepted after it, and of those
# accepted each is posted or filtered

my ($wrong, %fate) = ('');

for my $round (1 .. 10) {
    my $from = $t->contact(100 + $round);

    $t->opened(from => $from, channel => 'rcs');

    my @bytes = map { $t->send_bytes(to => $from, body => "race $_ $round") }
        1 .. 8;

    splice(@bytes, 4, 0, $t->carrier_bytes('rcs',
        json($t->message(from => $from, channel => 'rcs', text => 'STOP'))));

    for my $answer (http_many($t->{nginx}->port(), \@bytes)) {
        my $d = $answer->data();
        $fate{$d->{message_id}} = $from if $d && $d->{message_id};
        $wrong .= ' ' . $answer->verdict() unless $answer->verdict()
            =~ /^(?:200|202|422 CONVERSATION_001)$/;
    }
}

is($wrong, '', 'answers');

my (%posted, %told);

wait_for(15, sub {
    %told = map { $_->{payload}{message_id} => $_->{event} }
        grep { $_->{event} =~ /^message\.(?:sent|filtered)$/ }
        $t->events('/hook');
    return !grep { !$told{$_} } keys %fate;
});

$posted{$_->{headers}{'idempotency-key'}}++
    for $t->{receiver}->requests('/carrier/rcs');

is(scalar(grep { !$told{$_} } keys %fate), 0, 'each has its end');
is(scalar(grep { ($told{$_} || '') eq 'message.filtered' && $posted{$_} }
    keys %fate), 0, 'what was filtered was not posted');
is(scalar(grep { ($told{$_} || '') eq 'message.sent'
    && ($posted{$_} || 0) != 1 } keys %fate), 0, 'what was sent, once');
