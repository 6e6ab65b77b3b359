#!/usr/bin/perl

# Tests for what every mutation of the API has in common: sandbox mode that
# does nothing, an Idempotency-Key that holds on every node, a key that may
# only read.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(contact_id);

my $t = setup(window => '1h');
my $two = $t->node('two');
my $true = JSON::PP::true;
my $template = $t->template();

# method, path, body, status; each after() leaves the ground as it was

my $one = $t->contact(1);
my $id = contact_id($t->{customer}, $one);

my %definition = (
    schema => 1, trigger => { on => 'inbound', numbers => [] },
    starters => [{ channel => 'sms', template => { id => $template },
        parameters => {} }],
    channels => ['sms'], webhooks => [], engine => {}, ping => undef,
    ending => { keywords => ['BAJA'] },
);

sub window { return $t->opened(from => $one)->{id} }

my @mutations = (
    { name => 'send', path => '/v3/conversations/messages', status => 202,
        body => { to => $one, body => 'hello' } },
    { name => 'template', path => '/v3/messages', status => 202, body => {
        to => [$one], channel => ['sms'], template => { id => $template,
            parameters => { name => 'Ann' } } } },
    { name => 'text', path => '/v3/messages', status => 202,
        body => { to => [$one], text => 'by the other door' } },
    { name => 'text without a window', path => '/v3/messages', status => 202,
        body => { to => [$t->contact(9)], text => 'x', channel => ['sms'] } },
    { name => 'close', path => '/v3/conversations/%%WINDOW%%/close',
        status => 200, body => {} },
    { name => 'new contact', path => '/v3/contacts', status => 201,
        body => { phone_number => $t->contact(3) } },
    { name => 'opt-out', method => 'PATCH', path => "/v3/contacts/$id",
        status => 200, body => { opt_out => $true } },
    { name => 'opt-in', method => 'PATCH', path => "/v3/contacts/$id",
        status => 200, body => { opt_out => JSON::PP::false } },
    { name => 'default channel', method => 'PATCH',
        path => "/v3/contacts/$id", status => 200,
        body => { default_channel => 'rcs' } },
    { name => 'new webhook', path => '/v3/webhooks', status => 201,
        secret => 1, body => { display_name => 'x',
            endpoint_url => $t->url('/x'), event_types => ['message'] } },
    { name => 'webhook test', path => '/v3/webhooks/%%WEBHOOK%%/test',
        status => 200, body => { event_type => 'message.sent' } },
    { name => 'webhook changes', method => 'PUT',
        path => '/v3/webhooks/%%WEBHOOK%%', status => 200,
        body => { display_name => 'another name' } },
    { name => 'recovery', path => '/v3/webhooks/%%WEBHOOK%%/recover',
        status => 202, body => { since => '2020-01-01T00:00:00Z' } },
    { name => 'webhook off', method => 'PATCH',
        path => '/v3/webhooks/%%WEBHOOK%%/toggle-status', status => 200,
        body => { is_active => JSON::PP::false } },
    { name => 'webhook secret', status => 200, secret => 1,
        path => '/v3/webhooks/%%WEBHOOK%%/rotate-secret', body => {} },
    { name => 'webhook goes', method => 'DELETE',
        path => '/v3/webhooks/%%WEBHOOK%%', status => 204, body => {} },
    { name => 'new agent', path => '/v3/agents', status => 201,
        body => { name => 'x', definition => \%definition } },
    { name => 'agent changes', method => 'PATCH',
        path => '/v3/agents/%%AGENT%%', status => 200,
        body => { name => 'another name', layout => { ping => [1, 2] } } },
    { name => 'new version', path => '/v3/agents/%%AGENT%%/versions',
        headers => { 'If-Match' => '"1"' }, status => 201,
        body => { definition => \%definition, note => 'the same' } },
    { name => 'old version',
        path => '/v3/agents/%%AGENT%%/versions/1/restore', status => 201,
        body => {} },
    { name => 'start', path => '/v3/agents/%%AGENT%%/start', status => 202,
        body => { to => $one, parameters => { name => 'Ann' } } },
    { name => 'agent goes', method => 'DELETE',
        path => '/v3/agents/%%AGENT%%', status => 204, body => {} },
    { name => 'contact goes', method => 'DELETE',
        path => "/v3/contacts/$id", status => 204, body => {} },
);

# none is forgotten; replay has a test of its own, validate and simulate change
# nothing

my @routes = do {
    open(my $in, '<', SentConv::Nginx::root()
        . '/src/http/ngx_http_sent_conv_handler.c') or die "handler.c: $!\n";
    map { m!NGX_HTTP_(POST|PUT|PATCH|DELETE), "(/v3/[^"]+)"!
        ? [$1, $2] : () } <$in>;
};
my %elsewhere = map { $_ => 1 } '/v3/webhooks/*/events/*/replay',
    '/v3/agents/*/validate', '/v3/agents/*/simulate';

for my $route (@routes) {
    my ($method, $pattern) = @$route;
    my $re = join('[^/]+', map { quotemeta } split(/\*/, $pattern, -1));

    ok($elsewhere{$pattern} || scalar(grep {
        ($_->{method} // 'POST') eq $method && $_->{path} =~ /^$re$/
    } @mutations), "$method $pattern is here");
}

my $window = window();
my $webhook = $t->webhook('/hook', event_types => ['conversation'],
    event_filters => { conversation => ['inactive'] })->{id};
my $agent = $t->post('/v3/agents', body => { name => 'mine',
    definition => \%definition })->data()->{agent}{id};

sub call {
    my ($m, %how) = @_;

    my $path = $m->{path} =~ s/%%WINDOW%%/$window/r
        =~ s/%%WEBHOOK%%/$webhook/r =~ s/%%AGENT%%/$agent/r;
    my $sandbox = delete $how{sandbox};

    return $t->api($m->{method} // 'POST', $path, %how,
        headers => { %{$m->{headers} || {}} }, body => {
        %{$m->{body}}, $sandbox ? (sandbox => $true) : () });
}

# a record's own bytes: deliveries are at rest

sub held {
    wait_for(10, sub { !$t->{redis}->keys('sc:*:q:*') });

    my $all = $t->{redis}->dump();

    return $all;
}

for my $m (@mutations) {
    my $name = $m->{name};

    is(call($m, key => $t->{read_key})->verdict(), '403 AUTH_004',
        "$name: may not by a key that reads");

    my $before = held();
    my $answer = call($m, sandbox => 1, idem => 'tried');

    is($answer->status(), $m->{status}, "$name: sandbox");
    is($answer->header('x-sandbox'), 'true', "$name: says so");
    is_deeply(held(), $before, "$name: nothing written");

    my $key = "key-of-$name" =~ s/ /-/gr;

    if (($m->{method} // '') eq 'DELETE') {
        is(call($m)->status(), 204, $name);
        is(call($m)->status(), 404, "$name: gone");
        next;
    }

    $answer = call($m, idem => $key);
    is($answer->status(), $m->{status}, $name);
    is($answer->header('idempotent-replayed'), undef, "$name: the first");
    is($answer->header('x-sandbox'), undef, "$name: no sandbox");

    $before = held();

    my $again = call($m, idem => $key, node => $two);

    is($again->status(), $m->{status}, "$name: repeated elsewhere");
    is($again->header('idempotent-replayed'), 'true', "$name: replayed");

    my ($first, $second) = map { $_->data() } $answer, $again;

    if ($m->{secret}) {
        like($first->{signing_secret}, qr/^whsec_/, "$name: shown once");
        is(delete $second->{signing_secret}, undef, "$name: not again");
        delete $first->{signing_secret};
    }

    is_deeply($second, $first, "$name: the same answer");
    is_deeply(held(), $before, "$name: done once");
}

is($t->{redis}->command('EXISTS', "sc:idem:$t->{customer}:tried"), 0,
    'sandbox mode keeps no record');
