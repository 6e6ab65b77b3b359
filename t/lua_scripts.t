#!/usr/bin/env python3
"""Each promise of the Redis scripts by itself, with a clock of its own; on one
server and on one that is a Cluster.  lua_scripts.t [part of a case's name]"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, 'lua', part) for part in ('lib', '')]
sys.dont_write_bytecode = True

import mutants
import server
import tap
from case import Case
from cases import (agents, carriers, consent, contacts, defer, health, lanes,
                   log, records, send, simulation, stats, templates, traces,
                   trouble, window)
from declared import Watch
from scripts import SCRIPTS

MODULES = (window, send, consent, templates, contacts, lanes, log, defer,
           health, carriers, records, trouble, traces, agents, stats,
           simulation)
only = sys.argv[1] if len(sys.argv) > 1 else ''

Case.address = server.single()
watch = Watch(Case.address)
tap.run(tap.cases(MODULES, only))
watch.stop()
if not only:
    missing = sorted(set(SCRIPTS) - watch.seen)
    tap.ok(not missing, 'every script was run', missing)
    stale = mutants.stale()
    tap.ok(not stale, 'every rule that mutants.py breaks is there', stale)
tap.ok(not watch.strays, 'every key that a script touched is declared',
       *sorted(watch.strays)[:5])

Case.address = server.cluster(1)
tap.run(tap.cases(MODULES, only), ', on a cluster')
tap.done()
