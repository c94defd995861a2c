# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives the real window from outside, as assistive technology and a keyboard do.

Runs on a virtual screen with a session bus (tests/tools/run-ui.sh, GTK_A11Y=atspi) inside a network namespace that has the
loopback only (tests/tools/loopback.sh). Every wait has a limit, which TEST_SLOWDOWN multiplies.
"""
import json
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import gi

gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, Gio, GLib  # noqa: E402

SLOWDOWN = float(os.environ.get('TEST_SLOWDOWN', '1'))


# Programs that the session bus starts write to the standard output, too.
TAP = os.fdopen(int(os.environ['OAK_TAP_FD']), 'w') if 'OAK_TAP_FD' in os.environ else sys.stdout


def say(text):
    print(text, file=TAP, flush=True)


class Failure(Exception):
    """A claim that does not hold."""


def wait(what, function, seconds=20):
    """The first true value of function (); objects may vanish while it looks."""
    deadline = time.monotonic() + seconds * SLOWDOWN
    events = GLib.MainContext.default()
    while True:
        # What the bus has told meanwhile: without it the picture of the tree grows old.
        while events.pending():
            events.iteration(False)
        try:
            value = function()
        except GLib.Error:
            value = None
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(f'waited {seconds * SLOWDOWN:.0f} s for {what}')
        time.sleep(0.03)


def pause(seconds):
    """Lets other programs see what was done so far."""
    time.sleep(seconds * SLOWDOWN)


def check(condition, claim):
    if not condition:
        raise Failure(claim)


def children(node):
    for index in range(node.get_child_count()):
        child = node.get_child_at_index(index)
        if child is not None:
            yield child


def is_visible(node):
    return node.get_state_set().contains(Atspi.StateType.VISIBLE)


def walk(node):
    """A node and everything below it that is not hidden."""
    if is_visible(node):
        yield node
        for child in children(node):
            yield from walk(child)


def is_sensitive(node):
    return node.get_state_set().contains(Atspi.StateType.SENSITIVE)


def text_of(node):
    """What a label or text view says; the name of anything else."""
    text = node.get_text_iface()
    if text is not None:
        said = Atspi.Text.get_text(text, 0, Atspi.Text.get_character_count(text))
        if said:
            return said
    return node.get_name() or ''


def prepare():
    """Starts the accessibility bus. The stand-ins below come after it: its registry asks a session manager, too, and waits."""
    Atspi.init()
    Atspi.set_timeout(3000, 10000)
    Atspi.get_desktop(0).get_child_count()


class Simulator:
    """Cameras of our own: the window is made to start this simulator by the environment variable OAK_SIM."""

    def __init__(self, program, *cameras, options=()):
        self.folder = tempfile.TemporaryDirectory(prefix='oak-ui-')
        self.report = pathlib.Path(self.folder.name, 'report')
        self.wrapper = pathlib.Path(self.folder.name, 'oak-sim')
        self.process_file = pathlib.Path(self.folder.name, 'pid')
        self.n_cameras = len(cameras)
        words = [str(program), '--exit-with-parent', *options]
        for camera in cameras:
            words += ['--camera', camera]
        # The window also asks its simulator for a bootloader image: those calls pass through.
        self.wrapper.write_text(
            '#!/bin/bash\n'
            f'[ "$1" = --make-image ] && exec {shlex.quote(str(program))} "$@"\n'
            f'echo $$ >{shlex.quote(str(self.process_file))}\n'
            f'exec {shlex.join(words)} > >(exec tee {shlex.quote(str(self.report))})\n')
        self.wrapper.chmod(0o755)

    def path(self, name):
        return pathlib.Path(self.folder.name, name)

    def get_pid(self):
        return int(self.process_file.read_text())

    def ask(self):
        """What each camera has counted; its memory files are written as well."""
        before = len(self.report.read_text().splitlines())
        os.kill(self.get_pid(), signal.SIGUSR1)
        wait('the simulator\'s report',
             lambda: len(self.report.read_text().splitlines()) >= before + self.n_cameras)
        return [json.loads(line) for line in self.report.read_text().splitlines()[before:]]

    def close(self):
        self.folder.cleanup()


class Window:
    """One run of oak-flasher."""

    def __init__(self, program, *arguments, simulator=None, environment=None):
        env = dict(os.environ, GTK_A11Y='atspi', G_DEBUG='fatal-criticals', **(environment or {}))
        if simulator is not None:
            env['OAK_SIM'] = str(simulator)
        # Without a table of its own GTK reads the one of X for compose keys, and leaks parts of it.
        compose = pathlib.Path(os.environ['XDG_CONFIG_HOME'], 'gtk-4.0/Compose')
        compose.write_text('# no sequences\n')
        prepare()
        self.log = tempfile.TemporaryFile()
        self.had_chooser = False
        self.process = subprocess.Popen([program, *arguments], env=env, stderr=self.log)
        self.application = wait('the program on the accessibility bus', self._find_application, 40)

    def _find_application(self):
        check(self.process.poll() is None, 'the program ended at once')
        for application in children(Atspi.get_desktop(0)):
            if application.get_name() == 'oak-flasher' and application.get_process_id() == self.process.pid:
                return application
        return None

    # --- looking ---------------------------------------------------------------------------------------------------------

    def windows(self):
        return [window for window in children(self.application) if is_visible(window)]

    def all(self, role=None, name=None):
        """Everything that is not hidden, newest window first."""
        for window in reversed(self.windows()):
            for node in walk(window):
                if role is not None and node.get_role_name() != role:
                    continue
                if name is not None and not (node.get_name() or '').endswith(name):
                    continue
                yield node

    def find(self, role=None, name=None, seconds=20):
        return wait(f'{role or "something"} “{name or ""}”', lambda: next(self.all(role, name), None), seconds)

    def says(self, text):
        """Whether @text is shown somewhere."""
        return any(text in text_of(node) for node in self.all('label')) or any(
            text in text_of(node) for node in self.all() if node.get_role_name() in ('status bar', 'heading', 'text', 'alert'))

    def wait_for(self, text, seconds=20):
        return wait(f'the words “{text}”', lambda: self.says(text), seconds)

    def words(self):
        """All words that are shown, for a report."""
        seen = []
        for node in self.all():
            try:
                words = text_of(node).strip()
            except GLib.Error:
                continue
            if words and words not in seen:
                seen.append(words)
        return seen

    # --- acting ----------------------------------------------------------------------------------------------------------

    def click(self, name, role='push button', seconds=20):
        button = wait(f'the sensitive {role} “{name}”',
                      lambda: next((b for b in self.all(role, name) if is_sensitive(b)), None), seconds)
        action = button.get_action_iface()
        names = [Atspi.Action.get_action_name(action, i) for i in range(Atspi.Action.get_n_actions(action))]
        Atspi.Action.do_action(action, names.index('click'))

    def resize(self, width, height):
        """The main window."""
        found = subprocess.run(['xdotool', 'search', '--onlyvisible', '--name', '^OAK Flasher$'], capture_output=True,
                               text=True, check=True).stdout.split()
        subprocess.run(['xdotool', 'windowsize', found[-1], str(width), str(height)], check=True)
        pause(0.6)

    def select_camera(self, words, seconds=20):
        """Selects the row whose label has all of @words."""
        def row_index():
            for listing in self.all('list'):
                for index, row in enumerate(children(listing)):
                    said = ' '.join([row.get_name() or '', *(text_of(n) for n in walk(row))])
                    if words in said:
                        return listing, index
            return None
        listing, index = wait(f'a camera “{words}”', row_index, seconds)
        Atspi.Selection.select_child(listing.get_selection_iface(), index)

    def type_into(self, label, text):
        """Replaces what stands in the entry with that label."""
        entry = wait(f'the entry “{label}”', lambda: next(
            (n for n in self.all() if n.get_state_set().contains(Atspi.StateType.EDITABLE)
             and label in (n.get_name() or '')), None))
        Atspi.EditableText.set_text_contents(entry.get_editable_text_iface(), text)

    def keys(self, title, *keys):
        """Presses keys in the window with that title."""
        found = wait(f'an X window “{title}”', lambda: subprocess.run(
            ['xdotool', 'search', '--onlyvisible', '--name', f'^{title}$'], capture_output=True, text=True,
            check=False).stdout.split())
        subprocess.run(['xdotool', 'windowfocus', '--sync', found[-1]], check=True)
        for key in keys:
            if key.startswith('text:'):
                subprocess.run(['xdotool', 'type', '--delay', '5', key[5:]], check=True)
            else:
                subprocess.run(['xdotool', 'key', '--delay', '20', key], check=True)
            time.sleep(0.2 * SLOWDOWN)

    def choose_file(self, title, path=None):
        """Answers the file chooser that is open; without a path with what it proposes."""
        self.had_chooser = True
        wait(f'the chooser “{title}”', lambda: any((w.get_name() or '') == title for w in self.windows()))
        time.sleep(0.5 * SLOWDOWN)
        if path is not None:
            self.keys(title, 'ctrl+l', 'ctrl+a', 'text:' + str(path), 'Return')
        else:
            self.click('Open')

    def shot(self, path):
        subprocess.run(['import', '-window', 'root', str(path)], check=True)

    # --- ending ----------------------------------------------------------------------------------------------------------

    def quit(self):
        """Ends the program by its keyboard shortcut; returns its exit status."""
        self.keys('OAK Flasher', 'ctrl+q')
        return self.wait_for_end()

    def wait_for_end(self):
        wait('the end of the program', lambda: self.process.poll() is not None, 40)
        return self.process.returncode

    def close(self):
        """Makes sure that it is gone."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30 * SLOWDOWN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def said(self):
        """Standard error."""
        self.log.seek(0)
        return self.log.read().decode(errors='replace').splitlines()

    def complaints(self, allowed=None):
        """What GLib, GTK or a sanitizer said on standard error, but for lines with @allowed in them."""
        lines = self.said()
        marks = ('CRITICAL', 'WARNING **', 'ERROR:', 'runtime error', 'Sanitizer', 'Gtk-WARNING')
        # GTK's own file chooser now and then draws its two buttons once before they have their size.
        if self.had_chooser:
            lines = [line for line in lines
                     if not ('Trying to snapshot GtkButton' in line and 'without a current allocation' in line)]
        return [line for line in lines
                if any(mark in line for mark in marks) and not (allowed is not None and allowed in line)
                and not (allowed is not None and line.startswith('SUMMARY'))]


class StandIn(threading.Thread):
    """A service of the desktop. It answers from a thread of its own: the program may wait for it while we wait for the program."""

    def __init__(self, name, path, interface):
        super().__init__(daemon=True)
        self.name_on_bus, self.path, self.interface = name, path, interface
        self.ready = threading.Event()
        self.start()
        self.ready.wait()

    def run(self):
        context = GLib.MainContext.new()
        context.push_thread_default()
        bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        bus.register_object(self.path, self.interface, self.call)
        Gio.bus_own_name_on_connection(bus, self.name_on_bus, Gio.BusNameOwnerFlags.NONE, lambda *_: self.ready.set())
        GLib.MainLoop.new(context, False).run()

    def call(self, _bus, _sender, _path, _interface, method, parameters, invocation):
        raise NotImplementedError


class Notifications(StandIn):
    """Takes the notifications the program sends."""

    INTERFACE = Gio.DBusNodeInfo.new_for_xml("""<node><interface name="org.freedesktop.Notifications">
        <method name="GetCapabilities"><arg direction="out" type="as"/></method>
        <method name="GetServerInformation"><arg direction="out" type="s"/><arg direction="out" type="s"/>
          <arg direction="out" type="s"/><arg direction="out" type="s"/></method>
        <method name="CloseNotification"><arg direction="in" type="u"/></method>
        <method name="Notify"><arg direction="in" type="s"/><arg direction="in" type="u"/><arg direction="in" type="s"/>
          <arg direction="in" type="s"/><arg direction="in" type="s"/><arg direction="in" type="as"/>
          <arg direction="in" type="a{sv}"/><arg direction="in" type="i"/><arg direction="out" type="u"/></method>
        </interface></node>""").interfaces[0]

    def __init__(self):
        self.received = []
        super().__init__('org.freedesktop.Notifications', '/org/freedesktop/Notifications', self.INTERFACE)

    def call(self, _bus, _sender, _path, _interface, method, parameters, invocation):
        if method == 'Notify':
            _name, _id, _icon, title, body, *_rest = parameters.unpack()
            self.received.append((title, body))
            invocation.return_value(GLib.Variant('(u)', (len(self.received),)))
        elif method == 'GetCapabilities':
            invocation.return_value(GLib.Variant('(as)', (['body'],)))
        elif method == 'GetServerInformation':
            invocation.return_value(GLib.Variant('(ssss)', ('test', 'test', '1', '1.2')))
        else:
            invocation.return_value(None)


class Session(StandIn):
    """Counts who keeps the session from ending."""

    INTERFACE = Gio.DBusNodeInfo.new_for_xml("""<node><interface name="org.gnome.SessionManager">
        <method name="Inhibit"><arg direction="in" type="s"/><arg direction="in" type="u"/><arg direction="in" type="s"/>
          <arg direction="in" type="u"/><arg direction="out" type="u"/></method>
        <method name="Uninhibit"><arg direction="in" type="u"/></method>
        </interface></node>""").interfaces[0]

    def __init__(self):
        self.calls = []
        super().__init__('org.gnome.SessionManager', '/org/gnome/SessionManager', self.INTERFACE)

    def call(self, _bus, _sender, _path, _interface, method, parameters, invocation):
        if method == 'Inhibit':
            self.calls.append(('inhibit', parameters.unpack()[3]))
            invocation.return_value(GLib.Variant('(u)', (len(self.calls),)))
        else:
            self.calls.append(('uninhibit', 0))
            invocation.return_value(None)


def run(tests):
    """Runs test functions and speaks TAP; a failure keeps a picture of the screen."""
    say(f'1..{len(tests)}')
    failed = False
    for number, (claim, function) in enumerate(tests, 1):
        began = time.monotonic()
        try:
            function()
            say(f'ok {number} - {claim}')
        except Exception as error:  # every problem is this test's verdict
            failed = True
            say(f'not ok {number} - {claim}')
            for line in traceback.format_exc().splitlines() if not isinstance(error, Failure) else [str(error)]:
                say('# ' + line)
        say(f'# {time.monotonic() - began:.1f} s')
    return 1 if failed else 0
