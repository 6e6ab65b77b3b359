#!/usr/bin/perl

# Tests for the variables of access logs: whose request it was, what was wrong
# with it, how long Redis took.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $t = setup(http => <<'CONF', server => <<'SERVER');

    log_format vars '$request_method $uri|$sent_conv_customer'
                    '|$sent_conv_conversation|$sent_conv_error'
                    '|$sent_conv_redis_time';
CONF

        access_log %%TESTDIR%%/vars.log vars;
SERVER

my $seen = 0;

# the line of the request that was just answered: customer, conversation,
# error, time

sub line {
    my ($uri) = @_;

    my $line;

    wait_for(10, sub {
        open(my $f, '<', "$t->{dir}/vars.log") or return 0;
        my @lines = <$f>;

        return 0 if @lines <= $seen;

        ($line) = grep { / \Q$uri\E\|/ } @lines[$seen .. $#lines]
            or return 0;
        $seen = @lines;
        return 1;
    });

    my ($request, @vars) = split(/\|/, $line // '');

    chomp(@vars);

    return @vars;
}

sub logged {
    my ($uri, $name, @vars) = @_;

    my @is = line($uri);
    my $time = pop(@is) // '';

    is("@is", "@vars", $name);
    like($time, qr/^(?:-|\d+\.\d{3})$/, "$name - time");

    return $time;
}

my $send = '/v3/conversations/messages';
my $id = $t->{customer};
my $c = $t->opened();
my $conv = $c->{id};

$t->send();
logged($send, 'send', $id, $conv, '-');
$t->send(to => $t->contact(2));
logged($send, 'without a window', $id, '-', 'CONVERSATION_001');
$t->send(to => '12');
logged($send, 'a wrong number', $id, '-', 'VALIDATION_002');
$t->send(key => 'unknown');
logged($send, 'unknown key', '-', '-', 'AUTH_002');
$t->send(key => $t->{read_key});
logged($send, 'read key', $id, '-', 'AUTH_004');
$t->get("/v3/conversations/$conv");
logged("/v3/conversations/$conv", 'conversation', $id, $conv, '-');
$t->get("/v3/conversations/$c->{thread_id}");
logged("/v3/conversations/$c->{thread_id}", 'thread', $id, '-', '-');
$t->inbound();
logged('/carriers/whatsapp', 'inbound', $id, $conv, '-');
$t->inbound(to => '+14155559999');
logged('/carriers/whatsapp', 'of nobody', '-', '-', '-');
$t->end($conv);
logged("/v3/conversations/$conv/close", 'close', $id, $conv, '-');
$t->admin('GET', "/customers/$id");
logged("/admin/customers/$id", 'admin', $id, '-', '-');

# an error told again from its record

my $other = '00000000-0000-7000-8000-000000000000';
my $close = "/v3/conversations/$other/close";

for my $name ('kept', 'replayed') {
    $t->end($other, idem => 'again');
    logged($close, $name, $id, $other, 'CONVERSATION_003');
}

# nothing was asked of Redis, or what is not the module's

$t->send(key => undef);
is(join(' ', line($send)), '- - AUTH_001 -', 'without a key');
http($t->{nginx}->port(0), 'GET', '/stub_status');
is(join(' ', line('/stub_status')), '- - - -', 'another module');

# Redis is slow: that is what the time tells, the body that trickles in is not

my $process = $t->{redis}{process};
my $job = SentConv::Process->job(sub {
    my ($stop) = @_;
    sleep(0.4);
    $process->signal('CONT');
    wait_for(30, $stop);
});

$t->{redis}->freeze();
$t->get("/v3/conversations/$conv");
$job->stop();

my $time = logged("/v3/conversations/$conv", 'slow', $id, $conv, '-');

cmp_ok($time, '>', 0.1, 'as long as it took');

my $slow = SentConv::HTTP->new($t->{nginx}->port(0));
my $bytes = $t->send_bytes(to => $t->contact(2));

$slow->write(substr($bytes, 0, -5));
sleep(0.3);
$slow->write(substr($bytes, -5));
$slow->answer();
$time = logged($send, 'slow client', $id, '-', 'CONVERSATION_001');
cmp_ok($time, '<', 0.25, 'without the client');
