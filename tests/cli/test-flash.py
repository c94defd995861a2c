#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""oakflash flash: the camera then holds exactly the package's bytes, and nothing else was changed."""
import clitest
from clitest import NETWORK_APPLICATION, USB_APPLICATION

NETWORK_CONFIG = range(0x7FC000, 0x800000)
USB_CONFIG = range(0xFC000, 0x100000)
QUICK = ('--reboot-ms', 50, '--boot-wait-ms', 50)


class FlashTest(clitest.TestCase):
    def flash_file(self, *arguments):
        """A simulator whose memory is a file of noise around what it needs. Returns: simulator, path."""
        path = self.directory / 'flash.bin'
        prepared = self.simulate('--flash-file', path, *QUICK, *arguments)
        prepared.stop()
        content = bytearray(path.read_bytes())
        for start in range(0x300000, len(content), 0x1000):
            if start not in NETWORK_CONFIG and start not in USB_CONFIG:
                content[start:start + 32] = bytes((start >> 12) & 0xff for _ in range(32))
        path.write_bytes(content)
        return self.simulate('--flash-file', path, *QUICK, *arguments), path

    def assert_holds(self, before, after, offset, content, config):
        expected = bytearray(before)
        expected[offset:offset + len(content)] = content
        expected[config.start:config.stop] = after[config.start:config.stop]
        if bytes(expected) != after:
            differing = next(at for at in range(len(after)) if after[at] != expected[at])
            self.fail(f'first wrong byte at {differing:#x}')

    def assert_installed(self, result, size, written=None):
        self.assert_exit(result, clitest.EXIT_DONE)
        document = result.document
        self.assertIs(document['ok'], True)
        self.assertEqual(document['outcome'], 'confirmed')
        self.assertGreaterEqual(len(document['evidence']), 2)
        self.assertEqual(document['state'], 'flash-booted')
        self.assertGreaterEqual(document['bytesWritten'], size if written is None else written)
        self.assertGreaterEqual(document['bytesVerified'], size)
        self.assertGreaterEqual(document['totalUs'], document['transferUs'])
        self.assertGreaterEqual(document['transferUs'], document['writeUs'])
        self.assertGreater(document['writeUs'], 0)

    def check_package(self, entry):
        content = clitest.package_bytes(entry)
        path = self.directory / entry['id']
        path.write_bytes(content)
        simulator, memory = self.flash_file()
        before = memory.read_bytes()
        result = clitest.run('flash', path, '--device', '127.0.0.2', '--yes', '--json')
        self.assert_installed(result, len(content))
        status = simulator.status()
        self.assertEqual(status['protocolErrors'], 0, status)
        self.assert_holds(before, memory.read_bytes(), NETWORK_APPLICATION, content, NETWORK_CONFIG)

    def test_usb_layout(self):
        """on a camera with the USB layout the package lies at 0x100000"""
        path, content = self.package()
        simulator, memory = self.flash_file('--type', 'usb')
        before = memory.read_bytes()
        self.assert_installed(clitest.run('flash', path, '--device', '127.0.0.2', '--yes', '--json'), len(content))
        simulator.status()
        self.assert_holds(before, memory.read_bytes(), USB_APPLICATION, content, USB_CONFIG)

    def test_emmc(self):
        """--memory emmc writes the eMMC and leaves the flash alone but for the configuration"""
        path, content = self.package()
        emmc = self.directory / 'emmc.bin'
        simulator, memory = self.flash_file('--emmc', 16, '--emmc-file', emmc)
        before = memory.read_bytes()
        result = clitest.run('flash', path, '--device', '127.0.0.2', '--memory', 'emmc', '--yes', '--json')
        self.assert_installed(result, len(content))
        simulator.status()
        self.assert_holds(before, memory.read_bytes(), 0, b'', NETWORK_CONFIG)
        self.assertEqual(emmc.read_bytes()[NETWORK_APPLICATION:NETWORK_APPLICATION + len(content)], content)

    def test_twice(self):
        """a second package replaces the first, whose application is stopped for it"""
        first, _ = self.package('stereo')
        second, content = self.package('fw-tiny')
        simulator, memory = self.flash_file()
        self.assert_exit(clitest.run('flash', first, '--device', '127.0.0.2', '--yes'), clitest.EXIT_DONE)
        simulator.wait_for_state('flash-booted')
        before = memory.read_bytes()
        result = clitest.run('flash', second, '--device', '127.0.0.2', '--yes', '--json')
        self.assert_installed(result, len(content), written=1024)
        self.assertLess(result.document['bytesWritten'], len(content))
        simulator.status()
        self.assert_holds(before, memory.read_bytes(), NETWORK_APPLICATION, content, NETWORK_CONFIG)

    def test_again(self):
        """the same package again writes nothing, says so, and with --full writes everything"""
        path, content = self.package()
        simulator, memory = self.flash_file()
        self.assert_exit(clitest.run('flash', path, '--device', '127.0.0.2', '--yes'), clitest.EXIT_DONE)
        writes = simulator.wait_for_state('flash-booted')['writes']
        before = memory.read_bytes()
        result = clitest.run('flash', path, '--device', '127.0.0.2', '--yes', '--json')
        self.assert_exit(result, clitest.EXIT_DONE)
        self.assertEqual(result.document['bytesWritten'], 0)
        self.assertEqual(result.document['bytesVerified'], len(content))
        self.assertIn('not written again', result.document['evidence'][0])
        self.assertEqual(simulator.wait_for_state('flash-booted')['writes'], writes)
        self.assertEqual(memory.read_bytes(), before)
        result = clitest.run('flash', path, '--device', '127.0.0.2', '--yes', '--json', '--full')
        self.assert_installed(result, len(content))
        simulator.status()
        self.assert_holds(before, memory.read_bytes(), NETWORK_APPLICATION, content, NETWORK_CONFIG)

    def test_no_wait(self):
        """--no-wait ends after reading back and says that the start was not watched"""
        path, content = self.package()
        self.simulate(*QUICK)
        result = clitest.run('flash', path, '--device', '127.0.0.2', '--yes', '--json', '--no-wait')
        self.assert_exit(result, clitest.EXIT_DONE)
        self.assertEqual(result.document['outcome'], 'start-not-observed')
        self.assertGreaterEqual(result.document['bytesVerified'], len(content))

    def test_size_unknown(self):
        """a bootloader too old to tell its memory's size needs --size-unknown-ok before a byte is written"""
        path, content = self.package()
        simulator, memory = self.flash_file('--version', '0.0.14')
        before = memory.read_bytes()
        refused = clitest.run('flash', path, '--device', '127.0.0.2', '--yes', '--json')
        self.assert_told(refused, clitest.EXIT_REFUSED, 'needs-consent')
        self.assertIn('--size-unknown-ok', refused.errors)
        self.assert_untouched(simulator.wait_for_state('bootloader'))
        result = clitest.run('flash', path, '--device', '127.0.0.2', '--yes', '--json', '--size-unknown-ok')
        self.assertIn(result.code, (clitest.EXIT_DONE, clitest.EXIT_NOT_CONFIRMED), str(result))
        simulator.status()
        self.assert_holds(before, memory.read_bytes(), NETWORK_APPLICATION, content, NETWORK_CONFIG)

    def test_too_old(self):
        """a NETWORK bootloader before 0.0.14 is refused: an application would soft-brick it"""
        path, _ = self.package()
        simulator = self.simulate('--version', '0.0.12', *QUICK)
        result = clitest.run('flash', path, '--device', '127.0.0.2', '--yes', '--json', '--size-unknown-ok')
        self.assert_told(result, clitest.EXIT_REFUSED, 'unsupported')
        self.assert_untouched(simulator.status())

    def test_too_large(self):
        """a package that does not fit is refused before a byte is written, saying by how much"""
        path, _ = self.package('fw-16m')
        simulator = self.simulate('--flash-size', 16, *QUICK)
        result = clitest.run('flash', path, '--device', '127.0.0.2', '--yes', '--json')
        self.assert_told(result, clitest.EXIT_REFUSED, 'too-large')
        self.assert_untouched(simulator.status())

    def test_no_emmc(self):
        """--memory emmc on a camera without one is refused before a byte is written"""
        path, _ = self.package()
        simulator = self.simulate(*QUICK)
        result = clitest.run('flash', path, '--device', '127.0.0.2', '--memory', 'emmc', '--yes', '--json')
        self.assert_told(result, clitest.EXIT_REFUSED, 'unsupported')
        self.assert_untouched(simulator.status())

    def test_dry_run(self):
        """--dry-run shows title, effects and steps, and writes nothing"""
        path, content = self.package()
        simulator = self.simulate(*QUICK)
        result = clitest.run('flash', path, '--device', '127.0.0.2', '--dry-run', '--json')
        self.assert_exit(result, clitest.EXIT_DONE)
        plan = result.document['plan']
        self.assertTrue(plan['title'] and plan['effects'] and plan['writes'])
        self.assertIs(plan['needsTypedId'], False)
        kinds = [step['kind'] for step in plan['steps']]
        self.assertTrue({'read-back', 'restart'} <= set(kinds), kinds)
        self.assertAlmostEqual(sum(step['weight'] for step in plan['steps']), 1, places=6)
        written = sum(step['size'] for step in plan['steps'] if step['kind'].startswith('write'))
        self.assertGreaterEqual(written, len(content))
        self.assert_untouched(simulator.wait_for_state('bootloader'))
        text = clitest.run('flash', path, '--device', '127.0.0.2', '--dry-run')
        self.assert_exit(text, clitest.EXIT_DONE)
        self.assertIn(plan['title'], text.output)
        for words in [*plan['effects'], *plan['warnings'], *(step['description'] for step in plan['steps'])]:
            self.assertIn(words, text.output)
        self.assert_untouched(simulator.status())

    def test_plain_lines(self):
        """in a pipe progress is plain lines: each stage, and every ten percent of the bytes at most once"""
        path, _ = self.package('fw-16m')
        self.simulate('--write-kbps', 20000, *QUICK)
        result = clitest.run('flash', path, '--device', '127.0.0.2', '--yes')
        self.assert_exit(result, clitest.EXIT_DONE)
        lines = result.output.splitlines()
        for stage in ('Connecting', 'Writing', 'Reading back'):
            self.assertEqual(lines.count(stage), 1, result.output)
        percents = [int(line.split()[1]) for line in lines if line.startswith('Writing: ')]
        self.assertGreaterEqual(len(percents), 3, result.output)
        self.assertLessEqual(len(percents), 10, result.output)
        self.assertEqual(percents, sorted(set(percents)))
        self.assertNotIn('\033', result.output)
        self.assertNotIn('\r', result.output)


def add_package_tests():
    for entry in clitest.manifest()['packages']:
        if entry['standaloneOk']:
            def test(self, entry=entry):
                self.check_package(entry)
            test.__doc__ = f'the package {entry["id"]} arrives byte for byte, and nothing else changes'
            setattr(FlashTest, f'test_package_{entry["id"].replace("-", "_")}', test)


add_package_tests()
if __name__ == '__main__':
    clitest.main()
