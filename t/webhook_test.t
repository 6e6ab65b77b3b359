#!/usr/bin/perl

# Tests for POST /v3/webhooks/{id}/test: one delivery, really signed, that
# counts nowhere; what came of it; a receiver that hangs.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Sign qw(webhook_errors);

my $t = setup(workers => 1);
my $uri = '/v3/webhooks';
my $true = JSON::PP::true;

sub try {
    my ($hook, $type, %how) = @_;

    return $t->post("$uri/$hook->{id}/test", body => { event_type => $type },
        %how);
}

my $hook = $t->webhook('/hook');

# delivered: what arrived, and what is told of it

$t->{receiver}->script('/hook', { status => 202, body => '{"ok":true}' });

my $answer = try($hook, 'message.delivered');
my $data = $answer->data();
my ($request) = $t->arrivals('/hook');
my $event = $request->{event};

is($answer->verdict(), '200', 'test');
is_deeply([@$data{qw(success message event_type http_status_code
    response_body error_message)}], [$true,
    'Test event delivered successfully', 'message.delivered', 202,
    '{"ok":true}', undef], 'told');
ok($data->{duration_ms} < 2000, 'how long it took');
is(join(', ', webhook_errors($request, $hook->{signing_secret},
    $hook->{id})), '', 'signed');
is($event->{id}, $data->{event_id}, 'the event');
is_deeply([@$event{qw(event sub_type field test)}], ['message.delivered',
    'message.delivered', 'message', $true], 'a test, marked as one');
is($event->{payload}{account_id}, $t->{customer}, 'account');

# examples are of the form of real events

my $conversation = $t->opened();

$t->send();
$t->wait_event('/hook', 'message.sent');
$t->end($conversation->{id});
$t->wait_event('/hook', 'conversation.ended');

my %real = map { $_->{event} => $_ }
    grep { !$_->{test} } $t->events('/hook');

my $form;
$form = sub {
    my ($value) = @_;

    return ref $value eq 'HASH' ? { map { $_ => $form->($value->{$_}) }
        keys %$value } : ref $value eq 'ARRAY' ? 'array' : 1;
};

for my $type (map { map { $_->{name} } @{$_->{sub_types}} }
    @{$t->get("$uri/event-types")->data()->{event_types}})
{
    ok(try($hook, $type)->data()->{success}, "$type: delivered");

    my ($example) = grep { $_->{test} && $_->{event} eq $type }
        $t->events('/hook');

    ok($example, "$type: arrived");
    next unless $real{$type};

    my $is = $form->($example);

    delete $is->{test};
    is_deeply($is, $form->($real{$type}), "$type: as a real one");
}

is(scalar(keys %real), 6, 'real ones compared');
like(try($hook, 'conversation')->data()->{event_id}, qr/_started$/,
    'a parent: its first');

# refused

for my $case ([{}, 'VALIDATION_004'], [{ event_type => 'fax.sent' },
    'VALIDATION_006'], [{ event_type => 1 }, 'VALIDATION_001'],
    [{ event_type => undef }, 'VALIDATION_001'])
{
    $answer = $t->post("$uri/$hook->{id}/test", body => $case->[0]);
    is($answer->verdict(), "400 $case->[1]", "refused: $case->[1]");
    is_deeply([keys %{$answer->json()->{error}{details}}], ['event_type'],
        'its field');
}

is($t->post("$uri/$hook->{id}/test")->status(), 400, 'no body');
is($t->post("$uri/$t->{customer}/test", body => { event_type =>
    'message.sent' })->verdict(), '404 RESOURCE_008', 'unknown');
is(try($hook, 'message.sent', key => $t->{read_key})->verdict(),
    '403 AUTH_004', 'read key');

# failed: told, not repeated, not counted

my $failing = $t->webhook('/failing', timeout_seconds => 5);
my $gone = $t->post($uri, body => { display_name => 'gone', endpoint_url =>
    'http://127.0.0.1:1/', event_types => ['message'] })->data();

$t->{receiver}->script('/failing',
    { status => 500, body => 'x' x 2000, headers => { 'Retry-After' => 0 } },
    { status => 302, headers => { Location => $t->url('/hook') } },
    { status => 410 }, { reset => 1 },
    { status => 400, body => "no \xff JSON" });

for my $is ([500, 'x' x 1024, 'the answer is not 2xx'],
    [302, undef, 'the answer is not 2xx'],
    [410, undef, 'the answer is not 2xx'], [undef, undef, 'no answer'],
    [400, "no \x{fffd} JSON", 'the answer is not 2xx'])
{
    $data = try($failing, 'message.sent')->data();

    ok(defined $data && !$data->{success}, 'failed');
    is_deeply([@$data{qw(http_status_code error_message message)}],
        [$is->[0], $is->[2], "Test event failed: $is->[2]"], 'why');
    is($data->{response_body}, $is->[1], 'the answer') if defined $is->[1];
}

$data = try($gone, 'message.sent')->data();
is_deeply([$data->{success}, @$data{qw(http_status_code response_body
    error_message)}], [JSON::PP::false, undef, undef, 'no answer'],
    'nobody there');

wait_for(1, sub { 0 });
is(scalar($t->{receiver}->requests('/failing')), 5, 'none repeated');

my $shown = $t->get("$uri/$failing->{id}")->data();

is_deeply([@$shown{qw(is_active consecutive_failures disabled_reason
    last_delivery_attempt_at last_successful_delivery_at)}],
    [$true, 0, undef, undef, undef], 'none counted');

# before it is switched on

$t->api('PATCH', "$uri/$failing->{id}/toggle-status",
    body => { is_active => JSON::PP::false });
ok(try($failing, 'message.sent')->data()->{success}, 'inactive');

# one that hangs: for its timeout, and only for who waits for it

$t->{receiver}->default('/hanging', hang => 1);

my $hanging = $t->webhook('/hanging', timeout_seconds => 6);

sub later {
    my ($hook, %how) = @_;

    my $c = SentConv::HTTP->new($t->{nginx}->port());

    $c->write($t->api_bytes('POST', "$uri/$hook->{id}/test",
        body => { event_type => 'message.sent' }, %how));

    return $c;
}

my $start = time();
my $first = later($hanging, idem => 'hangs');

$t->{receiver}->wait_requests('/hanging', 1);

# its key is locked for seconds only, again and again: it may die

sub locked {
    return $t->{redis}->command('HGET', "sc:idem:$t->{customer}:hangs",
        'lock') / 1000;
}

my $locked = locked();

cmp_ok($locked - time(), '<=', 16, 'a lock of seconds');

$answer = try($hanging, 'message.sent');
is($answer->verdict(), '429 BUSINESS_002', 'one at a time');
ok($answer->header('retry-after'), 'later');
ok(try($hook, 'message.sent')->data()->{success}, 'others meanwhile');
is($t->send(to => $t->contact(7))->status(), 422, 'the API meanwhile');

my $same = later($hanging, idem => 'hangs');

is($same->answer()->verdict(), '409 CONFLICT_001', 'its repeat');
ok(wait_for(5, sub { locked() > $locked + 4 }), 'the lock is renewed');
$answer = $first->answer();

my $took = time() - $start;

is_deeply([@{$answer->data()}{qw(success error_message)}],
    [JSON::PP::false, 'it took too long'], 'ended');
ok($took > 5.9 && $took < 6 + seconds(2), 'at its timeout') or diag($took);
is(scalar($t->{receiver}->requests('/hanging')), 1, 'once');
is_deeply(try($hanging, 'message.sent', idem => 'hangs')->data(),
    $answer->data(), 'repeated: the first answer');
is(scalar($t->{receiver}->requests('/hanging')), 1, 'not delivered again');

# who waited is gone

later($hanging)->close();
$t->{receiver}->wait_requests('/hanging', 2);
$t->{receiver}->default('/hanging');
ok(wait_for(15, sub { try($hanging, 'message.sent')->status() == 200 }),
    'its place is free again');

# the server leaves: neither waits for the other

my $leaving = $t->webhook('/leaving', timeout_seconds => 120);
$t->{receiver}->default('/leaving', hang => 1);
$first = later($leaving, idem => 'leaves');
$t->{receiver}->wait_requests('/leaving', 1);

sub told {
    my ($what) = @_;

    my $answer = $first->answer(5);

    $first->close();

    is($answer->verdict(), '503 SERVICE_002', "$what: told");
    is($answer->header('x-should-retry'), 'false', 'not to be repeated');
}

$start = time();
ok($t->{nginx}->reload(), 'reload');
told('reload');
ok($t->{nginx}->settled(10), 'the old worker is gone');
$took = time() - $start;
ok($took < 2.5 + seconds(2), 'soon') or diag($took);

$t->{receiver}->default('/leaving');
$data = try($leaving, 'message.sent', idem => 'leaves')->data();
is_deeply([map { $_->{event}{id} } $t->arrivals('/leaving')],
    [$data->{event_id}, $data->{event_id}], 'the same event');

$t->{receiver}->default('/leaving', hang => 1);
$first = later($leaving);
$t->{receiver}->wait_requests('/leaving', 3);
$start = time();
$t->{nginx}{process}->signal('QUIT');
told('quit');
ok(defined $t->{nginx}{process}->wait_exit(10), 'gone');
$took = time() - $start;
ok($took < 2.5 + seconds(2), 'soon') or diag($took);

# and at once where it may not wait

$t->start();
$first = later($leaving);
$t->{receiver}->wait_requests('/leaving', 4);
$t->{nginx}{process}->signal('TERM');
ok(defined $t->{nginx}{process}->wait_exit(5), 'terminated');
$t->start();
