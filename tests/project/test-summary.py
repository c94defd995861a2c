#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The closing line of `./dev test` tells the truth: small projects with programs that pass, fail, hang, leak and stay silent
are run by the real test runner and added up by the real script. Usage: test-summary.py SUMMARY_SCRIPT"""
import pathlib
import subprocess
import sys
import tempfile

# name -> (protocol, shell script, passed, failed, skipped)
PROGRAMS = {
    'passes': ('exitcode', 'exit 0', 1, 0, 0),
    'fails': ('exitcode', 'echo something broke; exit 1', 0, 1, 0),
    'is-skipped': ('exitcode', 'exit 77', 0, 0, 1),
    'hangs': ('exitcode', 'exec sleep 60', 0, 1, 0),
    'dies': ('exitcode', 'kill -SEGV $$', 0, 1, 0),
    'tap-passes': ('tap', 'echo 1..3; echo ok 1 /a; echo ok 2 /b; echo ok 3 /c', 3, 0, 0),
    'tap-fails-one': ('tap', 'echo 1..3; echo ok 1 /a; echo not ok 2 /b; echo ok 3 /c; exit 1', 2, 1, 0),
    'tap-skips-one': ('tap', 'echo 1..2; echo ok 1 /a; echo "ok 2 /b # SKIP no camera"', 1, 0, 1),
    'tap-leaks-at-exit': ('tap', 'echo 1..2; echo ok 1 /a; echo ok 2 /b; echo leaked >&2; exit 23', 2, 1, 0),
    'tap-dies-before-the-first-point': ('tap', 'echo 1..2; kill -SEGV $$', 0, 1, 0),
    'tap-dies-in-the-middle': ('tap', 'echo 1..2; echo ok 1 /a; kill -ABRT $$', 1, 1, 0),
    'tap-stops-in-the-middle': ('tap', 'echo 1..2; echo ok 1 /a; exit 0', 1, 1, 0),
    'tap-hangs': ('tap', 'echo 1..2; echo ok 1 /a; exec sleep 60', 1, 1, 0),
    'tap-says-nothing': ('tap', 'exit 0', 0, 1, 0),
}


def write_project(source, programs):
    lines = ["project('reports')"]
    for name, (protocol, script, *_) in programs.items():
        (source / f'{name}.sh').write_text(f'#!/bin/sh\n{script}\n')
        (source / f'{name}.sh').chmod(0o755)
        limit = 1 if 'hangs' in name else 30
        lines.append(f"test('{name}', find_program('{name}.sh'), protocol: '{protocol}', suite: 's', timeout: {limit})")
    (source / 'meson.build').write_text('\n'.join(lines) + '\n')


def add_up(script, directory, programs):
    """Runs @programs in a project of their own and returns how the summary ended and what it said."""
    source, build = directory / 'source', directory / 'build'
    source.mkdir(parents=True)
    write_project(source, programs)
    quiet = {'stdout': subprocess.DEVNULL, 'stderr': subprocess.DEVNULL}
    subprocess.run(['meson', 'setup', build, source], check=True, **quiet)
    subprocess.run(['meson', 'test', '-C', build], check=False, **quiet)
    return subprocess.run([sys.executable, script, build], capture_output=True, text=True, check=False)


def close(script, directory, programs):
    """Returns the exit status and the last line of the summary."""
    ended = add_up(script, directory, programs)
    return ended.returncode, ended.stdout.splitlines()[-1]


def measure(script, directory):
    """Returns what the summary of a program that measured something begins with."""
    program = ('tap', 'echo 1..1; echo "# aside"; echo "# measured: 7 miles"; echo ok 1 /a', 1, 0, 0)
    return add_up(script, directory, {'measures': program}).stdout.splitlines()[0].partition(': ')[2]


def expected(programs):
    passed, failed, skipped = (sum(row[column] for row in programs.values()) for column in (2, 3, 4))
    return f'{passed} passed, {failed} failed, {skipped} skipped'


def main(script):
    good = {name: row for name, row in PROGRAMS.items() if row[3] == 0}
    silent = {'is-skipped': PROGRAMS['is-skipped']}
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        checks = [
            ('every kind of program is counted as what it is', close(script, scratch / 'all', PROGRAMS), (1, expected(PROGRAMS))),
            ('a clean run ends with success', close(script, scratch / 'good', good), (0, expected(good))),
            ('a run in which nothing ran is no success', close(script, scratch / 'none', silent), (1, expected(silent))),
            ('what was measured is shown', measure(script, scratch / 'measure'), 'measures: 7 miles'),
        ]
        missing = subprocess.run([sys.executable, script, scratch], capture_output=True, text=True, check=False)
        checks.append(('a missing report is a failure', (missing.returncode, missing.stdout.splitlines()[-1]),
                       (1, '0 passed, 1 failed, 0 skipped')))

    print(f'1..{len(checks)}')
    for number, (claim, found, wanted) in enumerate(checks, 1):
        print(f'{"ok" if found == wanted else "not ok"} {number} - {claim}')
        if found != wanted:
            print(f'# found {found}, wanted {wanted}')
    return 0 if all(found == wanted for _, found, wanted in checks) else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
