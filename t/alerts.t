#!/usr/bin/perl

# Tests for the alert rules and the dashboard of conf/: they are what
# Prometheus and Grafana read, and ask for nothing that the module does not
# tell.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $t = setup();
my $root = SentConv::Nginx::root();
my $promtool = grep { -x "$_/promtool" } split(/:/, $ENV{PATH});

sub slurp {
    my ($file) = @_;

    open(my $f, '<', $file) or die "$file: $!\n";
    local $/;

    return scalar(<$f>);
}

sub spill {
    my ($name, $text) = @_;

    open(my $f, '>', "$t->{dir}/$name") or die "$name: $!\n";
    print $f $text;
    close($f);

    return "$t->{dir}/$name";
}

# rules: name => { expr, summary... }

my $rules = slurp("$root/conf/prometheus-rules.yml");
my %alerts;

for my $part (split(/^ +- alert: /m, $rules)) {
    next unless $part =~ /^(SentConv\w+)$/m;

    my $alert = $alerts{$1} = {};

    while ($part =~ /^( +)(\w+): *(?:>-\n((?:\1 +\S.*\n)+)|(.*)$)/mg) {
        my ($key, $value) = ($2, $3 // $4);

        $value =~ s/\s*\n\s*/ /g;
        $value =~ s/^\s+|\s+$//g;
        $alert->{$key} = $value;
    }
}

cmp_ok(scalar(keys %alerts), '>', 15, 'alerts');

for my $name (sort keys %alerts) {
    is(join(' ', grep { !length($alerts{$name}{$_} // '') }
        qw(expr severity summary description action)), '', "$name is whole");
    unlike($alerts{$name}{expr}, qr/>-/, "$name - its query");
}

# the dashboard

my $board = JSON::PP->new()->utf8()->decode(slurp("$root/conf/grafana.json"));
my @panels = @{$board->{panels}};
my (%ids, %place, @exprs);
my ($source) = grep { $_->{type} eq 'datasource' }
    @{$board->{templating}{list}};

is($source->{name}, 'datasource', 'a datasource is asked for');
is($source->{query}, 'prometheus', 'of Prometheus');
ok(!exists $board->{id}, 'no id of another Grafana');

for my $panel (@panels) {
    my $g = $panel->{gridPos};

    $ids{$panel->{id}}++;

    for my $x ($g->{x} .. $g->{x} + $g->{w} - 1) {
        $place{"$x $_"}++ for $g->{y} .. $g->{y} + $g->{h} - 1;
    }

    next if $panel->{type} eq 'row';

    push @exprs, map { $_->{expr} } @{$panel->{targets}};

    my @elsewhere = grep { $_->{datasource}{uid} ne '${datasource}' }
        ($panel, @{$panel->{targets}});

    ok(length($panel->{title}) && length($panel->{description})
        && !@elsewhere, "panel $panel->{title}");
}

is(join(' ', grep { $ids{$_} > 1 } keys %ids), '', 'ids');
is(join(' ', grep { $place{$_} > 1 } keys %place), '', 'no panel on another');

# they are what promtool can read

SKIP: {
    skip 'no promtool', 3 unless $promtool;

    my $n = 0;
    my $as_rules = "groups:\n  - name: panels\n    rules:\n" . join('', map {
        my $expr = $_;

        $expr =~ s/\$__rate_interval/5m/g;
        "      - record: panel:" . ++$n . "\n        expr: "
            . json($expr) . "\n"
    } @exprs);
    my $file = spill('panels.yml', $as_rules);

    like(scalar(`promtool check rules '$root/conf/prometheus-rules.yml' 2>&1`),
        qr/SUCCESS: \d+ rules/, 'rules');
    like(scalar(`promtool check rules '$file' 2>&1`), qr/SUCCESS: $n rules/,
        'queries of the dashboard');

    my $tests = spill('alerts.yml', slurp("$FindBin::Bin/alerts.yml"));

    spill('prometheus-rules.yml', $rules);

    my $said = `promtool test rules '$tests' 2>&1`;

    like($said, qr/SUCCESS/, 'who is called, and when') or diag($said);
}

# all that they name is told, with these labels

$t->webhook('/hook');
$t->opened();
$t->send();
$t->send(key => 'unknown');
$t->{receiver}->wait_requests('/carrier/whatsapp', 1);

my $m = $t->metrics();
my %told = map { $_ => 1 } $m->names();
my (%unknown, %odd);

for my $expr (@exprs, map { $_->{expr} } values %alerts) {
    while ($expr =~ /\b(sent_conv_\w+)(?:\{([^}]*)\})?/g) {
        my ($name, $labels) = ($1, $2 // '');

        (my $base = $name) =~ s/_(?:bucket|sum|count)$//;
        $unknown{$name}++ unless defined $m->value($name)
            && ($told{$name} || $told{$base});

        while ($labels =~ /(\w+)\s*(!?=~?)\s*"([^"]*)"/g) {
            my ($label, $op, $value) = ($1, $2, $3);

            next if $label eq 'instance' || $label eq 'job';

            my @values = $m->labels($name, $label);

            $odd{"$name $label"}++ unless @values;
            $odd{"$name $label $value"}++ if $op !~ /~/ && $label ne 'status'
                && !grep { $_ eq $value } @values;
        }
    }
}

is(join(' ', sort keys %unknown), '', 'every metric is told');
is(join(', ', sort keys %odd), '', 'with every label');
