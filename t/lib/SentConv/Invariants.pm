package SentConv::Invariants;

# What must hold of everything a test's receivers were sent, whatever the
# test was about.

use strict;
use warnings;

use SentConv::Sign qw(webhook_errors);


# requests in order of arrival with their event decoded, hooks by id;
# => [ok, name, why]

sub check {
    my ($requests, $hooks, %tolerate) = @_;

    my (@signed, @changed, @order, @twice, @sequence);
    my (%body, %rank, %last, %done, %seq);

    for my $r (@$requests) {
        my $hook = $hooks->{$r->{headers}{'x-webhook-id'} // ''} or next;
        my $event = $r->{event} || {};
        my $id = $event->{id} // '-';
        my $p = $event->{payload} || {};
        my $lane = "$hook->{id} " . ($p->{thread_id} // '-');
        my @wrong = webhook_errors($r, $hook->{signing_secret}, $hook->{id});

        push @signed, "$id: @wrong" if @wrong;
        push @changed, $id
            if ($body{"$hook->{id} $id"} //= $r->{body}) ne $r->{body};

        my $rank = $rank{$lane}{$id} //= 1 + keys %{$rank{$lane}};

        push @order, "$event->{event} $id" if $rank < ($last{$lane} || 0);
        $last{$lane} = $rank if $rank > ($last{$lane} || 0);

        push @twice, "$event->{event} $id" if $done{"$hook->{id} $id"};
        $done{"$hook->{id} $id"} = 1 if _taken($r->{step});

        next if !defined $p->{sequence} || $done{"seen $hook->{id} $id"}++;

        my $conv = "$hook->{id} $p->{conversation_id}";

        push @sequence, "$conv $p->{sequence} after $seq{$conv}"
            if $p->{sequence} <= ($seq{$conv} || 0);
        $seq{$conv} = $p->{sequence};
    }

    my @checks = (
        [!@signed, 'webhooks signed', join("\n", @signed)],
        [!@changed, 'bodies never change', join("\n", @changed)],
    );

    push @checks, [!@order, 'webhooks in order', join("\n", @order)],
        [!@sequence, 'sequence in order', join("\n", @sequence)]
        unless $tolerate{disorder};
    push @checks, [!@twice, 'nothing twice', join("\n", @twice)]
        unless $tolerate{duplicates};

    return @checks;
}


# was it answered in full with a 2xx, and at once?

sub _taken {
    my ($step) = @_;

    return 0 if grep { $step->{$_} } qw(hang reset close huge slow delay);
    return ($step->{status} || 200) =~ /^2/;
}


1;
