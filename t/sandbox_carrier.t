#!/usr/bin/perl

# Tests for the sandbox carrier: it is sent what we send, shows it, and
# plays the contact.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(server => <<'EOF');

        location /sandbox/ {
            sent_conv_sandbox;
        }

        location = /carriers/play {
            sent_conv_carrier play sms generic;
            sent_conv_carrier_secret %%TESTDIR%%/carrier.secret;
        }

        location = /deliver/play {
            internal;
            sent_conv_deliver carrier play;
            proxy_pass http://127.0.0.1:%%PORT_0%%/sandbox/carrier/sms;
        }
EOF

my $port = $t->{nginx}->port();
my $number = '+14155557171';

$t->bind_number('sms', $number, $t->{customer}, 'play');

sub outbox {
    my ($query) = @_;

    my $answer = http($port, 'GET', '/sandbox/outbox' . ($query // ''));

    return $answer->json();
}

is_deeply(outbox(), [], 'empty');

my $answer = http($port, 'POST', '/sandbox/messages', body => {
    channel => 'sms', from => $t->contact(), to => $number,
    text => 'I play the contact' });

like($answer->status(), qr/^20\d$/, 'played');

my $c = $t->open();

is($c->{channel}, 'sms', 'window opened');

my @ids = map { $t->send(body => "message $_ to the sandbox")->data()
    ->{message_id} } 1 .. 5;

ok(wait_for(10, sub { @{outbox()} == 5 }), 'all there');

my $all = outbox();

is(join(' ', map { $_->{message_id} } @$all), join(' ', reverse @ids),
    'newest first');
is(join(' ', map { $_->{message_id} } @{outbox('?limit=2')}),
    join(' ', reverse @ids[3, 4]), 'limit');

my $first = $all->[-1];

ok(abs($first->{received_at} / 1000 - time()) < 10, 'received at, in ms');
delete $first->{received_at};
is_deeply($first, { message_id => $ids[0], conversation_id => $c->{id},
    from => $number, to => $t->contact(), channel => 'sms', type => 'text',
    text => 'message 1 to the sandbox', template => undef },
    'what was posted');
is($t->wait_status($c->{id}, $ids[0], 'SENT'), 'SENT', 'sent');

http($port, 'POST', '/sandbox/messages', body => { channel => 'sms',
    from => $t->contact(), to => $number, text => 'stop' });
is($t->conversation($c->{id})->{close_reason}, 'COMPLIANCE_STOP',
    'STOP is played, too');

# wrong requests

like(http($port, 'POST', '/sandbox/messages', body => $_)->status(),
    qr/^4\d\d$/, 'refused ' . json($_)) for {}, [], { from => 1 },
    { from => $t->contact(), to => $number, channel => 'fax', text => 'x' },
    { from => 'me', to => $number, channel => 'sms', text => 'x' };
is(http($port, 'GET', '/sandbox/nothing')->status(), 404, 'no such path');
like(http($port, 'GET', '/sandbox/outbox?limit=x')->status(),
    qr/^(?:200|400)$/, 'odd limit');
