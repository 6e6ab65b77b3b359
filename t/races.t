#!/usr/bin/perl

# Tests for steps that race: send and close, send and expiry, close and
# expiry, inbound and close.  Whoever comes first, the books agree.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(epoch);

my $t = setup(workers => 4, window => '4s');
my $hook = $t->webhook('/hook');
my $port = $t->{nginx}->port();

sub close_bytes {
    my ($id) = @_;

    return $t->api_bytes('POST', "/v3/conversations/$id/close", body => {});
}

# ten sends and a close in their middle

my $c = $t->opened();
my @bytes = map { $t->send_bytes(body => "racing send $_") } 1 .. 10;

splice(@bytes, 5, 0, close_bytes($c->{id}));

my @answers = http_many($port, \@bytes);
my ($closed) = splice(@answers, 5, 1);
my @accepted = grep { $_->status() == 202 } @answers;
my @refused = grep { $_->verdict() eq '422 CONVERSATION_001' } @answers;

is($closed->data()->{close_reason}, 'EXPLICIT', 'closed');
is(@accepted + @refused, 10, 'sends accepted or refused');

my @posts = $t->{receiver}->wait_requests('/carrier/whatsapp',
    scalar(@accepted));

is(scalar(@posts), scalar(@accepted), 'what was accepted went out');

my $ended = $t->wait_event('/hook', 'conversation.ended');

is($ended->{payload}{outbound_count}, scalar(@accepted), 'counted');

# twenty closes at once: one ending

$c = $t->opened();
@answers = http_many($port, [map { close_bytes($c->{id}) } 1 .. 20]);

my %at = map { ($_->data() || {})->{closed_at} // $_->verdict() => 1 }
    @answers;

is(scalar(keys %at), 1, 'one answer for all');

# inbounds and a close: what came before is in the old one, the rest opens one

$c = $t->opened();
@bytes = map { $t->carrier_bytes('whatsapp', json($t->message())) } 1 .. 10;
splice(@bytes, 5, 0, close_bytes($c->{id}));
@answers = http_many($port, \@bytes);

is(scalar(grep { $_->status() == 200 } @answers), 11, 'all answered');

my $in = $t->conversation($c->{id})->{inbound_count};
my $next = $t->open();

is($in + ($next ? $next->{inbound_count} : 0), 11, 'none lost');

# sends and closes over the deadline: each one is on its right side of it

my %opened = map { $_ => $t->opened(from => $t->contact($_)) } 11 .. 20;
my $deadline = epoch($opened{11}{expires_at});
my (%ok, $wrong);

wait_for(10, sub { time() > $deadline - 0.2 });

while (time() < epoch($opened{20}{expires_at}) + 0.2) {
    my @to = 11 .. 18;
    my $start = time();

    @answers = http_many($port, [map { $t->send_bytes(to => $t->contact($_),
        body => 'around the deadline') } @to]);

    for my $i (0 .. $#to) {
        my $end = epoch($opened{$to[$i]}{expires_at});
        my $ok = $answers[$i]->status() == 202;

        $ok{$to[$i]}++ if $ok;
        $wrong .= " $to[$i]" if $ok && $start > $end;
        $wrong .= " $to[$i]" if !$ok && time() < $end;
    }
}

is($wrong, undef, 'each send on its side of the deadline');

my %reason = map { $_ => $t->end($opened{$_}{id})->data()->{close_reason} }
    11 .. 20;

is(join(' ', values %reason), join(' ', ('EXPIRED') x 10), 'all expired');

# close against expiry, ten times at the deadline itself

%opened = map { $_ => $t->opened(from => $t->contact($_)) } 31 .. 40;
wait_for(10, sub { time() > epoch($opened{35}{expires_at}) - 0.002 });
@answers = http_many($port,
    [map { close_bytes($opened{$_}{id}) } 31 .. 40]);

$wrong = '';

for my $i (0 .. 9) {
    my $c = $opened{31 + $i};
    my $d = $answers[$i]->data();
    my $e = $t->wait_event('/hook', 'conversation.ended',
        conversation_id => $c->{id});
    my $late = $d->{closed_at} ge $c->{expires_at};

    $wrong .= " $i answer" if $late != ($d->{close_reason} eq 'EXPIRED');
    $wrong .= " $i event" if $e->{payload}{close_reason}
        ne $d->{close_reason} || $e->{payload}{ended_at} ne $d->{closed_at};
}

is($wrong, '', 'close and expiry agree');

my %ended;

$ended{$_->{payload}{conversation_id}}++
    for map { $_->{event} } grep { $_->{event}{event} eq 'conversation.ended' }
        $t->arrivals('/hook');

is(scalar(grep { $_ > 1 } values %ended), 0, 'each ended once');

# every message accepted is counted and posted

my $sum = 0;

$sum += $_->{outbound_count}
    for @{$t->get('/v3/conversations?page_size=100')->data()->{conversations}};

@posts = $t->{receiver}->wait_requests('/carrier/whatsapp', $sum);
is(scalar(@posts), $sum, 'posts and counts agree');
