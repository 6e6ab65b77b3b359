package SentConv::Sign;

# Signatures of webhooks and of the generic carrier, made independently of
# the module.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256 hmac_sha256_hex);
use Exporter 'import';
use MIME::Base64 qw(decode_base64 encode_base64);

our @EXPORT_OK = qw(carrier_signature webhook_signature webhook_errors);


sub carrier_signature {
    my ($secret, $body) = @_;

    return 'sha256=' . hmac_sha256_hex($body, $secret);
}


sub webhook_signature {
    my ($secret, $id, $timestamp, $body) = @_;

    (my $key = $secret) =~ s/^whsec_//;

    return 'v1,' . encode_base64(hmac_sha256("$id.$timestamp.$body",
        decode_base64($key)), '');
}


# what is wrong with a received webhook; nothing, if all is well

sub webhook_errors {
    my ($request, $secret, $endpoint) = @_;

    my @errors;
    my %h = %{$request->{headers}};
    my $event = eval { JSON::PP->new->utf8->decode($request->{body}) };

    return 'not JSON' unless ref $event eq 'HASH';

    push @errors, "method $request->{method}" if $request->{method} ne 'POST';

    for my $set (['x-webhook', $endpoint], ['webhook', $event->{id}]) {
        my ($prefix, $expected) = @$set;
        my ($id, $at, $list)
            = map { $h{"$prefix-$_"} // '' } qw(id timestamp signature);

        push @errors, "$prefix-id $id" if $id ne ($expected // '');
        push @errors, "$prefix-timestamp $at"
            if $at !~ /^\d+$/ || abs($at - $request->{at}) > 60;

        my $right = webhook_signature($secret, $id, $at, $request->{body});

        push @errors, "$prefix-signature"
            unless grep { $_ eq $right } split(/ /, $list);
    }

    push @errors, 'content-type'
        if ($h{'content-type'} // '') !~ m!^application/json!;
    push @errors, 'x-webhook-event-type'
        if ($h{'x-webhook-event-type'} // '') ne ($event->{event} // '-');

    return @errors;
}


1;
