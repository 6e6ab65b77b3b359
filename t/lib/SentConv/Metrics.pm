package SentConv::Metrics;

# What a node tells Prometheus, read as { name => { labels => value } };
# labels are as they stand between the braces.

use strict;
use warnings;

use SentConv::HTTP qw(http);


# of an nginx; dies where there is no answer

sub new {
    my ($class, $nginx) = @_;

    my $start = Time::HiRes::time();
    my $answer = http($nginx->port(0), 'GET', '/status')
        or die "no status\n";

    die 'status: ' . $answer->status() . "\n" if $answer->status() != 200;

    my $self = bless { text => $answer->body(), values => {},
        type => $answer->header('content-type'),
        took => Time::HiRes::time() - $start }, $class;

    for my $line (split(/\n/, $self->{text})) {
        next if $line =~ /^#/;

        my ($name, $labels, $value) = $line
            =~ /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s(\S+)$/
            or die "status: $line\n";

        $self->{values}{$name}{$labels // ''} = $value;
    }

    return $self;
}


sub text { return $_[0]{text} }
sub type { return $_[0]{type} }
sub took { return $_[0]{took} }

# as they are declared, a histogram once

sub names {
    my ($self) = @_;

    my @names = $self->{text} =~ /^# TYPE (\S+)/mg;

    return @names;
}


# the sum over all series of that name with these labels; undef: none

sub value {
    my ($self, $name, %labels) = @_;

    my $values = $self->{values}{$name} or return undef;
    my @found = grep { my $series = $_; !grep {
        ",$series" !~ /,$_="\Q$labels{$_}\E"(?:,|$)/ } keys %labels }
        keys %$values;

    return undef unless @found;

    my $sum = 0;
    $sum += $values->{$_} for @found;

    return $sum;
}


# the values that a label has

sub labels {
    my ($self, $name, $label) = @_;

    my %seen;

    for my $series (keys %{$self->{values}{$name} || {}}) {
        $seen{$1} = 1 if $series =~ /(?:^|,)\Q$label\E="([^"]*)"/;
    }

    return sort keys %seen;
}


# how much it has grown since an earlier reading

sub grown {
    my ($self, $before, $name, %labels) = @_;

    return ($self->value($name, %labels) // 0)
        - ($before->value($name, %labels) // 0);
}


1;
