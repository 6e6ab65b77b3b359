#!/usr/bin/perl

# Tests for what an agent begins: its starters, templates that are sent for
# it, whose the replies are, and the list of its conversations.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $t = setup();
my $template = $t->template(name => 'confirm', parameters => ['name', 'at']);
my $contacts = 10;

$t->webhook('/hook');

sub definition {
    my (%part) = @_;

    return {
        schema => 1, trigger => { on => 'inbound', numbers => [] },
        starters => [map { { channel => $_, template => { name => 'confirm' },
            parameters => { name => 'contact.name', at => 'noon' } } }
            'sms', 'rcs'],
        channels => ['whatsapp', 'sms', 'rcs'], webhooks => [],
        engine => {}, ping => undef, ending => {}, %part,
    };
}

sub agent {
    my ($name, %part) = @_;

    return $t->post('/v3/agents',
        body => { name => $name, definition => definition(%part) })
        ->data()->{agent};
}

my $first = agent('first');
my $second = agent('second', trigger => { on => 'either',
    numbers => [$t->{numbers}{sms}] });
my $plain = agent('plain', starters => []);

sub start {
    my ($agent, %body) = @_;

    my %how = map { $_ => delete $body{$_} }
        grep { exists $body{$_} } qw(idem key);

    return $t->post("/v3/agents/$agent->{id}/start", %how, body => \%body);
}

sub contact { return $t->contact(++$contacts) }

# refused

is(start($plain, to => contact())->verdict(), '422 BUSINESS_007',
    'no starter');
is(start($first, to => contact(), channel => 'whatsapp')->verdict(),
    '422 BUSINESS_007', 'none for the channel');
is(start($first, to => 'x')->verdict(), '400 VALIDATION_002', 'no number');
is(start($first, to => contact(), key => $t->{read_key})->verdict(),
    '403 AUTH_004', 'a key that may read');

my $answer = start($first, to => contact());

is($answer->verdict(), '400 VALIDATION_004', 'a contact without a name');
is_deeply([keys %{$answer->json()->{error}{details}}], ['parameters.name'],
    'which parameter');
$answer = start($first, to => contact(), parameters => { x => 'y' });
is($answer->verdict(), '400 VALIDATION_006', 'none of the template\'s');

# sent, its reply is the agent's, though another has the number

my $to = contact();

$answer = start($first, to => $to, parameters => { name => 'Ann' });
is($answer->verdict(), '202', 'started');

my $row = $answer->data()->{recipients}[0];

is_deeply([@$row{qw(to channel body)}], [$to, 'sms', 'Hello Ann!'], 'row');

my $queued = $t->wait_event('/hook', 'message.queued',
    message_id => $row->{message_id});

is($queued->{payload}{agent_id}, $first->{id}, 'whose it is');
is($t->wait_event('/hook', 'message.sent',
    message_id => $row->{message_id})->{payload}{agent_id}, $first->{id},
    'and later, too');
is($t->get("/v3/messages/$row->{message_id}")->data()->{template_name},
    'confirm', 'its template');

my $c = $t->opened(from => $to, channel => 'sms');

is($c->{trigger}, 'TEMPLATE_REPLY', 'a reply');
is($c->{agent_id}, $first->{id}, 'to the agent that began');
$t->end($c->{id});
is($t->opened(from => $to, channel => 'sms')->{agent_id}, $second->{id},
    'the next belongs to the number\'s');

# names, channels

my $named = contact();

$t->end($t->opened(from => $named, channel => 'rcs', name => 'Bea')->{id});
$row = start($first, to => $named)->data()->{recipients}[0];
is_deeply([@$row{qw(channel body)}], ['rcs', 'Hi Bea.'],
    'the contact\'s name and channel');

# twice is once

my @twice = map { start($first, to => $named, idem => 'start-1') } 1 .. 2;

is($twice[0]->data()->{recipients}[0]{message_id},
    $twice[1]->data()->{recipients}[0]{message_id}, 'the same again');

# POST /v3/messages with agent_id

$to = contact();
$answer = $t->post('/v3/messages', body => { to => [$to], channel => ['sms'],
    agent_id => $first->{id}, template => { id => $template,
    parameters => { name => 'Cid', at => 'one' } } });
is($answer->verdict(), '202', 'sent for an agent');
is($t->opened(from => $to, channel => 'sms')->{agent_id}, $first->{id},
    'its reply');

# one that is off takes nothing: the number's does

$to = contact();
start($first, to => $to, parameters => { name => 'Dan' });
$t->api('PATCH', "/v3/agents/$first->{id}",
    body => { is_active => JSON::PP::false });
is($t->opened(from => $to, channel => 'sms')->{agent_id}, $second->{id},
    'switched off meanwhile');
is(start($first, to => $to)->verdict(), '422 BUSINESS_007',
    'nor does it begin any');

# executions

my $list = $t->get("/v3/agents/$first->{id}/executions?status=closed")
    ->data()->{conversations};

is_deeply([sort map { $_->{id} } @$list], [sort $c->{id},
    map { $_->{id} } grep { $_->{contact} eq $named } @$list], 'executions');
is(scalar(@$list), 2, 'so many');
$t->api('DELETE', "/v3/agents/$first->{id}");
is(scalar(@{$t->get("/v3/agents/$first->{id}/executions")->data()
    ->{conversations}}), 3, 'also when it is archived');
is($t->get('/v3/agents/00000000-0000-4000-8000-000000000000/executions')
    ->verdict(), '404 CONVERSATION_004', 'of nobody');
