#!/usr/bin/perl

# Tests for a master that is demoted or dies while answers wait for its
# replica, and for a node that leaves meanwhile.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(start => 0, redis => { tcp => 1 }, workers => 2,
    http => '    sent_conv_durability replicas 1 2s;');
my $master = $t->{redis};
my $replica = $master->replica('replica');

$t->start();
$t->allow(qr/sent conv/);
$t->tolerate('duplicates', 'disorder');
$t->use_customer($t->new_customer('first'));

my $c = $t->opened();

sub blocked {
    wait_for(5, sub { $master->info('clients')->{blocked_clients} > 0 });
}

# a send that waits while the code runs; what it is told in the end

sub told {
    my ($code) = @_;

    $replica->freeze();

    my $job = SentConv::Process->job(sub {
        my $answer = $t->send(body => 'to a master that is leaving');

        return [$answer->verdict(), $answer->json()->{details}];
    });

    blocked();
    $code->();

    my $told = $job->result();

    $replica->thaw();

    return $told;
}

my $unknown = ['503 SERVICE_002',
    { replicas => ['it is not known how many have it'] }];

# it becomes a replica, and then a master again

is_deeply(told(sub {
    $master->command('REPLICAOF', '127.0.0.1', free_port());
}), $unknown, 'demoted');

$master->command('REPLICAOF', 'NO', 'ONE');
ok(wait_for(20, sub { $t->send()->status() == 202 }),
    'a master again, on another history');

is_deeply(told(sub {
    $master->command('REPLICAOF', '127.0.0.1', free_port());
    $master->command('REPLICAOF', 'NO', 'ONE');
}), $unknown, 'demoted and promoted within a WAIT');
ok(wait_for(20, sub { $t->send()->status() == 202 }), 'and all goes on');

# those who were gathered behind that WAIT: a replica has it soon, but of
# which history?

sub many {
    my $job = SentConv::Process->job(sub {
        my %got;

        $got{$_ ? $_->verdict() : 'none'}++ for http_many(
            $t->{nginx}->port(), [map { $t->send_bytes(
                body => "one of many $_") } 1 .. 20]);

        return join(', ', map { "$_: $got{$_}" } sort keys %got);
    });

    my $sent = $master->calls('evalsha');

    wait_for(5, sub { $master->calls('evalsha') >= $sent + 20 });
    blocked();

    return $job;
}

$replica->freeze();

my $job = many();

$master->command('REPLICAOF', '127.0.0.1', free_port());
$master->command('REPLICAOF', 'NO', 'ONE');
$replica->thaw();
is($job->result(), '503 SERVICE_002: 20', 'nobody is told it is there');
ok(wait_for(20, sub { $t->send()->status() == 202 }), 'and then they are');

# a node that leaves answers all that wait

$replica->freeze();
$job = many();

my $start = time();

ok($t->{nginx}->quit(15), 'quit');
ok(time() - $start < 8, 'in time');
is($job->result(), '503 SERVICE_002: 20', 'all answered');
$replica->thaw();
$t->start();

# the master dies under load: what was answered is on the replica

ok(wait_for(10, sub { $t->send()->status() == 202 }), 'started again');

$job = SentConv::Process->job(sub {
    my ($stop) = @_;
    my (@accepted, @open);

    for (my $n = 1; !$stop->(); $n++) {
        my $answer = $t->send(idem => "key-$n", body => "text $n");

        if ($answer && $answer->status() == 202) {
            push @accepted, $answer->data()->{message_id};

        } else {
            push @open, $n;
            last if @open >= 20;
        }
    }

    return { accepted => \@accepted, open => \@open };
});

wait_for(10, sub { $replica->keys('sc:idem:*') >= 50 });
$master->crash();

my $result = $job->result();
my @accepted = @{$result->{accepted}};

ok(@accepted >= 40, 'load') or diag(scalar(@accepted));
$replica->command('REPLICAOF', 'NO', 'ONE');
is(scalar(grep { !$replica->keys('*:i:' . substr($_, 0, 35)) } @accepted), 0,
    'nothing that was answered is lost');

# the other one takes over; what was not answered is repeated

$t->{nginx}->configure(SentConv::Conf::standard(workers => 2),
    REDIS => $replica->socket());
ok($t->{nginx}->reload(), 'another master');
$t->{nginx}->settled(35);
$t->ready($t->{nginx}, 20);

for my $n (@{$result->{open}}) {
    $t->send(idem => "key-$n", body => "text $n")->status() == 202
        or fail("repeat of $n");
}

my %texts;

$texts{$_->{message_body}{content}}++ for $t->transcript($c->{id});

is(scalar(grep { $texts{"text $_"} != 1 } 1 .. @accepted), 0,
    'each answered text once');
is(scalar(grep { $texts{"text $_"} != 1 } @{$result->{open}}), 0,
    'each repeated one once');
