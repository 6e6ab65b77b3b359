#!/usr/bin/perl

# Tests for GET /v3/conversations: filters, pages, cursors, totals.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;
my $t = setup();
my (%c, @ids);

for my $n (1 .. 25) {
    $c{$n} = $t->opened(from => $t->contact($n),
        channel => $n % 5 ? 'whatsapp' : 'sms');
    unshift @ids, $c{$n}{id};
    $t->{redis}->tick();
}

$t->end($c{$_}{id}) for 1 .. 4;
$t->inbound(from => $t->contact(25), text => 'STOP', channel => 'sms');

sub list {
    my ($query) = @_;

    my $data = $t->get("/v3/conversations?$query")->data();

    return ($data->{pagination}, map { $_->{id} } @{$data->{conversations}});
}

sub ids {
    my ($query) = @_;

    my (undef, @list) = list($query);

    return "@list";
}

my @open = map { $c{$_}{id} } reverse 5 .. 24;

is(ids('page_size=100'), "@ids", 'newest first');
is(ids('page_size=100&status=open'), "@open", 'open');
is(ids('page_size=100&status=active'), "@open", 'active');
is(ids('page_size=100&status=closed'),
    join(' ', map { $c{$_}{id} } 25, reverse 1 .. 4), 'closed');
is(ids('close_reason=EXPLICIT'), join(' ', map { $c{$_}{id} } reverse 1 .. 4),
    'by reason');
is(ids('close_reason=COMPLIANCE_STOP'), $c{25}{id}, 'stopped');
is(ids('channel=sms&status=open'),
    join(' ', map { $c{$_}{id} } 20, 15, 10, 5), 'by channel');
is(ids('contact=%2B16505550007'), $c{7}{id}, 'by contact');
is(ids('contact=+16505550007'), $c{7}{id}, 'by contact with a plus');
is(ids('contact=+16505550099'), '', 'unknown contact');
is(ids('contact=+16505550007&status=closed'), '', 'filters together');

# pages

my ($p, @page) = list('');

is(scalar(@page), 20, 'default page size');
is($p->{page_size}, 20, 'told');
is($p->{total_count}, 25, 'total');
is($p->{total_pages}, 2, 'pages');
ok($p->{has_more}, 'more');

my @all;
my $query = 'page_size=7';
my $rounds = 0;

while ($query && $rounds++ < 10) {
    ($p, @page) = list($query);
    push @all, @page;
    $query = $p->{has_more}
        ? "page_size=7&cursor=$p->{cursors}{after}" : undef;
}

is("@all", "@ids", 'by cursors');
is($rounds, 4, 'four pages');

my $back = $p->{cursors}{before};

if (defined $back) {
    ($p, @page) = list("page_size=7&cursor=$back");
    is("@page", "@ids[14 .. 20]", 'backwards');

} else {
    fail('no cursor back');
}

# cursors hold while the list grows

($p) = list('page_size=10');
$t->opened(from => $t->contact(30));
is(ids("page_size=10&cursor=$p->{cursors}{after}"), "@ids[10 .. 19]",
    'cursor while it grows');

($p, @page) = list('status=open&page_size=5');
is($p->{total_count}, 21, 'total of the open');
@all = @page;

while ($p->{has_more}) {
    ($p, @page) = list("status=open&page_size=5&cursor=$p->{cursors}{after}");
    push @all, @page;
    last if @all > 50;
}

is(scalar(@all), 21, 'open by cursors');

# refused

for my $case (['page_size=0', 5], ['page_size=101', 5], ['page_size=x', 1],
    ['status=odd', 6], ['channel=fax', 6], ['contact=1650', 2],
    ['close_reason=NEVER', 6], ['cursor=%00', 6], ['cursor=nonsense', 6])
{
    like($t->get("/v3/conversations?$case->[0]")->verdict(),
        qr/^400 VALIDATION_00[$case->[1]156]$/, $case->[0]);
}

# another customer's

my $other = $t->new_customer('other');

is($t->get('/v3/conversations', key => $other->{key})->data()->{pagination}
    {total_count}, 0, 'none of another customer');
is($t->get("/v3/conversations?cursor=$p->{cursors}{before}",
    key => $other->{key})->status() < 500, 1, 'cursor of another customer')
    if defined $p->{cursors}{before};
