"""Opt-out and opt-in."""

from case import DAY, NOON, Case


class Consent(Case):
    def test_stop_cancels_all_but_what_is_under_way(self):
        self.inbound()
        self.send('s1')
        self.send('s2')
        got = self.inbound(keyword='stop', reply='"bye"')
        self.equal((got[0], got[3]), ('STOPPED', 'c1'))
        self.equal(self.ids(self.sms), ['s1', 'r2'])
        self.equal([self.final(m) for m in ('s1', 's2', 'r2')],
                   ['QUEUED', 'FILTERED', 'QUEUED'])
        self.equal(self.record('c1').reason, 'COMPLIANCE_STOP')
        self.equal(self.types()[-5:], ['received', 'message_exchanged',
                                       'ended', 'queued', 'filtered'])
        self.consistent()

    def test_an_attempt_under_way_is_not_tried_again(self):
        self.inbound()
        self.send('s1')
        self.inbound(keyword='stop', reply='"bye"')
        got = self.store.fail(self.pair, self.sms, 's1', 1000)
        self.equal((got[0], got[2].split()[0]), ('NEXT', 'r2'))
        self.equal(self.final('s1'), 'FILTERED')
        self.equal(self.store.ack(self.pair, self.sms, 'r2')[0], 'EMPTY')
        self.equal(self.final('r2'), 'SENT')
        self.consistent()

    def test_an_attempt_under_way_that_arrives_is_sent(self):
        self.inbound()
        self.send('s1')
        self.inbound(keyword='stop')
        self.equal(self.store.ack(self.pair, self.sms, 's1')[0], 'EMPTY')
        self.equal(self.final('s1'), 'SENT')
        self.consistent()

    def test_a_doomed_message_whose_deliverer_dies(self):
        self.inbound()
        self.send('s1')
        self.inbound(keyword='stop')
        self.later(6000)
        self.equal(self.take(self.other, self.sms)[0], 'EMPTY')
        self.equal(self.final('s1'), 'FILTERED')
        self.consistent()

    def test_a_lapsed_lease_is_not_under_way(self):
        self.inbound()
        self.send('s1')
        self.later(6000)
        self.inbound(keyword='stop')
        self.equal((self.lane(self.sms), self.final('s1')), ([], 'FILTERED'))
        self.consistent()

    def test_a_message_in_backoff_is_cancelled(self):
        self.inbound()
        self.send('s1')
        self.store.fail(self.pair, self.sms, 's1', 60000)
        got = self.inbound(keyword='stop', reply='"bye"')
        self.equal(self.final('s1'), 'FILTERED')
        # the lane is free at once for the confirmation
        self.assertIn(self.sms, got[6])
        self.consistent()

    def test_stop_on_all_channels_at_once(self):
        for channel in ('whatsapp', 'sms', 'rcs'):
            self.inbound(channel=channel)
            self.send('one' + channel)
            self.send('two' + channel)
        self.inbound(keyword='stop', channel='rcs')
        for channel in ('whatsapp', 'sms', 'rcs'):
            self.equal(self.ids(self.pair.member(channel)), ['one' + channel])
            self.equal(self.final('two' + channel), 'FILTERED')
        self.consistent()

    def test_one_confirmation_per_opt_out(self):
        self.equal(self.inbound(keyword='stop', reply='"bye"')[0], 'STOPPED')
        self.equal(self.inbound(keyword='stop', reply='"bye"')[0], 'STOPPED')
        self.equal(self.ids(self.sms), ['r1'])
        self.equal(self.lane(self.sms)[0].split(' ')[2], 'C')
        entry = self.state().entries[1]
        self.equal((entry.kind, entry.conversation), ('confirmation', '-'))
        self.equal(self.inbound(keyword='start')[0], 'REPORTED')
        self.later(1)
        self.equal(self.inbound(keyword='start')[0], 'OPENED')
        self.inbound(keyword='stop', reply='"bye"')
        self.equal(self.ids(self.sms), ['r1', 'r5'])
        self.consistent()

    def test_stop_without_a_window_opens_none(self):
        self.equal(self.inbound(keyword='stop')[:5],
                   ['STOPPED', NOON, 'm1', '', 0])
        self.equal(self.types(), ['received'])
        self.equal(self.inbound()[0], 'REPORTED')
        self.consistent()

    def test_consent_goes_by_when_the_contact_wrote(self):
        self.later(1000)
        self.inbound(keyword='stop')
        self.equal(self.field('out'), str(NOON + 1000))
        self.later(2000)
        for at in (NOON + 999, NOON + 1000):
            self.equal(self.inbound(keyword='start', at=at)[0], 'REPORTED')
            self.equal(self.send('s1')[0], 'OPTED_OUT')
        self.inbound(keyword='stop', at=NOON + 500)
        self.equal(self.field('out'), str(NOON + 1000))
        self.equal(self.inbound(keyword='start', at=NOON + 1001)[0],
                   'OPENED')
        self.equal(self.field('out'), None)
        self.later(3000)
        # an opt-out takes effect however old it is
        self.equal(self.inbound(keyword='stop', at=NOON + 900)[0], 'STOPPED')
        self.equal(self.send('s2')[0], 'OPTED_OUT')
        self.consistent()

    def test_an_opt_in_from_before_the_end_opens_nothing(self):
        self.later(1000)
        self.inbound()
        self.later(5000)
        self.inbound(keyword='stop', at=NOON + 2000)
        self.equal(self.inbound(keyword='start', at=NOON + 3000)[0],
                   'REPORTED')
        self.equal(self.field('out'), None)
        self.equal(self.inbound()[0], 'OPENED')

    def test_help_is_answered_even_after_an_opt_out(self):
        self.inbound(keyword='stop')
        self.equal(self.inbound(keyword='help', reply='"call"')[0],
                   'REPORTED')
        self.equal(self.ids(self.sms), ['r2'])
        self.equal(self.store.fail(self.pair, self.sms, 'r2', 10)[0],
                   'LATER')
        self.later(10)
        self.equal(self.take(self.store, self.sms)[0], 'NEXT')

    def test_help_in_a_window_counts(self):
        self.inbound()
        self.inbound(keyword='help', reply='"call"')
        self.equal((self.field('ni'), self.field('no')), ('2', '1'))
        self.equal(len(self.bodies('message_exchanged')), 3)
        # exempt from the filter
        self.store.fail(self.pair, self.sms, 'r2', 10)
        self.inbound(keyword='stop')
        self.equal(self.ids(self.sms), ['r2'])
        self.consistent()

    def test_ten_thousand_waiting_messages(self):
        self.inbound()
        self.store.lease = 0
        for n in range(10000):
            self.send('s%d' % n)
        self.equal(self.inbound(keyword='stop')[0], 'STOPPED')
        self.equal(self.lane(self.sms), [])
        self.equal(len(self.bodies('filtered')), 10000)
        self.consistent()

    def test_a_window_lapses_under_a_stop(self):
        self.inbound()
        self.later(DAY)
        self.equal(self.inbound(keyword='stop')[0], 'STOPPED')
        self.equal(self.record('c1').reason, 'EXPIRED')
        self.equal(self.types(self.ends), ['started', 'ended'])
        self.consistent()
