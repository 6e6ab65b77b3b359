package SentConv::Receiver;

# The far end of deliveries, webhooks and carriers alike: a server in a
# process of its own that behaves as its script says and writes down each
# request with the time of its arrival.
#
# A step of a script is a hash: status (200), headers, body ("%%N%%" is the
# request's number), delay (s before the answer), hang (never answers), reset
# (RST instead of an answer), close (FIN instead of one), slow (s between the
# bytes of the answer), huge (bytes of body without an end in sight); match (a
# regular expression the request's body must fit, or else the step is left
# for a later one), chance (0..1), repeat (it is not used up).  A path without
# steps left answers as its default does: 200.
#
# A receiver that is more than a script is given answer => a function of the
# request, called in the receiver's process: it returns a step, or nothing.

use strict;
use warnings;

use Fcntl qw(LOCK_EX LOCK_UN SEEK_SET);
use IO::Select;
use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_LINGER);
use Storable ();
use Time::HiRes qw(time);

use SentConv::HTTP ();
use SentConv::Process;
use SentConv::Wait;


sub new {
    my ($class, %arg) = @_;

    my $self = bless {
        log => "$arg{dir}/received", port => $arg{port} || free_port(),
        seen => [], at => 0, script => {}, default => {},
        answer => $arg{answer},
    }, $class;

    return $self->start();
}


sub port {
    my ($self) = @_;

    return $self->{port};
}


sub start {
    my ($self) = @_;

    my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
        LocalPort => $self->{port}, Listen => 511, ReuseAddr => 1)
        or die "receiver: port $self->{port}: $!\n";

    open(my $log, '>>', $self->{log}) or die "$self->{log}: $!\n";
    close($log);

    $self->{process} = SentConv::Process->job(sub { $self->_serve($listen) });
    close($listen);
    $self->_tell();

    return $self;
}


# nobody listens any more: connections are refused

sub stop {
    my ($self) = @_;

    return unless $self->{process}->alive();

    $self->{process}->signal('KILL');
    $self->{process}->wait_exit(10);
}


sub script {
    my ($self, $path, @steps) = @_;

    $self->{script} = { $path => \@steps };
    $self->_tell();
}


sub default {
    my ($self, $path, %step) = @_;

    $self->{default}{$path} = \%step;
    $self->{script} = {};
    $self->_tell();
}


sub _tell {
    my ($self) = @_;

    my $answer = SentConv::HTTP::http($self->{port}, 'POST', '/__script',
        body => { script => $self->{script}, default => $self->{default} });

    die "receiver does not answer\n" unless $answer;
    $self->{script} = {};
}


# what came, oldest first: to that path, or to all

sub requests {
    my ($self, $path) = @_;

    open(my $log, '<:raw', $self->{log}) or die "$self->{log}: $!\n";
    seek($log, $self->{at}, SEEK_SET);

    my $head;

    while ((read($log, $head, 4) || 0) == 4) {
        my $length = unpack('N', $head);
        last if (read($log, my $frozen, $length) || 0) < $length;

        push @{$self->{seen}}, Storable::thaw($frozen);
        $self->{at} += 4 + $length;
    }

    my @requests = grep { !defined $path || $_->{path} eq $path }
        @{$self->{seen}};

    return @requests;
}


# waits for n of them; all that came

sub wait_requests {
    my ($self, $path, $n, $limit) = @_;

    my @got;

    wait_for($limit || 10, sub {
        @got = $self->requests($path);
        return @got >= $n;
    });

    return @got;
}


sub _serve {
    my ($self, $listen) = @_;

    open(my $log, '>>:raw', $self->{log}) or return;
    $log->autoflush(1);

    my $s = {
        listen => $listen, log => $log, conns => {}, script => {},
        default => {}, counts => {}, n => 0, answer => $self->{answer},
        select => IO::Select->new($listen),
    };

    $listen->blocking(0);

    while (1) {
        my $pause = 1;
        my $writers = IO::Select->new();

        for my $c (values %{$s->{conns}}) {
            next unless length($c->{out}) || $c->{more};
            my $left = $c->{due} - time();
            $writers->add($c->{sock}) if $left <= 0;
            $pause = $left if $left > 0 && $left < $pause;
        }

        my ($r, $w) = IO::Select->select($s->{select}, $writers, undef,
            $pause);

        _write($s, $_) for @{$w || []};
        $_ == $listen ? _accept($s) : _read($s, $_) for @{$r || []};
    }
}


sub _accept {
    my ($s) = @_;

    while (my $sock = $s->{listen}->accept()) {
        $sock->blocking(0);
        $s->{select}->add($sock);
        $s->{conns}{$sock} = { sock => $sock, in => '', out => '', due => 0 };
    }
}


sub _drop {
    my ($s, $c) = @_;

    $s->{select}->remove($c->{sock});
    delete $s->{conns}{$c->{sock}};
    close($c->{sock});
}


sub _read {
    my ($s, $sock) = @_;

    my $c = $s->{conns}{$sock} or return;
    my $n = sysread($sock, $c->{in}, 65536, length($c->{in}));

    return if !defined $n && $!{EAGAIN};
    return _drop($s, $c) unless $n;
    return if $c->{busy} || $c->{in} !~ /\r\n\r\n/;

    my $end = $+[0];
    my ($line, @lines) = split(/\r\n/, substr($c->{in}, 0, $end));
    my ($method, $path) = split(/ /, $line);
    my %h = map { /^([^:]+):\s*(.*?)\s*$/ ? (lc $1 => $2) : () } @lines;
    my $body = substr($c->{in}, $end);

    if (defined $h{'transfer-encoding'}) {
        ($body, my $used) = SentConv::HTTP::_dechunk($body);
        return unless defined $body;
        $c->{in} = substr($c->{in}, $end + $used);

    } else {
        my $length = $h{'content-length'} || 0;
        return if length($body) < $length;
        $body = substr($body, 0, $length);
        $c->{in} = substr($c->{in}, $end + $length);
    }

    my $request = { method => $method, path => $path, headers => \%h,
        body => $body, at => time(), line => $line };

    return _learn($s, $c, $request) if $path eq '/__script';

    my $step = _step($s, $request);

    $request->{n} = ++$s->{n};
    $request->{step} = $step;

    my $frozen = Storable::freeze($request);
    print {$s->{log}} pack('N', length($frozen)) . $frozen;

    _answer($s, $c, $request, $step);
}


sub _learn {
    my ($s, $c, $request) = @_;

    my $new = JSON::PP->new->utf8->decode($request->{body});

    $s->{script}{$_} = $new->{script}{$_} for keys %{$new->{script}};
    $s->{default} = $new->{default};

    _answer($s, $c, $request, {});
}


sub _step {
    my ($s, $request) = @_;

    my $steps = $s->{script}{$request->{path}} || [];

    for my $i (0 .. $#$steps) {
        my $step = $steps->[$i];

        next if defined $step->{match} && $request->{body} !~ $step->{match};
        next if defined $step->{chance} && rand() > $step->{chance};

        splice(@$steps, $i, 1) unless $step->{repeat};
        return $step;
    }

    return ($s->{answer} && $s->{answer}->($request))
        || $s->{default}{$request->{path}} || {};
}


sub _answer {
    my ($s, $c, $request, $step) = @_;

    return $c->{busy} = 1 if $step->{hang};
    return _drop($s, $c) if $step->{close};

    if ($step->{reset}) {
        setsockopt($c->{sock}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0));
        return _drop($s, $c);
    }

    my $status = $step->{status} || 200;
    my $body = $step->{body} // '{}';
    my $n = $request->{n} // 0;

    $body =~ s/%%N%%/$n/g;

    my %h = ('Content-Type' => 'application/json', %{$step->{headers} || {}});
    my $keep = ($request->{headers}{connection} // '') =~ /keep-alive/i
        || ($request->{line} =~ m!HTTP/1\.1$!
            && ($request->{headers}{connection} // '') !~ /close/i);

    $h{'Content-Length'} = $step->{huge} || length($body) if $status != 204;
    $h{Connection} = $keep ? 'keep-alive' : 'close';
    $body = '' if $step->{huge} || $status == 204;

    $c->{out} = join('', "HTTP/1.1 $status Scripted\r\n",
        (map { "$_: $h{$_}\r\n" } sort keys %h), "\r\n", $body);
    $c->{due} = time() + ($step->{delay} || 0);
    $c->{slow} = $step->{slow};
    $c->{more} = $step->{huge} || 0;
    $c->{keep} = $keep;
    $c->{busy} = 1;

    _write($s, $c->{sock}) unless $step->{delay};
}


sub _write {
    my ($s, $sock) = @_;

    my $c = $s->{conns}{$sock} or return;

    if ($c->{more} && length($c->{out}) < 65536) {
        my $n = $c->{more} < 65536 ? $c->{more} : 65536;
        $c->{out} .= 'x' x $n;
        $c->{more} -= $n;
    }

    my $n = syswrite($sock, $c->{out}, $c->{slow} ? 1 : length($c->{out}));

    return if !defined $n && $!{EAGAIN};
    return _drop($s, $c) unless $n;

    substr($c->{out}, 0, $n) = '';
    $c->{due} = time() + $c->{slow} if $c->{slow};

    return if length($c->{out}) || $c->{more};
    return _drop($s, $c) unless $c->{keep};

    $c->{busy} = 0;
    _read($s, $sock) if length($c->{in});
}


1;
