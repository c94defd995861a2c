#!/usr/bin/env bash
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Cameras on a real kernel's USB stack: plain libusb, then the program itself, as root and as somebody else. Runs inside the
# virtual machine, as root.
#
# Usage: test-usb.sh SOURCE-DIRECTORY USB-PROBE OAK-SIM OAKFLASH
#
# shellcheck disable=SC2317  # the functions are called by check
set -u
PATH=$PATH:/usr/sbin:/sbin
source=$1
work=$(mktemp -d)
chmod 755 "$work"
install -d -o 1000 -g 1000 -m 700 "$work/home"
n=0
failed=0
simulator=

# Somebody else may have no way to where the programs were built.
install -m 755 "$2" "$work/usb-probe" && install -m 755 "$3" "$work/oak-sim" && install -m 755 "$4" "$work/oakflash" || exit 1
probe=$work/usb-probe
oakflash=$work/oakflash
package=$work/application.dap
small=$work/small.dap

high=184430100000000100
super=184430100000000200
runs=184430100000000300
blank=184430100000000400
cuts=184430100000000500

# With the emulated processor everything takes ten times as long and more, so the limits are wide: they are for what never comes.
patience=60
# The cameras do not give up on a host that the machine keeps from speaking for a while.
watchdog_ms=15000
# Half of the package: the cable is pulled while its bytes are under way.
cut_at=4000000
# The package is to have 8 MiB with this in it.
asset_size=7100000

say () {
  printf '# %s\n' "$*"
}

# check CLAIM COMMAND...: what the command prints is shown when it fails.
check () {
  local claim=$1 begin=$SECONDS status=0
  shift
  n=$((n + 1))
  if "$@" >"$work/shown" 2>&1; then
    echo "ok $n $claim"
  else
    echo "not ok $n $claim"
    tail -n 40 "$work/shown" | sed 's/^/# /'
    [ ! -f "$work/sim" ] || tail -n 20 "$work/sim" | sed 's/^/# /'
    # Who hangs in the kernel, and where.
    echo w >/proc/sysrq-trigger
    dmesg | tail -n 40 | sed 's/^/# /'
    failed=$((failed + 1))
    status=1
  fi
  say "$((SECONDS - begin)) s"
  return "$status"
}

# until_true COMMAND...
until_true () {
  local end=$((SECONDS + patience))
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.2
  done
}

start_simulator () {
  "$work/oak-sim" --verbose --type usb --flash-size 16 --watchdog-ms "$watchdog_ms" --reboot-ms 0 "$@" >"$work/sim" 2>&1 &
  simulator=$!
  until_true grep -q '^ready' "$work/sim"
}

stop_simulator () {
  kill "$simulator"
  wait "$simulator" && ! grep -q '"protocolErrors":[1-9]' "$work/sim" && return 0
  cat "$work/sim"
  return 1
}

somebody=(setpriv --reuid 1000 --regid 1000 --clear-groups env "HOME=$work/home")

# shows LINE...: what the probe said last time has these lines.
shows () {
  local line
  for line; do
    grep -qx "$line" "$work/probe" || { cat "$work/probe"; return 1; }
  done
}

# sees WHAT LINE...: the probe, told WHAT, prints these lines.
sees () {
  "$probe" "$1" >"$work/probe"
  shows "${@:2}"
}

somebody_sees () {
  "${somebody[@]}" "$probe" "$1" >"$work/probe"
  shows "${@:2}"
}

# The machine's own rules may know these cameras already; here they begin without.
start_udev () {
  grep -ls 03e7 /etc/udev/rules.d/* /usr/lib/udev/rules.d/* /usr/local/lib/udev/rules.d/* | xargs -r rm -f
  /lib/systemd/systemd-udevd --daemon >/dev/null 2>&1
}

install_rule () {
  cp "$source/data/70-oak-cameras.rules" /etc/udev/rules.d/
  udevadm control --reload
  udevadm trigger --subsystem-match=usb
  udevadm settle
}

# A package of the original library, and the same with an asset that is as large as those of real ones.
make_packages () {
  local size
  zcat "$source/tests/data/daps/mobilenet.dap.gz" >"$small" && head -c "$asset_size" /dev/urandom >"$work/asset" &&
    "$oakflash" repack --replace-asset "/node/1/__blob=$work/asset" -o "$package" "$small" &&
    "$oakflash" inspect "$package" | tee "$work/inspect" && grep -q 'can be flashed' "$work/inspect" || return 1
  chmod 644 "$package"
  size=$(stat -c %s "$package")
  [ "$((size >> 20))" -eq 8 ] || { echo "it has $size bytes"; return 1; }
}

# job COMMAND...: what it prints is kept and shown. A job that hangs ends, and leaves time for the others.
job () {
  local status=0
  timeout --kill-after 1 "$patience" "$@" >"$work/job" 2>&1 || status=$?
  cat "$work/job"
  return "$status"
}

job_options=(--yes --no-wait --verbose --wait 20)

# root_flashes CAMERA PACKAGE [OPTION...]
root_flashes () {
  job "$oakflash" flash "${job_options[@]}" --device "$@"
}

somebody_flashes () {
  job "${somebody[@]}" "$oakflash" flash "${job_options[@]}" --device "$@"
}

# The clock times of the log around the step that writes most.
tell_throughput () {
  awk -v name="$1" '
    function seconds (text, part) { split (text, part, ":"); return part[1] * 3600 + part[2] * 60 + part[3] }
    $2 == "info" && $3 == "step" && writing { took = seconds($1) - begin; writing = 0 }
    $2 == "info" && /  step [0-9]+ of [0-9]+: Write .*[0-9.]+ MiB/ && !took {
      begin = seconds($1)
      match($0, /[0-9.]+ MiB/)
      size = substr($0, RSTART, RLENGTH) + 0
      writing = 1
    }
    END {
      if (took > 0)
        printf "# measured: USB at %s speed, emulated processor: %.1f MiB in %.2f s, %.1f MiB/s\n", name, size, took, size / took
    }' "$work/job"
}

# The cable is pulled half-way into the package; the next try goes through.
flash_twice () {
  local status=0
  root_flashes "$1" "$package" || status=$?
  [ "$status" -eq 1 ] || { echo "the first try ended with $status"; return 1; }
  grep -q 'The connection to the camera broke off' "$work/job" &&
    grep 'info  *step ' "$work/job" | tail -n 1 | grep -q ': Write .* MiB' || return 1
  until_true sees list "bootloader super $1 ok" && root_flashes "$1" "$package"
}

# The ROM boots an image into RAM, which is then written: the camera changes its number, its bus and its speed on the way. Then an
# application as well, on what was written.
flash_blank () {
  { printf 'MA2x'; head -c 700000 /dev/urandom; } >"$work/bootloader.bin"
  job "$oakflash" reset "${job_options[@]}" --device usb:1.4 --type usb --confirm-id 000004 --bootloader "$work/bootloader.bin" &&
    until_true sees list "bootloader super $1 ok" && root_flashes "$1" "$small"
}

lists_all () {
  "${somebody[@]}" "$oakflash" list --wait 8 >"$work/list" || return 1
  cat "$work/list"
  grep -q "$high.*usb:1.1" "$work/list" && grep -q "$super.*usb:2.2" "$work/list" &&
    grep -q "$runs.*application running" "$work/list" && grep -q 'usb:1.4 *waits' "$work/list" &&
    grep -q "$cuts" "$work/list"
}

# A refusal before the first write, with what to install.
tells_the_remedy () {
  local status=0
  somebody_flashes "$1" "$package" || status=$?
  [ "$status" -eq 4 ] && grep -q 'not allowed to open' "$work/job" && grep -q 'Install the rule' "$work/job"
}

# --- what is tested -----------------------------------------------------------------------------------------------------------

start_udev
check 'a package of 8 MiB is made' make_packages
check 'the simulator plugs five cameras in' start_simulator \
  --camera "usb-vhci=0,usb-speed=high,mxid=$high" \
  --camera "usb-vhci=1,usb-speed=super,mxid=$super" \
  --camera "usb-vhci=2,state=flash-booted,mxid=$runs" \
  --camera "usb-vhci=3,state=unbooted,mxid=$blank" \
  --camera "usb-vhci=4,mxid=$cuts,fault=drop-at-byte=$cut_at:once" ||
  { echo 'Bail out! There are no cameras'; exit 1; }

# All of them restart in the same moment, which keeps the kernel's hub busy, and are at once there again.
both=("bootloader high $high ok" "bootloader super $super ok" "bootloader super $cuts ok")
check 'plain libusb asks the bootloaders at both speeds' until_true sees ping "${both[@]}"
check 'they come back as new devices, and answer again' until_true sees ping "${both[@]}"
check 'an application is seen with its id' shows "flash-booted super $runs ok"
check 'a ROM is seen at high speed and without an id' shows 'unbooted high - ok'

check 'without the rule nobody but root may open a camera' \
  until_true somebody_sees list 'bootloader super - LIBUSB_ERROR_ACCESS' 'bootloader high - LIBUSB_ERROR_ACCESS'
check 'the program tells somebody else what to do about it' tells_the_remedy "$super"
install_rule
check 'with the rule everybody may' until_true somebody_sees ping "${both[@]}"

check 'somebody else has all five in the list' until_true lists_all
check 'root flashes at high speed' root_flashes "$high" "$package"
tell_throughput high
check 'somebody else flashes at super speed' somebody_flashes "$super" "$package"
tell_throughput super
check 'a cable that is pulled half-way ends the flash, and the next try succeeds' flash_twice "$cuts"
check 'a running application is stopped for another one' root_flashes "$runs" "$small" --stop-application
check 'a camera that waits in its ROM gets a bootloader and an application' flash_blank "$blank"
check 'all of them start what they got' until_true sees list "flash-booted high $high ok" "flash-booted super $super ok" \
  "flash-booted super $cuts ok" "flash-booted super $runs ok" "flash-booted super $blank ok"
check 'the simulator ends and nobody broke a rule' stop_simulator
echo "1..$n"
exit $((failed > 0))
