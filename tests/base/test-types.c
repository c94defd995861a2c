/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-types.h"

/* Versions and the words for states, transports, types, memories and sections. */

typedef struct {
  const char *text;
  gboolean is_version;
  OakVersion version;
} VersionRow;

static const VersionRow version_rows[] = {
  { "0.0.28", TRUE, { 0, 0, 28 } },
  { "4294967295.0.1", TRUE, { G_MAXUINT32, 0, 1 } },
  { "4294967296.0.1", FALSE, { 0 } },
  { "0.0", FALSE, { 0 } },
  { "0.0.28.1", FALSE, { 0 } },
  { "0.0.", FALSE, { 0 } },
  { "..", FALSE, { 0 } },
  { "", FALSE, { 0 } },
  { "v0.0.28", FALSE, { 0 } },
  { "0.0.28+c555ac2f", FALSE, { 0 } },
  { "0.0.-1", FALSE, { 0 } },
  { "0.0.+1", FALSE, { 0 } },
  { "0.0. 1", FALSE, { 0 } },
  { "0.0.1 ", FALSE, { 0 } },
  { "0.0.0x1", FALSE, { 0 } },
  { NULL, FALSE, { 0 } },
};

static void
test_version_is_exactly_three_numbers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (version_rows); i++) {
    OakVersion version = OAK_VERSION (7, 8, 9);
    gboolean is_version = oak_version_parse (version_rows[i].text, &version);
    OakVersion expected = is_version ? version_rows[i].version : OAK_VERSION (7, 8, 9);

    g_test_message ("%s", version_rows[i].text != NULL ? version_rows[i].text : "(nothing)");
    g_assert_cmpint (is_version, ==, version_rows[i].is_version);
    g_assert_cmpint (oak_version_compare (version, expected), ==, 0);
  }
}

static void
test_versions_are_ordered_by_number (void)
{
  const OakVersion rising[] = {
    { 0, 0, 2 }, { 0, 0, 9 }, { 0, 0, 10 }, { 0, 1, 0 }, { 1, 0, 0 }, { 1, 0, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rising); i++) {
    for (guint j = 0; j < G_N_ELEMENTS (rising); j++) {
      int order = oak_version_compare (rising[i], rising[j]);

      g_assert_true ((order < 0) == (i < j) && (order > 0) == (i > j));
      g_assert_cmpint (
          oak_version_at_least (rising[i], rising[j].major, rising[j].minor, rising[j].patch),
          ==,
          i >= j);
    }
  }
}

static void
test_version_comes_back_from_its_text (void)
{
  g_autofree char *text = oak_version_to_string (OAK_VERSION (1, 20, G_MAXUINT32));
  OakVersion version = { 0 };

  g_assert_cmpstr (text, ==, "1.20.4294967295");
  g_assert_true (oak_version_parse (text, &version));
  g_assert_cmpint (oak_version_compare (version, OAK_VERSION (1, 20, G_MAXUINT32)), ==, 0);
}

static void
test_words_come_back (void)
{
  for (int i = OAK_DEVICE_STATE_UNKNOWN; i <= OAK_DEVICE_STATE_FLASH_BOOTED; i++) {
    OakDeviceState state = (OakDeviceState) -1;

    g_assert_true (
        oak_device_state_parse (oak_device_state_to_string ((OakDeviceState) i), &state));
    g_assert_cmpint (state, ==, i);
  }
  for (int i = OAK_BOOTLOADER_TYPE_AUTO; i <= OAK_BOOTLOADER_TYPE_NETWORK; i++) {
    OakBootloaderType type = (OakBootloaderType) 99;

    g_assert_true (
        oak_bootloader_type_parse (oak_bootloader_type_to_string ((OakBootloaderType) i), &type));
    g_assert_cmpint (type, ==, i);
  }
  for (int i = OAK_MEMORY_AUTO; i <= OAK_MEMORY_EMMC; i++) {
    OakMemory memory = (OakMemory) 99;

    g_assert_true (oak_memory_parse (oak_memory_to_string ((OakMemory) i), &memory));
    g_assert_cmpint (memory, ==, i);
  }
}

static void
test_words_are_the_promised_ones (void)
{
  g_assert_cmpstr (oak_device_state_to_string (OAK_DEVICE_STATE_FLASH_BOOTED), ==, "flash-booted");
  g_assert_cmpstr (oak_transport_to_string (OAK_TRANSPORT_NETWORK), ==, "network");
  g_assert_cmpstr (oak_transport_to_string (OAK_TRANSPORT_USB), ==, "usb");
  g_assert_cmpstr (oak_memory_to_string (OAK_MEMORY_EMMC), ==, "emmc");
  g_assert_cmpstr (oak_section_to_string (OAK_SECTION_HEADER), ==, "header");
  g_assert_cmpstr (oak_section_to_string (OAK_SECTION_USER_BOOTLOADER), ==, "user-bootloader");
}

static void
test_unknown_values_print_as_unknown (void)
{
  g_assert_cmpstr (oak_device_state_to_string ((OakDeviceState) 42), ==, "unknown");
  g_assert_cmpstr (oak_transport_to_string ((OakTransport) 42), ==, "unknown");
  g_assert_cmpstr (oak_bootloader_type_to_string ((OakBootloaderType) -2), ==, "unknown");
  g_assert_cmpstr (oak_memory_to_string ((OakMemory) 7), ==, "unknown");
  g_assert_cmpstr (oak_section_to_string ((OakSection) 5), ==, "unknown");
}

static void
test_other_words_are_refused (void)
{
  OakDeviceState state = OAK_DEVICE_STATE_BOOTED;
  OakBootloaderType type = OAK_BOOTLOADER_TYPE_USB;
  OakMemory memory = OAK_MEMORY_EMMC;

  g_assert_false (oak_device_state_parse ("Booted", &state));
  g_assert_false (oak_bootloader_type_parse ("", &type));
  g_assert_false (oak_memory_parse (NULL, &memory));
  g_assert_cmpint (state, ==, OAK_DEVICE_STATE_BOOTED);
  g_assert_cmpint (type, ==, OAK_BOOTLOADER_TYPE_USB);
  g_assert_cmpint (memory, ==, OAK_MEMORY_EMMC);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/types/version-is-exactly-three-numbers",
                   test_version_is_exactly_three_numbers);
  g_test_add_func ("/base/types/versions-are-ordered-by-number",
                   test_versions_are_ordered_by_number);
  g_test_add_func ("/base/types/version-comes-back-from-its-text",
                   test_version_comes_back_from_its_text);
  g_test_add_func ("/base/types/words-come-back", test_words_come_back);
  g_test_add_func ("/base/types/words-are-the-promised-ones", test_words_are_the_promised_ones);
  g_test_add_func ("/base/types/unknown-values-print-as-unknown",
                   test_unknown_values_print_as_unknown);
  g_test_add_func ("/base/types/other-words-are-refused", test_other_words_are_refused);
  return g_test_run ();
}
