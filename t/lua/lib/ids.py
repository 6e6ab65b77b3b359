"""Ids as the module makes them."""

import time


def thread(rnd, partition, partitions=64):
    """A thread_id of that partition."""
    digits = '%032x' % rnd.getrandbits(128)
    high = rnd.randrange(4096) // partitions * partitions + partition
    digits = '%03x' % high + digits[3:]
    return '%s-%s-5%s-a%s-%s' % (digits[:8], digits[8:12], digits[13:16],
                                 digits[17:20], digits[20:])


def opened(message):
    """The conversation that a message opens."""
    return message[:35] + '%x' % (int(message[35:], 16) ^ 1)


def v7(rnd, thread_id, ms=None):
    """A conversation or message id: UUIDv7 with the thread's first 12 bits."""
    stamp = '%012x' % (int(time.time() * 1000) if ms is None else ms)
    low = '%015x' % rnd.getrandbits(60)
    return '%s-%s-7%s-a%s-%s' % (stamp[:8], stamp[8:], thread_id[:3],
                                 low[:3], low[3:])


def trace(rnd):
    """";<traceparent>", as a request's goes on."""
    return ';00-%032x-%016x-0%d' % (rnd.getrandbits(128) | 1,
                                    rnd.getrandbits(64) | 1, rnd.getrandbits(1))
