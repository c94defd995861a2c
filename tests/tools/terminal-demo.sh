#!/usr/bin/env bash
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the window's demo shows, in the terminal: simulated cameras appear, one is given an application.
# To be run in a namespace that has only the loopback. Usage: terminal-demo.sh BUILD_DIRECTORY [PACKAGE]
set -euo pipefail
build=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
[ -n "${LC_ALL-}${LC_CTYPE-}${LANG-}" ] || export LANG=C.UTF-8
scratch=$(mktemp -d "${TMPDIR:-/tmp}/oak-demo-XXXXXX")
simulator=

clean_up () {
  [ -z "$simulator" ] || { kill "$simulator" && wait "$simulator"; } 2>/dev/null || true
  rm -rf "$scratch"
}
trap clean_up EXIT

shown () {
  printf '\n\033[1m$ %s\033[0m\n' "$(basename "$1") ${*:2}"
  "$@"
}

package=${2-}
if [ -z "$package" ]; then
  package=$scratch/people-counter.dap
  gzip -dc "$here/tests/data/daps/mobilenet.dap.gz" >"$package"
fi

# About as slow as a real camera's flash, so that there is something to watch.
"$build/src/sim/oak-sim" --cameras 3 --write-kbps 200 --boot-wait-ms 2000 >"$scratch/simulator" &
simulator=$!
for _ in $(seq 100); do
  ! grep -q '^ready' "$scratch/simulator" || break
  kill -0 "$simulator" 2>/dev/null || { echo 'the simulator did not start' >&2; exit 1; }
  sleep 0.1
done

oakflash=$build/src/cli/oakflash
shown "$oakflash" list --demo
camera=$("$oakflash" list --demo --json | grep -o '"shortId" *: *"[^"]*"' | head -n 1 | cut -d '"' -f 4)
shown "$oakflash" flash "$package" --device "$camera" --demo --yes

printf '\nThe simulated camera %s now runs %s. Nothing real was touched.\n' "$camera" "$(basename "$package")"
