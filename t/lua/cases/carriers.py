"""Carriers' lanes, reports and statuses."""

from case import DAY, NOON, Case
from store import ALL_EVENTS


class Carriers(Case):
    def test_sent(self):
        self.inbound()
        self.send('s1')
        self.send('s2')
        got = self.store.ack(self.pair, self.sms, 's1', 'K1')
        self.equal((got[0], got[2].split(' ')[0], got[3]), ('NEXT', 's2', 0))
        self.equal(self.final('s1'), 'SENT')
        self.equal(self.redis('GET', self.pair.key('cid:sms:K1')), 's1')
        self.equal(self.store.ack(self.pair, self.sms, 's2')[0], 'EMPTY')
        self.equal(len(self.bodies('sent')), 2)
        self.consistent()

    def test_final_failure(self):
        self.inbound()
        self.send('s1')
        self.send('s2')
        got = self.store.fail(self.pair, self.sms, 's1', -1,
                              error='{"code":"E1","title":"no"}')
        self.equal((got[0], got[2].split(' ')[0]), ('NEXT', 's2'))
        self.equal(self.final('s1'), 'FAILED')
        self.equal(self.redis('HGET', self.pair.records, 's1'),
                   'FAILED %d E1' % NOON)
        self.equal(self.bodies('failed')[0]['error'],
                   {'code': 'E1', 'title': 'no'})
        self.consistent()

    def test_no_retry_is_planned_past_the_deadline(self):
        self.inbound()
        self.send('s1')
        self.later(DAY - 10000)
        self.take(self.other, self.sms)
        self.equal(self.other.fail(self.pair, self.sms, 's1', 3600000)[:3],
                   ['LATER', NOON + DAY - 10000, 1])
        self.equal(self.scores(self.pair.lanes)[self.sms], DAY)
        self.later(DAY)
        self.equal(self.take(self.other, self.sms)[0], 'EMPTY')
        self.equal(self.final('s1'), 'FAILED')
        self.store.expire(self.pair)
        self.consistent()

    def test_one_attempt_at_least(self):
        self.store.lease = 0
        self.inbound()
        for n in (1, 2, 3):
            self.send('s%d' % n)
        self.store.lease = 6000
        self.later(DAY + 5)
        self.store.expire(self.pair)
        self.equal(self.take(self.store, self.sms)[2].split(' ')[0], 's1')
        # given back: that was none
        self.equal(self.store.fail(self.pair, self.sms, 's1', 10, False)[0],
                   'LATER')
        self.later(DAY + 15)
        self.equal(self.take(self.store, self.sms)[2].split(' ')[0], 's1')
        got = self.store.fail(self.pair, self.sms, 's1', 10)
        self.equal((got[0], got[2].split(' ')[0], got[3]), ('NEXT', 's2', 0))
        self.equal(self.final('s1'), 'FAILED')
        got = self.store.ack(self.pair, self.sms, 's2')
        self.equal((got[0], got[2].split(' ')[0]), ('NEXT', 's3'))
        self.equal(self.final('s2'), 'SENT')
        # its deliverer dies: that was its attempt
        self.later(DAY + 7000)
        self.equal(self.take(self.other, self.sms)[0], 'EMPTY')
        self.equal(self.final('s3'), 'FAILED')
        self.consistent()

    def test_close_lets_go_out_what_was_accepted(self):
        self.inbound()
        self.send('s1')
        self.send('s2')
        self.later(1000)
        self.store.close(self.pair, 'c1')
        self.equal(self.store.fail(self.pair, self.sms, 's1', 1000)[0],
                   'LATER')
        self.later(2000)
        self.equal(self.take(self.store, self.sms)[0], 'NEXT')
        got = self.store.ack(self.pair, self.sms, 's1')
        self.equal((got[0], got[2].split(' ')[0]), ('NEXT', 's2'))
        self.equal(self.store.ack(self.pair, self.sms, 's2')[0], 'EMPTY')
        self.equal((self.final('s1'), self.final('s2')), ('SENT', 'SENT'))

    def test_who_lost_a_carriers_lane(self):
        self.inbound()
        self.send('s1')
        self.send('s2')
        self.later(6000)
        self.take(self.other, self.sms)
        self.equal(self.store.fail(self.pair, self.sms, 's1', -1)[0], 'LOST')
        self.equal(self.ids(self.sms), ['s1', 's2'])
        self.equal(self.store.ack(self.pair, self.sms, 's1', 'K1')[0],
                   'LOST')
        self.equal((self.ids(self.sms), self.final('s1')), (['s2'], 'SENT'))
        got = self.other.ack(self.pair, self.sms, 's1', 'K1')
        self.equal((got[0], got[2].split(' ')[0]), ('NEXT', 's2'))
        self.equal(len(self.bodies('sent')), 1)
        self.consistent()

    def test_a_status_settles_what_still_waits(self):
        self.inbound()
        for n in (1, 2, 3):
            self.send('s%d' % n)
        self.store.fail(self.pair, self.sms, 's1', 60000)
        self.equal(self.store.status(self.pair, 's1', 'DELIVERED')[0], 'OK')
        self.equal(self.store.status(self.pair, 's2', 'FAILED')[0], 'OK')
        self.later(60000)
        self.equal(self.take(self.other, self.sms)[2].split(' ')[0], 's3')
        self.equal(self.ids(self.sms), ['s3'])
        self.consistent()

    def test_a_status_settles_what_is_under_way(self):
        self.inbound()
        for n in (1, 2):
            self.send('s%d' % n)
        self.equal(self.store.status(self.pair, 's1', 'SENT')[0], 'OK')
        got = self.store.fail(self.pair, self.sms, 's1', 60000)
        self.equal((got[0], got[2].split(' ')[0]), ('NEXT', 's2'))
        # an opt-out finds the next one under way, its report is before that
        self.equal(self.store.status(self.pair, 's2', 'SENT')[0], 'OK')
        self.inbound(keyword='stop')
        self.equal(self.store.fail(self.pair, self.sms, 's2', -1)[0],
                   'EMPTY')
        for message in ('s1', 's2'):
            self.equal([s for s, _ in self.state().histories[message]],
                       ['SENT'])
        self.equal((self.bodies('failed'), self.bodies('filtered')),
                   ([], []))
        self.consistent()

    def test_an_opt_out_filters_nothing_that_was_sent(self):
        self.inbound()
        self.send('s1')
        self.store.fail(self.pair, self.sms, 's1', 60000)
        self.equal(self.store.status(self.pair, 's1', 'SENT')[0], 'OK')
        self.inbound(keyword='stop')
        self.equal(self.final('s1'), 'SENT')
        self.equal(self.bodies('filtered'), [])
        self.consistent()

    def test_the_last_attempt_has_a_reason(self):
        self.inbound()
        self.send('s1')
        self.later(DAY)
        self.equal(self.store.fail(self.pair, self.sms, 's1', 1000,
                                   error='null')[0], 'EMPTY')
        self.equal(self.bodies('failed')[0]['error']['code'], 'EXPIRED')
        self.equal(self.redis('HGET', self.pair.records, 's1'),
                   'FAILED %d EXPIRED' % (NOON + DAY))
        self.consistent()

    def test_a_failure_that_passes_is_tried_again(self):
        self.inbound()
        for n in (1, 2, 3):
            self.send('s%d' % n)
        again = '{"code":"130429","title":"Rate limit hit"}'
        self.store.fail(self.pair, self.sms, 's1', 60000)
        before = self.dump()
        self.equal(self.store.status(self.pair, 's1', 'AGAIN', again)[0],
                   'OLD')
        self.equal(self.dump(), before)
        self.later(60000)
        self.equal(self.take(self.store, self.sms)[2].split(' ')[0], 's1')
        # not one that is under way, was sent, or stands behind others
        for message in ('s1', 's3'):
            self.equal(self.store.status(self.pair, message, 'AGAIN',
                                         again)[0], 'OK')
            self.equal(self.final(message), 'FAILED')
        self.store.fail(self.pair, self.sms, 's1', 60000)
        self.store.ack(self.pair, self.sms, 's2')
        self.equal(self.store.status(self.pair, 's2', 'AGAIN', again)[0],
                   'OK')
        self.equal(self.redis('HGET', self.pair.records, 's2'),
                   'SENT %d\nFAILED %d 130429' % ((NOON + 60000,) * 2))
        self.equal(self.bodies('failed')[-1]['error']['code'], '130429')
        self.consistent()

    def test_one_that_came_early_is_a_failure(self):
        self.inbound()
        self.send('s1')
        self.store.report(self.pair, 'sms', 'K1', 'AGAIN', NOON)
        self.store.ack(self.pair, self.sms, 's1', 'K1')
        self.equal(self.final('s1'), 'FAILED')

    def test_statuses_never_run_backwards(self):
        self.inbound()
        self.send('s1')
        self.equal(self.store.status(self.pair, 's1', 'DELIVERED')[0], 'OK')
        self.equal(self.store.ack(self.pair, self.sms, 's1')[0], 'EMPTY')
        for status in ('SENT', 'FAILED', 'DELIVERED'):
            self.equal(self.store.status(self.pair, 's1', status)[0], 'OLD')
        self.equal(self.store.status(self.pair, 's1', 'READ')[0], 'OK')
        self.equal([s for s, _ in self.state().histories['s1']],
                   ['DELIVERED', 'READ'])
        self.equal(self.bodies('sent'), [])
        self.consistent()

    def test_failed_is_final(self):
        self.inbound()
        self.send('s1')
        self.store.ack(self.pair, self.sms, 's1')
        self.equal(self.store.status(
            self.pair, 's1', 'FAILED', '{"code":"30003","title":"gone"}')[0],
            'OK')
        self.equal(self.store.status(self.pair, 's1', 'DELIVERED')[0], 'OLD')
        self.equal(self.redis('HGET', self.pair.records, 's1'),
                   'SENT %d\nFAILED %d 30003' % (NOON, NOON))

    def test_a_status_of_another_message_or_number(self):
        self.inbound()
        self.send('s1')
        before = self.dump()
        self.equal(self.store.status(self.pair, 'sx', 'READ')[0], 'NONE')
        self.equal(self.store.status(self.pair, 'm1', 'READ')[0], 'NONE')
        self.equal(self.store.status(self.pair, 's1', 'READ',
                                     number='+19999999999')[0], 'NONE')
        self.equal(self.dump(), before)
        self.equal(self.store.status(self.pair, 's1', 'READ',
                                     number='+14155550101')[0], 'OK')

    def test_reports_that_come_before_the_carriers_id(self):
        self.inbound()
        self.send('s1')
        for status in ('DELIVERED', 'SENT'):
            self.equal(self.store.report(self.pair, 'sms', 'K1', status,
                                         NOON), ['KEPT'])
        self.equal(self.store.ack(self.pair, self.sms, 's1', 'K1')[0],
                   'EMPTY')
        self.equal([s for s, _ in self.state().histories['s1']],
                   ['SENT', 'DELIVERED'])
        self.equal(self.types()[-2:], ['sent', 'delivered'])
        self.equal(self.store.report(self.pair, 'sms', 'K1', 'READ', NOON),
                   ['MSG', 's1'])
        self.consistent()

    def test_reports_of_nobody_do_not_grow(self):
        key = self.pair.key('cid:sms:K9')
        for _ in range(200):
            self.store.report(self.pair, 'sms', 'K9', 'SENT', NOON)
        self.assertLess(self.redis('STRLEN', key), 3000)
        self.assertGreater(self.redis('PTTL', key), 0)

    def test_hundreds_of_settled_messages_are_passed(self):
        self.inbound()
        for n in range(350):
            self.send('s%d' % n)
        for n in range(1, 349):
            self.store.status(self.pair, 's%d' % n, 'DELIVERED')
        got, turns = self.store.ack(self.pair, self.sms, 's0'), 1
        while got[0] == 'LEFT':
            got, turns = self.take(self.store, self.sms), turns + 1
        self.equal((got[0], got[2].split(' ')[0], turns), ('NEXT', 's349',
                                                           4))
        self.equal(self.ids(self.sms), ['s349'])
        self.consistent()

    def test_events_of_a_carriers_outcome_are_leased(self):
        self.inbound()
        self.send('s1')
        for _ in range(9):
            if self.store.ack(self.pair, self.all,
                              self.ids(self.all)[0])[0] == 'EMPTY':
                break
        got = self.store.ack(self.pair, self.sms, 's1')
        self.equal(got[-1][0], self.all)
        self.assertIn('message.sent', got[-1][1])
        self.equal(self.pair.hooks[0][1], ALL_EVENTS)
        self.consistent()
