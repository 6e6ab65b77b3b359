"""Retention, indexes, idempotency records, configuration."""

import re

from case import DAY, NOON, Case

KEEP = 10 * DAY


class Records(Case):
    def test_the_oldest_entries_are_trimmed(self):
        self.store.keep = KEEP
        self.inbound()
        self.send('s1')
        self.store.ack(self.pair, self.sms, 's1')
        self.store.close(self.pair, 'c1')
        self.later(6 * DAY)
        self.inbound()
        self.store.close(self.pair, 'c2')
        self.later(12 * DAY)
        self.inbound()
        self.send('s2')
        state = self.state()
        self.equal([e.message for e in state.entries], ['m2', 'm3', 's2'])
        self.equal(state.trimmed, 2)
        self.equal(set(state.records), {'c2'})
        self.equal(set(state.histories), set())
        # ids lead to the right entries still
        self.equal(state.index, {'m2': 2, 'm3': 3, 's2': 4})
        for id, place in state.index.items():
            self.equal(self.redis('GET', self.pair.of_id(id)),
                       '%s %d' % (self.pair.thread, place))
        self.equal(self.store.status(self.pair, 's2', 'READ')[0], 'OK')
        self.equal(self.store.status(self.pair, 's1', 'READ')[0], 'NONE')
        self.store.close(self.pair, 'c3')
        record = self.record('c3')
        self.equal((record.first, record.behind), (3, 5))
        self.equal((self.record('c2').first, self.record('c2').behind),
                   (2, 3))
        self.consistent()

    def test_a_conversation_half_trimmed_keeps_its_record(self):
        self.store.keep = KEEP
        self.inbound()
        self.later(DAY - 1)
        self.inbound()
        self.store.close(self.pair, 'c1')
        self.later(KEEP + 5)
        self.inbound()
        self.equal([e.message for e in self.state().entries], ['m2', 'm3'])
        self.assertIn('c1', self.state().records)

    def test_what_opens_nothing_is_trimmed_too(self):
        self.store.keep = KEEP
        self.inbound(keyword='stop')
        for turn in range(1, 5):
            self.later(6 * turn * DAY)
            self.inbound()
        self.equal([e.message for e in self.state().entries], ['m4', 'm5'])
        self.later(30 * DAY)
        self.inbound(enabled='0')
        self.later(36 * DAY)
        self.inbound(keyword='stop')
        self.equal([e.message for e in self.state().entries], ['m6', 'm7'])
        self.consistent()

    def test_the_index_outlives_what_is_open(self):
        self.store.keep = KEEP
        self.inbound()
        self.store.close(self.pair, 'c1')
        born = self.redis('PTTL', self.pair.index)
        self.redis('PEXPIRE', self.pair.index, born - 9 * DAY)
        self.inbound()
        self.assertGreater(self.redis('PTTL', self.pair.index), 9 * DAY)
        self.equal(self.redis('ZRANGE', self.pair.index, 0, -1),
                   ['c1', 'c2'])

    def test_a_transcript_outlives_what_is_open(self):
        self.store.keep = KEEP
        self.inbound()
        self.store.close(self.pair, 'c1')
        self.redis('PEXPIRE', self.pair.transcript, 1000)
        self.inbound()
        self.assertGreater(self.redis('PTTL', self.pair.transcript), DAY)
        self.consistent()

    def test_the_index_is_trimmed(self):
        self.store.keep = KEEP
        self.inbound()
        self.store.close(self.pair, 'c1')
        self.later(KEEP + 5)
        self.inbound()
        self.store.close(self.pair, 'c2')
        self.equal(self.redis('ZRANGE', self.pair.index, 0, -1), ['c2'])

    def test_everything_resolves(self):
        self.inbound()
        self.send('s1')
        self.equal([self.redis('GET', self.pair.of_id(id))
                    for id in ('m1', 's1')],
                   [self.pair.thread + ' 0', self.pair.thread + ' 1'])
        self.equal(self.scores(self.pair.live), {'c1': 0})
        self.later(50)
        self.send('s2')
        self.equal(self.scores(self.pair.live), {'c1': 50})
        self.equal(self.scores(self.pair.index), {'c1': 0})

    def test_an_idempotency_record(self):
        begin, end = self.store.idem_begin, self.store.idem_end
        self.equal(begin('c:k', 'id1'), ['NEW', 'id1'])
        self.equal(begin('c:k', 'id2'), ['BUSY'])
        self.later(5000)
        self.equal(begin('c:k', 'id3'), ['AGAIN', 'id1'])
        self.equal(begin('c:k', 'id3'), ['BUSY'])
        self.equal(end('c:k', 'id3', 202, 'no'), 0)
        self.equal(end('c:k', 'id1', 202, '{"a":1}'), 1)
        self.equal(begin('c:k', 'id4'), ['DONE', 202, '{"a":1}'])
        self.equal(end('c:k', 'id1', 500, 'late'), 0)
        self.equal(end('c:k', 'id1', 0, ''), 0)
        self.equal(begin('c:k', 'id4'), ['DONE', 202, '{"a":1}'])
        key = 'sc:idem:c:k'
        self.assertGreater(self.connection.of(key)('PTTL', key), 0)

    def test_an_idempotency_record_forgotten(self):
        self.store.idem_begin('c:k', 'id1')
        self.equal(self.store.idem_end('c:k', 'id1', 0, ''), 1)
        self.equal(self.store.idem_end('c:k', 'id1', 202, 'x'), 0)
        self.equal(self.store.idem_begin('c:k', 'id2'), ['NEW', 'id2'])

    def test_webhooks_are_written_as_they_were_read(self):
        def put(*args):
            return self.store.webhook_put('c', *args)

        def records(kind='webhooks'):
            key = 'sc:{c}:' + kind
            return self.connection.of(key).hash(key)

        self.equal(put('a', '', '1', 2), 'OK')
        self.equal(put('b', '', '1', 2), 'OK')
        self.equal(put('c', '', '1', 2), 'FULL')
        self.equal(put('a', '1', '2', 2), 'OK')
        self.equal(put('a', '1', '3', 2), 'STALE')
        self.equal(put('a', '', '3', 2), 'STALE')
        self.equal(put('c', '1', '2', 3), 'STALE')
        self.equal(records(), {'a': '2', 'b': '1'})

    def test_a_webhook_switched_on_has_no_failures(self):
        key, fares = 'sc:{c}:health', {'a:failures': '3', 'a:dead': '4',
                                       'a:since': '1', 'b:failures': '5'}
        redis = self.connection.of(key)
        for field, value in fares.items():
            redis('HSET', key, field, value)
        self.equal(self.store.webhook_put('c', 'a', '', '1'), 'OK')
        self.equal(redis.hash(key), fares)
        self.equal(self.store.webhook_put('c', 'a', '', '2', 20, '1'),
                   'STALE')
        self.equal(redis.hash(key), fares)
        self.equal(self.store.webhook_put('c', 'a', '1', '2', 20, '1'), 'OK')
        del fares['a:failures'], fares['a:since']
        self.equal(redis.hash(key), fares)

    def test_a_customers_requests(self):
        key, now = 'sc:{c}:rate', NOON * 1000

        def take(us, each=100000, most=3):
            return self.store.run('rate', [key], [now + us, each, most])

        self.equal([take(0) for _ in range(4)],
                   [[1, 2, 0, 100], [1, 1, 0, 200], [1, 0, 0, 300],
                    [0, 0, 100, 300]])
        self.equal(take(50000), [0, 0, 50, 250])
        self.equal(take(99999), [0, 0, 1, 201])
        self.equal(take(100000), [1, 0, 0, 300])
        self.equal(take(250000), [1, 0, 0, 250])
        self.equal(take(10 ** 9), [1, 2, 0, 100])
        # at another rate it is empty at most
        self.equal([take(10 ** 9, 6 * 10 ** 7, 2)[0] for _ in range(3)],
                   [1, 0, 0])
        self.equal(take(10 ** 9), [0, 0, 100, 300])
        self.equal(take(10 ** 9 + 10 ** 9), [1, 2, 0, 100])
        # more often than there are milliseconds
        self.equal(take(3 * 10 ** 9, 250, 8)[:2], [1, 7])
        self.assertNotEqual(self.connection.of(key)('PTTL', key), -1)

    def test_a_customers_requests_by_the_clock_of_redis(self):
        key = 'sc:{c}:rate'
        self.equal([self.store.run('rate', [key], ['', 10 ** 7, 2])[:2]
                    for _ in range(3)], [[1, 1], [1, 0], [0, 0]])
        ttl = self.connection.of(key)('PTTL', key)
        self.assertGreater(ttl, 19000)
        self.assertLessEqual(ttl, 20000)

    def test_what_stands_before_a_wait_is_a_write(self):
        ask = self.connection.of('sc:wait')
        self.equal(self.store.run('wait', ['sc:wait'], []), 1)
        changes = r'rdb_changes_since_last_save:(\d+)'
        before = re.search(changes, ask('INFO', 'persistence')).group(1)
        self.equal(self.store.run('wait', ['sc:wait'], []), 1)
        after = re.search(changes, ask('INFO', 'persistence')).group(1)
        self.assertGreater(int(after), int(before))
        self.assertGreater(ask('PTTL', 'sc:wait'), 0)
