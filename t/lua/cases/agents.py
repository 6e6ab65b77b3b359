"""Conversations that belong to an agent."""

import json

from case import ALL, ENDS, NOON, DAY, Case
from store import AGENT, TEMPLATE, agent

MINUTE = 60000


class Agents(Case):
    def due(self):
        """{kind: ms behind noon}"""
        return {member.split(':')[0]: score
                for member, score in self.scores(self.pair.due).items()}

    def agents(self, kind):
        return [(body['agent_id'], body.get('agent_version'))
                for body in self.bodies(kind)]

    def test_an_inbound_opens_a_conversation_of_its_agent(self):
        self.inbound(agent=agent(1))
        self.equal(self.field('ag'), AGENT % 1 + ' 3')
        self.equal(self.agents('started'), [(AGENT % 1, 3)])
        self.equal(self.bodies('received')[0]['agent_id'], AGENT % 1)
        self.send('s1')
        self.equal(self.agents('message_exchanged'), [(AGENT % 1, 3)] * 2)
        self.equal(self.bodies('queued')[0]['agent_id'], AGENT % 1)
        self.store.close(self.pair, 'c1')
        self.equal(self.agents('ended'), [(AGENT % 1, 3)])
        self.equal(self.record('c1').agent, AGENT % 1 + ' 3')
        self.equal([self.field(name) for name in ('ag', 'as', 'ah', 'pn')],
                   [None] * 4)
        self.store.ack(self.pair, self.sms, 's1')
        self.equal(self.bodies('sent')[0]['agent_id'], AGENT % 1)
        self.consistent()

    def test_without_one_there_is_none(self):
        self.inbound()
        self.send('s1')
        self.store.close(self.pair, 'c1')
        self.store.ack(self.pair, self.sms, 's1')
        for kind in ('received', 'started', 'message_exchanged', 'queued',
                     'ended', 'sent'):
            self.equal(self.bodies(kind)[0]['agent_id'], None)
        self.equal(self.record('c1').agent, '')

    def test_a_window_keeps_the_version_that_opened_it(self):
        self.inbound(agent=agent(1))
        self.inbound(agent=agent(2, version=9))
        self.equal(self.agents('message_exchanged'), [(AGENT % 1, 3)] * 2)

    def test_a_reply_to_a_template_has_an_agent_of_its_own(self):
        self.store.message(self.pair, 't1')
        self.inbound(agent=agent(1), agent_reply=agent(2))
        self.equal(self.agents('started'), [(AGENT % 2, 3)])
        self.equal(self.bodies('started')[0]['trigger'], 'TEMPLATE_REPLY')
        self.store.close(self.pair, 'c1')
        self.inbound(agent=agent(1), agent_reply=agent(2))
        self.equal(self.agents('started')[1], (AGENT % 1, 3))

    def test_a_template_says_whose_its_reply_is(self):
        own = '/' + AGENT % 4
        self.store.message(self.pair, 't1', kind=TEMPLATE + own,
                           word='T/' + TEMPLATE[9:] + '/e30' + own)
        self.equal(self.bodies('queued')[0]['agent_id'], AGENT % 4)
        self.equal(self.bodies('queued')[0]['template_name'], 'confirm')
        self.store.ack(self.pair, self.sms, 't1')
        self.equal(self.bodies('sent')[0]['agent_id'], AGENT % 4)
        before = self.dump()
        got = self.inbound(agent=agent(1), agent_reply=agent(2))
        self.equal(got[:5], ['ASK', NOON, AGENT % 4, '', 0])
        self.equal(self.dump(), before)
        self.inbound(agent=agent(1), agent_reply=agent(4), asked=AGENT % 4)
        self.equal(self.agents('started'), [(AGENT % 4, 3)])
        lead = self.bodies('started')[0]['lead']['template']
        self.equal(lead['name'], 'confirm')

    def test_an_agent_that_was_given_is_not_asked_for(self):
        own = '/' + AGENT % 1
        for reply in ('=', agent(2)):
            self.store.message(self.pair, 't' + reply[:1],
                               kind=TEMPLATE + own)
            self.equal(self.inbound(agent=agent(1), agent_reply=reply)[0],
                       'OPENED')
            self.equal(self.field('ag'), AGENT % 1 + ' 3')
            self.store.close(self.pair, self.field('c'))

    def test_what_opens_nothing_has_no_agent(self):
        self.inbound(agent=agent(1), enabled='0')
        self.equal(self.bodies('received')[0]['agent_id'], None)
        self.equal(self.field('ag'), None)

    def test_its_endpoints_hear_of_it_and_no_others(self):
        self.inbound(agent=agent(1, hooks=ENDS))
        self.send('s1')
        self.store.close(self.pair, 'c1')
        self.equal(self.types(), ['received', 'queued'])
        self.equal(self.ids(self.ends), ['evt_c1_started', 'evt_c1_ended'])
        ended = json.loads(self.lane(self.ends)[1].split(' ', 2)[2])
        self.equal(ended['payload']['sequence'], 4)
        self.inbound(agent=agent(1, hooks=ENDS + ',' + ALL))
        self.equal(self.types()[2:], ['received', 'started',
                                      'message_exchanged'])

    def test_channels_are_cut_to_those_it_enables(self):
        self.inbound(agent=agent(1, channels='sms'))
        self.equal(self.inbound(channel='rcs')[0], 'CONTINUED')
        self.equal(self.field('cs'), 'sms')
        self.equal(self.send('s1', channel='rcs')[0], 'NO_CHANNEL')
        self.equal(self.send('s2')[4], 'sms')

    def test_a_message_on_another_channel_is_taken_all_the_same(self):
        self.equal(self.inbound(agent=agent(1, channels='rcs',
                                            greeting='"hello"'))[0], 'OPENED')
        self.equal(self.bodies('started')[0]['channels'], [])
        self.equal(self.bodies('started')[0]['channel'], 'sms')
        self.equal(self.send('s1')[0], 'NO_CHANNEL')
        self.equal(self.types(), ['received', 'started', 'message_exchanged'])
        self.store.close(self.pair, 'c1')
        self.equal(self.bodies('ended')[0]['channel'], 'sms')
        self.equal((self.record('c1').channel, self.record('c1').channels),
                   ('', ''))
        self.inbound(agent=agent(1, channels='rcs'))
        self.inbound(channel='rcs')
        self.equal(self.send('s2')[4], 'rcs')

    def test_it_greets_once(self):
        self.inbound(agent=agent(1, greeting='"hello"'), greeting='g1')
        self.inbound(agent=agent(1, greeting='"hello"'))
        self.equal(self.types(), ['received', 'started', 'message_exchanged',
                                  'queued', 'message_exchanged', 'received',
                                  'message_exchanged'])
        entry = self.state().entries[1]
        self.equal((entry.message, entry.kind, entry.text, entry.conversation),
                   ('g1', 'greeting', '"hello"', 'c1'))
        self.equal(self.field('no'), '1')
        self.equal(self.ids(self.sms), ['g1'])
        self.equal(self.store.inbound(self.pair, 'in1', 'm9', 'c9',
                                      agent=agent(1, greeting='"x"'))[0],
                   'DUP')

    def test_it_greets_and_helps(self):
        self.inbound(agent=agent(1, greeting='"hello"'), greeting='g1',
                     keyword='help', reply='"call us"')
        self.equal([entry.kind for entry in self.state().entries],
                   ['text', 'greeting', 'help'])

    def test_a_stop_asks_for_the_confirmation_of_its_version(self):
        self.inbound(agent=agent(1))
        before = self.dump()
        self.equal(self.inbound(keyword='stop', reply='"bye"')[:4],
                   ['ASK', NOON, AGENT % 1, '3'])
        self.equal(self.dump(), before)
        self.inbound(keyword='stop', reply='"farewell"', asked=AGENT % 1)
        self.equal(self.state().entries[-1].text, '"farewell"')
        self.equal(self.record('c1').reason, 'COMPLIANCE_STOP')
        self.equal(self.inbound(keyword='stop')[0], 'STOPPED')

    def test_what_the_carrier_answered_is_not_asked_for(self):
        self.inbound(agent=agent(1))
        self.equal(self.inbound(keyword='stop', asked='-')[0], 'STOPPED')

    # the ping

    def pinged(self, **more):
        self.inbound(agent=agent(1, ping=MINUTE, pings=2, **more))

    def test_a_ping_counts_from_our_last_message(self):
        self.pinged()
        self.equal(sorted(self.due()), ['w'])
        self.later(1000)
        self.send('s1')
        self.later(2000)
        self.send('s2')
        self.equal(self.due()['p'], 2000 + MINUTE)
        self.later(1999 + MINUTE)
        self.redis('ZADD', self.pair.due, 0,
                   'p:%s:%s' % (self.pair.customer, self.pair.thread))
        self.equal(self.store.ping(self.pair, 'c1', 'p0')[0], 'EARLY')
        self.equal(self.due()['p'], 2000 + MINUTE)
        self.later(2500 + MINUTE)
        self.equal(self.store.ping(self.pair, 'c1', 'p1')[0], 'SENT')
        self.equal(self.types()[-3:], ['inactive', 'queued',
                                       'message_exchanged'])
        self.equal(self.bodies('inactive')[0]['idle_seconds'], 60)
        self.equal(self.state().entries[-1].kind, 'ping')
        self.equal(self.due()['p'], 2500 + 2 * MINUTE)
        self.consistent()

    def test_it_is_sent_once_and_so_often(self):
        self.pinged(greeting='"hello"')
        self.later(MINUTE)
        self.equal([self.store.ping(self.pair, 'c1', 'p1')[0],
                    self.other.ping(self.pair, 'c1', 'p2')[0]],
                   ['SENT', 'EARLY'])
        self.later(2 * MINUTE)
        self.equal([self.store.ping(self.pair, 'c1', 'p3')[0],
                    self.other.ping(self.pair, 'c1', 'p4')[0]],
                   ['SENT', 'GONE'])
        self.send('s1')
        self.equal(sorted(self.due()), ['w'])
        self.equal(self.field('sq'), str(len(self.bodies('inactive'))
                                         + len(self.bodies('started'))
                                         + len(self.bodies(
                                             'message_exchanged'))))

    def test_an_inbound_cancels_it(self):
        self.pinged()
        self.send('s1')
        self.later(MINUTE)
        self.store.claim(7)             # another has it in hand
        self.inbound()
        self.equal(sorted(self.due()), ['w'])
        self.equal(self.store.ping(self.pair, 'c1', 'p1')[0], 'GONE')
        self.send('s2')
        self.equal(self.due()['p'], 2 * MINUTE)

    def test_an_end_cancels_it(self):
        for end in (lambda: self.store.close(self.pair, self.field('c')),
                    lambda: self.inbound(keyword='stop', asked='-'),
                    lambda: self.inbound(keyword='start'),
                    lambda: self.store.consent(self.pair, 'OPT_OUT'),
                    lambda: self.store.consent(self.pair, 'OPT_IN')):
            end()
            if not self.field('c') and not self.field('out'):
                self.later(int(self.store.now) - NOON + 1)
                self.pinged(expiring=MINUTE)
            if self.field('c'):
                self.send('s%d' % self.serial)
            else:
                self.equal(self.due(), {})

    def test_expiry_cancels_it(self):
        self.pinged()
        self.later(DAY - 1)
        self.send('s1')
        self.equal(sorted(self.due()), ['w'])
        self.later(DAY - MINUTE - 1)
        self.send('s2')
        self.equal(self.due()['p'], DAY - 1)
        self.later(DAY)
        self.equal(self.store.ping(self.pair, 'c1', 'p1')[0], 'GONE')
        self.inbound(agent=agent(1, ping=MINUTE, pings=2))
        self.equal(sorted(self.due()), ['w'])

    def test_a_ping_for_another_conversation_is_none(self):
        self.pinged(greeting='"hello"')
        self.later(MINUTE)
        self.equal(self.store.ping(self.pair, 'c0', 'p1')[0], 'OTHER')
        self.equal(self.store.ping(self.pair, 'c1', 'p1')[0], 'SENT')

    def test_where_no_channel_is_on_it_is_told_only(self):
        self.inbound(agent=agent(1, ping=MINUTE, pings=2, channels='rcs'),
                     keyword='help', reply='"call us"')
        self.later(MINUTE)
        self.equal(self.store.ping(self.pair, 'c1', 'p1')[0], 'SENT')
        self.equal(self.types()[-1], 'inactive')
        self.equal(sorted(self.due()), ['w'])

    # before the end

    def test_it_tells_that_it_is_about_to_expire_once(self):
        self.inbound(agent=agent(1, expiring=MINUTE))
        self.equal(self.due()['x'], DAY - MINUTE)
        self.later(DAY - MINUTE - 1)
        self.equal(self.store.expiring(self.pair)[0], 'EARLY')
        self.later(DAY - MINUTE)
        self.equal([self.store.expiring(self.pair)[0],
                    self.other.expiring(self.pair)[0]], ['TOLD', 'GONE'])
        self.equal(len(self.bodies('expiring')), 1)
        self.equal(self.bodies('expiring')[0]['sequence'], 3)
        self.later(DAY)
        self.store.expire(self.pair)
        self.equal(self.bodies('ended')[0]['sequence'], 4)
        self.equal(self.due(), {})

    def test_a_new_window_has_deadlines_of_its_own(self):
        self.inbound(agent=agent(1, expiring=MINUTE, ping=MINUTE, pings=1,
                                 greeting='"hello"'))
        self.later(DAY)
        self.inbound(agent=agent(1, expiring=2 * MINUTE, ping=MINUTE,
                                 pings=1, greeting='"hello"'))
        self.equal(self.due(), {'w': 2 * DAY, 'x': 2 * DAY - 2 * MINUTE,
                                'p': DAY + MINUTE})
        self.later(DAY + 1)
        self.store.close(self.pair, 'c2')
        self.equal(self.due(), {})
        self.consistent()

    # what a customer has of them

    def save(self, number, live, **arg):
        name, numbers = AGENT % number, arg.get('numbers', '')
        return self.store.run('agent_save', self.kept(name),
                              [name, live, '{"request":"%s"}'
                               % arg.get('request', 'r%d' % live), '{}',
                               numbers, NOON, arg.get('record', self.ON)
                               if live == 0 else '', arg.get('most', 100),
                               arg.get('request', 'r%d' % live), ''])

    def put(self, number, before, after, numbers='', live=1, layout=''):
        return self.store.run('agent_put', self.kept(AGENT % number)[:1],
                              [AGENT % number, before, after,
                               '1' if after == self.ON else '0', numbers,
                               live, layout])

    def kept(self, name):
        customer = self.pair.customer
        return ['sc:{%s}:agents' % customer,
                'sc:{%s}:versions:%s' % (customer, name)]

    ON, OFF = '{"is_active":true}', '{"is_active":false}'

    def test_versions_are_appended_and_never_changed(self):
        self.equal(self.save(1, 0), ['OK', 1])
        self.equal(self.save(1, 1), ['OK', 2])
        self.equal(self.save(1, 1), ['OK', 2])
        self.equal(self.save(1, 1, request='another'), ['STALE', 2])
        self.equal(self.save(2, 1), ['STALE', 0])
        keys = self.kept(AGENT % 1)
        self.equal(self.store.connection.of(keys[1])('HLEN', keys[1]), 2)

    def test_a_number_has_one_agent_that_is_on(self):
        self.equal(self.save(1, 0, numbers='sms:+1 sms:+2'), ['OK', 1])
        self.equal(self.save(2, 0, numbers='sms:+3 sms:+2'), ['TAKEN', 0])
        self.equal(self.save(2, 0, numbers='sms:+2', record=self.OFF),
                   ['OK', 1])
        self.equal(self.put(2, self.OFF, self.ON, 'sms:+2'), 'TAKEN')
        self.equal(self.put(1, self.ON, self.OFF), 'OK')
        self.equal(self.put(2, self.OFF, self.ON, 'sms:+2'), 'OK')
        self.equal(self.put(1, self.OFF, self.ON, 'sms:+1 sms:+2'), 'TAKEN')

    def test_a_change_is_of_what_was_read(self):
        self.save(1, 0)
        self.equal(self.put(1, self.OFF, self.ON), 'STALE')
        self.equal(self.put(1, self.ON, self.OFF, live=2), 'STALE')
        self.equal(self.put(2, self.ON, self.OFF), 'GONE')
        self.equal(self.put(1, self.ON, self.ON, layout='{}'), 'OK')

    def test_there_are_so_many_agents(self):
        self.equal(self.save(1, 0, most=1), ['OK', 1])
        self.equal(self.save(2, 0, most=1), ['FULL', 0])
        self.equal(self.save(1, 1, most=1), ['OK', 2])

    # bursts

    QUIET = 2000

    def burst(self, **more):
        return self.inbound(agent=agent(1, coalesce=self.QUIET, **more))

    def marks(self):
        return [body.get('burst_end') for body in
                self.bodies('message_exchanged')
                if body['direction'] == 'INBOUND']

    def test_a_burst_is_held_until_it_is_quiet(self):
        self.equal(self.burst()[6], [])
        self.later(1500)
        self.equal(self.inbound()[6], [])
        self.send('s1')
        self.store.ack(self.pair, self.sms, 's1')
        self.equal(self.lane(self.all), [])
        self.equal(self.due()['h'], 1500 + self.QUIET)
        self.later(1499 + self.QUIET)
        self.equal(self.store.quiet(self.pair)[0], 'EARLY')
        self.later(1500 + self.QUIET)
        got = self.store.quiet(self.pair)
        self.equal((got[0], set(got[2][::2])),
                   ('OUT', {self.all, self.pair.member(ENDS)}))
        self.equal(self.types(), [
            'received', 'started', 'message_exchanged', 'received',
            'message_exchanged', 'queued', 'message_exchanged', 'sent'])
        self.equal(self.marks(), [None, True])
        self.equal(self.other.quiet(self.pair)[0], 'GONE')
        self.equal(sorted(self.due()), ['w'])
        self.send('s2')
        self.equal(self.types()[-1], 'message_exchanged')
        self.consistent()

    def test_a_burst_of_traced_requests_has_an_end(self):
        self.store.trace = ';00-0af7651916cd43dd8448eb211c80319c-' \
            'b7ad6b7169203331-01'
        self.burst()
        self.inbound()
        self.later(self.QUIET)
        self.store.quiet(self.pair)
        self.equal([item.split(';')[0].split('.')[1]
                    for item in self.lane(self.all)
                    if '"burst_end":true' in item], ['message_exchanged'])

    def test_it_is_held_three_times_that_at_most(self):
        for i in range(5):
            self.later(i * 1900)
            if i < 4:
                self.burst()
        self.equal(self.due()['h'], 3 * self.QUIET)
        self.equal(self.store.quiet(self.pair)[0], 'OUT')
        self.equal(self.marks(), [None, None, None, True])
        self.inbound()
        self.equal(self.due()['h'], 4 * 1900 + self.QUIET)

    def test_an_end_lets_it_go(self):
        for i, (end, last) in enumerate((
                (lambda: self.store.close(self.pair, self.field('c')), 0),
                (lambda: self.later(3 * DAY) or self.store.expire(self.pair),
                 0),
                (lambda: self.inbound(keyword='stop', asked='-'), 1))):
            self.burst()
            self.inbound()
            end()
            self.equal(self.types()[-1], 'ended')
            self.equal(self.marks()[-1], True)
            self.equal(len(self.marks()), 2 * i + 2 + last)
            self.equal(sum(map(bool, self.marks())), i + 1)
            self.equal(self.due(), {})
            self.consistent()

    def test_the_next_burst_is_held_behind_a_lapsed_one(self):
        self.burst()
        self.later(DAY)
        self.equal(len(self.burst()[6]), 4)
        self.equal(self.types(), ['received', 'started', 'message_exchanged',
                                  'ended'])
        self.equal(self.marks(), [True])
        self.later(DAY + self.QUIET)
        self.store.quiet(self.pair)
        self.equal(self.types()[4:], ['received', 'started',
                                      'message_exchanged'])
        self.equal(self.marks(), [True, True])

    def test_what_is_held_of_a_deleted_contact_is_gone(self):
        self.burst()
        self.store.delete(self.pair)
        self.equal(self.types(), ['ended'])
        self.equal(self.redis('KEYS', '*hold*'), [])
        self.equal(self.due(), {})
