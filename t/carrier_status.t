#!/usr/bin/perl

# Tests for what carriers report of our messages: in any order, early, late,
# twice, or of somebody else's.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(rfc3339 uuid4);

my $t = setup();
my $hook = $t->webhook('/hook', event_types => ['message'], event_filters =>
    { message => [qw(sent delivered read failed)] });

my $c = $t->opened();
my $conv = $c->{id};
my $number = $t->{numbers}{whatsapp};

sub sent {
    my $id = $t->send()->data()->{message_id};

    $t->wait_event('/hook', 'message.sent', message_id => $id);

    return $id;
}

sub history {
    my ($id) = @_;

    my ($m) = grep { $_->{id} eq $id } $t->transcript($conv);

    return join(' ', map { $_->{status} } @{$m->{events}});
}

sub told {
    my ($id) = @_;

    return join(' ', map { $_->{event} =~ s/^message\.//r }
        $t->events('/hook', message_id => $id));
}

# backwards: nothing changes

my $id = sent();

$t->status($id, 'read');
$t->wait_event('/hook', 'message.read', message_id => $id);
$t->status($id, 'delivered');
$t->status($id, 'sent');
$t->status($id, 'failed');
$t->status($id, 'read');

my $last = sent();

is(history($id), 'QUEUED SENT READ', 'never backwards');
is(told($id), 'sent read', 'told once');

# an error

$id = sent();
$t->status($id, 'failed', error => { code => '131047', title => 'too late' });

my $failed = $t->wait_event('/hook', 'message.failed', message_id => $id);

is_deeply($failed->{payload}{error},
    { code => '131047', title => 'too late' }, 'error');
$t->status($id, 'delivered');
is(history($id), 'QUEUED SENT FAILED', 'failed is the end');

# before our own SENT

$t->{receiver}->script('/carrier/whatsapp', { delay => 1,
    body => '{"id":"early-1"}' });
$id = $t->send()->data()->{message_id};
ok(wait_for(5, sub { grep { $_->{headers}{'idempotency-key'} eq $id }
    $t->{receiver}->requests('/carrier/whatsapp') }), 'on its way');
is($t->status($id, 'delivered')->data()->{accepted}, 1, 'early by our id');
is($t->status(undef, 'read', id => 'early-1')->status(), 200,
    'early by its own id');
$t->wait_event('/hook', 'message.read', message_id => $id);
ok(wait_for(5, sub { history($id) =~ /READ/ }), 'early ones count');
unlike(history($id), qr/READ.*(?:SENT|DELIVERED)/, 'and stay');
unlike(told($id), qr/(?:delivered|read).*sent/, 'events do not run backwards');

# by the carrier's id: both numbers are needed

$t->{receiver}->default('/carrier/whatsapp', body => '{"id":"own-%%N%%"}');
$id = sent();

my ($post) = grep { $_->{headers}{'idempotency-key'} eq $id }
    $t->{receiver}->requests('/carrier/whatsapp');
my $own = "own-$post->{n}";

is($t->status(undef, 'delivered', id => $own, to => $t->contact(7))->status(),
    200, 'of another contact');
is($t->carrier('whatsapp', { id => $own, status => 'delivered' })
    ->data()->{skipped}, 1, 'without numbers');
is($t->status(undef, 'delivered', id => $own)->data()->{accepted}, 1,
    'with both');
ok($t->wait_event('/hook', 'message.delivered', message_id => $id),
    'by its own id');

# somebody else's

$id = sent();

is($t->status($id, 'read', channel => 'sms')->data()->{accepted}, 0,
    'of another carrier');
$t->status(uuid4(), 'read');
$t->status('017f22e2-79b0-7cc3-98c4-dc0c0c07398f', 'read');
is($t->carrier('whatsapp', { message_id => $id, from => $number,
    to => $t->contact(), status => 'unheard of' })->data()->{skipped}, 1,
    'unknown status');
$t->status($id, 'delivered', timestamp => rfc3339(time() - 5));
$t->wait_event('/hook', 'message.delivered', message_id => $id);
is(told($id), 'sent delivered', 'only our own');

# after the conversation's end

$t->end($conv);
$t->status($id, 'read');
ok($t->wait_event('/hook', 'message.read', message_id => $id), 'late');
