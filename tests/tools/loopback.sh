#!/usr/bin/env bash
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs COMMAND in a fresh network namespace that has the loopback interface and nothing else, so that no packet can leave the
# machine. As root the namespace alone is enough; everybody else gets a user namespace around it, in which the caller counts
# as root but owns nothing more than before.
#
# Usage: loopback.sh COMMAND [ARGUMENT...]
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

[ $# -gt 0 ] || { echo 'usage: loopback.sh COMMAND [ARGUMENT...]' >&2; exit 2; }

enter=()
for candidate in 'unshare --net' 'unshare --user --map-root-user --net'; do
  read -ra words <<<"$candidate"
  if "${words[@]}" true 2>/dev/null; then
    enter=("${words[@]}")
    break
  fi
done

if [ ${#enter[@]} -eq 0 ]; then
  cat >&2 <<'TEXT'
This needs a network namespace of its own, so that nothing it does can reach a real camera, and the kernel refuses to make one.
  On Debian and Ubuntu one of these allows it until the next start:
    sudo sysctl kernel.unprivileged_userns_clone=1
    sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0
  In a container, start the container with the capability SYS_ADMIN (podman and docker: --cap-add SYS_ADMIN).
  Or run the same command as root.
TEXT
  exit 77
fi

# The single quotes are meant: the inner shell expands.
# shellcheck disable=SC2016
exec "${enter[@]}" sh -c 'ip link set lo up && exec "$@"' loopback "$@"
