#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line itself: help, versions, mistakes, list and info."""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import clitest
from clitest import EXIT_DONE, EXIT_NOT_FOUND, EXIT_REFUSED, EXIT_USAGE

ADDRESS = '127.0.0.2'
QUICK = ('--reboot-ms', 50, '--boot-wait-ms', 50)
COMMANDS = ('list', 'info', 'flash', 'clear', 'reset', 'inspect', 'extract', 'repack', 'rules', 'bootloader')


class UsageTest(clitest.TestCase):
    def test_help(self):
        """help is on the output and ends well, for the program and for each command"""
        overview = clitest.run('--help')
        self.assert_exit(overview, EXIT_DONE)
        for command in COMMANDS:
            self.assertIn(command, overview.output)
            for words in ((command, '--help'), ('help', command)):
                result = clitest.run(*words)
                self.assert_exit(result, EXIT_DONE)
                self.assertIn(f'oakflash {command}', result.output)
                self.assertEqual(result.errors, '')

    def test_version(self):
        """--version tells it"""
        result = clitest.run('--version')
        self.assert_exit(result, EXIT_DONE)
        self.assertRegex(result.output, r'^oakflash \d+\.\d+\.\d+\n$')

    def test_mistakes(self):
        """every mistake ends in exit code 2 with a way on, and with --json as one document"""
        rows = (
            ((), 'Usage'),
            (('flsh',), '“flash”?'),
            (('frobnicate',), 'unknown command'),
            (('help', 'lst'), '“list”?'),
            (('--json', 'list'), 'behind a command'),
            (('flash',), '.dap'),
            (('reset', '--yes'), '--bootloader'),
            (('list', '--jsn'), '--json?'),
            (('list', '--yes'), 'does not belong'),
            (('info', '--device', '300.1.2.3'), '300.1.2.3'),
            (('info', '--device', '0.0.0.0'), '0.0.0.0'),
            (('info', '--device', '255.255.255.255'), '255.255.255.255'),
            (('list', '--address', 'camera'), 'camera'),
            (('list', '--demo', '--address', '192.0.2.1'), '192.0.2.1'),
            (('clear', '--memory', 'tape'), '--memory'),
            (('info', '--device='), '--device'),
            (('info', 'one'), 'unexpected'),
            (('inspect',), '.dap'),
            (('inspct',), '“inspect”?'),
            (('inspect', 'x.dap', '--device', '127.0.0.2'), 'does not belong'),
            (('inspect', 'x.dap', '--alow-host-streams'), 'unknown option'),
            (('repack', 'x.dap', '-o', 'y.dap', '--alow-host-streams'), 'unknown option'),
            (('flash', 'x.dap', '--alow-host-streams'), '--allow-host-streams?'),
            (('clear', '--allow-host-streams'), 'does not belong'),
        )
        for words, says in rows:
            with self.subTest(words):
                result = clitest.run(*words)
                self.assert_exit(result, EXIT_USAGE)
                self.assertIn(says, result.errors)
                if '--json' not in words:
                    self.assertEqual(result.output, '')
                if words:
                    document = clitest.run(*words, '--json').document
                    self.assertEqual((document['ok'], document['exitCode'], document['error']['code']), (False, EXIT_USAGE, 'usage'))

    def test_rules(self):
        """rules prints the one rule file byte by byte, and what to do with it beside"""
        file = pathlib.Path(__file__).parents[2] / 'data/70-oak-cameras.rules'
        result = clitest.run('rules')
        self.assert_exit(result, EXIT_DONE)
        self.assertEqual(result.output, file.read_text(encoding='utf-8'))
        for part in (f'sudo tee /etc/udev/rules.d/{file.name}', 'udevadm control --reload', 'udevadm trigger'):
            self.assertIn(part, result.errors)

    def test_rules_script(self):
        """the lines to be pasted write that rule and have udev apply it"""
        file = pathlib.Path(__file__).parents[2] / 'data/70-oak-cameras.rules'
        document = clitest.run('rules', '--json').document
        self.assertEqual(document['rule'], file.read_text(encoding='utf-8'))
        with tempfile.TemporaryDirectory() as folder:
            sudo, log = pathlib.Path(folder, 'sudo'), pathlib.Path(folder, 'log')
            sudo.write_text('#!/bin/sh\necho "$@" >>"$LOG"\n[ "$1" = tee ] && exec cat >>"$LOG"\nexit 0\n', encoding='utf-8')
            sudo.chmod(0o755)
            subprocess.run(['sh', '-c', document['script']], check=True, env=dict(os.environ, LOG=str(log), PATH=f'{folder}:{os.environ["PATH"]}'))
            rule = [line for line in file.read_text(encoding='utf-8').splitlines() if line and not line.startswith('#')]
            self.assertEqual(log.read_text(encoding='utf-8').splitlines(), [
                f'tee {document["path"]}', *rule, 'udevadm control --reload',
                'udevadm trigger --subsystem-match=usb --attr-match=idVendor=03e7'])

    def test_list(self):
        """list finds all cameras, and its document says all of them"""
        self.simulate(*QUICK, '--camera', 'mxid=19443010A1A1A1A100', '--camera', 'mxid=19443010B2B2B2B200,state=flash-booted', cameras=2)
        result = clitest.run('list', '--json')
        self.assert_exit(result, EXIT_DONE)
        rows = {row['mxid']: row for row in result.document}
        self.assertEqual(set(rows), {'19443010A1A1A1A100', '19443010B2B2B2B200'})
        first, second = rows['19443010A1A1A1A100'], rows['19443010B2B2B2B200']
        self.assertEqual((first['shortId'], first['address'], first['addresses'], first['state'], first['transport'],
                          first['presence'], first['conflict'], first['supported']),
                         ('A1A1A1', ADDRESS, [ADDRESS], 'bootloader', 'network', 'answering', False, True))
        self.assertEqual((second['state'], second['address']), ('flash-booted', '127.0.0.3'))
        text = clitest.run('list')
        self.assert_exit(text, EXIT_DONE)
        self.assertEqual(len(text.output.splitlines()), 3, text.output)
        for part in ('A1A1A1', '19443010B2B2B2B200', '127.0.0.3', 'application running'):
            self.assertIn(part, text.output)

    def test_list_nothing(self):
        """list without any camera ends in exit code 3, with an empty document and remedies"""
        result = clitest.run('list', '--json', '--address', '127.0.0.9')
        self.assertEqual(result.code, EXIT_NOT_FOUND)
        self.assertEqual([row['presence'] for row in result.document], ['no-answer'])
        result = clitest.run('list', '--json')
        self.assertEqual(result.code, EXIT_NOT_FOUND)
        self.assertEqual(result.document, [])
        self.assertIn('What to do:', result.errors)

    def test_list_disturbs_nobody(self):
        """list opens no connection and stops no application"""
        simulator = self.simulate('--state', 'flash-booted', *QUICK)
        clitest.run('list')
        status = simulator.stop()
        self.assertEqual((status['state'], status['connections'], status['resets']), ('flash-booted', 0, 0), status)

    def test_interface(self):
        """--interface that does not exist is told as such"""
        self.simulate(*QUICK)
        self.assert_exit(clitest.run('list', '--interface', 'lo'), EXIT_DONE)
        result = clitest.run('list', '--interface', 'nothing0')
        self.assertEqual(result.code, EXIT_NOT_FOUND, str(result))
        self.assertIn('nothing0', result.errors)

        for way in (['info', '--device', ADDRESS], ['info', '--device', 'A1B2C3'], ['info']):
            with self.subTest(way):
                told = clitest.run(*way, '--interface', 'nothing0', '--json')
                self.assert_told(told, EXIT_NOT_FOUND, 'unreachable')
                self.assertIn('nothing0', told.errors)

    def test_wait_for_a_named_camera(self):
        """--wait gives a camera time to appear, by address as by id"""
        path, _ = self.package()
        for way in (ADDRESS, '19443010A1A1A1A100'):
            with self.subTest(way):
                process = clitest.start('flash', path, '--device', way, '--yes', '--json', '--wait', 60)
                time.sleep(3)
                simulator = self.simulate('--mxid', '19443010A1A1A1A100', *QUICK)
                self.assert_exit(clitest.finish(process, ('flash', '--json')), EXIT_DONE)
                simulator.stop()

    def test_language(self):
        """words come from the catalogue of the person's language"""
        catalogue = self.directory / 'xx' / 'LC_MESSAGES'
        catalogue.mkdir(parents=True)
        texts = {'Commands:\\n': 'Befehle:\\n', 'More than one camera answered, and none was named.': 'Mehr als eine Kamera antwortet.',
                 'The camera does not answer at its address.': 'Die Kamera antwortet nicht.'}
        source = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
        source += ''.join(f'msgid "{text}"\nmsgstr "{translated}"\n' for text, translated in texts.items())
        subprocess.run(['msgfmt', '-o', catalogue / 'oak-flasher.mo', '-'], input=source.encode(), check=True)
        environment = clitest.program_environment(LC_ALL='C.UTF-8', LANGUAGE='xx', APP_LOCALEDIR=str(self.directory))
        self.assertIn('Befehle:\n', clitest.run('--help', environment=environment).output)
        self.simulate(*QUICK, cameras=2)
        self.assertIn('Mehr als eine Kamera', clitest.run('info', environment=environment).errors)
        silent = clitest.run('info', '--device', '127.0.0.77', environment=environment)
        self.assertIn('Die Kamera antwortet nicht.', silent.errors)

    def test_info(self):
        """info tells what the camera says of itself"""
        self.simulate('--version', '0.0.26', '--emmc', 16, *QUICK)
        result = clitest.run('info', '--device', ADDRESS, '--json')
        self.assert_exit(result, EXIT_DONE)
        document = result.document
        self.assertEqual((document['bootloader']['version'], document['bootloader']['type']), ('0.0.26', 'network'))
        self.assertEqual(document['flash']['size'], 32 * 1024 * 1024)
        self.assertIs(document['emmc']['available'], True)
        self.assertEqual(document['device']['address'], ADDRESS)
        text = clitest.run('info', '--device', ADDRESS, '--wait', 10)
        self.assert_exit(text, EXIT_DONE)
        for part in ('0.0.26', '32.0 MiB', ADDRESS, document['device']['mxid']):
            self.assertIn(part, text.output)

    def test_info_after_flash(self):
        """info names the application that was flashed"""
        path, _ = self.package('http-snapshot')
        simulator = self.simulate(*QUICK)
        self.assert_exit(clitest.run('flash', path, '--device', ADDRESS, '--yes'), EXIT_DONE)
        simulator.wait_for_state('flash-booted')
        result = clitest.run('info', '--device', ADDRESS, '--json', '--stop-application')
        self.assert_exit(result, EXIT_DONE)
        self.assertIs(result.document['flash']['applicationPresent'], True)
        self.assertEqual(result.document['configuration']['appMem'], 0, str(result))

    def test_verbose(self):
        """--verbose writes the log on standard error only"""
        path, _ = self.package()
        self.simulate(*QUICK)
        quiet = clitest.run('flash', path, '--device', ADDRESS, '--yes', '--json')
        loud = clitest.run('flash', path, '--device', ADDRESS, '--yes', '--json', '--verbose')
        self.assert_exit(loud, EXIT_DONE)
        self.assertIs(loud.document['ok'], True)
        self.assertGreater(len(loud.errors.splitlines()), len(quiet.errors.splitlines()) + 5)

    def test_full_disk(self):
        """a result that could not be written is no success"""
        self.simulate(*QUICK)
        with open('/dev/full', 'wb') as full:
            process = subprocess.run([os.environ['OAKFLASH'], 'list'], stdout=full, stderr=subprocess.PIPE, timeout=clitest.LIMIT)
        self.assertEqual(process.returncode, EXIT_REFUSED)

    def test_demo_sends_nothing_outside(self):
        """with --demo nothing leaves through an interface beside the loopback, whatever is asked for"""
        guard = pathlib.Path(__file__).resolve().parent.parent / 'tools' / 'veth-guard.sh'
        path, _ = self.package()
        script = '''
import os, sys, clitest
simulator = clitest.Simulator('--reboot-ms', 50, '--boot-wait-ms', 50)
mxid = simulator.status()['mxid']
codes = [clitest.run(*words, '--demo').code for words in (
    ['list'], ['list', '--address', '127.0.0.9'], ['list', '--address', '10.99.0.2'], ['info', '--device', '10.99.0.2'],
    ['info'], ['flash', sys.argv[1], '--yes', '--device', mxid, '--wait', '10'])]
simulator.stop()
sys.exit(0 if codes == [0, 0, 2, 2, 0, 0] else str(codes))
'''
        environment = {**os.environ, 'PYTHONPATH': str(clitest.HERE)}
        process = subprocess.run([guard, sys.executable, '-c', script, path], env=environment, capture_output=True,
                                 timeout=3 * clitest.LIMIT)
        self.assertEqual(process.returncode, 0, (process.stdout + process.stderr).decode(errors='replace'))


if __name__ == '__main__':
    clitest.main()
