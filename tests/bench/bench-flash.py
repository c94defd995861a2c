#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast and how small the program flashes: a package of 16 MiB through `oakflash flash --no-wait` against a simulated camera
without artificial delay, beside a plain TCP copy of the same bytes in the same run.

Bounds: the writing at most 1.3 of the plain copy; time outside the transfer at most 0.1 s; peak memory at most the package's size and
12 MiB. Each round measures one copy and one flash on a camera with an empty memory; the verdict is about the medians. Run it in a
release build; it needs a network namespace and makes itself one.

Environment: OAKFLASH, OAK_SIM, BENCH_TOOL name the programs; BENCH_ROUNDS how often (9).
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

MIB = package16.MIB
SIZE = package16.SIZE
ROUNDS = int(os.environ.get('BENCH_ROUNDS', '9'))
MAX_RATIO = 1.3
MAX_OUTSIDE_S = 0.1
MAX_MEMORY_MIB = SIZE / MIB + 12


def measure_copy(path):
    output = subprocess.run([os.environ['BENCH_TOOL'], 'copy', path], check=True, capture_output=True, timeout=60).stdout
    return int(output) / 1e6


# A camera has its working memory; the simulator would get every packet's from the kernel, page by page, which is neither the
# program's time nor the protocol's.
CAMERA_ENVIRONMENT = {'MALLOC_MMAP_THRESHOLD_': str(64 * MIB), 'MALLOC_TRIM_THRESHOLD_': str(128 * MIB)}


def measure_flash(path):
    simulator = clitest.Simulator('--reboot-ms', 0, '--boot-wait-ms', -1, environment={**os.environ, **CAMERA_ENVIRONMENT})
    try:
        process = subprocess.run([os.environ['BENCH_TOOL'], 'run', os.environ['OAKFLASH'], 'flash', path, '--device', '127.0.0.2',
                                  '--no-wait', '--yes', '--json'], check=True, capture_output=True, timeout=120)
        result = json.loads(process.stdout)
        wall_us, memory_kib, code = map(int, process.stderr.split(b'bench ')[-1].split())
        if code != 0 or result['bytesWritten'] < SIZE or result['bytesVerified'] < SIZE:
            raise RuntimeError(f'the flash ended with {code}: {result}')
        if simulator.stop()['bytesWritten'] < SIZE:
            raise RuntimeError('the camera was not written to')
    finally:
        simulator.kill()
    return {
        'write': result['writeUs'] / 1e6,
        'read': (result['transferUs'] - result['writeUs']) / 1e6,
        'outside': (wall_us - result['transferUs']) / 1e6,
        'inside': (result['totalUs'] - result['transferUs']) / 1e6,
        'wall': wall_us / 1e6,
        'memory': memory_kib / 1024,
    }


def row(name, values, unit, bound=None, value=None):
    median = statistics.median(values)
    judged = median if value is None else value
    verdict = '' if bound is None else ('ok' if judged <= bound else 'MISSED')
    limit = '' if bound is None else f'<= {bound:g}'
    scale = 1000 if unit == 'ms' else 1
    print(f'{name:<34} {median * scale:>9.2f} {min(values) * scale:>9.2f} {max(values) * scale:>9.2f}  {unit:<4} {limit:>9}  {verdict}')
    return verdict != 'MISSED'


def main():
    clitest.enter_namespace()
    copies, flashes = [], []
    with tempfile.TemporaryDirectory(prefix='oak-bench-') as directory:
        os.environ['XDG_RUNTIME_DIR'] = directory
        path = os.path.join(directory, 'bench.dap')
        pathlib.Path(path).write_bytes(package16.make_package())
        measure_copy(path)
        measure_flash(path)
        for _ in range(ROUNDS):
            copies.append(measure_copy(path))
            flashes.append(measure_flash(path))

    def column(name):
        return [flash[name] for flash in flashes]
    ratio = [write / statistics.median(copies) for write in column('write')]
    print(f'{SIZE // MIB} MiB, {ROUNDS} rounds')
    print(f'{"":<34} {"median":>9} {"least":>9} {"most":>9}  {"unit":<4} {"bound":>9}')
    row('plain TCP copy', copies, 'ms')
    good = [
        row('writing', column('write'), 'ms'),
        row('writing / plain TCP copy', ratio, '', MAX_RATIO),
        row('reading back', column('read'), 'ms'),
        row('outside the transfer, whole program', column('outside'), 's', MAX_OUTSIDE_S),
        row('outside the transfer, job alone', column('inside'), 's'),
        row('whole program', column('wall'), 's'),
        row('peak memory', column('memory'), 'MiB', MAX_MEMORY_MIB),
    ]
    sys.exit(0 if all(good) else 1)


if __name__ == '__main__':
    main()
