"""What became of an endpoint's events: the log, replay, recovery."""

from case import ALL, DAY, ENDS, NOON, Case
from store import Pair, REFUSED, TAKEN


class Log(Case):
    def kept(self, kind, endpoint=ALL):
        """[(ms, [attempt...], event id)] of a list."""
        flat = self.redis('LRANGE', self.pair.key(kind + ':' + endpoint), 0,
                          -1)
        return [(int(record.split('\n')[0]), record.split('\n')[1:],
                 item.split(' ')[0])
                for record, item in zip(flat[::2], flat[1::2])]

    def notes(self, endpoint=ALL):
        return self.redis.hash(self.pair.key('a:' + endpoint))

    def another(self, n):
        return Pair(7, self.pair.customer, self.pair.thread[:-4] + '9%03d' % n,
                    '+141555598%02d' % n, self.pair.hooks)

    def begun(self, pair, n):
        self.store.inbound(pair, 'x%d' % n, 'y%d' % n, 'z%d' % n)
        return pair

    def head(self, pair=None, member=None):
        pair = pair or self.pair
        item = self.redis('LINDEX', pair.key(member or pair.member(ALL)), 0)
        return item and item.split(' ')[0]

    def give_up(self, pair=None, ms=0):
        """The head of that lane, at that time."""
        pair = pair or self.pair
        self.later(ms)
        id = self.head(pair)
        self.store.fail(pair, pair.member(ALL), id, -1)
        return id

    # the log

    def test_what_was_received_is_kept(self):
        self.inbound()
        one, two, _ = self.ids(self.all)
        item = self.lane(self.all)[0]
        self.later(7)
        self.store.ack(self.pair, self.all, one)
        self.equal(self.redis('LRANGE', self.pair.key('e:' + ALL), 0, -1),
                   ['%d\n1 %d %s' % (NOON + 7, NOON + 7, TAKEN), item])
        # a late 2xx of another counts, too, and once
        self.later(6100)
        self.take(self.other, self.all)
        self.store.ack(self.pair, self.all, two)
        self.store.ack(self.pair, self.all, two)
        self.equal([id for _, _, id in self.kept('e')], [one, two])
        self.consistent()

    def test_off(self):
        self.store.log = None
        self.inbound()
        one, two, _ = self.ids(self.all)
        self.store.fail(self.pair, self.all, one, 0)
        self.take(self.store, self.all)
        self.store.ack(self.pair, self.all, one)
        self.store.fail(self.pair, self.all, two, 0)
        self.take(self.store, self.all)
        self.store.fail(self.pair, self.all, two, -1)
        self.equal((self.kept('e'), self.notes()), ([], {}))
        # what was given up is, with the last attempt
        self.equal(self.kept('d'), [
            (NOON, ['2 %d %s' % (NOON, REFUSED)], two)])

    def test_attempts_are_gathered(self):
        self.inbound()
        one = self.ids(self.all)[0]
        self.store.fail(self.pair, self.all, one, 1000)
        self.equal(self.notes(), {one: '%s\n1 %d %s' % (
            self.pair.thread, NOON, REFUSED)})
        self.later(1000)
        self.take(self.store, self.all)
        self.store.fail(self.pair, self.all, one, 0, outcome='5 0 "x"\tnull')
        self.later(1001)
        self.take(self.other, self.all)
        # one that is given back is none
        self.other.fail(self.pair, self.all, one, 0, counted=False,
                        outcome='')
        # one that does not count is
        self.later(1002)
        got = self.take(self.store, self.all)
        self.equal(got[3], 2)
        self.equal(self.store.fail(self.pair, self.all, one, 0,
                                   counted=False)[2], 2)
        self.take(self.store, self.all)
        self.store.ack(self.pair, self.all, one)
        self.equal(self.notes(), {})
        self.equal(self.kept('e'), [(NOON + 1002, [
            '1 %d %s' % (NOON, REFUSED),
            '2 %d 5 0 "x"\tnull' % (NOON + 1000),
            '3 %d %s' % (NOON + 1002, REFUSED),
            '4 %d %s' % (NOON + 1002, TAKEN)], one)])
        self.consistent()

    def test_the_same_answer_is_kept_once(self):
        self.inbound()
        one = self.ids(self.all)[0]
        for outcome in (REFUSED, REFUSED, '1 0 "x"\tnull', '1 0 "x"\tnull'):
            self.store.fail(self.pair, self.all, one, 0, outcome=outcome)
            self.take(self.store, self.all)
        self.store.fail(self.pair, self.all, one, -1, outcome=REFUSED)
        self.equal([line.split('\t')[1] for line in self.kept('d')[0][1]],
                   ['"sorry"', '=', 'null', '=', '"sorry"'])

    def test_of_very_many_attempts(self):
        self.inbound()
        one = self.ids(self.all)[0]
        for n in range(30):
            self.store.fail(self.pair, self.all, one, 0,
                            outcome='1 500 null\t"%d"' % (n // 2))
            self.take(self.store, self.all)
        self.store.ack(self.pair, self.all, one, outcome='1 200 null\t"9"')
        lines = self.kept('e')[0][1]
        self.equal([int(line.split(' ')[0]) for line in lines],
                   list(range(1, 20)) + [31])
        self.equal([line.split('\t')[1] for line in lines[-3:]],
                   ['=', '"9"', '='])

    def test_given_up_without_an_attempt(self):
        self.inbound()
        one, two, _ = self.ids(self.all)
        self.store.fail(self.pair, self.all, one, -1, counted=False,
                        outcome='- 0 "It is disabled."\tnull')
        self.store.fail(self.pair, self.all, two, 0)
        self.take(self.store, self.all)
        self.store.fail(self.pair, self.all, two, -1, counted=False,
                        outcome='- 0 "It is disabled."\tnull')
        self.equal([lines for _, lines, _ in self.kept('d')], [
            ['0 %d - 0 "It is disabled."\tnull' % NOON],
            ['1 %d %s' % (NOON, REFUSED),
             '0 %d - 0 "It is disabled."\tnull' % NOON]])
        self.equal(self.notes(), {})

    def test_so_many_and_no_more(self):
        self.store.log = (8, DAY)
        for n in range(20):
            self.begun(self.another(n), n)
            pair = self.another(n)
            self.store.ack(pair, pair.member(ALL), self.head(pair))
            self.assertLessEqual(len(self.kept('e')), 8)
        self.assertGreaterEqual(len(self.kept('e')), 6)
        self.equal(self.kept('e')[-1][2][:4], 'evt_')
        for n in range(20):
            pair = self.another(n)
            self.store.fail(pair, pair.member(ALL), self.head(pair), -1,
                            cap=4)
            self.assertLessEqual(len(self.kept('d')), 4)

    def test_so_long_and_no_longer(self):
        self.store.log, self.store.lease = (1000, 10000), 60000
        pairs = [self.begun(self.another(n), n) for n in range(4)]
        for n, pair in enumerate(pairs):
            self.later((0, 9000, 10001, 19002)[n])
            self.store.ack(pair, pair.member(ALL), self.head(pair))
            self.equal([ms - NOON for ms, _, _ in self.kept('e')],
                       [[0], [0, 9000], [9000, 10001], [10001, 19002]][n])
        life = self.redis('PTTL', self.pair.key('e:' + ALL))
        self.assertTrue(0 < life <= 10000, life)
        # the caller asks for that from time to time only
        self.later(30000)
        self.store.log = (1000, '')
        self.store.ack(pairs[0], pairs[0].member(ALL), self.head(pairs[0]))
        self.equal(len(self.kept('e')), 3)

    def test_a_deleted_contact_leaves_no_trace(self):
        other = self.begun(self.another(1), 1)
        self.inbound()
        for pair in (self.pair, other):
            member = pair.member(ALL)
            self.store.ack(pair, member, self.head(pair))
            self.store.fail(pair, member, self.head(pair), -1)
            self.store.fail(pair, member, self.head(pair), 0)
        self.equal(len(self.notes()), 2)
        self.store.delete(self.pair)
        self.equal((len(self.kept('e')), len(self.kept('d'))), (1, 1))
        self.equal(sorted(self.notes().values())[0], '-')
        for kind in 'ed':
            key = self.pair.key(kind + ':' + ALL)
            self.assertIn(other.thread, self.redis('LRANGE', key, 0, -1)[1])
        # nor does the one event that is still told, delivered or not
        self.take(self.store, self.all)
        self.store.fail(self.pair, self.all, self.head(), 0)
        self.take(self.store, self.all)
        self.equal(self.store.ack(self.pair, self.all, self.head())[0],
                   'EMPTY')
        self.store.take(self.pair, self.ends)
        self.equal(self.store.fail(self.pair, self.ends,
                                   self.head(member=self.ends), -1)[0],
                   'EMPTY')
        self.equal((len(self.kept('e')), self.kept('d', ENDS)), (1, []))
        self.equal(len(self.notes()), 1)

    # its reading

    def ended(self, most=2, **more):
        """Ids of a partition's parts, and whether there are more."""
        got = self.store.events(7, ALL, most=most, **more)
        return [([item.split(' ')[0] for item in part[5::2]], part[1])
                for part in got[1:3]]

    def some(self):
        """Four received at 0, 10, 10, 20; two given up at 10, 30."""
        pairs = [self.begun(self.another(n), n) for n in range(6)]
        ids = [self.head(pair) for pair in pairs]
        for n, ms in enumerate((0, 10, 10, 20, 10, 30)):
            self.later(ms)
            member = pairs[n].member(ALL)
            if n < 4:
                self.store.ack(pairs[n], member, ids[n])
            else:
                self.store.fail(pairs[n], member, ids[n], -1)
        return ids

    def test_the_last_first(self):
        ids = self.some()
        got = self.store.events(7, ALL, most=2)
        self.equal((got[0], got[1][0], got[2][0]), (NOON + 30, 4, 2))
        self.equal(got[1][2:4], [NOON + 10, ids[2]])
        self.equal(self.ended(), [([ids[3], ids[2]], '1'),
                                  ([ids[5], ids[4]], '')])
        self.equal(self.ended(3, ms=NOON + 10, ties=('in', 'out')),
                   [([ids[2], ids[1], ids[0]], ''), ([], '')])
        self.equal(self.ended(3, ms=NOON + 10, ties=('out', 'in')),
                   [([ids[0]], ''), ([ids[4]], '')])
        self.equal(self.ended(3, ms=NOON + 10, ties=(ids[2], 'in')),
                   [([ids[1], ids[0]], ''), ([ids[4]], '')])
        self.equal(self.ended(3, ms=NOON + 10, ties=('gone', 'in')),
                   [([ids[0]], ''), ([ids[4]], '')])
        self.equal(self.ended(9, received=False),
                   [([], ''), ([ids[5], ids[4]], '')])
        self.equal(self.ended(9, dead=False)[1], ([], ''))

    def test_and_back(self):
        ids = self.some()
        self.equal(self.ended(3, back=''), [(ids[:3], '1'), (ids[4:], '')])
        for ties, should in (
                (('in', 'out'), [ids[1:4], ids[5:]]),
                (('out', 'in'), [ids[3:4], ids[4:]]),
                ((ids[1], ids[4]), [ids[2:4], ids[5:]]),
                (('gone', 'gone'), [ids[3:4], ids[5:]])):
            got = self.ended(9, back='', ms=NOON + 10, ties=ties)
            self.equal([part[0] for part in got], should)

    def test_what_is_too_old_is_not_shown(self):
        ids = self.some()
        self.store.log, self.store.keep = (1000, 10), 10
        self.later(21)
        got = self.store.events(7, ALL)
        self.equal((got[1][0], got[2][0]), (1, 1))
        self.equal(self.ended(9), [([ids[3]], ''), ([ids[5]], '')])
        self.equal(self.ended(9, back='')[0], ([ids[3]], ''))
        self.equal(self.ended(9, ms=NOON + 15, ties=('in', 'in')),
                   [([], ''), ([], '')])

    def test_a_search_stops_somewhere(self):
        ids = self.some()
        self.equal(self.ended(9, text=ids[1])[0], ([ids[1]], ''))
        self.equal(self.ended(9, text='"EVENT":"Message.'.lower())[0][0],
                   ids[3::-1])
        got = self.store.events(7, ALL, text='nothing', limit=2)
        self.equal(got[1], [4, '1', NOON + 10, ids[2]])

    def test_what_waits_is_found(self):
        self.equal(self.store.events(7, ALL, lanes=9), [
            NOON, [0, '', 0, ''], [0, '', 0, ''], []])
        other = self.begun(self.another(1), 1)
        self.inbound()
        self.equal(sorted(self.store.events(7, ALL, lanes=9)[3]),
                   sorted([other.thread, self.pair.thread]))
        self.equal(len(self.store.events(7, ALL, lanes=1)[3]), 1)
        # one that is being retried comes first
        one, two, three = self.ids(self.all)
        self.store.fail(self.pair, self.all, one, 999999)
        self.equal(self.store.events(7, ALL, lanes=1)[3], [self.pair.thread])
        got = self.store.waiting(self.pair, self.all, 2)
        self.equal(got[:2], [1, one])
        self.equal([item.split(' ')[0] for item in got[2::2]], [one, two])
        self.equal(got[3::2], [self.notes()[one], ''])
        got = self.store.waiting(self.pair, self.all, 1, three)
        self.equal((got[2].split(' ')[0], len(got)), (three, 4))
        self.equal(self.store.waiting(self.pair, self.all, 1, 'evt_x'),
                   [1, one])
        self.equal(self.store.waiting(
            self.another(9), self.another(9).member(ALL)), [0, ''])

    def test_where_an_event_is(self):
        self.inbound()
        one, two, three = self.ids(self.all)
        items = self.lane(self.all)
        self.store.ack(self.pair, self.all, one)
        self.store.fail(self.pair, self.all, two, -1)
        self.equal(self.store.event(7, ALL, one)[0::2],
                   ['DELIVERED', items[0]])
        self.equal(self.store.event(7, ALL, two)[0::2], ['FAILED', items[1]])
        self.equal(self.store.event(7, ALL, three),
                   ['WAITS', self.pair.thread])
        self.equal(self.store.event(7, ALL, three[:-1]),
                   ['WAITS', self.pair.thread])
        self.begun(self.another(1), 1)
        self.store.fail(self.pair, self.all, three, 5000)
        self.equal(self.store.event(7, ALL, three),
                   ['WAITS', self.pair.thread])
        self.equal(len(self.store.event(7, ALL, 'evt_x')), 3)
        self.equal(len(self.store.event(7, ALL, 'evt_x', lanes=1)), 2)

    # replay

    def test_replay_moves_it_to_the_end(self):
        self.inbound()
        one, two, three = self.ids(self.all)
        item = self.lane(self.all)[0]
        self.store.fail(self.pair, self.all, one, 0)
        self.take(self.store, self.all)
        self.store.fail(self.pair, self.all, one, -1)
        before = self.dump()
        self.equal(self.store.replay(self.pair, self.all, one, sandbox='1'),
                   ['SENT', NOON, [], []])
        self.equal(self.dump(), before)
        self.equal(self.store.replay(self.pair, self.all, one),
                   ['SENT', NOON, [], []])
        self.equal(self.ids(self.all), [two, three, one])
        self.equal(self.lane(self.all)[2], item)
        self.equal((self.kept('d'), list(self.notes())), ([], [one]))
        # it counts on
        self.equal(self.store.waiting(self.pair, self.all)[:2], [0, two])
        self.store.ack(self.pair, self.all, two)
        self.store.ack(self.pair, self.all, three)
        self.store.ack(self.pair, self.all, one)
        ms, lines, id = self.kept('e')[2]
        self.equal((id, [line.split(' ')[0] for line in lines]),
                   (one, ['1', '2', '3']))
        self.equal(self.notes(), {})
        self.consistent()

    def test_replay_of_what_was_received_on_an_idle_lane(self):
        self.inbound()
        ids = self.ids(self.all)
        for id in ids:
            self.store.ack(self.pair, self.all, id)
        got = self.other.replay(self.pair, self.all, ids[1])
        self.equal((got[0], got[2][0]), ('SENT', self.all))
        self.equal(self.redis('HGET', self.pair.lane, self.all),
                   'B 0 %s - %s' % (ids[1], self.pair.customer))
        self.equal([id for _, _, id in self.kept('e')], [ids[0], ids[2]])
        self.equal(self.other.replay(self.pair, self.all, ids[0], lease=0)[2],
                   [])
        self.equal(self.ids(self.all), [ids[1], ids[0]])
        self.other.fail(self.pair, self.all, ids[1], -1)
        self.equal([line.split(' ')[0] for line in self.kept('d')[0][1]],
                   ['1', '2'])
        self.consistent()

    def test_replay_of_what_waits(self):
        self.inbound()
        one, two, _ = self.ids(self.all)
        self.equal(self.store.replay(self.pair, self.all, one)[0], 'WAITS')
        self.equal(self.scores(self.pair.lanes)[self.all], 6000)
        self.store.fail(self.pair, self.all, one, 999999)
        self.equal(self.store.replay(self.pair, self.all, two)[0], 'WAITS')
        self.equal(self.scores(self.pair.lanes)[self.all], 999999)
        self.equal(self.store.replay(self.pair, self.all, one)[0], 'WAITS')
        self.equal(self.scores(self.pair.lanes)[self.all], 0)
        self.equal(self.store.replay(self.pair, self.all, 'evt_x')[0], 'NONE')
        self.equal(len(self.ids(self.all)), 3)

    def test_replay_of_what_was_never_tried(self):
        self.inbound()
        one = self.head()
        self.store.fail(self.pair, self.all, one, -1, counted=False,
                        outcome='- 0 "It is disabled."\tnull')
        self.store.replay(self.pair, self.all, one)
        self.equal(self.notes(), {})

    # recovery

    def gone(self, count):
        """So many contacts' first two events given up, at 0, 1, 2..."""
        pairs = [self.begun(self.another(n), n) for n in range(count)]
        return pairs, [self.give_up(pair, 2 * n + i)
                       for n, pair in enumerate(pairs) for i in range(2)]

    def recover(self, since, **more):
        return self.store.recover(7, self.pair.customer, ALL, since, **more)

    def move(self, **more):
        threads = self.store.recover_next(7, ALL, more.get('count', 16))
        got = self.store.recover_move(7, self.pair.customer, ALL, threads,
                                      **more)
        return got[1:3], got[3]

    def test_recovery_brings_back_what_was_given_up_since(self):
        pairs, ids = self.gone(3)
        self.later(100)
        before = self.dump()
        self.equal(self.recover(NOON + 2, sandbox='1'), [NOON + 100, 4])
        self.equal(self.dump(), before)
        self.equal(self.recover(NOON + 2, delay=50), [NOON + 100, 4])
        due = 'b:%s:%s' % (self.pair.customer, ALL)
        self.equal(self.scores(self.pair.due)[due], 150)
        self.assertIn(due, self.other.claim(7)[3] or [due])
        # what is given up meanwhile is not meant
        late = self.give_up(pairs[0], 101)
        self.equal(self.move(count=3, delay=30), ([3, '1'], []))
        self.equal(self.scores(self.pair.due)[due], 131)
        self.equal([id for _, _, id in self.kept('d')],
                   [ids[0], ids[1], ids[5], late])
        self.equal([item.split(' ')[0] for item in self.redis(
            'LRANGE', pairs[1].key(pairs[1].member(ALL)), 0, -1)][1:],
            [ids[2], ids[3]])
        self.equal(sorted(self.notes()), sorted(ids[2:5]))
        self.equal(self.move(), ([1, '1'], []))
        self.equal(self.move(), ([0, ''], []))
        self.equal(self.move(), ([0, ''], []))
        self.assertNotIn(due, self.scores(self.pair.due))
        self.equal([id for _, _, id in self.kept('d')],
                   [ids[0], ids[1], late])
        self.equal(self.redis('EXISTS', self.pair.key('b:' + ALL)), 0)

    def test_several_recoveries_are_one(self):
        pairs, ids = self.gone(3)
        self.recover(NOON + 4)
        self.recover(NOON + 1)
        self.recover(NOON + 5, delay=99)
        self.equal(self.redis('GET', self.pair.key('b:' + ALL)),
                   '%d %d' % (NOON + 1, NOON + 5))
        self.equal(self.scores(self.pair.due)['b:%s:%s' % (
            self.pair.customer, ALL)], 5)
        self.equal(self.move()[0], [5, '1'])
        self.equal([id for _, _, id in self.kept('d')], ids[:1])
        self.equal(self.recover(NOON + 6), [NOON + 5, 0])
        self.equal(self.recover(0), [NOON + 5, 1])

    def test_recovered_lanes_are_leased_in_order(self):
        self.inbound()
        ids = self.ids(self.all)
        for id in ids:
            self.store.fail(self.pair, self.all, id, -1)
        self.equal(self.ids(self.all), [])
        self.recover(0)
        got = self.move()
        self.equal((got[0], got[1][0], got[1][1].split(' ')[0]),
                   ([3, '1'], self.all, ids[0]))
        self.equal(self.ids(self.all), ids)
        self.consistent()

    def test_two_move_at_once(self):
        pairs, ids = self.gone(2)
        self.recover(0)
        threads = self.store.recover_next(7, ALL)
        for got in (4, 0):
            self.equal(self.store.recover_move(
                7, self.pair.customer, ALL, threads)[1], got)
        # nobody moves what he has not named
        self.give_up(pairs[0], 9)
        self.recover(0)
        self.equal(self.store.recover_move(
            7, self.pair.customer, ALL, [pairs[1].thread])[1:3], [0, '1'])
        self.equal(self.move()[0], [1, '1'])

    def test_recovery_waits(self):
        self.gone(1)
        self.recover(0)
        self.equal(self.store.recover_move(
            7, self.pair.customer, ALL, [], count=0, delay=60000)[1:3],
            [0, '1'])
        due = 'b:%s:%s' % (self.pair.customer, ALL)
        self.equal(self.scores(self.pair.due)[due], 60001)
        self.redis('ZREM', self.pair.due, due)
        self.store.recover_move(7, self.pair.customer, ALL, [], count=0)
        self.equal(self.redis('ZSCORE', self.pair.due, due), None)
