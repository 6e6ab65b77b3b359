#!/usr/bin/env python3
"""Scripts while a Cluster moves their slot: each is refused whole, or runs
whole; nothing is half written."""

import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, 'lua', 'lib'))
sys.dont_write_bytecode = True

import ids
import resp
import server
import tap
from store import ALL_EVENTS, Pair, Store

connection = resp.connect(server.cluster(3))
rnd = random.Random(1)
pair = Pair(5, '7ba7b820-9dad-11d1-80b4-00c04fd430c8', ids.thread(rnd, 5),
            '+14155551234',
            [('aaaaaaaa-0000-4000-a000-000000000000', ALL_EVENTS)])
store = Store(connection, rnd=rnd)
hook, sms = pair.member(pair.hooks[0][0]), pair.member('sms')
source = connection.of(pair.pair)
target = next(node for node in connection.all() if node is not source)
moved = resp.slot(pair.pair)


def dump():
    return {key: source('DUMP', key) for key in source('KEYS', '*')}


def attempt(name, ask):
    """The script's answer, or None: refused."""
    before = dump()
    try:
        answer = ask()
    except resp.Error as error:
        whole = dump() == before and str(error).split(' ')[0] in ('TRYAGAIN',
                                                                 'ASK')
        tap.ok(whole, name + ' is refused whole', error)
        return None
    tap.ok(True, name + ' runs whole', answer)
    return answer


def next_event():
    return source('LINDEX', pair.key(hook), 0).split(' ')[0]


store.inbound(pair, 'in1', 'm1', 'c1')
store.send(pair, 's1')

# the endpoint has a log and dead already, and another's event failed once: no
# key is new to what follows

store.ack(pair, hook, next_event())
store.fail(pair, hook, next_event(), -1)
other = Pair(5, pair.customer, ids.thread(rnd, 5), '+14155551235', pair.hooks)
store.inbound(other, 'in9', 'm9', 'c9')
lane = other.member(other.hooks[0][0])
failed = source('LINDEX', other.key(lane), 0).split(' ')[0]
store.fail(other, lane, failed, 0)
store.claim(5)
store.take(other, lane)
source('CLUSTER', 'SETSLOT', moved, 'MIGRATING', target('CLUSTER', 'MYID'))
target('CLUSTER', 'SETSLOT', moved, 'IMPORTING', source('CLUSTER', 'MYID'))

attempt('an inbound', lambda: store.inbound(pair, 'in2', 'm2', 'c2'))
attempt('a send', lambda: store.send(pair, 's2'))
attempt('a close', lambda: store.close(pair, 'c1'))
attempt('an expiry', lambda: store.expire(pair))
attempt('a status', lambda: store.status(pair, 's1', 'READ'))
attempt('a carrier ack', lambda: store.ack(pair, sms, 's1'))
attempt('a claim', lambda: store.claim(5))
attempt('a renewal', lambda: store.renew(5, [(hook, next_event())]))
answer = ['NEXT']
while answer and answer[0] == 'NEXT':
    answer = attempt('an ack', lambda: store.ack(pair, hook, next_event()))
tap.ok(answer and answer[0] == 'EMPTY',
       'the lane vanished under the last ack', answer)
answer = attempt('a lane put off', lambda: store.defer(other, lane, failed,
                                                       10, 0))
tap.ok(answer and answer[0] == 'EMPTY' and answer[2] > 1,
       'what is known of its attempts vanished under it', answer)

port = target.addr[1]
while True:
    keys = source('CLUSTER', 'GETKEYSINSLOT', moved, 100)
    if not keys:
        break
    source('MIGRATE', target.addr[0], port, '', 0, 5000, 'KEYS', *keys)
for node in connection.all():
    node('CLUSTER', 'SETSLOT', moved, 'NODE', target('CLUSTER', 'MYID'))
try:
    store.send(pair, 's3')
    tap.ok(False, 'the old master sends away')
except resp.Error as error:
    tap.ok(str(error).startswith('MOVED'), 'the old master sends away', error)
connection.slots[moved] = target
tap.ok(store.send(pair, 's3')[0] == 'OK', 'the new master takes a send')
tap.ok(store.close(pair, 'c1')[0] == 'ENDED', 'and a close')
tap.done()
