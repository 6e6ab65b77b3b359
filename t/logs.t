#!/usr/bin/perl

# Tests for what the logs hold: no number in a request line, no path of a
# receiver, and a line for what an operator must know.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(http => <<'EOF', server => <<'EOF2');

    log_format request '$request $status';
EOF

        access_log %%TESTDIR%%/request.log request;
EOF2

sub requests {
    open(my $f, '<', "$t->{dir}/request.log") or return '';
    local $/;

    return <$f> // '';
}

$t->webhook('/private-path?token=hidden-token', retry_count => 1);
$t->{receiver}->stop();
$t->opened();
$t->get('/v3/conversations?contact=%2B16505550001&status=open');
$t->get('/v3/conversations?contact=%2B16505550001&status=odd');
$t->send(to => '+16505550001');

ok(wait_for(10, sub { $t->{nginx}->log() =~ /sent conv .*given up/ }),
    'given up is logged');

my $log = $t->{nginx}->log();

unlike($log, qr/hidden-token|private-path/, 'no path of a receiver');
unlike(requests(), qr/1650555/, 'no number in a request line');
like(requests(), qr!GET /v3/conversations!, 'the path is there');
$t->{receiver}->start();
