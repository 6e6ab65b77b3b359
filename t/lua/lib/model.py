"""The rules of opening and of consent by themselves: each inbound of a pair,
in the order of its transcript, must have had the effect this says."""

UNKNOWN = object()
REACHED = ('SENT', 'DELIVERED', 'READ')


class Model:
    def __init__(self, state, inbounds, consents, greets=False):
        self.state, self.inbounds, self.greets = state, inbounds, greets
        self.consents = sorted(consents, key=lambda fact: fact.now)
        self.sent = {}          # last template by channel, until the reply
        self.out = self.ended = None
        self.windows = [state.records[id] for id in state.windows]
        self.open = None        # the record of the window that is open
        self.place = 0          # of the entry looked at
        self.replies = []       # kinds of what must follow

    def settle(self):
        """Ends the window whose last entry lies behind us."""
        if self.open and self.open.behind <= self.place:
            if self.open.reason != 'EXPLICIT':
                self.ended = self.open.closed
            self.open = None

    def expect(self, fact, at):
        """What the inbound should have been answered."""
        stop = fact.keyword == 'stop'
        if fact.keyword == 'start' and self.out is not None \
                and at > self.out:
            self.out = None
        if self.open:
            what = 'CONTINUED'
        elif self.out is not None or stop or not fact.enabled \
                or at + fact.window <= fact.now \
                or (self.ended is not None and at < self.ended):
            what = 'REPORTED'
        else:
            what = 'OPENED'
        timely = fact.reply and at + fact.window > fact.now
        if stop:
            if self.out is None and timely:
                self.replies = ['confirmation']
            self.out = max(at, self.out or 0)
        elif fact.keyword == 'help' and timely:
            self.replies = ['help']
        return 'STOPPED' if stop else what

    def consent(self, now):
        """What was said for the contact before; False where it is not to be
        told what came first."""
        while self.consents and self.consents[0].now < now:
            fact = self.consents.pop(0)
            at = min(fact.now if fact.at == '' else fact.at, fact.now)
            if fact.change == 'OPT_OUT':
                self.out = max(at, self.out or 0)
            elif self.out is not None and at > self.out:
                self.out = None
        return not self.consents or self.consents[0].now > now

    def waits(self, template):
        """One that was filtered at once was not the last, or was, for less
        than a ms."""
        seen = self.state.histories.get(template.message)
        return UNKNOWN if seen and seen[0] == ('FILTERED', template.at) \
            else template

    def replies_to(self, entry, record):
        """The window's trigger is right, as far as one can tell: what has
        not reached the contact is not what it replies to."""
        template = self.sent.get(entry.channel)
        if template is UNKNOWN:
            return
        there = template and template.at // 1000 * 1000 <= entry.at
        if there and self.state.final(template.message) in REACHED:
            assert record.trigger == 'TEMPLATE_REPLY', (entry, template)
        elif not there:
            assert record.trigger == 'INBOUND', (entry, record)

    def inbound(self, entry):
        fact = self.inbounds[entry.message]
        at = min(fact.now if fact.at == '' else fact.at, fact.now)
        assert entry.at == at, ('not when it was written', entry, fact)
        was_open = self.open
        what = self.expect(fact, at)
        assert fact.what == what, ('should be ' + what, entry, fact)
        if what == 'OPENED':
            assert self.windows, ('opened, never ended', entry)
            record = self.open = self.windows.pop(0)
            self.replies_to(entry, record)
            if self.greets:
                self.replies.append('greeting')
            assert (record.first, record.opened, record.expires) \
                == (self.place, at, at + fact.window), (record, fact)
        if what == 'STOPPED' and was_open:
            assert (was_open.reason, was_open.closed, was_open.behind) \
                == ('COMPLIANCE_STOP', fact.now, self.place + 1), was_open
        if what in ('OPENED', 'CONTINUED'):
            assert fact.deadline == self.open.expires, (fact, self.open)
        if self.open:
            assert fact.now < self.open.expires, 'after the deadline'

    def run(self):
        """False where one cannot tell."""
        self.place = self.state.trimmed
        for entry in self.state.entries:
            self.settle()
            fact = self.inbounds.get(entry.message)
            if not self.consent(fact.now if fact else entry.at):
                return False
            if self.replies:
                assert (entry.direction, entry.kind) \
                    == ('O', self.replies.pop()), ('no answer', entry)
            elif entry.direction == 'O':
                assert entry.business, ('from nowhere', entry)
                if entry.template:
                    self.sent[entry.channel] = self.waits(entry)
            else:
                self.inbound(entry)
                template = self.sent.get(entry.channel)
                if template and template is not UNKNOWN \
                        and template.at // 1000 * 1000 <= entry.at:
                    del self.sent[entry.channel]
            self.place += 1
        self.settle()
        self.consent(float('inf'))
        assert not self.replies and not self.open and not self.windows
        for field, is_ in (('out', self.out), ('pe', self.ended)):
            assert self.state.fields.get(field) \
                == (None if is_ is None else str(is_)), (field, is_)
        return True
