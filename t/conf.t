#!/usr/bin/perl

# Tests for what conf/ offers to include: each is loaded and does what it
# says.

use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use JSON::PP ();
use Test::More;

use lib "$FindBin::Bin/lib";

use SentConv::HTTP qw(http http_bytes);
use SentConv::Nginx;
use SentConv::Receiver;
use SentConv::Redis;
use SentConv::Wait;

my $dir = tempdir('sent_conv_XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $token = 'operator-' . 'x' x 32;
my $redis = SentConv::Redis->new(dir => $dir);
my $behind = SentConv::Receiver->new(dir => $dir);


# a file of conf/ beside the node's nginx.conf, with what it takes from the
# machine (ports, sockets, files of the system) replaced; all must be found

sub install {
    my ($nginx, $name, @replace) = @_;

    open(my $in, '<', SentConv::Nginx::root() . "/conf/$name")
        or die "$name: $!\n";
    my $text = do { local $/; <$in> };

    while (my ($old, $new) = splice(@replace, 0, 2)) {
        $text =~ s/\Q$old\E/$new/g or die "no $old in $name\n";
    }

    put($nginx, $name, $text);
}


sub put {
    my ($nginx, $name, $text) = @_;

    open(my $out, '>', $nginx->dir() . "/$name") or die "$name: $!\n";
    print $out $nginx->expand($text);
    close($out);
}


sub node {
    my ($name, $http) = @_;

    my $nginx = SentConv::Nginx->new(dir => $dir, name => $name,
        set => { REDIS => $redis->socket(), BEHIND => $behind->port() });

    $nginx->configure("%%GLOBALS%%\nworker_processes 1;\nevents {}\n"
        . "http {\n%%GLOBALS_HTTP%%\n$http\n}\n");

    put($nginx, 'sent_conv_admin.token', "$token\n");
    put($nginx, 'acme.secret', "acme-secret\n");
    install($nginx, 'sent_conv.conf');

    return $nginx;
}


sub start {
    my ($nginx, @ports) = @_;

    my ($ok, $said) = $nginx->check();
    ok($ok, "$nginx->{dir} is accepted") or BAIL_OUT($said);

    $nginx->start();

    for my $port (@ports) {
        ok(wait_for(10, sub {
            my $answer = http($port, 'GET', '/readyz');
            return $answer && $answer->status() == 200;
        }), 'ready');
    }
}


sub admin {
    my ($port, $method, $path, $body) = @_;

    return http($port, $method, "/admin$path", body => $body,
        headers => { Authorization => "Bearer $token" });
}


sub finish {
    for my $nginx (@_) {
        ok($_->[0], "$nginx->{dir}: $_->[1]") or diag($_->[2])
            for $nginx->verify();
    }
}


# the snippets in an existing server

my $n = node('snippet', <<'EOF_HTTP');
    sent_conv_redis unix:%%REDIS%%;
    upstream acme { server 127.0.0.1:%%BEHIND%%; }

    server {
        listen 127.0.0.1:%%PORT_0%%;
        include sent_conv.conf;
        include carrier.conf;

        location / { return 200 theirs; }
    }
EOF_HTTP

install($n, 'carrier.conf');
start($n, $n->port());

is(http($n->port(), 'GET', '/healthz')->status(), 200, 'health');
is(http($n->port(), 'GET', "/v3/$_")->status(), 401, $_)
    for qw(conversations messages/x templates contacts webhooks webhooks/x);
is(http($n->port(), 'GET', '/v3/other')->body(), 'theirs', 'other path');
is(http($n->port(), 'GET', '/v3/conversationsx')->body(), 'theirs',
    'longer name');
is(http($n->port(), 'POST', '/carriers/acme', body => [])->status(), 401,
    'carrier without a signature');
is(http($n->port(), 'POST', '/sent_conv/webhook', body => {})->status(), 404,
    'delivery is internal');
is(http($n->port(), 'GET', '/admin/customers')->status(), 401,
    'operator without a token');
is(admin($n->port(), 'GET', '/customers')->status(), 200, 'operator');

my $big = http($n->port(), 'POST', '/v3/webhooks', body => 'x' x 70000,
    headers => { 'Content-Type' => 'application/json',
        'x-api-key' => 'nobody' });

like($big->body(), qr/^\{"success":false/, 'a large body is ours to answer');

finish($n);


# each carrier: what its head says belongs to http{} is put there

sub head {
    my ($name) = @_;

    open(my $in, '<', SentConv::Nginx::root() . "/conf/$name")
        or die "$name: $!\n";

    my ($text) = join('', <$in>) =~ /\A((?:#.*\n)+)/ or die "no head\n";
    my $http = join("\n", $text =~ /^#     (upstream .*?^#     \})/msg,
        $text =~ /^#     (map .*?^#     \})/msg) =~ s/^#//mgr;

    $http =~ s/server \S+:443;/server 127.0.0.1:%%BEHIND%%;/g;

    return $http;
}

my $account = do {
    my $key = `openssl genrsa 2048 2>/dev/null`;
    JSON::PP->new->encode({ client_email => 'agent\@acme.example',
        private_key => $key, token_uri => 'https://oauth2.example/token' });
};

my %private = (
    'carrier-whatsapp.conf' => [
        'whatsapp.secret' => 'app-secret', 'whatsapp.verify' => 'typed-in',
        'whatsapp.auth.conf' => 'proxy_set_header Authorization "Bearer E";',
    ],
    'carrier-twilio.conf' => [
        'twilio.secret' => 'auth-token', 'twilio.auth.conf' => 'set'
            . ' $twilio_account AC1; proxy_set_header Authorization "Basic"'
            . ';',
    ],
    'carrier-rbm.conf' => [
        'rbm.secret' => 'client-token', 'rbm.account' => $account,
    ],
);

$n = node('carriers', "sent_conv_redis unix:%%REDIS%%;\n"
    . join("\n", map { head($_) } sort keys %private) . <<'EOF_HTTP');

    server {
        listen 127.0.0.1:%%PORT_0%%;
        include sent_conv.conf;
        include carrier-whatsapp.conf;
        include carrier-twilio.conf;
        include carrier-rbm.conf;
    }
EOF_HTTP

for my $name (sort keys %private) {
    my @files = @{$private{$name}};

    while (my ($file, $text) = splice(@files, 0, 2)) {
        put($n, $file, "$text\n");
    }

    install($n, $name);
}

# its token is asked for of whom speaks no TLS here

$n->allow(qr/SSL_do_handshake\(\) failed/, qr/access token/);
start($n, $n->port());

is(http($n->port(), 'GET', '/carriers/whatsapp?hub.mode=subscribe'
    . '&hub.verify_token=typed-in&hub.challenge=1158201444')->body(),
    '1158201444', 'Meta is answered');

for my $name (qw(whatsapp twilio rbm)) {
    is(http($n->port(), 'POST', "/carriers/$name", body => {})->status(), 401,
        "$name without a signature");
}

is(http($n->port(), 'POST', "/sent_conv/$_", body => {})->status(), 404,
    "$_ is internal")
    for qw(carrier/wa carrier/twilio carrier/rbm token/rbm);

finish($n);


# in front of a gateway

$n = node('gateway', 'include gateway.conf;');

install($n, 'gateway.conf',
    '127.0.0.1:6379' => 'unix:%%REDIS%%',
    '127.0.0.1:3000' => '127.0.0.1:%%BEHIND%%',
    'listen 80;' => 'listen 127.0.0.1:%%PORT_0%%;',
    '/var/log/nginx/' => '%%TESTDIR%%/');
start($n, $n->port());

# every family of paths that the module has is its own there

my %ours = map { $_ => 1 } do {
    open(my $in, '<', SentConv::Nginx::root()
        . '/src/http/ngx_http_sent_conv_handler.c') or die "handler.c: $!\n";
    map { m!"/v3/(\w+)! } <$in>;
};

cmp_ok(scalar(keys %ours), '>', 5, 'paths');
like(http($n->port(), 'GET', "/v3/$_")->verdict(), qr/^(?:401|405) [A-Z]+_/,
    "/v3/$_ is ours") for sort keys %ours;

my @request = ('PUT', '/v3//profiles/a%2Fb/../c?phone=%2B14155550199&x=a+b',
    headers => {
        Host => 'api.example.com:8443', 'x-api-key' => 'key-of-the-client',
        'under_score' => 'kept', 'X-Request-Id' => 'theirs',
        'Content-Type' => 'text/plain; charset=x', Accept => 'a/b',
        Authorization => 'Bearer x', Cookie => 'a=b',
    }, body => join('', map { chr($_ % 256) } 1 .. 200000));

$behind->default('/v3//profiles/a%2Fb/../c?phone=%2B14155550199&x=a+b',
    status => 418, body => 'short and stout',
    headers => { 'X-Theirs' => '1', 'Content-Type' => 'text/x-tea',
        Location => 'http://127.0.0.1:3000/x' });

my @answers = map { http($_, @request) } $behind->port(), $n->port();
my ($direct, $passed) = $behind->requests();

is($passed->{line}, $direct->{line}, 'request line');
ok($passed->{body} eq $direct->{body}, 'body');

delete @{$_->{headers}}{qw(connection x-forwarded-for x-forwarded-proto)}
    for $direct, $passed;
is_deeply($passed->{headers}, $direct->{headers}, 'headers');

is($answers[1]->status(), 418, 'status comes back');
is($answers[1]->body(), 'short and stout', 'body comes back');
is($answers[1]->header($_), $answers[0]->header($_), "$_ comes back")
    for qw(x-theirs content-type location);

like(http($n->port(), 'POST', '/v3/numbers', headers => {
    'x-api-key' => 'k' }, body => {})->status(), qr/^200$/,
    'a path of a later day is still theirs');

finish($n);


# two nodes behind a balancer

my @nodes = map { node("node$_", 'include two-nodes.conf;') } 1, 2;
my ($balancer, $first, $second) = map { free_port() } 1 .. 3;
my $unused = free_port();

for my $i (0, 1) {
    my $own = ($first, $second)[$i];

    install($nodes[$i], 'two-nodes.conf',
        '127.0.0.1:6379' => 'unix:%%REDIS%%',
        'listen 8080;' => 'listen 127.0.0.1:'
            . ($i ? $unused : $balancer) . ';',
        'listen 127.0.0.1:8081;' => "listen 127.0.0.1:$own;",
        'server 127.0.0.1:8081' => "server 127.0.0.1:$first",
        'server 127.0.0.1:8082' => "server 127.0.0.1:$second",
        '/var/log/nginx/' => '%%TESTDIR%%/');
    start($nodes[$i], $own);
}

my $customer = admin($first, 'POST', '/customers', { name => 'two' })
    ->data()->{id};
is(admin($first, 'PATCH', "/customers/$customer",
    { conversations_enabled => \1 })->status(), 200, 'enabled');

my $key = admin($first, 'POST', "/customers/$customer/keys",
    { name => 'two', role => 'full' })->data()->{key};

sub listed {
    return http($_[0], 'GET', '/v3/conversations',
        headers => { 'x-api-key' => $key })->status();
}

ok(wait_for(6, sub { listed($second) == 200 }), 'known to the other node');
is(join(' ', map { listed($balancer) } 1 .. 6), join(' ', (200) x 6),
    'through the balancer');
is(admin($balancer, 'GET', '/customers')->status(), 404,
    'no operator through the balancer');

ok($nodes[1]->quit(), 'one node goes');
is(join(' ', map { listed($balancer) } 1 .. 6), join(' ', (200) x 6),
    'the other stays');

finish(@nodes);

done_testing();
