#!/bin/sh
# Usage: npm.sh folder.  The npm packages of the folder's package-lock.json,
# where they are not there yet, from the registry that npm is configured for.

set -eu
cd "$1"

# builds and tests may start at the same time
exec 9<package-lock.json
flock 9

cmp -s package-lock.json node_modules/.installed && exit 0

npm ci --ignore-scripts --no-audit --no-fund
cp package-lock.json node_modules/.installed
