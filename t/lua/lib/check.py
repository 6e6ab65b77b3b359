"""Every invariant of a run that has drained; raises on the first breach."""

import collections
import datetime
import json

import resp
from journal import Journal
from model import Model
from state import OPEN, RANK, PairState
from store import (CHANNELS, ENDED, EXCHANGED, LEVELS, PING, STARTED, Store,
                   kind_of)

REASONS = ('EXPIRED', 'EXPLICIT', 'COMPLIANCE_STOP')
ENDINGS = ('SENT', 'DELIVERED', 'READ', 'FAILED', 'FILTERED')


def ms(stamp):
    moment = datetime.datetime.strptime(stamp[:-1] + '+0000',
                                        '%Y-%m-%dT%H:%M:%S.%f%z')
    return round(moment.timestamp() * 1000)


class Check:
    def __init__(self, plan):
        self.plan, self.figures = plan, collections.Counter()
        self.connection = resp.connect(plan.address)
        self.pairs = {pair.thread: pair for pair in plan.pairs}
        self.journal = Journal(plan.dir)
        self.states = {thread: PairState(self.connection.of(pair.pair), pair)
                       for thread, pair in self.pairs.items()}
        # message -> (entry, thread), conversation -> (record, thread)
        self.messages, self.conversations = {}, {}
        self.lists = {}
        for thread, state in self.states.items():
            for entry in state.entries:
                self.messages[entry.message] = entry, thread
            for id, record in state.records.items():
                assert id not in self.conversations
                self.conversations[id] = record, thread
        self.grants = self.journal.by('grant', 'message')
        self.inbounds = self.journal.by('inbound', 'thread')
        self.consents = self.journal.by('consent', 'thread')
        self.pinged = collections.Counter(
            conversation for conversation, _ in self.journal.facts['ping'])

    def run(self):
        bugs = self.journal.facts['bug']
        assert not bugs, bugs[:3]
        self.windows()
        self.openings()
        self.closes()
        self.histories()
        self.sends()
        self.once()
        self.attempts()
        self.stops()
        self.lanes()
        for thread, pair in self.pairs.items():
            for endpoint, mask in pair.hooks:
                self.endpoint(thread, endpoint, mask)
            self.message_events(thread, pair)
        self.indexes()
        self.left_over()
        self.counted()
        self.statistics()
        return self.figures

    def counted(self):
        """What the steps said they did adds up to what is there."""
        told, there = collections.Counter(), collections.Counter()
        for what, n in self.journal.facts['told']:
            told[what] += n
        assert told.pop('late', 0) >= 0
        for state in self.states.values():
            for record in state.records.values():
                there['opened ' + record.trigger] += 1
                there['ended ' + record.reason] += 1
            for entry in state.entries:
                way = 'RECEIVED' if entry.direction == 'I' else 'QUEUED'
                there['%s %s' % (entry.channel, way)] += 1
            for message, seen in state.histories.items():
                entry, _ = self.messages[message]
                for status, _ in seen:
                    there['%s %s' % (entry.channel, status)] += 1
        for pair in self.pairs.values():
            for line in self.connection.of(pair.history)(
                    'LRANGE', pair.history, 0, -1):
                there[' '.join(line.split(' ')[1:3])] += 1
        assert told == there, ('counted wrong', told - there, there - told)

    def statistics(self):
        """Those of the agents are what the transcripts say."""
        want = collections.defaultdict(lambda: collections.defaultdict(
            lambda: [0] * 7))
        for thread, state in self.states.items():
            pair = self.pairs[thread]
            for what, at in self.doings(state) if pair.agent else ():
                for level, width in LEVELS.items():
                    of = want[pair.stats, pair.live, pair.agent[:36], level]
                    of[at - at % width][what] += 1
                self.figures['statistics'] += 1
        for (stats, live, agent, level), doings in want.items():
            pair = collections.namedtuple('Keys', 'stats live')(stats, live)
            got = Store(self.connection).stats(pair, level, 60 if level == 'm'
                                               else 48, agents=[agent])
            assert got == {agent: (0, 0, doings)}, (
                'counted wrong', agent, level, got, dict(doings))

    def doings(self, state):
        """(which counter, ms), of an agent's pair."""
        for entry in state.entries:
            if entry.conversation != '-':
                yield 'IO'.index(entry.direction), entry.at
            status, at = state.histories.get(entry.message, [('', 0)])[0]
            if entry.template and status in ('SENT', 'DELIVERED', 'READ'):
                yield 6, at
        for record in state.records.values():
            yield 2, record.opened
            yield REASONS.index(record.reason) + 3, record.closed

    # what Redis holds

    def windows(self):
        """Windows follow one another, counters equal transcripts."""
        for thread, state in self.states.items():
            assert not set(OPEN) & set(state.fields), (thread, state.fields)
            assert len(state.index) == len(state.entries), thread
            behind = 0
            for id in state.windows:
                record = state.records[id]
                assert behind <= record.first < record.behind, (id, record)
                behind = record.behind
                said = [e for e in state.entries if e.conversation == id]
                there = state.said(record)
                assert said == there, ('outside its window', id)
                ways = collections.Counter(e.direction for e in said)
                assert (record.inbound, record.outbound) \
                    == (ways['I'], ways['O']), (id, record, ways)
                self.ending(record, said)
                self.silences(id, record, said, self.pairs[thread].agent)
            assert state.fields.get('prev') \
                == (state.windows[-1] if state.windows else None)
            if state.entries:
                told = Model(state, {f.message: f for f in
                                     self.inbounds[thread]},
                             self.consents[thread],
                             bool(self.pairs[thread].agent)).run()
                self.figures['pairs whose story is clear'] += told
            self.changes(self.pairs[thread], state)

    def silences(self, id, record, said, agent):
        """A ping is the answer to a silence; it greets once."""
        assert record.agent == agent.split('\n')[0], (id, record)
        kinds = [entry.kind for entry in said]
        assert kinds.count('greeting') == (1 if agent else 0), (id, kinds)
        assert kinds.count('ping') == self.pinged[id] <= 2, (id, kinds)
        for before, entry in zip(said, said[1:]):
            if entry.kind == 'ping':
                assert before.direction == 'O', ('answered', id, entry)
                assert entry.at >= before.at + PING, ('early', before, entry)
                self.figures['pings'] += 1

    def changes(self, pair, state):
        """The history of consent goes out, in, out..., and ends as is."""
        lines = self.connection.of(pair.history)('LRANGE', pair.history, 0, -1)
        said = [line.split(' ')[1] for line in lines]
        assert said == ['OPT_OUT', 'OPT_IN'] * (len(said) // 2) \
            + ['OPT_OUT'] * (len(said) % 2), (pair.thread, said)
        assert (len(said) % 2 == 1) == ('out' in state.fields), pair.thread
        self.figures['changes of consent'] += len(said)

    def ending(self, record, said):
        self.figures['ended ' + record.reason] += 1
        if record.reason == 'EXPIRED':
            assert record.closed == record.expires, record
        else:
            assert record.closed < record.expires, record
        ours = [e.at for e in said if e.direction == 'O']
        assert record.last_out == (ours[-1] if ours else 0), record
        heard = [e for e in said if e.direction == 'I']
        assert record.last_in == max(e.at for e in heard), record
        last = {e.channel: i for i, e in enumerate(heard)}
        assert record.channels.split(',') \
            == sorted(last, key=last.get, reverse=True), record
        assert record.channel == heard[-1].channel, record

    def histories(self):
        """Statuses never run backwards, and every message has an end."""
        for state in self.states.values():
            for message, seen in state.histories.items():
                ranks = [RANK[status] for status, _ in seen]
                assert ranks == sorted(set(ranks)), ('ran back', message,
                                                     seen)
                assert [s for s, _ in seen[:-1] if s in
                        ('FAILED', 'FILTERED', 'READ')] == [], seen
                times = [at for _, at in seen]
                assert times == sorted(times), seen
            for entry in state.entries:
                final = state.final(entry.message)
                if entry.direction == 'O':
                    assert final in ENDINGS, ('no end', entry, final)
                    self.figures['outbound ' + final] += 1

    # what the callers were told

    def openings(self):
        for fact in self.journal.facts['inbound']:
            assert fact.message in self.messages, ('inbound lost', fact)
            if fact.what == 'OPENED':
                record, thread = self.conversations[fact.conversation]
                assert thread == fact.thread, fact
                self.figures['conversations'] += 1
        assert self.figures['conversations'] == len(self.conversations)

    def closes(self):
        """Ended once: every closer is told the same."""
        told = collections.defaultdict(set)
        ended = collections.Counter()
        for fact in self.journal.facts['close']:
            assert fact.what != 'NONE', fact
            told[fact.conversation].add((fact.reason, fact.closed))
            ended[fact.conversation] += fact.what == 'ENDED'
        for id, answers in told.items():
            record, _ = self.conversations[id]
            assert answers == {(record.reason, record.closed)}, (id, answers)
            assert ended[id] <= 1, ('ended twice', id)

    def sends(self):
        facts = self.journal.facts['send']
        accepted = {fact.message for fact in facts if fact.what == 'OK'}
        self.figures['sends accepted'] = len(accepted)
        for fact in facts:
            if fact.what == 'OK':
                entry, thread = self.messages[fact.message]
                record, _ = self.conversations[fact.conversation]
                assert (entry.conversation, entry.channel, entry.ends) \
                    == fact[4:7] and thread == fact.thread, (entry, fact)
                assert fact.deadline == record.expires, fact
                assert entry.at < record.expires, fact
                assert entry.at <= record.closed, fact
            else:
                # the same key may find a window later
                assert fact.message not in self.messages \
                    or fact.message in accepted, fact
                if fact.what in ('NO_WINDOW', 'OPTED_OUT'):
                    self.refused(fact)

    def refused(self, fact):
        """Nobody is refused while a window is open."""
        opened = getattr(self, 'opened', None)
        if opened is None:
            opened = self.opened = collections.defaultdict(list)
            for inbound in self.journal.facts['inbound']:
                if inbound.what == 'OPENED':
                    record, _ = self.conversations[inbound.conversation]
                    opened[inbound.thread].append((inbound.now,
                                                   record.closed))
        for start, end in opened[fact.thread]:
            assert not start < fact.now < end, ('refused', fact, start, end)

    def once(self):
        """An Idempotency-Key makes one message at most."""
        made, done = collections.defaultdict(set), {}
        for key, id, what in self.journal.facts['once']:
            made[key].add(id)
        for key, status, body in self.journal.facts['done']:
            assert done.setdefault(key, (status, body)) == (status, body)
            if status == 202:
                assert body in self.messages, ('answered, not there', body)
        for key, ids in made.items():
            assert len(ids) == 1, ('two messages of one key', key, ids)
            self.figures['idempotency keys'] += 1

    # attempts

    def attempts(self):
        back = collections.Counter(m for m, in self.journal.facts['back'])
        taken = collections.Counter(
            fact[1] for fact in self.journal.facts['taken'])
        acked = {m for m, _ in self.journal.facts['acked']}
        reports = self.journal.by('status', 'message')
        for message, (entry, thread) in self.messages.items():
            if entry.direction == 'I':
                continue
            tries = sorted(grant.now for grant in self.grants[message])
            self.figures['carrier attempts'] += len(tries)
            final = self.states[thread].final(message)
            moved = [r for r in reports[message] if r.result == 'OK']
            if final == 'FAILED' and not moved:
                assert len(tries) > back[message], ('never tried', entry)
            if final in ('SENT', 'DELIVERED', 'READ'):
                assert taken[message], ('no carrier took it', entry, final)
            elif message in acked:
                assert moved, ('acked, yet ' + final, entry)
            elif taken[message]:
                self.figures['given up, though a carrier took it'] += 1
            for now in tries:
                for report in moved:
                    assert now <= report.now, ('tried, though settled',
                                               entry, now, report)
                if now >= entry.ends:
                    before = sum(one < now for one in tries)
                    assert before <= back[message], ('again after its '
                                                     'deadline', entry)
                    self.figures['first attempts after the deadline'] += 1
        self.early(acked)

    def early(self, acked):
        """A report that came before the carrier's id was known counts."""
        named = {m for m, id in self.journal.facts['acked'] if id}
        for message, status in self.journal.facts['early']:
            if message in named:
                _, thread = self.messages[message]
                final = self.states[thread].final(message)
                assert RANK[final] >= RANK[status] or final in (
                    'FAILED', 'FILTERED'), ('report lost', message, final)
                self.figures['early reports'] += 1

    def stops(self):
        """No attempt was granted after a STOP for what it cancelled."""
        stops = collections.defaultdict(list)
        for thread, now in self.journal.facts['stop']:
            stops[thread].append(now)
        for message, grants in self.grants.items():
            entry, thread = self.messages[message]
            for stop in stops[thread]:
                if entry.at < stop and entry.business:
                    for grant in grants:
                        assert grant.kind[0] in 'FT', grant
                        assert grant.now <= stop, ('after a STOP', grant,
                                                   stop)

    def lanes(self):
        """One attempt at a time while its lease is good; in order."""
        for member, tries in self.journal.by('attempt', 'member').items():
            tries.sort(key=lambda one: (one.granted, one.until))
            for one, two in zip(tries, tries[1:]):
                # a push may find a lane that a late 2xx has emptied
                assert two.granted >= one.until or two.by == 'push', \
                    ('two at once', member, one, two)
        for state in self.states.values():
            for channel in CHANNELS:
                first = [min(g.now for g in self.grants[e.message])
                         for e in state.entries
                         if e.direction == 'O' and e.channel == channel
                         and self.grants[e.message]]
                assert first == sorted(first), 'overtaken at a carrier'

    # webhooks

    def endpoint(self, thread, endpoint, mask):
        """Complete, in order, nothing taken off unseen."""
        state, pair = self.states[thread], self.pairs[thread]
        if endpoint not in pair.heard:
            mask &= ~0x1f
        events = self.journal.events[thread, endpoint]
        received, dead = [self.kept(kind, pair, endpoint) for kind in 'ed']
        told = collections.defaultdict(dict)
        for id, event in events.items():
            assert event.times or event.dead, id
            assert (id in received) != (id in dead), (
                'in two places' if id in dead else 'nowhere', event.type,
                event.times, event.dead, id)
            assert event.times or id in dead, id
            assert event.dead or id in received, id
            self.attempts_of(event, received.get(id) or dead[id])
            self.figures['events'] += 1
            self.figures['events delivered again'] += event.times > 1
            self.figures['events dead'] += event.dead and not event.times
            if event.type.startswith('conversation'):
                sequence = event.payload['sequence']
                story = told[event.payload['conversation_id']]
                assert sequence not in story, ('twice', id, story[sequence])
                story[sequence] = event
        previous = None
        for id in state.windows:
            self.story(id, state, told.pop(id, {}), mask, previous)
            previous = id
        assert not told, told
        self.order(state, events)

    def kept(self, kind, pair, endpoint):
        """{event id: its attempts} of the pair, in such a list."""
        name = kind, pair.partition, endpoint
        if name not in self.lists:
            key = pair.key(kind + ':' + endpoint)
            flat = self.connection.of(key)('LRANGE', key, 0, -1)
            of = self.lists[name] = collections.defaultdict(dict)
            behind = 0
            for record, item in zip(flat[::2], flat[1::2]):
                ended, *lines = record.split('\n')
                assert behind <= int(ended), ('not by their ends', name)
                behind = int(ended)
                id, _, body = item.split(' ', 2)
                found = of[json.loads(body)['payload']['thread_id']]
                assert id not in found, ('twice in a list', item)
                found[id] = [line.split(' ') for line in lines]
        return self.lists[name][pair.thread]

    def attempts_of(self, event, lines):
        """One after another, and not more than there were; the last decides
        in which list it is."""
        if lines[-1][2] == '-':         # given up without one
            assert lines[-1][0] == '0' and event.dead, lines
            ends, lines = int(lines[-1][1]), lines[:-1]
            assert not lines or int(lines[-1][1]) <= ends, lines
        made = [int(line[0]) for line in lines]
        assert made[:19] == list(range(1, len(made) + 1))[:19], (event.id,
                                                                 lines)
        assert len(made) <= 20, lines
        ends = [int(line[1]) for line in lines]
        assert ends == sorted(ends), lines
        self.figures['attempts in the log'] += len(made)

    def story(self, id, state, events, mask, previous):
        """A conversation's events, as an endpoint's mask has them."""
        record, last = state.records[id], state.records[id].sequence
        said, kinds = state.said(record), collections.Counter()
        burst = held = ' 15 ' in self.pairs[self.conversations[id][1]].agent
        warned = last - len(said) - 2 - self.pinged[id]
        assert warned in ((0, 1) if record.agent else (0,)), (id, last, said)
        for sequence in range(1, last + 1):
            edge, bit = None, EXCHANGED
            if sequence == 1:
                edge, bit = 'started', STARTED
            elif sequence == last:
                edge, bit = 'ended', ENDED
            event = events.get(sequence)
            assert (event is not None) == bool(mask & bit), \
                ('gap' if event is None else 'not wanted', id, sequence)
            if event is None:
                continue
            kind, told = event.type.split('.')[1], event.payload
            assert (told['agent_id'] or '') == record.agent[:36], (id, told)
            if edge:
                assert (kind, event.id) == (edge, 'evt_%s_%s' % (id, edge))
            elif kind == 'message_exchanged':
                if told['direction'] == 'INBOUND':
                    burst = bool(told.get('burst_end'))
                    self.figures['bursts'] += burst
                assert told['message_id'] == said[kinds[kind]].message, \
                    (id, sequence)
            kinds[kind] += 1
            if kind == 'started':
                assert told['previous_conversation_id'] == previous
            if kind == 'ended':
                self.ended(record, event)
        if mask & EXCHANGED:
            assert burst == held, ('a burst without an end', id)
            assert [kinds[kind] for kind in (
                'message_exchanged', 'inactive', 'expiring')] \
                == [len(said), self.pinged[id], warned], (id, kinds)
            self.figures['told that they are about to expire'] += warned

    @staticmethod
    def ended(record, event):
        told = event.payload
        assert (told['close_reason'], told['inbound_count'],
                told['outbound_count']) \
            == (record.reason, record.inbound, record.outbound), told
        assert ms(told['opened_at']) == record.opened
        assert ms(told['ended_at']) == record.closed <= ms(event.timestamp)

    def order(self, state, events):
        """First arrivals follow windows, sequence and statuses."""
        turn = {id: i for i, id in enumerate(state.windows)}
        came, moved = [], collections.defaultdict(list)
        for event in events.values():
            if event.first is None or event.dead:
                continue        # or was replayed, behind its followers
            told = event.payload
            if event.type.startswith('conversation'):
                came.append((event.first, turn[told['conversation_id']],
                             told['sequence']))
            else:
                moved[told['message_id']].append(
                    (event.first, RANK[told['message_status']]))
        came.sort()
        for one, two in zip(came, came[1:]):
            assert one[1:] < two[1:], ('out of order', one, two)
            self.figures['neighbours in order'] += 1
        for message, seen in moved.items():
            ranks = [rank for _, rank in sorted(seen)]
            assert ranks == sorted(set(ranks)), ('out of order', message)

    def message_events(self, thread, pair):
        """The endpoint that takes all has one event of each status."""
        state, told = self.states[thread], collections.defaultdict(list)
        for event in self.journal.events[thread, pair.hooks[0][0]].values():
            if event.type.startswith('message.'):
                status = event.payload['message_status']
                assert event.type == 'message.' + status.lower()
                told[event.payload['message_id']].append(status)
        for entry in state.entries:
            want = ['RECEIVED' if entry.direction == 'I' else 'QUEUED'] \
                + [s for s, _ in state.histories.get(entry.message, [])]
            assert sorted(told[entry.message]) == sorted(want), \
                (entry, told[entry.message], want)

    # what is left

    def indexes(self):
        for thread, state in self.states.items():
            pair = self.pairs[thread]
            node = self.connection.of(pair.pair)
            asked = [['GET', pair.of_id(id)] for id in state.index]
            asked += [['GETRANGE', pair.of_id(id), 0, 35]
                      for id in state.windows]
            asked += [['ZSCORE', pair.index, id] for id in state.windows]
            answers = node.pipe(asked) if asked else []
            want = ['%s %d' % (thread, i) for i in state.index.values()] \
                + [thread] * len(state.windows) \
                + [str(state.records[id].opened) for id in state.windows]
            assert answers == want, [two for two in zip(answers, want)
                                     if two[0] != two[1]][:3]

    def left_over(self):
        """Only contacts are kept for ever."""
        for node in self.connection.all():
            keys = list(node.scan())
            lives = node.pipe([['PTTL', key] for key in keys]) if keys else []
            for key, life in zip(keys, lives):
                kind = kind_of(key)
                assert kind in ('t', 'ct', 'h') or life > 0, \
                    ('without TTL', key)
                assert kind not in ('q', 'w', 'due', 'lane', 'lanes',
                                    'live', 'a', 'b', 'hold'), ('left', key)
