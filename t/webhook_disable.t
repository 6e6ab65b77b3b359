#!/usr/bin/perl

# Tests for webhooks that are switched off because their events are given up
# for too long.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $t = setup(workers => 2, http => '    sent_conv_webhook_disable 5 2s;');
my $two = $t->node('two');

# what is recovered comes behind what was sent meanwhile

$t->tolerate('disorder');

my @received = (event_types => ['message'],
    event_filters => { message => ['received'] }, retry_count => 1);

sub shown {
    my ($hook, %how) = @_;

    return $t->get("/v3/webhooks/$hook->{id}", %how)->data();
}

sub dead {
    my ($hook) = @_;

    my $shown = shown($hook);

    return $shown->{consecutive_failures};
}

sub flood {
    my ($from, $n) = @_;

    $t->carrier('whatsapp', [map { $t->message(from => $t->contact($_)) }
        $from .. $from + $n - 1], node => ($t->{nginx}, $two)[rand 2]);
}

# one that says no to all, and one that says no now and then

my $never = $t->webhook('/never', @received);
my $seldom = $t->webhook('/seldom', @received);

$t->{receiver}->default('/never', status => 400);
$t->{receiver}->default('/seldom', status => 400);

# many events given up, but not for long

flood(1, 8);
ok(wait_for(10, sub { dead($never) >= 8 }), 'given up')
    or diag(dead($never));
ok(shown($never)->{is_active}, 'not at once');

# a success of one of them

$t->{receiver}->script('/seldom', { status => 200 });
flood(1, 1);
ok(wait_for(10, sub { dead($seldom) == 0 }), 'the row ends');
ok(shown($seldom)->{last_successful_delivery_at}, 'a success');

# two seconds later the next one that is given up switches the other off

wait_for(2, sub { 0 });
flood(1, 1);

my $shown;

ok(wait_for(10, sub { !($shown = shown($never))->{is_active} }),
    'switched off');
like($shown->{disabled_reason},
    qr/^10 events in a row were given up, .* for \d+ seconds\.$/, 'reason');
ok(wait_for(6, sub { !shown($never, node => $two)->{is_active} }),
    'on the other node, too');
ok(shown($seldom)->{is_active}, 'the other stays on');

my @told = map { $_->log() =~ /("\Q$never->{id}\E" is disabled: 10 .*)/g }
    $t->{nginx}, $two;

is(scalar(@told), 1, 'told once') or diag(join("\n", @told));

# what arises meanwhile, and what waited, is kept; nothing is sent

sub kept {
    my ($hook) = @_;

    my $n = 0;

    $n += $t->{redis}->command('LLEN', $_) / 2
        for $t->{redis}->keys("sc:*:d:$hook->{id}");

    return $n;
}

my $tried = () = $t->{receiver}->requests('/never');

flood(1, 20);
ok(wait_for(15, sub { kept($never) >= 30 }), 'all are kept')
    or diag(kept($never));
ok(wait_for(15, sub { !$t->{redis}->keys("sc:*:q:$never->{id}:*") }),
    'none waits');
is(scalar(() = $t->{receiver}->requests('/never')), $tried, 'none is sent');

# switched on again it begins anew

$t->{receiver}->default('/never');

my $answer = $t->api('PATCH', "/v3/webhooks/$never->{id}/toggle-status",
    body => { is_active => JSON::PP::true });

is($answer->verdict(), '200', 'switched on');

$shown = shown($never);
is($shown->{disabled_reason}, undef, 'no reason');
is($shown->{consecutive_failures}, 0, 'no failures');
flood(101, 1);
ok(wait_for(10, sub { grep { $_->{event}{payload}{inbound_number}
    eq $t->contact(101) } $t->arrivals('/never') }), 'and is told');

# and what was kept is recovered, in order for each contact

my $kept = kept($never);
my $before = () = $t->{receiver}->requests('/never');

$answer = $t->post("/v3/webhooks/$never->{id}/recover",
    body => { since => '2020-01-01T00:00:00Z' });
is($answer->verdict(), '202', 'recover');
is($answer->data()->{events}, $kept, 'all of them');
ok(wait_for(20, sub { $before + $kept
    == (() = $t->{receiver}->requests('/never')) }), 'all come');
is(kept($never), 0, 'none is left');

my (%last, @disorder);

for my $r (($t->arrivals('/never'))[$before .. $before + $kept - 1]) {
    my $p = $r->{event}{payload};

    push @disorder, $r->{event}{id} if $r->{event}{timestamp}
        lt ($last{$p->{thread_id}} // '');
    $last{$p->{thread_id}} = $r->{event}{timestamp};
}

is("@disorder", '', 'in order');

# switched off by its owner: what waits is kept, what arises is not told

my $off = $t->webhook('/off', @received);

$t->{receiver}->default('/off', status => 500);
flood(201, 3);
$t->{receiver}->wait_requests('/off', 3);
$answer = $t->api('PATCH', "/v3/webhooks/$off->{id}/toggle-status",
    body => { is_active => JSON::PP::false });
is($answer->verdict(), '200', 'switched off');

ok(wait_for(15, sub { kept($off) == 3 }), 'what waited is kept')
    or diag(kept($off));
flood(211, 3);
ok($t->wait_event('/never', 'message.received',
    inbound_number => $t->contact(213)), 'others are told');
ok(!$t->{redis}->keys("sc:*:q:$off->{id}:*"), 'it is not');
is(kept($off), 3, 'nor is that kept');
is(shown($off)->{consecutive_failures}, 0, 'nothing was given up');
