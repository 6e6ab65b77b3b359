#!/usr/bin/perl

# Tests for the log of a webhook's events: what stands in it, in which order,
# its filters and pages, each attempt, and answers of every kind.

use strict;
use warnings;

use Encode ();
use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(is_time uuid4);

my $t = setup(http => '    sent_conv_webhook_breaker off;',
    off => ['sent_conv_webhook_breaker']);

my @row = qw(id event_type event_data delivery_status http_status_code
    response_body delivery_attempts error_message created_at
    processing_started_at processing_completed_at);
my @attempt = qw(number at duration_ms http_status_code error response_body);

sub page { my ($hook, $query, @arg) = @_;
    return $t->get("/v3/webhooks/$hook->{id}/events" . ($query // ''), @arg) }

sub rows { return @{page(@_)->data()->{events}} }

sub attempts {
    my ($hook, $id) = @_;

    return @{$t->get("/v3/webhooks/$hook->{id}/events/$id/attempts")->data()
        ->{attempts}};
}

# waits for so many events of a status; all rows

sub settled {
    my ($hook, $status, $n, $limit) = @_;

    wait_for($limit || 15, sub {
        return $n == grep { $_->{delivery_status} eq $status }
            rows($hook, '?page_size=100');
    }) or diag(join(' ', map { "$_->{event_type} $_->{delivery_status}" }
        rows($hook, '?page_size=100')));

    return rows($hook, '?page_size=100');
}

# received at once

my $hook = $t->webhook('/hook');

is(scalar(rows($hook)), 0, 'nothing yet');

my $c = my $first = $t->opened();
my @rows = settled($hook, 'DELIVERED', 3);

is(join(' ', map { $_->{event_type} } @rows), 'conversation.message_exchanged'
    . ' conversation.started message.received', 'the last first');

for my $row (@rows) {
    my ($r) = grep { $_->{event}{id} eq $row->{id} } $t->arrivals('/hook');

    is_deeply([sort keys %$row], [sort @row], "$row->{event_type} - fields");
    is_deeply([@$row{qw(http_status_code response_body delivery_attempts
        error_message)}], [200, '{}', 1, undef], 'how it went');
    is_deeply($row->{event_data}, $r->{event}, 'what was sent');
    ok(is_time($row->{$_}), $_) for grep { /_at$/ } @row;
    ok($row->{created_at} le $row->{processing_started_at}
        && $row->{processing_started_at} le $row->{processing_completed_at},
        'in this order');
}

is($rows[1]{id}, "evt_$c->{id}_started", 'its id');

my $body = page($hook)->body();

ok(index($body, '"event_data":' . $_->{body} . ',') > 0, 'byte by byte')
    for $t->arrivals('/hook');

my @tries = attempts($hook, $rows[0]{id});

is(scalar(@tries), 1, 'one attempt');
is_deeply([sort keys %{$tries[0]}], [sort @attempt], 'attempt - fields');
is_deeply([@{$tries[0]}{qw(number http_status_code error response_body)}],
    [1, 200, undef, '{}'], 'attempt');
is($tries[0]{at}, $rows[0]{processing_started_at}, 'attempt - when');
like($tries[0]{duration_ms}, qr/^\d+$/, 'attempt - how long');

my $pages = page($hook)->data()->{pagination};

is_deeply([@$pages{qw(page page_size total_count total_pages has_more)}],
    [1, 20, 3, 1, JSON::PP::false], 'pagination');

# every attempt, and what waits meanwhile

my $flaky = $t->webhook('/flaky', retry_count => 3);

$t->{receiver}->script('/flaky', { status => 500, body => 'sorry' },
    { status => 503, body => 'sorry' }, { reset => 1 },
    { status => 202, body => 'at last' });
$t->opened(from => $t->contact(2));
@rows = settled($flaky, 'DELIVERED', 3);

is($rows[2]{delivery_attempts}, 4, 'four attempts');
is_deeply([@{$rows[2]}{qw(http_status_code response_body error_message)}],
    [202, 'at last', undef], 'the last one counts');

@tries = attempts($flaky, $rows[2]{id});

is(join(' ', map { $_->{number} } @tries), '1 2 3 4', 'numbers');
is(join(' ', map { $_->{http_status_code} // 'none' } @tries),
    '500 503 none 202', 'statuses');
is_deeply([map { $_->{response_body} } @tries],
    ['sorry', 'sorry', undef, 'at last'], 'answers');
is_deeply([map { $_->{error} } @tries], ['The answer is not 2xx.',
    'The answer is not 2xx.', 'No answer.', undef], 'errors');
ok($tries[$_ - 1]{at} lt $tries[$_]{at}, 'one after another') for 1 .. 3;
is($rows[2]{processing_started_at}, $tries[0]{at}, 'begun with the first');
is($rows[1]{delivery_attempts}, 1, 'the next one has its own');

# given up

my $dead = $t->webhook('/dead', retry_count => 1);

$t->{receiver}->script('/dead', { match => 'conversation.started',
    status => 404, body => '<html>no</html>', repeat => 1 });
$c = $t->opened(from => $t->contact(3));
@rows = settled($dead, 'FAILED', 1);
is_deeply([@{$rows[1]}{qw(event_type delivery_attempts http_status_code
    response_body error_message)}], ['conversation.started', 2, 404,
    '<html>no</html>', 'The answer is not 2xx.'], 'given up');
ok(is_time($rows[1]{processing_completed_at}), 'given up - when');
is(scalar(my @two = attempts($dead, $rows[1]{id})), 2, 'given up - attempts');

# what waits: one is tried again and again, the others stand behind it

my $slow = $t->webhook('/slow', retry_count => 5);

$t->{receiver}->script('/slow', { status => 503, repeat => 1,
    headers => { 'Retry-After' => 60 } });
$t->opened(from => $t->contact(4));
@rows = settled($slow, 'RETRYING', 1);
is(join(' ', map { $_->{delivery_status} } @rows), 'PENDING PENDING RETRYING',
    'what waits');
is_deeply([@{$rows[2]}{qw(event_type delivery_attempts http_status_code
    processing_completed_at)}], ['message.received', 1, 503, undef],
    'retrying');
is_deeply([@{$rows[0]}{qw(event_type delivery_attempts http_status_code
    response_body error_message processing_started_at)}],
    ['conversation.message_exchanged', 0, undef, undef, undef, undef],
    'pending');
is(scalar(my @one = attempts($slow, $rows[2]{id})), 1, 'its attempt so far');
is(scalar(my @none = attempts($slow, $rows[0]{id})), 0, 'no attempt yet');
is(page($slow)->data()->{pagination}{total_count}, 3, 'counted');

# filters

$t->opened(from => $t->contact(5));
settled($dead, 'DELIVERED', 6);

is(scalar(rows($dead, '?status=FAILED')), 3, 'failed');
is(scalar(rows($dead, '?status=DELIVERED')), 6, 'delivered');
is(page($dead, '?status=FAILED')->data()->{pagination}{total_count}, 3,
    'failed - counted');
is(scalar(rows($dead, '?status=PENDING')), 0, 'pending');
is(scalar(rows($slow, '?status=RETRYING')), 1, 'retrying');
is(scalar(rows($slow, '?status=PENDING')), 5, 'pending');

my $contact = substr($t->contact(5), 1);

is(scalar(rows($dead, "?search=$contact")), 3, 'search a contact');
is(scalar(rows($dead, "?search=$contact&status=FAILED")), 1, 'both');
is(scalar(rows($slow, "?search=CONVERSATION.Started")), 2, 'search a type');
is(scalar(rows($dead, "?search=evt_$c->{id}_started")), 1, 'search an id');
is(scalar(rows($dead, '?search=nothing')), 0, 'search in vain');
is(page($dead, '?search=x')->data()->{pagination}{total_count}, undef,
    'search - not counted');

# refused

for my $case (['?status=failed', 'VALIDATION_006', 'status'],
    ['?page=0', 'VALIDATION_005', 'page'],
    ['?page=501', 'VALIDATION_005', 'page'],
    ['?page_size=101', 'VALIDATION_005', 'page_size'],
    ['?cursor=x', 'VALIDATION_006', 'cursor'],
    ['?cursor=YTEuMg', 'VALIDATION_006', 'cursor'],
    ['?search=' . 'x' x 257, 'VALIDATION_005', 'search'])
{
    my $answer = page($hook, $case->[0]);

    is($answer->verdict(), "400 $case->[1]", substr($case->[0], 0, 20));
    ok(exists $answer->json()->{error}{details}{$case->[2]}, 'details');
}

my $other = $t->new_customer('other');

is(page($hook, '', key => $other->{key})->verdict(), '404 RESOURCE_008',
    'of another customer');
is(page({ id => uuid4() })->verdict(), '404 RESOURCE_008', 'no webhook');
is(page({ id => 'x' })->verdict(), '400 VALIDATION_003', 'not a UUID');
is(page($hook, '', key => $t->{read_key})->status(), 200, 'a read key');

for my $id ('x', 'evt_' . uuid4(), "evt_$c->{id}", "evt_$c->{id}_begun",
    "evt_$first->{id}_started")
{
    is($t->get("/v3/webhooks/$dead->{id}/events/$id/attempts")->verdict(),
        '404 RESOURCE_008', "no such event: $id");
}

is($t->get("/v3/webhooks/$hook->{id}/events/$rows[0]{id}/attempts",
    key => $other->{key})->verdict(), '404 RESOURCE_008', 'nor of another');

# pages: each row once, forth and back, by cursor and by number

my $many = $t->webhook('/many', event_types => ['conversation']);

$t->{receiver}->script('/many', { match => 'started', status => 400,
    chance => 0.3, repeat => 1 });
$t->opened(from => $t->contact($_)) for 20 .. 49;
ok(wait_for(30, sub {
    @rows = rows($many, '?page_size=100');
    return @rows == 60 && !grep { $_->{delivery_status} =~ /ING/ } @rows;
}), 'all over');
$t->{receiver}->script('/many', { status => 503, repeat => 1,
    headers => { 'Retry-After' => 60 } });
$t->opened(from => $t->contact($_)) for 50 .. 54;
wait_for(10, sub {
    @rows = rows($many, '?page_size=100');
    return @rows == 70 && grep { $_->{delivery_status} eq 'RETRYING' } @rows;
});

my @all = rows($many, '?page_size=100');

is(scalar(@all), 70, 'seventy');
is(scalar(grep { $_->{delivery_status} =~ /ING$/ } @all[0 .. 9]), 10,
    'what waits is ahead');

my @by_end = map { $_->{processing_completed_at} } @all[10 .. 69];

is(scalar(grep { $by_end[$_ - 1] lt $by_end[$_] } 1 .. $#by_end), 0,
    'then by its end');

for my $size (7, 10, 33) {
    my (@seen, @back, $cursor);
    my $n = 0;

    for (;;) {
        my $data = page($many, "?page_size=$size"
            . ($cursor ? "&cursor=$cursor" : ''))->data();

        push @seen, map { $_->{id} } @{$data->{events}};
        ok(@{$data->{events}} == $size || !$data->{pagination}{has_more},
            'full') or diag(scalar(@{$data->{events}}));
        last if !$data->{pagination}{has_more} || $n++ > 20;
        $cursor = $data->{pagination}{cursors}{after};
    }

    is_deeply(\@seen, [map { $_->{id} } @all], "pages of $size");

    $cursor = page($many, "?page_size=$size&cursor=$cursor")->data()
        ->{pagination}{cursors}{before};

    while ($cursor && $n-- > 0) {
        my $data = page($many, "?page_size=$size&cursor=$cursor")->data();

        unshift @back, map { $_->{id} } @{$data->{events}};
        $cursor = $data->{pagination}{cursors}{before};
    }

    is_deeply(\@back, [@seen[0 .. $#back]], "and back");
    is($cursor, undef, 'to the first');
    ok(@back >= @seen - $size, 'all of them');

    my @numbered = map { rows($many, "?page_size=$size&page=$_") }
        1 .. 70 / $size + 1;

    is_deeply([map { $_->{id} } @numbered], \@seen, "by number");
}

is(scalar(rows($many, '?page=500')), 0, 'behind the last');

# answers: whatever comes is told as text, the first KiB of it

my %answers = (
    binary => [join('', map { chr($_ % 256) } 0 .. 4999),
        qr/^\x{fffd}{9}\t\n\x{fffd}\x{fffd}\r/],
    latin => ["caf\xe9 \xff\xfe", qr/^caf\x{fffd} \x{fffd}\x{fffd}$/],
    utf8 => [Encode::encode('UTF-8', "\x{1f600}" x 300),
        qr/^\x{1f600}{256}$/],
    cut => [Encode::encode('UTF-8', 'x' . "\x{20ac}" x 400),
        qr/^x\x{20ac}{341}$/],
    long => ['y' x 5000, qr/^y{1024}$/],
    quotes => ["\"\\\n\t</script>\r\n\"", qr!^"\\\n\t</script>\r\n"$!],
    html => ['<html><body>It works!</body></html>', qr/^<html>.*<\/html>$/],
    empty => ['', qr/^none$/],
    none => [undef, qr/^none$/],
    huge => ['', qr/^x{1024}$/],
);

for my $name (sort keys %answers) {
    my ($text) = @{$answers{$name}};

    # the receiver is told by JSON: a byte is a character

    $answers{$name}[2] = $t->webhook("/$name", event_types => ['conversation'],
        event_filters => { conversation => ['started'] });
    $t->{receiver}->script("/$name", $name eq 'none' ? { status => 204 }
        : $name eq 'huge' ? { huge => 10_000_000 } : { body => $text });
}

$t->opened(from => $t->contact(90));

for my $name (sort keys %answers) {
    my ($row) = settled($answers{$name}[2], 'DELIVERED', 1);

    like($row->{response_body} // 'none', $answers{$name}[1],
        "answer - $name") or diag($row->{response_body});
}

ok($t->{nginx}->log() !~ /It works|caf[^\0-\x7f]|too big/, 'not in the log');
