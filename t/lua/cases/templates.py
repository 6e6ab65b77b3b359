"""Templates: what the business begins with, and the replies to it."""

from case import DAY, NOON, Case
from store import TEMPLATE

ID, NAME = TEMPLATE.split('/')[1:]
WEEK = 7 * DAY


class Templates(Case):
    def template(self, message, **more):
        return self.store.message(self.pair, message, **more)

    def last(self, channel='sms'):
        return (self.field('tp:' + channel) or '').split(' ')[0]

    def lead(self):
        return self.bodies('started')[-1]['lead']['template']

    def test_a_template_needs_no_window(self):
        got = self.template('s1', text='"Hi Ada"')
        item = 's1 %d T/%s/%s/e30 - +14155550101 +14155551234 "Hi Ada"' % (
            NOON + DAY, ID, NAME)
        self.equal(got[:4], ['QUEUED', NOON, 's1', 'sms'])
        leased = dict(zip(got[4][::2], got[4][1::2]))
        self.equal((set(leased), leased[self.sms]),
                   ({self.all, self.sms}, item))
        told = self.bodies('queued')[0]
        self.equal((told['template_id'], told['template_name'],
                    told['conversation_id'], told['text']),
                   (ID, NAME, None, 'Hi Ada'))
        self.equal(self.field('tp:sms'), 's1 %d 0' % NOON)
        self.equal((self.field('n'), self.field('n:sms')),
                   (self.pair.contact, '+14155550101'))
        self.equal(self.scores(self.pair.contacts), {self.pair.contact: 0})
        self.equal(self.store.ack(self.pair, self.sms, 's1')[0], 'EMPTY')
        self.equal(self.bodies('sent')[0]['template_name'], NAME)
        self.consistent()

    def test_one_for_whom_has_opted_out_is_filtered(self):
        self.inbound(keyword='stop')
        got = self.template('s1')
        self.equal((got[0], self.final('s1')), ('FILTERED', 'FILTERED'))
        self.equal((self.lane(self.sms), self.last()), ([], ''))
        self.equal(self.types()[-2:], ['queued', 'filtered'])
        self.equal(self.bodies('filtered')[0]['template_id'], ID)
        self.consistent()

    def test_freeform_without_a_window_is_blocked(self):
        got = self.template('s1', word='')
        self.equal((got[0], self.final('s1')), ('BLOCKED', 'BLOCKED'))
        self.equal((self.lane(self.sms), self.last()), ([], ''))
        self.equal(self.types(), ['queued', 'blocked'])
        self.equal(self.bodies('blocked')[0]['template_id'], None)
        self.consistent()

    def test_freeform_with_a_window_is_left_to_send(self):
        self.inbound()
        before = self.dump()
        self.equal(self.template('s1', word='')[0], 'OPEN')
        self.equal(self.dump(), before)
        self.later(DAY)
        self.equal(self.template('s1', word='')[0], 'BLOCKED')
        self.equal(self.record('c1').reason, 'EXPIRED')
        self.consistent()

    def test_a_repeat_is_one_message(self):
        for sandbox, repeat in (('1', '0'), ('0', '1'), ('0', '1')):
            got = self.template('s1', sandbox=sandbox, repeat=repeat)
            self.equal(got[:4], ['QUEUED', NOON, 's1', 'sms'])
        self.equal(self.ids(self.sms), ['s1'])
        self.equal(got[4], [])
        self.inbound(keyword='stop')
        self.equal(self.template('s1', repeat='1')[0], 'QUEUED')
        self.consistent()

    def test_a_sandbox_writes_nothing(self):
        before = self.dump()
        for word in ({}, {'word': ''}):
            self.template('s1', sandbox='1', **word)
        self.store.contact(self.pair, sandbox='1')
        self.store.consent(self.pair, 'OPT_OUT', sandbox='1')
        self.equal(self.dump(), before)
        self.inbound()
        before = self.dump()
        self.store.consent(self.pair, 'OPT_OUT', sandbox='1')
        self.store.delete(self.pair, sandbox='1')
        self.later(2 * DAY)
        self.store.consent(self.pair, 'OPT_OUT', sandbox='1')
        self.equal(self.dump(), before)

    def test_it_waits_a_day_for_its_carrier(self):
        self.template('s1')
        self.store.fail(self.pair, self.sms, 's1', 3 * DAY)
        self.equal(self.scores(self.pair.lanes)[self.sms], DAY)
        self.later(DAY)
        self.equal(self.take(self.store, self.sms)[0], 'EMPTY')
        self.equal(self.final('s1'), 'FAILED')
        # what never arrived is not what the contact replies to
        self.equal(self.last(), '')
        self.consistent()

    # replies

    def test_the_first_inbound_on_its_channel_replies(self):
        self.template('s1')
        self.later(1000)
        self.equal(self.inbound(channel='rcs')[0], 'OPENED')
        self.equal((self.lead(), self.bodies('started')[0]['trigger']),
                   (None, 'INBOUND'))
        self.store.close(self.pair, 'c1')
        self.inbound()
        self.equal(self.lead(), {'id': ID, 'name': NAME, 'message_id': 's1',
                                 'sent_at': '2096-10-02T07:06:40.000Z'})
        self.equal(self.record('c1').trigger, 'INBOUND')
        self.store.close(self.pair, 'c2')
        self.equal(self.record('c2').trigger, 'TEMPLATE_REPLY')
        # only the first
        self.inbound()
        self.equal((self.lead(), self.field('tr')), (None, 'INBOUND'))
        self.consistent()

    def test_a_week_is_the_end_of_it(self):
        for day, late, trigger in ((0, 0, 'TEMPLATE_REPLY'),
                                   (8, 1, 'INBOUND')):
            self.later(day * DAY)
            self.template('s%d' % day)
            self.later(day * DAY + WEEK + late)
            self.inbound()
            self.equal(self.field('tr'), trigger)
            self.store.close(self.pair, self.field('c'))

    def test_what_was_written_before_replies_to_nothing(self):
        self.later(1000)
        self.template('s1')
        self.inbound(at=NOON + 999)
        self.equal((self.field('tr'), self.last()), ('INBOUND', 's1'))
        self.store.close(self.pair, 'c1')
        self.inbound(at=NOON + 1000)
        self.equal((self.field('tr'), self.last()), ('TEMPLATE_REPLY', ''))

    def test_carriers_tell_whole_seconds(self):
        self.later(1500)
        self.template('s1')
        self.later(1900)
        self.inbound(at=NOON + 1000)
        self.equal((self.field('tr'), self.last()), ('TEMPLATE_REPLY', ''))

    def test_an_inbound_within_a_window_is_the_first(self):
        self.inbound()
        self.template('s1')
        self.inbound()
        self.store.close(self.pair, 'c1')
        self.inbound()
        self.equal(self.field('tr'), 'INBOUND')
        self.consistent()

    def test_a_reply_names_an_older_template(self):
        self.template('s1')
        self.later(DAY)
        self.template('s2')
        self.later(20 * DAY)
        self.inbound(replied='s1')
        self.equal((self.lead()['message_id'], self.field('tr')),
                   ('s1', 'TEMPLATE_REPLY'))
        # and on another channel
        self.store.close(self.pair, 'c1')
        self.inbound(channel='whatsapp', replied='s2')
        self.equal(self.lead()['message_id'], 's2')
        self.consistent()

    def test_a_reply_that_names_no_template(self):
        self.inbound()
        self.send('s1')
        self.store.close(self.pair, 'c1')
        for replied in ('s1', 'm1', 'c1', 'nobody'):
            self.inbound(replied=replied)
            self.equal(self.field('tr'), 'INBOUND')
            self.store.close(self.pair, self.field('c'))

    def test_a_failed_one_gives_way_to_none(self):
        self.template('s1')
        self.later(5)
        self.template('s2')
        self.store.fail(self.pair, self.sms, 's1', -1)
        self.equal(self.last(), 's2')
        self.store.status(self.pair, 's2', 'FAILED')
        self.equal(self.last(), '')
        self.inbound()
        self.equal(self.field('tr'), 'INBOUND')
        self.consistent()

    def test_a_failed_one_gives_way_to_what_was_sent_before(self):
        for n in range(1, 5):
            self.template('s%d' % n)
            self.template('r%d' % n, channel='rcs')
            self.later(n)
        self.store.status(self.pair, 's1', 'DELIVERED')
        self.store.status(self.pair, 's2', 'FAILED')
        self.equal(self.last(), 's4')
        self.store.status(self.pair, 's4', 'FAILED')
        self.equal((self.last(), self.last('rcs')), ('s3', 'r4'))
        self.store.status(self.pair, 's3', 'FAILED')
        self.equal(self.field('tp:sms'), 's1 %d 0' % NOON)
        self.inbound()
        self.equal((self.field('tr'), self.lead()['message_id'], self.last()),
                   ('TEMPLATE_REPLY', 's1', ''))
        self.consistent()

    def test_what_was_answered_is_not_answered_again(self):
        self.template('s1')
        self.later(1000)
        self.inbound()
        self.store.close(self.pair, 'c1')
        self.template('s2')
        self.store.status(self.pair, 's2', 'FAILED')
        self.equal(self.last(), '')
        self.inbound()
        self.equal(self.field('tr'), 'INBOUND')

    # a STOP and a template that waits

    def test_a_stop_takes_waiting_ones_along(self):
        self.template('s1')
        self.template('s2')
        self.template('s3', channel='rcs')
        rcs = self.pair.member('rcs')
        self.store.fail(self.pair, rcs, 's3', 60000)
        self.later(5)
        self.inbound(keyword='stop')
        self.equal([self.final(id) for id in ('s1', 's2', 's3')],
                   ['QUEUED', 'FILTERED', 'FILTERED'])
        self.equal((self.ids(self.sms), self.lane(rcs)), (['s1'], []))
        self.equal((self.last('rcs'), self.last()), ('', ''))
        self.store.fail(self.pair, self.sms, 's1', 1000)
        self.equal(self.final('s1'), 'FILTERED')
        self.consistent()

    # what is registered

    def test_names_are_unique_within_a_customer(self):
        key = 'sc:{%s}:templates' % self.pair.customer

        def put(id, name, most=3):
            return self.store.run('template_put', [key], [
                id, '{"id":"%s","name":"%s"}' % (id, name), name, most])

        self.equal([put('a', 'one'), put('b', 'two'), put('c', 'one')],
                   ['OK', 'OK', 'NAME'])
        self.equal([put('a', 'one'), put('a', 'three'), put('c', 'one')],
                   ['OK', 'OK', 'OK'])
        self.equal([put('d', 'four'), put('c', 'two'), put('c', 'five')],
                   ['FULL', 'NAME', 'OK'])
        self.equal(self.redis('HLEN', key), 3)
