#!/usr/bin/perl

# Tests for what delivery locations inherit from a server that serves people:
# error pages and interception are not for the answers of receivers.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $t = setup(http => "    proxy_intercept_errors on;\n"
    . "    error_page 400 404 410 500 502 503 504 =200 /healthz;");

my $hook = $t->webhook('/hook', event_types => ['conversation']);

$t->webhook('/later', event_types => ['conversation'], retry_count => 1,
    event_filters => { conversation => ['started'] });
$t->{receiver}->script('/hook', { status => 500 });
$t->{receiver}->script('/later', { status => 503,
    headers => { 'Retry-After' => '2' } });
$t->{receiver}->script('/carrier/whatsapp', { status => 400 });

my $c = $t->opened();
my $id = $t->send()->data()->{message_id};

is($t->wait_status($c->{id}, $id, 'FAILED'), 'FAILED', "a carrier's refusal");
is(scalar(my @posts = $t->{receiver}->requests('/carrier/whatsapp')), 1,
    'is final');
is(scalar(my @tries = grep { $_->{body} =~ /conversation\.started/ }
    $t->{receiver}->wait_requests('/hook', 3)), 2, 'a 500 is a failure');

my @later = $t->{receiver}->wait_requests('/later', 2);

ok(@later == 2 && $later[1]{at} - $later[0]{at} > 1.5,
    'Retry-After is seen');

$t->{receiver}->script('/hook', { status => 410 });
$t->inbound();
ok(wait_for(10, sub { !$t->get("/v3/webhooks/$hook->{id}")->data()
    ->{is_active} }), 'a 410 disables');

# nobody there: no page is taken for an answer

$t->{receiver}->stop();
$id = $t->send()->data()->{message_id};
wait_for(1, sub { 0 });
is(($t->transcript($c->{id}))[-1]{status}, 'QUEUED', 'no page is an answer');
$t->{receiver}->start();
is($t->wait_status($c->{id}, $id, 'SENT'), 'SENT', 'sent in the end');
