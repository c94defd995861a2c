#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real window against simulated cameras, driven from outside.

Runs inside tests/tools/loopback.sh and tests/tools/run-ui.sh. Environment: OAK_FLASHER, OAK_SIM_PROGRAM, OAK_TEST_DATA, and
OAK_UI_SHOTS, the folder that gets a picture of each important page.
"""
import contextlib
import gzip
import os
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import uitest  # noqa: E402
from uitest import check, wait  # noqa: E402

PROGRAM = os.environ['OAK_FLASHER']
SIMULATOR = os.environ['OAK_SIM_PROGRAM']
PACKAGES = pathlib.Path(os.environ['OAK_TEST_DATA'], 'daps')
SHOTS = pathlib.Path(os.environ['OAK_UI_SHOTS'])

FIRST = 'address=127.0.0.2,mxid=184430102175CB0F00'
SECOND = 'address=127.0.0.3,mxid=14442C10D12A77C000'
QUICK = ('--reboot-ms', '300', '--boot-wait-ms', '1500')
SLOW = (*QUICK, '--write-kbps', '200')
APPLICATION_OFFSET = 0x800000  # NETWORK layout, bootloader.md §6
SCREEN = {'taken': 0}


uitest.prepare()
DESKTOP = uitest.Notifications()
SESSION = uitest.Session()


@contextlib.contextmanager
def scenario(*cameras, options=QUICK, arguments=(), environment=None, allowed=None):
    """A window with these cameras; at the end it must not have complained."""
    simulator = uitest.Simulator(SIMULATOR, *cameras, options=options)
    window = uitest.Window(PROGRAM, '--demo', *map(str, arguments), simulator=simulator.wrapper, environment=environment)
    try:
        yield window, simulator
        check(window.process.poll() is None or window.process.returncode == 0,
              f'the program ended with {window.process.returncode}')
        if window.process.poll() is None:
            check(window.quit() == 0, f'the program ended with {window.process.returncode}')
        check(not window.complaints(allowed), '\n# '.join(['it complained:', *window.complaints(allowed)]))
    except Exception:
        SCREEN['taken'] += 1
        window.shot(SHOTS / f'problem-{SCREEN["taken"]}.png')
        with contextlib.suppress(Exception):
            uitest.say('# on the screen: ' + ' | '.join(window.words())[:1500])
        window.close()
        for line in window.said():
            uitest.say('# stderr: ' + line)
        raise
    finally:
        window.close()
        simulator.close()


def unpack(name, folder):
    """A package as a file with the ending .dap."""
    source = PACKAGES / name
    target = folder.path(name.removesuffix('.gz'))
    target.write_bytes(gzip.decompress(source.read_bytes()) if name.endswith('.gz') else source.read_bytes())
    return target


def start_flash(window, camera='75CB0F'):
    window.select_camera(camera)
    window.click('Flash Application…')
    window.click('Flash')


# --- the list ----------------------------------------------------------------------------------------------------------------

def list_appears():
    with scenario(FIRST, f'{SECOND},state=flash-booted') as (window, simulator):
        window.find('list item', 'OAK Camera 75CB0F, Ready, 127.0.0.2')
        window.find('list item', 'OAK Camera 2A77C0, Application running, 127.0.0.3')
        check(window.says('Demo: simulated cameras on this computer only'), 'there is no banner')
        window.wait_for('Open an application package first.')
        window.select_camera('2A77C0')
        window.wait_for('14442C10D12A77C000')
        check(all(camera['connections'] == 0 for camera in simulator.ask()), 'looking opened a connection')
        window.shot(SHOTS / 'list.png')


def nothing_found():
    with scenario(f'{FIRST},fault=silent-discovery') as (window, _simulator):
        window.wait_for('No Cameras Found')
        window.wait_for('127.0.0.1/8')
        window.click('Enter Address…')
        window.type_into('IP address', '127.0.0.256')
        window.click('Add')
        window.wait_for('IPv4')
        window.type_into('IP address', '127.0.0.9')
        window.click('Add')
        window.find('list item', 'Camera at 127.0.0.9, No answer, 127.0.0.9')
        window.wait_for('Nothing answers at this address.')
        window.shot(SHOTS / 'no-answer.png')


# --- flashing ----------------------------------------------------------------------------------------------------------------

def flash_and_compare(name):
    def test():
        with contextlib.ExitStack() as stack:
            folder = uitest.Simulator(SIMULATOR)  # a folder for files that both sides know
            stack.callback(folder.close)
            package, flash = unpack(name, folder), folder.path('flash.bin')
            window, simulator = stack.enter_context(scenario(f'{FIRST},flash-file={flash}'))
            window.select_camera('75CB0F')
            window.keys('OAK Flasher', 'ctrl+o')
            window.choose_file('Open Application Package', package)
            window.wait_for(package.name)
            start_flash(window)
            window.wait_for('Application Installed', 90)
            window.shot(SHOTS / f'success-{package.stem}.png')
            simulator.ask()
            content, wanted = flash.read_bytes(), package.read_bytes()
            check(content[APPLICATION_OFFSET:APPLICATION_OFFSET + len(wanted)] == wanted,
                  'the camera does not hold the package')
            window.find('list item', 'OAK Camera 75CB0F, Application running, 127.0.0.2')
    return test


def phases_and_notification():
    with scenario(FIRST, options=SLOW, arguments=[PACKAGES / 'script-spi.dap']) as (window, _simulator):
        start_flash(window)
        window.wait_for('Do not unplug the camera.')
        bar = window.find('progress bar')
        value = bar.get_value_iface()
        seen, deadline = [], time.monotonic() + 120 * uitest.SLOWDOWN
        while not window.says('Application Installed'):
            check(time.monotonic() < deadline, 'no end')
            for _ in range(20):  # looking at all words takes much longer than looking at the bar
                with contextlib.suppress(uitest.GLib.Error):
                    seen.append(uitest.Atspi.Value.get_current_value(value))
                time.sleep(0.05)
        check(seen == sorted(seen), 'the bar ran backward')
        check(len({round(fraction, 2) for fraction in seen}) > 3, f'the bar did not move: {seen}')
        check(window.says('It is safe to unplug the camera.'), 'unplugging is not mentioned')
        wait('a notification', lambda: ('Application Installed', 'OAK 75CB0F at 127.0.0.2') in DESKTOP.received)


def session_is_held():
    """GTK's flags for logout and suspend are 1 and 4."""
    SESSION.calls.clear()
    with scenario(FIRST, options=SLOW, arguments=[PACKAGES / 'script-spi.dap']) as (window, _simulator):
        window.select_camera('75CB0F')
        window.click('Flash Application…')
        window.find('push button', 'Flash')
        check(not SESSION.calls, 'the session is held before anything is written')
        window.click('Flash')
        wait('the session to be held', lambda: SESSION.calls)
        window.wait_for('Do not unplug the camera.')
        check(SESSION.calls == [('inhibit', 5)], f'the session is not held for logout and suspend: {SESSION.calls}')
        window.wait_for('Application Installed', 60)
        check([call[0] for call in SESSION.calls] == ['inhibit', 'uninhibit'], f'the session is still held: {SESSION.calls}')


def stop_asks_first():
    with scenario(f'{FIRST},state=flash-booted', arguments=[PACKAGES / 'script-spi.dap']) as (window, simulator):
        window.select_camera('75CB0F')
        window.click('Flash Application…')
        window.wait_for('Stop the Running Application?')
        check(simulator.ask()[0]['connections'] == 0, 'the camera was touched before the answer')
        window.click('Cancel')
        wait('the end of the dialog', lambda: not window.says('Stop the Running Application?'))
        check(simulator.ask()[0]['connections'] == 0, 'the camera was touched in spite of the answer')
        window.click('Flash Application…')
        window.click('Stop and Continue')
        window.click('Flash')
        window.wait_for('Application Installed', 60)


def unknown_size_asks_first():
    with scenario(f'{FIRST},version=0.0.17', arguments=[PACKAGES / 'script-spi.dap']) as (window, simulator):
        window.select_camera('75CB0F')
        window.click('Flash Application…')
        window.wait_for('Memory Is Not Known')
        check(simulator.ask()[0]['bytesWritten'] == 0, 'written before the answer')
        window.click('Continue Anyway')
        window.click('Flash')
        window.wait_for('Written, Not Confirmed', 60)
        window.shot(SHOTS / 'not-confirmed.png')


# --- the confirmation --------------------------------------------------------------------------------------------------------

def cancel_is_the_default():
    with scenario(FIRST, arguments=[PACKAGES / 'script-spi.dap']) as (window, simulator):
        window.select_camera('75CB0F')
        for key in ('Return', 'Escape'):
            window.click('Flash Application…')
            window.find('push button', 'Flash')
            window.wait_for('OAK 75CB0F at 127.0.0.2')
            window.shot(SHOTS / 'confirm.png')
            window.keys('Flashing the Application', key)
            wait('the end of the dialog', lambda: len(window.windows()) == 1)
            window.find('list item', 'OAK Camera 75CB0F, Ready, 127.0.0.2')
        camera = simulator.ask()[0]
        check(camera['writes'] == 0, 'something was written')
        check(camera['resets'] == 2, 'the camera was not restarted')


def factory_reset():
    with scenario(FIRST) as (window, simulator):
        window.select_camera('75CB0F')
        window.click('Factory Reset…')
        window.choose_file('Open Bootloader Image')
        reset = window.find('push button', 'Reset Device')
        check(not uitest.is_sensitive(reset), 'nothing was typed, and it could be pressed')
        window.type_into('Type the camera', '75CB0E')
        check(not uitest.is_sensitive(reset), 'another id was typed, and it could be pressed')
        window.shot(SHOTS / 'reset.png')
        window.type_into('Type the camera', '75cb0f')
        window.click('Reset Device')
        window.wait_for('Camera Reset', 90)
        window.shot(SHOTS / 'reset-success.png')
        check(simulator.ask()[0]['bytesWritten'] > 8 << 20, 'the image was not written')


# --- endings -----------------------------------------------------------------------------------------------------------------

def failure_and_try_again():
    with scenario(f'{FIRST},fault=drop-at-progress=50:once', options=SLOW,
                  arguments=[PACKAGES / 'script-spi.dap']) as (window, _simulator):
        start_flash(window)
        window.wait_for('The Application Was Not Installed', 60)
        for part in ('What happened', 'Likely cause', 'What to do', 'The camera now'):
            check(window.says(part), f'the part “{part}” is missing')
        window.shot(SHOTS / 'failure.png')
        window.find('list item', 'OAK Camera 75CB0F, Ready, 127.0.0.2')
        window.click('Try Again')
        window.click('Flash')
        window.wait_for('Application Installed', 60)


def cancel_while_writing():
    with scenario(FIRST, options=SLOW, arguments=[PACKAGES / 'script-spi.dap']) as (window, simulator):
        start_flash(window)
        window.wait_for('Do not unplug the camera.')
        window.wait_for('Writing: ')
        window.click('Cancel')
        window.wait_for('Try Again', 60)
        check(window.says('topped'), 'it does not say that it was stopped')
        check(not window.says('Application Installed'), 'it says success')
        window.shot(SHOTS / 'stopped.png')
        check(simulator.ask()[0]['state'] != 'flash-booted', 'an incomplete application runs')


def stop_watching():
    with scenario(FIRST, options=('--reboot-ms', '300', '--boot-wait-ms', '60000'),
                  arguments=[PACKAGES / 'script-spi.dap']) as (window, _simulator):
        start_flash(window)
        window.click('Stop Watching', seconds=60)
        window.wait_for('Written, Start Not Observed')
        window.shot(SHOTS / 'not-watched.png')


def camera_vanishes():
    with scenario(FIRST, arguments=[PACKAGES / 'script-spi.dap']) as (window, simulator):
        window.select_camera('75CB0F')
        window.click('Flash Application…')
        window.find('push button', 'Flash')
        os.kill(simulator.get_pid(), signal.SIGKILL)
        window.wait_for('The camera simulator has ended')
        with contextlib.suppress(uitest.Failure):
            window.click('Flash', seconds=3)
        wait('an end', lambda: window.says('What to do') or window.says('The Camera Was Restarted'), 60)


# --- the window --------------------------------------------------------------------------------------------------------------

def close_guard():
    with scenario(FIRST, options=SLOW, arguments=[PACKAGES / 'script-spi.dap']) as (window, _simulator):
        start_flash(window)
        window.wait_for('Writing: ')
        window.keys('OAK Flasher', 'ctrl+q')
        window.wait_for('Stop and Close?')
        window.shot(SHOTS / 'close-guard.png')
        window.click('Keep Running')
        wait('the end of the question', lambda: not window.says('Stop and Close?'))
        check(window.says('Do not unplug the camera.'), 'the job did not go on')
        window.keys('OAK Flasher', 'ctrl+q')
        window.click('Stop and Close')
        check(window.wait_for_end() == 0, 'it did not end well')


def bad_files():
    with scenario(FIRST) as (window, simulator):
        window.select_camera('75CB0F')
        bad = {'empty.dap': b'', 'text.dap': b'hello\n' * 200, 'damaged.dap': (PACKAGES / 'script-spi.dap').read_bytes()[:40000]}
        for name, content in bad.items():
            path = simulator.path(name)
            path.write_bytes(content)
            window.keys('OAK Flasher', 'ctrl+o')
            window.choose_file('Open Application Package', path)
            window.wait_for(name)
            window.wait_for('This file is no application package, or a damaged one.')
            check(not uitest.is_sensitive(window.find('push button', 'Flash Application…')), f'{name} can be flashed')
        window.shot(SHOTS / 'bad-file.png')
        window.keys('OAK Flasher', 'ctrl+o')
        window.choose_file('Open Application Package', PACKAGES / 'script-spi.dap')
        window.wait_for('firmware')
        check(uitest.is_sensitive(window.find('push button', 'Flash Application…')),
              'a good file after a bad one cannot be flashed')


def log_tells():
    with scenario(FIRST) as (window, _simulator):
        window.select_camera('75CB0F')
        window.click('Read Details')
        window.wait_for('NETWORK type')
        window.find('list item', 'OAK Camera 75CB0F, Ready, 127.0.0.2')
        window.keys('OAK Flasher', 'ctrl+l')
        lines = window.find('text', 'Log lines')
        check('75CB0F: ' in uitest.text_of(lines), 'the log is empty')
        target = pathlib.Path(SHOTS, 'saved.log')
        target.unlink(missing_ok=True)
        window.keys('OAK Flasher', 'ctrl+shift+s')
        wait('the chooser', lambda: any(w.get_name() == 'Save Log' for w in window.windows()))
        time.sleep(0.5 * uitest.SLOWDOWN)
        window.keys('Save Log', 'ctrl+a', 'text:' + str(target), 'Return')
        wait('the saved log', lambda: target.exists() and '75CB0F: ' in target.read_text())


def nothing_of_ours_leaks():
    """Under AddressSanitizer: GTK and the libraries below keep things, our own functions must not."""
    # Whole stacks cost much time at every allocation, so only this test has them.
    environment = {'ASAN_OPTIONS': 'detect_leaks=1:fast_unwind_on_malloc=0',
                   'LSAN_OPTIONS': ':'.join(filter(None, [os.environ.get('LSAN_OPTIONS'), 'exitcode=0']))}
    with scenario(FIRST, environment=environment, allowed='LeakSanitizer') as (window, _simulator):
        window.select_camera('75CB0F')
        window.click('Use Sample', seconds=60)
        window.wait_for('firmware')
        window.click('Flash Application…')
        window.click('Flash', seconds=60)
        window.wait_for('Application Installed', 120)
        window.click('Show Camera')
        window.click('Clear Application…')
        window.click('Stop and Continue')
        window.find('push button', 'Clear', seconds=60)
        window.click('Cancel')
        wait('the end of the dialog', lambda: len(window.windows()) == 1, 60)
        check(window.quit() == 0, 'it did not end well')
        leaks = '\n'.join(window.said()).split('leak of ')[1:]
        # Handing over to GTK at the program's end is in our stack, too.
        ours = [leak for leak in leaks
                if any((' in flasher_' in line or ' in oak_' in line) and 'flasher_application_shutdown' not in line
                       for line in leak.splitlines())]
        check(not ours, '\n# '.join('leaked:\n'.join(ours).splitlines()))


def simulator_ends_with_the_window():
    simulator = uitest.Simulator(SIMULATOR, FIRST)
    window = uitest.Window(PROGRAM, '--demo', simulator=simulator.wrapper)
    try:
        window.wait_for('OAK Camera 75CB0F')
        window.process.kill()
        process = pathlib.Path('/proc', str(simulator.get_pid()))
        wait('the end of the simulator', lambda: not process.exists() or ' Z ' in (process / 'stat').read_text())
    finally:
        window.close()
        simulator.close()


TESTS = [
    ('/app/window/cameras-appear-with-their-state-in-words', list_appears),
    ('/app/window/nothing-found-offers-remedies-and-an-address', nothing_found),
    ('/app/window/flashed-script-spi-is-what-the-camera-holds', flash_and_compare('script-spi.dap')),
    ('/app/window/flashed-http-snapshot-is-what-the-camera-holds', flash_and_compare('http-snapshot.dap.gz')),
    ('/app/window/flashed-stereo-is-what-the-camera-holds', flash_and_compare('stereo.dap.gz')),
    ('/app/window/bar-runs-forward-and-the-end-is-announced', phases_and_notification),
    ('/app/window/session-is-held-while-writing', session_is_held),
    ('/app/window/running-application-is-stopped-only-after-consent', stop_asks_first),
    ('/app/window/unknown-memory-size-needs-consent', unknown_size_asks_first),
    ('/app/window/return-and-escape-cancel-the-confirmation', cancel_is_the_default),
    ('/app/window/factory-reset-needs-the-typed-id', factory_reset),
    ('/app/window/lost-link-is-explained-and-can-be-tried-again', failure_and_try_again),
    ('/app/window/cancel-while-writing-says-stopped', cancel_while_writing),
    ('/app/window/stop-watching-is-not-a-success', stop_watching),
    ('/app/window/camera-vanishes-before-the-decision', camera_vanishes),
    ('/app/window/closing-asks-while-a-job-runs', close_guard),
    ('/app/window/bad-files-are-explained', bad_files),
    ('/app/window/log-is-shown-and-saved', log_tells),
    ('/app/window/nothing-of-ours-leaks', nothing_of_ours_leaks),
    ('/app/window/simulator-ends-with-the-window', simulator_ends_with_the_window),
]

if __name__ == '__main__':
    SHOTS.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[1:]
    sys.exit(uitest.run([test for test in TESTS if not wanted or any(word in test[0] for word in wanted)]))
