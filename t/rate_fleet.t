#!/usr/bin/perl

# Tests for the limit of a customer's requests that all nodes share, in Redis.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(workers => 2,
    http => '    sent_conv_rate 6r/m burst=10 fleet;');
my $two = $t->node('two');
my $redis = $t->{redis};
my $n = 0;

$_->allow(qr/sent conv/) for $t->{nginx}, $two;

sub fresh {
    return $t->use_customer($t->new_customer('customer ' . ++$n));
}

sub told {
    my ($answer) = @_;

    return join(' ', $answer->verdict(),
        map { $answer->header("x-ratelimit-$_") // '-' } qw(limit remaining));
}

# one count for both nodes and all their workers

is(told($t->get('/v3/webhooks')), '200 10 9', 'here');
ok(wait_for(6, sub { $t->get('/v3/webhooks', node => $two)->verdict()
    ne '401 AUTH_002' }), 'known there');
is(told($t->get('/v3/webhooks')), '200 10 7', 'here again');

my %got;

for my $node ($t->{nginx}, $two) {
    $got{$_->verdict()}++ for http_many($node->port(),
        [($t->api_bytes('GET', '/v3/webhooks')) x 10]);
}

is(join(', ', map { "$_: $got{$_}" } sort keys %got),
    '200: 7, 429 BUSINESS_002: 13', 'as many as are left');

my $answer = $t->get('/v3/webhooks', node => $two);

is(told($answer), '429 BUSINESS_002 10 0', 'none is left');
like($answer->header('retry-after'), qr/^(?:[1-9]|10)$/, 'retry-after');

my $reset = $answer->header('x-ratelimit-reset') - time();

ok($reset > 80 && $reset < 102, 'when all are back') or diag($reset);

# a key of the customer's slot, which goes when the bucket is full

my $key = "sc:{$t->{customer}}:rate";
my $ttl = $redis->command('PTTL', $key);

ok($ttl > 80000 && $ttl <= 100000, 'kept until it is full') or diag($ttl);
$redis->command('DEL', $key);
is(told($t->get('/v3/webhooks')), '200 10 9', 'and then it is not there');

# restarts and reloads forget nothing

$redis->command('SET', $key, 2 ** 52);
ok($two->reload(), 'reload');
$two->settled(35);
$t->ready($two);
is(told($t->get('/v3/webhooks', node => $two)), '429 BUSINESS_002 10 0',
    'empty, at most');
is($t->get('/v3/webhooks', node => $two)->header('retry-after'), 10,
    'not for longer than it takes');

# others are not concerned

fresh();
is(told($t->get('/v3/webhooks')), '200 10 9', 'another customer');
$redis->command('SCRIPT', 'FLUSH');
is(told($t->get('/v3/webhooks')), '200 10 8', 'scripts flushed');

# Redis without memory: what frees some has to pass; Redis away

fresh();

my $c = do { $t->inbound(); $t->open() };

$redis->command('CONFIG', 'SET', 'maxmemory', 1);
is(told($t->end($c->{id})), '200 10 8', 'out of memory');
$redis->command('CONFIG', 'SET', 'maxmemory', 0);

$redis->crash();
ok(wait_for(5, sub { ($answer = $t->get('/v3/webhooks'))->verdict()
    eq '503 SERVICE_001' }), 'away');
is($answer->header('x-ratelimit-limit'), undef, 'nothing is known');
ok($answer->header('retry-after'), 'retry-after');
$redis->start();
