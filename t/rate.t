#!/usr/bin/perl

# Tests for the limit of a customer's requests on one node: what it counts,
# what the answers tell of it, and that all workers and a reload share it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

sub limit {
    return (workers => 2, http => "    sent_conv_rate $_[0];",
        server => "location /ui-api/ { sent_conv_dashboard; }");
}

my $t = setup(limit('6r/m burst=10'));
my $n = 0;

# a customer whose bucket is full

sub fresh {
    return $t->use_customer($t->new_customer('customer ' . ++$n));
}

sub told {
    my ($answer) = @_;

    return join(' ', map { $answer->header("x-ratelimit-$_") // '-' }
        qw(limit remaining));
}

# so many at once, over both workers: how many of each answer

sub flood {
    my ($n, $node, $uri) = @_;

    my %got;

    $got{$_->verdict()}++ for http_many(($node || $t->{nginx})->port(),
        [($t->api_bytes('GET', $uri || '/v3/webhooks')) x $n]);

    return join(', ', map { "$_: $got{$_}" } sort keys %got);
}

# what is told

my $before = time();
my $answer = $t->get('/v3/webhooks');

is($answer->verdict(), '200', 'the first');
is(told($answer), '10 9', 'how many are left');

my $reset = $answer->header('x-ratelimit-reset');

like($reset, qr/^\d+$/, 'a time');
ok($reset >= int($before) + 10 && $reset <= time() + 11,
    'when all are back') or diag($reset - $before);
is($answer->header('retry-after'), undef, 'no retry-after');

# over it

fresh();
is(flood(25), '200: 10, 429 BUSINESS_002: 15', 'as many as there are');

$answer = $t->get('/v3/webhooks');
is($answer->verdict(), '429 BUSINESS_002', 'over it');
is(told($answer), '10 0', 'none is left');
like($answer->header('retry-after'), qr/^(?:[1-9]|10)$/, 'retry-after');
is(ref $answer->json()->{error}, 'HASH', 'error object');
ok(!ref $t->get('/v3/conversations')->json()->{error}, 'or a sentence');
is($t->post('/v3/contacts', body => { phone_number => '+16505550001' })
    ->verdict(), '429 BUSINESS_002', 'no write either');
is($t->get('/v3/webhooks', key => $t->{read_key})->verdict(),
    '429 BUSINESS_002', 'nor by another key of the customer');
is($t->get('/v3/webhooks', key => 'nobody')->verdict(), '401 AUTH_002',
    'the key comes first');

# who is not limited

is($t->inbound(from => $t->contact(1))->status(), 200, 'a carrier')
    for 1 .. 12;
is($t->inbound()->header('x-ratelimit-limit'), undef, 'is told nothing');
is($t->admin('GET', '/customers')->status(), 200, 'the operator')
    for 1 .. 12;
fresh();
is($t->get('/v3/webhooks')->verdict(), '200', 'another customer');

# each request counts, and each answer tells

$t->inbound();

my $left = 9;

for my $case (
    ['an error' => sub { $t->get('/v3/contacts/x') }],
    ['what is not there' => sub { $t->get('/v3/messages/'
        . '017f22e2-79b0-7cc3-98c4-dc0c0c07398f') }],
    ['a read key that writes' => sub { $t->post('/v3/contacts',
        key => $t->{read_key}, body => {}) }],
    ['a send' => sub { $t->send(idem => 'k', body => 'counted') }],
    ['its replay' => sub { $t->send(idem => 'k', body => 'counted') }],
    ['a trial' => sub { $t->send(sandbox => JSON::PP::true) }],
    ['a session' => sub { $t->api('POST', '/ui-api/session', key => undef,
        body => { api_key => $t->{key} },
        headers => { 'Sec-Fetch-Site' => 'same-origin' }) }],
    ['a body that is none' => sub { $t->post('/v3/contacts', body => 'x',
        headers => { 'Content-Type' => 'application/json' }) }])
{
    my ($name, $code) = @$case;

    is(told($code->()), '10 ' . --$left, $name);
}

is($t->get('/v3/webhooks', key => 'nobody')
    ->header('x-ratelimit-limit'), undef, 'nobody is told anything');

# another node counts by itself; a reload forgets nothing

my $two = $t->node('two');

fresh();
is(flood(12), '200: 10, 429 BUSINESS_002: 2', 'one node');
ok(wait_for(6, sub { flood(1, $two) =~ /^(?:200|429)/ }), 'the other knows');
is(flood(12, $two) =~ /200: (?:9|10), / ? 'own' : 'shared', 'own',
    'counts by itself');

fresh();
is(flood(12), '200: 10, 429 BUSINESS_002: 2', 'empty');
ok($t->{nginx}->reload(), 'reload');
$t->{nginx}->settled(35);
$t->ready($t->{nginx});
is($t->get('/v3/webhooks')->verdict(), '429 BUSINESS_002',
    'empty after a reload');

# they come back, one by one; at another rate as soon as it is in force

$t->{nginx}->configure(SentConv::Conf::standard(limit('2r/s burst=4')));
$t->{nginx}->reload();
$t->{nginx}->settled(35);
$t->ready($t->{nginx});

my $start = time();

ok(wait_for(10, sub { $answer = $t->get('/v3/webhooks');
    return $answer->verdict() eq '200' }), 'one is back');
ok(time() - $start < 3, 'at the new rate');
is($answer->header('x-ratelimit-limit'), 4, 'which is told');
fresh();
flood(6);
$answer = $t->get('/v3/webhooks');
is($answer->verdict() . ' ' . ($answer->header('retry-after') // ''),
    '429 BUSINESS_002 1', 'seconds are rounded up');
wait_for(1.2, sub { 0 });
is($t->get('/v3/webhooks')->verdict(), '200', 'and that is enough')
    for 1, 2;

like($t->get('/status', key => undef)->body(),
    qr/^sent_conv_http_limited_total\{limit="customer"\} [1-9]/m, 'counted');

# off, and by default: nobody is told of a limit

for my $off ("    sent_conv_rate off;", '') {
    $t->{nginx}->configure(SentConv::Conf::standard(workers => 2,
        http => $off));
    $t->{nginx}->reload();
    $t->{nginx}->settled(35);
    $t->ready($t->{nginx});
    is(flood(40), '200: 40', 'off');
    is($t->get('/v3/webhooks')->header('x-ratelimit-limit'), undef,
        'and no header');
}
