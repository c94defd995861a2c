#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Flatpak manifest is understood by flatpak-builder and asks for no more than flatpak/README.md explains.
Usage: test-flatpak-manifest.py FLATPAK_BUILDER MANIFEST"""
import difflib
import json
import pathlib
import re
import subprocess
import sys
import tempfile


def explained_permissions(readme):
    return set(re.findall(r'`(--[a-z-]+=[a-z0-9:!-]+)`', ''.join(
        line.split('|')[1] for line in readme.read_text().splitlines() if line.startswith('| `'))))


def changed_for_older_flatpak(path):
    """What flatpak/for-older-flatpak.py takes out and puts in."""
    with tempfile.TemporaryDirectory() as folder:
        older = pathlib.Path(folder, 'older.json')
        subprocess.run([sys.executable, path.parent / 'for-older-flatpak.py', path, older], check=True)
        json.loads(older.read_text())
        lines = difflib.ndiff(path.read_text().splitlines(), older.read_text().splitlines())
        return [line[:2] + line[2:].strip() for line in lines if line[:1] in '+-']


def refuses_another_manifest(path):
    with tempfile.TemporaryDirectory() as folder:
        other = pathlib.Path(folder, 'other.json')
        other.write_text(path.read_text().replace('"--device=usb"', '"--device=all"'))
        ended = subprocess.run([sys.executable, path.parent / 'for-older-flatpak.py', other, pathlib.Path(folder, 'out.json')],
                               capture_output=True, check=False)
        return ended.returncode != 0 and not pathlib.Path(folder, 'out.json').exists()


def main(builder, path):
    path = pathlib.Path(path)
    ended = subprocess.run([builder, '--show-manifest', path], capture_output=True, text=True, check=False)
    try:
        manifest = json.loads(ended.stdout)
    except ValueError:
        manifest = {}
    permissions = set(manifest.get('finish-args', []))
    modules = manifest.get('modules', [])

    changed = changed_for_older_flatpak(path)

    checks = [
        ('flatpak-builder understands it', ended.returncode == 0 and bool(manifest), ended.stderr),
        ('it carries the application id', manifest.get('id') == path.stem, manifest.get('id')),
        ('every permission is explained and no other is asked for',
         bool(permissions) and permissions == explained_permissions(path.parent / 'README.md'), permissions),
        ('it shares nothing of the file system', not any('filesystem' in word for word in permissions), permissions),
        ('its only module is this project, from this checkout',
         [module.get('name') for module in modules] == ['oak-flasher'] and
         [source.get('type') for source in modules[0]['sources']] == ['dir'], modules),
        ('for an older Flatpak exactly the lines about devices change',
         changed == ['- "--device=dri",', '- "--device-if=all:!has-usb-device",', '- "--device=usb"', '+ "--device=all"'], changed),
        ('and a manifest that has none of them is not touched', refuses_another_manifest(path), ''),
    ]
    print(f'1..{len(checks)}')
    for number, (claim, holds, detail) in enumerate(checks, 1):
        print(f'{"ok" if holds else "not ok"} {number} - {claim}')
        if not holds:
            print(f'# {detail}'.replace('\n', ' '))
    return 0 if all(holds for _, holds, _ in checks) else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1], sys.argv[2]))
