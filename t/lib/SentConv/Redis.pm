package SentConv::Redis;

# A redis-server of the test's own: started, killed, stopped, restarted with
# or without its data.

use strict;
use warnings;

use SentConv::Process;
use SentConv::Resp;
use SentConv::Wait;


# dir, tcp => 1 for a port beside the socket, options => [further options],
# name => of its folder

sub new {
    my ($class, %arg) = @_;

    my $self = bless {
        base => $arg{dir}, dir => "$arg{dir}/" . ($arg{name} || 'redis'),
        options => $arg{options} || [],
        port => $arg{tcp} ? free_port() : 0,
    }, $class;

    mkdir($self->{dir});

    return $self->start();
}


# a replica of this one, which needs a port; on line already

sub replica {
    my ($self, $name, %arg) = @_;

    my $replica = ref($self)->new(dir => $self->{base}, name => $name,
        options => ['--replicaof', '127.0.0.1', $self->port()], %arg);

    $replica->follows($self) or die "$name does not follow its master\n";

    return $replica;
}


# has it all that its master has, and has it said so?  Only behind its first
# word is it sent what is written.

sub follows {
    my ($self, $master, $key) = @_;

    wait_for(20, sub {
        return $self->info('replication')->{master_link_status} eq 'up';
    });

    $master->command('SET', $key // 'sc:wait', 1, 'PX', 60000);

    my $end = $master->info('replication')->{master_repl_offset};

    return wait_for(20, sub {
        my $info = $master->info('replication');

        return !grep { /^slave\d/
            && ($info->{$_} !~ /state=online,offset=(\d+)/ || $1 < $end) }
            keys %$info;
    });
}


# how often a command has been called since CONFIG RESETSTAT

sub calls {
    my ($self, $command) = @_;

    my $stat = $self->info('commandstats')->{"cmdstat_$command"} // '';

    return $stat =~ /calls=(\d+)/ ? $1 : 0;
}


sub socket {
    my ($self) = @_;

    return "$self->{dir}/redis.sock";
}


sub port {
    my ($self) = @_;

    return $self->{port};
}


sub start {
    my ($self, @options) = @_;

    unlink($self->socket());

    $self->{process} = SentConv::Process->run("$self->{dir}/redis.log",
        $ENV{TEST_NGINX_REDIS} || '/usr/bin/redis-server',
        '--port', $self->{port}, '--bind', '127.0.0.1',
        '--unixsocket', $self->socket(), '--unixsocketperm', '777',
        '--dir', $self->{dir}, '--save', '', '--maxmemory-policy',
        'noeviction', '--repl-diskless-sync-delay', 0,
        '--stream-node-max-bytes', '512',
        @{$self->{options}}, @options);

    my $up = wait_for(20, sub {
        die "redis-server did not start, see $self->{dir}/redis.log\n"
            unless $self->{process}->alive();
        my $c = SentConv::Resp->new($self->socket()) or return 0;
        my $pong = eval { $c->command('PING') };
        return 1 if $pong || $@ =~ /NOAUTH|NOPERM|LOADING/;
        return 0;
    });

    die "redis-server is not ready\n" unless $up;

    delete $self->{client};

    return $self;
}


sub command {
    my ($self, @args) = @_;

    $self->{client} = undef if ($self->{client_pid} || 0) != $$;
    $self->{client} ||= $self->_login();
    $self->{client_pid} = $$;

    my $reply = eval { $self->{client}->command(@args) };

    if ($@ =~ /lost|write/) {
        $self->{client} = $self->_login();
        $reply = $self->{client}->command(@args);

    } elsif ($@) {
        die $@;
    }

    return $reply;
}


sub _login {
    my ($self) = @_;

    my $client = SentConv::Resp->new($self->socket())
        or die "redis: cannot connect\n";

    $client->command('AUTH', $self->{password}) if $self->{password};

    return $client;
}


# for requirepass set by an option

sub password {
    my ($self, $password) = @_;

    $self->{password} = $password;
}


sub keys {
    my ($self, $pattern) = @_;

    return @{$self->command('KEYS', $pattern)};
}


sub info {
    my ($self, $section) = @_;

    return { $self->command('INFO', $section) =~ /^(\w+):(.*?)\r?$/mg };
}


# until its clock is in another millisecond: what is ordered by time has ties
# within one

sub tick {
    my ($self) = @_;

    my $clock = sub {
        my ($seconds, $micros) = @{$self->command('TIME')};
        return $seconds * 1000 + int($micros / 1000);
    };
    my $now = $clock->();

    wait_for(5, sub { $clock->() > $now });
}


# every type here is cheap to print: what the whole database holds

sub dump {
    my ($self) = @_;

    my %all;

    for my $key (sort $self->keys('*')) {
        $all{$key} = unpack('H*', $self->command('DUMP', $key) // '');
    }

    return \%all;
}


sub crash {
    my ($self) = @_;

    $self->{process}->signal('KILL');
    $self->{process}->wait_exit(10);
}


sub stop {
    my ($self) = @_;

    return unless $self->{process}->alive();

    $self->{process}->signal('CONT');
    $self->{process}->signal('TERM');
    $self->crash() unless defined $self->{process}->wait_exit(10);
}


# SIGSTOP and SIGCONT: it is there and says nothing

sub freeze {
    my ($self) = @_;

    $self->{process}->signal('STOP');
}


sub thaw {
    my ($self) = @_;

    $self->{process}->signal('CONT');
}


sub forget {
    my ($self) = @_;

    require File::Path;
    File::Path::remove_tree("$self->{dir}/appendonlydir");
    unlink("$self->{dir}/dump.rdb");
}


1;
