#!/usr/bin/perl

# Tests for GET /v3/conversations/{id}: one window, the whole thread, their
# messages in pages.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(contact_id is_time thread_id uuid4);

my $t = setup();
my $c = $t->opened(name => 'Ada', text => 'first words');
my $id = $c->{id};

for my $n (1 .. 12) {
    $t->send(body => "line $n out");
    $t->inbound(text => "line $n in");
}

my $data = $t->get("/v3/conversations/$id")->data();
my $conv = $data->{conversation};
my $contact_id = contact_id($t->{customer}, $t->contact());

is(join(' ', sort keys %$conv), join(' ', sort qw(id thread_id contact_id
    contact contact_name number channel channels status trigger opened_at
    expires_at closed_at close_reason inbound_count outbound_count
    last_inbound_at last_outbound_at agent_id agent_version)), 'fields');
is($conv->{thread_id}, thread_id($t->{customer}, $contact_id), 'thread id');
is($conv->{contact_id}, $contact_id, 'contact id');
is($conv->{contact}, $t->contact(), 'contact');
is($conv->{contact_name}, 'Ada', 'name');
is($conv->{number}, $t->{numbers}{whatsapp}, 'number');
is($conv->{trigger}, 'INBOUND', 'trigger');
is($conv->{status}, 'OPEN', 'status');
is($conv->{closed_at}, undef, 'not closed');
is($conv->{inbound_count}, 13, 'inbound count');
is($conv->{outbound_count}, 12, 'outbound count');
ok(is_time($conv->{$_}), $_) for
    qw(opened_at expires_at last_inbound_at last_outbound_at);

my ($m) = @{$data->{messages}};

is(join(' ', sort keys %$m), join(' ', sort qw(id conversation_id customer_id
    contact_id phone channel direction kind status message_body attachments
    segments template_id template_name created_at events)), 'message fields');
is_deeply($m->{message_body}, { header => undef, content => 'line 12 in',
    footer => undef, buttons => [] }, 'body');
is($m->{status}, 'RECEIVED', 'received');
is($m->{events}[0]{status}, 'RECEIVED', 'history');
is($m->{customer_id}, $t->{customer}, 'customer');
is($m->{conversation_id}, $id, 'conversation');

# pages: newest first

my @texts = ('first words', map { ("line $_ out", "line $_ in") } 1 .. 12);
my (@got, $query);
my $rounds = 0;

do {
    $data = $t->get("/v3/conversations/$id?page_size=10"
        . ($query // ''))->data();
    push @got, map { $_->{message_body}{content} } @{$data->{messages}};
    $query = '&cursor=' . ($data->{pagination}{cursors}{after} // '');
} while ($data->{pagination}{has_more} && $rounds++ < 5);

is(join('|', reverse @got), join('|', @texts), 'all in order');

# a second window: its own messages; the thread spans both

$t->end($id);

my $second = $t->opened(text => 'second window');

is(scalar($t->transcript($second->{id})), 1, 'its own messages');
is(scalar($t->transcript($id)), 25, 'the old one keeps its own');

my $thread = $t->get("/v3/conversations/$c->{thread_id}?page_size=100")
    ->data();

is(scalar(@{$thread->{messages}}), 26, 'thread has all');
is($thread->{conversation}{id}, $second->{id}, 'thread has the open one');
is($t->get('/v3/conversations/' . uc $id)->data()->{conversation}{id}, $id,
    'upper case');

$t->end($second->{id});
is($t->get("/v3/conversations/$c->{thread_id}")->data()->{conversation},
    undef, 'none open');

# not there

my $other = $t->new_customer('other');

for my $name ($id, $c->{thread_id}) {
    is($t->get("/v3/conversations/$name", key => $other->{key})->verdict(),
        '404 CONVERSATION_003', 'of another customer');
}

is($t->get('/v3/conversations/' . uuid4())->verdict(), '404 CONVERSATION_003',
    'unknown');
is($t->get('/v3/conversations/xyz')->verdict(), '400 VALIDATION_003',
    'not a uuid');
is($t->get("/v3/conversations/$id?page_size=0")->verdict(),
    '400 VALIDATION_005', 'page size');
is($t->api('DELETE', "/v3/conversations/$id")->verdict(),
    '405 VALIDATION_001', 'method');
