# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The package of 16 MiB that the benchmarks flash."""
import random
import struct

import clitest

MIB = 1024 * 1024
SIZE = 16 * MIB


def checksum(content):
    """bootloader.md §7.3"""
    value = 5381
    for byte in content:
        value = (value * 33 + byte) & 0xffffffff
    return value


def make_package(script=0):
    """A package of exactly SIZE bytes: the smallest one of the test data with a large firmware. Its script has one number in it,
    @script, so that it can be changed."""
    entry = next(entry for entry in clitest.manifest()['packages'] if entry['id'] == 'script-spi')
    small = clitest.package_bytes(entry)
    parts = {section['name']: small[section['offset']:section['offset'] + section['size']] for section in entry['sections']}
    parts['asset_storage'] = parts['asset_storage'].replace(b'Buffer(4)', b'Buffer(%d)' % (4 + script))
    tail = 5 * 0x10000
    parts['__firmware'] += random.Random(1).randbytes(SIZE - 0x200 - tail - len(parts['__firmware']))
    content = bytearray(SIZE)
    table = b'BR'
    offset = 0x200
    for index, section in enumerate(entry['sections']):
        body = parts[section['name']]
        if index > 0:
            offset = SIZE - tail + (index - 1) * 0x10000
        if index == len(entry['sections']) - 1:
            offset = SIZE - len(body)
        content[offset:offset + len(body)] = body
        table += struct.pack('<16sIIIBB', section['name'].encode(), len(body), offset, checksum(body), section['type'],
                             section['flags'])
    content[:len(table)] = table
    return bytes(content)
