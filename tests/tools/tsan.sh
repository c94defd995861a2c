#!/usr/bin/env bash
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs the tests in which threads meet (link, session, camera, job) under ThreadSanitizer. One data race is a failure.
#
# Usage: tsan.sh BUILD_DIRECTORY GLIB_DIRECTORY [MESON_TEST_ARGUMENT...]   (both are made when they are not there)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$1
glib=$2
shift 2
pkg_config_path=$("$here/tests/tools/glib-tsan.sh" "$glib")

if [ ! -f "$build/build.ninja" ]; then
  meson setup "$build" "$here" -Dwerror=true -Dapp=false -Db_sanitize=thread -Db_lundef=false -Dpkg_config_path="$pkg_config_path" >/dev/null
fi

# A second report of the same race helps nobody; the first one stops the program.
export TSAN_OPTIONS="suppressions=$here/tests/tsan.supp:halt_on_error=1:second_deadlock_stack=1"
[ $# -gt 0 ] || set -- --suite link --suite xlink --suite device --suite flash --no-suite one-thread
"$here/tests/tools/veth-guard.sh" meson test -C "$build" --timeout-multiplier 10 --print-errorlogs "$@"
