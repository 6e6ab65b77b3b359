#!/usr/bin/perl

# Tests for keys: their roles, their revocation, and what an answer tells of
# them.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(workers => 4);
my $two = $t->node('two');
my $c = $t->opened();

# reading is for both roles, changing for one

for my $uri ('/v3/conversations', "/v3/conversations/$c->{id}",
    '/v3/webhooks')
{
    is($t->get($uri)->verdict(), '200', "full $uri");
    is($t->get($uri, key => $t->{read_key})->verdict(), '200', "read $uri");
    is($t->get($uri, key => undef)->verdict(), '401 AUTH_001', "none $uri");
    is($t->get($uri, key => 'x' x 40)->verdict(), '401 AUTH_002',
        "unknown $uri");
}

my $answer = $t->get('/v3/webhooks', key => undef);

is(ref $answer->json()->{error}, 'HASH', 'error object elsewhere');
is($answer->json()->{error}{code}, 'AUTH_001', 'its code');
ok(length $answer->json()->{error}{message}, 'its message');
ok(exists $answer->json()->{error}{doc_url}, 'its doc_url');

$answer = $t->get('/v3/conversations', key => undef);
ok(!ref $answer->json()->{error}, 'error sentence under conversations');
is($answer->json()->{code}, 'AUTH_001', 'code beside it');

for my $odd ("$t->{key}x", substr($t->{key}, 1), uc $t->{key} . '0', '*',
    '../', "\x01", 'k' x 5000)
{
    my $answer = $t->get('/v3/conversations', key => $odd);

    like($answer->verdict(), qr/^4\d\d/, 'odd key');
    unlike($answer->body(), qr/\Q$odd\E/, 'not in the answer') if $odd ne '*';
}

is($t->get('/v3/conversations', key => undef,
    headers => { 'X-API-KEY' => $t->{key} })->verdict(), '200',
    'name in upper case');
like($t->get('/v3/conversations', key => undef, headers =>
    { 'x-api-key' => [$t->{key}, 'other'] })->verdict(), qr/^(?:200|40[01])/,
    'two of them');

# stored hashed

my $dump = join(' ', $t->{redis}->keys('*'));

unlike($dump, qr/\Q$t->{key}\E/, 'not in names of keys');

for my $name ($t->{redis}->keys("sc:{$t->{customer}}*"),
    $t->{redis}->keys('sc:key:*'))
{
    unlike(pack('H*', $t->{redis}->dump()->{$name} // ''),
        qr/\Q$t->{key}\E/, "not in $name" =~ s/[0-9a-f]{16,}/.../gr);
}

# revoked: at once on each worker of the node, soon on the other

my $key = $t->new_key($t->{customer}, 'full');
my @bytes = ($t->api_bytes('GET', '/v3/conversations', key => $key->{key}))
    x 40;

sub statuses {
    my ($node) = @_;

    my %all = map { $_->verdict() => 1 } http_many($node->port(), \@bytes);

    return join(', ', sort keys %all);
}

is(statuses($t->{nginx}), '200', 'new key on all workers');
is(statuses($two), '200', 'new key on the other node');

is($t->admin('DELETE', "/customers/$t->{customer}/keys/$key->{id}")->status(),
    204, 'revoke');
is(statuses($t->{nginx}), '401 AUTH_002', 'at once on all workers');
ok(wait_for(5, sub { statuses($two) eq '401 AUTH_002' }),
    'within 5 s on the other node');

# the feature switched off and on

sub enable {
    my ($on) = @_;

    $t->admin('PATCH', "/customers/$t->{customer}", body =>
        { conversations_enabled => $on ? JSON::PP::true : JSON::PP::false });
}

@bytes = ($t->api_bytes('GET', '/v3/conversations')) x 40;
enable(0);
is(statuses($t->{nginx}), '403 CONVERSATION_002', 'feature off at once');
is($t->get('/v3/webhooks')->verdict(), '200', 'webhooks are no part of it');
enable(1);
is(statuses($t->{nginx}), '200', 'feature on at once');
ok(wait_for(5, sub { statuses($two) eq '200' }), 'and on the other node');
