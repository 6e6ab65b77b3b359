#!/usr/bin/perl

# Tests for what changed since: nothing is passed over, however much it was.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $t = setup(http => "    sent_conv_partitions 1;\n", server => <<'EOF');

        location /ui-api/ {
            sent_conv_dashboard;
        }
EOF

my %same = ('Sec-Fetch-Site' => 'same-origin');
my ($cookie) = $t->api('POST', '/ui-api/session', key => undef,
    headers => \%same, body => { api_key => $t->{key} })
    ->header('Set-Cookie') =~ /^([^;]+)/;

push @{$t->{secrets}}, $cookie =~ /=(.*)/;

sub changes {
    my ($after) = @_;

    return $t->api('GET', '/ui-api/changes' . ($after ? "?after=$after" : ''),
        key => undef, headers => { Cookie => $cookie })->data();
}

sub write_from {
    my (@n) = @_;

    is($t->carrier('whatsapp', [map { $t->message(from => $t->contact($_)) }
        @n])->status(), 200, @n . ' contacts write');
}

# so many that they are told one by one; so many that they are not

my $start = changes();

write_from(1 .. 99);

my $next = changes($start->{position});

is_deeply([scalar @{$next->{changes}}, !!$next->{reset}], [99, !!0],
    'each is told');

$t->{redis}->tick();
write_from(200 .. 400);
$next = changes($next->{position});
is_deeply([$next->{changes}, !!$next->{reset}, $next->{open}],
    [[], !!1, 300], 'all is to be read anew');

$t->{redis}->tick();
write_from(500);
is(@{changes($next->{position})->{changes}}, 1, 'from there it goes on');

done_testing();
