#!/usr/bin/perl

# Tests for consent: the words, the step an opt-out is, and by what an
# opt-in goes.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use Unicode::Normalize qw(NFC NFD);
use utf8;

use SentConv::Id qw(rfc3339);

my $t = setup();
my $hook = $t->webhook('/hook');
my $n = 0;

sub message_events {
    my ($contact) = @_;

    return map { $_->{event} =~ s/^conversation\.//r } grep {
        ($_->{payload}{contact} // $_->{payload}{inbound_number}) eq $contact
    } $t->events('/hook');
}

# each word ends a window, by itself

my @out = ("STOP", "stop", " Stop. ", "StopAll", "stop\x{a0} all",
    "STOP  ALL!",
    'UNSUBSCRIBE', 'cancel', 'END', 'Quit!?', 'REVOKE', 'OptOut', 'opt out',
    "\x{200b}stop\x{200b}", "\x{ff33}\x{ff34}\x{ff2f}\x{ff30}", "stop\n");

for my $word (@out) {
    my $contact = $t->contact(100 + $n++);
    my $c = $t->opened(from => $contact);

    $t->inbound(from => $contact, text => $word);
    $c = $t->conversation($c->{id});

    is($c->{close_reason}, 'COMPLIANCE_STOP', 'out: '
        . ($word =~ s/[^ -~]/~/gr));
}

for my $word ('Stop it please', 'nonstop', 'STOPP', 'the end', 'please stop',
    '.', '', 'S T O P')
{
    my $contact = $t->contact(100 + $n++);
    my $c = $t->opened(from => $contact);

    $t->inbound(from => $contact, text => $word);

    is($t->conversation($c->{id})->{status}, 'OPEN', "not out: $word");
}

# what an opt-out does

my $contact = $t->contact(1);
my $c = $t->opened(from => $contact);

$t->inbound(from => $contact, text => 'STOP');

my $answer = $t->send(to => $contact);

is($answer->verdict(), '422 CONVERSATION_001', 'send after STOP');
is_deeply($answer->json()->{details}, { contact => ['opted_out'] },
    'details');
is($t->end($c->{id})->data()->{close_reason}, 'COMPLIANCE_STOP',
    'close says so');

my $ended = $t->wait_event('/hook', 'conversation.ended',
    conversation_id => $c->{id});

is($ended->{payload}{close_reason}, 'COMPLIANCE_STOP', 'ended event');
is($ended->{payload}{inbound_count}, 2, 'STOP is counted');

# its order within one step; an inbound afterwards is only reported

$t->inbound(from => $contact, text => 'are you there');
$t->wait_event('/hook', 'message.received', text => 'are you there');

is(join(' ', grep { !/^message\.received/ } message_events($contact)),
    'started message_exchanged message_exchanged ended', 'events');
is($t->open($contact), undef, 'opens nothing');
is($t->send(to => $contact)->verdict(), '422 CONVERSATION_001', 'still out');

# STOP again, without a window

$t->inbound(from => $contact, text => 'stop');
is($t->open($contact), undef, 'STOP opens nothing');

# START opens a window like any inbound

$t->{redis}->tick();
$t->inbound(from => $contact, text => 'START');
is($t->send(to => $contact)->verdict(), '202', 'in again');

for my $word ('start', 'UNSTOP', 'Subscribe.') {
    $t->inbound(from => $contact, text => 'STOP');
    is($t->send(to => $contact)->verdict(), '422 CONVERSATION_001', 'out');
    $t->{redis}->tick();
    $t->inbound(from => $contact, text => $word);
    is($t->send(to => $contact)->verdict(), '202', "in: $word");
}

# by when the contact wrote

my $two = $t->contact(2);

$t->inbound(from => $two, text => 'STOP');
$t->inbound(from => $two, text => 'START', timestamp => rfc3339(time() - 60));
is($t->open($two), undef, 'START written before the STOP');
is($t->send(to => $two)->verdict(), '422 CONVERSATION_001', 'changes nothing');

my $three = $t->contact(3);
my $at = rfc3339(time() - 30);

$t->inbound(from => $three, text => 'STOP', timestamp => $at);
$t->inbound(from => $three, text => 'START', timestamp => $at);
is($t->open($three), undef, 'a tie is out');
$t->inbound(from => $three, text => 'START',
    timestamp => rfc3339(time() - 20));
ok($t->open($three), 'START written after it');

my $four = $t->contact(4);

$t->opened(from => $four);
$t->inbound(from => $four, text => 'STOP', timestamp => rfc3339(time() - 60));
is($t->open($four), undef, 'an old STOP takes effect');

# HELP, and the words and texts of a customer

$t->admin('PATCH', "/customers/$t->{customer}", body => {
    keywords => ['BAJA', 'nicht mehr'], confirmation => 'You are out.',
    help => 'Ask us anything.' });

my $five = $t->contact(5);

$c = $t->opened(from => $five);
$t->inbound(from => $five, text => 'help');
$t->{receiver}->wait_requests('/carrier/whatsapp', 1);

sub texts {
    my ($to) = @_;

    return join(', ', map { $_->{text} } grep { $_->{to} eq $to }
        map { JSON::PP->new->utf8->decode($_->{body}) }
        $t->{receiver}->requests('/carrier/whatsapp'));
}

ok(wait_for(5, sub { texts($five) eq 'Ask us anything.' }), 'help text');

$t->inbound(from => $five, text => 'Nicht  mehr!');
is($t->conversation($c->{id})->{close_reason}, 'COMPLIANCE_STOP',
    'word of the customer');
ok(wait_for(5, sub { texts($five) eq 'Ask us anything., You are out.' }),
    'one confirmation');

$t->inbound(from => $five, text => 'INFO');
ok(wait_for(5, sub { texts($five) =~ /You are out\., Ask us anything\.$/ }),
    'help while out');
$t->inbound(from => $five, text => 'STOP');
$t->inbound(from => $five, text => 'anything else');
$t->wait_event('/hook', 'message.received', text => 'anything else');
is(() = texts($five) =~ /out/g, 1, 'no second confirmation');

# however it is written: a letter and its accent are one character or two

my @words = ("Annul\x{e9}", "H\x{1ee7}y", "\x{c218}\x{c2e0}\x{ac70}\x{bd80}",
    "Za\x{17c}\x{f3}\x{142}\x{107}", "\x{3ac}\x{3bb}\x{3c4}",
    "\x{626}\x{623}", "\x{915}\x{93c}");

$t->admin('PATCH', "/customers/$t->{customer}", body => {
    keywords => [map { $_ % 2 ? NFD($words[$_]) : NFC($words[$_]) }
        0 .. $#words] });

for my $i (0 .. $#words) {
    for my $form (NFC($words[$i]), NFD($words[$i]), uc(NFD($words[$i])) . '!')
    {
        my $from = $t->contact(300 + ++$n);

        $t->opened(from => $from);
        $t->inbound(from => $from, text => $form);
        is($t->open($from), undef, "word $i, " . join(' ',
            map { sprintf('%x', ord($_)) } split(//, $form)));
    }
}

# of one customer, on all channels; another's is another's

my $other = $t->new_customer('other');

is($t->inbound(from => $five, to => $other->{numbers}{sms},
    channel => 'sms')->data()->{accepted}, 1, 'to another customer');
is($t->send(to => $five, key => $other->{key})->verdict(), '202',
    'not out there');
$t->inbound(from => $five, channel => 'rcs');
is($t->open($five), undef, 'out on all channels');
