#!/usr/bin/perl

# Tests for what is counted of windows, messages and consent: once each, by
# whoever caused it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $t = setup(workers => 2, window => '3s');
my $messages = 'sent_conv_messages_total';

$t->webhook('/hook');

# opened by an inbound; a send and what becomes of it

my $before = $t->metrics();
my $c = $t->opened(channel => 'sms');

$t->inbound(channel => 'sms', text => 'once more');

my $in = $t->message(channel => 'sms', text => 'twice');

$t->carrier('sms', $in) for 1 .. 2;

my $sent = $t->send()->data()->{message_id};

$t->send(sandbox => JSON::PP::true());
$t->send(idem => 'same', body => 'sent once') for 1 .. 3;
$t->wait_status($c->{id}, $sent, 'SENT');
$t->status($sent, 'delivered', channel => 'sms') for 1 .. 2;
$t->status($sent, 'read', channel => 'sms');

$t->grew($before, 'a window',
    [1, 'sent_conv_windows_opened_total', trigger => 'inbound'],
    [0, 'sent_conv_windows_opened_total', trigger => 'template_reply'],
    [3, $messages, channel => 'sms', status => 'received'],
    [2, $messages, channel => 'sms', status => 'queued'],
    [2, $messages, channel => 'sms', status => 'sent'],
    [1, $messages, channel => 'sms', status => 'delivered'],
    [1, $messages, channel => 'sms', status => 'read'],
    [0, $messages, channel => 'whatsapp'],
    [0, 'sent_conv_windows_ended_total']);

# it ends by itself, once, and in time

my $late = 'sent_conv_window_expiry_delay_seconds';

ok($t->wait_event('/hook', 'conversation.ended'), 'ended');
$t->grew($before, 'expired',
    [1, 'sent_conv_windows_ended_total', reason => 'expired'],
    [1, 'sent_conv_windows_ended_total'], [1, "${late}_count"]);
cmp_ok($t->metrics()->value("${late}_sum"), '<', seconds(1), 'in time');

# by a close, of which there are many

$before = $t->metrics();
$c = $t->opened();
$t->end($c->{id}, body => { sandbox => JSON::PP::true() });
$t->end($c->{id}) for 1 .. 3;

$t->grew($before, 'closed',
    [1, 'sent_conv_windows_ended_total', reason => 'explicit'],
    [1, 'sent_conv_windows_ended_total']);

# by a STOP, which cancels what waits

$before = $t->metrics();
$t->{receiver}->script('/carrier/whatsapp', { status => 503, repeat => 1 });
$t->opened();
$t->send() for 1 .. 3;
$t->{receiver}->wait_requests('/carrier/whatsapp', 1);
wait_for(5, sub { $t->metrics()->value('sent_conv_deliveries_in_flight',
    kind => 'carrier') == 0 });
$t->inbound(text => 'STOP');
$t->inbound(text => 'stop!');
$t->{redis}->tick();
$t->inbound(text => 'START');

$t->grew($before, 'stopped',
    [1, 'sent_conv_windows_ended_total', reason => 'compliance_stop'],
    [2, 'sent_conv_windows_opened_total', trigger => 'inbound'],
    [1, 'sent_conv_opt_outs_total', source => 'keyword'],
    [1, 'sent_conv_opt_outs_total'],
    [1, 'sent_conv_opt_ins_total', source => 'keyword'],
    [1, 'sent_conv_opt_ins_total'],
    [3, $messages, channel => 'whatsapp', status => 'filtered']);

# by the business

$before = $t->metrics();

my $contact = $t->get('/v3/contacts?search=%2B16505550001')
    ->data()->{contacts}[0];

$t->api('PATCH', "/v3/contacts/$contact->{id}",
    body => { opt_out => JSON::PP::true() }) for 1 .. 2;
$t->{redis}->tick();
$t->api('PATCH', "/v3/contacts/$contact->{id}",
    body => { opt_out => JSON::PP::false() });

$t->grew($before, 'by the API',
    [1, 'sent_conv_opt_outs_total', source => 'api'],
    [1, 'sent_conv_opt_ins_total', source => 'api'],
    [1, 'sent_conv_windows_ended_total', reason => 'compliance_stop']);

# templates: to one who has opted out, and the answer to one

$before = $t->metrics();
$t->{receiver}->default('/carrier/sms', status => 200);

my $template = $t->template();

$t->inbound(text => 'STOP', from => $t->contact(9));
$t->broadcast([map { $t->contact($_) } 7 .. 9], template => $template,
    channel => ['sms'], idem => 'many') for 1 .. 2;
$t->{receiver}->wait_requests('/carrier/sms', 2);
$t->inbound(channel => 'sms', from => $t->contact(7));

# freeform where there is no window

$t->broadcast($t->contact(8), text => 'nobody asked', channel => ['sms']);

$t->grew($before, 'templates',
    [3 + 1, $messages, channel => 'sms', status => 'queued'],
    [2, $messages, channel => 'sms', status => 'sent'],
    [1, $messages, channel => 'sms', status => 'filtered'],
    [1, $messages, channel => 'sms', status => 'blocked'],
    [1, 'sent_conv_windows_opened_total', trigger => 'template_reply']);

# refused by the carrier

$before = $t->metrics();
$t->{receiver}->script('/carrier/sms', { status => 400 });
$t->broadcast($t->contact(10), template => $template, channel => ['sms']);

$t->grew($before, 'failed',
    [1, $messages, channel => 'sms', status => 'failed']);

# an erased contact's window ends, too

$before = $t->metrics();
$c = $t->opened(from => $t->contact(20));
$t->api('DELETE', "/v3/contacts/$c->{contact_id}");

$t->grew($before, 'erased',
    [1, 'sent_conv_windows_ended_total', reason => 'explicit']);
