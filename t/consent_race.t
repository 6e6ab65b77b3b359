#!/usr/bin/perl

# Tests for opt-outs that race everything else: two nodes, killed workers, a
# carrier that fails and dawdles; over every door, in every order.
# SENT_CONV_RACE sets how many opt-outs there are.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use List::Util qw(shuffle);

use SentConv::Env;
use SentConv::Id qw(contact_id);

my $opt_outs = $ENV{SENT_CONV_RACE} || 2400;
my $drivers = 3;
my $rounds = 4;
my $contacts = int($opt_outs / $drivers / $rounds) || 1;
my @channels = qw(whatsapp sms rcs);

my $t = setup(workers => 2);
my @nodes = ($t->{nginx}, $t->node('two', workers => 2));

$t->tolerate('duplicates', 'disorder');
$t->allow(qr/sent conv|upstream|signal 9/);
$t->admin('PATCH', "/customers/$t->{customer}", body => {
    confirmation => 'You are out.' });

my $template = $t->template();

# what the carrier does: late, never at first, both

for my $channel (@channels) {
    $t->{receiver}->script("/carrier/$channel",
        { chance => 0.15, repeat => 1, status => 503 },
        { chance => 0.1, repeat => 1, status => 503, delay => 0.03 },
        { chance => 0.2, repeat => 1, delay => 0.02 },
        { chance => 0.02, repeat => 1, delay => 0.3 });
}

# all that Redis does with lanes and consent, in its order

my $seen = "$t->{dir}/seen";
my $monitor = SentConv::Process->job(sub {
    my ($stop) = @_;

    my $c = SentConv::Resp->new($t->{redis}->socket());
    open(my $out, '>', $seen) or die "$seen: $!\n";

    $c->command('MONITOR');
    print $out "ready\n";
    $out->flush();

    while (defined(my $line = eval { $c->reply() })) {
        last if $line =~ /"ECHO" "the end"/;
        print $out "$line\n" if $line =~ /\slua\]\s"(?:HSET|HDEL|RPUSH)"\s"sc:
            \{\d+\}:(?:lane|t:|q:(?:whatsapp|sms|rcs))/x;
    }

    close($out);
});

wait_for(10, sub { -s $seen }) or die "no monitor\n";

# one round with one contact: in, a window, and then everything at once

sub requests {
    my ($to, $node) = @_;

    my $channel = $channels[rand(@channels)];
    my @sends = map { $t->send_bytes(to => $to, body => "race $$ $_") }
        1 .. 1 + int(rand(4));
    my @begins = map { $t->api_bytes('POST', '/v3/messages', body => {
        to => [$to], channel => [$channels[rand(@channels)]], %$_ }) }
        { template => { id => $template, parameters => { name => 'Ann' } } },
        { text => 'over the other door' };

    return (@sends, rand() < 0.5 ? @begins : $begins[rand(2)],
        rand() < 0.1 ? $t->carrier_bytes('sms', json($t->message(
            from => $to, channel => 'sms', text => 'HELP'))) : ());
}

sub change {
    my ($to, $out) = @_;

    return $t->api_bytes('PATCH', '/v3/contacts/'
        . contact_id($t->{customer}, $to), body => { opt_out => $out });
}

sub out {
    my ($to) = @_;

    return change($to, JSON::PP::true) if rand() < 0.25;

    my $channel = $channels[rand(@channels)];

    return $t->carrier_bytes($channel, json($t->message(from => $to,
        channel => $channel, text => 'Stop!')));
}

sub fire {
    my (@requests) = @_;

    my @c = map { SentConv::HTTP->new($nodes[rand(@nodes)]->port(0)) }
        @requests;

    for my $i (0 .. $#c) {
        $c[$i]->write($requests[$i]) if $c[$i];
        sleep(rand(0.002)) if rand() < 0.3;
    }

    return map { $_ && $_->answer(10) } @c;
}

sub again {
    my ($what, $good) = @_;

    for (1 .. 50) {
        my ($answer) = eval { fire($what->()) };

        return $answer if $answer && $answer->status() == $good;
        sleep(0.05);
    }

    die "no answer\n";
}

sub play {
    my ($to, $known) = @_;

    my %said = (in => time());

    # in again, with a window or without

    my $in = $t->carrier_bytes('sms', json($t->message(from => $to,
        channel => 'sms', text => 'START')));

    $in = change($to, JSON::PP::false) if $known && rand() < 0.2;
    again(sub { $in }, 200);

    my @all = requests($to);
    my $out = out($to);
    my @turn = shuffle(0 .. @all);
    my @answers = fire(map { $_ == @all ? $out : $all[$_] } @turn);

    for my $i (0 .. $#turn) {
        my $data = $answers[$i] && $answers[$i]->data() or next;
        my $rows = ref $data eq 'HASH' && $data->{recipients};

        $said{$_} = $to for grep { defined }
            $rows ? map { $_->{message_id} } @$rows : $data->{message_id};

        $said{at} = time() if $turn[$i] == @all
            && $answers[$i]->status() == 200;
    }

    # who does not hear that it was taken says it again

    if (!$said{at}) {
        again(sub { $out }, 200);
        $said{at} = time();
    }

    return \%said;
}

my @jobs = map {
    my $driver = $_;

    SentConv::Process->job(sub {
        srand($driver);

        my @said;

        for my $round (1 .. $rounds) {
            my $begun = time();

            for my $n (0 .. $contacts - 1) {
                my $to = $t->contact(1000 + $driver * 1000 + $n);
                push @said, { to => $to, %{play($to, $round > 1)} };
            }

            # 1 s behind the last opt-out nothing comes any more
            my $rest = 1.5 - (time() - $begun);
            sleep($rest) if $rest > 0;
        }

        return @said;
    });
} 1 .. $drivers;

# meanwhile workers die

my $killed = 8;

for (1 .. $killed) {
    sleep(0.7);
    $nodes[rand(@nodes)]->kill_worker();
}

my @said = map { $_->result() } @jobs;

is(scalar(@said), $drivers * $rounds * $contacts, 'opt-outs');

# all comes to rest

ok(wait_for(60, sub {
    return !grep { $t->{redis}->command('ZCARD', $_) }
        $t->{redis}->keys('sc:{*}:lanes');
}), 'no lane waits');

$t->{redis}->command('ECHO', 'the end');
$monitor->wait_exit(60);

# no attempt is granted behind an opt-out, but for what is exempt

my (%out, %exempt, %flight, @late, $grants, $refused);

open(my $lines, '<', $seen) or die "$seen: $!\n";
<$lines>;

while (<$lines>) {
    my ($command, @words) = /"((?:[^"\\]|\\.)*)"/g;

    if ($words[0] =~ /:t:(.*)/) {
        my $thread = $1;

        if ($command eq 'HSET') {
            my %set = @words[1 .. $#words];
            $out{$thread} = 1 if $set{out};

        } elsif (grep { $_ eq 'out' } @words) {
            delete $out{$thread};
        }

    } elsif ($command eq 'RPUSH') {
        $exempt{$_} = 1 for map { /^(\S+) \d+ C / ? $1 : () } @words;

    } elsif ($command eq 'HDEL') {
        delete @flight{@words};

    } else {
        for (my $i = 1; $i < @words; $i += 2) {
            my ($thread) = $words[$i] =~ /^q:(?:whatsapp|sms|rcs):(.*)/
                or next;
            my ($owner, $tried, $flight, $doom) = split(/ /, $words[$i + 1]);
            my $was = $flight{$words[$i]} // '';

            $flight{$words[$i]} = "$owner $flight";
            next if $owner eq '-' || $flight eq '-' || $doom ne '-'
                || $was eq "$owner $flight";

            $grants++;
            push @late, $flight if $out{$thread} && !$exempt{$flight};
            $refused++ if $out{$thread};
        }
    }
}

is("@late[0 .. ($#late < 3 ? $#late : 3)]", '',
    "of $grants attempts none granted behind an opt-out");
cmp_ok($refused // 0, '>', 0, 'but confirmations were');

# what the carrier got

my (%posts, %taken, %to);

for my $post (map { $t->{receiver}->requests("/carrier/$_") } @channels) {
    my $id = $post->{headers}{'idempotency-key'};

    push @{$to{$1}}, $post if $post->{body} =~ /"to":"([^"]*)"/
        && !$exempt{$id};

    $posts{$id} = $post->{at};
    $taken{$id} = 1 if ($post->{step}{status} // 200) == 200;
}

# from 1 s behind an opt-out until the contact is in again: nothing, whoever
# accepted it, but what is exempt

my (%in, $after);

push @{$in{$_->{to}}}, $_->{in} for @said;

for my $said (@said) {
    my ($next) = sort { $a <=> $b } grep { $_ > $said->{at} }
        @{$in{$said->{to}}};

    $after += grep { $_->{at} > $said->{at} + 1
        && $_->{at} < ($next // $_->{at} + 1) } @{$to{$said->{to}} || []};
}

is($after, 0, 'nothing received 1 s after the answer');

# one confirmation for each opt-out that came as a word

my ($confirmed, $more) = (0, 0);

for my $key ($t->{redis}->keys('sc:{*}:h:*')) {
    my $words = grep { / OPT_OUT keyword / }
        @{$t->{redis}->command('LRANGE', $key, 0, -1)};
    my $texts = grep { / confirmation / } @{$t->{redis}->command('LRANGE',
        $key =~ s/:h:/:m:/r, 0, -1)};

    $confirmed += $texts;
    $more++ if $texts != $words;
}

cmp_ok($confirmed, '>', $opt_outs / 2, 'confirmations');
is($more, 0, 'one for each opt-out by a word');

# what became of each message

my (%fate, %wrong);

for my $key ($t->{redis}->keys('sc:{*}:r:*')) {
    my %records = @{$t->{redis}->command('HGETALL', $key)};

    for my $id (keys %records) {
        my @lines = split(/\n/, $records{$id});
        $fate{$id} = (split(/ /, $lines[-1]))[0];
    }
}

for my $id (grep { !/^(?:at|in|to)$/ } map { keys %$_ } @said) {
    my $is = $fate{$id} // 'none';

    $wrong{"ends $is"}++ unless $is =~ /^(?:SENT|FILTERED|BLOCKED)$/;
    $wrong{'filtered, and taken'}++ if $is eq 'FILTERED' && $taken{$id}
        && !$killed;
    $wrong{'sent, not taken'}++ if $is eq 'SENT' && !$taken{$id};
    $wrong{'blocked, and posted'}++ if $is eq 'BLOCKED' && $posts{$id};
    $wrong{'failed in flight, not filtered'}++ if $posts{$id} && !$taken{$id}
        && $is ne 'FILTERED';
    $wrong{total}{$is}++;
}

diag(join(', ', map { "$_ $wrong{total}{$_}" } sort keys %{$wrong{total}}))
    if $ENV{SENT_CONV_RACE};
cmp_ok($wrong{total}{$_} // 0, '>', 0, "some were $_")
    for qw(SENT FILTERED BLOCKED);
delete $wrong{total};
is(join(', ', map { "$_: $wrong{$_}" } sort keys %wrong), '',
    'each has the end that it should');
