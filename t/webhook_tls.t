#!/usr/bin/perl

# Tests for webhooks over TLS: name, certificate, and the failures of both.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use File::Temp qw(tempdir);
use SentConv::Sign;

my $dir = tempdir('sent_conv_XXXXXX', TMPDIR => 1, CLEANUP => 1);

for my $name ('localhost', 'elsewhere.test') {
    system('openssl req -x509 -newkey rsa:2048 -nodes -days 2'
        . " -subj /CN=$name -addext subjectAltName=DNS:$name"
        . " -keyout $dir/$name.key -out $dir/$name.crt"
        . ' >/dev/null 2>&1') == 0 or die "openssl failed\n";
}

my $t = setup(http => <<"EOF", server => <<"EOF2");

    server {
        listen 127.0.0.1:%%PORT_1%% ssl;
        ssl_certificate $dir/localhost.crt;
        ssl_certificate_key $dir/localhost.key;

        location / {
            proxy_pass http://127.0.0.1:%%RECEIVER%%;
            proxy_set_header Host \$http_host;
            proxy_set_header X-SNI \$ssl_server_name;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_2%% ssl;
        ssl_certificate $dir/elsewhere.test.crt;
        ssl_certificate_key $dir/elsewhere.test.key;

        location / {
            proxy_pass http://127.0.0.1:%%RECEIVER%%;
        }
    }
EOF

        proxy_ssl_verify on;
        proxy_ssl_trusted_certificate $dir/localhost.crt;
EOF2

my ($good, $bad) = map { $t->{nginx}->port($_) } 1, 2;

sub register {
    my ($url) = @_;

    return $t->post('/v3/webhooks', body => { display_name => 'tls',
        endpoint_url => $url, event_types => ['conversation'],
        retry_count => 2 })->data();
}

my $hook = register("https://localhost:$good/good?a=b%20c");

register("https://localhost:$bad/bad");
register("https://127.0.0.1:$good/no-name");
register("https://localhost:" . $t->{receiver}->port() . '/no-tls');

$t->opened();

my ($request) = $t->{receiver}->wait_requests('/good?a=b%20c', 2);

ok($request, 'delivered') or BAIL_OUT('no TLS');
is($request->{headers}{host}, "localhost:$good", 'host');
is($request->{headers}{'x-sni'}, 'localhost', 'name in the handshake');
is(join(', ', SentConv::Sign::webhook_errors($request,
    $hook->{signing_secret}, $hook->{id})), '', 'signed');

ok(wait_for(10, sub { () = $t->{nginx}->log() =~ /given up/g }),
    'others are given up');
is(scalar($t->{receiver}->requests('/bad')), 0, 'wrong certificate');
is(scalar($t->{receiver}->requests('/no-tls')), 0, 'no TLS');
