#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One plan, told the same everywhere: by --dry-run as text and as JSON, in the question before it is done, in the log, and by the job
while it does it. Where a step changes, it changes in all of them."""
import re

import clitest

QUICK = ('--reboot-ms', 50, '--boot-wait-ms', 50)


def numbered(text):
    """The numbered lines of a plan."""
    return [match[1].strip() for match in re.finditer(r'^  \d+\. (.*)$', text.replace('\r', ''), re.MULTILINE)]


def logged(text, pattern):
    return [match[1].strip() for match in re.finditer(pattern, text, re.MULTILINE)]


class PlanTest(clitest.TestCase):
    def tell(self, package, *options):
        """Returns: the steps as the five outputs tell them, each from a camera of its own."""
        arguments = ('flash', package, '--device', '127.0.0.2', *options)
        simulator = self.simulate(*QUICK)
        told = {}
        told['dry run'] = numbered(clitest.run(*arguments, '--dry-run').output)
        simulator.wait_for_state('bootloader')
        document = clitest.run(*arguments, '--dry-run', '--json').document
        told['JSON'] = [step['description'] for step in document['plan']['steps']]
        simulator.wait_for_state('bootloader')

        terminal = self.terminal(*arguments, columns=400)
        terminal.wait_for('[y/N]')
        terminal.type('n\n')
        self.assertEqual(terminal.finish(), clitest.EXIT_CANCELLED)
        told['question'] = numbered(terminal.text)
        simulator.wait_for_state('bootloader')

        result = clitest.run(*arguments, '--yes', '--verbose')
        self.assert_exit(result, clitest.EXIT_DONE)
        told['log'] = logged(result.errors, r'plan, step \d+ of \d+: (.*)$')
        told['job'] = logged(result.errors, r'(?<!plan, )step \d+ of \d+: (.*)$')
        simulator.stop()
        return told

    def assert_same(self, told):
        for name, steps in told.items():
            self.assertEqual(steps, told['dry run'], f'{name}, {told}')

    def test_one_plan(self):
        """dry run, JSON, question, log and job tell the same steps, and a changed step changes in all of them"""
        package, _ = self.package()
        plain = self.tell(package)
        self.assertGreaterEqual(len(plain['dry run']), 8)
        self.assert_same(plain)

        shorter = self.tell(package, '--no-wait')
        self.assert_same(shorter)
        self.assertEqual(shorter['dry run'], plain['dry run'][:-1])

        full = self.tell(package, '--full')
        self.assert_same(full)
        changed = [step for step in plain['dry run'] if step not in full['dry run']]
        self.assertEqual(len(changed), 3, changed)  # comparing, writing what differs, reading that back


if __name__ == '__main__':
    clitest.main()
