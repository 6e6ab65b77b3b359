#!/usr/bin/perl

# Tests for the window that a contact's message opens: its events, its
# payloads, its ids.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(contact_id epoch is_time is_uuid7 thread_id);

my $t = setup();
my $hook = $t->webhook('/hook');
my $contact = $t->contact();
my $number = $t->{numbers}{whatsapp};
my $contact_id = contact_id($t->{customer}, $contact);
my $thread_id = thread_id($t->{customer}, $contact_id);

my $before = time();
my $answer = $t->inbound(text => "h\x{e9}llo \"you\"\n\x{1f600}",
    name => "Zo\x{eb}");

is($answer->verdict(), '200', 'inbound');
is_deeply($answer->data(), { accepted => 1, duplicates => 0, skipped => 0 },
    'inbound counts');

my @events = $t->wait_events('/hook', 3);

is(join(' ', map { $_->{event} } @events), 'message.received'
    . ' conversation.started conversation.message_exchanged', 'events');

my ($received, $started, $exchanged) = @events;
my $conv = $started->{payload}{conversation_id};
my $message = $received->{payload}{message_id};

ok(is_uuid7($conv, $thread_id), 'conversation id');
ok(is_uuid7($message, $thread_id), 'message id');

for my $event (@events) {
    my ($field) = $event->{event} =~ /^(\w+)/;

    is($event->{field}, $field, "$event->{event} field");
    is($event->{sub_type}, $event->{event}, "$event->{event} sub type");
    ok(is_time($event->{timestamp}), "$event->{event} timestamp");
    like($event->{id}, qr/^evt_/, "$event->{event} id");
}

is($started->{id}, "evt_${conv}_started", 'started id');
ok(is_uuid7($received->{id} =~ s/^evt_//r, $thread_id), 'received id');

my %common = (account_id => $t->{customer}, conversation_id => $conv,
    thread_id => $thread_id, contact_id => $contact_id, contact => $contact,
    number => $number, channel => 'whatsapp', agent_id => undef,
    agent_version => undef);

my $p = $started->{payload};
my $opened = delete $p->{opened_at};
my $expires = delete $p->{expires_at};

is_deeply($p, { %common, sequence => 1, trigger => 'INBOUND',
    channels => ['whatsapp'], previous_conversation_id => undef,
    lead => { name => "Zo\x{eb}", template => undef,
        first_text => "h\x{e9}llo \"you\"\n\x{1f600}" } }, 'started');

ok(abs(epoch($opened) - $before) < 5, 'opened at');
is(sprintf('%.3f', epoch($expires) - epoch($opened)), '86400.000', '24 h');

$p = $exchanged->{payload};

ok(is_time(delete $p->{sent_at}), 'exchanged sent at');
is_deeply($p, { %common, sequence => 2, message_id => $message,
    direction => 'INBOUND', text => "h\x{e9}llo \"you\"\n\x{1f600}",
    status => 'RECEIVED' }, 'exchanged');

$p = $received->{payload};

ok(is_time(delete $p->{updated_at}), 'received updated at');
is_deeply($p, { account_id => $t->{customer}, message_id => $message,
    message_status => 'RECEIVED', conversation_id => $conv,
    thread_id => $thread_id, channel => 'whatsapp',
    inbound_number => $contact, outbound_number => $number,
    text => "h\x{e9}llo \"you\"\n\x{1f600}", template_id => undef,
    template_name => undef, agent_id => undef, error => undef }, 'received');

# further messages go on in it, and do not move its end

$t->inbound(text => 'more', channel => 'sms');

@events = $t->wait_events('/hook', 5);

is(join(' ', map { $_->{event} } @events[3, 4]),
    'message.received conversation.message_exchanged', 'second events');
is($events[4]{payload}{conversation_id}, $conv, 'second conversation');
is($events[4]{payload}{sequence}, 3, 'second sequence');
is($events[4]{payload}{channel}, 'sms', 'second channel');

my $c = $t->conversation($conv);

is($c->{expires_at}, $expires, 'end not moved');
is($c->{inbound_count}, 2, 'inbound count');
is_deeply([sort @{$c->{channels}}], ['sms', 'whatsapp'], 'channels');
is($c->{channel}, 'sms', 'last channel');

# a message without text

$t->inbound(text => undef, from => $t->contact(2));

my $e = $t->wait_event('/hook', 'conversation.started',
    contact => $t->contact(2));

is($e->{payload}{lead}{first_text}, undef, 'no text');
is($e->{payload}{lead}{name}, undef, 'no name');
