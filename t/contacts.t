#!/usr/bin/perl

# Tests for contacts: lists, one of them, what can be changed, what erasing
# leaves, and the history of consent.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use SentConv::Env;

my $t = setup();

$t->webhook('/hook');

sub id { return $t->get("/v3/contacts?phone=$_[0]")->data()
    ->{contacts}[0]{id} }

sub history {
    return @{$t->get("/v3/contacts/$_[0]/consent")->data()->{history}};
}

sub patch { my ($id, %body) = @_;
    return $t->api('PATCH', "/v3/contacts/$id", body => \%body) }

# an id that differs in its first digit

sub nobody { return (substr($_[0], 0, 1) eq 'f' ? 'e' : 'f')
    . substr($_[0], 1) }

sub words { return join(' ', map { "$_->{change}/$_->{source}" } @_) }

is($t->get('/v3/contacts')->data()->{pagination}{total_count}, 0, 'none');

# made

my $made = $t->post('/v3/contacts', body => {
    phone_number => '+447700900123' });

is($made->status(), 201, 'made');
is(join(' ', sort keys %{$made->data()}), 'available_channels country_code'
    . ' created_at default_channel id opt_out phone_number updated_at',
    'fields');
is($made->data()->{phone_number}, '+447700900123', 'number');
is($made->data()->{country_code}, '44', 'country');
is($made->data()->{default_channel}, undef, 'no channel yet');
is($t->post('/v3/contacts', body => { phone_number => '+447700900123' })
    ->verdict(), '409 RESOURCE_007', 'again');
is($t->post('/v3/contacts', body => { phone_number => '12' })->verdict(),
    '400 VALIDATION_002', 'no number');
is($t->post('/v3/contacts', body => {})->verdict(), '400 VALIDATION_004',
    'nothing');
is($t->post('/v3/contacts', key => $t->{read_key}, body => {})->verdict(),
    '403 AUTH_004', 'a key that reads');
is($t->post('/v3/contacts', body => { phone_number => '+447700900124',
    sandbox => JSON::PP::true })->status(), 201, 'sandbox');
is($t->get('/v3/contacts')->data()->{pagination}{total_count}, 1,
    'sandbox - nothing');

# who writes is a contact

my $one = $t->contact(1);
my $c = $t->opened(from => $one, name => 'Ada');
my $id = $c->{contact_id};
my $contact = $t->get("/v3/contacts/$id")->data();

is($contact->{phone_number}, $one, 'who writes');
is(join(' ', @{$contact->{available_channels}}), 'whatsapp', 'channels');
is($contact->{default_channel}, 'whatsapp', 'the last channel');
ok(!$contact->{opt_out}, 'in');
$t->inbound(from => $one, channel => 'sms');
$contact = $t->get("/v3/contacts/$id")->data();
is(join(' ', @{$contact->{available_channels}}), 'whatsapp sms', 'two');
is($contact->{default_channel}, 'sms', 'the last channel follows');

# others' and unknown ones

my $other = $t->new_customer('other');

is($t->get("/v3/contacts/$id", key => $other->{key})->verdict(),
    '404 RESOURCE_001', "another's");
is($t->get("/v3/contacts/$id/consent", key => $other->{key})->verdict(),
    '404 RESOURCE_001', "another's consent");
is($t->get('/v3/contacts/' . nobody($id))->verdict(), '404 RESOURCE_001',
    'unknown');
is($t->get('/v3/contacts/x')->verdict(), '400 VALIDATION_003', 'no UUID');

# changed

is(patch($id)->verdict(), '400 VALIDATION_004', 'nothing to change');
is(patch($id, opt_out => 'yes')->verdict(), '400 VALIDATION_001', 'no bool');
is(patch($id, default_channel => 'fax')->verdict(), '400 VALIDATION_006',
    'no channel');
is(patch($id, default_channel => 'rcs')->data()->{default_channel}, 'rcs',
    'another channel');
is(patch(nobody($id), opt_out => JSON::PP::true)->verdict(),
    '404 RESOURCE_001', 'of nobody');

my @none = history($id);
is(@none, 0, 'no history');

ok(patch($id, opt_out => JSON::PP::true)->data()->{opt_out}, 'out by PATCH');
is($t->conversation($c->{id})->{close_reason}, 'COMPLIANCE_STOP',
    'the window ends');
is($t->send(to => $one)->verdict(), '422 CONVERSATION_001', 'no send');
patch($id, opt_out => JSON::PP::true);

my @rows = history($id);

is(words(@rows), 'OPT_OUT/api', 'history');
is($rows[0]{message_id}, undef, 'by no message');
like($rows[0]{key_id}, qr/^[0-9a-f-]{36}$/, 'by a key');

$t->{redis}->tick();
ok(!patch($id, opt_out => JSON::PP::false)->data()->{opt_out}, 'in by PATCH');
is($t->open($one), undef, 'no window opens by that');
$t->opened(from => $one);

# the words, with the messages that said them

my ($out, $in) = map { $t->message(from => $one, text => $_) }
    qw(STOP START);

for my $word ($out, $in) {
    $t->carrier('whatsapp', $word);
    $t->{redis}->tick();
}

@rows = history($id);
is(words(@rows), 'OPT_OUT/api OPT_IN/api OPT_OUT/keyword OPT_IN/keyword',
    'history grows');
is($t->get("/v3/messages/$rows[2]{message_id}")->data()->{message_body}
    {content}, 'STOP', 'the message that said so');
is($rows[2]{channel}, 'whatsapp', 'its channel');

# an opt-in written before the opt-out changes nothing

$t->carrier('whatsapp', $t->message(from => $one, text => 'STOP'));
$t->carrier('whatsapp', $t->message(from => $one, text => 'START',
    timestamp => '2020-01-01T00:00:00Z'));
ok($t->get("/v3/contacts/$id")->data()->{opt_out}, 'a late opt-in');
is(scalar(@{[history($id)]}), 5, 'is not recorded');

# lists

my @made = map { sprintf('+1650%07d', $_) } 1 .. 45;

for my $number (@made) {
    $t->{redis}->tick();
    $t->post('/v3/contacts', body => { phone_number => $number });
}

my $list = $t->get('/v3/contacts?page_size=20')->data();

is($list->{pagination}{total_count}, 47, 'total');
is($list->{pagination}{total_pages}, 3, 'pages');
is($list->{contacts}[0]{phone_number}, $made[-1], 'newest first');

my (@walked, $cursor) = ();

for (1 .. 4) {
    my $page = $t->get('/v3/contacts?page_size=20'
        . ($cursor ? "&cursor=$cursor" : ''))->data();

    push @walked, map { $_->{phone_number} } @{$page->{contacts}};
    $cursor = $page->{pagination}{cursors}{after} or last;
}

is(scalar(@walked), 47, 'all by cursor');
is(scalar(keys %{{map { $_ => 1 } @walked}}), 47, 'each once');
is_deeply([map { $_->{phone_number} } @{$t->get(
    '/v3/contacts?page_size=20&page=2')->data()->{contacts}}],
    [@walked[20 .. 39]], 'by page');

my $second = $t->get('/v3/contacts?page_size=20&cursor='
    . $t->get('/v3/contacts?page_size=20')->data()->{pagination}{cursors}
    {after})->data();
is_deeply([map { $_->{phone_number} } @{$t->get(
    '/v3/contacts?page_size=20&cursor='
    . $second->{pagination}{cursors}{before})->data()->{contacts}}],
    [@walked[0 .. 19]], 'and back');

is($t->get('/v3/contacts?search=%2B1650000001')->data()->{pagination}
    {total_count}, undef, 'a search has no total');
is(join(' ', map { $_->{phone_number} } @{$t->get(
    '/v3/contacts?search=0000042')->data()->{contacts}}), $made[41],
    'search');
is(scalar(@{$t->get('/v3/contacts?search=9999999')->data()->{contacts}}), 0,
    'search for nobody');
is(scalar(@{$t->get("/v3/contacts?phone=$made[7]")->data()->{contacts}}), 1,
    'by number');
is($t->get('/v3/contacts?page=0')->verdict(), '400 VALIDATION_005', 'page 0');
is($t->get('/v3/contacts?phone=x')->verdict(), '400 VALIDATION_002',
    'no number');
is($t->get('/v3/contacts?cursor=x')->verdict(), '400 VALIDATION_006',
    'no cursor');

# erased

my $gone = $t->contact(2);

my $first = $t->message(from => $gone, text => 'remember me not');

$t->carrier('whatsapp', $first);
$c = $t->open($gone);
my $sent = $t->send(to => $gone)->data()->{message_id};

$t->wait_event('/hook', 'message.sent', message_id => $sent);
$t->carrier('whatsapp', $t->message(from => $gone, text => 'STOP'));
$t->{redis}->tick();
$t->carrier('whatsapp', $t->message(from => $gone, text => 'START'));
$c = $t->open($gone);
$id = $c->{contact_id};
patch($id, opt_out => JSON::PP::true);
$t->{redis}->tick();
patch($id, opt_out => JSON::PP::false);
$c = $t->opened(from => $gone);

is($t->api('DELETE', "/v3/contacts/$id", body => { sandbox =>
    JSON::PP::true })->status(), 204, 'DELETE in sandbox mode');
is($t->get("/v3/contacts/$id")->status(), 200, 'did nothing');
is($t->api('DELETE', "/v3/contacts/$id")->status(), 204, 'DELETE');
is($t->api('DELETE', "/v3/contacts/$id")->verdict(), '404 RESOURCE_001',
    'twice');
ok($t->wait_event('/hook', 'conversation.ended',
    conversation_id => $c->{id}, close_reason => 'EXPLICIT'),
    'its window ended, and was told');
is($t->get("/v3/contacts/$id")->verdict(), '404 RESOURCE_001', 'gone');
is($t->get("/v3/conversations/$c->{id}")->verdict(), '404 CONVERSATION_003',
    'conversation gone');
is($t->get("/v3/messages/$sent")->verdict(), '404 RESOURCE_003',
    'message gone');
is(scalar(@{$t->get("/v3/contacts?phone=$gone")->data()->{contacts}}), 0,
    'not in lists');
is(words(history($id)), 'OPT_OUT/keyword OPT_IN/keyword OPT_OUT/api'
    . ' OPT_IN/api', 'the history stays');

my @left = grep { $_ !~ /:(?:i|once|cid|idem)/ && holds($_, $gone) }
    $t->{redis}->keys('sc:*');

sub holds {
    my ($key, $text) = @_;

    my $dump = $t->{redis}->command('DUMP', $key) // '';
    return $dump =~ /\Q$text\E/ || $key =~ /\Q$text\E/;
}

is("@left", '', 'its number stands nowhere');

# what a carrier repeats, a late report: nothing is brought back

is($t->carrier('whatsapp', $first)->data()->{duplicates}, 1,
    'its first message, once more');
is($t->get("/v3/contacts/$id")->verdict(), '404 RESOURCE_001', 'still gone');

$t->status($sent, 'read', to => $gone);
is($t->get("/v3/messages/$sent")->verdict(), '404 RESOURCE_003',
    'a late report');

# an opt-out outlives it all

my $third = $t->contact(3);

$t->opened(from => $third);
$t->inbound(from => $third, text => 'STOP');
$id = id($third);
is($t->api('DELETE', "/v3/contacts/$id")->status(), 204, 'DELETE of one out');
$t->inbound(from => $third, text => 'hello again');
is($t->open($third), undef, 'still out');
ok($t->get("/v3/contacts/$id")->data()->{opt_out}, 'made anew, and out');
$t->{redis}->tick();
$t->inbound(from => $third, text => 'START');
ok($t->open($third), 'until an opt-in');
is($t->post('/v3/contacts', body => { phone_number => $gone })->status(),
    201, 'one that was erased can be made again');
