#!/usr/bin/perl

# Tests for conversations that a draft is tried with: what they would be is
# told by the rules themselves, and nothing of them leaves or stays.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();

use SentConv::Env;

my $t = setup(server => <<'EOF');

        location /ui-api/ {
            sent_conv_dashboard;
        }
EOF

my $all = $t->webhook('/all');
my $own = $t->webhook('/own', event_types => ['conversation']);
my $off = $t->webhook('/off', event_types => ['conversation']);
my $redis = $t->{redis};

$t->api('PATCH', "/v3/webhooks/$off->{id}/toggle-status",
    body => { is_active => JSON::PP::false });

sub definition {
    my (%part) = @_;

    return {
        schema => 1, trigger => { on => 'either', numbers => [] },
        starters => [], channels => ['whatsapp', 'sms', 'rcs'],
        webhooks => [], engine => {}, ping => undef, ending => {}, %part,
    };
}

my $agent = $t->post('/v3/agents',
    body => { name => 'desk', definition => definition() })->data()->{agent};
my $path = "/v3/agents/$agent->{id}/simulate";

sub simulate {
    my ($definition, @steps) = @_;

    $t->{texts}{$_->{inbound} // $_->{reply} // next} = 1 for @steps;

    return $t->post($path, body => { definition => $definition,
        steps => \@steps });
}

# what happened

sub played {
    my ($definition, @steps) = @_;

    my $answer = simulate($definition, @steps);

    is($answer->verdict(), '200', 'played') or diag($answer->body());
    return @{$answer->data()->{steps}};
}

sub clock {
    my ($at) = @_;

    my ($h, $m, $s) = $at =~ /T(\d+):(\d+):([\d.]+)Z$/;
    my ($day) = $at =~ /-(\d+)T/;

    return (($day * 24 + $h) * 60 + $m) * 60 + $s;
}

# [step, did, seconds since the first]

sub timeline {
    my @played = @_;

    my $first = clock($played[0]{at});

    return [map { [$_->{step}, $_->{did},
        sprintf('%.1f', clock($_->{at}) - $first)] } @played];
}

sub told {
    my ($played, $webhook) = @_;

    return [map { $_->{event} =~ /\.(\w+)$/ }
        grep { $_->{webhook_id} eq ($webhook || $all)->{id} }
        @{$played->{webhooks}}];
}

sub said { return [map { "$_->{direction} $_->{text}" } @{$_[0]{messages}}] }

sub keyspace {
    my %is = map { $_ => $redis->command('DUMP', $_) }
        @{$redis->command('KEYS', '*')};

    return \%is;
}

# partitions that no node has

sub left { return [grep { /\{\d{4,}\}/ } @{$redis->command('KEYS', '*')}] }

# the example of the contract

my $before = keyspace();
my $counted = $t->metrics();
my $full = definition(
    engine => { greeting => "Hi \x{263a}", expiring_minutes => 60 },
    ping => { after_minutes => 60, text => 'Still there?', max => 2 },
    ending => { confirmation => 'Bye.', keywords => ['BAJA'] },
);

my @played = played($full, { inbound => 'hi' }, { wait => '2h' },
    { inbound => 'STOP' });

is_deeply([map { [@$_{qw(step did outcome)}] } @played], [
    [0, 'inbound', 'OPENED'], [1, 'wait', undef], [1, 'ping', undef],
    [1, 'ping', undef], [2, 'inbound', 'STOPPED']], 'the example');
is_deeply([map { $_->[2] } @{timeline(@played)}],
    ['0.0', '0.0', '3600.0', '7200.0', '7200.1'], 'in time');
is_deeply([map { said($_) } @played], [
    ['INBOUND hi', "OUTBOUND Hi \x{263a}"], [], ['OUTBOUND Still there?'],
    ['OUTBOUND Still there?'], ['INBOUND STOP', 'OUTBOUND Bye.']],
    'what is said');
is_deeply($played[0]{messages}[0], { direction => 'INBOUND', text => 'hi',
    channel => 'whatsapp' }, 'a message');

my @hooks = map { "webhook:$_" } sort map { $_->{id} } $all, $own;

is_deeply([map { $_->{path} } @played], [
    ['trigger', 'channels', 'engine', @hooks], [],
    ['engine', @hooks, 'ping'], ['engine', @hooks, 'ping'],
    ['channels', 'engine', @hooks, 'ending']], 'the path');
is_deeply(told($played[0]), [qw(received started message_exchanged queued
    message_exchanged sent)], 'webhooks are told');
is_deeply(told($played[0], $own), [qw(started message_exchanged
    message_exchanged)], 'each what it takes');
is_deeply(told($played[0], $off), [], 'one that is off nothing');
is_deeply(told($played[4]), [qw(received message_exchanged ended queued
    sent)], 'the end, too');

my ($started) = grep { $_->{event} eq 'conversation.started' }
    @{$played[0]{webhooks}};

is($started->{body}{payload}{agent_id}, $agent->{id}, 'of the agent');
is($started->{body}{payload}{agent_version}, 2, 'of the version to come');
is($started->{body}{payload}{number}, $t->{numbers}{whatsapp}, 'our number');
is($started->{body}{timestamp}, $played[0]{at}, 'by its clock');

my ($ended) = grep { $_->{event} eq 'conversation.ended' }
    @{$played[4]{webhooks}};

is($ended->{body}{payload}{close_reason}, 'COMPLIANCE_STOP', 'its reason');
is($ended->{body}{payload}{ended_at}, $played[4]{at}, 'its time');

# nothing of it stays, nothing has left

is_deeply(keyspace(), $before, 'Redis holds what it held');

for my $name (qw(sent_conv_messages_total sent_conv_windows_opened_total
    sent_conv_windows_ended_total sent_conv_opt_outs_total))
{
    is($t->metrics()->grown($counted, $name), 0, "not counted - $name");
}

is_deeply($t->get('/v3/conversations')->data()->{conversations}, [],
    'in no list');
is_deeply($t->get('/v3/contacts')->data()->{contacts}, [], 'nobody new');
is(scalar($t->arrivals()), 0, 'nobody was called');

# the same, held for real: the same bodies but for ids and times

my $held = definition(
    trigger => { on => 'inbound', numbers => [$t->{numbers}{sms}] },
    engine => { greeting => 'Welcome.', coalesce_seconds => 1 },
    webhooks => [$all->{id}],
    ending => { confirmation => 'You are out.', keywords => ['BASTA'] },
);

sub bare {
    my ($body) = @_;

    my $text = JSON::PP->new()->canonical()->encode($body);

    $text =~ s/\d{4}-\d\d-\d\dT[\d:.]+Z/TIME/g;
    $text =~ s/"((?:message|conversation)_id)":"[\w-]{36}"/"$1":""/g;
    $text =~ s/"previous_conversation_id":"[\w-]{36}"/"previous":""/g;
    $text =~ s/"id":"evt_[\w-]{36}/"id":"evt_/g;

    return $text;
}

@played = played($held, { inbound => 'one' }, { inbound => 'two' },
    { wait => '2s' }, { reply => 'three' }, { inbound => 'four' },
    { wait => '5s' }, { inbound => 'basta!' }, { inbound => 'anybody?' });

is_deeply(timeline(@played), [[0, 'inbound', '0.0'], [1, 'inbound', '0.1'],
    [2, 'wait', '0.1'], [2, 'burst_end', '1.1'], [3, 'reply', '2.2'],
    [4, 'inbound', '2.3'], [5, 'wait', '2.3'], [5, 'burst_end', '3.3'],
    [6, 'inbound', '7.4'], [7, 'inbound', '7.5']], 'a burst');
is_deeply([map { $_->{outcome} } @played[4, 8, 9]],
    ['ACCEPTED', 'STOPPED', 'REPORTED'], 'outcomes');
is_deeply(told($played[0]), [], 'held back');
is_deeply($played[9]{path}, [], 'nothing of the agent\'s');

my @should = map { bare($_->{body}) } grep { $_->{webhook_id} eq $all->{id} }
    map { @{$_->{webhooks}} } @played;
my @upto = map { scalar(@{told($_)}) } @played;

$upto[$_] += $upto[$_ - 1] for 1 .. $#upto;

is($t->post("/v3/agents/$agent->{id}/versions",
    headers => { 'If-Match' => '"1"' },
    body => { definition => $held })->verdict(), '201', 'saved');

my %who = (from => '+12025550123', name => 'Sam Example', channel => 'sms');

sub all_sent {
    my ($conversation) = @_;

    ok(wait_for(10, sub {
        !grep { $_->{status} eq 'QUEUED' } $t->transcript($conversation);
    }), 'sent');
}

my $c = $t->opened(%who, text => 'one');

all_sent($c->{id});
$t->inbound(%who, text => 'two');
$t->wait_events('/all', $upto[3]);
$t->send(to => $who{from}, body => 'three');
$t->wait_events('/all', $upto[4]);
$t->inbound(%who, text => 'four');
$t->wait_events('/all', $upto[7]);
$t->inbound(%who, text => 'basta!');
$t->wait_events('/all', $upto[8]);
$t->inbound(%who, text => 'anybody?');

my @got = map { bare($_) } $t->wait_events('/all', scalar(@should));

is_deeply(\@got, \@should, 'bodies as when it is held');

# starters, channels, other agents

$t->template(name => 'confirm', parameters => ['name', 'at']);

my $starts = definition(
    trigger => { on => 'template_reply', numbers => [] },
    starters => [{ channel => 'sms', template => { name => 'confirm' },
        parameters => { name => 'contact.name' } }],
    channels => ['sms'], engine => { greeting => 'Good.' },
);

@played = played($starts, { start => 'sms', parameters => { at => 'noon' } },
    { wait => '1h' }, { inbound => 'yes' }, { inbound => 'or',
    channel => 'rcs' }, { reply => 'fine', channel => 'rcs' });
is_deeply([map { $_->{path} } grep { $_->{did} ne 'wait' } @played], [
    ['starter:sms'],
    ['trigger', 'starter:sms', 'channels', 'engine', @hooks],
    ['channels', 'engine', @hooks], []], 'by its starter');
is_deeply(said($played[0]), ['OUTBOUND Hello Sam Example!'], 'its text');
is($played[4]{outcome}, 'BUSINESS_007', 'a channel that is off');
($started) = grep { $_->{event} eq 'conversation.started' }
    @{$played[2]{webhooks}};
is($started->{body}{payload}{trigger}, 'TEMPLATE_REPLY', 'a reply');
is($started->{body}{payload}{lead}{template}{name}, 'confirm', 'to what');

@played = played($starts, { inbound => 'hi' }, { reply => 'x' });
is_deeply([map { @{$_->{path}} } @played], [], 'not the agent\'s');
is_deeply([map { $_->{outcome} } @played], ['OPENED', 'ACCEPTED'],
    'a window all the same');

my $other = $t->post('/v3/agents', body => { name => 'other',
    definition => definition(trigger => { on => 'either',
        numbers => [$t->{numbers}{rcs}] }) })->data()->{agent};
my $answer = simulate(definition(), { inbound => 'hi', channel => 'rcs' });

is($answer->verdict(), '422 BUSINESS_007', 'another agent\'s number');
is_deeply([keys %{$answer->json()->{error}{details}}], ['steps[0].channel'],
    'which step');
@played = played(definition(channels => ['sms']), { inbound => 'hi' },
    { inbound => 'or here', channel => 'rcs' });
is_deeply([map { $_->{outcome} } @played], ['OPENED', 'CONTINUED'],
    'in an open window it does not matter');
is($played[0]{messages}[0]{channel}, 'sms', 'a channel that it enables');
$t->api('DELETE', "/v3/agents/$other->{id}");

# the window's end, and what comes before it

@played = played(definition(engine => { expiring_minutes => 30 },
    ping => { after_minutes => 60, text => 'Well?', max => 3 }),
    { inbound => 'hi' }, { reply => 'yes?' }, { wait => '90m' },
    { inbound => 'wait' }, { wait => '48h' }, { reply => 'too late' });

is_deeply(timeline(@played), [
    [0, 'inbound', '0.0'], [1, 'reply', '0.1'], [2, 'wait', '0.1'],
    [2, 'ping', '3600.1'], [3, 'inbound', '5400.2'], [4, 'wait', '5400.2'],
    [4, 'expiring', '84600.0'], [4, 'expired', '86400.0'],
    [5, 'reply', '178200.3']], 'to its end');
is($played[8]{outcome}, 'CONVERSATION_001', 'nothing is sent after it');
is_deeply($played[7]{path}, ['engine', @hooks, 'ending'], 'it expires');

@played = played(definition(ending => { keywords => ['BAJA'] }),
    { inbound => 'hi' }, { inbound => 'basta' }, { inbound => 'Baja.' },
    { inbound => 'START' });
is_deeply([map { $_->{outcome} } @played],
    [qw(OPENED CONTINUED STOPPED OPENED)],
    'keywords of the draft, not of the live version');

# who may, and by which door

is($t->post("/ui-api/agents/$agent->{id}/simulate", key => undef,
    headers => { 'Sec-Fetch-Site' => 'same-origin' }, body => {})->verdict(),
    '401 AUTH_001', 'a session is needed');
is($t->post($path, key => $t->{read_key}, body => {})->verdict(),
    '403 AUTH_004', 'not with a key that may read');
is($t->post($path, key => undef, body => {})->verdict(), '401 AUTH_001',
    'nor without one');
is($t->post('/v3/agents/00000000-0000-4000-8000-000000000000/simulate',
    body => { definition => definition(), steps => [{ inbound => 'x' }] })
    ->verdict(), '404 CONVERSATION_004', 'an agent of theirs');
is($t->get($path)->verdict(), '405 VALIDATION_001', 'POST it is');

# forms

sub refused {
    my ($steps, $verdict, $field, $name) = @_;

    my $answer = $t->post($path, body => { definition => definition(),
        steps => $steps });

    is($answer->verdict(), $verdict, $name);
    is(join(' ', sort keys %{$answer->json()->{error}{details} || {}}),
        $field, "$name - which");
}

my $hi = { inbound => 'hi' };

refused(undef, '400 VALIDATION_001', 'steps', 'no steps');
refused('x', '400 VALIDATION_001', 'steps', 'no list');
refused([], '400 VALIDATION_005', 'steps', 'empty');
refused([($hi) x 51], '400 VALIDATION_005', 'steps', 'too many');
refused([$hi, { wait => $_ }], '400 VALIDATION_006', 'steps[1].wait',
    "wait \"$_\"")
    for '', 'x', '5', 'm', '1d', '1.5h', '-1h', '1h30m', ' 1h', '1H', 60;
refused([{ wait => $_ }], '400 VALIDATION_005', 'steps[0].wait',
    "wait \"$_\"") for '0s', '49h', '2881m';
refused([{ wait => '9' x 40 . 'h' }], '400 VALIDATION_006', 'steps[0].wait',
    'no number');
refused([({ wait => '48h' }) x 8], '400 VALIDATION_005', 'steps',
    'more than 14 days');
refused([{ inbound => '' }], '400 VALIDATION_005', 'steps[0].inbound',
    'no text');
refused([{ inbound => 'x' x 4097 }], '400 VALIDATION_005',
    'steps[0].inbound', 'a long text');
refused([{ inbound => undef }], '400 VALIDATION_001', 'steps[0].inbound',
    'null');
refused([{ reply => 7 }], '400 VALIDATION_001', 'steps[0].reply',
    'no string');
refused([$hi, 'x', {}, { inbound => 'x', wait => '1s' }],
    '400 VALIDATION_006', 'steps[1] steps[2] steps[3]', 'not one of them');
refused([{ inbound => 'x', channel => 'fax' }], '400 VALIDATION_006',
    'steps[0].channel', 'no channel');
refused([{ start => 'fax' }], '400 VALIDATION_006', 'steps[0].start',
    'to start on');
refused([{ start => 'sms' }], '422 BUSINESS_007', 'steps[0].start',
    'no starter');

$answer = simulate($starts, { start => 'sms' });
is($answer->verdict(), '400 VALIDATION_004', 'a parameter is missing');
is_deeply([keys %{$answer->json()->{error}{details}}],
    ['steps[0].parameters.at'], 'which parameter');

$answer = simulate(definition(channels => [], ping => 1), $hi);
is($answer->verdict(), '422 AGENT_001', 'a definition with errors');
is_deeply([sort map { $_->{path} }
    @{$answer->json()->{error}{details}{issues}}], ['channels', 'ping'],
    'issues as on save');
$answer = simulate(definition(trigger => { on => 'template_reply',
    numbers => [] }), $hi);
is($answer->verdict(), '200', 'warnings do not matter');
is_deeply([map { $_->{code} } @{$answer->data()->{issues}}], ['no_starter'],
    'but are told');
is($t->post($path, body => { steps => [$hi] })->verdict(),
    '400 VALIDATION_004', 'no definition');

# texts come back as they are

my $nasty = "\"}]},\x{202e}\n\\u0000 %s {{x}} ; - '" . "\x{1f600}" x 64;

@played = played($full, { inbound => $nasty });
is($played[0]{messages}[0]{text}, $nasty, 'a text');
is((grep { $_->{event} eq 'message.received' } @{$played[0]{webhooks}})[0]
    {body}{payload}{text}, $nasty, 'in a body');

# the most that can be asked for

my $most = { definition => $full, steps => [map {
    ({ inbound => 'x' x 1200 }, { wait => '6h' }) } 1 .. 25] };

ok(@{$t->post($path, body => $most)->data()->{steps}} > 60, 'many steps');
is_deeply(left(), [], 'no keys are left');

# nor more than a page can show

my $first = { map { $_ => $t->{$_} } qw(customer key read_key numbers) };

$t->use_customer($t->new_customer('second'));
$t->webhook("/more/$_") for 1 .. 20;

my $chatty = definition(engine => { greeting => 'x' x 1600 },
    ping => { after_minutes => 1, text => 'y' x 1600, max => 10 });
my $twin = $t->post('/v3/agents', body => { name => 'twin',
    definition => $chatty })->data()->{agent};

# a Redis that has no time for it is one that is away

wait_for(20, sub {
    $answer = $t->post("/v3/agents/$twin->{id}/simulate", body => {
        definition => $chatty, steps => [map {
            ({ inbound => 'z' x 2000 }, { wait => '24h' }) } 1 .. 9] });

    return $answer->status() != 503;
});
is($answer->verdict(), '400 VALIDATION_005', 'too much');
like((keys %{$answer->json()->{error}{details}})[0], qr/^steps\[\d+\]$/,
    'at which step');
is_deeply(left(), [], 'no keys are left of it');
@$t{keys %$first} = values %$first;

# who has no number, or no conversations

my $bare = $t->use_customer($t->new_customer('third'));
my $mine = $t->post('/v3/agents', body => { name => 'mine',
    definition => definition() })->data()->{agent};
my %try = (body => { definition => definition(), steps => [$hi] });

$t->admin('DELETE', "/numbers/$_/$bare->{numbers}{$_}")
    for keys %{$bare->{numbers}};
$answer = $t->post("/v3/agents/$mine->{id}/simulate", %try);
is($answer->verdict(), '422 BUSINESS_007', 'no number');
is_deeply([keys %{$answer->json()->{error}{details}}], ['steps[0].channel'],
    'for which step');
$t->admin('PATCH', "/customers/$bare->{id}",
    body => { conversations_enabled => JSON::PP::false });
is($t->post("/v3/agents/$mine->{id}/simulate", %try)->verdict(),
    '403 CONVERSATION_002', 'not enabled');
@$t{keys %$first} = values %$first;

# a worker that is killed leaves nothing

$t->allow(qr/exited on signal 9/);

for my $n (1 .. 8) {
    my $client = SentConv::HTTP->new($t->{nginx}->port(0));

    $client->write($t->api_bytes('POST', $path, body => $most));
    sleep($n / 1000);
    $t->{nginx}->kill_worker();
    is_deeply(left(), [], "killed, $n");
    $t->ready($t->{nginx});
}

# Redis says nothing, or is away: nothing can have been accepted

$redis->freeze();
is(simulate($full, $hi)->verdict(), '503 SERVICE_001', 'Redis is silent');
$redis->thaw();
$t->ready($t->{nginx});
$redis->stop();
$answer = simulate($full, $hi);
is($answer->verdict(), '503 SERVICE_001', 'Redis is away');
ok($answer->header('Retry-After'), 'to be tried again');
