package SentConv::DNS;

# A name server of the test's own: names and their addresses are what the
# test says at that moment; a name without any does not exist.

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use Socket qw(AF_INET6 inet_aton inet_pton);

use SentConv::Process;
use SentConv::Wait;


sub new {
    my ($class, %arg) = @_;

    my $self = bless { port => free_port(), file => "$arg{dir}/names" },
        $class;

    $self->names();

    my $sock = IO::Socket::INET->new(Proto => 'udp',
        LocalAddr => '127.0.0.1', LocalPort => $self->{port})
        or die "dns: $!\n";

    $self->{process} = SentConv::Process->job(sub { $self->_serve($sock) });
    close($sock);

    return $self;
}


sub port {
    my ($self) = @_;

    return $self->{port};
}


# name => [addresses]; 'fail' as the only one: SERVFAIL

sub names {
    my ($self, %names) = @_;

    open(my $f, '>', "$self->{file}.new") or die "names: $!\n";
    print $f "$_ @{$names{$_}}\n" for sort keys %names;
    close($f);
    rename("$self->{file}.new", $self->{file});
}


sub _serve {
    my ($self, $sock) = @_;

    while (defined(my $peer = recv($sock, my $query, 512, 0))) {
        send($sock, $self->_answer($query), 0, $peer);
    }
}


sub _answer {
    my ($self, $query) = @_;

    my ($id) = unpack('n', $query);
    my ($at, @labels) = (12);

    while (my $length = ord(substr($query, $at, 1))) {
        push @labels, substr($query, $at + 1, $length);
        $at += 1 + $length;
    }

    my $type = unpack('n', substr($query, $at + 1, 2));
    my $question = substr($query, 12, $at + 5 - 12);
    my $name = lc join('.', @labels);

    open(my $f, '<', $self->{file}) or return '';

    my %names = map { my ($n, @a) = split; $n => \@a } <$f>;
    my @all = @{$names{$name} || []};

    my $code = !$names{$name} ? 3 : "@all" eq 'fail' ? 2 : 0;
    my @data = $code ? () : $type == 1 ? map { inet_aton($_) } grep { !/:/ }
        @all : $type == 28 ? map { inet_pton(AF_INET6, $_) } grep { /:/ } @all
        : ();

    return pack('n6', $id, 0x8180 | $code, 1, scalar(@data), 0, 0) . $question
        . join('', map { pack('n3 N n/a*', 0xc00c, $type, 1, 0, $_) } @data);
}


1;
