#!/usr/bin/perl

# Tests for POST /v3/messages: its form, its recipients and channels, what a
# repeat does, and what becomes of each message.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(contact_id is_uuid7 thread_id);

my $t = setup();

$t->webhook('/hook');

my $id = $t->template(name => 'appointment_confirm');
my %template = (name => 'appointment_confirm', parameters => {
    name => 'Ann' });

sub row { return $_[0]->data()->{recipients}[$_[1] // 0] }

# the form

sub refused {
    my ($name, $verdict, $details, %body) = @_;

    my $answer = $t->post('/v3/messages', body => \%body);

    is($answer->verdict(), $verdict, $name);
    is(join(' ', sort keys %{$answer->json()->{error}{details} || {}}),
        $details, "$name - field");
}

my $to = $t->contact(1);

refused('nothing', '400 VALIDATION_004', 'to');
refused('nothing to say', '400 VALIDATION_004', 'template', to => [$to]);
refused('no list', '400 VALIDATION_001', 'to', to => $to, text => 'x');
refused('nobody', '400 VALIDATION_005', 'to', to => [], text => 'x');
refused('too many', '400 VALIDATION_005', 'to',
    to => [map { $t->contact($_) } 1 .. 1001], text => 'x');
refused('no numbers', '400 VALIDATION_002', 'to[1] to[3]',
    to => [$to, '12', $to, '+0123456789'], text => 'x');
refused('no string', '400 VALIDATION_001', 'to[0]', to => [7], text => 'x');
refused('both', '400 VALIDATION_006', 'text', to => [$to], text => 'x',
    template => \%template);
refused('channel', '400 VALIDATION_006', 'channel', to => [$to], text => 'x',
    channel => ['fax']);
refused('sent beside another', '400 VALIDATION_006', 'channel', to => [$to],
    text => 'x', channel => ['sent', 'sms']);
refused('too long', '400 VALIDATION_005', 'text', to => [$to],
    text => 'x' x 1601, channel => ['sms']);
refused('empty', '400 VALIDATION_005', 'text', to => [$to], text => '');
refused('template of neither', '400 VALIDATION_004', 'template', to => [$to],
    template => {});
refused('unknown template', '400 VALIDATION_006', 'template.name',
    to => [$to], template => { name => 'nobody' });
refused('unknown id', '400 VALIDATION_006', 'template.id', to => [$to],
    template => { id => 'ffffffff-0000-4000-8000-000000000000' });
refused('no UUID', '400 VALIDATION_003', 'template.id', to => [$to],
    template => { id => 'x' });
refused('parameter missing', '400 VALIDATION_004', 'template.parameters.name',
    to => [$to], template => { id => $id });
refused('parameter of another', '400 VALIDATION_006', 'template.parameters',
    to => [$to], template => { id => $id,
        parameters => { name => 'x', other => 'y' } });
refused('parameter no string', '400 VALIDATION_001',
    'template.parameters.name', to => [$to], template => { id => $id,
        parameters => { name => 7 } });
refused('agent of nobody', '400 VALIDATION_006', 'agent_id', to => [$to],
    text => 'x', agent_id => 'ffffffff-0000-4000-8000-000000000000');

is($t->post('/v3/messages', key => $t->{read_key}, body => {})->verdict(),
    '403 AUTH_004', 'a key that reads');

# a template, to somebody we know nothing of

my $answer = $t->broadcast($to, template => \%template, channel => ['sms']);

is($answer->status(), 202, 'template');
is($answer->data()->{status}, 'QUEUED', 'status');
is($answer->data()->{template_id}, $id, 'template_id');
is($answer->data()->{template_name}, 'appointment_confirm', 'template_name');
is(row($answer)->{to}, $to, 'to');
is(row($answer)->{channel}, 'sms', 'channel');
is(row($answer)->{body}, 'Hello Ann!', 'body');

my $message = row($answer)->{message_id};

ok($t->wait_event('/hook', 'message.sent', message_id => $message), 'sent');

my ($post) = $t->{receiver}->wait_requests('/carrier/sms', 1);
my $posted = JSON::PP->new->decode($post->{body});

is($posted->{type}, 'template', 'posted as a template');
is($posted->{text}, 'Hello Ann!', 'with its text');
is($posted->{conversation_id}, undef, 'in no conversation');
is($posted->{from}, $t->{numbers}{sms}, 'from our number');
is_deeply($posted->{template}, { id => $id, name => 'appointment_confirm',
    parameters => { name => 'Ann' } }, 'what the carrier is told');
is($post->{headers}{'idempotency-key'}, $message, 'idempotency-key');

my ($sent) = $t->events('/hook', event => 'message.sent',
    message_id => $message);

is($sent->{payload}{template_name}, 'appointment_confirm',
    'the event has the template');
is($sent->{payload}{conversation_id}, undef, 'and no conversation');

# GET

my $m = $t->get("/v3/messages/$message")->data();

is($m->{id}, $message, 'id');
is($m->{kind}, 'template', 'kind');
is($m->{direction}, 'OUTBOUND', 'direction');
is($m->{status}, 'SENT', 'status');
is($m->{phone}, $to, 'phone');
is($m->{template_id}, $id, 'template_id');
is($m->{template_name}, 'appointment_confirm', 'template_name');
is($m->{segments}, 1, 'segments');
is($m->{message_body}{content}, 'Hello Ann!', 'content');

my $acts = $t->get("/v3/messages/$message/activities")->data();

is($acts->{message_id}, $message, 'activities');
is(join(' ', map { $_->{status} } @{$acts->{activities}}), 'QUEUED SENT',
    'their statuses');

$t->status($message, 'read', channel => 'sms', to => $to);
$t->status($message, 'delivered', channel => 'sms', to => $to);
is($t->get("/v3/messages/$message")->data()->{status}, 'READ',
    'statuses never run backwards');

my $other = $t->new_customer('other');

is($t->get("/v3/messages/$message", key => $other->{key})->verdict(),
    '404 RESOURCE_003', "another's message");
is($t->get('/v3/messages/' . $message =~ s/(.)$/$1 eq '0' ? 1 : 0/er)
    ->verdict(), '404 RESOURCE_003', 'unknown message');
is($t->get('/v3/messages/x')->verdict(), '400 VALIDATION_003', 'no UUID');
is($t->get("/v3/messages/$message", key => undef)->verdict(), '401 AUTH_001',
    'no key');

# several channels are a message on each; whatsapp's text is the carrier's

$answer = $t->broadcast($t->contact(2), template => \%template,
    channel => ['whatsapp', 'rcs']);
is(join(' ', map { $_->{channel} . '=' . ($_->{body} // 'null') }
    @{$answer->data()->{recipients}}), 'whatsapp=null rcs=Hi Ann.',
    'a message on each channel');
($post) = $t->{receiver}->wait_requests('/carrier/whatsapp', 1);
$posted = JSON::PP->new->decode($post->{body});
is($posted->{text}, undef, 'whatsapp - no text');
is($posted->{template}{whatsapp_name}, 'confirm', 'whatsapp - name');
is($posted->{template}{language}, 'en', 'whatsapp - language');

# which channel: the contact's last, else the first number that serves

$t->opened(from => $t->contact(3), channel => 'rcs');
is(row($t->broadcast($t->contact(3), template => \%template))->{channel},
    'rcs', 'the last channel');
is(row($t->broadcast($t->contact(4), template => \%template,
    channel => ['sent']))->{channel}, 'rcs', 'the first number');

my $sms = $t->template(name => 'only_sms', channels => {
    sms => { text => '{{name}}' } });

$t->opened(from => $t->contact(5));
is(row($t->broadcast($t->contact(5), template => $sms))->{channel}, 'sms',
    'one that the template serves');

$answer = $t->broadcast($t->contact(5), template => $sms,
    channel => ['rcs', 'sms']);
is(row($answer)->{channel} . ' ' . row($answer, 1)->{channel}, 'sms rcs',
    'one of two serves');
is(row($answer, 1)->{error}{code}, 'BUSINESS_007', 'the other is told');
is(row($answer, 1)->{message_id}, undef, 'and is no message');
ok(row($answer)->{message_id}, 'the one is');

# duplicates count once

is(scalar(@{$t->broadcast([($t->contact(6)) x 3, $t->contact(7)],
    template => $sms)->data()->{recipients}}), 2, 'each number once');

# the freeform door

my $c = $t->opened(from => $t->contact(8));
$answer = $t->broadcast($t->contact(8), text => 'inside the window');
$t->{texts}{'inside the window'} = 1;
is($t->get('/v3/messages/' . row($answer)->{message_id})->data()
    ->{conversation_id}, $c->{id}, 'into the window');
is(row($t->broadcast($t->contact(8), text => 'x', channel => ['sms']))
    ->{error}{code}, 'BUSINESS_007', 'not on a channel of the window');

$t->opened(from => $t->contact(11), channel => 'sms');
$answer = row($t->broadcast($t->contact(11), text => 'x' x 1601));
is("$answer->{channel} $answer->{error}{code}", 'sms VALIDATION_005',
    'too long for the channel of the window');

$answer = $t->broadcast($t->contact(9), text => 'no window');
is($answer->status(), 202, 'without a window');
my $blocked = row($answer)->{message_id};
is($t->get("/v3/messages/$blocked")->data()->{status}, 'BLOCKED', 'BLOCKED');
ok($t->wait_event('/hook', 'message.blocked', message_id => $blocked),
    'and told');

# an opted-out contact

$t->inbound(from => $t->contact(10), text => 'STOP');

for my $body ({ template => \%template, channel => ['sms'] },
    { text => 'you there?' })
{
    my $filtered = row($t->broadcast($t->contact(10), %$body))->{message_id};

    is($t->get("/v3/messages/$filtered")->data()->{status}, 'FILTERED',
        'FILTERED');
    ok($t->wait_event('/hook', 'message.filtered', message_id => $filtered),
        'and told');
}

# a repeat

my @many = map { $t->contact($_) } 20 .. 29;
my $first = $t->broadcast(\@many, template => $sms, idem => 'again');
my $second = $t->broadcast(\@many, template => $sms, idem => 'again');

is($second->header('Idempotent-Replayed'), 'true', 'replayed');
is($second->body(), $first->body(), 'the same answer');

# what failed is done by a repeat, and only that

my $part = $t->template(name => 'part', channels => {
    sms => { text => 'part {{name}}' } });
$first = $t->broadcast(\@many, template => $part, idem => 'part-2',
    channel => ['rcs', 'sms']);
is(scalar(grep { $_->{error} } @{$first->data()->{recipients}}), 10,
    'half of it failed');

$t->template(id => $part, name => 'part', channels => {
    sms => { text => 'part {{name}}' }, rcs => { text => 'now {{name}}' } });
$second = $t->broadcast(\@many, template => $part, idem => 'part-2',
    channel => ['rcs', 'sms']);

is($second->header('Idempotent-Replayed'), undef, 'it ran again');
is(scalar(grep { $_->{error} } @{$second->data()->{recipients}}), 0,
    'all of it done');

my %was = map { ("$_->{to} $_->{channel}", $_->{message_id}) }
    grep { !$_->{error} } @{$first->data()->{recipients}};

is(scalar(grep { my $k = "$_->{to} $_->{channel}"; $was{$k}
    && $was{$k} eq $_->{message_id} } @{$second->data()->{recipients}}), 10,
    'what was done is the same');

$t->wait_event('/hook', 'message.sent', message_id => $_->{message_id})
    for @{$second->data()->{recipients}};

my %posts;

for ($t->{receiver}->requests('/carrier/sms')) {
    my $body = JSON::PP->new->decode($_->{body});
    $posts{$body->{to}}{$body->{message_id}} = 1
        if $body->{text} eq 'part Ann';
}

is(join(' ', map { scalar(keys %{$posts{$_} || {}}) } @many),
    join(' ', (1) x 10), 'and was sent once');

# of whom nothing is known when the answer is due; a step of theirs breaks

sub broken_key {
    my ($to) = @_;

    my $thread = thread_id($t->{customer}, contact_id($t->{customer}, $to));

    return sprintf('sc:{%d}:m:%s', hex(substr($thread, 0, 3)) & 63, $thread);
}

my @lost = map { $t->contact($_) } 40, 41;

$t->allow(qr/refused a command/);
$t->{redis}->command('SET', broken_key($_), 'x') for @lost;

my %how = (template => $sms, channel => ['sms'], idem => 'lost');

$answer = $t->broadcast(\@lost, %how);
is($answer->verdict(), '503 SERVICE_002', 'none is accepted for sure');
is($answer->header('x-should-retry'), 'false', 'by the same key alone');

$t->{redis}->command('DEL', broken_key($lost[0]));
$answer = $t->broadcast(\@lost, %how);
is($answer->status(), 202, 'one is');
is(join(' ', map { $_->{error}{code} // 'ok' } @{$answer->data()
    ->{recipients}}), 'ok SERVICE_002', 'the other row is told');
$first = row($answer)->{message_id};

$t->{redis}->command('DEL', broken_key($lost[1]));
$answer = $t->broadcast(\@lost, %how);
is(join(' ', map { $_->{error}{code} // 'ok' } @{$answer->data()
    ->{recipients}}), 'ok ok', 'both are');
is(row($answer)->{message_id}, $first, 'the one as before');

# sandbox mode does nothing

ok(wait_for(20, sub { !$t->{redis}->keys('sc:*:q:*') }), 'at rest');

my @before = sort $t->{redis}->keys('sc:*');

$answer = $t->broadcast([$t->contact(90), $t->contact(91)],
    template => \%template, channel => ['sms'], sandbox => JSON::PP::true);
is($answer->status(), 202, 'sandbox');
is($answer->header('X-Sandbox'), 'true', 'sandbox - header');
ok(is_uuid7(row($answer)->{message_id}), 'sandbox - an id');
is_deeply([sort $t->{redis}->keys('sc:*')], \@before, 'sandbox - no key');

# a thousand

my @thousand = map { $t->contact(1000 + $_) } 1 .. 1000;

# a row that Redis was too slow for is a repeat's to do

wait_for(60, sub {
    $answer = $t->broadcast(\@thousand, template => $sms, timeout => 60,
        idem => 'thousand');

    return $answer && $answer->status() == 202
        && !grep { $_->{error} } @{$answer->data()->{recipients}};
});

is($answer->status(), 202, 'a thousand');
is(scalar(grep { $_->{message_id} } @{$answer->data()->{recipients}}), 1000,
    'a thousand messages');
ok(wait_for(30, sub {
    return 1000 <= grep { $_->{body} =~ /"to":"\+\d+1\d\d\d"|"Ann"/ }
        $t->{receiver}->requests('/carrier/sms');
}), 'all at the carrier');

ok(wait_for(20, sub { !$t->{redis}->keys('sc:*:q:*') }), 'all lanes empty');
