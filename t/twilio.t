#!/usr/bin/perl

# Tests for Twilio: forms signed over the URL that was declared, its own
# opt-outs, refusals, and callbacks in any order.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Fake::Twilio;

my $port = free_port();
my %secrets = ('twilio.secret' => 'the-auth-token-of-twilio');
my $url = 'https://messages.acme.example/in/twilio';

my $t = setup(set => { TWILIO => $port }, secrets => \%secrets,
    server => <<'EOF');
        location = /carriers/twilio {
            sent_conv_carrier twilio sms twilio;
            sent_conv_carrier_secret %%TESTDIR%%/twilio.secret;
            sent_conv_carrier_url https://messages.acme.example/in/twilio;
        }

        location = /carriers/twilio-wa {
            sent_conv_carrier twilio-wa whatsapp twilio;
            sent_conv_carrier_secret %%TESTDIR%%/twilio.secret;
            sent_conv_carrier_url https://messages.acme.example/in/twilio;
        }

        location = /deliver/twilio {
            internal;
            sent_conv_deliver carrier twilio twilio;
            set $account /2010-04-01/Accounts/AC1;
            proxy_pass http://127.0.0.1:%%TWILIO%%$account/Messages.json;
            proxy_set_header Authorization "Basic QUMxOnRva2Vu";
        }

        location = /deliver/twilio-wa {
            internal;
            sent_conv_deliver carrier twilio-wa twilio;
            set $account /2010-04-01/Accounts/AC1;
            proxy_pass http://127.0.0.1:%%TWILIO%%$account/Messages.json;
            proxy_set_header Authorization "Basic QUMxOnRva2Vu";
        }
EOF

$t->bind_number('sms', $t->{numbers}{sms}, $t->{customer}, 'twilio');
$t->bind_number('whatsapp', $t->{numbers}{whatsapp}, $t->{customer},
    'twilio-wa');
$t->admin('PATCH', "/customers/$t->{customer}", body => {
    confirmation => 'You will hear no more.', help => 'Call us.' });

my $twilio = SentConv::Fake::Twilio->new(dir => $t->{dir}, name => 'twilio',
    port => $port, to => $t->{nginx}->port(0), path => '/carriers/twilio',
    secret => $secrets{'twilio.secret'}, number => $t->{numbers}{sms},
    url => $url);

$t->webhook('/hook');

sub settled {
    my ($id, $want, $name) = @_;

    my $got;

    wait_for(10, sub {
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

sub told {
    my ($id) = @_;

    return wait_for(5, sub {
        (grep { ($_->{token} // '') eq $id } $twilio->messages())[-1] });
}

# what comes: answered as Twilio wants it

my $one = $t->contact(1);
my $answer = $twilio->message($one, "caf\x{e9} & more +1 \x{1f44d}",
    ProfileName => 'Ada Lovelace');

is($answer->status(), 200, 'taken');
is($answer->body(), '<Response/>', 'TwiML');
like($answer->header('content-type'), qr!^text/xml!, 'as XML');

my $c = $t->open($one);

is($c->{contact_name}, 'Ada Lovelace', 'name');
is(($t->transcript($c->{id}))[0]{message_body}{content},
    "caf\x{e9} & more +1 \x{1f44d}", 'text');

# the signature: of the URL that was declared, with its port or without, of
# the exact fields

my %form = (MessageSid => 'SMx', From => $t->contact(2),
    To => $t->{numbers}{sms}, Body => 'a b', NumMedia => '0');
my $body = SentConv::Fake::Twilio::form(%form);

sub post {
    my ($signature, $body, $query) = @_;

    return http($t->{nginx}->port(0), 'POST', '/carriers/twilio'
        . ($query // ''), body => $body, headers => {
            'Content-Type' => 'application/x-www-form-urlencoded',
            'X-Twilio-Signature' => $signature })->status();
}

is(post($twilio->signature('http://127.0.0.1/carriers/twilio', $body),
    $body), 401, 'of the URL that nginx sees');
is(post($twilio->signature("$url?x=1", $body), $body), 401,
    'of another query');
is(post($twilio->signature($url, $body), $body . '&Body=b'), 401,
    'a field more');
is(post($twilio->signature($url, $body), $body =~ s/a%20b|a\+b/ab/r), 401,
    'a field changed');
is(post(undef, $body), 401, 'absent');
is(post(substr($twilio->signature($url, $body), 1), $body), 401, 'short');
is($t->open($t->contact(2)), undef, 'nothing was stored');
is(post($twilio->signature($url =~ s/example/example:443/r, $body), $body),
    200, 'with the port');
is(post($twilio->signature("$url?bodySHA256=x", $body), $body,
    '?bodySHA256=x'), 200, 'with a query');
is($t->open($t->contact(2))->{inbound_count}, 1, 'once');

# pictures, places, replies

$twilio->message($one, 'look', NumMedia => '1',
    MediaUrl0 => 'https://api.twilio.com/m/ME1',
    MediaContentType0 => 'image/png');
$twilio->message($one, '', Latitude => '1.5', Longitude => '-2.25');

my @said = $t->transcript($c->{id});

is($said[1]{kind} . ' ' . $said[1]{message_body}{content}, 'image look',
    'a picture');
is($said[1]{attachments}[0]{mime_type}, 'image/png', 'of that type');
is($said[2]{kind}, 'location', 'a place');

# what goes: our id comes back in the URL of the callback

my $id = sent($one, 'report sent,delivered', 'QUEUED SENT DELIVERED');
my $told = told($id);

is("$told->{from} $told->{to}", "$t->{numbers}{sms} $one", 'numbers');
is($told->{callback}, "$url?message_id=$id", 'callback');

$id = sent($one, 'early delivered', 'QUEUED DELIVERED');
$twilio->status('SM1', told($id), $_) for qw(sent read sending delivered);
settled($id, 'QUEUED DELIVERED READ', 'never back');

$id = sent($one, 'x y & z');
$twilio->status('SMother', told($id), 'undelivered', ErrorCode => '30003');
settled($id, 'QUEUED SENT FAILED', 'undelivered');
is($t->wait_event('/hook', 'message.failed', message_id => $id)->{payload}
    {error}{code}, '30003', 'with its code');

# refusals

for my $case ([21610 => 'QUEUED FAILED', 1], [63016 => 'QUEUED FAILED', 1],
    [20429 => 'QUEUED SENT', 2], [20003 => 'QUEUED SENT', 2])
{
    my ($code, $want, $attempts) = @$case;

    $id = sent($one, "refuse $code", $want);
    is(scalar(grep { ($_->{token} // '') eq $id } $twilio->messages()),
        $attempts, "$code, attempts");
}

# templates: of the text that is registered, or by the carrier's own id

my $text = $t->template(name => 'text', channels => {
    sms => { text => 'Hello {{name}}!' } });
my $content = $t->template(name => 'content', channels => {
    sms => { content_sid => 'HX0123456789abcdef0123456789abcdef' } });

for my $case ([$text, text => 'Hello Ann!', sid => undef],
    [$content, text => undef, sid => 'HX0123456789abcdef0123456789abcdef',
        variables => '{"1":"Ann"}'])
{
    my ($template, %want) = @$case;

    $id = $t->broadcast($t->contact(5), template => $template,
        channel => ['sms'])->data()->{recipients}[0]{message_id};
    settled($id, 'QUEUED SENT', 'a template');

    my $got = told($id);

    is_deeply({ map { $_ => $got->{$_} } keys %want }, \%want,
        'as it was registered');
}

$twilio->message($t->contact(5), 'yes');
is($t->open($t->contact(5))->{trigger}, 'TEMPLATE_REPLY', 'a reply');

# Twilio has understood a STOP in words of its own, and answered it

my $three = $t->contact(3);

$twilio->message($three, 'hi');
$twilio->message($three, 'Arret', OptOutType => 'STOP');
is($t->open($three), undef, 'an opt-out that Twilio saw');
is($t->send(to => $three, body => 'x')->json()->{details}{contact}[0],
    'opted_out', 'holds');

my $contact = (grep { $_->{phone_number} eq $three }
    @{$t->get('/v3/contacts')->data()->{contacts}})[0]{id};

is_deeply([map { @$_{qw(change source channel)} }
    @{$t->get("/v3/contacts/$contact/consent")->data()->{history}}],
    [qw(OPT_OUT carrier sms)], 'history');

sleep(0.01);
$twilio->message($three, 'encore', OptOutType => 'START');
ok($t->open($three), 'an opt-in that Twilio saw');

# who writes STOP means it, whatever else Twilio saw

$twilio->message($t->contact(6), 'stop', OptOutType => 'HELP');
is($t->send(to => $t->contact(6), body => 'x')->json()->{details}{contact}[0],
    'opted_out', 'a STOP that Twilio took for HELP');

# one that we see ourselves is confirmed by us

my $four = $t->contact(4);

$twilio->message($four, 'stop');

ok(wait_for(10, sub { grep { $_->{to} eq $four } $twilio->messages() }),
    'confirmation');
is_deeply([map { $_->{text} } grep { $_->{to} eq $four }
    $twilio->messages()], ['You will hear no more.'], 'one');
is(scalar(grep { $_->{to} eq $three } $twilio->messages()), 0,
    'none where Twilio has answered');

# WhatsApp by Twilio: other prefixes, the same rules

my $wa = SentConv::Fake::Twilio->new(dir => $t->{dir}, name => 'wa',
    to => $t->{nginx}->port(0), path => '/carriers/twilio-wa',
    secret => $secrets{'twilio.secret'}, url => $url,
    number => "whatsapp:$t->{numbers}{whatsapp}");

$wa->message("whatsapp:$one", 'over here', WaId => substr($one, 1));
is($t->open($one)->{channel}, 'whatsapp', 'the same contact, there');
is_deeply($t->open($one)->{channels}, ['whatsapp', 'sms'], 'channels');

$id = sent($one, 'and here');
is(told($id)->{to}, "whatsapp:$one", 'to');
is(told($id)->{from}, "whatsapp:$t->{numbers}{whatsapp}", 'from');

$id = $t->send(to => $one, body => 'as before', channel => 'sms')
    ->data()->{message_id};
settled($id, 'QUEUED SENT', 'the other channel still goes');
is(told($id)->{to}, $one, 'by SMS');

# Redis is away: again later

$t->{redis}->stop();

ok(wait_for(10, sub { $twilio->message($one, 'lost?')->status() == 503 }),
    'Redis away');
