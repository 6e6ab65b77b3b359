#!/usr/bin/env python3
"""A short run of the simulator: one server, a Cluster of three masters, and
what is left when the retention is over.  lua_sim.t [operations]"""

import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, 'lua', 'lib'))
sys.dont_write_bytecode = True

import server
import simulation
import tap

operations = int(sys.argv[1]) if len(sys.argv) > 1 else 24000
seed = int(os.environ.get('SEED') or time.time())


def invariants(name, address, operations, workers, **options):
    plan = simulation.Plan(address, operations, workers, pairs=150, seed=seed,
                           slow=0.01, **options)
    try:
        counts, figures, seconds = simulation.run(plan)
    except AssertionError as breach:
        tap.ok(False, name, 'SEED=%d' % seed, breach)
        tap.done()
    tap.ok(True, name, '%d operations in %.0f s, %d deaths, %d windows, %d '
           'events, %d sends' % (counts['op'], seconds, counts['died'],
                                 figures['conversations'], figures['events'],
                                 figures['sends accepted']))
    return counts, figures


one = server.single()
counts, figures = invariants('every invariant holds on one server', one,
                             operations, 4)
rare = ('ended EXPIRED', 'ended EXPLICIT', 'ended COMPLIANCE_STOP',
        'outbound FILTERED', 'outbound FAILED', 'events delivered again')
tap.ok(counts['died'] and counts['overdue']
       and all(figures[one] for one in rare),
       'it has seen deaths and every ending', dict(figures))

left = simulation.run_out(simulation.Plan(one, operations // 12, 2, pairs=60,
                                          seed=seed, keep=4000))
tap.ok(not left, 'nothing else is left when the retention is over', left)
invariants('every invariant holds on a Cluster of three masters',
           server.cluster(3), operations * 2 // 5, 3)
tap.done()
