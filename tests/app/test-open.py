#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way a package comes into the real window: command line, second launch, file manager, list of recent ones, drop.

Runs inside tests/tools/loopback.sh and tests/tools/run-ui.sh. Environment: as for test-window.py, and OAK_DRAG_SOURCE,
OAK_DESKTOP_FILE; UI_SCREEN at least 1280x1400.
"""
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import uitest  # noqa: E402
from uitest import check, wait  # noqa: E402

PROGRAM = os.environ['OAK_FLASHER']
SIMULATOR = os.environ['OAK_SIM_PROGRAM']
PACKAGES = pathlib.Path(os.environ['OAK_TEST_DATA'], 'daps')
SHOTS = pathlib.Path(os.environ['OAK_UI_SHOTS'])
DESKTOP_FILE = pathlib.Path(os.environ['OAK_DESKTOP_FILE'])
SCREEN = {'taken': 0}

SAMPLE = PACKAGES / 'script-spi.dap'
WAITING = PACKAGES / 'xlinkout.dap'
CAMERA = 'address=127.0.0.2,mxid=184430102175CB0F00'
ROW = 'OAK Camera 75CB0F, Ready, 127.0.0.2'

uitest.prepare()


@contextlib.contextmanager
def window(*arguments, end=True):
    """The program as people start it, without a demonstration; at the end it must not have complained."""
    opened = uitest.Window(PROGRAM, *map(str, arguments))
    try:
        yield opened
        if end:
            check(opened.quit() == 0, f'the program ended with {opened.process.returncode}')
        check(not opened.complaints(), '\n# '.join(['it complained:', *opened.complaints()]))
    except Exception:
        SCREEN['taken'] += 1
        opened.shot(SHOTS / f'problem-open-{SCREEN["taken"]}.png')
        with contextlib.suppress(Exception):
            uitest.say('# on the screen: ' + ' | '.join(opened.words())[:1500])
        for line in opened.said():
            uitest.say('# stderr: ' + line)
        raise
    finally:
        opened.close()


@contextlib.contextmanager
def camera():
    """A camera that anybody on this computer finds."""
    process = subprocess.Popen([SIMULATOR, '--exit-with-parent', '--reboot-ms', '300', '--camera', CAMERA],
                               stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def without_camera():
    """The package's own page is there at once; help and the camera can follow."""
    with window(SAMPLE) as opened:
        opened.wait_for('Connections (1)')
        opened.wait_for('No camera was found yet.')
        check(len(opened.windows()) == 1, 'there is a second window')
        check(not opened.says('No Cameras Found'), 'the page for no cameras is shown')
        opened.shot(SHOTS / 'open-without-camera.png')
        opened.click('What Helps')
        opened.wait_for('No Cameras Found')
        opened.wait_for(SAMPLE.name)
        opened.shot(SHOTS / 'open-what-helps.png')
        with camera():
            opened.find('list item', ROW)
            opened.wait_for('The camera can be flashed now.')
            opened.wait_for(SAMPLE.name)
            check(uitest.is_sensitive(opened.find('push button', 'Flash Application…')), 'it cannot be flashed')


def with_camera():
    """A camera that is there when the program starts has its page, with the package on it."""
    with camera(), window(SAMPLE) as opened:
        opened.find('list item', ROW)
        opened.wait_for('The camera can be flashed now.')
        opened.wait_for(SAMPLE.name)
        check(len(opened.windows()) == 1, 'there is a second window')
        check(uitest.is_sensitive(opened.find('push button', 'Flash Application…')), 'it cannot be flashed')


def bad_file():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, 'text.dap')
        path.write_text('hello\n' * 200, encoding='utf-8')
        with window(path) as opened:
            opened.wait_for('Must not be flashed')
            opened.wait_for('no application package')


def second_launch():
    """The window that runs already takes the file, and the second program ends."""
    with camera(), window() as opened:
        opened.find('list item', ROW)
        second = subprocess.run([PROGRAM, WAITING], timeout=60 * uitest.SLOWDOWN, check=False)
        check(second.returncode == 0, f'the second one ended with {second.returncode}')
        opened.wait_for(WAITING.name)
        opened.wait_for('Must not be flashed')
        check(len(opened.windows()) == 1, 'there is a second window')


def install_desktop_file(folder):
    """As it would be installed, but for the program in the build tree."""
    applications = pathlib.Path(os.environ['XDG_DATA_HOME'], 'applications')
    applications.mkdir(parents=True, exist_ok=True)
    target = applications / DESKTOP_FILE.name
    text = DESKTOP_FILE.read_text(encoding='utf-8')
    check('Exec=oak-flasher %F' in text, 'the desktop file has another program')
    target.write_text(text.replace('Exec=oak-flasher ', f'Exec={PROGRAM} '), encoding='utf-8')
    subprocess.run(['update-desktop-database', str(applications)], check=True)
    package = pathlib.Path(folder, 'from file manager.dap')
    shutil.copy(SAMPLE, package)
    return package


def file_manager():
    """What a file manager does: it looks for the program of the file's type and launches it, once for each file."""
    with tempfile.TemporaryDirectory() as folder, camera():
        package = install_desktop_file(folder)
        information = uitest.Gio.AppInfo.get_default_for_type('application/x-depthai-package', False)
        check(information is not None and information.get_id() == DESKTOP_FILE.name, 'no program is known for packages')
        with window() as opened:
            opened.find('list item', ROW)
            check(information.launch([uitest.Gio.File.new_for_path(str(package))], None), 'it could not be launched')
            opened.wait_for(package.name)
            opened.wait_for('firmware')
            check(len(opened.windows()) == 1, 'there is a second window')


def recent():
    """A package that was opened once can be opened from the list of recent ones in the next run, with a camera or without."""
    with window(SAMPLE) as opened:
        opened.wait_for('Connections (1)')
    with window() as opened:
        opened.wait_for('No Cameras Found')
        opened.resize(1080, 1280)  # all of the page: a menu needs a place on the screen
        opened.click('Recent')
        opened.click(SAMPLE.name, role='menu item')
        opened.wait_for('Connections (1)')


def drop():
    """Dragged out of another program's window."""
    with camera(), window() as opened:
        opened.find('list item', ROW)
        source = subprocess.Popen([os.environ['OAK_DRAG_SOURCE'], SAMPLE])
        try:
            found = wait('the file to drag', lambda: subprocess.run(
                ['xdotool', 'search', '--onlyvisible', '--name', '^A File$'], capture_output=True, text=True,
                check=False).stdout.split())
            xdotool('windowmove', '--sync', found[-1], '1120', '780')
            xdotool('mousemove', '1180', '820')
            xdotool('mousedown', '1')
            for x, y in ((1160, 800), (1120, 760), (1000, 600), (800, 400), (700, 400)):
                xdotool('mousemove', '--sync', str(x), str(y))
                uitest.pause(0.2)
            opened.shot(SHOTS / 'open-drop.png')
            xdotool('mouseup', '1')
            opened.wait_for(SAMPLE.name)
            opened.wait_for('firmware')
            check(source.wait(30 * uitest.SLOWDOWN) == 0, 'the other program did not end well')
        finally:
            source.kill()
            source.wait()


def xdotool(*words):
    subprocess.run(['xdotool', *words], check=True)


TESTS = [
    ('/app/open/command-line-without-a-camera-shows-the-package', without_camera),
    ('/app/open/command-line-with-a-camera-shows-both', with_camera),
    ('/app/open/bad-file-on-the-command-line-is-explained', bad_file),
    ('/app/open/second-launch-opens-in-the-first-window', second_launch),
    ('/app/open/file-manager-opens-in-the-first-window', file_manager),
    ('/app/open/recent-package-opens-without-a-camera', recent),
    ('/app/open/dropped-file-is-opened', drop),
]

if __name__ == '__main__':
    SHOTS.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[1:]
    sys.exit(uitest.run([test for test in TESTS if not wanted or any(word in test[0] for word in wanted)]))
