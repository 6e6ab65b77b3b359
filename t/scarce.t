#!/usr/bin/perl

# Tests for a worker short of connections: nothing is lost, and all comes in
# the end.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(start => 0);

open(my $in, '<', $t->{nginx}->dir() . '/nginx.conf') or die;
my $conf = do { local $/; <$in> };

$conf =~ s/worker_connections 1024/worker_connections 48/;
$conf =~ s/worker_processes 2/worker_processes 1/;
$t->{nginx}->configure($conf);
$t->allow(qr/worker_connections are not enough/);
$t->start();
$t->use_customer($t->new_customer('first'));

$t->webhook('/hook', retry_count => 5);
$t->webhook('/two', retry_count => 5);
$t->{receiver}->default('/hook', delay => 0.05);

# two hundred lanes at once, for a worker that has room for a dozen

is($t->carrier('whatsapp', [map { $t->message(from => $t->contact($_)) }
    1 .. 200])->data()->{accepted}, 200, 'accepted');

is(scalar($t->wait_events('/two', 600, 60)), 600, 'all at the quick one');
is(scalar($t->wait_events('/hook', 600, 60)), 600, 'all at the slow one');

# and clients are served meanwhile and after

is($t->get('/v3/conversations')->verdict(), '200', 'served');
