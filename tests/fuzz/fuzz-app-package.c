/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fuzz-assert.h"
#include "oak-app-package.h"
#include "oak-error.h"
#include "oak-sbr.h"

/* Application packages. The first byte of the input says whether the checksums are set right first:
 * no fuzzer guesses them. What is accepted must keep its promises: sections inside the file, behind
 * the table, not over each other, with right checksums, and names fit to be shown. */

static void
set_checksums (guint8 *data, gsize size)
{
  OakSbr table;

  if (!oak_sbr_decode (&table, data, size, NULL))
    return;
  for (guint i = 0; i < OAK_SBR_N_ENTRIES; i++) {
    OakSbrEntry *entry = &table.entries[i];

    if (entry->offset >= OAK_SBR_SIZE && (guint64) entry->offset + entry->size <= size)
      entry->checksum =
          oak_sbr_checksum (OAK_SBR_CHECKSUM_START, data + entry->offset, entry->size);
  }
  oak_sbr_encode (&table, data);
}

static void
assert_text (const char *text)
{
  if (text == NULL)
    return;
  FUZZ_ASSERT (g_utf8_validate (text, -1, NULL));
  for (const char *c = text; *c != '\0'; c++)
    FUZZ_ASSERT ((guint8) *c >= 0x20 && *c != 0x7f);
}

static void
assert_section (const OakAppPackage *package, guint index, gsize size)
{
  const guint8 *data = g_bytes_get_data (oak_app_package_get_bytes (package), NULL);
  OakAppSection section;

  oak_app_package_get_section (package, index, &section);
  FUZZ_ASSERT (section.name[0] != '\0' && strlen (section.name) <= OAK_SBR_NAME_SIZE);
  FUZZ_ASSERT (section.offset >= OAK_SBR_SIZE);
  FUZZ_ASSERT ((guint64) section.offset + section.size <= size);
  FUZZ_ASSERT (oak_sbr_checksum (OAK_SBR_CHECKSUM_START, data + section.offset, section.size) ==
               section.checksum);
  for (guint i = 0; i < index; i++) {
    OakAppSection other;

    oak_app_package_get_section (package, i, &other);
    FUZZ_ASSERT (section.size == 0 || other.size == 0 ||
                 section.offset >= (guint64) other.offset + other.size ||
                 other.offset >= (guint64) section.offset + section.size);
  }
}

static void
assert_package (const OakAppPackage *package, gsize size)
{
  guint n_sections = oak_app_package_get_n_sections (package);

  FUZZ_ASSERT (n_sections >= 2 && n_sections <= OAK_SBR_N_ENTRIES);
  FUZZ_ASSERT (oak_app_package_get_size (package) == size);
  for (guint i = 0; i < n_sections; i++)
    assert_section (package, i, size);
  assert_text (oak_app_package_get_application_name (package));
  assert_text (oak_app_package_get_firmware_version (package));
  FUZZ_ASSERT (strlen (oak_app_package_get_sha256 (package)) == 64);
}

int
fuzz_one_input (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (OakAppPackage) package = NULL;
  g_autofree guint8 *copy = NULL;

  if (size < 1)
    return 0;
  copy = g_memdup2 (data + 1, size - 1);
  if ((data[0] & 1) != 0)
    set_checksums (copy, size - 1);
  bytes = g_bytes_new (copy, size - 1);
  package = oak_app_package_new_from_bytes (bytes, "fuzzed.dap", &error);
  FUZZ_ASSERT ((package == NULL) == (error != NULL));
  if (package != NULL) {
    assert_package (package, size - 1);
  } else {
    FUZZ_ASSERT (g_error_matches (error, OAK_ERROR, OAK_ERROR_BAD_FILE));
    assert_text (error->message);
  }
  return 0;
}
