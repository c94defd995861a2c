#!/usr/bin/env bash
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Fetches Debian's kernel package and unpacks it, without installing it, for the tests in a virtual machine.
#
# Usage: kernel.sh DIRECTORY
# Does nothing when a kernel is there already. 77 when this machine's package lists have none.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
[ $# -eq 1 ] || { echo 'usage: kernel.sh DIRECTORY' >&2; exit 2; }
directory=$1
if [ -f "$directory/complete" ]; then
  exit 0
fi

package=$(apt-cache depends linux-image-amd64 2>/dev/null | awk '$1 == "Depends:" { print $2; exit }')
[ -n "$package" ] || { echo 'kernel: no linux-image-amd64 in the package lists' >&2; exit 77; }
rm -rf "$directory"
mkdir -p "$directory/package"
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
