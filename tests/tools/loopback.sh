#!/usr/bin/env bash
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs COMMAND in a fresh network namespace that has the loopback interface and nothing else, so that no packet can leave the
# machine. As root the namespace alone is enough; everybody else gets a user namespace around it and stays who they are.
#
# Usage: loopback.sh [--as-administrator] COMMAND [ARGUMENT...]
#   --as-administrator   leave COMMAND the right to change the new namespace's interfaces
# Ends with the command's status; with 77 when the kernel refuses to make the namespace.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

leave_rights=(setpriv --inh-caps=-all --ambient-caps=-all --)
if [ "${1-}" = --as-administrator ]; then
  leave_rights=()
  shift
fi
[ $# -gt 0 ] || { echo 'usage: loopback.sh [--as-administrator] COMMAND [ARGUMENT...]' >&2; exit 2; }

enter=()
for candidate in 'unshare --net' 'unshare --user --map-current-user --keep-caps --net'; do
  read -ra words <<<"$candidate"
  if "${words[@]}" ip link set lo up 2>/dev/null; then
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
exec "${enter[@]}" sh -c 'ip link set lo up && exec "$@"' loopback ${leave_rights[@]+"${leave_rights[@]}"} "$@"
