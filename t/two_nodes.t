#!/usr/bin/perl

# Tests for two nginx instances on one Redis: either serves, either
# delivers, and one takes over from the other.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(epoch);

my $t = setup(window => '20s');
my $two = $t->node('two');
my @nodes = ($t->{nginx}, $two);

$t->tolerate('duplicates', 'disorder');
$t->webhook('/hook', retry_count => 5, timeout_seconds => 5);

# in here, out there, and one order

my $c = $t->opened();

is($t->send(node => $two, body => 'by the second')->verdict(), '202',
    'send at the second');
is($t->conversation($c->{id}, node => $two)->{outbound_count}, 1,
    'seen there');
ok($t->wait_event('/hook', 'message.sent'), 'delivered');

$t->inbound(node => $nodes[$_ % 2], text => "message $_") for 1 .. 20;

my @texts = map { $_->{payload}{text} } $t->wait_events('/hook', 20, 10,
    event => 'conversation.message_exchanged', direction => 'INBOUND');

wait_for(10, sub {
    @texts = map { $_->{payload}{text} } $t->events('/hook',
        event => 'conversation.message_exchanged', direction => 'INBOUND');
    return @texts == 21;
});

is(join('|', @texts[1 .. 20]), join('|', map { "message $_" } 1 .. 20),
    'in order over both');

# a webhook made here is known there within 5 s

my $hook = $t->webhook('/second');

ok(wait_for(5, sub {
    $t->inbound(node => $two, from => $t->contact(2));
    return scalar(my @all = $t->events('/second'));
}), 'webhook known on the other node');

# one node dies with work in its hands

$t->{receiver}->script('/hook', { hang => 1, match => 'over the death' });
$t->{receiver}->script('/carrier/sms', { hang => 1 });
$t->inbound(node => $two, from => $t->contact(3), channel => 'sms');

my $id = $t->send(node => $two, to => $t->contact(3),
    body => 'over the death of a node')->data()->{message_id};

$t->{receiver}->wait_requests('/carrier/sms', 1);

wait_for(10, sub {
    return scalar(grep { $_->{body} =~ /over the death/ }
        $t->{receiver}->requests('/hook'));
});

$two->crash();

my $start = time();
my $sent = $t->wait_event('/hook', 'message.sent', message_id => $id,
    limit => 25);

ok($sent, 'taken over');
ok(time() - $start < 15, 'within seconds');

my @posts = grep { $_->{headers}{'idempotency-key'} eq $id }
    $t->{receiver}->requests('/carrier/sms');

is(scalar(@posts), 2, 'once more, with the same key');

# windows end, whoever opened them

$two->start();
$t->ready($two);
$t->opened(node => $nodes[$_ % 2], from => $t->contact(100 + $_))
    for 1 .. 20;
$two->crash();

my @ended = $t->wait_events('/hook', 23, 40, event => 'conversation.ended');

is(scalar(@ended), 23, 'all ended');

my %ids;

$ids{$_->{event}{id}}++ for grep { $_->{event}{event} =~ /ended/ }
    $t->arrivals('/hook');

ok(keys %ids == 23, 'each by one id');
