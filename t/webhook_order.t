#!/usr/bin/perl

# Tests for the order of webhooks: per contact and endpoint, whatever fails
# in between.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(workers => 4);

$t->webhook('/flaky', retry_count => 5);
$t->webhook('/steady');
$t->{receiver}->script('/flaky',
    { status => 500, chance => 0.1, repeat => 1 },
    { reset => 1, chance => 0.05, repeat => 1 });

# ten contacts write and are answered, all at once

for my $round (1 .. 6) {
    my @bytes;

    for my $n (1 .. 10) {
        push @bytes, $t->carrier_bytes('whatsapp',
            json($t->message(from => $t->contact($n))));
        push @bytes, $t->send_bytes(to => $t->contact($n)) if $round > 1;
    }

    http_many($t->{nginx}->port(), \@bytes);
}

# opened: 3 events; each further inbound 2; each send 3

my $n = 10 * (3 + 5 * 2 + 5 * 3);
my @steady = $t->wait_events('/steady', $n, 30);
my @flaky = $t->wait_events('/flaky', $n, 60);

is(scalar(@steady), $n, 'steady');
is(scalar(@flaky), $n, 'flaky');

# both were told the same, in the same order, contact by contact

my %order;

for my $hook (['steady', @steady], ['flaky', @flaky]) {
    my ($name, @events) = @$hook;

    push @{$order{$_->{payload}{thread_id}}{$name}}, $_->{event}
        . ($_->{payload}{message_id} // '') . ($_->{payload}{sequence} // '')
        for @events;
}

is(scalar(keys %order), 10, 'ten threads');
is(scalar(grep { "@{$order{$_}{steady}}" ne "@{$order{$_}{flaky}}" }
    keys %order), 0, 'the same order');

# no later event arrives before the one ahead of it was taken

my (%waiting, $overtaken);

for my $r ($t->arrivals('/flaky')) {
    my $thread = $r->{event}{payload}{thread_id};
    my $ok = ($r->{step}{status} // 200) == 200 && !$r->{step}{reset};

    $overtaken .= " $r->{event}{id}" if defined $waiting{$thread}
        && $waiting{$thread} ne $r->{event}{id};
    $waiting{$thread} = $ok ? undef : $r->{event}{id};
}

is($overtaken, undef, 'nothing overtakes');

# one that fails for good is given up, and the others follow

$t->webhook('/poison', retry_count => 2);
$t->{receiver}->script('/poison',
    { match => 'conversation.started', status => 500, repeat => 1 });

my $c = $t->opened(from => $t->contact(50));

$t->send(to => $t->contact(50));
ok($t->wait_event('/poison', 'message.sent', limit => 15), 'others follow');

my @tries = grep { $_->{event}{event} eq 'conversation.started' }
    $t->arrivals('/poison');

is(scalar(@tries), 3, 'first and two more');
like($t->{nginx}->log(), qr/sent conv .*given up/, 'logged');

my ($poison) = grep { $_->{display_name} eq 'hook /poison' }
    values %{$t->{hooks}};
my $shown = $t->get("/v3/webhooks/$poison->{id}")->data();

ok(wait_for(5, sub { ($shown = $t->get("/v3/webhooks/$poison->{id}")->data())
    ->{last_successful_delivery_at} }), 'last success shown');
ok($shown->{last_delivery_attempt_at}, 'last attempt shown');

my ($dead) = $t->{redis}->keys("sc:*:d:$poison->{id}");

ok($dead, 'kept with the dead');
is($t->{redis}->command('LLEN', $dead // 'none'), 2, 'one of them');
