#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adds up what the test runner reported and ends with the line `N passed, N failed, N skipped`.

Usage: summary.py REPORT...

A REPORT is a build directory in which `meson test` ran, or a JUnit file. The numbers are test cases: every point of a TAP
program counts, as does every program that has only an exit status. A program is judged twice, by its points and by how it
ended: one whose points all passed but which then leaked, crashed or hung adds a failure of its own, and so does one that
reported nothing at all, and a build directory without a report. The exit status is 0 only when something ran and nothing failed.
A line `# measured: TEXT` of a program is shown, whatever became of the program.
"""
import json
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

BAD = {'FAIL', 'ERROR', 'TIMEOUT', 'INTERRUPT', 'UNEXPECTEDPASS'}
LINES_SHOWN = 80
MEASURED = '# measured: '


class Tally:
    def __init__(self):
        self.passed = 0
        self.skipped = []
        self.failed = []  # (name, output)
        self.measured = []

    def count_case(self, name, case, output):
        if case.find('failure') is not None or case.find('error') is not None:
            self.failed.append((name, output))
            return 'failed'
        if case.find('skipped') is not None:
            self.skipped.append(name)
            return 'skipped'
        self.passed += 1
        return 'passed'


def output_of(program):
    text = program.get('stdout') or ''
    if program.get('stderr'):
        text += '\n' + program['stderr']
    lines = text.strip().splitlines()
    if len(lines) > LINES_SHOWN:
        lines = [f'... {len(lines) - LINES_SHOWN} lines before these'] + lines[-LINES_SHOWN:]
    return '\n'.join(lines)


def count_program(tally, program, suite):
    name, result = program['name'], program['result']
    output = output_of(program)
    tally.measured += [f'{name}: {line[len(MEASURED):]}' for line in (program.get('stdout') or '').splitlines()
                       if line.startswith(MEASURED)]

    if suite is not None:
        verdicts = [tally.count_case(f'{name}: {case.get("name")}', case, output) for case in suite.iter('testcase')]
        if result in BAD and 'failed' not in verdicts:
            tally.failed.append((f'{name}: ended with {result.lower()}, exit status {program["returncode"]}', output))
    elif result in BAD:
        tally.failed.append((f'{name}: {result.lower()}, exit status {program["returncode"]}', output))
    elif result == 'SKIP' and program['returncode'] == 0 and '1..0' not in (program.get('stdout') or ''):
        tally.failed.append((f'{name}: reported no test at all', output))
    elif result == 'SKIP':
        tally.skipped.append(name)
    else:
        tally.passed += 1


def count_build_directory(tally, directory):
    log = directory / 'meson-logs' / 'testlog.json'
    junit = directory / 'meson-logs' / 'testlog.junit.xml'
    try:
        programs = [json.loads(line) for line in log.read_text(errors='replace').splitlines()]
        suites = {suite.get('name'): suite for suite in ElementTree.parse(junit).getroot().iter('testsuite')}
    except (OSError, ValueError, ElementTree.ParseError) as error:
        tally.failed.append((f'{directory}: the test runner left no report', str(error)))
        return
    if not programs:
        tally.failed.append((f'{directory}: the test runner ran nothing', ''))
    for program in programs:
        # A program with points has a suite of its own, named PROJECT.PROGRAM; the others share one named PROJECT.
        suite = next((suite for name, suite in suites.items() if name.partition('.')[2] == program['name']), None)
        count_program(tally, program, suite)


def count_junit_file(tally, path):
    try:
        cases = list(ElementTree.parse(path).getroot().iter('testcase'))
    except (OSError, ElementTree.ParseError) as error:
        tally.failed.append((f'{path}: no report', str(error)))
        return
    for case in cases:
        failure = case.find('failure')
        tally.count_case(case.get('name'), case, failure.text if failure is not None else '')


def main(reports):
    tally = Tally()
    for report in map(pathlib.Path, reports):
        if report.suffix == '.xml':
            count_junit_file(tally, report)
        else:
            count_build_directory(tally, report)

    shown = set()
    for line in tally.measured:
        print(f'measured: {line}')
    for name in tally.skipped:
        print(f'skipped: {name}')
    for name, output in tally.failed:
        print(f'\nFAILED: {name}')
        if output and output not in shown:
            print('\n'.join('  | ' + line for line in output.splitlines()))
        shown.add(output)

    if tally.failed:
        print()
    print(f'{tally.passed} passed, {len(tally.failed)} failed, {len(tally.skipped)} skipped', flush=True)
    return 0 if tally.passed > 0 and not tally.failed else 1


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit('usage: summary.py REPORT...')
    sys.exit(main(sys.argv[1:]))
