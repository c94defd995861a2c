#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of every page of the real window, in light, dark, high contrast, with large text, narrow and wide.

Usage: shots.py BUILD_DIRECTORY OUTPUT_DIRECTORY [VARIANT...]

Runs inside tests/tools/loopback.sh. Starts itself once more for each variant on a virtual screen of its own. "window.png" is the
picture the README shows.
"""
import contextlib
import os
import pathlib
import subprocess
import sys
import time

from gi.repository import GLib

HERE = pathlib.Path(__file__).resolve().parent
PACKAGES = HERE.parent / 'data' / 'daps'
VARIANTS = {
    # name: (width, height, font, theme)
    'light': (1200, 760, 'Cantarell 11', ''),
    'dark': (1200, 760, 'Cantarell 11', 'Adwaita:dark'),
    'contrast': (1200, 760, 'Cantarell 11', 'HighContrast'),
    'large': (1200, 900, 'Cantarell 17', ''),
    'narrow': (380, 740, 'Cantarell 11', ''),
    'wide': (1800, 1000, 'Cantarell 11', ''),
    # Text twice as large as usual.
    'double': (1280, 900, 'Cantarell 22', ''),
    'double-dark': (1800, 1000, 'Cantarell 22', 'Adwaita:dark'),
    'double-narrow': (600, 900, 'Cantarell 22', ''),
    'double-narrow-dark': (600, 900, 'Cantarell 22', 'Adwaita:dark'),
}
CAMERAS = [
    'address=127.0.0.2,mxid=184430102175CB0F00,version=0.0.28',
    'address=127.0.0.3,mxid=14442C10D12A77C000,version=0.0.26,user-bootloader=0.0.28,state=flash-booted',
    'address=127.0.0.4,mxid=194430102191C4A300,version=0.0.28,emmc=64',
    'address=127.0.0.5,mxid=14442C10819E21D400,version=0.0.17',
    'address=127.0.0.6,mxid=18443010C13F80B600,version=0.0.28,fault=drop-at-progress=40',
]
OPTIONS = ['--write-kbps', '250', '--reboot-ms', '700', '--boot-wait-ms', '5000']


class Camera:
    """Takes the pictures of one variant."""

    def __init__(self, window, folder, variant):
        self.window, self.folder, self.variant = window, folder, variant
        self.width, self.height = VARIANTS[variant][:2]

    def resize(self):
        self.window.resize(self.width, self.height)

    def select(self, words):
        """In a narrow window the list comes first."""
        narrow = False
        with contextlib.suppress(GLib.Error):  # what vanishes while one looks
            narrow = next(self.window.all('push button', 'Back to the List'), None) is not None
        if narrow:
            self.window.click('Back to the List')
        self.window.select_camera(words)

    def take(self, name, whole=False):
        time.sleep(0.5)
        path = self.folder / f'{self.variant}-{name}.png'
        crop = [] if whole else ['-crop', f'{self.width}x{self.height}+0+0', '+repage']
        subprocess.run(['import', '-window', 'root', *crop, str(path)], check=True)


def take_empty(uitest, program, simulator_program, folder, variant):
    simulator = uitest.Simulator(simulator_program, 'address=127.0.0.2,fault=silent-discovery')
    window = uitest.Window(program, '--demo', simulator=simulator.wrapper)
    try:
        camera = Camera(window, folder, variant)
        window.wait_for('No Cameras Found')
        camera.resize()
        camera.take('empty')
        window.click('Add by Address')
        window.find('push button', 'Add')
        window.type_into('IP address', '192.168.1.300')
        window.click('Add')
        camera.take('address')
    finally:
        window.close()
        simulator.close()


def take_alone(uitest, program, simulator_program, folder, variant):
    """A package without a camera."""
    simulator = uitest.Simulator(simulator_program, 'address=127.0.0.2,fault=silent-discovery')
    window = uitest.Window(program, '--demo', str(PACKAGES / 'script-spi.dap'), simulator=simulator.wrapper)
    try:
        camera = Camera(window, folder, variant)
        window.wait_for('Connections (1)')
        camera.resize()
        camera.take('alone')
    finally:
        window.close()
        simulator.close()


def take_inside(camera):
    """The page about a package, for one that can be flashed and one that waits for a host."""
    window = camera.window
    window.keys('OAK Flasher', 'ctrl+o')
    window.choose_file('Open Application Package', PACKAGES / 'xlinkout.dap')
    window.wait_for('Must not be flashed')
    camera.take('package-refused')
    window.click('Details…')
    window.wait_for('Flash anyway: this application waits for a host')
    camera.take('inside-refused')
    window.keys('Package Details', 'Escape')
    window.keys('OAK Flasher', 'ctrl+o')
    window.choose_file('Open Application Package', PACKAGES / 'script-spi.dap')
    window.wait_for('firmware')
    window.click('Details…')
    window.wait_for('Connections (1)')
    camera.take('inside')
    window.keys('Package Details', 'Tab', 'ctrl+End', 'End')
    camera.take('inside-end')
    window.keys('Package Details', 'Escape')


def take_pages(uitest, program, simulator_program, folder, variant):
    simulator = uitest.Simulator(simulator_program, *CAMERAS, options=OPTIONS)
    window = uitest.Window(program, '--demo', simulator=simulator.wrapper)
    try:
        camera = Camera(window, folder, variant)
        window.wait_for('OAK Camera 3F80B6')
        camera.resize()
        camera.take('list')
        camera.select('75CB0F')
        camera.take('page')
        window.click('Use Sample')
        window.wait_for('firmware')
        camera.take('package')
        take_inside(camera)
        window.click('Flash Application…')
        window.find('push button', 'Flash')
        camera.take('confirm')
        window.click('Flash')
        time.sleep(3.5)
        camera.take('progress')
        window.wait_for('The camera waits up to', 60)
        camera.take('waiting')
        window.wait_for('Application Installed', 60)
        camera.take('success')
        window.click('Log', role='push button')
        camera.take('log')
        window.click('Log', role='push button')
        window.click('Show Camera')
        camera.select('2A77C0')
        window.click('Read Details')
        camera.take('stop')
        window.click('Stop and Continue')
        window.wait_for('Memories')
        time.sleep(2)
        camera.take('details')
        camera.select('9E21D4')
        window.click('Flash Application…')
        window.wait_for('Not Known')
        camera.take('size-unknown')
        window.click('Cancel')
        camera.select('91C4A3')
        window.click('Factory Reset…')
        window.choose_file('Open Bootloader Image')
        window.find('push button', 'Reset Device')
        camera.take('reset')
        window.click('Cancel')
        camera.select('3F80B6')
        window.click('Flash Application…')
        window.click('Flash')
        window.wait_for('What to do', 60)
        camera.take('failure')
        window.keys('OAK Flasher', 'ctrl+question')
        camera.take('shortcuts', whole=True)
    except uitest.Failure:
        camera.take('problem', whole=True)
        raise
    finally:
        window.close()
        simulator.close()


def take_variant(build, folder, variant):
    sys.path.insert(0, str(HERE))
    import uitest  # needs the accessibility bus, so not before there is one
    program, simulator = build / 'src/app/oak-flasher', build / 'src/sim/oak-sim'
    take_pages(uitest, program, simulator, folder, variant)
    take_empty(uitest, program, simulator, folder, variant)
    take_alone(uitest, program, simulator, folder, variant)


def main(arguments):
    build, folder = pathlib.Path(arguments[0]).resolve(), pathlib.Path(arguments[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if os.environ.get('OAK_SHOT_VARIANT'):
        take_variant(build, folder, os.environ['OAK_SHOT_VARIANT'])
        return
    for variant in arguments[2:] or VARIANTS:
        width, height, font, theme = VARIANTS[variant]
        env = dict(os.environ, OAK_SHOT_VARIANT=variant, UI_FONT=font, GTK_THEME=theme,
                   UI_SCREEN=f'{max(width, 1280)}x{max(height, 900)}')
        if not theme:
            del env['GTK_THEME']
        subprocess.run([HERE.parent / 'tools/run-ui.sh', '/usr/bin/python3', __file__, build, folder], env=env, check=True)
    if (folder / 'light-package.png').exists():
        subprocess.run(['convert', folder / 'light-package.png', '-shave', '5x5', folder / 'window.png'], check=True)


if __name__ == '__main__':
    main(sys.argv[1:])
