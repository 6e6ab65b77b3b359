#!/usr/bin/perl

# Tests for a broadcast to very many, of whom some have opted out: exactly the
# others are reached, once.  SENT_CONV_MANY sets how many there are.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $many = $ENV{SENT_CONV_MANY} || 100000;

# the carrier is a plain nginx that writes down what it is given

my $t = setup(workers => 2, http => <<'EOF_HTTP', server => <<'EOF_SERVER');
    log_format taken '$http_idempotency_key';

    server {
        listen 127.0.0.1:%%PORT_1%%;

        location / {
            access_log %%TESTDIR%%/taken taken;
            return 200 "{}";
        }
    }

    upstream bulk {
        server 127.0.0.1:%%PORT_1%%;
        keepalive 64;
        keepalive_timeout 2s;
    }
EOF_HTTP
        location = /carriers/bulk {
            sent_conv_carrier bulk sms generic;
            sent_conv_carrier_secret %%TESTDIR%%/carrier.secret;
            client_body_buffer_size 4m;
        }

        location = /deliver/bulk {
            internal;
            sent_conv_deliver carrier bulk;
            proxy_pass http://bulk;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
EOF_SERVER

$t->bind_number('sms', $t->{numbers}{sms}, $t->{customer}, 'bulk');

my $template = $t->template();

sub number {
    my ($n) = @_;

    return sprintf('+1212%07d', $n);
}

# one in a hundred says STOP, beforehand

my @out = grep { $_ % 100 == 37 } 0 .. $many - 1;
my %out = map { number($_) => 1 } @out;

while (my @part = splice(@out, 0, 1000)) {
    my $answer = $t->carrier('bulk', [map { { id => "stop-$_", text => 'Stop',
        from => number($_), to => $t->{numbers}{sms} } } @part]);

    die $answer->status() . "\n" unless $answer->status() == 200;
}

# to all, a thousand at a time; who has opted out is accepted, too

my (%accepted, %rows, $wrong);

for (my $n = 0; $n < $many; $n += 1000) {
    my $last = $n + 999 < $many ? $n + 999 : $many - 1;
    my $answer = $t->broadcast([map { number($_) } $n .. $last],
        template => $template, channel => ['sms'], timeout => 60);

    $wrong .= ' ' . $answer->verdict() unless $answer->status() == 202;

    for my $row (@{$answer->data()->{recipients} || []}) {
        $rows{$row->{to}}++;
        $wrong .= " $row->{error}{code}" unless $row->{message_id};
        $accepted{$row->{message_id}} = $row->{to};
    }
}

is($wrong, undef, 'answers');
is(scalar(keys %accepted), $many, 'a message for each');
is(scalar(grep { $_ != 1 } values %rows), 0, 'one row for each');

ok(wait_for(180, sub {
    return !grep { $t->{redis}->command('ZCARD', $_) }
        $t->{redis}->keys('sc:{*}:lanes');
}), 'all lanes are empty');

# written down a moment after it was answered

my %taken;

wait_for(10, sub {
    %taken = ();

    open(my $log, '<', "$t->{dir}/taken") or die "taken: $!\n";
    chomp, $taken{$_}++ while <$log>;

    return keys %taken >= $many - keys %out;
});

is(scalar(grep { !$accepted{$_} } keys %taken), 0, 'nothing else was posted');
is(scalar(grep { $_ != 1 } values %taken), 0, 'nothing twice');
is(scalar(grep { $out{$accepted{$_}} } keys %taken), 0,
    'nobody who has opted out');
is(scalar(keys %taken), $many - keys %out, 'everybody else');

my ($one) = grep { $out{$accepted{$_}} } keys %accepted;

is($t->get("/v3/messages/$one")->data()->{status}, 'FILTERED',
    'who has opted out is told so');
is($t->get('/v3/contacts?page_size=1')->data()->{pagination}{total_count},
    $many, 'contacts');
