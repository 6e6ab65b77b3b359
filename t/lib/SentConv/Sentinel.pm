package SentConv::Sentinel;

# A Sentinel of the test's own, and one that is not what it says.

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;

use SentConv::Process;
use SentConv::Resp;
use SentConv::Wait;


# dir, name, master => a SentConv::Redis with a port; password; conf =>
# further lines

sub new {
    my ($class, %arg) = @_;

    my $self = bless {
        dir => "$arg{dir}/$arg{name}", port => free_port(),
        password => $arg{password},
    }, $class;

    mkdir($self->{dir});

    open(my $conf, '>', "$self->{dir}/sentinel.conf")
        or die "sentinel.conf: $!\n";
    print $conf <<"EOF";
port $self->{port}
bind 127.0.0.1
dir $self->{dir}
sentinel monitor mine 127.0.0.1 @{[$arg{master}->port()]} 2
sentinel down-after-milliseconds mine 1000
sentinel failover-timeout mine 6000
@{[$self->{password} ? "requirepass $self->{password}" : '']}
@{[$arg{conf} // '']}
EOF
    close($conf);

    return $self->start();
}


sub start {
    my ($self) = @_;

    $self->{process} = SentConv::Process->run("$self->{dir}/sentinel.log",
        $ENV{TEST_NGINX_REDIS} || '/usr/bin/redis-server',
        "$self->{dir}/sentinel.conf", '--sentinel');

    wait_for(20, sub { SentConv::Resp->new("127.0.0.1:$self->{port}") })
        or die "the sentinel does not listen, see $self->{dir}\n";

    return $self;
}


sub port { return $_[0]{port} }


sub command {
    my ($self, @args) = @_;

    my $client = SentConv::Resp->new("127.0.0.1:$self->{port}");

    $client->command('AUTH', $self->{password}) if $self->{password};

    return $client->command(@args);
}


# where it says that the master is

sub tells {
    my ($self) = @_;

    return $self->command('SENTINEL', 'get-master-addr-by-name', 'mine')->[1];
}


# does it know so many replicas that are up, and other Sentinels?

sub knows {
    my ($self, $replicas, $others) = @_;

    my $good = sub {
        my ($what) = @_;

        return scalar(grep { my %is = @$_; $is{flags} !~ /down|disconnected/
            && ($is{'master-link-status'} // 'ok') eq 'ok' }
            @{$self->command('SENTINEL', $what, 'mine')});
    };

    return $good->('replicas') == $replicas
        && $good->('sentinels') == $others;
}


sub crash {
    my ($self) = @_;

    $self->{process}->signal('KILL');
    $self->{process}->wait_exit(10);
}


sub freeze { $_[0]{process}->signal('STOP') }
sub thaw { $_[0]{process}->signal('CONT') }


# a job that says to everyone that the master is there, whatever the name

sub liar {
    my ($class, $port, $host, $where) = @_;

    my $answer = '*2' . join('', map { "\r\n\$" . length($_) . "\r\n$_" }
        $host, $where) . "\r\n";

    my $job = SentConv::Process->job(sub {
        my ($stop) = @_;
        my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
            LocalPort => $port, Listen => 64, ReuseAddr => 1) or return;
        my $select = IO::Select->new($listen);

        until ($stop->()) {
            for my $s ($select->can_read(0.1)) {
                if ($s == $listen) {
                    $select->add($listen->accept() || next);

                } elsif (!sysread($s, my $bytes, 65536)) {
                    $select->remove($s);
                    close($s);

                } else {
                    syswrite($s, $1 eq 'SETNAME' ? "+OK\r\n" : $answer)
                        while $bytes =~ /(SETNAME|GET-MASTER)/g;
                }
            }
        }
    });

    wait_for(5, sub {
        IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port");
    });

    return $job;
}


1;
