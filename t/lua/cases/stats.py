"""What is counted of an agent's conversations."""

from case import ALL, DAY, Case
from case import NOON as FAR
from store import AGENT, LEVELS, TEMPLATE, agent

MINUTE, HALF, QUARTER = LEVELS['m'], LEVELS['h'], LEVELS['d']
NOON = FAR - FAR % QUARTER      # where buckets of every width begin
ONE = AGENT % 1
NOTHING = [0] * 7
KINDS = ('inbound', 'outbound', 'opened', 'EXPIRED', 'EXPLICIT',
         'COMPLIANCE_STOP', 'starters')


class Stats(Case):
    def setUp(self):
        super().setUp()
        self.later(0)

    def later(self, ms):
        self.store.now = NOON + ms

    def buckets(self, level='h', most=48, of=ONE):
        """{ms behind noon: what there is}"""
        found = self.store.stats(self.pair, level, most, agents=[of])[of][2]
        return {start - NOON: {kind: n for kind, n in zip(KINDS, counts) if n}
                for start, counts in found.items()}

    def sums(self):
        """All of a day, and what its messages are when they are asked for
        alone."""
        found = self.buckets()
        sums = {kind: sum(of.get(kind, 0) for of in found.values())
                for kind in KINDS}
        alone = self.store.stats(self.pair, each=False)[ONE][2]
        self.equal(alone.get(0, NOTHING), [sums['inbound'], sums['outbound']]
                   + NOTHING[2:])
        return {kind: n for kind, n in sums.items() if n}

    def open(self, of=ONE):
        return self.store.stats(self.pair, agents=[of])[of][:2]

    def start(self, message, of=1):
        own = '/' + AGENT % of
        return self.store.message(self.pair, message, kind=TEMPLATE + own,
                                  word='T/' + TEMPLATE[9:] + '/e30' + own)

    def test_all_that_happens_in_a_conversation(self):
        self.inbound(agent=agent(1, greeting='"welcome"', ping=MINUTE,
                                 pings=1))
        self.inbound()
        self.send('s1')
        self.equal(self.sums(), {'inbound': 2, 'outbound': 2, 'opened': 1})
        self.later(MINUTE)
        self.equal(self.store.ping(self.pair, 'c1', 'p1')[0], 'SENT')
        self.inbound(keyword='help', reply='"call us"')
        self.equal(self.sums(), {'inbound': 3, 'outbound': 4, 'opened': 1})
        self.store.close(self.pair, 'c1')
        self.store.close(self.pair, 'c1')
        self.inbound(agent=agent(1))
        self.inbound(keyword='stop', reply='"bye"', asked='-')
        self.equal(self.sums(), {
            'inbound': 5, 'outbound': 4, 'opened': 2, 'EXPLICIT': 1,
            'COMPLIANCE_STOP': 1})
        self.inbound(agent=agent(1))
        self.send('s2')
        self.equal(self.sums()['inbound'], 5)
        self.consistent()

    def test_what_is_repeated_counts_once(self):
        self.inbound(agent=agent(1))
        self.send('s1')
        before = self.dump()
        self.send('s1', repeat='1')
        self.serial = 0
        self.equal(self.inbound(agent=agent(1))[0], 'DUP')
        self.equal(self.dump(), before)
        self.store.expire(self.pair)
        self.equal(self.sums(), {'inbound': 1, 'outbound': 1, 'opened': 1})

    def test_without_an_agent_nothing_is_kept(self):
        self.inbound()
        self.send('s1')
        self.store.message(self.pair, 't1')
        self.store.ack(self.pair, self.sms, 's1')
        self.store.ack(self.pair, self.sms, 't1')
        self.equal(self.redis('ZCARD', self.pair.live), 1)
        self.store.close(self.pair, 'c1')
        self.equal(self.redis('EXISTS', self.pair.stats), 0)

    def test_a_sandbox_counts_nothing(self):
        self.inbound(agent=agent(1))
        self.send('s1', sandbox='1')
        self.store.close(self.pair, 'c1', sandbox='1')
        self.equal(self.sums(), {'inbound': 1, 'opened': 1})

    def test_a_starter_counts_when_a_carrier_has_it(self):
        self.start('t1')
        self.equal(self.sums(), {})
        self.store.ack(self.pair, self.sms, 't1')
        self.equal(self.sums(), {'starters': 1})
        self.store.status(self.pair, 't1', 'DELIVERED')
        self.start('t2', 2)
        self.store.status(self.pair, 't2', 'READ')
        self.store.ack(self.pair, self.sms, 't2')
        self.start('t3')
        self.store.fail(self.pair, self.sms, 't3', -1)
        self.store.consent(self.pair, 'OPT_OUT')
        self.start('t4')
        self.equal(self.sums(), {'starters': 1})
        self.equal(self.buckets(of=AGENT % 2), {0: {'starters': 1}})
        self.equal(self.redis('ZCARD', self.pair.live), 0)

    def test_agents_are_counted_apart(self):
        self.inbound(agent=agent(2))
        self.store.close(self.pair, 'c1')
        self.inbound(agent=agent(1))
        self.send('s1')
        both = self.store.stats(self.pair, agents=[ONE, AGENT % 2, AGENT % 3])
        self.equal(both, {
            ONE: (1, 1, {NOON: [1, 1, 1, 0, 0, 0, 0]}),
            AGENT % 2: (0, 0, {NOON: [1, 0, 1, 0, 1, 0, 0]}),
            AGENT % 3: (0, 0, {})})
        self.consistent()

    def test_open_and_active(self):
        self.equal(self.open(), (0, 0))
        self.inbound(agent=agent(1))
        self.later(15 * MINUTE)
        self.equal(self.open(), (1, 1))
        self.later(15 * MINUTE + 1)
        self.equal(self.open(), (1, 0))
        self.send('s1')
        self.equal(self.open(), (1, 1))
        self.later(DAY)
        self.store.expire(self.pair)
        self.equal(self.open(), (0, 0))

    def test_a_lapsed_window_is_left_for_the_next(self):
        self.inbound(agent=agent(1))
        self.later(DAY + 1)
        self.inbound(agent=agent(2))
        self.equal((self.open(), self.open(AGENT % 2)), ((0, 0), (1, 1)))
        self.equal(self.buckets(), {DAY: {'EXPIRED': 1}})
        self.equal(self.buckets('d', 120), {
            0: {'inbound': 1, 'opened': 1}, DAY: {'EXPIRED': 1}})
        self.consistent()

    def test_buckets_have_edges(self):
        self.later(-1)
        self.inbound(agent=agent(1))
        self.later(0)
        self.send('s1')
        self.later(MINUTE - 1)
        self.send('s2')
        self.later(MINUTE)
        self.send('s3')
        self.equal(self.buckets('m', 60), {
            -MINUTE: {'inbound': 1, 'opened': 1}, 0: {'outbound': 2},
            MINUTE: {'outbound': 1}})
        for level in 'hd':
            self.equal(self.buckets(level), {
                -LEVELS[level]: {'inbound': 1, 'opened': 1},
                0: {'outbound': 3}})

    def test_a_ring_turns(self):
        self.inbound(agent=agent(1))
        for level, width, places in (('m', MINUTE, 60), ('h', HALF, 48),
                                     ('d', QUARTER, 120)):
            self.later(places * width - 1)
            self.equal(list(self.buckets(level, places)), [0])
            self.later(places * width)
            self.equal(self.buckets(level, places), {})
        self.later(60 * MINUTE)
        self.inbound()
        self.equal(self.buckets('m', 60), {60 * MINUTE: {'inbound': 1}})
        fields = self.redis('HKEYS', self.pair.stats)
        self.equal(len([name for name in fields if name[:3] == '1m1']), 1)

    def test_what_comes_late_stands_where_it_was_written(self):
        self.inbound(agent=agent(1), at=NOON - 2 * HALF)
        self.later(3 * HALF)
        self.inbound(agent=agent(1), at=NOON + HALF + MINUTE)
        self.equal(self.buckets(), {
            -2 * HALF: {'inbound': 1, 'opened': 1}, HALF: {'inbound': 1}})
        self.equal(self.buckets('m', 60), {HALF + MINUTE: {'inbound': 1}})
        self.inbound(agent=agent(1), at=NOON - 31 * DAY)
        self.equal(sum(of.get('inbound', 0) for of in
                       self.buckets('d', 120).values()), 2)
        self.later(DAY - HALF)
        self.store.expire(self.pair)
        self.equal(self.buckets()[DAY - 2 * HALF], {'EXPIRED': 1})

    def test_a_clock_that_was_put_back_undoes_nothing(self):
        self.later(60 * MINUTE)
        self.inbound(agent=agent(1))
        self.later(0)
        self.send('s1')
        self.later(60 * MINUTE)
        self.equal(self.buckets('m', 60),
                   {60 * MINUTE: {'inbound': 1, 'opened': 1}})
        self.equal(self.buckets()[0], {'outbound': 1})

    def test_it_lives_on_while_there_is_anything_to_tell(self):
        self.inbound(agent=agent(1))
        self.send('s0')
        self.redis('PEXPIRE', self.pair.stats, 31 * DAY)
        self.later(QUARTER - 1)
        self.send('s1')
        self.assertLess(self.redis('PTTL', self.pair.stats), 31 * DAY + 1)
        self.later(QUARTER)
        self.send('s2')
        self.assertGreater(self.redis('PTTL', self.pair.stats), 31 * DAY)

    def test_what_is_old_of_an_agent_that_is_no_more_goes(self):
        self.inbound(agent=agent(1))
        self.store.close(self.pair, 'c1')
        for n in range(3):
            self.later((30 + n) * DAY)
            self.inbound(agent=agent(2))
            self.store.close(self.pair, 'c%d' % (n + 2))
        fields = self.redis('HKEYS', self.pair.stats)
        self.equal([name for name in fields if name[:2] in ('1m', '1h',
                                                            '1d')], [])
        self.assertIn(ONE, fields)
        self.equal(self.redis('HGET', self.pair.stats, ONE), '1')
        self.equal(len([name for name in fields if name[:3] == '2d1']), 3)

    def test_a_contact_that_is_deleted_was_counted(self):
        self.inbound(agent=agent(1))
        self.store.delete(self.pair)
        self.equal(self.sums(), {'inbound': 1, 'opened': 1, 'EXPLICIT': 1})
        self.equal(self.open(), (0, 0))

    def test_a_burst_that_waits_has_been_counted(self):
        self.inbound(agent=agent(1, coalesce=MINUTE))
        self.inbound()
        self.equal(self.types(self.pair.member(ALL)), [])
        self.equal(self.sums(), {'inbound': 2, 'opened': 1})
