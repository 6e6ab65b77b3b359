#!/usr/bin/perl

# Tests for configurations that nginx -t refuses, with the line, and for
# some it takes.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(start => 0);

open(my $f, '>', "$t->{dir}/short") or die;
print $f "too short\n";
close($f);
open($f, '>', "$t->{dir}/empty") or die;
close($f);

my $n = 0;

sub check {
    my ($main, $server) = @_;

    my $node = $t->node('n' . $n++, conf => <<"EOF");
%%GLOBALS%%
events {
}
http {
%%GLOBALS_HTTP%%
    sent_conv_redis unix:%%REDIS%%;
$main
    server {
        listen 127.0.0.1:%%PORT_0%%;
        location = /deliver/webhook {
            internal;
            sent_conv_deliver webhook;
            proxy_pass \$sent_conv_url;
        }
@{[$server // '']}
    }
}
EOF

    my ($ok, $text) = $node->check();

    $text =~ s/^.*could not open error log.*\n//mg;

    return ($ok, $text);
}

sub refused {
    my ($name, $line, $server, $pattern) = @_;

    my ($ok, $text) = check($line, $server);

    ok(!$ok, $name);
    like($text, $pattern ? qr/emerg.*$pattern/ : qr/emerg/, "$name - why");
    like($text, qr/nginx\.conf:\d+/, "$name - line");
}

sub taken {
    my ($name, $line, $server) = @_;

    my ($ok, $text) = check($line, $server);

    ok($ok, $name) or diag($text);
}

taken('nothing', '');

# values

for my $case (
    ['sent_conv_partitions', qw(0 3 2048 x -1), ''],
    ['sent_conv_window', qw(0 x -1 1parsec), ''],
    ['sent_conv_retention', qw(0 x), ''],
    ['sent_conv_durability', qw(disk replicas), 'memory 1', 'replicas 1',
        'replicas 0 1s', 'replicas x 1s', 'replicas -1 1s',
        'replicas 101 1s', 'replicas 1 0', 'replicas 1 x', 'replicas 1 2m',
        'replicas 1 1s x', ''],
    ['sent_conv_rate', qw(on 10 0r/s -1r/s xr/s 10r/h r/s 2000000r/s),
        '10r/s burst=0', '10r/s burst=x', '10r/s burst=', '10r/s odd',
        'off fleet', '10r/s burst=5 fleet x', ''],
    ['sent_conv_auth_failures', qw(on 10 0r/m 10r/h), '10r/m burst=0',
        '10r/m fleet', 'off burst=1', ''],
    ['sent_conv_redis_timeout', qw(0 x), ''],
    ['sent_conv_redis_connect_timeout', qw(0 x), ''],
    ['sent_conv_redis_prefix', '"a{b"', '"a}b"'],
    ['sent_conv_webhook_http', qw(maybe), ''],
    ['sent_conv_webhook_allow', qw(nonsense 10.0.0.0/33), ''],
    ['sent_conv_webhook_deny', qw(nonsense 10.0.0.0/33), ''],
    ['sent_conv_webhook_backoff', qw(x 0), ''],
    ['sent_conv_webhook_breaker', 'on', '0 1s', 'x 1s', '-1 1s', '5 0', '5 x',
        '5 1m 1s', '5 1s x', '5 1s 2s 0', '5 1s 2s x', '5 1s 2s 3s 4s', ''],
    ['sent_conv_webhook_disable', 'on', '0 1h', 'x 1h', '-1 1h', '5 x',
        '5 1h 1h', ''],
    ['sent_conv_webhook_log', qw(0 x -1 on), '10 0', '10 x', 'off 1d',
        '10 1d 1d', ''],
    ['sent_conv_webhook_dead', qw(0 x -1), ''],
    ['sent_conv_webhook_recover', qw(0 x -1), ''],
    ['sent_conv_webhook_in_flight', qw(0 x -1), ''],
    ['sent_conv_deliveries', qw(0 x -1), ''],
    ['sent_conv_carrier_backoff', 'x 1m', '1m 1s', '1s', '']
) {
    my ($name, @values) = @$case;

    refused("$name \"$_\"", "    $name $_;") for @values;
}

for my $name (qw(sent_conv_window sent_conv_partitions sent_conv_retention
    sent_conv_redis_timeout sent_conv_webhook_in_flight sent_conv_deliveries
    sent_conv_webhook_log sent_conv_webhook_dead sent_conv_webhook_recover))
{
    refused("$name twice", "    $name 64;\n    $name 64;", '', 'duplicate');
}

# keys

for my $case ([short => 'ab' x 31], [long => 'ab' x 33], [odd => 'xy' x 32],
    [raw => pack('H*', 'ab' x 32)], [key => 'ab' x 32], [same => 'AB' x 32],
    [other => 'cd' x 32])
{
    my ($name, $text) = @$case;

    open(my $out, '>:raw', "$t->{dir}/$name.key") or die;
    print $out "$text\n";
    close($out);
}

sub seal {
    return '    sent_conv_seal_key '
        . join(' ', map { "%%TESTDIR%%/$_.key" } @_) . ';';
}

refused("seal $_", seal($_), '', '64 hexadecimal') for qw(short long odd raw);
refused('seal empty', '    sent_conv_seal_key %%TESTDIR%%/empty;');
refused('seal missing', seal('missing'));
refused('seal with a former one that is none', seal('key', 'odd'), '',
    "$t->{dir}/odd.key");
refused('seal with the same', seal('key', 'same'), '', 'same key');
refused('seal with three', seal('key', 'other', 'same'));
refused('seal twice', seal('key') . "\n" . seal('other'), '', 'duplicate');
taken('seal', seal('key'));
taken('seal with a former one', seal('key', 'other'));

refused('breaker twice', "    sent_conv_webhook_breaker off;\n"
    . "    sent_conv_webhook_breaker 5 1s;", '', 'duplicate');
refused('disable twice', "    sent_conv_webhook_disable off;\n"
    . "    sent_conv_webhook_disable 5 1h;", '', 'duplicate');
refused('rate twice', "    sent_conv_rate off;\n"
    . '    sent_conv_rate 10r/s;', '', 'duplicate');

refused('auth_failures twice', "    sent_conv_auth_failures off;\n"
    . '    sent_conv_auth_failures 1r/m;', '', 'duplicate');

refused('redis twice', '    sent_conv_redis 127.0.0.1:6379;', '',
    'duplicate');

refused('durability twice', "    sent_conv_durability memory;\n"
    . '    sent_conv_durability replicas 1 1s;', '', 'duplicate');

taken('values', <<'EOF');
    sent_conv_partitions 1024;
    sent_conv_durability replicas 2 250ms;
    sent_conv_rate 300r/m burst=1000000 fleet;
    sent_conv_auth_failures 1r/m burst=1;
    sent_conv_window 1d;
    sent_conv_retention 90d;
    sent_conv_redis_prefix acme:;
    sent_conv_redis_timeout 500ms;
    sent_conv_redis_connect_timeout 2s;
    sent_conv_webhook_allow 10.0.0.0/8 fd00::/8 127.0.0.1;
    sent_conv_webhook_deny 10.9.0.0/16 2001:db9::/32;
    sent_conv_webhook_backoff 1s;
    sent_conv_webhook_breaker 5 1s;
    sent_conv_webhook_log 100 1d;
    sent_conv_webhook_dead 10;
    sent_conv_webhook_recover 10;
    sent_conv_carrier_backoff 1s 1s;
EOF

taken("disable $_", "    sent_conv_webhook_disable $_;")
    for 'off', '1 0', '20 3d';
taken("breaker $_", "    sent_conv_webhook_breaker $_;")
    for 'off', '1 1h', '20 10s 10s', '20 10s 10s 1h';

# Redis

sub redis {
    my ($value) = @_;

    my $node = $t->node('n' . $n++, conf => <<"EOF");
%%GLOBALS%%
events {
}
http {
%%GLOBALS_HTTP%%
    sent_conv_redis $value;
    server {
        listen 127.0.0.1:%%PORT_0%%;
        location /v3/ {
            sent_conv_api;
        }
        location = /deliver/webhook {
            internal;
            sent_conv_deliver webhook;
            proxy_pass \$sent_conv_url;
        }
    }
}
EOF

    return $node->check();
}

ok(!(redis($_))[0], "redis $_") for '', 'unix:', '127.0.0.1:0',
    '127.0.0.1:99999', 'no.such.host.invalid:6379', 'unix:/x db=-1',
    'unix:/x db=x',
    'unix:/x odd=1', 'unix:/x password_file=/no/such/file',
    'unix:/x password=a password_file=/etc/hostname';
ok((redis($_))[0], "redis $_") for 'unix:/x db=5', '127.0.0.1',
    'localhost:7000', '[::1]:6379', 'unix:/x username=a password=b';

# Sentinels

for my $bad (['no name', 'sentinel', 'needs the name'],
    ['no address', 'sentinel mine', 'needs the name'],
    ['no address but a password', 'sentinel mine password=x',
        'needs the name'],
    ['no such port', 'sentinel mine 127.0.0.1:99999', 'invalid port'],
    ['no such host', 'sentinel mine no.such.host.invalid', 'host not found'],
    ['a parameter among addresses', 'sentinel mine 127.0.0.1 db=1 127.0.0.2',
        'invalid parameter'],
    ['no user', 'sentinel mine 127.0.0.1 sentinel_username=',
        'invalid parameter'],
    ['two passwords', 'sentinel mine 127.0.0.1 sentinel_password=a '
        . 'sentinel_password=b', 'two passwords'],
    ['no file', 'sentinel mine 127.0.0.1 sentinel_password_file=/no/file',
        'failed'],
    ['no Sentinels', '127.0.0.1 sentinel_password=a', 'invalid parameter'])
{
    my ($name, $value, $why) = @$bad;
    my ($ok, $text) = redis($value);

    ok(!$ok, "Sentinels, $name");
    like($text, qr/emerg.*$why.*nginx\.conf:\d+/, "Sentinels, $name - why");
}

for my $bad (['no node', 'cluster', 'needs the addresses'],
    ['no node but a password', 'cluster password=x', 'needs the addresses'],
    ['a database', 'cluster 127.0.0.1 db=1', 'invalid parameter'],
    ['no Sentinels', 'cluster 127.0.0.1 sentinel_password=a',
        'invalid parameter'])
{
    my ($name, $value, $why) = @$bad;
    my ($ok, $text) = redis($value);

    ok(!$ok, "cluster, $name");
    like($text, qr/emerg.*$why.*nginx\.conf:\d+/, "cluster, $name - why");
}

ok((redis('cluster 127.0.0.1 127.0.0.1:7001 [::1]:7002 username=a '
    . 'password=b'))[0], 'cluster');

my ($taken, $said) = redis('sentinel mine 127.0.0.1 127.0.0.1:26380 '
    . '[::1]:26381 sentinel_username=watch sentinel_password=a db=1 '
    . 'username=app password=b');

ok($taken, 'Sentinels') or diag($said);

# locations

sub location {
    my ($text) = @_;

    return "        location /here {\n            $text\n        }";
}

my $secret = 'sent_conv_carrier_secret %%TESTDIR%%/carrier.secret;';
my $out = <<'EOF';
        location = /out {
            internal;
            sent_conv_deliver carrier c;
            proxy_pass http://127.0.0.1:1;
        }
EOF

refused('deliver not internal', '', location('sent_conv_deliver carrier x;'
    . ' proxy_pass http://127.0.0.1:1;'), 'internal');
refused('deliver what', '', location('internal; sent_conv_deliver fax;'));
refused('deliver webhook twice', '', location('internal; sent_conv_deliver'
    . ' webhook; proxy_pass $sent_conv_url;'));
refused('deliver carrier without a name', '',
    location('internal; sent_conv_deliver carrier;'));
refused('carrier without a secret', '', $out
    . location('sent_conv_carrier c sms generic;'), 'secret');
refused('carrier secret missing', '', $out . location('sent_conv_carrier c sms'
    . ' generic; sent_conv_carrier_secret /no/such/file;'));
refused('carrier secret empty', '', $out . location('sent_conv_carrier c sms'
    . ' generic; sent_conv_carrier_secret %%TESTDIR%%/empty;'));
refused('carrier channel', '', $out
    . location("sent_conv_carrier c fax generic; $secret"), 'channel');
refused('carrier format', '', $out
    . location("sent_conv_carrier c sms odd; $secret"), 'format');
refused('carrier without a way out', '',
    location("sent_conv_carrier c sms generic; $secret"), 'sent_conv_deliver');

# what the carriers' formats need

sub carrier {
    my ($format, $in, $beside, $of, $channel) = @_;

    $channel //= $format eq 'rbm' ? 'rcs' : $format eq 'twilio' ? 'sms'
        : 'whatsapp';

    return "        location /in {\n            sent_conv_carrier c"
        . " $channel $format; $secret\n            $in\n        }\n"
        . "        location /out {\n            internal; sent_conv_deliver"
        . " carrier c @{[$of // $format]};\n            $beside\n"
        . "            proxy_pass http://127.0.0.1:1;\n        }\n"
        . "        location /token {\n            internal;\n"
        . "            proxy_pass http://127.0.0.1:1;\n        }";
}

my $key = `openssl genrsa 2048 2>/dev/null`;
my %account = (client_email => 'a@b', private_key => $key,
    token_uri => 'https://o/token');

for my $case ([good => %account], [keyless => %account, private_key => ''],
    [nameless => %account, client_email => undef], ['list'])
{
    my ($name, %members) = @$case;

    open(my $out, '>', "$t->{dir}/$name.account") or die;
    print $out JSON::PP->new->encode(%members ? \%members : []);
    close($out);
}

my $verify = 'sent_conv_carrier_verify_token %%TESTDIR%%/carrier.secret;';
my $number = 'sent_conv_carrier_number +14155550102;';
my $account = 'sent_conv_carrier_account %%TESTDIR%%/good.account;';
my $token = 'sent_conv_carrier_token_location /token;';
my $url = 'sent_conv_carrier_url https://x.example/in;';

refused('whatsapp without a verify token', '', carrier('whatsapp_cloud', '',
    ''), 'sent_conv_carrier_verify_token');
refused('twilio without its URL', '', carrier('twilio', '', ''),
    'sent_conv_carrier_url');
refused("twilio at $_", '', carrier('twilio', "sent_conv_carrier_url $_;",
    ''), 'URL') for qw(x.example/in ftp://x.example/in https://x.example/?a=b);
refused('rbm without a number', '', carrier('rbm', '', "$account $token"),
    'sent_conv_carrier_number');
refused("rbm by $_", '', carrier('rbm', "sent_conv_carrier_number $_;",
    "$account $token"), 'E\.164') for qw(14155550102 agent);
refused('rbm without an account', '', carrier('rbm', $number, $token),
    'sent_conv_carrier_account');
refused('rbm without a token', '', carrier('rbm', $number, $account),
    'sent_conv_carrier_token_location');
refused("rbm, $_ account", '', carrier('rbm', $number,
    "sent_conv_carrier_account %%TESTDIR%%/$_.account; $token"),
    'client_email|no such|open\(\)') for qw(keyless nameless list absent);
refused('two formats', '', carrier('twilio', $url, '', 'generic'),
    'has the format');
refused('an unknown format', '', carrier('odd', '', ''), 'format');
refused("$_->[1] on $_->[0]", '', carrier($_->[1], "$verify $url $number",
    "$account $token", undef, $_->[0]), 'that channel')
    for [qw(sms whatsapp_cloud)], [qw(rcs whatsapp_cloud)], [qw(rcs twilio)],
    [qw(sms rbm)], [qw(whatsapp rbm)];
taken('twilio on whatsapp', '', carrier('twilio', $url, '', undef,
    'whatsapp'));
taken('whatsapp', '', carrier('whatsapp_cloud', $verify, ''));
taken('twilio', '', carrier('twilio', $url, ''));
taken('rbm', '', carrier('rbm', $number, "$account $token"));

refused('admin token short', '',
    location('sent_conv_admin %%TESTDIR%%/short;'), '32');
refused('admin token missing', '', location('sent_conv_admin /no/such;'));
refused('health', '', location('sent_conv_health odd;'));
refused('health twice', '',
    location('sent_conv_health live; sent_conv_health ready;'));
refused('two roles', '', location('sent_conv_api; sent_conv_health live;'));
refused('api in http', '    sent_conv_api;');
refused('window in a location', '', location('sent_conv_window 1h;'));

taken('all of them', '', $out . <<"EOF");
        location /v3/ { sent_conv_api; }
        location = /in { sent_conv_carrier c sms generic; $secret }
        location /admin/ { sent_conv_admin %%TESTDIR%%/admin.token; }
        location /sandbox/ { sent_conv_sandbox; }
        location = /live { sent_conv_health live; }
        location = /ready { sent_conv_health ready; }
EOF
