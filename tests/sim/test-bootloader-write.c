/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-flash-map.h"
#include "sim-desk.h"
#include "sim-flash.h"

/* The bootloader model alone: what it writes, where, and how it fails. No sockets, no session. */

/* A range that does not fit is refused after its data, and nothing is written. */
static void
test_write_out_of_range_is_refused (void)
{
  g_autofree guint8 *bytes = sim_desk_make_pattern (3000, 1);
  g_autoptr (SimDesk) desk = sim_desk_new_default (NULL);
  OakBootloaderResponse response =
      sim_desk_write_at (desk, OAK_MEMORY_FLASH, 16 * OAK_MIB - 2999, bytes, 3000);

  g_assert_false (response.flash_complete.success);
  g_assert_cmpstr (response.flash_complete.error_text, !=, "");
  g_assert_true (sim_flash_is_blank (desk->board->nor, 0, 16 * OAK_MIB));
  response = sim_desk_write_at (desk, OAK_MEMORY_EMMC, 0, bytes, 3000);
  g_assert_false (response.flash_complete.success);
  response = sim_desk_write_at (desk, OAK_MEMORY_FLASH, 16 * OAK_MIB - 3000, bytes, 3000);
  g_assert_true (response.flash_complete.success);
  g_assert_cmpuint (desk->board->stats.bytes_written, ==, 3000);
}

/* Storage SBR: the type's own place, and the eMMC of a NETWORK camera that has one. */
static void
test_application_goes_to_its_place (void)
{
  g_autofree guint8 *bytes = sim_desk_make_pattern (70000, 4);

  for (guint i = 0; i < 4; i++) {
    gboolean usb = (i & 1) != 0;
    gboolean emmc = (i & 2) != 0;
    g_autoptr (SimDesk) desk = NULL;
    SimBoardOptions options;
    SimFlash *flash;

    sim_board_options_init (&options);
    options.flash_size = 16 * OAK_MIB;
    options.emmc_size = emmc ? 16 * OAK_MIB : 0;
    options.type = usb ? OAK_BOOTLOADER_TYPE_USB : OAK_BOOTLOADER_TYPE_NETWORK;
    desk = sim_desk_new (&options, NULL);
    g_assert_true (
        sim_desk_write_storage (desk, OAK_STORAGE_SBR, bytes, 70000).flash_complete.success);
    flash = emmc && !usb ? desk->board->emmc : desk->board->nor;
    g_assert_cmpmem (sim_flash_get_data (flash) + (usb ? 0x100000 : 0x800000), 70000, bytes, 70000);
    g_assert_cmpuint (desk->board->stats.regions->len, ==, 1);
  }
}

/* bootloader.md §6.3: 8 MiB + 512 behind the header, no more and no less; at every erase size. */
static void
test_factory_reset_covers_its_range (gconstpointer data)
{
  gsize erase_size = (gsize) GPOINTER_TO_UINT (data) * OAK_KIB;
  guint32 size = oak_flash_map_get_factory_reset_size (OAK_BOOTLOADER_TYPE_NETWORK);
  g_autofree guint8 *before = sim_desk_make_pattern (16 * OAK_MIB, 9);
  g_autofree guint8 *bytes = sim_desk_make_pattern (size, 4);
  g_autoptr (SimDesk) desk = NULL;
  SimBoardOptions options;

  sim_board_options_init (&options);
  options.flash_size = 16 * OAK_MIB;
  options.erase_size = erase_size;
  desk = sim_desk_new (&options, NULL);
  sim_flash_put (desk->board->nor, 0, before, 16 * OAK_MIB);
  memset (bytes + 100000, 0xff, size - 100000);
  g_assert_true (
      sim_desk_write_storage (desk, OAK_STORAGE_BOOTLOADER, bytes, size).flash_complete.success);
  memcpy (before + 0x200, bytes, size);
  g_assert_cmpmem (sim_flash_get_data (desk->board->nor), 16 * OAK_MIB, before, 16 * OAK_MIB);
}

/* A header that the chip lost with its erase block is put back; where there was none, there is one.
 */
static void
test_bootloader_write_leaves_a_header (void)
{
  g_autofree guint8 *header = sim_desk_make_pattern (SIM_BOOT_HEADER_SIZE, 9);
  g_autofree guint8 *bytes = sim_desk_make_pattern (100000, 4);
  SimBoardOptions options;

  sim_board_options_init (&options);
  options.flash_size = 16 * OAK_MIB;
  options.preserve = FALSE;
  for (guint i = 0; i < 2; i++) {
    g_autoptr (SimDesk) desk = sim_desk_new (&options, NULL);

    if (i == 0)
      sim_flash_put (desk->board->nor, 0, header, SIM_BOOT_HEADER_SIZE);
    g_assert_true (sim_desk_write_storage (desk, OAK_STORAGE_BOOTLOADER, bytes, 100000)
                       .flash_complete.success);
    g_assert_false (sim_flash_is_blank (desk->board->nor, 0, SIM_BOOT_HEADER_SIZE));
    if (i == 0)
      g_assert_cmpmem (sim_flash_get_data (desk->board->nor),
                       SIM_BOOT_HEADER_SIZE,
                       header,
                       SIM_BOOT_HEADER_SIZE);
    g_assert_cmpmem (sim_flash_get_data (desk->board->nor) + 0x200, 100000, bytes, 100000);
  }
}

static void
test_section_write_keeps_to_its_section (void)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_UPDATE_FLASH_EX };
  g_autofree guint8 *bytes = sim_desk_make_pattern (20000, 4);
  g_autoptr (SimDesk) desk = sim_desk_new_default (NULL);

  request.update_flash_ex.section = OAK_SECTION_USER_BOOTLOADER;
  request.update_flash_ex.total_size = 20000;
  request.update_flash_ex.n_packets = 1;
  sim_desk_send (desk, &request);
  sim_desk_send_bytes (desk, bytes, 20000);
  g_assert_true (sim_desk_finish_write (desk).flash_complete.success);
  g_assert_cmpmem (sim_flash_get_data (desk->board->nor) + 0x400000, 20000, bytes, 20000);
  request.update_flash_ex.section = OAK_SECTION_BOOTLOADER_CONFIG;
  sim_desk_send (desk, &request);
  sim_desk_send_bytes (desk, bytes, 20000);
  g_assert_false (sim_desk_finish_write (desk).flash_complete.success);
}

/* More packets than needed are gathered; a sum that differs is refused. */
static void
test_announced_packets_are_gathered (void)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_UPDATE_FLASH_EX2 };
  g_autofree guint8 *bytes = sim_desk_make_pattern (3000, 4);
  g_autoptr (SimDesk) desk = sim_desk_new_default (NULL);

  request.update_flash_ex2.offset = 0x900000;
  request.update_flash_ex2.total_size = 3000;
  request.update_flash_ex2.n_packets = 3;
  sim_desk_send (desk, &request);
  for (guint i = 0; i < 3; i++) {
    sim_desk_assert_silent (desk);
    sim_desk_send_bytes (desk, bytes + i * 1000, 1000);
  }
  g_assert_true (sim_desk_finish_write (desk).flash_complete.success);
  g_assert_cmpmem (sim_flash_get_data (desk->board->nor) + 0x900000, 3000, bytes, 3000);
  sim_desk_send (desk, &request);
  for (guint i = 0; i < 3; i++)
    sim_desk_send_bytes (desk, bytes, 1001);
  g_assert_false (sim_desk_finish_write (desk).flash_complete.success);
}

/* bootloader.md §4.3: size 0 announces 820 packets that never come, and the device waits. */
static void
test_size_zero_waits_for_ever (void)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_UPDATE_FLASH_EX2 };
  g_autoptr (SimDesk) desk = sim_desk_new_default (NULL);
  guint64 done;
  guint64 total;

  request.update_flash_ex2.n_packets = 820;
  sim_desk_send (desk, &request);
  sim_desk_run (desk);
  sim_desk_assert_silent (desk);
  g_assert_true (sim_bootloader_is_gathering (desk->bootloader, &done, &total));
}

/* An enormous announced size must not make the simulator keep what is sent. */
static void
test_enormous_size_is_refused (void)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_UPDATE_FLASH };
  g_autofree guint8 *bytes = sim_desk_make_pattern (1000, 4);
  g_autoptr (SimDesk) desk = sim_desk_new_default (NULL);

  request.update_flash.total_size = G_MAXUINT32;
  request.update_flash.n_packets = 2;
  sim_desk_send (desk, &request);
  sim_desk_send_bytes (desk, bytes, 1000);
  sim_desk_send_bytes (desk, bytes, 1000);
  g_assert_false (sim_desk_finish_write (desk).flash_complete.success);
}

/* 1 MB/s: 4 MB take four seconds, with a progress message at least each second. */
static void
test_throttled_write_takes_its_time (void)
{
  g_autofree guint8 *bytes = sim_desk_make_pattern (4000000, 2);
  g_autoptr (SimDesk) desk = NULL;
  SimBoardOptions options;
  gint64 start_us;

  sim_board_options_init (&options);
  options.flash_size = 16 * OAK_MIB;
  options.write_kbps = 1000;
  desk = sim_desk_new (&options, NULL);
  start_us = desk->now_us;
  g_assert_true (
      sim_desk_write_at (desk, OAK_MEMORY_FLASH, 0x800000, bytes, 4000000).flash_complete.success);
  g_assert_cmpint (desk->now_us - start_us, >=, 3900000);
  g_assert_cmpint (desk->now_us - start_us, <=, 4500000);
}

/* Erasing and programming 256 KiB by the datasheet, and then the erasing of the configuration,
 * which lies in one block. */
static void
test_datasheet_times_are_kept (gconstpointer data)
{
  guint erase_kib = GPOINTER_TO_UINT (data);
  g_autofree guint8 *bytes = sim_desk_make_pattern (256 * OAK_KIB, 2);
  OakBootloaderRequest clear = { .command = OAK_REQUEST_SET_CONFIG };
  gint64 erase_us = erase_kib == 4 ? 64 * 45000 : 4 * 150000;
  gint64 clear_us = erase_kib == 4 ? 4 * 45000 : erase_kib / 64 * 150000;
  g_autoptr (SimDesk) desk = NULL;
  SimBoardOptions options;
  gint64 start_us;

  sim_board_options_init (&options);
  options.flash_size = 16 * OAK_MIB;
  options.erase_size = erase_kib * OAK_KIB;
  options.datasheet_timing = TRUE;
  desk = sim_desk_new (&options, NULL);
  start_us = desk->now_us;
  g_assert_true (sim_desk_write_at (desk, OAK_MEMORY_FLASH, 0x800000, bytes, 256 * OAK_KIB)
                     .flash_complete.success);
  g_assert_cmpint (desk->now_us - start_us, ==, erase_us + 1024 * 400);

  clear.set_config.memory = OAK_MEMORY_FLASH;
  clear.set_config.offset = -1;
  clear.set_config.clear_config = 1;
  start_us = desk->now_us;
  sim_desk_send (desk, &clear);
  g_assert_true (sim_desk_finish_write (desk).flash_complete.success);
  g_assert_cmpint (desk->now_us - start_us, ==, clear_us);
}

typedef struct {
  const char *fault;
  gboolean success;
  gboolean silent;
  gboolean left;
  gboolean written; /* all of it */
} WriteFault;

static const WriteFault write_faults[] = {
  { "flash-error=Broken", FALSE },
  { "flash-error-at=50", FALSE },
  { "lie-success", TRUE },
  { "drop-at-progress=50", FALSE, TRUE, TRUE },
  { "progress-silence", FALSE, TRUE, FALSE, TRUE },
  { "no-response=UpdateFlashEx2", FALSE, TRUE, FALSE, TRUE },
  { "drop-after-request=6", FALSE, TRUE, TRUE },
};

static void
test_write_fault (gconstpointer data)
{
  const WriteFault *fault = data;
  OakBootloaderRequest request = { .command = OAK_REQUEST_UPDATE_FLASH_EX2 };
  g_autofree guint8 *bytes = sim_desk_make_pattern (2 * OAK_MIB, 2);
  g_autoptr (SimDesk) desk = sim_desk_new_default (fault->fault);
  GBytes *last;

  request.update_flash_ex2.offset = 0x800000;
  request.update_flash_ex2.total_size = 2 * OAK_MIB;
  request.update_flash_ex2.n_packets = 1;
  sim_desk_send (desk, &request);
  sim_desk_send_data (desk, bytes, 2 * OAK_MIB);
  sim_desk_run (desk);
  g_assert_cmpint (desk->left, ==, fault->left);
  last = g_queue_peek_tail (&desk->sent);
  if (fault->silent) {
    g_assert_true (last == NULL || g_bytes_get_size (last) == 8);
  } else {
    OakBootloaderResponse response = sim_desk_finish_write (desk);

    g_assert_cmpint (response.flash_complete.success, ==, fault->success);
  }
  g_assert_cmpint (memcmp (sim_flash_get_data (desk->board->nor) + 0x800000, bytes, 2 * OAK_MIB) ==
                       0,
                   ==,
                   fault->written);
}

int
main (int argc, char **argv)
{
  static const guint erase_kib[] = { 4, 64, 256 };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/bootloader/write-out-of-range-is-refused",
                   test_write_out_of_range_is_refused);
  g_test_add_func ("/sim/bootloader/application-goes-to-its-place",
                   test_application_goes_to_its_place);
  g_test_add_func ("/sim/bootloader/bootloader-write-leaves-a-header",
                   test_bootloader_write_leaves_a_header);
  g_test_add_func ("/sim/bootloader/section-write-keeps-to-its-section",
                   test_section_write_keeps_to_its_section);
  g_test_add_func ("/sim/bootloader/announced-packets-are-gathered",
                   test_announced_packets_are_gathered);
  g_test_add_func ("/sim/bootloader/size-zero-waits-for-ever", test_size_zero_waits_for_ever);
  g_test_add_func ("/sim/bootloader/enormous-size-is-refused", test_enormous_size_is_refused);
  g_test_add_func ("/sim/bootloader/throttled-write-takes-its-time",
                   test_throttled_write_takes_its_time);
  for (guint i = 0; i < G_N_ELEMENTS (write_faults); i++) {
    g_autofree char *path =
        g_strdup_printf ("/sim/bootloader/write-fault/%s", write_faults[i].fault);

    g_test_add_data_func (path, &write_faults[i], test_write_fault);
  }
  for (guint i = 0; i < G_N_ELEMENTS (erase_kib); i++) {
    g_autofree char *path =
        g_strdup_printf ("/sim/bootloader/factory-reset-covers-its-range/%u-kib", erase_kib[i]);

    g_test_add_data_func (path,
                          GUINT_TO_POINTER (erase_kib[i]),
                          test_factory_reset_covers_its_range);
  }
  for (guint i = 0; i < G_N_ELEMENTS (erase_kib); i++) {
    g_autofree char *path =
        g_strdup_printf ("/sim/bootloader/datasheet-times-are-kept/%u-kib", erase_kib[i]);

    g_test_add_data_func (path, GUINT_TO_POINTER (erase_kib[i]), test_datasheet_times_are_kept);
  }
  return g_test_run ();
}
