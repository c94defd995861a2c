#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What writing only what differs saves, and what reading back costs: a package of 16 MiB on a simulated camera that programs 1 MB a
second. It is written in full, then again and again with another script in it.

Bounds: flashing it again after a change of its script takes at most 0.10 of the time of the full flash, read back as well; a full
write with its reading back takes at most 1.25 of the writing alone. Run it in a release build; it needs a network namespace and makes
itself one.

Environment: OAKFLASH, OAK_SIM name the programs; BENCH_ROUNDS how often the script is changed (3).
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'cli'))
import clitest  # noqa: E402
import package16  # noqa: E402

ROUNDS = int(os.environ.get('BENCH_ROUNDS', '3'))
FLASH_KBPS = 1000
MAX_AGAIN = 0.10
MAX_VERIFIED = 1.25


def flash(path, *options):
    process = subprocess.run([os.environ['OAKFLASH'], 'flash', path, '--device', '127.0.0.2', '--no-wait', '--yes', '--json', *options],
                             check=True, capture_output=True, timeout=300)
    result = json.loads(process.stdout)
    if result['outcome'] != 'start-not-observed' or result['bytesVerified'] != package16.SIZE:
        raise RuntimeError(f'not written and read back: {result}')
    return result


def row(name, value, unit, bound=None):
    verdict = '' if bound is None else ('ok' if value <= bound else 'MISSED')
    limit = '' if bound is None else f'<= {bound:g}'
    print(f'{name:<52} {value:>9.3f}  {unit:<4} {limit:>9}  {verdict}')
    return verdict != 'MISSED'


def main():
    clitest.enter_namespace()
    with tempfile.TemporaryDirectory(prefix='oak-bench-') as directory:
        os.environ['XDG_RUNTIME_DIR'] = directory
        paths = []
        for index in range(2):
            paths.append(os.path.join(directory, f'script-{index}.dap'))
            pathlib.Path(paths[index]).write_bytes(package16.make_package(script=index))
        simulator = clitest.Simulator('--reboot-ms', 0, '--boot-wait-ms', -1, '--write-kbps', FLASH_KBPS)
        try:
            full = flash(paths[0], '--full')
            again = [flash(paths[(index + 1) % 2]) for index in range(ROUNDS)]
            content = simulator.stop()
        finally:
            simulator.kill()
    if content['protocolErrors'] != 0 or max(result['bytesWritten'] for result in again) >= package16.SIZE / 8:
        raise RuntimeError(f'more was written than what differs: {again}')

    times = [result['totalUs'] / 1e6 for result in again]
    print(f'{package16.SIZE // package16.MIB} MiB, a flash memory of {FLASH_KBPS} kB/s, {ROUNDS} changes of the script')
    row('full flash, read back', full['totalUs'] / 1e6, 's')
    row('of that, writing', full['writeUs'] / 1e6, 's')
    row('flash after a change of the script, read back', statistics.median(times), 's')
    row('written for that', statistics.median(result['bytesWritten'] for result in again) / 1024, 'KiB')
    good = [
        row('after a change / full', statistics.median(times) / (full['totalUs'] / 1e6), '', MAX_AGAIN),
        row('full with reading back / without', full['transferUs'] / full['writeUs'], '', MAX_VERIFIED),
    ]
    sys.exit(0 if all(good) else 1)


if __name__ == '__main__':
    main()
