#!/usr/bin/perl

# Tests for what a receiver says about the next attempt: Retry-After, its
# bounds, and the pauses that grow.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup();

sub gaps {
    my ($path) = @_;

    my @at = map { $_->{at} } grep { $_->{event}{event} =~ /started/ }
        $t->arrivals($path);

    return map { $at[$_] - $at[$_ - 1] } 1 .. $#at;
}

my @started = (event_types => ['conversation'],
    event_filters => { conversation => ['started'] });

$t->webhook('/after', @started);
$t->webhook('/soon', @started);
$t->webhook('/odd', @started);
$t->webhook('/grow', @started, retry_count => 5);

$t->{receiver}->script('/after', { status => 503,
    headers => { 'Retry-After' => '2' } });
$t->{receiver}->script('/soon', { status => 429,
    headers => { 'Retry-After' => '0' } });
$t->{receiver}->script('/odd', { status => 503,
    headers => { 'Retry-After' => 'tomorrow' } });
$t->{receiver}->script('/grow', ({ status => 500 }) x 5);

$t->opened();
$t->{receiver}->wait_requests('/grow', 6, 20);
$t->{receiver}->wait_requests($_, 2, 10) for qw(/after /soon /odd);

my ($after) = gaps('/after');
my ($soon) = gaps('/soon');
my ($odd) = gaps('/odd');

ok(defined $after && $after >= 1.9 && $after < 5, 'as told')
    or diag($after // 'never');
ok(defined $soon && $soon < 2, 'none told') or diag($soon // 'never');
ok(defined $odd && $odd < 2, 'nonsense is not heard') or diag($odd // 'never');

# 100 200 400 800 1000 ms, 20 % more or less, and the sweep's own delay

my @gaps = gaps('/grow');
my @least = (0.08, 0.16, 0.32, 0.64, 0.8);

is(scalar(@gaps), 5, 'six attempts');
is(scalar(grep { $gaps[$_] < $least[$_] - 0.02 } 0 .. $#gaps), 0,
    'pauses grow') or diag("@gaps");
is(scalar(grep { $gaps[$_] > $least[$_] * 1.5 + 1.5 } 0 .. $#gaps), 0,
    'and are not longer') or diag("@gaps");

# the signature is of the attempt's own time, the id of all the same

my @ids = map { $_->{headers}{'webhook-id'} } $t->arrivals('/grow');
my %ids = map { $_ => 1 } @ids;
my %times = map { $_->{headers}{'webhook-timestamp'} => 1 }
    $t->arrivals('/grow');

is(scalar(keys %ids), 1, 'one id');
ok(keys %times > 1, 'own timestamps');

# given up after the last, and the next event goes out

$t->{receiver}->script('/grow', ({ status => 500 }) x 6);
$t->opened(from => $t->contact(2));
$t->{receiver}->wait_requests('/grow', 12, 20);

ok(wait_for(5, sub { $t->{nginx}->log() =~ /sent conv .*given up/ }),
    'given up');

$t->opened(from => $t->contact(3));
ok($t->wait_event('/grow', 'conversation.started',
    contact => $t->contact(3)), 'the next contact');

# 410: gone for good

my $gone = $t->webhook('/gone', @started, retry_count => 5);

$t->{receiver}->script('/gone', { status => 410 });
$t->opened(from => $t->contact(4));
$t->{receiver}->wait_requests('/gone', 1);

my $shown;

ok(wait_for(5, sub {
    $shown = $t->get("/v3/webhooks/$gone->{id}")->data();
    return !$shown->{is_active};
}), 'disabled by 410');
ok(defined $shown->{disabled_reason}, 'reason');

# deleted by a node that is not heard of, while the 410 is on its way: it
# does not come back

$gone = $t->webhook('/over', @started, retry_count => 5);

$t->{receiver}->script('/over', { status => 410, delay => 1 });
$t->opened(from => $t->contact(5));
$t->{receiver}->wait_requests('/over', 1);
$t->{redis}->command('HDEL', "sc:{$t->{customer}}:webhooks", $gone->{id});

ok(wait_for(5, sub { $t->{nginx}->log() =~ /"\Q$gone->{id}\E".*status 410/ }),
    'answered 410');
ok(!wait_for(2, sub {
    return $t->{redis}->command('HEXISTS', "sc:{$t->{customer}}:webhooks",
        $gone->{id});
}), 'deleted, not disabled');
