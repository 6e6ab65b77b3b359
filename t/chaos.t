#!/usr/bin/perl

# Tests for everything at once: two nodes on one Redis, contacts that write,
# stop and start again, receivers that fail, and all the while something is
# killed, stopped, cut off or reloaded.  What was answered with 202 is settled
# once, every conversation is told without a gap, in order, to its end, and
# nothing is left behind.  CHAOS=<seconds> makes it longer, SEED= repeats.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $seconds = $ENV{CHAOS} || 20;
my $seed = $ENV{SEED} || time() % 1000000;

srand($seed);
diag("SEED=$seed");

my $t = setup(window => '6s', redis => { options => ['--appendonly', 'yes',
    '--appendfsync', 'always'] });
my @nodes = ($t->{nginx}, $t->node('two'));
my @channels = qw(whatsapp sms rcs);

$t->tolerate('duplicates', 'disorder');
$t->allow(qr/sent conv/);
$t->webhook("/$_", retry_count => 5, timeout_seconds => 5)
    for qw(good flaky);
$t->webhook('/slow', retry_count => 5, timeout_seconds => 5,
    event_types => ['conversation']);
$t->{receiver}->default('/slow', delay => 0.1);
$t->{receiver}->script("/$_", { status => 503, chance => 0.08, repeat => 1 },
    { reset => 1, chance => 0.04, repeat => 1 })
    for 'flaky', map { "carrier/$_" } @channels;

# until the other node knows the webhooks, too

wait_for(6, sub { 0 });

sub play {
    my ($job, $stop) = @_;
    my %accepted;
    my $n = 0;

    srand($seed + $job);

    until ($stop->()) {
        my %to = (node => $nodes[rand(2)], timeout => 5);
        my $contact = $t->contact($job * 20 + int(rand(20)));
        my $channel = $channels[rand(3)];
        my $what = rand();

        if ($what < 0.55) {
            my $answer = $t->send(%to, to => $contact, body => 'out ' . ++$n);

            $accepted{$answer->data()->{message_id}} = 1
                if $answer && $answer->status() == 202;

        } else {
            my $text = $what < 0.9 ? 'in ' . ++$n
                : $what < 0.94 ? 'STOP' : 'START';

            $t->inbound(%to, from => $contact, channel => $channel,
                text => $text);
        }

        sleep(0.01);
    }

    return \%accepted;
}

my %harm = (
    kill => sub { my ($node, @w) = @_; $node->kill_worker($w[rand(@w)]) },
    reload => sub { $_[0]->reload() },
    stop => sub { my ($node, @w) = @_; my $pid = $w[rand(@w)];
        kill('STOP', $pid); sleep(rand(8)); kill('CONT', $pid) },
    freeze => sub { $t->{redis}->freeze(); sleep(rand(3));
        $t->{redis}->thaw() },
    crash => sub { $t->{redis}->crash(); sleep(rand(8));
        $t->{redis}->start() },
    cut => sub { eval { $t->{redis}->command('CLIENT', 'KILL', 'TYPE',
        rand() < 0.5 ? 'normal' : 'pubsub') } },
    flush => sub { eval { $t->{redis}->command('SCRIPT', 'FLUSH') } },
);

my @kinds = (sort(keys %harm), 'kill', 'reload');
my @jobs = map { my $job = $_;
    SentConv::Process->job(sub { play($job, @_) }) } 0 .. 2;
my $end = time() + $seconds;
my @did;

while (time() < $end) {
    sleep(0.3 + rand(1.5));
    push @did, $kinds[rand(@kinds)];

    my $node = $nodes[rand(2)];

    $harm{$did[-1]}->($node, $node->workers());
}

my %accepted = map { %{$_->stop()} } @jobs;

diag("@did");
ok(keys %accepted > 50, 'load') or diag(scalar(keys %accepted));
$t->ready($_, 20) for @nodes;

# all windows end, all lanes run empty, and nothing stands in between

sub left {
    return map { $t->{redis}->keys("sc:*:$_") }
        qw(q:* lanes lane due w:* live:*);
}

ok(wait_for(60, sub { !left() }), 'nothing left') or diag(join("\n", left()));

# what was given up leaves a gap, and says so

my $dead = () = join('', map { $_->log() } @nodes) =~ /given up/g;
my %posts = map { $_->{headers}{'idempotency-key'} => 1 }
    map { $t->{receiver}->requests("/carrier/$_") } @channels;

for my $path (qw(/good /flaky /slow)) {
    my (%sequence, %ended, %end, @gaps, @behind);

    for my $event ($t->events($path)) {
        my $p = $event->{payload};
        my $c = $p->{conversation_id};

        if ($event->{field} eq 'message') {
            $end{$p->{message_id}}{$p->{message_status}} = 1
                if $p->{message_status} =~ /^(?:SENT|FAILED|FILTERED)$/;
            next;
        }

        push @gaps, "$c $p->{sequence} after " . ($sequence{$c} || 0)
            if $p->{sequence} != ($sequence{$c} || 0) + 1;
        push @behind, "$c $event->{event}" if $ended{$c};
        $sequence{$c} = $p->{sequence};
        $ended{$c}++ if $event->{event} eq 'conversation.ended';
    }

    ok(keys %sequence > 10, "$path - conversations");
    ok(@gaps <= $dead, "$path - without a gap") or diag(join("\n", @gaps));
    ok(!@behind, "$path - nothing behind the end") or diag("@behind");
    ok(keys %sequence <= $dead + grep({ ($ended{$_} || 0) == 1 }
        keys %sequence), "$path - each ended once");

    next if $path eq '/slow';

    my @open = grep { !$end{$_} } keys %accepted;
    my @twice = grep { keys %{$end{$_}} > 1 } keys %end;
    my @unposted = grep { $end{$_}{SENT} && !$posts{$_} } keys %end;

    ok(@open <= $dead, "$path - all that was accepted is settled")
        or diag("@open");
    is("@twice", '', "$path - once");
    is("@unposted", '', "$path - what is sent was posted");
}
