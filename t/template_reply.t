#!/usr/bin/perl

# Tests for what a reply to a template opens, and for templates themselves:
# the operator's and the customer's side.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(rfc3339);

my $t = setup();

$t->webhook('/hook');

# registered by the operator

my $base = "/customers/$t->{customer}/templates";
my $id = '0b3d7a52-6c1e-4f5a-9d38-2f4c7e1a9b60';
my %good = (name => 'confirm', parameters => ['name'], channels => {
    sms => { text => 'Hello {{name}}!' } });

sub put {
    my ($change, $at) = @_;

    return $t->admin('PUT', "$base/" . ($at // $id),
        body => { %good, %$change });
}

sub field {
    my ($answer) = @_;

    return $answer->verdict() . ' '
        . join(' ', keys %{$answer->json()->{error}{details} || {}});
}

is(field(put({ name => undef })), '400 VALIDATION_001 name', 'name null');
is(field(put({ name => 'No' })), '400 VALIDATION_006 name', 'name');
is(field(put({ parameters => ['name', 'name'] })),
    '400 VALIDATION_006 parameters', 'the same parameter twice');
is(field(put({ parameters => ['name', 'a b'] })),
    '400 VALIDATION_006 parameters', 'parameter');
is(field(put({ channels => {} })), '400 VALIDATION_004 channels',
    'no channel');
is(field(put({ channels => { fax => {} } })), '400 VALIDATION_006 channels',
    'unknown channel');
is(field(put({ channels => { sms => {} } })),
    '400 VALIDATION_004 channels.sms.text', 'no text');
is(field(put({ channels => { sms => { text => 'x', content_sid => 'H' } } })),
    '400 VALIDATION_006 channels.sms', 'text and content_sid');
is(field(put({ channels => { sms => { text => '{{other}}' } } })),
    '400 VALIDATION_006 channels.sms.text', 'placeholder of nothing');
is(field(put({ channels => { sms => { text => '{{name' } } })),
    '400 VALIDATION_006 channels.sms.text', 'placeholder without an end');
is(field(put({ channels => { sms => { text => 'x' x 1601 } } })),
    '400 VALIDATION_005 channels.sms.text', 'too long');
is(field(put({ channels => { whatsapp => { name => 'x' } } })),
    '400 VALIDATION_004 channels.whatsapp.language', 'no language');
is(field(put({}, 'x')), '400 VALIDATION_003 id', 'no UUID');
is($t->admin('PUT', '/customers/ffffffff-0000-4000-8000-000000000000/'
    . "templates/$id", body => \%good)->status(), 404, 'of nobody');

is(put({})->status(), 200, 'registered');
is(put({})->status(), 200, 'again');
is(put({}, 'aaaaaaaa-6c1e-4f5a-9d38-2f4c7e1a9b60')->verdict(),
    '409 RESOURCE_007', 'another of the name');
is($t->admin('GET', "$base/$id")->data()->{name}, 'confirm', 'shown');
is(scalar(@{$t->admin('GET', $base)->data()->{templates}}), 1, 'listed');

# as the customer sees them

my $whatsapp = $t->template(name => 'wa', channels => {
    whatsapp => { name => 'wa', language => 'en_US' } });
my $list = $t->get('/v3/templates')->data();

is(join(' ', sort map { $_->{name} } @{$list->{templates}}), 'confirm wa',
    'list');
is($list->{pagination}{total_count}, 2, 'total');
is(join(' ', map { $_->{name} } @{$t->get('/v3/templates?channel=sms')
    ->data()->{templates}}), 'confirm', 'by channel');
is($t->get('/v3/templates?channel=fax')->verdict(), '400 VALIDATION_006',
    'by no channel');
is_deeply($t->get("/v3/templates/$id")->data()->{channels},
    { sms => { text => 'Hello {{name}}!' } }, 'one');
is($t->get("/v3/templates/$id", key => $t->new_customer('other')->{key})
    ->verdict(), '404 RESOURCE_002', "another's");
is($t->admin('DELETE', "$base/$whatsapp")->status(), 204, 'taken back');
is($t->get("/v3/templates/$whatsapp")->verdict(), '404 RESOURCE_002', 'gone');

# the first answer on that channel

sub started {
    my ($c) = @_;

    return $t->wait_event('/hook', 'conversation.started',
        conversation_id => $c->{id})->{payload};
}

sub sent {
    my ($to, @channel) = @_;

    my $row = $t->broadcast($to, template => $id,
        channel => [@channel ? @channel : 'sms'])->data()->{recipients}[0];

    $t->wait_event('/hook', 'message.sent',
        message_id => $row->{message_id});
    return $row->{message_id};
}

my $one = $t->contact(1);
my $message = sent($one);
my $c = $t->opened(from => $one, channel => 'sms', text => 'yes');
my $lead = started($c);

is($c->{trigger}, 'TEMPLATE_REPLY', 'the first answer');
is($lead->{trigger}, 'TEMPLATE_REPLY', 'told');
is($lead->{lead}{template}{id}, $id, 'lead - template');
is($lead->{lead}{template}{name}, 'confirm', 'lead - name');
is($lead->{lead}{template}{message_id}, $message, 'lead - message');
like($lead->{lead}{template}{sent_at}, qr/^\d{4}-.*Z$/, 'lead - when');
is($lead->{lead}{first_text}, 'yes', 'lead - text');

# it was the first: the next window is no answer

$t->end($c->{id});
is($t->opened(from => $one, channel => 'sms')->{trigger}, 'INBOUND',
    'the second time');

# another channel says nothing of it, and leaves it

my $two = $t->contact(2);

sent($two);
$c = $t->opened(from => $two, channel => 'rcs');
is($c->{trigger}, 'INBOUND', 'on another channel');
$t->end($c->{id});
is($t->opened(from => $two, channel => 'sms')->{trigger}, 'TEMPLATE_REPLY',
    'on its own, later');

# a message written before the template is no answer to it

my $three = $t->contact(3);

sent($three);
$c = $t->opened(from => $three, channel => 'sms',
    timestamp => rfc3339(time() - 3600));
is($c->{trigger}, 'INBOUND', 'written before');
$t->end($c->{id});
is($t->opened(from => $three, channel => 'sms')->{trigger}, 'TEMPLATE_REPLY',
    'the answer, then');

# one that names it, by our id or the carrier's

my $four = $t->contact(4);

$message = sent($four);
$c = $t->opened(from => $four, channel => 'rcs', reply_to => $message);
is($c->{trigger}, 'TEMPLATE_REPLY', 'by our id, on another channel');
$t->end($c->{id});
$t->opened(from => $four, channel => 'sms');

my $five = $t->contact(5);

$message = sent($five);

my ($post) = grep { $_->{body} =~ /\Q$message\E/ }
    $t->{receiver}->requests('/carrier/sms');

$c = $t->opened(from => $five, channel => 'sms', reply_to => "own-$post->{n}");
is($c->{trigger}, 'TEMPLATE_REPLY', "by the carrier's id");
is(started($c)->{lead}{template}{message_id}, $message, 'the right one');

# a week is long enough

sub aged {
    my ($contact, $days) = @_;

    my ($key) = grep { ($t->{redis}->command('HGET', $_, 'n') // '')
        eq $contact } grep { /:t:/ } $t->{redis}->keys('sc:*:t:*');
    my $was = $t->{redis}->command('HGET', $key, 'tp:sms');

    $was =~ s/ (\d+)/" " . ($1 - $days * 86400000)/e;
    $t->{redis}->command('HSET', $key, 'tp:sms', $was);
}

for ([6, 6.9, 'TEMPLATE_REPLY'], [7, 7.1, 'INBOUND']) {
    my $contact = $t->contact($_->[0]);

    sent($contact);
    aged($contact, $_->[1]);
    is($t->opened(from => $contact, channel => 'sms')->{trigger}, $_->[2],
        "after $_->[1] days");
}

# one that never arrived is not answered

my $eight = $t->contact(8);

$t->{receiver}->script('/carrier/sms', { status => 400 });
my $failed = $t->broadcast($eight, template => $id, channel => ['sms'])
    ->data()->{recipients}[0]{message_id};
ok($t->wait_event('/hook', 'message.failed', message_id => $failed),
    'one that fails');
is($t->opened(from => $eight, channel => 'sms')->{trigger}, 'INBOUND',
    'is not answered');
