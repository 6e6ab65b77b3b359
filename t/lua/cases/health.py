"""How endpoints fare, and when that switches them off."""

import json

from case import NOON, Case

RECORD = ('{"id":"a","display_name":"say \\"is_active\\":true","url":"u",'
          '"event_types":["message"],"event_filters":{"message":[]},'
          '"secret":"s","old":[],"rotation":"r","disabled_reason":%s,'
          '"created_at":1,"updated_at":%d,"mask":1,"retry_count":3,'
          '"timeout":30,"rate_limit":0,"is_active":%s}')
HOUR = 3600000


class Health(Case):
    def setUp(self):
        super().setUp()
        self.hooks = self.connection.of('sc:{c}:webhooks')
        self.put(RECORD % ('null', 5, 'true'))

    def put(self, record, id='a'):
        self.hooks('HSET', 'sc:{c}:webhooks', id, record)

    def note(self, what, *more):
        got = self.store.health('c', 'a', what, *more)
        if got[0] == 'OFF':
            self.equal(json.loads(self.stored())['disabled_reason'], got[2])
        return got[0]

    def row(self):
        return {field[2:]: int(value) - (NOON if int(value) >= NOON else 0)
                for field, value in self.hooks.hash('sc:{c}:health').items()}

    def stored(self):
        return self.hooks('HGET', 'sc:{c}:webhooks', 'a')

    def test_a_success_ends_the_row(self):
        self.equal(self.note('BAD'), 'OK')
        self.equal(self.row(), {'attempt': 0, 'since': 0})
        self.later(5)
        self.equal(self.note('DEAD', 3), 'OK')
        self.equal(self.row(), {'attempt': 5, 'since': 0, 'failures': 3,
                                'dead': 3})
        self.later(7)
        self.equal(self.note('GOOD'), 'OK')
        self.equal(self.row(), {'attempt': 7, 'success': 7, 'dead': 3})

    def test_ten_in_a_row_and_an_hour(self):
        self.note('DEAD', 9)
        self.later(HOUR)
        self.note('BAD')
        self.equal(self.note('GOOD'), 'OK')
        self.note('DEAD', 20)
        self.later(2 * HOUR - 1)
        self.equal(self.note('DEAD'), 'OK')
        self.equal(self.stored(), RECORD % ('null', 5, 'true'))
        self.later(2 * HOUR)
        self.equal(self.note('DEAD'), 'OFF')
        self.equal(self.stored(), RECORD % (
            '"22 events in a row were given up, and none was delivered for '
            '60 minutes."', NOON + 2 * HOUR, 'false'))
        json.loads(self.stored())
        # once only
        self.equal(self.note('DEAD'), 'OK')
        self.equal(self.note('GONE'), 'OK')
        self.equal(self.row()['failures'], 23)

    def test_an_hour_without_so_many(self):
        self.note('DEAD', 8)
        self.later(5 * HOUR)
        self.equal(self.note('BAD'), 'OK')
        self.equal(self.note('DEAD'), 'OK')
        self.equal(self.note('DEAD'), 'OFF')

    def test_it_can_be_left_on(self):
        self.note('DEAD', 100, 0)
        self.later(9 * HOUR)
        self.equal(self.note('DEAD', 100, 0), 'OK')
        self.equal(self.note('GONE', 1, 0), 'OFF')

    def test_gone(self):
        self.put(RECORD % ('""', NOON + 9, 'true'))
        self.equal(self.note('GONE'), 'OFF')
        self.equal(self.stored(), RECORD % (
            '"The endpoint answered 410 Gone."', NOON + 10, 'false'))

    def test_a_deleted_one_leaves_nothing(self):
        self.hooks('HDEL', 'sc:{c}:webhooks', 'a')
        for what in 'GOOD', 'BAD', 'DEAD', 'GONE':
            self.equal(self.note(what), 'NONE')
        self.equal(self.row(), {})
        self.equal(self.stored(), None)

    def test_switched_on_it_begins_anew(self):
        self.note('DEAD', 30)
        self.later(2 * HOUR)
        self.equal(self.note('DEAD'), 'OFF')
        self.equal(self.store.webhook_put('c', 'a', self.stored(),
                                          RECORD % ('null', 9, 'true'), 20,
                                          '1'), 'OK')
        self.equal(self.note('DEAD', 30), 'OK')
        self.later(3 * HOUR)
        self.equal(self.note('DEAD'), 'OFF')
