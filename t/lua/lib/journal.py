"""What the simulated workers were told and what the receivers got."""

import collections
import glob
import json
import os
import re

TRACE = re.compile('00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$')

Inbound = collections.namedtuple(
    'Inbound', 'thread what now message conversation deadline at keyword '
    'enabled window reply')
Send = collections.namedtuple(
    'Send', 'thread what now message conversation channel deadline repeat')
Close = collections.namedtuple(
    'Close', 'thread conversation what now reason closed')
Grant = collections.namedtuple('Grant', 'thread member message now kind')
Attempt = collections.namedtuple('Attempt', 'member item granted until by')
Consent = collections.namedtuple('Consent', 'thread change now at')
Report = collections.namedtuple('Report', 'message status result now')

SHAPES = {'inbound': Inbound, 'send': Send, 'close': Close, 'grant': Grant,
          'attempt': Attempt, 'status': Report, 'consent': Consent}


class Event:
    """One event at one endpoint."""

    def __init__(self, item):
        self.id, word, self.body = item.split(' ', 2)
        self.type, _, self.trace = word.partition(';')
        assert not self.trace or TRACE.match(self.trace), item
        self.times, self.first, self.dead = 0, None, False
        body = json.loads(self.body)
        self.payload, self.timestamp = body['payload'], body['timestamp']
        assert body['id'] == self.id and body['event'] == self.type, item


class Journal:
    def __init__(self, directory):
        self.facts = collections.defaultdict(list)
        # (thread, endpoint) -> id -> Event
        self.events = collections.defaultdict(dict)
        for name in sorted(glob.glob(os.path.join(directory, '*.log'))):
            with open(name) as lines:
                for line in lines:
                    self.add(json.loads(line))

    def add(self, fact):
        kind = fact[0]
        if kind in ('event', 'dead'):
            self.event(kind, *fact[1:])
        else:
            shape = SHAPES.get(kind)
            self.facts[kind].append(shape(*fact[1:]) if shape else fact[1:])

    def event(self, kind, thread, endpoint, item, at=None):
        events = self.events[thread, endpoint]
        id = item.split(' ', 1)[0]
        event = events.get(id)
        if event is None:
            event = events[id] = Event(item)
        assert item.endswith(event.body), ('an event changed', item)
        if kind == 'dead':
            event.dead = True
        else:
            event.times += 1
            event.first = min(at, event.first or at)

    def by(self, kind, field):
        """The facts of a kind, grouped by a field."""
        groups = collections.defaultdict(list)
        for fact in self.facts[kind]:
            groups[getattr(fact, field)].append(fact)
        return groups
