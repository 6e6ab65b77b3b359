"""A whole run: traffic by worker processes, draining, checking."""

import collections
import multiprocessing
import os
import random
import shutil
import signal
import tempfile
import time

import ids
import resp
from check import Check
from scripts import SCRIPTS
from store import ALL_EVENTS, ENDED, PING, STARTED, Pair, agent, kind_of
from traffic import Traffic

HOUR = 3600 * 1000

# contacts and their consent, for ever; what must outlive retention by days
LASTING = {'t', 'ct', 'h', 'once', 'cid', 'idem', 'st'}


class Plan:
    def __init__(self, address, operations, workers=4, pairs=300,
                 partitions=16, seed=1, keep=HOUR, slow=0.004):
        self.address, self.operations, self.workers = (address, operations,
                                                       workers)
        self.partitions, self.seed = partitions, seed
        self.keep, self.slow = keep, slow
        self.pairs = list(self.make_pairs(pairs))
        self.dir = None

    def make_pairs(self, count):
        """Seven customers with one to three endpoints; the first takes
        every event, the others fewer.  Each second one has an agent, of which
        the third endpoint does not hear."""
        rnd = random.Random(self.seed)
        for i in range(count):
            number = i % 7
            hooks = [('%08x-0000-4000-a000-%012d' % (number, hook),
                      (ALL_EVENTS, 0x1f, STARTED | ENDED)[hook])
                     for hook in range(1 + number % 3)]
            partition = rnd.randrange(self.partitions)
            pair = Pair(partition,
                        '%08x-0000-4000-b000-000000000000' % number,
                        ids.thread(rnd, partition, self.partitions),
                        '+1415%07d' % i, hooks)
            if number % 2:
                pair.heard = [id for id, _ in hooks[:2]]
                pair.agent = agent(number, 1, coalesce=15 * (number % 4 == 1),
                                   expiring=150, ping=PING,
                                   pings=2, greeting='"welcome"',
                                   hooks=','.join(pair.heard))
            yield pair


def work(args):
    return Traffic(*args).run()


def traffic(plan):
    """Runs the workers until nothing is due; returns what they counted."""
    connection = resp.connect(plan.address)
    for node in connection.all():
        node('FLUSHALL')
        node('CONFIG', 'RESETSTAT')
        for script in SCRIPTS.values():
            node('SCRIPT', 'LOAD', script.text)
    share = plan.operations // plan.workers
    with multiprocessing.Pool(plan.workers, signal.signal,
                              (signal.SIGTERM, signal.SIG_DFL)) as pool:
        counts = pool.map(work, [(plan, number, share)
                                 for number in range(plan.workers)], 1)
    for node in connection.all():
        broken = [line for line in node('INFO', 'errorstats').split('\r\n')[1:]
                  if line and 'NOSCRIPT' not in line]
        assert not broken, ('Redis saw errors', broken)
    return sum(counts, collections.Counter())


def run(plan):
    """Traffic and check; returns (counts, figures, seconds)."""
    plan.dir = tempfile.mkdtemp(prefix='sent-conv-sim.')
    try:
        began = time.time()
        counts = traffic(plan)
        seconds = time.time() - began
        return counts, Check(plan).run(), seconds
    finally:
        shutil.rmtree(plan.dir)


def run_out(plan):
    """Traffic with a short retention; what is left once that is over, but
    for what is to last."""
    plan.dir = tempfile.mkdtemp(prefix='sent-conv-sim.')
    try:
        traffic(plan)
    finally:
        for name in os.listdir(plan.dir):
            with open(os.path.join(plan.dir, name)) as lines:
                bugs = [line for line in lines if line.startswith('["bug"')]
            assert not bugs, bugs[:3]
        shutil.rmtree(plan.dir)
    time.sleep(plan.keep / 1000 + 1)
    left = collections.Counter()
    for node in resp.connect(plan.address).all():
        for key in node('KEYS', '*'):
            left[kind_of(key)] += 1
    return {kind: n for kind, n in left.items() if kind not in LASTING}
