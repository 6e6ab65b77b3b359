#!/usr/bin/perl

# Tests that no answer at our locations is a page of nginx, whatever is
# wrong with the request.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(server => <<'EOF');

        location /sandbox/ {
            sent_conv_sandbox;
        }
EOF

my $port = $t->{nginx}->port();

sub ours {
    my ($name, $answer, $status) = @_;

    ok($answer, "$name - answered") or return;
    like($answer->status(), $status, "$name - status");
    unlike($answer->body(), qr/<html|<center/i, "$name - no page");

    return if $answer->status() == 204 || $answer->header('x-skip');

    is($answer->header('content-type'), 'application/json', "$name - type");
    is($answer->header('x-api-version'), 'v3', "$name - version");
    like($answer->header('x-request-id') // '', qr/^req_/, "$name - id");

    my $json = $answer->json();

    ok(ref $json eq 'HASH' && exists $json->{success}, "$name - envelope");
}

for my $uri ('/v3/conversations', '/v3/conversations/messages', '/v3/webhooks',
    '/v3/', '/v3/nothing', '/v3/conversations/a/b/c', '/v3/conversations/',
    '/v3//conversations', '/v3/webhooks/x/y', '/v3/%00')
{
    for my $method (qw(GET POST PUT PATCH DELETE OPTIONS PROPFIND)) {
        my $answer = $t->api($method, $uri, body => $method =~ /^P[OUA]/
            ? '{}' : undef, timeout => 5);

        next if $uri =~ /%/ && $answer && $answer->status() == 400
            && !$answer->header('x-request-id');
        ours("$method $uri", $answer, qr/^[245]\d\d$/);
        ok($answer->header('allow'), "$method $uri - allow")
            if $answer && $answer->status() == 405;
    }
}

ours("admin $_", $t->admin('GET', $_), qr/^40[045]$/)
    for '/', '/nothing', '/customers/x/y/z', '/numbers', '/numbers/sms';
ours('carrier', http($port, 'GET', '/carriers/sms'), qr/^405$/);
ours('carrier unsigned', http($port, 'POST', '/carriers/sms', body => '{}'),
    qr/^401$/);


# a body where none is expected is read and dropped

my $c = SentConv::HTTP->new($port);

$c->write($t->api_bytes('GET', '/v3/conversations', body => 'x' x 5000,
    headers => { Connection => 'keep-alive' }));
is($c->answer()->status(), 200, 'GET with a body');
$c->write($t->api_bytes('GET', '/v3/webhooks'));
is($c->answer()->status(), 200, 'and the next on its connection');

# refused before the body has come: answered all the same

$c = SentConv::HTTP->new($port);
$c->write("POST /v3/conversations/messages HTTP/1.1\r\nHost: x\r\n"
    . "Content-Length: 100\r\n\r\n{");
ours('no key, body to come', $c->answer(5), qr/^401$/);

# expect: 100-continue

$c = SentConv::HTTP->new($port);
$c->write($t->send_bytes() =~ s/\r\n\r\n/\r\nExpect: 100-continue\r\n\r\n/r);
ours('expect', $c->answer(5), qr/^422$/);

# HTTP/1.0, without a length

$c = SentConv::HTTP->new($port);
$c->write("GET /v3/conversations HTTP/1.0\r\nx-api-key: $t->{key}\r\n\r\n");
is($c->answer(5)->status(), 200, 'HTTP/1.0');

# nginx would answer conditions by a page of its own, when the work is done

my $open = $t->opened();

for my $case (['If-Match', '"1"'], ['If-None-Match', '*'],
    ['If-Unmodified-Since', 'Sat, 29 Oct 1994 19:43:31 GMT'],
    ['If-Modified-Since', 'Sat, 29 Oct 2094 19:43:31 GMT'],
    ['Range', 'bytes=0-3'])
{
    my %how = (headers => { $case->[0] => $case->[1] });

    ours("GET with $case->[0]", $t->get('/v3/conversations', %how), qr/^200$/);
    ours("close with $case->[0]", $t->end($open->{id}, %how), qr/^200$/);
}

# HEAD: the head of a GET, and no more

sub head_of {
    my ($uri) = @_;

    my $c = SentConv::HTTP->new($port);

    $c->write($t->api_bytes('HEAD', $uri));

    local $/;
    return readline($c->{sock}) =~ s/\r//gr;
}

for my $case (['/v3/conversations', 200], ["/v3/conversations/$open->{id}",
    200], ['/v3/webhooks', 200], ['/v3/nothing', 404], ['/healthz', 200],
    ['/v3/conversations/messages', 405])
{
    my ($uri, $status) = @$case;

    like(head_of($uri), qr!^HTTP/1.1\ $status\ .*\nContent-Length:\ [1-9].*
        \nX-API-Version:\ v3\n(?:Allow:\ POST\n)?\n\z!sx, "HEAD $uri");
}
