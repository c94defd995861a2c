#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Flatpak manifest is understood by flatpak-builder and asks for no more than flatpak/README.md explains.
Usage: test-flatpak-manifest.py FLATPAK_BUILDER MANIFEST"""
import json
import pathlib
import re
import subprocess
import sys


def explained_permissions(readme):
    return set(re.findall(r'`(--[a-z-]+=[a-z0-9-]+)`', ''.join(
        line.split('|')[1] for line in readme.read_text().splitlines() if line.startswith('| `'))))


def main(builder, path):
    path = pathlib.Path(path)
    ended = subprocess.run([builder, '--show-manifest', path], capture_output=True, text=True, check=False)
    try:
        manifest = json.loads(ended.stdout)
    except ValueError:
        manifest = {}
    permissions = set(manifest.get('finish-args', []))
    modules = manifest.get('modules', [])

    checks = [
        ('flatpak-builder understands it', ended.returncode == 0 and bool(manifest), ended.stderr),
        ('it carries the application id', manifest.get('id') == path.stem, manifest.get('id')),
        ('every permission is explained and no other is asked for',
         bool(permissions) and permissions == explained_permissions(path.parent / 'README.md'), permissions),
        ('it shares nothing of the file system', not any('filesystem' in word for word in permissions), permissions),
        ('its only module is this project, from this checkout',
         [module.get('name') for module in modules] == ['oak-flasher'] and
         [source.get('type') for source in modules[0]['sources']] == ['dir'], modules),
    ]
    print(f'1..{len(checks)}')
    for number, (claim, holds, detail) in enumerate(checks, 1):
        print(f'{"ok" if holds else "not ok"} {number} - {claim}')
        if not holds:
            print(f'# {detail}'.replace('\n', ' '))
    return 0 if all(holds for _, holds, _ in checks) else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1], sys.argv[2]))
