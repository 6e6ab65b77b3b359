#!/usr/bin/env python3
"""Do the tests see what they should?  mutants.py [--ops N] [part of a name...]

Breaks one rule of the scripts at a time, in a copy of them, and wants the
simulator to fail; what it is too rough to see, a case must."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, '../lua_scripts.t')
LUA = os.path.normpath(os.path.join(HERE, '../../src/lua'))

# what, file, the rule, the rule broken[, more options of the simulator]
SLOW = ['--slow', '0.08']
MUTANTS = [
    ('send ignores the deadline', 'send-13.lua',
     "conv and tonumber(ends) > now", "conv"),
    ('send ends no lapsed window', 'send-13.lua',
     "        lapse(x)\n", "        -- nothing\n"),
    ('send ignores consent', 'send-13.lua', "if t[4] then", "if false then"),
    ('a repeated send is a new one', 'send-13.lua',
     "ARGV[12] == '1'", "ARGV[12] == 'never'"),
    ('a STOP cancels nothing', 'inbound-19.lua', "todo = cancel(x)",
     "todo = {}"),
    ('a STOP leaves the window', 'inc/consent.lua',
     "finish(x, 'COMPLIANCE_STOP', x.ms)", "set(x, 'cs', t.cs)"),
    ('a STOP cuts what is under way', 'inc/cancel.lua',
     "elseif i == 1 and live and flight == m[1] then",
     "elseif false then"),
    ('doom is forgotten', 'inc/cancel.lua',
     "flight, 'FILTERED',", "flight, '-',"),
    ('an old START clears a STOP', 'inc/consent.lua',
     "x.t.out and tonumber(at) > tonumber(x.t.out)", "x.t.out"),
    ('an opt-out by the business cancels nothing', 'consent-14.lua',
     "todo = cancel(x)", "todo = {}"),
    ('an older opt-out moves the time back', 'inc/consent.lua',
     "if first or tonumber(at) > tonumber(t.out) then", "do"),
    ('a change is not written down', 'inc/consent.lua',
     "call('RPUSH', history, at", "call('ECHO', at"),
    ('a template ignores consent', 'message-14.lua', "if t.out then",
     "if false then"),
    ('a template is in the window', 'message-14.lua',
     "msg, KEYS[13], '-', channel", "msg, KEYS[13], t.c or '-', channel"),
    ('a template is replied to for ever', 'inbound-19.lua',
     "    drop(x, 'tp:' .. channel)\n", "    set(x, 'mb', t.mb or 0)\n"),
    ('a reply before its template', 'inbound-19.lua',
     "id and behind(when) and", "id and"),
    ('a failed template is replied to', 'inc/status.lua',
     "            drop(x, last)\n", "            -- nothing\n"),
    ('a deleted contact keeps its texts', 'contact_delete-13.lua',
     "call('DEL', KEYS[6],", "call('DEL',"),
    ('a deleted contact leaves other numbers', 'contact_delete-13.lua',
     "if (t.wa or '') ~= ARGV[9] then", "if ARGV[9] == '-' then"),
    ('a deleted contact is asked for anew', 'contact_delete-13.lua',
     "field ~= 'cu' and field ~= 'out'", "field ~= 'cu'"),
    ('a report wakes nobody', 'status-13.lua',
     "call('ZADD', x.lanes, x.now, member)", "call('TIME')"),
    ('nobody is told of a death', 'inc/carrier.lua',
     "next == 1 and flight == id", "false"),
    ('what precedes an ending opens', 'inbound-19.lua',
     "at < tonumber(t.pe)", "false"),
    ('an inbound drops a lapsed window', 'inbound-19.lua', "lapse(x)\n",
     "if t.c and tonumber(t.e) <= now then set(x, 'c', nil) end\n"),
    ('an inbound extends the window', 'inbound-19.lua',
     "    set(x, 'ni', format('%d', t.ni + 1))\n",
     "    set(x, 'ni', format('%d', t.ni + 1)) set(x, 'e', at + window)\n"),
    ('a carrier id is taken twice', 'inbound-19.lua', "if seen then",
     "if false then"),
    ('a confirmation for each STOP', 'inbound-19.lua',
     "if first and reply then", "if reply then"),
    ('a window ends too early', 'inc/window.lua',
     "tonumber(t.e) <= x.now then\n        finish(x, 'EXPIRED', t.e)",
     "tonumber(t.e) <= x.now + 50 then\n        finish(x, 'EXPIRED', t.e)"),
    ('an outbound is not counted', 'send-13.lua',
     "format('%d', t[5] + 1)", "format('%d', math.min(t[5] + 1, 2))"),
    ('a send is not in the statistics', 'send-13.lua',
     "{ 2, own, now }", "{ 7, own, now }"),
    ('an ending counts as another', 'inc/window.lua',
     "reason == 'EXPIRED' and 4", "reason == 'EXPIRED' and 5"),
    ('each report of a starter counts', 'inc/status.lua',
     "if content and not was and rank", "if content and rank"),
    ('a ring is not written over', 'inc/stats.lua',
     "if is <= slot * 67108864 then", "if is == 1 then"),
    ("an ended conversation stays its agent's", 'inc/stats.lua',
     "call('ZREM', KEYS[11],", "call('ZSCORE', KEYS[11],"),
    ('an old agent stays', 'inc/stats.lua', "if not alive then",
     "if false then"),
    ('a sequence stands still', 'send-13.lua', "format('%d', t[6] + 1)",
     "t[6]"),
    ('a status runs back', 'inc/status.lua',
     "from == 2 or rank[status] <= from", "false"),
    ('what was sent is filtered', 'inc/status.lua',
     " or status == 'FILTERED'", ""),
    ('a failed template leaves none before', 'inc/status.lua',
     "            if before then\n", "            if false then\n"),
    ('a report does not settle what is under way', 'carrier_fail-13.lua',
     "local settled = call('HGET', KEYS[7], id)", "local settled = false"),
    ('what passes is an end', 'status-13.lua',
     "if ARGV[8] == 'AGAIN' and waits()", "if false and waits()"),
    ('another number becomes a contact', 'consent-14.lua',
     "if ARGV[7] ~= '-' then", "if true then"),
    ('places begin anew', 'contact_delete-13.lua',
     "set(x, 'mb', places)", "set(x, 'cu', t.cu)"),
    ('a status is told, not kept', 'inc/status.lua',
     "line = status .. ' ' .. x.ms", "line = 'SENT ' .. x.ms"),
    ('a new event jumps the lane', 'inc/push.lua',
     "call('RPUSH', key, unpack(items, i",
     "call('LPUSH', key, unpack(items, i"),
    ('a busy lane is leased again', 'inc/push.lua',
     "if length > count then", "if false then"),
    ('records without TTL', 'inc/window.lua',
     "call('PEXPIRE', KEYS[7], x.keep)\n    x.ended", "x.ended"),
    ('transcripts without TTL', 'inc/window.lua',
     "call('PEXPIRE', KEYS[6], x.keep)\n    call", "call"),
    ('places ignore what was trimmed', 'inc/window.lua',
     "(x.t.mb or 0) + n - 1", "n - 1", ['--retention', '4000']),
    ('no attempt after the deadline', 'inc/carrier.lua',
     "tried and ends <= x.now", "ends <= x.now"),
    ('attempts after the deadline', 'inc/carrier.lua',
     "tried and ends <= x.now", "false"),
    ('a settled message is tried', 'inc/carrier.lua',
     "if not call('HGET', KEYS[7], msg[1]) then", "do"),
    ('a dead deliverer saves from doom', 'inc/carrier.lua',
     "if i == 1 and doom ~= '-' then", "if false then",
     ['--slow', '0.3', '--pairs', '40']),
    ('a close fails what was accepted', 'close-12.lua',
     "finish(x, reason, at)",
     "finish(x, reason, at) call('DEL', KEYS[9])"),
    ('close answers anew', 'close-12.lua',
     "{ 'ALREADY', x.now, reason, tonumber(closed), {}, {} }",
     "{ 'ALREADY', x.now, reason, x.now, {}, {} }"),
    ('a lapsed window is counted twice', 'inc/window.lua',
     "finish(x, 'EXPIRED', t.e)",
     "tally(x, 'ended EXPIRED') finish(x, 'EXPIRED', t.e)"),
    ('what an opt-out cancels is not counted', 'inc/status.lua',
     "tally(x, msg[3] .. ' ' .. status)",
     "if status ~= 'FILTERED' then tally(x, msg[3] .. ' ' .. status) end"),
    ('an ack pops what is first', 'ack-5.lua',
     "match(items[1], '^%S+') == ARGV[4]", "true", SLOW),
    ('an ack gives the next to anybody', 'ack-5.lua',
     "owner ~= x.owner or flight ~= ARGV[4]", "false", SLOW),
    ('a failure by who lost the lane', 'fail-5.lua',
     "owner ~= x.owner or (ARGV[4] ~= '-' and ARGV[4] ~= flight)",
     "not owner", SLOW),
    ('what is given up vanishes', 'fail-5.lua',
     "    if record then\n        enter(", "    if false then\n        enter("),
    ('what waited too long vanishes', 'defer-5.lua',
     "    if record then\n        enter(", "    if false then\n        enter("),
    ('what waited too long stays', 'defer-5.lua',
     "call('LPOP', KEYS[3], gone)", "call('TIME')"),
    ('a lane is put off by who lost it', 'defer-5.lua',
     "owner ~= x.owner or (ARGV[3] ~= '-' and ARGV[3] ~= flight)",
     "not owner", SLOW),
    ('what is behind the old ones vanishes', 'defer-5.lua',
     "if left == 0 then", "if gone > 0 then"),
    ('what was received is not kept', 'ack-5.lua', "if record then",
     "if false then"),
    ('attempts are forgotten', 'fail-5.lua', "call('HSET', KEYS[5], ARGV[4],",
     "call('ECHO',"),
    ('attempts stay noted', 'ack-5.lua', "call('HDEL', KEYS[5], ARGV[4])",
     "call('TIME')"),
    ('a replay stays where it was', 'replay-6.lua', "remove(key, place, 1)",
     "call('TIME')"),
    ('a replay jumps the lane', 'replay-6.lua',
     "push(x, KEYS[3], { item }, tonumber(ARGV[7]))", "call('LPUSH', KEYS[3], item)"),
    ('what waits is replayed twice', 'replay-6.lua',
     "call('ZADD', x.lanes, x.now, member)",
     "call('RPUSH', KEYS[3], call('LINDEX', KEYS[3], 0))"),
    ('a recovery loses one', 'recover_move-6.lua',
     "remove(KEYS[4], place, count)", "remove(KEYS[4], place, count + 1)"),
    ('a recovery copies', 'recover_move-6.lua',
     "remove(KEYS[4], place, count)", "remove(KEYS[4], place, count - 1)"),
    ('a recovery never ends', 'recover-3.lua', "format('%d', now), 'PX'",
     "format('%d', now + 9e9), 'PX'"),
    ('a second recovery takes the place of the first', 'recover-3.lua',
     "was and math.min(from, was) or from", "from"),
    ('a deleted contact stays in the log', 'contact_delete-13.lua',
     "    erase(KEYS[12 + 3 * i])\n", ""),
    ('a carrier failure by who lost it', 'carrier_fail-13.lua',
     "owner ~= x.owner or (id ~= '-' and id ~= flight)", "not owner",
     SLOW),
    ('an early report is forgotten', 'carrier_ack-14.lua',
     "if early and sub(early, 1, 1) == '?' then", "if false then"),
    ('claim forgets the lease', 'claim-3.lua', "now + ARGV[3]",
     "now - 1"),
    ('anybody renews', 'renew-2.lua',
     "owner == ARGV[2] and flight == ARGV[3 + 2 * i]", "owner", SLOW),
    ('an inbound leaves the ping', 'inbound-19.lua',
     "        unset(x, 'p')\n", "        -- nothing\n"),
    ('a ping that was cancelled', 'ping-13.lua',
     "call('ZSCORE', KEYS[3], member)", "true"),
    ('a ping before its time', 'ping-13.lua', "if t.lo + after > now then",
     "if false then"),
    ('an agent tells everybody', 'inc/whose.lua', "return not only or find(",
     "return true or find("),
    ('a conversation loses its agent', 'inc/window.lua',
     "(t.ag and ' ' .. t.ag or '')", "''"),
    ('a burst ends unmarked', 'inc/pair.lua',
     "',\"burst_end\":true}}'", "'}}'"),
    ('what is held overtakes', 'inc/pair.lua',
     "        local items = lanes[sub(hook.key, x.tag)] or {}\n",
     "        local items = {}\n"),
    ('it is about to expire for ever', 'expiring-12.lua',
     "unset(x, 'x')", "due(x, 'x', now)"),
    ('an idempotency key makes new ids', 'idem_begin-1.lua',
     "if is[1] then", "if false then"),
]


def stale():
    """Mutants whose rule the scripts have in other words by now."""
    found = []
    for what, file, rule, *_ in MUTANTS:
        with open(os.path.join(LUA, file)) as source:
            if rule not in source.read():
                found.append(what)
    return found


def broken(what, file, rule, instead):
    """A copy of the scripts with that rule broken."""
    copy = os.path.join(tempfile.mkdtemp(prefix='sent-conv-mutant.'), 'lua')
    shutil.copytree(LUA, copy)
    path = os.path.join(copy, file)
    with open(path) as source:
        text = source.read()
    if rule not in text:
        sys.exit('%s: no such rule in %s any more' % (what, file))
    with open(path, 'w') as source:
        source.write(text.replace(rule, instead, 1))
    return copy


def sight(lua, ops, options):
    """How the breach showed, or None."""
    environment = {**os.environ, 'SENT_CONV_LUA': lua}
    command = [sys.executable, os.path.join(HERE, 'simulate.py'), '--ops',
               str(ops), '--workers', '3', '--pairs', '120', *options]
    try:
        run = subprocess.run(command, env=environment, capture_output=True,
                             text=True, timeout=150)
    except subprocess.TimeoutExpired:
        return 'seen: never drains'
    if run.returncode:
        return 'seen: ' + run.stderr.strip().split('\n')[-1]
    run = subprocess.run([sys.executable, CASES], env=environment,
                         capture_output=True, text=True)
    breaches = [line for line in run.stdout.split('\n')
                if line.startswith('not ok')]
    return 'by a case: ' + breaches[0] if breaches else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--ops', type=int, default=15000)
    parser.add_argument('names', nargs='*')
    asked = parser.parse_args()
    chosen = [mutant for mutant in MUTANTS if not asked.names
              or any(name in mutant[0] for name in asked.names)]
    missed = 0
    for what, file, rule, instead, *options in chosen:
        lua = broken(what, file, rule, instead)
        how = sight(lua, asked.ops, options[0] if options else [])
        shutil.rmtree(os.path.dirname(lua))
        missed += how is None
        print('%-36s %s' % (what, 'MISSED' if how is None
                            else how[:110]), flush=True)
    print('%d of %d seen' % (len(chosen) - missed, len(chosen)))
    sys.exit(1 if missed else 0)


if __name__ == '__main__':
    main()
