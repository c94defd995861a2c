#!/usr/bin/env bash
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Builds GLib once more, with ThreadSanitizer: without that the sanitizer does not see GLib's locks and reports races that are
# none. The source is the distribution's own, of the version that is installed; apt fetches it with a configuration of its own, so
# that neither root nor a change in /etc is needed. What is there already for the installed version stays.
#
# Usage: glib-tsan.sh DIRECTORY   (the result is in DIRECTORY/install; its pkg-config folder is printed)
set -euo pipefail
mkdir -p "$1"
directory=$(cd "$1" && pwd)
version=$(dpkg-query -W -f '${source:Version}' libglib2.0-dev)
log=$directory/log

# Only the servers that offer GLib, as they stand in the system's own configuration, asked for sources.
write_sources () {
  local sites file target=$directory/apt/sources.list.d
  rm -rf "$target"
  mkdir -p "$target" "$directory/apt/lists/partial" "$directory/apt/cache/archives/partial"
  sites=$(apt-cache policy libglib2.0-dev | awk '$2 ~ /:\/\// { print $2 }' | sort -u)
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    case $file in
      *.sources)
        awk -v RS= -v ORS='\n\n' -v sites="${sites//$'\n'/ }" '
          BEGIN { n = split(sites, site, " ") }
          { for (i = 1; i <= n; i++) if (index($0, site[i])) { print; next } }' "$file" |
          sed -E 's/^Types:.*/Types: deb-src/' >"$target/$(basename "$file")"
        ;;
      *.list)
        [ ! -f "$file" ] || grep -F "$sites" "$file" | sed -nE 's/^deb /deb-src /p' >"$target/$(basename "$file")" || true
        ;;
    esac
  done
}

private_apt () {
  apt-get -q -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$directory/apt/sources.list.d" \
    -o "Dir::State::Lists=$directory/apt/lists" -o "Dir::Cache=$directory/apt/cache" -o "APT::Sandbox::User=$(id -un)" \
    -o Acquire::Retries=3 "$@"
}

# The sources of exactly the installed version, or of the newest there is.
fetch () {
  cd "$directory"
  rm -rf glib2.0-*/ glib2.0_*
  write_sources
  private_apt update
  private_apt source "glib2.0=$version" || private_apt source glib2.0
}

build () {
  local source
  cd "$directory"
  rm -rf build install
  source=$(echo glib2.0-*/)
  meson setup build "$source" --prefix="$directory/install" --libdir=lib -Dbuildtype=debugoptimized -Db_sanitize=thread \
    -Db_lundef=false -Dtests=false -Dlibmount=disabled -Dselinux=disabled -Dnls=disabled -Dxattr=false
  ninja -C build install
  rm -rf build apt
}

if [ "$(cat "$directory/version" 2>/dev/null)" != "$version" ]; then
  rm -f "$directory/version"
  echo "    GLib $version is built with ThreadSanitizer (about a minute, once)" >&2
  (fetch && build) >"$log" 2>&1 || { tail -n 20 "$log" >&2; echo "glib-tsan: GLib could not be built; see $log" >&2; exit 1; }
  echo "$version" >"$directory/version"
fi
echo "$directory/install/lib/pkgconfig"
