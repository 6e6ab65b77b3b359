#!/usr/bin/perl

# Tests for `make run`: what is wrong is told in one line, the README's walk
# works as written and so do the lines it prints, a second run carries on, and
# nothing is left running whoever gets the signal.

use strict;
use warnings;

use Fcntl qw(LOCK_EX LOCK_NB);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use FindBin;
use IO::Socket::INET;
use JSON::PP ();
use Test::More;

use lib "$FindBin::Bin/lib";

use SentConv::HTTP qw(http);
use SentConv::Nginx;
use SentConv::Process;
use SentConv::Redis;
use SentConv::Wait;

my $root = SentConv::Nginx::root();
my $base = tempdir('sent_conv_XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $dir = "$base/run";
my $port = free_port();
my $runs = 0;

$ENV{MODULE} = SentConv::Nginx::module();
$ENV{PATH} = dirname($ENV{TEST_NGINX_BINARY}) . ":$ENV{PATH}"
    if $ENV{TEST_NGINX_BINARY};
$ENV{WORKERS} = 2;
delete @ENV{qw(WINDOW REDIS MAKEFLAGS MAKELEVEL MFLAGS)};

# as the target does it, without the packages and the build
put("$base/Makefile",
    ".PHONY: run\nrun:\n\t\@exec env --default-signal=INT,TERM"
    . " $root/conf/run.sh\n");


sub put {
    my ($name, $text) = @_;

    open(my $f, '>', $name) or die "$name: $!\n";
    print $f $text;
    close($f);
}


sub slurp {
    my ($name) = @_;

    open(my $f, '<', $name) or return '';
    local $/;

    return <$f> // '';
}


sub run {
    my (%set) = @_;

    local %ENV = (%ENV, DIR => $dir, PORT => $port, %set);

    my $out = "$base/out" . ++$runs;
    my $self = { out => $out, process => SentConv::Process->run($out, 'make',
        '-s', '-C', $base, 'run') };

    return $self;
}


sub up {
    my ($run) = @_;

    my $up = wait_for(30, sub {
        return slurp($run->{out}) =~ /^# 5\..*\n.*\n\n/m
            || !$run->{process}->alive();
    });

    ok($up && $run->{process}->alive(), 'it runs')
        or BAIL_OUT(slurp($run->{out}));
}


# processes that have the directory in their command line

sub left {
    return grep { slurp("/proc/$_/cmdline") =~ /\Q$base\E\// }
        map { m!(\d+)! } glob('/proc/[0-9]*');
}


# is DIR held by a script, whose command line does not tell?

sub held {
    open(my $f, '>>', "$dir/lock") or return 0;

    return !flock($f, LOCK_EX | LOCK_NB);
}


sub gone {
    my ($name) = @_;

    ok(wait_for(15, sub { !left() && !held() }), "nothing is left, $name")
        or diag(map { slurp("/proc/$_/cmdline") . "\n" } left());
}


sub demo { return JSON::PP->new->decode(slurp("$dir/demo.json")) }


sub shell {
    my ($line) = @_;

    my $out = "$base/shell";

    unlink($out);
    is(SentConv::Process->run($out, 'bash', '-c', "cd $base; $line")
        ->wait_exit(60), 0, substr($line, 0, 60) . '...');

    return slurp($out);
}


# the five lines, and what came of them

sub walk {
    my ($name, $lines) = @_;

    my @lines = grep { /^curl / } split(/\n/, $lines);
    is(@lines, 7, "$name - five lines and two");

    my $before = () = slurp("$dir/agent.jsonl") =~ /conversation\.ended/g;
    my @said = map { shell($_) } @lines[0 .. 2];

    like($said[0], qr/"signing_secret":"whsec_/, "$name - webhook");
    like($said[1], qr/"success":true/, "$name - contact");
    like($said[2], qr/"status":"QUEUED"/, "$name - send");

    ok(wait_for(10, sub {
        return slurp("$dir/agent.jsonl") =~ /"message\.sent"/;
    }), "$name - sent");

    like(shell($lines[3]), qr/^\[\{.*"Until six\.".*"received_at":\d{13}/,
        "$name - carrier");
    like(shell($lines[4]), qr/"close_reason":"EXPLICIT"/, "$name - close");

    ok(wait_for(10, sub {
        return $before < (() = slurp("$dir/agent.jsonl")
            =~ /conversation\.ended/g);
    }), "$name - ended");

    $before = () = slurp("$dir/agent.jsonl") =~ /TEMPLATE_REPLY/g;
    like(shell($lines[5]), qr/"body":"Hello Ann, /, "$name - template");
    like(shell($lines[6]), qr/"success":true/, "$name - its reply");

    ok(wait_for(10, sub {
        return $before < (() = slurp("$dir/agent.jsonl")
            =~ /TEMPLATE_REPLY/g);
    }), "$name - opened by a reply");

    my $demo = demo();
    my $open = http($port, 'GET', '/v3/conversations?status=open',
        headers => { 'x-api-key' => $demo->{api_key} })->data();

    shell("curl -K run/curlrc -X POST $demo->{base_url}/v3/conversations/"
        . "$open->{conversations}[0]{id}/close");
}


sub refused {
    my ($name, $like, %set) = @_;

    my $run = run(%set);
    my $status = $run->{process}->wait_exit(60);
    my @said = grep { !/^make: / } split(/\n/, slurp($run->{out}));

    ok($status, "$name - status");
    is(@said, 1, "$name - one line") or diag(@said);
    like($said[0], $like, "$name - what");
}


my $taken = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1);

put("$base/file", '');

refused('port in use', qr/port \d+ .* in use/, PORT => $taken->sockport());
refused('no port', qr/PORT=x/, PORT => 'x');
refused('DIR is no directory', qr/DIR=\S+ cannot be written/,
    DIR => "$base/file");
refused('DIR cannot be made', qr/DIR=\S+ cannot be written/,
    DIR => '/proc/nowhere');
refused('no Redis there', qr/Redis at 127\.0\.0\.1:\d+ cannot be reached/,
    REDIS => '127.0.0.1:' . free_port());
refused('no socket there', qr/Redis at unix:\S+ cannot be reached/,
    REDIS => "unix:$base/none");
refused('no time', qr/WINDOW=soon/, WINDOW => 'soon');
refused('directive refused', qr/nginx refuses .*\[emerg\]/,
    REDIS => '', WINDOW => '0');


# a Redis that answers, and is not for us; with an IPv6 address, where there
# are any

my $inet6 = eval { require IO::Socket::IP;
    IO::Socket::IP->new(LocalHost => '::1', Listen => 1) };
my $theirs = SentConv::Redis->new(tcp => 1,
    dir => tempdir('sent_conv_XXXXXX', TMPDIR => 1, CLEANUP => 1),
    options => ['--bind', $inet6 ? '::1' : '127.0.0.1']);
my $address = ($inet6 ? '[::1]:' : '127.0.0.1:') . $theirs->port();

$theirs->command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
refused('Redis that evicts', qr/^make run: not ready: [^{]*noeviction$/,
    DIR => "$base/other", REDIS => $address);
gone('after all refusals');

$theirs->command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');

my $elsewhere = run(DIR => "$base/other", PORT => free_port(),
    REDIS => "$address db=3");

up($elsewhere);
$elsewhere->{process}->signal('TERM');
ok(defined $elsewhere->{process}->wait_exit(60), 'another Redis');
$theirs->stop();
gone('another Redis');


my $run = run();

up($run);

is((stat("$dir/demo.json"))[2] & 07777, 0600, 'demo.json is private');

my $demo = demo();

is(join(' ', sort keys %$demo), 'admin_token admin_url api_key base_url'
    . ' carriers customer_id numbers outbox_url redis', 'fields');
is(join(' ', sort keys %{$demo->{$_}}), 'rcs sms whatsapp', $_)
    for qw(numbers carriers);
is(join(' ', sort keys %{$demo->{carriers}{sms}}), 'format name secret url',
    'carrier');
is($demo->{base_url}, "http://127.0.0.1:$port", 'base_url');
is(http($port, 'GET', '/admin/customers', headers => {
    Authorization => "Bearer $demo->{admin_token}" })->status(), 200,
    'operator');

like(slurp("$dir/sent_conv_seal.key"), qr/^[0-9a-f]{64}$/, 'a seal key');
is((stat("$dir/sent_conv_seal.key"))[2] & 0777, 0600, 'for nobody else');

# what there is to look at

my @shown = qw(TEMPLATE_REPLY COMPLIANCE_STOP EXPLICIT INBOUND);

sub data { return http($port, 'GET', $_[0], headers => {
    'x-api-key' => $demo->{api_key} })->data() }

is(join(' ', map { $_->{close_reason} // $_->{trigger} }
    @{data('/v3/conversations')->{conversations}}), "@shown",
    'conversations');
is(data('/v3/agents')->{agents}[0]{name}, 'Front desk', 'an agent');

my $hex = sprintf('%04X', $port);
is(join(' ', map { slurp("/proc/net/$_") =~ /: (\S+):$hex 0+:0000 0A/g }
    qw(tcp tcp6)), '0100007F', 'on loopback only');

my $readme = join('', slurp("$root/README.md")
    =~ /(^# 1\. .*?)^```\n.*?(^curl[^\n]*v3\/messages.*?)^```$/ms);
$readme or die "no walk in README.md\n";
$readme =~ s/127\.0\.0\.1:8080/127.0.0.1:$port/g;

walk('README', $readme);
walk('printed', slurp($run->{out}));

like(slurp($run->{out}), qr/^\{"id":"evt_\S+_ended"/m,
    'webhooks are shown');

refused('DIR in use', qr/DIR=\S+ is in use/, PORT => free_port());

my $second = free_port();
my $other = run(DIR => "$base/run2", PORT => $second,
    REDIS => $demo->{redis});

up($other);
is(http($second, 'GET', '/v3/conversations', headers => {
    'x-api-key' => $demo->{api_key} })->json()->{data}{pagination}{page_size},
    20, 'another node on the same Redis');
like(slurp("$base/run2/nginx.conf"), qr!sent_conv_seal_key "$dir/sent!,
    'and its key');

$other->{process}->signal('TERM');
ok(defined $other->{process}->wait_exit(60), 'TERM to make');

my ($pid) = grep { slurp("/proc/$_/cmdline") =~ /^redis-server/ } left();

kill('KILL', $pid);
ok(wait_for(20, sub {
    return (grep { $_ != $pid && slurp("/proc/$_/cmdline") =~ /^redis-server/ }
        left()) && http($port, 'GET', '/readyz')->status() == 200;
}), 'Redis is started again');

# a terminal's Ctrl-C goes to all of the group
kill('INT', -$run->{process}->pid());
ok(defined $run->{process}->wait_exit(60), 'Ctrl-C');
gone('Ctrl-C');


$run = run();
up($run);
is_deeply(demo(), $demo, 'the same customer');

my $list = http($port, 'GET', '/v3/conversations', headers => {
    'x-api-key' => $demo->{api_key} })->data()->{conversations};

is(join(' ', map { $_->{close_reason} // $_->{trigger} } @$list),
    join(' ', ('EXPLICIT') x 4, @shown), 'the same conversations');

$run->{process}->signal('INT');
ok(defined $run->{process}->wait_exit(60), 'SIGINT to make alone');
gone('SIGINT to make alone');

for my $signal (qw(TERM KILL)) {
    $run = run();
    up($run);
    $run->{process}->signal($signal);
    ok(defined $run->{process}->wait_exit(60), "SIG$signal to make");
    gone("SIG$signal to make");
}

$run = run();
up($run);

my $make = $run->{process}->pid();

($pid) = split(' ', slurp("/proc/$make/task/$make/children"));
kill('KILL', $pid);
gone('SIGKILL to the script');

done_testing();
