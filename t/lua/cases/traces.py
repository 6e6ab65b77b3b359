"""How the trace of a request goes on with what the request caused."""

from case import Case

FIRST = ';00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
LAST = ';00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00'


class Traces(Case):
    def trails(self, member=None):
        """Behind the types of a lane's events, shortly."""
        words = [item.split(' ')[1] for item in self.lane(member or self.all)]
        return [(word.split(';')[0].split('.')[1],
                 word[len(word.split(';')[0]):]) for word in words]

    def test_of_an_inbound_and_a_send(self):
        self.store.trace = FIRST
        self.inbound()
        self.store.trace = LAST
        self.send('s1')
        self.store.trace = ''
        self.inbound()
        self.equal(self.trails(), [
            ('received', FIRST), ('started', FIRST),
            ('message_exchanged', FIRST), ('queued', LAST),
            ('message_exchanged', LAST), ('received', ''),
            ('message_exchanged', '')])
        self.equal(self.lane(self.sms)[0].split(' ')[1].partition(';')[2],
                   LAST[1:])
        self.consistent()

    def test_a_message_s_own_goes_on_where_its_deliverer_has_none(self):
        self.inbound()
        self.store.trace = FIRST
        self.send('s1')
        self.store.message(self.pair, 's2')
        self.store.trace = ''
        self.send('s3')
        self.store.ack(self.pair, self.sms, 's1')
        self.store.fail(self.pair, self.sms, 's2', -1)
        self.store.ack(self.pair, self.sms, 's3')
        self.equal(self.trails()[-3:], [('sent', FIRST), ('failed', FIRST),
                                        ('sent', '')])
        self.consistent()

    def test_a_stop_s_own_comes_first(self):
        self.inbound()
        self.store.trace = FIRST
        self.send('s1')
        self.send('s2')
        self.store.fail(self.pair, self.sms, 's1', 10)
        self.store.trace = LAST
        self.inbound(keyword='stop', reply='"bye"')
        told = self.trails()
        self.equal(told[-2:], [('filtered', LAST), ('filtered', LAST)])
        self.assertIn(('ended', LAST), told)
        self.assertIn(LAST + ' C ', self.lane(self.sms)[0])
        self.consistent()

    def test_of_a_report_a_close_and_consent(self):
        self.inbound()
        self.send('s1')
        self.store.ack(self.pair, self.sms, 's1')
        self.store.trace = FIRST
        self.store.status(self.pair, 's1', 'DELIVERED')
        self.store.close(self.pair, 'c1')
        self.store.trace = LAST
        self.inbound()
        self.store.trace = ''
        self.store.consent(self.pair, 'OPT_OUT')
        self.equal(self.trails()[-5:], [
            ('ended', FIRST), ('received', LAST), ('started', LAST),
            ('message_exchanged', LAST), ('ended', '')])
        self.equal(self.trails(self.ends)[-1], ('ended', ''))
