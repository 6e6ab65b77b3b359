"""A simulated nginx worker, its back half: delivers the lanes its scripts
leased to it, renews them, sweeps, and dies at random.

A death loses every lease and delivery it held; it comes back under another
name.  All it did and was told goes to a journal for the checker."""

import collections
import json
import os
import random
import time

import ids
import resp
from store import REFUSED, Store, is_carrier, thread_of

LEASE = 400
PATIENCE = 60       # seconds until all must have been delivered


class Dead(Exception):
    pass


class Flight:
    """One attempt under way."""

    def __init__(self, pair, member, item, attempts, granted, by):
        self.pair, self.member, self.item = pair, member, item
        self.attempts, self.granted, self.by = attempts, granted, by
        self.id = item.split(' ', 1)[0]
        self.good_until = granted + LEASE
        self.carrier = is_carrier(member)


class Worker:
    def __init__(self, plan, number, operations):
        self.plan, self.number, self.left = plan, number, operations
        self.life = 0
        self.rnd = random.Random(plan.seed * 1000 + number)
        self.pairs = plan.pairs
        self.by_thread = {pair.thread: pair for pair in self.pairs}
        self.sent = []          # (pair, message) that a carrier took
        self.over = []          # (pair, lane, event) that ended
        self.journal = open(os.path.join(plan.dir, '%d.log' % number), 'w',
                            1 << 16)
        self.count, self.told = collections.Counter(), collections.Counter()
        self.connection = None
        self.born()

    def born(self):
        if self.connection:
            self.connection.close()
        self.connection = resp.connect(self.plan.address)
        self.life += 1
        self.store = Store(self.connection,
                           'w%d.%d' % (self.number, self.life), LEASE,
                           self.plan.keep, rnd=self.rnd)
        self.store.log = 100000, self.plan.keep     # to be counted whole
        self.flights = {}
        self.born_at = self.swept = self.renewed = time.time()
        self.store.told = self.told

    def id(self, pair):
        return ids.v7(self.rnd, pair.thread)

    def say(self, *fact):
        self.journal.write(json.dumps(fact) + '\n')

    def maybe_die(self, chance=0.0001):
        if self.rnd.random() < chance:
            raise Dead

    def did(self, what, answer):
        self.count['%s %s' % (what, answer[0])] += 1

    # attempts

    def got(self, pair, leased, now):
        """Lanes leased to us by a push: one attempt granted on each."""
        pushed = [Flight(pair, member, item, 0, now, 'push')
                  for member, item in zip(leased[::2], leased[1::2])]
        for flight in pushed:
            self.granted(flight)
        for flight in pushed:
            self.start(flight)

    def granted(self, flight):
        if flight.carrier:
            self.say('grant', flight.pair.thread, flight.member, flight.id,
                     flight.granted, flight.item.split(' ', 3)[2])

    def start(self, flight):
        self.maybe_die(0.0002)
        luck = self.rnd.random()
        wait = 0
        if luck > 1 - self.plan.slow and self.busy():
            wait = self.rnd.uniform(0.3, 0.9)
        elif luck > 0.95:
            wait = self.rnd.uniform(0, 0.02)
        flight.ends = time.time() + wait
        flight.renews = wait < 0.3 or self.rnd.random() < 0.5
        self.flights[flight.member] = flight
        if self.rnd.random() < 0.001:
            self.arrive(flight)     # and we shall never know
            raise Dead

    def arrive(self, flight):
        """The receiver gets it."""
        if not flight.carrier:
            self.say('event', flight.pair.thread, flight.member.split(':')[1],
                     flight.item, time.time())
            return
        self.say('taken', flight.pair.thread, flight.id,
                 flight.member.split(':')[1])
        luck = self.rnd.random()
        if luck < 0.05:             # the carrier reports before we know its id
            self.reported(flight.pair, flight.member.split(':')[1], flight.id,
                          self.rnd.choice(('SENT', 'DELIVERED', 'READ')))
        elif luck < 0.08:
            self.status(flight.pair, flight.id,
                        self.rnd.choice(('SENT', 'DELIVERED')))

    def reported(self, pair, channel, message, status):
        answer = self.store.report(pair, channel, 'K' + message, status,
                                   int(time.time() * 1000))
        self.did('report', answer)
        if answer[0] == 'MSG':
            if answer[1] != message:
                self.say('bug', 'report', message, answer)
            self.status(pair, message, status)
        else:
            self.say('early', message, status)

    def status(self, pair, message, status):
        answer = self.store.status(pair, message, status)
        self.did('status', answer)
        self.say('status', message, status, answer[0], answer[1])
        self.got(pair, answer[-1], answer[1])

    def end(self, flight):
        """An attempt's outcome, told to Redis."""
        del self.flights[flight.member]
        arrives = self.rnd.random() < (0.97 if flight.renews else 0.6)
        good = arrives and self.rnd.random() < 0.98
        if arrives:
            self.arrive(flight)
        self.maybe_die(0.0003)
        self.count['op'] += 1
        lease = None if self.rnd.random() < 0.98 else 0
        if good:
            answer = self.succeeded(flight, lease)
        else:
            answer = self.failed(flight, lease)
        now = answer[1]
        self.say('attempt', flight.member, flight.id, flight.granted,
                 min(now, flight.good_until), flight.by)
        if flight.carrier:
            self.got(flight.pair, answer[-1], now)
        if answer[0] == 'NEXT':
            following = Flight(flight.pair, flight.member, answer[2],
                               answer[3], now, 'next')
            self.granted(following)
            self.start(following)

    def succeeded(self, flight, lease):
        pair, carrier_id = flight.pair, ''
        if flight.carrier and self.rnd.random() < 0.8:
            carrier_id = 'K' + flight.id
            self.sent.append((pair, flight.id))
        answer = self.store.ack(pair, flight.member, flight.id, carrier_id,
                                lease)
        self.did('ack', answer)
        if not flight.carrier:
            self.ended(flight)
        if flight.carrier and answer[1] < flight.granted + LEASE:
            self.say('acked', flight.id, carrier_id)
        return answer

    def failed(self, flight, lease):
        luck, counted = self.rnd.random(), True
        delay = int(self.rnd.uniform(5, 60))
        if flight.attempts >= 3 or luck < 0.05:
            delay = -1
        elif luck < 0.1:
            delay, counted = self.rnd.randrange(0, 20), False
        answer = self.store.fail(flight.pair, flight.member, flight.id, delay,
                                 counted, lease, cap=100000,
                                 outcome=REFUSED if counted else '')
        self.did('fail', answer)
        if answer[0] != 'LOST':
            if not counted:
                self.say('back', flight.id)
            elif delay == -1 and not flight.carrier:
                self.say('dead', flight.pair.thread,
                         flight.member.split(':')[1], flight.item)
                self.ended(flight)
        return answer

    def ended(self, flight):
        self.over.append((flight.pair, flight.member, flight.id))
        del self.over[:-50]

    def deliver(self):
        now = time.time()
        for flight in list(self.flights.values()):
            if flight.ends <= now \
                    and self.flights.get(flight.member) is flight:
                self.end(flight)
        if now - self.renewed > 0.12:
            self.renewed = now
            self.renew()

    def renew(self):
        mine = collections.defaultdict(list)
        for flight in self.flights.values():
            if flight.renews:
                mine[flight.pair.partition].append(flight)
        for partition, flights in mine.items():
            asked = int(time.time() * 1000)
            kept = self.store.renew(partition,
                                    [(f.member, f.id) for f in flights])
            for flight, held in zip(flights, kept):
                self.count['renew %d' % held] += 1
                if held:
                    flight.good_until = max(flight.good_until, asked + LEASE)

    # the sweep

    def sweep(self):
        if time.time() - self.swept < 0.02:
            return
        self.swept = time.time()
        for _ in range(4):
            spare = '1' if self.swept - self.born_at < 0.2 else '0'
            partition = self.rnd.randrange(self.plan.partitions)
            _, _, _, due, lanes, _ = self.store.claim(partition, spare=spare)
            self.count['op'] += 1
            self.maybe_die(0.0002)
            for member in due:
                kind, customer, thread = member.split(':')
                if kind == 'b':
                    self.recover(partition, customer, thread)
                    continue
                pair = self.by_thread[thread]
                if kind not in 'wpxh' or customer != pair.customer:
                    self.say('bug', 'due', member)
                self.due(pair, kind)
            for member, customer in zip(lanes[::2], lanes[1::2]):
                pair = self.by_thread[thread_of(member)]
                if customer != pair.customer:
                    self.say('bug', 'lane', member, customer)
                if self.rnd.random() < 0.03:
                    self.put_back(pair, member)
                else:
                    self.take(pair, member)

    def put_back(self, pair, member):
        """A lane that may not start now: claimed, never taken."""
        delay, luck = self.rnd.randrange(10, 50), self.rnd.random()
        self.flights.pop(member, None)
        if is_carrier(member) or luck < 0.4:
            answer = self.store.fail(pair, member, '-', delay, False)
            self.did('put back', answer)
            return
        age = 0 if luck > 0.95 else self.rnd.randrange(50, 2000)
        answer = self.store.defer(pair, member, '-', delay, age, cap=100000)
        self.did('defer', answer)
        if answer[2]:
            self.count['overdue'] += answer[2]
            self.overdue(pair, member)

    def overdue(self, pair, member):
        """What of a pair is among the dead; what is replayed meanwhile is
        told by who delivers it."""
        endpoint = member.split(':')[1]
        key = pair.key('d:' + endpoint)
        for item in self.connection.of(key)('LRANGE', key, -400, -1)[1::2]:
            if '"thread_id":"%s"' % pair.thread in item:
                self.say('dead', pair.thread, endpoint, item)
                self.over.append((pair, member, item.split(' ', 1)[0]))
        del self.over[:-50]

    def due(self, pair, kind):
        if kind == 'p':
            self.ping(pair)
        elif kind in 'xh':
            ask = 'expiring' if kind == 'x' else 'quiet'
            answer = getattr(self.store, ask)(pair)
            self.did(ask, answer)
            self.got(pair, answer[-1], answer[1])
        else:
            self.expire(pair)

    def ping(self, pair):
        self.count['op'] += 1
        conversation = self.connection.of(pair.pair)('HGET', pair.pair, 'c')
        self.maybe_die(0.0002)
        answer = self.store.ping(pair, conversation or '-', self.id(pair))
        self.did('ping', answer)
        if answer[0] == 'SENT':
            self.say('ping', conversation, answer[1])
        self.got(pair, answer[-1], answer[1])

    def expire(self, pair):
        self.count['op'] += 1
        self.maybe_die(0.0002)
        answer = self.store.expire(pair)
        self.did('expire', answer)
        self.got(pair, answer[3], answer[1])

    def recover(self, partition, customer, endpoint):
        self.count['op'] += 1
        threads = self.store.recover_next(partition, endpoint, 4)
        self.maybe_die(0.002)
        now, moved, _, leased, _ = self.store.recover_move(
            partition, customer, endpoint, threads, 4,
            self.rnd.randrange(0, 40), self.rnd.choice((None, 0)))
        self.count['recovered'] += moved
        for member, item in zip(leased[::2], leased[1::2]):
            self.got(self.by_thread[thread_of(member)], [member, item], now)

    def take(self, pair, member):
        self.count['op'] += 1
        self.maybe_die(0.0002)
        self.flights.pop(member, None)
        answer = self.store.take(pair, member)
        self.did('take', answer)
        if is_carrier(member):
            self.got(pair, answer[-1], answer[1])
        if answer[0] == 'NEXT':
            flight = Flight(pair, member, answer[2], answer[3], answer[1],
                            'next')
            self.granted(flight)
            self.start(flight)

    # its life

    def request(self):
        raise NotImplementedError

    def waiting(self):
        """What is still due, or the lanes in our own hands."""
        sets = [('sc:{%d}:%s' % (partition, name))
                for partition in range(self.plan.partitions)
                for name in ('due', 'lanes')]
        return list(self.flights) + [
            '%s %s at %s' % (key, *member[:2]) for key in sets
            for member in [self.connection.of(key)('ZRANGE', key, 0, 0,
                                                   'WITHSCORES')] if member]

    def busy(self):
        return self.count['op'] < self.left

    def turn(self):
        busy = self.busy()
        if busy:
            self.request()
            self.maybe_die()
        self.deliver()
        self.sweep()
        return busy

    def run(self):
        asked, finished = 0, None
        while True:
            try:
                if not self.turn():
                    finished = finished or time.time()
                    time.sleep(0.0005)
                    if time.time() > asked:
                        asked = time.time() + 0.3
                        left = self.waiting()
                        if not left:
                            break
                        if time.time() - finished > PATIENCE:
                            self.say('bug', 'never drains', left)
                            break
            except Dead:
                for flight in self.flights.values():
                    self.say('attempt', flight.member, flight.id,
                             flight.granted, flight.good_until, flight.by)
                self.count['died'] += 1
                self.born()
        for what, n in self.told.items():
            self.say('told', what, n)
        self.journal.close()
        return self.count
