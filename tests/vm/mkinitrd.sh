#!/usr/bin/env bash
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes the small first file system of the virtual machine: busybox, the few kernel modules it needs in the order in which they
# load, and an init that puts the host's files, read-only and with a throw-away layer above them, in its own place.
#
# Usage: mkinitrd.sh KERNEL-DIRECTORY OUTPUT
#   KERNEL-DIRECTORY   what kernel.sh has unpacked
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
[ $# -eq 2 ] || { echo 'usage: mkinitrd.sh KERNEL-DIRECTORY OUTPUT' >&2; exit 2; }
kernel=$1
output=$(realpath -m "$2")
version=$(basename "$(echo "$kernel"/lib/modules/*)")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work"/{bin,modules,proc,sys,dev,host,layer,new}
busybox=$kernel/bin/busybox
[ -e "$busybox" ] || busybox=$kernel/usr/bin/busybox
cp "$busybox" "$work/bin/busybox"
ln -s busybox "$work/bin/sh"

for module in virtio_pci 9pnet_virtio 9p overlay usbcore vhci-hcd; do
  modprobe -d "$kernel" -S "$version" --show-depends "$module" | awk '$1 == "insmod" { print $2 }' | while read -r file; do
    name=$(basename "$file" .xz)
    [ ! -e "$work/modules/$name" ] || continue
    case $file in
      *.xz) xz -dc "$file" >"$work/modules/$name" ;;
      *) cp "$file" "$work/modules/$name" ;;
    esac
    echo "$name" >>"$work/modules/order"
  done
done

cat >"$work/init" <<'INIT'
#!/bin/sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
for module in $($b cat /modules/order); do
  $b insmod "/modules/$module" || echo "vm: $module does not load"
done
options=trans=virtio,version=9p2000.L,msize=512000
$b mount -t 9p -o $options,cache=loose,ro host /host || echo "vm: no files of the host"
$b mount -t tmpfs layer /layer
$b mkdir /layer/upper /layer/work
$b mount -t overlay -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work root /new || echo "vm: no layer above them"
for directory in proc sys dev; do
  $b mount --move "/$directory" "/new/$directory"
done
$b mount -t tmpfs run /new/run
$b mkdir -p /new/run/vm /new/dev/pts /new/dev/shm
$b mount -t devpts pts /new/dev/pts
$b mount -t tmpfs shm /new/dev/shm
$b mount -t 9p -o $options out /new/run/vm || echo "vm: nowhere to leave the results"
$b cp /bin/busybox /new/run/busybox
$b ip link set lo up
# A root of its own, not a changed one: programs that make namespaces want that.
exec $b switch_root -c /dev/console /new /bin/bash /run/vm/start
INIT
chmod +x "$work/init"
(cd "$work" && find . | cpio -o -H newc --quiet | gzip -1) >"$output"
