"""Which freeform messages are taken."""

from case import DAY, NOON, Case


class Send(Case):
    def test_one_step(self):
        self.inbound()
        self.later(7)
        self.equal(self.send('s1', text='"yo"'),
                   ['OK', NOON + 7, 's1', 'c1', 'sms', NOON + DAY,
                    [self.sms, 's1 %d F c1 +14155550101 +14155551234 "yo"'
                     % (NOON + DAY)]])
        entry = self.state().entries[1]
        self.equal((entry.direction, entry.message, entry.conversation,
                    entry.kind, entry.text), ('O', 's1', 'c1', 'text',
                                              '"yo"'))
        self.equal((self.field('no'), self.field('lo')),
                   ('1', str(NOON + 7)))
        self.equal(self.types()[-2:], ['queued', 'message_exchanged'])
        self.equal(self.redis('GET', self.pair.of_id('s1')),
                   self.pair.thread + ' 1')
        self.consistent()

    def test_channels_are_those_the_contact_used(self):
        self.equal(self.send('s0')[0], 'NO_WINDOW')
        self.inbound()
        self.equal(self.send('s1', channel='rcs')[0], 'NO_CHANNEL')
        self.inbound(channel='rcs', number='+14155559999')
        got = self.send('s2')
        self.equal((got[0], got[4]), ('OK', 'rcs'))
        self.assertIn(' +14155559999 ', self.lane(self.pair.member('rcs'))[0])
        self.equal(self.send('s3', channel='sms')[4], 'sms')
        self.equal(self.send('s4', channel='s')[0], 'NO_CHANNEL')
        self.equal(self.send('s5', channel='sms,rcs')[0], 'NO_CHANNEL')
        self.consistent()

    def test_lengths_in_order_of_the_checks(self):
        self.equal(self.send('s0', length=99999)[0], 'NO_WINDOW')
        self.inbound()
        self.equal(self.send('s1', length=99999, channel='rcs')[0],
                   'NO_CHANNEL')
        for channel, most in (('sms', 1600), ('whatsapp', 4096),
                              ('rcs', 3072)):
            self.inbound(channel=channel)
            self.equal(self.send('x' + channel, length=most + 1)[0],
                       'TOO_LONG')
            self.equal(self.send('s' + channel, length=most)[0], 'OK')

    def test_a_sandbox_send_writes_nothing(self):
        self.inbound()
        before = self.dump()
        got = self.send('s1', sandbox='1')
        self.equal(got, ['OK', NOON, 's1', 'c1', 'sms', NOON + DAY, []])
        self.later(DAY)
        self.equal(self.send('s1', sandbox='1')[0], 'NO_WINDOW')
        self.equal(self.dump(), before)

    def test_a_repeat_is_the_first_again(self):
        self.inbound()
        first = self.send('s1', repeat='1')
        before = self.dump()
        again = self.send('s1', repeat='1', text='"other"')
        self.equal(again[:1] + again[2:6], first[:1] + first[2:6])
        self.equal((again[6], self.dump()), ([], before))
        self.store.close(self.pair, 'c1')
        self.inbound(channel='rcs')
        self.equal(self.send('s1', repeat='1')[2:6], first[2:6])
        self.equal(self.ids(self.sms), ['s1'])
        self.consistent()

    def test_a_repeat_whose_entry_is_gone_finds_no_other(self):
        self.inbound()
        self.send('s1')
        # two entries trimmed: the place of s1 is now that of s3
        self.redis('LPOP', self.pair.transcript, 2)
        self.redis('HSET', self.pair.pair, 'mb', 2)
        self.send('s2')
        self.send('s3')
        self.assertEqual(self.send('s1', repeat='1')[6], [])
        self.equal(self.state().entries[-1].message, 's1')

    def test_an_opted_out_contact_gets_nothing(self):
        self.inbound(keyword='stop')
        before = self.dump()
        self.equal(self.send('s1'),
                   ['OPTED_OUT', NOON, 's1', '', '', 0, []])
        self.equal(self.dump(), before)

    def test_a_refusal_ends_a_lapsed_window(self):
        self.inbound()
        self.later(DAY)
        self.equal(self.send('s1')[0], 'NO_WINDOW')
        self.equal(self.types(self.ends), ['started', 'ended'])
        self.consistent()
