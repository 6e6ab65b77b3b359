#!/usr/bin/perl

# Tests for the sandbox flag: every check, and nothing done.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use JSON::PP ();

my $t = setup();
my $true = JSON::PP::true;

$t->webhook('/hook');

my $c = $t->opened();
my $other = $t->contact(2);

$t->wait_events('/hook', 3);

# deliveries are done: what is in Redis is at rest

ok(wait_for(10, sub { !$t->{redis}->keys('sc:*:q:*') }), 'at rest');

my $before = $t->{redis}->dump();

sub done {
    my ($name, $verdict, $answer) = @_;

    is($answer->verdict(), $verdict, $name);
    is($answer->header('x-sandbox'), 'true', "$name - header")
        if $answer->status() < 300;
}

done('send', '202', $t->send(sandbox => $true));
done('send with key', '202', $t->send(sandbox => $true, idem => 'a'));
done('close', '200', $t->end($c->{id}, body => { sandbox => $true }));
done('webhook', '201', $t->post('/v3/webhooks', body => { sandbox => $true,
    display_name => 'x', endpoint_url => $t->url('/x'),
    event_types => ['message'] }));

# every check

done('no window', '422 CONVERSATION_001',
    $t->send(sandbox => $true, to => $other));
done('channel', '422 BUSINESS_007',
    $t->send(sandbox => $true, channel => 'rcs'));
done('number', '400 VALIDATION_002', $t->send(sandbox => $true, to => 'x'));
done('length', '400 VALIDATION_005',
    $t->send(sandbox => $true, body => 'x' x 4097));
done('read key', '403 AUTH_004',
    $t->send(sandbox => $true, key => $t->{read_key}));
done('unknown', '404 CONVERSATION_003', $t->end(
    '017f22e2-79b0-7cc3-98c4-dc0c0c07398f', body => { sandbox => $true }));
done('webhook form', '400 VALIDATION_006', $t->post('/v3/webhooks', body => {
    sandbox => $true, display_name => 'x', endpoint_url => $t->url('/x'),
    event_types => ['fax'] }));

my $data = $t->send(sandbox => $true)->data();

is($data->{conversation_id}, $c->{id}, 'answers as if');
is($data->{conversation_expires_at}, $c->{expires_at}, 'with the deadline');
is($data->{status}, 'QUEUED', 'and the status');

is_deeply($t->{redis}->dump(), $before, 'nothing written');
is(scalar($t->{receiver}->requests('/carrier/whatsapp')), 0, 'nothing sent');
is(scalar(my @events = $t->events('/hook')), 3, 'nothing told');

# false is none

is($t->send(sandbox => JSON::PP::false)->header('x-sandbox'), undef, 'false');
is(scalar($t->{receiver}->wait_requests('/carrier/whatsapp', 1)), 1, 'sent');
