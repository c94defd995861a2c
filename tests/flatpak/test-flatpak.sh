#!/usr/bin/env bash
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Builds the Flatpak from its manifest, installs it for a user made for this, and runs what is installed. Needs no network; start
# it through `tests/tools/loopback.sh --as-administrator`: the portal that hands over files does so below /run/user and nowhere
# else, and this makes one of its own there that nobody else sees.
#
# Usage: test-flatpak.sh RUNTIME-DIRECTORY SOURCE-DIRECTORY SHOTS-DIRECTORY
#   RUNTIME-DIRECTORY   where runtime.sh has made a runtime
# Output is TAP.
#
# shellcheck disable=SC2317  # the functions are called by check
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -eq 3 ] || { echo 'usage: test-flatpak.sh RUNTIME-DIRECTORY SOURCE-DIRECTORY SHOTS-DIRECTORY' >&2; exit 2; }
runtime=$1
source=$(realpath "$2")
app=io.github.oakflasher.OakFlasher
mkdir -p "$3"
shots=$(realpath "$3")

skip () {
  echo "1..0 # SKIP $*"
  exit 0
}
for tool in flatpak flatpak-builder eu-strip dbus-run-session xvfb-run; do
  command -v "$tool" >/dev/null || skip "$tool is not installed"
done
[ -f "$runtime/complete" ] || skip "there is no runtime in $runtime"
runtime=$(realpath "$runtime")

if [ "${OAK_FLATPAK_INSIDE-}" != yes ]; then
  # shellcheck disable=SC2016
  OAK_FLATPAK_INSIDE=yes exec unshare --mount --propagation private sh -c '
    mkdir -p /run/user 2>/dev/null; mount -t tmpfs -o mode=755 tmpfs /run/user && mkdir -m 700 "/run/user/$(id -u)" &&
      exec setpriv --inh-caps=-all --ambient-caps=-all -- "$@"' inside "$0" "$@"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/oak-flatpak-XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
mkdir -p "$work/home" "$work/source/flatpak"
XDG_RUNTIME_DIR=/run/user/$(id -u)
export HOME=$work/home FLATPAK_USER_DIR=$work/flatpak XDG_RUNTIME_DIR LC_ALL=C.UTF-8
export XDG_DATA_HOME=$work/home/.local/share XDG_CONFIG_HOME=$work/home/.config XDG_CACHE_HOME=$work/home/.cache
unset WAYLAND_DISPLAY DISPLAY GTK_USE_PORTAL GSETTINGS_BACKEND GTK_A11Y G_DEBUG NO_AT_BRIDGE XDG_STATE_HOME

# What a check printed is shown when it fails; what it prepared is needed by the next one.
number=0
check () {
  local claim=$1
  shift
  number=$((number + 1))
  if "$@" >"$work/shown" 2>&1; then
    echo "ok $number - $claim"
  else
    echo "not ok $number - $claim"
    tail -n 40 "$work/shown" | sed 's/^/# /'
    echo "1..$number"
    exit 1
  fi
}

install_runtime () {
  flatpak --user remote-add --no-gpg-verify standin "$runtime/repo" &&
    flatpak --user install -y --noninteractive standin org.gnome.Sdk//50 org.gnome.Platform//50
}

# The manifest as it is, but for where the sources lie, without build folders, which may be large; and for the lines that this
# Flatpak may be too old for.
build () {
  local manifest=$work/source/flatpak/$app.json
  tar -C "$source" --exclude='./build*' --exclude=./.git --exclude=./.flatpak-builder -cf - . | tar -C "$work/source" -xf - || return 1
  if ! printf '%s\n' 1.17.0 "$(flatpak --version | awk '{ print $2 }')" | sort -CV; then
    "$work/source/flatpak/for-older-flatpak.py" "$manifest" "$work/older.json" && mv "$work/older.json" "$manifest" || return 1
  fi
  dbus-run-session -- flatpak-builder --user --state-dir="$work/state" --repo="$work/repo" --force-clean \
    --default-branch=master --disable-updates --disable-rofiles-fuse "$work/out" "$manifest" &&
    ! grep -E '(warning|Warning): .*\[-W' "$work/shown"
}

install_it () {
  flatpak --user remote-add --no-gpg-verify apps "$work/repo" &&
    flatpak --user install -y --noninteractive apps "$app//master"
}

# Nothing that the manifest does not ask for.
permissions () {
  flatpak --user info --show-permissions "$app" | tee "$work/permissions"
  ! grep -E 'filesystems|session-bus|system-bus|Session Bus|System Bus' "$work/permissions" &&
    grep -qx 'shared=network;ipc;' "$work/permissions" && grep -q '^sockets=.*wayland;.*fallback-x11;' "$work/permissions"
}

exports () {
  local base=$FLATPAK_USER_DIR/exports/share
  # Older builders give the description its old name.
  { [ -f "$base/metainfo/$app.metainfo.xml" ] || [ -f "$base/metainfo/$app.appdata.xml" ]; } &&
    grep -q '^Exec=.*oak-flasher.*%' "$base/applications/$app.desktop" && [ -f "$base/icons/hicolor/scalable/apps/$app.svg" ] &&
    [ -f "$base/mime/packages/$app.xml" ]
}

check 'a runtime is installed' install_runtime
check 'the manifest builds, without a warning' build
check 'it is installed' install_it
check 'it may do what the manifest says and no more' permissions
check 'the desktop gets entry, icon, description and package type' exports

# The scenarios number their own claims.
export OAK_UI_SHOTS=$shots OAK_TEST_DATA=$source/tests/data OAK_TAP_FD=7 PYTHONDONTWRITEBYTECODE=1
status=0
xvfb-run -a -s '-screen 0 1280x900x24 -nolisten tcp' dbus-run-session -- /usr/bin/python3 "$here/test-window.py" \
  7>"$work/tap" >&2 || status=$?
awk -v before="$number" '
  /^1\.\./ { total = substr($0, 4); next }
  /^(not )?ok / { i = ($1 == "not") ? 3 : 2; $i = $i + before }
  { print }
  END { print "1.." total + before }' "$work/tap"
exit "$status"
