#!/usr/bin/perl

# Tests for what is kept and how long: transcripts, records, ids, and that
# nothing lives for ever that should not.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(window => '2s', http => '    sent_conv_retention 4s;');

$t->webhook('/hook');
$t->{receiver}->default('/carrier/whatsapp', body => '{"id":"own-%%N%%"}');

my $c = $t->opened();

$t->send();
$t->wait_event('/hook', 'message.sent');
$t->send(idem => 'kept');
$t->wait_event('/hook', 'conversation.ended');

is($t->conversation($c->{id})->{close_reason}, 'EXPIRED', 'kept at first');

# later all is gone but the pair, its consent and what is kept for 8 days

my %for_ever = map { $_ => 1 } qw(t ct h lane lanes due);
my @left;

ok(wait_for(15, sub {
    @left = grep { /^sc:\{\d+\}:(?:m|r|i|w|q):/ } $t->{redis}->keys('sc:*');
    return !@left;
}), 'gone') or diag("@left");

is($t->get("/v3/conversations/$c->{id}")->verdict(), '404 CONVERSATION_003',
    'conversation gone');
is($t->get('/v3/conversations')->data()->{pagination}{total_count}, 0,
    'list empty');

my %unbounded;

for my $key ($t->{redis}->keys('sc:{*')) {
    next unless $key =~ /^sc:\{\d+\}:(\w+)/;
    $unbounded{$1} = 1 if $t->{redis}->command('PTTL', $key) < 0;
}

delete @unbounded{keys %for_ever};
is(join(' ', sort keys %unbounded), '', 'all else has its end');

# a late report brings nothing back

my ($post) = $t->{receiver}->requests('/carrier/whatsapp');

is($t->status($post->{headers}{'idempotency-key'}, 'read')->status(), 200,
    'late report');
is($t->status(undef, 'read', id => "own-$post->{n}")->status(), 200,
    'late report by the other id');
is(scalar(my @back = grep { /^sc:\{\d+\}:(?:m|r|i):/ }
    $t->{redis}->keys('sc:*')), 0, 'nothing comes back');

# the contact writes again: all begins anew, the name is remembered

ok($t->opened(), 'a new window');
