#!/usr/bin/perl

# Tests for hostile JSON: refused with an answer of ours, and never stored.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup();
my $uri = '/v3/conversations/messages';
my $to = $t->contact();

$t->opened();

sub verdict {
    my ($body) = @_;

    my $answer = $t->post($uri, body => $body,
        headers => { 'Content-Type' => 'application/json' });

    return $answer ? $answer->verdict() : 'no answer';
}

sub text {
    my ($json) = @_;

    return qq({"to":"$to","body":$json});
}

my %bad = (
    'empty' => '', 'blank' => "  \n", 'open' => '{"to":', 'comma' => '{,}',
    'trailing comma' => qq({"to":"$to","body":"x",}),
    'two values' => text('"x"') x 2, 'garbage behind' => text('"x"') . 'x',
    'single quotes' => "{'to':'$to','body':'x'}",
    'comment' => '/* */' . text('"x"'), 'bare word' => 'hello',
    'unquoted key' => qq({to:"$to","body":"x"}),
    'control character' => text("\"a\nb\""), 'bad escape' => text('"\\x41"'),
    'short escape' => text('"\\u12"'),
    'NUL byte' => text("\"a\0b\""), 'NUL escape' => text('"a\\u0000b"'),
    'duplicate key' => qq({"to":"$to","body":"x","body":"y"}),
    'duplicate key below' => qq({"to":"$to","body":"x","z":{"a":1,"a":2}}),
    'deep arrays' => qq({"to":"$to","body":"x","z":) . '[' x 40 . ']' x 40
        . '}',
    'very deep' => '[' x 60000,
    'deep objects' => '{"a":' x 5000 . '1' . '}' x 5000,
    'invalid UTF-8' => text("\"\xff\xfe\""),
    'cut UTF-8' => text("\"\xe2\x82\""), 'overlong' => text("\"\xc0\xaf\""),
    'surrogate in UTF-8' => text("\"\xed\xa0\x80\""),
    'beyond Unicode' => text("\"\xf4\x90\x80\x80\""),
    'lone surrogate' => text('"\\ud800"'),
    'low surrogate first' => text('"\\udc00\\ud800"'),
    'byte order mark' => "\xef\xbb\xbf" . text('"x"'),
    'latin-1 key' => qq({"to":"$to","body":"x","\xe9":1}),
    'UTF-16' => "\xff\xfe{\0}\0",
    'leading zero' => qq({"to":"$to","body":"x","z":01}),
    'infinity' => qq({"to":"$to","body":"x","z":Infinity}),
);

is(verdict($bad{$_}), '400 VALIDATION_001', $_) for sort keys %bad;

my %type = ('number' => '17', 'boolean' => 'true', 'array' => '["x"]',
    'object' => '{"x":1}');

is(verdict(text($type{$_})), '400 VALIDATION_001', "$_ as text")
    for sort keys %type;
is(verdict(qq({"to":16505550001,"body":"x"})), '400 VALIDATION_001',
    'number as to');

my $null = verdict(text('null'));

like($null, qr/^400 VALIDATION_00[14]$/, 'null as text');

# strange, and yet JSON

my %good = (
    'blanks' => qq( \r\n\t{ "to" : "$to" , "body" : "x" } \n),
    'escapes' => text('"\\u0041\\n\\t\\"\\\\\\/\\b\\f\\r"'),
    'surrogate pair' => text('"\\ud83d\\ude00"'),
    'unknown members' => qq({"to":"$to","body":"x","a":[1,{"b":null}],)
        . '"c":1e9}',
    'huge number' => qq({"to":"$to","body":"x","z":) . '9' x 400 . '}',
    'escaped key' => qq({"t\\u006f":"$to","body":"x"}),
    'at the depth' => qq({"to":"$to","body":"x","z":) . '[' x 20 . ']' x 20
        . '}',
    'noncharacter' => text("\"\xef\xbf\xbe\""), 'delete' => text("\"\x7f\""),
);

is(verdict($good{$_}), '202', $_) for sort keys %good;

my @posts = $t->{receiver}->wait_requests('/carrier/whatsapp',
    scalar(keys %good));
my %texts = map { JSON::PP->new->utf8->decode($_->{body})->{text} => 1 }
    @posts;

is(scalar(@posts), scalar(keys %good), 'only the good ones');
ok($texts{"A\n\t\"\\/\b\f\r"}, 'escapes as meant');
ok($texts{"\x{1f600}"}, 'pair as meant');

# the same from a carrier: the batch is refused, or the item skipped

for my $name ('open', 'NUL escape', 'deep arrays', 'invalid UTF-8',
    'two values', 'duplicate key')
{
    my $answer = $t->carrier('whatsapp', $bad{$name});

    is($answer->verdict(), '400 VALIDATION_001', "carrier: $name");
}

my @items = ($t->message(), { %{$t->message()}, from => 1 },
    { %{$t->message()}, from => '1650' }, { %{$t->message()}, id => '' }, 17,
    'text', [], undef, {}, { %{$t->message()}, text => {} },
    { %{$t->message()}, timestamp => 'yesterday' }, $t->message());
my $data = $t->carrier('whatsapp', \@items)->data();

is($data->{accepted} + $data->{skipped}, 12, 'counted');
ok($data->{accepted} >= 2, 'good ones of a mixed batch');
ok($data->{skipped} >= 7, 'bad ones of a mixed batch');

is($t->get('/v3/conversations')->status(), 200, 'still there');
