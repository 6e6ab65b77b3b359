"""Conversations that are played on keys of their own."""

import json
import re
import time

from case import ALL, CUSTOMER, DAY, NOON, Case
from store import AGENT, OURS, TEMPLATE, Pair, agent

MINUTE = 60000


class Simulation(Case):
    def play(self, *steps, agent=agent(1), **more):
        """{did: ...} of each that happened."""
        before = self.dump()
        answer = self.store.simulate(self.pair, steps, agent, **more)
        self.equal(self.dump(), before)
        return [dict(step=one[0], did=one[1], at=one[2] - NOON,
                     outcome=one[3], ours=one[4] == '1', trigger=one[5],
                     texts=[entry.split(' ', 8)[8] for entry in one[6]],
                     heard=[[item.split(' ', 2)[1].split('.')[1]
                             for item in items] for items in one[7]],
                     bodies=[json.loads(item.split(' ', 2)[2])
                             for item in one[7][0]])
                for one in answer]

    def said(self, text, **more):
        more.setdefault('agent', agent(1))
        return self.store.said(self.pair, text, **more)

    def did(self, played):
        return [(one['did'], one['at']) for one in played]

    def test_what_happens_is_told_and_nothing_stays(self):
        of = agent(1, greeting='"hello"', ping=60 * MINUTE, pings=1)
        played = self.play(
            self.said('hi', agent=of), ('wait', 120 * MINUTE),
            self.said('STOP', keyword='stop', agent=of),
            agent=of, ping='"still there?"', confirmation='"bye"')
        self.equal(self.did(played), [
            ('inbound', 0), ('wait', 0), ('ping', 60 * MINUTE),
            ('inbound', 120 * MINUTE + 100)])
        self.equal([one['step'] for one in played], [0, 1, 1, 2])
        self.equal([one['outcome'] for one in played],
                   ['OPENED', '', '', 'STOPPED'])
        self.equal([one['texts'] for one in played], [
            ['"hi"', '"hello"'], [], ['"still there?"'],
            ['"STOP"', '"bye"']])
        self.equal(played[0]['heard'], [
            ['received', 'started', 'message_exchanged', 'queued',
             'message_exchanged', 'sent'], ['started']])
        self.equal(played[2]['heard'], [
            ['inactive', 'queued', 'message_exchanged', 'sent'], []])
        self.equal(played[3]['heard'], [
            ['received', 'message_exchanged', 'ended', 'queued', 'sent'],
            ['ended']])
        self.equal([body['payload']['sequence'] for one in played
                    for body in one['bodies']
                    if body['field'] == 'conversation'],
                   [1, 2, 3, 4, 5, 6, 7])
        ids = [body['id'] for one in played for body in one['bodies']]
        self.equal(len(set(ids)), len(ids))
        self.equal([one['ours'] for one in played], [True] * 4)

    def test_the_same_as_held_step_by_step(self):
        of = agent(1, greeting='"hello"', expiring=60 * MINUTE, ping=MINUTE,
                   pings=2, coalesce=2000)
        said = [self.said('hi', agent=of), self.said('there', agent=of)]
        wrote = self.store.wrote(self.pair, 'yes?')
        played = self.play(said[0], said[1], ('wait', 30000), wrote,
                           ('wait', DAY), agent=of, ping='"well?"')
        store, conv = self.store, said[0][9]

        def inbound(args, carrier):
            store.inbound(self.pair, carrier, args[6], args[9], agent=of,
                          text=args[7], reply_id=args[15], greeting=args[22])
            self.sent()

        inbound(said[0], 'x1')
        self.later(100)
        inbound(said[1], 'x2')
        self.later(2100)
        store.quiet(self.pair)
        self.later(30200)
        store.send(self.pair, wrote[2], text=wrote[3])
        self.sent()
        for n in (1, 2):
            self.later(30200 + n * MINUTE)
            store.ping(self.pair, said[0][9], 'p%d' % n, text='"well?"')
            self.sent()
        self.later(DAY - 60 * MINUTE)
        store.expiring(self.pair)
        self.later(DAY)
        store.expire(self.pair)
        self.equal(conv, self.state().records.popitem()[0])

        def bare(body):
            """Without what a clock or a die makes."""
            body = dict(body, id=0, payload=dict(body['payload']))
            body['payload'].pop('message_id', 0)
            return body

        self.equal(
            [bare(body) for one in played for body in one['bodies']],
            [bare(json.loads(item.split(' ', 2)[2]))
             for item in self.lane(self.all)])
        self.equal(self.did(played)[-2:], [
            ('expiring', DAY - 60 * MINUTE), ('expired', DAY)])

    def sent(self):
        """The carrier takes what waits for it."""
        for message in self.ids(self.sms):
            self.store.ack(self.pair, self.sms, message, lease=0)

    def test_a_burst_ends_by_itself(self):
        of = agent(1, coalesce=2000)
        played = self.play(*[self.said(text, agent=of) for text in 'abc'],
                           ('wait', 10000), agent=of)
        self.equal(self.did(played), [
            ('inbound', 0), ('inbound', 100), ('inbound', 200),
            ('wait', 200), ('burst_end', 2200)])
        self.equal([one['heard'][0] for one in played[:4]], [[]] * 4)
        ends = [body['payload'].get('burst_end')
                for body in played[4]['bodies']
                if body['event'] == 'conversation.message_exchanged']
        self.equal(ends, [None, None, True])

    def test_pings_stop_at_their_most_and_for_an_inbound(self):
        of = agent(1, greeting='"hello"', ping=MINUTE, pings=3)
        played = self.play(self.said('a', agent=of), ('wait', 90000),
                           self.said('b', agent=of), ('wait', 10 * MINUTE),
                           self.store.wrote(self.pair, 'c'),
                           ('wait', 10 * MINUTE), agent=of, ping='"?"')
        self.equal([(one['step'], one['did']) for one in played], [
            (0, 'inbound'), (1, 'wait'), (1, 'ping'), (2, 'inbound'),
            (3, 'wait'), (4, 'reply'), (5, 'wait'), (5, 'ping'),
            (5, 'ping')])

    def test_a_reply_to_its_starter(self):
        own = '/' + AGENT % 1
        of = agent(1)
        message = self.store.fresh(self.pair)
        start = ('message', self.pair.contact, 'id-' + self.pair.contact,
                 OURS['sms'], 'sms', message, '"well"', TEMPLATE + own,
                 'T/' + TEMPLATE[9:] + '/e30' + own, '0', '0', DAY)
        for by, reply in ((of, '='), ('', of), ('', ''), ('!', '')):
            played = self.play(start, ('wait', MINUTE),
                               self.said('yes', agent=by, agent_reply=reply))
            self.equal((played[2]['outcome'], played[2]['trigger'],
                        played[2]['ours']),
                       ('OPENED', 'TEMPLATE_REPLY', True))
        self.equal(played[0]['heard'][0], ['queued', 'sent'])

    def test_what_another_agent_takes(self):
        hi = self.said('hi', agent='!', agent_reply='')
        self.equal(self.store.simulate(self.pair, [hi], agent(1)),
                   ['OTHER', 0])
        self.equal(self.redis('DBSIZE'), 0)
        played = self.play(self.said('hi'), hi)
        self.equal(played[1]['outcome'], 'CONTINUED')

    def test_there_is_an_end_to_it(self):
        long = [self.said('x' * 4096, agent='')] * 50
        self.pair.hooks += [(ALL[:35] + '%x' % n, 0x1fff)
                            for n in range(1, 10)]
        pair = Pair(7, CUSTOMER, self.pair.thread, self.pair.contact,
                    self.pair.hooks)
        answer = self.store.simulate(pair, long, agent(1))
        self.equal(answer[0], 'LARGE')
        self.assertLess(answer[1], 49)
        self.equal(self.redis('DBSIZE'), 0)

    def test_without_an_agent_and_after_an_end(self):
        played = self.play(
            self.said('hi', agent=''), self.store.wrote(self.pair, 'a'),
            ('wait', 2 * DAY), self.store.wrote(self.pair, 'b'),
            self.said('STOP', keyword='stop'), self.said('hi'),
            self.said('START', keyword='start'))
        self.equal([(one['did'], one['outcome'], one['ours'])
                    for one in played], [
            ('inbound', 'OPENED', False), ('reply', 'OK', False),
            ('wait', '', False), ('expired', '', False),
            ('reply', 'NO_WINDOW', False), ('inbound', 'STOPPED', False),
            ('inbound', 'REPORTED', False), ('inbound', 'OPENED', True)])

    def test_an_error_leaves_nothing_either(self):
        steps = [self.said('hi'), ('send', '', 'x', None, 'no number')]
        with self.assertRaises(Exception):
            self.store.simulate(self.pair, steps, agent(1))
        self.equal(self.redis('DBSIZE'), 0)

    def test_no_file_hears_of_it(self):
        self.redis('CONFIG', 'SET', 'appendonly', 'yes')
        try:
            while self.info('aof_rewrite_in_progress') \
                    + self.info('aof_rewrite_scheduled'):
                time.sleep(0.01)
            sizes = [self.written()]
            for step in (lambda: self.redis('SET', 'control', 1),
                         lambda: self.play(self.said('hi')),
                         lambda: self.redis('SET', 'control', 2)):
                step()
                sizes.append(self.written())
            self.assertGreater(sizes[1], sizes[0])
            self.equal(sizes[2], sizes[1])
            self.assertGreater(sizes[3], sizes[2])
        finally:
            self.redis('CONFIG', 'SET', 'appendonly', 'no')

    def written(self):
        return self.info('aof_current_size') + self.info('aof_buffer_length')

    def info(self, name):
        return int(re.search(r'^%s:(\d+)' % name,
                             self.redis('INFO', 'persistence'), re.M).group(1))
