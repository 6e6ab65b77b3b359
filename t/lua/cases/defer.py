"""Endpoints' lanes that may not start now, and what has waited too long."""

from case import ALL, DAY, NOON, Case
from store import REFUSED

HOUR = 3600000


class Defer(Case):
    def dead(self):
        """[(the last line of its attempts, event id)]"""
        flat = self.redis('LRANGE', self.pair.key('d:' + ALL), 0, -1)
        return [(record.split('\n')[-1], item.split(' ')[0])
                for record, item in zip(flat[::2], flat[1::2])]

    def claimed(self, ms):
        self.later(ms)
        self.assertIn(self.all, self.store.claim(7)[4])

    def defer(self, delay, age, item='-'):
        return self.store.defer(self.pair, self.all, item, delay, age)

    def test_it_waits_and_nothing_counts(self):
        self.inbound()
        one = self.ids(self.all)[0]
        self.store.fail(self.pair, self.all, one, 10)
        self.claimed(10)
        self.equal(self.defer(5000, DAY), ['LATER', NOON + 10, 0])
        self.equal(self.scores(self.pair.lanes)[self.all], 5010)
        self.claimed(5010)
        self.equal(self.store.take(self.pair, self.all)[3], 1)
        # an attempt that was granted and not made
        self.equal(self.defer(5000, DAY, 'evt_other'), ['LOST', NOON + 5010, 0])
        self.equal(self.defer(5000, DAY, one), ['LATER', NOON + 5010, 0])
        self.claimed(20000)
        self.equal(self.take_again()[3], 1)
        self.equal(self.dead(), [])
        self.consistent()

    def take_again(self):
        return self.store.take(self.pair, self.all)

    def test_what_is_too_old_is_given_up(self):
        self.inbound()
        one, two, three = self.ids(self.all)
        self.later(HOUR)
        self.inbound()
        four = self.ids(self.all)[3]
        self.claimed(DAY)
        item = self.lane(self.all)[0]
        self.equal(self.defer(9, DAY), ['LATER', NOON + DAY, 3])
        note = '0 %d - 0 "It waited for too long."\tnull' % (NOON + DAY)
        self.equal(self.dead(), [(note, one), (note, two), (note, three)])
        self.equal(self.redis('LINDEX', self.pair.key('d:' + ALL), 1), item)
        self.equal(self.scores(self.pair.lanes)[self.all], DAY + 9)
        self.claimed(DAY + 9)
        got = self.take_again()
        self.equal((got[2].split(' ')[0], got[3]), (four, 0))
        self.consistent()

    def test_its_attempts_go_with_it(self):
        self.inbound()
        one, two, _ = self.ids(self.all)
        self.store.fail(self.pair, self.all, one, 10)
        self.claimed(10)
        self.take_again()
        self.store.fail(self.pair, self.all, one, 10, False)
        self.claimed(DAY)
        self.equal(self.defer(9, DAY)[2], 3)
        records = self.redis('LRANGE', self.pair.key('d:' + ALL), 0, -1)
        self.equal(records[0].split('\n'), [
            str(NOON + DAY), '1 %d %s' % (NOON, REFUSED),
            '2 %d %s\t=' % (NOON + 10, REFUSED.split('\t')[0]),
            '0 %d - 0 "It waited for too long."\tnull' % (NOON + DAY)])
        self.equal(self.redis.hash(self.pair.key('a:' + ALL)), {})

    def test_a_young_one_keeps_what_is_behind_it(self):
        self.inbound()
        one = self.ids(self.all)[0]
        self.store.ack(self.pair, self.all, one)
        self.store.ack(self.pair, self.all, self.ids(self.all)[0])
        self.store.ack(self.pair, self.all, self.ids(self.all)[0])
        self.later(DAY - HOUR)
        self.inbound()
        self.store.replay(self.pair, self.all, one)
        self.claimed(DAY)
        self.equal(self.defer(9, DAY), ['LATER', NOON + DAY, 0])
        self.equal(self.ids(self.all)[-1], one)

    def test_none_waits_on(self):
        self.inbound()
        self.claimed(6000)
        self.equal(self.other.defer(self.pair, self.all, '-', 9, 0),
                   ['LOST', NOON + 6000, 0])
        ids = self.ids(self.all)
        self.equal(self.defer(9, 0), ['EMPTY', NOON + 6000, 3])
        self.equal([id for _, id in self.dead()], ids)
        self.equal(self.lane(self.all), [])
        self.equal(self.defer(9, 0), ['LOST', NOON + 6000, 0])
        self.consistent()

    def test_very_many(self):
        for _ in range(120):
            self.inbound()
        ids = self.ids(self.all)
        n = len(ids)
        self.claimed(6000)
        for left in range(n, 100, -100):
            self.equal(self.defer(9, 0), ['LEFT', NOON + 6000, 100])
            self.equal(len(self.ids(self.all)), left - 100)
            self.claimed(6000)
        self.equal(self.defer(9, 0), ['EMPTY', NOON + 6000, n % 100])
        self.equal([id for _, id in self.dead()], ids)
        self.consistent()
