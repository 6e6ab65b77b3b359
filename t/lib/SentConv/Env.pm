package SentConv::Env;

# A ready environment for a behaviour test: Redis, receiver, nginx, one
# customer with a key and a number on each channel; and the words to play
# contact, carrier, client and operator.  Ends the test, too: nothing it
# started stays, and its log, counters and deliveries are looked over.

use strict;
use warnings;

use Exporter 'import';
use File::Temp qw(tempdir);
use JSON::PP ();
use Test::More;
use Time::HiRes qw(sleep time);

use SentConv::Conf qw(standard);
use SentConv::HTTP qw(http http_bytes http_many json);
use SentConv::Id qw(epoch);
use SentConv::Invariants;
use SentConv::Metrics;
use SentConv::Nginx;
use SentConv::Process;
use SentConv::Receiver;
use SentConv::Redis;
use SentConv::Sign qw(carrier_signature);
use SentConv::Wait;

our @EXPORT = (@Test::More::EXPORT, @SentConv::Wait::EXPORT,
    qw(setup http http_bytes http_many json sleep time));

my $main = $$;
my $env;
my $unique = 0;


sub setup {
    my (%arg) = @_;

    my $self = $env = bless {
        dir => tempdir('sent_conv_XXXXXX', TMPDIR => 1,
            CLEANUP => !$ENV{TEST_NGINX_LEAVE}),
        hooks => {}, nodes => {}, secrets => [], texts => {}, tolerate => {},
    }, __PACKAGE__;

    $self->_write("$self->{dir}/$_->[0]", $_->[1])
        for ['carrier.secret', $self->{carrier_secret} = _random('cs')],
            ['other.secret', $self->{other_secret} = _random('os')],
            ['admin.token', $self->{admin_token} = _random('at')];

    push @{$self->{secrets}}, @$self{qw(carrier_secret other_secret
        admin_token)};

    # further files that hold secrets, beside them

    for my $name (keys %{$arg{secrets} || {}}) {
        $self->_write("$self->{dir}/$name", $arg{secrets}{$name});
        push @{$self->{secrets}}, $arg{secrets}{$name};
    }

    $self->{redis} = SentConv::Redis->new(dir => $self->{dir},
        %{$arg{redis} || {}});
    $self->{receiver} = SentConv::Receiver->new(dir => $self->{dir});

    $self->{arg} = \%arg;
    $self->{nginx} = $self->node('nginx', %arg, start => 0);

    return $self if exists $arg{start} && !$arg{start};

    $self->start();

    return $self if exists $arg{customer} && !$arg{customer};

    $self->use_customer($self->new_customer('first'));

    return $self;
}


# another nginx on the same Redis, with the same configuration

sub node {
    my ($self, $name, %arg) = @_;

    die SentConv::Nginx::missing() . "\n" if SentConv::Nginx::missing();

    %arg = (%{$self->{arg}}, %arg);

    my $nginx = $self->{nodes}{$name} = SentConv::Nginx->new(
        dir => $self->{dir}, name => $name,
        conf => $arg{conf} || standard(%arg),
        set => {
            REDIS => $self->{redis}->socket(),
            REDIS_PORT => $self->{redis}->port(),
            RECEIVER => $self->{receiver}->port(), %{$arg{set} || {}},
        },
    );

    return $nginx if exists $arg{start} && !$arg{start};

    $nginx->start();
    $self->ready($nginx);

    return $nginx;
}


sub start {
    my ($self) = @_;

    $self->{nginx}->start();
    $self->ready($self->{nginx});
}


sub ready {
    my ($self, $nginx, $limit) = @_;

    my $ready = wait_for($limit || 10, sub {
        my $answer = http($nginx->port(0), 'GET', '/readyz') or return 0;
        return $answer->status() == 200 && $nginx->connected();
    });

    die "nginx is not ready:\n" . $nginx->log() unless $ready;
}


# what else the end of the test is to put up with: duplicates, disorder, logs

sub tolerate {
    my ($self, @what) = @_;

    $self->{tolerate}{$_} = 1 for @what;
}


# lines of error.log that are of this test's doing

sub allow {
    my ($self, @patterns) = @_;

    $_->allow(@patterns) for values %{$self->{nodes}};
}


# ---- client ----

sub api {
    my ($self, $method, $uri, %arg) = @_;

    my $node = $arg{node} || $self->{nginx};

    return http($node->port(0), $method, $uri, $self->_headers(%arg),
        body => $arg{body}, timeout => $arg{timeout});
}


sub api_bytes {
    my ($self, $method, $uri, %arg) = @_;

    return http_bytes($method, $uri, $self->_headers(%arg),
        body => $arg{body});
}


sub _headers {
    my ($self, %arg) = @_;

    my %headers = %{$arg{headers} || {}};
    my $key = exists $arg{key} ? $arg{key} : $self->{key};

    $headers{'x-api-key'} //= $key if defined $key;
    $headers{'Idempotency-Key'} = $arg{idem} if defined $arg{idem};

    return (headers => \%headers);
}


sub get { my ($self, $uri, @arg) = @_; return $self->api('GET', $uri, @arg) }
sub post { my ($self, $uri, @arg) = @_; return $self->api('POST', $uri, @arg) }


my $messages = '/v3/conversations/messages';

sub _send_arg {
    my ($self, %arg) = @_;

    my %body = map { $_ => delete $arg{$_} }
        grep { exists $arg{$_} } qw(to body channel sandbox);

    $body{to} //= $self->contact();
    $body{body} //= 'the answer ' . ++$unique;
    $self->{texts}{$body{body}} = 1;

    return (%arg, body => \%body);
}


sub send {
    my ($self, %arg) = @_;

    return $self->post($messages, $self->_send_arg(%arg));
}


sub send_bytes {
    my ($self, %arg) = @_;

    return $self->api_bytes('POST', $messages, $self->_send_arg(%arg));
}


sub end {
    my ($self, $id, %arg) = @_;

    return $self->post("/v3/conversations/$id/close", body => {}, %arg);
}


sub conversation {
    my ($self, $id, %arg) = @_;

    my $answer = $self->get("/v3/conversations/$id", %arg);

    return ($answer->data() || {})->{conversation};
}


# the transcript of a conversation or thread, oldest first

sub transcript {
    my ($self, $id) = @_;

    my ($after, @oldest_first) = ('');

    while (defined $after) {
        my $data = $self->get("/v3/conversations/$id?page_size=100$after")
            ->data() || {};

        unshift @oldest_first, reverse @{$data->{messages} || []};
        $after = $data->{pagination}{has_more}
            ? "&cursor=$data->{pagination}{cursors}{after}" : undef;
    }

    return @oldest_first;
}


# the open conversation with a contact, or undef

sub open {
    my ($self, $from) = @_;

    ($from //= $self->contact()) =~ s/\+/%2B/;

    my $answer = $self->get("/v3/conversations?status=open&contact=$from");

    return $answer->data()->{conversations}[0];
}


sub opted_out {
    my ($self, $number) = @_;

    $number =~ s/\+/%2B/;

    my $answer = $self->get("/v3/contacts?phone=$number");

    return $answer->status() == 200
        && $answer->data()->{contacts}[0]{opt_out};
}


# ---- contact and carrier ----

sub contact {
    my ($self, $n) = @_;

    return sprintf('+1650555%04d', $n // 1);
}


my %carriers = (whatsapp => 'wa', sms => 'sms-one', rcs => 'rcs-one');

sub message {
    my ($self, %arg) = @_;

    my $channel = delete $arg{channel} // 'whatsapp';
    my %item = (id => 'in-' . $$ . '-' . ++$unique, from => $self->contact(),
        to => $self->{numbers}{$channel}, text => 'a question', %arg);

    $self->{texts}{$item{text}} = 1 if defined $item{text};

    return \%item;
}


# signed bytes to a carrier's location; secret, signature, headers, node

sub carrier_bytes {
    my ($self, $channel, $body, %arg) = @_;

    my $secret = $arg{secret} // $self->{carrier_secret};
    my $signature = exists $arg{signature} ? $arg{signature}
        : carrier_signature($secret, $body);

    return http_bytes('POST', "/carriers/$channel", body => $body,
        headers => { 'Content-Type' => 'application/json',
            'X-Carrier-Signature' => $signature, %{$arg{headers} || {}} });
}


sub carrier {
    my ($self, $channel, $items, %arg) = @_;

    my $node = $arg{node} || $self->{nginx};
    my $body = ref $items ? json($items) : $items;
    my $c = SentConv::HTTP->new($node->port(0)) or return undef;

    $c->write($self->carrier_bytes($channel, $body, %arg));

    return $c->answer($arg{timeout});
}


sub inbound {
    my ($self, %arg) = @_;

    my %how = map { $_ => delete $arg{$_} }
        grep { exists $arg{$_} } qw(node timeout);

    return $self->carrier($arg{channel} // 'whatsapp', $self->message(%arg),
        %how);
}


# an inbound and the conversation it opened or went on in

sub opened {
    my ($self, %arg) = @_;

    my $answer = $self->inbound(%arg);

    die 'inbound: ' . ($answer ? $answer->verdict() : 'no answer') . "\n"
        unless $answer && $answer->status() == 200;

    return $self->open($arg{from}) // die "no window opened\n";
}


sub status {
    my ($self, $message_id, $status, %arg) = @_;

    my $channel = delete $arg{channel} // 'whatsapp';
    my %item = (status => $status, from => $self->{numbers}{$channel},
        to => $self->contact(), %arg);

    $item{message_id} = $message_id if defined $message_id;

    return $self->carrier($channel, \%item);
}


# ---- operator ----

sub admin {
    my ($self, $method, $uri, %arg) = @_;

    my $node = $arg{node} || $self->{nginx};
    my $token = exists $arg{token} ? $arg{token} : $self->{admin_token};
    my %headers = %{$arg{headers} || {}};

    $headers{Authorization} //= "Bearer $token" if defined $token;

    return http($node->port(0), $method, "/admin$uri", headers => \%headers,
        body => $arg{body});
}


sub _admin_ok {
    my ($self, @request) = @_;

    my $answer = $self->admin(@request);

    die "admin: @request[0, 1]: " . ($answer ? $answer->status() . ' '
        . $answer->body() : 'no answer') . "\n"
        unless $answer && $answer->status() =~ /^2/;

    return $answer->data();
}


# { id, key, read_key, numbers }

sub new_customer {
    my ($self, $name, %arg) = @_;

    my $id = $self->_admin_ok('POST', '/customers',
        body => { name => $name })->{id};
    my %customer = (id => $id, name => $name, numbers => {});

    $self->_admin_ok('PATCH', "/customers/$id",
        body => { conversations_enabled => JSON::PP::true, %arg });

    $customer{key} = $self->new_key($id, 'full')->{key};
    $customer{read_key} = $self->new_key($id, 'read')->{key};

    for my $channel (sort keys %carriers) {
        my $number = sprintf('+1415555%04d', ++$self->{number});

        $customer{numbers}{$channel} = $number;
        $self->bind_number($channel, $number, $id);
    }

    return \%customer;
}


sub new_key {
    my ($self, $customer, $role) = @_;

    my $key = $self->_admin_ok('POST', "/customers/$customer/keys",
        body => { name => "a $role key", role => $role });

    push @{$self->{secrets}}, $key->{key};

    return $key;
}


sub bind_number {
    my ($self, $channel, $number, $customer, $carrier) = @_;

    $self->_admin_ok('PUT', "/numbers/$channel/$number",
        body => { customer_id => $customer,
            carrier => $carrier // $carriers{$channel} });
}


sub use_customer {
    my ($self, $customer) = @_;

    @$self{qw(customer key read_key numbers)}
        = @$customer{qw(id key read_key numbers)};

    return $customer;
}


# a template on the channels given; returns its id

sub template {
    my ($self, %arg) = @_;

    my $id = $arg{id} // sprintf('%08x-0000-4000-8000-000000000000',
        ++$unique);
    my $customer = $arg{customer} // $self->{customer};

    $self->_admin_ok('PUT', "/customers/$customer/templates/$id", body => {
        name => $arg{name} // "confirm_$unique",
        parameters => $arg{parameters} // ['name'],
        channels => $arg{channels} // {
            whatsapp => { name => 'confirm', language => 'en' },
            sms => { text => 'Hello {{name}}!' },
            rcs => { text => 'Hi {{name}}.' },
        } });

    return $id;
}


# POST /v3/messages

sub broadcast {
    my ($self, $to, %arg) = @_;

    my %how = map { $_ => delete $arg{$_} }
        grep { exists $arg{$_} } qw(headers idem node key timeout);

    $arg{template} = { id => $arg{template}, parameters => { name => 'Ann' } }
        if defined $arg{template} && !ref $arg{template};

    return $self->post('/v3/messages', %how,
        body => { to => ref $to ? $to : [$to], %arg });
}


# ---- webhooks ----

sub url {
    my ($self, $path) = @_;

    return 'http://127.0.0.1:' . $self->{receiver}->port() . $path;
}


sub webhook {
    my ($self, $path, %arg) = @_;

    my $answer = $self->post('/v3/webhooks', $self->_webhook_arg($path, %arg));

    die 'webhook: ' . $answer->status() . ' ' . $answer->body() . "\n"
        unless $answer->status() == 201;

    my $hook = $answer->data();

    push @{$self->{secrets}}, $hook->{signing_secret};

    return $self->{hooks}{$hook->{id}} = $hook;
}


sub _webhook_arg {
    my ($self, $path, %arg) = @_;

    my %how = map { $_ => delete $arg{$_} }
        grep { exists $arg{$_} } qw(key node);

    return (%how, body => {
        display_name => "hook $path", endpoint_url => $self->url($path),
        event_types => ['conversation', 'message'], %arg,
    });
}


# all that arrived at a path, in that order, with the event decoded

sub arrivals {
    my ($self, $path) = @_;

    my @requests = $self->{receiver}->requests($path);

    $_->{event} //= eval { JSON::PP->new->utf8->decode($_->{body}) } || {}
        for @requests;

    return @requests;
}


# each event once, by its first arrival

sub events {
    my ($self, $path, %filter) = @_;

    my %seen;

    my @events = grep { !$seen{$_->{id} // ''}++ && _fits($_, \%filter) }
        map { $_->{event} } $self->arrivals($path);

    return @events;
}


sub wait_events {
    my ($self, $path, $n, $limit, %filter) = @_;

    my @events;

    wait_for($limit || 10, sub {
        @events = $self->events($path, %filter);
        return @events >= $n;
    });

    return @events;
}


# the first such event, waited for; undef where none comes

sub wait_event {
    my ($self, $path, $event, %filter) = @_;

    my $limit = delete $filter{limit} || 10;

    return ($self->wait_events($path, 1, $limit, event => $event,
        %filter))[0];
}


sub _fits {
    my ($event, $filter) = @_;

    for my $name (keys %$filter) {
        my $value = $event->{payload}{$name} // $event->{$name} // '';
        return 0 if $value ne $filter->{$name};
    }

    return 1;
}


# waits for the end of the windows of these contacts; how many seconds behind
# its deadline each one's event arrived, the last of them first

sub lateness {
    my ($self, $path, @contacts) = @_;

    my %ended;

    wait_for(40, sub {
        %ended = map { $_->{event}{payload}{contact} => $_ }
            grep { ($_->{event}{event} // '') eq 'conversation.ended' }
            $self->arrivals($path);
        return !grep { !$ended{$_} } @contacts;
    });

    return sort { $b <=> $a } map { $ended{$_}{at}
        - epoch($ended{$_}{event}{payload}{ended_at}) }
        grep { $ended{$_} } @contacts;
}


# the wait for a status in a message's history

sub wait_status {
    my ($self, $conversation, $message_id, $status, $limit) = @_;

    my $last = '';

    wait_for($limit || 10, sub {
        my ($m) = grep { $_->{id} eq $message_id }
            $self->transcript($conversation);
        $last = $m ? $m->{status} : 'none';
        return $last eq $status;
    });

    return $last;
}


# ---- metrics ----

sub metrics {
    my ($self, $node) = @_;

    return SentConv::Metrics->new($node || $self->{nginx});
}


# waits until they have grown by n since that reading, what is then told

sub wait_grown {
    my ($self, $before, $n, $name, %labels) = @_;

    my $grown;

    wait_for(10, sub {
        $grown = $self->metrics()->grown($before, $name, %labels);
        return $grown >= $n;
    });

    return $grown;
}


# asserts what has grown by how much: [n, name, labels...]...

sub grew {
    my ($self, $before, $what, @all) = @_;

    for my $one (@all) {
        my ($n, $name, @labels) = @$one;

        is($self->wait_grown($before, $n, $name, @labels), $n,
            "$what - $name @labels");
    }
}


# ---- the end ----

sub _random {
    my ($prefix) = @_;

    my @set = ('a' .. 'z', '0' .. '9');

    return "${prefix}_" . join('', map { $set[rand(@set)] } 1 .. 40);
}


sub _write {
    my ($self, $file, $text) = @_;

    CORE::open(my $f, '>', $file) or die "$file: $!\n";
    print $f $text;
    CORE::close($f);
}


# what must stand in no output; the operator's own API has our numbers in its
# paths

sub leaks {
    my ($self, $log) = @_;

    $log =~ s!^.*\b(?:PUT|DELETE) /admin/numbers/.*\n!!mg;

    my @found = grep { index($log, $_) >= 0 } @{$self->{secrets}},
        grep { length($_) >= 8 } map { my $t = $_; utf8::encode($t); $t }
        keys %{$self->{texts}};

    push @found, "number $1" if $log
        =~ /((?:(?:\+|%2B)1(?:650|415)|(?<!\d)1650)555\d{4})(?!\d)/i;

    return @found;
}


sub _finish {
    my ($self) = @_;

    my @requests = $self->arrivals();

    for my $name (sort keys %{$self->{nodes}}) {
        my $nginx = $self->{nodes}{$name};
        next unless $nginx->{process};

        for my $check ($nginx->verify()) {
            ok($check->[0], "$name - $check->[1]") or diag($check->[2]);
        }

        my %outputs = $nginx->outputs();
        my @leaks = map { my $where = $_;
            map { "$where: $_" } $self->leaks($outputs{$where})
        } sort keys %outputs;

        ok(!@leaks, "$name - no secret in any output")
            or diag(join("\n", @leaks));
        diag($nginx->log()) if $ENV{TEST_NGINX_CATLOG};
    }

    my $killed = grep { $_->{killed} } values %{$self->{nodes}};

    if (grep { $_->{headers}{'x-webhook-id'} } @requests) {
        for my $check (SentConv::Invariants::check(\@requests,
            $self->{hooks}, $killed ? (duplicates => 1) : (),
            %{$self->{tolerate}}))
        {
            ok($check->[0], $check->[1]) or diag($check->[2]);
        }
    }
}


END {
    if ($$ == $main) {
        my $status = $?;
        my $builder = Test::More->builder();

        if ($status == 0 && !$builder->has_plan()) {
            $env->_finish() if $env;
            done_testing();
        }

        diag("left in $env->{dir}") if $env && $ENV{TEST_NGINX_LEAVE};

        SentConv::Process::kill_all();
        $? = $status;
    }
}


1;
