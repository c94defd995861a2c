#!/usr/bin/env bash
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Cameras on a real kernel's USB stack: plain libusb, then the program itself, as root and as somebody else. Runs inside the
# virtual machine, as root.
#
# Usage: test-usb.sh SOURCE-DIRECTORY USB-PROBE OAK-SIM [OAKFLASH]
#   without OAKFLASH only what plain libusb has to say
#
# shellcheck disable=SC2317  # the functions are called by check
set -u
PATH=$PATH:/usr/sbin:/sbin
source=$1
probe=$2
sim=$3
oakflash=${4-}
work=$(mktemp -d)
chmod 755 "$work"
install -d -o 1000 -g 1000 -m 700 "$work/home"
n=0
failed=0
simulator=

high=184430100000000100
super=184430100000000200
runs=184430100000000300
blank=184430100000000400
cuts=184430100000000500

list_seconds=8

say () {
  printf '# %s\n' "$*"
}

# check CLAIM COMMAND...: what the command prints is shown when it fails.
check () {
  local claim=$1 begin=$SECONDS
  shift
  n=$((n + 1))
  if "$@" >"$work/shown" 2>&1; then
    echo "ok $n $claim"
  else
    echo "not ok $n $claim"
    sed 's/^/# /' "$work/shown"
    failed=$((failed + 1))
  fi
  say "$((SECONDS - begin)) s"
}

# until_true SECONDS COMMAND...
until_true () {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.2
  done
}

start_simulator () {
  "$sim" --verbose --type usb --flash-size 32 "$@" >"$work/sim" 2>&1 &
  simulator=$!
  until_true 60 grep -q '^ready' "$work/sim"
}

stop_simulator () {
  kill "$simulator"
  wait "$simulator" || return 1
  ! grep -q '"protocolErrors":[1-9]' "$work/sim" || { cat "$work/sim"; return 1; }
}

as_somebody () {
  setpriv --reuid 1000 --regid 1000 --clear-groups env HOME="$work/home" "$@"
}

# sees LINE [COMMAND...]: the probe, run by COMMAND, prints that line.
sees () {
  local line=$1
  shift
  "$@" "$probe" ping >"$work/probe"
  cat "$work/probe"
  grep -qx "$line" "$work/probe"
}

sees_soon () {
  until_true 60 sees "$@"
}

start_udev () {
  /lib/systemd/systemd-udevd --daemon >/dev/null 2>&1
  udevadm trigger
  udevadm settle
}

install_rule () {
  cp "$source/data/70-oak-cameras.rules" /etc/udev/rules.d/
  udevadm control --reload
  udevadm trigger --subsystem-match=usb
  udevadm settle
}

# flash DEVICE: with the time that the program itself tells for the writing.
flash () {
  "$oakflash" flash --yes --no-wait --verbose --wait 20 --device "$1" "$work/application.dap" >"$work/flash" 2>&1
}

flash_and_show () {
  local status=0
  flash "$1" || status=$?
  tail -n 12 "$work/flash"
  [ "$status" -eq 0 ]
}

flash_as_somebody () {
  local status=0
  as_somebody "$oakflash" flash --yes --no-wait --verbose --wait 20 --device "$1" "$work/application.dap" >"$work/flash" 2>&1 || status=$?
  tail -n 12 "$work/flash"
  [ "$status" -eq 0 ]
}

# The clock times of the log around the step that writes most.
throughput () {
  awk -v name="$1" '
    function seconds (text, part) { split (text, part, ":"); return part[1] * 3600 + part[2] * 60 + part[3] }
    /step [0-9]+ of [0-9]+: / { if (writing) { took = seconds($1) - begin; writing = 0 } }
    /step [0-9]+ of [0-9]+: Write [0-9.]+ MiB/ { if (!took) { begin = seconds($1); match($0, /Write [0-9.]+/); size = substr($0, RSTART + 6, RLENGTH - 6) + 0; writing = 1 } }
    END { if (took > 0) printf "# %s: %.1f MiB in %.2f s, %.1f MiB/s\n", name, size, took, size / took }' "$work/flash"
}

# The cable is pulled once, half-way; the next try goes through.
flash_twice () {
  local status=0
  flash "$1" || status=$?
  tail -n 12 "$work/flash"
  [ "$status" -eq 1 ] || { echo "the first try ended with $status"; return 1; }
  grep -q 'unplugged' "$work/sim" || { echo 'the cable was not pulled'; return 1; }
  sees_soon "bootloader super $1 ok" || return 1
  flash_and_show "$1"
}

# The ROM boots an image into RAM, which is then written: the camera changes its number, its bus and its speed on the way, and in
# the end starts from flash.
factory_reset () {
  local status=0
  { printf 'MA2x'; head -c 700000 /dev/urandom; } >"$work/bootloader.bin"
  "$oakflash" reset --yes --no-wait --verbose --wait 20 --device usb:1.4 --type usb --confirm-id 000004 \
    --bootloader "$work/bootloader.bin" >"$work/flash" 2>&1 || status=$?
  cat "$work/flash"
  [ "$status" -eq 0 ] && sees_soon "bootloader super $1 ok"
}

lists_all () {
  "$oakflash" list --wait "$list_seconds" >"$work/list" || return 1
  cat "$work/list"
  grep -q "$high.*usb:1.1" "$work/list" && grep -q "$super.*usb:2.2" "$work/list" &&
    grep -q "$runs.*application running" "$work/list" && grep -q 'usb:1.4 *waits' "$work/list" &&
    grep -q "$cuts" "$work/list"
}

# A refusal before the first write, with what to install.
tells_the_remedy () {
  local status=0
  flash_as_somebody "$1" || status=$?
  [ "$status" -eq 1 ] && grep -q 'not allowed to open' "$work/flash" && grep -q 'Install the rule' "$work/flash"
}

# --- what is tested -----------------------------------------------------------------------------------------------------------

start_udev
zcat "$source/tests/data/daps/fw-16m.dap.gz" >"$work/application.dap"

check 'the simulator plugs five cameras in' start_simulator \
  --camera "usb-vhci=0,usb-speed=high,mxid=$high" \
  --camera "usb-vhci=1,usb-speed=super,mxid=$super" \
  --camera "usb-vhci=2,state=flash-booted,mxid=$runs" \
  --camera "usb-vhci=3,state=unbooted,mxid=$blank" \
  --camera "usb-vhci=4,mxid=$cuts,fault=drop-in-data=50:once"
check 'a camera at high speed answers a ping' sees_soon "bootloader high $high ok"
check 'a camera at super speed answers a ping' sees_soon "bootloader super $super ok"
check 'an application is seen with its id' sees_soon "flash-booted super $runs ok"
check 'a ROM is seen at high speed and without an id' sees_soon 'unbooted high - ok'
check 'without the rule nobody but root may open a camera' \
  sees_soon 'bootloader super - LIBUSB_ERROR_ACCESS' as_somebody
[ -z "$oakflash" ] || check 'the program tells somebody else what to do about it' tells_the_remedy "$super"
install_rule
check 'with the rule everybody may' sees_soon "bootloader super $super ok" as_somebody

if [ -n "$oakflash" ]; then
  check 'the program lists all five' lists_all
  check 'root flashes at high speed' flash_and_show "$high"
  throughput 'high speed'
  check 'somebody else flashes at super speed' flash_as_somebody "$super"
  throughput 'super speed'
  check 'a cable that is pulled half-way ends the flash, and the next try succeeds' flash_twice "$cuts"
  check 'a camera that waits in its ROM gets its bootloader' factory_reset "$blank"
fi
check 'the simulator ends and nobody broke a rule' stop_simulator
echo "1..$n"
exit $((failed > 0))
