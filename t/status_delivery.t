#!/usr/bin/perl

# Tests for what is counted of deliveries: attempts by how they ended, their
# time and the age of what was delivered, breakers, endpoints that are gone.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $t = setup(workers => 2, off => ['sent_conv_webhook_breaker'],
    http => '    sent_conv_webhook_breaker 3 300ms;');
my $attempts = 'sent_conv_delivery_attempts_total';

sub hook {
    my ($path, %arg) = @_;

    return $t->webhook($path, event_types => ['message'],
        event_filters => { message => ['received'] }, %arg);
}

# received at once

my $before = $t->metrics();
my $id = hook('/good')->{id};

$t->opened();
$t->send();
$t->grew($before, 'received',
    [1, $attempts, kind => 'webhook', outcome => 'success'],
    [1, $attempts, kind => 'webhook'],
    [1, $attempts, kind => 'carrier', outcome => 'success'],
    [1, 'sent_conv_delivery_duration_seconds_count', kind => 'webhook'],
    [1, 'sent_conv_delivery_duration_seconds_count', kind => 'carrier'],
    [1, 'sent_conv_delivery_age_seconds_count', kind => 'webhook'],
    [1, 'sent_conv_delivery_age_seconds_count', kind => 'carrier']);
cmp_ok($t->metrics()->value('sent_conv_delivery_age_seconds_sum'), '<',
    seconds(2), 'young');

# not at first: slow, then without an answer, then taken

$before = $t->metrics();
$t->{receiver}->script('/good', { delay => 0.3, status => 500 },
    { close => 1 });
$t->inbound();
$t->grew($before, 'late',
    [1, $attempts, kind => 'webhook', outcome => 'rejected'],
    [1, $attempts, kind => 'webhook', outcome => 'no_answer'],
    [1, $attempts, kind => 'webhook', outcome => 'success']);

my $m = $t->metrics();

cmp_ok($m->grown($before, 'sent_conv_delivery_duration_seconds_sum',
    kind => 'webhook'), '>=', 0.29, 'their time');
cmp_ok($m->grown($before, 'sent_conv_delivery_age_seconds_sum',
    kind => 'webhook'), '>=', 0.29, 'its age');

# it hangs

$before = $t->metrics();
$t->{receiver}->script('/slow', { hang => 1 });
hook('/slow', timeout_seconds => 5);
$t->inbound(to => $t->{numbers}{sms}, channel => 'sms');
$t->grew($before, 'timeout', [1, $attempts, outcome => 'timeout']);

# a test of it

$before = $t->metrics();
$t->post("/v3/webhooks/$id/test", body => { event_type => 'message.sent' });
$t->grew($before, 'a test', [1, $attempts, kind => 'test']);

# a breaker opens, its probe fails, it closes; nothing is given up

$t->api('DELETE', "/v3/webhooks/$_") for keys %{$t->{hooks}};
$before = $t->metrics();
$t->{receiver}->script('/down', map { { status => 503 } } 1 .. 4);

my $down = hook('/down', retry_count => 5)->{id};

$t->inbound();
ok(wait_for(10, sub { $t->metrics()
    ->value('sent_conv_webhook_breakers_open') == 1 }), 'open');
$t->{receiver}->wait_requests('/down', 5, 20);
$t->grew($before, 'breaker',
    [1, 'sent_conv_webhook_breakers_total', change => 'open'],
    [1, 'sent_conv_webhook_breakers_total', change => 'probe_failed'],
    [1, 'sent_conv_webhook_breakers_total', change => 'closed'],
    [0, 'sent_conv_events_dead_total']);
is($t->metrics()->value('sent_conv_webhook_breakers_open'), 0, 'closed');
$t->api('DELETE', "/v3/webhooks/$down");

# given up; gone, which several lanes are told, once

$before = $t->metrics();
$t->{receiver}->default('/dead', status => 400);
hook('/dead', retry_count => 1);
$t->{receiver}->default('/gone', status => 410);
hook('/gone');
$t->carrier('whatsapp', [map { $t->message(from => $t->contact($_)) } 1 .. 3]);
$t->grew($before, 'the end',
    [3, 'sent_conv_events_dead_total'],
    [1, 'sent_conv_webhooks_disabled_total', reason => 'gone'],
    [1, 'sent_conv_webhooks_disabled_total']);
$t->tolerate('disorder');
