#!/usr/bin/perl

# Tests for every refusal of a send, and for the order in which the checks
# are made.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use JSON::PP ();

my $t = setup();
my $other = $t->new_customer('no conversations',
    conversations_enabled => JSON::PP::false);

$t->opened(channel => 'sms');

my $uri = '/v3/conversations/messages';
my $to = $t->contact();

sub body { return { to => $to, body => 'hello there', @_ } }

sub refused {
    my ($name, $verdict, $answer, $field) = @_;

    is($answer->verdict(), $verdict, $name);

    my $json = $answer->json() || {};

    is($json->{success} ? 1 : 0, 0, "$name - no success");
    ok(!ref $json->{error} && length $json->{error}, "$name - a sentence");
    ok(exists $json->{data} && !defined $json->{data}, "$name - no data");
    like($json->{meta}{request_id}, qr/^req_/, "$name - request id");
    ok(exists $json->{details}{$field}, "$name - details") if defined $field;
}

# key

refused('no key', '401 AUTH_001',
    $t->post($uri, key => undef, body => body()));
refused('unknown key', '401 AUTH_002',
    $t->post($uri, key => 'nobody', body => body()));
refused('empty key', '401 AUTH_001', $t->post($uri, key => '',
    body => body()));
refused('read key', '403 AUTH_004',
    $t->post($uri, key => $t->{read_key}, body => body()));

# feature

refused('feature off', '403 CONVERSATION_002',
    $t->post($uri, key => $other->{key}, body => body()));

# form

refused('not json', '400 VALIDATION_001', $t->post($uri, body => '{"to":',
    headers => { 'Content-Type' => 'application/json' }));
refused('no object', '400 VALIDATION_001', $t->post($uri, body => [1]));
refused('no body', '400 VALIDATION_001', $t->post($uri, body => ''));
refused('number for a string', '400 VALIDATION_001',
    $t->post($uri, body => body(body => 17)), 'body');
refused('no to', '400 VALIDATION_004',
    $t->post($uri, body => { body => 'x' }), 'to');
refused('no text', '400 VALIDATION_004',
    $t->post($uri, body => { to => $to }), 'body');

for my $bad ('16505550001', '+06505550001', '+1650', '+1234567890123456',
    '+1650555000x', '', '+ 16505550001')
{
    refused("to \"$bad\"", '400 VALIDATION_002',
        $t->post($uri, body => body(to => $bad)), 'to');
}

refused('empty text', '400 VALIDATION_005',
    $t->post($uri, body => body(body => '')), 'body');
refused('longer than any', '400 VALIDATION_005',
    $t->post($uri, body => body(body => 'x' x 4097)), 'body');
refused('channel unknown', '400 VALIDATION_006',
    $t->post($uri, body => body(channel => 'fax')), 'channel');
refused('sandbox no boolean', '400 VALIDATION_001',
    $t->post($uri, body => body(sandbox => 'yes')), 'sandbox');
refused('idempotency key', '400 VALIDATION_007',
    $t->post($uri, idem => 'a b', body => body()));
refused('long idempotency key', '400 VALIDATION_007',
    $t->post($uri, idem => 'k' x 256, body => body()));

# window

my $answer = $t->post($uri, body => body(to => $t->contact(2)));

refused('no window', '422 CONVERSATION_001', $answer);
is($answer->json()->{error}, 'No open conversation window for this contact.'
    . ' Send a templated message to initiate a conversation before sending'
    . ' freeform content.', 'the sentence');
ok(!defined $answer->json()->{details}, 'no details');

# channel, then its length

refused('channel not written on', '422 BUSINESS_007',
    $t->post($uri, body => body(channel => 'rcs')));
refused('too long for sms', '400 VALIDATION_005',
    $t->post($uri, body => body(body => 'x' x 1601)), 'body');
is($t->post($uri, body => body(body => "\x{1f600}" x 1600))->verdict(), '202',
    'characters are counted');

# order: form before window before channel before length

refused('form before window', '400 VALIDATION_006',
    $t->post($uri, body => body(to => $t->contact(2), channel => 'fax')));
refused('window before channel', '422 CONVERSATION_001',
    $t->post($uri, body => body(to => $t->contact(2), channel => 'rcs')));
refused('channel before length', '422 BUSINESS_007',
    $t->post($uri, body => body(channel => 'rcs', body => 'x' x 3073)));
refused('key before form', '401 AUTH_002',
    $t->post($uri, key => 'nobody', body => '{'));
refused('feature before form', '403 CONVERSATION_002',
    $t->post($uri, key => $other->{key}, body => '{'));

# the shape of the request

$answer = $t->api('PUT', $uri, body => body());

refused('method', '405 VALIDATION_001', $answer);
like($answer->header('allow'), qr/POST/, 'allow');

refused('type', '415 VALIDATION_001', $t->post($uri, body => json(body()),
    headers => { 'Content-Type' => 'text/plain' }));
is($t->post($uri, body => json(body()), headers =>
    { 'Content-Type' => 'application/json; charset=utf-8' })->verdict(),
    '202', 'type with charset');
is($t->post($uri, body => json(body()))->verdict(), '202', 'no type');

my $big = json(body(junk => 'x' x 66000));

refused('size', '413 VALIDATION_001', $t->post($uri, body => $big,
    headers => { 'Content-Type' => 'application/json' }));
refused('no such path', '404 ' . ($t->get('/v3/conversations/x/y')->code()),
    $t->get('/v3/conversations/x/y'));

# none of that reached a carrier but the three that were accepted

is(scalar($t->{receiver}->wait_requests('/carrier/sms', 3)), 3, 'carrier');
