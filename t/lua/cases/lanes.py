"""Endpoints' lanes: order, leases, fences."""

from case import ALL, DAY, NOON, Case
from store import REFUSED


class Lanes(Case):
    def test_a_lane_goes_out_in_order(self):
        first = self.inbound()[6]
        told = [first[first.index(self.all) + 1]]
        while True:
            got = self.store.ack(self.pair, self.all, told[-1].split(' ')[0])
            if got[0] != 'NEXT':
                break
            self.equal(got[3], 0)
            told.append(got[2])
        self.equal(got[0], 'EMPTY')
        self.equal([item.split(' ')[1] for item in told],
                   ['message.received', 'conversation.started',
                    'conversation.message_exchanged'])
        self.consistent()

    def test_who_lost_the_lane(self):
        self.inbound()
        one, two, three = self.ids(self.all)
        self.later(6000)
        self.equal(self.take(self.other, self.all)[2].split(' ')[0], one)
        self.equal(self.store.renew(7, [(self.all, one)]), [0])
        # a failure changes nothing, a success takes the event off
        self.equal(self.store.fail(self.pair, self.all, one, 5)[0], 'LOST')
        self.equal(self.store.fail(self.pair, self.all, one, -1)[0], 'LOST')
        self.equal(self.scores(self.pair.lanes)[self.all], 12000)
        self.equal(self.ids(self.all), [one, two, three])
        self.equal(self.store.ack(self.pair, self.all, one)[0], 'LOST')
        self.equal(self.ids(self.all), [two, three])
        self.equal(self.store.ack(self.pair, self.all, one)[0], 'LOST')
        self.equal(self.ids(self.all), [two, three])
        # the owner is told of one again, and goes on
        got = self.other.ack(self.pair, self.all, one)
        self.equal((got[0], got[2].split(' ')[0], got[3]), ('NEXT', two, 0))
        self.equal(self.other.renew(7, [(self.all, two)]), [1])
        self.equal(self.other.ack(self.pair, self.all, two)[0], 'NEXT')
        self.equal(self.other.ack(self.pair, self.all, three)[0], 'EMPTY')
        self.equal(self.other.ack(self.pair, self.all, three)[0], 'EMPTY')
        self.consistent()

    def test_a_claimed_lane_is_not_claimed_again(self):
        self.inbound()
        self.later(6000)
        lanes = self.store.claim(7)[4]
        self.equal(sorted(lanes[::2]), sorted([self.all, self.ends]))
        self.equal(set(lanes[1::2]), {self.pair.customer})
        self.equal(self.other.claim(7)[4], [])
        self.equal(self.other.take(self.pair, self.all), ['LOST',
                                                          NOON + 6000])
        self.equal(self.store.take(self.pair, self.all)[0], 'NEXT')

    def test_claim_says_when_to_come_again(self):
        self.equal(self.store.claim(7), [NOON, -1, -1, [], [], 0])
        self.inbound()
        self.equal(self.store.claim(7), [NOON, NOON + DAY, NOON + 6000, [],
                                         [], 0])
        self.later(6000)
        got = self.store.claim(7, lanes=1)
        self.equal((got[2], len(got[4])), (NOON + 6000, 2))
        got = self.store.claim(7, lanes=0)
        self.equal((got[2], got[4]), (-1, []))

    def test_claim_says_how_many_leases_ran_out(self):
        one = self.inbound()[6][1].split(' ')[0]
        self.store.fail(self.pair, self.all, one, 10)
        self.later(10)
        self.equal(self.other.claim(7)[5], 0)
        self.other.take(self.pair, self.all)
        self.later(6011)
        self.equal(self.store.claim(7)[5], 2)

    def test_a_slow_carriers_lane_may_be_spared(self):
        self.inbound()
        self.send('s1')
        self.later(6000)
        got = self.other.claim(7, spare='1')[4][::2]
        self.equal(sorted(got), sorted([self.all, self.ends]))
        self.equal(self.store.renew(7, [(self.sms, 's1')]), [1])
        self.later(12000)
        self.assertIn(self.sms, self.other.claim(7)[4])
        # one that nobody holds is taken all the same
        self.other.take(self.pair, self.sms)
        self.other.fail(self.pair, self.sms, 's1', 10)
        self.later(13000)
        self.assertIn(self.sms, self.other.claim(7, spare='1')[4])

    def test_backoff(self):
        self.inbound()
        one = self.ids(self.all)[0]
        self.equal(self.store.fail(self.pair, self.all, one, 5000),
                   ['LATER', NOON, 1])
        self.equal(self.scores(self.pair.lanes)[self.all], 5000)
        self.assertNotIn(self.all, self.store.claim(7)[4])
        self.equal(self.store.renew(7, [(self.all, one)]), [0])
        # a new event does not shorten it
        self.inbound()
        self.equal(self.scores(self.pair.lanes)[self.all], 5000)
        self.later(5000)
        got = self.take(self.store, self.all)
        self.equal((got[2].split(' ')[0], got[3]), (one, 1))
        self.consistent()

    def test_an_attempt_given_back_is_not_counted(self):
        self.inbound()
        one = self.ids(self.all)[0]
        self.equal(self.store.fail(self.pair, self.all, one, 0, False),
                   ['LATER', NOON, 0])
        self.equal(self.take(self.other, self.all)[3], 0)

    def test_an_event_given_up_is_kept_among_the_dead(self):
        self.inbound()
        one, two, _ = self.ids(self.all)
        item = self.lane(self.all)[0]
        got = self.store.fail(self.pair, self.all, one, -1)
        self.equal((got[0], got[2].split(' ')[0], got[3]), ('NEXT', two, 0))
        dead = self.pair.key('d:' + ALL)
        self.equal(self.redis('LRANGE', dead, 0, -1),
                   ['%d\n1 %d %s' % (NOON, NOON, REFUSED), item])
        self.equal(self.store.fail(self.pair, self.all, two, -1, lease=0,
                                   cap=1)[0], 'LATER')
        self.equal(self.redis('LLEN', dead), 2)
        self.consistent()

    def test_a_deleted_endpoints_lane_goes_whole(self):
        self.inbound()
        one = self.ids(self.all)[0]
        self.equal(self.other.fail(self.pair, self.all, one, -3)[0], 'LOST')
        self.equal(self.store.fail(self.pair, self.all, one, -3)[0], 'EMPTY')
        self.equal(self.lane(self.all), [])
        self.equal(self.store.take(self.pair, self.all)[0], 'LOST')
        self.equal(self.store.ack(self.pair, self.all, one)[0], 'EMPTY')
        self.consistent()

    def test_no_lease_wanted(self):
        self.store.lease = 0
        self.equal(self.inbound()[6], [])
        self.equal(len(self.other.claim(7)[4]), 4)
        one = self.other.take(self.pair, self.all)[2].split(' ')[0]
        self.equal(self.other.ack(self.pair, self.all, one, lease=0)[0],
                   'LEFT')
        self.assertIn(self.all, self.other.claim(7)[4])
        self.consistent()

    def test_a_lane_that_shall_rest(self):
        self.store.rest = 2500
        self.equal(self.inbound()[6], [])
        self.equal(self.scores(self.pair.lanes),
                   {self.all: 2500, self.ends: 2500})
        self.equal(self.send('s1')[6][0], self.sms)
        self.later(2500)
        self.equal(self.take(self.store, self.all)[0], 'NEXT')
        self.consistent()

    def test_renewal_is_for_the_item_in_flight(self):
        self.inbound()
        one, two, _ = self.ids(self.all)
        self.later(1000)
        self.equal(self.store.renew(7, [(self.all, two), (self.all, one),
                                        (self.sms, 'x')]), [0, 1, 0])
        self.equal(self.scores(self.pair.lanes)[self.all], 7000)

    def test_a_failure_of_what_a_late_success_popped(self):
        self.inbound()
        one, two, _ = self.ids(self.all)
        self.later(6000)
        self.take(self.other, self.all)
        self.store.ack(self.pair, self.all, one)
        got = self.other.fail(self.pair, self.all, one, 1000)
        self.equal((got[0], got[2].split(' ')[0], got[3]), ('NEXT', two, 0))
