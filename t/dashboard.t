#!/usr/bin/perl

# Tests of the web page: its own unit tests, what it weighs, the headers it is
# served with.  What it does in a browser: t/browser/.

use strict;
use warnings;

use Cwd qw(abs_path);
use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Browser;
use SentConv::Env;

my $root = abs_path("$FindBin::Bin/..");
my $objs = page_built();
my $page = "$root/src/dashboard";

sub run {
    my ($name, $command) = @_;

    my $said = `$command 2>&1`;
    my $ok = $? == 0;

    ok($ok, $name) or diag($said);

    return $ok;
}

run('types', "cd '$page' && npx svelte-check --tsconfig tsconfig.json"
    . ' --fail-on-warnings');
run('unit tests', "cd '$page' && npx vitest run");

# bytes, as they are sent

sub weight { my $n = 0; $n += -s $_ for map { glob } @_; return $n; }

my $assets = "$objs/ui/assets";
my ($js) = `cat '$objs/ui/index.html'` =~ m!src="/ui/(assets/[^"]+\.js)"!;
my ($css) = `cat '$objs/ui/index.html'` =~ m!href="/ui/(assets/[^"]+\.css)"!;

cmp_ok(weight("$objs/ui/$js.gz"), '<', 35_000, 'first load, scripts');
cmp_ok(weight("$objs/ui/$css.gz"), '<', 4_000, 'first load, styles');
cmp_ok(weight("$assets/Canvas*.js.gz"), '<', 75_000, 'canvas, scripts');
cmp_ok(weight("$assets/Canvas*.css.gz"), '<', 4_000, 'canvas, styles');
cmp_ok(weight("$assets/*.js.gz", "$assets/*.css.gz"), '<', 130_000, 'all');

# served by the snippet as it is shipped

my $t = page_setup();
my $answer = http($t->{nginx}->port(0), 'GET', '/ui/agents/x/canvas');

is($answer->status(), 200, 'any address of the page');
like($answer->header('Content-Security-Policy'),
    qr/default-src 'none'; script-src 'self'; .*frame-ancestors 'none'/,
    'policy');
is($answer->header('X-Content-Type-Options'), 'nosniff', 'nosniff');
is($answer->header('Cache-Control'), 'no-cache', 'asked for anew');
like(http($t->{nginx}->port(0), 'GET', "/ui/$js")->header('Cache-Control'),
    qr/immutable/, 'its parts are kept');
is(http($t->{nginx}->port(0), 'GET', '/ui/assets/none.js')->status(), 404,
    'a part that is none');

done_testing();
