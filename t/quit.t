#!/usr/bin/perl

# Tests for quit under load: what was accepted is answered and kept, what is
# in flight is finished, the rest is there for the next start.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(workers => 2);

$t->webhook('/hook', retry_count => 5);
$t->{receiver}->default('/carrier/whatsapp', delay => 0.3);
$t->opened(from => $t->contact($_)) for 1 .. 10;

my $job = SentConv::Process->job(sub {
    my ($stop) = @_;
    my @accepted;
    my $n = 0;

    until ($stop->()) {
        my $answer = $t->send(to => $t->contact(1 + $n++ % 10),
            body => 'until it quits') or last;

        push @accepted, $answer->data()->{message_id}
            if $answer->status() == 202;
    }

    return \@accepted;
});

$t->{receiver}->wait_requests('/carrier/whatsapp', 10);

my $start = time();

ok($t->{nginx}->quit(10), 'gone');
ok(time() - $start < 5, 'soon') or diag(time() - $start);

my $accepted = $job->stop();

ok(@$accepted > 10, 'load') or diag(scalar(@$accepted));

# what was in flight was finished

my @posted = $t->{receiver}->requests('/carrier/whatsapp');

wait_for(1, sub { 0 });
is(scalar(my @later = $t->{receiver}->requests('/carrier/whatsapp')),
    scalar(@posted), 'nothing after the end');

# the next start carries on at once: leases were given back

$t->{receiver}->default('/carrier/whatsapp');
$t->start();

my %told;

$start = time();
ok(wait_for(30, sub {
    %told = map { $_->{payload}{message_id} => 1 }
        $t->events('/hook', event => 'message.sent');
    return !grep { !$told{$_} } @$accepted;
}), 'all sent') or diag(scalar(grep { !$told{$_} } @$accepted));
ok(time() - $start < 9, 'soon after the start') or diag(time() - $start);

my %posts;

$posts{$_->{headers}{'idempotency-key'}}++
    for $t->{receiver}->requests('/carrier/whatsapp');

is(scalar(grep { $_ > 1 } values %posts), 0, 'none twice');

# TERM: at once, and nothing that was answered is lost

$t->{receiver}->default('/carrier/whatsapp', delay => 0.5);

my @ids = map { $t->send(to => $t->contact($_))->data()->{message_id} }
    1 .. 10;

$t->{nginx}->{process}->signal('TERM');
ok(defined $t->{nginx}->{process}->wait_exit(5), 'terminated');
$t->tolerate('duplicates', 'disorder');
$t->start();

for my $id (@ids) {
    ok($t->wait_event('/hook', 'message.sent', message_id => $id,
        limit => 30), 'sent after TERM');
}
