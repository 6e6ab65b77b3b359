#!/usr/bin/perl

# Tests for what every mutation of the operator's API has in common: sandbox
# mode that does nothing, an Idempotency-Key that holds on every node; and
# that each may be asked twice.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(uuid4);

my $t = setup();
my $two = $t->node('two');
my $true = JSON::PP::true;

my $uri = "/customers/$t->{customer}";
my $number = '/numbers/sms/+14155557000';
my $template = "$uri/templates/" . uuid4();
my $key = $t->new_key($t->{customer}, 'read');

my @mutations = (
    { name => 'customer', path => '/customers', status => 201,
        body => { name => 'Acme' } },
    { name => 'settings', method => 'PATCH', path => $uri, status => 200,
        body => { keywords => ['BAJA'], help => 'Ask us' } },
    { name => 'key', path => "$uri/keys", status => 201, secret => 'key',
        body => { name => 'a key', role => 'read' } },
    { name => 'number', method => 'PUT', path => $number, status => 200,
        body => { customer_id => $t->{customer}, carrier => 'sms-one' } },
    { name => 'template', method => 'PUT', path => $template, status => 200,
        again => 200, body => { name => 'x', parameters => [],
            channels => { sms => { text => 'x' } } } },
    { name => 'no key', method => 'DELETE', path => "$uri/keys/$key->{id}",
        status => 204 },
    { name => 'no number', method => 'DELETE', path => $number,
        status => 204 },
    { name => 'no template', method => 'DELETE', path => $template,
        status => 204 },
);

# none is forgotten

my @routes = do {
    open(my $in, '<', SentConv::Nginx::root()
        . '/src/http/ngx_http_sent_conv_handler.c') or die "handler.c: $!\n";
    map { m!NGX_HTTP_(POST|PUT|PATCH|DELETE), "(/(?:customers|numbers)\b.*)"!
        ? [$1, $2] : () } <$in>;
};

cmp_ok(scalar(@routes), '>', 5, 'routes');

for my $route (@routes) {
    my ($method, $pattern) = @$route;
    my $re = join('[^/]+', map { quotemeta } split(/\*/, $pattern, -1));

    ok(scalar(grep { ($_->{method} // 'POST') eq $method
        && $_->{path} =~ /^$re$/ } @mutations), "$method $pattern is here");
}

sub call {
    my ($m, %how) = @_;

    my %body = (%{$m->{body} || {}}, $how{sandbox} ? (sandbox => $true) : ());
    my %headers = $how{idem} ? ('Idempotency-Key' => $how{idem}) : ();

    return $t->admin($m->{method} // 'POST', $m->{path},
        node => $how{node}, headers => \%headers,
        body => $m->{body} || $how{sandbox} ? \%body : undef);
}

for my $m (@mutations) {
    my $name = $m->{name};
    my $before = $t->{redis}->dump();
    my $answer = call($m, sandbox => 1, idem => 'tried');

    is($answer->status(), $m->{status}, "$name: sandbox");
    is($answer->header('x-sandbox'), 'true', "$name: says so");
    is_deeply($t->{redis}->dump(), $before, "$name: nothing written");

    if (!$m->{body}) {
        is(call($m)->status(), $m->{status}, $name);
        $before = $t->{redis}->dump();
        is(call($m, node => $two)->status(), $m->{status}, "$name: twice");
        is_deeply($t->{redis}->dump(), $before, "$name: once is enough");
        next;
    }

    my $idem = "key-of-$name";

    $answer = call($m, idem => $idem);
    is($answer->status(), $m->{status}, $name);
    is($answer->header('idempotent-replayed'), undef, "$name: the first");

    $before = $t->{redis}->dump();

    my $again = call($m, idem => $idem, node => $two);

    is($again->status(), $m->{status}, "$name: repeated elsewhere");
    is($again->header('idempotent-replayed'), 'true', "$name: replayed");

    my ($first, $second) = map { $_->data() } $answer, $again;

    if ($m->{secret}) {
        ok(length($first->{$m->{secret}}) >= 32, "$name: shown once");
        push @{$t->{secrets}}, delete $first->{$m->{secret}};
        is(delete $second->{$m->{secret}}, undef, "$name: not again");
    }

    is_deeply($second, $first, "$name: the same answer");
    is_deeply($t->{redis}->dump(), $before, "$name: done once");

    next unless ($m->{method} // 'POST') eq 'PUT';

    $again = call($m, node => $two);
    is($again->status(), $m->{status}, "$name: twice without a key");
    is_deeply($again->data(), $first, "$name: the same");
}

# a customer whose id was chosen is made once

my $id = uuid4();
my @made = map { $t->admin('POST', '/customers', node => $_,
    body => { id => $id, name => 'Chosen' }) } $t->{nginx}, $two;

is(join(' ', map { $_->status() } @made), '201 201', 'an id of choice, twice');
is_deeply($made[1]->data(), $made[0]->data(), 'the same customer');
