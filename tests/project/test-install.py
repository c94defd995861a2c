#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an installation puts where: every file, none more; programs that start; manuals without a warning and up to date.

Usage: test-install.py MESON BUILD_DIRECTORY PREFIX WITH_APP(true|false)
Output is TAP.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

APP = 'io.github.oakflasher.OakFlasher'
ALWAYS = {
    'bin/oakflash',
    'bin/oak-sim',
    'libexec/oak-flasher/oakflash-images',
    'share/bash-completion/completions/oakflash',
    'share/locale/de/LC_MESSAGES/oak-flasher.mo',
    'share/man/man1/oakflash.1',
    'share/man/man1/oak-sim.1',
}
WITH_APP = {
    'bin/oak-flasher',
    'lib/udev/rules.d/70-oak-cameras.rules',
    f'share/applications/{APP}.desktop',
    f'share/icons/hicolor/scalable/apps/{APP}.svg',
    f'share/icons/hicolor/symbolic/apps/{APP}-symbolic.svg',
    'share/man/man1/oak-flasher.1',
    f'share/metainfo/{APP}.metainfo.xml',
    f'share/mime/packages/{APP}.xml',
    'share/oak-flasher/demo/script-spi.dap',
}


def run(*words, **more):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=120, **more)


def shown(result):
    return f'{result.stdout}{result.stderr}exit status {result.returncode}'


def check_files(root, prefix, with_app):
    base = root / prefix.lstrip('/')
    found = {str(path.relative_to(root)) for path in root.rglob('*') if not path.is_dir()}
    expected = {str((base / name).relative_to(root)) for name in ALWAYS | (WITH_APP if with_app else set())}
    return [f'missing: {name}' for name in sorted(expected - found)] + [f'not expected: {name}' for name in sorted(found - expected)]


def check_modes(root, prefix):
    base = root / prefix.lstrip('/')
    wrong = []
    for path in base.rglob('*'):
        wanted = 0o755 if path.is_dir() or path.parent.name == 'bin' or 'libexec' in path.parts else 0o644
        if path.stat().st_mode & 0o777 != wanted:
            wrong.append(f'{path.relative_to(base)}: {path.stat().st_mode & 0o777:o} instead of {wanted:o}')
    return wrong


def check_start(root, prefix):
    problems = []
    for name in ('oakflash', 'oak-sim'):
        result = run(root / prefix.lstrip('/') / 'bin' / name, '--help', env=dict(os.environ, LC_ALL='C.UTF-8'))
        if result.returncode != 0 or 'Usage' not in result.stdout:
            problems.append(f'{name} --help: {shown(result)}')
    return problems


def check_manual(page):
    """man's own complaints."""
    result = run('man', '--warnings', '-l', page, env=dict(os.environ, LC_ALL='C.UTF-8', MANPAGER='cat', MANWIDTH='100'))
    text = re.sub('.\b', '', result.stdout)
    problems = [result.stderr] if result.stderr.strip() or result.returncode else []
    problems += [f'no section {name}' for name in ('NAME', 'SYNOPSIS', 'DESCRIPTION', 'SEE ALSO') if f'\n{name}\n' not in text]
    return problems + (['a placeholder is left'] if re.search('@[A-Z ]+@', text) else [])


def check_options(root, prefix):
    """Every option of every command stands in the manual."""
    base = root / prefix.lstrip('/')
    page = (base / 'share/man/man1/oakflash.1').read_text(encoding='utf-8').replace('\\-', '-')
    overview = run(base / 'bin' / 'oakflash', '--help', env=dict(os.environ, LC_ALL='C.UTF-8')).stdout
    commands = re.findall(r'^  ([a-z]\S*)', overview.split('Commands:')[1].split('\n\n')[0], re.MULTILINE)
    problems = [] if len(commands) > 8 else [f'only these commands: {commands}']
    for command in commands:
        details = run(base / 'bin' / 'oakflash', command, '--help', env=dict(os.environ, LC_ALL='C.UTF-8')).stdout
        section = page.split(f'.SS oakflash {command} ')[-1].split('.SS ')[0]
        problems += [f'{command} {option}' for option in re.findall(r'^  .*?(--[a-z-]+)', details, re.MULTILINE) if option not in section]
    return problems


def check_completion(root, prefix):
    base = root / prefix.lstrip('/')
    script = '''
source "$1"
complete_as () { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _oakflash; printf '%s|' "${COMPREPLY[@]}"; echo; }
complete_as oakflash ins
complete_as oakflash flash --mem
complete_as oakflash flash --memory = e
'''
    result = run('bash', '-c', script, 'completion', base / 'share/bash-completion/completions/oakflash',
                 env=dict(os.environ, PATH=f'{base}/bin:{os.environ["PATH"]}'))
    expected = 'inspect|\n--memory=|\nemmc|\n'
    return [] if result.stdout == expected else [shown(result)]


def main():
    meson, build, prefix, with_app = sys.argv[1:]
    root = pathlib.Path(tempfile.mkdtemp(prefix='oak-install-'))
    os.umask(0o022)
    try:
        installed = run(meson, 'install', '-C', build, '--no-rebuild', '--quiet', env=dict(os.environ, DESTDIR=str(root)))
        claims = [
            ('an installation succeeds', [] if installed.returncode == 0 else [shown(installed)]),
            ('every file is in its place and no other', check_files(root, prefix, with_app == 'true')),
            ('programs may be run, other files only be read', check_modes(root, prefix)),
            ('the installed programs start', check_start(root, prefix)),
            ('the manual knows every option', check_options(root, prefix)),
            ('the shell completes commands, options and values', check_completion(root, prefix)),
        ]
        for page in sorted(root.rglob('man1/*.1')):
            claims.append((f'man reads {page.name} without a warning', check_manual(page)))
    finally:
        shutil.rmtree(root)
    print(f'1..{len(claims)}')
    for number, (claim, problems) in enumerate(claims, 1):
        for line in '\n'.join(problems).splitlines():
            print(f'# {line}')
        print(f'{"not ok" if problems else "ok"} {number} {claim}')
    return int(any(problems for _, problems in claims))


sys.exit(main())
