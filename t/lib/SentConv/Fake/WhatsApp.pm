package SentConv::Fake::WhatsApp;

# Meta's side of the WhatsApp Cloud API (Messages API and webhooks, v23.0):
# POST /v23.0/<phone number id>/messages, notifications signed by the app
# secret.  Numbers of Brazil, Mexico and Argentina are known by other digits.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256_hex);

use parent 'SentConv::Fake';

my $json = JSON::PP->new->utf8->canonical;

my %errors = (
    malformed => [400, 100, 'Invalid parameter'],
    130429 => [429, 130429, 'Rate limit hit'],
    131026 => [400, 131026, 'Message undeliverable'],
    131047 => [400, 131047, 'Re-engagement message'],
    131056 => [400, 131056,
        'Pair rate limit hit'],
    190 => [401, 190, 'Error validating access token: EAAG-secret-of-ours'],
);


sub read {
    my ($self, $request) = @_;

    my $told = $json->decode($request->{body});
    my ($type, $id) = ($told->{type} // '', $told->{biz_opaque_callback_data});
    my $t = $told->{template};

    my %read = (to => $told->{to}, token => $id, type => $type,
        text => $told->{text}{body}, template => $t);

    $read{wrong}
        = $request->{path} !~ m!^/v23\.0/\d+/messages$! ? 'path'
        : ($request->{headers}{authorization} // '') ne 'Bearer EAAG' ? 'auth'
        : ($request->{headers}{'content-type'} // '') ne 'application/json'
            ? 'content-type'
        : ($told->{messaging_product} // '') ne 'whatsapp' ? 'product'
        : ($told->{to} // '') !~ /^\+?\d{8,15}$/ ? 'to'
        : length($id // '') > 512 ? 'biz_opaque_callback_data'
        : $type eq 'text' ? !length($read{text} // '')
            || length($read{text}) > 4096 ? 'text' : undef
        : $type ne 'template' ? 'type'
        : !$t->{name} || !$t->{language}{code}
            || grep({ $_->{type} ne 'body' || !@{$_->{parameters}} }
                @{$t->{components} || []}) ? 'template' : undef;

    return \%read;
}


sub refusal {
    my ($self, $code, $wrong) = @_;

    my ($status, $number, $message) = @{$errors{$code}};

    return SentConv::Fake::json_step($status, { error => {
        message => "(#$number) $message", type => 'OAuthException',
        code => $number, fbtrace_id => 'x',
        error_data => { messaging_product => 'whatsapp',
            details => $wrong // $message } } });
}


sub id {
    my ($self, $n) = @_;

    return sprintf('wamid.HBgL%08dA==', $n);
}


sub wa_id {
    my ($phone) = @_;

    $phone =~ s/^\+//;
    $phone =~ s/^55(\d\d)9(\d{8})$/55$1$2/;
    $phone =~ s/^52(\d{10})$/521$1/;
    $phone =~ s/^54(\d{10})$/549$1/;

    return $phone;
}


sub answer {
    my ($self, $id, $message) = @_;

    return SentConv::Fake::json_step(200, { messaging_product => 'whatsapp',
        contacts => [{ input => $message->{to},
            wa_id => wa_id($message->{to}) }],
        messages => [{ id => $id }] });
}


sub headers {
    my ($self, $body) = @_;

    return ('Content-Type' => 'application/json', 'X-Hub-Signature-256'
        => 'sha256=' . hmac_sha256_hex($body, $self->{secret}));
}


# changes: [field, members of its value], in one notification

sub notify {
    my ($self, @changes) = @_;

    return $self->post($self->notification(@changes));
}


sub notification {
    my ($self, @changes) = @_;

    return $json->encode({ object => 'whatsapp_business_account',
        entry => [{ id => '102290129340398', changes => [map { {
            field => $_->[0], value => {
                messaging_product => 'whatsapp', metadata => {
                    display_phone_number => $self->{number},
                    phone_number_id => '106540352242922' },
                %{$_->[1]} },
        } } @changes] }] });
}


# a contact's message; %more: members of it, or id, name, at

sub message {
    my ($self, $from, $text, %more) = @_;

    my $name = delete $more{name} // 'Ada';

    (my $wa_id = $from) =~ s/^\+//;

    return [messages => {
        contacts => [{ profile => { name => $name }, wa_id => $wa_id }],
        messages => [{ from => $wa_id, id => 'wamid.IN' . ++$self->{in},
            timestamp => time() . '', type => 'text',
            defined $text ? (text => { body => $text }) : (), %more }] }];
}


sub status {
    my ($self, $id, $to, $status, %more) = @_;

    return [messages => { statuses => [{ id => $id, status => $status,
        timestamp => time() . '', recipient_id => wa_id($to), %more }] }];
}


sub preference {
    my ($self, $from, $value, %more) = @_;

    (my $wa_id = $from) =~ s/^\+//;

    return [user_preferences => { user_preferences => [{ wa_id => $wa_id,
        detail => 'x', category => 'marketing_messages', value => $value,
        timestamp => time(), %more }] }];
}


sub report {
    my ($self, $id, $message, $status) = @_;

    $self->notify($self->status($id, $message->{to}, $status,
        biz_opaque_callback_data => $message->{token}));
}


1;
