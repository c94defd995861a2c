#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""po/POTFILES.in lists every file with words for people, nothing else, and every translation is whole.

Usage: check-potfiles.py SOURCE_DIRECTORY
Output is TAP.
"""
import pathlib
import re
import subprocess
import sys

MARKS = {
    '.c': re.compile(r'(?<![A-Za-z0-9_])(((_|N_|C_|NC_|Q_|gettext|ngettext) ?\(\s*")|(g_dn?gettext|g_dpgettext2) ?\()'),
    '.h': re.compile(r'(?<![A-Za-z0-9_])(N_|NC_) ?\(\s*"'),
    '.ui': re.compile(r'translatable="(yes|true)"'),
    '.in': re.compile(r''),
}
# The same words that the build looks for.
KEYWORDS = ['--keyword=_', '--keyword=N_', '--keyword=C_:1c,2', '--keyword=NC_:1c,2', '--keyword=g_dcgettext:2',
            '--keyword=g_dngettext:2,3', '--keyword=g_dpgettext2:2c,3']


def files_with_words(source):
    found = set()
    for path in [*source.glob('src/**/*'), *source.glob('data/*')]:
        mark = MARKS.get(path.suffix)
        if path.is_file() and mark is not None and mark.search(path.read_text()):
            found.add(str(path.relative_to(source)))
    return found


def lines_of(path):
    return [line for line in path.read_text().splitlines() if line and not line.startswith('#')]


def incomplete_translations(source):
    problems = []
    for language in lines_of(source / 'po' / 'LINGUAS'):
        ended = subprocess.run(['msgfmt', '-c', '--statistics', '-o', '/dev/null', source / 'po' / f'{language}.po'],
                               env={'PATH': '/usr/bin:/bin', 'LC_ALL': 'C'}, capture_output=True, text=True, check=False)
        if ended.returncode != 0 or 'untranslated' in ended.stderr or 'fuzzy' in ended.stderr:
            problems.append(f'{language}: {ended.stderr.strip()}')
    return problems


def template_of(source):
    """The words of the program as a catalogue without translations."""
    return subprocess.run(['xgettext', '--from-code=UTF-8', '-o', '-', *KEYWORDS, *lines_of(source / 'po' / 'POTFILES.in')],
                          cwd=source, capture_output=True, check=True).stdout


def cut_words(template):
    """Words that end in the middle of a format: only <inttypes.h> is understood there, not G_GUINT64_FORMAT and the like."""
    return [line for line in template.decode().splitlines() if re.search(r'(?<!%)(%%)*%"$', line)]


def untranslated_words(source, template):
    """Words in the program that a translation has never heard of: the catalogue is older than the source."""
    problems = []
    for language in lines_of(source / 'po' / 'LINGUAS'):
        merged = subprocess.run(['msgcmp', '--use-untranslated', source / 'po' / f'{language}.po', '/dev/stdin'],
                                input=template, env={'PATH': '/usr/bin:/bin', 'LC_ALL': 'C.UTF-8'}, capture_output=True,
                                check=False)
        if merged.returncode != 0:
            problems.append(f'{language}: {merged.stderr.decode(errors="replace").strip()}')
    return problems


def main(source):
    source = pathlib.Path(source)
    template = template_of(source)
    listed, found = set(lines_of(source / 'po' / 'POTFILES.in')), files_with_words(source)
    checks = [
        ('every file with words for people is listed', sorted(found - listed)),
        ('no other file is listed', sorted(listed - found)),
        ('every translation is whole', incomplete_translations(source)),
        ('every translation knows all words of the program', untranslated_words(source, template)),
        ('no word is cut off in the middle of a format', cut_words(template)),
    ]
    print(f'1..{len(checks)}')
    for number, (claim, problems) in enumerate(checks, 1):
        print(f'{"not ok" if problems else "ok"} {number} - {claim}')
        for problem in problems:
            print('# ' + problem.replace('\n', '\n# '))
    return 1 if any(problems for _, problems in checks) else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
