#!/usr/bin/env bash
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Fetches Debian's kernel and busybox and unpacks them, without installing them, for the tests in a virtual machine. (Installing
# busybox-static would take away the other busybox that many systems start with.)
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
kernel=$(apt-cache depends linux-image-amd64 2>/dev/null | awk '$1 == "Depends:" { print $2 }' | head -n 1 || true)
if [ -z "$kernel" ]; then
  echo 'the package lists of this system have no linux-image-amd64' | tee "$directory/absent" >&2
  exit 77
fi
for attempt in 1 2 3; do
  if (cd "$directory/package" && apt-get -q -o Acquire::Retries=3 download "$kernel" busybox-static); then
    break
  fi
  [ "$attempt" -lt 3 ] || exit 1
  sleep $((attempt * 5))
done
for package in "$directory/package"/*.deb; do
  dpkg-deb -x "$package" "$directory"
done
rm -rf "$directory/package"
# Newer packages know only /usr.
[ -d "$directory/lib/modules" ] || ln -s usr/lib "$directory/lib"
depmod -b "$directory" "$(basename "$(echo "$directory"/lib/modules/*)")"
touch "$directory/complete"
