#!/usr/bin/perl

# Tests for events that wait for an endpoint which fails and fails: nothing
# counts, but they do not wait for ever.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(epoch);

my $t = setup(workers => 2, off => ['sent_conv_webhook_breaker'],
    http => "    sent_conv_webhook_breaker 2 200ms 500ms 5s;\n"
        . "    sent_conv_webhook_disable 100 1s;");

my @received = (event_types => ['message'],
    event_filters => { message => ['received'] }, retry_count => 5);

sub flood {
    my ($from, $n) = @_;

    $t->carrier('whatsapp', [map { $t->message(from => $t->contact($_)) }
        $from .. $from + $n - 1]);
}

# [record, item] of all that were given up

sub dead {
    my ($hook) = @_;

    my @dead;

    for my $key ($t->{redis}->keys("sc:*:d:$hook->{id}")) {
        my @flat = @{$t->{redis}->command('LRANGE', $key, 0, -1)};

        push @dead, [splice(@flat, 0, 2)] while @flat;
    }

    return @dead;
}

sub shown {
    my ($hook) = @_;

    return $t->get("/v3/webhooks/$hook->{id}")->data();
}

my $down = $t->webhook('/down', @received);
my $other = $t->new_customer('other');
my $alone = $t->webhook('/alone', @received, key => $other->{key});

$t->{receiver}->default('/down', status => 503);
$t->{receiver}->default('/alone', status => 503);

# forty of them at one, a single contact's at the other

flood(1, 40);
$t->inbound(to => $other->{numbers}{whatsapp});

my @dead;

ok(wait_for(15, sub { (@dead = dead($down)) == 40 }), 'not for ever')
    or diag(scalar(@dead));

# by the event's own time

my @early = grep {
    my ($ended) = $_->[0] =~ /^(\d+)/;
    my ($made) = $_->[1] =~ /"timestamp":"([^"]+)"/;

    $ended / 1000 - epoch($made) < 5;
} @dead;

is(scalar(@early), 0, 'but as long as they may');

# few were tried, none more often than by probes, and all say why they ended

my @tried = $t->{receiver}->requests('/down');

ok(@tried < 40, 'few were tried') or diag(scalar(@tried));
is(scalar(grep { $_->[0] =~ /\n0 \d+ - 0 "The endpoint failed for/
    || $_->[0] =~ / 503 "The answer is not 2xx/ } @dead), 40, 'all say why');
ok(wait_for(5, sub { shown($down)->{consecutive_failures} == 40 }),
    'they count as given up');
ok(shown($down)->{is_active}, 'forty are not a hundred');
like($t->{nginx}->log(), qr/"\Q$down->{id}\E": \d+ events given up/, 'logged');

# the next that arise wait anew; too many in a row

flood(101, 70);
ok(wait_for(20, sub { !shown($down)->{is_active} }), 'switched off')
    or diag(shown($down)->{consecutive_failures});

# one lane alone: the event is the only probe there is, and the last one ends
# it

ok(wait_for(10, sub { dead($alone) }), 'a single one');

my ($last) = map { (split(/\n/, $_->[0]))[-1] } dead($alone);

like($last, qr/^\d+ \d+ \d+ 503 "The answer is not 2xx/, 'by a probe');
ok($t->{receiver}->requests('/alone') > 6, 'tried all the while');

$t->{receiver}->default($_) for qw(/down /alone);
