package SentConv::Fake::Twilio;

# Twilio's side of Programmable Messaging (API 2010-04-01): POST
# .../Messages.json, webhooks and status callbacks as forms, signed over the
# URL that was declared and the sorted fields.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha1_base64);

use parent 'SentConv::Fake';

my %errors = (
    malformed => [400, 21602, "Message body is required."],
    21610 => [400, 21610, 'Attempt to send to unsubscribed recipient'],
    20429 => [429, 20429, 'Too Many Requests'],
    63016 => [400, 63016, 'Outside the allowed window'],
    30003 => [400, 30003, 'Unreachable destination handset'],
    20003 => [401, 20003, 'Authenticate'],
);


sub form {
    my (%fields) = @_;

    return join('&', map { my ($n, $v) = ($_, $fields{$_});
        utf8::encode($v) if utf8::is_utf8($v);
        $v =~ s/([^A-Za-z0-9_. -])/sprintf('%%%02X', ord $1)/ge;
        "$n=" . $v =~ tr/ /+/r } sort keys %fields);
}


sub fields {
    my ($form) = @_;

    return map { my ($n, $v) = split(/=/, $_, 2);
        $v =~ tr/+/ /; $v =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
        ($n => $v) } split(/&/, $form);
}


sub read {
    my ($self, $request) = @_;

    my %f = fields($request->{body});
    my ($token) = ($f{StatusCallback} // '') =~ /[?&]message_id=([^&]*)/;

    my %read = (to => $f{To}, from => $f{From}, text => $f{Body},
        sid => $f{ContentSid}, variables => $f{ContentVariables},
        callback => $f{StatusCallback}, token => $token);

    $read{wrong}
        = $request->{path} ne '/2010-04-01/Accounts/AC1/Messages.json' ? 'path'
        : ($request->{headers}{authorization} // '') ne 'Basic QUMxOnRva2Vu'
            ? 'auth'
        : ($request->{headers}{'content-type'} // '')
            ne 'application/x-www-form-urlencoded' ? 'content-type'
        : grep({ ($_ // '') !~ /^(?:whatsapp:)?\+\d{8,15}$/ } @f{qw(To From)})
            ? 'numbers'
        : !length($f{Body} // '') && !defined $f{ContentSid} ? 'Body'
        : ($f{StatusCallback} // '') !~ m!^https://! ? 'StatusCallback'
        : undef;

    return \%read;
}


sub refusal {
    my ($self, $code, $wrong) = @_;

    my ($status, $number, $message) = @{$errors{$code}};

    return SentConv::Fake::json_step($status, { code => $number,
        message => $wrong // $message, status => $status,
        more_info => "https://www.twilio.com/docs/errors/$number" });
}


sub id {
    my ($self, $n) = @_;

    return sprintf('SM%032x', $n);
}


sub answer {
    my ($self, $id, $message) = @_;

    return SentConv::Fake::json_step(201, { sid => $id, status => 'queued',
        to => $message->{to}, from => $message->{from},
        error_code => undef, error_message => undef });
}


sub signature {
    my ($self, $url, $body) = @_;

    my %f = fields($body);
    my $text = $url . join('', map { "$_$f{$_}" } sort keys %f);

    return hmac_sha1_base64($text, $self->{secret}) . '=';
}


sub headers {
    my ($self, $body, $query) = @_;

    return ('Content-Type' => 'application/x-www-form-urlencoded',
        'X-Twilio-Signature' => $self->signature($self->{url} . $query,
            $body));
}


# a contact's message; %more: further fields

sub message {
    my ($self, $from, $text, %more) = @_;

    return $self->post(form(AccountSid => 'AC1', ApiVersion => '2010-04-01',
        MessageSid => sprintf('SMin%028x', ++$self->{in}),
        From => $from, To => $self->{number}, Body => $text, NumMedia => '0',
        SmsStatus => 'received', FromCountry => 'US', %more));
}


sub status {
    my ($self, $id, $message, $status, %more) = @_;

    return $self->post(form(AccountSid => 'AC1', MessageSid => $id,
        MessageStatus => $status, From => $message->{from},
        To => $message->{to}, %more),
        query => $message->{token} ? "?message_id=$message->{token}" : '');
}


sub report {
    my ($self, $id, $message, $status) = @_;

    $self->status($id, $message, $status);
}


1;
