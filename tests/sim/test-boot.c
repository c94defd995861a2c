/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "sim-board.h"
#include "sim-flash.h"
#include "sim-host.h"
#include "sim-image.h"

/* What a camera starts from its flash, and what unfinished work there does to it. In process, on a
 * virtual clock. */

/* One byte of the firmware, or of a section behind it, is not what the table promises. */
static void
test_torn_application_bricks (gconstpointer data)
{
  gsize offset = GPOINTER_TO_SIZE (data);
  g_auto (SimHost) host = { 0 };
  guint8 byte;

  sim_host_start_with_application (&host, 100, NULL);
  byte = sim_flash_get_data (sim_host_get_nor (&host))[offset] ^ 1;
  sim_flash_put (sim_host_get_nor (&host), offset, &byte, 1);
  g_assert_cmpuint (sim_host_discover (&host, NULL), ==, OAK_DEVICE_STATE_BOOTLOADER);
  sim_host_wait_ms (&host, 101);
  sim_host_assert_state (&host, SIM_CAMERA_BRICKED);
  g_assert_cmpuint (sim_host_discover (&host, NULL), ==, 0);
  g_assert_false (sim_camera_wants_connection (host.camera));
  sim_host_wait_ms (&host, 3600 * 1000);
  sim_host_assert_state (&host, SIM_CAMERA_BRICKED);
}

/* Without the flag that tells the bootloader to ignore the checksum it refuses, and still answers.
 */
static void
test_checked_torn_application_does_not_start (void)
{
  g_auto (SimHost) host = { 0 };
  guint8 flags = 1;
  guint8 byte = 0;

  sim_host_start_with_application (&host, 100, NULL);
  sim_flash_put (sim_host_get_nor (&host), SIM_HOST_APPLICATION + 2 + 29, &flags, 1);
  sim_flash_put (sim_host_get_nor (&host), SIM_HOST_FIRMWARE + 100, &byte, 1);
  sim_host_wait_ms (&host, 10000);
  sim_host_assert_state (&host, SIM_CAMERA_BOOTLOADER);
  g_assert_true (sim_camera_wants_connection (host.camera));
}

static void
test_cleared_application_does_not_start (void)
{
  g_auto (SimHost) host = { 0 };
  guint8 blank[512];

  memset (blank, 0xff, sizeof blank);
  sim_host_start_with_application (&host, 100, NULL);
  sim_host_open (&host);
  sim_host_send_write (&host, SIM_HOST_APPLICATION, blank, sizeof blank);
  g_assert_cmpint (sim_host_wait_for_write (&host), ==, 1);
  sim_host_reset (&host);
  sim_host_wait_ms (&host, 60000);
  sim_host_assert_state (&host, SIM_CAMERA_BOOTLOADER);
}

/* RESET while the flash is being programmed: what has been written so far stays, and is torn. */
static void
test_reset_while_writing_tears (void)
{
  g_auto (SimHost) host = { 0 };
  g_autofree guint8 *package = g_malloc (4 * OAK_MIB);
  SimBoardOptions options;
  SimBoard *board;

  sim_host_default_options (&options);
  options.write_kbps = 1000;
  options.has_boot_wait = TRUE;
  options.boot_wait_ms = 100;
  board = sim_host_make_board (&options, NULL);
  sim_board_prepare_application (board, OAK_BOOTLOADER_TYPE_NETWORK);
  memset (package, 0x5a, 4 * OAK_MIB);
  memcpy (package, sim_flash_get_data (board->nor) + SIM_HOST_APPLICATION, 512);
  sim_host_start (&host, board);
  sim_host_open (&host);
  sim_host_send_write (&host, SIM_HOST_APPLICATION, package, 4 * OAK_MIB);
  sim_host_wait_ms (&host, 1000);
  sim_host_reset (&host);
  g_assert_true (
      sim_flash_is_blank (sim_host_get_nor (&host), SIM_HOST_APPLICATION + 3 * OAK_MIB, OAK_MIB));
  g_assert_cmpuint (sim_camera_get_board (host.camera)->stats.bytes_written, <, 3 * OAK_MIB);
  g_assert_cmpuint (sim_camera_get_board (host.camera)->stats.bytes_written, >, OAK_MIB / 2);
  sim_host_wait_ms (&host, SIM_HOST_REBOOT_MS + 101);
  sim_host_assert_state (&host, SIM_CAMERA_BRICKED);
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

  sim_host_start_plain (&host, NULL);
  at = sim_flash_get_n_steps (sim_host_get_nor (&host)) + 9;
  sim_flash_set_step_func (sim_host_get_nor (&host), cut_at_tenth, &at);
  sim_host_open (&host);
  sim_host_send_write (&host, 0x900000, bytes, OAK_MIB);
  sim_host_wait_ms (&host, 10);
  g_assert_true (sim_host_is_over (&host));
  g_assert_cmpuint (g_queue_get_length (&host.packets), ==, 0);
  sim_host_close (&host);
  sim_host_wait_ms (&host, SIM_HOST_REBOOT_MS + 1);
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

  sim_host_start_plain (&host, NULL);
  sim_host_open (&host);
  sim_host_send_write (&host, 0x200, g_bytes_get_data (image, NULL), 50000);
  g_assert_cmpint (sim_host_wait_for_write (&host), ==, 1);
  sim_host_reset (&host);
  sim_host_wait_ms (&host, SIM_HOST_REBOOT_MS + 1);
  sim_host_assert_state (&host, SIM_CAMERA_BRICKED);
}

static void
test_new_factory_bootloader_runs (void)
{
  g_auto (SimHost) host = { 0 };
  g_autoptr (GBytes) image =
      sim_image_make (OAK_BOOTLOADER_TYPE_NETWORK, OAK_VERSION (0, 0, 29), 100000);

  sim_host_start_plain (&host, NULL);
  sim_host_open (&host);
  sim_host_send_write (&host, 0x200, g_bytes_get_data (image, NULL), 100000);
  g_assert_cmpint (sim_host_wait_for_write (&host), ==, 1);
  sim_host_reset (&host);
  sim_host_wait_ms (&host, SIM_HOST_REBOOT_MS + 1);
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

    sim_host_default_options (&options);
    options.write_kbps = 1000;
    sim_host_start (&host, sim_host_make_board (&options, NULL));
    sim_host_open (&host);
    sim_host_send_write (&host, 0x200, bytes, 2 * OAK_MIB);
    sim_host_wait_ms (&host, cut ? 1000 : 5000);
    sim_host_reset (&host);
    sim_host_wait_ms (&host, SIM_HOST_REBOOT_MS + 1);
    sim_host_assert_state (&host, cut ? SIM_CAMERA_BRICKED : SIM_CAMERA_BOOTLOADER);
  }
}

/* bootloader.md §1: it is started while size and checksum match; else the factory one answers. */
static void
test_user_bootloader_runs_while_it_matches (void)
{
  g_auto (SimHost) host = { 0 };
  SimBoardOptions options;
  guint8 byte = 0;

  sim_host_default_options (&options);
  options.has_user_bootloader = TRUE;
  options.user_bootloader = OAK_VERSION (0, 0, 29);
  sim_host_start (&host, sim_host_make_board (&options, NULL));
  g_assert_true (sim_camera_is_user_bootloader (host.camera));
  sim_host_open (&host);
  g_assert_cmpuint (sim_host_ask_version (&host), ==, 29);
  sim_flash_put (sim_host_get_nor (&host), 0x400000 + 1000, &byte, 1);
  sim_host_reset (&host);
  sim_host_wait_ms (&host, SIM_HOST_REBOOT_MS + 1);
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
  sim_host_wait_ms (host, SIM_HOST_REBOOT_MS + 1);
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

    sim_host_start_with_application (&host, -1, NULL);
    write_header (&host, rows[i].type, rows[i].gpio_mode);
    sim_host_assert_state (&host, rows[i].state);
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
  sim_host_start_with_application (&host, -1, NULL);
  write_header (&host, OAK_BOOT_HEADER_FAST, 7);
  sim_flash_put (sim_host_get_nor (&host), SIM_HOST_APPLICATION, blank, sizeof blank);
  sim_camera_power_cycle (host.camera, host.now_us);
  sim_host_wait_ms (&host, SIM_HOST_REBOOT_MS + 1);
  sim_host_assert_state (&host, SIM_CAMERA_FLASH_BOOTED);
  sim_host_send_udp_reset (&host);
  sim_host_wait_ms (&host, SIM_HOST_REBOOT_MS + 1);
  sim_host_assert_state (&host, SIM_CAMERA_BOOTLOADER);
  sim_flash_put (sim_host_get_nor (&host), SIM_HOST_FIRMWARE + 9, &byte, 1);
  sim_camera_power_cycle (host.camera, host.now_us);
  sim_host_wait_ms (&host, SIM_HOST_REBOOT_MS + 1);
  sim_host_assert_state (&host, SIM_CAMERA_BRICKED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(claim, function) g_test_add_func ("/sim/boot/" claim, function)
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
#undef ADD
  g_test_add_data_func ("/sim/boot/torn-application-bricks/firmware",
                        GSIZE_TO_POINTER (SIM_HOST_FIRMWARE + 1000),
                        test_torn_application_bricks);
  g_test_add_data_func ("/sim/boot/torn-application-bricks/last-section",
                        GSIZE_TO_POINTER (SIM_HOST_APPLICATION + 0x3000),
                        test_torn_application_bricks);
  return g_test_run ();
}
