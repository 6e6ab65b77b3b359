#!/usr/bin/perl

# Tests for the operator's API: customers, keys, numbers, and who may use it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use JSON::PP ();

use SentConv::Id qw(uuid4);

my $t = setup();
my $two = $t->node('two');

# the token

is($t->admin('GET', '/customers', token => undef)->status(), 401, 'no token');
is($t->admin('GET', '/customers', token => 'x' x 43)->status(), 401,
    'wrong token');
is($t->admin('GET', '/customers', token => substr($t->{admin_token}, 0, -1))
    ->status(), 401, 'cut token');
is($t->admin('GET', '/customers', token => undef,
    headers => { Authorization => "Basic $t->{admin_token}" })->status(), 401,
    'basic');
is($t->admin('GET', '/customers', token => undef,
    headers => { 'x-api-key' => $t->{key} })->status(), 401, 'an API key');

# customers

my $answer = $t->admin('POST', '/customers', body => { name => 'Acme' });
my $acme = $answer->data();

is($answer->verdict(), '201', 'create');
like($acme->{id}, qr/^[0-9a-f-]{36}$/, 'id');
is($acme->{name}, 'Acme', 'name');
ok(!$acme->{conversations_enabled}, 'off until enabled');

my $uri = "/customers/$acme->{id}";

is($t->admin('GET', $uri)->data()->{name}, 'Acme', 'show');

my $list = $t->admin('GET', '/customers')->data();
my ($customers) = grep { ref eq 'ARRAY' } values %$list;

is(join(' ', sort map { $_->{name} } @$customers), 'Acme first', 'list');
is($t->admin('GET', '/customers/' . uuid4())->status(), 404, 'unknown');
is($t->admin('GET', '/customers/x')->verdict(), '400 VALIDATION_003',
    'no uuid');
is($t->admin('POST', '/customers', body => {})->verdict(),
    '400 VALIDATION_004', 'no name');
is($t->admin('POST', '/customers', body => { name => 7 })->verdict(),
    '400 VALIDATION_001', 'name no string');
is($t->admin('DELETE', '/customers')->verdict(), '405 VALIDATION_001',
    'method');
is($t->admin('GET', '/nothing')->status(), 404, 'no such path');

my %patch = (conversations_enabled => JSON::PP::true, keywords => ['BAJA'],
    confirmation => 'Bye', help => 'Help yourself');

for (1, 2) {
    is($t->admin('PATCH', $uri, body => \%patch)->verdict(), '200', 'patch');

    my $now = $t->admin('GET', $uri)->data();

    is_deeply({ map { $_ => $now->{$_} } keys %patch }, \%patch, 'patched');
}

$t->admin('PATCH', $uri, body => { confirmation => undef });

my $now = $t->admin('GET', $uri)->data();

is($now->{confirmation}, undef, 'null takes away');
is($now->{help}, 'Help yourself', 'the rest stays');
is($t->admin('PATCH', $uri, body => { keywords => 'BAJA' })->verdict(),
    '400 VALIDATION_001', 'keywords no array');

is($t->admin('PATCH', $uri, body => { keywords => ['BAJA', $_] })->verdict(),
    '400 VALIDATION_006', "a keyword that would not be one: $_")
    for '!!!', ' . ', 'Start!', 'help';
is($t->admin('PATCH', $uri, body => { keywords => ['BAJA', 'Stop'] })
    ->status(), 200, 'one that is there already');
is($t->admin('PATCH', $uri, body => { conversations_enabled => 'yes' })
    ->verdict(), '400 VALIDATION_001', 'no boolean');

# keys

$answer = $t->admin('POST', "$uri/keys",
    body => { name => 'a key', role => 'full' });

my $key = $answer->data();

is($answer->verdict(), '201', 'key');
ok(length $key->{key} >= 32, 'shown once');
push @{$t->{secrets}}, $key->{key};
is($t->get('/v3/conversations', key => $key->{key})->verdict(), '200',
    'works at once');
is($t->get('/v3/conversations', key => $key->{key}, node => $two)->verdict(),
    '200', 'on the other node');

$answer = $t->admin('GET', "$uri/keys");
unlike($answer->body(), qr/\Q$key->{key}\E/, 'not shown again');
like($answer->body(), qr/\Q$key->{id}\E/, 'listed');
is($t->admin('POST', "$uri/keys", body => { name => 'x', role => 'root' })
    ->verdict(), '400 VALIDATION_006', 'role');
is($t->admin('POST', '/customers/' . uuid4() . '/keys',
    body => { name => 'x', role => 'full' })->status(), 404,
    'key of nobody');
is($t->admin('DELETE', "$uri/keys/$key->{id}")->status(), 204, 'revoke');
is($t->get('/v3/conversations', key => $key->{key})->verdict(),
    '401 AUTH_002', 'revoked');
like($t->admin('DELETE', "$uri/keys/$key->{id}")->status(), qr/^(?:204|404)$/,
    'revoke twice');

# numbers

my $number = '+14155557000';
my %bind = (customer_id => $acme->{id}, carrier => 'wa');

for (1, 2) {
    like($t->admin('PUT', "/numbers/whatsapp/$number", body => \%bind)
        ->status(), qr/^20[01]$/, 'bind');
}

like($t->admin('GET', "$uri/numbers")->body(), qr/\Q$number\E/, 'listed');
is($t->inbound(to => $number)->data()->{accepted}, 1, 'takes inbounds');

$answer = $t->admin('PUT', "/numbers/whatsapp/$number",
    body => { %bind, customer_id => $t->{customer} });
is($answer->verdict(), '409 RESOURCE_007', 'taken');

is($t->admin('PUT', "/numbers/fax/$number", body => \%bind)->status() >= 400,
    1, 'channel');
is($t->admin('PUT', '/numbers/sms/4155', body => \%bind)->verdict(),
    '400 VALIDATION_002', 'number');
is($t->admin('PUT', '/numbers/sms/+14155557001', body =>
    { %bind, customer_id => uuid4() })->status() =~ /^4/, 1, 'of nobody');
like($t->admin('PUT', '/numbers/sms/%2B14155557002', body =>
    { customer_id => $acme->{id}, carrier => 'sms-one' })->status(),
    qr/^20[01]$/, 'escaped plus');

is($t->admin('DELETE', "/numbers/whatsapp/$number")->status(), 204, 'unbind');
is($t->inbound(to => $number)->data()->{accepted}, 0, 'takes none');
ok(wait_for(6, sub { ($t->inbound(to => $number, node => $two)->data() || {})
    ->{accepted} == 0 }), 'nor on the other node');
