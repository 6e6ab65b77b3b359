#!/usr/bin/perl

# Tests for webhooks by name: each address is checked at registration and at
# every delivery, and the one that was checked is called.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::DNS;

my $t = setup(start => 0);
my $dns = SentConv::DNS->new(dir => $t->{dir});

$t->{nginx} = $t->node('dns', start => 0, http => '    resolver 127.0.0.1:'
    . $dns->port() . " valid=1s ipv6=on;\n    resolver_timeout 2s;");
$t->{nginx}->start();
$t->ready($t->{nginx});
$t->use_customer($t->new_customer('first'));

my $port = $t->{receiver}->port();

sub register {
    my ($host, $path) = @_;

    return $t->post('/v3/webhooks', body => { display_name => $host,
        endpoint_url => "http://$host:$port$path", retry_count => 5,
        event_types => ['conversation'],
        event_filters => { conversation => ['started'] } });
}

$dns->names('good.test' => ['127.0.0.1'], 'private.test' => ['10.0.0.1'],
    'mixed.test' => ['127.0.0.1', '10.0.0.1'], 'six.test' => ['::1'],
    'mapped.test' => ['::ffff:10.0.0.1'], 'rebind.test' => ['127.0.0.1'],
    'meta.test' => ['169.254.169.254'], 'broken.test' => ['fail']);

my $good = register('good.test', '/good');

is($good->verdict(), '201', 'allowed');
is(register('GOOD.test', '/upper')->verdict(), '201', 'in upper case');

for my $host (qw(private.test mixed.test six.test mapped.test meta.test
    unknown.test))
{
    like(register($host, '/no')->verdict(), qr/^400 VALIDATION_00[56]$/,
        $host);
}

my $broken = register('broken.test', '/no')->verdict();

like($broken, qr/^(?:400|503) /, 'name server fails');

my $rebind = register('rebind.test', '/rebind');

is($rebind->verdict(), '201', 'while it is allowed');

# delivered, with the name as Host

$t->opened();

my ($request) = $t->{receiver}->wait_requests('/good', 1);

is($request->{headers}{host}, "good.test:$port", 'host');
is(($t->{receiver}->wait_requests('/rebind', 1))[0]{headers}{host},
    "rebind.test:$port", 'not yet rebound');

# now its address is a private one: not called any more; both kinds

$dns->names('good.test' => ['127.0.0.1'], 'rebind.test' => ['10.0.0.1']);
wait_for(2.5, sub { 0 });
$t->opened(from => $t->contact(2));
$t->{receiver}->wait_requests('/good', 2);
wait_for(1, sub { 0 });
is(scalar($t->{receiver}->requests('/rebind')), 1, 'rebound, not called');

$dns->names('good.test' => ['127.0.0.1'],
    'rebind.test' => ['127.0.0.1', '10.0.0.1']);
wait_for(2.5, sub { 0 });
$t->opened(from => $t->contact(3));
$t->{receiver}->wait_requests('/good', 3);
is(scalar($t->{receiver}->requests('/rebind')), 1, 'one of two, not called');

# the name server is away for a while: an attempt, and it comes later

$dns->names('good.test' => ['fail'], 'rebind.test' => ['127.0.0.1']);
wait_for(2.5, sub { 0 });
$t->opened(from => $t->contact(4));
wait_for(0.5, sub { 0 });
$dns->names('good.test' => ['127.0.0.1'], 'rebind.test' => ['127.0.0.1']);

is(scalar($t->{receiver}->wait_requests('/good', 4, 15)), 4,
    'after the name server is back');
ok($t->wait_event('/rebind', 'conversation.started',
    contact => $t->contact(4), limit => 15), 'allowed again');
