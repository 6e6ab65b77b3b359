#!/usr/bin/perl

# Tests for the longest events: whole up to 256 KiB; a message whose text
# makes them longer is kept, and they say so.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup();

$t->webhook('/hook');

my $limit = 256 * 1024;

# as long as it may be, in characters that need no escape and in such that do

my $plain = 'x' x (252 * 1024 - 2);
my $escaped = "\x01" x ((252 * 1024 - 2) / 6);

for my $text ($plain, $escaped) {
    my $n = $text eq $plain ? 1 : 2;

    $t->inbound(from => $t->contact($n), text => $text);

    my $got = $t->wait_event('/hook', 'conversation.started',
        contact => $t->contact($n));

    ok($got && $got->{payload}{lead}{first_text} eq $text, 'in the event');
}

my ($longest) = sort { $b <=> $a } map { length($_->{body}) }
    $t->arrivals('/hook');

ok($longest > 250 * 1024 && $longest <= $limit, 'within the limit')
    or diag($longest);

# longer than that: taken, told without the text, and there to be read

my $long = 'y' x 1_000_000 . ' and the end';
my $name = 'n' x 300_000;
my $answer = $t->inbound(from => $t->contact(3), text => $long,
    name => $name);

is($answer->data()->{accepted}, 1, 'accepted');

my $received = $t->wait_event('/hook', 'message.received',
    inbound_number => $t->contact(3));

is($received->{payload}{text}, undef, 'received - no text');
is($received->{payload}{error}{code}, 'VALIDATION_005', 'received - why');

my $exchanged = $t->wait_event('/hook', 'conversation.message_exchanged',
    contact => $t->contact(3));
my $started = $t->wait_event('/hook', 'conversation.started',
    contact => $t->contact(3));

ok(exists $exchanged->{payload}{text} && !defined $exchanged->{payload}{text},
    'exchanged - no text');
is($started->{payload}{lead}{first_text}, undef, 'started - no text');
is(length($started->{payload}{lead}{name}), 255, 'a name is short');

my $message = $t->get("/v3/messages/$received->{payload}{message_id}")
    ->data();

is($message->{message_body}{content}, $long, 'kept whole');

# what we send is short: a body by its characters, an error by its line

my $refused = $t->send(to => $t->contact(3), body => "\x01" x 4097);

is($refused->verdict(), '400 VALIDATION_005', 'refused');
ok($refused->json()->{details}{body}, 'the field is named');

my $sent = $t->send(to => $t->contact(3), body => "\x01" x 4096);

is($sent->verdict(), '202', 'as long as may be');
$t->wait_event('/hook', 'message.sent');
$t->status($sent->data()->{message_id}, 'failed', from => $t->{numbers}
    {whatsapp}, to => $t->contact(3), error => { code => 'c' x 100_000,
    title => 't' x 300_000 });

my $failed = $t->wait_event('/hook', 'message.failed');

is(length($failed->{payload}{error}{title}), 255, 'a title is short');

($longest) = sort { $b <=> $a } map { length($_->{body}) }
    $t->arrivals('/hook');

ok($longest <= $limit, 'none is longer');
