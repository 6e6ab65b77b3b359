#!/usr/bin/perl

# Tests for an agent's pings and bursts that race everything else: two nodes,
# killed workers, a restart; contacts who answer, stop or are closed meanwhile.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $t = setup(workers => 2);
my @nodes = ($t->{nginx}, $t->node('two', workers => 2));
my $contacts = 0;

$t->tolerate('duplicates', 'disorder');
$t->allow(qr/sent conv|signal 9/);
$t->webhook('/all', retry_count => 5);

sub agent {
    my ($name, %part) = @_;

    my $answer = $t->post('/v3/agents', body => { name => $name,
        definition => { schema => 1, trigger => { on => 'either',
            numbers => [] }, starters => [], webhooks => [],
            channels => ['whatsapp', 'sms', 'rcs'], engine => {},
            ping => undef, ending => {}, %part } });

    is($answer->verdict(), '201', $name) or diag($answer->body());
    return $answer->data()->{agent}{id};
}

# says it until a node answers; a carrier repeats by the same id

sub surely {
    my ($what, $good) = @_;

    for (1 .. 100) {
        my $answer = eval { $what->($nodes[rand(@nodes)]) };

        return $answer if $answer && $answer->status() == $good;
        sleep(0.05);
    }

    die "no answer\n";
}

sub inbound {
    my ($from, $text, %arg) = @_;

    my $item = $t->message(from => $from, text => $text, %arg);

    return surely(sub { $t->carrier($arg{channel} // 'whatsapp', $item,
        node => $_[0]) }, 200);
}

sub kill_some {
    for (1 .. $_[0]) {
        sleep(0.25);
        $nodes[rand(@nodes)]->kill_worker();
    }
}

# the lines of a thread's transcript of that kind

sub texts {
    my ($thread, $text) = @_;

    return grep { ($_->{message_body}{content} // '') eq $text
        && $_->{direction} eq 'OUTBOUND' } $t->transcript($thread);
}

# ---- pings ----

my $patient = agent('patient', ping => { after_minutes => 1,
    text => 'Still there?', max => 1 });

sub waiting {
    my ($n) = @_;

    my @c = map { $t->opened(from => $t->contact(++$contacts)) } 1 .. $n;

    $t->send(to => $_->{contact}, body => "hello $_->{contact}") for @c;
    ok(wait_for(10, sub {
        return !grep { $t->{redis}->command('ZCARD', $_) }
            $t->{redis}->keys('sc:{*}:lanes');
    }), 'all sent');

    return @c;
}

# brings the ping forward, by hand

sub forward {
    my ($c) = @_;

    my ($key) = $t->{redis}->keys("sc:*:t:$c->{thread_id}");
    my ($tag) = $key =~ /^(sc:\{\d+\}:)/;

    $t->{redis}->command('HINCRBY', $key, 'lo', -60000);
    $t->{redis}->command('ZADD', "${tag}due", 'XX', 1,
        "p:$t->{customer}:$c->{thread_id}");
}

my @plain = waiting(12);
my @raced = waiting(24);

my @race = (
    sub { inbound($_[0]{contact}, 'I am') },
    sub { inbound($_[0]{contact}, 'STOP') },
    sub { my ($c) = @_; surely(sub { $t->end($c->{id}, node => $_[0]) },
        200) },
);
my $race = SentConv::Process->job(sub {
    srand(1);

    my %cut;

    for my $i (0 .. $#raced) {
        forward($raced[$i]);
        sleep(rand(0.3));
        $race[$i % 3]->($raced[$i]);
        $cut{$raced[$i]{id}} = time();
    }

    return \%cut;
});

forward($_) for @plain;
kill_some(8);

my ($cut) = $race->result();

sub inactive { return $t->events('/all', event => 'conversation.inactive') }

ok(wait_for(20, sub {
    my %told = map { $_->{payload}{conversation_id} => 1 } inactive();
    return !grep { !$told{$_->{id}} } @plain;
}), 'each that is silent is told of');

# once more, to see whether any is pinged again

forward($_) for @plain, @raced;
ok(wait_for(20, sub {
    return !map { @{$t->{redis}->command('ZRANGEBYSCORE', $_, 0, 2)} }
        $t->{redis}->keys('sc:{*}:due');
}), 'nothing due');

is_deeply([map { scalar(texts($_->{thread_id}, 'Still there?')) } @plain],
    [(1) x @plain], 'each is pinged once');
is_deeply([grep { $_ > 1 } map {
    scalar(texts($_->{thread_id}, 'Still there?')) } @raced], [],
    'nobody twice');

my %inactive;

$inactive{$_->{payload}{conversation_id}}{$_->{id}} = 1 for inactive();
is_deeply([grep { keys %$_ > 1 } values %inactive], [], 'told once');
is(scalar(grep { texts($_->{thread_id}, 'Still there?')
    && !$inactive{$_->{id}} } @plain, @raced), 0, 'no ping is untold');

# who has opted out hears nothing more, 1 s behind the answer

my %stopped = map { $raced[$_]{contact} => $cut->{$raced[$_]{id}} }
    grep { $_ % 3 == 1 } 0 .. $#raced;

is(scalar(grep {
    my ($to) = $_->{body} =~ /"to":"([^"]*)"/;
    $stopped{$to} && $_->{at} > $stopped{$to} + 1;
} $t->{receiver}->requests('/carrier/whatsapp')), 0,
    'nothing to who has opted out');

# a ping that falls due while no node runs

my ($late) = waiting(1);

$_->quit() for @nodes;
forward($late);
$_->start() for @nodes;
$t->ready($_) for @nodes;
$t->wait_event('/all', 'conversation.inactive',
    conversation_id => $late->{id});
is(scalar(texts($late->{thread_id}, 'Still there?')), 1,
    'one that was due meanwhile');

$t->api('DELETE', "/v3/agents/$patient");

# ---- bursts ----

agent('listener', engine => { coalesce_seconds => 3 });

# until the other node knows it, too

ok(wait_for(10, sub {
    my $c = $t->contact(++$contacts);
    $t->inbound(from => $c, node => $nodes[1]);
    return ($t->open($c) || {})->{agent_id};
}), 'known to both');

sub open_of {
    my ($contact) = @_;

    my $answer = surely(sub { $t->get('/v3/conversations?status=open&contact='
        . $contact =~ s/\+/%2B/r, node => $_[0]) }, 200);

    return $answer->data()->{conversations}[0];
}

my @ends = (sub { }, $race[2], $race[1]);
my @bursts = map { $t->contact(++$contacts) } 1 .. 24;
my @jobs = map {
    my $job = $_;

    SentConv::Process->job(sub {
        srand($job);

        for my $i (grep { $_ % 3 == $job } 0 .. $#bursts) {
            for my $text (qw(one two three)) {
                inbound($bursts[$i], $text);
                sleep(rand(0.1));
            }

            # let go by itself, by a close, by a STOP
            $ends[int($i / 3) % 3]->(open_of($bursts[$i]));
        }

        return 1;
    });
} 0 .. 2;

kill_some(10);
$_->result() for @jobs;

# what was told of each contact, once each, in the order of first arrival

my %told;

sub told {
    my %seen;

    %told = ();

    for my $event (grep { !$seen{$_->{id}}++ } $t->events('/all')) {
        my $p = $event->{payload};
        my $contact = $p->{contact} // $p->{inbound_number} // next;

        push @{$told{$contact}}, $event;
    }
}

# as it should be

sub expected {
    my ($i) = @_;

    my $way = int($i / 3) % 3;

    return ('received one', 'started', 'exchanged one', 'received two',
        'exchanged two', 'received three',
        $way == 2 ? 'exchanged three' : 'exchanged three!',
        $way == 1 ? 'ended' : (),
        $way == 2 ? ('received STOP', 'exchanged STOP!', 'ended') : ());
}

sub as_told {
    my ($contact) = @_;

    return map {
        my $p = $_->{payload};
        my ($what) = $_->{event} =~ /([a-z]+)$/;

        $p->{text} ? "$what $p->{text}" . ($p->{burst_end} ? '!' : '') : $what;
    } grep { $_->{event} =~ /^conversation|received/ }
        @{$told{$contact} || []};
}

wait_for(30, sub {
    told();
    return !grep { my @e = expected($_); @e > as_told($bursts[$_]) }
        0 .. $#bursts;
});

is_deeply([as_told($bursts[$_])], [expected($_)], "burst $_")
    for 0 .. $#bursts;
