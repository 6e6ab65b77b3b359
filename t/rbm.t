#!/usr/bin/perl

# Tests for RCS for Business: the handshake and the signed envelope, chips and
# events, and the access token that a service account's JWT is exchanged for.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Fake::Rbm;

my $port = free_port();
my $key = `openssl genrsa 2048 2>/dev/null`;
my %secrets = ('rbm.secret' => 'the-client-token-of-rbm',
    'rbm.account' => JSON::PP->new->encode({ type => 'service_account',
        client_email => 'agent@acme.example', private_key => $key,
        token_uri => 'https://oauth2.example/token' }));

plan(skip_all => 'no openssl') unless $key =~ /PRIVATE KEY/;

my $t = setup(set => { RBM => $port }, secrets => \%secrets, workers => 1,
    start => 0, server => <<'EOF');
        location = /carriers/rbm {
            sent_conv_carrier rbm rcs rbm;
            sent_conv_carrier_secret %%TESTDIR%%/rbm.secret;
            sent_conv_carrier_number +14155550900;
        }

        location = /deliver/rbm {
            internal;
            sent_conv_deliver carrier rbm rbm;
            sent_conv_carrier_account %%TESTDIR%%/rbm.account;
            sent_conv_carrier_token_location /token/rbm;
            set $q messageId=$sent_conv_message_id&agentId=acme_agent;
            set $phone /v1/phones/$sent_conv_to;
            proxy_pass http://127.0.0.1:%%RBM%%$phone/agentMessages?$q;
            proxy_set_header Authorization "Bearer $sent_conv_token";
        }

        location = /token/rbm {
            internal;
            proxy_pass http://127.0.0.1:%%RBM%%/token;
        }
EOF

push @{$t->{secrets}}, $key =~ /\n(\S{40})/, 'ya29.';

system("openssl rsa -pubout -in /dev/stdin -out $t->{dir}/rbm.public"
    . " 2>/dev/null <<'EOF'\n${key}EOF") == 0 or die "no public key\n";

my %fake = (dir => $t->{dir}, name => 'rbm', port => $port,
    path => '/carriers/rbm', secret => $secrets{'rbm.secret'},
    account => 'agent@acme.example', public => "$t->{dir}/rbm.public");

# the token's endpoint is away when the worker starts

$t->start();
$t->use_customer($t->new_customer('first'));
$t->admin('DELETE', "/numbers/rcs/$t->{numbers}{rcs}");
$t->bind_number('rcs', '+14155550900', $t->{customer}, 'rbm');
$t->{numbers}{rcs} = '+14155550900';
$t->webhook('/hook');
$t->allow(qr/connect\(\) failed.*token\/rbm/, qr/no access token/,
    qr/refused its access token/);

ok(wait_for(10, sub { $t->{nginx}->log() =~ /no access token/ }),
    'an operator is told that there is no token');

my $template = $t->template(channels => { rcs => { text => 'Hi {{name}}.' } });
my $zero = $t->contact(9);
my $waiting = $t->broadcast($zero, template => $template,
    channel => ['rcs'])->data()->{recipients}[0]{message_id};

my $rbm = SentConv::Fake::Rbm->new(%fake, to => $t->{nginx}->port(0),
    life => 3599);

sub settled {
    my ($id, $want, $name) = @_;

    my $got;

    wait_for(20, sub {
        $got = join(' ', map { $_->{status} }
            @{$t->get("/v3/messages/$id/activities")->data()->{activities}});
        return $got eq $want;
    });

    is($got, $want, $name);
}

sub sent {
    my ($to, $text, $want) = @_;

    my $id = $t->send(to => $to, body => $text)->data()->{message_id};

    settled($id, $want // 'QUEUED SENT', $text);
    return $id;
}

sub tokens {
    return scalar(grep { $_->{path} eq '/token' } $rbm->requests());
}

settled($waiting, 'QUEUED SENT', 'it went when there was one');
is(($rbm->messages())[0]{text}, 'Hi Ann.', 'a template');
is(tokens(), 1, 'one token');

# the handshake

sub post {
    my ($body, %headers) = @_;

    return http($t->{nginx}->port(0), 'POST', '/carriers/rbm', body => $body,
        headers => { 'Content-Type' => 'application/json', %headers });
}

my $answer = post('{"clientToken":"the-client-token-of-rbm",'
    . '"secret":"abc \"1\""}');

is($answer->status(), 200, 'handshake');
is($answer->body(), 'abc "1"', 'its secret back');
like($answer->header('content-type'), qr!^text/plain!, 'as text');
is(post('{"clientToken":"guess","secret":"abc"}')->status(), 401,
    'of somebody else');
is(post('{"secret":"abc"}')->status(), 401, 'of nobody');

# the signature is over what is in the envelope

my $one = $t->contact(1);
my $body = $rbm->envelope({ senderPhoneNumber => $one, messageId => 'Mx1',
    sendTime => '2026-01-01T00:00:00.5Z', text => "caf\x{e9}" });
my %signed = $rbm->headers($body);
my $other = $rbm->envelope({ senderPhoneNumber => $one, messageId => 'Mx1',
    sendTime => '2026-01-01T00:00:00.5Z', text => 'other' });

is(post($other, %signed)->status(), 401, 'signature of another message');
is(post($body, 'X-Goog-Signature' => undef)->status(), 401, 'absent');
is(post($body, 'X-Goog-Signature' => substr($signed{'X-Goog-Signature'}, 4))
    ->status(), 401, 'short');
is(post('{"message":{"data":"%%%"}}', %signed)->status(), 401, 'no base64');
is(post($rbm->envelope('no JSON'), $rbm->headers($rbm->envelope('no JSON')))
    ->data()->{skipped}, 1, 'no JSON in it');
is($t->open($one), undef, 'nothing was stored');

# what users write and press

is($rbm->event($one, text => "caf\x{e9}")->data()->{accepted}, 1, 'text');
$rbm->event($one, suggestionResponse => { text => 'Yes!',
    postbackData => 'yes-7', type => 'REPLY' });
$rbm->event($one, userFile => { payload => { mimeType => 'image/jpeg',
    fileSizeBytes => 123, fileUri => 'https://rcs.example/f',
    fileName => 'a.jpg' } });
$rbm->event($one, location => { latitude => 1.5, longitude => -2 });
is($rbm->event($one, eventType => 'IS_TYPING', eventId => 'e')
    ->data()->{accepted}, 0, 'typing is nothing');

my $c = $t->open($one);
my @said = $t->transcript($c->{id});

is(join(' ', map { $_->{kind} } @said), 'text suggestion file location',
    'kinds');
is(join(' ', map { $_->{message_body}{content} // '-' } @said),
    "caf\x{e9} Yes! - -", 'texts');
is($said[2]{attachments}[0]{fileUri}, 'https://rcs.example/f', 'a file');
is($said[1]{attachments}[0]{postbackData}, 'yes-7', 'which chip it was');
is($c->{number}, '+14155550900', 'the number that stands for the agent');

# what goes, and its events

my $id = sent($one, 'report DELIVERED,READ', 'QUEUED SENT DELIVERED READ');
my ($told) = grep { $_->{token} eq $id } $rbm->messages();

is($told->{to}, $one, 'to');

sent($one, 'early DELIVERED', 'QUEUED DELIVERED');
$id = sent($one, 'plain');
$rbm->report('x', { to => $one, token => $id }, $_)
    for qw(READ DELIVERED READ);
settled($id, 'QUEUED SENT READ', 'never back');

# an answer that was lost: the same messageId again, and they know it

$id = sent($one, 'lose');
is(scalar(grep { $_->{token} eq $id } $rbm->messages()), 2,
    'twice, by the same id');

# refusals

sent($one, 'refuse 404', 'QUEUED FAILED');
sent($one, 'refuse 403', 'QUEUED FAILED');
$id = sent($one, 'refuse 429');
is(scalar(grep { $_->{token} eq $id } $rbm->messages()), 2, 'again later');

# a token that has come to its end is replaced, and nothing fails

is(tokens(), 1, 'still the first token');
$id = sent($one, 'expire');
is(tokens(), 2, 'another one');

# chips of ours, whom nobody has answered: HELP, STOP; a STOP event

$t->admin('PATCH', "/customers/$t->{customer}", body => {
    confirmation => 'You will hear no more.', help => 'Call us.' });

sub texts {
    my ($to) = @_;

    return join(' ', map { $_->{text} } grep { $_->{to} eq $to }
        $rbm->messages());
}

my $two = $t->contact(2);

$rbm->event($two, suggestionResponse => { text => 'What is this?',
    postbackData => 'help' });
ok(wait_for(10, sub { texts($two) eq 'Call us.' }), 'a chip for help');
$rbm->event($two, suggestionResponse => { text => 'No more of this',
    postbackData => 'stop' });
is($t->open($two), undef, 'a chip is an opt-out');
is($t->send(to => $two, body => 'x')->json()->{details}{contact}[0],
    'opted_out', 'that holds');
ok(wait_for(10, sub { texts($two) eq 'Call us. You will hear no more.' }),
    'and is confirmed');

my $three = $t->contact(3);

$rbm->event($three, text => 'hi');
$rbm->event($three, eventType => 'UNSUBSCRIBE', eventId => 'u1');
is($t->open($three), undef, 'an event is, too');
is($t->wait_event('/hook', 'conversation.ended', contact => $three)
    ->{payload}{close_reason}, 'COMPLIANCE_STOP', 'reason');

# a worker that is replaced gets a token of its own

$t->{nginx}->reload();
$t->ready($t->{nginx});
sent($one, 'after the reload');
cmp_ok(tokens(), '>=', 3, 'a token for the new worker');
