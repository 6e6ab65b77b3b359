"""What the cases share: one pair, two endpoints, a clock of their own."""

import json
import random
import unittest

import ids
import resp
from state import PairState
from store import ALL_EVENTS, ENDED, STARTED, Pair, Store, kind_of

NOON = 4_000_000_000_000        # far off, so that what has a TTL stays
DAY = 86400000
CUSTOMER = '7ba7b820-9dad-11d1-80b4-00c04fd430c8'
ALL = 'aaaaaaaa-0000-4000-a000-000000000000'      # takes every event
ENDS = 'bbbbbbbb-0000-4000-a000-000000000000'     # started and ended


class Case(unittest.TestCase):
    address = None              # of the server, set by who runs the cases

    def setUp(self):
        self.connection = resp.connect(self.address)
        for node in self.connection.all():
            node('CONFIG', 'SET', 'maxmemory', 0)
            node('FLUSHALL')
            node('SCRIPT', 'FLUSH')
        rnd = random.Random(1)
        self.pair = Pair(7, CUSTOMER, ids.thread(rnd, 7), '+14155551234',
                         [(ALL, ALL_EVENTS), (ENDS, STARTED | ENDED)])
        self.redis = self.connection.of(self.pair.pair)
        self.store = Store(self.connection, 'A', now=NOON, rnd=rnd)
        self.other = Store(self.connection, 'B', now=NOON, rnd=rnd)
        self.sms, self.all, self.ends = [
            self.pair.member(target) for target in ('sms', ALL, ENDS)]
        self.serial = 0

    def tearDown(self):
        self.connection.close()

    def later(self, ms):
        """The clock stands so long behind noon."""
        self.store.now = self.other.now = NOON + ms

    def equal(self, is_, should):
        self.assertEqual(is_, should)

    # short ways to ask

    def inbound(self, **more):
        """The next inbound: message m1, conversation c1 if it opens one."""
        self.serial += 1
        n = self.serial
        return self.store.inbound(self.pair, 'in%d' % n, 'm%d' % n, 'c%d' % n,
                                  reply_id='r%d' % n, **more)

    def send(self, message, **more):
        return self.store.send(self.pair, message, **more)

    def take(self, store, member):
        """Claims what is due and takes that lane."""
        lanes = store.claim(7)[4]
        self.assertIn(member, lanes)
        return store.take(self.pair, member)

    # what is there

    def lane(self, member):
        return self.redis('LRANGE', self.pair.key(member), 0, -1)

    def ids(self, member):
        return [item.split(' ', 1)[0] for item in self.lane(member)]

    def types(self, member=None):
        """What a lane tells, shortly."""
        return [item.split(' ')[1].split('.')[1]
                for item in self.lane(member or self.all)]

    def bodies(self, kind):
        """Payloads of one type at the endpoint that takes all."""
        return [json.loads(item.split(' ', 2)[2])['payload']
                for item in self.lane(self.all)
                if item.split(' ')[1].endswith('.' + kind)]

    def state(self):
        return PairState(self.redis, self.pair)

    def final(self, message):
        return self.state().final(message)

    def record(self, conversation):
        return self.state().records[conversation]

    def field(self, name):
        return self.redis('HGET', self.pair.pair, name)

    def scores(self, key):
        flat = self.redis('ZRANGE', key, 0, -1, 'WITHSCORES')
        return {member: int(float(score)) - NOON
                for member, score in zip(flat[::2], flat[1::2])}

    def dump(self):
        return {key: self.redis('DUMP', key) for key in self.redis.scan()}

    def consistent(self):
        """A lane's list, its score and its state are there or not, all
        three; only contacts, their consent, lanes and what is open have no
        TTL."""
        lists = {key.split('}:')[1] for key in self.redis('KEYS',
                                                          'sc:{7}:q:*')}
        self.equal(set(self.scores(self.pair.lanes)), lists)
        self.equal(set(self.redis('HKEYS', self.pair.lane)), lists)
        is_open = self.field('c')
        for key in self.redis.scan():
            kind = kind_of(key)
            if kind not in ('t', 'q', 'lane', 'lanes', 'due', 'live', 'ct',
                            'h', 'hold') \
                    and not (kind == 'm' and is_open):
                self.assertGreater(self.redis('PTTL', key), 0, key)
        self.equal(self.redis('EXISTS', self.pair.window),
                   1 if is_open else 0)
        live = [is_open] if is_open else []
        self.equal(self.redis('ZRANGEBYSCORE', self.pair.live, 0, '+inf'),
                   live)
        self.equal(self.redis('ZRANGEBYSCORE', self.pair.live, '-inf', '(0'),
                   [id + 'a' for id in live if self.field('ag')])
