#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""oakflash flash looks into the package first: what must not be flashed ends before the camera hears anything of it."""
import clitest
from clitest import EXIT_DONE, EXIT_REFUSED, NETWORK_APPLICATION

QUICK = ('--reboot-ms', 50, '--boot-wait-ms', 50)
ADDRESS = '127.0.0.2'


def waiting_for_a_host():
    return [entry for entry in clitest.manifest()['packages'] if not entry['standaloneOk']]


class StandaloneTest(clitest.TestCase):
    def assert_never_spoken_to(self, simulator):
        status = simulator.status()
        self.assertEqual((status['connections'], status['writes'], status['bytesWritten'], status['resets'], status['state']),
                         (0, 0, 0, 0, 'flash-booted'), status)

    def check_refused(self, entry):
        path, _ = self.package(entry['id'])
        simulator = self.simulate('--state', 'flash-booted', *QUICK)
        nodes = [node for node in entry['nodes'] if node['name'] in ('XLinkIn', 'XLinkOut')]
        for words in (('--yes', '--stop-application'), ('--dry-run', '--stop-application'), ('--yes', '--size-unknown-ok')):
            with self.subTest(words):
                result = clitest.run('flash', path, '--device', ADDRESS, '--json', *words)
                document = self.assert_told(result, EXIT_REFUSED, 'not-standalone')
                self.assertIs(document['written'], False)
                self.assertIn(f'{nodes[0]["name"]}, node {nodes[0]["id"]}', document['error']['message'])
                self.assertRegex(document['error']['message'], 'stream “.+”')
                self.assertIn('--allow-host-streams', document['error']['todo'])
        self.assert_never_spoken_to(simulator)

    def check_allowed(self, entry):
        path, content = self.package(entry['id'])
        memory = self.directory / 'flash.bin'
        simulator = self.simulate('--flash-file', memory, *QUICK)
        plan = clitest.run('flash', path, '--device', ADDRESS, '--json', '--dry-run', '--allow-host-streams')
        self.assert_exit(plan, EXIT_DONE)
        warnings = '\n'.join(plan.document['plan']['warnings'])
        node = next(node for node in entry['nodes'] if node['name'] in ('XLinkIn', 'XLinkOut'))
        self.assertIn(node['name'], warnings)
        self.assertRegex(warnings, 'stream “.+”')
        self.assertEqual(simulator.wait_for_state('bootloader')['writes'], 0)
        result = clitest.run('flash', path, '--device', ADDRESS, '--json', '--yes', '--allow-host-streams')
        self.assert_exit(result, EXIT_DONE)
        self.assertEqual(result.document['outcome'], 'confirmed')
        simulator.status()
        self.assertEqual(memory.read_bytes()[NETWORK_APPLICATION:NETWORK_APPLICATION + len(content)], content)

    def test_damaged(self):
        """every package that is rejected is rejected with --allow-host-streams as well, before the camera hears of it"""
        simulator = self.simulate('--state', 'flash-booted', *QUICK)
        n_refused = 0
        for entry in clitest.manifest()['damaged']:
            path = self.directory / f'{entry["id"]}.dap'
            path.write_bytes(clitest.package_bytes(entry))
            if clitest.run('inspect', path, '--json').document['verdict'] != 'reject':
                continue
            with self.subTest(entry['id']):
                result = clitest.run('flash', path, '--device', ADDRESS, '--json', '--yes', '--stop-application', '--allow-host-streams')
                document = self.assert_told(result, EXIT_REFUSED, 'bad-file')
                self.assertIs(document['written'], False)
                n_refused += 1
        self.assertGreaterEqual(n_refused, 18)
        self.assert_never_spoken_to(simulator)

    def test_damage_beats_permission(self):
        """a package that waits for a host and is damaged is called damaged, for no option helps it"""
        path, content = self.package('xlinkout')
        path.write_bytes(content[:600] + bytes([content[600] ^ 1]) + content[601:])
        simulator = self.simulate('--state', 'flash-booted', *QUICK)
        for words in ((), ('--allow-host-streams',)):
            result = clitest.run('flash', path, '--device', ADDRESS, '--json', '--yes', *words)
            self.assert_told(result, EXIT_REFUSED, 'bad-file')
            self.assertIn('inspect', result.document['error']['todo'])
        self.assert_never_spoken_to(simulator)

    def test_not_looked_for(self):
        """nobody has to be there: the package is judged before a camera is looked for"""
        path, _ = self.package('xlinkin')
        for words in ((), ('--device', '127.0.0.99'), ('--device', 'A1B2C3')):
            self.assert_told(clitest.run('flash', path, '--json', '--yes', *words), EXIT_REFUSED, 'not-standalone')

    def test_warnings(self):
        """what the verdict warns of stands among the warnings of the plan"""
        path, _ = self.package('fw-16m')
        simulator = self.simulate(*QUICK)
        told = [finding['text'] for finding in clitest.run('inspect', path, '--json').document['findings']
                if finding['severity'] == 'warning']
        self.assertTrue(told)
        plan = clitest.run('flash', path, '--device', ADDRESS, '--json', '--dry-run')
        self.assert_exit(plan, EXIT_DONE)
        for text in told:
            self.assertIn(text, plan.document['plan']['warnings'])
        self.assert_untouched(simulator.status())


def add_tests():
    for entry in waiting_for_a_host():
        def refused(self, entry=entry):
            self.check_refused(entry)

        def allowed(self, entry=entry):
            self.check_allowed(entry)
        refused.__doc__ = f'{entry["id"]} waits for a host: refused, and the camera was never spoken to'
        allowed.__doc__ = f'{entry["id"]} is flashed with --allow-host-streams, and the plan warns'
        word = entry['id'].replace('-', '_')
        setattr(StandaloneTest, f'test_refused_{word}', refused)
        setattr(StandaloneTest, f'test_allowed_{word}', allowed)


add_tests()
if __name__ == '__main__':
    clitest.main()
