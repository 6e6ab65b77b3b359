package SentConv::Resp;

# A RESP client: one connection to a Redis, one command at a time.

use strict;
use warnings;

use IO::Socket::INET;
use IO::Socket::UNIX;


# address: a path or host:port

sub new {
    my ($class, $address) = @_;

    my $sock = $address =~ m!^/!
        ? IO::Socket::UNIX->new(Peer => $address)
        : IO::Socket::INET->new(PeerAddr => $address);

    return undef unless $sock;

    binmode($sock);
    $sock->autoflush(1);

    return bless { sock => $sock, buf => '' }, $class;
}


# the reply: string, integer, undef for nil, array; an error dies

sub command {
    my ($self, @args) = @_;

    $self->post(@args);

    return $self->reply();
}


sub post {
    my ($self, @args) = @_;

    utf8::encode($_) for @args;

    my $out = '*' . @args . "\r\n";
    $out .= '$' . length($_) . "\r\n$_\r\n" for @args;

    my $sent = 0;

    while ($sent < length($out)) {
        my $n = syswrite($self->{sock}, $out, length($out) - $sent, $sent);
        die "redis: write: $!\n" unless $n;
        $sent += $n;
    }
}


sub reply {
    my ($self) = @_;

    my $line = $self->_line();
    my $type = substr($line, 0, 1, '');

    return $line if $type eq '+' || $type eq ':';
    die "redis: $line\n" if $type eq '-';

    return undef if $line < 0;

    if ($type eq '$') {
        my $value = $self->_take($line + 2);
        return substr($value, 0, $line);
    }

    return [map { $self->reply() } 1 .. $line];
}


sub _line {
    my ($self) = @_;

    my $at;

    while (($at = index($self->{buf}, "\r\n")) < 0) {
        $self->_read();
    }

    my $line = substr($self->{buf}, 0, $at + 2, '');

    return substr($line, 0, $at);
}


sub _take {
    my ($self, $length) = @_;

    $self->_read() while length($self->{buf}) < $length;

    return substr($self->{buf}, 0, $length, '');
}


sub _read {
    my ($self) = @_;

    my $n = sysread($self->{sock}, $self->{buf}, 65536, length($self->{buf}));
    die "redis: connection lost\n" unless $n;
}


1;
