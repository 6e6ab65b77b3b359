#!/usr/bin/env python3
"""Measures what the module costs and how long things take, each beside a
figure of the same run, and ends with a table.

Environment: WINDOWS = how many other windows are open when deadlines are
watched ("100000 1000000"), SECONDS = of sends at full load (6).  Redis writes
nothing to disk meanwhile; nginx has one worker; all is on loopback."""

import contextlib
import hashlib
import hmac
import json
import os
import random
import re
import subprocess
import threading
import time

from lab import (Lab, OBJS, OURS, ROOT, SECRET, cpu, idle, keyword_times,
                 percentile)
from meter import Client, Receiver, now

import ids
import resp
from scripts import SCRIPTS
from store import Pair, Store

SECONDS = int(os.environ.get('SECONDS') or 6)
WINDOWS = [int(n) for n in
           (os.environ.get('WINDOWS') or '100000 1000000').split()]
RATE = 1000
TURNS, TURN = 30, 1
BARE = OBJS + '-bare'
CONTACTS = 200

rows = []


def row(figure, value, beside, reach, ok):
    rows.append((figure, value, beside, reach, 'yes' if ok else 'NO'))
    print('%s: %s (%s)' % (figure, value, beside), flush=True)


def say(text):
    print('-- ' + text, flush=True)


class Piped(Store):
    """A store whose commands leave 16 at a time."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.waiting = []

    def run(self, name, keys, args):
        self.waiting.append(['EVALSHA', SCRIPTS[name].sha, len(keys), *keys,
                             *args])
        if len(self.waiting) == 16:
            self.flush()

    def flush(self):
        for answer in self.connection.pipe(self.waiting):
            if isinstance(answer, resp.Error):
                raise answer
        self.waiting = []


def benchmark(lab, arguments, n=100000):
    """redis-benchmark -P 16; µs of Redis's processor a call."""
    before = cpu(lab.redis_pid)
    subprocess.run(['redis-benchmark', '-s', lab.address, '-P', '16',
                    '-n', str(n), '-r', '1000000000', '-q',
                    *map(str, arguments)],
                   check=True, stdout=subprocess.DEVNULL)
    return (cpu(lab.redis_pid) - before) / n


OTHER = 'c0ffee00-0000-4000-8000-000000000001'


def pairs(n):
    rnd = random.Random(n)
    return [Pair(i % 64, OTHER, ids.thread(rnd, i % 64), '+1212%07d' % i)
            for i in range(n)]


def scripts():
    """Rows of the scripts by themselves, as t/lua/bench.py measures them."""
    say('the scripts, one endpoint, and six commands')
    text = subprocess.run([os.path.join(ROOT, 't/lua/bench.py'), '20000'],
                          stdout=subprocess.PIPE, text=True, check=True).stdout
    print(text, end='')

    def measured(name, unit='µs|bytes'):
        line = re.search('^ *' + re.escape(name) + '.*', text, re.M).group(0)
        return float(re.findall(r'([\d.]+) (?:%s)' % unit, line)[0])

    beside = measured('six commands in a script')
    for figure, name, reach in (
            ('Redis per send', 'send (2 events, carrier item)', 4),
            ('Redis per inbound that opens a window',
             'inbound, opens (3 events)', 8)):
        times = measured(name, 'x')
        row(figure, '%.1f us' % measured(name),
            'six commands: %.1f us' % beside,
            '<= %d x: %.2f x' % (reach, times), times <= reach)

    row('Redis per event received, with its log', '%.1f us' % measured('ack'),
        'without: %.1f us' % measured('ack, nothing is logged'), '-', True)

    size = measured('a window, all delivered')
    row('Redis memory per open window, one message', '%d bytes' % size,
        'prototype: 2701 bytes', '<= 2048 bytes', size <= 2048)


def matcher():
    """The search for a keyword, by itself in an nginx that only does that."""
    ns, beside = keyword_times()
    row('keyword matcher per message', '%d ns' % ns,
        'its length in characters: %d ns' % beside, '-', True)


class Bench:
    def __init__(self, objs=OBJS):
        self.receiver = Receiver()
        self.number = 0
        self.lab = Lab(self.receiver.port, objs)
        self.redis = self.lab.redis
        self.key = self.lab.customer()
        self.lab.load()

    # ---- what is sent ----

    def contact(self, n):
        return '+1650%07d' % n

    def inbounds(self, first, n, **more):
        """Signed carrier requests of n contacts."""
        client = Client(self.lab.port, '/carriers/bench', [])
        requests = []
        for i in range(n):
            self.number += 1
            body = json.dumps({
                'id': 'b%d' % self.number, 'from': self.contact(first + i),
                'to': OURS, 'text': '#%d# Are you open today?' % i,
                **{name: value(i) for name, value in more.items()},
            }).encode()
            digest = hmac.new(SECRET.encode(), body, hashlib.sha256)
            requests.append(client.request(
                body, ['x-carrier-signature: sha256=' + digest.hexdigest()]))
        return client, requests

    # ---- the rows ----

    def idle(self):
        say('no traffic, 10 s')
        time.sleep(2)
        percent = idle([self.lab.worker, self.lab.redis_pid], 10)
        row('processor with no traffic, worker and Redis', '%.2f %%' % percent,
            '-', '<= 1 %', percent <= 1)

    def sends(self):
        say('sends at full load, the same to "return 200" and their script '
            'alone by redis-benchmark, %d turns of %d s' % (SECONDS, TURN))
        with self.told():
            self._sends()

    def sendable(self):
        """Sends to contacts whose lanes wait: the carrier has said no, and
        each one's messages wait for an hour. What is measured is the send
        alone."""
        client, requests = self.inbounds(0, CONTACTS)
        client.run(requests, RATE)
        bodies = [json.dumps({'to': self.contact(i),
                              'body': 'Until six, and on Sundays until four.'})
                  for i in range(CONTACTS)]
        for body in bodies:
            self.lab.call('POST', '/v3/conversations/messages',
                          json.loads(body), {'x-api-key': self.key})
        time.sleep(2)
        return bodies

    def _sends(self):
        bodies = self.sendable()
        command = self.captured(bodies[0])

        self.redis('CONFIG', 'RESETSTAT')
        sent, returned, same, count = [], [], [], 0
        for _ in range(SECONDS):
            n, worker, redis = self.lab.wrk('/v3/conversations/messages',
                                            self.key, bodies, TURN)
            sent.append((worker / n, redis / n))
            count += n
            n, worker, _ = self.lab.wrk('/return', self.key, bodies, TURN)
            returned.append(worker / n)
            same.append(benchmark(self.lab, command, 20000))
        worker, redis = [percentile(costs, .25) for costs in zip(*sent)]
        plain = percentile(returned, .25)
        row('worker per send', '%.1f us' % worker,
            'return 200: %.1f us' % plain, '<= 2.0 x: %.2f x'
            % (worker / plain), worker / plain <= 2)
        print('   %d sends a second' % (count / SECONDS / TURN))

        same = percentile(same, .25)
        row('Redis per send at full load', '%.1f us' % redis,
            'redis-benchmark -P 16: %.1f us' % same,
            '<= 1.5 x: %.2f x' % (redis / same), redis / same <= 1.5)

    def metrics(self):
        """The same load on the module as it is and built without counters, by
        turns, so that both meet the same machine; of each the quarter that it
        disturbed least."""
        if not os.path.isdir(BARE):
            say('no %s: what the metrics cost is not measured' % BARE)
            return
        say('sends with and without metrics, %d turns of %d s' % (TURNS, TURN))
        both = [(bench, bench.sendable(), []) for bench in
                (Bench(), Bench(BARE))]
        for turn in range(TURNS):
            for bench, bodies, costs in both[::-1 if turn % 2 else 1]:
                n, worker, _ = bench.lab.wrk('/v3/conversations/messages',
                                             bench.key, bodies, TURN)
                costs.append(worker / n)
        counted, bare = [percentile(costs, .25) for _, _, costs in both]
        more = (counted / bare - 1) * 100
        row('worker per send, with metrics', '%.1f us' % counted,
            'without: %.1f us' % bare, '<= +3 %%: %+.1f %%' % more, more <= 3)

    def captured(self, body):
        """The command of one send, with ids that redis-benchmark varies."""
        monitor = resp.Redis(self.lab.address)
        monitor('MONITOR')
        answer = self.lab.call('POST', '/v3/conversations/messages',
                               json.loads(body), {'x-api-key': self.key})
        message = answer['message_id']
        line = ''
        while '"evalsha"' not in line.lower() or message not in line:
            line = monitor.read()
        monitor.close()
        words = json.loads('[' + line[line.index(']') + 1:].strip()
                           .replace('" "', '", "') + ']')
        return [word.replace(message, message[:24] + '__rand_int__')
                for word in words]

    def deliveries(self):
        n = RATE * 10
        plain, requests = self.plain(n)
        say('plain POSTs through proxy_pass at %d/s' % RATE)
        times = plain.run(requests, RATE)
        taken = self.receiver.taken()
        beside = [taken[i] - times[i][0] for i in taken if i in times]

        say('inbounds with a webhook at %d/s' % RATE)
        with self.told():
            client, requests = self.inbounds(1000000, n)
            times = client.run(requests, RATE)
            time.sleep(2)
        taken = self.receiver.taken()
        late = [taken[i] - times[i][1] for i in taken if i in times]
        if len(late) < n:
            print('  only %d of %d came' % (len(late), n))

        for share, limit, name in (.5, 2, 'p50'), (.99, 15, 'p99'):
            value = percentile(late, share) * 1e3
            base = percentile(beside, share) * 1e3
            row('inbound answered -> webhook received, %s' % name,
                '%.2f ms' % value, 'proxy_pass: %.2f ms' % base,
                '<= +%d ms: %+.2f ms' % (limit, value - base),
                value - base <= limit and len(late) == n)

    def events(self):
        n, rate = RATE * 20, RATE * 4
        say('plain POSTs, inbounds without and with a webhook at %d/s' % rate)
        plain, requests = self.plain(n)
        through = self.worker(lambda: plain.run(requests, rate)) / n

        client, requests = self.inbounds(2000000, n)
        silent = self.worker(lambda: client.run(requests, rate)) / n

        with self.told():
            client, requests = self.inbounds(3000000, n)
            self.receiver.taken()
            told = self.worker(lambda: client.run(requests, rate)) / n
        told -= silent
        came = len(self.receiver.taken())
        row('worker per event delivered', '%.1f us' % told,
            'proxy_pass: %.1f us' % through,
            '<= 1.6 x: %.2f x' % (told / through),
            told <= 1.6 * through and came == n)

    def plain(self, n):
        client = Client(self.lab.port, '/plain', [])
        return client, [client.request(json.dumps(
            {'text': '#%d#' % i + 'x' * 600}).encode()) for i in range(n)]

    def worker(self, load):
        """Its processor for a load and for what that leaves to do."""
        before = cpu(self.lab.worker)
        load()
        while idle([self.lab.worker], 1) > 2:
            pass
        return cpu(self.lab.worker) - before

    @contextlib.contextmanager
    def told(self):
        """A webhook that takes one event of each inbound."""
        id = self.lab.webhook(
            self.key, 'http://127.0.0.1:%d/hook' % self.receiver.port,
            {'message': ['received']})
        self.receiver.taken()
        yield
        self.lab.call('DELETE', '/v3/webhooks/' + id, None,
                      {'x-api-key': self.key})

    def isolation(self):
        """Nine endpoints beside a tenth that answers, and beside one that
        takes every request and never does; the best of three rounds."""
        n, best = 500, {}
        for _ in range(3):
            for tenth in '/of/9', '/dead':
                late = self.nine(tenth, n)
                best.setdefault(tenth, []).append([
                    percentile(late, share) * 1e3 for share in (.5, .99)]
                    if len(late) == 9 * n else [float('inf')] * 2)
        for i, name in (0, 'p50'), (1, 'p99'):
            well, dead = [min(figures[i] for figures in best[tenth])
                          for tenth in ('/of/9', '/dead')]
            row('inbound answered -> received by nine, one dead, %s' % name,
                '%.2f ms' % dead, 'ten that answer: %.2f ms' % well,
                '<= 2 x: %.2f x' % (dead / well), dead <= 2 * well)

    def nine(self, tenth, n, rate=100):
        """How late the nine were; after a second that is not measured."""
        say('nine endpoints and %s at %d inbounds/s' % (tenth, rate))
        ids = [self.lab.webhook(
            self.key, 'http://127.0.0.1:%d%s' % (self.receiver.port, path),
            {'message': ['received']})
            for path in ['/of/%d' % k for k in range(9)] + [tenth]]
        for count in rate, n:
            self.receiver.taken()
            client, requests = self.inbounds(7000000 + self.number, count)
            times = client.run(requests, rate)
            time.sleep(2)
        taken = self.receiver.taken()
        for id in ids:
            self.lab.call('DELETE', '/v3/webhooks/' + id, None,
                          {'x-api-key': self.key})
        return [at - times[mark[1]][1] for mark, at in taken.items()
                if isinstance(mark, tuple) and mark[0] < 9]

    def contacts(self):
        n = 20000
        say('%d contacts' % n)
        client = Client(self.lab.port, '/v3/contacts',
                        ['x-api-key: ' + self.key])
        requests = [client.request(json.dumps(
            {'phone_number': self.contact(5000000 + i)}).encode())
            for i in range(n)]
        before = self.memory()
        client.run(requests, RATE * 2)
        row('Redis memory per contact', '%d bytes'
            % ((self.memory() - before) / n), '-', '-', True)

    def broadcasts(self):
        """Templates to contacts whose lanes wait: the carrier's no to the
        first message of each is an hour's."""
        n, size = 20, 1000
        bodies = [json.dumps({
            'to': [self.contact(5000000 + i * size + j) for j in range(size)],
            'template': {'name': 'appointment_confirm',
                         'parameters': {'name': 'Ann'}}}) for i in range(n)]
        say('templates to %d recipients each, %d times' % (size, n))
        for _ in range(2):
            while idle([self.lab.worker], 1) > 2:
                pass
            took, redis = now(), cpu(self.lab.redis_pid)
            for body in bodies:
                self.lab.call('POST', '/v3/messages', json.loads(body),
                              {'x-api-key': self.key})
            took = now() - took
            redis = cpu(self.lab.redis_pid) - redis
        row('messages of templates to 1,000 recipients',
            '%d a second' % (n * size / took), '-', '-', True)
        row('Redis per message of these', '%.1f us' % (redis / n / size),
            '-', '-', True)

    def recovery(self):
        """What a webhook has given up goes out again, as fast as it can."""
        n = 100000
        say('%d events given up, of %d contacts, are recovered' % (n, n // 5))
        id = self.lab.webhook(
            self.key, 'http://127.0.0.1:%d/hook' % self.receiver.port,
            {'message': ['blocked']})
        before = self.memory()
        self.give_up(id, n)
        size = (self.memory() - before) / n
        self.receiver.taken()
        took, cpus = now(), [cpu(pid) for pid in (self.lab.worker,
                                                  self.lab.redis_pid)]
        asked = self.lab.call('POST', '/v3/webhooks/%s/recover' % id,
                              {'since': '2020-01-01T00:00:00Z'},
                              {'x-api-key': self.key})['events']
        came, latest = len(self.receiver.taken()), now()
        while came < n and now() < latest + 10:
            time.sleep(.1)
            more = len(self.receiver.taken())
            came, latest = came + more, now() if more else latest
        took = latest - took
        row('recover of %d events' % n, '%.1f s, %d events/s'
            % (took, came / took), '-', 'all of them: %d' % came,
            came == asked == n)
        for name, pid, was in zip(('worker', 'Redis'),
                                  (self.lab.worker, self.lab.redis_pid), cpus):
            print('   %.1f us of %s each' % ((cpu(pid) - was) / n, name))
        print('   %d bytes of Redis for one that was given up' % size)
        self.lab.call('DELETE', '/v3/webhooks/' + id, None,
                      {'x-api-key': self.key})

    def give_up(self, webhook, n):
        rnd, at = random.Random(7), int(now() * 1000) - n
        threads = [ids.thread(rnd, i % 64) for i in range(n // 5)]
        body = ('{"id":"%s","field":"message","event":"message.blocked",'
                '"sub_type":"message.blocked","timestamp":'
                '"2026-01-01T00:00:00.000Z","payload":{"thread_id":"%s",'
                '"text":"#%d#' + 'x' * 440 + '"}}')
        for i in range(n):
            thread = threads[i % len(threads)]
            event = 'evt_' + ids.v7(rnd, thread)
            self.redis('RPUSH', 'sc:{%d}:d:%s' % (i % len(threads) % 64,
                                                  webhook),
                       '%d\n1 %d 12 500 "The answer is not 2xx."\t"sorry"'
                       % (at + i, at + i), event + ' message.blocked '
                       + body % (event, thread, i))

    def memory(self):
        return int(self.lab.info('memory')['used_memory'])

    def fill(self, n):
        say('%d windows' % n)
        store = Piped(self.redis, owner='bench')
        for pair in pairs(n):
            store.inbound(pair, 'c' + pair.thread, store.fresh(pair),
                          store.fresh(pair))
        store.flush()

    def deadlines(self):
        self.lab.webhook(
            self.key, 'http://127.0.0.1:%d/hook' % self.receiver.port,
            {'conversation': ['ended']})
        filled = 0
        for n in WINDOWS:
            self.fill(n - filled)
            filled = n
            self.watch(n)

    def watch(self, n):
        probes, base = 200, now() - 86400 + 4
        seen = {}
        alone = threading.Thread(target=self.notified, args=(probes, seen))
        alone.start()

        # the carrier's timestamp decides when a window ends
        def at(i):
            seconds = base + i * 0.025
            return time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds)) \
                + '.%03dZ' % (seconds % 1 * 1000)

        client, requests = self.inbounds(4000000 + n, probes, timestamp=at)
        self.receiver.taken()
        client.run(requests, RATE)
        deadline = {}
        for i in range(probes):
            found = self.lab.call(
                'GET', '/v3/conversations?contact=%2B'
                + self.contact(4000000 + n + i)[1:], None,
                {'x-api-key': self.key})['conversations'][0]
            deadline[found['id']] = base + 86400 + int(
                i * 25) / 1000
        alone.join()
        ended = self.receiver.taken()
        late = [ended[id] - deadline[id] for id in deadline if id in ended]
        hints = list(seen.values())
        beside = 'notifications alone: %d of %d in 30 s' % (len(hints), probes)
        if len(hints) > probes * .99:
            beside += ', p99 %.2f s' % percentile(hints, .99)
        worst = percentile(late, .99) if late else 0
        row('ended after the deadline, p99, %d windows open' % n,
            '%.3f s' % worst if len(late) == probes else
            'only %d of %d ended' % (len(late), probes),
            beside, '<= 1 s', len(late) == probes and worst <= 1)

    def notified(self, probes, seen):
        """When Redis by itself tells of keys that ran out."""
        redis, own = resp.Redis(self.lab.address), resp.Redis(self.lab.address)
        own('SUBSCRIBE', '__keyevent@0__:expired')
        start = now() + 4
        for i in range(probes):
            redis('SET', 'probe:%d' % i, '1', 'PXAT',
                  int((start + i * .025) * 1000))
        own.sock.settimeout(1)
        end = now() + 30
        while now() < end and len(seen) < probes:
            try:
                _, _, key = own.read()
            except OSError:
                # a buffered reader is of no use after a timeout
                own.file = own.sock.makefile('rb', 65536)
                continue
            if key.startswith('probe:'):
                i = int(key[6:])
                seen[i] = now() - start - i * .025

    def stats(self):
        print('\nRedis in this run, by command:')
        for name, text in self.lab.info('commandstats').items():
            stats = dict(part.split('=') for part in text.split(','))
            print('  %-28s %9s calls %8s us' % (
                name[len('cmdstat_'):], stats['calls'],
                stats['usec_per_call']))


def table():
    heads = ('figure', 'measured', 'beside it', 'to reach', 'reached')
    lines = [heads] + rows
    widths = [max(len(line[i]) for line in lines) for i in range(5)]
    print()
    for i, line in enumerate(lines):
        print('| ' + ' | '.join(text.ljust(width) for text, width in
                                zip(line, widths)) + ' |')
        if i == 0:
            print('|' + '|'.join('-' * (width + 2) for width in widths) + '|')


def main():
    scripts()
    matcher()
    bench = Bench()
    bench.idle()
    bench.sends()
    bench.metrics()
    bench.deliveries()
    bench.events()
    bench.isolation()
    bench.contacts()
    bench.broadcasts()
    bench.recovery()
    bench.deadlines()
    bench.stats()
    table()


if __name__ == '__main__':
    main()
