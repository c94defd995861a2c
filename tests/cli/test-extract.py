#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""oakflash extract: the exact bytes of a part, in a file that appears whole or not at all and replaces nothing unasked."""
import hashlib
import os
import stat
import subprocess

import clitest
from clitest import EXIT_DONE, EXIT_REFUSED, EXIT_USAGE


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def escaped(name):
    """A name that JSON could not hold, as the program shows it."""
    return ''.join(f'\\x{byte:02x}' if byte < 32 or byte > 126 else chr(byte) for byte in bytes.fromhex(name))


class ExtractTest(clitest.TestCase):
    def setUp(self):
        super().setUp()
        self.place = self.directory / 'place'
        self.place.mkdir()
        self.output = self.place / 'part'

    def assert_nothing_left(self):
        self.assertEqual(os.listdir(self.place), [])

    def assert_refused(self, result, word):
        self.assert_exit(result, EXIT_REFUSED)
        document = result.document
        self.assertEqual((document['ok'], document['command'], document['exitCode'], document['error']['code']),
                         (False, 'extract', EXIT_REFUSED, word))

    def extract(self, path, *words):
        """Returns: the extracted bytes; the file is gone again."""
        result = clitest.run('extract', path, *words, '-o', self.output, '--json')
        self.assert_exit(result, EXIT_DONE)
        self.assertEqual(result.errors, '')
        content = self.output.read_bytes()
        document = result.document
        self.assertEqual((document['ok'], document['command'], document['output'], document['size'], document['sha256']),
                         (True, 'extract', str(self.output), len(content), sha256(content)))
        self.assertEqual(os.listdir(self.place), ['part'])
        self.output.unlink()
        return content

    def check_sections(self, entry):
        path, _ = self.package(entry['id'])
        for section in entry['sections']:
            with self.subTest(section['name']):
                self.assertEqual(sha256(self.extract(path, '--section', section['name'])), section['sha256'])

    def test_assets(self):
        """every asset comes out with its own bytes, whatever its name is"""
        for name in ('assets-odd', 'stereo', 'mobilenet', 'globals'):
            path, content = self.package(name)
            entry = next(entry for entry in clitest.manifest()['packages'] if entry['id'] == name)
            start = next(section['offset'] for section in entry['sections'] if section['name'] == 'asset_storage')
            for asset in clitest.run('inspect', path, '--json').document['assets']:
                with self.subTest(asset):
                    shown = asset['name'] if asset['name'] is not None else escaped(asset['nameHex'])
                    begin = start + asset['offset']
                    self.assertEqual(self.extract(path, '--asset', shown), content[begin:begin + asset['size']])

    def test_script(self):
        """a script is the asset of its node"""
        path, _ = self.package('http-snapshot')
        entry = next(entry for entry in clitest.manifest()['packages'] if entry['id'] == 'http-snapshot')
        node = next(node['id'] for node in entry['nodes'] if node['name'] == 'Script')
        script = self.extract(path, '--script', node)
        self.assertEqual(script, self.extract(path, '--asset', f'/node/{node}/__script'))
        self.assertIn(b'8080', script)

    def test_standard_output(self):
        """with -o - the bytes and nothing else are on the standard output"""
        path, content = self.package('odd-name')
        entry = next(entry for entry in clitest.manifest()['packages'] if entry['id'] == 'odd-name')
        for section in entry['sections']:
            process = clitest.start('extract', path, '--section', section['name'], '-o', '-')
            output, errors = process.communicate(timeout=clitest.LIMIT)
            self.assertEqual((process.returncode, sha256(output), errors), (EXIT_DONE, section['sha256'], b''))
        with open('/dev/full', 'wb') as full:
            process = subprocess.run([os.environ['OAKFLASH'], 'extract', path, '--section', 'pipeline', '-o', '-'], stdout=full,
                                     stderr=subprocess.PIPE, timeout=clitest.LIMIT, check=False)
        self.assertEqual(process.returncode, EXIT_REFUSED)

    def test_terminal(self):
        """on a terminal a script is shown harmlessly, and bytes of other parts not at all"""
        path, _ = self.package()
        evil = self.directory / 'evil.py'
        evil.write_bytes(b'print(1)\n\x1b]0;owned\x07\x1b[2J\tend \xe2\x80\xae\xff')
        changed = self.directory / 'evil.dap'
        self.assert_exit(clitest.run('repack', path, '-o', changed, '--replace-asset', f'/node/0/__script={evil}'), EXIT_DONE)
        terminal = clitest.Terminal('extract', changed, '--script', '0', '-o', '-')
        self.assertEqual(terminal.finish(), EXIT_DONE)
        self.assertIn('print(1)\r\n', terminal.text)
        self.assertIn('\tend', terminal.text)
        self.assertNotRegex(terminal.text, '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202e\ufffd]')
        terminal = clitest.Terminal('extract', changed, '--section', '__firmware', '-o', '-')
        self.assertEqual(terminal.finish(), EXIT_REFUSED)
        self.assertNotIn('MA2', terminal.text)
        self.assertEqual(self.extract(changed, '--script', 0), evil.read_bytes())

    def test_no_such_part(self):
        """a part that is not there is refused, naming those that are"""
        path, _ = self.package('mobilenet')
        for words, names in ((('--section', 'pipelines'), 'pipeline'), (('--asset', 'blob'), '/node/1/__blob'),
                             (('--script', '1'), '2'), (('--script', '99'), '2'), (('--script', '-1'), '2')):
            with self.subTest(words):
                result = clitest.run('extract', path, *words, '-o', self.output, '--json')
                self.assert_refused(result, 'no-such-part')
                self.assertIn(names, result.document['error']['message'])
                self.assert_nothing_left()

    def test_damaged(self):
        """of a damaged package comes what can be read, and what lies outside the file does not"""
        path = self.damaged('truncated-firmware')
        self.assert_refused(clitest.run('extract', path, '--section', 'app_name', '-o', self.output, '--json'), 'bad-file')
        self.assert_nothing_left()
        path = self.damaged('assets-bit')
        entry = next(entry for entry in clitest.manifest()['packages'] if entry['id'] == 'fw-tiny')
        for section in entry['sections']:
            if section['name'] != 'assets':
                self.assertEqual(sha256(self.extract(path, '--section', section['name'])), section['sha256'])

    def damaged(self, name):
        entry = next(entry for entry in clitest.manifest()['damaged'] if entry['id'] == name)
        path = self.directory / f'{name}.dap'
        path.write_bytes(clitest.package_bytes(entry))
        return path

    def test_never_overwrites(self):
        """what is there already stays, but for --force; links and devices are not replaced at all"""
        path, content = self.package()
        words = ('extract', path, '--section', 'app_name', '--json', '-o')
        other = self.directory / 'other'
        other.write_bytes(b'precious')
        other.chmod(0o640)
        for name, make in (('file', lambda at: at.write_bytes(b'precious')), ('folder', lambda at: at.mkdir()),
                           ('fifo', os.mkfifo), ('link', lambda at: at.symlink_to(other)),
                           ('dangling', lambda at: at.symlink_to(self.directory / 'nowhere'))):
            with self.subTest(name):
                target = self.place / name
                make(target)
                before = os.lstat(target)
                self.assert_refused(clitest.run(*words, target), 'file-exists')
                after = os.lstat(target)
                self.assertEqual((before.st_ino, before.st_mode, before.st_mtime_ns), (after.st_ino, after.st_mode, after.st_mtime_ns))
        self.assertFalse((self.directory / 'nowhere').exists())
        self.assertEqual((self.place / 'file').read_bytes(), b'precious')

        for name in ('folder', 'fifo'):
            self.assert_refused(clitest.run(*words, self.place / name, '--force'), 'not-saved')
        self.assertTrue(stat.S_ISFIFO(os.lstat(self.place / 'fifo').st_mode))
        self.assert_exit(clitest.run(*words, self.place / 'link', '--force'), EXIT_DONE)
        self.assertTrue((self.place / 'link').is_symlink())
        self.assertEqual(other.read_bytes(), b'spi')
        self.assertEqual(other.stat().st_mode & 0o777, 0o640)
        self.assert_exit(clitest.run(*words, self.place / 'file', '--force'), EXIT_DONE)
        self.assertEqual((self.place / 'file').read_bytes(), b'spi')
        self.assertEqual(sorted(os.listdir(self.place)), ['dangling', 'fifo', 'file', 'folder', 'link'])

    def test_places(self):
        """places that cannot be written to are told, and nothing is left anywhere"""
        path, _ = self.package()
        words = ('extract', path, '--section', 'app_name', '--json', '-o')
        (self.directory / 'file').write_bytes(b'')
        for target in (self.place / 'missing' / 'part', self.directory / 'file' / 'part', self.place / ('x' * 300),
                       '/proc/part', '/dev/null/part', ''):
            with self.subTest(target):
                self.assert_refused(clitest.run(*words, target), 'not-saved')
        self.assert_nothing_left()

    def test_unwritable_folder(self):
        """a folder that must not be written to is told, and nothing is left"""
        path, _ = self.package()
        self.place.chmod(0o555)
        self.addCleanup(self.place.chmod, 0o755)
        without = ['setpriv', '--bounding-set=-dac_override'] if os.geteuid() == 0 else []
        if without and subprocess.run([*without, 'true'], check=False, capture_output=True).returncode != 0:
            self.skipTest('this root can write everywhere')
        for force in ((), ('--force',)):
            process = subprocess.run([*without, os.environ['OAKFLASH'], 'extract', path, '--section', 'app_name', '--json',
                                      '-o', self.output, *force], capture_output=True, check=False, timeout=clitest.LIMIT)
            self.assert_refused(clitest.Result(('extract',), process.returncode, process.stdout, process.stderr, 0), 'not-saved')
            self.assertIn('denied', process.stderr.decode())
        self.assert_nothing_left()

    def test_mode(self):
        """a new file has the rights everybody else's new files have"""
        path, _ = self.package()
        process = clitest.start('extract', path, '--section', 'app_name', '-o', self.output, umask=0o027)
        self.assert_exit(clitest.finish(process), EXIT_DONE)
        self.assertEqual(stat.S_IMODE(self.output.stat().st_mode), 0o640)

    def test_mistakes(self):
        """mistakes on the command line end in exit code 2 and write nothing"""
        path, _ = self.package()
        for words, says in (((), '--section'), (('--section', 'a', '--asset', 'b'), 'one of'), (('--script', 'x'), '--script'),
                            (('--script', '0x1'), '--script'), (('--script', ''), '--script'), (('--script', '99999999999999999999'), '--script')):
            with self.subTest(words):
                result = clitest.run('extract', path, *words, '-o', self.output)
                self.assert_exit(result, EXIT_USAGE)
                self.assertIn(says, result.errors)
        for words, says in ((('extract', path, '--section', 'pipeline'), '--output'), (('extract', '-o', self.output), '.dap'),
                            (('extract', path, '--section', 'a', '-o', '-', '--json'), '--json'),
                            (('extract', path, path, '--section', 'a', '-o', self.output), 'unexpected')):
            result = clitest.run(*words)
            self.assert_exit(result, EXIT_USAGE)
            self.assertIn(says, result.errors)
        self.assert_nothing_left()


def add_tests():
    for entry in clitest.manifest()['packages']:
        def test(self, entry=entry):
            self.check_sections(entry)
        test.__doc__ = f'every section of {entry["id"]} comes out byte for byte'
        setattr(ExtractTest, f'test_sections_{entry["id"].replace("-", "_")}', test)


add_tests()
if __name__ == '__main__':
    clitest.main()
