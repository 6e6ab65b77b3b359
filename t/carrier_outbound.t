#!/usr/bin/perl

# Tests for what a carrier answers to our messages: sent, tried again,
# failed, and the end of trying.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(window => '6s');
my $hook = $t->webhook('/hook', event_types => ['message'], event_filters =>
    { message => [qw(sent failed filtered)] });

sub outcome {
    my ($name, $n, $event, @steps) = @_;

    my $from = $t->contact($n);
    my $c = $t->opened(from => $from);

    $t->{receiver}->script('/carrier/whatsapp', @steps);

    my $id = $t->send(to => $from)->data()->{message_id};
    my $e = $t->wait_event('/hook', "message.$event", message_id => $id,
        limit => 15);

    ok($e, "$name - $event");

    my @posts = grep { $_->{headers}{'idempotency-key'} eq $id }
        $t->{receiver}->requests('/carrier/whatsapp');

    is(scalar(@posts), scalar(@steps)
        + ($event eq 'sent' && $steps[-1]{again} ? 1 : 0),
        "$name - attempts");

    my %bodies = map { $_->{body} => 1 } @posts;

    is(scalar(keys %bodies), 1, "$name - the same body");

    return $e ? $e->{payload} : {};
}

my $n = 0;

outcome('200', ++$n, 'sent', { status => 200 });
outcome('202', ++$n, 'sent', { status => 202, body => '{"id":17}' });
outcome('no JSON', ++$n, 'sent', { status => 200, body => 'OK' });
outcome('204', ++$n, 'sent', { status => 204 });

outcome($_, ++$n, 'sent', { status => $_, again => 1 })
    for 408, 409, 425, 429, 500, 502, 503;
outcome('reset', ++$n, 'sent', { reset => 1, again => 1 });
outcome('closed', ++$n, 'sent', { close => 1, again => 1 });
outcome('twice', ++$n, 'sent', { status => 500 }, { status => 500,
    again => 1 });

for my $status (400, 401, 403, 404, 410, 422) {
    my $p = outcome($status, ++$n, 'failed', { status => $status });

    is($p->{message_status}, 'FAILED', "$status - status");
    ok(length($p->{error}{code} // ''), "$status - error code");
    ok(length($p->{error}{title} // ''), "$status - error title");
}

# a message that fails does not hold up the next

my $from = $t->contact(100);

$t->opened(from => $from);
$t->{receiver}->script('/carrier/whatsapp', { status => 400 });

my @ids = map { $t->send(to => $from)->data()->{message_id} } 1 .. 3;

ok($t->wait_event('/hook', 'message.failed', message_id => $ids[0]),
    'first failed');
ok($t->wait_event('/hook', 'message.sent', message_id => $_), 'next sent')
    for @ids[1, 2];

# tried until the window's deadline; a close does not shorten it

$from = $t->contact(101);

my $c = $t->opened(from => $from, channel => 'sms');

$t->{receiver}->script('/carrier/sms', { status => 503, repeat => 1 });

my ($id) = map { $t->send(to => $from)->data()->{message_id} } 1;

$t->end($c->{id});

my $failed = $t->wait_event('/hook', 'message.failed', message_id => $id,
    limit => 15);
my @posts = $t->{receiver}->requests('/carrier/sms');

ok($failed, 'failed at the end');
ok(@posts >= 5, 'tried many times') or diag(scalar(@posts));
ok($posts[-1]{at} - $posts[0]{at} > 3.5, 'until the deadline')
    or diag($posts[-1]{at} - $posts[0]{at});

my @late = grep { $_->{at} > $posts[0]{at} + 7 } @posts;

is(scalar(@late), 0, 'not longer');

# nobody listens

$from = $t->contact(102);
$c = $t->opened(from => $from);
$t->{receiver}->stop();
$id = $t->send(to => $from)->data()->{message_id};
ok(wait_for(5, sub { $t->{nginx}->log() =~ /refused/ }), "refused");
$t->{receiver}->start();
ok($t->wait_event('/hook', 'message.sent', message_id => $id),
    'sent when it listens again');
