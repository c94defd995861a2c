/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-app-contents.h"

#include <string.h>

#include "oak-app-package.h"
#include "oak-asset-map.h"
#include "oak-error.h"
#include "oak-inflate.h"
#include "oak-nop-reader.h"
#include "oak-sbr.h"
#include "oak-text.h"

/* Opens every section of a package once and keeps what was found, or why nothing was. Any thread.
 */

#define FIRMWARE_MAGIC    "MA2x" /* bootloader.md §8.5 point 3 */
#define MAX_NAMES         20     /* in a message that says what there is */
#define MAX_NAME_LENGTH   200
#define MAX_SCRIPT_LENGTH ((gsize) 1024 * 1024)

struct _OakAppContents {
  OakAppPackage *package;
  OakFirmwareFacts firmware;
  OakPipelineGeneration generation;
  gboolean unknown_form;
  OakPipeline *pipeline; /* (nullable) */
  OakAssetMap *assets;   /* (nullable) */
  char *pipeline_reason; /* (nullable): why there is none */
  char *assets_reason;   /* (nullable) */
};

static void
judge_inflated (OakFirmwareFacts *facts, const OakInflateResult *inflated, const GError *error)
{
  facts->has_magic = memcmp (inflated->head, FIRMWARE_MAGIC, OAK_INFLATE_HEAD_SIZE) == 0;
  if (error == NULL) {
    facts->state = OAK_FIRMWARE_READABLE;
    facts->inflated_size = inflated->size;
    facts->n_trailing_bytes = inflated->n_trailing_bytes;
  } else if (g_error_matches (error, OAK_ERROR, OAK_ERROR_TOO_LARGE)) {
    facts->state = OAK_FIRMWARE_TOO_LARGE;
  } else {
    facts->state = OAK_FIRMWARE_UNREADABLE;
  }
}

/* Returns: FALSE only when cancelled. */
static gboolean
inflate_firmware (OakFirmwareFacts *facts,
                  const void *data,
                  gsize size,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autoptr (GError) local_error = NULL;
  OakInflateResult inflated;

  oak_inflate_measure (data, size, OAK_INFLATE_MAX_SIZE, &inflated, cancellable, &local_error);
  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
  }
  judge_inflated (facts, &inflated, local_error);
  return TRUE;
}

static void
look_at_plain_firmware (OakFirmwareFacts *facts, const void *data, gsize size)
{
  facts->state = OAK_FIRMWARE_READABLE;
  facts->inflated_size = size;
  facts->has_magic =
      size >= OAK_INFLATE_HEAD_SIZE && memcmp (data, FIRMWARE_MAGIC, OAK_INFLATE_HEAD_SIZE) == 0;
  facts->deflated_size = oak_deflate_estimate (data, size);
}

static gboolean
read_firmware (OakAppContents *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GBytes) bytes = oak_app_package_dup_named_bytes (self->package, "__firmware");
  OakFirmwareFacts *facts = &self->firmware;
  OakAppSection section;
  const void *data;
  gsize size = 0;

  if (bytes == NULL)
    return TRUE;
  oak_app_package_find_section (self->package, "__firmware", &section);
  data = g_bytes_get_data (bytes, &size);
  facts->stored_size = size;
  switch (section.flags & OAK_SBR_FLAG_COMPRESSION_MASK) {
  case OAK_SBR_FLAG_COMPRESSION_NONE:
    look_at_plain_firmware (facts, data, size);
    return TRUE;
  case OAK_SBR_FLAG_COMPRESSION_ZLIB:
    facts->compressed = TRUE;
    return inflate_firmware (facts, data, size, cancellable, error);
  default:
    facts->compressed = TRUE;
    facts->state = OAK_FIRMWARE_UNREADABLE;
    return TRUE;
  }
}

static gboolean
is_whole_value (GBytes *bytes)
{
  gsize size = 0;
  const void *data = g_bytes_get_data (bytes, &size);
  OakNopReader reader;

  oak_nop_reader_init (&reader, data, size);
  oak_nop_reader_skip (&reader, "pipeline");
  return !oak_nop_reader_is_failed (&reader) && oak_nop_reader_get_left (&reader) == 0;
}

/* Only one small form of v3 is known so far, so another one is no proof of damage. */
static gboolean
is_unknown_form (const OakAppContents *self, GBytes *bytes)
{
  switch (self->generation) {
  case OAK_PIPELINE_GENERATION_MESSAGE_PACK:
    return TRUE;
  case OAK_PIPELINE_GENERATION_V3:
    return g_bytes_get_size (bytes) <= OAK_PIPELINE_MAX_SIZE && is_whole_value (bytes);
  case OAK_PIPELINE_GENERATION_UNKNOWN:
  case OAK_PIPELINE_GENERATION_V2:
  default:
    return FALSE;
  }
}

static void
read_pipeline (OakAppContents *self)
{
  g_autoptr (GBytes) bytes = oak_app_package_dup_named_bytes (self->package, "pipeline");
  g_autoptr (GError) local_error = NULL;

  if (bytes == NULL) {
    self->pipeline_reason = g_strdup ("the section \"pipeline\" is missing or outside the file");
    return;
  }
  self->generation = oak_pipeline_guess_generation (bytes);
  self->pipeline = oak_pipeline_decode (bytes, &local_error);
  if (self->pipeline != NULL)
    return;
  self->pipeline_reason = g_strdup (local_error->message);
  self->unknown_form = is_unknown_form (self, bytes);
}

static void
read_assets (OakAppContents *self)
{
  g_autoptr (GBytes) bytes = oak_app_package_dup_named_bytes (self->package, "assets");
  g_autoptr (GBytes) storage = oak_app_package_dup_named_bytes (self->package, "asset_storage");
  g_autoptr (GError) local_error = NULL;

  if (bytes == NULL) {
    self->assets_reason = g_strdup ("the section \"assets\" is missing or outside the file");
    return;
  }
  if (self->generation == OAK_PIPELINE_GENERATION_MESSAGE_PACK) {
    self->assets_reason = g_strdup (self->pipeline_reason);
    return;
  }
  self->assets = oak_asset_map_decode (bytes, storage, &local_error);
  if (self->assets == NULL)
    self->assets_reason = g_strdup (local_error->message);
}

OakAppContents *
oak_app_contents_read (OakAppPackage *package, GCancellable *cancellable, GError **error)
{
  g_autoptr (OakAppContents) self = g_atomic_rc_box_new0 (OakAppContents);

  g_return_val_if_fail (package != NULL, NULL);

  self->package = oak_app_package_ref (package);
  if (!read_firmware (self, cancellable, error))
    return NULL;
  read_pipeline (self);
  read_assets (self);
  return g_steal_pointer (&self);
}

OakAppContents *
oak_app_contents_load (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (OakAppPackage) package = oak_app_package_open (path, cancellable, error);

  return package == NULL ? NULL : oak_app_contents_read (package, cancellable, error);
}

static void
contents_clear (gpointer data)
{
  OakAppContents *self = data;

  g_clear_pointer (&self->package, oak_app_package_unref);
  g_clear_pointer (&self->pipeline, oak_pipeline_unref);
  g_clear_pointer (&self->assets, oak_asset_map_unref);
  g_free (self->pipeline_reason);
  g_free (self->assets_reason);
}

OakAppContents *
oak_app_contents_ref (OakAppContents *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
oak_app_contents_unref (OakAppContents *self)
{
  g_atomic_rc_box_release_full (self, contents_clear);
}

OakAppPackage *
oak_app_contents_get_package (const OakAppContents *self)
{
  return self->package;
}

const OakFirmwareFacts *
oak_app_contents_get_firmware (const OakAppContents *self)
{
  return &self->firmware;
}

OakPipelineGeneration
oak_app_contents_get_generation (const OakAppContents *self)
{
  return self->generation;
}

gboolean
oak_app_contents_is_unknown_form (const OakAppContents *self)
{
  return self->unknown_form;
}

OakPipeline *
oak_app_contents_get_pipeline (const OakAppContents *self, const char **reason)
{
  if (reason != NULL)
    *reason = self->pipeline_reason;
  return self->pipeline;
}

OakAssetMap *
oak_app_contents_get_assets (const OakAppContents *self, const char **reason)
{
  if (reason != NULL)
    *reason = self->assets_reason;
  return self->assets;
}

/* "no such asset; there are: A, B, C and 7 more" */
static void
set_not_found (GError **error, const char *kind, const char *asked, GPtrArray *names)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *shown = oak_text_escape (asked, -1, MAX_NAME_LENGTH);

  for (guint i = 0; i < MIN (names->len, MAX_NAMES); i++)
    g_string_append_printf (text,
                            "%s\"%s\"",
                            i == 0 ? "" : ", ",
                            (const char *) g_ptr_array_index (names, i));
  if (names->len > MAX_NAMES)
    g_string_append_printf (text, " and %u more", names->len - MAX_NAMES);
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_NOT_FOUND,
               "the package has no %s \"%s\"; it has %s",
               kind,
               shown,
               names->len == 0 ? "none at all" : text->str);
}

static void
set_outside (GError **error, const char *kind, const char *asked)
{
  g_autofree char *shown = oak_text_escape (asked, -1, MAX_NAME_LENGTH);

  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_BAD_FILE,
               "the package is damaged: %s \"%s\" reaches beyond its end",
               kind,
               shown);
}

GBytes *
oak_app_contents_dup_section (const OakAppContents *self, const char *name, GError **error)
{
  guint n_sections = oak_app_package_get_n_sections (self->package);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < n_sections; i++) {
    OakAppSection section;
    char *shown;
    GBytes *bytes;

    oak_app_package_get_section (self->package, i, &section);
    shown = oak_text_escape (section.name, -1, OAK_SBR_NAME_SIZE);
    g_ptr_array_add (names, shown);
    if (!g_str_equal (section.name, name) && !g_str_equal (shown, name))
      continue;
    bytes = oak_app_package_dup_section_bytes (self->package, i);
    if (bytes == NULL)
      set_outside (error, "section", name);
    return bytes;
  }
  set_not_found (error, "section", name, names);
  return NULL;
}

static GBytes *
dup_asset_bytes (const OakAppContents *self, const OakAsset *asset)
{
  g_autoptr (GBytes) storage = oak_app_package_dup_named_bytes (self->package, "asset_storage");

  if (asset->outside)
    return NULL;
  if (storage == NULL)
    return g_bytes_new (NULL, 0);
  return g_bytes_new_from_bytes (storage, asset->offset, asset->size);
}

static void
set_no_such_asset (const OakAppContents *self, const char *name, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < oak_asset_map_get_n_assets (self->assets); i++)
    g_ptr_array_add (names, (gpointer) oak_asset_map_get_asset (self->assets, i)->name);
  set_not_found (error, "asset", name, names);
}

GBytes *
oak_app_contents_dup_asset (const OakAppContents *self, const char *name, GError **error)
{
  const OakAsset *asset;
  GBytes *bytes;

  if (self->assets == NULL) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "the list of assets cannot be read: %s",
                 self->assets_reason);
    return NULL;
  }
  asset = oak_asset_map_find_typed (self->assets, name);
  if (asset == NULL) {
    set_no_such_asset (self, name, error);
    return NULL;
  }
  bytes = dup_asset_bytes (self, asset);
  if (bytes == NULL)
    set_outside (error, "asset", name);
  return bytes;
}

GBytes *
oak_app_contents_dup_script (const OakAppContents *self, gint64 node_id, GError **error)
{
  g_autofree char *name = g_strdup_printf ("/node/%" G_GINT64_FORMAT "/__script", node_id);

  return oak_app_contents_dup_asset (self, name, error);
}

/* One line, or the part of it before a tabulator; a carriage return belongs to the line feed. */
static void
append_piece (GString *text, const char *piece, gsize size)
{
  g_autofree char *escaped = NULL;

  if (size > 0 && piece[size - 1] == '\r')
    size--;
  escaped = oak_text_escape (piece, (gssize) size, size);
  g_string_append (text, escaped);
}

char *
oak_app_contents_dup_script_text (const OakAppContents *self, gint64 node_id)
{
  g_autoptr (GBytes) bytes = oak_app_contents_dup_script (self, node_id, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  gsize size = 0;
  const char *data;
  gsize start = 0;

  if (bytes == NULL)
    return NULL;
  data = g_bytes_get_data (bytes, &size);
  for (gsize i = 0; i < MIN (size, MAX_SCRIPT_LENGTH); i++) {
    if (data[i] != '\n' && data[i] != '\t')
      continue;
    append_piece (text, data + start, i - start);
    g_string_append_c (text, data[i]);
    start = i + 1;
  }
  append_piece (text, data + start, MIN (size, MAX_SCRIPT_LENGTH) - start);
  if (size > MAX_SCRIPT_LENGTH)
    g_string_append (text, "…");
  return g_string_free (g_steal_pointer (&text), FALSE);
}
