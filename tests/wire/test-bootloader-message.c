/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-bootloader-message.h"
#include "oak-error.h"
#include "test-bytes.h"

/* Every request and response of bootloader.md §4 with a different value in each field, byte by
 * byte. */

typedef struct {
  const char *name;
  OakBootloaderRequest request;
  gsize size;
  const char *digits;
} RequestRow;

#define LOW_OFFSET  G_GINT64_CONSTANT (0x0807060504030201)
#define LOW_DIGITS  "01 02 03 04 05 06 07 08 "
#define HIGH_OFFSET G_GINT64_CONSTANT (-2)
#define HIGH_DIGITS "fe 7*ff "

static const RequestRow request_rows[] = {
  { "UsbRomBoot", { .command = OAK_REQUEST_USB_ROM_BOOT }, 4, "00000000" },
  { "BootApplication", { .command = OAK_REQUEST_BOOT_APPLICATION }, 4, "01000000" },
  { "UpdateFlash",
    { .command = OAK_REQUEST_UPDATE_FLASH, .update_flash = { 1, 0x00800200, 2 } },
    16,
    "02000000 01000000 00028000 02000000" }, /* the factory reset of bootloader.md §6.3 */
  { "GetBootloaderVersion", { .command = OAK_REQUEST_GET_VERSION }, 4, "03000000" },
  { "BootMemory",
    { .command = OAK_REQUEST_BOOT_MEMORY, .boot_memory = { 0x11121314, 0x21222324 } },
    12,
    "04000000 14131211 24232221" },
  { "UpdateFlashEx",
    { .command = OAK_REQUEST_UPDATE_FLASH_EX,
      .update_flash_ex = { -1, 3, 0x11121314, 0x21222324 } },
    20,
    "05000000 ffffffff 03000000 14131211 24232221" },
  { "UpdateFlashEx2",
    { .command = OAK_REQUEST_UPDATE_FLASH_EX2,
      .update_flash_ex2 = { 1, 0x00800000, 0x11121314, 0x21222324 } },
    20,
    "06000000 01000000 00008000 14131211 24232221" },
  { "GetBootloaderType", { .command = OAK_REQUEST_GET_TYPE }, 4, "08000000" },
  { "SetBootloaderConfig",
    { .command = OAK_REQUEST_SET_CONFIG,
      .set_config = { -1, LOW_OFFSET, 0x11121314, 0x21222324, 0x31323334 } },
    32,
    "09000000 ffffffff " LOW_DIGITS "14131211 24232221 34333231 00000000" },
  { "GetBootloaderConfig",
    { .command = OAK_REQUEST_GET_CONFIG, .get_config = { 0, HIGH_OFFSET, 16384 } },
    24,
    "0a000000 00000000 " HIGH_DIGITS "00400000 00000000" },
  { "BootloaderMemory", { .command = OAK_REQUEST_GET_BOOTLOADER_MEMORY }, 4, "0b000000" },
  { "GetBootloaderCommit", { .command = OAK_REQUEST_GET_COMMIT }, 4, "0c000000" },
  { "UpdateFlashBootHeader",
    { .command = OAK_REQUEST_UPDATE_BOOT_HEADER,
      .update_boot_header = { 3, LOW_OFFSET, HIGH_OFFSET, -3, 0x41424344, 7 } },
    40,
    "0d000000 03000000 " LOW_DIGITS HIGH_DIGITS "fdffffff 44434241 07000000 00000000" },
  { "ReadFlash",
    { .command = OAK_REQUEST_READ_FLASH, .read_flash = { 0, 0x11121314, 0x21222324 } },
    16,
    "0e000000 00000000 14131211 24232221" },
  { "GetApplicationDetails",
    { .command = OAK_REQUEST_GET_APPLICATION_DETAILS, .get_application_details = { 1 } },
    8,
    "0f000000 01000000" },
  { "GetMemoryDetails",
    { .command = OAK_REQUEST_GET_MEMORY_DETAILS, .get_memory_details = { -1 } },
    8,
    "10000000 ffffffff" },
  { "IsUserBootloader", { .command = OAK_REQUEST_IS_USER_BOOTLOADER }, 4, "11000000" },
};

static void
test_request (gconstpointer data)
{
  const RequestRow *row = data;
  g_autoptr (GBytes) encoded = oak_bootloader_request_encode (&row->request);
  g_autoptr (GBytes) again = NULL;
  g_autoptr (GError) error = NULL;
  OakBootloaderRequest decoded;

  g_assert_cmpuint (g_bytes_get_size (encoded), ==, row->size);
  test_bytes_assert (encoded, row->digits);
  memset (&decoded, 0xee, sizeof decoded);
  g_assert_true (oak_bootloader_request_decode (&decoded,
                                                g_bytes_get_data (encoded, NULL),
                                                g_bytes_get_size (encoded),
                                                &error));
  g_assert_no_error (error);
  g_assert_cmpint (decoded.command, ==, row->request.command);
  again = oak_bootloader_request_encode (&decoded);
  test_bytes_assert_equal (again, encoded);
  g_assert_cmpstr (oak_request_command_to_string (decoded.command), ==, row->name);
}

typedef struct {
  const char *name;
  OakBootloaderResponse response;
  gsize size;
  const char *digits;
} ResponseRow;

#define TEXT_DIGITS "6e6f 62*00 " /* "no" */

static const ResponseRow response_rows[] = {
  { "FlashComplete",
    { .command = OAK_RESPONSE_FLASH_COMPLETE, .flash_complete = { 0, "no" } },
    72,
    "00000000 00000000 " TEXT_DIGITS },
  { "FlashStatusUpdate",
    { .command = OAK_RESPONSE_FLASH_STATUS, .flash_status = { 0.125f } },
    8,
    "01000000 0000003e" },
  { "BootloaderVersion",
    { .command = OAK_RESPONSE_VERSION, .version = { 1, 2, 28 } },
    16,
    "02000000 01000000 02000000 1c000000" },
  { "BootloaderType", { .command = OAK_RESPONSE_TYPE, .type = { -1 } }, 8, "03000000 ffffffff" },
  { "GetBootloaderConfig",
    { .command = OAK_RESPONSE_CONFIG, .data = { 1, "no", 0x11121314, 0x21222324 } },
    80,
    "04000000 01000000 " TEXT_DIGITS "14131211 24232221" },
  { "BootloaderMemory",
    { .command = OAK_RESPONSE_BOOTLOADER_MEMORY, .bootloader_memory = { 1 } },
    8,
    "05000000 01000000" },
  { "BootApplication",
    { .command = OAK_RESPONSE_BOOT_APPLICATION, .flash_complete = { 2, "no" } },
    72,
    "06000000 02000000 " TEXT_DIGITS },
  { "BootloaderCommit",
    { .command = OAK_RESPONSE_COMMIT, .commit = { "no" } },
    68,
    "07000000 " TEXT_DIGITS },
  { "ReadFlash",
    { .command = OAK_RESPONSE_READ_FLASH, .data = { 1, "no", 0x11121314, 0x21222324 } },
    80,
    "08000000 01000000 " TEXT_DIGITS "14131211 24232221" },
  { "ApplicationDetails",
    { .command = OAK_RESPONSE_APPLICATION_DETAILS,
      .application_details = { 1, "no", 2, 3, 4, "v", "n" } },
    4436,
    "09000000 01000000 " TEXT_DIGITS "02000000 03000000 04000000 76 255*00 6e 4095*00" },
  { "MemoryDetails",
    { .command = OAK_RESPONSE_MEMORY_DETAILS, .memory_details = { 1, -1, LOW_OFFSET, "no" } },
    536,
    "0a000000 01000000 ffffffff 00000000 " LOW_DIGITS "6e6f 510*00" },
  { "IsUserBootloader",
    { .command = OAK_RESPONSE_IS_USER_BOOTLOADER, .is_user_bootloader = { 1 } },
    8,
    "0b000000 01000000" },
  { "NoOp", { .command = OAK_RESPONSE_NO_OP, .no_op = { 1 } }, 8, "0c000000 01000000" },
};

static void
test_response (gconstpointer data)
{
  const ResponseRow *row = data;
  g_autoptr (GBytes) encoded = oak_bootloader_response_encode (&row->response);
  g_autoptr (GBytes) again = NULL;
  g_autoptr (GError) error = NULL;
  OakBootloaderResponse decoded;

  g_assert_cmpuint (g_bytes_get_size (encoded), ==, row->size);
  test_bytes_assert (encoded, row->digits);
  memset (&decoded, 0xee, sizeof decoded);
  g_assert_true (oak_bootloader_response_decode (&decoded,
                                                 g_bytes_get_data (encoded, NULL),
                                                 g_bytes_get_size (encoded),
                                                 &error));
  g_assert_no_error (error);
  g_assert_cmpint (decoded.command, ==, row->response.command);
  again = oak_bootloader_response_encode (&decoded);
  test_bytes_assert_equal (again, encoded);
  g_assert_cmpstr (oak_response_command_to_string (decoded.command), ==, row->name);
}

static void
test_tables_are_complete (void)
{
  for (guint32 command = 0; command < 100; command++) {
    guint n_requests = 0;
    guint n_responses = 0;

    for (guint i = 0; i < G_N_ELEMENTS (request_rows); i++)
      n_requests += request_rows[i].request.command == command;
    for (guint i = 0; i < G_N_ELEMENTS (response_rows); i++)
      n_responses += response_rows[i].response.command == command;
    g_assert_cmpuint (n_requests,
                      ==,
                      strcmp (oak_request_command_to_string (command), "unknown") != 0 ? 1 : 0);
    g_assert_cmpuint (n_responses,
                      ==,
                      strcmp (oak_response_command_to_string (command), "unknown") != 0 ? 1 : 0);
  }
  g_assert_cmpuint (G_N_ELEMENTS (request_rows), ==, 17);
  g_assert_cmpuint (G_N_ELEMENTS (response_rows), ==, 13);
}

static void
test_unknown_commands_are_named_by_number (void)
{
  static const char *const digits[] = { "07000000 32*00",
                                        "12000000 32*00",
                                        "ffffffff 32*00",
                                        "00000080 32*00" };
  static const char *const messages[] = { "unknown bootloader request 7",
                                          "unknown bootloader request 18",
                                          "unknown bootloader request 4294967295",
                                          "unknown bootloader request 2147483648" };

  for (guint i = 0; i < G_N_ELEMENTS (digits); i++) {
    g_autoptr (GBytes) bytes = test_bytes_new (digits[i]);
    g_autoptr (GError) error = NULL;
    OakBootloaderRequest request;

    g_assert_false (
        oak_bootloader_request_decode (&request, g_bytes_get_data (bytes, NULL), 36, &error));
    g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
    g_assert_cmpstr (error->message, ==, messages[i]);
  }
}

static void
test_unknown_responses_are_named_by_number (void)
{
  static const char *const digits[] = { "0d000000 8*00", "ffffffff 8*00" };
  static const char *const messages[] = { "unknown bootloader response 13",
                                          "unknown bootloader response 4294967295" };

  for (guint i = 0; i < G_N_ELEMENTS (digits); i++) {
    g_autoptr (GBytes) bytes = test_bytes_new (digits[i]);
    g_autoptr (GError) error = NULL;
    OakBootloaderResponse response;

    g_assert_false (
        oak_bootloader_response_decode (&response, g_bytes_get_data (bytes, NULL), 12, &error));
    g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
    g_assert_cmpstr (error->message, ==, messages[i]);
  }
}

static void
test_padding_is_not_looked_at (void)
{
  g_autoptr (GBytes) bytes =
      test_bytes_new ("09000000 ffffffff 8*ff 00000000 de010000 01000000 d3550000");
  g_autoptr (GBytes) encoded = NULL;
  OakBootloaderRequest request;

  g_assert_true (
      oak_bootloader_request_decode (&request, g_bytes_get_data (bytes, NULL), 32, NULL));
  g_assert_cmpuint (request.set_config.total_size, ==, 478);
  encoded = oak_bootloader_request_encode (&request);
  test_bytes_assert (encoded, "09000000 ffffffff 8*ff 00000000 de010000 01000000 00000000");
}

static void
test_a_text_that_fills_its_field_is_cut (void)
{
  g_autoptr (GBytes) bytes = test_bytes_new ("00000000 00000000 64*78");
  g_autoptr (GBytes) encoded = NULL;
  OakBootloaderResponse response;

  g_assert_true (
      oak_bootloader_response_decode (&response, g_bytes_get_data (bytes, NULL), 72, NULL));
  g_assert_cmpuint (strlen (response.flash_complete.error_text), ==, 64);
  encoded = oak_bootloader_response_encode (&response);
  test_bytes_assert (encoded, "00000000 00000000 63*78 00");
}

static void
test_requests_know_their_first_version (void)
{
  static const struct {
    OakRequestCommand command;
    guint32 patch;
  } rows[] = {
    { OAK_REQUEST_USB_ROM_BOOT, 2 },
    { OAK_REQUEST_BOOT_APPLICATION, 2 },
    { OAK_REQUEST_UPDATE_FLASH, 2 },
    { OAK_REQUEST_GET_VERSION, 2 },
    { OAK_REQUEST_BOOT_MEMORY, 12 },
    { OAK_REQUEST_UPDATE_FLASH_EX, 12 },
    { OAK_REQUEST_UPDATE_FLASH_EX2, 12 },
    { OAK_REQUEST_GET_TYPE, 12 },
    { OAK_REQUEST_SET_CONFIG, 14 },
    { OAK_REQUEST_GET_CONFIG, 14 },
    { OAK_REQUEST_GET_BOOTLOADER_MEMORY, 14 },
    { OAK_REQUEST_GET_COMMIT, 18 },
    { OAK_REQUEST_UPDATE_BOOT_HEADER, 19 },
    { OAK_REQUEST_READ_FLASH, 19 },
    { OAK_REQUEST_GET_APPLICATION_DETAILS, 19 },
    { OAK_REQUEST_GET_MEMORY_DETAILS, 19 },
    { OAK_REQUEST_IS_USER_BOOTLOADER, 21 },
  };

  g_assert_cmpuint (G_N_ELEMENTS (rows), ==, G_N_ELEMENTS (request_rows));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    OakVersion since = oak_request_command_get_since (rows[i].command);

    g_assert_cmpint (oak_version_compare (since, OAK_VERSION (0, 0, rows[i].patch)), ==, 0);
  }
}

static void
test_packets_are_counted_as_the_original_does (void)
{
  g_assert_cmpuint (oak_bootloader_count_packets (1), ==, 1);
  g_assert_cmpuint (oak_bootloader_count_packets (5242880), ==, 1);
  g_assert_cmpuint (oak_bootloader_count_packets (5242881), ==, 2);
  g_assert_cmpuint (oak_bootloader_count_packets (8389120), ==, 2);
  g_assert_cmpuint (oak_bootloader_count_packets (G_MAXUINT32), ==, 820);
}

static void
test_counting_no_bytes_is_refused (void)
{
  if (g_test_subprocess ()) {
    oak_bootloader_count_packets (0);
    return;
  }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*total_size > 0*");
}

#define CASE(name, function) g_test_add_func ("/wire/bootloader-message/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (request_rows); i++) {
    g_autofree char *path =
        g_strdup_printf ("/wire/bootloader-message/request/%s", request_rows[i].name);

    g_test_add_data_func (path, &request_rows[i], test_request);
  }
  for (guint i = 0; i < G_N_ELEMENTS (response_rows); i++) {
    g_autofree char *path =
        g_strdup_printf ("/wire/bootloader-message/response/%s", response_rows[i].name);

    g_test_add_data_func (path, &response_rows[i], test_response);
  }
  CASE ("tables-are-complete", test_tables_are_complete);
  CASE ("unknown-commands-are-named-by-number", test_unknown_commands_are_named_by_number);
  CASE ("unknown-responses-are-named-by-number", test_unknown_responses_are_named_by_number);
  CASE ("padding-is-not-looked-at", test_padding_is_not_looked_at);
  CASE ("a-text-that-fills-its-field-is-cut", test_a_text_that_fills_its_field_is_cut);
  CASE ("requests-know-their-first-version", test_requests_know_their_first_version);
  CASE ("packets-are-counted-as-the-original-does", test_packets_are_counted_as_the_original_does);
  CASE ("counting-no-bytes-is-refused", test_counting_no_bytes_is_refused);
  return g_test_run ();
}
