package SentConv::Nginx;

# An nginx of the test's own: its configuration is written out with the
# ports and paths of this run filled in; started, reloaded, killed; what must
# be true of its log and its counters at the end.
#
# In the text: %%GLOBALS%% (main context), %%GLOBALS_HTTP%%, %%PORT_n%%,
# %%TESTDIR%%, %%REDIS%%, %%MODULE%%, and what the test itself defines.
# Environment: SENT_CONV_OBJS, TEST_NGINX_BINARY, TEST_NGINX_STATIC,
# TEST_NGINX_VALGRIND, TEST_NGINX_SCALE, TEST_NGINX_LEAVE, TEST_NGINX_CATLOG.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IO::Socket::INET;

use SentConv::HTTP ();
use SentConv::Process;
use SentConv::Wait;

my $root = abs_path(dirname(abs_path(__FILE__)) . '/../../..');
my $binary = $ENV{TEST_NGINX_BINARY} || '/usr/sbin/nginx';
my $objs = $ENV{SENT_CONV_OBJS} || "$root/objs";
my $module = "$objs/ngx_http_sent_conv_module.so";

$ENV{LSAN_OPTIONS} //= "suppressions=$root/t/lib/lsan.supp"
    . ':print_suppressions=0';


sub root { return $root }
sub module { return $module }

sub missing {
    return "no $binary" unless -x $binary;
    return if $ENV{TEST_NGINX_STATIC};
    return -e $module ? undef : "no $module";
}


# dir, conf => text, set => { NAME => value }, name => of this node's folder

sub new {
    my ($class, %arg) = @_;

    my $self = bless {
        dir => "$arg{dir}/" . ($arg{name} || 'nginx'),
        set => $arg{set} || {}, ports => $arg{ports} || {},
        base => $arg{dir}, allowed => [],
    }, $class;

    mkdir($self->{dir});
    mkdir("$self->{dir}/$_") for qw(logs tmp);
    $self->configure($arg{conf}) if defined $arg{conf};

    return $self;
}


sub port {
    my ($self, $n) = @_;

    return $self->{ports}{$n || 0} //= free_port();
}


sub dir {
    my ($self) = @_;

    return $self->{dir};
}


sub expand {
    my ($self, $text) = @_;

    my $load = $ENV{TEST_NGINX_STATIC} ? '' : "load_module $module;";
    my $user = $> == 0 ? 'user root;' : '';
    my $level = $ENV{TEST_NGINX_LEVEL} || 'info';
    my $temps = join("\n", map { "    ${_}_temp_path $self->{dir}/tmp/$_;" }
        qw(client_body proxy fastcgi uwsgi scgi));

    my %set = (
        GLOBALS => "$load\n$user\ndaemon off;\n"
            . "pid $self->{dir}/nginx.pid;\n"
            . "error_log $self->{dir}/logs/error.log $level;\n",
        GLOBALS_HTTP => "$temps\n    " . _log_format() . "\n"
            . "    access_log $self->{dir}/logs/access.log safe;\n",
        MODULE => $module, TESTDIR => $self->{base}, %{$self->{set}},
    );

    $text =~ s/%%PORT_(\d+)%%/$self->port($1)/ge;
    $text =~ s/%%(\w+)%%/$set{$1} \/\/ die "unknown %%$1%% in nginx.conf\n"/ge;

    return $text;
}


# the one of conf/, so that what it writes is looked over, too

sub _log_format {
    open(my $f, '<', "$root/conf/nginx.conf.in") or die "nginx.conf.in: $!\n";
    local $/;

    return <$f> =~ /log_format sent_conv (.*?;)/s ? "log_format safe $1"
        : die "nginx.conf.in: no log_format\n";
}


sub configure {
    my ($self, $text, %set) = @_;

    $self->{set} = { %{$self->{set}}, %set };

    open(my $f, '>', "$self->{dir}/nginx.conf") or die "nginx.conf: $!\n";
    binmode($f, ':utf8');
    print $f $self->expand($text);
    close($f);
}


sub command {
    my ($self, @args) = @_;

    return ($binary, '-p', $self->{dir}, '-c', "$self->{dir}/nginx.conf",
        '-e', "$self->{dir}/logs/error.log", @args);
}


# what nginx -t says, and whether it agrees

sub check {
    my ($self) = @_;

    my $out = "$self->{dir}/check.out";

    unlink($out);

    my $status = SentConv::Process->run($out, $self->command('-t'))
        ->wait_exit(30);

    open(my $f, '<', $out) or return (0, '');
    local $/;

    return (defined $status && $status == 0, scalar <$f>);
}


sub start {
    my ($self, %arg) = @_;

    my @command = $self->command();

    unshift @command, 'valgrind', '-q', '--trace-children=yes',
        "--log-file=$self->{dir}/logs/valgrind.%p", '--num-callers=30'
        if $ENV{TEST_NGINX_VALGRIND};

    $self->{process} = SentConv::Process->run("$self->{dir}/logs/out",
        @command);

    return $self if $arg{nowait};

    my @ports = $self->_listening();
    my $up = wait_for(20, sub {
        return -1 unless $self->{process}->alive();
        return -e "$self->{dir}/nginx.pid" && !grep {
            !IO::Socket::INET->new(PeerAddr => "127.0.0.1:$_")
        } @ports;
    });

    die "nginx did not start:\n" . $self->log() . $self->_file('out')
        unless $up && $up != -1;

    return $self;
}


sub _listening {
    my ($self) = @_;

    open(my $f, '<', "$self->{dir}/nginx.conf") or die "nginx.conf: $!\n";
    local $/;

    return <$f> =~ /\blisten\s+127\.0\.0\.1:(\d+)/mg;
}


sub _file {
    my ($self, $name) = @_;

    open(my $f, '<', "$self->{dir}/logs/$name") or return '';
    local $/;

    return <$f> // '';
}


sub log {
    my ($self) = @_;

    return $self->_file('error.log');
}


# has every worker a usable connection to Redis, as far as the log tells?

sub connected {
    my ($self) = @_;

    my %last = $self->log()
        =~ /#(\d+): sent conv redis commands(?: at \S+)?: (\w+)/g;
    my @workers = $self->workers();

    open(my $f, '<', "$self->{dir}/nginx.conf") or die "nginx.conf: $!\n";
    local $/;

    my ($n) = <$f> =~ /^worker_processes\s+(\d+)/m;

    return @workers >= ($n || 1)
        && !grep { ($last{$_} // '') ne 'ready' } @workers;
}


sub master {
    my ($self) = @_;

    return $self->{process}->pid();
}


sub alive {
    my ($self) = @_;

    return $self->{process} && $self->{process}->alive();
}


# pids of the workers that take connections; all => those on their way out too

sub workers {
    my ($self, %arg) = @_;

    my $pid = $self->master();
    my @all;

    open(my $f, '<', "/proc/$pid/task/$pid/children") or return ();

    for my $child (split(' ', <$f> // '')) {
        open(my $c, '<', "/proc/$child/cmdline") or next;
        my $line = <$c> // '';

        # valgrind hides the titles

        push @all, $child if $ENV{TEST_NGINX_VALGRIND}
            || $line =~ /worker process/
            && ($arg{all} || $line !~ /shutting down/);
    }

    @all = sort { $a <=> $b } @all;

    return @all;
}


# with the new generation in place; the old one may still be finishing

sub reload {
    my ($self) = @_;

    my %old = map { $_ => 1 } $self->workers();

    $self->{process}->signal('HUP');

    return wait_for(20, sub {
        my @now = $self->workers();
        return @now && !grep { $old{$_} } @now;
    });
}


sub settled {
    my ($self, $limit) = @_;

    return wait_for($limit || 20, sub {
        return $self->workers(all => 1) == $self->workers();
    });
}


# kill -9 of one worker; its successor's pid

sub kill_worker {
    my ($self, $pid) = @_;

    $pid ||= ($self->workers())[0];
    my %old = map { $_ => 1 } $self->workers();

    $self->{killed}++;
    kill('KILL', $pid);

    my ($new) = @{ wait_for(10, sub {
        my @new = grep { !$old{$_} } $self->workers();
        return @new ? \@new : 0;
    }) || [] };

    return $new;
}


# the machine went down: master and workers at once

sub crash {
    my ($self) = @_;

    $self->{killed}++;
    kill('KILL', $self->master());
    kill('KILL', $_) for $self->workers(all => 1);
    kill('KILL', -$self->master());
    $self->{process}->wait_exit(10);
    unlink("$self->{dir}/nginx.pid");
}


# QUIT and the wait for it; true if all went within the limit

sub quit {
    my ($self, $limit) = @_;

    return 1 unless $self->alive();

    $self->{process}->signal('QUIT');

    return defined $self->{process}->wait_exit($limit || 20);
}


sub stub_status {
    my ($self) = @_;

    my $answer = SentConv::HTTP::http($self->port(0), 'GET', '/stub_status')
        or return undef;

    return { map { lc } $answer->body()
        =~ /(Active)\sconnections:\s(\d+).*
            (Reading):\s(\d+)\s(Writing):\s(\d+)\s(Waiting):\s(\d+)/sx };
}


# log lines of this test's doing: not to be counted against it

sub allow {
    my ($self, @patterns) = @_;

    push @{$self->{allowed}}, @patterns;
}


# all that an operator or a scraper gets to see of a run, by its name

sub outputs {
    my ($self) = @_;

    my %all = (status => $self->{status} // '',
        map { $_ => $self->_file($_) } qw(error.log access.log out));

    return %all;
}


# [ok, name, why] for the end of a test; stops nginx

sub verify {
    my ($self) = @_;

    my @checks;
    my $alive = $self->alive();

    if ($alive && $self->_has('sent_conv_status;') && $self->workers()) {
        my $answer = SentConv::HTTP::http($self->port(0), 'GET', '/status');
        $self->{status} = $answer->body() if $answer;
    }

    if ($alive && $self->_has('stub_status') && !$self->{killed}) {
        my $now;
        my $idle = wait_for(10, sub {
            $now = $self->stub_status() or return 0;
            return $now->{active} == 1 && $now->{reading} == 0
                && $now->{writing} == 1;
        });
        push @checks, [$idle, 'no leaked connection', join(' ',
            map { "$_ $now->{$_}" } sort keys %{$now || {}})];
    }

    push @checks, [$self->quit(), 'quit in time', ''] if $alive;

    my $out = $self->_file('out');
    my $log = $self->log();
    my @allowed = @{$self->{allowed}};

    push @allowed, qr/exited on signal 9/ if $self->{killed};

    my @bad = grep { my $line = $_; !grep { $line =~ $_ } @allowed }
        "$log$out" =~ /^(.*\[(?:alert|emerg)\].*)$/mg;

    push @checks, [!@bad, 'no alerts', join("\n", @bad)];

    my @errors = "$log$out" =~ /^(.*Sanitizer.*)$/mg;

    for my $file (glob("$self->{dir}/logs/valgrind.*")) {
        open(my $f, '<', $file) or next;
        push @errors, grep { /^==\d+== \S/ } <$f>;
    }

    push @checks, [!@errors, 'no memory errors', join('', @errors)]
        if @errors || $ENV{TEST_NGINX_VALGRIND};

    return @checks;
}


sub _has {
    my ($self, $text) = @_;

    open(my $f, '<', "$self->{dir}/nginx.conf") or return 0;
    local $/;

    return index(<$f>, $text) >= 0;
}


1;
