#!/usr/bin/perl

# Tests for channels: which a send may name, which it takes by itself, and
# the number it leaves from.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup();

sub from_carrier {
    my ($channel, $n) = @_;

    my @posts = $t->{receiver}->wait_requests("/carrier/$channel", $n);

    return JSON::PP->new->utf8->decode($posts[$n - 1]{body});
}

my $c = $t->opened(channel => 'sms');

is($c->{channel}, 'sms', 'channel');
is_deeply($c->{channels}, ['sms'], 'channels');

is($t->send()->data()->{channel}, 'sms', 'the only channel');
is($t->send(channel => 'sms')->data()->{channel}, 'sms', 'named');
is($t->send(channel => 'whatsapp')->verdict(), '422 BUSINESS_007',
    'not written on');
is($t->send(channel => 'rcs')->verdict(), '422 BUSINESS_007', 'nor there');

# the last one is taken, all may be named

$t->inbound(channel => 'whatsapp');

is($t->send()->data()->{channel}, 'whatsapp', 'the last channel');
is($t->send(channel => 'sms')->data()->{channel}, 'sms', 'an earlier one');

$c = $t->open();

is($c->{channel}, 'whatsapp', 'channel now');
is_deeply([sort @{$c->{channels}}], ['sms', 'whatsapp'], 'both');

$t->inbound(channel => 'rcs');

is($t->send()->data()->{channel}, 'rcs', 'rcs');

my $post = from_carrier('rcs', 1);

is($post->{channel}, 'rcs', 'rcs carrier');
is($post->{from}, $t->{numbers}{rcs}, 'rcs number');
is(from_carrier('sms', 3)->{from}, $t->{numbers}{sms}, 'sms number');

# lengths, in characters of the channel the message leaves on

for my $case (['sms', 1600], ['whatsapp', 4096], ['rcs', 3072]) {
    my ($channel, $max) = @$case;

    is($t->send(channel => $channel, body => "\x{e4}" x $max)->verdict(),
        '202', "$channel at its length");
    is($t->send(channel => $channel, body => 'x' x ($max + 1))->verdict(),
        '400 VALIDATION_005', "$channel over its length");
}

is($t->send(body => 'x' x 3073)->verdict(), '400 VALIDATION_005',
    'length of the channel taken');

# the number the contact last wrote to on that channel

my $second = '+14155559999';

$t->bind_number('sms', $second, $t->{customer});
$t->inbound(channel => 'sms', to => $second);
$t->send(channel => 'sms', body => 'from the second number');

my @posts = $t->{receiver}->wait_requests('/carrier/sms', 5);
my ($last) = grep { $_->{text} eq 'from the second number' }
    map { JSON::PP->new->utf8->decode($_->{body}) } @posts;

is($last->{from}, $second, 'number last written to');
is($t->open()->{number}, $second, 'number of the conversation');

# a new window knows only its own channels

$t->end($t->open()->{id});
$t->inbound(channel => 'whatsapp');

is($t->send(channel => 'sms')->verdict(), '422 BUSINESS_007',
    'channel of the window before');
is($t->send()->data()->{channel}, 'whatsapp', 'channel of this window');

# a number that is taken away from us

$t->admin('DELETE', "/numbers/whatsapp/$t->{numbers}{whatsapp}");

is($t->inbound()->data()->{accepted}, 0, 'inbound to a number of nobody');
