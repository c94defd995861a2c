#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file manager with our files installed knows a package when it sees one, and opens it with us.

Usage: test-mime-type.py MIME_XML DESKTOP_FILE
Environment: OAK_TEST_DATA. Output is TAP.
"""
import gzip
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

TYPE = 'application/x-depthai-package'


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=60).stdout


def install(home, mime_xml, desktop_file):
    for source, place in ((mime_xml, home / 'mime' / 'packages'), (desktop_file, home / 'applications')):
        place.mkdir(parents=True)
        shutil.copy(source, place)
    program = home / 'bin' / 'oak-flasher'  # an entry whose program is not there is no entry
    program.parent.mkdir()
    program.write_text('#!/bin/sh\n')
    program.chmod(0o755)
    os.environ.update(PATH=f'{program.parent}:{os.environ["PATH"]}', XDG_DATA_HOME=str(home), XDG_CONFIG_HOME=str(home / 'config'),
                      XDG_DATA_DIRS='/usr/local/share:/usr/share', GIO_USE_VFS='local', LC_ALL='C.UTF-8')
    run('update-mime-database', str(home / 'mime'))
    run('update-desktop-database', str(home / 'applications'))


def content_type(path):
    for line in run('gio', 'info', '-a', 'standard::content-type', str(path)).splitlines():
        name, _, value = line.strip().partition(': ')
        if name == 'standard::content-type':
            return value
    return None


def checks(home, data):
    package = (data / 'script-spi.dap').read_bytes()
    second = gzip.decompress((data / 'fw-16m.dap.gz').read_bytes())
    files = (
        ('a package is known by its name', 'application.dap', bytes(64), TYPE),
        ('a package is known by name and content', 'real.dap', package, TYPE),
        ('a package without an ending is known by its content', 'download', package, TYPE),
        ('a large one too', 'large', second[:65536], TYPE),
        ('a text that begins with the same letters is a text', 'notes', b'BRIEFLY: nothing to see here\n' * 40, 'text/plain'),
        ('what only begins like a package is none', 'noise', b'BR' + bytes(range(256)) * 8, 'application/octet-stream'),
    )
    for claim, name, content, wanted in files:
        path = home / name
        path.write_bytes(content)
        found = content_type(path)
        yield claim, found == wanted, f'{found} instead of {wanted}'
    handlers = run('gio', 'mime', TYPE)
    yield 'packages are opened with this program', 'io.github.oakflasher.OakFlasher.desktop' in handlers, handlers


def main():
    if any(shutil.which(program) is None for program in ('update-mime-database', 'update-desktop-database', 'gio')):
        print('1..0 # SKIP no update-mime-database, update-desktop-database or gio')
        return 0
    with tempfile.TemporaryDirectory(prefix='oak-mime-') as directory:
        home = pathlib.Path(directory)
        install(home, *sys.argv[1:3])
        results = list(checks(home, pathlib.Path(os.environ['OAK_TEST_DATA'], 'daps')))
    print(f'1..{len(results)}')
    for number, (claim, passed, problem) in enumerate(results, 1):
        print(f'{"ok" if passed else "not ok"} {number} - {claim}')
        if not passed:
            print('# ' + problem.replace('\n', '\n# '))
    return 0 if all(passed for _, passed, _ in results) else 1


if __name__ == '__main__':
    sys.exit(main())
