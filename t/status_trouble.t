#!/usr/bin/perl

# Tests for what a node tells in trouble: a worker that was killed leaves no
# gauge behind, and a Redis that is away or hangs does not hold up the scrape.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $t = setup(workers => 2, http => '    sent_conv_redis_timeout 30s;');

$t->allow(qr/sent conv/);
$t->tolerate('duplicates', 'disorder');
$t->webhook('/hook', retry_count => 5, event_types => ['message'],
    event_filters => { message => ['received'] });

sub gauge {
    my ($value, $name, %labels) = @_;

    my $is;

    wait_for(10, sub {
        $is = $t->metrics()->value($name, %labels);
        return $is == $value;
    });

    return $is;
}

my $deliveries = 'sent_conv_deliveries_in_flight';

is(gauge(0, 'sent_conv_lanes_in_hand'), 0, 'nothing in hand');
is(gauge(0, 'sent_conv_lanes'), 0, 'no lanes');

# what is on its way, and whose worker dies

$t->{receiver}->script('/hook', { hang => 1 }, { hang => 1 });
$t->inbound(from => $t->contact($_)) for 1 .. 2;
$t->{receiver}->wait_requests('/hook', 2);

is(gauge(2, $deliveries, kind => 'webhook'), 2, 'on their way');
is(gauge(0, $deliveries, kind => 'carrier'), 0, 'of webhooks');
is(gauge(2, 'sent_conv_lanes'), 2, 'lanes');

$t->{nginx}->kill_worker($_) for $t->{nginx}->workers();
$t->ready($t->{nginx});

is(gauge(0, $deliveries), 0, 'nothing is left');
is(gauge(2, 'sent_conv_workers'), 2, 'workers');

# the lanes are taken over and go on

ok(scalar($t->wait_events('/hook', 2, 20)), 'delivered');
is(gauge(0, 'sent_conv_lanes'), 0, 'no lane is left');

# Redis hangs: the answer comes nevertheless, without what it would tell

$t->{redis}->freeze();

my $m = $t->metrics();

is($m->value('sent_conv_redis_up'), 0, 'hangs');
cmp_ok($m->took(), '<', seconds(4), 'in time');
is($m->value('sent_conv_lanes'), undef, 'no lanes are told');
is($m->value('sent_conv_deadlines'), undef, 'no deadlines');
cmp_ok($m->value('sent_conv_redis_commands_in_flight'), '>', 0, 'unanswered');

$t->{redis}->thaw();

is(gauge(1, 'sent_conv_redis_up'), 1, 'goes on');

# away

my $before = $t->metrics();

$t->{redis}->crash();
ok(wait_for(10, sub { $t->metrics()->value('sent_conv_redis_up') == 0 }),
    'away');

$m = $t->metrics();

cmp_ok($m->took(), '<', seconds(1), 'at once');
cmp_ok($m->grown($before, 'sent_conv_redis_connection_failures_total',
    connection => 'commands'), '>=', 1, 'failures');

$t->get('/v3/contacts');
cmp_ok($t->wait_grown($before, 1, 'sent_conv_redis_errors_total',
    result => 'unsent'), '>=', 1, 'errors');

$t->{redis}->start();
$t->ready($t->{nginx}, 15);
cmp_ok($t->wait_grown($before, 1, 'sent_conv_redis_connections_total',
    connection => 'commands'), '>=', 1, 'connected again');
