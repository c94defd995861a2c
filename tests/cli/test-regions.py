#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""oakflash clear and reset change exactly the regions of bootloader.md §5.2 and §6.3, compared byte by byte with a model, at all
erase sizes and in both layouts."""
import hashlib

import clitest

MIB = 1024 * 1024
QUICK = ('--reboot-ms', 50, '--boot-wait-ms', 50)
LAYOUTS = {
    # application, bootloader payload of a reset, configuration
    'network': (0x800000, 8 * MIB + 512, range(0x7FC000, 0x800000)),
    'usb': (0x100000, MIB + 512, range(0xFC000, 0x100000)),
}


def noise(seed, size):
    return hashlib.shake_128(seed.encode()).digest(size)


class RegionTest(clitest.TestCase):
    def prepare(self, kind, erase_kib):
        """A camera with an application, a configuration and noise wherever it does not matter to it. Returns: simulator, path."""
        path = self.directory / 'flash.bin'
        arguments = ('--flash-file', path, '--type', kind, '--erase-kib', erase_kib, *QUICK)
        application, _, config = LAYOUTS[kind]
        package, content = self.package('mobilenet')
        simulator = self.simulate(*arguments)
        result = clitest.run('flash', package, '--device', '127.0.0.2', '--yes')
        self.assert_exit(result, clitest.EXIT_DONE)
        simulator.stop()

        memory = bytearray(path.read_bytes())
        image_end = 0x200 + 1024 * 1024 * 3 // 4
        memory[image_end:config.start] = noise('below', config.start - image_end)
        memory[application + len(content):] = noise('behind', len(memory) - application - len(content))
        path.write_bytes(memory)
        return self.simulate(*arguments), path

    def assert_same(self, after, model):
        if after == model:
            return
        differing = [at for at in range(0, len(model), 64) if after[at:at + 64] != model[at:at + 64]]
        self.fail(f'{len(differing)} differing places, the first near {differing[0]:#x}, the last near {differing[-1]:#x}')

    def check_clear(self, kind, erase_kib):
        simulator, path = self.prepare(kind, erase_kib)
        application, _, _ = LAYOUTS[kind]
        before = path.read_bytes()
        result = clitest.run('clear', '--device', '127.0.0.2', '--yes', '--json')
        self.assert_exit(result, clitest.EXIT_DONE)
        self.assertEqual(result.document['outcome'], 'confirmed', str(result))
        status = simulator.wait_for_state('bootloader')
        self.assertEqual(status['protocolErrors'], 0, status)
        model = bytearray(before)
        model[application:application + 512] = b'\xff' * 512
        self.assert_same(path.read_bytes(), bytes(model))

    def check_reset(self, kind, erase_kib):
        simulator, path = self.prepare(kind, erase_kib)
        _, payload, _ = LAYOUTS[kind]
        image, content = self.bootloader(kind)
        before = path.read_bytes()
        status = simulator.status()
        result = clitest.run('reset', '--device', '127.0.0.2', '--bootloader', image, '--yes', '--json',
                             '--confirm-id', status['mxid'][-8:-2])
        self.assert_exit(result, clitest.EXIT_DONE)
        self.assertEqual(result.document['outcome'], 'confirmed', str(result))
        status = simulator.wait_for_state('bootloader')
        self.assertEqual(status['version'], '0.0.29', status)
        self.assertEqual(status['protocolErrors'], 0, status)
        model = bytearray(before)
        model[0x200:0x200 + payload] = content + b'\xff' * (payload - len(content))
        # The boot header is the camera's own business; a simulated one renews it in its own way.
        after = bytearray(path.read_bytes())
        model[:0x200] = after[:0x200]
        self.assert_same(bytes(after), bytes(model))


def add_tests():
    for kind in LAYOUTS:
        for erase_kib in (4, 64, 256):
            def clear(self, kind=kind, erase_kib=erase_kib):
                self.check_clear(kind, erase_kib)

            def reset(self, kind=kind, erase_kib=erase_kib):
                self.check_reset(kind, erase_kib)
            clear.__doc__ = f'clear changes the 512 bytes of the table only: {kind}, erase blocks of {erase_kib} KiB'
            reset.__doc__ = f'reset changes its one region only: {kind}, erase blocks of {erase_kib} KiB'
            setattr(RegionTest, f'test_clear_{kind}_{erase_kib}', clear)
            setattr(RegionTest, f'test_reset_{kind}_{erase_kib}', reset)


add_tests()
if __name__ == '__main__':
    clitest.main()
