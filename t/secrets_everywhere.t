#!/usr/bin/perl

# Tests that nothing an operator gets to see, of what goes well and of what
# does not, holds a key, a secret, a text, a name or a whole number: error.log,
# access logs of the usual formats, the status.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $t = setup(workers => 2, off => ['sent_conv_redis'],
    redis => { options => ['--requirepass', 'redis-s3cret'] }, start => 0,
    secrets => { 'seal.key' => 'a1' x 32 },
    http => <<'CONF', server => <<'SERVER');

    sent_conv_redis unix:%%REDIS%% password=redis-s3cret;
    sent_conv_seal_key %%TESTDIR%%/seal.key;
    log_format wide '$request|$request_uri|$uri|$args|$query_string'
                    '|$is_args|$http_referer|$upstream_addr|$status'
                    '|$sent_conv_customer|$sent_conv_conversation'
                    '|$sent_conv_error|$sent_conv_redis_time'
                    '|$sent_conv_url|$sent_conv_from|$sent_conv_to'
                    '|$sent_conv_token';
    log_subrequest off;
CONF

        access_log %%TESTDIR%%/wide.log wide;
        access_log %%TESTDIR%%/nginx/logs/access.log safe;
SERVER

my @more = ('redis-s3cret', 'hidden-token', 'private-path', 'Ada Lovelace',
    'Idem-key-of-a-client', 'answer of a receiver', 'title of a carrier',
    'unreadable-item', 'wrong-token');

push @{$t->{secrets}}, @more;
$t->{redis}->password('redis-s3cret');
$t->start();
$t->use_customer($t->new_customer('first',
    confirmation => 'the confirmation text', help => 'the help text',
    keywords => ['basta ya']));
push @{$t->{secrets}}, 'the confirmation text', 'the help text', 'basta ya';
$t->allow(qr/sent conv/);
$t->tolerate('duplicates', 'disorder');

# what goes well

my $hook = $t->webhook('/private-path?token=hidden-token', retry_count => 1);
my $c = $t->opened(name => 'Ada Lovelace', text => 'a secret question');

$t->send(body => 'a secret answer', idem => 'Idem-key-of-a-client');
$t->send(body => 'a secret answer', idem => 'Idem-key-of-a-client');
$t->get("/v3/conversations?contact=%2B16505550001&status=open");
$t->get("/v3/contacts?search=%2B16505550001");
$t->get('/v3/contacts?phone=' . $t->contact() =~ s/\+/%2b/r);
$t->get("/v3/conversations/$c->{id}");
$t->broadcast([map { $t->contact($_) } 1 .. 3], channel => ['sms'],
    template => { id => $t->template(),
        parameters => { name => 'Ada Lovelace' } });
$t->post("/v3/webhooks/$hook->{id}/test",
    body => { event_type => 'message.sent' });

my $quiet = $t->webhook('/quiet', event_types => ['conversation'],
    event_filters => { conversation => ['inactive'] });

push @{$t->{secrets}}, $t->post("/v3/webhooks/$quiet->{id}/rotate-secret")
    ->data()->{signing_secret};

# what does not: clients

$t->send(key => 'wrong-token-of-somebody');
$t->get('/v3/contacts?api_key=wrong-token-of-somebody');
$t->send(to => $t->contact(9), body => 'nobody asked for this');
$t->send(to => '+165055500011111111', body => 'a number that is too long');
$t->send(channel => 'rcs', body => 'not on that channel');
$t->api('POST', '/v3/conversations/messages', body => '{"to":"+16505550001",'
    . '"body":"a broken text');
$t->post('/v3/conversations/messages', body => { to => $t->contact(),
    body => 'a long text ' x 8000 });
$t->api('PUT', '/v3/conversations/messages', body => { body => 'a put text' });
$t->admin('GET', '/customers', token => 'wrong-token-of-an-operator');
$t->{texts}{$_} = 1 for 'a long text', 'a put text', 'a broken text';

# carriers

$t->inbound(text => 'a question to nobody', to => '+14155559999');
$t->carrier('whatsapp', $t->message(text => 'a badly signed question'),
    signature => 'sha256=00');
$t->carrier('whatsapp', [{ 'unreadable-item' => 1,
    from => $t->contact() }]);
$t->carrier('whatsapp', '{"from":"+16505550001","text":"a broken question');
$t->{texts}{'a broken question'} = 1;
$t->status('01890a5d-ac96-774b-bcce-b302099a8057', 'failed',
    error => { code => '131047', title => 'title of a carrier' });

# receivers: refused, slow, talkative, gone

$t->{receiver}->script('/carrier/whatsapp',
    { status => 503, body => '{"error":"answer of a receiver"}' },
    { close => 1 },
    { status => 400, body => json({ error => { code => 'X',
        title => 'title of a carrier' }, to => $t->contact() }) });
$t->send(body => 'a text that is refused');
$t->{receiver}->default('/private-path?token=hidden-token', status => 500,
    body => '{"message":"answer of a receiver","to":"+16505550001"}');
$t->inbound(text => 'told in vain');
ok(wait_for(20, sub { $t->{nginx}->log() =~ /given up/ }), 'given up');
$t->{receiver}->stop();
$t->inbound(text => 'told to nobody', from => $t->contact(4));
$t->send(body => 'sent to nobody', to => $t->contact(4));
ok(wait_for(20, sub { $t->{nginx}->log()
    =~ /connect\(\) failed.*connecting to upstream/ }), 'refused');
$t->{receiver}->start();

# STOP, HELP, the customer's own word

$t->inbound(text => $_, from => $t->contact(4))
    for 'HELP', 'Basta ya!', 'START';

# workers that die, a Redis that is away or refuses the password

$t->{nginx}->kill_worker();
$t->ready($t->{nginx});
$t->{redis}->command('CONFIG', 'SET', 'requirepass', 'another-s3cret');
push @{$t->{secrets}}, 'another-s3cret';
$t->{redis}->command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
ok(wait_for(20, sub { $t->{nginx}->log()
    =~ /sent conv redis.*(?:WRONGPASS|password)/ }), 'wrong password');
$t->send(body => 'while Redis does not know us');
$t->{redis}->crash();
$t->send(body => 'while Redis is away');
$t->inbound(text => 'while Redis is away, too');

my $m = $t->metrics();

cmp_ok(length($m->text()), '>', 10000, 'a status');

# a configuration with secrets in it that is refused

$t->{nginx}->configure(SentConv::Conf::standard(off => ['sent_conv_redis'],
    http => '    sent_conv_redis unix:/none password=third-s3cret odd=1;'));
push @{$t->{secrets}}, 'third-s3cret';
$t->{nginx}->{process}->signal('HUP');
ok(wait_for(10, sub { $t->{nginx}->log() =~ /\[emerg\].*"odd=1"/ }),
    'refused configuration');
$t->allow(qr/"odd=1"/);

# all of it

my %outputs = ($t->{nginx}->outputs(), status => $m->text());

open(my $f, '<', "$t->{dir}/wide.log") or die "wide.log: $!\n";
{ local $/; $outputs{'wide.log'} = <$f> }

cmp_ok(scalar(() = $outputs{'wide.log'} =~ /\n/g), '>', 40, 'requests logged');
like($outputs{'access.log'}, qr/CONVERSATION_001/, 'errors logged');

for my $planted ('key ' . $t->{key}, 'to=%2b16505550009', '16505550009 ',
    'a secret answer') {
    isnt(join(' | ', $t->leaks("[info] $planted\n")), '', "found: $planted");
}

for my $name (sort keys %outputs) {
    is(join(' | ', $t->leaks($outputs{$name})), '', $name);
}
