#!/usr/bin/perl

# Tests for the browser's side of the API: sessions, what they open and what
# they do not, what other sites cannot have done.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Digest::SHA qw(sha256_hex);

use SentConv::Env;
use SentConv::Id qw(rfc3339);

my $t = setup(server => <<'EOF', off => []);

        location /ui-api/ {
            sent_conv_dashboard;
        }

        location /sandbox/ {
            sent_conv_sandbox wa;
        }
EOF

my $cookie;

sub ui {
    my ($method, $uri, %arg) = @_;

    my %headers = ('Sec-Fetch-Site' => 'same-origin',
        $cookie ? (Cookie => "a=b; $cookie; c=d") : (),
        %{delete $arg{headers} || {}});

    return $t->api($method, "/ui-api$uri", key => undef,
        headers => \%headers, %arg);
}

# signing in

is(ui('GET', '/session')->verdict(), '401 AUTH_001', 'nobody');
is(ui('GET', '/conversations')->json()->{error}, 'Sign in first.',
    'a sentence, as everywhere under conversations');
is(ui('POST', '/session', body => { api_key => 'nonsense' })->verdict(),
    '401 AUTH_002', 'an unknown key');
is(ui('POST', '/session', body => {})->verdict(), '400 VALIDATION_004',
    'no key');

my $answer = ui('POST', '/session', body => { api_key => $t->{key} });

is($answer->verdict(), '201', 'signed in');
like($answer->header('Set-Cookie'), qr/^__Host-sent_conv=[\w-]{43};\ Path=\/;
    \ Secure;\ HttpOnly;\ SameSite=Strict;\ Max-Age=28800$/x, 'cookie');
is($answer->header('Cache-Control'), 'no-store', 'not stored');

($cookie) = $answer->header('Set-Cookie') =~ /^([^;]+)/;
push @{$t->{secrets}}, $cookie =~ /=(.*)/;

my $session = ui('GET', '/session')->data();

is_deeply($session->{customer}, { id => $t->{customer}, name => 'first' },
    'who');
is_deeply([$session->{role}, $session->{features}{conversations},
    $session->{features}{phone}], ['full', JSON::PP::true, JSON::PP::true],
    'what it may');

# stored by its digest only, and for eight hours

my ($stored) = $t->{redis}->keys('sc:session:*');

is($stored, 'sc:session:' . sha256_hex($cookie =~ /=(.*)/), 'its digest');
ok($t->{redis}->command('PTTL', $stored) > 28700000, 'for hours');

# what it opens

is(ui('GET', '/conversations')->verdict(), '200', 'the API under /ui-api');
is(ui('GET', '/agents')->verdict(), '200', 'agents, too');
is(ui('GET', '/nothing')->verdict(), '404 VALIDATION_001', 'nothing else');
is($t->api('GET', '/v3/conversations', key => undef,
    headers => { Cookie => $cookie })->verdict(), '401 AUTH_001',
    'not /v3');
is(ui('GET', '/session', headers => { Cookie => $cookie . 'x' })->verdict(),
    '401 AUTH_001', 'a cookie of another length');
is(ui('GET', '/session', headers => {
    Cookie => '__Host-sent_conv=' . 'x' x 43 })->verdict(), '401 AUTH_002',
    'a forged one');

# other sites

for my $site (qw(cross-site same-site none)) {
    is(ui('PATCH', '/settings', body => {},
        headers => { 'Sec-Fetch-Site' => $site })->verdict(),
        '403 AUTH_004', "from $site");
}

my %old = ('Sec-Fetch-Site' => undef);

is(ui('PATCH', '/settings', body => {}, headers => { %old })->verdict(),
    '403 AUTH_004', 'no word of where from');
is(ui('PATCH', '/settings', body => {},
    headers => { %old, Origin => 'http://evil.example' })->verdict(),
    '403 AUTH_004', 'of another origin');
is(ui('PATCH', '/settings', body => {},
    headers => { %old, Origin => 'http://localhost' })->verdict(), '200',
    'of this');
is(ui('POST', '/session', body => { api_key => $t->{key} },
    headers => { 'Sec-Fetch-Site' => 'cross-site' })->verdict(),
    '403 AUTH_004', 'nobody is signed in by another site');

# settings

$answer = ui('PATCH', '/settings',
    body => { keywords => ['BAJA'], confirmation => 'Bye.' });
is_deeply([@{$answer->data()}{qw(keywords confirmation help)}],
    [['BAJA'], 'Bye.', undef], 'settings changed');
is(ui('PATCH', '/settings', body => { keywords => 'BAJA' })->verdict(),
    '400 VALIDATION_001', 'settings of a wrong type');
is_deeply([map { "$_->{channel} $_->{sandbox}" }
    sort { $a->{channel} cmp $b->{channel} }
    @{ui('GET', '/settings')->data()->{numbers}}],
    ['rcs 0', 'sms 0', 'whatsapp 1'], 'numbers');

# what changed

my $start = ui('GET', '/changes')->data();

is_deeply($start->{changes}, [], 'nothing to begin with');
is(ui('GET', "/changes?after=$start->{position}")->status(), 304,
    'nothing since');

my $c = $t->opened();
my $next = ui('GET', "/changes?after=$start->{position}")->data();

is_deeply([map { $_->{conversation_id} } @{$next->{changes}}], [$c->{id}],
    'an opening');
$t->{redis}->tick();
$next = ui('GET', "/changes?after=$next->{position}");
$next = ui('GET', '/changes?after=' . $next->data()->{position})
    if $next->status() == 200;
is($next->status(), 304, 'told');

$next = ui('GET', '/changes')->data();
$t->end($c->{id});
is(ui('GET', "/changes?after=$next->{position}")->data()->{open}, 0,
    'an ending shows in how many are open');
ok(ui('GET', '/changes?after=1000.0')->data()->{reset}, 'too long ago');
is(ui('GET', '/changes?after=x')->verdict(), '400 VALIDATION_006',
    'no position');

# a contact is played

my $number = $t->{numbers}{whatsapp};

$answer = ui('POST', '/phone', body => { from => '+14155550177',
    to => $number, channel => 'whatsapp', text => 'Hello there' });
is($answer->verdict(), '202', 'the contact writes');
ok($answer->data()->{conversation_id}, 'a window opens');
$t->send(to => '+14155550177', body => 'Hello yourself');

my $seen = wait_for(10, sub {
    my $all = ui('GET', '/phone?from=%2B14155550177')->data()->{messages};
    return @$all == 2 ? $all : undef;
});

is_deeply([map { "$_->{direction} $_->{text}" } @{$seen || []}],
    ['INBOUND Hello there', 'OUTBOUND Hello yourself'], 'what it shows');
is(ui('POST', '/phone', body => { from => '+14155550177',
    to => $t->{numbers}{sms}, channel => 'sms', text => 'x' })->status(),
    404, 'not on another carrier');
is(ui('GET', '/phone?from=x')->verdict(), '400 VALIDATION_002',
    'no number');
is_deeply(ui('GET', '/phone?from=%2B14155550178')->data()->{messages}, [],
    'a phone that never wrote');

# a session whose time is over; a key that may read; one that is revoked;
# signing out

my $full = $cookie;

$cookie = undef;
($cookie) = ui('POST', '/session', body => { api_key => $t->{key} })
    ->header('Set-Cookie') =~ /^([^;]+)/;
push @{$t->{secrets}}, $cookie =~ /=(.*)/;
is(ui('GET', '/session')->status(), 200, 'another session');
$t->{redis}->command('PEXPIRE',
    'sc:session:' . sha256_hex($cookie =~ /=(.*)/), 1);
ok(wait_for(5, sub { ui('GET', '/session')->verdict() eq '401 AUTH_002' }),
    'over when its time is');

$cookie = undef;
($cookie) = ui('POST', '/session', body => { api_key => $t->{read_key} })
    ->header('Set-Cookie') =~ /^([^;]+)/;
push @{$t->{secrets}}, $cookie =~ /=(.*)/;
is(ui('GET', '/session')->data()->{role}, 'read', 'a role that reads');
is(ui('PATCH', '/settings', body => {})->verdict(), '403 AUTH_004',
    'and changes nothing');

my $id = $t->admin('GET', "/customers/$t->{customer}/keys")->data()->{keys};
my ($read) = grep { $_->{role} eq 'read' } @$id;

$t->admin('DELETE', "/customers/$t->{customer}/keys/$read->{id}");
is(ui('GET', '/session')->verdict(), '401 AUTH_002', 'revoked at once');

$cookie = $full;
$answer = ui('DELETE', '/session');
is($answer->verdict(), '204', 'signed out');
like($answer->header('Set-Cookie'), qr/Max-Age=0$/, 'the cookie goes');
is(ui('GET', '/session')->verdict(), '401 AUTH_002', 'and opens nothing');

done_testing();
