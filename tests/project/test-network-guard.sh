#!/usr/bin/env bash
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The guard that watches the tests notices a stray packet of every kind, and stays silent about what keeps to the loopback.
# Usage: test-network-guard.sh VETH_GUARD LOOPBACK PYTHON
set -u
guard=$1
loopback=$2
python=$3
number=0
failed=0

# claim STATUS CLAIM COMMAND...: the command must end with STATUS.
claim () {
  local wanted=$1 what=$2 found=0 output
  shift 2
  output=$("$@" 2>&1) || found=$?
  number=$((number + 1))
  if [ "$found" -eq "$wanted" ]; then
    echo "ok $number - $what"
  else
    echo "not ok $number - $what"
    echo "# ended with $found instead of $wanted: $output"
    failed=1
  fi
}

send_datagram='
import socket, sys
out = socket.socket (socket.AF_INET, socket.SOCK_DGRAM)
out.setsockopt (socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
out.sendto (b"stray", (sys.argv[1], 11491))'
open_connection='
import socket, sys
out = socket.socket (socket.AF_INET, socket.SOCK_STREAM)
out.settimeout (0.2)
try:
    out.connect ((sys.argv[1], 11490))
except OSError:
    pass'

echo 1..9
claim 0 'a command that keeps quiet passes' "$guard" true
claim 3 'the status of the command is handed on' "$guard" sh -c 'exit 3'
claim 0 'a datagram over the loopback passes' "$guard" "$python" -c "$send_datagram" 127.0.0.1
claim 0 'a broadcast on the loopback passes' "$guard" "$python" -c "$send_datagram" 127.255.255.255
claim 1 'a broadcast to everybody is noticed' "$guard" "$python" -c "$send_datagram" 255.255.255.255
claim 1 'a broadcast to a network is noticed' "$guard" "$python" -c "$send_datagram" 10.99.0.255
claim 1 'a datagram to an address elsewhere is noticed' "$guard" "$python" -c "$send_datagram" 203.0.113.7
claim 1 'a connection to an address elsewhere is noticed' "$guard" "$python" -c "$open_connection" 203.0.113.7
claim 1 'in the plain namespace there is no way out at all' "$loopback" "$python" -c "$send_datagram" 203.0.113.7
exit "$failed"
