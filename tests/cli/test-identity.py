#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Never the wrong camera (bootloader.md §14, hazard H1): whatever else answers, and whoever takes over an address, another camera
than the one that was asked for sees no connection and no write."""
import clitest

ASKED, OTHER = '127.0.0.2', '127.0.0.3'
ASKED_ID, OTHER_ID = '19443010A1A1A1A100', '19443010B2B2B2B200'
QUICK = ('--reboot-ms', 50, '--boot-wait-ms', 50)


class IdentityTest(clitest.TestCase):
    def two_cameras(self, fault):
        """The asked camera misbehaves, another one is well."""
        return self.simulate(*QUICK, '--camera', f'address={ASKED},mxid={ASKED_ID},fault={fault}',
                             '--camera', f'address={OTHER},mxid={OTHER_ID}', cameras=2)

    def assert_not_spoken_to(self, status):
        self.assertEqual(status['connections'], 0, status)
        self.assertEqual(status['requests'], 0, status)
        self.assert_untouched(status)

    def flash(self, *arguments):
        path, _ = self.package()
        return clitest.run('flash', path, '--yes', '--json', *arguments)

    def test_asked_address_is_silent(self):
        """another camera answers the broadcast while nothing is at the asked address"""
        other = self.simulate('--address', OTHER, '--mxid', OTHER_ID, *QUICK)
        result = self.flash('--device', ASKED)
        self.assert_told(result, clitest.EXIT_NOT_FOUND, 'unreachable')
        self.assert_not_spoken_to(other.stop())

    def test_asked_camera_is_silent(self):
        """another camera answers the broadcast while the asked one keeps silent"""
        both = self.two_cameras('silent-discovery')
        self.assert_told(self.flash('--device', ASKED), clitest.EXIT_NOT_FOUND, 'unreachable')
        for status in both.stop():
            self.assert_not_spoken_to(status)

    def test_asked_id_is_silent(self):
        """another camera answers while the one with the asked id keeps silent"""
        both = self.two_cameras('silent-discovery')
        self.assert_told(self.flash('--device', ASKED_ID), clitest.EXIT_NOT_FOUND, 'not-found')
        for status in both.stop():
            self.assert_not_spoken_to(status)

    def test_only_the_asked_one_is_spoken_to(self):
        """of two cameras that are well only the asked one is spoken to: by address, id and short id"""
        for way in (ASKED, ASKED_ID, ASKED_ID[-8:-2], ASKED_ID.lower()):
            with self.subTest(way):
                both = self.simulate(*QUICK, '--camera', f'address={ASKED},mxid={ASKED_ID}',
                                     '--camera', f'address={OTHER},mxid={OTHER_ID}', cameras=2)
                result = self.flash('--device', way)
                self.assert_exit(result, clitest.EXIT_DONE)
                self.assertEqual(result.document['device']['mxid'], ASKED_ID)
                asked, other = both.stop()
                self.assertGreater(asked['writes'], 0)
                self.assert_not_spoken_to(other)

    def test_address_changes_hands_before_connecting(self):
        """the address of the found camera belongs to another one a moment later"""
        simulator = self.simulate('--address', ASKED, '--mxid', ASKED_ID, '--fault', f'change-id={OTHER_ID}@1', *QUICK)
        self.assert_told(self.flash('--device', ASKED_ID), clitest.EXIT_REFUSED, 'wrong-device')
        self.assert_not_spoken_to(simulator.stop())

    def test_address_changes_hands_at_the_question(self):
        """another camera takes over the address while the question stands"""
        path, _ = self.package()
        first = self.simulate('--address', ASKED, '--mxid', ASKED_ID, *QUICK)
        terminal = self.terminal('flash', path, '--device', ASKED)
        terminal.wait_for('[y/N]')
        first.kill()
        second = self.simulate('--address', ASKED, '--mxid', OTHER_ID, *QUICK)
        terminal.type('y\n')
        self.assertEqual(terminal.finish(), clitest.EXIT_REFUSED, terminal.text)
        self.assert_not_spoken_to(second.stop())

    def test_id_changes_at_any_moment(self):
        """another id answers at the address after any number of answers: never a write, also on a connection held already"""
        connections = []
        for n_answers in range(1, 20):
            simulator = self.simulate('--address', ASKED, '--mxid', ASKED_ID, *QUICK,
                                      '--fault', f'change-id={OTHER_ID}@{n_answers}')
            result = self.flash('--device', ASKED, '--no-wait')
            status = simulator.stop()
            if result.code == clitest.EXIT_DONE:  # so many answers are not asked for before the first write
                break
            self.assert_told(result, clitest.EXIT_REFUSED, 'wrong-device')
            self.assert_untouched(status)
            connections.append(status['connections'])
        self.assertEqual(set(connections), {0, 1}, connections)
        self.assertLess(n_answers, 19)

    def test_two_ids_at_one_address(self):
        """two cameras that answer at one address: neither is spoken to"""
        for way in (ASKED, ASKED_ID):
            with self.subTest(way):
                simulator = self.simulate('--address', ASKED, '--mxid', ASKED_ID, '--fault', f'second-id={OTHER_ID}', *QUICK)
                self.assert_told(self.flash('--device', way), clitest.EXIT_REFUSED, 'wrong-device')
                self.assert_not_spoken_to(simulator.stop())

    def test_conflict_is_listed(self):
        """list marks both cameras of an address conflict"""
        self.simulate('--address', ASKED, '--mxid', ASKED_ID, '--fault', f'second-id={OTHER_ID}', *QUICK)
        result = clitest.run('list', '--json')
        self.assert_exit(result, clitest.EXIT_DONE)
        rows = {row['mxid']: row for row in result.document}
        self.assertEqual(set(rows), {ASKED_ID, OTHER_ID})
        self.assertTrue(all(row['conflict'] for row in rows.values()), result.document)

    def test_camera_is_locked(self):
        """a camera that another run of the program works on is refused, and that run is not disturbed"""
        path, _ = self.package()
        simulator = self.simulate('--address', ASKED, '--mxid', ASKED_ID, *QUICK)
        terminal = self.terminal('flash', path, '--device', ASKED)
        terminal.wait_for('[y/N]')
        connections = simulator.status()['connections']
        self.assert_told(self.flash('--device', ASKED), clitest.EXIT_REFUSED, 'busy')
        self.assertEqual(simulator.status()['connections'], connections)
        terminal.type('y\n')
        self.assertEqual(terminal.finish(), clitest.EXIT_DONE, terminal.text)

    def test_none_named_several_there(self):
        """without --device two cameras are refused, and both are named"""
        both = self.simulate(*QUICK, cameras=2)
        for command in (['clear', '--yes'], ['info']):
            with self.subTest(command):
                result = clitest.run(*command, '--json')
                self.assert_told(result, clitest.EXIT_REFUSED, 'several-cameras')
                for address in (ASKED, OTHER):
                    self.assertIn(address, result.document['error']['message'])
        for status in both.stop():
            self.assert_not_spoken_to(status)

    def test_none_named_one_there(self):
        """without --device the only camera is taken"""
        simulator = self.simulate(*QUICK)
        self.assert_exit(self.flash(), clitest.EXIT_DONE)
        self.assertGreater(simulator.status()['writes'], 0)

    def test_none_there(self):
        """without any camera nothing is found, and what to do is told"""
        self.assert_told(self.flash(), clitest.EXIT_NOT_FOUND, 'not-found')

    def test_short_id_of_two(self):
        """a short id that fits two cameras is refused, and both are named"""
        twin = 'FF' + ASKED_ID[2:]
        both = self.simulate(*QUICK, '--camera', f'address={ASKED},mxid={ASKED_ID}',
                             '--camera', f'address={OTHER},mxid={twin}', cameras=2)
        result = self.flash('--device', ASKED_ID[-8:-2])
        self.assert_told(result, clitest.EXIT_REFUSED, 'wrong-device')
        for status in both.stop():
            self.assert_not_spoken_to(status)

    def test_running_application_is_not_stopped_by_looking(self):
        """info and --dry-run refuse on a camera whose application runs, and send nothing"""
        path, _ = self.package()
        image, _ = self.bootloader()
        simulator = self.simulate('--state', 'flash-booted', *QUICK)
        for command in (['info'], ['info', '--dry-run'], ['flash', path, '--dry-run'], ['clear', '--dry-run'],
                        ['flash', path, '--dry-run', '--yes'], ['reset', '--bootloader', image, '--dry-run']):
            for way in ('--device', ASKED), ():
                with self.subTest(command=command, way=way):
                    result = clitest.run(*command, *way, '--json')
                    self.assert_told(result, clitest.EXIT_REFUSED, 'needs-consent')
                    self.assertIn('--stop-application', result.errors)
                    self.assertIn('Nothing was sent to the camera', result.document['error']['state'])
        status = simulator.stop()
        self.assertEqual((status['state'], status['connections'], status['resets']), ('flash-booted', 0, 0), status)

    def test_a_missing_agreement_is_no_error(self):
        """the log notes what has to be agreed to, after who was found, which it says once"""
        self.simulate('--state', 'flash-booted', *QUICK)
        errors = clitest.run('info', '--device', ASKED, '--verbose').errors
        self.assertEqual(errors.count('state flash-booted'), 1, errors)
        noted = [line for line in errors.splitlines() if 'needs agreement: ' in line]
        self.assertEqual(len(noted), 1, errors)
        self.assertNotIn('error:', noted[0])

    def test_looking_may_stop_when_told_to(self):
        """with --stop-application info and --dry-run look at a camera whose application runs"""
        path, _ = self.package()
        simulator = self.simulate('--state', 'flash-booted', *QUICK)
        for command in (['info'], ['flash', path, '--dry-run'], ['clear', '--dry-run']):
            with self.subTest(command):
                simulator.wait_for_state('flash-booted')
                result = clitest.run(*command, '--device', ASKED, '--stop-application', '--json')
                self.assert_exit(result, clitest.EXIT_DONE)
        self.assert_untouched(simulator.stop())


if __name__ == '__main__':
    clitest.main()
