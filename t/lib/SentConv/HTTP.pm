package SentConv::HTTP;

# A client that sends exactly the bytes it is told to, whole or in pieces, on
# one connection or on many at once.

use strict;
use warnings;

use Exporter 'import';
use IO::Select;
use IO::Socket::INET;
use JSON::PP ();
use Time::HiRes qw(time);

use SentConv::Wait;

our @EXPORT_OK = qw(http http_bytes http_many chunked json);

my $json = JSON::PP->new->utf8->canonical->allow_nonref;


sub json {
    my ($value) = @_;

    return $json->encode($value);
}


# the bytes of a request; a reference as body is sent as JSON

sub http_bytes {
    my ($method, $uri, %arg) = @_;

    my %headers = (Host => 'localhost', %{$arg{headers} || {}});
    my $body = $arg{body};

    if (ref $body) {
        $body = json($body);
        $headers{'Content-Type'} //= 'application/json';
    }

    $headers{Connection} //= 'close' unless $arg{keepalive};
    $headers{'Content-Length'} //= length($body // '')
        if (defined $body || $method ne 'GET')
        && !$headers{'Transfer-Encoding'};

    my $head = "$method $uri HTTP/1.1\r\n";

    for my $name (sort keys %headers) {
        next unless defined $headers{$name};
        $head .= "$name: $_\r\n"
            for ref $headers{$name} ? @{$headers{$name}} : $headers{$name};
    }

    return "$head\r\n" . ($body // '');
}


sub chunked {
    return join('', map { sprintf("%x\r\n%s\r\n", length($_), $_) } @_)
        . "0\r\n\r\n";
}


# one request on a connection of its own

sub http {
    my ($port, $method, $uri, %arg) = @_;

    my $c = SentConv::HTTP->new($port) or return undef;

    $c->write(http_bytes($method, $uri, %arg));

    return $c->answer($arg{timeout});
}


sub new {
    my ($class, $port) = @_;

    my $sock = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port")
        or return undef;

    binmode($sock);

    return bless { sock => $sock, buf => '', start => time() }, $class;
}


sub write {
    my ($self, $bytes) = @_;

    my $sent = 0;

    while ($sent < length($bytes)) {
        my $n = syswrite($self->{sock}, $bytes, length($bytes) - $sent, $sent);
        next if !defined $n && $!{EINTR};
        return 0 unless $n;
        $sent += $n;
    }

    return 1;
}


sub close {
    my ($self) = @_;

    CORE::close($self->{sock});
}


# the next answer, or undef where none came within the limit

sub answer {
    my ($self, $limit) = @_;

    my $end = time() + seconds($limit || 20);
    my $select = IO::Select->new($self->{sock});

    while (1) {
        my $answer = _parse($self, 0);
        return $answer if $answer;

        my $left = $end - time();
        return undef if $left <= 0;
        next unless $select->can_read($left);

        my $n = sysread($self->{sock}, $self->{buf}, 65536,
            length($self->{buf}));

        next if !defined $n && $!{EINTR};
        return _parse($self, 1) unless $n;
    }
}


# many requests at once, each on its own connection; answers in their order

sub http_many {
    my ($port, $requests, %arg) = @_;

    my @c = map { SentConv::HTTP->new($port) } @$requests;
    my @answers;

    $c[$_] && $c[$_]->write($requests->[$_]) for 0 .. $#c;

    for my $i (0 .. $#c) {
        $answers[$i] = $c[$i] ? $c[$i]->answer($arg{timeout}) : undef;
    }

    return @answers;
}


sub _parse {
    my ($self, $eof) = @_;

    my $end = index($self->{buf}, "\r\n\r\n");
    return undef if $end < 0;

    my ($line, @lines) = split(/\r\n/, substr($self->{buf}, 0, $end));
    my ($status) = $line =~ m!^HTTP/1\.\d (\d{3})! or return undef;
    my (%headers, $body, $length);

    for (@lines) {
        my ($name, $value) = /^([^:]+):\s*(.*?)\s*$/ or next;
        $name = lc $name;
        $headers{$name} = exists $headers{$name}
            ? "$headers{$name}, $value" : $value;
    }

    my $rest = substr($self->{buf}, $end + 4);

    if ($status == 100) {
        $self->{buf} = $rest;
        return _parse($self, $eof);
    }

    if ($status == 204 || $status == 304) {
        ($body, $length) = ('', 0);

    } elsif (($headers{'transfer-encoding'} // '') =~ /chunked/) {
        ($body, $length) = _dechunk($rest);

    } elsif (defined $headers{'content-length'}) {
        $length = $headers{'content-length'};
        $body = substr($rest, 0, $length) if length($rest) >= $length;

    } elsif ($eof) {
        ($body, $length) = ($rest, length($rest));
    }

    return undef unless defined $body;

    $self->{buf} = substr($rest, $length);

    return bless { status => $status, headers => \%headers, body => $body,
        time => time() - $self->{start} }, 'SentConv::HTTP::Answer';
}


sub _dechunk {
    my ($bytes) = @_;

    my ($at, $body) = (0, '');

    while (substr($bytes, $at) =~ /^([0-9a-fA-F]+)[^\r]*\r\n/) {
        my $length = hex($1);

        $at += length($&);
        return ($body, $at + 2) if $length == 0;
        return () if length($bytes) < $at + $length + 2;

        $body .= substr($bytes, $at, $length);
        $at += $length + 2;
    }

    return ();
}


package SentConv::HTTP::Answer;

sub status { return $_[0]{status} }
sub body { return $_[0]{body} }
sub header { return $_[0]{headers}{lc $_[1]} }

sub json {
    my ($self) = @_;

    $self->{json} //= eval { $json->decode($self->{body}) };

    return $self->{json};
}

sub data { return ($_[0]->json() || {})->{data} }


# the error's code, in whichever of the two shapes

sub code {
    my ($self) = @_;

    my $json = $self->json();

    return '' if ref $json ne 'HASH';
    return $json->{error}{code} // '' if ref $json->{error} eq 'HASH';
    return $json->{code} // '';
}


# "422 CONVERSATION_001", "202"

sub verdict {
    my ($self) = @_;

    return join(' ', grep { length } $self->{status}, $self->code());
}


1;
