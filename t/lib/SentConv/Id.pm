package SentConv::Id;

# Identities as the contract derives them.

use strict;
use warnings;

use Digest::SHA qw(sha1);
use Exporter 'import';

our @EXPORT_OK = qw(contact_id thread_id uuid4 is_uuid7 is_time epoch rfc3339);

my $contact = '5e2f1c8a-7c1e-4d55-9f0e-3a1f6b8d2c47';
my $thread = '9f4e6a2c-0b1d-4c3e-8a5f-2d7e6c1b0a99';


sub _format {
    my ($bytes) = @_;

    return join('-', unpack('H8 H4 H4 H4 H12', $bytes));
}


sub _uuid5 {
    my ($space, $name) = @_;

    (my $hex = $space) =~ tr/-//d;

    my $bytes = substr(sha1(pack('H*', $hex) . $name), 0, 16);

    substr($bytes, 6, 1) = chr((ord(substr($bytes, 6, 1)) & 0x0f) | 0x50);
    substr($bytes, 8, 1) = chr((ord(substr($bytes, 8, 1)) & 0x3f) | 0x80);

    return _format($bytes);
}


sub contact_id {
    my ($customer, $phone) = @_;

    return _uuid5($contact, "$customer:$phone");
}


sub thread_id {
    my ($customer, $contact_id) = @_;

    return _uuid5($thread, "$customer:$contact_id");
}


sub uuid4 {
    my $bytes = join('', map { chr(int(rand(256))) } 1 .. 16);

    substr($bytes, 6, 1) = chr((ord(substr($bytes, 6, 1)) & 0x0f) | 0x40);
    substr($bytes, 8, 1) = chr((ord(substr($bytes, 8, 1)) & 0x3f) | 0x80);

    return _format($bytes);
}


# version 7, and of this thread where one is given

sub is_uuid7 {
    my ($id, $thread_id) = @_;

    return 0 unless ($id // '')
        =~ /^[0-9a-f]{8}-[0-9a-f]{4}-7([0-9a-f]{3})-[89ab][0-9a-f]{3}
            -[0-9a-f]{12}$/x;

    return !defined $thread_id || $1 eq substr($thread_id, 0, 3);
}


sub is_time {
    my ($time) = @_;

    return ($time // '') =~ /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
}


# seconds since the epoch, with their fraction

sub epoch {
    my ($time) = @_;

    my ($y, $mo, $d, $h, $mi, $s, $f) = $time
        =~ /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?Z$/
        or return undef;

    require Time::Local;

    return Time::Local::timegm($s, $mi, $h, $d, $mo - 1, $y) + ($f // 0);
}


sub rfc3339 {
    my ($time) = @_;

    my ($s, $mi, $h, $d, $mo, $y) = gmtime(int($time));

    return sprintf('%04d-%02d-%02dT%02d:%02d:%02d.%03dZ', $y + 1900, $mo + 1,
        $d, $h, $mi, $s, int(($time - int($time)) * 1000));
}


1;
