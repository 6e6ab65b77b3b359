#!/usr/bin/perl

# Tests for Sentinels that are down, hang, lie, or know nothing of the master:
# the others are asked, and it is told what is wrong.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Sentinel;

my $t = setup(start => 0, redis => { tcp => 1,
    options => ['--requirepass', 'the-redis-password',
        '--masterauth', 'the-redis-password'] },
    workers => 1, off => ['sent_conv_redis'],
    secrets => { 'redis.password' => 'the-redis-password',
        'sentinel.password' => 'the-sentinel-password' });
my $redis = $t->{redis};

$redis->password('the-redis-password');

my $replica = SentConv::Redis->new(dir => $t->{dir}, name => 'two', tcp => 1,
    options => ['--replicaof', '127.0.0.1', $redis->port(),
        '--requirepass', 'the-redis-password',
        '--masterauth', 'the-redis-password']);
my $auth = 'password_file=%%TESTDIR%%/redis.password';
my @sentinels = map { SentConv::Sentinel->new(dir => $t->{dir},
    name => "sentinel$_", master => $redis,
    conf => 'sentinel auth-pass mine the-redis-password') } 1 .. 3;
my @ports = map { $_->port() } @sentinels;

# a node with that directive; the sentence that its /readyz says

my $nodes = 0;

sub node {
    my ($where, %arg) = @_;
    my $node = $t->node('n' . ++$nodes, start => 0, %arg,
        http => "    sent_conv_redis sentinel $where;\n");

    $node->allow(qr/sent conv/);
    $node->start();

    return $node;
}

sub readyz {
    my ($node) = @_;
    my $answer = http($node->port(), 'GET', '/readyz') or return '';

    return $answer->status() . ' '
        . ($answer->json()->{error}{message} // 'ready');
}

sub says {
    my ($node, $pattern, $name) = @_;
    my $last;

    ok(wait_for(10, sub { ($last = readyz($node)) =~ $pattern }), $name)
        or diag($last);
}

sub at { return join(' ', map { "127.0.0.1:$_" } @_) }

# the first is down: the next one is asked, and what is down is said once

$sentinels[0]->crash();

my $start = time();
my $n = node('mine ' . at(@ports) . " $auth");

says($n, qr/^200/, 'one is down');
cmp_ok(time() - $start, '<', seconds(3), 'which takes no time');
like($n->log(), qr/sentinel at \S+:$ports[0]: not usable: Connection refused/,
    'it is said which');

$t->{nginx} = $n;
$t->use_customer($t->new_customer('first'));
$t->opened();
is($t->send()->verdict(), '202', 'and all goes on');

# the one that is asked hangs: the third is, nobody notices

$sentinels[1]->freeze();
ok(wait_for(10, sub { $n->log()
    =~ /sentinel at \S+:$ports[1]: not usable: no answer in time/ }),
    'one hangs');
ok(wait_for(10, sub { $n->log() =~ /sentinel at \S+:$ports[2]: ready/ }),
    'the third is asked');
is($t->send()->verdict(), '202', 'and all goes on');
is(readyz($n), '200 ready', 'ready all the time');

# a worker that begins while one is down and one hangs

ok($n->reload(), 'reload');
$n->settled(35);
says($n, qr/^200/, 'ready again');

# none is left: what is known goes on, and a new node says what is missing

$sentinels[2]->crash();
ok(wait_for(10, sub { $n->log()
    =~ /sentinel at \S+:$ports[2]: not usable/ }), 'none is left');
is($t->send()->verdict(), '202', 'the master is there nevertheless');

my $lost = node('mine ' . at(@ports[0, 2]) . " $auth");

says($lost, qr/^503 no Sentinel tells where the master is.*refused/,
    'a new node does not know where');
is($t->send(node => $lost)->verdict(), '503 SERVICE_001', 'nothing accepted');
is($t->inbound(node => $lost)->status(), 503, 'carriers repeat it');

$sentinels[0]->start();
says($lost, qr/^200/, 'until one is back');
$lost->quit();
$sentinels[1]->thaw();
$sentinels[2]->start();

# no such master, no Sentinel, the wrong password

$lost = node('other ' . at(@ports) . " $auth");
says($lost, qr/^503.*no master named other/, 'wrong name');
is($t->send(node => $lost)->verdict(), '503 SERVICE_001', 'nothing accepted');
like($lost->log(), qr/not usable: it knows no master named other/, 'log');
$lost->quit();

$lost = node('mine ' . at($redis->port())
    . " $auth sentinel_$auth");
says($lost, qr/^503.*it is no Sentinel/, 'a Redis');
$lost->quit();

$lost = node('mine ' . at(@ports));
says($lost, qr/^503.*wants a password/, 'no password for Redis');
$lost->quit();

# a password for the Sentinels, too

my $guarded = SentConv::Sentinel->new(dir => $t->{dir}, name => 'guarded',
    master => $redis, password => 'the-sentinel-password',
    conf => 'sentinel auth-pass mine the-redis-password');
my $secret = 'sentinel_password_file=%%TESTDIR%%/sentinel.password';

$lost = node('mine ' . at($guarded->port()) . " $auth");
says($lost, qr/^503.*it wants a password/, 'no password for a Sentinel');
$lost->quit();

my $known = node('mine ' . at($guarded->port()) . " $auth $secret");

says($known, qr/^200/, 'both passwords');
$known->quit();

# one that lies: a replica, nobody there, a name; the next one knows

for my $lie (['a replica', '127.0.0.1', $replica->port(), qr/is a replica/],
    ['nobody', '127.0.0.1', free_port(), qr/Connection refused/],
    ['a Sentinel', '127.0.0.1', $ports[0], qr/none is set/],
    ['a name', 'redis.example', 6379, qr/no numeric address/])
{
    my ($what, $host, $port, $why) = @$lie;
    my $at = free_port();
    my $liar = SentConv::Sentinel->liar($at, $host, $port);

    $known = node('mine ' . at($at, $ports[0]) . " $auth");
    says($known, qr/^200/, "$what - found nevertheless");
    like($known->log(), qr/not usable: .*$why/, "$what - said so");
    is($t->send(node => $known)->verdict(), '202', "$what - and all goes on");
    $known->quit();

    # who knows no other goes on asking

    $known = node('mine ' . at($at) . " $auth");
    says($known, qr/^503.*$why/, "$what - and no other");
    $known->quit();
    $liar->stop();
}
