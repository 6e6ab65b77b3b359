#!/usr/bin/perl

# Tests for what changes a webhook: PUT, toggle-status; and what there is to
# subscribe to.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(uuid4);

my $t = setup();
my $two = $t->node('two');
my $uri = '/v3/webhooks';
my ($true, $false) = (JSON::PP::true, JSON::PP::false);

# event types: the name is no id

my $answer = $t->get("$uri/event-types", key => $t->{read_key});

is($answer->verdict(), '200', 'event types');

my %types = map { $_->{name} => $_ } @{$answer->data()->{event_types}};

is_deeply([sort keys %types], ['conversation', 'message'], 'parents');

for my $type (values %types, map { @{$_->{sub_types}} } values %types) {
    ok($type->{display_name} && $type->{description} && $type->{is_active}
        && $type->{event_type} eq $type->{name}, "$type->{name} described");
}

is_deeply([sort map { $_->{name} } @{$types{conversation}{sub_types}}],
    [map { "conversation.$_" } qw(ended expiring inactive message_exchanged
        started)], 'of conversations');
is_deeply([sort map { $_->{name} } @{$types{message}{sub_types}}],
    [map { "message.$_" } qw(blocked delivered failed filtered queued read
        received sent)], 'of messages');

for my $method (qw(PUT DELETE POST)) {
    $answer = $t->api($method, "$uri/event-types", body => {});
    is($answer->verdict(), '405 VALIDATION_001', "$method");
    is($answer->header('allow'), 'GET, HEAD', 'only to be read');
}

# PUT

my $hook = $t->webhook('/one', event_types => ['conversation', 'message'],
    event_filters => { conversation => ['started'], message => ['received'] },
    retry_count => 5, timeout_seconds => 7, rate_limit => 50);
my $id = $hook->{id};

sub put {
    my ($body, %how) = @_;

    return $t->api('PUT', "$uri/$id", body => $body, %how);
}

sub shown { return $t->get("$uri/$id", @_)->data() }

$t->{redis}->tick();
$answer = put({ display_name => 'renamed', endpoint_url => $t->url('/two'),
    event_types => ['conversation'], event_filters => undef,
    retry_count => 1, timeout_seconds => 120, rate_limit => undef });

my $changed = $answer->data();

is($answer->verdict(), '200', 'put');
ok($changed->{updated_at} gt $hook->{updated_at}, 'updated_at');

my %should = (%$hook, display_name => 'renamed',
    endpoint_url => $t->url('/two'), event_types => ['conversation'],
    event_filters => undef, retry_count => 1, timeout_seconds => 120,
    rate_limit => undef, signing_secret => undef,
    updated_at => $changed->{updated_at});

is_deeply($changed, \%should, 'all of it');
is_deeply(shown(), \%should, 'shown so');
ok(wait_for(5, sub { shown(node => $two)->{display_name} eq 'renamed' }),
    'on another node');

# what is not named stays

put({ timeout_seconds => 9 });
is_deeply({ %{shown()}, updated_at => '' },
    { %should, timeout_seconds => 9, updated_at => '' }, 'one field');
put({ event_types => ['message', 'conversation'],
    event_filters => { message => ['failed'], conversation => ['ended'] } });
put({ event_types => ['message'] });
is_deeply([@{shown()}{qw(event_types event_filters)}],
    [['message'], { message => ['failed'] }], 'filters go with their type');
put({ event_types => ['conversation'] });
is(shown()->{event_filters}, undef, 'the last one');
put({ event_filters => { conversation => ['started'] } });
is_deeply(shown()->{event_types}, ['conversation'], 'types stay');
is(put({})->verdict(), '200', 'nothing');

# it takes effect

$t->opened();
ok($t->wait_event('/two', 'conversation.started'), 'at its new address');
is(scalar($t->events('/one')), 0, 'not at the old one');
is(scalar(grep { $_->{event} ne 'conversation.started' }
    $t->events('/two')), 0, 'filtered');

# refused, and nothing changed; how it fares is noted a moment later

ok(wait_for(5, sub { shown()->{last_successful_delivery_at} }), 'a success');

my $before = shown();
my %cases = (
    'types' => [{ event_types => ['fax'] }, 'VALIDATION_006', 'event_types'],
    'no types' => [{ event_types => [] }, 'VALIDATION_005', 'event_types'],
    'filter of a type that it has not' => [{ event_filters =>
        { message => ['sent'] } }, 'VALIDATION_006', 'event_filters'],
    'filter' => [{ event_filters => { conversation => ['sent'] } },
        'VALIDATION_006', 'event_filters'],
    'filters of no names' => [{ event_filters => { conversation => 1 } },
        'VALIDATION_001', 'event_filters'],
    'url' => [{ endpoint_url => 'ftp://x/' }, 'VALIDATION_006',
        'endpoint_url'],
    'address' => [{ endpoint_url => 'http://10.0.0.1/' }, 'VALIDATION_006',
        'endpoint_url'],
    'retries' => [{ retry_count => 6 }, 'VALIDATION_005', 'retry_count'],
    'timeout' => [{ timeout_seconds => 4 }, 'VALIDATION_005',
        'timeout_seconds'],
    'rate' => [{ rate_limit => 0 }, 'VALIDATION_005', 'rate_limit'],
    'name' => [{ display_name => 'x' x 201 }, 'VALIDATION_005',
        'display_name'],
    'name of a number' => [{ display_name => 1 }, 'VALIDATION_001',
        'display_name'],
);

for my $name (sort keys %cases) {
    my ($body, $code, $field) = @{$cases{$name}};

    $answer = put({ retry_count => 2, %$body });
    is($answer->verdict(), "400 $code", $name);
    is_deeply([keys %{$answer->json()->{error}{details}}], [$field],
        "$name - its field");
}

$answer = put({ retry_count => 9, timeout_seconds => 1, rate_limit => -1 });
is_deeply([sort keys %{$answer->json()->{error}{details}}],
    [qw(rate_limit retry_count timeout_seconds)], 'all at once');
is(put('[]', headers => { 'Content-Type' => 'application/json' })->verdict(),
    '400 VALIDATION_001', 'no object');
is_deeply(shown(), $before, 'nothing changed');

my $other = $t->new_customer('other');

for my $try (['PUT', '', {}], ['PATCH', '/toggle-status',
    { is_active => $true }], ['POST', '/rotate-secret', {}])
{
    my ($method, $path, $body) = @$try;

    is($t->api($method, "$uri/" . uuid4() . $path, body => $body)->verdict(),
        '404 RESOURCE_008', "$method $path: unknown");
    is($t->api($method, "$uri/x$path", body => $body)->verdict(),
        '400 VALIDATION_003', "$method $path: no id");
    is($t->api($method, "$uri/$id$path", body => $body,
        key => $other->{key})->verdict(), '404 RESOURCE_008',
        "$method $path: another customer's");
}

# switched off: the rest of the world goes on

sub toggle {
    my ($is, %how) = @_;

    return $t->api('PATCH', "$uri/$id/toggle-status",
        body => { is_active => $is }, %how);
}

for my $is ([{}, 'VALIDATION_004'], [{ is_active => 1 }, 'VALIDATION_001'],
    [{ is_active => undef }, 'VALIDATION_001'])
{
    $answer = $t->api('PATCH', "$uri/$id/toggle-status", body => $is->[0]);
    is($answer->verdict(), "400 $is->[1]", 'toggle: form');
    is_deeply([keys %{$answer->json()->{error}{details}}], ['is_active'],
        'its field');
}

$answer = toggle($false);
is($answer->verdict(), '200', 'off');
is_deeply($answer->data(), { %$before, is_active => $false,
    last_delivery_attempt_at => $answer->data()->{last_delivery_attempt_at},
    last_successful_delivery_at =>
        $answer->data()->{last_successful_delivery_at},
    updated_at => $answer->data()->{updated_at} }, 'only that');
is_deeply([map { $_->{id} } @{$t->get("$uri?is_active=false")->data()
    ->{webhooks}}], [$id], 'listed as inactive');
is(scalar(@{$t->get("$uri?is_active=true")->data()->{webhooks}}), 0,
    'not as active');

my $witness = $t->webhook('/witness');

$t->opened(from => $t->contact(2));
ok($t->wait_event('/witness', 'conversation.started'), 'others are told');
is(scalar(grep { $_->{payload}{contact} eq $t->contact(2) }
    $t->events('/two')), 0, 'it is not');

my $at = shown()->{updated_at};

is(toggle($false)->data()->{updated_at}, $at, 'off already');
is(toggle($true)->data()->{is_active}, $true, 'on');
$t->opened(from => $t->contact(3));
ok($t->wait_event('/two', 'conversation.started',
    contact => $t->contact(3)), 'told again');

# gone by itself, with failures: both are forgotten

$t->{receiver}->script('/two', { status => 500 }, { status => 500 },
    { status => 410 });
$t->opened(from => $t->contact(4));
ok(wait_for(10, sub { shown()->{consecutive_failures} == 1 }),
    'a failure');
$t->opened(from => $t->contact(5));
ok(wait_for(10, sub { !shown()->{is_active} }), 'disabled');
like(shown()->{disabled_reason}, qr/410/, 'the reason');

$answer = toggle($true, idem => 'again', node => $two);
is_deeply([@{$answer->data()}{qw(is_active disabled_reason
    consecutive_failures)}], [$true, undef, 0], 'on again');
ok(wait_for(5, sub { shown()->{is_active} }), 'on the first node');
is_deeply([@{shown()}{qw(disabled_reason consecutive_failures)}],
    [undef, 0], 'forgotten');
