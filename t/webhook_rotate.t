#!/usr/bin/perl

# Tests for rotate-secret: the new secret is shown once, the former ones sign
# on for a day, and a repeat rotates no second time.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Sign qw(webhook_signature);

my $t = setup();
my $two = $t->node('two');
my $uri = '/v3/webhooks';

sub create {
    my ($path, %arg) = @_;

    my $hook = $t->post($uri, body => { display_name => $path,
        endpoint_url => $t->url($path), event_types => ['conversation'],
        event_filters => { conversation => ['started'] }, %arg })->data();

    push @{$t->{secrets}}, $hook->{signing_secret};

    return $hook;
}

sub rotate {
    my ($hook, %how) = @_;

    my $answer = $t->post("$uri/$hook->{id}/rotate-secret", %how);
    my $secret = ($answer->data() || {})->{signing_secret};

    push @{$t->{secrets}}, $secret if defined $secret;

    return $answer;
}

my $n = 0;

# the requests of one event, of a contact of its own

sub event {
    my ($path, $attempts) = @_;

    my $from = $t->contact(++$n);

    $t->opened(from => $from);

    my @got;

    ok(wait_for(10, sub {
        @got = grep { $_->{event}{payload}{contact} eq $from }
            $t->arrivals($path);
        return @got >= ($attempts || 1);
    }), "event $n at $path");

    return @got;
}

# which secrets have signed: of the list, and of the one value

sub signers {
    my ($request, $hook, @secrets) = @_;

    my %h = %{$request->{headers}};
    my @list = split(/ /, $h{'webhook-signature'});
    my $find = sub {
        my ($signature, $id) = @_;
        my ($i) = grep { webhook_signature($secrets[$_], $id,
            $h{'webhook-timestamp'}, $request->{body}) eq $signature }
            0 .. $#secrets;
        return $i // '?';
    };

    return join(' ', map { $find->($_, $h{'webhook-id'}) } @list) . ' / '
        . $find->($h{'x-webhook-signature'}, $hook->{id});
}

my $hook = create('/hook');
my @secrets = ($hook->{signing_secret});

is(signers((event('/hook'))[0], $hook, @secrets), '0 / 0', 'one signs');

# rotated

my $answer = rotate($hook, body => {});

is($answer->verdict(), '200', 'rotate');
is_deeply([keys %{$answer->data()}], ['signing_secret'], 'its secret');
like($answer->data()->{signing_secret}, qr!^whsec_[A-Za-z0-9+/]{43}=$!,
    'of the same kind');
push @secrets, $answer->data()->{signing_secret};
is($t->get("$uri/$hook->{id}")->data()->{signing_secret}, undef,
    'never again');
is(signers((event('/hook'))[0], $hook, @secrets), '1 0 / 1',
    'both sign, the new one first');

# without a body; the first one still has its day

push @secrets, rotate($hook)->data()->{signing_secret};
is(signers((event('/hook'))[0], $hook, @secrets), '2 1 0 / 2', 'three');

# a day later

my $key = "sc:{$t->{customer}}:webhooks";

sub record {
    return JSON::PP->new->utf8->decode($t->{redis}->command('HGET', $key,
        $hook->{id}));
}

sub age {
    my ($i) = @_;

    my $record = record();

    $record->{old}[$i]{until} = int(time() * 1000) - 1;
    $t->{redis}->command('HSET', $key, $hook->{id}, json($record));
    $t->{redis}->command('PUBLISH', 'sc:changed', $t->{customer});
}

ok(abs(record()->{old}[0]{until} - time() * 1000 - 86400000) < 60000,
    'a day');
age(1);
ok(wait_for(10, sub { signers((event('/hook'))[0], $hook, @secrets)
    eq '2 1 / 2' }), 'over');
push @secrets, rotate($hook)->data()->{signing_secret};
is(scalar(@{record()->{old}}), 2, 'and gone with the next change');

push @secrets, rotate($hook)->data()->{signing_secret} for 1 .. 4;
is(signers((event('/hook'))[0], $hook, @secrets), '7 6 5 4 3 / 7',
    'four former ones at most');

# who compares one value, and has the former secret: an event that is refused
# comes again with its signature

my $strict = create('/strict');
my @both = ($strict->{signing_secret}, rotate($strict)->data()
    ->{signing_secret});

$t->{receiver}->script('/strict', { status => 401 }, { status => 401 });
is(join(', ', map { signers($_, $strict, @both) } event('/strict', 3)),
    '1 0 / 1, 1 0 / 0, 1 0 / 1', 'turn about');

# a repeat: the first answer, without the secret

my $repeated = create('/repeated');
my $first = rotate($repeated, body => {}, idem => 'once')->data();
my $again = rotate($repeated, body => {}, idem => 'once', node => $two);

is($again->status(), 200, 'repeated');
is($again->header('idempotent-replayed'), 'true', 'the first answer');
is_deeply($again->data(), { signing_secret => undef }, 'shown once');
is(signers((event('/repeated'))[0], $repeated,
    $repeated->{signing_secret}, $first->{signing_secret}), '1 0 / 1',
    'rotated once');

# its node died behind the write: the repeat shows what was written

$t->{redis}->command('HDEL', "sc:idem:$t->{customer}:once", 's', 'b');
$again = rotate($repeated, body => {}, idem => 'once', node => $two);
is_deeply([$again->status(), $again->header('idempotent-replayed'),
    $again->data()], [200, undef, $first], 'not rotated again');
is(signers((event('/repeated'))[0], $repeated,
    $repeated->{signing_secret}, $first->{signing_secret}), '1 0 / 1',
    'nothing else signs');

# no secret in what is kept

is(scalar(grep { /whsec_/ } map { @{$t->{redis}->command('HVALS', $_)} }
    $t->{redis}->keys('sc:idem:*')), 0, 'none kept');
