#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The store of bootloader images: import, download from a server on the loopback, and a reset from there."""
import hashlib
import http.server
import io
import os
import random
import subprocess
import tarfile
import threading

import clitest
from clitest import EXIT_CANCELLED, EXIT_DONE, EXIT_REFUSED, EXIT_USAGE

ADDRESS = '127.0.0.2'
QUICK = ('--reboot-ms', 50, '--boot-wait-ms', 50)
FOLDER = '/luxonis-myriad-release-local/depthai-bootloader'


def image(seed, size):
    return b'MA2x' + random.Random(seed).randbytes(size - 4)


def release(seed=1, extra=()):
    """An archive like the vendor's, made by another library than the one that reads it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode='w:xz') as archive:
        for name, content in (('depthai-bootloader-usb.cmd', image(seed, 200000)),
                              ('depthai-bootloader-eth.cmd', image(seed + 1, 300000)), *extra):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


class Server:
    """Files at paths; a path may also be cut off after some bytes, once, or be held for ever."""

    def __init__(self):
        self.files, self.cut, self.held, self.ranges = {}, {}, set(), []
        self.end = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def log_message(self, *_):
                pass

            def do_GET(self):
                outer.answer(self)

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.base = f'http://127.0.0.1:{self.server.server_address[1]}'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, request):
        content = self.files.get(request.path)
        if content is None:
            request.send_error(404)
            return
        wanted = request.headers.get('Range')
        self.ranges.append(wanted)
        start = int(wanted.removeprefix('bytes=').removesuffix('-')) if wanted else 0
        request.send_response(206 if wanted else 200)
        request.send_header('Content-Length', str(len(content) - start))
        if wanted:
            request.send_header('Content-Range', f'bytes {start}-{len(content) - 1}/{len(content)}')
        request.end_headers()
        part = content[start:self.cut.pop(request.path, len(content))]
        request.wfile.write(part[:1000] if request.path in self.held else part)
        request.wfile.flush()
        if request.path in self.held:
            self.end.wait()
        request.close_connection = True

    def add(self, version, content, checksum=None):
        path = f'{FOLDER}/{version}/depthai-bootloader-fwp-{version}.tar.xz'
        self.files[path] = content
        self.files[path + '.sha256'] = (checksum or hashlib.sha256(content).hexdigest()).encode()
        return path

    def close(self):
        self.end.set()
        self.server.shutdown()
        self.server.server_close()


class BootloaderTest(clitest.TestCase):
    def serve(self):
        server = Server()
        self.addCleanup(server.close)
        return server

    def write(self, name, content):
        path = self.directory / name
        path.write_bytes(content)
        return path

    def images(self):
        result = clitest.run('bootloader', 'list', '--json')
        self.assert_exit(result, EXIT_DONE)
        return result.document['images']

    def assert_explained(self, result, word):
        """Told in parts, none of which is about a camera, and as one document."""
        self.assert_exit(result, EXIT_REFUSED)
        for label in ('What happened:', 'Likely cause:', 'What to do:', 'Details:'):
            self.assertIn(label, result.errors)
        self.assertNotIn('amera', result.errors)
        self.assertEqual(result.document['error']['code'], word, str(result))
        self.assertEqual(self.images(), [])

    def test_empty(self):
        """an empty store says so, and what can be downloaded"""
        result = clitest.run('bootloader', 'list')
        self.assert_exit(result, EXIT_DONE)
        self.assertIn('empty', result.output)
        self.assertIn('0.0.29, 0.0.28, 0.0.27, 0.0.26', result.output)
        self.assertEqual(clitest.run('bootloader', 'list', '--json').document['released'], ['0.0.29', '0.0.28', '0.0.27', '0.0.26'])

    def test_import(self):
        """an imported package gives both images with version, type, size, checksum and origin"""
        path = self.write('depthai-bootloader-fwp-0.0.28.tar.xz', release())
        result = clitest.run('bootloader', 'import', path)
        self.assert_exit(result, EXIT_DONE)
        self.assertIn('no checksum to compare with; images are not signed', result.output)
        for row, kind, content in zip(self.images(), ('network', 'usb'), (image(2, 300000), image(1, 200000))):
            self.assertEqual((row['version'], row['type'], row['size'], row['sha256'], row['origin'], row['signed'], row['whole']),
                             ('0.0.28', kind, len(content), hashlib.sha256(content).hexdigest(), path.name, False, True))

    def test_import_with_checksum(self):
        """a checksum beside the file has to match"""
        content = release()
        path = self.write('depthai-bootloader-fwp-0.0.28.tar.xz', content)
        sidecar = self.write(path.name + '.sha256', b'0' * 64)
        self.assert_explained(clitest.run('bootloader', 'import', path, '--json'), 'verify-failed')
        sidecar.write_text(hashlib.sha256(content).hexdigest() + '\n', encoding='ascii')
        result = clitest.run('bootloader', 'import', path)
        self.assertIn('checksum matches; images are not signed', result.output)

    def test_unknown(self):
        """what nobody says stays unknown until it is chosen"""
        path = self.write('mine.mvcmd', image(1, 5000))
        result = clitest.run('bootloader', 'import', path)
        self.assertIn('version unknown, type unknown', result.output)
        self.assertIn('--version and --type', result.output)
        self.assertEqual([(row['version'], row['type']) for row in self.images()], [(None, None)])
        clitest.run('bootloader', 'import', path, '--version', '0.0.27', '--type', 'usb')
        self.assertEqual([(row['version'], row['type']) for row in self.images()], [('0.0.27', 'usb')])
        self.assert_exit(clitest.run('bootloader', 'import', path, '--type', 'network'), EXIT_REFUSED)
        clitest.run('bootloader', 'import', path, '--type', 'network', '--force')
        self.assertEqual([(row['version'], row['type']) for row in self.images()], [('0.0.27', 'network')])

    def test_bad_files(self):
        """files that are none, damaged or hostile are refused and nothing is kept"""
        whole = release()
        rows = (('text.cmd', b'this is no image' * 100), ('empty.cmd', b''), ('cut.tar.xz', whole[:len(whole) // 2]),
                ('evil.tar.xz', release(extra=[('../../../.bashrc', b'echo')])))
        for name, content in rows:
            with self.subTest(name):
                self.assert_explained(clitest.run('bootloader', 'import', self.write(name, content), '--json'), 'bad-file')
        bomb = self.write('bomb.tar.xz', release(extra=[('zeros', bytes(48 << 20))]))
        self.assert_explained(clitest.run('bootloader', 'import', bomb, '--json'), 'too-large')

    def test_killed(self):
        """a program that is killed while it imports leaves whole images or none"""
        path = self.write('depthai-bootloader-fwp-0.0.28.tar.xz', release())
        for number in range(8):
            process = clitest.start('bootloader', 'import', path, '--force')
            try:
                process.wait(0.05 * number)
            except subprocess.TimeoutExpired:
                process.kill()
            process.communicate()
            self.assertTrue(all(row['whole'] and row['version'] == '0.0.28' for row in self.images()))
        self.assert_exit(clitest.run('bootloader', 'import', path), EXIT_DONE)
        self.assertEqual([row['whole'] for row in self.images()], [True, True])

    def test_fetch(self):
        """a release is downloaded once, goes on where it was cut, and its checksum matches"""
        server, content = self.serve(), release()
        server.cut[server.add('0.0.29', content)] = 100000
        words = ('bootloader', 'fetch', '0.0.29', '--server', server.base)
        result = clitest.run(*words)
        self.assert_exit(result, EXIT_DONE)
        self.assertIn('checksum matches; images are not signed', result.output)
        self.assertIn('trying again behind 97.7 KiB', result.errors)
        self.assertEqual(server.ranges, [None, None, 'bytes=100000-'])
        again = clitest.run(*words)
        self.assertIn('already', again.output)
        self.assertEqual(len(server.ranges), 3)
        self.assertTrue(all(row['origin'].startswith(server.base) for row in self.images()))

    def test_environment(self):
        """the environment may name the server"""
        server = self.serve()
        server.add('0.0.26', release())
        environment = clitest.program_environment(OAK_FLASHER_SERVER=server.base + '/')
        self.assert_exit(clitest.run('bootloader', 'fetch', '0.0.26', environment=environment), EXIT_DONE)

    def test_bad_downloads(self):
        """whatever is wrong with a download is told, and nothing is kept"""
        server = self.serve()
        server.add('0.0.1', release(), '0' * 64)
        server.files[server.add('0.0.2', release()) + '.sha256'] = b'0123'
        server.add('0.0.3', b'no archive at all')
        rows = (('0.0.1', 'verify-failed'), ('0.0.2', 'protocol'), ('0.0.3', 'bad-file'), ('9.9.9', 'not-found'))
        for version, word in rows:
            with self.subTest(version):
                self.assert_explained(clitest.run('bootloader', 'fetch', version, '--server', server.base, '--json'), word)
        for address in ('http://192.0.2.1', 'ftp://127.0.0.1', 'nonsense'):
            with self.subTest(address):
                result = clitest.run('bootloader', 'fetch', '0.0.28', '--server', address, '--json')
                self.assert_explained(result, 'unsupported')

    def test_cancel(self):
        """Ctrl+C ends a download, what came is kept, and the next one goes on there"""
        server, content = self.serve(), release()
        path = server.add('0.0.28', content)
        server.held.add(path)
        words = ('bootloader', 'fetch', '0.0.28', '--server', server.base)
        terminal = self.terminal(*words)
        terminal.wait_for('Downloading: 0 % (1000 bytes of ')
        terminal.type('\x03')
        self.assertEqual(terminal.finish(), EXIT_CANCELLED, terminal.text)
        self.assertNotIn('trying again', terminal.text)
        self.assertEqual(self.images(), [])
        server.held.clear()
        self.assert_exit(clitest.run(*words), EXIT_DONE)
        self.assertEqual(server.ranges[-1], 'bytes=1000-')

    def test_remove(self):
        """images are removed by version and type, or by the beginning of their checksum"""
        clitest.run('bootloader', 'import', self.write('depthai-bootloader-fwp-0.0.28.tar.xz', release()))
        self.assert_exit(clitest.run('bootloader', 'remove', '0.0.27'), EXIT_REFUSED)
        self.assert_exit(clitest.run('bootloader', 'remove', '0.0.28', '--type', 'usb'), EXIT_DONE)
        left = self.images()
        self.assertEqual([row['type'] for row in left], ['network'])
        self.assert_exit(clitest.run('bootloader', 'remove', left[0]['sha256'][:8]), EXIT_DONE)
        self.assertEqual(self.images(), [])
        self.assertEqual(os.listdir(self.directory / 'data' / 'oak-flasher' / 'images'), [])

    def test_mistakes(self):
        """mistakes end in exit code 2 with a way on"""
        rows = ((('bootloader',), 'list, import'), (('bootloader', 'imprt', 'x'), '“import”?'), (('bootloader', 'import'), '.tar.xz'),
                (('bootloader', 'fetch'), '0.0.29'), (('bootloader', 'fetch', 'latest'), '0.0.29'),
                (('bootloader', 'list', 'x'), 'takes nothing'), (('bootloader', 'list', '--force'), '--force'),
                (('bootloader', 'import', 'x', '--server', 'y'), '--server'), (('bootloader', 'import', 'x', '--version', 'y'), 'version'),
                (('bootloader', 'fetch', '0.0.28', 'more'), 'unexpected'), (('bootloader', 'remove'), 'checksum'))
        for words, says in rows:
            with self.subTest(words):
                result = clitest.run(*words)
                self.assert_exit(result, EXIT_USAGE)
                self.assertIn(says, result.errors)

    def store_made_up(self, kind):
        path, content = self.bootloader(kind)
        self.assert_exit(clitest.run('bootloader', 'import', path, '--version', '0.0.29', '--type', kind), EXIT_DONE)
        return content

    def test_reset_from_the_store(self):
        """a reset takes its image from the store by the version"""
        simulator = self.simulate(*QUICK, '--version', '0.0.26', '--type', 'network')
        self.store_made_up('network')
        self.assertIn('made up for simulated cameras', clitest.run('bootloader', 'list').output)
        listed = clitest.run('list', '--json').document[0]
        result = clitest.run('reset', '--device', ADDRESS, '--bootloader', '0.0.29', '--confirm-id', listed['shortId'], '--yes', '--json')
        self.assert_exit(result, EXIT_DONE)
        self.assertEqual(simulator.wait_for_state('bootloader')['version'], '0.0.29')

    def test_reset_never_takes_the_wrong_type(self):
        """an image of the store is refused by a camera of another type, and has to be there and whole"""
        simulator = self.simulate(*QUICK, '--version', '0.0.26', '--type', 'network')
        self.store_made_up('usb')
        for words, says in ((('0.0.29',), 'type'), (('0.0.28',), 'no whole image'), (('0.0.29', '--type', 'network'), 'no whole image')):
            with self.subTest(words):
                result = clitest.run('reset', '--device', ADDRESS, '--yes', '--confirm-id', 'FFFFFF', '--bootloader', *words)
                self.assert_exit(result, EXIT_REFUSED)
                self.assertIn(says, result.errors)
        self.store_made_up('network')
        result = clitest.run('reset', '--device', ADDRESS, '--yes', '--confirm-id', 'FFFFFF', '--bootloader', '0.0.29')
        self.assert_exit(result, EXIT_REFUSED)
        self.assertIn('--type', result.errors)
        self.assert_untouched(simulator.status())


if __name__ == '__main__':
    clitest.main()
