#!/usr/bin/perl

# Tests on a server that is cluster-enabled: no command of ours touches two
# slots, and no script a key it has not declared.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(epoch);

my $t = setup(start => 0, window => '5s',
    redis => { options => ['--cluster-enabled', 'yes',
        '--cluster-port', free_port()] });

$t->{redis}->command('CLUSTER', 'ADDSLOTSRANGE', 0, 16383);
ok(wait_for(10, sub { $t->{redis}->command('CLUSTER', 'INFO')
    =~ /cluster_state:ok/ }), 'one node has all slots');

$t->start();
$t->use_customer($t->new_customer('first'));
$t->admin('PATCH', "/customers/$t->{customer}", body =>
    { confirmation => 'You are out', help => 'Here is help' });

my @hooks = map { $t->webhook("/hook$_", retry_count => 1) } 1 .. 3;

$t->{receiver}->default('/carrier/whatsapp', body => '{"id":"own-%%N%%"}');
$t->{receiver}->script('/hook2', { status => 500, match => 'queued' },
    { status => 500, match => 'queued' });

# a conversation, from end to end

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
is($t->get('/v3/conversations?contact=%2B16505550001')->data()
    ->{conversations}[0]{id}, $c->{id}, 'list by contact');
is($t->inbound(text => 'help')->status(), 200, 'help');
is($t->end($c->{id})->verdict(), '200', 'close');

# contacts of many partitions: opened, stopped, lapsed

is($t->carrier('whatsapp', [map { $t->message(from => $t->contact($_)) }
    1 .. 100])->data()->{accepted}, 100, 'a hundred windows');
is($t->carrier('whatsapp', [map { $t->message(from => $t->contact($_),
    text => 'stop') } 1 .. 20])->data()->{accepted}, 20, 'twenty stop');
is(scalar($t->wait_events('/hook3', 101, 20, event => 'conversation.ended')),
    101, 'all ended');
is(scalar($t->wait_events('/hook1', 101, 20, event => 'conversation.ended')),
    101, 'all ended at the first');

is($t->api('DELETE', "/v3/webhooks/$hooks[0]{id}")->status(), 204,
    'webhook deleted');
is(scalar(@{$t->get('/v3/webhooks')->data()->{webhooks}}), 2, 'webhooks');
is($t->admin('GET', '/customers')->status(), 200, 'customers');
is($t->admin('GET', "/customers/$t->{customer}/keys")->status(), 200, 'keys');
is($t->admin('GET', "/customers/$t->{customer}/numbers")->status(), 200,
    'numbers');

unlike($t->{nginx}->log(), qr/CROSSSLOT|MOVED|undeclared|non local key/i,
    'no slot but its own');
