#!/usr/bin/perl

# Tests for inbounds that come at once: one window, nothing lost, one order
# for all.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(workers => 4);
my $hook = $t->webhook('/hook');

sub burst {
    my (@items) = @_;

    return http_many($t->{nginx}->port(),
        [map { $t->carrier_bytes('whatsapp', json($_)) } @items]);
}

# fifty messages of one contact on as many connections

my @items = map { $t->message(text => "message $_ of many") } 1 .. 50;
my @answers = burst(@items);

is(join(' ', grep { $_ ne '200' } map { $_ ? $_->verdict() : 'none' }
    @answers), '', 'answered');

my @events = $t->wait_events('/hook', 101, 20);
my @started = grep { $_->{event} eq 'conversation.started' } @events;

is(scalar(@started), 1, 'one window');
is(scalar(@events), 101, 'events');

my $conv = $started[0]{payload}{conversation_id};
my @exchanged = grep { $_->{event} eq 'conversation.message_exchanged' }
    @events;
my %seen = map { $_->{payload}{text} => 1 } @exchanged;

is(scalar(keys %seen), 50, 'each message told of');
is(join(' ', map { $_->{payload}{sequence} } @exchanged),
    join(' ', 2 .. 51), 'sequence');
is(join('', map { $_->{payload}{conversation_id} eq $conv ? '' : 'x' }
    @exchanged), '', 'all in one conversation');

my @list = @{$t->get('/v3/conversations')->data()->{conversations}};

is(scalar(@list), 1, 'one in the list');
is($list[0]{inbound_count}, 50, 'counted');
is(scalar($t->transcript($conv)), 50, 'transcript');

# the same message fifty times: it counts once

my $item = $t->message(from => $t->contact(2), text => 'again and again');

@answers = burst(($item) x 50);

my ($accepted, $duplicates) = (0, 0);

for my $d (map { $_->data() } @answers) {
    $accepted += $d->{accepted};
    $duplicates += $d->{duplicates};
}

is($accepted, 1, 'accepted once');
is($duplicates, 49, 'the others are duplicates');
is(scalar($t->transcript($t->open($t->contact(2))->{id})), 1, 'kept once');

# fifty contacts

@answers = burst(map { $t->message(from => $t->contact(100 + $_)) } 1 .. 50);

is(scalar(grep { $_ && $_->status() == 200 } @answers), 50,
    'fifty contacts answered');
is($t->get('/v3/conversations?status=open')->data()->{pagination}
    {total_count}, 52, 'a window for each');
is(scalar($t->wait_events('/hook', 52, 20, event => 'conversation.started')),
    52, 'each started');

# fifty sends to one contact: all of them, each once

@answers = http_many($t->{nginx}->port(),
    [map { $t->send_bytes(body => "answer $_ of many") } 1 .. 50]);

is(scalar(grep { $_ && $_->status() == 202 } @answers), 50, 'sends accepted');

my @posts = $t->{receiver}->wait_requests('/carrier/whatsapp', 50, 20);
my %ids = map { $_->{headers}{'idempotency-key'} => 1 } @posts;

is(scalar(@posts), 50, 'sends posted');
is(scalar(keys %ids), 50, 'once each');

my @posted = map { $_->{headers}{'idempotency-key'} } @posts;
my @kept = map { $_->{id} } grep { $_->{direction} eq 'OUTBOUND' }
    $t->transcript($conv);

is("@posted", "@kept", 'in the order they were accepted');
