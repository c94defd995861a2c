#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An include that points upwards does not compile.

Usage: check-layers.py BUILD_DIRECTORY SOURCE_DIRECTORY

Really compiles files with one line: for every layer, with that layer's own compiler command, each header of every other layer.
A header from an allowed layer (src/DESIGN.md, "Layers") has to compile, alone and first; any other has to be not found. The
same for GTK below the window. Headers are found by bare name only, so quoted includes with a path are counted as violations.
Output is TAP, a point for each layer.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

# What each layer may include beside base and itself.
ALLOWED = {
    'base': [],
    'wire': [],
    'bundle': ['wire'],
    'images': ['bundle'],
    'link': ['wire'],
    'xlink': ['link', 'wire'],
    'device': ['xlink', 'link', 'wire'],
    'flash': ['device', 'bundle', 'wire'],
    'sim': ['wire'],
    'cli': ['flash', 'device', 'images', 'bundle', 'wire'],
    'app': ['flash', 'device', 'images', 'bundle', 'wire'],
}
WITH_GTK = {'app'}


def compiler_of_layers(build, source):
    """The command line, without input and output, that compiles a file of each layer."""
    commands = {}
    for entry in json.loads((build / 'compile_commands.json').read_text()):
        path = pathlib.Path(os.path.normpath(os.path.join(entry['directory'], entry['file'])))
        try:
            layer = path.relative_to(source / 'src').parts[0]
        except ValueError:
            continue
        words = shlex.split(entry['command'])
        kept, skip = [], False
        for word in words:
            if skip or word in ('-c', '-MD', entry['file']):
                skip = False
            elif word in ('-o', '-MQ', '-MF'):
                skip = True
            elif not word.startswith('-fsanitize'):
                kept.append(word)
        commands.setdefault(layer, (kept, entry['directory']))
    return commands


def public_headers(source, layer):
    return sorted(path.name for path in (source / 'src' / layer).glob('*.h') if not path.name.endswith('-private.h'))


def include_compiles(command, scratch, header):
    """(compiles, the header itself was not found, what the compiler said)"""
    words, directory = command
    unit = pathlib.Path(scratch) / f'includes-{header.replace("/", "-")}.c'
    unit.write_text(f'#include "{header}"\n')
    ended = subprocess.run(words + ['-fsyntax-only', '-fdiagnostics-color=never', str(unit)], cwd=directory,
                           capture_output=True, text=True, check=False)
    own_line = re.search(rf'{re.escape(unit.name)}:1:\d+: fatal error: .*{re.escape(header)}', ended.stderr) is not None
    return ended.returncode == 0, own_line, ended.stderr


def includes_by_path(source, layer):
    found = []
    for path in sorted((source / 'src' / layer).glob('*.[ch]')):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.match(r'\s*#\s*include\s+"[^"]*/', line):
                found.append(f'{path.relative_to(source)}:{number}: {line.strip()}')
    return found


def check_layer(layer, command, source, scratch, pool):
    allowed = {'base', *ALLOWED[layer]} - {layer}
    wanted, forbidden = [], []
    for other in ALLOWED:
        if other != layer:
            (wanted if other in allowed else forbidden).extend(public_headers(source, other))
    (wanted if layer in WITH_GTK else forbidden).append('gtk/gtk.h')

    headers = wanted + forbidden
    problems = includes_by_path(source, layer)
    for header, (compiles, not_found, said) in zip(headers, pool.map(lambda h: include_compiles(command, scratch, h), headers)):
        if header in wanted and not compiles:
            problems.append(f'{header} is allowed, but does not compile: {said.strip()}')
        elif header in forbidden and compiles:
            problems.append(f'{header} is out of bounds, but compiles')
        elif header in forbidden and not not_found:
            problems.append(f'{header} is out of bounds and was found all the same: {said.strip()}')
    return len(wanted), len(forbidden), problems


def main(build, source):
    build, source = pathlib.Path(build), pathlib.Path(os.path.realpath(source))
    commands = compiler_of_layers(build, source)
    unknown = sorted(path.name for path in (source / 'src').iterdir() if path.is_dir() and path.name not in ALLOWED)
    layers = [layer for layer in ALLOWED if layer in commands]

    print(f'1..{len(layers) + 1}')
    failed = bool(unknown) or len(layers) < 2
    print(f'{"not ok" if failed else "ok"} 1 - every folder of src is a layer of the design')
    if failed:
        print(f'# not in the design: {unknown}; with something to compile: {layers}')

    with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, layer in enumerate(layers, 2):
            n_wanted, n_forbidden, problems = check_layer(layer, commands[layer], source, scratch, pool)
            failed = failed or bool(problems)
            print(f'{"not ok" if problems else "ok"} {number} - {layer}: {n_wanted} headers from below compile, '
                  f'{n_forbidden} from elsewhere do not')
            for problem in problems:
                print('# ' + problem.replace('\n', '\n# '))
    return 1 if failed else 0


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit('usage: check-layers.py BUILD_DIRECTORY SOURCE_DIRECTORY')
    sys.exit(main(sys.argv[1], sys.argv[2]))
