"""When a window opens, goes on and ends."""

from case import DAY, NOON, Case


class Window(Case):
    def test_first_inbound_opens_the_next_continues(self):
        got = self.inbound()
        self.equal(got[:5], ['OPENED', NOON, 'm1', 'c1', NOON + DAY])
        self.equal(set(got[6][::2]), {self.all, self.ends})
        self.later(5)
        self.equal(self.inbound(channel='rcs'),
                   ['CONTINUED', NOON + 5, 'm2', 'c1', NOON + DAY, '', []])
        self.equal(self.types(), ['received', 'started', 'message_exchanged',
                                  'received', 'message_exchanged'])
        self.equal(self.ids(self.ends), ['evt_c1_started'])
        self.equal(self.field('cs'), 'rcs,sms')
        self.equal(self.redis('PEXPIRETIME', self.pair.window), NOON + DAY)
        self.consistent()

    def test_an_event_is_no_longer_than_256_kib(self):
        name = '\x01' * 255
        longest = '"' + 'x' * (252 * 1024 - 2) + '"'
        self.inbound(text=longest, name=name)
        for item in self.lane(self.all):
            self.assertLess(len(item.split(' ', 2)[2]), 256 * 1024)
        self.equal(self.bodies('received')[0]['text'], longest[1:-1])
        self.equal(self.bodies('received')[0]['error'], None)

    def test_what_is_too_long_for_an_event_is_kept(self):
        longer = '"' + 'x' * (252 * 1024 - 1) + '"'
        self.inbound(text=longer)
        self.equal(self.types(), ['received', 'started', 'message_exchanged'])
        received = self.bodies('received')[0]
        self.equal(received['text'], None)
        self.equal(received['error']['code'], 'VALIDATION_005')
        self.equal(self.bodies('started')[0]['lead']['first_text'], None)
        self.equal(self.bodies('message_exchanged')[0]['text'], None)
        kept = self.redis('LRANGE', self.pair.transcript, 0, -1)
        self.assertIn(longer, kept[0])

    def test_a_carrier_id_is_taken_once(self):
        self.inbound()
        before = self.redis('DBSIZE')
        self.serial = 0
        self.equal(self.inbound(), ['DUP', NOON, 'm1', '', 0, '', []])
        got = self.store.inbound(self.pair, 'in1', 'm9', 'c9')
        self.equal(got[:3], ['DUP', NOON, 'm1'])
        self.equal(self.redis('DBSIZE'), before)

    def test_a_repeat_of_what_is_kept_no_more(self):
        self.store.keep = 2 * DAY
        for day in (0, 0, 4, 4):
            self.later(day * DAY)
            self.inbound()
        self.equal(self.field('mb'), '1')
        self.serial = 0
        self.equal(self.inbound()[:3:2], ['DUP', ''])
        # nor does what comes after an erasure stand in its place
        self.serial = 3
        self.equal(self.inbound()[:3:2], ['DUP', 'm4'])
        self.store.delete(self.pair)
        for n in range(5, 10):
            self.serial = n
            self.inbound()
        self.serial = 3
        self.equal(self.inbound()[:3:2], ['DUP', ''])
        self.consistent()

    def test_it_counts_from_when_the_contact_wrote(self):
        self.equal(self.inbound(at=NOON - 3600000)[4], NOON + DAY - 3600000)
        self.store.close(self.pair, 'c1')
        self.equal(self.inbound(at=NOON - DAY)[0], 'REPORTED')
        self.equal(self.inbound(at=NOON + 999)[4], NOON + DAY)
        self.consistent()

    def test_nothing_extends_it(self):
        self.inbound()
        self.later(1000)
        self.inbound()
        self.send('s1')
        self.store.window = 2 * DAY
        self.equal(self.inbound()[4], NOON + DAY)
        self.equal(self.scores(self.pair.due),
                   {'w:%s:%s' % (self.pair.customer, self.pair.thread): DAY})

    def test_from_its_deadline_on_it_is_closed(self):
        self.inbound()
        self.later(DAY - 1)
        self.equal(self.send('s1')[0], 'OK')
        self.equal(self.store.expire(self.pair),
                   ['EARLY', NOON + DAY - 1, NOON + DAY, []])
        self.later(DAY)
        self.equal(self.send('s2')[0], 'NO_WINDOW')
        self.equal(self.record('c1').reason, 'EXPIRED')
        self.equal(self.field('c'), None)
        self.consistent()

    def test_the_next_inbound_ends_a_lapsed_window_first(self):
        self.inbound()
        self.later(DAY + 5)
        self.equal(self.inbound()[:4], ['OPENED', NOON + DAY + 5, 'm2', 'c2'])
        record = self.record('c1')
        self.equal((record.reason, record.closed), ('EXPIRED', NOON + DAY))
        types = self.types()
        self.assertLess(types.index('ended'),
                        len(types) - types[::-1].index('started') - 1)
        self.equal(self.ids(self.ends), ['evt_c1_started', 'evt_c1_ended',
                                         'evt_c2_started'])
        self.equal(self.bodies('started')[1]['previous_conversation_id'],
                   'c1')
        self.consistent()

    def test_the_sweep_ends_it_once(self):
        self.inbound()
        self.later(DAY + 700)
        self.equal(self.store.claim(7)[3], ['w:%s:%s' % (
            self.pair.customer, self.pair.thread)])
        self.equal(self.store.expire(self.pair)[:3],
                   ['ENDED', NOON + DAY + 700, 0])
        self.equal(self.store.expire(self.pair)[0], 'GONE')
        self.equal(self.record('c1').closed, NOON + DAY)
        self.equal(self.types(self.ends), ['started', 'ended'])
        self.consistent()

    def test_a_sweep_too_early_puts_the_deadline_back(self):
        self.inbound()
        self.redis('ZADD', self.pair.due, NOON, 'w:%s:%s' % (
            self.pair.customer, self.pair.thread))
        self.equal(self.store.claim(7)[1], NOON)
        self.equal(list(self.scores(self.pair.due).values()), [300])
        self.store.expire(self.pair)
        self.equal(list(self.scores(self.pair.due).values()), [DAY])

    def test_close_answers_the_first_ending(self):
        self.inbound()
        self.later(10)
        self.equal(self.store.close(self.pair, 'c1')[:4],
                   ['ENDED', NOON + 10, 'EXPLICIT', NOON + 10])
        self.later(20)
        before = self.lane(self.all)
        self.equal(self.store.close(self.pair, 'c1'),
                   ['ALREADY', NOON + 20, 'EXPLICIT', NOON + 10, []])
        self.equal(self.inbound()[3], 'c2')
        self.equal(self.store.close(self.pair, 'c1')[0], 'ALREADY')
        self.equal(self.field('c'), 'c2')
        self.equal(self.lane(self.all)[:len(before)], before)
        self.consistent()

    def test_a_late_close_finds_it_expired(self):
        self.inbound()
        self.later(DAY)
        self.equal(self.store.close(self.pair, 'c1')[2:4],
                   ['EXPIRED', NOON + DAY])

    def test_close_of_what_is_not_ones_own(self):
        self.inbound()
        self.equal(self.store.close(self.pair, 'm1')[0], 'NONE')
        self.pair.customer = '00000000-0000-4000-8000-000000000000'
        self.equal(self.store.close(self.pair, 'c1'),
                   ['NONE', NOON, '', 0, []])
        self.equal(self.field('c'), 'c1')

    def test_a_sandbox_close_writes_nothing(self):
        self.inbound()
        before = self.dump()
        self.equal(self.store.close(self.pair, 'c1', sandbox='1'),
                   ['ENDED', NOON, 'EXPLICIT', NOON, []])
        self.equal(self.dump(), before)

    def test_what_was_written_before_an_ending_opens_nothing(self):
        self.store.window = 1000
        self.inbound()
        self.store.window = DAY
        self.later(5000)
        self.equal(self.inbound(at=NOON + 999)[0], 'REPORTED')
        self.equal(self.record('c1').reason, 'EXPIRED')
        self.equal(self.inbound(at=NOON + 1000)[0], 'OPENED')
        self.store.close(self.pair, 'c3')
        self.later(6000)
        self.equal(self.inbound(at=NOON + 1500)[0], 'OPENED')
        self.consistent()

    def test_conversations_switched_off(self):
        self.equal(self.inbound(enabled='0')[0], 'REPORTED')
        self.equal(self.inbound()[0], 'OPENED')
        self.equal(self.inbound(enabled='0')[0], 'CONTINUED')
        self.equal(self.send('s1')[0], 'OK')
        self.equal(self.inbound(keyword='stop', enabled='0')[0], 'STOPPED')
        self.equal(self.types()[0], 'received')
        self.equal(self.bodies('received')[0]['conversation_id'], None)
        self.consistent()

    def test_what_the_events_say(self):
        self.inbound(name='Ann "A" Ö', text='"hi \\u00e9"', channel='rcs')
        self.send('s1', text='"yo"')
        self.later(1234)
        self.store.close(self.pair, 'c1')
        started, ended = self.bodies('started')[0], self.bodies('ended')[0]
        self.equal(started['lead'], {'name': 'Ann "A" Ö', 'template': None,
                                     'first_text': 'hi \xe9'})
        self.equal((started['opened_at'], started['expires_at']),
                   ('2096-10-02T07:06:40.000Z', '2096-10-03T07:06:40.000Z'))
        self.equal((started['sequence'], ended['sequence']), (1, 4))
        self.equal([b['direction'] for b in self.bodies('message_exchanged')],
                   ['INBOUND', 'OUTBOUND'])
        self.equal((ended['close_reason'], ended['inbound_count'],
                    ended['outbound_count'], ended['ended_at']),
                   ('EXPLICIT', 1, 1, '2096-10-02T07:06:41.234Z'))
        received = self.bodies('received')[0]
        self.equal((received['inbound_number'], received['outbound_number']),
                   ('+14155551234', '+14155550102'))
        queued = self.bodies('queued')[0]
        self.equal((queued['inbound_number'], queued['outbound_number']),
                   ('+14155550102', '+14155551234'))
        for body in (started, ended):
            self.equal((body['account_id'], body['thread_id'],
                        body['contact']),
                       (self.pair.customer, self.pair.thread,
                        '+14155551234'))
