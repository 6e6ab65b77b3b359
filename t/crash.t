#!/usr/bin/perl

# Tests for workers that are killed at any step: what was answered is kept
# and comes, with the same ids.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(workers => 2);

$t->tolerate('duplicates', 'disorder');
$t->allow(qr/sent conv/);
$t->webhook('/hook', retry_count => 5);

# killed while a carrier has our message, both workers, one after the other

sub over_a_kill {
    my ($name, $n, $path, $step, $kill) = @_;

    my $from = $t->contact($n);

    $t->opened(from => $from);
    $t->{receiver}->script($path, $step);

    my $before = () = $t->{receiver}->requests($path);
    my $id = $t->send(to => $from)->data()->{message_id};

    $t->{receiver}->wait_requests($path, $before + 1);
    wait_for(3, sub { grep { $_->{body} =~ /\Q$id\E/ }
        $t->{receiver}->requests($path) });
    $t->{nginx}->kill_worker($_) for $kill->();

    my $start = time();
    my $sent = $t->wait_event('/hook', 'message.sent', message_id => $id,
        limit => 30);

    ok($sent, "$name - sent");
    ok(time() - $start < 15, "$name - within seconds")
        or diag(time() - $start);
    $t->ready($t->{nginx});

    my @posts = grep { $_->{headers}{'idempotency-key'} eq $id }
        $t->{receiver}->requests('/carrier/whatsapp');

    ok(@posts >= 1 && @posts <= 2, "$name - posted") or diag(scalar(@posts));
}

my $all = sub { $t->{nginx}->workers() };

over_a_kill('while the carrier hangs', 1, '/carrier/whatsapp', { hang => 1 },
    $all);
over_a_kill('before the carrier answers', 2, '/carrier/whatsapp',
    { delay => 0.3 }, $all);
over_a_kill('while the webhook hangs', 3, '/hook',
    { hang => 1, match => 'message.queued' }, $all);
over_a_kill('while both wait', 4, '/hook',
    { status => 503, match => 'message.queued' }, $all);

# killed at random moments under load: everything answered is there

my $port = $t->{nginx}->port();
my $job = SentConv::Process->job(sub {
    my ($stop) = @_;
    my %accepted;
    my $n = 0;

    until ($stop->()) {
        my $from = $t->contact(100 + $n++ % 40);
        my $in = $t->inbound(from => $from, text => "under load $n");
        next unless $in && $in->status() == 200;

        my $out = $t->send(to => $from, body => "answer under load $n");
        $accepted{$out->data()->{message_id}} = $from
            if $out && $out->status() == 202;
    }

    return \%accepted;
});

for (1 .. 6) {
    wait_for(0.7, sub { 0 });

    my @workers = $t->{nginx}->workers();

    $t->{nginx}->kill_worker($workers[rand(@workers)]);
}

my $accepted = $job->stop();
my %told;

ok(keys %$accepted > 20, 'load') or diag(scalar(keys %$accepted));
ok(wait_for(60, sub {
    %told = map { $_->{payload}{message_id} => 1 }
        $t->events('/hook', event => 'message.sent');
    return !grep { !$told{$_} } keys %$accepted;
}), 'all that was accepted was sent')
    or diag(scalar(grep { !$told{$_} } keys %$accepted));

my %posts;

$posts{$_->{headers}{'idempotency-key'}}++
    for $t->{receiver}->requests('/carrier/whatsapp');

is(scalar(grep { !$posts{$_} } keys %$accepted), 0, 'and posted');
is(scalar(grep { $_ > 4 } values %posts), 0, 'not over and over');

# counts and transcripts agree

my $wrong = 0;

for my $n (100 .. 139) {
    my $c = $t->open($t->contact($n)) or next;
    my @out = grep { $_->{direction} eq 'OUTBOUND' } $t->transcript($c->{id});

    $wrong++ if $c->{outbound_count} != @out;
}

is($wrong, 0, 'counts agree');

# nothing is left behind

ok(wait_for(20, sub { !$t->{redis}->keys('sc:*:q:*') }), 'all lanes empty');
