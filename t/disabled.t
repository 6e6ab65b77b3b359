#!/usr/bin/perl

# Tests for a customer with conversations switched off: inbounds are kept
# and reported, opt-outs work, open windows run out.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use JSON::PP ();

my $t = setup(window => '6s');

$t->webhook('/hook');

my $c = $t->opened();

$t->admin('PATCH', "/customers/$t->{customer}",
    body => { conversations_enabled => JSON::PP::false });

is($t->send()->verdict(), '403 CONVERSATION_002', 'send');
is($t->get('/v3/conversations')->verdict(), '403 CONVERSATION_002', 'list');
is($t->end($c->{id})->verdict(), '403 CONVERSATION_002', 'close');

is($t->inbound(from => $t->contact(2), text => 'anyone there')->data()
    ->{accepted}, 1, 'inbound');

my $received = $t->wait_event('/hook', 'message.received',
    text => 'anyone there');

is($received->{payload}{conversation_id}, undef, 'reported, no window');

$t->inbound(from => $t->contact(2), text => 'STOP');
$t->wait_event('/hook', 'message.received', text => 'STOP');

my $ended = $t->wait_event('/hook', 'conversation.ended', limit => 15);

is($ended->{payload}{conversation_id}, $c->{id}, 'the open one');
is($ended->{payload}{close_reason}, 'EXPIRED', 'runs out');

$t->admin('PATCH', "/customers/$t->{customer}",
    body => { conversations_enabled => JSON::PP::true });

is($t->open($t->contact(2)), undef, 'none was opened');
$t->inbound(from => $t->contact(2));
is($t->open($t->contact(2)), undef, 'the opt-out holds');
is($t->send(to => $t->contact(2))->json()->{details}{contact}[0], 'opted_out',
    'and is told');
is(join(' ', map { $_->{payload}{contact} } grep { $_->{event} eq
    'conversation.started' } $t->events('/hook')), $t->contact(1),
    'one window in all');
