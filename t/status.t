#!/usr/bin/perl

# Tests for what a node counts: each number moves by what was done, over all
# workers, and goes on after a reload.

use strict;
use warnings;

use File::Copy;
use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $t = setup(workers => 2);
my $requests = 'sent_conv_http_requests_total';

sub promtool {
    my ($text) = @_;

    my $file = "$t->{dir}/metrics.txt";

    open(my $f, '>', $file) or die "$file: $!\n";
    print $f $text;
    close($f);

    return scalar(`promtool check metrics < '$file' 2>&1`);
}

my $m = $t->metrics();

is($m->type(), 'text/plain; version=0.0.4', 'type');
is($m->value('sent_conv_redis_up'), 1, 'up');
is($m->value('sent_conv_workers'), 2, 'workers');

# what is done is counted once, wherever it was done

$t->webhook('/hook');
$t->opened(from => $t->contact($_)) for 1 .. 10;

my $before = $t->metrics();

$t->send(to => $t->contact($_)) for 1 .. 10;
$t->send(to => $t->contact(77));
$t->send(key => 'unknown');
$t->get('/v3/conversations/00000000-0000-7000-8000-000000000000');
$t->post('/v3/conversations', body => {});
$t->get('/v3/nothing');

my $send = '/v3/conversations/messages';
my $times = 'sent_conv_http_request_duration_seconds_count';

is($t->wait_grown($before, 15, $times, api => 'api'), 15, 'durations');

$m = $t->metrics();

is($m->grown($before, $requests, api => 'api', method => 'POST',
    route => $send, status => 202), 10, 'sends');
is($m->grown($before, $requests, route => $send, status => 422), 1,
    'without a window');
is($m->grown($before, $requests, route => $send, status => 401), 1,
    'without a key');
is($m->grown($before, $requests, method => 'GET',
    route => '/v3/conversations/*', status => 404), 1, 'unknown');
is($m->grown($before, $requests, api => 'api', route => 'none',
    status => 405), 1, 'method');
is($m->grown($before, $requests, api => 'api', route => 'none',
    status => 404), 1, 'path');
cmp_ok($m->value('sent_conv_cache_hits_total'), '>=', 10, 'cache hits');
cmp_ok($m->value('sent_conv_cache_misses_total'), '>=', 1, 'cache misses');
is($m->value('sent_conv_deadlines'), 10, 'deadlines');

# Redis

is($m->grown($before, 'sent_conv_redis_script_duration_seconds_count',
    script => 'send'), 11, 'scripts');
cmp_ok($m->grown($before, 'sent_conv_redis_duration_seconds_count'), '>=', 11,
    'commands');
cmp_ok($m->value('sent_conv_redis_duration_seconds_sum'), '>', 0, 'time');
is($m->value('sent_conv_redis_connections_total', connection => 'commands'),
    2, 'connections');

# carriers

$before = $t->metrics();

my $item = $t->message(from => $t->contact(1));

$t->carrier('whatsapp', $item) for 1 .. 2;
$t->carrier('whatsapp', [{ odd => 1 }, $t->message(to => '+14155559999')]);
$t->carrier('sms', $item, signature => 'sha256=00');

is($t->wait_grown($before, 4, $times, api => 'carrier'), 4, 'posts');

$m = $t->metrics();

is($m->grown($before, 'sent_conv_carrier_items_total', channel => 'whatsapp',
    outcome => $_), 1, $_) for qw(accepted duplicate dropped unreadable);
is($m->grown($before, 'sent_conv_carrier_signatures_refused_total',
    channel => 'sms'), 1, 'signature');

# a replay of an answer

$before = $t->metrics();
$t->send(idem => 'once', to => $t->contact(1), body => 'the same text')
    for 1 .. 3;
is($t->wait_grown($before, 2, 'sent_conv_http_replays_total'), 2, 'replays');

# the form

is(http($t->{nginx}->port(0), 'POST', '/status')->status(), 405, 'POST');

$m = $t->metrics();

SKIP: {
    skip 'no promtool', 1 unless grep { -x "$_/promtool" }
        split(/:/, $ENV{PATH});
    is(promtool($m->text()), '', 'promtool');
}

my $readme = do {
    open(my $f, '<', SentConv::Nginx::root() . '/README.md') or die "$!\n";
    local $/;
    <$f>;
};

is(join(' ', grep { $readme !~ /`\Q$_\E`/ } $m->names()), '',
    'all are documented');

# goes on over a reload

$before = $t->metrics();
ok($t->{nginx}->reload(), 'reload');
$t->ready($t->{nginx});

$m = $t->metrics();

is($m->grown($before, $requests, route => $send), 0, 'goes on');
is($m->value($requests, route => $send, status => 202), 13, 'from there');

# another build of the module, which counts by itself

my $conf = "$t->{dir}/nginx/nginx.conf";
my $text = do { local (@ARGV, $/) = ($conf); <> };

my ($module) = $text =~ /load_module (\S+);/;

SKIP: {
    skip 'no module', 3 unless $module;

    File::Copy::copy($module, "$t->{dir}/other.so") or die "other.so: $!\n";
    $text =~ s/\Q$module\E/$t->{dir}\/other.so/;
    open(my $f, '>:utf8', $conf) or die "nginx.conf: $!\n";
    print $f $text;
    close($f);

    ok($t->{nginx}->reload() && $t->{nginx}->settled(), 'another module');
    $t->ready($t->{nginx});
    is($t->send(to => $t->contact(), body => 'hello again')->status(), 202,
        'which sends');
    is($t->metrics()->value($requests, route => $send, status => 202), 1,
        'and begins at zero');
}
