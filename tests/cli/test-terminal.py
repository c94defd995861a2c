#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program on a terminal: the question, the typed id, the progress line, colours, letters and widths."""
import json
import pathlib
import re

import clitest
from clitest import EXIT_CANCELLED, EXIT_DONE, EXIT_REFUSED

ADDRESS = '127.0.0.2'
QUICK = ('--reboot-ms', 50, '--boot-wait-ms', 50)


def drawn_lines(text):
    """What the progress line showed, one after the other."""
    return [line for line in re.split(r'[\r\n]', text.replace('\033[K', '')) if line.strip()]


class TerminalTest(clitest.TestCase):
    def test_question_names_camera_and_effects(self):
        """the question comes after title, effects and warnings, and yes flashes"""
        path, _ = self.package()
        simulator = self.simulate(*QUICK)
        dry = clitest.run('flash', path, '--device', ADDRESS, '--dry-run', '--json').document['plan']
        simulator.wait_for_state('bootloader')
        terminal = self.terminal('flash', path, '--device', ADDRESS, columns=200)
        terminal.wait_for('Flash? [y/N]')
        for words in [dry['title'], *dry['effects'], *dry['warnings']]:
            self.assertIn(words, terminal.text)
        self.assert_untouched(simulator.status())
        terminal.type('y\n')
        self.assertEqual(terminal.finish(), EXIT_DONE, terminal.text)
        self.assertIn('Application installed', terminal.text)

    def test_running_application_is_asked_about(self):
        """on a camera whose application runs the person is asked first; no leaves it running"""
        path, _ = self.package()
        simulator = self.simulate('--state', 'flash-booted', *QUICK)
        terminal = self.terminal('flash', path, '--device', ADDRESS)
        terminal.wait_for('is running. Stop it to go on? [y/N]')
        terminal.type('n\n')
        self.assertEqual(terminal.finish(), EXIT_CANCELLED, terminal.text)
        status = simulator.status()
        self.assertEqual((status['state'], status['connections'], status['resets']), ('flash-booted', 0, 0), status)

        terminal = self.terminal('flash', path, '--device', ADDRESS)
        terminal.wait_for('Stop it to go on? [y/N]')
        terminal.type('y\n')
        terminal.wait_for('Flash? [y/N]')
        terminal.type('yes\n')
        self.assertEqual(terminal.finish(), EXIT_DONE, terminal.text)

    def test_progress_line_never_runs_backward(self):
        """the progress line is redrawn in place, names the stages in order, and never runs backward"""
        path, _ = self.package('fw-16m')
        self.simulate('--write-kbps', 6000, *QUICK)
        terminal = self.terminal('flash', path, '--device', ADDRESS, '--yes', columns=120)
        self.assertEqual(terminal.finish(), EXIT_DONE, terminal.text)
        lines = [line for line in drawn_lines(terminal.text) if ' %' in line]
        percents = [int(re.search(r'(\d+) %', line).group(1)) for line in lines]
        self.assertGreater(len(percents), 10, terminal.text)
        self.assertEqual(percents, sorted(percents))
        stages = [stage for stage in ('Connecting', 'Writing', 'Reading back') if any(stage in line for line in lines)]
        self.assertEqual(stages, ['Connecting', 'Writing', 'Reading back'])
        self.assertTrue(any(re.search(r' \d+\.\d MiB of 17\.\d MiB', line) for line in lines), terminal.text)
        self.assertFalse(any(' 0 seconds' in line for line in lines))
        self.assertTrue(all(len(line) < 120 for line in lines))

    def test_narrow_terminal(self):
        """in a narrow terminal no progress line is wider than it"""
        path, _ = self.package('fw-16m')
        self.simulate('--write-kbps', 20000, *QUICK)
        terminal = self.terminal('flash', path, '--device', ADDRESS, '--yes', columns=30)
        self.assertEqual(terminal.finish(), EXIT_DONE, terminal.text)
        for line in drawn_lines(terminal.text):
            if ' %' in line and 'Writing' in line:
                self.assertLess(len(line), 30, line)

    def test_colours(self):
        """colours are used on a terminal, and not with NO_COLOR"""
        path, _ = self.package()
        self.simulate(*QUICK)
        for setting, wanted in (('', True), ('1', False)):
            terminal = self.terminal('flash', path, '--device', ADDRESS, '--yes', environment={'NO_COLOR': setting})
            self.assertEqual(terminal.finish(), EXIT_DONE, terminal.text)
            self.assertEqual('\033[32m' in terminal.text, wanted, terminal.text)

    def test_dumb_terminal(self):
        """a terminal without cursor movement gets plain lines"""
        path, _ = self.package()
        self.simulate(*QUICK)
        terminal = self.terminal('flash', path, '--device', ADDRESS, '--yes', environment={'TERM': 'dumb'})
        self.assertEqual(terminal.finish(), EXIT_DONE, terminal.text)
        self.assertNotIn('\033', terminal.text)
        self.assertIn('Writing\r\n', terminal.text)

    def test_ascii_locale(self):
        """in a locale without UTF-8 everything is ASCII"""
        path, _ = self.package()
        self.simulate(*QUICK)
        terminal = self.terminal('flash', path, '--device', ADDRESS, '--yes', environment={'LC_ALL': 'C'})
        self.assertEqual(terminal.finish(), EXIT_DONE, terminal.text)
        self.assertTrue(terminal.text.isascii(), terminal.text)
        result = clitest.run('flsh', environment=clitest.program_environment(LC_ALL='C'))
        self.assertTrue(result.errors.isascii(), result.errors)

    def test_json_on_a_terminal(self):
        """with --json and the output in a pipe the progress is on the terminal, the one document in the pipe"""
        path, _ = self.package()
        self.simulate(*QUICK)
        terminal = self.terminal('flash', path, '--device', ADDRESS, '--json', pipe_output=True)
        terminal.wait_for('Flash? [y/N]')
        terminal.type('y\n')
        output = terminal.process.stdout.read()
        self.assertEqual(terminal.finish(), EXIT_DONE, terminal.text)
        result = clitest.Result((), EXIT_DONE, output, b'', 0)
        self.assertIs(result.document['ok'], True)

    def test_list_grows(self):
        """list shows each camera as soon as it answers"""
        self.simulate(*QUICK, cameras=2)
        terminal = self.terminal('list', '--wait', 30)
        terminal.wait_for(ADDRESS)
        terminal.wait_for('127.0.0.3')
        terminal.type('\x03')
        self.assertEqual(terminal.finish(), EXIT_CANCELLED)


    def test_list_taller_than_the_terminal(self):
        """a list that does not fit the terminal is written once, at the end"""
        self.simulate('--flash-size', 16, *QUICK, cameras=45)
        terminal = self.terminal('list', '--wait', 2)
        self.assertEqual(terminal.finish(), EXIT_DONE)
        for number in range(2, 47):
            self.assertRegex(terminal.text, rf'127\.0\.0\.{number}\s', terminal.text)
        self.assertEqual(len([line for line in terminal.text.splitlines() if '127.0.0.46 ' in line]), 1)


class ResetTest(clitest.TestCase):
    def setUp(self):
        super().setUp()
        self.image, self.content = self.bootloader()
        self.simulator = self.simulate(*QUICK)
        self.mxid = self.simulator.status()['mxid']
        self.short_id = self.mxid[-8:-2]

    def reset(self, *arguments):
        return clitest.run('reset', '--device', ADDRESS, '--bootloader', self.image, '--json', *arguments)

    def test_typed_id(self):
        """reset has the id typed, also with --yes; the right one resets"""
        terminal = self.terminal('reset', '--device', ADDRESS, '--bootloader', self.image, '--yes')
        terminal.wait_for(f'Type the id {self.short_id}')
        self.assert_untouched(self.simulator.status())
        terminal.type(self.short_id.lower() + '\n')
        self.assertEqual(terminal.finish(), EXIT_DONE, terminal.text)
        self.assertEqual(self.simulator.wait_for_state('bootloader')['version'], '0.0.29')

    def test_wrong_id(self):
        """a wrong id writes nothing, whether typed or given"""
        terminal = self.terminal('reset', '--device', ADDRESS, '--bootloader', self.image)
        terminal.wait_for('Type the id')
        terminal.type('ABCDEF\n')
        self.assertEqual(terminal.finish(), EXIT_REFUSED, terminal.text)
        self.simulator.wait_for_state('bootloader')
        for wrong in ('ABCDEF', self.short_id[1:], '', self.short_id + '00F'):
            with self.subTest(wrong):
                self.assert_told(self.reset('--yes', '--confirm-id', wrong), EXIT_REFUSED, 'wrong-id')
                self.assert_untouched(self.simulator.wait_for_state('bootloader'))
        by_id = clitest.run('reset', '--device', self.mxid, '--bootloader', self.image, '--json', '--yes', '--confirm-id', 'ABCDEF')
        before = self.simulator.status()['connections']
        self.assert_told(by_id, EXIT_REFUSED, 'wrong-id')
        self.assertEqual(self.simulator.status()['connections'], before)

    def test_empty_line(self):
        """an empty line instead of the id is a no"""
        terminal = self.terminal('reset', '--device', ADDRESS, '--bootloader', self.image)
        terminal.wait_for('Type the id')
        terminal.type('\n')
        self.assertEqual(terminal.finish(), EXIT_CANCELLED, terminal.text)
        self.assert_untouched(self.simulator.status())

    def test_nobody_to_ask(self):
        """in a pipe nothing is opened without the options that agree"""
        path, _ = self.package()
        for arguments in ((), ('--yes',), ('--confirm-id', self.short_id)):
            with self.subTest(arguments):
                self.assert_told(self.reset(*arguments), EXIT_REFUSED, 'nobody-to-ask')
        for command in (('flash', path), ('clear',)):
            with self.subTest(command):
                result = clitest.run(*command, '--device', ADDRESS, '--json')
                self.assert_told(result, EXIT_REFUSED, 'nobody-to-ask')
                self.assertIn('--yes', result.errors)
        self.assertEqual(self.simulator.status()['connections'], 0)

    def test_configuration_is_kept(self):
        """the configuration a reset erases is saved first, readable by its owner only, also with an id made for mischief"""
        path, _ = self.package()
        simulator = self.simulate('--address', '127.0.0.5', '--mxid', '../../1844/301100B2C3D400', *QUICK)
        self.assert_exit(clitest.run('flash', path, '--device', '127.0.0.5', '--yes'), EXIT_DONE)
        simulator.wait_for_state('flash-booted')
        info = clitest.run('info', '--device', '127.0.0.5', '--stop-application', '--json').document
        result = clitest.run('reset', '--device', '127.0.0.5', '--bootloader', self.image, '--json', '--yes', '--stop-application',
                             '--wait', 30, '--confirm-id', info['device']['mxid'])
        self.assert_exit(result, EXIT_DONE)
        saved = pathlib.Path(result.document['configurationSavedAs'])
        self.assertEqual(saved.parent, self.directory / 'state' / 'oak-flasher')
        self.assertEqual(json.loads(saved.read_text()), info['configuration'])
        self.assertEqual(saved.stat().st_mode & 0o777, 0o600)

    def test_configuration_cannot_be_kept(self):
        """a configuration that cannot be saved is shown instead"""
        path, _ = self.package()
        self.assert_exit(clitest.run('flash', path, '--device', ADDRESS, '--yes'), EXIT_DONE)
        (self.directory / 'state').write_text('in the way')
        result = self.reset('--yes', '--confirm-id', self.short_id, '--wait', 30)
        self.assert_exit(result, EXIT_DONE)
        self.assertIsNone(result.document['configurationSavedAs'])
        self.assertIn('"appMem":0', result.errors.replace(' ', ''))

    def test_dry_run(self):
        """a dry run needs no id and writes nothing"""
        result = self.reset('--dry-run')
        self.assert_exit(result, EXIT_DONE)
        self.assertIs(result.document['plan']['needsTypedId'], True)
        self.assertTrue(result.document['plan']['warnings'])
        self.assert_untouched(self.simulator.wait_for_state('bootloader'))

    def test_wrong_type(self):
        """an image of the other type is refused before a byte is written"""
        image, _ = self.bootloader('usb')
        result = clitest.run('reset', '--device', ADDRESS, '--bootloader', image, '--yes', '--json', '--confirm-id', self.short_id)
        if result.code == EXIT_DONE:
            self.skipTest('the type of an image is not known without its archive')
        self.assert_told(result, EXIT_REFUSED, None)
        self.assert_untouched(self.simulator.status())


if __name__ == '__main__':
    clitest.main()
