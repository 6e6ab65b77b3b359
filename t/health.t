#!/usr/bin/perl

# Tests for /healthz and /readyz.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(redis => { tcp => 1 });
my $port = $t->{nginx}->port();

sub ready {
    my ($status) = @_;

    return wait_for(10, sub {
        my $answer = http($port, 'GET', '/readyz');
        return $answer && $answer->status() == $status ? $answer : 0;
    });
}

is(http($port, 'GET', '/healthz')->status(), 200, 'live');
is(http($port, 'GET', '/readyz')->status(), 200, 'ready');

$t->allow(qr/sent conv/);

# eviction would lose windows

$t->{redis}->command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');

my $answer = ready(503);

ok($answer, 'eviction');
like($answer ? $answer->body() : '', qr/noeviction/, 'says why');
$t->{redis}->command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
ok(ready(200), 'ready again');

# a replica takes no writes

my $second = do {
    mkdir("$t->{dir}/second");
    SentConv::Redis->new(dir => "$t->{dir}/second", tcp => 1);
};

$t->{redis}->command('REPLICAOF', '127.0.0.1', $second->port());
ok(ready(503), 'replica');

my $send = $t->send();

is($send->verdict(), '503 SERVICE_001', 'replica takes nothing')
    if $send->status() != 401;
$t->{redis}->command('REPLICAOF', 'NO', 'ONE');
ok(ready(200), 'master again');

# Redis is away

$t->{redis}->stop();
ok(ready(503), 'away');
is(http($port, 'GET', '/healthz')->status(), 200, 'still alive');
$t->{redis}->start();
ok(ready(200), 'back');

# it does not answer

$t->{redis}->freeze();
ok(ready(503), 'frozen');
$t->{redis}->thaw();
ok(ready(200), 'thawed');

# another number of partitions

my $node = $t->node('other', http => '    sent_conv_partitions 128;',
    start => 0);

$node->start();

my $other;

ok(wait_for(10, sub {
    $other = http($node->port(), 'GET', '/readyz');
    return $other && $other->status() == 503 && $other->body() =~ /partition/;
}), 'partitions disagree');
is(http($node->port(), 'GET', '/v3/conversations',
    headers => { 'x-api-key' => $t->{key} })->status(), 503,
    'refuses to serve');
$node->allow(qr/sent conv/);
