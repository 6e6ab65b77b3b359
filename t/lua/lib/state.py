"""What Redis holds of a pair, taken apart."""

import collections

RANK = {'QUEUED': 0, 'RECEIVED': 0, 'SENT': 1, 'FAILED': 2, 'FILTERED': 2,
        'BLOCKED': 2, 'DELIVERED': 3, 'READ': 4}
OPEN = ('c', 'e', 'o', 'tr', 'cs', 'ni', 'no', 'li', 'lo', 'sq', 'm0', 'ag',
        'as', 'ah', 'pn', 'bu')



class Entry(collections.namedtuple(
        'Entry',
        'at direction message conversation channel number kind ends text')):
    @property
    def template(self):
        return self.kind.startswith('template/')

    @property
    def business(self):
        """Of the business or its agent, no confirmation or help."""
        return self.template or self.direction == 'O' \
            and self.kind in ('text', 'greeting', 'ping')


Record = collections.namedtuple(
    'Record', 'trigger opened expires closed reason inbound outbound '
    'last_in last_out channel channels number first behind sequence agent')
TIMES = ('opened', 'expires', 'closed', 'inbound', 'outbound', 'last_in',
         'last_out', 'first', 'behind', 'sequence')


def entry(line):
    parts = line.split(' ', 8)
    return Entry(int(parts[0]), *parts[1:7], int(parts[7]), parts[8])


def record(line):
    parts = line.split(' ', 15)
    made = Record(*parts, *[''] * (16 - len(parts)))
    return made._replace(**{name: int(getattr(made, name))
                            for name in TIMES})


def history(lines):
    """[(status, at)] of a message."""
    return [(line.split(' ')[0], int(line.split(' ')[1]))
            for line in lines.split('\n')]


class PairState:
    def __init__(self, node, pair):
        self.fields = node.hash(pair.pair)
        self.trimmed = int(self.fields.get('mb', 0))
        self.entries = [entry(line) for line in
                        node('LRANGE', pair.transcript, 0, -1)]
        self.index = {e.message: self.trimmed + i
                      for i, e in enumerate(self.entries)}
        self.histories, self.records = {}, {}
        for id, value in node.hash(pair.records).items():
            if value.split(' ', 1)[0] in RANK:
                self.histories[id] = history(value)
            else:
                self.records[id] = record(value)
        # conversations in order
        self.windows = sorted(self.records,
                              key=lambda id: self.records[id].first)

    def said(self, record):
        """What was written in that window; a template is in none."""
        return [entry for entry in
                self.entries[record.first - self.trimmed:
                             record.behind - self.trimmed]
                if not entry.template]

    def final(self, message):
        seen = self.histories.get(message)
        if seen:
            return seen[-1][0]
        entry = self.entries[self.index[message] - self.trimmed]
        return 'RECEIVED' if entry.direction == 'I' else 'QUEUED'
