#!/usr/bin/env python3
"""What a script costs in Redis, and what a window weighs: bench.py [windows]

One server of its own, one endpoint that takes every event, ids of real
length; µs per call from INFO commandstats, pipelined by 16.  After each part
of the calls a part of six plain commands runs, over as many keys: what the
figures are to be compared with.  Of the parts the quarter is told that was
disturbed least."""

import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                'lib'))
sys.dont_write_bytecode = True

import ids
import resp
import server
from scripts import SCRIPTS
from store import ALL_EVENTS, DAY, Pair, Store

TEXT = '"Hello, I would like to move my appointment to Friday, please."'
SIX = """
local call = redis.call
call('HMGET', KEYS[1], 'a', 'b', 'c')
call('HINCRBY', KEYS[1], 'n', 1)
call('RPUSH', KEYS[2], ARGV[1])
call('RPUSH', KEYS[3], ARGV[1])
call('RPUSH', KEYS[4], ARGV[1])
call('ZADD', KEYS[5], ARGV[2], ARGV[3])
return 1
"""
BATCH = 16
PART = 4 * BATCH


def quarter(values):
    return sorted(values)[len(values) // 4]


class Queue(Store):
    """Scripts to be run later, while there is a queue."""
    queue = None

    def run(self, name, keys, args):
        if self.queue is None:
            return super().run(name, keys, args)
        self.queue.append(['EVALSHA', SCRIPTS[name].sha, len(keys), *keys,
                           *args])


class Bench:
    def __init__(self, windows):
        self.windows, self.rnd = windows, random.Random(1)
        address = server.single()
        self.connection = resp.connect(address)
        self.redis = self.connection.all()[0]
        for script in SCRIPTS.values():
            self.redis('SCRIPT', 'LOAD', script.text)
        self.sha = self.redis('SCRIPT', 'LOAD', SIX)
        self.sixes, self.conversations = [], {}
        self.store = Queue(self.connection, '4711.1.0123456789ab',
                           rnd=self.rnd)
        self.store.log = 32, ''     # as a worker asks but once a minute
        self.customer, self.endpoint = self.uuid(), self.uuid()
        self.pairs = []
        for number in range(windows):
            thread = ids.thread(self.rnd, number % 64)
            self.pairs.append(Pair(number % 64, self.customer, thread,
                                   '+1415%07d' % number,
                                   [(self.endpoint, ALL_EVENTS)]))

    def uuid(self):
        return ids.thread(self.rnd, 0)

    def memory(self):
        return int(self.redis.info('memory', 'used_memory'))

    def spent(self):
        """µs of all scripts so far."""
        figures = self.redis.info('commandstats', 'cmdstat_evalsha')
        return int(figures.split('usec=')[1].split(',')[0]) if figures else 0

    def part(self, commands):
        """Pipelined by 16; µs a call."""
        before = self.spent()
        for start in range(0, len(commands), BATCH):
            for answer in self.redis.pipe(commands[start:start + BATCH]):
                if isinstance(answer, Exception):
                    raise answer
        return (self.spent() - before) / len(commands)

    def six(self, n):
        def any(kind):
            return '%s%012d' % (kind, self.rnd.randrange(self.windows))

        return self.part([['EVALSHA', self.sha, 5, *map(any, 'tabc'), 'z',
                           TEXT, 1, any('m')] for _ in range(n)])

    def time(self, name, ask, over, most=None):
        """µs a call, and how many times the six commands of the same time."""
        self.store.queue = queue = []
        for one in over:
            ask(one)
        self.store.queue = None
        self.redis('CONFIG', 'RESETSTAT')
        costs, sixes = [], []
        for start in range(0, len(queue), PART):
            costs.append(self.part(queue[start:start + PART]))
            sixes.append(self.six(PART))
        self.sixes += sixes
        calls = self.calls() - 6 * PART * len(sixes)
        print('%-32s %6.1f µs %5.1f commands %6.2f x%s' % (
            name, quarter(costs), calls / len(queue),
            quarter(costs) / quarter(sixes),
            '' if most is None else '   reach: %s x' % most), flush=True)

    def calls(self):
        """Commands of scripts so far."""
        return sum(int(line.split('calls=')[1].split(',')[0])
                   for line in self.redis('INFO', 'commandstats').split('\n')
                   if line.startswith('cmdstat_') and 'evalsha' not in line
                   and 'config' not in line and 'info' not in line)

    def first(self, pair):
        member = pair.member(self.endpoint)
        item = self.redis('LINDEX', pair.key(member), 0)
        self.store.ack(pair, member, item.split(' ')[0])

    def drain(self, pair):
        member = pair.member(self.endpoint)
        item = self.redis('LINDEX', pair.key(member), 0)
        while item:
            answer = self.store.ack(pair, member, item.split(' ')[0])
            item = answer[2] if answer[0] == 'NEXT' else None

    def new(self, pair):
        return ids.v7(self.rnd, pair.thread)

    def opens(self, pair):
        message = self.new(pair)
        self.conversations[pair] = ids.opened(message)
        self.store.inbound(pair, 'wamid.' + self.uuid(), message,
                           ids.opened(message), text=TEXT, reply_id='0' * 36)

    def size(self):
        """What a window takes."""
        before = self.memory()
        for pair in self.pairs:
            self.opens(pair)
        print('%-34s %6d bytes' % ('  a window, its events waiting',
                                   (self.memory() - before) / self.windows))
        for pair in self.pairs:
            self.drain(pair)
        log = self.log()
        print('%-34s %6d bytes   reach: 2048' % (
            '  a window, all delivered',
            (self.memory() - before - log) / self.windows))
        print('%-34s %6d bytes' % ("  the webhook's log, which is full", log))
        self.weigh(self.pairs[0])

    def run(self):
        """What the scripts take."""
        pairs, new = self.pairs, self.new
        self.six(self.windows)
        self.time('inbound, opens (3 events)', self.opens, pairs, most=8)
        half = self.windows // 2
        self.time('ack', self.first, pairs[:half])
        log, self.store.log = self.store.log, None
        self.time('ack, nothing is logged', self.first, pairs[half:])
        self.store.log = log
        for pair in pairs:
            self.drain(pair)

        some = pairs[:self.windows * 2 // 3]
        messages = {pair: new(pair) for pair in some}
        self.time('send (2 events, carrier item)', lambda pair:
                  self.store.send(pair, messages[pair], text=TEXT), some,
                  most=4)
        self.time('send again', lambda pair:
                  self.store.send(pair, messages[pair], repeat='1'), some)
        for pair in some:
            self.drain(pair)
        self.time('carrier_ack (1 event)', lambda pair:
                  self.store.ack(pair, pair.member('sms'), messages[pair],
                                 'K' + messages[pair]), some)
        self.time('status (1 event)', lambda pair:
                  self.store.status(pair, messages[pair], 'DELIVERED'), some)
        self.time('inbound, continues (2 events)', lambda pair:
                  self.store.inbound(pair, 'wamid.' + self.uuid(), new(pair),
                                     new(pair), text=TEXT,
                                     reply_id='0' * 36), some)
        self.time('renew, 10 lanes', lambda pair: self.store.renew(
            pair.partition, [(pair.member(self.endpoint), 'x')] * 10), some)
        self.time('claim, nothing due', lambda pair:
                  self.store.claim(pair.partition), some[:6400])
        self.time('expire, early', self.store.expire, some)
        half = len(some) // 2
        self.time('close (1 event)', lambda pair: self.store.close(
            pair, self.conversations[pair]), some[:half])
        self.time('close, already', lambda pair: self.store.close(
            pair, self.conversations[pair]), some[:half])
        self.time('send, no window', lambda pair: self.store.send(
            pair, 'x'), some[:half])
        self.time('inbound, STOP ends (3 events)', lambda pair:
                  self.store.inbound(pair, 'wamid.' + self.uuid(), new(pair),
                                     new(pair), 'stop', text=TEXT,
                                     reply_id='0' * 36), some[half:])
        self.store.now = int(time.time() * 1000) + DAY + 1000
        self.time('claim, 100 due', lambda number:
                  self.store.claim(number), range(64))
        self.time('expire, ends (1 event)', self.store.expire,
                  pairs[len(some):])
        print('%-32s %6.1f µs' % ('six commands in a script',
                                  quarter(self.sixes)))

    def log(self):
        """That of the webhook, whatever the number of windows."""
        return sum(self.redis('MEMORY', 'USAGE',
                              'sc:{%d}:e:%s' % (n, self.endpoint),
                              'SAMPLES', 0) or 0 for n in range(64))

    def weigh(self, pair):
        """One window's keys."""
        for key in sorted(self.redis('KEYS', '*' + pair.thread + '*')):
            print('    %-26s %-10s %5d' % (
                key.split('}:')[1][:24], self.redis('OBJECT', 'ENCODING',
                                                    key),
                self.redis('MEMORY', 'USAGE', key, 'SAMPLES', 0)))
        for kind in ('i:', 'once:'):
            keys = self.redis('SCAN', 0, 'MATCH', 'sc:*:%s*' % kind, 'COUNT',
                              1000)[1]
            print('    %-26s %-10s %5d' % (kind, 'each', sum(
                self.redis('MEMORY', 'USAGE', key) for key in keys)
                / len(keys)))
        for key in (pair.due, pair.live, pair.index):
            print('    %-26s %-10s %5d' % (
                key.split('}:')[1][:24], 'member', self.redis(
                    'MEMORY', 'USAGE', key, 'SAMPLES', 0)
                / self.redis('ZCARD', key)))


WINDOWS = int(sys.argv[1]) if len(sys.argv) > 1 else 30000
Bench(WINDOWS).size()
Bench(WINDOWS).run()
