#!/usr/bin/perl

# Tests for reloads under load: no answer and no delivery is lost, no worker
# is left behind.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id;
my $t = setup(workers => 2);

$t->webhook('/hook', retry_count => 5, event_types => ['message'],
    event_filters => { message => ['sent'] });
$t->{receiver}->default('/hook', delay => 0.05);
$t->opened(from => $t->contact($_)) for 1 .. 20;

my $port = $t->{nginx}->port();
my @jobs = map { my $from = $_; SentConv::Process->job(sub {
    my ($stop) = @_;
    my (@accepted, %wrong);
    my $n = 0;

    until ($stop->()) {
        my $answer = $t->send(to => $t->contact($from + $n++ % 10),
            body => 'while it reloads');

        if ($answer && $answer->status() == 202) {
            push @accepted, $answer->data()->{message_id};

        } else {
            $wrong{$answer ? $answer->verdict() : 'no answer'}++;
        }
    }

    return { accepted => \@accepted, wrong => \%wrong };
}) } 1, 11;

my $failed = 0;

for (1 .. 20) {
    $failed++ unless $t->{nginx}->reload();
    wait_for(0.1, sub { 0 });
}

is($failed, 0, 'twenty reloads');

my @results = map { scalar($_->stop()) } @jobs;
my @accepted = map { @{$_->{accepted}} } @results;
my %wrong = map { %{$_->{wrong}} } @results;

ok(@accepted > 100, 'load') or diag(scalar(@accepted));
is(join(', ', map { "$_: $wrong{$_}" } sort keys %wrong), '',
    'every request answered');
ok($t->{nginx}->settled(35), 'no worker left behind');

my %told;

ok(wait_for(60, sub {
    %told = map { $_->{payload}{message_id} => 1 } $t->events('/hook');
    return !grep { !$told{$_} } @accepted;
}), 'every delivery made')
    or diag(scalar(grep { !$told{$_} } @accepted) . ' of ' . @accepted);

my %posts;

$posts{$_->{headers}{'idempotency-key'}}++
    for $t->{receiver}->requests('/carrier/whatsapp');

is(scalar(grep { !$posts{$_} } @accepted), 0, 'all posted');
is(scalar(grep { $_ > 1 } values %posts), 0, 'none twice');

# what the configuration says takes effect, for the old windows' sake too

$t->{nginx}->configure(SentConv::Conf::standard(window => '7s'));
ok($t->{nginx}->reload(), 'another window');
$t->{nginx}->settled(35);

my $c = $t->opened(from => $t->contact(50));

is(SentConv::Id::epoch($c->{expires_at})
    - SentConv::Id::epoch($c->{opened_at}), 7, 'in force');

# a bad configuration is refused, and the old one goes on

$t->{nginx}->configure(SentConv::Conf::standard(window => '7s') . "\nodd;\n");
$t->{nginx}->{process}->signal('HUP');
ok(wait_for(5, sub { $t->{nginx}->log() =~ /unknown directive "odd"/ }),
    'refused');
is($t->send(to => $t->contact(50))->verdict(), '202', 'the old one goes on');
$t->allow(qr/unknown directive "odd"/);
