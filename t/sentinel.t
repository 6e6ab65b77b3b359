#!/usr/bin/perl

# Tests with Sentinels: a failover that is asked for, one because the master
# died, and what is lost by them.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Sentinel;

my $t = setup(start => 0, redis => { tcp => 1 }, workers => 2,
    off => ['sent_conv_redis']);
my $one = $t->{redis};
my $two = $one->replica('two', tcp => 1);
my @sentinels = map { SentConv::Sentinel->new(dir => $t->{dir},
    name => "sentinel$_", master => $one) } 1 .. 3;
my $where = join(' ', map { '127.0.0.1:' . $_->port() } @sentinels);
my $http = "    sent_conv_redis sentinel mine $where;\n"
    . "    sent_conv_durability replicas 1 2s;\n";

sub settled {
    wait_for(30, sub { !grep { !$_->knows(1, 2) } @sentinels });
}

ok(settled(), 'the Sentinels know each other and the replica');

$t->{nginx} = $t->node('nginx', http => $http, start => 0);
$t->start();
$t->allow(qr/sent conv/);
$t->tolerate('duplicates', 'disorder');
$t->use_customer($t->new_customer('first'));
$t->webhook('/hook', retry_count => 5);
like($t->{nginx}->log(), qr/master is at 127\.0\.0\.1:@{[$one->port()]}\b/,
    'the log says where the master is');

# the same customer's windows are short where they come in by this one

my $brief = $t->node('brief', http => $http, window => '9s', start => 1);

$brief->allow(qr/sent conv/);

my $c = $t->opened();

# what is asked for until stopped: messages, and STOPs of ever other contacts

my $n = 0;

sub load {
    my $from = $n += 1000;

    return SentConv::Process->job(sub {
        my ($stop) = @_;
        my %got = (accepted => [], open => [], out => []);

        for (my $i = $from; !$stop->(); $i++) {
            my $answer = $t->send(idem => "key-$i", body => "text $i");

            if ($answer && $answer->status() == 202) {
                push @{$got{accepted}}, [$i, $answer->data()->{message_id}];

            } else {
                push @{$got{open}}, $i;
                sleep(0.05);
            }

            next if $i % 5;

            my $contact = $t->contact($i);
            my $stopped = $t->inbound(from => $contact, text => 'STOP',
                id => "stop-$i", channel => 'sms');

            push @{$got{out}}, $contact
                if $stopped && $stopped->status() == 200;
        }

        return \%got;
    });
}

sub accepted_by {
    my ($redis) = @_;

    return scalar($redis->keys('sc:idem:*'));
}

# under load, from one master to the other; what was answered is there

sub survives {
    my ($what, $from, $to, $fail) = @_;

    my $before = accepted_by($to);
    my $load = load();

    ok(wait_for(10, sub { accepted_by($to) >= $before + 40 }),
        "$what - load");

    my @brief = map { my $answer = $t->inbound(node => $brief,
        from => $t->contact(9000 + $n / 100 + $_), channel => 'rcs');
        $answer && $answer->status() == 200
            ? $t->contact(9000 + $n / 100 + $_) : () } 1 .. 5;

    is(scalar(@brief), 5, "$what - windows opened");
    $fail->();
    ok(wait_for(20, sub { !grep { $_->tells() != $to->port() } @sentinels }),
        "$what - the Sentinels agree on the other");

    my $failed = time();

    ok(wait_for(20, sub { $to->info('replication')->{role} eq 'master' }),
        "$what - it is the master");
    ok(wait_for(10, sub { my $answer = http($t->{nginx}->port(), 'GET',
        '/readyz'); $answer && $answer->status() == 200 }),
        "$what - found");
    cmp_ok(time() - $failed, '<', seconds(5), "$what - soon");

    # the other one comes back, or no replica would have anything

    $from->{process}->alive() ? $from->thaw() : $from->start();
    ok(wait_for(30, sub { $to->info('replication')->{connected_slaves} == 1
        && $from->info('replication')->{master_link_status} eq 'up' }),
        "$what - the former master follows");
    $t->ready($_, 20) for $t->{nginx}, $brief;
    ok(wait_for(20, sub { $t->send()->status() == 202 }), "$what - goes on");

    my $got = $load->stop();
    my @accepted = @{$got->{accepted}};

    ok(@accepted >= 40, "$what - accepted") or diag(scalar(@accepted));
    ok(@{$got->{out}} >= 5, "$what - opted out");
    is(scalar(grep { !$to->keys('*:i:' . substr($_->[1], 0, 35)) }
        @accepted), 0, "$what - no message that was answered is lost");
    is(scalar(grep { !$t->opted_out($_) } @{$got->{out}}), 0,
        "$what - no STOP that was answered is lost");

    # what was not answered is repeated

    for my $i (@{$got->{open}}) {
        my $answer = $t->send(idem => "key-$i", body => "text $i");

        $answer->status() == 202
            or fail("$what - repeat of $i: " . $answer->verdict());
    }

    my %texts;

    $texts{$_->{message_body}{content}}++ for $t->transcript($c->{id});

    is(scalar(grep { ($texts{"text $_"} // 0) != 1 }
        @{$got->{open}}, map { $_->[0] } @accepted), 0,
        "$what - each text once");

    return @brief;
}

# windows end when they should, though their master went meanwhile

sub end_in_time {
    my ($what, @contacts) = @_;

    my @late = $t->lateness('/hook', @contacts);

    is(scalar(@late), scalar(@contacts), "$what - windows ended");
    cmp_ok($late[0] // 99, '<', seconds(2), "$what - in time")
        or diag("@late");
}

my @brief = survives('failover', $one, $two, sub {
    $sentinels[1]->command('SENTINEL', 'FAILOVER', 'mine');
});

end_in_time('failover', @brief);
ok(settled(), 'the Sentinels know the new replica');

@brief = survives('kill', $two, $one, sub { $two->crash() });

end_in_time('kill', @brief);

# one that hangs, and wakes when it is the master no longer

ok(settled(), 'the Sentinels know the new replica again');

@brief = survives('hang', $one, $two, sub { $one->freeze() });

end_in_time('hang', @brief);

my $m = $t->metrics();

cmp_ok($m->value('sent_conv_redis_connections_total', connection => 'guide'),
    '>=', 2, 'metrics');

# workers that begin find the master

ok($t->{nginx}->reload(), 'reload');
$t->{nginx}->settled(35);
$t->ready($t->{nginx});
is($t->send()->verdict(), '202', 'reloaded');
