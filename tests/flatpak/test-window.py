#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The installed Flatpak, from outside: what its sandbox may do, the terminal program in it, and its window, which flashes a
package that was chosen through the portal.

Runs on a virtual screen with a session bus of its own, in a network namespace with the loopback only (test-flatpak.sh).
Environment: OAK_TEST_DATA, OAK_UI_SHOTS (folder for pictures).
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'app'))
import uitest  # noqa: E402
from uitest import Atspi, check, children, wait  # noqa: E402

APP = 'io.github.oakflasher.OakFlasher'
DATA = pathlib.Path(os.environ['OAK_TEST_DATA'])
SHOTS = pathlib.Path(os.environ['OAK_UI_SHOTS'])
FLATPAK = ['flatpak', '--user', 'run']


class SandboxedWindow(uitest.Window):
    """The window of the installed program. Its process is one of the sandbox and has another number there."""

    def __init__(self, *arguments):
        uitest.prepare()
        self.log = tempfile.TemporaryFile()
        self.had_chooser = False
        self.process = subprocess.Popen([*FLATPAK, '--env=GSK_RENDERER=cairo', '--env=GTK_A11Y=atspi', APP, *arguments],
                                        stderr=self.log)
        self.application = wait('the program on the accessibility bus', self._find_application, 60)

    def _find_application(self):
        check(self.process.poll() is None, 'the program ended at once: ' + ' '.join(self.said()[-5:]))
        for application in children(Atspi.get_desktop(0)):
            if application.get_name() == 'oak-flasher':
                return application
        return None

    def close(self):
        subprocess.run(['flatpak', '--user', 'kill', APP], check=False, capture_output=True)
        super().close()


class Chooser:
    """The file chooser of the portal, which is a program of its own."""

    def __init__(self):
        self.window = wait('the portal\'s file chooser', self._find, 30)

    def _find(self):
        for application in children(Atspi.get_desktop(0)):
            if 'portal' in (application.get_name() or ''):
                for window in children(application):
                    if uitest.is_visible(window):
                        return window
        return None

    def choose(self, path):
        title = self.window.get_name()
        found = wait('its X window', lambda: subprocess.run(
            ['xdotool', 'search', '--onlyvisible', '--name', f'^{title}$'], capture_output=True, text=True, check=False).stdout.split())
        subprocess.run(['xdotool', 'windowfocus', '--sync', found[-1]], check=True)
        uitest.pause(0.5)
        for words in (['key', 'ctrl+l'], ['key', 'ctrl+a'], ['type', '--delay', '5', str(path)], ['key', 'Return']):
            subprocess.run(['xdotool', *words], check=True)
            uitest.pause(0.3)


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=120 * uitest.SLOWDOWN, check=False)


def in_sandbox(command, *arguments):
    return run(*FLATPAK, f'--command={command}', APP, *arguments)


def sees_no_files():
    secret = pathlib.Path(os.environ['HOME'], 'secret.dap')
    secret.write_bytes(b'nobody gave me to you')
    result = in_sandbox('oakflash', 'inspect', str(secret))
    check(result.returncode != 0 and 'nobody gave' not in result.stdout, f'it was read: {result.stdout}')
    result = in_sandbox('sh', '-c', 'ls /home /root 2>/dev/null; ls "$HOME" | grep secret')
    check('secret' not in result.stdout, result.stdout)


def keeps_to_its_folders():
    result = in_sandbox('sh', '-c', 'for name in CONFIG DATA CACHE STATE; do eval echo \\$XDG_${name}_HOME; done')
    folders = result.stdout.split()
    check(len(folders) == 4 and all(f'/.var/app/{APP}/' in folder for folder in folders), result.stdout + result.stderr)


def terminal_works():
    result = in_sandbox('oakflash', 'list', '--demo', '--json')
    check(result.returncode in (0, 3), result.stdout + result.stderr)
    result = in_sandbox('oakflash', 'rules')
    rule = pathlib.Path(__file__).parent.parent.parent / 'data' / '70-oak-cameras.rules'
    check(result.stdout == rule.read_text(encoding='utf-8'), result.stdout)
    check('/etc/udev/rules.d' in result.stderr, result.stderr)


def programs_share_locks():
    """Two instances of the sandbox, and the machine itself, look at the same lock files."""
    folder = pathlib.Path(os.environ['XDG_RUNTIME_DIR'], 'app', APP)
    result = in_sandbox('sh', '-c', 'echo inside >"$XDG_RUNTIME_DIR/app/$FLATPAK_ID/probe.lock"')
    check(result.returncode == 0, result.stderr)
    check((folder / 'probe.lock').read_text() == 'inside\n', 'the machine does not see what the sandbox wrote')
    result = in_sandbox('sh', '-c', 'cat "$XDG_RUNTIME_DIR/app/$FLATPAK_ID/probe.lock"')
    check(result.stdout == 'inside\n', 'another instance does not see it')


def window_flashes():
    folder = pathlib.Path(os.environ['HOME'], 'packages')
    folder.mkdir()
    package = folder / 'from-the-portal.dap'
    shutil.copy(DATA / 'daps' / 'script-spi.dap', package)
    window = SandboxedWindow('--demo')
    try:
        window.select_camera('75CB0F', 60)
        window.keys('OAK Flasher', 'ctrl+o')
        Chooser().choose(package)
        window.wait_for('from-the-portal', 30)
        window.shot(SHOTS / 'flatpak-package.png')
        window.select_camera('75CB0F')
        window.click('Flash Application…')
        window.click('Flash', seconds=60)
        window.wait_for('Application Installed', 120)
        window.shot(SHOTS / 'flatpak-success.png')
    finally:
        window.close()


def main():
    SHOTS.mkdir(parents=True, exist_ok=True)
    tests = [
        ('the sandbox sees no file that was not given to it', sees_no_files),
        ('the program keeps to its own folders', keeps_to_its_folders),
        ('the terminal program works in the sandbox', terminal_works),
        ('programs inside and outside see each other\'s locks', programs_share_locks),
        ('the window flashes a package chosen through the portal', window_flashes),
    ]
    sys.exit(uitest.run([test for test in tests if len(sys.argv) < 2 or any(word in test[0] for word in sys.argv[1:])]))


main()
