#!/usr/bin/perl

# Tests on a Redis Cluster of three masters: all that a node does, whatever
# master has it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Cluster;
use SentConv::Env;
use SentConv::Id qw(epoch);

my $t = setup(start => 0, window => '6s', off => ['sent_conv_redis'],
    redis => { SentConv::Cluster::options() },
    server => '        location /ui-api/ { sent_conv_dashboard; }');
my $cluster = SentConv::Cluster->new(first => $t->{redis}, dir => $t->{dir},
    masters => 3);
my $where = '127.0.0.1:' . $cluster->{masters}[1]->port();

$t->{nginx} = $t->node('nginx', start => 0,
    http => "    sent_conv_redis cluster $where;");
$t->start();
$t->use_customer($t->new_customer('first'));
$t->admin('PATCH', "/customers/$t->{customer}", body =>
    { confirmation => 'You are out', help => 'Here is help' });
is(scalar(() = $t->{nginx}->log() =~ /a master is at/g), 6,
    'each worker knows the masters');

my @hooks = map { $t->webhook("/hook$_", retry_count => 1) } 1 .. 3;

$t->{receiver}->default('/carrier/whatsapp', body => '{"id":"own-%%N%%"}');
$t->{receiver}->script('/hook2', { status => 500, match => 'queued' },
    { status => 500, match => 'queued' });

# a conversation, from end to end

my $answer;

my $c = $t->opened(name => 'Ada');
my $sent = $t->send(idem => 'one');

is($sent->verdict(), '202', 'send');
is($t->send(idem => 'one')->header('idempotent-replayed'), 'true', 'replayed');
ok($t->wait_event('/hook1', 'message.sent'), 'sent');
is($t->status($sent->data()->{message_id}, 'delivered')->data()->{accepted},
    1, 'status');
$t->status(undef, 'read', id => 'unheard-of');
ok($t->wait_event('/hook1', 'message.delivered'), 'delivered');
is(scalar($t->transcript($c->{id})), 2, 'transcript');
is(scalar($t->transcript($c->{thread_id})), 2, 'thread');
is($t->get('/v3/conversations?status=open')->data()->{pagination}
    {total_count}, 1, 'list');
is($t->inbound(text => 'help')->status(), 200, 'help');
is($t->end($c->{id})->verdict(), '200', 'close');

# contacts of many partitions, on all masters: opened, stopped, lapsed

is($t->carrier('whatsapp', [map { $t->message(from => $t->contact($_)) }
    1 .. 100])->data()->{accepted}, 100, 'a hundred windows');

my @windows = map { scalar($_->keys('sc:{*}:w:*')) } @{$cluster->{masters}};

is(scalar(grep { $_ > 5 } @windows), 3, 'on all masters') or diag("@windows");
is($t->carrier('whatsapp', [map { $t->message(from => $t->contact($_),
    text => 'stop') } 1 .. 20])->data()->{accepted}, 20, 'twenty stop');
is($t->send(to => $t->contact(7))->verdict(), '422 CONVERSATION_001',
    'no send to one of them');
is($t->broadcast([map { $t->contact($_) } 21 .. 60], text => 'to many')
    ->status(), 202, 'to many at once');

my ($all, $after) = (0, '');

while (defined $after) {
    my $page = $t->get("/v3/conversations?page_size=50$after")->data();

    $all += @{$page->{conversations}};
    $after = $page->{pagination}{has_more}
        ? "&cursor=$page->{pagination}{cursors}{after}" : undef;
}

is($all, 101, 'all in the list');
is(scalar($t->wait_events('/hook3', 101, 20, event => 'conversation.ended')),
    101, 'all ended');

my @late = sort { $a <=> $b } map { $_->{at}
    - epoch($_->{event}{payload}{ended_at}) } grep { ($_->{event}{event} // '')
    eq 'conversation.ended' } $t->arrivals('/hook3');

cmp_ok($late[-1], '<', seconds(2), 'in time') or diag($late[-1]);

# the rest of a day

is($t->api('DELETE', "/v3/webhooks/$hooks[0]{id}")->status(), 204,
    'webhook deleted');
is(scalar(@{$t->get('/v3/webhooks')->data()->{webhooks}}), 2, 'webhooks');
is($t->admin('GET', '/customers')->status(), 200, 'customers');
is($t->admin('GET', "/customers/$t->{customer}/keys")->status(), 200, 'keys');
is($t->admin('GET', "/customers/$t->{customer}/numbers")->status(), 200,
    'numbers');
is($t->get('/v3/contacts?page_size=100')->data()->{pagination}{total_count},
    100, 'contacts');

my $metrics = $t->metrics();

is($metrics->value('sent_conv_redis_up'), 1, 'metrics');
is($metrics->value('sent_conv_deadlines'), 0, 'no deadlines are left');

# an agent, played and then live, and the dashboard's session

my $definition = { schema => 1,
    trigger => { on => 'inbound', numbers => [] }, starters => [],
    channels => ['whatsapp'], webhooks => [],
    engine => { greeting => 'Welcome', coalesce_seconds => 0,
        expiring_minutes => undef }, ping => undef,
    ending => { confirmation => undef, keywords => ['BAJA'] } };

$answer = $t->post('/v3/agents', body => { name => 'Desk',
    definition => $definition });

my $agent = $answer->data()->{agent}{id};

is($answer->verdict(), '201', 'agent');
is($t->post("/v3/agents/$agent/simulate", body => {
    definition => $definition, steps => [{ inbound => 'hi' },
        { wait => '2h' }, { inbound => 'STOP' }] })->verdict(), '200',
    'played');

$c = $t->opened(from => $t->contact(200));

is($c->{agent_id}, $agent, 'live');
ok(wait_for(10, sub { grep { $_->{message_body}{content} eq 'Welcome' }
    $t->transcript($c->{id}) }), 'it greets');
is($t->get("/v3/agents/$agent/stats?range=1h")->data()->{open}, 1, 'stats');
is($t->inbound(from => $t->contact(200), text => 'baja')->status(), 200,
    'its word');
ok(wait_for(10, sub { $t->conversation($c->{id})->{close_reason} // ''
    eq 'COMPLIANCE_STOP' }), 'ends it');

my $session = $t->api('POST', '/ui-api/session', key => undef,
    headers => { 'Sec-Fetch-Site' => 'same-origin' },
    body => { api_key => $t->{key} });
my ($cookie) = ($session->header('Set-Cookie') // '') =~ /^([^;]+)/;

push @{$t->{secrets}}, $cookie =~ /=(.*)/;
is($session->verdict(), '201', 'session');
is($t->api('GET', '/ui-api/changes', key => undef, headers => {
    Cookie => $cookie })->verdict(), '200', 'changes');

# another number of partitions is refused, whoever has it

my $other = $t->node('other', start => 0, http => "    sent_conv_redis cluster"
    . " $where;\n    sent_conv_partitions 128;");

$other->allow(qr/sent conv/);
$other->start();

ok(wait_for(10, sub {
    $answer = http($other->port(), 'GET', '/readyz');
    return $answer && $answer->status() == 503
        && $answer->body() =~ /partition/;
}), 'partitions disagree');
is($t->send(node => $other)->verdict(), '503 SERVICE_001', 'serves nothing');
$other->quit();

ok($t->{nginx}->reload(), 'reload');
$t->{nginx}->settled(35);
$t->ready($t->{nginx});
is($t->opened(from => $t->contact(300))->{status}, 'OPEN', 'reloaded');

# each is listened to, and scripts that one forgot are given again

ok(wait_for(10, sub { my %at = map { $_ => 1 } $t->{nginx}->log()
    =~ /notifications at (\S+): ready/g; keys %at == 3 }), 'notifications');
$_->command('SCRIPT', 'FLUSH') for @{$cluster->{masters}};
is($t->carrier('whatsapp', [map { $t->message(from => $t->contact($_)) }
    301 .. 330])->data()->{accepted}, 30, 'scripts flushed');

unlike($t->{nginx}->log(), qr/CROSSSLOT|undeclared|non local key|slot is/i,
    'no slot but its own');
is(scalar(grep { /MOVED|CROSSSLOT/ } map { keys %{$_->info('errorstats')} }
    @{$cluster->{masters}}), 0, 'each command goes where its slot is');
