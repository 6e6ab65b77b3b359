#!/usr/bin/perl

# Tests for an Idempotency-Key whose first request is still at work, or died
# at it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(uuid4);

my $t = setup(workers => 2);
my $c = $t->opened();
my $redis = $t->{redis};

sub now {
    my $time = $redis->command('TIME');

    return $time->[0] * 1000 + int($time->[1] / 1000);
}

# at work for longer than anyone waits

sub record {
    my ($key, %fields) = @_;

    my $name = "sc:idem:$t->{customer}:$key";

    $redis->command('HSET', $name, id => '017f22e2-79b0-7cc3-98c4-'
        . 'dc0c0c07398f', %fields);
    $redis->command('PEXPIRE', $name, 60000);
}

record('busy', lock => now() + 30000);

my $start = time();
my $answer = $t->send(idem => 'busy');

is($answer->verdict(), '409 CONFLICT_001', 'in flight');
ok(time() - $start > 4 && time() - $start < 8, 'after 5 s');

# it ends while the second one waits

record('soon', lock => now() + 30000);

my $job = SentConv::Process->job(sub {
    my $answer = $t->send(idem => 'soon');

    return { verdict => $answer->verdict(), data => $answer->data(),
        replayed => $answer->header('idempotent-replayed') };
});

wait_for(1, sub { 0 });

my $real = $t->send();

is($real->verdict(), '202', 'another send');

my $name = "sc:idem:$t->{customer}:soon";
my $kept = do {
    $t->send(idem => 'model');
    my %all = @{$redis->command('HGETALL', "sc:idem:$t->{customer}:model")};
    \%all;
};

ok($kept->{s} && $kept->{b}, 'the record of an answer');
$redis->command('HSET', $name, s => $kept->{s}, b => $kept->{b});
$redis->command('HDEL', $name, 'lock');

my $waited = $job->result();

is($waited->{verdict}, '202', 'waited for');
is($waited->{replayed}, 'true', 'and replayed');

# the first died: its lock has run out, the id it chose is used

record('died', lock => now() - 1000);
$answer = $t->send(idem => 'died');
is($answer->verdict(), '202', 'taken over');
is(substr($answer->data()->{message_id}, 0, 14), '017f22e2-79b0-',
    'with the id chosen before');
is($t->send(idem => 'died')->data()->{message_id},
    $answer->data()->{message_id}, 'and then replayed');

my @posts = $t->{receiver}->wait_requests('/carrier/whatsapp', 3);
my %ids = map { $_->{headers}{'idempotency-key'} => 1 } @posts;

is(scalar(keys %ids), 3, 'each once');

# a client that goes away while it waits

record('gone', lock => now() + 3000);

my @c = map { SentConv::HTTP->new($t->{nginx}->port()) } 1 .. 5;

$_->write($t->send_bytes(idem => 'gone')) for @c;
wait_for(0.3, sub { 0 });
$_->close() for @c;
is($t->get('/v3/conversations')->verdict(), '200', 'clients gone');
