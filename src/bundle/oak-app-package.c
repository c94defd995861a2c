/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-app-package.h"

#include <string.h>

#include "oak-error.h"
#include "oak-file-bytes.h"
#include "oak-sbr.h"
#include "oak-text.h"

/* Reads a package's table and checks everything that can be known without a camera and without
 * looking into the sections (bootloader.md §7, §8.5 points 1 to 4). The bytes are never copied. Any
 * thread. */

#define FIRMWARE_SECTION         "__firmware"
#define PIPELINE_SECTION         "pipeline"
#define FIRMWARE_VERSION_SECTION "__fw_version"
#define APPLICATION_NAME_SECTION "app_name"
#define MAX_TEXT_LENGTH          200
#define MAX_FILE_NAME_LENGTH     120

struct _OakAppPackage {
  GBytes *bytes;
  char *path;             /* (nullable) */
  char *file_name;        /* escaped */
  char *application_name; /* (nullable), escaped */
  char *firmware_version; /* (nullable), escaped */
  char *sha256;           /* (nullable): made when first asked for; guarded by g_once */
  OakSbrEntry sections[OAK_SBR_N_ENTRIES];
  guint n_sections;
  gboolean checked_at_boot;
};

/* Returns: the section's name in quotes, fit to be shown. */
static char *
quote_name (const OakSbrEntry *section)
{
  g_autofree char *name = oak_text_escape (section->name, -1, OAK_SBR_NAME_SIZE);

  return g_strdup_printf ("\"%s\"", name);
}

G_GNUC_PRINTF (3, 4)
static gboolean
fail_section (GError **error, const OakSbrEntry *section, const char *format, ...)
{
  g_autofree char *name = quote_name (section);
  g_autofree char *reason = NULL;
  va_list arguments;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE, "section %s %s", name, reason);
  return FALSE;
}

static guint64
get_end (const OakSbrEntry *section)
{
  return (guint64) section->offset + section->size;
}

static gboolean
check_range (const OakSbrEntry *section, gsize file_size, GError **error)
{
  if (section->offset < OAK_SBR_SIZE)
    return fail_section (error,
                         section,
                         "begins at byte %u, inside the table of %u bytes",
                         section->offset,
                         OAK_SBR_SIZE);
  if (get_end (section) > file_size)
    return fail_section (error,
                         section,
                         "ends at byte %" G_GUINT64_FORMAT
                         ", beyond the end of the file at %" G_GSIZE_FORMAT,
                         get_end (section),
                         file_size);
  return TRUE;
}

static gboolean
overlap (const OakSbrEntry *a, const OakSbrEntry *b)
{
  if (a->size == 0 || b->size == 0)
    return FALSE;
  return a->offset < get_end (b) && b->offset < get_end (a);
}

/* Against the sections before this one. */
static gboolean
check_neighbours (const OakAppPackage *self, guint index, GError **error)
{
  const OakSbrEntry *section = &self->sections[index];

  for (guint i = 0; i < index; i++) {
    const OakSbrEntry *other = &self->sections[i];
    g_autofree char *other_name = quote_name (other);

    if (strcmp (section->name, other->name) == 0)
      return fail_section (error, section, "is in the table twice");
    if (overlap (section, other))
      return fail_section (error,
                           section,
                           "at bytes %u to %" G_GUINT64_FORMAT " overlaps section %s",
                           section->offset,
                           get_end (section),
                           other_name);
  }
  return TRUE;
}

static gboolean
check_compression (const OakSbrEntry *section, GError **error)
{
  guint8 compression = section->flags & OAK_SBR_FLAG_COMPRESSION_MASK;

  if (compression == OAK_SBR_FLAG_COMPRESSION_NONE || compression == OAK_SBR_FLAG_COMPRESSION_ZLIB)
    return TRUE;
  return fail_section (error,
                       section,
                       "is compressed in a way no known bootloader can read (flags 0x%02x)",
                       section->flags);
}

/* Also where the firmware's flag tells the bootloader not to look: the flag is about the boot, not
 * about the file (bootloader.md §8.1). */
static gboolean
check_checksum (const OakAppPackage *self, const OakSbrEntry *section, GError **error)
{
  const guint8 *data = g_bytes_get_data (self->bytes, NULL);
  guint32 checksum =
      oak_sbr_checksum (OAK_SBR_CHECKSUM_START, data + section->offset, section->size);

  if (checksum == section->checksum)
    return TRUE;
  return fail_section (error,
                       section,
                       "at byte %u is damaged: its checksum is 0x%08x instead of 0x%08x",
                       section->offset,
                       checksum,
                       section->checksum);
}

static gboolean
check_sections (const OakAppPackage *self, GError **error)
{
  gsize file_size = g_bytes_get_size (self->bytes);

  for (guint i = 0; i < self->n_sections; i++) {
    if (!check_range (&self->sections[i], file_size, error) || !check_neighbours (self, i, error) ||
        !check_compression (&self->sections[i], error))
      return FALSE;
  }
  for (guint i = 0; i < self->n_sections; i++)
    if (!check_checksum (self, &self->sections[i], error))
      return FALSE;
  return TRUE;
}

static const OakSbrEntry *
find_section (const OakAppPackage *self, const char *name)
{
  for (guint i = 0; i < self->n_sections; i++)
    if (strcmp (self->sections[i].name, name) == 0)
      return &self->sections[i];
  return NULL;
}

static gboolean
check_firmware (const OakAppPackage *self, GError **error)
{
  const OakSbrEntry *bootable = NULL;

  for (guint i = 0; i < self->n_sections; i++) {
    const OakSbrEntry *section = &self->sections[i];

    if ((section->flags & OAK_SBR_FLAG_BOOTABLE) == 0)
      continue;
    if (bootable != NULL)
      return fail_section (error, section, "is a second one that claims to be startable");
    bootable = section;
  }
  if (bootable == NULL) {
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_BAD_FILE,
                         "no section is marked as firmware to start");
    return FALSE;
  }
  if (strcmp (bootable->name, FIRMWARE_SECTION) != 0)
    return fail_section (error,
                         bootable,
                         "is marked as firmware, but is not called \"__firmware\"");
  if (bootable->size == 0)
    return fail_section (error, bootable, "is empty");
  return TRUE;
}

static gboolean
check_pipeline (const OakAppPackage *self, GError **error)
{
  const OakSbrEntry *pipeline = find_section (self, PIPELINE_SECTION);

  if (pipeline == NULL) {
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_BAD_FILE,
                         "the section \"pipeline\" is missing");
    return FALSE;
  }
  if (pipeline->size == 0)
    return fail_section (error, pipeline, "is empty");
  return TRUE;
}

static gboolean
read_table (OakAppPackage *self, GError **error)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (self->bytes, &size);
  g_autoptr (GError) local_error = NULL;
  OakSbr table;

  if (!oak_sbr_decode (&table, data, size, &local_error)) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "it is no application package: %s",
                 local_error->message);
    return FALSE;
  }
  for (guint i = 0; i < OAK_SBR_N_ENTRIES; i++)
    if (table.entries[i].name[0] != '\0')
      self->sections[self->n_sections++] = table.entries[i];
  if (self->n_sections > 0)
    return TRUE;
  g_set_error_literal (error, OAK_ERROR, OAK_ERROR_BAD_FILE, "its table names no section at all");
  return FALSE;
}

static char *
dup_section_text (const OakAppPackage *self, const char *name)
{
  const OakSbrEntry *section = find_section (self, name);
  const char *data = g_bytes_get_data (self->bytes, NULL);

  if (section == NULL || section->size == 0)
    return NULL;
  return oak_text_escape (data + section->offset, section->size, MAX_TEXT_LENGTH);
}

static gboolean
read_package (OakAppPackage *self, GError **error)
{
  if (!read_table (self, error) || !check_sections (self, error) || !check_firmware (self, error) ||
      !check_pipeline (self, error))
    return FALSE;
  self->application_name = dup_section_text (self, APPLICATION_NAME_SECTION);
  self->firmware_version = dup_section_text (self, FIRMWARE_VERSION_SECTION);
  self->checked_at_boot =
      (find_section (self, FIRMWARE_SECTION)->flags & OAK_SBR_FLAG_IGNORE_CHECKSUM) == 0;
  return TRUE;
}

static void
package_clear (gpointer data)
{
  OakAppPackage *self = data;

  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self->path);
  g_free (self->file_name);
  g_free (self->application_name);
  g_free (self->firmware_version);
  g_free (self->sha256);
}

static OakAppPackage *
package_new (GBytes *bytes, const char *path, const char *name, GError **error)
{
  g_autoptr (OakAppPackage) self = g_atomic_rc_box_new0 (OakAppPackage);

  self->bytes = g_bytes_ref (bytes);
  self->path = g_strdup (path);
  self->file_name = oak_text_escape (name, -1, MAX_FILE_NAME_LENGTH);
  if (!read_package (self, error)) {
    g_prefix_error (error, "\"%s\" cannot be used: ", self->file_name);
    return NULL;
  }
  return g_steal_pointer (&self);
}

OakAppPackage *
oak_app_package_load (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *name = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  bytes = oak_file_bytes_load (path, OAK_APP_PACKAGE_MAX_SIZE, cancellable, error);
  if (bytes == NULL)
    return NULL;
  name = g_path_get_basename (path);
  return package_new (bytes, path, name, error);
}

OakAppPackage *
oak_app_package_new_from_bytes (GBytes *bytes, const char *name, GError **error)
{
  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return package_new (bytes, NULL, name, error);
}

OakAppPackage *
oak_app_package_ref (OakAppPackage *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
oak_app_package_unref (OakAppPackage *self)
{
  g_atomic_rc_box_release_full (self, package_clear);
}

GBytes *
oak_app_package_get_bytes (const OakAppPackage *self)
{
  return self->bytes;
}

gsize
oak_app_package_get_size (const OakAppPackage *self)
{
  return g_bytes_get_size (self->bytes);
}

const char *
oak_app_package_get_path (const OakAppPackage *self)
{
  return self->path;
}

const char *
oak_app_package_get_file_name (const OakAppPackage *self)
{
  return self->file_name;
}

const char *
oak_app_package_get_application_name (const OakAppPackage *self)
{
  return self->application_name;
}

const char *
oak_app_package_get_firmware_version (const OakAppPackage *self)
{
  return self->firmware_version;
}

const char *
oak_app_package_get_sha256 (const OakAppPackage *self)
{
  OakAppPackage *writable = (OakAppPackage *) self;

  /* A tenth of a second for a large package, and many callers never ask. */
  if (g_once_init_enter (&writable->sha256))
    g_once_init_leave (&writable->sha256, oak_file_bytes_get_sha256 (writable->bytes));
  return self->sha256;
}

gboolean
oak_app_package_is_checked_at_boot (const OakAppPackage *self)
{
  return self->checked_at_boot;
}

guint
oak_app_package_get_n_sections (const OakAppPackage *self)
{
  return self->n_sections;
}

void
oak_app_package_get_section (const OakAppPackage *self, guint index, OakAppSection *section)
{
  const OakSbrEntry *entry;

  g_return_if_fail (index < self->n_sections);

  entry = &self->sections[index];
  *section = (OakAppSection){
    .name = entry->name,
    .offset = entry->offset,
    .size = entry->size,
    .checksum = entry->checksum,
    .type = entry->type,
    .flags = entry->flags,
  };
}
