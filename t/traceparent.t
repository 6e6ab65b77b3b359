#!/usr/bin/perl

# Tests for the traceparent of a request: it goes on to the webhooks and the
# carrier's POSTs that the request causes, as it came, whoever delivers them.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $t = setup();
my $serial = 0;

$t->webhook('/hook', retry_count => 5);

sub trace {
    return sprintf('00-0af7651916cd43dd8448eb21%08x-b7ad6b7169203331-01',
        ++$serial);
}

sub headers {
    my ($trace) = @_;

    return headers => { traceparent => $trace };
}

# the traces of what a path was sent behind the first n: "event trace"

sub told {
    my ($path, $from, $n) = @_;

    my @all;

    wait_for(15, sub {
        @all = $t->arrivals($path);
        return @all >= $from + $n;
    });

    return join("\n", map {
        ($_->{event}{event} // 'message') . ' '
            . ($_->{headers}{traceparent} // '-')
    } @all[$from .. $#all]);
}

sub lines {
    my ($trace, @events) = @_;

    return join("\n", map { "$_ $trace" } @events);
}

# of a carrier's post

my $in = trace();

$t->carrier('whatsapp', $t->message(), headers($in));
is(told('/hook', 0, 3), lines($in, qw(message.received conversation.started
    conversation.message_exchanged)), 'inbound');

# of a client's request, at the carrier and in what follows from that

my $out = trace();
my $sent = $t->send(headers($out));

is(told('/carrier/whatsapp', 0, 1), lines($out, 'message'), 'carrier');
is(told('/hook', 3, 3), lines($out, qw(message.queued
    conversation.message_exchanged message.sent)), 'send');

# a report has its own, or none

my $report = trace();
my $id = $sent->data()->{message_id};

$t->carrier('whatsapp', { message_id => $id, status => 'delivered',
    from => $t->{numbers}{whatsapp}, to => $t->contact() }, headers($report));
is(told('/hook', 6, 1), lines($report, 'message.delivered'), 'report');
$t->status($id, 'read');
is(told('/hook', 7, 1), lines('-', 'message.read'), 'none');

# what is none

my $n = 8;

for my $bad ('', '00', '00-0-0-0', uc(trace()), trace() . '-1',
    '00-' . '0' x 32 . '-b7ad6b7169203331-01', 'ff' . substr(trace(), 2))
{
    $t->inbound();
    $t->carrier('whatsapp', $t->message(), headers($bad));
    is(told('/hook', $n, 4), lines('-', (qw(message.received
        conversation.message_exchanged)) x 2), "\"$bad\"");
    $n += 4;
}

my $body = json($t->message());
my $bytes = $t->carrier_bytes('whatsapp', $body, headers(trace()));
my $second = trace();

$bytes =~ s/(traceparent: [^\r]*\r\n)/$1traceparent: $second\r\n/i;

my $c = SentConv::HTTP->new($t->{nginx}->port(0));

$c->write($bytes);
$c->answer();
is(told('/hook', $n, 2), lines('-', qw(message.received
    conversation.message_exchanged)), 'two of them');
$n += 2;

# one of a later version

my $later = trace();

$t->carrier('whatsapp', $t->message(),
    headers('01' . substr($later, 2) . '-more'));
is(told('/hook', $n, 2), lines($later, qw(message.received
    conversation.message_exchanged)), 'a later version');
$n += 2;

# templates, consent, close, a test

my $many = trace();
my $template = $t->template();

$t->broadcast([$t->contact()], template => $template, channel => ['sms'],
    headers($many));
is(told('/carrier/sms', 0, 1), lines($many, 'message'), 'template');
is(told('/hook', $n, 2), lines($many, qw(message.queued message.sent)),
    'its events');
$n += 2;

my $close = trace();

$t->end($t->open()->{id}, headers($close));
is(told('/hook', $n, 1), lines($close, 'conversation.ended'), 'close');
$n += 1;
$t->opened();
$n += 3;

my $stop = trace();
my $contact = $t->get('/v3/contacts?search=%2B16505550001')
    ->data()->{contacts}[0];

$t->api('PATCH', "/v3/contacts/$contact->{id}",
    body => { opt_out => JSON::PP::true() }, headers($stop));
is(told('/hook', $n, 1), lines($stop, 'conversation.ended'), 'opt-out');
$n += 1;

my $test = trace();
my ($hook) = keys %{$t->{hooks}};

$t->post("/v3/webhooks/$hook/test",
    body => { event_type => 'message.sent' }, headers($test));
is(told('/hook', $n, 1), lines($test, 'message.sent'), 'test');
$n += 1;

# another node delivers it, later

my $far = trace();

$t->{receiver}->script('/carrier/whatsapp', { hang => 1 });
$t->{receiver}->script('/hook', { hang => 1, match => 'message.received' });
$t->carrier('whatsapp', $t->message(from => $t->contact(2)), headers($in));
$t->send(to => $t->contact(2), headers($far));
$t->{receiver}->wait_requests('/carrier/whatsapp', 2);
$t->{receiver}->wait_requests('/hook', $n + 1);

my $other = $t->node('other');

$t->{nginx}->crash();
$t->tolerate('duplicates');
is(told('/carrier/whatsapp', 2, 1), lines($far, 'message'),
    'carrier, from another node');
is(told('/hook', $n + 1, 6), lines($in, qw(message.received
    conversation.started conversation.message_exchanged)) . "\n"
    . lines($far, qw(message.queued conversation.message_exchanged
    message.sent)), 'webhooks, from another node');
