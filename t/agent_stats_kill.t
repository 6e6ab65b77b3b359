#!/usr/bin/perl

# Tests for an agent's statistics over several workers of two nodes, some of
# which die: recounted from the transcripts, to the last bucket.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use POSIX ();
use SentConv::Env;
use SentConv::Id qw(epoch);

my $t = setup(workers => 2, window => '4s');
my @nodes = ($t->{nginx}, $t->node('two'));

$t->tolerate('duplicates', 'disorder');
$t->allow(qr/sent conv|upstream|signal 9/);
$t->template(name => 'confirm');

sub agent {
    my ($number, %part) = @_;

    return $t->post('/v3/agents', body => { name => $number, definition => {
        schema => 1,
        trigger => { on => 'either', numbers => [$t->{numbers}{$number}] },
        starters => [{ channel => $number, template => { name => 'confirm' },
            parameters => { name => 'you' } }],
        channels => [$number], webhooks => [], engine => {}, ping => undef,
        ending => {}, %part,
    } })->data()->{agent}{id};
}

my %agents = (sms => agent('sms', engine => { greeting => 'Welcome.' }),
    rcs => agent('rcs', engine => { coalesce_seconds => 1 }));

# as clients and carriers do it: until there is an answer, at any node

sub ask {
    my ($how) = @_;

    my $node = int(rand(2));

    for (1 .. 200) {
        my $answer = eval { $how->($nodes[$node]) };

        return $answer if $answer && $answer->status()
            && $answer->status() !~ /^(?:409|5..)$/;
        $node = 1 - $node;
        sleep(0.05);
    }

    die "no answer\n";
}

my $unique = 0;

sub one {
    my $channel = rand() < 0.5 ? 'sms' : 'rcs';
    my $to = $t->contact(int(rand(30)));
    my $luck = rand();
    my $key = 'key-' . ++$unique;

    if ($luck < 0.5) {
        my $item = $t->message(channel => $channel, from => $to,
            text => $luck < 0.04 ? 'STOP' : $luck < 0.15 ? 'START' : 'hello');
        ask(sub { $t->carrier($channel, [$item], node => $_[0]) });

    } elsif ($luck < 0.85) {
        ask(sub { $t->send(to => $to, node => $_[0], idem => $key) });

    } elsif ($luck < 0.93) {
        ask(sub { $t->post("/v3/agents/$agents{$channel}/start",
            node => $_[0], idem => $key, body => { to => $to }) });

    } else {
        my $c = ask(sub { $t->get('/v3/conversations?status=open&contact=%2B'
            . substr($to, 1), node => $_[0]) })
            ->data()->{conversations}[0] or return;
        ask(sub { $t->end($c->{id}, node => $_[0], idem => $key) });
    }
}

# in the middle of a request, or between two

sub killing {
    my ($node) = @_;

    my ($worker) = $node->workers() or return;

    $node->{killed}++;

    my $pid = fork() // die "fork: $!\n";
    return $pid if $pid;

    sleep(rand(0.02));
    kill('KILL', $worker);
    POSIX::_exit(0);
}

for my $round (1 .. 600) {
    my $pid = $round % 40 ? 0 : killing($nodes[$round / 40 % 2]);

    one();
    waitpid($pid, 0) if $pid;
}

# until all has ended, and all statuses are in

my (%conversations, @starters);

sub gather {
    (%conversations, @starters) = ();

    my %messages;

    for my $n (0 .. 29) {
        my ($after, $of) = ('');

        while (defined $after) {
            my $data = $t->get('/v3/conversations?page_size=100&contact=%2B'
                . substr($t->contact($n), 1) . $after)->data();

            for my $c (@{$data->{conversations}}) {
                return 0 if $c->{status} ne 'CLOSED';
                $conversations{$c->{id}} = $c;
                $of = $c->{thread_id};
            }

            $after = $data->{pagination}{has_more}
                ? "&cursor=$data->{pagination}{cursors}{after}" : undef;
        }

        next unless $of;

        for my $m ($t->transcript($of)) {
            return 0 if $m->{status} eq 'QUEUED';
            push @{$messages{$m->{conversation_id} // 'none'}}, $m;
        }
    }

    $conversations{$_}{messages} = $messages{$_} for keys %conversations;
    @starters = @{$messages{none} || []};

    return 1;
}

ok(wait_for(30, \&gather), 'all has ended');

# what the transcripts say: {range, agent, bucket, what}

my %ranges = ('1h' => 60, '24h' => 1800, '7d' => 21600, '30d' => 43200);
my %want;

sub counts {
    my ($agent, $time, @what) = @_;

    for my $range (keys %ranges) {
        my $start = int(epoch($time) / $ranges{$range}) * $ranges{$range};

        $want{$agent}{$range}{all}{$_}++ for @what;
        $want{$agent}{$range}{$start}{$_}++ for @what;
    }
}

for my $c (values %conversations) {
    my $id = $c->{agent_id} or next;

    counts($id, $c->{opened_at}, 'opened');
    counts($id, $c->{closed_at}, 'closed', $c->{close_reason});
    counts($id, $_->{created_at}, lc $_->{direction}) for @{$c->{messages}};
}

# a starter is the agent's on whose number's channel it went

for my $m (grep { $_->{template_id} } @starters) {
    my ($first) = grep { $_->{status} =~ /^(?:SENT|DELIVERED|READ|FAILED)$/ }
        @{$m->{events}} or next;

    counts($agents{$m->{channel}}, $first->{timestamp}, 'starters')
        if $first->{status} ne 'FAILED';
}

my $data;

for my $channel (sort keys %agents) {
    my $id = $agents{$channel};

    for my $range (sort keys %ranges) {
        $data = $t->get("/v3/agents/$id/stats?range=$range",
            node => $nodes[rand(2)])->data();

        my $of = $want{$id}{$range};
        my $all = delete $of->{all};
        my %got = map { epoch($_->{t}) => $_ } @{$data->{buckets}};

        is(join(' ', map { $_ || 0 } @$data{qw(open active inbound outbound
            started starters_sent)}, @{$data->{ended}}{qw(EXPIRED EXPLICIT
            COMPLIANCE_STOP)}), join(' ', 0, 0, map { $_ || 0 }
            @$all{qw(inbound outbound opened starters EXPIRED EXPLICIT
            COMPLIANCE_STOP)}), "$channel, $range");

        my @wrong = grep {
            my ($is, $should) = ($got{$_}, $of->{$_} || {});
            grep { $is->{$_} != ($should->{$_} || 0) }
                qw(inbound outbound opened closed);
        } keys %got;

        is_deeply(\@wrong, [], "$channel, $range, by bucket");
        is_deeply([grep { !$got{$_} } keys %$of], [],
            "$channel, $range, no other bucket");

        ok(!(grep { !$all->{$_} } qw(inbound outbound opened EXPIRED EXPLICIT
            COMPLIANCE_STOP starters)), "$channel, all of it happened")
            if $range eq '24h';
    }

    my $agent = $t->get("/v3/agents/$id")->data()->{agent};

    is(join(' ', @$agent{qw(open active)}), '0 0', "$channel, none is open");
}
