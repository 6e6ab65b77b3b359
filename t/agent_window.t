#!/usr/bin/perl

# Tests for an agent's conversations: who takes an inbound, channels, who
# hears of them, greeting, confirmation, keywords, ping, what expires.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $t = setup();
my $all = $t->webhook('/all');
my $own = $t->webhook('/own');
my $contacts = 10;
my %number = %{$t->{numbers}};

sub definition {
    my (%part) = @_;

    return {
        schema => 1, trigger => { on => 'either', numbers => [] },
        starters => [], channels => ['whatsapp', 'sms', 'rcs'],
        webhooks => [], engine => {}, ping => undef, ending => {}, %part,
    };
}

sub agent {
    my ($name, %part) = @_;

    my $answer = $t->post('/v3/agents',
        body => { name => $name, definition => definition(%part) });

    is($answer->verdict(), '201', "$name - made") or diag($answer->body());
    return $answer->data()->{agent};
}

sub archive { $t->api('DELETE', "/v3/agents/$_->{id}") for @_ }

# a window of a new contact

sub window { return $t->opened(from => $t->contact(++$contacts), @_) }

sub texts { return map { $_->{message_body}{content} } $t->transcript(@_) }

# without agents there is none

my $c = window();

is_deeply([@$c{qw(agent_id agent_version)}], [undef, undef], 'no agent');

# the one that names the number, else the one that names none

my $desk = agent('desk');
my $sales = agent('sales', trigger => { on => 'inbound',
    numbers => [$number{sms}] });

$c = window();
is_deeply([@$c{qw(agent_id agent_version)}], [$desk->{id}, 1], 'any number');

my $sms = window(channel => 'sms');

is($sms->{agent_id}, $sales->{id}, 'a number of its own');

my $replied = $t->contact(++$contacts);

$t->broadcast($replied, template => $t->template(), channel => ['sms']);
$t->wait_event('/all', 'message.sent', outbound_number => $replied);

my $reply = $t->opened(from => $replied, channel => 'sms');

is($reply->{trigger}, 'TEMPLATE_REPLY', 'a reply');
is($reply->{agent_id}, undef, 'its agent takes no replies, no other either');

# versions

$t->post("/v3/agents/$desk->{id}/versions",
    headers => { 'If-Match' => '"1"' },
    body => { definition => definition(ending => { keywords => ['BASTA'] }) });

$t->inbound(from => $c->{contact});
is($t->open($c->{contact})->{agent_version}, 1, 'it keeps its version');

my $second = window();

is($second->{agent_version}, 2, 'the next has the live one');

my $told = $t->wait_event('/all', 'conversation.started',
    conversation_id => $second->{id});

is_deeply([@{$told->{payload}}{qw(agent_id agent_version)}],
    [$desk->{id}, 2], 'told');
is($t->wait_event('/all', 'message.received',
    conversation_id => $second->{id})->{payload}{agent_id}, $desk->{id},
    'of a message, too');

# lists

is_deeply([map { $_->{id} } @{$t->get(
    "/v3/conversations?agent_id=$sales->{id}")->data()->{conversations}}],
    [$sms->{id}], 'listed by agent');
is($t->get('/v3/conversations?agent_id=' . ('0' x 8)
    . '-0000-4000-8000-000000000000')->verdict(), '400 VALIDATION_006',
    'none of theirs');
$t->end($sms->{id});
is_deeply([@{$t->conversation($sms->{id})}{qw(agent_id agent_version status)}],
    [$sales->{id}, 1, 'CLOSED'], 'kept when it has ended');

# its keywords count for all; who is switched off takes nothing

$t->inbound(from => $reply->{contact}, channel => 'sms', text => 'basta.');
is($t->conversation($reply->{id})->{close_reason}, 'COMPLIANCE_STOP',
    'a keyword of an agent, in no agent\'s conversation');

$t->api('PATCH', "/v3/agents/$sales->{id}",
    body => { is_active => JSON::PP::false });
is(window(channel => 'sms')->{agent_id}, $desk->{id}, 'switched off');

archive($desk);
is(window()->{agent_id}, undef, 'archived');
is(scalar(@{$t->get("/v3/conversations?agent_id=$desk->{id}")->data()
    ->{conversations}}), 3, 'its conversations can be read');

my $stay = window();

$t->inbound(from => $stay->{contact}, text => 'BASTA');
is($t->conversation($stay->{id})->{status}, 'OPEN', 'no keyword any more');

# channels

my $chat = agent('chat', channels => ['rcs'], webhooks => [$own->{id}],
    engine => { greeting => "Hi \x{263a}" });

$c = window(channel => 'sms');
is_deeply([@$c{qw(channel channels agent_id)}], [undef, [], $chat->{id}],
    'taken on a channel that is off');
is($t->send(to => $c->{contact})->verdict(), '422 BUSINESS_007',
    'nothing is sent there');
$t->inbound(from => $c->{contact}, channel => 'rcs');
is_deeply([@{$t->open($c->{contact})}{qw(channel channels)}],
    ['rcs', ['rcs']], 'one that is on');

# greeting, once, and who hears of it

$c = window(channel => 'rcs');
$t->inbound(from => $c->{contact}, channel => 'rcs', text => 'more');
is_deeply([texts($c->{id})], ['a question', "Hi \x{263a}", 'more'],
    'greeting');
is(($t->transcript($c->{id}))[1]{kind}, 'greeting', 'its kind');
is($t->wait_event('/own', 'conversation.message_exchanged',
    conversation_id => $c->{id}, direction => 'OUTBOUND')->{payload}{text},
    "Hi \x{263a}", 'told to its webhook');
$t->wait_event('/all', 'message.received', conversation_id => $c->{id});
is_deeply([grep { $_->{field} eq 'conversation'
    && $_->{payload}{conversation_id} eq $c->{id} } $t->events('/all')], [],
    'and to no other');
archive($chat);

# confirmation, of the version that opened the conversation

$t->admin('PATCH', "/customers/$t->{customer}",
    body => { confirmation => 'Bye of all.' });

my $polite = agent('polite', ending => { confirmation => 'Farewell.' });
my ($live, $old) = (window(), window());

$t->inbound(from => $live->{contact}, text => 'STOP');
is((texts($live->{thread_id}))[-1], 'Farewell.', 'confirmation');

is($t->post("/v3/agents/$polite->{id}/versions",
    headers => { 'If-Match' => '"1"' },
    body => { definition => definition() })->verdict(), '201', 'another');
$t->inbound(from => $old->{contact}, text => 'STOP');
is((texts($old->{thread_id}))[-1], 'Farewell.', 'of its version');

my $plain = window();

$t->inbound(from => $plain->{contact}, text => 'STOP');
is((texts($plain->{thread_id}))[-1], 'Bye of all.', 'the customer\'s');
archive($polite);

# ping: the deadline is brought forward by hand

my $patient = agent('patient', ping => { after_minutes => 1,
    text => 'Still there?', max => 1 });

sub forward {
    my ($c, $kind, @change) = @_;

    my ($key) = $t->{redis}->keys("sc:*:t:$c->{thread_id}");
    my ($tag) = $key =~ /^(sc:\{\d+\}:)/;

    $t->{redis}->command($change[0], $key, @change[1 .. $#change]);
    $t->{redis}->command('ZADD', "${tag}due", 'XX', 1,
        "$kind:$t->{customer}:$c->{thread_id}");
}

$c = window();
$t->send(to => $c->{contact});

my $other = window();

$t->send(to => $other->{contact});
$t->inbound(from => $other->{contact});

# what is sent is the text of the version that opened it

$t->post("/v3/agents/$patient->{id}/versions",
    headers => { 'If-Match' => '"1"' },
    body => { definition => definition() });

forward($_, 'p', 'HINCRBY', 'lo', -60000) for $other, $c;

my $inactive = $t->wait_event('/all', 'conversation.inactive',
    conversation_id => $c->{id});

cmp_ok($inactive->{payload}{idle_seconds}, '>=', 60, 'inactive');
is((texts($c->{id}))[-1], 'Still there?', 'pinged');
forward($c, 'p', 'HINCRBY', 'lo', -60000);
$t->send(to => $c->{contact});
$t->wait_events('/all', 3, 10, event => 'conversation.message_exchanged',
    conversation_id => $c->{id}, direction => 'OUTBOUND');
is(scalar(grep { $_ eq 'Still there?' } texts($c->{id})), 1, 'once');
is_deeply([$t->events('/all', event => 'conversation.inactive',
    conversation_id => $other->{id})], [], 'not after an inbound');
archive($patient);

# about to expire

my $warned = agent('warned', channels => ['whatsapp'],
    engine => { expiring_minutes => 1439 });

$c = window();
forward($c, 'x', 'HSET', 'as', 'whatsapp 0 86400000 0 0');

my $expiring = $t->wait_event('/all', 'conversation.expiring',
    conversation_id => $c->{id});

is($expiring->{payload}{expires_at}, $c->{expires_at}, 'expiring');
is($expiring->{payload}{agent_id}, $warned->{id}, 'its agent');
archive($warned);

# a burst is told when it is over, in order, its last inbound marked

agent('patient listener', engine => { coalesce_seconds => 1 });

my $burst = $t->contact(++$contacts);

$t->inbound(from => $burst, text => $_) for 'one', 'two', 'three';
$c = $t->open($burst);
is_deeply([$t->events('/all', conversation_id => $c->{id})], [],
    'nothing is told yet');

my @told = $t->wait_events('/all', 7, 10, conversation_id => $c->{id});

is_deeply([map { ($_->{event} =~ /\.(\w+)$/)[0] } @told],
    ['received', 'started', 'message_exchanged',
        ('received', 'message_exchanged') x 2], 'in order');
is_deeply([map { [@{$_->{payload}}{qw(text burst_end)}] }
    grep { $_->{event} eq 'conversation.message_exchanged' } @told],
    [['one', undef], ['two', undef], ['three', JSON::PP::true]],
    'the last is marked');

$t->inbound(from => $burst, text => 'four');
$t->end($c->{id});
@told = $t->wait_events('/all', 10, 10, conversation_id => $c->{id});
is($told[8]{payload}{burst_end}, JSON::PP::true, 'let go by the end');
is($told[9]{event}, 'conversation.ended', 'which comes last');
