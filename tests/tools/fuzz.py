#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the fuzz targets of a build for a while each, as many at a time as there are processors.

Usage: fuzz.py BUILD_DIRECTORY FINDINGS_DIRECTORY SECONDS [TARGET...]     (TARGET without `fuzz-`; all of them unless named)

How a target is run is what its test says, but for the time and the place of findings. An input that breaks a promise is kept in
FINDINGS_DIRECTORY and named; what a target learned stays in the build directory and is where its next run begins. The exit
status is 0 only when every target ran its time without a finding.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

# Beyond its time: for reading the corpus and for ending.
GRACE_SECONDS = 120
LINES_SHOWN = 60


def find_targets(build):
    text = subprocess.run(['meson', 'introspect', '--tests', build], check=True, capture_output=True, text=True).stdout
    return {test['name'].removeprefix('fuzz-'): test for test in json.loads(text) if any(suite.endswith(':fuzz') for suite in test['suite'])}


def arguments_for(test, name, findings, seconds):
    def replaced(word):
        if word.startswith('-max_total_time='):
            return f'-max_total_time={seconds}'
        if word.startswith('-artifact_prefix='):
            return f'-artifact_prefix={findings}/{name}-'
        return word

    return [replaced(word) for word in test['cmd']]


def last_number(pattern, text):
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def run(build, name, test, findings, seconds):
    """Returns whether it went well, and a text that tells how."""
    before = set(findings.iterdir())
    command = arguments_for(test, name, findings, seconds)
    try:
        ended = subprocess.run(command, env=os.environ | test['env'], cwd=build, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, timeout=seconds + GRACE_SECONDS)
        output, status = ended.stdout.decode(errors='replace'), f'exit status {ended.returncode}'
        went_well = ended.returncode == 0
    except subprocess.TimeoutExpired as expired:
        output, status, went_well = (expired.stdout or b'').decode(errors='replace'), 'did not end', False

    runs = last_number(r'number_of_executed_units: *(\d+)', output)
    inputs = sorted(path for path in set(findings.iterdir()) - before if path.name.startswith(name + '-'))
    if went_well and runs > 0 and not inputs:
        return True, f'{name}: {runs} runs, no findings'
    lines = [f'{name}: FINDING ({status}, {runs} runs)']
    lines += [f'  the input is kept in {path}' for path in inputs]
    lines += ['  | ' + line for line in output.splitlines()[-LINES_SHOWN:]]
    return False, '\n'.join(lines)


def main(build, findings, seconds, names):
    targets = find_targets(build)
    unknown = [name for name in names if name not in targets]
    if unknown or not targets:
        print(f'fuzz: no target named {", ".join(unknown)}; there are: {", ".join(sorted(targets))}', file=sys.stderr)
        return 2
    findings.mkdir(parents=True, exist_ok=True)
    all_well = True
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        jobs = [pool.submit(run, build, name, targets[name], findings, seconds) for name in names or sorted(targets)]
        for job in concurrent.futures.as_completed(jobs):
            went_well, text = job.result()
            all_well = all_well and went_well
            print('    ' + text.replace('\n', '\n    '), flush=True)
    return 0 if all_well else 1


if __name__ == '__main__':
    if len(sys.argv) < 4 or not sys.argv[3].isdigit() or int(sys.argv[3]) < 1:
        sys.exit('usage: fuzz.py BUILD_DIRECTORY FINDINGS_DIRECTORY SECONDS [TARGET...]')
    sys.exit(main(sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), int(sys.argv[3]), sys.argv[4:]))
