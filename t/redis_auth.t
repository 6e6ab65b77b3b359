#!/usr/bin/perl

# Tests for a Redis that wants a password, a user, another database, or is
# reached over TCP.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup(start => 0, redis => { tcp => 1 }, off => ['sent_conv_redis'],
    http => '    sent_conv_redis %%WHERE%%;', set => { WHERE => 'x' });
my $redis = $t->{redis};
my $port = $redis->port();
my $n = 0;

sub works {
    my ($name, $where, %arg) = @_;

    my $node = $t->node('n' . $n++, set => { WHERE => $where }, start => 0);

    $node->start();
    $node->allow(qr/sent conv/);

    my $ready = wait_for($arg{not} ? 2 : 10, sub {
        my $answer = http($node->port(), 'GET', '/readyz');
        return $answer && $answer->status() == 200;
    });

    ok($arg{not} ? !$ready : $ready, $name);

    $t->{nginx} = $node;
}

open(my $f, '>', "$t->{dir}/password") or die;
print $f "s3cret-word\n";
close($f);

my $socket = 'unix:' . $redis->socket();

works('socket', $socket);
works('tcp', "127.0.0.1:$port");
works('name', "localhost:$port");
works('another database', "$socket db=3");
$t->use_customer($t->new_customer('in three'));
$redis->command('SELECT', 3);
ok(scalar($redis->keys('sc:*')), 'data in that database');
$redis->command('SELECT', 0);

$redis->command('CONFIG', 'SET', 'requirepass', 's3cret-word');
works('no password', $socket, not => 1);
works('wrong password', "$socket password=other", not => 1);
works('password', "$socket password=s3cret-word");
works('password file', "$socket password_file=$t->{dir}/password");

$redis->command('ACL', 'SETUSER', 'conv', 'on', '>an0ther', '~sc:*',
    '&*', '+@all');
works('user', "$socket username=conv password=an0ther");
$t->use_customer($t->new_customer('by user'));
ok($t->opened(), 'user may do all we need');
is($t->send()->verdict(), '202', 'a send by that user');

# a user who may not configure: no notifications, windows end all the same

$redis->command('ACL', 'SETUSER', 'narrow', 'on', '>an0ther', '~sc:*',
    '&*', '+@all', '-config');
works('narrow user', "$socket username=narrow password=an0ther");

# another prefix

push @{$t->{secrets}}, 's3cret-word', 'an0ther';

my $two = $t->node('prefix',
    start => 1, set => { WHERE => "$socket password=s3cret-word" },
    http => "    sent_conv_redis %%WHERE%%;\n"
        . '    sent_conv_redis_prefix other:;');

$t->{nginx} = $two;
$t->use_customer($t->new_customer('prefixed'));
ok($t->opened(), 'another prefix');
ok(scalar($redis->keys('other:*')), 'data under it');
