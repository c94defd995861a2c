/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-bootloader-message.h"
#include "oak-config.h"
#include "oak-flash-map.h"
#include "oak-sbr.h"
#include "sim-board.h"
#include "sim-bootloader.h"
#include "sim-faults.h"
#include "sim-flash.h"
#include "sim-image.h"

/* The bootloader model alone: request in, messages out, on a virtual clock. No sockets, no session.
 */

typedef struct {
  SimBoard *board;
  SimBootloader *bootloader;
  GQueue sent; /* of GBytes */
  gboolean left;
  SimLeave leave;
  GBytes *image; /* (nullable) */
  gint64 now_us;
} Desk;

static void
on_send (GBytes *message, gpointer user_data)
{
  Desk *desk = user_data;

  g_queue_push_tail (&desk->sent, g_bytes_ref (message));
}

static void
on_leave (SimLeave leave, GBytes *image, gpointer user_data)
{
  Desk *desk = user_data;

  g_assert_false (desk->left);
  desk->left = TRUE;
  desk->leave = leave;
  desk->image = image == NULL ? NULL : g_bytes_ref (image);
}

static Desk *
desk_new (const SimBoardOptions *options, const char *fault)
{
  SimFaults *faults = sim_faults_new ();
  SimBootloaderIdentity identity = { options->type, options->version, FALSE };
  Desk *desk = g_new0 (Desk, 1);
  SimBootloaderFuncs funcs = { on_send, on_leave, desk };

  if (fault != NULL)
    g_assert_true (sim_faults_add (faults, fault, NULL));
  desk->board = sim_board_new (options, faults);
  desk->bootloader = sim_bootloader_new (desk->board, &identity, &funcs);
  desk->now_us = G_USEC_PER_SEC;
  return desk;
}

static Desk *
desk_new_default (const char *fault)
{
  SimBoardOptions options;

  sim_board_options_init (&options);
  options.flash_size = 16 * OAK_MIB;
  return desk_new (&options, fault);
}

static void
desk_free (Desk *desk)
{
  sim_bootloader_free (desk->bootloader);
  sim_board_free (desk->board);
  g_queue_clear_full (&desk->sent, (GDestroyNotify) g_bytes_unref);
  g_clear_pointer (&desk->image, g_bytes_unref);
  g_free (desk);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Desk, desk_free)

/* Until the bootloader wants nothing more. */
static void
desk_run (Desk *desk)
{
  gint64 wake_us;

  while ((wake_us = sim_bootloader_get_wake (desk->bootloader)) != G_MAXINT64) {
    desk->now_us = MAX (desk->now_us, wake_us);
    sim_bootloader_dispatch (desk->bootloader, desk->now_us);
  }
}

static void
desk_send_bytes (Desk *desk, const void *data, gsize size)
{
  g_autoptr (GBytes) packet = g_bytes_new (data, size);

  sim_bootloader_receive (desk->bootloader, packet, desk->now_us);
}

static void
desk_send (Desk *desk, const OakBootloaderRequest *request)
{
  g_autoptr (GBytes) packet = oak_bootloader_request_encode (request);

  sim_bootloader_receive (desk->bootloader, packet, desk->now_us);
}

/* The next message has to be there and to be @command. */
static OakBootloaderResponse
desk_take (Desk *desk, OakResponseCommand command)
{
  g_autoptr (GBytes) message = g_queue_pop_head (&desk->sent);
  OakBootloaderResponse response;

  g_assert_nonnull (message);
  g_assert_true (oak_bootloader_response_decode (&response,
                                                 g_bytes_get_data (message, NULL),
                                                 g_bytes_get_size (message),
                                                 NULL));
  g_assert_cmpint (response.command, ==, command);
  return response;
}

static OakBootloaderResponse
desk_ask (Desk *desk, OakRequestCommand command, OakResponseCommand answer)
{
  OakBootloaderRequest request = { .command = command };

  desk_send (desk, &request);
  return desk_take (desk, answer);
}

static void
desk_assert_silent (Desk *desk)
{
  g_assert_cmpuint (desk->sent.length, ==, 0);
}

static void
desk_send_data (Desk *desk, const guint8 *data, gsize size)
{
  for (gsize done = 0; done < size; done += OAK_BOOTLOADER_PACKET_SIZE)
    desk_send_bytes (desk, data + done, MIN (size - done, (gsize) OAK_BOOTLOADER_PACKET_SIZE));
}

/* Returns: the closing response; progress before it only rises. */
static OakBootloaderResponse
desk_finish_write (Desk *desk)
{
  float last = 0;

  desk_run (desk);
  for (;;) {
    GBytes *head = g_queue_peek_head (&desk->sent);
    OakBootloaderResponse response;

    g_assert_nonnull (head);
    if (g_bytes_get_size (head) != 8)
      return desk_take (desk, OAK_RESPONSE_FLASH_COMPLETE);
    response = desk_take (desk, OAK_RESPONSE_FLASH_STATUS);
    g_assert_cmpfloat (response.flash_status.progress, >, last);
    g_assert_cmpfloat (response.flash_status.progress, <=, 1);
    last = response.flash_status.progress;
  }
}

static OakBootloaderResponse
desk_write_at (Desk *desk, gint32 memory, guint32 offset, const guint8 *data, guint32 size)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_UPDATE_FLASH_EX2 };

  request.update_flash_ex2.memory = memory;
  request.update_flash_ex2.offset = offset;
  request.update_flash_ex2.total_size = size;
  request.update_flash_ex2.n_packets = oak_bootloader_count_packets (size);
  desk_send (desk, &request);
  desk_send_data (desk, data, size);
  return desk_finish_write (desk);
}

static OakBootloaderResponse
desk_write_storage (Desk *desk, OakStorage storage, const guint8 *data, guint32 size)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_UPDATE_FLASH };

  request.update_flash.storage = storage;
  request.update_flash.total_size = size;
  request.update_flash.n_packets = oak_bootloader_count_packets (size);
  desk_send (desk, &request);
  desk_send_data (desk, data, size);
  return desk_finish_write (desk);
}

static guint8 *
make_pattern (gsize size, guint seed)
{
  guint8 *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (i * 31 + i / 256 * 17 + seed);
  return bytes;
}

/* bootloader.md §4.1: which requests a version knows. Those it does not know get NoOp from 0.0.21
 * on, nothing before. */
typedef struct {
  OakVersion version;
  OakBootloaderType type;
} VersionCase;

static const VersionCase versions[] = {
  { { 0, 0, 11 }, OAK_BOOTLOADER_TYPE_USB },     { { 0, 0, 12 }, OAK_BOOTLOADER_TYPE_NETWORK },
  { { 0, 0, 13 }, OAK_BOOTLOADER_TYPE_NETWORK }, { { 0, 0, 14 }, OAK_BOOTLOADER_TYPE_NETWORK },
  { { 0, 0, 17 }, OAK_BOOTLOADER_TYPE_USB },     { { 0, 0, 18 }, OAK_BOOTLOADER_TYPE_NETWORK },
  { { 0, 0, 19 }, OAK_BOOTLOADER_TYPE_NETWORK }, { { 0, 0, 20 }, OAK_BOOTLOADER_TYPE_USB },
  { { 0, 0, 21 }, OAK_BOOTLOADER_TYPE_NETWORK }, { { 0, 0, 28 }, OAK_BOOTLOADER_TYPE_NETWORK },
  { { 0, 0, 29 }, OAK_BOOTLOADER_TYPE_USB },
};

typedef struct {
  OakRequestCommand command;
  guint32 since_patch;
  OakResponseCommand answer;
} KnownRequest;

static const KnownRequest known[] = {
  { OAK_REQUEST_GET_VERSION, 2, OAK_RESPONSE_VERSION },
  { OAK_REQUEST_GET_TYPE, 12, OAK_RESPONSE_TYPE },
  { OAK_REQUEST_GET_CONFIG, 14, OAK_RESPONSE_CONFIG },
  { OAK_REQUEST_SET_CONFIG, 14, OAK_RESPONSE_FLASH_COMPLETE },
  { OAK_REQUEST_GET_BOOTLOADER_MEMORY, 14, OAK_RESPONSE_BOOTLOADER_MEMORY },
  { OAK_REQUEST_GET_COMMIT, 18, OAK_RESPONSE_COMMIT },
  { OAK_REQUEST_UPDATE_BOOT_HEADER, 19, OAK_RESPONSE_FLASH_COMPLETE },
  { OAK_REQUEST_READ_FLASH, 19, OAK_RESPONSE_READ_FLASH },
  { OAK_REQUEST_GET_APPLICATION_DETAILS, 19, OAK_RESPONSE_APPLICATION_DETAILS },
  { OAK_REQUEST_GET_MEMORY_DETAILS, 19, OAK_RESPONSE_MEMORY_DETAILS },
  { OAK_REQUEST_IS_USER_BOOTLOADER, 21, OAK_RESPONSE_IS_USER_BOOTLOADER },
};

static void
assert_request_of_version (Desk *desk, const KnownRequest *request, guint32 patch)
{
  OakBootloaderRequest message = { .command = request->command };

  if (request->command == OAK_REQUEST_SET_CONFIG)
    message.set_config.clear_config = 1;
  desk_send (desk, &message);
  if (patch >= request->since_patch)
    desk_take (desk, request->answer);
  else if (patch >= 21)
    g_assert_cmpuint (desk_take (desk, OAK_RESPONSE_NO_OP).no_op.invalid_op, ==, 1);
  desk_assert_silent (desk);
}

static void
test_version_knows_its_requests (gconstpointer data)
{
  const VersionCase *version = data;
  g_autoptr (Desk) desk = NULL;
  OakBootloaderResponse response;
  SimBoardOptions options;

  sim_board_options_init (&options);
  options.flash_size = 16 * OAK_MIB;
  options.type = version->type;
  options.version = version->version;
  desk = desk_new (&options, NULL);
  response = desk_ask (desk, OAK_REQUEST_GET_VERSION, OAK_RESPONSE_VERSION);
  g_assert_cmpuint (response.version.patch, ==, version->version.patch);
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    assert_request_of_version (desk, &known[i], version->version.patch);
}

static void
test_unknown_request_gets_no_op (void)
{
  static const guint8 unknown[] = { 99, 0, 0, 0 };
  static const guint8 reserved[] = { 7, 0, 0, 0 };
  static const guint8 cut[] = { 14, 0, 0, 0, 1 };
  g_autoptr (Desk) desk = desk_new_default (NULL);

  desk_send_bytes (desk, unknown, sizeof unknown);
  desk_take (desk, OAK_RESPONSE_NO_OP);
  desk_send_bytes (desk, reserved, sizeof reserved);
  desk_take (desk, OAK_RESPONSE_NO_OP);
  desk_send_bytes (desk, cut, sizeof cut);
  desk_take (desk, OAK_RESPONSE_NO_OP);
  desk_send_bytes (desk, unknown, 1);
  desk_take (desk, OAK_RESPONSE_NO_OP);
  g_assert_cmpuint (desk->board->stats.protocol_errors, ==, 4);
}

static void
test_requests_may_carry_garbage_behind (void)
{
  static const guint8 longer[] = { 3, 0, 0, 0, 0xde, 0xad, 0xbe, 0xef };
  g_autoptr (Desk) desk = desk_new_default (NULL);

  desk_send_bytes (desk, longer, sizeof longer);
  desk_take (desk, OAK_RESPONSE_VERSION);
}

static void
test_memory_details_tell_the_sizes (void)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_GET_MEMORY_DETAILS };
  OakBootloaderResponse response;
  SimBoardOptions options;
  g_autoptr (Desk) desk = NULL;

  sim_board_options_init (&options);
  options.flash_size = 16 * OAK_MIB;
  options.emmc_size = 64 * OAK_MIB;
  desk = desk_new (&options, NULL);
  desk_send (desk, &request);
  response = desk_take (desk, OAK_RESPONSE_MEMORY_DETAILS);
  g_assert_true (response.memory_details.has_memory);
  g_assert_cmpint (response.memory_details.memory_size, ==, 16 * OAK_MIB);
  request.get_memory_details.memory = OAK_MEMORY_EMMC;
  desk_send (desk, &request);
  response = desk_take (desk, OAK_RESPONSE_MEMORY_DETAILS);
  g_assert_cmpint (response.memory_details.memory, ==, OAK_MEMORY_EMMC);
  g_assert_cmpint (response.memory_details.memory_size, ==, 64 * OAK_MIB);
  request.get_memory_details.memory = 7;
  desk_send (desk, &request);
  response = desk_take (desk, OAK_RESPONSE_MEMORY_DETAILS);
  g_assert_false (response.memory_details.has_memory);
}

static void
test_read_gives_what_was_written (void)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_READ_FLASH };
  g_autofree guint8 *bytes = make_pattern (6 * OAK_MIB, 1);
  g_autoptr (Desk) desk = desk_new_default (NULL);
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) second = NULL;
  OakBootloaderResponse response;

  response = desk_write_at (desk, OAK_MEMORY_FLASH, 0x800000, bytes, 6 * OAK_MIB);
  g_assert_true (response.flash_complete.success);
  request.read_flash.offset = 0x800000;
  request.read_flash.total_size = 6 * OAK_MIB;
  desk_send (desk, &request);
  response = desk_take (desk, OAK_RESPONSE_READ_FLASH);
  g_assert_true (response.data.success);
  g_assert_cmpuint (response.data.n_packets, ==, 2);
  g_assert_cmpuint (response.data.total_size, ==, 6 * OAK_MIB);
  first = g_queue_pop_head (&desk->sent);
  second = g_queue_pop_head (&desk->sent);
  g_assert_cmpmem (g_bytes_get_data (first, NULL),
                   g_bytes_get_size (first),
                   bytes,
                   OAK_BOOTLOADER_PACKET_SIZE);
  g_assert_cmpmem (g_bytes_get_data (second, NULL),
                   g_bytes_get_size (second),
                   bytes + OAK_BOOTLOADER_PACKET_SIZE,
                   6 * OAK_MIB - OAK_BOOTLOADER_PACKET_SIZE);
  desk_assert_silent (desk);
}

/* A range that does not fit is refused after its data, and nothing is written. */
static void
test_write_out_of_range_is_refused (void)
{
  g_autofree guint8 *bytes = make_pattern (3000, 1);
  g_autoptr (Desk) desk = desk_new_default (NULL);
  OakBootloaderResponse response =
      desk_write_at (desk, OAK_MEMORY_FLASH, 16 * OAK_MIB - 2999, bytes, 3000);

  g_assert_false (response.flash_complete.success);
  g_assert_cmpstr (response.flash_complete.error_text, !=, "");
  g_assert_true (sim_flash_is_blank (desk->board->nor, 0, 16 * OAK_MIB));
  response = desk_write_at (desk, OAK_MEMORY_EMMC, 0, bytes, 3000);
  g_assert_false (response.flash_complete.success);
  response = desk_write_at (desk, OAK_MEMORY_FLASH, 16 * OAK_MIB - 3000, bytes, 3000);
  g_assert_true (response.flash_complete.success);
  g_assert_cmpuint (desk->board->stats.bytes_written, ==, 3000);
}

static void
test_read_out_of_range_is_refused (void)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_READ_FLASH };
  g_autoptr (Desk) desk = desk_new_default (NULL);

  request.read_flash.offset = 0xffffff00;
  request.read_flash.total_size = 0xffffff00;
  desk_send (desk, &request);
  g_assert_false (desk_take (desk, OAK_RESPONSE_READ_FLASH).data.success);
  desk_assert_silent (desk);
}

/* Storage SBR: the type's own place, and the eMMC of a NETWORK camera that has one. */
static void
test_application_goes_to_its_place (void)
{
  g_autofree guint8 *bytes = make_pattern (70000, 4);

  for (guint i = 0; i < 4; i++) {
    gboolean usb = (i & 1) != 0;
    gboolean emmc = (i & 2) != 0;
    g_autoptr (Desk) desk = NULL;
    SimBoardOptions options;
    SimFlash *flash;

    sim_board_options_init (&options);
    options.flash_size = 16 * OAK_MIB;
    options.emmc_size = emmc ? 16 * OAK_MIB : 0;
    options.type = usb ? OAK_BOOTLOADER_TYPE_USB : OAK_BOOTLOADER_TYPE_NETWORK;
    desk = desk_new (&options, NULL);
    g_assert_true (desk_write_storage (desk, OAK_STORAGE_SBR, bytes, 70000).flash_complete.success);
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
  g_autofree guint8 *before = make_pattern (16 * OAK_MIB, 9);
  g_autofree guint8 *bytes = make_pattern (size, 4);
  g_autoptr (Desk) desk = NULL;
  SimBoardOptions options;

  sim_board_options_init (&options);
  options.flash_size = 16 * OAK_MIB;
  options.erase_size = erase_size;
  desk = desk_new (&options, NULL);
  sim_flash_put (desk->board->nor, 0, before, 16 * OAK_MIB);
  memset (bytes + 100000, 0xff, size - 100000);
  g_assert_true (
      desk_write_storage (desk, OAK_STORAGE_BOOTLOADER, bytes, size).flash_complete.success);
  memcpy (before + 0x200, bytes, size);
  g_assert_cmpmem (sim_flash_get_data (desk->board->nor), 16 * OAK_MIB, before, 16 * OAK_MIB);
}

/* A header that the chip lost with its erase block is put back; where there was none, there is one.
 */
static void
test_bootloader_write_leaves_a_header (void)
{
  g_autofree guint8 *header = make_pattern (SIM_BOOT_HEADER_SIZE, 9);
  g_autofree guint8 *bytes = make_pattern (100000, 4);
  SimBoardOptions options;

  sim_board_options_init (&options);
  options.flash_size = 16 * OAK_MIB;
  options.preserve = FALSE;
  for (guint i = 0; i < 2; i++) {
    g_autoptr (Desk) desk = desk_new (&options, NULL);

    if (i == 0)
      sim_flash_put (desk->board->nor, 0, header, SIM_BOOT_HEADER_SIZE);
    g_assert_true (
        desk_write_storage (desk, OAK_STORAGE_BOOTLOADER, bytes, 100000).flash_complete.success);
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
  g_autofree guint8 *bytes = make_pattern (20000, 4);
  g_autoptr (Desk) desk = desk_new_default (NULL);

  request.update_flash_ex.section = OAK_SECTION_USER_BOOTLOADER;
  request.update_flash_ex.total_size = 20000;
  request.update_flash_ex.n_packets = 1;
  desk_send (desk, &request);
  desk_send_bytes (desk, bytes, 20000);
  g_assert_true (desk_finish_write (desk).flash_complete.success);
  g_assert_cmpmem (sim_flash_get_data (desk->board->nor) + 0x400000, 20000, bytes, 20000);
  request.update_flash_ex.section = OAK_SECTION_BOOTLOADER_CONFIG;
  desk_send (desk, &request);
  desk_send_bytes (desk, bytes, 20000);
  g_assert_false (desk_finish_write (desk).flash_complete.success);
}

/* More packets than needed are gathered; a sum that differs is refused. */
static void
test_announced_packets_are_gathered (void)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_UPDATE_FLASH_EX2 };
  g_autofree guint8 *bytes = make_pattern (3000, 4);
  g_autoptr (Desk) desk = desk_new_default (NULL);

  request.update_flash_ex2.offset = 0x900000;
  request.update_flash_ex2.total_size = 3000;
  request.update_flash_ex2.n_packets = 3;
  desk_send (desk, &request);
  for (guint i = 0; i < 3; i++) {
    desk_assert_silent (desk);
    desk_send_bytes (desk, bytes + i * 1000, 1000);
  }
  g_assert_true (desk_finish_write (desk).flash_complete.success);
  g_assert_cmpmem (sim_flash_get_data (desk->board->nor) + 0x900000, 3000, bytes, 3000);
  desk_send (desk, &request);
  for (guint i = 0; i < 3; i++)
    desk_send_bytes (desk, bytes, 1001);
  g_assert_false (desk_finish_write (desk).flash_complete.success);
}

/* bootloader.md §4.3: size 0 announces 820 packets that never come, and the device waits. */
static void
test_size_zero_waits_for_ever (void)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_UPDATE_FLASH_EX2 };
  g_autoptr (Desk) desk = desk_new_default (NULL);
  guint64 done;
  guint64 total;

  request.update_flash_ex2.n_packets = 820;
  desk_send (desk, &request);
  desk_run (desk);
  desk_assert_silent (desk);
  g_assert_true (sim_bootloader_is_gathering (desk->bootloader, &done, &total));
}

/* An enormous announced size must not make the simulator keep what is sent. */
static void
test_enormous_size_is_refused (void)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_UPDATE_FLASH };
  g_autofree guint8 *bytes = make_pattern (1000, 4);
  g_autoptr (Desk) desk = desk_new_default (NULL);

  request.update_flash.total_size = G_MAXUINT32;
  request.update_flash.n_packets = 2;
  desk_send (desk, &request);
  desk_send_bytes (desk, bytes, 1000);
  desk_send_bytes (desk, bytes, 1000);
  g_assert_false (desk_finish_write (desk).flash_complete.success);
}

static OakBootloaderResponse
desk_set_config (Desk *desk, const void *document, gsize size)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_SET_CONFIG };

  request.set_config.offset = -1;
  request.set_config.clear_config = document == NULL;
  request.set_config.total_size = (guint32) size;
  request.set_config.n_packets = document != NULL;
  desk_send (desk, &request);
  if (document != NULL)
    desk_send_bytes (desk, document, size);
  return desk_take (desk, OAK_RESPONSE_FLASH_COMPLETE);
}

static void
test_config_is_kept_and_cleared (void)
{
  static const guint8 document[] = { 0x11, 0,   0, 0, 0x10, 'a', 'p', 'p', 'M',
                                     'e',  'm', 0, 1, 0,    0,   0,   0 };
  OakBootloaderRequest read = { .command = OAK_REQUEST_GET_CONFIG };
  g_autoptr (Desk) desk = desk_new_default (NULL);
  g_autoptr (GBytes) found = NULL;
  OakBootloaderResponse response;

  read.get_config.offset = -1;
  desk_send (desk, &read);
  g_assert_false (desk_take (desk, OAK_RESPONSE_CONFIG).data.success);
  g_assert_true (desk_set_config (desk, document, sizeof document).flash_complete.success);
  desk_send (desk, &read);
  response = desk_take (desk, OAK_RESPONSE_CONFIG);
  g_assert_true (response.data.success);
  g_assert_cmpuint (response.data.total_size, ==, sizeof document);
  g_assert_cmpuint (response.data.n_packets, ==, 1);
  found = g_queue_pop_head (&desk->sent);
  g_assert_cmpmem (g_bytes_get_data (found, NULL),
                   g_bytes_get_size (found),
                   document,
                   sizeof document);
  g_assert_true (desk_set_config (desk, NULL, 0).flash_complete.success);
  desk_send (desk, &read);
  g_assert_false (desk_take (desk, OAK_RESPONSE_CONFIG).data.success);
  g_assert_true (sim_flash_is_blank (desk->board->nor, 0, 16 * OAK_MIB));
}

static void
test_config_must_be_a_document (void)
{
  static const guint8 nonsense[] = { 1, 2, 3, 4, 5, 6, 7 };
  g_autofree guint8 *large = make_pattern (16385, 1);
  g_autoptr (Desk) desk = desk_new_default (NULL);

  g_assert_false (desk_set_config (desk, nonsense, sizeof nonsense).flash_complete.success);
  g_assert_false (desk_set_config (desk, large, 16385).flash_complete.success);
  g_assert_true (sim_flash_is_blank (desk->board->nor, 0, 16 * OAK_MIB));
}

/* With erase blocks larger than the section, its neighbours below and above stay. */
static void
test_config_write_keeps_its_neighbours (gconstpointer data)
{
  static const guint8 document[] = { 5, 0, 0, 0, 0 };
  g_autofree guint8 *before = make_pattern (16 * OAK_MIB, 9);
  g_autoptr (Desk) desk = NULL;
  SimBoardOptions options;

  sim_board_options_init (&options);
  options.flash_size = 16 * OAK_MIB;
  options.erase_size = (gsize) GPOINTER_TO_UINT (data) * OAK_KIB;
  desk = desk_new (&options, NULL);
  sim_flash_put (desk->board->nor, 0, before, 16 * OAK_MIB);
  g_assert_true (desk_set_config (desk, document, sizeof document).flash_complete.success);
  memset (before + 0x7fc000, 0xff, 0x4000);
  memcpy (before + 0x7fc000, document, sizeof document);
  g_assert_cmpmem (sim_flash_get_data (desk->board->nor), 16 * OAK_MIB, before, 16 * OAK_MIB);
}

static void
test_application_details_come_from_the_table (void)
{
  g_autoptr (Desk) desk = desk_new_default (NULL);
  OakBootloaderResponse response =
      desk_ask (desk, OAK_REQUEST_GET_APPLICATION_DETAILS, OAK_RESPONSE_APPLICATION_DETAILS);

  g_assert_true (response.application_details.success);
  g_assert_false (response.application_details.has_application);
  sim_board_prepare_application (desk->board, OAK_BOOTLOADER_TYPE_NETWORK);
  response = desk_ask (desk, OAK_REQUEST_GET_APPLICATION_DETAILS, OAK_RESPONSE_APPLICATION_DETAILS);
  g_assert_true (response.application_details.has_application);
  g_assert_cmpstr (response.application_details.application_name, ==, "Simulated application");
  g_assert_cmpstr (response.application_details.firmware_version, ==, "simulated firmware");
}

static void
test_boot_memory_hands_the_image_on (void)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_BOOT_MEMORY };
  g_autoptr (GBytes) image =
      sim_image_make (OAK_BOOTLOADER_TYPE_NETWORK, OAK_VERSION (0, 0, 26), 6 * OAK_MIB);
  g_autoptr (Desk) desk = desk_new_default (NULL);

  request.boot_memory.total_size = 6 * OAK_MIB;
  request.boot_memory.n_packets = 2;
  desk_send (desk, &request);
  g_assert_true (sim_bootloader_is_booting_memory (desk->bootloader));
  desk_send_data (desk, g_bytes_get_data (image, NULL), 6 * OAK_MIB);
  g_assert_true (desk->left);
  g_assert_cmpint (desk->leave, ==, SIM_LEAVE_BOOT_MEMORY);
  g_assert_true (g_bytes_equal (desk->image, image));
  desk_assert_silent (desk);
  g_assert_cmpuint (desk->board->stats.writes, ==, 0);
}

static void
test_boot_application_tells_whether_there_is_one (void)
{
  g_autoptr (Desk) desk = desk_new_default (NULL);

  g_assert_false (desk_ask (desk, OAK_REQUEST_BOOT_APPLICATION, OAK_RESPONSE_BOOT_APPLICATION)
                      .flash_complete.success);
  g_assert_false (desk->left);
  sim_board_prepare_application (desk->board, OAK_BOOTLOADER_TYPE_NETWORK);
  g_assert_true (desk_ask (desk, OAK_REQUEST_BOOT_APPLICATION, OAK_RESPONSE_BOOT_APPLICATION)
                     .flash_complete.success);
  g_assert_cmpint (desk->leave, ==, SIM_LEAVE_BOOT_APPLICATION);
}

/* 1 MB/s: 4 MB take four seconds, with a progress message at least each second. */
static void
test_throttled_write_takes_its_time (void)
{
  g_autofree guint8 *bytes = make_pattern (4000000, 2);
  g_autoptr (Desk) desk = NULL;
  SimBoardOptions options;
  gint64 start_us;

  sim_board_options_init (&options);
  options.flash_size = 16 * OAK_MIB;
  options.write_kbps = 1000;
  desk = desk_new (&options, NULL);
  start_us = desk->now_us;
  g_assert_true (
      desk_write_at (desk, OAK_MEMORY_FLASH, 0x800000, bytes, 4000000).flash_complete.success);
  g_assert_cmpint (desk->now_us - start_us, >=, 3900000);
  g_assert_cmpint (desk->now_us - start_us, <=, 4500000);
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
  g_autofree guint8 *bytes = make_pattern (2 * OAK_MIB, 2);
  g_autoptr (Desk) desk = desk_new_default (fault->fault);
  GBytes *last;

  request.update_flash_ex2.offset = 0x800000;
  request.update_flash_ex2.total_size = 2 * OAK_MIB;
  request.update_flash_ex2.n_packets = 1;
  desk_send (desk, &request);
  desk_send_data (desk, bytes, 2 * OAK_MIB);
  desk_run (desk);
  g_assert_cmpint (desk->left, ==, fault->left);
  last = g_queue_peek_tail (&desk->sent);
  if (fault->silent) {
    g_assert_true (last == NULL || g_bytes_get_size (last) == 8);
  } else {
    OakBootloaderResponse response = desk_finish_write (desk);

    g_assert_cmpint (response.flash_complete.success, ==, fault->success);
  }
  g_assert_cmpint (memcmp (sim_flash_get_data (desk->board->nor) + 0x800000, bytes, 2 * OAK_MIB) ==
                       0,
                   ==,
                   fault->written);
}

static void
test_lie_about_reading_spoils_one_bit (void)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_READ_FLASH };
  g_autoptr (Desk) desk = desk_new_default ("lie-read:once");

  request.read_flash.total_size = 1000;
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GBytes) data = NULL;
    guint n_wrong = 0;

    desk_send (desk, &request);
    desk_take (desk, OAK_RESPONSE_READ_FLASH);
    data = g_queue_pop_head (&desk->sent);
    for (gsize j = 0; j < 1000; j++)
      n_wrong += ((const guint8 *) g_bytes_get_data (data, NULL))[j] != 0xff;
    g_assert_cmpuint (n_wrong, ==, i == 0 ? 1 : 0);
  }
}

static void
test_answer_faults_spoil_the_answer (void)
{
  static const char *const faults[] = { "short-response=GetBootloaderType",
                                        "garbage-response=8",
                                        "wrong-response=8" };

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++) {
    g_autoptr (Desk) desk = desk_new_default (faults[i]);
    OakBootloaderRequest request = { .command = OAK_REQUEST_GET_TYPE };
    g_autoptr (GBytes) message = NULL;
    OakBootloaderResponse response = { 0 };

    desk_send (desk, &request);
    message = g_queue_pop_head (&desk->sent);
    g_assert_nonnull (message);
    g_assert_false (oak_bootloader_response_decode (&response,
                                                    g_bytes_get_data (message, NULL),
                                                    g_bytes_get_size (message),
                                                    NULL) &&
                    response.command == OAK_RESPONSE_TYPE);
    desk_ask (desk, OAK_REQUEST_GET_VERSION, OAK_RESPONSE_VERSION);
  }
}

static void
test_slow_answers_come_when_due (void)
{
  g_autoptr (Desk) desk = desk_new_default ("slow-response=700");
  OakBootloaderRequest request = { .command = OAK_REQUEST_GET_TYPE };

  desk_send (desk, &request);
  desk_assert_silent (desk);
  g_assert_cmpint (sim_bootloader_get_wake (desk->bootloader), ==, desk->now_us + 700000);
  desk_run (desk);
  desk_take (desk, OAK_RESPONSE_TYPE);
}

static void
test_wrong_faults_are_refused (void)
{
  static const char *const wrong[] = { "nothing",        "drop-at-byte",
                                       "drop-at-byte=x", "flash-error-at=101",
                                       "no-ping=1",      "no-response=Frobnicate",
                                       "flash-error",    "no-ping,,",
                                       "change-id" };
  static const char *const good[] = {
    "no-ping",       "drop-at-byte=1:once",          "change-id=ABC@2,second-id=DEF", "reset-tcp",
    "reset-tcp=100", "no-response=getmemorydetails", "config-error=Some text"
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (SimFaults) faults = sim_faults_new ();
    g_autoptr (GError) error = NULL;

    g_assert_false (sim_faults_add (faults, wrong[i], &error));
    g_assert_nonnull (error);
  }
  for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (SimFaults) faults = sim_faults_new ();

    g_assert_true (sim_faults_add (faults, good[i], NULL));
  }
}

static void
add_tables (void)
{
  static const guint erase_kib[] = { 4, 64, 256 };

  for (guint i = 0; i < G_N_ELEMENTS (versions); i++) {
    g_autofree char *path = g_strdup_printf ("/sim/bootloader/version-0.0.%u-knows-its-requests",
                                             versions[i].version.patch);

    g_test_add_data_func (path, &versions[i], test_version_knows_its_requests);
  }
  for (guint i = 0; i < G_N_ELEMENTS (write_faults); i++) {
    g_autofree char *path =
        g_strdup_printf ("/sim/bootloader/write-fault/%s", write_faults[i].fault);

    g_test_add_data_func (path, &write_faults[i], test_write_fault);
  }
  for (guint i = 0; i < G_N_ELEMENTS (erase_kib); i++) {
    g_autofree char *reset =
        g_strdup_printf ("/sim/bootloader/factory-reset-covers-its-range/%u-kib", erase_kib[i]);
    g_autofree char *config =
        g_strdup_printf ("/sim/bootloader/config-write-keeps-its-neighbours/%u-kib", erase_kib[i]);

    g_test_add_data_func (reset,
                          GUINT_TO_POINTER (erase_kib[i]),
                          test_factory_reset_covers_its_range);
    g_test_add_data_func (config,
                          GUINT_TO_POINTER (erase_kib[i]),
                          test_config_write_keeps_its_neighbours);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_tables ();
  g_test_add_func ("/sim/bootloader/unknown-request-gets-no-op", test_unknown_request_gets_no_op);
  g_test_add_func ("/sim/bootloader/requests-may-carry-garbage-behind",
                   test_requests_may_carry_garbage_behind);
  g_test_add_func ("/sim/bootloader/memory-details-tell-the-sizes",
                   test_memory_details_tell_the_sizes);
  g_test_add_func ("/sim/bootloader/read-gives-what-was-written", test_read_gives_what_was_written);
  g_test_add_func ("/sim/bootloader/write-out-of-range-is-refused",
                   test_write_out_of_range_is_refused);
  g_test_add_func ("/sim/bootloader/read-out-of-range-is-refused",
                   test_read_out_of_range_is_refused);
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
  g_test_add_func ("/sim/bootloader/config-is-kept-and-cleared", test_config_is_kept_and_cleared);
  g_test_add_func ("/sim/bootloader/config-must-be-a-document", test_config_must_be_a_document);
  g_test_add_func ("/sim/bootloader/application-details-come-from-the-table",
                   test_application_details_come_from_the_table);
  g_test_add_func ("/sim/bootloader/boot-memory-hands-the-image-on",
                   test_boot_memory_hands_the_image_on);
  g_test_add_func ("/sim/bootloader/boot-application-tells-whether-there-is-one",
                   test_boot_application_tells_whether_there_is_one);
  g_test_add_func ("/sim/bootloader/throttled-write-takes-its-time",
                   test_throttled_write_takes_its_time);
  g_test_add_func ("/sim/bootloader/lie-about-reading-spoils-one-bit",
                   test_lie_about_reading_spoils_one_bit);
  g_test_add_func ("/sim/bootloader/answer-faults-spoil-the-answer",
                   test_answer_faults_spoil_the_answer);
  g_test_add_func ("/sim/bootloader/slow-answers-come-when-due", test_slow_answers_come_when_due);
  g_test_add_func ("/sim/bootloader/wrong-faults-are-refused", test_wrong_faults_are_refused);
  return g_test_run ();
}
