#!/usr/bin/perl

# Tests for a freeform send: its answer, what the carrier is posted, its
# events, and the statuses that follow.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(epoch is_uuid7);

my $t = setup();
my $hook = $t->webhook('/hook');

$t->{receiver}->default('/carrier/whatsapp', body => '{"id":"car-%%N%%"}');

my $c = $t->opened();
my $conv = $c->{id};
my $text = "s\x{ed}, \"\x{1f44d}\"\t/ok";
my $answer = $t->send(body => $text);
my $d = $answer->data();
my $message = $d->{message_id};

is($answer->verdict(), '202', 'send');
ok(is_uuid7($message, $c->{thread_id}), 'message id');
is_deeply($d, { message_id => $message, conversation_id => $conv,
    status => 'QUEUED', channel => 'whatsapp',
    conversation_expires_at => $c->{expires_at} }, 'send data');
is($answer->header('content-type'), 'application/json', 'content type');
is($answer->header('x-api-version'), 'v3', 'api version');
like($answer->header('x-request-id'), qr/^req_\S+$/, 'request id');
is($answer->json()->{meta}{request_id}, $answer->header('x-request-id'),
    'request id in meta');
is($answer->json()->{meta}{version}, 'v3', 'meta version');

my ($post) = $t->{receiver}->wait_requests('/carrier/whatsapp', 1);

is($post->{method}, 'POST', 'carrier method');
is($post->{headers}{'idempotency-key'}, $message, 'carrier idempotency key');
like($post->{headers}{'content-type'}, qr!^application/json!, 'carrier type');
is_deeply(JSON::PP->new->utf8->decode($post->{body}), {
    message_id => $message, conversation_id => $conv, type => 'text',
    from => $t->{numbers}{whatsapp}, to => $t->contact(),
    channel => 'whatsapp', text => $text, template => undef },
    'carrier body');

my @events = $t->wait_events('/hook', 6);

is(join(' ', map { $_->{event} } @events[3 .. 5]), 'message.queued'
    . ' conversation.message_exchanged message.sent', 'events');

my ($queued, $exchanged, $sent) = map { $_->{payload} } @events[3 .. 5];

is($queued->{message_status}, 'QUEUED', 'queued status');
is($queued->{message_id}, $message, 'queued message');
is($queued->{outbound_number}, $t->contact(), 'queued recipient');
is($queued->{inbound_number}, $t->{numbers}{whatsapp}, 'queued sender');
is($exchanged->{direction}, 'OUTBOUND', 'exchanged direction');
is($exchanged->{text}, $text, 'exchanged text');
is($exchanged->{status}, 'QUEUED', 'exchanged status');
is($exchanged->{sequence}, 3, 'exchanged sequence');
is($sent->{message_status}, 'SENT', 'sent status');

# the carrier goes on to report, by our id and by its own

is($t->status($message, 'delivered')->data()->{accepted}, 1, 'by our id');
is($t->status(undef, 'read', id => "car-$post->{n}")->data()->{accepted}, 1,
    'by its id');

my $read = $t->wait_event('/hook', 'message.read');

is($read->{payload}{message_id}, $message, 'read event');
is(join(' ', map { $_->{event} } ($t->events('/hook'))[6, 7]),
    'message.delivered message.read', 'status events');

my ($in, $out) = $t->transcript($conv);

is($out->{status}, 'READ', 'status');
is(join(' ', map { $_->{status} } @{$out->{events}}),
    'QUEUED SENT DELIVERED READ', 'history');
is($out->{direction}, 'OUTBOUND', 'direction');
is($out->{phone}, $t->contact(), 'phone');
is($out->{message_body}{content}, $text, 'content');
is($in->{direction}, 'INBOUND', 'inbound in transcript');
is(epoch($out->{created_at}) >= epoch($in->{created_at}), 1, 'order');

$c = $t->conversation($conv);

is($c->{outbound_count}, 1, 'outbound count');
ok(defined $c->{last_outbound_at}, 'last outbound');

# many, in order

my @ids = map { $t->send(body => "number $_ in line")->data()->{message_id} }
    1 .. 20;
my @posts = $t->{receiver}->wait_requests('/carrier/whatsapp', 21);

is(join(' ', map { $_->{headers}{'idempotency-key'} } @posts[1 .. 20]),
    "@ids", 'order of sends');
