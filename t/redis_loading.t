#!/usr/bin/perl

# Tests for a Redis that is loading its data: nothing is accepted, nothing
# breaks, and then all goes on.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(redis => { options => ['--appendonly', 'yes',
    '--appendfsync', 'always', '--aof-use-rdb-preamble', 'yes'] });

$t->allow(qr/sent conv/);
$t->webhook('/hook');

my $c = $t->opened();

$t->send();
ok($t->wait_event('/hook', 'message.sent'), 'before');

# some keys, each of which takes its time to load

$t->{redis}->command('SET', "filler:$_", 'x') for 1 .. 60;
$t->{redis}->command('BGREWRITEAOF');
ok(wait_for(10, sub {
    $t->{redis}->info('persistence')->{aof_rewrite_in_progress} eq '0'
}), 'rewritten');
$t->{redis}->stop();
$t->{redis}->start('--key-load-delay', '50000',
    '--loading-process-events-interval-bytes', '1024');

my $loading = eval { $t->{redis}->command('GET', 'x'); '' } // $@;

like($loading, qr/LOADING/, 'it is loading');

my $answer = $t->send(body => 'while it loads');

is($answer->verdict(), '503 SERVICE_001', 'send');
ok($answer->header('retry-after'), 'retry-after');
is($t->inbound()->status(), 503, 'inbound');
is(http($t->{nginx}->port(), 'GET', '/readyz')->status(), 503, 'not ready');

$t->ready($t->{nginx}, 30);
is($t->conversation($c->{id})->{status}, 'OPEN', 'loaded');
is($t->send(body => 'after it has loaded')->verdict(), '202', 'send after');
is(scalar($t->wait_events('/hook', 2, 15, event => 'message.sent')), 2,
    'delivered');
is(scalar(grep { $_->{message_body}{content} eq 'while it loads' }
    $t->transcript($c->{id})), 0, 'what was refused was not stored');
