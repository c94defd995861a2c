#!/usr/bin/env bash
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What is too slow or too picky for every test run: layout, static analysis, the tests once more under valgrind and those with
# threads under ThreadSanitizer, and a minute of each fuzz target. Every finding is an error.
#
# Usage: check.sh BUILD_DIRECTORY FUZZ_DIRECTORY THREADS_DIRECTORY
#   BUILD_DIRECTORY     configured and built without sanitizers
#   FUZZ_DIRECTORY      configured with -Dfuzz=true
#   THREADS_DIRECTORY   for a build with ThreadSanitizer; made when it is not there, and so is one of GLib, in THREADS_DIRECTORY-glib
set -uo pipefail
build=$1
fuzz=$2
threads=$3
fuzz_seconds=60
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
jobs=$(nproc)
failed=()
cd "$here" || exit 1

step () {
  local name=$1
  shift
  printf '\033[1m==>\033[0m %s\n' "$name"
  if "$@"; then
    printf '    %s: fine\n' "$name"
  else
    printf '    %s: FAILED\n' "$name"
    failed+=("$name")
  fi
}

sources () {
  find src tests -name '*.[ch]' -not -path 'tests/data/*' -print0
}

# The layout is what version 14 makes of .clang-format; others differ in details.
layout () {
  local program version
  program=$(command -v clang-format-14 || command -v clang-format)
  version=$("$program" --version | grep -o 'version [0-9]*' | cut -d' ' -f2)
  if [ "$version" != 14 ]; then
    echo "    left out: this is clang-format $version, the layout is that of 14"
    return 0
  fi
  sources | xargs -0 -P "$jobs" -n 8 "$program" --dry-run -Werror
}

shell_scripts () {
  grep -rlE '^#!(/usr/bin/env bash|/bin/(ba)?sh)' dev .ci tests data flatpak | xargs shellcheck
}

python_scripts () {
  grep -rlE '^#!/usr/bin/python3' tests | xargs /usr/bin/python3 -c '
import ast, sys
for path in sys.argv[1:]:
    ast.parse(open(path).read(), path)'
}

# One file a process: the analyser of version 14 takes a va_list of one file for that of another it has seen before.
static_analysis () {
  find src -name '*.c' -print0 |
    xargs -0 -P "$jobs" -n 1 clang-tidy --quiet -p "$build" \
      2> >(grep -vE 'warnings? (generated|treated as errors)|^Suppressed|^Use -header-filter' >&2)
}

# The tests that are a program of their own; through a script valgrind would watch the shell.
plain_programs () {
  meson introspect --tests "$build" | /usr/bin/python3 -c '
import json, os, sys
for test in json.load(sys.stdin):
    if test["cmd"][0].startswith(os.path.realpath(sys.argv[1]) + "/"):
        print(test["name"])' "$build"
}

valgrind_run () {
  local programs
  mapfile -t programs < <(plain_programs)
  [ ${#programs[@]} -gt 0 ] || return 1
  "$here/tests/tools/veth-guard.sh" meson test -C "$build" --no-rebuild --setup valgrind --print-errorlogs "${programs[@]}"
}

fuzz_run () {
  ninja -C "$fuzz" --quiet fuzz && "$here/tests/tools/loopback.sh" "$here/tests/tools/fuzz.py" "$fuzz" "$fuzz/findings" "$fuzz_seconds"
}

step 'layout (clang-format)' layout
step 'shell scripts (shellcheck)' shell_scripts
step 'python scripts (syntax)' python_scripts
step 'static analysis (clang-tidy)' static_analysis
step 'tests under valgrind' valgrind_run
step 'threads (ThreadSanitizer)' "$here/tests/tools/tsan.sh" "$threads" "$threads-glib"
step "fuzz targets, $fuzz_seconds seconds each" fuzz_run

if [ ${#failed[@]} -gt 0 ]; then
  printf 'Findings in: %s\n' "$(IFS=,; echo "${failed[*]}")"
  exit 1
fi
echo 'No findings.'
