#!/usr/bin/perl

# Tests for the close of a conversation.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use JSON::PP ();

use SentConv::Id qw(epoch uuid4);

my $t = setup();
my $hook = $t->webhook('/hook');
my $c = $t->opened();
my $first = $c->{id};

is($t->send()->verdict(), '202', 'send');

my $answer = $t->end($first);
my $d = $answer->data();
my $closed = $d->{closed_at};

is($answer->verdict(), '200', 'close');
is_deeply($d, { conversation_id => $first, status => 'CLOSED',
    close_reason => 'EXPLICIT', closed_at => $closed }, 'close data');
ok(abs(epoch($closed) - time()) < 5, 'closed at');

my $ended = $t->wait_event('/hook', 'conversation.ended');
my $p = $ended->{payload};

is($ended->{id}, "evt_${first}_ended", 'ended id');
is($p->{close_reason}, 'EXPLICIT', 'ended reason');
is($p->{ended_at}, $closed, 'ended at');
is($p->{opened_at}, $c->{opened_at}, 'ended opened at');
is($p->{inbound_count}, 1, 'ended inbound count');
is($p->{outbound_count}, 1, 'ended outbound count');
is($p->{sequence}, 4, 'ended sequence');

is(scalar($t->{receiver}->wait_requests('/carrier/whatsapp', 1)), 1,
    'what was accepted goes out');
is($t->send()->verdict(), '422 CONVERSATION_001', 'send after close');

# again, with and without a body

is_deeply($t->end($first)->data(), $d, 'close twice');
is_deeply($t->post("/v3/conversations/$first/close")->data(), $d, 'no body');
is($t->end(uc $first)->data()->{closed_at}, $closed, 'upper case id');

$c = $t->conversation($first);

is($c->{status}, 'CLOSED', 'status');
is($c->{close_reason}, 'EXPLICIT', 'reason');
is($c->{closed_at}, $closed, 'closed at in conversation');

# a new one, and the old one's close again

my $second = $t->opened()->{id};

isnt($second, $first, 'new conversation');
is($t->wait_event('/hook', 'conversation.started', conversation_id => $second)
    ->{payload}{previous_conversation_id}, $first, 'previous');
is_deeply($t->end($first)->data(), $d, 'old one');
is($t->conversation($second)->{status}, 'OPEN', 'new one untouched');

# not there

my $other = $t->new_customer('other');

is($t->end($second, key => $other->{key})->verdict(), '404 CONVERSATION_003',
    'of another customer');
is($t->end($c->{thread_id})->verdict(), '404 CONVERSATION_003', 'thread id');
is($t->end(uuid4())->verdict(), '404 CONVERSATION_003', 'unknown');
is($t->end('017f22e2-79b0-7cc3-98c4-dc0c0c07398f')->verdict(),
    '404 CONVERSATION_003', 'unknown of version 7');
is($t->end('nonsense')->verdict(), '400 VALIDATION_003', 'not a uuid');
is($t->end($second, key => $t->{read_key})->verdict(), '403 AUTH_004',
    'read key');
is($t->end($second, body => [])->verdict(), '400 VALIDATION_001', 'array');
is($t->get("/v3/conversations/$second/close")->verdict(),
    '405 VALIDATION_001', 'method');

# sandbox: as if

$answer = $t->end($second, body => { sandbox => JSON::PP::true });

is($answer->verdict(), '200', 'sandbox');
is($answer->header('x-sandbox'), 'true', 'sandbox header');
is($answer->data()->{close_reason}, 'EXPLICIT', 'sandbox reason');
is($t->conversation($second)->{status}, 'OPEN', 'sandbox leaves it open');

is($t->end($second)->data()->{close_reason}, 'EXPLICIT', 'close new one');
is(scalar($t->wait_events('/hook', 2, 10, event => 'conversation.ended')), 2,
    'one ended each');
