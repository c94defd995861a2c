#!/usr/bin/env bash
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes a stand-in for the GNOME runtime and its SDK out of Debian packages, under their real names, so that the manifest is built
# and run as it is. It proves the manifest and the program in the sandbox, against a newer GTK and GLib than Debian 12 has; what is
# in the real runtime it cannot prove.
#
# Usage: runtime.sh DIRECTORY [SUITE]
#   SUITE   the Debian release the packages come from, trixie unless told otherwise
# Does nothing when it is there already. The repository is DIRECTORY/repo. 77 when a tool for it is not installed.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
[ $# -ge 1 ] || { echo 'usage: runtime.sh DIRECTORY [SUITE]' >&2; exit 2; }
directory=$1
suite=${2:-trixie}
arch=$(flatpak --default-arch 2>/dev/null || true)
branch=50

packages=(gcc libc6-dev pkg-config meson ninja-build gettext python3 libgtk-4-dev libgtk-4-bin libjson-glib-dev libusb-1.0-0-dev
  libarchive-dev libsoup-3.0-dev adwaita-icon-theme librsvg2-common fonts-cantarell fonts-dejavu-core gsettings-desktop-schemas
  desktop-file-utils shared-mime-info appstream appstream-util file patch xz-utils elfutils)

for tool in mmdebstrap ostree flatpak; do
  command -v "$tool" >/dev/null || { echo "runtime: $tool is not installed" >&2; exit 77; }
done
if [ "$(cat "$directory/complete" 2>/dev/null)" = "$suite $branch ${packages[*]}" ]; then
  exit 0
fi

rm -rf "$directory"
mkdir -p "$directory/tree/files"
cd "$directory"
mmdebstrap --quiet --variant=minbase --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
  --include="$(IFS=,; echo "${packages[*]}")" \
  --aptopt='Acquire::Retries "3"' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/[a-z]*' \
  --dpkgopt='path-include=/usr/share/locale/de/*' "$suite" root.tar
# Only /usr and /etc are a runtime; the secrets of an operating system have no business in it.
mkdir root
tar -C root --no-same-owner -xf root.tar ./usr ./etc
rm root.tar
mv root/usr tree/usr
rm -rf tree/usr/etc
mv root/etc tree/usr/etc
rm -rf tree/usr/etc/{shadow*,gshadow*,apt,.pwd.lock,ssl/private} root

ostree --repo=repo init --mode=bare-user
for id in org.gnome.Sdk org.gnome.Platform; do
  cat >tree/metadata <<METADATA
[Runtime]
name=$id
runtime=org.gnome.Platform/$arch/$branch
sdk=org.gnome.Sdk/$arch/$branch

[Environment]
XDG_DATA_DIRS=/app/share:/usr/share:/usr/share/runtime/share:/run/host/share
METADATA
  flatpak build-export --runtime --disable-sandbox --no-update-summary --disable-fsync --files=usr repo tree "$branch" >/dev/null
done
flatpak build-update-repo repo >/dev/null
rm -rf tree
echo "$suite $branch ${packages[*]}" >complete
