package SentConv::Fake::Rbm;

# Google's side of RCS for Business (RBM API v1): agentMessages with a
# messageId of ours, webhooks in a base64 envelope signed by the client token,
# and the OAuth 2.0 endpoint that exchanges a service account's JWT (RFC 7523)
# for an access token; "expire" in a text ends the present one.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha512_base64);
use MIME::Base64 qw(decode_base64url encode_base64);

use parent 'SentConv::Fake';
use SentConv::Fake::Twilio ();

my $json = JSON::PP->new->utf8->canonical;

my %errors = (
    malformed => [400, 'INVALID_ARGUMENT'], 404 => [404, 'NOT_FOUND'],
    429 => [429, 'RESOURCE_EXHAUSTED'], 403 => [403, 'PERMISSION_DENIED'],
    401 => [401, 'UNAUTHENTICATED'], 409 => [409, 'ALREADY_EXISTS'],
);


# public: file of the account's public key; account: its address; life: s

sub special {
    my ($self, $request) = @_;

    return $self->_token($request) if $request->{path} eq '/token';

    my $is = $request->{headers}{authorization} // '';

    if ($request->{body} =~ /"expire"/ && !$self->{expired}++) {
        $self->{good} = {};
    }

    return $self->refusal(401) unless $self->{good}{$is};

    # a repeat of what has come

    my ($id) = $request->{path} =~ /messageId=([^&]*)/;

    return $self->refusal(409) if $self->{ids}{$id // ''}++;

    return undef;
}


sub _token {
    my ($self, $request) = @_;

    my %f = SentConv::Fake::Twilio::fields($request->{body});
    my ($head, $claims, $signature) = split(/\./, $f{assertion} // '');
    my $is = eval { $json->decode(decode_base64url($claims)) } || {};

    my $wrong
        = ($f{grant_type} // '')
            ne 'urn:ietf:params:oauth:grant-type:jwt-bearer' ? 'grant_type'
        : !$self->_signed("$head.$claims", decode_base64url($signature // ''))
            ? 'signature'
        : decode_base64url($head) !~ /"alg":"RS256"/ ? 'alg'
        : ($is->{iss} // '') ne $self->{account} ? 'iss'
        : ($is->{aud} // '') ne 'https://oauth2.example/token' ? 'aud'
        : ($is->{scope} // '')
            ne 'https://www.googleapis.com/auth/rcsbusinessmessaging'
            ? 'scope'
        : abs(($is->{iat} // 0) - time()) > 60 || $is->{exp} <= $is->{iat}
            || $is->{exp} - $is->{iat} > 3600 ? 'exp' : undef;

    return SentConv::Fake::json_step(400, { error => 'invalid_grant',
        error_description => $wrong }) if $wrong;

    my $token = 'ya29.' . ++$self->{tokens};

    $self->{good}{"Bearer $token"} = 1;

    return SentConv::Fake::json_step(200, { token_type => 'Bearer',
        access_token => $token, expires_in => $self->{life} // 3599 });
}


sub _signed {
    my ($self, $text, $signature) = @_;

    my $file = "$self->{public}.$$";

    for my $part ([text => $text], [signature => $signature]) {
        open(my $out, '>:raw', "$file.$part->[0]") or return 0;
        print $out $part->[1];
        close($out);
    }

    return system('openssl', 'dgst', '-sha256', '-verify', $self->{public},
        '-signature', "$file.signature", '-out', '/dev/null',
        "$file.text") == 0;
}


sub read {
    my ($self, $request) = @_;

    my $told = $json->decode($request->{body});
    my ($to, $id, $agent) = $request->{path} =~ m!^/v1/phones/(\+\d{8,15})
        /agentMessages\?messageId=([A-Za-z0-9-]{1,64})&agentId=(\w+)$!x;

    my %read = (to => $to, token => $id,
        text => $told->{contentMessage}{text});

    $read{wrong} = !defined $id ? 'path'
        : ($request->{headers}{'content-type'} // '') ne 'application/json'
            ? 'content-type'
        : !length($read{text} // '') || length($read{text}) > 3072 ? 'text'
        : undef;

    return \%read;
}


sub refusal {
    my ($self, $code, $wrong) = @_;

    my ($status, $word) = @{$errors{$code}};

    return SentConv::Fake::json_step($status, { error => { code => $status,
        status => $word, message => $wrong // 'refused' } });
}


sub answer {
    my ($self, $id, $message) = @_;

    return SentConv::Fake::json_step(200, {
        name => "phones/$message->{to}/agentMessages/$message->{token}",
        sendTime => '2026-01-01T00:00:00.000000Z',
        contentMessage => { text => $message->{text} } });
}


sub headers {
    my ($self, $body) = @_;

    my $data = eval { $json->decode($body)->{message}{data} } // '';

    return ('Content-Type' => 'application/json', 'X-Goog-Signature'
        => hmac_sha512_base64(MIME::Base64::decode_base64($data),
            $self->{secret}) . '==');
}


sub envelope {
    my ($self, $event) = @_;

    return $json->encode({ message => {
        attributes => { type => 'message' },
        data => encode_base64(ref $event ? $json->encode($event) : $event, ''),
        messageId => ++$self->{in} . '' },
        subscription => 'projects/acme/subscriptions/x' });
}


# what a user writes, or does: {text}, {suggestionResponse}, {eventType}...

sub event {
    my ($self, $from, %event) = @_;

    return $self->post($self->envelope({ senderPhoneNumber => $from,
        messageId => 'MxIn' . ++$self->{in}, agentId => 'acme_agent',
        sendTime => POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime()),
        %event }));
}


sub report {
    my ($self, $id, $message, $status) = @_;

    $self->event($message->{to}, eventType => $status, eventId => "e$id",
        messageId => $message->{token});
}


1;
