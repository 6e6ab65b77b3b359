#!/bin/sh

# soak.sh [OPERATIONS]: the simulator at length on one server and on a Cluster,
# what is left when a short retention is over, and the mutants

set -e

ops=${1:-1000000}
here=$(dirname "$0")

"$here/simulate.py" --ops "$ops" --seed "$(date +%s)"
"$here/simulate.py" --ops $((ops / 4)) --slow 0.05 --pairs 60
"$here/simulate.py" --cluster --ops $((ops / 3))
"$here/simulate.py" --ops $((ops / 20)) --retention 8000
"$here/mutants.py"
