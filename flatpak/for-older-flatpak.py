#!/usr/bin/env python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the manifest fit for Flatpak before 1.17, which cannot give USB alone.

Usage: for-older-flatpak.py MANIFEST OUTPUT

The lines about devices become the one line `--device=all`; every other line stays as it is.
"""
import sys

NARROW = ['"--device=dri",', '"--device-if=all:!has-usb-device",', '"--device=usb"']


def main():
    manifest, output = sys.argv[1:]
    with open(manifest, encoding='utf-8') as source:
        lines = source.read().splitlines(keepends=True)
    words = [line.strip() for line in lines]
    starts = [i for i in range(len(lines)) if words[i:i + len(NARROW)] == NARROW]
    if len(starts) != 1:
        sys.exit(f'{manifest}: the lines about devices are not what they were')
    first = starts[0]
    indent = lines[first][:len(lines[first]) - len(lines[first].lstrip())]
    lines[first:first + len(NARROW)] = [indent + '"--device=all"\n']
    with open(output, 'w', encoding='utf-8') as result:
        result.write(''.join(lines))


main()
