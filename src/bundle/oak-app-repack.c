/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-app-repack.h"

#include <string.h>

#include "oak-app-contents.h"
#include "oak-app-package.h"
#include "oak-app-repack-private.h"
#include "oak-error.h"
#include "oak-inflate.h"
#include "oak-sbr.h"
#include "oak-types.h"

/* Takes a package apart, changes what is wished and lays it out anew. Blocking; any thread. */

#define SECTION_ALIGNMENT  (64 * OAK_KIB)
#define PIPELINE_ALIGNMENT OAK_MIB

typedef struct {
  OakSbrEntry entry; /* size, offset and checksum are made last */
  guint slot;
  GBytes *bytes; /* (owned) */
} Piece;

static void
clear_piece (gpointer data)
{
  Piece *self = data;

  g_clear_pointer (&self->bytes, g_bytes_unref);
}

static gboolean
check_package (const OakAppPackage *package, GError **error)
{
  if (oak_app_package_get_n_problems (package) == 0)
    return TRUE;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_BAD_FILE,
               "a damaged package is not repacked, for the copy would look whole: %s",
               oak_app_package_get_problem (package, 0)->text);
  return FALSE;
}

static GArray *
take_apart (const OakAppPackage *package)
{
  GArray *pieces = g_array_new (FALSE, TRUE, sizeof (Piece));

  g_array_set_clear_func (pieces, clear_piece);
  for (guint i = 0; i < oak_app_package_get_n_sections (package); i++) {
    Piece piece = { .bytes = oak_app_package_dup_section_bytes (package, i) };
    OakAppSection section;

    oak_app_package_get_section (package, i, &section);
    g_strlcpy (piece.entry.name, section.name, sizeof piece.entry.name);
    piece.entry.offset = section.offset;
    piece.entry.type = section.type;
    piece.entry.flags = section.flags;
    piece.slot = section.slot;
    g_array_append_val (pieces, piece);
  }
  return pieces;
}

static Piece *
find_piece (const GArray *pieces, const char *name)
{
  for (guint i = 0; i < pieces->len; i++) {
    Piece *piece = &g_array_index (pieces, Piece, i);

    if (strcmp (piece->entry.name, name) == 0)
      return piece;
  }
  return NULL;
}

/* Behind everything that is there. Returns: (nullable): NULL when the table is full. */
static Piece *
add_piece (GArray *pieces, const char *name)
{
  Piece piece = { .entry = { .offset = G_MAXUINT32 } };

  for (guint i = 0; i < pieces->len; i++)
    piece.slot = MAX (piece.slot, g_array_index (pieces, Piece, i).slot + 1);
  if (piece.slot >= OAK_SBR_N_ENTRIES)
    return NULL;
  g_strlcpy (piece.entry.name, name, sizeof piece.entry.name);
  g_array_append_val (pieces, piece);
  return &g_array_index (pieces, Piece, pieces->len - 1);
}

static gboolean
set_piece (GArray *pieces, const char *name, GBytes *bytes, GError **error)
{
  Piece *piece = find_piece (pieces, name);

  if (piece == NULL)
    piece = add_piece (pieces, name);
  if (piece == NULL) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "the package's table has no place for a section \"%s\"",
                 name);
    return FALSE;
  }
  g_clear_pointer (&piece->bytes, g_bytes_unref);
  piece->bytes = g_bytes_ref (bytes);
  return TRUE;
}

static gboolean
name_application (GArray *pieces, const OakRepackWish *wish, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;

  if (wish->application_name == NULL)
    return TRUE;
  bytes = g_bytes_new (wish->application_name, strlen (wish->application_name));
  return set_piece (pieces, "app_name", bytes, error);
}

static gboolean
replace_assets (GArray *pieces, OakAppContents *contents, const OakRepackWish *wish, GError **error)
{
  g_auto (OakRepackedAssets) made = { NULL, NULL, NULL };

  if (wish->n_assets == 0)
    return TRUE;
  return oak_app_repack_assets (contents, wish, &made, error) &&
         set_piece (pieces, "pipeline", made.pipeline, error) &&
         set_piece (pieces, "assets", made.assets, error) &&
         set_piece (pieces, "asset_storage", made.storage, error);
}

static gboolean
is_compressed (const Piece *firmware)
{
  return (firmware->entry.flags & OAK_SBR_FLAG_COMPRESSION_MASK) != OAK_SBR_FLAG_COMPRESSION_NONE;
}

static gboolean
compress_firmware (Piece *firmware,
                   OakRepackChoice choice,
                   GCancellable *cancellable,
                   GError **error)
{
  gsize size = 0;
  const void *data = g_bytes_get_data (firmware->bytes, &size);
  GBytes *changed;

  if (choice == OAK_REPACK_KEEP || is_compressed (firmware) == (choice == OAK_REPACK_YES))
    return TRUE;
  changed = choice == OAK_REPACK_YES
                ? oak_deflate (data, size, cancellable, error)
                : oak_inflate (data, size, OAK_INFLATE_MAX_SIZE, cancellable, error);
  if (changed == NULL) {
    g_prefix_error (error, "firmware: ");
    return FALSE;
  }
  g_bytes_unref (firmware->bytes);
  firmware->bytes = changed;
  firmware->entry.flags ^= OAK_SBR_FLAG_COMPRESSION_ZLIB;
  return TRUE;
}

static gboolean
change_firmware (GArray *pieces,
                 const OakRepackWish *wish,
                 GCancellable *cancellable,
                 GError **error)
{
  Piece *firmware = find_piece (pieces, "__firmware");

  if (!compress_firmware (firmware, wish->compress, cancellable, error))
    return FALSE;
  if (wish->check_at_boot == OAK_REPACK_YES)
    firmware->entry.flags &= (guint8) ~OAK_SBR_FLAG_IGNORE_CHECKSUM;
  if (wish->check_at_boot == OAK_REPACK_NO)
    firmware->entry.flags |= OAK_SBR_FLAG_IGNORE_CHECKSUM;
  return TRUE;
}

/* The order in which the pieces lie in the file: firmware first, the others as before. */
static int
compare_places (gconstpointer a, gconstpointer b)
{
  const Piece *first = a;
  const Piece *second = b;
  int firmware_first = (strcmp (second->entry.name, "__firmware") == 0) -
                       (strcmp (first->entry.name, "__firmware") == 0);

  if (firmware_first != 0)
    return firmware_first;
  if (first->entry.offset != second->entry.offset)
    return first->entry.offset < second->entry.offset ? -1 : 1;
  return (first->slot > second->slot) - (first->slot < second->slot);
}

static guint64
place_piece (const Piece *piece, guint64 end, gsize section_alignment)
{
  guint64 alignment =
      strcmp (piece->entry.name, "pipeline") == 0 ? PIPELINE_ALIGNMENT : section_alignment;

  if (strcmp (piece->entry.name, "__firmware") == 0)
    return end;
  return (end + alignment - 1) / alignment * alignment;
}

/* Libraries before v2.17 put every section at a whole MiB (bootloader.md §8.2); what they made
 * stays like that. Returns: TRUE when the pieces still lie as @section_alignment would have it. */
static gboolean
is_laid_out_by (const GArray *pieces, gsize section_alignment)
{
  guint64 end = OAK_SBR_SIZE;

  for (guint i = 0; i < pieces->len; i++) {
    const Piece *piece = &g_array_index (pieces, Piece, i);

    if (piece->entry.offset != place_piece (piece, end, section_alignment))
      return FALSE;
    end = (guint64) piece->entry.offset + g_bytes_get_size (piece->bytes);
  }
  return TRUE;
}

static gsize
choose_alignment (const GArray *pieces)
{
  if (!is_laid_out_by (pieces, SECTION_ALIGNMENT) && is_laid_out_by (pieces, PIPELINE_ALIGNMENT))
    return PIPELINE_ALIGNMENT;
  return SECTION_ALIGNMENT;
}

static guint32
sum_bytes (GBytes *bytes)
{
  gsize size = 0;
  const void *data = g_bytes_get_data (bytes, &size);

  return oak_sbr_checksum (OAK_SBR_CHECKSUM_START, data, size);
}

/* Returns: FALSE when the package becomes larger than any may be; else its size is in @total. */
static gboolean
lay_out (GArray *pieces, gsize alignment, guint64 *total, GError **error)
{
  *total = OAK_SBR_SIZE;
  for (guint i = 0; i < pieces->len; i++) {
    Piece *piece = &g_array_index (pieces, Piece, i);

    *total = place_piece (piece, *total, alignment);
    piece->entry.offset = (guint32) *total;
    piece->entry.size = (guint32) g_bytes_get_size (piece->bytes);
    piece->entry.checksum = sum_bytes (piece->bytes);
    *total += piece->entry.size;
    if (*total > OAK_APP_PACKAGE_MAX_SIZE) {
      g_set_error_literal (error,
                           OAK_ERROR,
                           OAK_ERROR_TOO_LARGE,
                           "the package becomes larger than any may be");
      return FALSE;
    }
  }
  return TRUE;
}

static GBytes *
put_together (const GArray *pieces, gsize total)
{
  guint8 *file = g_malloc0 (total);
  OakSbr table = { 0 };

  for (guint i = 0; i < pieces->len; i++) {
    const Piece *piece = &g_array_index (pieces, Piece, i);
    gsize size = 0;
    const void *data = g_bytes_get_data (piece->bytes, &size);

    table.entries[piece->slot] = piece->entry;
    if (size > 0)
      memcpy (file + piece->entry.offset, data, size);
  }
  oak_sbr_encode (&table, file);
  return g_bytes_new_take (file, total);
}

GBytes *
oak_app_repack (OakAppContents *contents,
                const OakRepackWish *wish,
                GCancellable *cancellable,
                GError **error)
{
  g_autoptr (GArray) pieces = NULL;
  gsize alignment;
  guint64 total;

  g_return_val_if_fail (contents != NULL, NULL);
  g_return_val_if_fail (wish != NULL, NULL);

  if (!check_package (oak_app_contents_get_package (contents), error))
    return NULL;
  pieces = take_apart (oak_app_contents_get_package (contents));
  g_array_sort (pieces, compare_places);
  alignment = choose_alignment (pieces);
  if (!change_firmware (pieces, wish, cancellable, error) ||
      !replace_assets (pieces, contents, wish, error) || !name_application (pieces, wish, error))
    return NULL;
  if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
      !lay_out (pieces, alignment, &total, error))
    return NULL;
  return put_together (pieces, (gsize) total);
}
