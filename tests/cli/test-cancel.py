#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl+C in every phase: says what it does, does it by the plan's rules, and ends in exit code 6 where it may stop anything."""
import signal
import time

import clitest
from clitest import EXIT_CANCELLED, EXIT_DONE

ADDRESS = '127.0.0.2'
QUICK = ('--reboot-ms', 50, '--boot-wait-ms', 50)


class CancelTest(clitest.TestCase):
    def assert_cancelled(self, terminal):
        self.assertEqual(terminal.finish(), EXIT_CANCELLED, terminal.text)
        self.assertNotIn('failed', terminal.text.lower())

    def test_while_searching(self):
        """while looking for a camera: ends at once"""
        path, _ = self.package()
        for command in (['list'], ['flash', path, '--yes']):
            with self.subTest(command):
                begin = time.monotonic()
                terminal = self.terminal(*command, '--wait', 600)
                time.sleep(0.5)
                terminal.type('\x03')
                self.assert_cancelled(terminal)
                self.assertLess(time.monotonic() - begin, clitest.LIMIT / 2)

    def test_while_connecting(self):
        """while the camera's details are read: nothing was written, the camera comes back"""
        path, _ = self.package()
        simulator = self.simulate('--fault', 'slow-response=1000', *QUICK)
        terminal = self.terminal('flash', path, '--device', ADDRESS, '--yes')
        terminal.wait_for('Connecting')
        time.sleep(0.5)
        terminal.type('\x03')
        terminal.wait_for('Nothing has been written')
        self.assert_cancelled(terminal)
        self.assert_untouched(simulator.wait_for_state('bootloader'))

    def test_at_the_question(self):
        """at the question: the same as no"""
        path, _ = self.package()
        for answer in ('\x03', 'n\n', '\n', '\x04', 'yep\n'):
            with self.subTest(answer):
                simulator = self.simulate(*QUICK)
                terminal = self.terminal('flash', path, '--device', ADDRESS)
                terminal.wait_for('[y/N]')
                terminal.type(answer)
                self.assert_cancelled(terminal)
                status = simulator.wait_for_state('bootloader')
                self.assert_untouched(status)
                self.assertEqual(status['resets'], 1, status)
                simulator.stop()

    def test_while_writing(self):
        """while writing: stops at the next boundary, says what is left, and the camera can be flashed again"""
        path, content = self.package('fw-16m')
        memory = self.directory / 'flash.bin'
        simulator = self.simulate('--write-kbps', 3000, '--flash-file', memory, *QUICK)
        terminal = self.terminal('flash', path, '--device', ADDRESS, '--yes')
        terminal.wait_for('Writing')
        simulator.wait_for_writes()
        terminal.type('\x03')
        self.assert_cancelled(terminal)
        status = simulator.wait_for_state('bootloader')
        self.assertIs(status['bricked'], False)
        self.assertNotEqual(memory.read_bytes()[clitest.NETWORK_APPLICATION:][:len(content)], content)

        small, content = self.package()
        self.assert_exit(clitest.run('flash', small, '--device', ADDRESS, '--yes'), EXIT_DONE)
        simulator.status()
        self.assertEqual(memory.read_bytes()[clitest.NETWORK_APPLICATION:][:len(content)], content)

    def test_by_signal(self):
        """SIGTERM and SIGHUP do what Ctrl+C does, and with --json still exactly one document is written"""
        path, _ = self.package('fw-16m')
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                simulator = self.simulate('--write-kbps', 3000, *QUICK)
                process = clitest.start('flash', path, '--device', ADDRESS, '--yes', '--json')
                simulator.wait_for_writes()
                process.send_signal(number)
                result = clitest.finish(process, ('flash', '--json'))
                document = self.assert_told(result, EXIT_CANCELLED, 'cancelled')
                self.assertEqual(document['remains'], 'no-application')
                self.assertIs(document['written'], True)
                self.assertIs(simulator.wait_for_state('bootloader')['bricked'], False)
                simulator.stop()

    def test_while_watching_the_start(self):
        """while the start is watched: everything is written, only the watching ends"""
        path, content = self.package()
        memory = self.directory / 'flash.bin'
        simulator = self.simulate('--flash-file', memory, '--reboot-ms', 50, '--boot-wait-ms', 600000)
        terminal = self.terminal('flash', path, '--device', ADDRESS, '--yes')
        terminal.wait_for('Checking the start')
        terminal.type('\x03')
        self.assertEqual(terminal.finish(), EXIT_DONE, terminal.text)
        simulator.status()
        self.assertEqual(memory.read_bytes()[clitest.NETWORK_APPLICATION:][:len(content)], content)

    def test_reset_cannot_be_cancelled(self):
        """while a reset writes: says why not, each time, and goes on to its end"""
        image, _ = self.bootloader()
        simulator = self.simulate('--write-kbps', 4000, *QUICK)
        mxid = simulator.status()['mxid']
        terminal = self.terminal('reset', '--device', ADDRESS, '--bootloader', image, '--yes', '--confirm-id', mxid[-8:-2])
        terminal.wait_for('Do not unplug')
        simulator.wait_for_writes()
        shown = len(terminal.text)
        terminal.type('\x03')
        time.sleep(0.5)
        terminal.type('\x03')
        self.assertEqual(terminal.finish(), EXIT_DONE, terminal.text)
        lines = [line for line in terminal.text[shown:].replace('\r', '\n').split('\n') if 'cancel' in line.lower()]
        self.assertGreaterEqual(len(lines), 2, terminal.text)
        self.assertEqual(simulator.wait_for_state('bootloader')['version'], '0.0.29')

    def test_stop_key_does_not_stop_it(self):
        """Ctrl+Z does not stop the program in the middle of a write, where silence makes the camera restart"""
        path, _ = self.package('fw-16m')
        simulator = self.simulate('--write-kbps', 4000, *QUICK)
        terminal = self.terminal('flash', path, '--device', ADDRESS, '--yes')
        simulator.wait_for_writes()
        terminal.type('\x1a')
        self.assertEqual(terminal.finish(), EXIT_DONE, terminal.text)

    def test_reader_of_the_output_goes_away(self):
        """a closed pipe does not end the program in the middle of a write"""
        path, content = self.package('fw-16m')
        memory = self.directory / 'flash.bin'
        simulator = self.simulate('--write-kbps', 6000, '--flash-file', memory, *QUICK)
        process = clitest.start('flash', path, '--device', ADDRESS, '--yes')
        simulator.wait_for_writes()
        process.stdout.close()
        errors = process.stderr.read()
        process.wait(clitest.LIMIT)
        process.stderr.close()
        clitest.check_complaints(['flash'], errors)
        simulator.wait_for_state('flash-booted')
        self.assertEqual(memory.read_bytes()[clitest.NETWORK_APPLICATION:][:len(content)], content)


if __name__ == '__main__':
    clitest.main()
