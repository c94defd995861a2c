/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-config.h"
#include "oak-discovery-datagram.h"
#include "oak-flash-map.h"
#include "sim-board.h"
#include "sim-faults.h"
#include "sim-flash.h"
#include "sim-host.h"
#include "sim-image.h"

/* A camera over time: reset, bootloader, application, and what unfinished work does to it. In
 * process, on a virtual clock. */

#define CAMERA_MXID      "14442C10D1234567D0"
#define CAMERA_REBOOT_MS 300
#define APPLICATION      0x800000
#define FIRMWARE         (APPLICATION + 0x200)

static void
default_options (SimBoardOptions *options)
{
  sim_board_options_init (options);
  options->flash_size = 16 * OAK_MIB;
}

static SimBoard *
make_board (const SimBoardOptions *options, const char *fault)
{
  SimFaults *faults = sim_faults_new ();
  SimBoard *board;

  if (fault != NULL)
    g_assert_true (sim_faults_add (faults, fault, NULL));
  board = sim_board_new (options, faults);
  sim_board_prepare_bootloader (board);
  return board;
}

static void
start (SimHost *host, SimBoard *board)
{
  SimCameraOptions options = { CAMERA_MXID, CAMERA_REBOOT_MS, OAK_BOOTLOADER_WATCHDOG_MS };

  sim_host_init (host, sim_camera_new (&options, board, G_USEC_PER_SEC));
}

/* A camera with a whole application in its flash, which starts after @wait_ms. */
static void
start_with_application (SimHost *host, int wait_ms, const char *fault)
{
  SimBoardOptions options;
  SimBoard *board;

  default_options (&options);
  options.has_boot_wait = TRUE;
  options.boot_wait_ms = wait_ms;
  board = make_board (&options, fault);
  sim_board_prepare_application (board, OAK_BOOTLOADER_TYPE_NETWORK);
  start (host, board);
}

static void
start_plain (SimHost *host, const char *fault)
{
  SimBoardOptions options;

  default_options (&options);
  start (host, make_board (&options, fault));
}

static SimFlash *
nor_of (SimHost *host)
{
  return sim_camera_get_board (host->camera)->nor;
}

static void
assert_state (SimHost *host, SimCameraState state)
{
  g_assert_cmpstr (sim_camera_state_to_string (sim_camera_get_state (host->camera)),
                   ==,
                   sim_camera_state_to_string (state));
}

static void
test_answers_discovery_with_its_state (void)
{
  g_auto (SimHost) host = { 0 };
  char mxid[OAK_MXID_FIELD_SIZE + 1];

  start_with_application (&host, 1000, NULL);
  g_assert_cmpuint (sim_host_discover (&host, mxid), ==, OAK_DEVICE_STATE_BOOTLOADER);
  g_assert_cmpstr (mxid, ==, CAMERA_MXID);
  sim_host_wait_ms (&host, 1001);
  g_assert_cmpuint (sim_host_discover (&host, NULL), ==, OAK_DEVICE_STATE_FLASH_BOOTED);
  g_assert_false (sim_camera_wants_connection (host.camera));
}

static void
test_reset_is_silent_and_comes_back (void)
{
  g_auto (SimHost) host = { 0 };

  start_plain (&host, NULL);
  sim_host_open (&host);
  g_assert_cmpuint (sim_host_ask_version (&host), ==, 28);
  sim_host_send_event (&host, OAK_XLINK_EVENT_RESET_REQ, "", 0, 0);
  g_assert_cmpuint (host.n_responses[OAK_XLINK_EVENT_RESET_RESP], ==, 1);
  g_assert_true (sim_host_is_over (&host));
  sim_host_close (&host);
  g_assert_cmpuint (sim_host_discover (&host, NULL), ==, 0);
  g_assert_false (sim_camera_wants_connection (host.camera));
  sim_host_wait_ms (&host, CAMERA_REBOOT_MS + 1);
  g_assert_cmpuint (sim_host_discover (&host, NULL), ==, OAK_DEVICE_STATE_BOOTLOADER);
  sim_host_open (&host);
  g_assert_cmpuint (sim_host_ask_version (&host), ==, 28);
}

static void
test_one_host_at_a_time (void)
{
  g_auto (SimHost) host = { 0 };

  start_plain (&host, NULL);
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

  start_with_application (&host, 200, NULL);
  sim_host_wait_ms (&host, 300);
  assert_state (&host, SIM_CAMERA_FLASH_BOOTED);
  sim_host_send_udp_reset (&host);
  assert_state (&host, SIM_CAMERA_REBOOTING);
  sim_host_wait_ms (&host, CAMERA_REBOOT_MS + SIM_BOOTLOADER_HOLD_MS - 100);
  assert_state (&host, SIM_CAMERA_BOOTLOADER);
  sim_host_wait_ms (&host, 200);
  assert_state (&host, SIM_CAMERA_FLASH_BOOTED);
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

    default_options (&options);
    options.type = rows[i].type;
    board = make_board (&options, NULL);
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
    start (&host, board);
    if (rows[i].wait_ms > 0) {
      sim_host_wait_ms (&host, rows[i].wait_ms - 1);
      assert_state (&host, SIM_CAMERA_BOOTLOADER);
    }
    sim_host_wait_ms (&host, rows[i].wait_ms < 0 ? 3600 * 1000 : 2);
    assert_state (&host, rows[i].wait_ms < 0 ? SIM_CAMERA_BOOTLOADER : SIM_CAMERA_FLASH_BOOTED);
  }
}

static void
test_session_keeps_the_application_from_starting (void)
{
  g_auto (SimHost) host = { 0 };

  start_with_application (&host, 500, NULL);
  sim_host_open (&host);
  sim_host_wait_ms (&host, 20000);
  assert_state (&host, SIM_CAMERA_BOOTLOADER);
  g_assert_cmpuint (sim_host_ask_version (&host), ==, 28);
  sim_host_reset (&host);
  sim_host_wait_ms (&host, CAMERA_REBOOT_MS + 501);
  assert_state (&host, SIM_CAMERA_FLASH_BOOTED);
}

static void
test_silence_resets_after_the_watchdog_time (void)
{
  g_auto (SimHost) host = { 0 };

  start_plain (&host, NULL);
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

  start_plain (&host, NULL);
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

  start_plain (&host, NULL);
  sim_host_open (&host);
  sim_host_send_packet (&host, SIM_HOST_WATCHDOG_ID, "\1\0\0", 4);
  g_assert_true (sim_host_is_over (&host));
  assert_state (&host, SIM_CAMERA_REBOOTING);
}

/* The host is gone without RESET: the watchdog ends the bootloader, which takes no other host
 * meanwhile. */
static void
test_lost_link_ends_in_a_reset (void)
{
  g_auto (SimHost) host = { 0 };

  start_plain (&host, NULL);
  sim_host_open (&host);
  sim_host_close (&host);
  assert_state (&host, SIM_CAMERA_BOOTLOADER);
  g_assert_false (sim_camera_wants_connection (host.camera));
  sim_host_wait_ms (&host, OAK_BOOTLOADER_WATCHDOG_MS + 1);
  assert_state (&host, SIM_CAMERA_REBOOTING);
  sim_host_wait_ms (&host, CAMERA_REBOOT_MS);
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
  sim_host_wait_ms (host, CAMERA_REBOOT_MS + 1);
}

/* bootloader.md §3.4, and back to the flash's own with the next reset. */
static void
test_boot_memory_runs_the_image_until_reset (void)
{
  g_auto (SimHost) host = { 0 };
  g_autoptr (GBytes) image =
      sim_image_make (OAK_BOOTLOADER_TYPE_USB, OAK_VERSION (0, 0, 26), 100000);

  start_plain (&host, NULL);
  sim_host_open (&host);
  boot_image (&host, image);
  g_assert_cmpuint (sim_camera_get_board (host.camera)->stats.resets, ==, 0);
  g_assert_cmpint (sim_camera_get_bootloader_type (host.camera), ==, OAK_BOOTLOADER_TYPE_USB);
  sim_host_open (&host);
  g_assert_cmpuint (sim_host_ask_version (&host), ==, 26);
  sim_host_reset (&host);
  sim_host_wait_ms (&host, CAMERA_REBOOT_MS + 1);
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

  start_plain (&host, NULL);
  sim_host_open (&host);
  boot_image (&host, torn);
  assert_state (&host, SIM_CAMERA_BRICKED);
  g_assert_cmpuint (sim_host_discover (&host, NULL), ==, 0);
  sim_camera_power_cycle (host.camera, host.now_us);
  sim_host_wait_ms (&host, CAMERA_REBOOT_MS + 1);
  assert_state (&host, SIM_CAMERA_BOOTLOADER);
}

/* One byte of the firmware, or of a section behind it, is not what the table promises. */
static void
test_torn_application_bricks (gconstpointer data)
{
  gsize offset = GPOINTER_TO_SIZE (data);
  g_auto (SimHost) host = { 0 };
  guint8 byte;

  start_with_application (&host, 100, NULL);
  byte = sim_flash_get_data (nor_of (&host))[offset] ^ 1;
  sim_flash_put (nor_of (&host), offset, &byte, 1);
  g_assert_cmpuint (sim_host_discover (&host, NULL), ==, OAK_DEVICE_STATE_BOOTLOADER);
  sim_host_wait_ms (&host, 101);
  assert_state (&host, SIM_CAMERA_BRICKED);
  g_assert_cmpuint (sim_host_discover (&host, NULL), ==, 0);
  g_assert_false (sim_camera_wants_connection (host.camera));
  sim_host_wait_ms (&host, 3600 * 1000);
  assert_state (&host, SIM_CAMERA_BRICKED);
}

/* Without the flag that tells the bootloader to ignore the checksum it refuses, and still answers.
 */
static void
test_checked_torn_application_does_not_start (void)
{
  g_auto (SimHost) host = { 0 };
  guint8 flags = 1;
  guint8 byte = 0;

  start_with_application (&host, 100, NULL);
  sim_flash_put (nor_of (&host), APPLICATION + 2 + 29, &flags, 1);
  sim_flash_put (nor_of (&host), FIRMWARE + 100, &byte, 1);
  sim_host_wait_ms (&host, 10000);
  assert_state (&host, SIM_CAMERA_BOOTLOADER);
  g_assert_true (sim_camera_wants_connection (host.camera));
}

static void
test_cleared_application_does_not_start (void)
{
  g_auto (SimHost) host = { 0 };
  guint8 blank[512];

  memset (blank, 0xff, sizeof blank);
  start_with_application (&host, 100, NULL);
  sim_host_open (&host);
  sim_host_send_write (&host, APPLICATION, blank, sizeof blank);
  g_assert_cmpint (sim_host_wait_for_write (&host), ==, 1);
  sim_host_reset (&host);
  sim_host_wait_ms (&host, 60000);
  assert_state (&host, SIM_CAMERA_BOOTLOADER);
}

/* RESET while the flash is being programmed: what has been written so far stays, and is torn. */
static void
test_reset_while_writing_tears (void)
{
  g_auto (SimHost) host = { 0 };
  g_autofree guint8 *package = g_malloc (4 * OAK_MIB);
  SimBoardOptions options;
  SimBoard *board;

  default_options (&options);
  options.write_kbps = 1000;
  options.has_boot_wait = TRUE;
  options.boot_wait_ms = 100;
  board = make_board (&options, NULL);
  sim_board_prepare_application (board, OAK_BOOTLOADER_TYPE_NETWORK);
  memset (package, 0x5a, 4 * OAK_MIB);
  memcpy (package, sim_flash_get_data (board->nor) + APPLICATION, 512);
  start (&host, board);
  sim_host_open (&host);
  sim_host_send_write (&host, APPLICATION, package, 4 * OAK_MIB);
  sim_host_wait_ms (&host, 1000);
  sim_host_reset (&host);
  g_assert_true (sim_flash_is_blank (nor_of (&host), APPLICATION + 3 * OAK_MIB, OAK_MIB));
  g_assert_cmpuint (sim_camera_get_board (host.camera)->stats.bytes_written, <, 3 * OAK_MIB);
  g_assert_cmpuint (sim_camera_get_board (host.camera)->stats.bytes_written, >, OAK_MIB / 2);
  sim_host_wait_ms (&host, CAMERA_REBOOT_MS + 101);
  assert_state (&host, SIM_CAMERA_BRICKED);
}

static gboolean
cut_at_tenth (const SimFlashStep *step, gpointer user_data)
{
  return step->index != *(guint64 *) user_data;
}

static void
test_power_cut_ends_the_session (void)
{
  g_auto (SimHost) host = { 0 };
  g_autofree guint8 *bytes = g_malloc0 (OAK_MIB);
  guint64 at;

  start_plain (&host, NULL);
  at = sim_flash_get_n_steps (nor_of (&host)) + 9;
  sim_flash_set_step_func (nor_of (&host), cut_at_tenth, &at);
  sim_host_open (&host);
  sim_host_send_write (&host, 0x900000, bytes, OAK_MIB);
  sim_host_wait_ms (&host, 10);
  g_assert_true (sim_host_is_over (&host));
  g_assert_cmpuint (g_queue_get_length (&host.packets), ==, 0);
  sim_host_close (&host);
  sim_host_wait_ms (&host, CAMERA_REBOOT_MS + 1);
  sim_host_open (&host);
  sim_host_send_write (&host, 0x900000, bytes, OAK_MIB);
  g_assert_cmpint (sim_host_wait_for_write (&host), ==, 1);
}

static void
test_torn_factory_bootloader_bricks (void)
{
  g_auto (SimHost) host = { 0 };
  g_autoptr (GBytes) image =
      sim_image_make (OAK_BOOTLOADER_TYPE_NETWORK, OAK_VERSION (0, 0, 29), 100000);

  start_plain (&host, NULL);
  sim_host_open (&host);
  sim_host_send_write (&host, 0x200, g_bytes_get_data (image, NULL), 50000);
  g_assert_cmpint (sim_host_wait_for_write (&host), ==, 1);
  sim_host_reset (&host);
  sim_host_wait_ms (&host, CAMERA_REBOOT_MS + 1);
  assert_state (&host, SIM_CAMERA_BRICKED);
}

static void
test_new_factory_bootloader_runs (void)
{
  g_auto (SimHost) host = { 0 };
  g_autoptr (GBytes) image =
      sim_image_make (OAK_BOOTLOADER_TYPE_NETWORK, OAK_VERSION (0, 0, 29), 100000);

  start_plain (&host, NULL);
  sim_host_open (&host);
  sim_host_send_write (&host, 0x200, g_bytes_get_data (image, NULL), 100000);
  g_assert_cmpint (sim_host_wait_for_write (&host), ==, 1);
  sim_host_reset (&host);
  sim_host_wait_ms (&host, CAMERA_REBOOT_MS + 1);
  sim_host_open (&host);
  g_assert_cmpuint (sim_host_ask_version (&host), ==, 29);
}

/* An image that cannot be judged runs when its write ended, and hangs when it was cut. */
static void
test_foreign_factory_bootloader_runs_when_complete (void)
{
  g_autofree guint8 *bytes = g_malloc (2 * OAK_MIB);

  memset (bytes, 0x42, 2 * OAK_MIB);
  for (guint cut = 0; cut < 2; cut++) {
    g_auto (SimHost) host = { 0 };
    SimBoardOptions options;

    default_options (&options);
    options.write_kbps = 1000;
    start (&host, make_board (&options, NULL));
    sim_host_open (&host);
    sim_host_send_write (&host, 0x200, bytes, 2 * OAK_MIB);
    sim_host_wait_ms (&host, cut ? 1000 : 5000);
    sim_host_reset (&host);
    sim_host_wait_ms (&host, CAMERA_REBOOT_MS + 1);
    assert_state (&host, cut ? SIM_CAMERA_BRICKED : SIM_CAMERA_BOOTLOADER);
  }
}

/* bootloader.md §1: it is started while size and checksum match; else the factory one answers. */
static void
test_user_bootloader_runs_while_it_matches (void)
{
  g_auto (SimHost) host = { 0 };
  SimBoardOptions options;
  guint8 byte = 0;

  default_options (&options);
  options.has_user_bootloader = TRUE;
  options.user_bootloader = OAK_VERSION (0, 0, 29);
  start (&host, make_board (&options, NULL));
  g_assert_true (sim_camera_is_user_bootloader (host.camera));
  sim_host_open (&host);
  g_assert_cmpuint (sim_host_ask_version (&host), ==, 29);
  sim_flash_put (nor_of (&host), 0x400000 + 1000, &byte, 1);
  sim_host_reset (&host);
  sim_host_wait_ms (&host, CAMERA_REBOOT_MS + 1);
  g_assert_false (sim_camera_is_user_bootloader (host.camera));
  sim_host_open (&host);
  g_assert_cmpuint (sim_host_ask_version (&host), ==, 28);
}

static void
write_header (SimHost *host, gint32 type, gint32 gpio_mode)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_UPDATE_BOOT_HEADER };

  request.update_boot_header.type = type;
  request.update_boot_header.offset = -1;
  request.update_boot_header.location = -1;
  request.update_boot_header.gpio_mode = gpio_mode;
  sim_host_open (host);
  sim_host_send_request (host, &request);
  g_assert_cmpint (sim_host_wait_for_write (host), ==, 1);
  sim_host_reset (host);
  sim_host_wait_ms (host, CAMERA_REBOOT_MS + 1);
}

static void
test_boot_headers_decide_the_start (void)
{
  static const struct {
    gint32 type;
    gint32 gpio_mode;
    SimCameraState state;
  } rows[] = {
    { OAK_BOOT_HEADER_NORMAL, 7, SIM_CAMERA_BOOTLOADER },
    { OAK_BOOT_HEADER_GPIO_MODE, 3, SIM_CAMERA_BOOTLOADER },
    { OAK_BOOT_HEADER_GPIO_MODE, 0x16, SIM_CAMERA_USB_RECOVERY },
    { OAK_BOOT_HEADER_USB_RECOVERY, -1, SIM_CAMERA_USB_RECOVERY },
    { OAK_BOOT_HEADER_FAST, 7, SIM_CAMERA_FLASH_BOOTED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (SimHost) host = { 0 };

    start_with_application (&host, -1, NULL);
    write_header (&host, rows[i].type, rows[i].gpio_mode);
    assert_state (&host, rows[i].state);
  }
}

/* bootloader.md §5.2 and H17: a FAST header starts the firmware without a table, and hangs when it
 * is not there any more. */
static void
test_fast_header_needs_no_table_but_its_firmware (void)
{
  g_auto (SimHost) host = { 0 };
  guint8 blank[512];
  guint8 byte = 0;

  memset (blank, 0xff, sizeof blank);
  start_with_application (&host, -1, NULL);
  write_header (&host, OAK_BOOT_HEADER_FAST, 7);
  sim_flash_put (nor_of (&host), APPLICATION, blank, sizeof blank);
  sim_camera_power_cycle (host.camera, host.now_us);
  sim_host_wait_ms (&host, CAMERA_REBOOT_MS + 1);
  assert_state (&host, SIM_CAMERA_FLASH_BOOTED);
  sim_host_send_udp_reset (&host);
  sim_host_wait_ms (&host, CAMERA_REBOOT_MS + 1);
  assert_state (&host, SIM_CAMERA_BOOTLOADER);
  sim_flash_put (nor_of (&host), FIRMWARE + 9, &byte, 1);
  sim_camera_power_cycle (host.camera, host.now_us);
  sim_host_wait_ms (&host, CAMERA_REBOOT_MS + 1);
  assert_state (&host, SIM_CAMERA_BRICKED);
}

static void
test_fault_never_reboots (void)
{
  g_auto (SimHost) host = { 0 };

  start_plain (&host, "never-reboots");
  sim_host_open (&host);
  sim_host_reset (&host);
  sim_host_wait_ms (&host, 3600 * 1000);
  g_assert_cmpuint (sim_host_discover (&host, NULL), ==, 0);
}

static void
test_fault_no_start (void)
{
  g_auto (SimHost) host = { 0 };

  start_with_application (&host, 100, "no-start");
  sim_host_wait_ms (&host, 10000);
  assert_state (&host, SIM_CAMERA_BOOTLOADER);
}

static void
test_fault_silent_discovery (void)
{
  g_auto (SimHost) host = { 0 };

  start_plain (&host, "silent-discovery:once");
  g_assert_cmpuint (sim_host_discover (&host, NULL), ==, 0);
  g_assert_cmpuint (sim_host_discover (&host, NULL), ==, OAK_DEVICE_STATE_BOOTLOADER);
}

static void
test_fault_discovery_garbage (void)
{
  g_auto (SimHost) host = { 0 };

  start_plain (&host, "discovery-garbage");
  g_assert_cmpuint (sim_host_discover (&host, NULL), ==, 0);
}

static void
test_fault_change_id (void)
{
  g_auto (SimHost) host = { 0 };
  char mxid[OAK_MXID_FIELD_SIZE + 1];

  start_plain (&host, "change-id=18443010FFFFFFFF00@2");
  for (guint i = 0; i < 4; i++) {
    g_assert_cmpuint (sim_host_discover (&host, mxid), !=, 0);
    g_assert_cmpstr (mxid, ==, i < 2 ? CAMERA_MXID : "18443010FFFFFFFF00");
  }
}

static void
test_fault_second_id (void)
{
  g_autoptr (GPtrArray) replies = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_auto (SimHost) host = { 0 };

  start_plain (&host, "second-id=18443010FFFFFFFF00");
  sim_camera_handle_datagram (host.camera, "\1\0\0", 4, replies, host.now_us);
  g_assert_cmpuint (replies->len, ==, 2);
  g_assert_cmpint (
      memcmp ((const guint8 *) g_bytes_get_data (replies->pdata[0], NULL) + 4, CAMERA_MXID, 18),
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

  start_plain (&host, "refuse-connect");
  g_assert_false (sim_camera_wants_connection (host.camera));
}

static void
test_fault_close_on_accept (void)
{
  g_auto (SimHost) host = { 0 };

  start_plain (&host, "close-on-accept:once");
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
  ADD ("checked-torn-application-does-not-start", test_checked_torn_application_does_not_start);
  ADD ("cleared-application-does-not-start", test_cleared_application_does_not_start);
  ADD ("reset-while-writing-tears", test_reset_while_writing_tears);
  ADD ("power-cut-ends-the-session", test_power_cut_ends_the_session);
  ADD ("torn-factory-bootloader-bricks", test_torn_factory_bootloader_bricks);
  ADD ("new-factory-bootloader-runs", test_new_factory_bootloader_runs);
  ADD ("foreign-factory-bootloader-runs-when-complete",
       test_foreign_factory_bootloader_runs_when_complete);
  ADD ("user-bootloader-runs-while-it-matches", test_user_bootloader_runs_while_it_matches);
  ADD ("boot-headers-decide-the-start", test_boot_headers_decide_the_start);
  ADD ("fast-header-needs-no-table-but-its-firmware",
       test_fast_header_needs_no_table_but_its_firmware);
  ADD ("fault/never-reboots", test_fault_never_reboots);
  ADD ("fault/no-start", test_fault_no_start);
  ADD ("fault/silent-discovery", test_fault_silent_discovery);
  ADD ("fault/discovery-garbage", test_fault_discovery_garbage);
  ADD ("fault/change-id", test_fault_change_id);
  ADD ("fault/second-id", test_fault_second_id);
  ADD ("fault/refuse-connect", test_fault_refuse_connect);
  ADD ("fault/close-on-accept", test_fault_close_on_accept);
#undef ADD
  g_test_add_data_func ("/sim/camera/torn-application-bricks/firmware",
                        GSIZE_TO_POINTER (FIRMWARE + 1000),
                        test_torn_application_bricks);
  g_test_add_data_func ("/sim/camera/torn-application-bricks/last-section",
                        GSIZE_TO_POINTER (APPLICATION + 0x3000),
                        test_torn_application_bricks);
  return g_test_run ();
}
