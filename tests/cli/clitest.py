# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the end-to-end tests of the terminal program share: a network namespace of their own, simulated cameras as child
processes, running the program in pipes and on a pseudo-terminal, and TAP output with the claims as names.

Every test program runs itself again inside a fresh namespace that has nothing but the loopback, so it disturbs no other test that
runs at the same time, and nothing it does can leave the machine.

Environment: OAKFLASH and OAK_SIM name the programs, OAK_TEST_DATA the test data, TEST_SLOWDOWN multiplies all limits.
"""
import fcntl
import gzip
import hashlib
import json
import os
import pathlib
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

SLOWDOWN = float(os.environ.get('TEST_SLOWDOWN', '1'))
LIMIT = 60.0 * SLOWDOWN
HERE = pathlib.Path(__file__).resolve().parent
LOOPBACK = HERE.parent / 'tools' / 'loopback.sh'
INSIDE = 'OAK_CLI_TEST_NAMESPACE'

EXIT_DONE, EXIT_FAILED, EXIT_USAGE, EXIT_NOT_FOUND, EXIT_REFUSED, EXIT_NOT_CONFIRMED, EXIT_CANCELLED = range(7)

NETWORK_APPLICATION = 0x800000
USB_APPLICATION = 0x100000

# What a sanitizer prints; no test may pass over it.
COMPLAINTS = re.compile(rb'AddressSanitizer|LeakSanitizer|runtime error:|UndefinedBehavior|CRITICAL \*\*|GLib-.*-WARNING|Traceback')


# --- the namespace ------------------------------------------------------------------------------------------------------------

def interfaces_up():
    """Names of the interfaces besides the loopback that are up and have an IPv4 address."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            request = struct.pack('256s', name.encode())
            flags = struct.unpack('16xH', fcntl.ioctl(probe, 0x8913, request)[:18])[0]  # SIOCGIFFLAGS
            if flags & 1 == 0 or flags & 8 != 0:  # not up, or a loopback
                continue
            try:
                fcntl.ioctl(probe, 0x8915, request)  # SIOCGIFADDR
            except OSError:
                continue
            found.append(name)
    return found


def enter_namespace():
    if os.environ.get(INSIDE) != '1':
        if subprocess.run([LOOPBACK, 'true'], stderr=subprocess.DEVNULL).returncode == 77:
            print('1..0 # SKIP no network namespace can be made')
            sys.exit(0)
        os.environ[INSIDE] = '1'
        os.execv(LOOPBACK, [str(LOOPBACK), sys.executable, *sys.argv])
    up = interfaces_up()
    if up:
        print(f'Bail out! {", ".join(up)} could carry packets out of the machine')
        sys.exit(1)


# --- cameras ------------------------------------------------------------------------------------------------------------------

class Simulator:
    """One oak-sim process with one or more cameras."""

    def __init__(self, *arguments, cameras=1, environment=None):
        self.n_cameras = cameras
        self.process = subprocess.Popen(
            [os.environ['OAK_SIM'], '--exit-with-parent', '--cameras', str(cameras), *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
        line = self._read_line()
        if line != b'ready\n':
            self.process.kill()
            raise RuntimeError(f'oak-sim did not start: {line!r} {self.process.stderr.read()!r}')

    def _read_line(self):
        if not select.select([self.process.stdout], [], [], LIMIT)[0]:
            raise RuntimeError('oak-sim is silent')
        return self.process.stdout.readline()

    def _read_states(self):
        states = [json.loads(self._read_line()) for _ in range(self.n_cameras)]
        return states[0] if self.n_cameras == 1 else states

    def status(self):
        """Writes the memory files. Returns: what the camera counted, or a list of that for several."""
        self.process.send_signal(signal.SIGUSR1)
        return self._read_states()

    def wait_for(self, condition):
        """Until condition (status) holds for the (only) camera. Returns: that status."""
        end = time.monotonic() + LIMIT
        while True:
            asked = time.monotonic()
            status = self.status()
            if condition(status):
                return status
            if time.monotonic() > end:
                raise AssertionError(f'the camera did not get there: {status}')
            # Telling takes the simulator long, its memories are summed up: it must have time for its work in between.
            time.sleep(0.05 + 3 * (time.monotonic() - asked))

    def wait_for_state(self, wanted):
        return self.wait_for(lambda status: status['state'] == wanted)

    def wait_for_writes(self):
        """Until the (only) camera has begun to be written to."""
        return self.wait_for(lambda status: status['writes'] > 0)

    def stop(self):
        """Returns: what it counted until its end."""
        if self.process.poll() is not None:
            return None
        self.process.send_signal(signal.SIGTERM)
        states = self._read_states()
        errors = self.process.communicate(timeout=LIMIT)[1]
        if self.process.returncode != 0 or COMPLAINTS.search(errors):
            raise AssertionError(f'oak-sim ended with {self.process.returncode}: {errors.decode(errors="replace")}')
        return states

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


# --- the program --------------------------------------------------------------------------------------------------------------

class Result:
    """How one run of the program ended."""

    def __init__(self, arguments, code, output, errors, seconds):
        self.arguments = arguments
        self.code = code
        self.output = output.decode('utf-8')
        self.errors = errors.decode('utf-8')
        self.seconds = seconds

    @property
    def document(self):
        """The one JSON document that is all of the output."""
        return json.loads(self.output)

    def __str__(self):
        return (f'oakflash {" ".join(map(str, self.arguments))}\nended with {self.code} after {self.seconds:.2f} s\n'
                f'--- output\n{self.output}--- errors\n{self.errors}')


def program_environment(**changes):
    environment = {**os.environ, 'LC_ALL': 'C.UTF-8', **changes}
    return {name: value for name, value in environment.items() if value is not None}


def check_complaints(arguments, text):
    if COMPLAINTS.search(text):
        raise AssertionError(f'oakflash {" ".join(map(str, arguments))} complained:\n{text.decode(errors="replace")}')


def start(*arguments, environment=None, **options):
    """The program in pipes, for tests that do something while it runs; finish () ends it."""
    return subprocess.Popen([os.environ['OAKFLASH'], *map(str, arguments)], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env=environment or program_environment(), **options)


def finish(process, arguments=(), limit=LIMIT):
    begin = time.monotonic()
    try:
        output, errors = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        output, errors = process.communicate()
        raise AssertionError(f'oakflash {" ".join(map(str, arguments))} still runs after {limit:.0f} s:\n'
                             f'{output.decode(errors="replace")}{errors.decode(errors="replace")}') from None
    check_complaints(arguments, output + errors)
    return Result(arguments, process.returncode, output, errors, time.monotonic() - begin)


def run(*arguments, limit=LIMIT, environment=None):
    return finish(start(*arguments, environment=environment), arguments, limit)


class Terminal:
    """The program on a pseudo-terminal that is its controlling one, so that a typed Ctrl+C is a signal."""

    def __init__(self, *arguments, columns=100, environment=None, pipe_output=False):
        self.arguments = arguments
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 40, columns, 0, 0))
        environment = {**program_environment(TERM='xterm-256color', NO_COLOR='1'), **(environment or {})}

        def become_session():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen([os.environ['OAKFLASH'], *map(str, arguments)], stdin=slave,
                                        stdout=subprocess.PIPE if pipe_output else slave, stderr=slave,
                                        env=environment, preexec_fn=become_session)
        os.close(slave)
        self.seen = b''

    def _read(self, limit):
        if not select.select([self.master], [], [], max(limit, 0))[0]:
            return False
        try:
            part = os.read(self.master, 65536)
        except OSError:  # the other end is closed
            return False
        self.seen += part
        return len(part) > 0

    def wait_for(self, text, limit=LIMIT):
        """Until @text was written; only what came after the last found text counts."""
        end = time.monotonic() + limit
        wanted = text.encode()
        while wanted not in self.seen[self.searched:]:
            if not self._read(end - time.monotonic()) and wanted not in self.seen[self.searched:]:
                raise AssertionError(f'“{text}” did not come; the terminal shows:\n{self.text}')
        self.searched = self.seen.index(wanted, self.searched) + len(wanted)

    searched = 0

    @property
    def text(self):
        return self.seen.decode('utf-8', errors='replace')

    def type(self, text):
        os.write(self.master, text.encode())

    def finish(self, limit=LIMIT):
        """Returns: the exit code."""
        end = time.monotonic() + limit
        while time.monotonic() < end and self.process.poll() is None:
            self._read(0.05)
        if self.process.poll() is None:
            self.close()
            raise AssertionError(f'oakflash {" ".join(map(str, self.arguments))} still runs:\n{self.text}')
        while self._read(0.1):
            pass
        check_complaints(self.arguments, self.seen)
        self.close()
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        if self.master >= 0:
            os.close(self.master)
            self.master = -1


# --- packages -----------------------------------------------------------------------------------------------------------------

def data_directory():
    return pathlib.Path(os.environ['OAK_TEST_DATA']) / 'daps'


def manifest():
    return json.loads((data_directory() / 'MANIFEST.json').read_text())


def package_bytes(entry):
    stored = (data_directory() / entry['file']).read_bytes()
    content = gzip.decompress(stored) if entry['stored'] == 'gzip' else stored
    if len(content) != entry['size'] or hashlib.sha256(content).hexdigest() != entry['sha256']:
        raise RuntimeError(f'{entry["file"]} is not what the manifest says')
    return content


# --- tests --------------------------------------------------------------------------------------------------------------------

class TestCase(unittest.TestCase):
    """A test with a directory of its own, whose cameras end with it."""

    longMessage = True

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix='oak-cli-')
        self.addCleanup(holder.cleanup)
        self.directory = pathlib.Path(holder.name)
        runtime = self.directory / 'run'
        runtime.mkdir(mode=0o700)
        os.environ['XDG_RUNTIME_DIR'] = str(runtime)
        for name in ('CONFIG', 'DATA', 'STATE', 'CACHE'):
            os.environ[f'XDG_{name}_HOME'] = str(self.directory / name.lower())

    def simulate(self, *arguments, cameras=1):
        simulator = Simulator(*arguments, cameras=cameras)
        self.addCleanup(simulator.kill)
        return simulator

    def terminal(self, *arguments, **options):
        terminal = Terminal(*arguments, **options)
        self.addCleanup(terminal.close)
        return terminal

    def package(self, name='script-spi'):
        """Returns: the path of an unpacked package and its bytes."""
        entry = next(entry for entry in manifest()['packages'] if entry['id'] == name)
        content = package_bytes(entry)
        path = self.directory / f'{name}.dap'
        path.write_bytes(content)
        return path, content

    def bootloader(self, kind='network', version='0.0.29'):
        """Returns: the path of a made-up bootloader image and its bytes."""
        path = self.directory / f'bootloader-{kind}-{version}.bin'
        subprocess.run([os.environ['OAK_SIM'], '--type', kind, '--version', version, '--make-image', path], check=True,
                       stdout=subprocess.DEVNULL)
        return path, path.read_bytes()

    def assert_exit(self, result, code):
        self.assertEqual(result.code, code, str(result))

    def assert_told(self, result, code, word):
        """A failure told completely: by exit code, in four parts, and (with --json) as exactly one document."""
        self.assert_exit(result, code)
        for label in ('What happened:', 'Likely cause:', 'What to do:', 'Camera now:', 'Details:'):
            self.assertRegex(result.errors, re.escape(label) + r'\s+\S', str(result))
        if '--json' not in result.arguments:
            return None
        document = result.document
        self.assertIs(document['ok'], False, str(result))
        self.assertEqual(document['exitCode'], code, str(result))
        for part in ('code', 'message', 'what', 'why', 'todo', 'state'):
            self.assertTrue(document['error'][part], f'{part}: {result}')
        if word is not None:
            self.assertEqual(document['error']['code'], word, str(result))
        return document

    def assert_untouched(self, status):
        self.assertEqual(status['writes'], 0, status)
        self.assertEqual(status['bytesWritten'], 0, status)


class _TapResult(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.number = 0

    def _line(self, test, verdict, note=''):
        self.number += 1
        claim = (test.shortDescription() or test.id()).replace('#', '')
        print(f'{verdict} {self.number} - {claim}{note}', flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self._line(test, 'ok')

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._line(test, 'ok', f' # SKIP {reason}')

    def _bad(self, test, error):
        self._line(test, 'not ok')
        for line in self._exc_info_to_string(error, test).splitlines():
            print(f'# {line}', flush=True)

    def addError(self, test, error):
        super().addError(test, error)
        self._bad(test, error)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._bad(test, error)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.part_failed = True
            for line in [str(subtest), *self._exc_info_to_string(error, test).splitlines()]:
                print(f'# {line}', flush=True)

    def startTest(self, test):
        super().startTest(test)
        self.part_failed = False
        self.begin = time.monotonic()

    def stopTest(self, test):
        if self.part_failed:
            self._line(test, 'not ok')
        print(f'# {time.monotonic() - self.begin:.1f} s', flush=True)
        super().stopTest(test)


def main():
    """Runs the tests of the calling module. Arguments choose by method name."""
    enter_namespace()
    suite = unittest.TestSuite()
    for case in unittest.defaultTestLoader.loadTestsFromModule(sys.modules['__main__']):
        for test in case:
            if len(sys.argv) < 2 or any(word in test.id() for word in sys.argv[1:]):
                suite.addTest(test)
    print(f'1..{suite.countTestCases()}', flush=True)
    result = _TapResult()
    suite.run(result)
    sys.exit(0 if result.wasSuccessful() else 1)
