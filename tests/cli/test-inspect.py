#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""oakflash inspect: what it says of every recorded package is what the manifest says, and every damaged one is refused."""
import re
import resource
import unicodedata

import clitest
from clitest import EXIT_DONE, EXIT_REFUSED

MEMBERS = ('sections', 'applicationName', 'firmwareVersion', 'nodeCount', 'nodes', 'connectionCount', 'connections', 'assetCount',
           'assets', 'globalProperties', 'hasXLinkIn', 'hasXLinkOut', 'standaloneOk', 'size', 'sha256', 'firmwareInflatedSize',
           'compress', 'checkChecksum')
MIB = 1024 * 1024
# What may be looked at of a firmware, and what everything else may take. Nothing of the firmware is kept, so a sanitizer's own
# needs fit as well.
MEMORY_LIMIT = (64 + 128) * MIB


def normalised(value):
    """The same with every text as its bytes, so that the two ways to write a name are one."""
    if isinstance(value, dict):
        plain = {}
        for name, member in value.items():
            if name.endswith('Hex'):
                plain[name[:-3]] = bytes.fromhex(member)
            elif name + 'Hex' not in value:
                plain[name] = normalised(member)
        return plain
    if isinstance(value, list):
        return [normalised(member) for member in value]
    return value.encode() if isinstance(value, str) else value


def columns(line):
    return sum(0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in 'WF' else 1
               for letter in line)


class InspectTest(clitest.TestCase):
    def unpack(self, entry):
        path = self.directory / f'{entry["id"]}.dap'
        path.write_bytes(clitest.package_bytes(entry))
        return path

    def inspect(self, path, code):
        result = clitest.run('inspect', path, '--json')
        self.assert_exit(result, code)
        self.assertEqual(result.errors, '')
        document = result.document
        self.assertEqual((document['command'], document['exitCode'], document['ok']), ('inspect', code, code == EXIT_DONE))
        self.assertEqual(code == EXIT_REFUSED, document['verdict'] == 'reject', str(result))
        severities = [finding['severity'] for finding in document['findings']]
        self.assertEqual(severities, sorted(severities, key=('error', 'warning', 'note').index), 'errors come first')
        self.assertEqual('error' in severities, document['verdict'] == 'reject')
        self.assertEqual('warning' in severities and 'error' not in severities, document['verdict'] == 'warn')
        for finding in document['findings']:
            self.assertRegex(finding['code'], r'^[a-z0-9]+(-[a-z0-9]+)*$')
            self.assertRegex(finding['text'], r'^\S.{15,}\.$')
        return document

    def check_package(self, entry):
        document = self.inspect(self.unpack(entry), EXIT_DONE if entry['standaloneOk'] else EXIT_REFUSED)
        for member in MEMBERS:
            self.assertEqual(normalised({member: document[member]}), normalised({member: entry[member]}), member)
        self.assertEqual(document.get('applicationNameHex'), entry.get('applicationNameHex'))
        self.assertEqual(document['generation'], 'v2')
        hosts = [node for node in entry['nodes'] if node['name'] in ('XLinkIn', 'XLinkOut')]
        self.assertEqual([(host['node'], host['name']) for host in document['hostStreams']],
                         [(node['id'], node['name']) for node in hosts])
        refusals = [finding['text'] for finding in document['findings'] if finding['code'] == 'host-stream']
        self.assertEqual(len(refusals), len(hosts))
        for host, text in zip(document['hostStreams'], refusals):
            self.assertIn(f'“{host["stream"]}”', text)
            self.assertIn(f'{host["name"]}, node {host["node"]}', text)

    def check_damaged(self, entry):
        wanted = {'reject': ('reject',), 'accept': ('ok', 'warn'), 'warn-or-reject': ('warn', 'reject')}[entry['expected']]
        path = self.unpack(entry)
        result = clitest.run('inspect', path, '--json')
        self.assertIn(result.document['verdict'], wanted, str(result))
        document = self.inspect(path, EXIT_REFUSED if result.document['verdict'] == 'reject' else EXIT_DONE)
        text = clitest.run('inspect', path)
        self.assert_exit(text, document['exitCode'])
        for finding in document['findings']:
            self.assertIn(finding['text'], text.output)

    def test_text(self):
        """people are told the same: verdict and findings first, then the facts, then every list"""
        entry = next(entry for entry in clitest.manifest()['packages'] if entry['id'] == 'xlinkout-loose')
        result = clitest.run('inspect', self.unpack(entry))
        self.assert_exit(result, EXIT_REFUSED)
        self.assertEqual(result.errors, '')
        lines = result.output.splitlines()
        self.assertRegex(lines[0], r'^xlinkout-loose\.dap must not')
        self.assertRegex(lines[1], r'^  error .*“unused”.*XLinkOut')
        parts = ['error', 'Application ', entry['firmwareVersion'], entry['sha256'], 'Sections (6)', 'Nodes (3)', 'Connections (1)',
                 'Assets (1)', 'Scripts (1)']
        places = [result.output.find(part) for part in parts]
        self.assertNotIn(-1, places, dict(zip(parts, places)))
        self.assertEqual(places, sorted(places), result.output)
        for section in entry['sections']:
            row = re.search(rf'^  {section["name"]} .*$', result.output, re.M).group()
            self.assertIn(f'0x{section["offset"]:08x}', row)
            self.assertIn(f' {section["size"]} ', row)
            self.assertIn(f'{section["checksum"]:08x}', row)
        for node in entry['nodes']:
            self.assertRegex(result.output, rf'(?m)^ +{node["id"]}  {node["name"]} ')
        for line in entry['connections']:
            self.assertRegex(result.output, rf'(?m)^  {line["fromNode"]} \S+ +{line["fromPort"]} +→  {line["toNode"]} \S+ +'
                                            rf'{line["toGroup"]}/{line["toPort"]}$')
        for asset in entry['assets']:
            self.assertRegex(result.output, rf'(?m)0x{asset["offset"]:08x} +{asset["size"]} +{asset["alignment"]}  {asset["name"]}$')

    def test_terminal(self):
        """on a terminal of 80 columns no line is wider, and nothing in a file reaches the terminal as a command"""
        for entry in clitest.manifest()['packages']:
            if entry['id'] in ('assets-odd', 'odd-name', 'xlinkout-loose', 'fw-16m', 'stereo', 'sixty'):
                with self.subTest(entry['id']):
                    terminal = clitest.Terminal('inspect', self.unpack(entry), columns=80)
                    self.assertEqual(terminal.finish(), EXIT_DONE if entry['standaloneOk'] else EXIT_REFUSED)
                    lines = terminal.text.replace('\r\n', '\n').split('\n')
                    self.assertGreater(len(lines), 20)
                    for line in lines:
                        self.assertLessEqual(columns(line), 80, line)
                        self.assertRegex(line, r'^[^\x00-\x1f\x7f-\x9f]*$')
                    self.assertIn(entry['sha256'], terminal.text)

    def test_no_such_package(self):
        """what cannot be read at all is told as that: by exit code, in words and as one document, without a word on cameras"""
        (self.directory / 'empty.dap').write_bytes(b'')
        for path in (self.directory / 'missing.dap', self.directory, self.directory / 'empty.dap'):
            with self.subTest(path):
                result = clitest.run('inspect', path, '--json')
                self.assert_exit(result, EXIT_REFUSED)
                document = result.document
                self.assertEqual((document['ok'], document['exitCode'], document['error']['code']), (False, EXIT_REFUSED, 'bad-file'))
                for part in ('message', 'title', 'what', 'why', 'todo'):
                    self.assertTrue(document['error'][part], part)
                self.assertFalse({'device', 'remains', 'written'} & set(document), document)
                for label in ('What happened:', 'Likely cause:', 'What to do:', 'Details:'):
                    self.assertRegex(result.errors, re.escape(label) + r'\s+\S')
                self.assertNotIn('Camera now:', result.errors)

    def test_other_files(self):
        """files of other kinds are refused, whatever they begin with"""
        script = (clitest.data_directory() / 'script-spi.dap').read_bytes()
        for name, content in (('text', b'hello\n' * 200), ('short', b'BR'), ('letter', b'B'), ('br', b'BRowse\n' * 4096),
                              ('zeros', bytes(4096)), ('ones', b'\xff' * 4096), ('table', script[:512]), ('twice', script[512:])):
            with self.subTest(name):
                path = self.directory / name
                path.write_bytes(content)
                self.inspect(path, EXIT_REFUSED)

    def test_every_truncation(self):
        """a package that ends early is refused wherever it ends"""
        content = (clitest.data_directory() / 'script-spi.dap').read_bytes()
        path = self.directory / 'cut.dap'
        for size in (1, 2, 31, 32, 511, 512, 513, 65536, 0x100000, 0x100001, 0x110001, 0x120001, 0x130027, len(content) - 1):
            with self.subTest(size):
                path.write_bytes(content[:size])
                self.inspect(path, EXIT_REFUSED)

    def test_bomb(self):
        """a firmware that unpacks to a gigabyte is refused in bounded memory and time"""
        entry = next(entry for entry in clitest.manifest()['damaged'] if entry['id'] == 'zlib-bomb')
        path = self.unpack(entry)

        def limit_file_sizes():
            resource.setrlimit(resource.RLIMIT_FSIZE, (16 * MIB, 16 * MIB))

        result = clitest.finish(clitest.start('inspect', path, '--json', preexec_fn=limit_file_sizes), ('inspect', path), 30 * clitest.SLOWDOWN)
        self.assert_exit(result, EXIT_REFUSED)
        self.assertEqual(result.document['findings'][0]['code'], 'firmware-too-large')
        self.assertIsNone(result.document['firmwareInflatedSize'])
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024, MEMORY_LIMIT)


def add_tests():
    for entry in clitest.manifest()['packages']:
        def test(self, entry=entry):
            self.check_package(entry)
        test.__doc__ = f'the package {entry["id"]} is what the manifest says'
        setattr(InspectTest, f'test_package_{entry["id"].replace("-", "_")}', test)
    for entry in clitest.manifest()['damaged']:
        def test(self, entry=entry):
            self.check_damaged(entry)
        test.__doc__ = f'the damaged package {entry["id"]}: {entry["expected"]}'
        setattr(InspectTest, f'test_damaged_{entry["id"].replace("-", "_")}', test)


add_tests()
if __name__ == '__main__':
    clitest.main()
