#!/usr/bin/perl

# Tests for recovery at length: its pace, workers that are killed over it, a
# webhook that is slow, switched off or deleted meanwhile.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $t = setup(workers => 2, off => ['sent_conv_webhook_breaker'],
    http => <<'EOF_HTTP');
    sent_conv_partitions 2;
    sent_conv_webhook_breaker off;
    sent_conv_webhook_disable off;
    sent_conv_webhook_recover 40;
EOF_HTTP

$t->tolerate('duplicates', 'disorder');
$t->allow(qr/sent conv/);

my $ever = '2020-01-01T00:00:00Z';

sub recover { my ($hook) = @_;
    return $t->post("/v3/webhooks/$hook->{id}/recover",
        body => { since => $ever })->data()->{events} }

sub count { my ($hook, $status) = @_;
    my $answer = $t->get("/v3/webhooks/$hook->{id}/events?status=$status");
    return $answer && $answer->status() == 200
        ? $answer->data()->{pagination}{total_count} // -1 : -1 }

sub counted { my ($hook, $status, $n, $limit) = @_;
    my $is;
    wait_for($limit || 30, sub { return ($is = count($hook, $status)) == $n });
    is($is, $n, "$n $status") }

# so many contacts' first two events given up

sub given_up {
    my ($path, $first, $n) = @_;

    my $hook = $t->webhook($path, retry_count => 1,
        event_types => ['conversation']);

    $t->{receiver}->default($path, status => 500);
    http_many($t->{nginx}->port(), [map { $t->carrier_bytes('whatsapp',
        json($t->message(from => $t->contact($_)))) } $first .. $first + $n
        - 1]);
    counted($hook, 'FAILED', 2 * $n, 60);
    $t->{receiver}->default($path);

    return $hook;
}

# each event of a path by its arrivals behind the first so many

sub again { my ($path, $before) = @_;
    my @came = $t->arrivals($path);
    my %n;
    $n{$_->{event}{id}}++ for @came[$before .. $#came];
    return %n }

# in its time

my $hook = given_up('/pace', 1, 60);
my $before = $t->arrivals('/pace');
my $start = time();

is(recover($hook), 120, 'all of it');
counted($hook, 'DELIVERED', 120);

my @came = $t->arrivals('/pace');
my @at = map { $_->{at} - $start } @came[$before .. $#came];

is(scalar(@at), 120, 'each once');
ok($at[-1] > 1.5, 'paced') or diag("in $at[-1] s");
ok((grep { $_ < 1 } @at) <= 80, 'no stampede')
    or diag(scalar(grep { $_ < 1 } @at));

# all workers killed, again and again

$hook = given_up('/kill', 101, 60);
$before = $t->arrivals('/kill');
is(recover($hook), 120, 'all of it');

for my $n (1 .. 3) {
    wait_for(20, sub { $t->arrivals('/kill') - $before > 25 * $n });
    $t->{nginx}->kill_worker($_) for $t->{nginx}->workers();
    $t->ready($t->{nginx});
}

counted($hook, 'DELIVERED', 120, 60);

my %n = again('/kill', $before);

is(scalar(keys %n), 120, 'each came');
is(count($hook, 'FAILED'), 0, 'none is left');

my (%rank, %last, $behind);

for my $r (grep { $_->{event}{event} =~ /started|exchanged/ }
    ($t->arrivals('/kill'))[$before .. $before + 119])
{
    my $thread = $r->{event}{payload}{thread_id};
    my $sequence = $r->{event}{payload}{sequence};

    $behind .= " $thread" if $sequence < ($last{$thread} || 0);
    $last{$thread} = $sequence;
}

is($behind, undef, 'in order');

# one that is slow gets no more than it takes, and the others theirs

$hook = given_up('/slow', 201, 40);

my $quick = $t->webhook('/quick', event_types => ['conversation']);

$t->{receiver}->default('/slow', delay => 0.2);
recover($hook);
$start = time();
$t->opened(from => $t->contact(300));
ok($t->wait_event('/quick', 'conversation.started',
    contact => $t->contact(300), limit => 10), 'others go on');
ok(time() - $start < seconds(2), 'at once') or diag(time() - $start);
counted($hook, 'DELIVERED', 82, 60);

# switched off in the midst: it goes on when it is on again

$hook = given_up('/off', 401, 60);
$before = $t->arrivals('/off');
recover($hook);
wait_for(20, sub { $t->arrivals('/off') - $before > 20 });

my $switch = sub { $t->api('PATCH',
    "/v3/webhooks/$hook->{id}/toggle-status",
    body => { is_active => $_[0] ? JSON::PP::true : JSON::PP::false }) };

is($switch->(0)->status(), 200, 'off');

counted($hook, $_, 0) for qw(PENDING RETRYING);

my $left = count($hook, 'FAILED');

ok($left > 20, 'the rest stays') or diag($left);
is($switch->(1)->status(), 200, 'on');
is(recover($hook), $left, 'asked for again');
counted($hook, 'DELIVERED', 120, 60);

# deleted in the midst: nothing more, and nothing is kept

$hook = given_up('/gone', 501, 60);
recover($hook);
is($t->api('DELETE', "/v3/webhooks/$hook->{id}")->status(), 204, 'deleted');
ok(wait_for(20, sub {
    return !$t->{redis}->keys("sc:*:[abd]:$hook->{id}")
        && !$t->{redis}->keys("sc:*:q:$hook->{id}:*")
        && !grep { /\Q$hook->{id}\E/ } map { @{$t->{redis}->command('ZRANGE',
            $_, 0, -1)} } $t->{redis}->keys('sc:*:due');
}), 'nothing is kept');
