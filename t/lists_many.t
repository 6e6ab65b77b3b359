#!/usr/bin/perl

# Tests for lists of more conversations than are read at once: many that
# opened in one moment, many that are open, few that match.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
use SentConv::Id qw(rfc3339);

my $t = setup();
my $count = 1300;
my $moment = int(time()) - 3000;

# every second one at the same time, the others a second apart

for my $batch (0 .. $count / 100 - 1) {
    $t->carrier('whatsapp', [map {
        my $n = $batch * 100 + $_;

        $t->message(from => $t->contact($n),
            timestamp => rfc3339($n % 2 ? $moment : $moment + $n))
    } 1 .. 100]);
}

sub walk {
    my ($query, $way, $cursor) = @_;

    my ($total, @all, %seen);
    my $rounds = 0;

    do {
        my $data = $t->get("/v3/conversations?page_size=100$query"
            . ($cursor ? "&cursor=$cursor" : ''))->data();
        my $p = $data->{pagination};
        my @page = @{$data->{conversations}};

        $total //= $p->{total_count};
        @all = $way eq 'after' ? (@all, @page) : (@page, @all);
        $cursor = $p->{has_more} || $way eq 'before' && @page
            ? $p->{cursors}{$way} : undef;
    } while ($cursor && $rounds++ < 40);

    $seen{$_->{id}}++ for @all;

    return ($total, scalar(keys %seen), scalar(@all), @all);
}

sub sorted {
    my $before;

    for my $c (@_) {
        my $key = "$c->{opened_at} $c->{id}";

        return "$before, then $key" if defined $before && $key ge $before;
        $before = $key;
    }

    return 'sorted';
}

my ($total, $different, $n, @all) = walk('', 'after');

is($total, $count, 'total');
is($n, $count, 'all of them');
is($different, $count, 'each once');
is(sorted(@all), 'sorted', 'newest first, by id in one moment');

($total, $different, $n, my @open) = walk('&status=open', 'after');

is($total, $count, 'total of the open');
is($n, $count, 'all of the open');
is(join(' ', map { $_->{id} } @open), join(' ', map { $_->{id} } @all),
    'the open in order');

# active goes by when a message came, whenever it was written

($total, $different, $n, my @active) = walk('&status=active', 'after');

is($total, $count, 'total of the active');
is($n, $count, 'all of the active');
is($t->get('/v3/conversations?status=active&contact=+16505550001')->data()
    ->{pagination}{total_count}, 1, 'active by contact');

# few of many

$t->end($all[$_]{id}) for 700, 1100, 1299;

($total, $different, $n, my @closed) = walk('&status=closed', 'after');

is(join(' ', map { $_->{id} } @closed),
    join(' ', map { $_->{id} } @all[700, 1100, 1299]), 'the closed');

# and the way back

my $end = $t->get('/v3/conversations?page_size=100&cursor='
    . cursor_at(12))->data();

is(scalar(@{$end->{conversations}}), 100, 'the last page');

($total, $different, $n, my @back) = walk('', 'before',
    $end->{pagination}{cursors}{before});

is($n, $count - 100, 'all before it');
is(join(' ', map { $_->{id} } @back),
    join(' ', map { $_->{id} } @all[0 .. $count - 101]), 'backwards');

sub cursor_at {
    my ($pages) = @_;

    my $cursor;

    for (1 .. $pages) {
        $cursor = $t->get('/v3/conversations?page_size=100'
            . ($cursor ? "&cursor=$cursor" : ''))->data()->{pagination}
            {cursors}{after};
    }

    return $cursor;
}
