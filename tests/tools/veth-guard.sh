#!/usr/bin/env bash
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs COMMAND beside a network interface that leads nowhere and proves that the command sent nothing through it.
#
# A namespace with only the loopback keeps every packet inside, but also hides a program that tried: a broadcast into nothing
# just fails. Here a second interface is up, has an address and carries the default route, so every stray packet, unicast or
# broadcast, is sent and counted. The interface asks no neighbours and speaks no IPv6, so nothing else ever moves the counter.
#
# Usage: veth-guard.sh [--report FILE] COMMAND [ARGUMENT...]
#   --report FILE   also write the verdict as a JUnit file with one test case
# Ends with the command's status; with 1 when the command succeeded but packets were counted; 77 without namespaces.
# The command sees OAK_TEST_VETH=1 in its environment.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
self=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/$(basename "${BASH_SOURCE[0]}")

if [ "${1-}" != --inside ]; then
  exec "$(dirname "$self")/loopback.sh" --as-administrator "$self" --inside "$@"
fi
shift

report=
if [ "${1-}" = --report ]; then
  report=$2
  shift 2
fi
[ $# -gt 0 ] || { echo 'usage: veth-guard.sh [--report FILE] COMMAND [ARGUMENT...]' >&2; exit 2; }

near=oak-stray0
far=oak-stray1

# sysfs belongs to whoever mounted it; /proc/net/dev is always that of the reader's own namespace.
sent_packets () {
  awk -v near="$near:" -v far="$far:" '$1 == near || $1 == far { sent += $11 } END { print sent + 0 }' /proc/net/dev
}

write_report () {
  [ -n "$report" ] || return 0
  {
    printf '<?xml version="1.0" encoding="utf-8"?>\n<testsuites><testsuite name="project.network" tests="1">'
    printf '<testcase name="no packet leaves the machine" classname="project.network">'
    [ "$1" -eq 0 ] || printf '<failure>%d packets went out of the interface beside the loopback:\n%s</failure>' "$1" "$(cat "$packets")"
    printf '</testcase></testsuite></testsuites>\n'
  } >"$report"
}

ip link add "$near" type veth peer name "$far"
for interface in "$near" "$far"; do
  ip link set dev "$interface" addrgenmode none
  { echo 1 >"/proc/sys/net/ipv6/conf/$interface/disable_ipv6"; } 2>/dev/null || true
  ip link set dev "$interface" arp off
done
ip address add 10.99.0.1/24 broadcast 10.99.0.255 dev "$near"
ip link set dev "$far" up
ip link set dev "$near" up
ip route add default via 10.99.0.2 dev "$near"

# Who is asked "which packet?" afterwards has to have looked while they went by.
packets=$(mktemp)
/usr/bin/python3 "$(dirname "$self")/name-packets.py" "$far" >"$packets" 2>/dev/null &
watcher=$!

before=$(sent_packets)
status=0
OAK_TEST_VETH=1 setpriv --inh-caps=-all --ambient-caps=-all -- "$@" || status=$?
stray=$(($(sent_packets) - before))

kill "$watcher" 2>/dev/null || true
wait "$watcher" 2>/dev/null || true
write_report "$stray"
if [ "$stray" -ne 0 ]; then
  echo "veth-guard: $stray packets went out of the interface beside the loopback" >&2
  cat "$packets" >&2
  [ "$status" -ne 0 ] || status=1
fi
rm -f "$packets"
exit "$status"
