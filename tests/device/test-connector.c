/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "device-support.h"
#include "oak-bootloader.h"
#include "oak-device-info.h"
#include "oak-error.h"
#include "sim-process.h"
#include "test-support.h"

/* From a camera's state to a session, and never to another camera (bootloader.md, hazard H1). The
 * cameras are simulators in processes of their own; what they counted is the proof. */

typedef struct {
  TestResources before;
  TestReport report;
  OakTimeouts timeouts;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  test_resources_take (&fixture->before);
  test_report_init (&fixture->report);
  test_timeouts_init_long (&fixture->timeouts);
  fixture->timeouts.discovery_answer_ms = 500 * test_slowdown ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  test_report_clear (&fixture->report);
  test_resources_assert_equal (&fixture->before);
}

static OakConnector *
new_connector (Fixture *fixture, const char *mxid, const char *address)
{
  return test_connector_new (mxid, address, &fixture->timeouts, &fixture->report);
}

static OakBootloader *
open_bootloader (OakConnector *connector)
{
  g_autoptr (GError) error = NULL;
  OakBootloader *bootloader = oak_connector_open (connector, TRUE, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (bootloader);
  return bootloader;
}

static void
assert_wrong_device (Fixture *fixture, const char *mxid, const char *address)
{
  g_autoptr (OakConnector) connector = new_connector (fixture, mxid, address);
  g_autoptr (GError) error = NULL;

  g_assert_null (oak_connector_open (connector, TRUE, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_WRONG_DEVICE);
}

static void
test_first_answer_confirms_the_id (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimProcess) sim = sim_process_start ("--address=" ADDRESS_A, "--mxid=" CAMERA_A, NULL);
  g_autoptr (OakConnector) connector = new_connector (fixture, NULL, ADDRESS_A);
  g_autoptr (GError) error = NULL;

  g_assert_true (oak_connector_identify (connector, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (oak_device_info_get_mxid (oak_connector_get_info (connector)), ==, CAMERA_A);
  g_assert_cmpint (oak_device_info_get_state (oak_connector_get_info (connector)),
                   ==,
                   OAK_DEVICE_STATE_BOOTLOADER);
  sim_process_assert_untouched (sim, 0);
}

static void
test_opens_from_bootloader (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimProcess) sim =
      sim_process_start ("--address=" ADDRESS_A, "--mxid=" CAMERA_A, "--version=0.0.26", NULL);
  g_autoptr (OakConnector) connector = new_connector (fixture, CAMERA_A, ADDRESS_A);
  g_autoptr (OakBootloader) bootloader = open_bootloader (connector);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (oak_bootloader_get_version (bootloader).patch, ==, 26);
  g_assert_cmpint (oak_bootloader_get_type (bootloader), ==, OAK_BOOTLOADER_TYPE_NETWORK);
  g_assert_true (oak_connector_confirm (connector, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (oak_bootloader_reset (&bootloader, &error));
  g_assert_no_error (error);
  g_assert_cmpint (sim_process_get_int (sim, 0, "connections"), ==, 1);
  g_assert_cmpint (sim_process_get_int (sim, 0, "protocolErrors"), ==, 0);
}

static void
test_running_application_needs_consent (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimProcess) sim = sim_process_start ("--address=" ADDRESS_A,
                                                  "--mxid=" CAMERA_A,
                                                  "--state=flash-booted",
                                                  "--reboot-ms=100",
                                                  NULL);
  g_autoptr (OakConnector) connector = new_connector (fixture, CAMERA_A, ADDRESS_A);
  g_autoptr (OakBootloader) bootloader = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (oak_connector_open (connector, FALSE, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_NEEDS_CONSENT);
  g_clear_error (&error);
  sim_process_assert_untouched (sim, 0);

  bootloader = oak_connector_open (connector, TRUE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sim_process_get_int (sim, 0, "resets"), ==, 1);
  g_assert_cmpint (sim_process_get_int (sim, 0, "connections"), ==, 1);
}

/* A camera whose bootloader starts the application as soon as it has been met. */
typedef struct {
  OakReport report;
  SimProcess *sim; /* (owned) */
} Hasty;

static void
hasty_log (OakReport *report, OakLogLevel level, const char *text)
{
  Hasty *self = (Hasty *) report;

  if (strstr (text, "state bootloader") == NULL)
    return;
  g_clear_pointer (&self->sim, sim_process_stop);
  self->sim = sim_process_start ("--address=" ADDRESS_A,
                                 "--mxid=" CAMERA_A,
                                 "--state=flash-booted",
                                 "--reboot-ms=100",
                                 NULL);
}

static void
test_application_that_starts_meanwhile (Fixture *fixture, gconstpointer data)
{
  Hasty hasty = { .report = { .log = hasty_log } };
  g_autoptr (OakDeviceInfo) info =
      oak_device_info_new_network (CAMERA_A, ADDRESS_A, OAK_DEVICE_STATE_UNKNOWN);
  g_autoptr (OakConnector) connector = NULL;
  g_autoptr (OakBootloader) bootloader = NULL;
  g_autoptr (GError) error = NULL;

  hasty.sim = sim_process_start ("--address=" ADDRESS_A, "--mxid=" CAMERA_A, NULL);
  connector =
      oak_connector_new (info, OAK_NETWORK_SCOPE_LOOPBACK, &fixture->timeouts, &hasty.report);
  g_assert_null (oak_connector_open (connector, FALSE, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_NEEDS_CONSENT);
  g_clear_error (&error);
  sim_process_assert_untouched (hasty.sim, 0);

  sim_process_stop (hasty.sim);
  hasty.sim = sim_process_start ("--address=" ADDRESS_A, "--mxid=" CAMERA_A, NULL);
  bootloader = oak_connector_open (connector, TRUE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sim_process_get_int (hasty.sim, 0, "resets"), ==, 1);
  g_assert_cmpint (sim_process_get_int (hasty.sim, 0, "connections"), ==, 1);
  g_clear_pointer (&bootloader, oak_bootloader_free);
  sim_process_stop (hasty.sim);
}

static void
test_silence_is_unreachable (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakConnector) connector = new_connector (fixture, NULL, ADDRESS_A);
  g_autoptr (GError) error = NULL;

  g_assert_false (oak_connector_identify (connector, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_UNREACHABLE);
  g_assert_true (strstr (error->message, ADDRESS_A) != NULL);
}

static void
test_garbage_is_no_answer (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimProcess) sim =
      sim_process_start ("--address=" ADDRESS_A, "--fault=discovery-garbage", NULL);
  g_autoptr (OakConnector) connector = new_connector (fixture, NULL, ADDRESS_A);
  g_autoptr (GError) error = NULL;

  g_assert_null (oak_connector_open (connector, TRUE, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_UNREACHABLE);
  sim_process_assert_untouched (sim, 0);
}

static void
test_lost_answer_is_asked_for_again (Fixture *fixture, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (SimProcess) sim =
      sim_process_start ("--address=" ADDRESS_A, "--fault=silent-discovery:once", NULL);
  g_autoptr (OakConnector) connector = NULL;
  g_autoptr (GError) error = NULL;

  fixture->timeouts.discovery_answer_ms = 5000 * test_slowdown ();
  connector = new_connector (fixture, NULL, ADDRESS_A);
  g_assert_true (oak_connector_identify (connector, NULL, &error));
  g_assert_no_error (error);
}

static void
test_outside_of_scope_is_never_spoken_to (Fixture *fixture, gconstpointer data)
{
  const char *const outside[] = { "192.168.1.5", "10.99.0.2", "0.0.0.0", "127.255.255.255", "x" };

  for (gsize i = 0; i < G_N_ELEMENTS (outside); i++) {
    g_autoptr (OakConnector) connector = new_connector (fixture, NULL, outside[i]);
    g_autoptr (GError) error = NULL;

    g_assert_false (oak_connector_identify (connector, NULL, &error));
    g_assert_error (error, OAK_ERROR, OAK_ERROR_UNREACHABLE);
  }
}

static void
test_locked_camera_is_busy (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimProcess) sim = sim_process_start ("--address=" ADDRESS_A, "--mxid=" CAMERA_A, NULL);
  g_autoptr (OakConnector) first = new_connector (fixture, NULL, ADDRESS_A);
  g_autoptr (OakConnector) second = new_connector (fixture, NULL, ADDRESS_A);
  g_autoptr (GError) error = NULL;

  g_assert_true (oak_connector_identify (first, NULL, &error));
  g_assert_no_error (error);
  g_assert_null (oak_connector_open (second, TRUE, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_BUSY);
  sim_process_assert_untouched (sim, 0);
  g_clear_error (&error);

  g_clear_pointer (&first, oak_connector_free);
  g_assert_true (oak_connector_identify (second, NULL, &error));
  g_assert_no_error (error);
}

/* H1: the address asked for is silent, another camera answers whatever is broadcast. */
static void
test_silent_address_beside_an_answering_camera (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimProcess) a = sim_process_start ("--address=" ADDRESS_A,
                                                "--mxid=" CAMERA_A,
                                                "--fault=silent-discovery",
                                                NULL);
  g_autoptr (SimProcess) b = sim_process_start ("--address=" ADDRESS_B, "--mxid=" CAMERA_B, NULL);
  const char *const known[] = { CAMERA_A, NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++) {
    g_autoptr (OakConnector) connector = new_connector (fixture, known[i], ADDRESS_A);
    g_autoptr (GError) error = NULL;

    g_assert_null (oak_connector_open (connector, TRUE, NULL, &error));
    g_assert_error (error, OAK_ERROR, OAK_ERROR_UNREACHABLE);
  }
  sim_process_assert_untouched (a, 0);
  sim_process_assert_untouched (b, 0);
}

/* H1: nobody at all is at the address. */
static void
test_empty_address_beside_an_answering_camera (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimProcess) b = sim_process_start ("--address=" ADDRESS_B, "--mxid=" CAMERA_B, NULL);
  g_autoptr (OakConnector) connector = new_connector (fixture, NULL, ADDRESS_A);
  g_autoptr (GError) error = NULL;

  g_assert_null (oak_connector_open (connector, TRUE, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_UNREACHABLE);
  sim_process_assert_untouched (b, 0);
}

/* H1: the address has another owner than the one in the list. */
static void
test_other_id_at_the_address (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimProcess) b = sim_process_start ("--address=" ADDRESS_A, "--mxid=" CAMERA_B, NULL);

  assert_wrong_device (fixture, CAMERA_A, ADDRESS_A);
  sim_process_assert_untouched (b, 0);
}

/* H1: the application of a wrong camera is not stopped either. */
static void
test_application_of_another_camera_goes_on (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimProcess) b =
      sim_process_start ("--address=" ADDRESS_A, "--mxid=" CAMERA_B, "--state=flash-booted", NULL);
  g_autofree char *state = NULL;

  assert_wrong_device (fixture, CAMERA_A, ADDRESS_A);
  sim_process_assert_untouched (b, 0);
  state = sim_process_get_string (b, 0, "state");
  g_assert_cmpstr (state, ==, "flash-booted");
}

/* H1: both ids answer at one address. */
static void
test_two_ids_at_the_address (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimProcess) sim = sim_process_start ("--address=" ADDRESS_A,
                                                  "--mxid=" CAMERA_A,
                                                  "--fault=second-id=" CAMERA_B,
                                                  NULL);

  assert_wrong_device (fixture, CAMERA_A, ADDRESS_A);
  assert_wrong_device (fixture, CAMERA_B, ADDRESS_A);
  assert_wrong_device (fixture, NULL, ADDRESS_A);
  sim_process_assert_untouched (sim, 0);
}

/* H1: the owner of the address changes between the confirmation and the connection. */
static void
test_owner_changes_before_the_connection (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimProcess) a = sim_process_start ("--address=" ADDRESS_A, "--mxid=" CAMERA_A, NULL);
  g_autoptr (SimProcess) b = NULL;
  g_autoptr (OakConnector) connector = new_connector (fixture, CAMERA_A, ADDRESS_A);
  g_autoptr (GError) error = NULL;

  g_assert_true (oak_connector_identify (connector, NULL, &error));
  g_assert_no_error (error);
  g_clear_pointer (&a, sim_process_stop);
  b = sim_process_start ("--address=" ADDRESS_A, "--mxid=" CAMERA_B, NULL);

  g_assert_null (oak_connector_open (connector, TRUE, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_WRONG_DEVICE);
  sim_process_assert_untouched (b, 0);
}

/* H1: the owner of the address changes while a session is open and a person decides. */
static void
test_owner_changes_before_the_first_write (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimProcess) a = sim_process_start ("--address=" ADDRESS_A, "--mxid=" CAMERA_A, NULL);
  g_autoptr (SimProcess) b = NULL;
  g_autoptr (OakConnector) connector = new_connector (fixture, CAMERA_A, ADDRESS_A);
  G_GNUC_UNUSED g_autoptr (OakBootloader) bootloader = open_bootloader (connector);
  g_autoptr (GError) error = NULL;

  g_assert_true (oak_connector_confirm (connector, NULL, &error));
  g_assert_no_error (error);
  g_clear_pointer (&a, sim_process_stop);
  b = sim_process_start ("--address=" ADDRESS_A, "--mxid=" CAMERA_B, NULL);

  g_assert_false (oak_connector_confirm (connector, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_WRONG_DEVICE);
  sim_process_assert_untouched (b, 0);
}

/* H1: a second id is heard only after the session has been opened, once. */
static void
test_other_id_during_the_session (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimProcess) sim = sim_process_start ("--address=" ADDRESS_A,
                                                  "--mxid=" CAMERA_A,
                                                  "--fault=change-id=" CAMERA_B "@2",
                                                  NULL);
  g_autoptr (OakConnector) connector = new_connector (fixture, CAMERA_A, ADDRESS_A);
  G_GNUC_UNUSED g_autoptr (OakBootloader) bootloader = open_bootloader (connector);
  g_autoptr (GError) error = NULL;

  g_assert_false (oak_connector_confirm (connector, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_WRONG_DEVICE);
  g_assert_cmpint (sim_process_get_int (sim, 0, "writes"), ==, 0);
}

/* H1: after a restart somebody else sits at the address. */
static void
test_owner_changes_during_a_restart (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimProcess) a = sim_process_start ("--address=" ADDRESS_A, "--mxid=" CAMERA_A, NULL);
  g_autoptr (SimProcess) b = NULL;
  g_autoptr (OakConnector) connector = NULL;
  g_autoptr (OakBootloader) bootloader = NULL;
  g_autoptr (GError) error = NULL;

  fixture->timeouts.reboot_ms = 1000 * test_slowdown ();
  connector = new_connector (fixture, CAMERA_A, ADDRESS_A);
  bootloader = open_bootloader (connector);
  g_assert_true (oak_bootloader_reset (&bootloader, &error));
  g_clear_pointer (&a, sim_process_stop);
  b = sim_process_start ("--address=" ADDRESS_A, "--mxid=" CAMERA_B, NULL);

  g_assert_null (oak_connector_reopen (connector, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_WRONG_DEVICE);
  sim_process_assert_untouched (b, 0);
}

static void
test_silence_confirms_a_held_session (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimProcess) sim = sim_process_start ("--address=" ADDRESS_A, "--mxid=" CAMERA_A, NULL);
  g_autoptr (OakConnector) connector = new_connector (fixture, CAMERA_A, ADDRESS_A);
  G_GNUC_UNUSED g_autoptr (OakBootloader) bootloader = open_bootloader (connector);
  g_autoptr (GError) error = NULL;

  sim_process_freeze (sim, TRUE);
  g_assert_true (oak_connector_confirm (connector, NULL, &error));
  g_assert_no_error (error);
  sim_process_freeze (sim, FALSE);
}

static void
test_moved_camera_is_followed_by_its_id (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimProcess) before =
      sim_process_start ("--address=" ADDRESS_A, "--mxid=" CAMERA_A, NULL);
  g_autoptr (SimProcess) after = NULL;
  g_autoptr (SimProcess) other =
      sim_process_start ("--address=127.0.0.9", "--mxid=" CAMERA_B, NULL);
  g_autoptr (OakConnector) connector = new_connector (fixture, CAMERA_A, ADDRESS_A);
  g_autoptr (OakBootloader) bootloader = open_bootloader (connector);
  g_autoptr (GError) error = NULL;

  g_assert_true (oak_bootloader_reset (&bootloader, &error));
  g_clear_pointer (&before, sim_process_stop);
  after = sim_process_start ("--address=" ADDRESS_B, "--mxid=" CAMERA_A, NULL);

  bootloader = oak_connector_reopen (connector, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oak_device_info_get_address (oak_connector_get_info (connector)), ==, ADDRESS_B);
  g_assert_cmpint (sim_process_get_int (after, 0, "connections"), ==, 1);
  sim_process_assert_untouched (other, 0);
}

static void
test_refused_connection_is_unreachable (Fixture *fixture, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (SimProcess) sim =
      sim_process_start ("--address=" ADDRESS_A, "--fault=refuse-connect", NULL);
  g_autoptr (OakConnector) connector = new_connector (fixture, NULL, ADDRESS_A);
  g_autoptr (GError) error = NULL;

  g_assert_null (oak_connector_open (connector, TRUE, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_UNREACHABLE);
}

static void
test_camera_that_never_comes_back_times_out (Fixture *fixture, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (SimProcess) sim = sim_process_start ("--address=" ADDRESS_A,
                                                                "--state=flash-booted",
                                                                "--fault=never-reboots",
                                                                NULL);
  g_autoptr (OakConnector) connector = NULL;
  g_autoptr (GError) error = NULL;

  fixture->timeouts.reboot_ms = 700;
  connector = new_connector (fixture, NULL, ADDRESS_A);
  g_assert_null (oak_connector_open (connector, TRUE, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_TIMED_OUT);
}

static void
count_tick (int left_ms, gpointer user_data)
{
  guint *n_ticks = user_data;

  g_assert_cmpint (left_ms, >=, 0);
  (*n_ticks)++;
}

static void
test_wait_ends_with_the_wanted_state (Fixture *fixture, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (SimProcess) sim =
      sim_process_start ("--address=" ADDRESS_A, "--mxid=" CAMERA_A, "--reboot-ms=700", NULL);
  g_autoptr (OakConnector) connector = new_connector (fixture, CAMERA_A, ADDRESS_A);
  g_autoptr (OakBootloader) bootloader = open_bootloader (connector);
  OakDeviceState state = OAK_DEVICE_STATE_UNKNOWN;
  g_autoptr (GError) error = NULL;
  guint n_ticks = 0;

  g_assert_true (oak_bootloader_reset (&bootloader, &error));
  g_assert_true (oak_connector_wait_for_state (connector,
                                               1u << OAK_DEVICE_STATE_BOOTLOADER,
                                               20000 * test_slowdown (),
                                               count_tick,
                                               &n_ticks,
                                               &state,
                                               NULL,
                                               &error));
  g_assert_no_error (error);
  g_assert_cmpint (state, ==, OAK_DEVICE_STATE_BOOTLOADER);
  g_assert_cmpuint (n_ticks, >=, 4);
}

static void
test_wait_tells_the_last_state (Fixture *fixture, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (SimProcess) sim =
      sim_process_start ("--address=" ADDRESS_A, "--mxid=" CAMERA_A, "--reboot-ms=50", NULL);
  g_autoptr (OakConnector) connector = new_connector (fixture, CAMERA_A, ADDRESS_A);
  g_autoptr (OakBootloader) bootloader = open_bootloader (connector);
  OakDeviceState state = OAK_DEVICE_STATE_UNKNOWN;
  g_autoptr (GError) error = NULL;

  g_assert_true (oak_bootloader_reset (&bootloader, &error));
  g_assert_false (oak_connector_wait_for_state (connector,
                                                1u << OAK_DEVICE_STATE_FLASH_BOOTED,
                                                1000,
                                                NULL,
                                                NULL,
                                                &state,
                                                NULL,
                                                &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_TIMED_OUT);
  g_assert_cmpint (state, ==, OAK_DEVICE_STATE_BOOTLOADER);
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (150 * 1000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
test_waiting_can_be_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (OakConnector) connector = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread;

  fixture->timeouts.discovery_answer_ms = G_MAXINT;
  connector = new_connector (fixture, NULL, ADDRESS_A);
  thread = g_thread_new ("cancel", cancel_soon, cancellable);
  g_assert_false (oak_connector_identify (connector, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
}

#define add(name, function)                                                                        \
  g_test_add ("/device/connector/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  test_device_main_begin ();
  add ("first-answer-confirms-the-id", test_first_answer_confirms_the_id);
  add ("opens-from-bootloader", test_opens_from_bootloader);
  add ("running-application-needs-consent", test_running_application_needs_consent);
  add ("application-that-starts-meanwhile-is-stopped", test_application_that_starts_meanwhile);
  add ("silence-is-unreachable", test_silence_is_unreachable);
  add ("garbage-is-no-answer", test_garbage_is_no_answer);
  add ("lost-answer-is-asked-for-again", test_lost_answer_is_asked_for_again);
  add ("outside-of-scope-is-never-spoken-to", test_outside_of_scope_is_never_spoken_to);
  add ("locked-camera-is-busy", test_locked_camera_is_busy);
  add ("h1/silent-address-beside-an-answering-camera",
       test_silent_address_beside_an_answering_camera);
  add ("h1/empty-address-beside-an-answering-camera",
       test_empty_address_beside_an_answering_camera);
  add ("h1/other-id-at-the-address", test_other_id_at_the_address);
  add ("h1/application-of-another-camera-goes-on", test_application_of_another_camera_goes_on);
  add ("h1/two-ids-at-the-address", test_two_ids_at_the_address);
  add ("h1/owner-changes-before-the-connection", test_owner_changes_before_the_connection);
  add ("h1/owner-changes-before-the-first-write", test_owner_changes_before_the_first_write);
  add ("h1/other-id-during-the-session", test_other_id_during_the_session);
  add ("h1/owner-changes-during-a-restart", test_owner_changes_during_a_restart);
  add ("silence-confirms-a-held-session", test_silence_confirms_a_held_session);
  add ("moved-camera-is-followed-by-its-id", test_moved_camera_is_followed_by_its_id);
  add ("refused-connection-is-unreachable", test_refused_connection_is_unreachable);
  add ("camera-that-never-comes-back-times-out", test_camera_that_never_comes_back_times_out);
  add ("wait-ends-with-the-wanted-state", test_wait_ends_with_the_wanted_state);
  add ("wait-tells-the-last-state", test_wait_tells_the_last_state);
  add ("waiting-can-be-cancelled", test_waiting_can_be_cancelled);
  result = g_test_run ();
  test_device_main_end ();
  return result;
}
