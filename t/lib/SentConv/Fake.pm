package SentConv::Fake;

# A carrier of the test's own, in a process of its own: it reads what it is
# sent as strictly as the real one, answers in its format, and reports.  What
# it does with a message stands in the message's text:
#
#   refuse <code>      its error of that code
#   lose               takes it, and the connection breaks before the answer
#   early <status>     reports that before it answers
#   report <status>    reports that behind the answer; several with commas
#
# A test speaks for it by the methods of each carrier's own class, which knows
# how to sign.

use strict;
use warnings;

use JSON::PP ();
use POSIX ();

use parent 'SentConv::Receiver';
use SentConv::HTTP qw(http);
use SentConv::Wait;


# dir, name; port: where it listens; to, path: the module's location

sub new {
    my ($class, %arg) = @_;

    mkdir("$arg{dir}/$arg{name}");

    my $fake = bless { %arg, taken => {}, n => 0 }, $class;
    my $self = $class->SUPER::new(dir => "$arg{dir}/$arg{name}",
        port => $arg{port}, answer => sub { $fake->_take(@_) });

    $self->{$_} //= $fake->{$_} for keys %$fake;

    return $self;
}


# what was sent to it, as the carrier's class reads it, with each one's time

sub messages {
    my ($self) = @_;

    return map { { %{$self->read($_)}, at => $_->{at} } }
        grep { $_->{path} !~ /token/ } $self->requests();
}


sub wait_messages {
    my ($self, $n, $limit) = @_;

    my @got;

    wait_for($limit || 10, sub { @got = $self->messages(); @got >= $n });

    return @got;
}


sub _take {
    my ($self, $request) = @_;

    my $special = $self->special($request);
    return $special if $special;

    my $message = eval { $self->read($request) };
    my $wrong = $message ? $message->{wrong} : $@;

    return $self->refusal('malformed', $wrong) if $wrong;

    my ($what, $with) = ($message->{text} // '') =~ /^(\w+)(?: (\S+))?/;

    return $self->refusal($with)
        if ($what // '') eq 'refuse' && !$self->{taken}{$message->{text}}++;

    my $id = $self->id(++$self->{n}, $message);

    return { close => 1 }
        if ($what // '') eq 'lose' && !$self->{taken}{$message->{text}}++;

    $self->report($id, $message, $with) if ($what // '') eq 'early';

    if (($what // '') eq 'report') {
        my $pid = fork();

        if (defined $pid && $pid == 0) {
            select(undef, undef, undef, 0.05);
            $self->report($id, $message, $_) for split(/,/, $with);
            POSIX::_exit(0);
        }
    }

    return $self->answer($id, $message);
}


sub special { }


# ids are its own affair where it has one for each message

sub id {
    my ($self, $n) = @_;

    return sprintf('%s%08d', $self->{name}, $n);
}


sub json_step {
    my ($status, $value) = @_;

    return { status => $status,
        body => JSON::PP->new->utf8->canonical->encode($value) };
}


# to the module, signed

sub post {
    my ($self, $body, %how) = @_;

    my $query = $how{query} // '';
    my %headers = ($self->headers($body, $query),
        %{$how{headers} || {}});

    return http($how{to} // $self->{to}, 'POST', $self->{path} . $query,
        body => $body, headers => \%headers, timeout => $how{timeout});
}


1;
