package SentConv::Process;

# Daemons and jobs of a test: started in a group of their own, and none of
# them outlives it.

use strict;
use warnings;

use POSIX ();
use Storable ();

use SentConv::Wait;

my $main = $$;
my %groups;


# execs the command, its output goes to a file

sub run {
    my ($class, $out, @command) = @_;

    return $class->_fork(sub {
        open(STDIN, '<', '/dev/null');
        open(STDOUT, '>>', $out);
        open(STDERR, '>&', \*STDOUT);
        exec { $command[0] } @command or POSIX::_exit(127);
    });
}


# runs the code in a child; wait() hands over what it returned.  The code is
# given a function that tells whether stop() has been called.

sub job {
    my ($class, $code) = @_;

    pipe(my $in, my $out) or die "pipe: $!\n";

    my $self = $class->_fork(sub {
        my $stop = 0;

        close($in);
        $SIG{TERM} = sub { $stop = 1 };
        $SIG{PIPE} = 'IGNORE';

        my $result = eval { [$code->(sub { $stop })] };
        $result = [] unless $result;
        warn $@ if $@;

        binmode($out);
        print $out Storable::freeze($result);
        close($out);
        POSIX::_exit($@ ? 1 : 0);
    });

    close($out);
    $self->{result} = $in;

    return $self;
}


sub _fork {
    my ($class, $code) = @_;

    my $pid = fork();
    die "fork: $!\n" unless defined $pid;

    if ($pid == 0) {
        setpgrp(0, 0);
        $SIG{$_} = 'DEFAULT' for qw(INT TERM PIPE CHLD);
        %groups = ();
        $code->();
        POSIX::_exit(0);
    }

    $groups{$pid} = 1;

    return bless { pid => $pid }, $class;
}


sub pid {
    my ($self) = @_;

    return $self->{pid};
}


sub signal {
    my ($self, $signal) = @_;

    return kill($signal, $self->{pid});
}


sub alive {
    my ($self) = @_;

    return 0 if defined $self->{status};
    return 1 if waitpid($self->{pid}, POSIX::WNOHANG()) == 0;

    $self->{status} = $?;
    delete $groups{$self->{pid}};

    return 0;
}


# the exit status, or undef when it still runs at the limit

sub wait_exit {
    my ($self, $limit) = @_;

    wait_for($limit, sub { !$self->alive() });

    return $self->{status};
}


# what a job's code returned

sub result {
    my ($self) = @_;

    my $in = delete $self->{result};
    local $/;
    my $frozen = <$in>;

    $self->wait_exit(60);

    my $result = $frozen ? Storable::thaw($frozen) : [];

    return wantarray ? @$result : $result->[0];
}


sub stop {
    my ($self) = @_;

    $self->signal('TERM');

    return $self->result();
}


# the last resort, for the whole group

sub kill_all {
    local $?;

    for my $pid (keys %groups) {
        kill('CONT', -$pid);
        kill('KILL', -$pid);
        kill('KILL', $pid);
        waitpid($pid, 0);
    }

    %groups = ();
}


$SIG{$_} = sub { exit(1) } for qw(INT TERM HUP);
$SIG{PIPE} = 'IGNORE';


END {
    kill_all() if $$ == $main;
}


1;
