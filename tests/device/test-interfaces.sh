#!/usr/bin/env bash
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Builds two networks out of namespaces and runs PROGRAM at the end of both: one camera is on each of them, with one id, and a
# second camera is on the second one only. Beside these there are an interface too small for a broadcast, one without a carrier,
# and no default route. Nothing of it is connected to the machine's own network.
#
# Usage: test-interfaces.sh LOOPBACK SIM PROGRAM [ARGUMENT...]
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
self=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/$(basename "${BASH_SOURCE[0]}")

if [ "${1-}" != --inside ]; then
  loopback=$1
  shift
  exec "$loopback" --as-administrator "$self" --inside "$@"
fi
shift
sim=$1
shift

children=()
finish () {
  for child in ${children[@]+"${children[@]}"}; do
    kill "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  done
}
trap finish EXIT

# network NUMBER OUR_ADDRESS CAMERA_ADDRESS...: a cable lanN from here to a namespace of cameras; sets $holder.
network () {
  local number=$1 ours=$2
  shift 2
  unshare --net sleep infinity &
  holder=$!
  children+=("$holder")
  while [ "$(readlink "/proc/$holder/ns/net")" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
  ip link add "lan$number" type veth peer name camera netns "$holder"
  ip link set dev "lan$number" addrgenmode none
  nsenter --target "$holder" --net ip link set dev camera addrgenmode none
  ip address add "$ours" broadcast + dev "lan$number"
  nsenter --target "$holder" --net ip link set lo up
  for address in "$@"; do
    nsenter --target "$holder" --net ip address add "$address" broadcast + dev camera
  done
  nsenter --target "$holder" --net ip link set camera up
  ip link set "lan$number" up
}

# cameras HOLDER ARGUMENT...: a simulator in that namespace, ready when this returns.
cameras () {
  local holder=$1 ready
  shift
  exec {ready}< <(exec nsenter --target "$holder" --net "$sim" --any-address "$@")
  children+=("$!")
  read -r -u "$ready" line && [ "$line" = ready ]
}

network 0 192.168.7.1/24 192.168.7.20/24
cameras "$holder" --address=192.168.7.20 --mxid=14442C10D1234567D0
network 1 169.254.9.9/16 169.254.1.222/16 169.254.1.223/16
cameras "$holder" --address=169.254.1.222 --cameras=2 --mxid=14442C10D1234567D0 --camera= --camera=mxid=1944301031C3765B00

ip link add tiny0 type veth peer name tiny1
ip address add 10.8.0.1/32 dev tiny0
ip link set tiny1 up
ip link set tiny0 up
ip link add deaf0 type veth peer name deaf1
ip address add 10.9.0.1/24 dev deaf0
ip link set deaf0 up

# The kernel tells of carriers with a delay.
for interface in lan0 lan1 tiny0; do
  until ip -oneline link show dev "$interface" | grep -q ' state UP '; do sleep 0.02; done
done

OAK_TEST_INTERFACES=1 "$@"
