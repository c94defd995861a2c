#!/usr/bin/env bash
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Fetches Debian's kernel package and unpacks it, without installing it, for the tests in a virtual machine.
#
# Usage: kernel.sh DIRECTORY
# Does nothing when a kernel is there already. DIRECTORY/complete says that it is, DIRECTORY/absent why there is none to be had
# here: the status is then 77. Neither stands there when fetching it has failed.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
[ $# -eq 1 ] || { echo 'usage: kernel.sh DIRECTORY' >&2; exit 2; }
directory=$1
if [ -f "$directory/complete" ]; then
  exit 0
fi

rm -rf "$directory"
mkdir -p "$directory/package"
package=$(apt-cache depends linux-image-amd64 2>/dev/null | awk '$1 == "Depends:" { print $2 }' | head -n 1 || true)
if [ -z "$package" ]; then
  echo 'the package lists of this system have no linux-image-amd64' | tee "$directory/absent" >&2
  exit 77
fi
for attempt in 1 2 3; do
  if (cd "$directory/package" && apt-get -q -o Acquire::Retries=3 download "$package"); then
    break
  fi
  [ "$attempt" -lt 3 ] || exit 1
  sleep $((attempt * 5))
done
dpkg-deb -x "$directory/package"/*.deb "$directory"
rm -rf "$directory/package"
depmod -b "$directory" "$(basename "$(echo "$directory"/lib/modules/*)")"
touch "$directory/complete"
