"""Consent by the business or a carrier, and contacts that come and go."""

from case import DAY, NOON, Case
from store import Pair


class Contacts(Case):
    def consent(self, change, whole=False, **more):
        return self.store.consent(self.pair, change, **more)[:whole and 4 or 2]

    def history(self):
        return self.redis('LRANGE', self.pair.history, 0, -1)

    def test_an_opt_out_by_the_business(self):
        self.inbound()
        self.send('s1')
        self.send('s2')
        self.later(5)
        self.equal(self.consent('OPT_OUT'), ['OK', NOON + 5])
        self.equal(self.field('out'), str(NOON + 5))
        self.equal((self.record('c1').reason, self.record('c1').closed),
                   ('COMPLIANCE_STOP', NOON + 5))
        self.equal((self.ids(self.sms), self.final('s2')),
                   (['s1'], 'FILTERED'))
        self.equal(self.types()[-2:], ['ended', 'filtered'])
        # the same ending as that of a STOP: what precedes it opens nothing
        self.equal(self.field('pe'), str(NOON + 5))
        self.equal(self.store.fail(self.pair, self.sms, 's1', 10)[0],
                   'EMPTY')
        self.equal(self.final('s1'), 'FILTERED')
        self.equal(self.history(),
                   ['%d OPT_OUT api - - key' % (NOON + 5)])
        self.consistent()

    def test_and_back(self):
        self.inbound(keyword='stop')
        self.later(5)
        self.equal(self.consent('OPT_OUT', at=NOON)[0], 'OLD')
        self.equal(self.consent('OPT_IN', at=NOON)[0], 'OLD')
        self.equal(self.field('out'), str(NOON))
        self.equal(self.consent('OPT_IN')[0], 'OK')
        self.equal(self.field('out'), None)
        self.equal(self.consent('OPT_IN')[0], 'OLD')
        # it opens nothing
        self.equal((self.field('c'), self.redis('EXISTS', self.pair.window)),
                   (None, 0))
        self.equal(self.inbound()[0], 'OPENED')
        self.equal([line.split(' ')[:5] for line in self.history()], [
            [str(NOON), 'OPT_OUT', 'keyword', 'sms', 'm1'],
            [str(NOON + 5), 'OPT_IN', 'api', '-', '-']])
        self.consistent()

    def test_a_carrier_says_it_late(self):
        self.later(1000)
        self.equal(self.consent('OPT_OUT', source='carrier', channel='rcs',
                                key='-')[0], 'OK')
        for at in (NOON + 10, NOON + 1000):
            self.equal(self.consent('OPT_IN', source='carrier', at=at,
                                    channel='rcs', key='-')[0], 'OLD')
        # an opt-out always takes effect
        self.equal(self.consent('OPT_IN', at=NOON + 1001)[0], 'OLD')
        self.later(2000)
        self.equal(self.consent('OPT_IN', at=NOON + 1001)[0], 'OK')
        self.equal(self.consent('OPT_OUT', source='carrier', at=NOON + 500,
                                channel='whatsapp', key='-')[0], 'OK')
        self.equal(self.field('out'), str(NOON + 500))
        self.equal(self.store.message(self.pair, 's1')[0], 'FILTERED')
        self.equal(len(self.history()), 3)
        self.consistent()

    def test_only_where_it_is_known(self):
        before = self.dump()
        self.equal(self.consent('OPT_OUT', contact='')[0], 'NONE')
        self.equal(self.dump(), before)
        self.equal(self.consent('OPT_OUT')[0], 'OK')
        self.equal(self.field('n'), self.pair.contact)
        self.equal(self.scores(self.pair.contacts), {self.pair.contact: 0})
        self.equal(self.consent('OPT_IN', contact='')[0], 'OLD')

    def test_the_default_channel(self):
        self.inbound()
        self.equal(self.consent('', preferred='rcs')[0], 'OK')
        self.equal((self.field('ch'), self.field('up')), ('rcs', str(NOON)))
        self.equal(self.consent('', preferred='rcs')[0], 'OLD')
        self.equal(self.history(), [])
        # a window's channel is that of the last inbound all the same
        self.equal(self.send('s1')[4], 'sms')
        self.consistent()

    def test_an_opt_out_after_the_deadline(self):
        self.inbound()
        self.later(DAY + 7)
        self.equal(self.consent('OPT_OUT')[0], 'OK')
        self.equal((self.record('c1').reason, self.record('c1').closed),
                   ('EXPIRED', NOON + DAY))
        self.consistent()

    # contacts that come

    def test_a_contact_is_made_once(self):
        self.equal(self.store.contact(self.pair), ['CREATED', NOON])
        self.equal(self.store.contact(self.pair), ['EXISTS', NOON])
        self.equal(self.redis.hash(self.pair.pair),
                   {'cu': self.pair.customer, 'n': self.pair.contact,
                    'ci': 'id-' + self.pair.contact})
        self.equal(self.inbound()[0], 'OPENED')
        self.equal(self.scores(self.pair.contacts), {self.pair.contact: 0})

    # and go

    def forgotten(self):
        """No key, no value has the number or a text any more."""
        for key in self.redis.scan():
            kind = self.redis('TYPE', key)
            held = [key] + {
                'string': lambda: [self.redis('GET', key)],
                'hash': lambda: self.redis('HGETALL', key),
                'list': lambda: self.redis('LRANGE', key, 0, -1),
                'zset': lambda: self.redis('ZRANGE', key, 0, -1)}[kind]()
            for value in held:
                # of the end it was told one event goes out
                if ' conversation.ended ' not in value:
                    self.assertNotIn(self.pair.contact, value, key)
                    self.assertNotIn('secret', value, key)

    def test_a_deleted_contact_is_forgotten(self):
        self.inbound(text='"secret"', keyword='stop', name='secret')
        self.later(5)
        self.inbound(text='"secret"', keyword='start')
        self.send('s1', text='"secret"')
        self.store.close(self.pair, 'c2')
        self.later(10)
        self.store.message(self.pair, 's2', text='"secret"')
        self.equal(self.store.delete(self.pair)[:2], ['DELETED', NOON + 10])
        self.forgotten()
        self.equal(self.redis.hash(self.pair.pair),
                   {'cu': self.pair.customer, 'mb': '4'})
        self.equal(len(self.history()), 2)
        self.equal(self.redis('ZCARD', self.pair.index), 0)
        self.equal(self.redis('ZCARD', self.pair.due), 0)
        self.equal(self.store.delete(self.pair)[0], 'NONE')
        self.consistent()

    def test_an_open_window_ends_first_and_that_is_told(self):
        self.inbound(text='"secret"')
        self.later(5)
        got = self.store.delete(self.pair)
        self.equal(got[0], 'DELETED')
        for member in (self.all, self.ends):
            self.equal(self.types(member), ['ended'])
        told = self.bodies('ended')[0]
        self.equal((told['close_reason'], told['conversation_id']),
                   ('EXPLICIT', 'c1'))
        self.equal(told['sequence'], 3)
        self.forgotten()
        # who held the lane's old head loses nothing of it
        self.store.ack(self.pair, self.all, 'evt_x')
        self.equal(self.types(), ['ended'])
        self.consistent()

    def test_one_who_has_opted_out_stays_so(self):
        self.inbound(keyword='stop')
        self.store.delete(self.pair)
        self.equal(self.redis.hash(self.pair.pair),
                   {'cu': self.pair.customer, 'out': str(NOON),
                    'mb': '1'})
        self.equal(self.store.message(self.pair, 's1')[0], 'FILTERED')
        self.later(5)
        self.equal(self.inbound()[0], 'REPORTED')
        self.equal(self.store.contact(self.pair)[0], 'EXISTS')
        self.store.delete(self.pair)
        self.equal(self.store.contact(self.pair)[0], 'CREATED')
        self.equal(self.inbound(keyword='start')[0], 'OPENED')
        self.consistent()

    def test_what_comes_after_brings_nothing_back(self):
        self.inbound()
        self.send('s1', text='"secret"')
        self.send('s2', text='"secret"')
        self.store.delete(self.pair)
        before = self.dump()
        self.equal(self.store.ack(self.pair, self.sms, 's1')[0], 'EMPTY')
        self.equal(self.store.fail(self.pair, self.sms, 's1', 10)[0], 'LOST')
        self.equal(self.store.take(self.pair, self.sms)[0], 'LOST')
        self.equal(self.store.status(self.pair, 's1', 'DELIVERED')[0],
                   'NONE')
        self.equal(self.store.expire(self.pair)[0], 'GONE')
        self.equal(self.store.close(self.pair, 'c1')[0], 'NONE')
        self.equal(self.dump(), before)
        self.equal(self.store.renew(7, [(self.sms, 's1')]), [0])

    def test_a_report_by_the_carriers_id_of_one_who_is_gone(self):
        self.inbound()
        self.send('s1')
        self.store.delete(self.pair)
        self.store.ack(self.pair, self.sms, 's1', 'K1')
        before = self.dump()
        got = self.store.report(self.pair, 'sms', 'K1', 'READ', NOON)
        self.equal(got[0], 'MSG')
        self.equal(self.store.status(self.pair, 's1', 'READ')[0], 'NONE')
        self.equal(self.dump(), before)

    def test_the_dead_of_its_endpoints_go_too(self):
        other = Pair(7, self.pair.customer, self.pair.thread[:-1] + 'x',
                     '+14155559876', self.pair.hooks)
        for pair in (self.pair, other):
            self.store.inbound(pair, 'in' + pair.contact,
                               'm' + pair.contact[-4:],
                               'c' + pair.contact[-4:])
            for _ in range(3):
                item = self.redis('LINDEX', pair.key(pair.member(
                    self.pair.hooks[0][0])), 0).split(' ')[0]
                self.store.fail(pair, pair.member(self.pair.hooks[0][0]),
                                item, -1)
        dead = self.pair.key('d:' + self.pair.hooks[0][0])
        self.equal(self.redis('LLEN', dead), 12)
        self.store.delete(self.pair)
        left = self.redis('LRANGE', dead, 0, -1)
        self.equal(len(left), 6)
        for item in left[1::2]:
            self.assertIn(other.thread, item)

    def test_it_is_not_of_another_customer(self):
        self.inbound()
        hers = Pair(7, '00000000-0000-4000-8000-000000000000',
                    self.pair.thread, self.pair.contact)
        before = self.dump()
        self.equal(self.store.delete(hers)[0], 'NONE')
        self.equal(self.dump(), before)

    # a carrier that takes no token

    def test_a_dead_deliverer_is_told_to_the_next(self):
        self.inbound()
        self.send('s1')
        self.later(6001)
        got = self.take(self.other, self.sms)
        self.equal((got[0], got[3:5]), ('NEXT', [0, '1']))
        # it waits, uncounted, and then nobody is thought to have died
        self.equal(self.other.fail(self.pair, self.sms, 's1', 60000,
                                   counted=False)[0], 'LATER')
        self.later(66001)
        self.equal(self.take(self.other, self.sms)[3:5], [0, ''])
        self.consistent()

    def test_a_report_settles_what_waits(self):
        self.inbound()
        self.send('s1')
        self.send('s2')
        self.store.fail(self.pair, self.sms, 's1', 60000)
        self.later(100)
        got = self.store.status(self.pair, 's1', 'DELIVERED')
        self.equal((got[0], got[2]), ('OK', '1'))
        self.equal(self.scores(self.pair.lanes)[self.sms], 100)
        got = self.take(self.other, self.sms)
        self.equal((got[0], got[2].split(' ')[0], got[4]), ('NEXT', 's2', ''))
        self.equal(self.store.status(self.pair, 's2', 'READ')[2], '')
        self.consistent()

    # a carrier that knows them by other numbers

    def test_other_numbers_are_told_with_consent(self):
        self.equal(self.store.alias(self.pair, '+5511'), ['GONE', '', ''])
        self.equal(self.dump(), {})
        self.inbound()
        for number in ('+5511', '+5512', '+5513'):
            self.equal(self.store.alias(self.pair, number), ['NEW', '', ''])
        self.equal(self.store.alias(self.pair, '+5511'), ['KNOWN', '', ''])
        self.equal(self.store.alias(self.pair, '+5514'),
                   ['NEW', '', '+5511'])
        others = '+5512 +5513 +5514'
        self.equal(self.field('wa'), others)
        self.equal(self.inbound(keyword='stop')[5], others)
        self.serial -= 1
        self.equal(self.inbound(keyword='stop')[::5], ['DUP', others])
        self.equal(self.store.alias(self.pair, '+5512'),
                   ['KNOWN', str(NOON), ''])
        self.later(5)
        self.equal(self.consent('OPT_IN', whole=True)[2:4],
                   [others, self.pair.contact])
        self.equal(self.inbound(keyword='start')[5], others)
        before = self.dump()
        for known in ('', '+5511 +5512 +5513', others + ' '):
            self.equal(self.store.delete(self.pair, others=known)[::2],
                       ['OTHERS', others])
        self.equal(self.dump(), before)
        self.equal(self.store.delete(self.pair, others=others)[0], 'DELETED')
        self.equal(self.field('wa'), None)
        self.consistent()

    def test_who_is_another_number_is_no_contact(self):
        self.equal(self.consent('OPT_OUT', contact='-')[0], 'OK')
        self.equal(self.redis.hash(self.pair.pair),
                   {'cu': self.pair.customer, 'out': str(NOON),
                    'up': str(NOON)})
        self.equal(self.redis('EXISTS', self.pair.contacts), 0)
        self.equal(len(self.history()), 1)
        self.equal(self.store.message(self.pair, 's1')[0], 'FILTERED')
        self.equal(self.field('n'), self.pair.contact)
        self.later(5)
        self.equal(self.consent('OPT_IN', contact='-')[0], 'OK')
        self.equal(self.store.message(self.pair, 's2')[0], 'QUEUED')
        self.equal(self.consent('OPT_OUT', contact='-')[0], 'OK')
        self.consistent()

    def test_a_request_that_did_half_is_run_again(self):
        begun = self.store.idem_begin('k', 'id1', lock=60000)
        self.equal(begun, ['NEW', 'id1'])
        self.equal(self.other.idem_begin('k', 'id2'), ['BUSY'])
        self.equal(self.store.idem_end('k', 'id1', 1, ''), 1)
        self.equal(self.other.idem_begin('k', 'id2'), ['AGAIN', 'id1'])
        # who runs on says so
        self.later(4000)
        self.equal(self.other.idem_end('k', 'id1', 2, 5000), 1)
        self.later(8999)
        self.equal(self.store.idem_begin('k', 'id3'), ['BUSY'])
        self.later(9000)
        self.equal(self.store.idem_begin('k', 'id3'), ['AGAIN', 'id1'])
        self.equal(self.other.idem_end('k', 'id1', 202, 'x'), 1)
        self.equal(self.store.idem_end('k', 'id1', 1, ''), 0)
        self.equal(self.store.idem_begin('k', 'id3'), ['DONE', 202, 'x'])
