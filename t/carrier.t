#!/usr/bin/perl

# Tests for what a carrier's location takes: signatures, batches, repeats,
# and numbers that are not its own.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Sign qw(carrier_signature);

my $t = setup();
my $hook = $t->webhook('/hook');

sub counts {
    my ($answer) = @_;

    return $answer->verdict() if $answer->status() != 200;

    my $d = $answer->data();

    return "$d->{accepted} $d->{duplicates} $d->{skipped}";
}

# the signature

my $body = json($t->message());
my $good = carrier_signature($t->{carrier_secret}, $body);

for my $case (['none', undef], ['empty', ''], ['without its kind',
    $good =~ s/sha256=//r], ['of another secret', carrier_signature('x',
    $body)], ['cut', substr($good, 0, 40)], ['longer', "${good}00"],
    ['of another kind', $good =~ s/256/1/r],
    ['nonsense', 'sha256=' . 'z' x 64],
    ['of another body', carrier_signature($t->{carrier_secret}, "$body ")])
{
    my $answer = $t->carrier('whatsapp', $body, signature => $case->[1]);

    is($answer->status(), 401, "signature $case->[0]");
    is($answer->json()->{success} ? 1 : 0, 0, "$case->[0] - ours");
}

is($t->open(), undef, 'nothing stored');
is(counts($t->carrier('whatsapp', $body, signature => uc($good) =~
    s/SHA256/sha256/r)), '1 0 0', 'signature in upper case');

# replayed

is(counts($t->carrier('whatsapp', $body)), '0 1 0', 'replayed');
is(counts($t->carrier('whatsapp', $body . ' ')), '0 1 0',
    'replayed, signed anew');
is($t->open()->{inbound_count}, 1, 'stored once');

# the same id at another carrier is another message

my $item = JSON::PP->new->utf8->decode($body);

is(counts($t->carrier('sms', { %$item, to => $t->{numbers}{sms} })), '1 0 0',
    'id of another carrier');

# batches, in their order, duplicates within them

my @items = map { $t->message(text => "batch item $_") } 1 .. 20;

is(counts($t->carrier('whatsapp', \@items)), '20 0 0', 'batch');
is(counts($t->carrier('whatsapp', [@items[18, 19], $t->message()])), '1 2 0',
    'batch with duplicates');

my $twice = $t->message(text => 'twice in one');

is(counts($t->carrier('whatsapp', [$twice, $twice])), '1 1 0',
    'twice in one batch');
is(counts($t->carrier('whatsapp', [])), '0 0 0', 'empty batch');
is(counts($t->carrier('whatsapp', [$t->message(text => 'whole'), {}, 5,
    $t->message(text => 'after')])), '2 0 2', 'unreadable items are skipped');

my @texts = map { $_->{message_body}{content} }
    $t->transcript($t->open()->{id});

is(join(' ', grep { /^batch/ } @texts),
    join(' ', map { "batch item $_" } 1 .. 20), 'order of the batch');

my @many = map { $t->message(from => $t->contact(200 + $_ % 50),
    text => "flood $_") } 1 .. 1000;

is(counts($t->carrier('whatsapp', \@many)), '1000 0 0', 'a thousand at once');
is(counts($t->carrier('whatsapp', \@many)), '0 1000 0', 'and again');

# messages and reports in one batch

my $id = $t->send()->data()->{message_id};

$t->wait_event('/hook', 'message.sent');
is(counts($t->carrier('whatsapp', [$t->message(), { message_id => $id,
    status => 'delivered', from => $t->{numbers}{whatsapp},
    to => $t->contact() }])), '2 0 0', 'mixed batch');
ok($t->wait_event('/hook', 'message.delivered'), 'report in a batch');

# numbers of nobody, and of another carrier: 200 and dropped

is(counts($t->inbound(to => '+14155558888', from => $t->contact(2))),
    '0 0 1', 'number of nobody');
is(counts($t->carrier('other', $t->message(channel => 'sms',
    from => $t->contact(2)), secret => $t->{other_secret})), '0 0 1',
    'number of another carrier');
is($t->carrier('other', $t->message(channel => 'sms'))->status(), 401,
    'secret of another carrier');
is($t->open($t->contact(2)), undef, 'dropped');

my $log = $t->{nginx}->log();

like($log, qr/sent conv .*\+1415\*+\d{0,4}/, 'dropped ones are logged');

# the form of the request

is($t->carrier('whatsapp', '17')->verdict(), '400 VALIDATION_001',
    'neither object nor array');

for my $method (qw(GET PUT)) {
    my $answer = http($t->{nginx}->port(), $method, '/carriers/whatsapp');

    is($answer->status(), 405, $method);
    is($answer->header('allow'), 'POST', "$method - allow");
}

# a message that answers one of ours, a name that is remembered

$t->inbound(from => $t->contact(3), name => 'Grace', reply_to => 'car-17');
is($t->open($t->contact(3))->{contact_name}, 'Grace', 'name');
$t->inbound(from => $t->contact(3));
is($t->open($t->contact(3))->{contact_name}, 'Grace', 'name kept');
