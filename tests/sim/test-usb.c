/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-usb.h"

#include <string.h>

#include "oak-usb-ids.h"
#include "oak-xlink-event.h"
#include "sim-board.h"
#include "sim-camera.h"
#include "sim-faults.h"
#include "sim-image.h"

/* The simulator's USB plug alone, on a virtual clock. */

#define START_US  G_USEC_PER_SEC
#define MXID      "14442C10D1234567D0"
#define REBOOT_MS 300

typedef struct {
  SimCamera *camera;
  SimUsb *usb;
  gint64 now_us;
} Desk;

static void
desk_init (Desk *desk, const SimUsbOptions *options, gboolean is_unbooted, const char *fault)
{
  SimCameraOptions camera_options = { MXID, REBOOT_MS, 1500, TRUE };
  SimFaults *faults = sim_faults_new ();
  SimBoardOptions board_options;
  SimBoard *board;

  if (fault != NULL)
    g_assert_true (sim_faults_add (faults, fault, NULL));
  sim_board_options_init (&board_options);
  board_options.type = OAK_BOOTLOADER_TYPE_USB;
  board_options.flash_size = 4 * OAK_MIB;
  board_options.has_boot_wait = TRUE;
  board_options.boot_wait_ms = -1;
  board = sim_board_new (&board_options, faults);
  if (!is_unbooted)
    sim_board_prepare_bootloader (board);
  desk->now_us = START_US;
  desk->camera = sim_camera_new (&camera_options, board, desk->now_us);
  desk->usb = sim_usb_new (desk->camera, options, desk->now_us);
}

static void
desk_clear (Desk *desk)
{
  sim_usb_free (desk->usb);
  sim_camera_free (desk->camera);
}

static void
desk_wait_ms (Desk *desk, gint64 ms)
{
  gint64 end_us = desk->now_us + ms * 1000;

  while (sim_usb_get_wake (desk->usb) <= end_us) {
    desk->now_us = MAX (desk->now_us, sim_usb_get_wake (desk->usb));
    sim_usb_dispatch (desk->usb, desk->now_us);
  }
  desk->now_us = end_us;
}

static SimUsbResult
desk_write (Desk *desk, const void *data, gsize size)
{
  gsize done = 0;

  return sim_usb_write (desk->usb, data, size, &done, desk->now_us);
}

static SimUsbResult
desk_control (Desk *desk, const char *setup_hex, guint8 *data, gsize *size)
{
  guint8 setup[SIM_USB_SETUP_SIZE];

  for (guint i = 0; i < sizeof setup; i++)
    setup[i] = (guint8) (g_ascii_xdigit_value (setup_hex[2 * i]) << 4 |
                         g_ascii_xdigit_value (setup_hex[2 * i + 1]));
  return sim_usb_control (desk->usb, setup, data, size, desk->now_us);
}

static SimUsbResult
desk_send_event (Desk *desk, OakXlinkEventType type)
{
  OakXlinkEvent event = { .id = 1, .type = type };
  guint8 header[OAK_XLINK_EVENT_SIZE];

  oak_xlink_event_encode (&event, header);
  return desk_write (desk, header, sizeof header);
}

static void
test_descriptors (gconstpointer data)
{
  gboolean is_super = GPOINTER_TO_INT (data);
  SimUsbOptions options = { .super_speed = is_super, .gone_ms = 50 };
  guint8 answer[SIM_USB_CONTROL_SIZE];
  gsize size;
  Desk desk;

  desk_init (&desk, &options, FALSE, NULL);
  g_assert_cmpint (desk_control (&desk, "8006000100004000", answer, &size), ==, SIM_USB_DONE);
  g_assert_cmpuint (size, ==, 18);
  g_assert_cmpmem (answer + 8, 4, "\xe7\x03\x3c\xf6", 4);
  g_assert_cmpuint (answer[3], ==, is_super ? 3 : 2);
  g_assert_cmpint (desk_control (&desk, "8006000200000900", answer, &size), ==, SIM_USB_DONE);
  g_assert_cmpuint (size, ==, 9);
  g_assert_cmpuint (answer[2], ==, is_super ? 44 : 32);
  g_assert_cmpuint (answer[8] * (is_super ? 8u : 2u), <=, is_super ? 900 : 500);
  g_assert_cmpint (desk_control (&desk, "8006030309040002", answer, &size), ==, SIM_USB_DONE);
  g_assert_cmpuint (size, ==, 2 + 2 * strlen (MXID));
  g_assert_cmpuint (answer[2], ==, '1');
  g_assert_cmpint (desk_control (&desk, "8006000f00000500", answer, &size),
                   ==,
                   is_super ? SIM_USB_DONE : SIM_USB_STALL);
  g_assert_cmpint (desk_control (&desk, "c0060000000004ff", answer, &size), ==, SIM_USB_STALL);
  desk_clear (&desk);
}

static void
test_configuration (void)
{
  SimUsbOptions options = { .is_unconfigured = TRUE };
  guint8 answer[SIM_USB_CONTROL_SIZE];
  gsize size;
  Desk desk;

  desk_init (&desk, &options, FALSE, NULL);
  g_assert_cmpint (desk_send_event (&desk, OAK_XLINK_EVENT_PING_REQ), ==, SIM_USB_STALL);
  g_assert_cmpint (desk_control (&desk, "0009020000000000", answer, &size), ==, SIM_USB_STALL);
  g_assert_cmpint (desk_control (&desk, "0009010000000000", answer, &size), ==, SIM_USB_DONE);
  g_assert_cmpint (desk_control (&desk, "8008000000000100", answer, &size), ==, SIM_USB_DONE);
  g_assert_cmpuint (answer[0], ==, 1);
  g_assert_cmpint (desk_send_event (&desk, OAK_XLINK_EVENT_PING_REQ), ==, SIM_USB_DONE);
  desk_clear (&desk);
}

/* Whoever carries the transfers was kept from it for as long as the camera needs to start again. */
static void
test_reset_while_nobody_looked (void)
{
  SimUsbOptions options = { .gone_ms = 50 };
  guint generation;
  Desk desk;

  desk_init (&desk, &options, FALSE, NULL);
  generation = sim_usb_get_generation (desk.usb);
  g_assert_cmpint (desk_send_event (&desk, OAK_XLINK_EVENT_PING_REQ), ==, SIM_USB_DONE);
  g_assert_cmpint (desk_send_event (&desk, OAK_XLINK_EVENT_RESET_REQ), ==, SIM_USB_DONE);
  desk.now_us += 10 * REBOOT_MS * 1000;
  sim_usb_dispatch (desk.usb, desk.now_us);
  desk_wait_ms (&desk, 10000);
  g_assert_cmpuint (sim_usb_get_generation (desk.usb), ==, generation + 1);
  g_assert_cmpint (desk_send_event (&desk, OAK_XLINK_EVENT_PING_REQ), ==, SIM_USB_DONE);
  desk_clear (&desk);
}

/* xlink.md §12: a boot that stalls behind the prefix resets the chip to the ROM. */
static void
test_rom_watchdog (void)
{
  guint8 prefix[40] = { 0x4d, 0x41, 0x32, 0x78 };
  g_autofree guint8 *part = g_malloc0 (4096);
  SimUsbOptions options = { .gone_ms = 50 };
  Desk desk;
  guint generation;

  memcpy (part, prefix, 4);
  desk_init (&desk, &options, TRUE, NULL);
  g_assert_cmpint (sim_usb_get_state (desk.usb), ==, OAK_DEVICE_STATE_UNBOOTED);
  generation = sim_usb_get_generation (desk.usb);
  g_assert_cmpint (desk_write (&desk, prefix, sizeof prefix), ==, SIM_USB_DONE);
  g_assert_cmpint (desk_write (&desk, part, 4096), ==, SIM_USB_DONE);
  desk_wait_ms (&desk, 5900);
  g_assert_cmpuint (sim_usb_get_generation (desk.usb), ==, generation);
  desk_wait_ms (&desk, 300);
  g_assert_cmpuint (sim_usb_get_generation (desk.usb), ==, generation + 1);
  g_assert_cmpint (sim_usb_get_state (desk.usb), ==, OAK_DEVICE_STATE_UNBOOTED);
  desk_clear (&desk);
}

/* An image that is not whole hangs; power brings the ROM back. */
static void
test_torn_image (void)
{
  g_autoptr (GBytes) image =
      sim_image_make (OAK_BOOTLOADER_TYPE_USB, OAK_VERSION (0, 0, 28), 100001);
  SimUsbOptions options = { .gone_ms = 50 };
  Desk desk;

  desk_init (&desk, &options, TRUE, NULL);
  g_assert_cmpint (desk_write (&desk, g_bytes_get_data (image, NULL), 90001), ==, SIM_USB_DONE);
  desk_wait_ms (&desk, 20000);
  g_assert_cmpint (sim_usb_get_state (desk.usb), ==, OAK_DEVICE_STATE_UNKNOWN);
  sim_usb_unplug (desk.usb, desk.now_us);
  sim_usb_plug (desk.usb, desk.now_us);
  desk_wait_ms (&desk, 2 * REBOOT_MS);
  g_assert_cmpint (sim_usb_get_state (desk.usb), ==, OAK_DEVICE_STATE_UNBOOTED);
  desk_clear (&desk);
}

/* What cuts a network link pulls the cable here; the camera comes back like one that was plugged in
 * again. */
static void
test_fault_pulls_the_cable (void)
{
  SimUsbOptions options = { .gone_ms = 50 };
  guint generation;
  Desk desk;

  desk_init (&desk, &options, FALSE, "drop-at-byte=40:once");
  generation = sim_usb_get_generation (desk.usb);
  g_assert_cmpint (desk_send_event (&desk, OAK_XLINK_EVENT_PING_REQ), ==, SIM_USB_GONE);
  g_assert_cmpint (sim_usb_get_state (desk.usb), ==, OAK_DEVICE_STATE_UNKNOWN);
  desk_wait_ms (&desk, REBOOT_MS + 100);
  g_assert_cmpint (sim_usb_get_state (desk.usb), ==, OAK_DEVICE_STATE_BOOTLOADER);
  g_assert_cmpuint (sim_usb_get_generation (desk.usb), ==, generation + 1);
  g_assert_cmpint (desk_send_event (&desk, OAK_XLINK_EVENT_PING_REQ), ==, SIM_USB_DONE);
  desk_clear (&desk);
}

/* Nobody reads the answer to RESET: the camera leaves all the same. */
static void
test_leaves_without_a_reader (void)
{
  SimUsbOptions options = { .gone_ms = 50 };
  Desk desk;

  desk_init (&desk, &options, FALSE, NULL);
  g_assert_cmpint (desk_send_event (&desk, OAK_XLINK_EVENT_PING_REQ), ==, SIM_USB_DONE);
  g_assert_cmpint (desk_send_event (&desk, OAK_XLINK_EVENT_RESET_REQ), ==, SIM_USB_DONE);
  g_assert_cmpint (desk_send_event (&desk, OAK_XLINK_EVENT_PING_REQ), ==, SIM_USB_WAIT);
  desk_wait_ms (&desk, SIM_USB_DRAIN_MS + 1);
  g_assert_cmpint (sim_usb_get_state (desk.usb), ==, OAK_DEVICE_STATE_UNKNOWN);
  desk_wait_ms (&desk, REBOOT_MS);
  g_assert_cmpint (sim_usb_get_state (desk.usb), ==, OAK_DEVICE_STATE_BOOTLOADER);
  desk_clear (&desk);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/sim/usb/descriptors-at-high-speed",
                        GINT_TO_POINTER (FALSE),
                        test_descriptors);
  g_test_add_data_func ("/sim/usb/descriptors-at-super-speed",
                        GINT_TO_POINTER (TRUE),
                        test_descriptors);
  g_test_add_func ("/sim/usb/endpoints-wait-for-the-configuration", test_configuration);
  g_test_add_func ("/sim/usb/stalled-boot-resets-to-the-rom", test_rom_watchdog);
  g_test_add_func ("/sim/usb/torn-image-hangs", test_torn_image);
  g_test_add_func ("/sim/usb/a-cut-link-is-a-pulled-cable", test_fault_pulls_the_cable);
  g_test_add_func ("/sim/usb/a-reset-ends-a-session-however-late", test_reset_while_nobody_looked);
  g_test_add_func ("/sim/usb/leaves-without-a-reader", test_leaves_without_a_reader);
  return g_test_run ();
}
