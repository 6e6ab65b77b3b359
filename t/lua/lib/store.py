"""One method per script: how KEYS and ARGV are put together."""

import collections
import random

import ids
from resp import Error
from scripts import SCRIPTS

CHANNELS = ('whatsapp', 'sms', 'rcs')
ALL_EVENTS = 0x1fff
STARTED, EXCHANGED, ENDED = 1, 2, 4
DAY = 86400000
OURS = {'whatsapp': '+14155550100', 'sms': '+14155550101',
        'rcs': '+14155550102'}

LOG = (1000, 7 * DAY)
TAKEN = '12 200 null\t"{}"'
REFUSED = '12 500 "The answer is not 2xx."\t"sorry"'

# ms of what statistics are counted by
LEVELS = {'m': 60000, 'h': 1800000, 'd': 21600000}

PING = 60           # ms, of the simulator's agents
AGENT = 'eeeeeeee-0000-4000-a000-00000000000%d'
TEMPLATE = 'template/11111111-1111-4111-8111-111111111111/confirm'


def agent(n=1, version=3, channels='whatsapp,sms,rcs', coalesce=0,
          expiring=0, ping=0, pings=0, hooks='', greeting=''):
    """As inbound is given one; times in ms."""
    return '%s %d\n%s %d %d %d %d\n%s\n%s' % (
        AGENT % n, version, channels, coalesce, expiring, ping, pings, hooks,
        greeting)


def is_carrier(member):
    return member.split(':')[1] in CHANNELS


def thread_of(member):
    return member.rsplit(':', 1)[1]


def kind_of(key):
    """What a key is: t, m, q... or idem."""
    return key.replace('sc:idem', '}:idem').split('}:')[1].split(':')[0]


class Pair:
    """A (customer, contact) pair; hooks = (endpoint id, mask) of the
    customer's active endpoints."""

    def __init__(self, partition, customer, thread, contact, hooks=()):
        self.partition, self.customer = partition, customer
        self.thread, self.contact = thread, contact
        self.hooks = list(hooks)
        self.agent = ''                 # that takes what the contact writes
        self.heard = [id for id, _ in hooks]
        self.prefix = 'sc:{%d}:' % partition
        self.window, self.pair, self.transcript, self.records = [
            self.key(kind + ':' + thread) for kind in 'wtmr']
        self.lanes, self.lane, self.due = [
            self.key(name) for name in ('lanes', 'lane', 'due')]
        self.live, self.index, self.contacts, self.stats = [
            self.key(kind + ':' + customer)
            for kind in ('live', 'ix', 'ct', 'st')]
        self.history = self.key('h:' + thread)
        self.keys = [self.lanes, self.lane, self.due, self.window, self.pair,
                     self.transcript, self.records] \
            + [self.key(self.member(channel)) for channel in CHANNELS] \
            + [self.live, self.index]
        self.hook_keys = [self.key(self.member(id)) for id, _ in self.hooks] \
            + [self.stats, self.key('hold:' + thread)]

    def key(self, name):
        return self.prefix + name

    def of_id(self, id):
        """What a message or a conversation is found by: a conversation's id
        differs from its first message's in the last digit."""
        return self.key('i:' + id[:35])

    def member(self, target):
        return 'q:%s:%s' % (target, self.thread)


class Store:
    """The scripts' callers: a worker by the name of owner.  now = '' is
    Redis's clock; rest = ms for which endpoint lanes are not leased; told =
    what the steps say they did, which is cut off their answers; trace =
    ";<traceparent>" of a request that has one."""

    def __init__(self, connection, owner='w0', lease=6000, keep=31 * DAY,
                 window=DAY, now='', rnd=random):
        self.connection, self.owner, self.lease = connection, owner, lease
        self.keep, self.window, self.now = keep, window, now
        self.rnd, self.rest = rnd, 0
        self.told, self.trace = collections.Counter(), ''
        self.log = LOG          # most events of e:, ms they stay; None = off

    def fresh(self, pair):
        return ids.v7(self.rnd, pair.thread)

    def run(self, name, keys, args):
        script = SCRIPTS[name]
        assert len(keys) >= script.keys, name
        node = self.connection.of(keys[0])
        command = [script.sha, len(keys), *keys, *args]
        node.write('EVALSHA', *command)
        answer = node.read()
        if isinstance(answer, Error) and str(answer).startswith('NOSCRIPT'):
            node.write('EVAL', script.text, *command[1:])
            answer = node.read()
        if isinstance(answer, Error):
            raise answer
        return answer

    def on_pair(self, name, pair, keys, args, lease=None):
        head = [self.now, self.owner,
                self.lease if lease is None else lease, self.keep,
                pair.customer, self.fresh(pair) + self.trace]
        masks = [mask + 65536 * self.rest for _, mask in pair.hooks]
        answer = self.run(name, pair.keys + keys + pair.hook_keys,
                          head + args + masks)
        if answer:
            told = answer.pop()
            for what, n in zip(told[::2], told[1::2]):
                self.told[what] += n
        return answer

    # the window

    def inbound(self, pair, carrier_id, message, conversation, keyword='',
                channel='sms', text='"hi"', at='', name='', reply='',
                reply_id='', enabled='1', number='', kind='text',
                once=8 * DAY, source='keyword', replied='-', agent='',
                agent_reply='=', asked='', greeting=''):
        # every key of its own, used or not
        reply_id = reply_id or self.fresh(pair)
        greeting = greeting or self.fresh(pair)
        return self.on_pair(
            'inbound', pair,
            [pair.key('once:generic:' + carrier_id),
             pair.of_id(message), pair.of_id(reply_id), pair.contacts,
             pair.history, pair.of_id(replied), pair.of_id(greeting)],
            [pair.contact, 'id-' + pair.contact, number or OURS[channel],
             channel, at, message, text, keyword, conversation, self.window,
             once, enabled, name, reply, reply_id, kind, source, replied,
             agent, agent_reply, asked, greeting])

    def message(self, pair, message, channel='sms', text='"hello"',
                kind=TEMPLATE, word='T/' + TEMPLATE[9:] + '/e30', number='',
                sandbox='0', repeat='0', waits=DAY):
        """A template; with word = '' freeform."""
        return self.on_pair(
            'message', pair, [pair.of_id(message), pair.contacts],
            [pair.contact, 'id-' + pair.contact, number or OURS[channel],
             channel, message, text, kind if word else 'text', word, sandbox,
             repeat, waits])

    def consent(self, pair, change, source='api', at='', channel='-',
                key='key', preferred='', sandbox='0', contact=None):
        return self.on_pair(
            'consent', pair, [pair.contacts, pair.history],
            [pair.contact if contact is None else contact,
             'id-' + pair.contact, change, source, at, channel, key,
             preferred, sandbox])

    def alias(self, pair, number, most=3):
        return self.run('alias', [pair.pair], [number, most])

    def contact(self, pair, sandbox='0'):
        return self.run('contact', [pair.pair, pair.contacts],
                        [self.now, pair.customer, pair.contact,
                         'id-' + pair.contact, sandbox])

    def delete(self, pair, sandbox='0', others=''):
        logs = [pair.key(kind + ':' + id) for id, _ in pair.hooks
                for kind in 'dea']
        return self.on_pair('contact_delete', pair, [pair.contacts] + logs,
                            [len(pair.hooks), sandbox, others])

    def send(self, pair, message, channel='', text='"yo"', length=None,
             sandbox='0', repeat='0'):
        return self.on_pair(
            'send', pair, [pair.of_id(message)],
            [channel, message, text, length or len(text) - 2, sandbox,
             repeat])

    def close(self, pair, conversation, sandbox='0'):
        return self.on_pair('close', pair, [], [conversation, sandbox])

    def expire(self, pair):
        return self.on_pair('expire', pair, [], [])

    def ping(self, pair, conversation, message, text='"still there?"'):
        return self.on_pair('ping', pair, [pair.of_id(message)],
                            [conversation, message, text])

    def simulate(self, pair, steps, agent, ping='', confirmation=''):
        """steps: of said(), wrote(), waited()"""
        flat = []
        for name, *args in steps:
            flat += [name, len(args), *args]
        answer = self.run(
            'simulate', pair.keys
            + [pair.key('once:-'), pair.of_id('m'), pair.of_id('r'),
               pair.contacts, pair.history, pair.key('i:-'), pair.of_id('g')]
            + pair.hook_keys,
            [self.now, self.owner, 0, self.keep, pair.customer,
             self.fresh(pair), agent, ping, confirmation, self.fresh(pair)]
            + [mask for _, mask in pair.hooks] + flat)
        return answer

    def said(self, pair, text, channel='sms', keyword='', reply='', name='',
             agent='', agent_reply='=', number=''):
        """A step: the contact writes."""
        message = self.fresh(pair)
        return ('inbound', pair.contact, 'id-' + pair.contact,
                number or OURS[channel], channel, '', message,
                '"%s"' % text, keyword, message[:35] + 'c', self.window,
                8 * DAY, '1', name, reply, self.fresh(pair), 'text',
                'keyword', '-', agent, agent_reply, '', self.fresh(pair))

    def wrote(self, pair, text, channel=''):
        """A step: we answer."""
        return ('send', channel, self.fresh(pair), '"%s"' % text, len(text),
                '0', '0')

    def quiet(self, pair):
        return self.on_pair('quiet', pair, [], [])

    def expiring(self, pair):
        return self.on_pair('expiring', pair, [], [])

    def status(self, pair, message, status, error='null', number=''):
        return self.on_pair('status', pair, [pair.of_id(message)],
                            [message, status, error, number])

    def report(self, pair, channel, carrier_id, status, at, error='null',
               keep=8 * DAY):
        return self.run('report',
                        [pair.key('cid:%s:%s' % (channel, carrier_id))],
                        [self.now, '%s %d %s' % (status, at, error), keep])

    # lanes

    def claim(self, partition, lease=None, brief=300, deadlines=100,
              lanes=100, spare='0'):
        prefix = 'sc:{%d}:' % partition
        return self.run('claim',
                        [prefix + name for name in ('lanes', 'lane', 'due')],
                        [self.now, self.owner, lease or self.lease, brief,
                         deadlines, lanes, spare])

    def renew(self, partition, flights):
        prefix = 'sc:{%d}:' % partition
        flat = [part for flight in flights for part in flight]
        return self.run('renew', [prefix + 'lanes', prefix + 'lane'],
                        [self.now, self.owner, self.lease, *flat])

    def take(self, pair, member):
        if is_carrier(member):
            return self.on_pair('carrier_take', pair, [pair.key(member)], [])
        return self.run('take', [pair.lanes, pair.lane, pair.key(member)],
                        [self.now, self.owner, self.lease])

    def ack(self, pair, member, item, carrier_id='', lease=None,
            outcome=TAKEN):
        if is_carrier(member):
            cid = pair.key('cid:%s:%s' % (member.split(':')[1], carrier_id)
                           if carrier_id else 'cid:-')
            return self.on_pair('carrier_ack', pair, [pair.key(member), cid],
                                [item, 8 * DAY if carrier_id else 0], lease)
        most, age = self.log or (0, '')
        log = [outcome, most] + ([age, age] if age else []) \
            if self.log else ['']
        return self.run('ack', [pair.lanes, pair.lane, pair.key(member)]
                        + self.logs(pair, member, 'ea'),
                        [self.now, self.owner,
                         self.lease if lease is None else lease, item] + log)

    def logs(self, pair, member, kinds):
        return [pair.key(kind + ':' + member.split(':')[1]) for kind in kinds]

    def fail(self, pair, member, item, delay, counted=True, lease=None,
             error='{"code":"x","title":"y"}', cap=1000, outcome=REFUSED):
        spare = '0' if counted else '1'
        if is_carrier(member):
            return self.on_pair('carrier_fail', pair, [pair.key(member)],
                                [item, delay, error, spare], lease)
        return self.run('fail', [pair.lanes, pair.lane, pair.key(member)]
                        + self.logs(pair, member, 'da'),
                        [self.now, self.owner,
                         self.lease if lease is None else lease, item, delay,
                         self.keep, cap, spare, outcome,
                         self.log[1] if self.log else ''])

    def defer(self, pair, member, item, delay, age, cap=1000,
              why='- 0 "It waited for too long."\tnull'):
        return self.run('defer', [pair.lanes, pair.lane, pair.key(member)]
                        + self.logs(pair, member, 'da'),
                        [self.now, self.owner, item, delay, age, self.keep,
                         cap, why])

    # what became of events

    def events(self, partition, endpoint, back='1', ms='', ties=('', ''),
               most=20, limit=1000, text='', lanes=0, received=True,
               dead=True):
        prefix = 'sc:{%d}:' % partition
        age = self.log[1] if self.log and received else ''
        return self.run('events', [prefix + kind + ':' + endpoint
                                   for kind in 'eda'] + [prefix + 'lanes'],
                        [self.now, endpoint, back, age, ms, ties[0],
                         self.keep if dead else '', ms, ties[1], most, limit,
                         text, lanes])

    def event(self, partition, endpoint, event, lanes=100):
        prefix = 'sc:{%d}:' % partition
        return self.run('event', [prefix + kind + ':' + endpoint
                                  for kind in 'eda'] + [prefix + 'lanes'],
                        [event, endpoint, lanes])

    def waiting(self, pair, member, most=20, event=''):
        return self.run('waiting', [pair.lane, pair.key(member)]
                        + self.logs(pair, member, 'a'), [most, event])

    def replay(self, pair, member, event, sandbox='0', lease=None):
        return self.run('replay', [pair.lanes, pair.lane, pair.key(member)]
                        + self.logs(pair, member, 'eda'),
                        [self.now, self.owner,
                         self.lease if lease is None else lease,
                         pair.customer, event,
                         self.log[1] if self.log else '', self.rest,
                         sandbox])

    def recover(self, partition, customer, endpoint, since, sandbox='0',
                delay=0):
        prefix = 'sc:{%d}:' % partition
        return self.run('recover', [prefix + kind + ':' + endpoint
                                    for kind in 'db'] + [prefix + 'due'],
                        [self.now, since, self.keep,
                         'b:%s:%s' % (customer, endpoint), delay, sandbox])

    def recover_next(self, partition, endpoint, count=16):
        prefix = 'sc:{%d}:' % partition
        return self.run('recover_next', [prefix + kind + ':' + endpoint
                                         for kind in 'db'],
                        [self.now, self.keep, count])

    def recover_move(self, partition, customer, endpoint, threads, count=16,
                     delay=0, lease=None):
        prefix = 'sc:{%d}:' % partition
        return self.run(
            'recover_move', [prefix + name for name in (
                'lanes', 'lane', 'due', 'd:' + endpoint, 'b:' + endpoint,
                'a:' + endpoint)]
            + [prefix + 'q:%s:%s' % (endpoint, thread) for thread in threads],
            [self.now, self.owner, self.lease if lease is None else lease,
             customer, 'b:%s:%s' % (customer, endpoint), delay, self.keep,
             count, self.log[1] if self.log else '', self.rest])

    # statistics

    def stats(self, pair, level='h', buckets=48, each=True, agents=None):
        """{agent: (open, active, {start: [inbound, outbound, opened, EXPIRED,
        EXPLICIT, COMPLIANCE_STOP, starters]})}; not by bucket: start 0."""
        agents = agents or [AGENT % 1]
        answer = self.run('stats', [pair.stats, pair.live],
                          [self.now, level, LEVELS[level], buckets,
                           '1' if each else '0', 900000, *agents])
        return {agent: (of[0], of[1], {of[i]: of[i + 1:i + 8]
                                       for i in range(2, len(of), 8)})
                for agent, of in zip(agents, answer[1:])}

    # records of requests and configuration

    def idem_begin(self, key, id, lock=5000, keep=DAY):
        return self.run('idem_begin', ['sc:idem:' + key],
                        [self.now, id, lock, keep])

    def idem_end(self, key, id, status, body):
        return self.run('idem_end', ['sc:idem:' + key],
                        [id, status, body, self.now])

    def health(self, customer, id, what, events=1, most=10, time=3600000):
        keys = ['sc:{%s}:%s' % (customer, kind)
                for kind in ('webhooks', 'health')]
        return self.run('health', keys, [self.now, id, what, events, most,
                                         time])

    def webhook_put(self, customer, id, read, record, most=20, forget='0'):
        keys = ['sc:{%s}:%s' % (customer, kind)
                for kind in ('webhooks', 'health')]
        return self.run('webhook_put', keys, [id, read, record, most, forget])
