#!/usr/bin/perl

# Tests on a Redis Cluster whose slots go to another master under load, and
# one of whose masters dies: what was answered is there, and the others go on.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Digest::SHA qw(sha256_hex);

use SentConv::Cluster;
use SentConv::Env;

my $t = setup(start => 0, off => ['sent_conv_redis'],
    redis => { SentConv::Cluster::options() });
my $cluster = SentConv::Cluster->new(first => $t->{redis}, dir => $t->{dir},
    masters => 3, replicas => 1);
my $http = '    sent_conv_redis cluster ' . $cluster->addresses() . ";\n"
    . "    sent_conv_durability replicas 1 2s;\n";

$t->{nginx} = $t->node('nginx', start => 0, http => $http);
$t->start();
$t->allow(qr/sent conv/);
$t->tolerate('duplicates', 'disorder');
$t->use_customer($t->new_customer('first'));
$t->webhook('/hook', retry_count => 5);

# the same customer's windows are short where they come in by this one

my $brief = $t->node('brief', start => 1, http => $http, window => '12s');

$brief->allow(qr/sent conv/);

# some contacts of each master

my (%windows, %holder);

sub partition {
    my ($conversation) = @_;
    my ($key) = $cluster->keys("*:i:" . substr($conversation, 0, 35));

    return $key =~ /\{(\d+)\}/ ? $1 : die "no partition\n";
}

sub holder {
    my ($key) = @_;

    return $cluster->holder($cluster->slot($key));
}

for my $n (1 .. 12) {
    my $contact = $t->contact($n);

    $windows{$contact} = $t->opened(from => $contact);
    $windows{$contact}{partition} = partition($windows{$contact}{id});
}

# what is asked for until stopped: messages to all of them in turn, and STOPs
# of ever other contacts

my $n = 0;

sub load {
    my $from = $n += 10000;
    my @contacts = sort keys %windows;

    return SentConv::Process->job(sub {
        my ($stop) = @_;
        my %got = (accepted => [], open => [], codes => {}, out => []);

        for (my $i = $from; !$stop->(); $i++) {
            my $to = $contacts[$i % @contacts];
            my $answer = $t->send(to => $to, idem => "key-$i",
                body => "text $i");

            $got{codes}{$answer ? $answer->verdict() : 'none'}++;

            if ($answer && $answer->status() == 202) {
                push @{$got{accepted}}, [$i, $to,
                    $answer->data()->{message_id}];

            } else {
                push @{$got{open}}, [$i, $to];
                sleep(0.02);
            }

            next if $i % 7;

            my $contact = sprintf('+16505%06d', $i);
            my $stopped = $t->inbound(from => $contact, text => 'STOP',
                id => "stop-$i", channel => 'sms');

            push @{$got{out}}, $contact
                if $stopped && $stopped->status() == 200;
        }

        return \%got;
    });
}

sub all_there {
    my ($what, $got) = @_;
    my @accepted = @{$got->{accepted}};

    ok(@accepted >= 40, "$what - accepted")
        or diag(join(', ', %{$got->{codes}}));

    for my $open (@{$got->{open}}) {
        my ($i, $to) = @$open;
        my $answer = $t->send(to => $to, idem => "key-$i",
            body => "text $i");

        $answer->status() == 202
            or fail("$what - repeat of $i: " . $answer->verdict());
    }

    my %texts;

    for my $contact (keys %windows) {
        $texts{$_->{message_body}{content}}++
            for $t->transcript($windows{$contact}{id});
    }

    is(scalar(grep { ($texts{"text $_->[0]"} // 0) != 1 } @accepted,
        @{$got->{open}}), 0, "$what - each text once");
    ok(@{$got->{out}} >= 5, "$what - opted out");
    is(scalar(grep { !$t->opted_out($_) } @{$got->{out}}), 0,
        "$what - no STOP that was answered is lost");
}

sub brief_windows {
    my @contacts = map { $t->contact(9000 + $n / 100 + $_) } 1 .. 10;

    $t->inbound(node => $brief, from => $_, channel => 'rcs')->status() == 200
        or fail('a brief window') for @contacts;

    return @contacts;
}

sub end_in_time {
    my ($what, @contacts) = @_;
    my @late = $t->lateness('/hook', @contacts);

    is(scalar(@late), scalar(@contacts), "$what - windows ended");
    cmp_ok($late[0] // 99, '<', seconds(2), "$what - in time")
        or diag("@late");
}

is(scalar(grep { /MOVED/ } map { keys %{$_->info('errorstats')} }
    @{$cluster->{masters}}), 0, 'each command goes where its slot is');

# under load, the slots of some contacts go to other masters

my @brief = brief_windows();
my $load = load();

sleep(1);

for my $contact ((sort keys %windows)[0 .. 3]) {
    my $slot = $cluster->slot("{$windows{$contact}{partition}}");
    my $from = $cluster->holder($slot);
    my ($to) = grep { $_ != $from } @{$cluster->{masters}};

    $cluster->migrate($slot, $to, sub { sleep(0.01) });
}

sleep(1);

my $got = $load->stop();

all_there('migration', $got);
cmp_ok(scalar(@{$got->{open}}), '<', @{$got->{accepted}} / 2,
    'migration - most are served at once')
    or diag(join(', ', %{$got->{codes}}));
end_in_time('migration', @brief);
is($t->send(to => (sort keys %windows)[0])->verdict(), '202',
    'migration - the new master is known');

# a slot that stays half way: refused whole, and told so

my $contact = (sort keys %windows)[5];
my $slot = $cluster->slot("{$windows{$contact}{partition}}");
my $from = $cluster->holder($slot);
my ($to) = grep { $_ != $from } @{$cluster->{masters}};

$to->command('CLUSTER', 'SETSLOT', $slot, 'IMPORTING',
    $from->command('CLUSTER', 'MYID'));
$from->command('CLUSTER', 'SETSLOT', $slot, 'MIGRATING',
    $to->command('CLUSTER', 'MYID'));

my $start = time();
my $half = $t->send(to => $contact, body => 'half way');

is($half->verdict(), '503 SERVICE_001', 'half way');
cmp_ok(time() - $start, '<', seconds(3), 'in time');
$_->command('CLUSTER', 'SETSLOT', $slot, 'STABLE') for $from, $to;
is($t->send(to => $contact, body => 'back')->verdict(), '202', 'back');
is(scalar(grep { $_->{message_body}{content} eq 'half way' }
    $t->transcript($windows{$contact}{id})), 0, 'nothing was taken');

# one master dies that has no configuration: its partitions are away, no other

my %config = map { holder($_)->port() => 1 } "{$t->{customer}}",
    'sc:key:' . sha256_hex($t->{key});
my ($dead) = grep { !$config{$_->port()} } @{$cluster->{masters}};
my (@away, @here);

for my $contact (sort keys %windows) {
    holder("{$windows{$contact}{partition}}") == $dead
        ? push(@away, $contact) : push(@here, $contact);
}

ok(@away && @here, 'some are away, some are not');
@brief = brief_windows();
$load = load();
sleep(1);
$dead->crash();

my %other;

ok(wait_for(5, sub { $t->send(to => $away[0])->verdict()
    eq '503 SERVICE_001' }), 'away');
like(http($t->{nginx}->port(), 'GET', '/readyz')->body(),
    qr/the master at 127\.0\.0\.1:@{[$dead->port()]}: /, 'readyz says so');

for (1 .. 20) {
    $other{$t->send(to => $here[$_ % @here])->verdict()}++;
}

is(join(', ', %other), '202, 20', 'the others are served all the time');
ok(wait_for(30, sub { http($t->{nginx}->port(), 'GET', '/readyz')->status()
    == 200 }), 'its replica takes over');
ok(wait_for(10, sub { $t->send(to => $away[0])->verdict()
    eq '503 SERVICE_002' }), 'which has no replica yet');
$dead->start();
ok(wait_for(30, sub { $dead->info('replication')->{master_link_status}
    // '' eq 'up' }), 'it is a replica now');
$t->ready($t->{nginx}, 20);
sleep(1);
$got = $load->stop();
all_there('kill', $got);
end_in_time('kill', @brief);
is(scalar(grep { my $id = substr($_->[2], 0, 35);
    !$cluster->keys("*:i:$id") } @{$got->{accepted}}), 0,
    'kill - no message that was answered is lost');
