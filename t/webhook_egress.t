#!/usr/bin/perl

# Tests for webhooks that leave through a gateway: it is told where to, by the
# address that was checked, and what the module checks is checked all the same.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $conf = SentConv::Conf::standard();

$conf =~ s{proxy_pass \$sent_conv_url;}
    {proxy_pass http://127.0.0.1:%%RECEIVER%%/egress;
            proxy_set_header X-Target \$sent_conv_url;
            proxy_set_header X-Target-Name \$sent_conv_ssl_name;}
    or die "no location of webhooks\n";

my $t = setup(conf => $conf);

my %form = (display_name => 'far', event_types => ['conversation'],
    event_filters => { conversation => ['started'] }, retry_count => 1);

my $hook = $t->post('/v3/webhooks', body => { %form,
    endpoint_url => 'https://localhost.:4443/a?b=%20c' })->data();

push @{$t->{secrets}}, $hook->{signing_secret};
is($t->post('/v3/webhooks', body => { %form,
    endpoint_url => 'https://10.0.0.1/' })->verdict(), '400 VALIDATION_006',
    'an address that may not be called');

# once refused, then delivered; the gateway's answer is the endpoint's

$t->{receiver}->script('/egress', { status => 502 });

my $c = $t->opened();
my @posts = $t->{receiver}->wait_requests('/egress', 2);

is(scalar(@posts), 2, 'delivered by the gateway, a 502 is a failure');

for my $post (@posts) {
    is($post->{headers}{'x-target'}, 'https://127.0.0.1:4443/a?b=%20c',
        'where to');
    is($post->{headers}{'x-target-name'}, 'localhost', 'its name');
    is($post->{headers}{host}, 'localhost:4443', 'its host');
    is($post->{headers}{'webhook-id'}, "evt_$c->{id}_started", 'the event');
    is(join(', ', SentConv::Sign::webhook_errors($post,
        $hook->{signing_secret}, $hook->{id})), '', 'signed');
}
