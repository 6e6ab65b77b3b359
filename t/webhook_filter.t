#!/usr/bin/perl

# Tests for which events an endpoint is sent: its types, its filters, and
# nothing after it is deleted.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(workers => 4);

my %hooks = (
    all => [event_types => ['conversation', 'message']],
    conv => [event_types => ['conversation']],
    mess => [event_types => ['message']],
    ends => [event_types => ['conversation'],
        event_filters => { conversation => ['started', 'ended'] }],
    some => [event_types => ['conversation', 'message'],
        event_filters => { message => ['sent'] }],
);

$t->webhook("/$_", @{$hooks{$_}}) for sort keys %hooks;

my $c = $t->opened();

$t->send();
ok($t->wait_event('/all', 'message.sent'), 'sent');
$t->end($c->{id});
ok($t->wait_event("/$_", 'conversation.ended'), "ended at $_")
    for qw(all conv ends some);
ok($t->wait_event('/mess', 'message.sent'), 'sent at mess');

sub got {
    return join(' ', sort map { $_->{event} } $t->events("/$_[0]"));
}

my @conv = map { "conversation.$_" }
    qw(ended message_exchanged message_exchanged started);
my @mess = map { "message.$_" } qw(queued received sent);

is(got('all'), "@conv @mess", 'all');
is(got('conv'), "@conv", 'conversation only');
is(got('mess'), "@mess", 'message only');
is(got('ends'), 'conversation.ended conversation.started', 'filtered');
is(got('some'), "@conv message.sent", 'filter of one of two');

# the sequence counts what the filter does not take

is(join(' ', map { $_->{payload}{sequence} } $t->events('/ends')), '1 4',
    'sequence');

# a deleted endpoint is sent nothing more; a new one at once, by each worker

my ($all) = grep { $_->{display_name} eq 'hook /all' } values %{$t->{hooks}};

is($t->api('DELETE', "/v3/webhooks/$all->{id}")->status(), 204, 'delete');

my $before = () = $t->events('/all');

$t->webhook('/new');

http_many($t->{nginx}->port(), [map { $t->carrier_bytes('whatsapp',
    json($t->message(from => $t->contact($_)))) } 11 .. 30]);

is(scalar($t->wait_events('/conv', 44)), 44, 'others go on');
is(scalar($t->wait_events('/new', 60)), 60, 'new one at once');
is(scalar(my @after = $t->events('/all')), $before, 'deleted one at once');

# what waits for a deleted endpoint goes with it

my $dead = $t->webhook('/dead', retry_count => 5);

$t->{receiver}->script('/dead', { status => 500, repeat => 1 });
$t->opened(from => $t->contact(40));
$t->{receiver}->wait_requests('/dead', 2);
is($t->api('DELETE', "/v3/webhooks/$dead->{id}")->status(), 204,
    'delete while it waits');
ok(wait_for(15, sub {
    my @lanes = grep { /\Q$dead->{id}\E/ } $t->{redis}->keys('sc:*:q:*');
    return !@lanes;
}), 'its lane is gone');
