#!/usr/bin/perl

# Tests for addresses that name keys and tokens that are not good: they are
# slowed, their neighbours are not locked out.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

sub limit {
    return (workers => 2, http => <<"EOF_HTTP", server => <<"EOF_SERVER");
    sent_conv_auth_failures $_[0];
    set_real_ip_from 127.0.0.1;
    real_ip_header X-Forwarded-For;
EOF_HTTP
        location /ui-api/ {
            sent_conv_dashboard;
        }
EOF_SERVER
}

my $t = setup(limit('1r/m burst=5'));
my $redis = $t->{redis};
my ($n, $bad) = (0, 0);

$t->allow(qr/sent conv/);

# an address that nobody has used

sub address {
    return '192.0.2.' . ++$n;
}

sub from {
    my ($address, %arg) = @_;

    return (%arg, headers => { 'X-Forwarded-For' => $address });
}

sub guess {
    my ($address, %arg) = @_;

    return $t->get('/v3/webhooks', from($address,
        key => 'not-a-key-' . ++$bad, %arg));
}

sub good {
    my ($address, %arg) = @_;

    return $t->get('/v3/webhooks', from($address, %arg));
}

# the same on all workers: so many of each answer

sub many {
    my ($n, $address, @keys) = @_;

    my %got;

    @keys = map { 'not-a-key-' . ++$bad } 1 .. $n unless @keys;

    $got{$_->verdict()}++ for http_many($t->{nginx}->port(),
        [map { $t->api_bytes('GET', '/v3/webhooks', from($address,
            key => $keys[$_ % @keys])) } 1 .. $n]);

    return join(', ', map { "$_: $got{$_}" } sort keys %got);
}

# some failures, and then no more, over both workers

my $first = address();

is(many(20, $first), '401 AUTH_002: 5, 429 BUSINESS_002: 15', 'slowed');

my $answer = guess($first);

is($answer->verdict(), '429 BUSINESS_002', 'still');
like($answer->header('retry-after'), qr/^(?:[1-5]?\d|60)$/, 'retry-after');
is($answer->header('x-ratelimit-limit'), undef, 'no limit of a customer');
is($t->get('/v3/conversations', from($first, key => 'x'))->code(),
    'BUSINESS_002', 'in the other envelope');
is($t->get('/v3/webhooks', from($first, key => 'k' x 5000))->verdict(),
    '429 BUSINESS_002', 'a key that is none');
is($t->get('/v3/webhooks', from($first, key => undef))->verdict(),
    '401 AUTH_001', 'no key is no failure');

# Redis is not asked

$redis->command('CONFIG', 'RESETSTAT');
is(many(20, $first), '429 BUSINESS_002: 20', 'refused');
is($redis->calls('get'), 0, 'without a question to Redis');

# a neighbour's key that was good here, on whichever worker, however long ago

is(good(address())->verdict(), '200', 'a good key');
is(many(20, $first, $t->{key}), '200: 20', 'passes');
wait_for(4.5, sub { 0 });
is(many(20, $first, $t->{key}), '200: 20', 'when the cache is old, too');
is(guess($first)->verdict(), '429 BUSINESS_002', 'the guesses do not');

# one that was never seen here has to wait, or to come from elsewhere

my $new = $t->new_key($t->{customer}, 'full');

is(good($first, key => $new->{key})->verdict(), '429 BUSINESS_002',
    'a key not seen yet');
is(good(address(), key => $new->{key})->verdict(), '200',
    'from another address');
is(good($first, key => $new->{key})->verdict(), '200', 'is known then');

# good keys cost an address nothing

my $office = address();

good($office, key => $t->new_key($t->{customer}, 'read')->{key})
    for 1 .. 20;
is(many(10, $office), '401 AUTH_002: 5, 429 BUSINESS_002: 5',
    'good keys are no failures');

# a key that is revoked is not good any more

$t->admin('DELETE', "/customers/$t->{customer}/keys/$new->{id}");
is(good(address(), key => $new->{key})->verdict(), '401 AUTH_002',
    'revoked');
is(good($first, key => $new->{key})->verdict(), '429 BUSINESS_002',
    'one of those who guess');

# who is one client: an address, or the half of an IPv6 one

is(many(10, '2001:db8:1:2::1'), '401 AUTH_002: 5, 429 BUSINESS_002: 5',
    'IPv6');
is(guess('2001:db8:1:2:ffff::9')->verdict(), '429 BUSINESS_002',
    'the same network');
is(guess('2001:db8:1:3::1')->verdict(), '401 AUTH_002', 'another one');

my $mapped = address();

is(many(10, $mapped), '401 AUTH_002: 5, 429 BUSINESS_002: 5', 'IPv4');
is(guess("::ffff:$mapped")->verdict(), '429 BUSINESS_002',
    'the same, written as IPv6');

# the operator's token, with the keys

my $operator = address();

sub admin {
    my ($token) = @_;

    return $t->admin('GET', '/customers', token => $token,
        from($operator))->verdict();
}

$t->{nginx}->configure(SentConv::Conf::standard(limit('1r/m burst=5'))
    =~ s/allow 127.0.0.1;/allow all;/r);
ok($t->{nginx}->reload(), 'reload');
$t->{nginx}->settled(35);
$t->ready($t->{nginx});

is(guess($first)->verdict(), '429 BUSINESS_002', 'a reload forgets nothing');
is(many(20, $first, $t->{key}), '200: 20', 'of the good ones either');

is(admin('x' x 40), '401 AUTH_002', 'a wrong token') for 1 .. 3;
is(guess($operator)->verdict(), '401 AUTH_002', 'a wrong key') for 1 .. 2;
is(admin('x' x 40), '429 BUSINESS_002', 'slowed');
is($t->admin('GET', '/customers', token => undef, from($operator))
    ->verdict(), '401 AUTH_001', 'no token is no failure');
is(admin($t->{admin_token}), '200', 'the token passes');

# who signs in to the dashboard

sub signs_in {
    my ($address, $key) = @_;

    return $t->api('POST', '/ui-api/session', key => undef,
        body => { api_key => $key }, headers => {
        'X-Forwarded-For' => $address, 'Sec-Fetch-Site' => 'same-origin' });
}

my $desk = address();

is(signs_in($desk, 'not-a-key-' . ++$bad)->verdict(), '401 AUTH_002',
    'signs in with a wrong key') for 1 .. 5;
is(signs_in($desk, 'not-a-key-' . ++$bad)->verdict(), '429 BUSINESS_002',
    'slowed');
is(guess($desk)->verdict(), '429 BUSINESS_002', 'for the API, too');

for my $way ($desk, address()) {
    my $answer = signs_in($way, $t->{key});

    is($answer->verdict(), '201', 'with a good one');
    push @{$t->{secrets}}, $answer->header('Set-Cookie') =~ /=([^;]+)/;
}

# a carrier's signature is another matter

is($t->carrier('sms', $t->message(channel => 'sms'), signature => 'x',
    headers => { 'X-Forwarded-For' => $first })->verdict(), '401 AUTH_002',
    'a carrier') for 1 .. 8;

# it passes

$t->{nginx}->configure(SentConv::Conf::standard(limit('60r/m burst=2')));
$t->{nginx}->reload();
$t->{nginx}->settled(35);
$t->ready($t->{nginx});

my $last = address();

is(many(5, $last), '401 AUTH_002: 2, 429 BUSINESS_002: 3', 'slowed');
is(guess($last)->header('retry-after'), 1, 'for a second');
ok(wait_for(3, sub { guess($last)->verdict() eq '401 AUTH_002' }),
    'and one is answered again');

my $log = $t->{nginx}->log();

like($log, qr/\[warn\].*authentication failed too often.*client: $last/,
    'the operator is told');
unlike($log, qr/not-a-key/, 'not of the key');
like($t->get('/status', key => undef)->body(),
    qr/^sent_conv_http_limited_total\{limit="address"\} [1-9]/m, 'counted');

# Redis away: that is no failure of the client

my $patient = address();

$redis->crash();
ok(wait_for(5, sub { guess($patient)->verdict() eq '503 SERVICE_001' }),
    'Redis away') for 1 .. 10;
$redis->start();
$t->ready($t->{nginx}, 15);
is(guess($patient)->verdict(), '401 AUTH_002', 'and that has cost nothing');

# off by default; who is not told to believe a header does not

$t->{nginx}->configure(SentConv::Conf::standard(workers => 2));
$t->{nginx}->reload();
$t->{nginx}->settled(35);
$t->ready($t->{nginx});
is(many(60, address()), '401 AUTH_002: 60', 'off by default');

$t->{nginx}->configure(SentConv::Conf::standard(workers => 2,
    http => '    sent_conv_auth_failures 1r/m burst=3;'));
$t->{nginx}->reload();
$t->{nginx}->settled(35);
$t->ready($t->{nginx});

my %got;

$got{guess(address())->verdict()}++ for 1 .. 10;
is(join(', ', map { "$_: $got{$_}" } sort keys %got),
    '401 AUTH_002: 3, 429 BUSINESS_002: 7', 'the address of the connection');
