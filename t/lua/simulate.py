#!/usr/bin/env python3
"""The randomized simulator of the scripts, on servers of its own.

  simulate.py [--cluster] [--ops N] [--workers N] [--pairs N] [--seed N]
              [--slow SHARE] [--retention MS]

Each process is what an nginx worker is: it takes requests of clients and
carriers, delivers the lanes its scripts leased to it, renews, sweeps, and dies
at random.  Windows last 0.3 to 2.5 s, leases 400 ms, backoffs tens of ms; some
deliveries outlive their lease on purpose.  Afterwards everything drains, and
what clients were told, what receivers got and what Redis holds is compared.
With --retention the run is over only when that has passed, and the question
is what Redis still holds."""

import argparse
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                'lib'))
sys.dont_write_bytecode = True

import server
import simulation


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--cluster', action='store_true')
    parser.add_argument('--ops', type=int, default=1000000)
    parser.add_argument('--workers', type=int, default=6)
    parser.add_argument('--pairs', type=int, default=300)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--slow', type=float, default=0.004)
    parser.add_argument('--retention', type=int)
    asked = parser.parse_args()
    address = server.cluster(3) if asked.cluster else server.single()
    plan = simulation.Plan(address, asked.ops, asked.workers, asked.pairs,
                           seed=asked.seed, slow=asked.slow)
    if asked.retention:
        plan.keep = asked.retention
        left = simulation.run_out(plan)
        print('after the retention:', left)
        sys.exit(1 if left else 0)
    counts, figures, seconds = simulation.run(plan)
    print('%d operations in %.0f s, %d deaths'
          % (counts.pop('op'), seconds, counts.pop('died')))
    for title, numbers in (('calls', counts), ('found', figures)):
        print(title)
        for name in sorted(numbers):
            print('  %-45s %d' % (name, numbers[name]))
    print('every invariant holds')


if __name__ == '__main__':
    main()
