/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-config.h"
#include "oak-discovery-datagram.h"
#include "oak-flash-map.h"
#include "sim-board.h"
#include "sim-flash.h"
#include "sim-host.h"
#include "sim-image.h"

/* A camera over time: reset, bootloader, application, discovery. In process, on a virtual clock. */

static void
test_answers_discovery_with_its_state (void)
{
  g_auto (SimHost) host = { 0 };
  char mxid[OAK_MXID_FIELD_SIZE + 1];

  sim_host_start_with_application (&host, 1000, NULL);
  g_assert_cmpuint (sim_host_discover (&host, mxid), ==, OAK_DEVICE_STATE_BOOTLOADER);
  g_assert_cmpstr (mxid, ==, SIM_HOST_MXID);
  sim_host_wait_ms (&host, 1001);
  g_assert_cmpuint (sim_host_discover (&host, NULL), ==, OAK_DEVICE_STATE_FLASH_BOOTED);
  g_assert_false (sim_camera_wants_connection (host.camera));
}

static void
test_reset_is_silent_and_comes_back (void)
{
  g_auto (SimHost) host = { 0 };

  sim_host_start_plain (&host, NULL);
  sim_host_open (&host);
  g_assert_cmpuint (sim_host_ask_version (&host), ==, 28);
  sim_host_send_event (&host, OAK_XLINK_EVENT_RESET_REQ, "", 0, 0);
  g_assert_cmpuint (host.n_responses[OAK_XLINK_EVENT_RESET_RESP], ==, 1);
  g_assert_true (sim_host_is_over (&host));
  sim_host_close (&host);
  g_assert_cmpuint (sim_host_discover (&host, NULL), ==, 0);
  g_assert_false (sim_camera_wants_connection (host.camera));
  sim_host_wait_ms (&host, SIM_HOST_REBOOT_MS + 1);
  g_assert_cmpuint (sim_host_discover (&host, NULL), ==, OAK_DEVICE_STATE_BOOTLOADER);
  sim_host_open (&host);
  g_assert_cmpuint (sim_host_ask_version (&host), ==, 28);
}

static void
test_one_host_at_a_time (void)
{
  g_auto (SimHost) host = { 0 };

  sim_host_start_plain (&host, NULL);
  g_assert_true (sim_camera_wants_connection (host.camera));
  sim_host_open (&host);
  g_assert_false (sim_camera_wants_connection (host.camera));
}

/* bootloader.md §2: UDP word 3 stops the application, and the bootloader then waits for its host.
 */
static void
test_udp_reset_stops_the_application (void)
{
  g_auto (SimHost) host = { 0 };

  sim_host_start_with_application (&host, 200, NULL);
  sim_host_wait_ms (&host, 300);
  sim_host_assert_state (&host, SIM_CAMERA_FLASH_BOOTED);
  sim_host_send_udp_reset (&host);
  sim_host_assert_state (&host, SIM_CAMERA_REBOOTING);
  sim_host_wait_ms (&host, SIM_HOST_REBOOT_MS + SIM_BOOTLOADER_HOLD_MS - 100);
  sim_host_assert_state (&host, SIM_CAMERA_BOOTLOADER);
  sim_host_wait_ms (&host, 200);
  sim_host_assert_state (&host, SIM_CAMERA_FLASH_BOOTED);
}

/* bootloader.md §9.1: 30 s on a network, 3 s on USB, unless configured otherwise. */
static void
test_application_waits_as_configured (void)
{
  static const struct {
    OakBootloaderType type;
    const char *config;
    gint64 wait_ms; /* -1: for ever */
  } rows[] = {
    { OAK_BOOTLOADER_TYPE_NETWORK, NULL, 30000 },
    { OAK_BOOTLOADER_TYPE_USB, NULL, 3000 },
    { OAK_BOOTLOADER_TYPE_NETWORK, "{\"network\":{\"timeoutMs\":700}}", 700 },
    { OAK_BOOTLOADER_TYPE_USB, "{\"usb\":{\"timeoutMs\":0}}", 0 },
    { OAK_BOOTLOADER_TYPE_NETWORK, "{\"network\":{\"timeoutMs\":-1}}", -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (SimHost) host = { 0 };
    SimBoardOptions options;
    SimBoard *board;

    sim_host_default_options (&options);
    options.type = rows[i].type;
    board = sim_host_make_board (&options, NULL);
    sim_board_prepare_application (board, rows[i].type);
    if (rows[i].config != NULL) {
      g_autoptr (OakConfig) config = oak_config_new_from_text (rows[i].config, NULL);
      g_autoptr (GBytes) document = oak_config_to_bson (config, NULL);
      OakFlashRange range;

      g_assert_true (oak_flash_map_get (rows[i].type, OAK_SECTION_BOOTLOADER_CONFIG, &range));
      sim_flash_put (board->nor,
                     range.start,
                     g_bytes_get_data (document, NULL),
                     g_bytes_get_size (document));
    }
    sim_host_start (&host, board);
    if (rows[i].wait_ms > 0) {
      sim_host_wait_ms (&host, rows[i].wait_ms - 1);
      sim_host_assert_state (&host, SIM_CAMERA_BOOTLOADER);
    }
    sim_host_wait_ms (&host, rows[i].wait_ms < 0 ? 3600 * 1000 : 2);
    sim_host_assert_state (&host,
                           rows[i].wait_ms < 0 ? SIM_CAMERA_BOOTLOADER : SIM_CAMERA_FLASH_BOOTED);
  }
}

static void
test_session_keeps_the_application_from_starting (void)
{
  g_auto (SimHost) host = { 0 };

  sim_host_start_with_application (&host, 500, NULL);
  sim_host_open (&host);
  sim_host_wait_ms (&host, 20000);
  sim_host_assert_state (&host, SIM_CAMERA_BOOTLOADER);
  g_assert_cmpuint (sim_host_ask_version (&host), ==, 28);
  sim_host_reset (&host);
  sim_host_wait_ms (&host, SIM_HOST_REBOOT_MS + 501);
  sim_host_assert_state (&host, SIM_CAMERA_FLASH_BOOTED);
}

static void
test_silence_resets_after_the_watchdog_time (void)
{
  g_auto (SimHost) host = { 0 };

  sim_host_start_plain (&host, NULL);
  sim_host_open (&host);
  sim_host_wait_ms (&host, 5000);
  g_assert_false (sim_host_is_over (&host));
  host.keeps_alive = FALSE;
  sim_host_send_packet (&host, SIM_HOST_WATCHDOG_ID, "\0\0\0", 4);
  sim_host_wait_ms (&host, OAK_BOOTLOADER_WATCHDOG_MS - 1);
  g_assert_false (sim_host_is_over (&host));
  sim_host_wait_ms (&host, 2);
  g_assert_true (sim_host_is_over (&host));
  g_assert_cmpuint (sim_camera_get_board (host.camera)->stats.resets, ==, 1);
}

static void
test_a_host_that_never_pings_is_dropped (void)
{
  g_auto (SimHost) host = { 0 };

  sim_host_start_plain (&host, NULL);
  host.keeps_alive = FALSE;
  sim_host_open (&host);
  sim_host_wait_ms (&host, SIM_WATCHDOG_GRACE_MS - 1);
  g_assert_false (sim_host_is_over (&host));
  sim_host_wait_ms (&host, 2);
  g_assert_true (sim_host_is_over (&host));
}

static void
test_reset_word_resets (void)
{
  g_auto (SimHost) host = { 0 };

  sim_host_start_plain (&host, NULL);
  sim_host_open (&host);
  sim_host_send_packet (&host, SIM_HOST_WATCHDOG_ID, "\1\0\0", 4);
  g_assert_true (sim_host_is_over (&host));
  sim_host_assert_state (&host, SIM_CAMERA_REBOOTING);
}

/* The host is gone without RESET: the watchdog ends the bootloader, which takes no other host
 * meanwhile. */
static void
test_lost_link_ends_in_a_reset (void)
{
  g_auto (SimHost) host = { 0 };

  sim_host_start_plain (&host, NULL);
  sim_host_open (&host);
  sim_host_close (&host);
  sim_host_assert_state (&host, SIM_CAMERA_BOOTLOADER);
  g_assert_false (sim_camera_wants_connection (host.camera));
  sim_host_wait_ms (&host, OAK_BOOTLOADER_WATCHDOG_MS + 1);
  sim_host_assert_state (&host, SIM_CAMERA_REBOOTING);
  sim_host_wait_ms (&host, SIM_HOST_REBOOT_MS);
  g_assert_true (sim_camera_wants_connection (host.camera));
}

static void
boot_image (SimHost *host, GBytes *image)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_BOOT_MEMORY };

  request.boot_memory.total_size = (guint32) g_bytes_get_size (image);
  request.boot_memory.n_packets = oak_bootloader_count_packets (request.boot_memory.total_size);
  sim_host_send_request (host, &request);
  sim_host_send_packet (host, SIM_HOST_WATCHDOG_ID, "\1\0\0", 4);
  g_assert_false (sim_host_is_over (host));
  sim_host_send_packet (host,
                        SIM_HOST_BOOTLOADER_ID,
                        g_bytes_get_data (image, NULL),
                        g_bytes_get_size (image));
  g_assert_true (sim_host_is_over (host));
  sim_host_close (host);
  sim_host_wait_ms (host, SIM_HOST_REBOOT_MS + 1);
}

/* bootloader.md §3.4, and back to the flash's own with the next reset. */
static void
test_boot_memory_runs_the_image_until_reset (void)
{
  g_auto (SimHost) host = { 0 };
  g_autoptr (GBytes) image =
      sim_image_make (OAK_BOOTLOADER_TYPE_USB, OAK_VERSION (0, 0, 26), 100000);

  sim_host_start_plain (&host, NULL);
  sim_host_open (&host);
  boot_image (&host, image);
  g_assert_cmpuint (sim_camera_get_board (host.camera)->stats.resets, ==, 0);
  g_assert_cmpint (sim_camera_get_bootloader_type (host.camera), ==, OAK_BOOTLOADER_TYPE_USB);
  sim_host_open (&host);
  g_assert_cmpuint (sim_host_ask_version (&host), ==, 26);
  sim_host_reset (&host);
  sim_host_wait_ms (&host, SIM_HOST_REBOOT_MS + 1);
  sim_host_open (&host);
  g_assert_cmpuint (sim_host_ask_version (&host), ==, 28);
}

static void
test_damaged_image_in_memory_hangs (void)
{
  g_auto (SimHost) host = { 0 };
  g_autoptr (GBytes) image =
      sim_image_make (OAK_BOOTLOADER_TYPE_NETWORK, OAK_VERSION (0, 0, 26), 100000);
  g_autoptr (GBytes) torn = g_bytes_new_from_bytes (image, 0, 99999);

  sim_host_start_plain (&host, NULL);
  sim_host_open (&host);
  boot_image (&host, torn);
  sim_host_assert_state (&host, SIM_CAMERA_BRICKED);
  g_assert_cmpuint (sim_host_discover (&host, NULL), ==, 0);
  sim_camera_power_cycle (host.camera, host.now_us);
  sim_host_wait_ms (&host, SIM_HOST_REBOOT_MS + 1);
  sim_host_assert_state (&host, SIM_CAMERA_BOOTLOADER);
}

static void
test_fault_never_reboots (void)
{
  g_auto (SimHost) host = { 0 };

  sim_host_start_plain (&host, "never-reboots");
  sim_host_open (&host);
  sim_host_reset (&host);
  sim_host_wait_ms (&host, 3600 * 1000);
  g_assert_cmpuint (sim_host_discover (&host, NULL), ==, 0);
}

static void
test_fault_no_start (void)
{
  g_auto (SimHost) host = { 0 };

  sim_host_start_with_application (&host, 100, "no-start");
  sim_host_wait_ms (&host, 10000);
  sim_host_assert_state (&host, SIM_CAMERA_BOOTLOADER);
}

static void
test_fault_silent_discovery (void)
{
  g_auto (SimHost) host = { 0 };

  sim_host_start_plain (&host, "silent-discovery:once");
  g_assert_cmpuint (sim_host_discover (&host, NULL), ==, 0);
  g_assert_cmpuint (sim_host_discover (&host, NULL), ==, OAK_DEVICE_STATE_BOOTLOADER);
}

static void
test_fault_discovery_garbage (void)
{
  g_auto (SimHost) host = { 0 };

  sim_host_start_plain (&host, "discovery-garbage");
  g_assert_cmpuint (sim_host_discover (&host, NULL), ==, 0);
}

static void
test_fault_change_id (void)
{
  g_auto (SimHost) host = { 0 };
  char mxid[OAK_MXID_FIELD_SIZE + 1];

  sim_host_start_plain (&host, "change-id=18443010FFFFFFFF00@2");
  for (guint i = 0; i < 4; i++) {
    g_assert_cmpuint (sim_host_discover (&host, mxid), !=, 0);
    g_assert_cmpstr (mxid, ==, i < 2 ? SIM_HOST_MXID : "18443010FFFFFFFF00");
  }
}

static void
test_fault_second_id (void)
{
  g_autoptr (GPtrArray) replies = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_auto (SimHost) host = { 0 };

  sim_host_start_plain (&host, "second-id=18443010FFFFFFFF00");
  sim_camera_handle_datagram (host.camera, "\1\0\0", 4, replies, host.now_us);
  g_assert_cmpuint (replies->len, ==, 2);
  g_assert_cmpint (
      memcmp ((const guint8 *) g_bytes_get_data (replies->pdata[0], NULL) + 4, SIM_HOST_MXID, 18),
      ==,
      0);
  g_assert_cmpint (memcmp ((const guint8 *) g_bytes_get_data (replies->pdata[1], NULL) + 4,
                           "18443010FFFFFFFF00",
                           18),
                   ==,
                   0);
}

static void
test_fault_refuse_connect (void)
{
  g_auto (SimHost) host = { 0 };

  sim_host_start_plain (&host, "refuse-connect");
  g_assert_false (sim_camera_wants_connection (host.camera));
}

static void
test_fault_close_on_accept (void)
{
  g_auto (SimHost) host = { 0 };

  sim_host_start_plain (&host, "close-on-accept:once");
  sim_host_connect (&host);
  g_assert_null (host.session);
  g_assert_cmpuint (sim_camera_get_board (host.camera)->stats.connections, ==, 1);
  sim_host_open (&host);
  g_assert_nonnull (host.session);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(claim, function) g_test_add_func ("/sim/camera/" claim, function)
  ADD ("answers-discovery-with-its-state", test_answers_discovery_with_its_state);
  ADD ("reset-is-silent-and-comes-back", test_reset_is_silent_and_comes_back);
  ADD ("one-host-at-a-time", test_one_host_at_a_time);
  ADD ("udp-reset-stops-the-application", test_udp_reset_stops_the_application);
  ADD ("application-waits-as-configured", test_application_waits_as_configured);
  ADD ("session-keeps-the-application-from-starting",
       test_session_keeps_the_application_from_starting);
  ADD ("silence-resets-after-the-watchdog-time", test_silence_resets_after_the_watchdog_time);
  ADD ("a-host-that-never-pings-is-dropped", test_a_host_that_never_pings_is_dropped);
  ADD ("reset-word-resets", test_reset_word_resets);
  ADD ("lost-link-ends-in-a-reset", test_lost_link_ends_in_a_reset);
  ADD ("boot-memory-runs-the-image-until-reset", test_boot_memory_runs_the_image_until_reset);
  ADD ("damaged-image-in-memory-hangs", test_damaged_image_in_memory_hangs);
  ADD ("fault/never-reboots", test_fault_never_reboots);
  ADD ("fault/no-start", test_fault_no_start);
  ADD ("fault/silent-discovery", test_fault_silent_discovery);
  ADD ("fault/discovery-garbage", test_fault_discovery_garbage);
  ADD ("fault/change-id", test_fault_change_id);
  ADD ("fault/second-id", test_fault_second_id);
  ADD ("fault/refuse-connect", test_fault_refuse_connect);
  ADD ("fault/close-on-accept", test_fault_close_on_accept);
#undef ADD
  return g_test_run ();
}
