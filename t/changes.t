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

# the same as a stream, which browsers come back to by themselves

sub stream {
    my ($uri, %headers) = @_;

    return $t->api('GET', "/ui-api/changes$uri", key => undef,
        headers => { Cookie => $cookie, Accept => 'text/event-stream',
            %headers });
}

my $answer = stream('');

is($answer->status(), 200, 'a stream');
is($answer->header('Content-Type'), 'text/event-stream', 'its type');
is($answer->header('Cache-Control'), 'no-store', 'not stored');

my ($id) = $answer->body() =~ /^id: (\S+)$/m;

is($answer->body(), qq(retry: 3000\nid: $id\nevent: changes\n)
    . qq(data: {"changes":[],"open":301,"position":"$id","reset":false}\n\n),
    'its position to begin with');
$t->{redis}->tick();
$id = stream("?after=$id")->body() =~ /^id: (\S+)$/m ? $1 : $id;
is(stream('', 'Last-Event-ID' => $id)->body(),
    "retry: 3000\n: nothing\n\n", 'nothing since');
write_from(501);
like(stream('?after=1.1', 'Last-Event-ID' => $id)->body(),
    qr/^data: \{"changes":\[\{"conversation_id":"[^"]+","at":"[^"]+"\}\]/m,
    'what changed since the last event');
is(stream('', 'Last-Event-ID' => 'x')->verdict(), '400 VALIDATION_006',
    'no position');
like(stream('?after=1.1')->body(), qr/^data: .*"reset":true/m, 'too long ago');
is($t->api('GET', '/ui-api/changes', key => undef, headers => { Accept =>
    'text/event-stream' })->status(), 401, 'not without a session');

done_testing();
