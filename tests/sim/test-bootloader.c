/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "sim-desk.h"
#include "sim-faults.h"
#include "sim-flash.h"
#include "sim-image.h"

/* The bootloader model alone: what it answers, by version, and what it keeps for itself. No
 * sockets, no session. */

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
assert_request_of_version (SimDesk *desk, const KnownRequest *request, guint32 patch)
{
  OakBootloaderRequest message = { .command = request->command };

  if (request->command == OAK_REQUEST_SET_CONFIG)
    message.set_config.clear_config = 1;
  sim_desk_send (desk, &message);
  if (patch >= request->since_patch)
    sim_desk_take (desk, request->answer);
  else if (patch >= 21)
    g_assert_cmpuint (sim_desk_take (desk, OAK_RESPONSE_NO_OP).no_op.invalid_op, ==, 1);
  sim_desk_assert_silent (desk);
}

static void
test_version_knows_its_requests (gconstpointer data)
{
  const VersionCase *version = data;
  g_autoptr (SimDesk) desk = NULL;
  OakBootloaderResponse response;
  SimBoardOptions options;

  sim_board_options_init (&options);
  options.flash_size = 16 * OAK_MIB;
  options.type = version->type;
  options.version = version->version;
  desk = sim_desk_new (&options, NULL);
  response = sim_desk_ask (desk, OAK_REQUEST_GET_VERSION, OAK_RESPONSE_VERSION);
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
  g_autoptr (SimDesk) desk = sim_desk_new_default (NULL);

  sim_desk_send_bytes (desk, unknown, sizeof unknown);
  sim_desk_take (desk, OAK_RESPONSE_NO_OP);
  sim_desk_send_bytes (desk, reserved, sizeof reserved);
  sim_desk_take (desk, OAK_RESPONSE_NO_OP);
  sim_desk_send_bytes (desk, cut, sizeof cut);
  sim_desk_take (desk, OAK_RESPONSE_NO_OP);
  sim_desk_send_bytes (desk, unknown, 1);
  sim_desk_take (desk, OAK_RESPONSE_NO_OP);
  g_assert_cmpuint (desk->board->stats.protocol_errors, ==, 4);
}

static void
test_requests_may_carry_garbage_behind (void)
{
  static const guint8 longer[] = { 3, 0, 0, 0, 0xde, 0xad, 0xbe, 0xef };
  g_autoptr (SimDesk) desk = sim_desk_new_default (NULL);

  sim_desk_send_bytes (desk, longer, sizeof longer);
  sim_desk_take (desk, OAK_RESPONSE_VERSION);
}

static void
test_memory_details_tell_the_sizes (void)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_GET_MEMORY_DETAILS };
  OakBootloaderResponse response;
  SimBoardOptions options;
  g_autoptr (SimDesk) desk = NULL;

  sim_board_options_init (&options);
  options.flash_size = 16 * OAK_MIB;
  options.emmc_size = 64 * OAK_MIB;
  desk = sim_desk_new (&options, NULL);
  sim_desk_send (desk, &request);
  response = sim_desk_take (desk, OAK_RESPONSE_MEMORY_DETAILS);
  g_assert_true (response.memory_details.has_memory);
  g_assert_cmpint (response.memory_details.memory_size, ==, 16 * OAK_MIB);
  request.get_memory_details.memory = OAK_MEMORY_EMMC;
  sim_desk_send (desk, &request);
  response = sim_desk_take (desk, OAK_RESPONSE_MEMORY_DETAILS);
  g_assert_cmpint (response.memory_details.memory, ==, OAK_MEMORY_EMMC);
  g_assert_cmpint (response.memory_details.memory_size, ==, 64 * OAK_MIB);
  request.get_memory_details.memory = 7;
  sim_desk_send (desk, &request);
  response = sim_desk_take (desk, OAK_RESPONSE_MEMORY_DETAILS);
  g_assert_false (response.memory_details.has_memory);
}

static void
test_read_gives_what_was_written (void)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_READ_FLASH };
  g_autofree guint8 *bytes = sim_desk_make_pattern (6 * OAK_MIB, 1);
  g_autoptr (SimDesk) desk = sim_desk_new_default (NULL);
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) second = NULL;
  OakBootloaderResponse response;

  response = sim_desk_write_at (desk, OAK_MEMORY_FLASH, 0x800000, bytes, 6 * OAK_MIB);
  g_assert_true (response.flash_complete.success);
  request.read_flash.offset = 0x800000;
  request.read_flash.total_size = 6 * OAK_MIB;
  sim_desk_send (desk, &request);
  response = sim_desk_take (desk, OAK_RESPONSE_READ_FLASH);
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
  sim_desk_assert_silent (desk);
}

static void
test_read_out_of_range_is_refused (void)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_READ_FLASH };
  g_autoptr (SimDesk) desk = sim_desk_new_default (NULL);

  request.read_flash.offset = 0xffffff00;
  request.read_flash.total_size = 0xffffff00;
  sim_desk_send (desk, &request);
  g_assert_false (sim_desk_take (desk, OAK_RESPONSE_READ_FLASH).data.success);
  sim_desk_assert_silent (desk);
}

static OakBootloaderResponse
desk_set_config (SimDesk *desk, const void *document, gsize size)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_SET_CONFIG };

  request.set_config.offset = -1;
  request.set_config.clear_config = document == NULL;
  request.set_config.total_size = (guint32) size;
  request.set_config.n_packets = document != NULL;
  sim_desk_send (desk, &request);
  if (document != NULL)
    sim_desk_send_bytes (desk, document, size);
  return sim_desk_take (desk, OAK_RESPONSE_FLASH_COMPLETE);
}

static void
test_config_is_kept_and_cleared (void)
{
  static const guint8 document[] = { 0x11, 0,   0, 0, 0x10, 'a', 'p', 'p', 'M',
                                     'e',  'm', 0, 1, 0,    0,   0,   0 };
  OakBootloaderRequest read = { .command = OAK_REQUEST_GET_CONFIG };
  g_autoptr (SimDesk) desk = sim_desk_new_default (NULL);
  g_autoptr (GBytes) found = NULL;
  OakBootloaderResponse response;

  read.get_config.offset = -1;
  sim_desk_send (desk, &read);
  g_assert_false (sim_desk_take (desk, OAK_RESPONSE_CONFIG).data.success);
  g_assert_true (desk_set_config (desk, document, sizeof document).flash_complete.success);
  sim_desk_send (desk, &read);
  response = sim_desk_take (desk, OAK_RESPONSE_CONFIG);
  g_assert_true (response.data.success);
  g_assert_cmpuint (response.data.total_size, ==, sizeof document);
  g_assert_cmpuint (response.data.n_packets, ==, 1);
  found = g_queue_pop_head (&desk->sent);
  g_assert_cmpmem (g_bytes_get_data (found, NULL),
                   g_bytes_get_size (found),
                   document,
                   sizeof document);
  g_assert_true (desk_set_config (desk, NULL, 0).flash_complete.success);
  sim_desk_send (desk, &read);
  g_assert_false (sim_desk_take (desk, OAK_RESPONSE_CONFIG).data.success);
  g_assert_true (sim_flash_is_blank (desk->board->nor, 0, 16 * OAK_MIB));
}

static void
test_config_must_be_a_document (void)
{
  static const guint8 nonsense[] = { 1, 2, 3, 4, 5, 6, 7 };
  g_autofree guint8 *large = sim_desk_make_pattern (16385, 1);
  g_autoptr (SimDesk) desk = sim_desk_new_default (NULL);

  g_assert_false (desk_set_config (desk, nonsense, sizeof nonsense).flash_complete.success);
  g_assert_false (desk_set_config (desk, large, 16385).flash_complete.success);
  g_assert_true (sim_flash_is_blank (desk->board->nor, 0, 16 * OAK_MIB));
}

/* With erase blocks larger than the section, its neighbours below and above stay. */
static void
test_config_write_keeps_its_neighbours (gconstpointer data)
{
  static const guint8 document[] = { 5, 0, 0, 0, 0 };
  g_autofree guint8 *before = sim_desk_make_pattern (16 * OAK_MIB, 9);
  g_autoptr (SimDesk) desk = NULL;
  SimBoardOptions options;

  sim_board_options_init (&options);
  options.flash_size = 16 * OAK_MIB;
  options.erase_size = (gsize) GPOINTER_TO_UINT (data) * OAK_KIB;
  desk = sim_desk_new (&options, NULL);
  sim_flash_put (desk->board->nor, 0, before, 16 * OAK_MIB);
  g_assert_true (desk_set_config (desk, document, sizeof document).flash_complete.success);
  memset (before + 0x7fc000, 0xff, 0x4000);
  memcpy (before + 0x7fc000, document, sizeof document);
  g_assert_cmpmem (sim_flash_get_data (desk->board->nor), 16 * OAK_MIB, before, 16 * OAK_MIB);
}

static void
test_application_details_come_from_the_table (void)
{
  g_autoptr (SimDesk) desk = sim_desk_new_default (NULL);
  OakBootloaderResponse response =
      sim_desk_ask (desk, OAK_REQUEST_GET_APPLICATION_DETAILS, OAK_RESPONSE_APPLICATION_DETAILS);

  g_assert_true (response.application_details.success);
  g_assert_false (response.application_details.has_application);
  sim_board_prepare_application (desk->board, OAK_BOOTLOADER_TYPE_NETWORK);
  response =
      sim_desk_ask (desk, OAK_REQUEST_GET_APPLICATION_DETAILS, OAK_RESPONSE_APPLICATION_DETAILS);
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
  g_autoptr (SimDesk) desk = sim_desk_new_default (NULL);

  request.boot_memory.total_size = 6 * OAK_MIB;
  request.boot_memory.n_packets = 2;
  sim_desk_send (desk, &request);
  g_assert_true (sim_bootloader_is_booting_memory (desk->bootloader));
  sim_desk_send_data (desk, g_bytes_get_data (image, NULL), 6 * OAK_MIB);
  g_assert_true (desk->left);
  g_assert_cmpint (desk->leave, ==, SIM_LEAVE_BOOT_MEMORY);
  g_assert_true (g_bytes_equal (desk->image, image));
  sim_desk_assert_silent (desk);
  g_assert_cmpuint (desk->board->stats.writes, ==, 0);
}

static void
test_boot_application_tells_whether_there_is_one (void)
{
  g_autoptr (SimDesk) desk = sim_desk_new_default (NULL);

  g_assert_false (sim_desk_ask (desk, OAK_REQUEST_BOOT_APPLICATION, OAK_RESPONSE_BOOT_APPLICATION)
                      .flash_complete.success);
  g_assert_false (desk->left);
  sim_board_prepare_application (desk->board, OAK_BOOTLOADER_TYPE_NETWORK);
  g_assert_true (sim_desk_ask (desk, OAK_REQUEST_BOOT_APPLICATION, OAK_RESPONSE_BOOT_APPLICATION)
                     .flash_complete.success);
  g_assert_cmpint (desk->leave, ==, SIM_LEAVE_BOOT_APPLICATION);
}

static void
test_lie_about_reading_spoils_one_bit (void)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_READ_FLASH };
  g_autoptr (SimDesk) desk = sim_desk_new_default ("lie-read:once");

  request.read_flash.total_size = 1000;
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GBytes) data = NULL;
    guint n_wrong = 0;

    sim_desk_send (desk, &request);
    sim_desk_take (desk, OAK_RESPONSE_READ_FLASH);
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
    g_autoptr (SimDesk) desk = sim_desk_new_default (faults[i]);
    OakBootloaderRequest request = { .command = OAK_REQUEST_GET_TYPE };
    g_autoptr (GBytes) message = NULL;
    OakBootloaderResponse response = { 0 };

    sim_desk_send (desk, &request);
    message = g_queue_pop_head (&desk->sent);
    g_assert_nonnull (message);
    g_assert_false (oak_bootloader_response_decode (&response,
                                                    g_bytes_get_data (message, NULL),
                                                    g_bytes_get_size (message),
                                                    NULL) &&
                    response.command == OAK_RESPONSE_TYPE);
    sim_desk_ask (desk, OAK_REQUEST_GET_VERSION, OAK_RESPONSE_VERSION);
  }
}

static void
test_slow_answers_come_when_due (void)
{
  g_autoptr (SimDesk) desk = sim_desk_new_default ("slow-response=700");
  OakBootloaderRequest request = { .command = OAK_REQUEST_GET_TYPE };

  sim_desk_send (desk, &request);
  sim_desk_assert_silent (desk);
  g_assert_cmpint (sim_bootloader_get_wake (desk->bootloader), ==, desk->now_us + 700000);
  sim_desk_run (desk);
  sim_desk_take (desk, OAK_RESPONSE_TYPE);
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
  for (guint i = 0; i < G_N_ELEMENTS (erase_kib); i++) {
    g_autofree char *config =
        g_strdup_printf ("/sim/bootloader/config-write-keeps-its-neighbours/%u-kib", erase_kib[i]);

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
  g_test_add_func ("/sim/bootloader/read-out-of-range-is-refused",
                   test_read_out_of_range_is_refused);
  g_test_add_func ("/sim/bootloader/config-is-kept-and-cleared", test_config_is_kept_and_cleared);
  g_test_add_func ("/sim/bootloader/config-must-be-a-document", test_config_must_be_a_document);
  g_test_add_func ("/sim/bootloader/application-details-come-from-the-table",
                   test_application_details_come_from_the_table);
  g_test_add_func ("/sim/bootloader/boot-memory-hands-the-image-on",
                   test_boot_memory_hands_the_image_on);
  g_test_add_func ("/sim/bootloader/boot-application-tells-whether-there-is-one",
                   test_boot_application_tells_whether_there_is_one);
  g_test_add_func ("/sim/bootloader/lie-about-reading-spoils-one-bit",
                   test_lie_about_reading_spoils_one_bit);
  g_test_add_func ("/sim/bootloader/answer-faults-spoil-the-answer",
                   test_answer_faults_spoil_the_answer);
  g_test_add_func ("/sim/bootloader/slow-answers-come-when-due", test_slow_answers_come_when_due);
  g_test_add_func ("/sim/bootloader/wrong-faults-are-refused", test_wrong_faults_are_refused);
  return g_test_run ();
}
