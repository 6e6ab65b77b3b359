#!/usr/bin/perl

# Tests with the packages that customers use, as npm has them: the published
# SDK manages webhooks, standardwebhooks and svix verify what they are sent.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $sdk = "$FindBin::Bin/sdk";
my $t = setup();
my $given = "$t->{dir}/given.json";

is(system("$FindBin::Bin/../conf/npm.sh $sdk >$t->{dir}/npm.log 2>&1"), 0,
    'packages')
    or BAIL_OUT(`cat $t->{dir}/npm.log`);

open(my $out, '>', $given) or die "$given: $!\n";
print $out json({ url => 'http://127.0.0.1:' . $t->{nginx}->port(),
    key => $t->{key}, read_key => $t->{read_key},
    number => $t->{numbers}{whatsapp},
    carrier_secret => $t->{carrier_secret} });
close($out);

open(my $node, '-|', "node $sdk/webhooks.js <$given") or die "node: $!\n";

while (my $line = <$node>) {
    my $check = JSON::PP->new->utf8->decode($line);

    ok($check->{ok}, $check->{name}) or diag($check->{why});
}

close($node);
is($?, 0, 'to its end');
