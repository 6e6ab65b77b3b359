#!/usr/bin/perl

# Tests for bodies as they may come: in pieces, chunked, in a temporary
# file, and too long.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(server => <<'EOF');

        location /small/ {
            client_body_buffer_size 1k;
            rewrite ^/small(/.*)$ $1 break;
            sent_conv_api;
        }

        location = /carriers/file {
            client_body_in_file_only clean;
            sent_conv_carrier wa-file whatsapp generic;
            sent_conv_carrier_secret %%TESTDIR%%/carrier.secret;
        }

        location = /deliver/file {
            internal;
            sent_conv_deliver carrier wa-file;
            proxy_pass http://127.0.0.1:%%RECEIVER%%/carrier/file;
        }
EOF

my $port = $t->{nginx}->port();
my $uri = '/v3/conversations/messages';

sub pieces {
    my ($bytes, @at) = @_;

    my $c = SentConv::HTTP->new($port);
    my $from = 0;

    for my $at (@at, length($bytes)) {
        $c->write(substr($bytes, $from, $at - $from));
        $from = $at;
        sleep(0.002);
    }

    return $c->answer();
}

# an inbound in pieces at every byte of its body

my $bytes = $t->carrier_bytes('whatsapp',
    json($t->message(text => "gr\x{fc}\x{df} dich")));
my $head = index($bytes, "\r\n\r\n") + 4;

is(pieces($bytes, $head .. length($bytes) - 1)->verdict(), '200',
    'byte for byte');
is(pieces($bytes, 1 .. $head)->data()->{duplicates}, 1, 'head byte for byte');
is(($t->transcript($t->open()->{id}))[0]{message_body}{content},
    "gr\x{fc}\x{df} dich", 'text');

# a send, split at each of its bytes in turn

my $n = 0;
my $wrong = '';
my $send = $t->send_bytes(body => "a\x{e9}\x{1f600}z");

$head = index($send, "\r\n\r\n") + 4;

for my $at ($head .. length($send) - 1) {
    my $answer = pieces($send, $at);

    $wrong .= " $at" if !$answer || $answer->status() != 202;
    $n++;
}

is($wrong, '', 'split at every byte');

# chunked, also in tiny chunks

my $text = 'x' x 3000;
my $body = json({ to => $t->contact(), body => $text });

for my $chunks ([$body], [split(/(?<=.)/s, substr($body, 0, 60)),
    substr($body, 60)])
{
    my $answer = $t->post($uri, body => SentConv::HTTP::chunked(@$chunks),
        headers => { 'Transfer-Encoding' => 'chunked' });

    is($answer->verdict(), '202', scalar(@$chunks) . ' chunks');
    $n++;
}

# in a file

is($t->post("/small$uri", body => $body)->verdict(), '202', 'larger than the'
    . ' buffer');
is($t->post("/small$uri", body => SentConv::HTTP::chunked($body),
    headers => { 'Transfer-Encoding' => 'chunked' })->verdict(), '202',
    'chunked, larger than the buffer');

$bytes = $t->api_bytes('POST', "/small$uri", body => $body);
is(pieces($bytes, map { $_ * 500 } 1 .. 6)->verdict(), '202',
    'pieces, larger than the buffer');
$n += 3;

$t->bind_number('whatsapp', '+14155557777', $t->{customer}, 'wa-file');
is($t->carrier('file', $t->message(to => '+14155557777',
    text => "in a file \x{2713}"))->data()->{accepted}, 1,
    'inbound in a file');
is($t->carrier('file', [map { $t->message(to => '+14155557777',
    text => 'y' x 3000) } 1 .. 300])->data()->{accepted}, 300,
    'a megabyte in a file');

my @posts = $t->{receiver}->wait_requests('/carrier/whatsapp', $n);

is(scalar(@posts), $n, 'all sent');
is(scalar(grep { JSON::PP->new->utf8->decode($_->{body})->{text} eq $text }
    @posts), 5, 'long texts whole');

# too long: at the limit, beside it, and declared only

sub sized {
    my ($size) = @_;

    my $json = json({ to => $t->contact(), body => 'sized', pad => '' });

    return $json =~ s/"pad":""/'"pad":"' . 'p' x ($size - length($json))
        . '"'/er;
}

is(length(sized(65536)), 65536, 'size');
is($t->post($uri, body => sized(65536))->verdict(), '202', '64 KiB');
is($t->post($uri, body => sized(65537))->verdict(), '413 VALIDATION_001',
    '64 KiB + 1');
is($t->post("/small$uri", body => sized(65537))->verdict(),
    '413 VALIDATION_001', '64 KiB + 1 in a file');
is($t->post($uri, body => SentConv::HTTP::chunked(sized(65537)),
    headers => { 'Transfer-Encoding' => 'chunked' })->verdict(),
    '413 VALIDATION_001', '64 KiB + 1 chunked');

my $answer = $t->carrier('whatsapp', '[' . ' ' x (4 * 1024 * 1024) . ']');

is($answer->verdict(), '413 VALIDATION_001', 'carrier over 4 MiB');
unlike($answer->body(), qr/<html/i, 'no page of nginx');

# what stands behind a refused request on the same connection is read as one

my $c = SentConv::HTTP->new($port);

$c->write($t->api_bytes('POST', $uri, body => { to => 1, body => 'x' },
    headers => { Connection => 'keep-alive' }) x 2
    . $t->api_bytes('GET', '/v3/conversations',
        headers => { Connection => 'keep-alive' }) x 2);

is(join(' ', map { $c->answer()->status() } 1 .. 4), '400 400 200 200',
    'pipelined');
$c->close();

# a client that goes away in the middle

$c = SentConv::HTTP->new($port);
$c->write(substr($send, 0, length($send) - 3));
$c->close();

# or before the answer

for (1 .. 20) {
    $c = SentConv::HTTP->new($port);
    $c->write($t->send_bytes(body => 'gone before the answer'));
    $c->close();
}

is($t->get('/v3/conversations')->status(), 200, 'still there');
