#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""oakflash verify: whether a package is on a camera, told by the exit code, and nothing is written."""
import clitest

QUICK = ('--reboot-ms', 50, '--boot-wait-ms', 50)


class VerifyTest(clitest.TestCase):
    def camera_with(self, package):
        """A camera that runs this package."""
        simulator = self.simulate(*QUICK)
        self.assert_exit(clitest.run('flash', package, '--device', '127.0.0.2', '--yes'), clitest.EXIT_DONE)
        simulator.wait_for_state('flash-booted')
        return simulator

    def verify(self, *arguments):
        return clitest.run('verify', *arguments, '--device', '127.0.0.2', '--stop-application')

    def test_equal_and_different(self):
        """exit code 0 for the package that is there, 1 for another one, as text and as JSON"""
        there, content = self.package()
        other, _ = self.package('fw-tiny')
        simulator = self.camera_with(there)
        writes = simulator.status()['writes']

        result = self.verify(there)
        self.assert_exit(result, clitest.EXIT_DONE)
        self.assertIn('Equal: ', result.output)
        result = self.verify(there, '--json')
        self.assert_exit(result, clitest.EXIT_DONE)
        self.assertIs(result.document['equal'], True)
        self.assertEqual(result.document['bytesVerified'], len(content))

        result = self.verify(other)
        self.assert_exit(result, 1)
        self.assertIn('Different: ', result.output)
        self.assertIn('first at 0x8000', result.output)
        result = self.verify(other, '--json')
        self.assert_exit(result, 1)
        self.assertIs(result.document['ok'], True)
        self.assertIs(result.document['equal'], False)
        self.assertEqual(result.document['exitCode'], 1)
        self.assertEqual(simulator.wait_for_state('flash-booted')['writes'], writes)

    def test_not_comparable(self):
        """exit code 4 where nothing can be read: an old bootloader, a running application, a package that cannot be one"""
        package, _ = self.package()
        simulator = self.simulate('--version', '0.0.18', *QUICK)
        result = self.verify(package, '--json')
        self.assert_told(result, clitest.EXIT_REFUSED, 'unsupported')
        self.assertIn('0.0.19', result.document['error']['message'])
        self.assert_untouched(simulator.wait_for_state('bootloader'))
        simulator.stop()

        simulator = self.camera_with(package)
        result = clitest.run('verify', package, '--device', '127.0.0.2', '--json')
        self.assert_told(result, clitest.EXIT_REFUSED, 'needs-consent')
        self.assertIn('--stop-application', result.errors)

        broken = self.directory / 'broken.dap'
        broken.write_bytes(b'not a package')
        self.assert_told(self.verify(broken, '--json'), clitest.EXIT_REFUSED, 'bad-file')

    def test_needs_no_standalone_package(self):
        """a package that would not be flashed can be compared all the same"""
        package, _ = self.package('xlinkout')
        self.simulate(*QUICK)
        self.assert_exit(self.verify(package), 1)

    def test_check_at_boot(self):
        """--check-at-boot writes a changed package and says so; the camera then holds that one and not the file"""
        package, content = self.package()
        simulator = self.simulate(*QUICK)
        dry = clitest.run('flash', package, '--device', '127.0.0.2', '--check-at-boot', '--dry-run', '--json')
        plain = clitest.run('flash', package, '--device', '127.0.0.2', '--dry-run', '--json')
        self.assertEqual(sum('checks the firmware at every start' in line for line in dry.document['plan']['effects']), 1)
        for document, count in ((plain.document, 1), (dry.document, 0)):
            self.assertEqual(sum('not to check the firmware' in line for line in document['plan']['warnings']), count, document)
        self.assert_exit(clitest.run('flash', package, '--device', '127.0.0.2', '--yes', '--check-at-boot'), clitest.EXIT_DONE)
        simulator.wait_for_state('flash-booted')
        self.assert_exit(self.verify(package), 1)
        simulator.wait_for_state('flash-booted')
        self.assert_exit(self.verify(package, '--check-at-boot'), clitest.EXIT_DONE)
        self.assertEqual(package.read_bytes(), content)

    def test_dry_run(self):
        """--dry-run shows the plan: one comparison and a restart"""
        package, _ = self.package()
        self.simulate(*QUICK)
        result = self.verify(package, '--dry-run', '--json')
        self.assert_exit(result, clitest.EXIT_DONE)
        self.assertEqual([step['kind'] for step in result.document['plan']['steps']], ['compare', 'restart'])
        self.assertIs(result.document['plan']['writes'], False)

    def test_usage(self):
        """without a package it is a usage error"""
        self.assert_exit(clitest.run('verify', '--device', '127.0.0.2'), clitest.EXIT_USAGE)


if __name__ == '__main__':
    clitest.main()
