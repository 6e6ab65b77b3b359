#!/usr/bin/perl

# Tests for the addresses webhooks may not go to: refused when registered,
# and checked again at each delivery.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(off => ['sent_conv_webhook_allow', 'sent_conv_webhook_http']);
my $uri = '/v3/webhooks';

sub verdict {
    my ($url) = @_;

    return $t->post($uri, body => { display_name => 'x', endpoint_url => $url,
        event_types => ['conversation'] })->verdict();
}

for my $host ('127.0.0.1', '127.1.2.3', 'localhost', '10.0.0.1', '172.16.0.1',
    '172.31.255.255', '192.168.1.1', '169.254.169.254', '0.0.0.0', '0.1.2.3',
    '100.64.0.1', '192.0.0.1', '192.0.2.1', '198.18.0.1', '198.51.100.1',
    '203.0.113.1', '224.0.0.1', '240.0.0.1', '255.255.255.255', '[::1]',
    '[::]', '[fe80::1]', '[fc00::1]', '[fd12::1]', '[ff02::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:10.0.0.1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]',
    '[2001:db8::1]', '[::127.0.0.1]', '2130706433', '0x7f000001', '0177.0.0.1',
    '127.1', 'LOCALHOST', 'localhost.')
{
    like(verdict("https://$host/hook"), qr/^400 VALIDATION_00[56]$/,
        "host $host");
}

is(verdict('https://8.8.8.8/hook'), '201', 'a public one');
is(verdict('https://[2606:4700::1111]/hook'), '201', 'a public one of IPv6');
like(verdict('http://8.8.8.8/hook'), qr/^400 VALIDATION_00[56]$/,
    'plain http');

# what was registered while it was allowed is not called when it no longer is

my $two = $t->node('allowed', off => [], http => '');
my $hook = $t->webhook('/hook', node => $two, retry_count => 1);

is($two->quit(), 1, 'allowing node gone');

$t->opened();

ok(wait_for(10, sub { $t->{nginx}->log() =~ /sent conv .*given up/ }),
    'given up');
is(scalar(my @none = $t->arrivals('/hook')), 0, 'not called');

# only what is listed is allowed

$t->{nginx}->quit();

my $three = $t->node('narrow', off => ['sent_conv_webhook_allow'],
    http => '    sent_conv_webhook_allow 127.0.0.1 10.1.0.0/16;
    sent_conv_webhook_deny 10.1.9.0/24 8.8.8.8;');

$t->{nginx} = $three;
is(verdict('http://127.0.0.1/'), '201', 'listed address');
is(verdict('http://10.1.2.3/'), '201', 'listed network');
like(verdict('http://127.0.0.2/'), qr/^400/, 'not listed');
like(verdict('http://10.2.0.1/'), qr/^400/, 'not listed network');
like(verdict('http://10.1.9.1/'), qr/^400/, 'denied within what is allowed');
like(verdict('http://8.8.8.8/'), qr/^400/, 'denied in public');
like(verdict('http://[::ffff:8.8.8.8]/'), qr/^400/, 'denied, mapped');
is(verdict('http://8.8.4.4/'), '201', 'not denied');
