#!/usr/bin/perl

# Tests that what a directive says takes effect on reload: of Redis, of
# webhooks, of keys that stand in files.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Conf qw(standard);
use SentConv::Env;
use SentConv::Id qw(epoch);

my $t = setup();
my $nginx = $t->{nginx};
my $uri = '/v3/webhooks';

sub changed {
    my ($name, $from, $to) = @_;

    my $text = standard();

    $text =~ s/\Q$from\E/$to/ or die "no $from\n";
    $nginx->configure($text);
    ok($nginx->reload() && $nginx->settled(35), $name);
    $t->ready($nginx);
}

sub hook {
    return $t->post($uri, body => { display_name => 'x',
        endpoint_url => $t->url('/x'), event_types => ['message'] })
        ->verdict();
}

sub put {
    my ($name, $text) = @_;

    open(my $f, '>', "$t->{dir}/$name") or die "$name: $!\n";
    print $f "$text\n";
    close($f);

    push @{$t->{secrets}}, $text;
}

# webhooks

is(hook(), '201', 'plain http to loopback');
changed('webhook_http', 'sent_conv_webhook_http on', 'sent_conv_webhook_http'
    . ' off');
is(hook(), '400 VALIDATION_006', 'no plain http');
changed('webhook_allow', 'sent_conv_webhook_allow 127.0.0.0/8',
    'sent_conv_webhook_allow 10.0.0.0/8');
is(hook(), '400 VALIDATION_006', 'no loopback');

# the window of what opens from now on

changed('window', 'sent_conv_window 24h', 'sent_conv_window 1h');

my $c = $t->opened();

is(sprintf('%.3f', epoch($c->{expires_at}) - epoch($c->{opened_at})),
    '3600.000', 'an hour');

# files that are read anew

put('admin.token', my $token = 'another-token-' . 'x' x 32);
put('carrier.secret', my $secret = 'another-secret-' . 'y' x 32);

is($t->admin('GET', '/customers')->status(), 200, 'token until the reload');
changed('files', 'worker_processes', 'worker_processes');
is($t->admin('GET', '/customers')->status(), 401, 'old token');
is($t->admin('GET', '/customers', token => $token)->status(), 200,
    'new token');
is($t->inbound()->status(), 401, 'old secret');
is($t->carrier('whatsapp', $t->message(), secret => $secret)->status(), 200,
    'new secret');

# another part of Redis, and back

for my $case (['redis', "unix:%%REDIS%%;", "unix:%%REDIS%% db=7;"],
    ['prefix', "unix:%%REDIS%%;", "unix:%%REDIS%%;\n    sent_conv_redis_prefix"
        . ' other:;'])
{
    changed(@$case);
    is($t->get('/v3/conversations')->verdict(), '401 AUTH_002',
        "$case->[0] - nobody knows the key there");
    changed("$case->[0] back", 'worker_processes', 'worker_processes');
    is($t->get('/v3/conversations')->verdict(), '200', "$case->[0] - as ever");
}

# another number of partitions: what Redis has is not served

$nginx->allow(qr/sent conv/);
$nginx->configure(standard(http => '    sent_conv_partitions 128;'));
ok($nginx->reload() && $nginx->settled(35), 'partitions');
ok(wait_for(10, sub { http($nginx->port(), 'GET', '/readyz')->status() == 503
    }), 'not ready');
is($t->get('/v3/conversations')->verdict(), '503 SERVICE_001', 'not served');
changed('partitions back', 'worker_processes', 'worker_processes');
is($t->get('/v3/conversations')->verdict(), '200', 'served again');
