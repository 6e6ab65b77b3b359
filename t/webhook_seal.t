#!/usr/bin/perl

# Tests for secrets at rest: a dump of Redis signs nothing, keys change while
# events flow, and with the wrong key events wait.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Conf qw(standard);
use SentConv::Sign qw(webhook_signature);

use MIME::Base64 qw(decode_base64);

my %keys = map { $_ => join('', map { sprintf('%02x', int(rand(256))) }
    1 .. 32) } qw(one two thief);
my $conf = standard(http => '    %%SEAL%%');
my $t = setup(conf => $conf, set => { SEAL => '' },
    secrets => { map { ("$_.key" => $keys{$_}) } keys %keys });
my $uri = '/v3/webhooks';

sub seal {
    return 'sent_conv_seal_key '
        . join(' ', map { "$t->{dir}/$_.key" } @_) . ';';
}

sub keys_are {
    my (@keys) = @_;

    $t->{nginx}->configure($conf, SEAL => @keys ? seal(@keys) : '');
    ok($t->{nginx}->reload(), "keys: @keys");
    $t->{nginx}->settled();
}

my @shown;

sub create {
    my ($path) = @_;

    my $hook = $t->post($uri, body => { display_name => $path,
        endpoint_url => $t->url($path), event_types => ['conversation'],
        event_filters => { conversation => ['started'] } })->data();

    push @shown, $hook->{signing_secret};
    push @{$t->{secrets}}, $hook->{signing_secret};

    return $hook;
}

sub rotate {
    my ($hook) = @_;

    my $secret = $t->post("$uri/$hook->{id}/rotate-secret")->data()
        ->{signing_secret};

    push @shown, $secret;
    push @{$t->{secrets}}, $secret;

    return $secret;
}

sub record {
    my ($hook, %change) = @_;

    my $key = "sc:{$t->{customer}}:webhooks";
    my $record = JSON::PP->new->utf8->decode(
        $t->{redis}->command('HGET', $key, $hook->{id}));

    if (%change) {
        $t->{redis}->command('HSET', $key, $hook->{id},
            json({ %$record, %change }));
        $t->{redis}->command('PUBLISH', 'sc:changed', $t->{customer});
    }

    return $record;
}

# the names of the keys that its secrets are sealed with; - is in clear

sub sealed {
    my ($hook) = @_;

    my $record = record($hook);

    return join(' ', map { /^s1\.([0-9a-f]{8})\.[\w-]+$/ ? $1
        : /^whsec_/ ? '-' : '?' } $record->{secret},
        map { $_->{secret} } @{$record->{old}});
}

sub sealed_with {
    my ($hook, $name, $limit) = @_;

    return ok(wait_for($limit || 10, sub { sealed($hook) eq $name }),
        "sealed: $name") || diag(sealed($hook));
}

my $n = 0;

# an event of a contact of its own: those of the secrets that signed it

sub told {
    my ($path, @secrets) = @_;

    my $from = $t->contact(++$n);

    $t->opened(from => $from);

    return arrived($path, $from, @secrets);
}

sub arrived {
    my ($path, $from, @secrets) = @_;

    my $request;

    wait_for(20, sub {
        ($request) = grep { $_->{event}{payload}{contact} eq $from }
            $t->arrivals($path);
        return $request;
    });

    return 'nothing' unless $request;

    my %h = %{$request->{headers}};
    my %list = map { $_ => 1 } split(/ /, $h{'webhook-signature'});

    return join(' ', grep { $list{webhook_signature($secrets[$_],
        $h{'webhook-id'}, $h{'webhook-timestamp'}, $request->{body})} }
        0 .. $#secrets);
}

sub dump_file {
    $t->{redis}->command('CONFIG', 'SET', 'rdbcompression', 'no');
    $t->{redis}->command('SAVE');

    open(my $in, '<:raw', "$t->{redis}{dir}/dump.rdb") or die "dump: $!\n";
    local $/;

    return scalar(<$in>);
}

# of the time before there is a key: in clear, and sealed when it is read

my $old = create('/old');
my @old = ($old->{signing_secret}, rotate($old));

is(sealed($old), '- -', 'in clear');
like(dump_file(), qr/\Q$old[1]\E/, 'as a dump tells');
is(told('/old', @old), '0 1', 'signed');

keys_are('one');
is($t->get($uri)->status(), 200, 'its customer is read');
ok(wait_for(10, sub { sealed($old) =~ /^(\w{8}) \1$/ }), 'sealed');

my ($one) = split(/ /, sealed($old));

is(told('/old', @old), '0 1', 'signed as before');
is(record($old)->{display_name}, '/old', 'all else as it was');

my $hook = create('/hook');
my @secrets = ($hook->{signing_secret}, rotate($hook));

is(sealed($hook), "$one $one", 'a new one');
is(told('/hook', @secrets), '0 1', 'signed');

# each write seals anew

my $before = record($hook);

$t->api('PUT', "$uri/$hook->{id}", body => { retry_count => 5 });
isnt(record($hook)->{secret}, $before->{secret}, 'never twice the same');
is(sealed($hook), "$one $one", 'with the same key');
is(told('/hook', @secrets), '0 1', 'the same secrets');

# Redis as a whole: nothing of a secret, nor of a key

my $dump = dump_file();

like($dump, qr/\Q$hook->{id}\E/, 'a dump');

for my $secret (@shown, map { "whsec_$_" } values %keys) {
    my ($text) = $secret =~ /^whsec_(.*)/;
    my @forms = ($text, substr($text, 4, 24), decode_base64($text),
        unpack('H*', decode_base64($text)), pack('H*', $text));

    is(scalar(grep { length && index($dump, $_) >= 0 } @forms), 0,
        'no secret in it');
}

unlike($dump, qr/whsec_/, 'none at all');

# stolen: whoever has the dump, but no key, signs nothing

mkdir("$t->{dir}/stolen");
mkdir("$t->{dir}/stolen/redis");
open(my $out, '>:raw', "$t->{dir}/stolen/redis/dump.rdb") or die "$!\n";
print $out $dump;
close($out);

my $stolen = SentConv::Redis->new(dir => "$t->{dir}/stolen");

for my $key ('', 'thief') {
    my $thief = $t->node("thief$key", set => { REDIS => $stolen->socket(),
        SEAL => $key ? seal($key) : '' });
    my $from = $t->contact(++$n);

    is($t->inbound(from => $from, node => $thief)->status(), 200,
        "thief '$key': a message");
    ok(wait_for(10, sub { $thief->log() =~ /\[error\].* "$hook->{id}":.*
        cannot\ be\ unsealed.* events\ wait/x }), 'says why');
    is(scalar(@{$t->get($uri, node => $thief)->data()->{webhooks}}), 2,
        'the API lists');
    is($t->post("$uri/$hook->{id}/test", node => $thief,
        body => { event_type => 'message.sent' })->verdict(),
        '503 SERVICE_001', 'no test');
    wait_for(2, sub { 0 });
    is(scalar(grep { $_->{event}{payload}{contact} eq $from }
        $t->arrivals()), 0, 'nothing signed');
    ok(scalar(() = $stolen->keys("sc:*:q:$hook->{id}:*")), 'they wait');
    $thief->quit(10);
}

$stolen->stop();

# moved to another webhook, or to another customer's: it does not open

my $other = create('/other');

record($other, secret => record($hook)->{secret});
ok(wait_for(10, sub {
    $t->get($uri);
    return $t->{nginx}->log() =~ /"$other->{id}": its secret .*was changed/;
}), 'moved');
is($t->api('DELETE', "$uri/$other->{id}")->status(), 204, 'deleted');

# the wrong key: events wait, nothing is lost, not by a change either

keys_are('two');
$before = sealed($hook);

my @waiting = map { $t->opened(from => $t->contact(++$n))->{contact} }
    1 .. 3;

ok(wait_for(10, sub { $t->{nginx}->log()
    =~ /"$hook->{id}": its secret .*its key is not in/ }), 'said');
is($t->get("$uri/$hook->{id}")->data()->{is_active}, JSON::PP::true,
    'shown');
is($t->api('PUT', "$uri/$hook->{id}", body => { retry_count => 4 })
    ->data()->{retry_count}, 4, 'changed');
is(sealed($hook), $before, 'its secrets as they were');

my $fine = create('/fine');

is(told('/fine', $fine->{signing_secret}), '0', 'another is told');
is(scalar(grep { my $from = $_; grep { $_->{event}{payload}{contact} eq $from }
    $t->arrivals('/hook') } @waiting), 0, 'they wait');

# both: what the former sealed is read, and sealed with the first

keys_are('two', 'one');
is(arrived('/hook', $_, @secrets), '0 1', 'told at last') for @waiting;

my ($two) = split(/ /, sealed($fine));

isnt($two, $one, 'another key');
sealed_with($hook, "$two $two");
sealed_with($old, "$two $two");

keys_are('two');
is(told('/hook', @secrets), '0 1', 'without the former one');
is(told('/old', @old), '0 1', 'the old one too');

# a new secret opens what is locked

keys_are('one');
push @secrets, rotate($hook);
is(sealed($hook), "$one $two $two", 'the former ones stay');
is(told('/hook', @secrets), '2', 'the new one signs');
keys_are('one', 'two');
sealed_with($hook, "$one $one $one");
is(told('/hook', @secrets), '0 1 2', 'all of them again');

# two nodes that are told them the other way round: both sign, and they do
# not seal against each other without an end

my $two_node = $t->node('two', set => { SEAL => seal('two', 'one') });
my %seen;

wait_for(8, sub {
    $t->get("$uri/$hook->{id}", node => $_) for $t->{nginx}, $two_node;
    $seen{record($hook)->{secret}} = 1;
    return 0;
});

ok(keys %seen < 8, 'at peace') or diag(scalar(keys %seen));
is(told('/hook', @secrets), '0 1 2', 'signed by one');
is($t->inbound(from => $t->contact(++$n), node => $two_node)->status(), 200,
    'by the other');
is(arrived('/hook', $t->contact($n), @secrets), '0 1 2', 'too');
