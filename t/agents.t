#!/usr/bin/perl

# Tests for /v3/agents: definitions, versions that are saved and live in one
# step, and what makes one refused.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(uuid4);

my $t = setup();
my $hook = $t->webhook('/hook');
my $number = $t->{numbers}{whatsapp};

$t->template(name => 'appointment_confirm');

sub definition {
    my (%part) = @_;

    return {
        schema => 1,
        trigger => { on => 'either', numbers => [] },
        starters => [{ channel => 'sms',
            template => { name => 'appointment_confirm' },
            parameters => { name => 'contact.name' } }],
        channels => ['whatsapp', 'sms', 'rcs'],
        webhooks => [$hook->{id}],
        engine => { greeting => undef, coalesce_seconds => 0,
            expiring_minutes => undef },
        ping => { after_minutes => 120, text => 'Still there?', max => 1 },
        ending => { confirmation => undef, keywords => ['BAJA'] },
        %part,
    };
}

sub save {
    my ($id, $live, %arg) = @_;

    return $t->post("/v3/agents/$id/versions",
        body => { definition => definition(%{delete $arg{part} || {}}),
            %{delete $arg{more} || {}} },
        headers => { 'If-Match' => qq("$live") }, %arg);
}

# made

my $answer = $t->post('/v3/agents', body => { name => 'Desk',
    definition => definition(), layout => { engine => [0, 405] } });
my ($agent, $version) = @{$answer->data()}{qw(agent version)};
my $uri = "/v3/agents/$agent->{id}";

is($answer->verdict(), '201', 'made');
is_deeply([@$agent{qw(name is_active live_version)}],
    ['Desk', JSON::PP::true, 1], 'agent');
is_deeply($agent->{layout}, { engine => [0, 405] }, 'layout');
is_deeply([@$version{qw(version note restored_from created_by live)}],
    [1, undef, undef, 'a full key', JSON::PP::true], 'version');
is_deeply($version->{definition}, definition(), 'definition as given');
like($version->{sha256}, qr/^[0-9a-f]{64}$/, 'digest');
is_deeply($t->get($uri)->data(), $answer->data(), 'shown');
is($t->get('/v3/agents')->data()->{agents}[0]{id}, $agent->{id}, 'listed');

# what is wrong with it is told by paths

$answer = $t->post('/v3/agents', body => { name => 'x',
    definition => definition(channels => [], ping => {}) });
is($answer->verdict(), '422 AGENT_001', 'invalid');
is_deeply([map { "$_->{path} $_->{code}" }
    @{$answer->json()->{error}{details}{issues}}],
    ['channels range', 'ping.after_minutes missing', 'ping.text missing',
        'ping.max missing'], 'issues');
is($t->post('/v3/agents', body => { definition => [] })->verdict(),
    '400 VALIDATION_004', 'no name');
is($t->post('/v3/agents', body => { name => 'x' x 101,
    definition => definition() })->verdict(), '400 VALIDATION_005',
    'a long name');
is($t->post('/v3/agents', body => { name => 'x', definition => definition(),
    layout => { engine => 'x' } })->verdict(), '400 VALIDATION_001',
    'a layout of no places');
is(scalar(@{$t->get('/v3/agents')->data()->{agents}}), 1, 'nothing was made');

$answer = $t->post("$uri/validate",
    body => { definition => definition(webhooks => ['x']) });
is($answer->verdict(), '200', 'validated');
is($answer->data()->{issues}[0]{code}, 'value', 'what is wrong');
is_deeply($t->post("$uri/validate", body => { definition => definition() })
    ->data(), { issues => [] }, 'nothing is wrong');
is($t->get('/v3/agents/schema')->data()->{properties}{schema}{const}, 1,
    'schema');

# versions

$answer = save($agent->{id}, 1, more => { note => 'less patient' },
    part => { ping => { after_minutes => 90, text => 'There?', max => 2 } });
is($answer->verdict(), '201', 'saved');
is_deeply([@{$answer->data()}{qw(version note live)}],
    [2, 'less patient', JSON::PP::true], 'live at once');
is($t->get($uri)->data()->{agent}{live_version}, 2, 'promoted');

$answer = save($agent->{id}, 1);
is($answer->verdict(), '412 CONFLICT_002', 'another is live');
is_deeply($answer->json()->{error}{details}, { live_version => 2 }, 'which');
is($t->post("$uri/versions", body => { definition => definition() })
    ->verdict(), '400 VALIDATION_004', 'no If-Match');
is(save($agent->{id}, 'x')->verdict(), '400 VALIDATION_006',
    'an If-Match of no version');

my $old = $t->get("$uri/versions/1")->data();

is_deeply([@$old{qw(version live)}], [1, JSON::PP::false], 'the former one');
is_deeply($old->{definition}, definition(), 'unchanged');
is($t->get("$uri/versions/3")->verdict(), '404 CONVERSATION_004',
    'none like it');

$answer = $t->post("$uri/versions/1/restore");
is($answer->verdict(), '201', 'restored');
is_deeply([@{$answer->data()}{qw(version restored_from sha256)}],
    [3, 1, $old->{sha256}], 'as the next one');

my $list = $t->get("$uri/versions?page_size=2")->data();

is_deeply([map { $_->{version} } @{$list->{versions}}], [3, 2],
    'newest first');
ok(!exists $list->{versions}[0]{definition}, 'without their definitions');
is($list->{pagination}{total_count}, 3, 'total');
is_deeply([map { $_->{version} } @{$t->get(
    "$uri/versions?page_size=2&cursor=$list->{pagination}{cursors}{after}")
    ->data()->{versions}}], [1], 'the rest');

# the same request makes one version

my %key = (headers => { 'If-Match' => '"3"', 'Idempotency-Key' => 'save-1' });
my @twice = map { $t->post("$uri/versions",
    body => { definition => definition() }, %key) } 1 .. 2;

is($twice[0]->data()->{version}, 4, 'saved under a key');
is_deeply($twice[1]->data(), $twice[0]->data(), 'the same again');
is($t->get($uri)->data()->{agent}{live_version}, 4, 'once');

# of many at once one is the next

my @many = http_many($t->{nginx}->port(), [map { $t->api_bytes('POST',
    "$uri/versions", body => { definition => definition() },
    headers => { 'If-Match' => '"4"' }) } 1 .. 20]);

is(scalar(grep { $_->status() == 201 } @many), 1, 'one of twenty');
is(scalar(grep { $_->status() == 412 } @many), 19, 'the others are told');
is($t->get($uri)->data()->{agent}{live_version}, 5, 'five now');

# sandbox

is(save($agent->{id}, 5, more => { sandbox => JSON::PP::true })->verdict(),
    '201', 'sandbox');
is($t->get($uri)->data()->{agent}{live_version}, 5, 'nothing is saved');

# a number is of one agent that is on

save($agent->{id}, 5,
    part => { trigger => { on => 'inbound', numbers => [$number] } });

my %other = (trigger => { on => 'inbound', numbers => [$number] });

$answer = $t->post('/v3/agents',
    body => { name => 'other', definition => definition(%other) });
is($answer->verdict(), '409 RESOURCE_007', 'a number that is taken');
is($t->api('PATCH', $uri, body => { is_active => JSON::PP::false })
    ->data()->{is_active}, JSON::PP::false, 'switched off');

my $second = $t->post('/v3/agents',
    body => { name => 'other', definition => definition(%other) })->data()
    ->{agent};

ok($second->{id}, 'free now');
is($t->api('PATCH', $uri, body => { is_active => JSON::PP::true })
    ->verdict(), '409 RESOURCE_007', 'not on while it is another\'s');
is($t->api('PATCH', $uri, body => { name => 'Front desk',
    layout => { ping => [1, 2.5] } })->data()->{name}, 'Front desk',
    'renamed');
is_deeply($t->get($uri)->data()->{agent}{layout}, { ping => [1, 2.5] },
    'moved');

# archived

is($t->api('DELETE', "/v3/agents/$second->{id}")->verdict(), '204',
    'archived');
is($t->get("/v3/agents/$second->{id}")->verdict(), '404 CONVERSATION_004',
    'gone');
is($t->api('PATCH', $uri, body => { is_active => JSON::PP::true })
    ->verdict(), '200', 'its number is free');

# who may

is($t->get('/v3/agents/' . uuid4())->verdict(),
    '404 CONVERSATION_004', 'unknown');
is($t->post('/v3/agents', body => {}, key => $t->{read_key})->verdict(),
    '403 AUTH_004', 'a key that may read');

my $first = $t->{customer};

$t->use_customer($t->new_customer('second'));
is($t->get($uri)->verdict(), '404 CONVERSATION_004', 'of another customer');
$t->admin('PATCH', "/customers/$t->{customer}",
    body => { conversations_enabled => JSON::PP::false });
is($t->get('/v3/agents')->verdict(), '403 CONVERSATION_002', 'not enabled');

done_testing();
