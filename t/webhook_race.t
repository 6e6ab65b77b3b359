#!/usr/bin/perl

# Tests for changes of one webhook that meet: none undoes another, whichever
# node it comes from, and a 410 among them is not lost.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::HTTP ();

my $t = setup(workers => 2);
my $two = $t->node('two');
my @nodes = ($t->{nginx}, $two);
my $uri = '/v3/webhooks';

sub change {
    my ($hook, $body, $method, $path) = @_;

    return $t->api_bytes($method // 'PUT', "$uri/$hook->{id}" . ($path // ''),
        body => $body);
}

# many at once, on both nodes; the answers

sub many {
    my (@bytes) = @_;

    my @c;

    for my $i (0 .. $#bytes) {
        my $c = SentConv::HTTP->new($nodes[$i % 2]->port()) or next;
        $c->write($bytes[$i]);
        push @c, $c;
    }

    return map { $_->answer() } @c;
}

sub create {
    my ($path) = @_;

    my $made = $t->post($uri, body => { display_name => $path,
        endpoint_url => $t->url($path),
        event_types => ['conversation', 'message'] })->data();

    push @{$t->{secrets}}, $made->{signing_secret};

    return $made;
}

# a field for each: all of them are there in the end

my $hook = create('/hook');

for my $round (1 .. 20) {
    my %body = (display_name => "name $round", retry_count => 1 + $round % 5,
        timeout_seconds => 5 + $round, rate_limit => $round,
        event_filters => { message => [$round % 2 ? 'sent' : 'read'] },
        endpoint_url => $t->url("/hook?$round"));
    my @answers = many(map { change($hook, { $_ => $body{$_} }) }
        sort keys %body);

    is(scalar(grep { $_->status() == 200 } @answers), 6, "round $round");

    my $is = $t->get("$uri/$hook->{id}", node => $nodes[$round % 2])->data();

    is_deeply({ map { $_ => $is->{$_} } keys %body }, \%body,
        "round $round - all");
}

# rotations: each secret that was shown signs, as many as there may be

my %shown = map { $_ => 1 } $hook->{signing_secret},
    map { $_->data()->{signing_secret} } many(map {
        change($hook, {}, 'POST', '/rotate-secret') } 1 .. 4);

push @{$t->{secrets}}, keys %shown;

my $record = JSON::PP->new->utf8->decode($t->{redis}->command('HGET',
    "sc:{$t->{customer}}:webhooks", $hook->{id}));

is_deeply([sort $record->{secret}, map { $_->{secret} } @{$record->{old}}],
    [sort keys %shown], 'no rotation lost');

# a 410 comes while names change; then it is off, and the name the last

for my $round (1 .. 5) {
    my $gone = create("/gone$round");

    $t->{receiver}->script("/gone$round", { status => 410, delay => 0.02 });
    $t->opened(from => $t->contact($round));

    my @answers = many(map { change($gone,
        { display_name => "name $_" }) } 1 .. 30);

    is(scalar(grep { $_->status() == 200 } @answers), 30, "renamed $round");
    $t->api('PUT', "$uri/$gone->{id}", body => { display_name => 'last' });

    my $is;

    ok(wait_for(10, sub {
        $is = $t->get("$uri/$gone->{id}")->data();
        return !$is->{is_active};
    }), "disabled $round");
    is($is->{display_name}, 'last', "name $round");
    like($is->{disabled_reason}, qr/410/, "reason $round");
}

# deleted while it changes: it does not come back

for my $round (1 .. 10) {
    my $gone = create('/deleted');
    my @bytes = map { change($gone, { display_name => "name $_" }) } 1 .. 10;

    # where it was created: the other node may not know it yet
    splice(@bytes, 4, 0, $t->api_bytes('DELETE', "$uri/$gone->{id}"));

    my @answers = many(@bytes);

    is(scalar(grep { $_->status() !~ /^(?:200|204|404)$/ } @answers), 0,
        "deleted $round");
    is($t->{redis}->command('HEXISTS', "sc:{$t->{customer}}:webhooks",
        $gone->{id}), 0, "gone $round");
}
