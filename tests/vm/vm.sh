#!/usr/bin/env bash
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs a script as root in a virtual machine: Debian's own kernel with a real USB stack, and this machine's files, of which it can
# change nothing. There is no network card in it. The processor is emulated, so everything takes about ten times as long.
#
# Usage: vm.sh KERNEL-DIRECTORY SCRIPT [ARGUMENT...]
#   KERNEL-DIRECTORY   where kernel.sh has put a kernel
# What the script prints is printed at the end; its status is ours. Where there is no kernel or emulator to be had nothing happens,
# and a line says so; a kernel that could not be fetched is a failure. OAK_VM_SECONDS ends a machine that does not end itself, and
# what the sanitizers are told here they are told in there, too.
#
# Only the emulator without acceleration is used: it is there wherever the tests run, in containers and in other virtual machines,
# and an accelerator that is there but does not work would hang. The kernel's console is quiet on purpose: each line on an emulated
# serial port costs time.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -ge 2 ] || { echo 'usage: vm.sh KERNEL-DIRECTORY SCRIPT [ARGUMENT...]' >&2; exit 2; }
kernel=$1
script=$(realpath "$2")
shift 2

skip () {
  echo "1..0 # SKIP $*"
  exit 0
}

[ "$(uname -m)" = x86_64 ] || skip "the kernel is one for x86_64, the programs are not"
for tool in qemu-system-x86_64 cpio modprobe; do
  command -v "$tool" >/dev/null || skip "$tool is not installed"
done
[ -d "$kernel" ] || skip "there is no kernel in $kernel; tests/vm/kernel.sh puts one there, as ./dev test does"
[ ! -f "$kernel/absent" ] || skip "$(cat "$kernel/absent")"
[ -f "$kernel/complete" ] || { echo "vm: fetching the kernel into $kernel has failed" >&2; exit 1; }

out=$(mktemp -d "${TMPDIR:-/tmp}/oak-vm-XXXXXX")
machine=
# shellcheck disable=SC2317  # called by the trap
finish () {
  [ -z "$machine" ] || kill "$machine" 2>/dev/null || true
  rm -rf "$out"
}
trap finish EXIT
trap 'exit 143' TERM INT

"$here/mkinitrd.sh" "$kernel" "$out/initrd"
{
  # Root's own directory is that of this machine, and may be closed even to the root in there.
  echo 'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/run/home LC_ALL=C.UTF-8'
  echo 'mkdir -m 700 /run/home'
  for name in ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS G_DEBUG; do
    [ -z "${!name-}" ] || printf 'export %s=%q\n' "$name" "${!name}"
  done
  printf 'cd %q\n' "$PWD"
  printf '%q ' "$script" "$@"
  printf '</dev/null >/run/vm/output 2>&1\n'
  # The script's status is what counts, not how the machine ends.
  printf 'echo $? >/run/vm/status\nsync\n/run/busybox reboot -f\n'
} >"$out/start"

# In the foreground: in our process group, so that whoever ends that ends the machine as well.
timeout --foreground "${OAK_VM_SECONDS:-330}" qemu-system-x86_64 \
  -M pc -accel tcg,thread=multi -cpu max -smp 2 -m 1536 -nodefaults -no-reboot -display none -serial "file:$out/console" \
  -kernel "$(echo "$kernel"/boot/vmlinuz-*)" -initrd "$out/initrd" \
  -append 'console=ttyS0 quiet panic=-1 tsc=reliable' \
  -fsdev local,id=host,path=/,security_model=none,readonly=on,multidevs=remap \
  -device virtio-9p-pci,fsdev=host,mount_tag=host \
  -fsdev local,id=out,path="$out",security_model=none \
  -device virtio-9p-pci,fsdev=out,mount_tag=out \
  -device virtio-rng-pci </dev/null &
machine=$!
wait "$machine" || true
machine=

[ ! -f "$out/output" ] || cat "$out/output"
if [ ! -s "$out/status" ]; then
  echo 'vm: the machine did not come to an end; its console said last:' >&2
  tail -n 40 "$out/console" >&2 || true
  exit 1
fi
exit "$(cat "$out/status")"
