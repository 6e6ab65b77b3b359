#!/usr/bin/perl

# Tests for the bounds of the log of events: how many, how long, not at all;
# and that nothing stays of a contact that is deleted.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

sub conf { return off => ['sent_conv_webhook_breaker'], http => <<"EOF_HTTP" }
    sent_conv_partitions 2;
    sent_conv_webhook_breaker off;
    sent_conv_webhook_disable off;
    sent_conv_webhook_dead 32;
    sent_conv_webhook_log $_[0];
EOF_HTTP

my $t = setup(conf('32 4s'));

sub rows { my ($hook, $query, @arg) = @_;
    return @{$t->get("/v3/webhooks/$hook->{id}/events?page_size=100"
        . ($query // ''), @arg)->data()->{events}} }

sub lengths { my ($kind, $hook) = @_;
    return map { $t->{redis}->command('LLEN', $_) / 2 }
        sort $t->{redis}->keys("sc:*:$kind:$hook->{id}") }

sub write_all { my ($first, $n) = @_;
    http_many($t->{nginx}->port(), [map { $t->carrier_bytes('whatsapp',
        json($t->message(from => $t->contact($_)))) } $first .. $first + $n
        - 1]) }

# not more than so many, nor many fewer: the last ones

my $hook = $t->webhook('/hook');
my $dead = $t->webhook('/dead', retry_count => 1);

$t->{receiver}->default('/dead', status => 500);
write_all(1, 60);
is(scalar(my @events = $t->wait_events('/hook', 180, 30)), 180, 'received');
ok(wait_for(60, sub { 360 == $t->arrivals('/dead') }), 'refused');

ok(wait_for(5, sub { !grep { $_ > 16 } lengths('e', $hook),
    lengths('d', $dead) }), 'bounded') or diag(join(' ', lengths('e', $hook),
    lengths('d', $dead)));
is(scalar(grep { $_ < 12 } lengths('d', $dead)), 0, 'the dead');

my @rows = rows($dead);

ok(@rows >= 24 && @rows <= 32, 'that many are shown') or diag(scalar(@rows));

write_all(61, 20);
$t->wait_events('/hook', 240, 30);
@rows = rows($hook);
ok(@rows >= 16 && @rows <= 32, 'of those received') or diag(scalar(@rows));

my %last = map { $_->{id} => 1 } ($t->events('/hook'))[180 .. 239];

is(scalar(grep { !$last{$_->{id}} } @rows), 0, 'the last ones');

# nor longer

ok(wait_for(15, sub { !rows($hook) }), 'too old');
is(scalar(grep { $t->{redis}->command('PTTL', $_) > 4500 }
    $t->{redis}->keys("sc:*:e:$hook->{id}")), 0, 'it goes by itself');
ok(scalar(rows($dead)), 'the dead stay longer');
$t->opened(from => $t->contact(200));
is(scalar(wait_for(10, sub { @rows = rows($hook) }) && @rows > 0), 1,
    'a new one');
ok(wait_for(5, sub { 3 == (sort { $a <=> $b } lengths('e', $hook))[0] }),
    'the old ones are erased') or diag(join(' ', lengths('e', $hook)));

# twenty webhooks, and their contact deleted: nothing of it is left

my @hooks = ($hook, $dead, map { $t->webhook("/h$_", retry_count => 1) }
    3 .. 20);

$t->{receiver}->default("/h$_", status => 500, body => 'no') for 3 .. 9;
$t->{receiver}->default("/h$_", status => 503,
    headers => { 'Retry-After' => 15 }) for 10 .. 12;
$t->opened(from => $t->contact(201));

my ($contact) = @{$t->get('/v3/contacts?phone=%2B'
    . substr($t->contact(201), 1))->data()->{contacts}};

for my $n (3 .. 20) {
    my $status = $n < 10 ? 'FAILED' : $n < 13 ? 'RETRYING' : 'DELIVERED';

    ok(wait_for(15, sub {
        return grep { $_->{delivery_status} eq $status } rows($hooks[$n - 1]);
    }), "webhook $n - $status");
}

sub held {
    my $redis = $t->{redis};

    return grep { /\Q$contact->{phone_number}\E/ } map {
        my $key = $_;
        my $type = $redis->command('TYPE', $key);
        $type eq 'list' ? @{$redis->command('LRANGE', $key, 0, -1)}
            : $type eq 'hash' ? @{$redis->command('HGETALL', $key)} : ();
    } $redis->keys('sc:*:[adeq]:*');
}

ok(scalar(held()), 'much of it is kept');
is($t->api('DELETE', "/v3/contacts/$contact->{id}")->status(), 204, 'erased');
$t->{receiver}->default("/h$_") for 3 .. 12;
ok(wait_for(80, sub { !held() }), 'nothing is left')
    or diag(join("\n", map { substr($_, 0, 200) } held()));
is(scalar(grep { rows($_, '&search=' . substr($contact->{phone_number}, 1)) }
    @hooks), 0, 'nor shown');

# off: what was given up is kept all the same

$t->{nginx}->quit();

my $off = $t->node('off', conf('off'));

$t->{nginx} = $off;
$t->opened(from => $t->contact(202));
$t->wait_event('/hook', 'conversation.message_exchanged',
    contact => $t->contact(202));

my $row;

ok(wait_for(15, sub {
    ($row) = grep { index(json($_->{event_data}), $t->contact(202)) > 0 }
        rows($dead, '&status=FAILED');
    return $row;
}), 'off - given up');
is($row->{delivery_attempts}, 2, 'off - attempts are counted');
is(scalar(rows($hook)), 0, 'off - what was received is not kept');

my $tries = $t->get("/v3/webhooks/$dead->{id}/events/$row->{id}/attempts")
    ->data()->{attempts};

is(join(' ', map { $_->{number} } @$tries), '2', 'off - the last attempt');
