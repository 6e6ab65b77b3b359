#!/usr/bin/perl

# Tests for an agent's statistics: their shape, their buckets, what counts as
# what, and the counts that every agent is shown with.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use SentConv::Env;
use SentConv::Id qw(epoch rfc3339);

my $t = setup();
my $two = $t->node('two');

$t->template(name => 'confirm');

sub agent {
    my ($name, $number, %engine) = @_;

    return $t->post('/v3/agents', body => { name => $name, definition => {
        schema => 1,
        trigger => { on => 'either', numbers => [$t->{numbers}{$number}] },
        starters => [{ channel => $number, template => { name => 'confirm' },
            parameters => { name => 'you' } }],
        channels => ['whatsapp', 'sms', 'rcs'], webhooks => [],
        engine => \%engine, ping => undef, ending => {},
    } })->data()->{agent};
}

my $sms = agent('by sms', 'sms', greeting => 'Welcome.');
my $rcs = agent('by rcs', 'rcs');

sub stats {
    my ($agent, $range, %how) = @_;

    my $query = defined $range ? "?range=$range" : '';

    return $t->get("/v3/agents/$agent->{id}/stats$query", %how);
}

sub totals {
    my ($agent, $range) = @_;

    my $data = stats($agent, $range)->data();

    return join(' ', @$data{qw(open active)}, '|',
        @{$data->{ended}}{qw(EXPIRED EXPLICIT COMPLIANCE_STOP)}, '|',
        @$data{qw(inbound outbound started starters_sent)});
}

my @counts = qw(open active inbound_24h outbound_24h);

# nothing yet

is(join(' ', @$sms{@counts}), '0 0 0 0', 'a new agent');
is(totals($sms), '0 0 | 0 0 0 | 0 0 0 0', 'its statistics');

# each once

my $c = $t->opened(channel => 'sms');
my @ids = map { $t->send(idem => 'once')->data()->{message_id} } 1 .. 2;

is($ids[0], $ids[1], 'sent once');
$t->inbound(channel => 'sms', text => 'HELP');
is(totals($sms), '1 1 | 0 0 0 | 2 2 1 0', 'greeting, send');

$t->end($c->{id}) for 1 .. 2;
$t->opened(channel => 'sms', from => $t->contact(2), node => $two);
$t->inbound(channel => 'sms', from => $t->contact(2), text => 'STOP');
$t->opened(channel => 'rcs', from => $t->contact(3));
$t->inbound(channel => 'whatsapp', from => $t->contact(4));
is(totals($sms), '0 0 | 0 1 1 | 4 3 2 0', 'endings');
is(totals($rcs), '1 1 | 0 0 0 | 1 0 1 0', 'the other one');

# starters, when a carrier has them

my $row = $t->post("/v3/agents/$rcs->{id}/start",
    body => { to => $t->contact(5) })->data()->{recipients}[0];

ok(wait_for(10, sub { totals($rcs) eq '1 1 | 0 0 0 | 1 0 1 1' }),
    'a starter') or diag(totals($rcs));
$t->status($row->{message_id}, 'delivered', channel => 'rcs',
    to => $t->contact(5));
$t->post("/v3/agents/$rcs->{id}/start", body => { to => $t->contact(2) });
$t->post("/v3/agents/$rcs->{id}/start", body => { to => $t->contact(6),
    sandbox => JSON::PP::true });
is(totals($rcs), '1 1 | 0 0 0 | 1 0 1 1', 'neither filtered nor again');
$t->broadcast([map { $t->contact($_) } 7, 8], channel => ['rcs'],
    agent_id => $rcs->{id}, template => { name => 'confirm',
        parameters => { name => 'Ann' } });
ok(wait_for(10, sub { totals($rcs) eq '1 1 | 0 0 0 | 1 0 1 3' }),
    'templates sent for it');

# wherever an agent is shown

my %shown = (
    list => (grep { $_->{id} eq $sms->{id} }
        @{$t->get('/v3/agents', node => $two)->data()->{agents}})[0],
    one => $t->get("/v3/agents/$sms->{id}")->data()->{agent},
    patch => $t->api('PATCH', "/v3/agents/$sms->{id}",
        body => { name => 'renamed' })->data(),
    sandbox => $t->api('PATCH', "/v3/agents/$sms->{id}", body => {
        name => 'never', sandbox => JSON::PP::true })->data(),
);

is(join(' ', @{$shown{$_}}{@counts}), '0 0 4 3', "counts in $_")
    for sort keys %shown;
is($t->get('/v3/agents?page_size=1&page=9')->verdict(), '200',
    'a page of none');

# buckets

my $now = epoch($t->get("/v3/agents/$rcs->{id}")->json()->{meta}{timestamp});

for (['1h', 60, 60], ['24h', 1800, 48], ['7d', 21600, 28],
    ['30d', 43200, 60])
{
    my ($range, $width, $many) = @$_;
    my $data = stats($sms, $range)->data();
    my @buckets = @{$data->{buckets}};
    my @starts = map { epoch($_->{t}) } @buckets;

    is(totals($sms, $range), '0 0 | 0 1 1 | 4 3 2 0', "$range, whole");
    is(scalar(@buckets), $many, "$range, buckets");
    ok(!(grep { $starts[$_] - $starts[$_ - 1] != $width } 1 .. $many - 1)
        && $starts[0] % $width == 0, "$range, their starts");
    ok($starts[-1] + $width > $now && $starts[-1] < $now + 60,
        "$range, the last is the present one");
    is_deeply([map { my $name = $_; my $sum = 0;
        $sum += $_->{$name} for @buckets; $sum }
        qw(inbound outbound opened closed)], [4, 3, 2, 2],
        "$range, add up");
    is(join(' ', sort keys %{$buckets[0]}), 'closed inbound opened outbound t',
        "$range, names");
}

is(join(' ', sort keys %{stats($sms)->data()}), 'active buckets ended inbound '
    . 'open outbound started starters_sent', 'names');
is_deeply(stats($sms)->data(), stats($sms, '24h')->data(), 'a day by default');

# what was written earlier stands there

$t->inbound(channel => 'rcs', from => $t->contact(9),
    timestamp => rfc3339($now - 7200));
is(totals($rcs, '1h'), '2 2 | 0 0 0 | 1 0 1 3', 'not of this hour');
is(totals($rcs, '24h'), '2 2 | 0 0 0 | 2 0 2 3', 'but of this day');
$t->opened(channel => 'whatsapp', from => $t->contact(10));
is(scalar(@{$t->get("/v3/agents/$rcs->{id}/executions?status=open")
    ->data()->{conversations}}), 2, 'as many as the list has');
is($t->get('/v3/conversations?status=open')->data()->{pagination}
    {total_count}, 4, 'each once in the list of all');

# the last message is too long ago

my @live = $t->{redis}->keys("sc:{*}:live:$t->{customer}");

for my $key (@live) {
    my %of = @{$t->{redis}->command('ZRANGE', $key, 0, -1, 'WITHSCORES')};

    $t->{redis}->command('ZADD', $key, sprintf('%.0f', $of{$_} - 900_000), $_)
        for keys %of;
}

is(totals($rcs), '2 0 | 0 0 0 | 2 0 2 3', 'open, no longer active');
is($t->get('/v3/conversations?status=active')->data()->{pagination}
    {total_count}, 0, 'in the list, too');

# refused

for my $range ('', '2h', '1H', '24h%20', 'all') {
    my $answer = stats($sms, $range);

    is($answer->verdict(), '400 VALIDATION_006', "range '$range'");
    is_deeply([keys %{$answer->json()->{error}{details}}], ['range'],
        'which field');
}

is($t->get('/v3/agents/x/stats')->verdict(), '400 VALIDATION_003', 'no id');
is($t->get("/v3/agents/$t->{customer}/stats")->verdict(),
    '404 CONVERSATION_004', 'no such agent');
is(stats($sms, '1h', key => undef)->verdict(), '401 AUTH_001', 'no key');
is(stats($sms, '1h', key => $t->{read_key})->verdict(), '200',
    'a key that may read');
is($t->post("/v3/agents/$sms->{id}/stats", body => {})->verdict(),
    '405 VALIDATION_001', 'method');

my $first = $t->{key};

$t->use_customer($t->new_customer('second'));
is(stats($sms)->verdict(), '404 CONVERSATION_004', 'another customer\'s');
$t->admin('PATCH', "/customers/$t->{customer}",
    body => { conversations_enabled => JSON::PP::false });
is(stats($sms)->verdict(), '403 CONVERSATION_002', 'not enabled');

# archived, it is told of all the same

$t->{key} = $first;
is($t->api('DELETE', "/v3/agents/$sms->{id}")->status(), 204, 'archived');
is(totals($sms, '30d'), '0 0 | 0 1 1 | 4 3 2 0', 'still told');
