#!/usr/bin/perl

# Tests for requests with an Idempotency-Key whose worker dies between the
# key's record and the contacts' own: whoever repeats, at any node, makes no
# second message, and does not wait for a minute.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $t = setup(workers => 1);
my $two = $t->node('two', workers => 1);
my @nodes = ($t->{nginx}, $two);

$t->tolerate('duplicates', 'disorder');
$t->allow(qr/sent conv|upstream|signal 9/);

my $template = $t->template();
my $redis = $t->{redis};
my $unique = 0;

sub record {
    my ($key) = @_;

    return { @{$redis->command('HGETALL', "sc:idem:$t->{customer}:$key")} };
}

sub forget_end {
    my ($key) = @_;

    $redis->command('HDEL', "sc:idem:$t->{customer}:$key", 's', 'b');
}

# message ids in the transcripts of these contacts

sub written {
    my (%to) = map { $_ => 1 } @_;
    my %ids;

    for my $key ($redis->keys('sc:{*}:m:*')) {
        (my $pair = $key) =~ s/:m:/:t:/;
        my $number = $redis->command('HGET', $pair, 'n') // '';
        next unless $to{$number};

        push @{$ids{$number}}, map { (split(/ /))[2] } grep { / O / }
            @{$redis->command('LRANGE', $key, 0, -1)};
    }

    return \%ids;
}

sub again {
    my ($how) = @_;

    my ($answer, $began) = (undef, time());

    # a row that Redis was too slow for is a repeat's to do

    wait_for(60, sub {
        $answer = eval { $how->() };
        return $answer && $answer->status() == 202
            && !grep { $_->{error} } @{$answer->data()->{recipients} || []};
    });

    return ($answer, time() - $began);
}

# killed at random moments of a broadcast

my ($rounds, $size) = (7, 300);
my (%seen, @slow, $twice, $other, $missing);

for my $round (1 .. $rounds) {
    my $key = "broadcast-$round";
    my @to = map { sprintf('+1213%03d%04d', $round, $_) } 1 .. $size;
    my $c = SentConv::HTTP->new($nodes[$round % 2]->port(0));

    $c->write($t->api_bytes('POST', '/v3/messages', idem => $key, body => {
        to => \@to, channel => ['sms'], template => { id => $template,
            parameters => { name => 'Ann' } } }));

    # from before the first row to behind the last one
    sleep(0.0005 + ($round / $rounds) ** 2 * 0.06);
    $nodes[$round % 2]->kill_worker();
    $c->close();

    my $before = written(@to);
    my $is = record($key);

    $seen{!$is->{id} ? 'nothing' : $is->{s} ? 'all'
        : !%$before ? 'key' : keys %$before < $size ? 'some' : 'rows'}++;

    my ($answer, $took) = again(sub { $t->broadcast(\@to, template =>
        $template, channel => ['sms'], idem => $key,
        node => $nodes[($round + 1) % 2]) });

    push @slow, $took if $took > 20;

    my %rows = map { $_->{to} => $_->{message_id} }
        @{$answer->data()->{recipients}};
    my $after = written(@to);

    for my $to (@to) {
        my @ids = @{$after->{$to} || []};

        $missing++ if @ids == 0;
        $twice++ if @ids > 1;
        $other++ if @ids && $ids[0] ne ($rows{$to} // '');
        $other++ if $before->{$to} && $before->{$to}[0] ne $ids[0];
    }
}

is($missing, undef, 'each recipient has a message');
is($twice, undef, 'none has two');
is($other, undef, 'it is the one that the repeat names');
is("@slow", '', 'nobody waited for long');
cmp_ok(($seen{some} // 0) + ($seen{key} // 0), '>', 0,
    'some died in the middle');
diag(join(', ', map { "$_ $seen{$_}" } sort keys %seen))
    if $ENV{SENT_CONV_RACE};

# killed when the key's record is there and of the contacts nothing yet: Redis
# tells of the record, and until that has happened another key is taken

$redis->command('CONFIG', 'SET', 'notify-keyspace-events', 'KEA');

my ($tried, $between) = (0);

while (!$between && $tried++ < 60) {
    my $key = "between-$tried";
    my @to = map { sprintf('+1214%03d%04d', $tried, $_) } 1 .. 20;
    my $told = SentConv::Resp->new($redis->socket());
    my $worker = ($nodes[0]->workers())[0];
    my $c = SentConv::HTTP->new($nodes[0]->port(0));

    $told->command('SUBSCRIBE',
        "__keyspace\@0__:sc:idem:$t->{customer}:$key");
    $c->write($t->api_bytes('POST', '/v3/messages', idem => $key, body => {
        to => \@to, channel => ['sms'], template => { id => $template,
            parameters => { name => 'Ann' } } }));
    $told->reply();
    $nodes[0]->kill_worker($worker);
    $c->close();

    next unless record($key)->{id} && !%{written(@to)};

    my ($answer, $took) = again(sub { $t->broadcast(\@to,
        template => $template, channel => ['sms'], idem => $key,
        node => $two) });
    my $after = written(@to);

    $between = join(' ', scalar(keys %$after),
        scalar(grep { @{$after->{$_->{to}}} == 1
            && $after->{$_->{to}}[0] eq $_->{message_id} }
            @{$answer->data()->{recipients}}));
    push @slow, $took if $took > 20;
}

is($between, '20 20', 'killed between the two: each has the one message');
is("@slow", '', 'nor did anybody wait for long then');

# between the last row and the key's end; another node goes on

my @to = map { $t->contact(100 + $_) } 1 .. 20;
my $first = $t->broadcast(\@to, template => $template, channel => ['sms'],
    idem => 'behind');

forget_end('behind');

my $second = $t->broadcast(\@to, template => $template, channel => ['sms'],
    idem => 'behind', node => $two);

is_deeply($second->data()->{recipients}, $first->data()->{recipients},
    'the same rows');
is(scalar(grep { @$_ > 1 } values %{written(@to)}), 0, 'and no others');

# a window's own message, killed at random moments

my $to = $t->contact(1);

$t->opened(from => $to);

my (%ids, @answers);

for my $round (1 .. 8) {
    my $c = SentConv::HTTP->new($nodes[$round % 2]->port(0));

    $c->write($t->send_bytes(to => $to, body => "once $round",
        idem => "send-$round"));
    sleep(rand(0.003));
    $nodes[$round % 2]->kill_worker();
    $c->close();

    my ($answer, $took) = again(sub { $t->send(to => $to,
        body => "once $round", idem => "send-$round",
        node => $nodes[($round + 1) % 2]) });

    push @answers, $answer->data()->{message_id};
    push @slow, $took if $took > 20;
}

my @texts = grep { /^once \d+$/ } map { $_->{message_body}{content} }
    $t->transcript($t->open($to)->{id});

is(join(' ', sort @texts), join(' ', sort map { "once $_" } 1 .. 8),
    'each text once');
is("@slow", '', 'nobody waited for long');

# what waits behind a dead deliverer comes by itself; the carrier knows it

ok(wait_for(40, sub {
    $ids{$_->{headers}{'idempotency-key'}} = 1
        for $t->{receiver}->requests('/carrier/whatsapp');
    return !grep { !$ids{$_} } @answers;
}), 'each was posted');
