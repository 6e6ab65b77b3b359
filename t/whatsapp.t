#!/usr/bin/perl

# Tests for the WhatsApp Cloud API: its verification, signature and batches,
# contacts that Meta knows by other numbers, its refusals and preferences.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Fake::WhatsApp;

my $port = free_port();
my %secrets = ('meta.secret' => 'the-app-secret-of-meta',
    'meta.verify' => 'the-verify-token-we-typed');

my $t = setup(set => { META => $port }, secrets => \%secrets,
    server => <<'EOF');
        location = /carriers/meta {
            sent_conv_carrier meta whatsapp whatsapp_cloud;
            sent_conv_carrier_secret %%TESTDIR%%/meta.secret;
            sent_conv_carrier_verify_token %%TESTDIR%%/meta.verify;
        }

        location = /deliver/meta {
            internal;
            sent_conv_deliver carrier meta whatsapp_cloud;
            proxy_pass http://127.0.0.1:%%META%%/v23.0/1065/messages;
            proxy_set_header Authorization "Bearer EAAG";
        }
EOF

my $ours = $t->{numbers}{whatsapp};

$t->bind_number('whatsapp', $ours, $t->{customer}, 'meta');

my $meta = SentConv::Fake::WhatsApp->new(dir => $t->{dir}, name => 'meta',
    port => $port, to => $t->{nginx}->port(0), path => '/carriers/meta',
    secret => $secrets{'meta.secret'}, number => $ours =~ s/^\+//r);

$t->webhook('/hook');

sub event {
    my ($type, %filter) = @_;

    my $event = $t->wait_event('/hook', $type, %filter);

    return $event ? $event->{payload} : {};
}

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

# a message of ours, accepted; Meta's id of it

sub sent {
    my ($to, $text, $want) = @_;

    my $id = $t->send(to => $to, body => $text)->data()->{message_id};

    settled($id, $want // 'QUEUED SENT', $text);
    return $id;
}

sub wamid {
    my ($id) = @_;

    my ($key) = grep { $t->{redis}->command('GET', $_) eq $id }
        @{$t->{redis}->command('KEYS', '*cid:whatsapp:*')};

    return $key =~ s/.*cid:whatsapp://r;
}

# is it us?

my $hello = '/carriers/meta?hub.mode=subscribe&hub.challenge=1158201444'
    . '&hub.verify_token=';

my $answer = $t->get($hello . $secrets{'meta.verify'}, key => undef);

is($answer->status() . ' ' . $answer->body(), '200 1158201444', 'challenge');
like($answer->header('content-type'), qr!^text/plain!, 'as text');
is($t->get($hello . 'guess', key => undef)->status(), 401, 'wrong token');
is($t->get('/carriers/meta', key => undef)->status(), 401, 'no token');
is($t->get('/carriers/sms', key => undef)->status(), 405,
    'a carrier that asks nothing');

# the signature is over the exact bytes

my $body = $meta->notification($meta->message($t->contact(1), "caf\x{e9} 1"));
my $escaped = $body =~ s/\xc3\xa9/\\u00e9/r;
my %signed = $meta->headers($body);

isnt($escaped, $body, 'the same JSON in other bytes');

for my $case (
    ['of other bytes', $escaped, %signed],
    ['of another secret', $body,
        do { local $meta->{secret} = 'x'; $meta->headers($body) }],
    ['absent', $body, 'Content-Type' => 'application/json'],
    ['empty', $body, %signed, 'X-Hub-Signature-256' => ''],
    ['without its scheme', $body, %signed, 'X-Hub-Signature-256'
        => substr($signed{'X-Hub-Signature-256'}, 7)],
    ['of SHA-1', $body, %signed, 'X-Hub-Signature-256' => 'sha1='
        . substr($signed{'X-Hub-Signature-256'}, 7)])
{
    my ($name, $bytes, %headers) = @$case;

    is(http($t->{nginx}->port(0), 'POST', '/carriers/meta', body => $bytes,
        headers => \%headers)->status(), 401, "signature $name");
}

is($t->open($t->contact(1)), undef, 'and nothing was stored');
is($meta->post($body)->status(), 200, 'the good one');
is($meta->post($escaped)->status(), 200, 'the same, as they like it');
is($t->open($t->contact(1))->{inbound_count}, 1, 'once');

# a batch of all kinds; what cannot be read is skipped

my $two = $t->contact(2);

is_deeply($meta->notify(
    $meta->message($two, 'hello'),
    $meta->message($two, undef, type => 'image', image => {
        id => '77', mime_type => 'image/jpeg', caption => 'look' }),
    $meta->message($two, undef, type => 'sticker', sticker => {
        id => '78', mime_type => 'image/webp' }),
    $meta->message($two, undef, type => 'reaction', reaction => {
        message_id => 'wamid.X', emoji => "\x{1f44d}" }),
    $meta->message($two, undef, type => 'button', button => {
        text => 'Yes', payload => 'YES' }),
    $meta->message($two, undef, type => 'interactive', interactive => {
        type => 'list_reply', list_reply => { id => 'r1', title => 'Row' } }),
    $meta->message($two, undef, type => 'location', location => {
        latitude => 1.5, longitude => -2 }),
    $meta->message($two, undef, type => 'contacts', contacts => [{
        name => { formatted_name => 'X' } }]),
    $meta->message($two, undef, type => 'unsupported', errors => [{
        code => 131051, title => 'Unsupported' }]),
    [messages => { messages => [{ id => 'wamid.bad', from => 'x' }, 7] }],
    [messages => { statuses => 'x' }],
    [account_update => { event => 'x' }])->data(),
    { accepted => 9, duplicates => 0, skipped => 3 }, 'a batch');

my @said = $t->transcript($t->open($two)->{id});

is(join(' ', map { $_->{kind} } @said), 'text image sticker reaction button'
    . ' interactive location contacts unsupported', 'kinds');
is(join(' ', map { $_->{message_body}{content} // '-' } @said),
    'hello look - - Yes Row - - -', 'texts');
is($said[3]{attachments}[0]{emoji}, "\x{1f44d}", 'reaction');
is($said[1]{attachments}[0]{id}, '77', 'media by its id');
is($t->open($two)->{contact_name}, 'Ada', 'name');

# freeform: our id goes along, theirs comes back

my $id = sent($two, 'report sent,delivered,read',
    'QUEUED SENT DELIVERED READ');

is(($meta->messages())[0]{token}, $id, 'biz_opaque_callback_data');

# reports before the answer, by their id alone, twice, backwards

sent($two, 'early delivered', 'QUEUED DELIVERED');

$id = sent($two, 'plain');
$meta->notify(map { $meta->status(wamid($id), $two, $_) }
    qw(read delivered sent read));
settled($id, 'QUEUED SENT READ', 'never back');

# of a message that is not known yet: kept, and nobody's harm

is($meta->notify($meta->status('wamid.later', $two, 'failed', errors => [{
    code => 131026, title => 'Message undeliverable' }]))->status(), 200,
    'of none that is known');

# what Meta refuses: final with a reason, or again

for my $case ([131047 => 'Re-engagement message'],
    [131026 => 'Message undeliverable'])
{
    $id = sent($two, "refuse $case->[0]", 'QUEUED FAILED');

    is_deeply(event('message.failed', message_id => $id)->{error},
        { code => "$case->[0]", title => $case->[1] }, 'reason');
}

for my $code (130429, 131056) {
    $id = sent($two, "refuse $code");

    is(scalar(grep { $_->{token} eq $id } $meta->messages()), 2,
        "$code is tried again");
}

$id = sent($two, 'fails later');
$meta->notify($meta->status('wamid.any', $two, 'failed',
    biz_opaque_callback_data => $id, errors => [{ code => 131047,
    title => 'Re-engagement message' }]));
settled($id, 'QUEUED SENT FAILED', 'refused behind the answer');
is(event('message.failed', message_id => $id)->{error}{code}, '131047',
    'with a reason');

# our token is refused: nothing is lost, and it is not in the log

push @{$t->{secrets}}, 'EAAG-secret-of-ours';
sent($two, 'refuse 190');

# templates, and the reply that names one

my $template = $t->template(name => 'confirm', parameters => ['name', 'day'],
    channels => { whatsapp => { name => 'confirm_v2',
        language => 'pt_BR' } });

sub begin {
    my ($to) = @_;

    my $id = $t->broadcast($to, template => { id => $template,
        parameters => { name => 'Ana', day => 'Friday' } })
        ->data()->{recipients}[0]{message_id};

    settled($id, 'QUEUED SENT', 'a template');
    return $id;
}

my $three = $t->contact(3);

$id = begin($three);

is_deeply((grep { ($_->{token} // '') eq $id } $meta->messages())[0]
    {template}, { name => 'confirm_v2', language => { code => 'pt_BR' },
        components => [{ type => 'body', parameters => [
            { type => 'text', text => 'Ana' },
            { type => 'text', text => 'Friday' }] }] }, 'as Meta wants it');

my $own = wamid($id);

begin($three);
$meta->notify($meta->message($three, 'sure', context => { id => $own,
    from => $meta->{number} }));
is(event('conversation.started', contact => $three)->{lead}{template}
    {message_id}, $id, 'the reply names it, and not the last one');

# Brazil: another number of the same contact

my $ana = '+5511987654321';
my $other = '551187654321';

begin($ana);

$meta->notify($meta->message($other, 'sim'));
is($t->open($ana)->{trigger}, 'TEMPLATE_REPLY', 'a reply from the other');
is(($t->transcript($t->open($ana)->{id}))[-1]{phone}, $ana,
    'is that contact');
is($t->open("+$other"), undef, 'and nobody else');

$id = sent($ana, 'plain again');
$meta->notify($meta->status(wamid($id), $ana, 'delivered'));
settled($id, 'QUEUED SENT DELIVERED', 'a report of the other');

$meta->notify($meta->message($other, 'STOP'));
is($t->open($ana), undef, 'a STOP from the other');
is($t->send(to => $ana, body => 'x')->json()->{details}{contact}[0],
    'opted_out', 'is of that contact');

my $log = $t->{nginx}->log();

unlike($log, qr/5511987654321|551187654321/, 'neither is in the log');

# a preference is an opt-out; back again; what is said late

my $four = $t->contact(4);
my $contact = $t->post('/v3/contacts', body => { phone_number => $four })
    ->data()->{id};

sub opted_out {
    return $t->get("/v3/contacts/$contact")->data()->{opt_out} ? 1 : 0;
}

$meta->notify($meta->message($four, 'hi'));
is($meta->notify($meta->preference($four, 'stop'))->data()->{accepted}, 1,
    'a preference');
is($t->open($four), undef, 'ends the window');
is(event('conversation.ended', contact => $four)->{close_reason},
    'COMPLIANCE_STOP', 'for that');
is_deeply([map { @$_{qw(change source channel)} }
    @{$t->get("/v3/contacts/$contact/consent")->data()->{history}}],
    [qw(OPT_OUT carrier whatsapp)], 'history');

$meta->notify($meta->preference($four, 'resume', timestamp => time() - 60));
is(opted_out(), 1, 'one said before changes nothing');

$meta->notify($meta->preference($four, 'resume',
    timestamp => int(time()) + 5));
is(opted_out(), 0, 'one said after does');
is($t->open($four), undef, 'and opens nothing');

# numbers that are not this carrier's

is($meta->notify([messages => { metadata => {
    display_phone_number => '15550000001' }, messages => [{
    id => 'wamid.n', from => '16505550009', timestamp => time() . '',
    type => 'text', text => { body => 'x' } }] }])->data()->{skipped}, 1,
    'a number of nobody');

$meta->{number} = $t->{numbers}{sms} =~ s/^\+//r;
is($meta->notify($meta->message($four, 'x'))->data()->{skipped}, 1,
    'a number of another channel');
