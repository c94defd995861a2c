#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad files and bad cameras: each ends before its deadline with the right exit code and a complete account on standard error; with
--json exactly one document is written; nothing is left behind."""
import os
import threading
import time

import clitest
from clitest import EXIT_DONE, EXIT_FAILED, EXIT_NOT_CONFIRMED, EXIT_NOT_FOUND, EXIT_REFUSED

QUICK = ('--reboot-ms', 50, '--boot-wait-ms', 50)
# Silence is waited for in these tests, so the waits are shortened; a slow machine gets them back.
SCALE = ('--timeout-scale', f'{0.2 * clitest.SLOWDOWN:.1f}')

# Damage that shows without looking into the pipeline.
DAMAGED = ('truncated-table', 'truncated-firmware', 'firmware-bit', 'pipeline-bit', 'assets-bit', 'overlap', 'offset-beyond',
           'size-max', 'magic', 'all-empty', 'pipeline-missing')

# Fault of the camera, exit code, word of the error.
FAULTS = (
    ('silent-discovery', EXIT_NOT_FOUND, 'unreachable'),
    ('discovery-garbage', EXIT_NOT_FOUND, 'unreachable'),
    ('refuse-connect', EXIT_NOT_FOUND, 'unreachable'),
    ('close-on-accept', EXIT_REFUSED, 'disconnected'),
    ('reset-tcp=100', EXIT_REFUSED, 'disconnected'),
    ('drop-at-byte=1000', EXIT_REFUSED, 'disconnected'),
    ('drop-at-byte=600000', EXIT_FAILED, 'disconnected'),
    ('drop-in-data=50', EXIT_FAILED, 'disconnected'),
    ('drop-at-progress=50', EXIT_FAILED, 'disconnected'),
    ('no-ping', EXIT_REFUSED, 'timed-out'),
    ('no-create', EXIT_REFUSED, 'timed-out'),
    ('huge-size', EXIT_REFUSED, 'protocol'),
    ('bad-event-type', EXIT_REFUSED, 'protocol'),
    ('unknown-stream-write', EXIT_REFUSED, 'protocol'),
    ('no-release', EXIT_FAILED, 'timed-out'),
    ('short-response=GetBootloaderVersion', EXIT_REFUSED, 'unsupported'),
    ('garbage-response=GetBootloaderVersion', EXIT_REFUSED, 'protocol'),
    ('wrong-response=GetBootloaderVersion', EXIT_REFUSED, 'protocol'),
    ('no-response=GetBootloaderVersion', EXIT_REFUSED, 'timed-out'),
    ('drop-after-request=GetMemoryDetails', EXIT_REFUSED, 'disconnected'),
    ('garbage-response=UpdateFlashEx2', EXIT_FAILED, 'protocol'),
    ('no-response=ReadFlash', EXIT_REFUSED, 'timed-out'),  # what is there already is read before anything is written
    ('no-response=ReadFlash', EXIT_FAILED, 'timed-out', '--full'),
    ('flash-error=no', EXIT_FAILED, 'refused'),
    ('flash-error-at=50', EXIT_FAILED, 'refused'),
    ('lie-success', EXIT_FAILED, 'verify-failed'),
    ('lie-read', EXIT_FAILED, 'verify-failed'),
    ('lie-size=1000', EXIT_REFUSED, 'too-large'),
    ('no-memory-details', EXIT_REFUSED, 'unsupported'),
    ('progress-silence', EXIT_FAILED, 'timed-out'),
    ('never-reboots', EXIT_NOT_CONFIRMED, 'not-confirmed'),
    ('no-start', EXIT_NOT_CONFIRMED, 'not-confirmed'),
    ('config-error=no', EXIT_FAILED, 'refused'),
)


class BadFileTest(clitest.TestCase):
    def assert_bad(self, path, word='bad-file', command=('flash',)):
        """Refused for the file alone: no camera is there, and none is looked for."""
        for json in ((), ('--json',)):
            result = clitest.run(*command, path, '--device', '127.0.0.2', '--yes', *json)
            self.assert_told(result, EXIT_REFUSED, word)
            if not json:
                self.assertEqual(result.output, '')
        return result

    def test_empty(self):
        """an empty file"""
        path = self.directory / 'empty.dap'
        path.write_bytes(b'')
        self.assert_bad(path)

    def test_directory(self):
        """a directory"""
        self.assert_bad(self.directory)

    def test_missing(self):
        """a file that is not there"""
        self.assert_bad(self.directory / 'missing.dap')

    def test_fifo(self):
        """a named pipe nobody writes to does not keep the program waiting"""
        path = self.directory / 'pipe.dap'
        os.mkfifo(path)
        self.assert_bad(path)

    def test_device(self):
        """a device that never ends"""
        self.assert_bad('/dev/zero')

    def test_lying_size(self):
        """a file of the kernel whose size is not its content"""
        self.assert_bad('/proc/self/status')

    def test_text(self):
        """a file that is something else"""
        path = self.directory / 'notes.dap'
        path.write_text('These are only notes.\n' * 1000)
        self.assert_bad(path)

    def test_odd_names(self):
        """names with line feeds, escape sequences and bytes that are no text reach the terminal only escaped"""
        path = os.fsencode(self.directory) + b'/\x1b[2J\n\xff\xe2\x80\xae.dap'
        with open(path, 'wb') as file:
            file.write(b'nothing')
        for result in (clitest.run('flash', os.fsdecode(path), '--device', '127.0.0.2', '--yes', *json) for json in ((), ('--json',))):
            self.assertEqual(result.code, EXIT_REFUSED, str(result))
            for text in (result.output, result.errors):
                self.assertNotIn('\x1b', text)
                self.assertNotIn('\u202e', text)

    def test_bootloader_files(self):
        """reset refuses bad bootloader images, too, before any camera is looked for"""
        empty = self.directory / 'empty.bin'
        empty.write_bytes(b'')
        huge = self.directory / 'huge.bin'
        with open(huge, 'wb') as file:
            file.truncate(64 * 1024 * 1024)
        confirm = ('reset', '--confirm-id', 'A1B2C3', '--bootloader')
        self.assert_bad(empty, command=confirm)
        self.assert_bad(self.directory, command=confirm)
        self.assert_bad(huge, 'too-large', command=confirm)

    def test_changing_file(self):
        """a file that shrinks and changes while it is read is refused or read whole, never in between"""
        path, content = self.package('fw-16m')
        self.simulate(*QUICK)
        stop = threading.Event()

        def change():
            with open(path, 'r+b') as file:
                while not stop.is_set():
                    file.truncate(len(content) // 2)
                    time.sleep(0.003)
                    file.seek(0)
                    file.write(content)
                    file.flush()
                    time.sleep(0.003)
        thread = threading.Thread(target=change)
        thread.start()
        try:
            codes = [clitest.run('flash', path, '--device', '127.0.0.2', '--dry-run', '--json') for _ in range(6)]
        finally:
            stop.set()
            thread.join()
        for result in codes:
            if result.code != EXIT_DONE:
                self.assert_told(result, EXIT_REFUSED, 'bad-file')


class BadCameraTest(clitest.TestCase):
    def check_fault(self, fault, code, word, *options):
        path, _ = self.package('stereo')
        # The USB layout's bootloader waits 3 seconds for a host by default, the other 30 (bootloader.md §9.1).
        simulator = self.simulate('--type', 'usb', '--fault', fault, *QUICK)
        result = clitest.run('flash', path, '--device', '127.0.0.2', '--yes', '--json', *SCALE, *options)
        document = self.assert_told(result, code, word)
        status = simulator.stop()
        if code in (EXIT_REFUSED, EXIT_NOT_FOUND):
            self.assert_untouched(status)
            self.assertIs(document['written'], False)
            self.assertEqual(document['remains'], 'unchanged')
        elif code == EXIT_FAILED:
            self.assertIs(document['written'], True)
            expected = ('not-selected',) if fault.startswith('config-error') else ('no-application', 'written')
            self.assertIn(document['remains'], expected)
        else:
            self.assertEqual(document['remains'], 'written')

    def test_slow_answers(self):
        """a camera that answers late, but in time, is flashed"""
        path, _ = self.package()
        self.simulate('--fault', 'slow-response=150', *QUICK)
        self.assert_exit(clitest.run('flash', path, '--device', '127.0.0.2', '--yes', '--json'), EXIT_DONE)

    def test_words_of_the_camera(self):
        """the camera's own words are passed on, and control characters in them are not"""
        path, _ = self.package()
        self.simulate('--fault', 'flash-error=Out of \x1b[31mcheese\x07', *QUICK)
        for json in ((), ('--json',)):
            result = clitest.run('flash', path, '--device', '127.0.0.2', '--yes', *json)
            self.assert_told(result, EXIT_FAILED, 'refused')
            self.assertIn('cheese', result.errors)
            for text in (result.output, result.errors):
                self.assertNotIn('\x1b', text)
                self.assertNotIn('\x07', text)

    def test_vanishes_while_writing(self):
        """a camera that is unplugged while it is written to ends the program by its deadline"""
        path, _ = self.package('fw-16m')
        simulator = self.simulate('--write-kbps', 2000, *QUICK)
        process = clitest.start('flash', path, '--device', '127.0.0.2', '--yes', '--json')
        simulator.wait_for_writes()
        simulator.kill()
        result = clitest.finish(process, ('flash', '--json'))
        document = self.assert_told(result, EXIT_FAILED, 'disconnected')
        self.assertEqual(document['remains'], 'no-application')

    def test_failure_leaves_nothing_open(self):
        """after a failure the same camera can be flashed at once"""
        path, _ = self.package()
        simulator = self.simulate('--fault', 'drop-in-data=50:once', *QUICK)
        self.assert_exit(clitest.run('flash', path, '--device', '127.0.0.2', '--yes'), EXIT_FAILED)
        # Nobody feeds the camera any more: it restarts by itself, and only then it is there for good.
        simulator.wait_for(lambda status: status['resets'] > 0 and status['state'] == 'bootloader')
        self.assert_exit(clitest.run('flash', path, '--device', '127.0.0.2', '--yes'), EXIT_DONE)


def add_tests():
    for name in DAMAGED:
        entry = next(entry for entry in clitest.manifest()['damaged'] if entry['id'] == name)

        def damaged(self, entry=entry):
            path = self.directory / 'damaged.dap'
            path.write_bytes(clitest.package_bytes(entry))
            self.assert_bad(path)
        damaged.__doc__ = f'the damaged package {name}'
        setattr(BadFileTest, f'test_damaged_{name.replace("-", "_")}', damaged)
    for fault, code, word, *options in FAULTS:
        def test(self, fault=fault, code=code, word=word, options=options):
            self.check_fault(fault, code, word, *options)
        test.__doc__ = f'a camera with {" ".join([fault, *options])} ends in exit code {code}'
        setattr(BadCameraTest, 'test_fault_' + '_'.join([fault, *options]).replace('-', '_').replace('=', '_'), test)


add_tests()
if __name__ == '__main__':
    clitest.main()
