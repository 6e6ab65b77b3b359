#!/usr/bin/perl

# Tests for /v3/webhooks: create, list, show, delete, and every refusal.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use JSON::PP ();

use SentConv::Id qw(is_time uuid4);

my $t = setup();
my $uri = '/v3/webhooks';

sub form {
    my (%arg) = @_;

    my %body = (display_name => 'mine', endpoint_url => $t->url('/x'),
        event_types => ['conversation'], %arg);

    delete $body{$_} for grep { ref $body{$_} eq 'CODE' } keys %body;

    return \%body;
}

my $absent = sub { };

# created

my $answer = $t->post($uri, body => form(event_types =>
    ['conversation', 'message'], event_filters =>
    { conversation => ['started', 'ended'] }, retry_count => 5,
    timeout_seconds => 7, rate_limit => 3));
my $hook = $answer->data();

is($answer->verdict(), '201', 'create');
like($hook->{id}, qr/^[0-9a-f-]{36}$/, 'id');
like($hook->{signing_secret}, qr!^whsec_[A-Za-z0-9+/]{43}=$!, 'secret');
is_deeply([@$hook{qw(retry_count timeout_seconds rate_limit display_name)}],
    [5, 7, 3, 'mine'], 'as given');
is_deeply($hook->{event_types}, ['conversation', 'message'], 'types');
is_deeply($hook->{event_filters}, { conversation => ['started', 'ended'] },
    'filters');
is($hook->{endpoint_url}, $t->url('/x'), 'url');
ok($hook->{is_active}, 'active');
is($hook->{consecutive_failures}, 0, 'no failures');
ok(is_time($hook->{created_at}) && is_time($hook->{updated_at}), 'times');
ok(exists $hook->{$_} && !defined $hook->{$_}, "$_ null") for
    qw(disabled_reason last_delivery_attempt_at last_successful_delivery_at);

push @{$t->{secrets}}, $hook->{signing_secret};

$t->{redis}->tick();

my $plain = $t->post($uri, body => form())->data();

is_deeply([@$plain{qw(retry_count timeout_seconds rate_limit)}],
    [3, 30, undef], 'defaults');
isnt($plain->{signing_secret}, $hook->{signing_secret}, 'another secret');

# shown

$answer = $t->get("$uri/$hook->{id}", key => $t->{read_key});
is($answer->verdict(), '200', 'show');
is_deeply($answer->data(), { %$hook, signing_secret => undef },
    'the same, without its secret');

my $list = $t->get($uri)->data();

is_deeply([map { $_->{id} } @{$list->{webhooks}}],
    [$plain->{id}, $hook->{id}], 'newest first');
is($list->{pagination}{total_count}, 2, 'total');
is(scalar(grep { defined $_->{signing_secret} } @{$list->{webhooks}}), 0,
    'no secrets in the list');
is_deeply([map { $_->{id} } @{$t->get("$uri?page_size=1&page=2")->data()
    ->{webhooks}}], [$hook->{id}], 'page');
is_deeply([map { $_->{id} } @{$t->get("$uri?search=mine")->data()
    ->{webhooks}}], [$plain->{id}, $hook->{id}], 'search');
is(scalar(@{$t->get("$uri?search=nothing")->data()->{webhooks}}), 0,
    'search finds none');
is(scalar(@{$t->get("$uri?is_active=false")->data()->{webhooks}}), 0,
    'none inactive');

# refused

my %cases = (
    'no url' => [{ endpoint_url => $absent }, 'VALIDATION_004'],
    'no types' => [{ event_types => $absent }, 'VALIDATION_004'],
    'empty types' => [{ event_types => [] }, 'VALIDATION_00[56]'],
    'unknown type' => [{ event_types => ['fax'] }, 'VALIDATION_006'],
    'types no array' => [{ event_types => 'message' }, 'VALIDATION_001'],
    'type no string' => [{ event_types => [1] }, 'VALIDATION_001'],
    'unknown filter' => [{ event_filters => { conversation => ['x'] } },
        'VALIDATION_006'],
    'filters no object' => [{ event_filters => [] }, 'VALIDATION_001'],
    'retries' => [{ retry_count => 6 }, 'VALIDATION_005'],
    'no retries' => [{ retry_count => 0 }, 'VALIDATION_005'],
    'retries as text' => [{ retry_count => '3' }, 'VALIDATION_001'],
    'half a retry' => [{ retry_count => 1.5 }, 'VALIDATION_001'],
    'timeout' => [{ timeout_seconds => 4 }, 'VALIDATION_005'],
    'long timeout' => [{ timeout_seconds => 121 }, 'VALIDATION_005'],
    'rate' => [{ rate_limit => 0 }, 'VALIDATION_005'],
);

for my $name (sort keys %cases) {
    my ($arg, $code) = @{$cases{$name}};

    $answer = $t->post($uri, body => form(%$arg));
    like($answer->verdict(), qr/^400 $code$/, $name);
    is(ref $answer->json()->{error}, 'HASH', "$name - error object");
}

for my $url ('ftp://example.com/', 'http://', 'example.com', '',
    'http://user@127.0.0.1/', 'http://127.0.0.1/#x', 'http://127.0.0.1/a b',
    "http://127.0.0.1/\\x", "http://127.0.0.1/\x{e9}", 'http://127.0.0.1:0/',
    'http://127.0.0.1:99999/', 'http://[::1/', 'javascript:alert(1)',
    "http://127.0.0.1/\r\nX: y")
{
    $answer = $t->post($uri, body => form(endpoint_url => $url));
    like($answer->verdict(), qr/^400 VALIDATION_00[56]$/,
        'url ' . ($url =~ s/[^ -~]/~/gr));
    ok(exists $answer->json()->{error}{details}{endpoint_url}, 'details');
}

is($t->post($uri, key => undef, body => form())->verdict(), '401 AUTH_001',
    'no key');
is($t->post($uri, key => $t->{read_key}, body => form())->verdict(),
    '403 AUTH_004', 'read key');
is($t->api('PATCH', $uri, body => {})->verdict(), '405 VALIDATION_001',
    'method');
is($t->get("$uri/" . uuid4())->verdict(), '404 RESOURCE_008', 'unknown');
is($t->get("$uri/x")->verdict(), '400 VALIDATION_003', 'not a uuid');

my $other = $t->new_customer('other');

is($t->get("$uri/$hook->{id}", key => $other->{key})->verdict(),
    '404 RESOURCE_008', 'of another customer');
is($t->api('DELETE', "$uri/$hook->{id}", key => $other->{key})->verdict(),
    '404 RESOURCE_008', 'not deleted by another');

# sandbox

$answer = $t->post($uri, body => form(sandbox => JSON::PP::true));
is($answer->verdict(), '201', 'sandbox');
is($answer->header('x-sandbox'), 'true', 'sandbox header');
is($t->get($uri)->data()->{pagination}{total_count}, 2, 'not written');

# at most twenty

is($t->post($uri, body => form())->verdict(), '201', "number $_")
    for 3 .. 20;
like($t->post($uri, body => form())->verdict(), qr/^4\d\d \w+$/,
    'number 21');
is($t->get("$uri?page_size=100")->data()->{pagination}{total_count}, 20,
    'twenty');

my @pages = map { scalar(@{$_->{webhooks}}) } map { $_->data() }
    $t->get("$uri?page_size=15"), $t->get("$uri?page_size=15&page=2");

is("@pages", '15 5', 'pages');

# deleted

$answer = $t->api('DELETE', "$uri/$hook->{id}");
is($answer->status(), 204, 'delete');
is($answer->body(), '', 'no body');
is($t->get("$uri/$hook->{id}")->verdict(), '404 RESOURCE_008', 'gone');
is($t->api('DELETE', "$uri/$hook->{id}")->verdict(), '404 RESOURCE_008',
    'delete twice');
is($t->post($uri, body => form())->verdict(), '201', 'room again');
