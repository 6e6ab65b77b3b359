package SentConv::Cluster;

# A Redis Cluster of the test's own.

use strict;
use warnings;

use SentConv::Redis;
use SentConv::Wait;


# what a node is started with

sub options {
    return (tcp => 1, options => ['--cluster-enabled', 'yes',
        '--cluster-port', free_port(), '--cluster-node-timeout', 1500,
        '--cluster-require-full-coverage', 'no', @_]);
}


# first => a SentConv::Redis with these options, the first of so many masters;
# dir; masters; replicas => 1: each has one; options => [further ones]

sub new {
    my ($class, %arg) = @_;

    my $make = sub {
        my ($name) = @_;
        return SentConv::Redis->new(dir => $arg{dir}, name => $name,
            options(@{$arg{options} || []}));
    };
    my @masters = ($arg{first},
        map { $make->("master$_") } 2 .. $arg{masters});
    my $self = bless { masters => \@masters, replicas => [] }, $class;

    if ($arg{replicas}) {
        $self->{replicas} = [map { $make->("replica$_") } 1 .. @masters];
    }

    my ($first, $n) = (0, scalar(@masters));

    for my $i (0 .. $n - 1) {
        my $last = int(16384 * ($i + 1) / $n) - 1;

        $masters[$i]->command('CLUSTER', 'ADDSLOTSRANGE', $first, $last);
        $first = $last + 1;
    }

    $self->_meet();

    for my $i (0 .. $#{$self->{replicas}}) {
        $self->{replicas}[$i]->command('CLUSTER', 'REPLICATE',
            $masters[$i]->command('CLUSTER', 'MYID'));
    }

    for my $i (0 .. $#{$self->{replicas}}) {
        $self->{replicas}[$i]->follows($masters[$i], 'wait{'
            . $self->tag($masters[$i]) . '}') or die "no replica\n";
    }

    return $self;
}


sub _meet {
    my ($self) = @_;

    my @all = $self->all();
    my $info = sub { $_[0]->command('CLUSTER', 'INFO') };

    for my $node (@all[1 .. $#all]) {
        my ($bus) = join(' ', @{$node->{options}})
            =~ /--cluster-port (\d+)/;

        $all[0]->command('CLUSTER', 'MEET', '127.0.0.1', $node->port(), $bus);
    }

    wait_for(30, sub { !grep { my $is = $info->($_);
        $is !~ /cluster_state:ok/
            || $is !~ /cluster_known_nodes:@{[scalar(@all)]}\b/
            || $is !~ /cluster_slots_assigned:16384\b/ } @all })
        or die "the cluster does not come up\n";
}


sub all { return (@{$_[0]{masters}}, @{$_[0]{replicas}}) }


sub addresses {
    my ($self) = @_;

    return join(' ', map { '127.0.0.1:' . $_->port() } @{$self->{masters}});
}


# the slot of a key, or of a tag alone

sub slot {
    my ($self, $key) = @_;

    return (grep { $_->{process}->alive() } $self->all())[0]
        ->command('CLUSTER', 'KEYSLOT', $key);
}


# the node that has the slot, as one that lives says

sub holder {
    my ($self, $slot) = @_;

    for my $asked (grep { $_->{process}->alive() } $self->all()) {
        for my $range (@{$asked->command('CLUSTER', 'SLOTS')}) {
            next if $slot < $range->[0] || $slot > $range->[1];

            return (grep { $_->port() == $range->[2][1] } $self->all())[0];
        }
    }

    return undef;
}


# a number whose slot it has

sub tag {
    my ($self, $node) = @_;

    for my $tag (0 .. 1000) {
        return $tag if $self->holder($self->slot($tag)) == $node;
    }

    die "a node without slots\n";
}


# of all masters

sub keys {
    my ($self, $pattern) = @_;

    return map { $_->keys($pattern) } grep { $_->{process}->alive()
        && $_->info('replication')->{role} eq 'master' } $self->all();
}


# a slot goes to another node, key by key, while all goes on

sub migrate {
    my ($self, $slot, $to, $pause) = @_;

    my $from = $self->holder($slot);

    $to->command('CLUSTER', 'SETSLOT', $slot, 'IMPORTING',
        $from->command('CLUSTER', 'MYID'));
    $from->command('CLUSTER', 'SETSLOT', $slot, 'MIGRATING',
        $to->command('CLUSTER', 'MYID'));

    while (my @keys = @{$from->command('CLUSTER', 'GETKEYSINSLOT', $slot, 10)})
    {
        $from->command('MIGRATE', '127.0.0.1', $to->port(), '', 0, 5000,
            'KEYS', @keys);
        $pause->() if $pause;
    }

    $_->command('CLUSTER', 'SETSLOT', $slot, 'NODE',
        $to->command('CLUSTER', 'MYID')) for $to, $from;
}


1;
