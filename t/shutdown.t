#!/usr/bin/perl

# Tests for a worker that leaves with work in its hands: what it has not
# begun and what is cut off is given back, not left until its lease ends.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Conf qw(standard);
use SentConv::Env;

my $conf = standard(workers => 1);

$conf =~ s/(worker_shutdown_timeout) 30s/$1 1s/ or die "no timeout\n";

my $t = setup(conf => $conf);

$t->tolerate('duplicates');

# "worker_shutdown_timeout" cuts off what hangs, and the next one repeats it

$t->webhook('/hang', retry_count => 5, event_types => ['conversation']);
$t->{receiver}->script('/hang', ({ hang => 1 }) x 3);
$t->{receiver}->script('/carrier/whatsapp', { hang => 1 });
$t->opened(from => $t->contact($_)) for 1 .. 3;
$t->send(to => $t->contact(1));
$t->{receiver}->wait_requests('/hang', 3);
$t->{receiver}->wait_requests('/carrier/whatsapp', 1);

my $start = time();

$t->{nginx}->reload();
ok($t->{nginx}->settled(), 'gone');
ok(time() - $start < seconds(4), 'in its time') or diag(time() - $start);
is(scalar($t->{receiver}->wait_requests('/carrier/whatsapp', 2)), 2,
    'the message again');
ok(wait_for(10, sub { my %n; $n{$_->{body}}++
    for $t->{receiver}->requests('/hang');
    return 3 == grep { $_ > 1 } values %n }), 'the events again');
ok(time() - $start < seconds(4), 'at once') or diag(time() - $start);

# the line to Redis breaks while a worker that leaves has a message on its way

$t->{nginx}->configure($conf =~ s/\b1s;/10s;/r);
$t->{nginx}->reload();
$t->{nginx}->settled();
$t->{receiver}->script('/carrier/whatsapp', { delay => 2 });

my $c = $t->open($t->contact(2));
my $id = $t->send(to => $t->contact(2))->data()->{message_id};
my $posts = sub { return scalar(grep { $_->{headers}{'idempotency-key'}
    eq $id } $t->{receiver}->requests('/carrier/whatsapp')) };

wait_for(10, $posts);
$t->{nginx}->reload();
eval { $t->{redis}->command('CLIENT', 'KILL', 'TYPE', 'normal') };
is($t->wait_status($c->{id}, $id, 'SENT'), 'SENT', 'sent');
is($posts->(), 1, 'posted once');
ok($t->{nginx}->settled(), 'gone');

# lanes in a line whose turn has not come, and nothing else to wait for

my $two = $t->node('two');

$t->webhook('/slow', rate_limit => 1, event_types => ['conversation'],
    event_filters => { conversation => ['started'] });
$t->opened(from => $t->contact($_)) for 11 .. 15;
$t->{receiver}->wait_requests('/slow', 1);
$start = time();
ok($t->{nginx}->quit(), 'quit');

my @came = $t->{receiver}->wait_requests('/slow', 2);

ok(@came > 1 && $came[1]{at} - $start < seconds(3),
    'the other node takes the rest') or diag(time() - $start);
is(scalar($t->{receiver}->wait_requests('/slow', 5)), 5, 'all of it');
