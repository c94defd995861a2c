/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fuzz-assert.h"
#include "oak-error.h"
#include "oak-sbr.h"

/* Section tables from any bytes. */

int
fuzz_one_input (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  guint8 encoded[OAK_SBR_SIZE];
  guint8 again[OAK_SBR_SIZE];
  OakSbr sbr;

  FUZZ_ASSERT (oak_sbr_checksum (oak_sbr_checksum (OAK_SBR_CHECKSUM_START, data, size / 2),
                                 data + size / 2,
                                 size - size / 2) ==
               oak_sbr_checksum (OAK_SBR_CHECKSUM_START, data, size));
  if (!oak_sbr_decode (&sbr, data, size, &error)) {
    FUZZ_ASSERT (g_error_matches (error, OAK_ERROR, OAK_ERROR_PROTOCOL));
    return 0;
  }
  oak_sbr_encode (&sbr, encoded);
  FUZZ_ASSERT (memcmp (encoded, "BR", 2) == 0);
  for (guint i = 0; i < OAK_SBR_N_ENTRIES; i++) {
    const OakSbrEntry *entry = &sbr.entries[i];

    FUZZ_ASSERT (strlen (entry->name) <= OAK_SBR_NAME_SIZE);
    FUZZ_ASSERT (entry->name[0] == '\0' || oak_sbr_find (&sbr, entry->name) <= entry);
    FUZZ_ASSERT (entry->name[0] == '\0' || oak_sbr_find (&sbr, entry->name) != NULL);
  }
  FUZZ_ASSERT (oak_sbr_decode (&sbr, encoded, sizeof encoded, NULL));
  oak_sbr_encode (&sbr, again);
  FUZZ_ASSERT (memcmp (encoded, again, sizeof encoded) == 0);
  return 0;
}
