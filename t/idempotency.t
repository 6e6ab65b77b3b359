#!/usr/bin/perl

# Tests for the Idempotency-Key: a repeat gets the first answer, on any
# node, and nothing happens twice.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup();
my $two = $t->node('two');
my $other = $t->new_customer('other');
my $uri = '/v3/conversations/messages';
my $c = $t->opened();

my $first = $t->send(body => 'only once', idem => 'key-1');

is($first->verdict(), '202', 'first');
is($first->header('idempotent-replayed'), undef, 'not replayed');

my $again = $t->send(body => 'only once', idem => 'key-1');

is($again->verdict(), '202', 'repeat');
is($again->header('idempotent-replayed'), 'true', 'replayed');
is_deeply($again->data(), $first->data(), 'the same answer');
is_deeply($t->send(body => 'another text', idem => 'key-1')->data(),
    $first->data(), 'another payload');
is_deeply($t->send(body => 'only once', idem => 'key-1', node => $two)
    ->data(), $first->data(), 'on another node');
isnt($t->send(idem => 'key-2')->data()->{message_id},
    $first->data()->{message_id}, 'another key');
is($t->send(idem => 'k' x 255)->verdict(), '202', 'a long key');

is($t->send(key => $other->{key}, idem => 'key-1')->verdict(),
    '422 CONVERSATION_001', 'of another customer');

# kept: 422 and 404; not kept: 400

my $nobody = $t->contact(2);

is($t->send(to => $nobody, idem => 'early')->verdict(),
    '422 CONVERSATION_001', 'refused with 422');
$t->opened(from => $nobody);

$again = $t->send(to => $nobody, idem => 'early');
is($again->verdict(), '422 CONVERSATION_001', '422 is kept');
is($again->header('idempotent-replayed'), 'true', '422 replayed');

for my $replayed (undef, 'true') {
    my $answer = $t->end('017f22e2-79b0-7cc3-98c4-dc0c0c07398f',
        idem => 'nowhere');

    is($answer->verdict(), '404 CONVERSATION_003', 'refused with 404');
    is($answer->header('idempotent-replayed'), $replayed, '404 is kept');
}

is($t->send(to => 'wrong', idem => 'fixed')->verdict(), '400 VALIDATION_002',
    'refused with 400');
is($t->send(idem => 'fixed')->verdict(), '202', '400 is not kept');

is($t->send(key => 'nobody', idem => 'key-1')->verdict(), '401 AUTH_002',
    'key is checked first');

# the close

my $close = $t->end($c->{id}, idem => 'close-1');

is($close->verdict(), '200', 'close');

$again = $t->end($c->{id}, idem => 'close-1');
is_deeply($again->data(), $close->data(), 'close again');
is($again->header('idempotent-replayed'), 'true', 'close replayed');

# sandbox neither reads nor writes records

$t->opened();
is($t->send(sandbox => JSON::PP::true, idem => 'sandbox-1')->verdict(), '202',
    'sandbox');

my $real = $t->send(idem => 'sandbox-1');

is($real->header('idempotent-replayed'), undef, 'sandbox wrote nothing');

my $sand = $t->send(sandbox => JSON::PP::true, idem => 'sandbox-1');

is($sand->header('idempotent-replayed'), undef, 'sandbox reads nothing');

# fifty at once with one key, on two nodes: one message

my @answers = map { http_many($_->port(), [($t->send_bytes(
    body => 'fifty at once', idem => 'burst')) x 25]) } $t->{nginx}, $two;
my %ids = map { ($_->data() || {})->{message_id} // $_->verdict() => 1 }
    @answers;

is(scalar(keys %ids), 1, 'one message');
like((keys %ids)[0], qr/^[0-9a-f-]{36}$/, 'and all were told of it');

my @posts = $t->{receiver}->wait_requests('/carrier/whatsapp', 6);
my @mine = grep { $_->{body} =~ /fifty at once/ } @posts;

is(scalar(@mine), 1, 'posted once');

# the answer is lost: Redis takes the send and says nothing in time.  The
# repeat with the same key finds the same message

my @before = $t->{receiver}->requests('/carrier/whatsapp');

$t->allow(qr/sent conv/);
$t->{redis}->freeze();

my $lost = $t->send(body => 'the lost answer', idem => 'lost', timeout => 20);

like($lost->verdict(), qr/^503 SERVICE_00[12]$/, 'lost');
$t->{redis}->thaw();
$t->ready($_) for $t->{nginx}, $two;

my $found;

ok(wait_for(60, sub {
    $found = $t->send(body => 'the lost answer', idem => 'lost');
    return $found->status() == 202;
}), 'found');
$t->send(body => 'the lost answer', idem => 'lost', node => $two);

my @now = grep { $_->{body} =~ /the lost answer/ }
    $t->{receiver}->wait_requests('/carrier/whatsapp', @before + 1);

is(scalar(@now), 1, 'one message');
is($now[0]{headers}{'idempotency-key'}, $found->data()->{message_id},
    'that one');

# a webhook: made once, and its secret shown once

my %form = (display_name => 'once', endpoint_url => $t->url('/once'),
    event_types => ['message']);
my @made = map { $t->post('/v3/webhooks', body => \%form, idem => 'hook') }
    1, 2;

is($made[0]->verdict(), '201', 'webhook');
is($made[1]->verdict(), '201', 'webhook again');
is($made[1]->data()->{id}, $made[0]->data()->{id}, 'the same webhook');
ok($made[0]->data()->{signing_secret}, 'its secret');
is($made[1]->data()->{signing_secret}, undef, 'shown once');
is($t->get('/v3/webhooks')->data()->{pagination}{total_count}, 1, 'one');

push @{$t->{secrets}}, $made[0]->data()->{signing_secret};
