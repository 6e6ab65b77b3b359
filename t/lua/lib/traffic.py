"""A simulated worker, its front half: what clients and carriers ask of it."""

import time
import zlib

import ids
from store import CHANNELS, TEMPLATE
from worker import Worker


class Traffic(Worker):
    def __init__(self, *args):
        super().__init__(*args)
        self.conversations, self.inbounds, self.accepted = [], [], []

    def some_pair(self):
        """Some are hot, many are cold."""
        return self.pairs[int(len(self.pairs) * self.rnd.random() ** 2)]

    def remember(self, list, what):
        list.append(what)
        del list[:-50]

    def request(self):
        self.count['op'] += 1
        self.store.rest = 30 if self.rnd.random() < 0.05 else 0
        self.store.trace = ids.trace(self.rnd) if self.rnd.random() < 0.1 \
            else ''
        try:
            self.one()
        finally:
            self.store.trace = ''

    def one(self):
        luck = self.rnd.random()
        for share, ask in ((0.38, self.inbound), (0.64, self.send),
                           (0.70, self.template), (0.72, self.consent),
                           (0.76, self.send_again), (0.77, self.once_more),
                           (0.84, self.send_once),
                           (0.90, self.close), (0.93, self.hint),
                           (0.96, self.read_back), (1, self.carrier_status)):
            if luck < share:
                return ask()

    def once_more(self):
        """A replay of what ended, or recovery of what was given up."""
        if self.rnd.random() < 0.2:
            pair = self.some_pair()
            endpoint = self.rnd.choice(pair.hooks)[0]
            since = int(time.time() * 1000) - self.rnd.randrange(0, 5000)
            answer = self.store.recover(pair.partition, pair.customer,
                                        endpoint, since)
            self.count['recover'] += answer[1]
        elif self.over:
            pair, member, event = self.rnd.choice(self.over)
            answer = self.store.replay(pair, member, event)
            self.did('replay', answer)
            if answer[0] == 'NONE':
                self.say('bug', 'nowhere', member, event)
            self.got(pair, answer[2], answer[1])

    def inbound(self):
        rnd, pair = self.rnd, self.some_pair()
        luck = rnd.random()
        keyword = 'stop' if luck < 0.07 else 'start' if luck < 0.30 \
            else 'help' if luck < 0.33 else ''
        carrier_id, message = 'in' + self.id(pair), self.id(pair)
        if self.inbounds and rnd.random() < 0.05:
            pair, carrier_id, message, at = rnd.choice(self.inbounds)
            return self.inbound_again(pair, carrier_id, message)
        at = '' if rnd.random() < 0.4 else int(time.time() * 1000) \
            - rnd.choice((-50, 0, 0, 5, 30, 200, 1000, 5000))
        self.store.window = rnd.randrange(300, 2500)
        channel, enabled = rnd.choice(CHANNELS), rnd.random() < 0.98
        reply = ''
        if keyword in ('stop', 'help') and rnd.random() < 0.6:
            reply = '"%s"' % ('bye' if keyword == 'stop' else 'call us')
        asked = ''
        while True:
            answer = self.store.inbound(
                pair, carrier_id, message, ids.opened(message), keyword,
                channel, '"%s"' % message, at, reply=reply,
                enabled='1' if enabled else '0', reply_id=self.id(pair),
                agent=pair.agent, asked=asked)
            self.did('inbound', answer)
            if answer[0] != 'ASK':
                break
            asked = answer[2]
            self.maybe_die(0.001)
        what, now, got, conversation, deadline, _, leased = answer
        self.say('inbound', pair.thread, what, now, got, conversation,
                 deadline, at, keyword, enabled, self.store.window, reply)
        self.remember(self.inbounds, (pair, carrier_id, message, at))
        if what == 'OPENED':
            self.remember(self.conversations, (pair, conversation))
        if what == 'STOPPED':
            self.say('stop', pair.thread, now)
        self.got(pair, leased, now)

    def inbound_again(self, pair, carrier_id, message):
        new = self.id(pair)
        answer = self.store.inbound(pair, carrier_id, new, ids.opened(new))
        self.did('inbound', answer)
        if answer[0] != 'DUP' or answer[2] not in (message, ''):
            self.say('bug', 'a carrier id taken twice', carrier_id, answer)

    def send(self, repeat='0'):
        pair = self.some_pair()
        self.sending(pair, self.id(pair), repeat)

    def sending(self, pair, message, repeat):
        channel = self.rnd.choice(('', '', '', 'sms'))
        answer = self.store.send(pair, message, channel, '"%s"' % message,
                                 repeat=repeat)
        self.did('send', answer)
        what, now, got, conversation, channel, deadline, leased = answer
        self.say('send', pair.thread, what, now, message, conversation,
                 channel, deadline, repeat)
        if what == 'OK':
            self.remember(self.accepted, (pair, message, answer[2:6]))
        self.got(pair, leased, now)
        return answer

    def template(self):
        pair = self.some_pair()
        message = self.id(pair)
        own = pair.agent and '/' + pair.agent[:36]
        answer = self.store.message(
            pair, message, self.rnd.choice(CHANNELS), '"%s"' % message,
            kind=TEMPLATE + own, word='T/' + TEMPLATE[9:] + '/e30' + own,
            waits=self.rnd.randrange(300, 2500))
        self.did('template', answer)
        self.got(pair, answer[-1], answer[1])

    def consent(self):
        """The business, or a carrier, says it for the contact."""
        pair, change = self.some_pair(), self.rnd.choice(('OPT_OUT', 'OPT_IN'))
        at = '' if self.rnd.random() < 0.6 else int(time.time() * 1000) \
            - self.rnd.choice((0, 30, 1000))
        answer = self.store.consent(pair, change, at=at)
        self.did('consent', answer)
        self.say('consent', pair.thread, change, answer[1], at)
        if change == 'OPT_OUT':
            self.say('stop', pair.thread, answer[1])
        self.got(pair, answer[-1], answer[1])

    def send_again(self):
        """The same message once more: its client did not hear the answer."""
        if not self.accepted or self.rnd.random() < 0.2:
            return self.send(repeat='1')
        pair, message, first = self.rnd.choice(self.accepted)
        answer = self.store.send(pair, message, '', '"%s"' % message,
                                 repeat='1')
        self.did('send again', answer)
        if answer[0] != 'OK' or answer[2:6] != first or answer[6]:
            self.say('bug', 'a send repeated', message, answer, first)

    def send_once(self):
        """Several workers at once with one Idempotency-Key."""
        moment = int(time.time() * 12)
        pair = self.pairs[zlib.crc32(b'%d' % moment) % len(self.pairs)]
        key = '%s:%d' % (pair.customer, moment)
        begun = self.store.idem_begin(key, self.id(pair), lock=40)
        self.did('idem', begun)
        if begun[0] == 'DONE':
            self.say('done', key, begun[1], begun[2])
        elif begun[0] in ('NEW', 'AGAIN'):
            self.maybe_die(0.05)
            # who began may still be on his way: never '0' with a key
            answer = self.sending(pair, begun[1], '1')
            self.say('once', key, begun[1], answer[0])
            self.maybe_die(0.05)
            if self.rnd.random() < 0.8:
                self.store.idem_end(key, begun[1],
                                    202 if answer[0] == 'OK' else 422,
                                    begun[1])

    def close(self):
        if not self.conversations:
            return
        pair, conversation = self.rnd.choice(self.conversations)
        answer = self.store.close(pair, conversation)
        self.did('close', answer)
        what, now, reason, closed, leased = answer
        self.say('close', pair.thread, conversation, what, now, reason,
                 closed)
        self.got(pair, leased, now)

    def hint(self):
        """The notification, early or late or twice."""
        self.expire(self.some_pair())

    def carrier_status(self):
        if self.sent:
            pair, message = self.rnd.choice(self.sent)
            del self.sent[:-50]
            for status in self.rnd.sample(('DELIVERED', 'READ', 'FAILED'),
                                          self.rnd.randrange(1, 3)):
                self.status(pair, message, status)

    def read_back(self):
        """A message is found by its id, whatever was trimmed before it."""
        if not self.accepted:
            return
        pair, message, _ = self.rnd.choice(self.accepted)
        node = self.connection.of(pair.pair)
        where = node('GET', pair.of_id(message))
        if where is None:
            return
        node.pipe([['MULTI'], ['HGET', pair.pair, 'mb'],
                   ['LRANGE', pair.transcript, 0, -1]])
        trimmed, entries = node('EXEC')
        thread, index = where.split(' ')
        index = int(index) - int(trimmed or 0)
        self.count['read back'] += 1
        if thread != pair.thread \
                or (0 <= index < len(entries)
                    and entries[index].split(' ')[2] != message) \
                or index >= len(entries) > 0:
            self.say('bug', 'index', message, where, trimmed, len(entries))
