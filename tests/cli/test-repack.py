#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""oakflash repack: packages that say what was asked for and are whole, in a file that appears complete or not at all."""
import hashlib
import os
import resource
import shutil
import signal
import struct
import subprocess
import time
import zlib

import clitest
from clitest import EXIT_CANCELLED, EXIT_DONE, EXIT_REFUSED, EXIT_USAGE

MIB = 1024 * 1024
BOOTABLE, IGNORE_CHECKSUM, ZLIB = 1, 2, 4


def checksum(content):
    """bootloader.md §7.3; three bytes at a time, which is quicker here."""
    value = 5381
    whole = len(content) - len(content) % 3
    for a, b, c in struct.iter_unpack('3B', content[:whole]):
        value = (value * 35937 + a * 1089 + b * 33 + c) & 0xffffffff
    for byte in content[whole:]:
        value = (value * 33 + byte) & 0xffffffff
    return value


def sections(content):
    """A reader of its own: everything that is asked of a package, checked. Returns: {name: (flags, bytes)}."""
    if content[:2] != b'BR':
        raise AssertionError(f'the file begins with {content[:2]}')
    found, end = {}, 512
    for slot in range(17):
        row = content[2 + 30 * slot:32 + 30 * slot].ljust(30, b'\0')
        name, size, offset, wanted, kind, flags = struct.unpack('<16sIIIBB', row)
        name = name.rstrip(b'\0').decode()
        if name == '':
            continue
        if offset < end or offset + size > len(content):
            raise AssertionError(f'{name} at {offset} does not follow {end}')
        if content[end:offset].strip(b'\0') != b'':
            raise AssertionError(f'the gap before {name} is not empty')
        alignment = {'__firmware': 512, 'pipeline': MIB}.get(name, 65536)
        if offset % alignment != 0 or offset - end >= max(alignment, 1):
            raise AssertionError(f'{name} is at {offset:#x}')
        if checksum(content[offset:offset + size]) != wanted or kind != 0:
            raise AssertionError(f'checksum or type of {name}')
        found[name] = (flags, content[offset:offset + size])
        end = offset + size
    if end != len(content):
        raise AssertionError(f'{len(content) - end} bytes behind the last section')
    return found


class RepackTest(clitest.TestCase):
    def setUp(self):
        super().setUp()
        self.place = self.directory / 'place'
        self.place.mkdir()
        self.output = self.place / 'new.dap'

    def assert_nothing_left(self):
        self.assertEqual(os.listdir(self.place), [])

    def assert_refused(self, result, word):
        self.assert_exit(result, EXIT_REFUSED)
        self.assertEqual(result.document['error']['code'], word, str(result))

    def repack(self, path, *words, force=False):
        """Returns: the new package's bytes."""
        force = ('--force',) if force or self.output.exists() else ()
        result = clitest.run('repack', path, '-o', self.output, '--json', *force, *words)
        self.assert_exit(result, EXIT_DONE)
        self.assertEqual(result.errors, '')
        self.assertEqual(os.listdir(self.place), ['new.dap'])
        content = self.output.read_bytes()
        document = result.document
        self.assertEqual((document['ok'], document['size'], document['sha256'], document['output']),
                         (True, len(content), hashlib.sha256(content).hexdigest(), str(self.output)))
        return content

    def inspect(self):
        return clitest.run('inspect', self.output, '--json').document

    def check_same(self, entry):
        path, content = self.package(entry['id'])
        self.assertEqual(self.repack(path), content)
        self.assertIn('byte for byte', clitest.run('repack', path, '-o', self.output, '--force').output)

    def check_name(self, entry):
        path, content = self.package(entry['id'])
        new = self.repack(path, '--name', 'Neuer Name – 新')
        document = self.inspect()
        self.assertEqual(document['applicationName'], 'Neuer Name – 新')
        old, changed = sections(content), sections(new)
        self.assertEqual(list(changed), list(old))
        self.assertEqual({name for name in old if old[name] != changed[name]}, {'app_name'})
        self.assertEqual(document['verdict'] == 'reject', not entry['standaloneOk'])

    def test_compression(self):
        """compressing and uncompressing again give the firmware that was there"""
        for name, most in (('script-spi', None), ('fw-16m', 3 * MIB), ('utf8-name-zlib', None)):
            with self.subTest(name):
                path, content = self.package(name)
                flags, firmware = sections(content)['__firmware']
                plain = zlib.decompress(firmware) if flags & ZLIB else firmware
                packed = self.repack(path, '--compress')
                new_flags, new_firmware = sections(packed)['__firmware']
                self.assertEqual(new_flags, flags | ZLIB)
                self.assertEqual(zlib.decompress(new_firmware), plain)
                self.assertLess(len(packed), most or len(packed) + 1)
                document = self.inspect()
                self.assertEqual((document['compress'], document['firmwareInflatedSize']), (True, len(plain)))
                self.assertNotEqual(document['verdict'], 'reject')
                second = self.directory / 'packed.dap'
                second.write_bytes(packed)
                unpacked = self.repack(second, '--no-compress')
                self.assertEqual(sections(unpacked)['__firmware'], (flags & ~ZLIB, plain))
                if not flags & ZLIB:
                    self.assertEqual(unpacked, content)

    def test_check_at_boot(self):
        """--check-at-boot sets one flag and nothing else"""
        path, content = self.package()
        old = sections(content)
        self.assertTrue(old['__firmware'][0] & IGNORE_CHECKSUM)
        new = sections(self.repack(path, '--check-at-boot', 'yes'))
        self.assertEqual(new['__firmware'], (old['__firmware'][0] & ~IGNORE_CHECKSUM, old['__firmware'][1]))
        self.assertIs(self.inspect()['checkChecksum'], True)
        second = self.directory / 'checked.dap'
        shutil.copy(self.output, second)
        self.assertEqual(self.repack(second, '--check-at-boot', 'no'), content)

    def test_replace_asset(self):
        """a replaced asset comes out again byte for byte, and so do all the others"""
        for name, asset, size in (('mobilenet', '/node/1/__blob', 33333), ('mobilenet', '/node/1/__blob', 7),
                                  ('stereo', '/node/4/__script', 100000), ('script-spi', '/node/0/__script', 1)):
            with self.subTest((name, size)):
                path, _ = self.package(name)
                replacement = self.directory / 'a=b'
                replacement.write_bytes(bytes(at * 7 & 0xff for at in range(size)))
                before = clitest.run('inspect', path, '--json').document
                new = self.repack(path, '--replace-asset', f'{asset}={replacement}')
                document = self.inspect()
                self.assertEqual(document['verdict'], before['verdict'], document['findings'])
                self.assertEqual([(node['id'], node['name'], node['io']) for node in document['nodes']],
                                 [(node['id'], node['name'], node['io']) for node in before['nodes']])
                self.assertEqual(document['connections'], before['connections'])
                sections(new)
                part = self.directory / 'part'
                for each in before['assets']:
                    source = (self.output,) if each['name'] != asset else None
                    self.assert_exit(clitest.run('extract', self.output, '--asset', each['name'], '-o', part, '--force'), EXIT_DONE)
                    content = part.read_bytes()
                    if source is None:
                        self.assertEqual(content, replacement.read_bytes())
                    else:
                        self.assert_exit(clitest.run('extract', path, '--asset', each['name'], '-o', part, '--force'), EXIT_DONE)
                        self.assertEqual(content, part.read_bytes())

    def test_odd_asset_names(self):
        """an asset is found whatever its name is, and both name and file may have an equals sign"""
        path, _ = self.package('assets-odd')
        replacement = self.directory / 'x=y=z'
        replacement.write_bytes(b'1234567')
        for name in ('/pipeline/', '/pipeline/ ', '/pipeline/nul\\x00in', '/pipeline/Grüße', '/pipeline/tab\there'):
            with self.subTest(name):
                self.repack(path, '--replace-asset', f'{name}={replacement}')
                part = self.directory / 'part'
                self.assert_exit(clitest.run('extract', self.output, '--asset', name, '-o', part, '--force'), EXIT_DONE)
                self.assertEqual(part.read_bytes(), b'1234567')

    def test_everything_at_once(self):
        """all changes together are one package that can be flashed"""
        path, _ = self.package('stereo')
        for name in ('meshLeft', 'meshRight'):
            (self.directory / name).write_bytes((name.encode() * 250)[:1000])
        new = sections(self.repack(path, '--name', '', '--compress', '--check-at-boot', 'yes',
                                   '--replace-asset', f'/node/2/meshLeft={self.directory / "meshLeft"}',
                                   '--replace-asset', f'/node/2/meshRight={self.directory / "meshRight"}'))
        self.assertEqual(new['__firmware'][0], BOOTABLE | ZLIB)
        self.assertIn((b'meshLeft' * 250)[:1000], new['asset_storage'][1])
        self.assertIn((b'meshRight' * 250)[:1000], new['asset_storage'][1])
        self.assertIn(self.inspect()['verdict'], ('ok', 'warn'))
        self.simulate('--reboot-ms', 50, '--boot-wait-ms', 50)
        result = clitest.run('flash', self.output, '--device', '127.0.0.2', '--yes', '--json')
        self.assert_exit(result, EXIT_DONE)
        self.assertEqual(result.document['outcome'], 'confirmed')

    def test_same_file(self):
        """a package can be replaced by itself, but only with --force"""
        path, content = self.package()
        self.assert_refused(clitest.run('repack', path, '-o', path, '--name', 'x', '--json'), 'file-exists')
        self.assertEqual(path.read_bytes(), content)
        inode = path.stat().st_ino
        self.assert_exit(clitest.run('repack', path, '-o', path, '--name', 'x', '--json', '--force'), EXIT_DONE)
        self.assertEqual(sections(path.read_bytes())['app_name'][1], b'x')
        self.assertNotEqual(path.stat().st_ino, inode)
        self.assertFalse([name for name in os.listdir(self.directory) if name.startswith('.')])

    def test_standard_output(self):
        """-o - writes the package and nothing else"""
        path, content = self.package()
        process = clitest.start('repack', path, '-o', '-')
        self.assertEqual(process.communicate(timeout=clitest.LIMIT), (content, b''))
        self.assertEqual(process.returncode, EXIT_DONE)

    def test_refused(self):
        """what cannot be is refused in words, and nothing is written"""
        path, _ = self.package()
        (self.directory / 'empty').write_bytes(b'')
        (self.directory / 'some').write_bytes(b'x')
        for words, word in ((('--replace-asset', f'/no/such={self.directory / "some"}'), 'no-such-part'),
                            (('--replace-asset', f'/node/0/__script={self.directory / "missing"}'), 'bad-file'),
                            (('--replace-asset', f'/node/0/__script={self.directory}'), 'bad-file')):
            with self.subTest(words):
                self.assert_refused(clitest.run('repack', path, '-o', self.output, '--json', *words), word)
                self.assert_nothing_left()
        stereo, _ = self.package('stereo')
        result = clitest.run('repack', stereo, '-o', self.output, '--json', '--replace-asset', f'/node/2/meshLeft={self.directory / "some"}')
        self.assert_refused(result, 'not-possible')
        self.assertIn('1000', result.errors)
        self.assert_nothing_left()

    def test_damaged(self):
        """of a damaged package none is made"""
        for entry in clitest.manifest()['damaged']:
            if entry['expected'] != 'reject':
                continue
            with self.subTest(entry['id']):
                path = self.directory / 'damaged.dap'
                path.write_bytes(clitest.package_bytes(entry))
                result = clitest.run('repack', path, '-o', self.output, '--json', '--name', 'x')
                if result.code == EXIT_DONE:
                    # Nothing that was wrong may have become right.
                    self.assertEqual(self.inspect()['verdict'], 'reject')
                    self.output.unlink()
                else:
                    self.assert_refused(result, 'bad-file')
                self.assert_nothing_left()

    def test_mistakes(self):
        """mistakes on the command line end in exit code 2 and write nothing"""
        path, _ = self.package()
        for words, says in ((('--compress', '--no-compress'), 'exclude'), (('--check-at-boot', 'maybe'), 'yes'),
                            (('--check-at-boot', ''), 'yes'), (('--replace-asset', 'name'), 'NAME=FILE'), (('--section', 'x'), 'belong')):
            with self.subTest(words):
                result = clitest.run('repack', path, '-o', self.output, *words)
                self.assert_exit(result, EXIT_USAGE)
                self.assertIn(says, result.errors)
        self.assert_exit(clitest.run('repack', path), EXIT_USAGE)
        self.assert_exit(clitest.run('repack', '-o', self.output), EXIT_USAGE)
        self.assert_nothing_left()

    # --- what goes wrong while writing ---------------------------------------------------------------------------------------

    def small_package_of_a_large_one(self):
        path, _ = self.package('fw-16m')
        self.repack(path, '--compress')
        small = self.directory / 'small.dap'
        self.output.rename(small)
        self.assertLess(small.stat().st_size, 4 * MIB)
        return small

    def test_ended_while_writing(self):
        """a program that is ended while it writes leaves no half file and no other one"""
        small = self.small_package_of_a_large_one()
        precious = self.place / 'old.dap'
        precious.write_bytes(b'precious')

        def limit(handler):
            def prepare():
                signal.signal(signal.SIGXFSZ, handler)
                resource.setrlimit(resource.RLIMIT_FSIZE, (4 * MIB, 4 * MIB))
                resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            return prepare

        for target, force in ((self.output, ()), (precious, ('--force',))):
            for handler in (signal.SIG_DFL, signal.SIG_IGN):
                with self.subTest((target.name, handler)):
                    process = clitest.start('repack', small, '-o', target, '--no-compress', '--json', *force, preexec_fn=limit(handler),
                                            restore_signals=False)
                    result = clitest.finish(process, ('repack',))
                    if handler == signal.SIG_DFL:
                        self.assert_exit(result, -signal.SIGXFSZ)
                    else:
                        self.assert_refused(result, 'not-saved')
                        self.assertIn(target.name, result.errors)
                    self.assertEqual(os.listdir(self.place), ['old.dap'])
                    self.assertEqual(precious.read_bytes(), b'precious')

    def test_full_disk(self):
        """a disk that fills up is told, and nothing is left on it"""
        path, _ = self.package()
        script = '''
mount -t tmpfs -o size=512k tmpfs "$2" || exit 77
"$1" repack "$3" -o "$2/new.dap" --json
echo "$?" >&2
ls -A "$2" >&2
'''
        enter = ['unshare', '--mount'] if os.geteuid() == 0 else ['unshare', '--user', '--map-root-user', '--mount']
        process = subprocess.run([*enter, 'sh', '-c', script, 'sh', os.environ['OAKFLASH'], self.place, path], capture_output=True,
                                 check=False, timeout=clitest.LIMIT)
        if process.returncode in (1, 77) and b'oakflash' not in process.stderr:
            self.skipTest('no file system of its own can be mounted')
        self.assertEqual(process.stderr.decode().splitlines()[-1], str(EXIT_REFUSED), process)
        self.assertIn(b'"not-saved"', process.stdout)
        self.assertIn(b'No space left', process.stdout)

    def test_interrupted(self):
        """Ctrl+C ends the work, wherever it is, and leaves nothing"""
        path, _ = self.package('fw-16m')
        codes = set()
        for delay in (0.02, 0.1, 0.3, 0.5, 0.7):
            process = clitest.start('repack', path, '-o', self.output, '--compress', '--json')
            time.sleep(delay * clitest.SLOWDOWN)
            process.send_signal(signal.SIGINT)
            result = clitest.finish(process, ('repack',))
            codes.add(result.code)
            if result.code == EXIT_DONE:
                sections(self.output.read_bytes())
                self.output.unlink()
            else:
                self.assertIn(result.code, (EXIT_CANCELLED, -signal.SIGINT), str(result))
            self.assert_nothing_left()
        self.assertIn(EXIT_CANCELLED, codes)


def add_tests():
    for entry in clitest.manifest()['packages']:
        def same(self, entry=entry):
            self.check_same(entry)

        def name(self, entry=entry):
            self.check_name(entry)
        same.__doc__ = f'without a wish {entry["id"]} stays the same, byte for byte'
        name.__doc__ = f'a new name for {entry["id"]} changes its name only'
        word = entry['id'].replace('-', '_')
        setattr(RepackTest, f'test_same_{word}', same)
        if entry['id'] != 'fw-16m':
            setattr(RepackTest, f'test_name_{word}', name)


add_tests()
if __name__ == '__main__':
    clitest.main()
