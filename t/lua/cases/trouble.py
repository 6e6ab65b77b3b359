"""Redis without memory, or with its script cache flushed."""

from case import Case
from resp import Error


class Trouble(Case):
    def setUp(self):
        super().setUp()
        self.inbound()
        self.send('s1')

    def fill(self):
        """No memory from here on; a script is known beforehand."""
        self.redis('CONFIG', 'SET', 'maxmemory', 1)

    def tearDown(self):
        self.redis('CONFIG', 'SET', 'maxmemory', 0)
        super().tearDown()

    def refused(self, ask):
        with self.assertRaisesRegex(Error, 'OOM'):
            ask()

    def test_without_memory_nothing_new_is_taken(self):
        before = self.dump()
        self.fill()
        self.refused(self.inbound)
        self.refused(lambda: self.send('s2'))
        self.refused(lambda: self.store.idem_begin('c:k', 'id1'))
        self.refused(lambda: self.store.webhook_put('c', 'a', '', '1'))
        self.redis('CONFIG', 'SET', 'maxmemory', 0)
        self.equal(self.dump(), before)

    def test_without_memory_replicas_are_waited_for(self):
        self.fill()
        self.equal(self.store.run('wait', ['sc:wait'], []), 1)
        self.equal(self.store.run('rate', ['sc:{c}:rate'], ['', 1000, 1])[0],
                   1)

    def test_without_memory_the_lanes_drain(self):
        self.fill()
        one, two = self.ids(self.all)[:2]
        self.equal(self.store.renew(7, [(self.all, one)]), [1])
        self.equal(self.store.ack(self.pair, self.all, one)[0], 'NEXT')
        self.equal(self.store.fail(self.pair, self.all, two, 10)[0], 'LATER')
        self.equal(self.store.fail(self.pair, self.sms, 's1', 10)[0],
                   'LATER')
        self.later(10)
        self.equal(self.take(self.store, self.all)[0], 'NEXT')
        self.equal(self.store.take(self.pair, self.sms)[0], 'NEXT')
        self.equal(self.store.ack(self.pair, self.sms, 's1', 'K1')[0],
                   'EMPTY')
        self.equal(self.store.status(self.pair, 's1', 'READ')[0], 'OK')
        self.equal(self.store.idem_end('c:k', 'id1', 202, ''), 0)
        self.consistent()

    def test_without_memory_windows_end(self):
        self.fill()
        self.equal(self.store.close(self.pair, 'c1')[0], 'ENDED')
        self.consistent()
        self.redis('CONFIG', 'SET', 'maxmemory', 0)
        self.inbound()
        self.fill()
        self.later(self.store.window)
        self.equal(self.store.expire(self.pair)[0], 'ENDED')
        self.consistent()

    def test_scripts_are_loaded_again(self):
        self.redis('SCRIPT', 'FLUSH')
        self.equal(self.send('s2')[0], 'OK')
        self.equal(self.store.close(self.pair, 'c1')[0], 'ENDED')
