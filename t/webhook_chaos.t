#!/usr/bin/perl

# Tests for webhooks while workers of two nodes are killed at random: four
# thousand events to twenty endpoints, none lost, in order for each contact
# and endpoint; and endpoints that come, change and go meanwhile.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $t = setup(workers => 4);
my @nodes = ($t->{nginx}, $t->node('two'));
my $other = $t->new_customer('other');

$t->allow(qr/sent conv/);

my @received = (event_types => ['message'],
    event_filters => { message => ['received'] }, retry_count => 5,
    timeout_seconds => 5);

# twenty endpoints, some of them poor

my %poor = (
    '/e1' => [{ status => 500, chance => 0.1, repeat => 1 }],
    '/e2' => [{ reset => 1, chance => 0.05, repeat => 1 }],
    '/e3' => [{ delay => 0.1, chance => 0.3, repeat => 1 }],
    '/e4' => [{ status => 503, headers => { 'Retry-After' => '1' },
        chance => 0.02, repeat => 1 }],
    '/e5' => [{ close => 1, chance => 0.05, repeat => 1 }],
);

my @paths = map { "/e$_" } 1 .. 20;

$t->webhook($_, @received) for @paths;
$t->{receiver}->script($_, @{$poor{$_}}) for keys %poor;

# until it is answered; who asks twice is told so

sub until_done {
    my ($code) = @_;

    my $answer;

    wait_for(20, sub {
        $answer = $code->();
        return $answer && $answer->status() < 500;
    });

    die "never answered\n" unless $answer && $answer->status() < 500;

    return $answer;
}

sub write_to {
    my ($customer, $i, $contact) = @_;

    my $message = $t->message(from => $t->contact($contact), text => "no. $i",
        to => $customer->{numbers}{whatsapp});

    until_done(sub { $t->carrier('whatsapp', $message,
        node => $nodes[rand @nodes]) });
}

my %mine = (numbers => $t->{numbers});
my ($kept, $moves, $gone, $made, %deleted) = (undef, 0, undef, 0);

sub change {
    my ($method, $uri, $body) = @_;

    return until_done(sub { $t->api($method, "/v3/webhooks$uri",
        key => $other->{key}, body => $body) });
}

# one is moved about, one after another is made and deleted

sub churn {
    $kept //= $t->webhook('/kept-0', @received, key => $other->{key});

    change('PUT', "/$kept->{id}", { display_name => 'kept',
        endpoint_url => $t->url('/kept-' . ++$moves), @received });

    if ($gone) {
        change('DELETE', "/$gone->{id}");
        $deleted{"/gone-$made"} = time();
        $gone = undef;
        return;
    }

    $gone = change('POST', '', { display_name => 'gone',
        endpoint_url => $t->url('/gone-' . ++$made), @received })->data();
}

churn();

# two hundred messages of forty contacts, and sixty of ten; within ten
# seconds, a worker dying every half

my $start = time();
my ($n, $m, $kills) = (0, 0, 0);

while ($n < 200 || $m < 60) {
    my $share = (time() - $start) / 9;

    if ($n < 200 && $n <= 200 * $share) {
        write_to(\%mine, $n, $n % 40);
        $n++;
    }

    if ($m < 60 && $m <= 60 * $share) {
        write_to($other, $m, 100 + $m % 10);
        $m++;
        churn() if $m % 6 == 0;
    }

    if ($kills < 18 * $share) {
        my $node = $nodes[rand @nodes];
        my @workers = $node->workers();

        $node->kill_worker($workers[rand @workers]) if @workers > 2;
        $kills++;
    }

    sleep(0.005);
}

$t->ready($_, 30) for @nodes;

# none is lost

my %missing;

sub all_there {
    my %seen;

    $seen{$_->{path}}{$_->{event}{payload}{text} // ''}++
        for $t->arrivals();

    %missing = map { my $path = $_; $path => scalar(grep {
        !$seen{$path}{"no. $_"} } 0 .. 199) } @paths;
    $missing{kept} = grep { my $text = "no. $_";
        !grep { $seen{"/kept-$_"}{$text} } 0 .. $moves } 0 .. 59;

    return !grep { $_ } values %missing;
}

ok(wait_for(45, \&all_there), 'none is lost') or diag(join(' ',
    map { $missing{$_} ? "$_: $missing{$_}" : () } sort keys %missing));

# in order, and how many came twice

my (%last, %times, @disorder);

for my $r ($t->arrivals()) {
    my ($name) = $r->{path} =~ m!^/(kept|e\d+|gone-\d+)! or next;
    my ($i) = ($r->{event}{payload}{text} // '') =~ /^no\. (\d+)$/ or next;
    my $lane = "$name $r->{event}{payload}{thread_id}";

    push @disorder, "$lane: $i after $last{$lane}"
        if $i < ($last{$lane} // 0);
    $last{$lane} = $i;
    $times{"$name $i"}++;
}

is("@disorder", '', 'in order for each contact and endpoint');

my $twice = grep { $_ > 1 } values %times;

note("$kills kills, $twice of " . keys(%times) . ' events more than once');
ok($kills >= 15, 'workers were killed');

# nothing goes where an endpoint was, nothing waits

my @late = grep { $deleted{$_->{path}} && $_->{at} > $deleted{$_->{path}} + 6 }
    $t->arrivals();

is(scalar(@late), 0, 'nothing for the deleted');
ok(keys %deleted >= 3, 'some were deleted');

change('DELETE', "/$gone->{id}") if $gone;
ok(wait_for(30, sub { !$t->{redis}->keys('sc:*:q:*') }), 'all lanes empty')
    or diag(join(' ', $t->{redis}->keys('sc:*:q:*')));

ok(!$t->{redis}->keys('sc:*:d:*'), 'nothing was given up');
