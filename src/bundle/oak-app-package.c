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
  guint8 slots[OAK_SBR_N_ENTRIES]; /* where in the table each of them stands */
  guint n_sections;
  GPtrArray *problems; /* of OakAppProblem, in the order in which they were found */
  gboolean checked_at_boot;
};

/* Returns: the section's name in quotes, fit to be shown. */
static char *
quote_name (const OakSbrEntry *section)
{
  g_autofree char *name = oak_text_escape (section->name, -1, OAK_SBR_NAME_SIZE);

  return g_strdup_printf ("\"%s\"", name);
}

static void
problem_free (gpointer data)
{
  OakAppProblem *self = data;

  g_free ((char *) self->section);
  g_free ((char *) self->text);
  g_free (self);
}

static void
add_problem_text (OakAppPackage *self, OakAppProblemKind kind, const char *section, char *text)
{
  OakAppProblem *problem = g_new (OakAppProblem, 1);

  *problem = (OakAppProblem){ .kind = kind, .section = g_strdup (section), .text = text };
  g_ptr_array_add (self->problems, problem);
}

G_GNUC_PRINTF (4, 5)
static void
add_problem (OakAppPackage *self,
             OakAppProblemKind kind,
             const OakSbrEntry *section,
             const char *format,
             ...)
{
  g_autofree char *name = quote_name (section);
  g_autofree char *reason = NULL;
  va_list arguments;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  add_problem_text (self, kind, section->name, g_strdup_printf ("section %s %s", name, reason));
}

static guint64
get_end (const OakSbrEntry *section)
{
  return (guint64) section->offset + section->size;
}

static gboolean
is_outside (const OakAppPackage *self, const OakSbrEntry *section)
{
  return section->offset < OAK_SBR_SIZE || get_end (section) > g_bytes_get_size (self->bytes);
}

static void
check_range (OakAppPackage *self, const OakSbrEntry *section)
{
  gsize file_size = g_bytes_get_size (self->bytes);

  if (section->offset < OAK_SBR_SIZE)
    add_problem (self,
                 OAK_APP_PROBLEM_SECTION_OUTSIDE,
                 section,
                 "begins at byte %u, inside the table of %u bytes",
                 section->offset,
                 OAK_SBR_SIZE);
  else if (get_end (section) > file_size)
    add_problem (self,
                 OAK_APP_PROBLEM_SECTION_OUTSIDE,
                 section,
                 "ends at byte %" G_GUINT64_FORMAT
                 ", beyond the end of the file at %" G_GSIZE_FORMAT,
                 get_end (section),
                 file_size);
}

static gboolean
overlap (const OakAppPackage *self, const OakSbrEntry *a, const OakSbrEntry *b)
{
  if (a->size == 0 || b->size == 0 || is_outside (self, a) || is_outside (self, b))
    return FALSE;
  return a->offset < get_end (b) && b->offset < get_end (a);
}

/* Against the sections before this one. */
static void
check_neighbours (OakAppPackage *self, guint index)
{
  const OakSbrEntry *section = &self->sections[index];

  for (guint i = 0; i < index; i++) {
    const OakSbrEntry *other = &self->sections[i];
    g_autofree char *other_name = quote_name (other);

    if (strcmp (section->name, other->name) == 0)
      add_problem (self, OAK_APP_PROBLEM_SECTION_DUPLICATE, section, "is in the table twice");
    else if (overlap (self, section, other))
      add_problem (self,
                   OAK_APP_PROBLEM_SECTION_OVERLAP,
                   section,
                   "at bytes %u to %" G_GUINT64_FORMAT " overlaps section %s",
                   section->offset,
                   get_end (section),
                   other_name);
  }
}

static void
check_compression (OakAppPackage *self, const OakSbrEntry *section)
{
  guint8 compression = section->flags & OAK_SBR_FLAG_COMPRESSION_MASK;

  if (compression == OAK_SBR_FLAG_COMPRESSION_NONE || compression == OAK_SBR_FLAG_COMPRESSION_ZLIB)
    return;
  add_problem (self,
               OAK_APP_PROBLEM_SECTION_COMPRESSION,
               section,
               "is compressed in a way no known bootloader can read (flags 0x%02x)",
               section->flags);
}

/* Sections that share bytes would be summed up again and again: a table can name the whole file
 * seventeen times. */
static gboolean
is_worth_summing (const OakAppPackage *self, const OakSbrEntry *section)
{
  if (is_outside (self, section))
    return FALSE;
  for (const OakSbrEntry *other = self->sections; other < section; other++)
    if (overlap (self, section, other))
      return FALSE;
  return TRUE;
}

/* Also where the firmware's flag tells the bootloader not to look: the flag is about the boot, not
 * about the file (bootloader.md §8.1). */
static void
check_checksum (OakAppPackage *self, const OakSbrEntry *section)
{
  const guint8 *data = g_bytes_get_data (self->bytes, NULL);
  guint32 checksum;

  if (!is_worth_summing (self, section))
    return;
  checksum = oak_sbr_checksum (OAK_SBR_CHECKSUM_START, data + section->offset, section->size);
  if (checksum != section->checksum)
    add_problem (self,
                 OAK_APP_PROBLEM_SECTION_CHECKSUM,
                 section,
                 "at byte %u is damaged: its checksum is 0x%08x instead of 0x%08x",
                 section->offset,
                 checksum,
                 section->checksum);
}

static void
check_sections (OakAppPackage *self)
{
  for (guint i = 0; i < self->n_sections; i++) {
    check_range (self, &self->sections[i]);
    check_neighbours (self, i);
    check_compression (self, &self->sections[i]);
  }
  for (guint i = 0; i < self->n_sections; i++)
    check_checksum (self, &self->sections[i]);
}

static const OakSbrEntry *
find_section (const OakAppPackage *self, const char *name)
{
  for (guint i = 0; i < self->n_sections; i++)
    if (strcmp (self->sections[i].name, name) == 0)
      return &self->sections[i];
  return NULL;
}

static void
check_bootable (OakAppPackage *self, const OakSbrEntry *bootable)
{
  if (bootable == NULL)
    add_problem_text (self,
                      OAK_APP_PROBLEM_FIRMWARE_NOT_BOOTABLE,
                      NULL,
                      g_strdup ("no section is marked as firmware to start"));
  else if (strcmp (bootable->name, FIRMWARE_SECTION) != 0)
    add_problem (self,
                 OAK_APP_PROBLEM_FIRMWARE_NOT_BOOTABLE,
                 bootable,
                 "is marked as firmware, but is not called \"__firmware\"");
  else if (bootable->size == 0)
    add_problem (self, OAK_APP_PROBLEM_SECTION_EMPTY, bootable, "is empty");
}

static void
check_firmware (OakAppPackage *self)
{
  const OakSbrEntry *bootable = NULL;

  for (guint i = 0; i < self->n_sections; i++) {
    const OakSbrEntry *section = &self->sections[i];

    if ((section->flags & OAK_SBR_FLAG_BOOTABLE) == 0)
      continue;
    if (bootable != NULL)
      add_problem (self,
                   OAK_APP_PROBLEM_FIRMWARE_NOT_BOOTABLE,
                   section,
                   "is a second one that claims to be startable");
    else
      bootable = section;
  }
  check_bootable (self, bootable);
}

static void
check_pipeline (OakAppPackage *self)
{
  const OakSbrEntry *pipeline = find_section (self, PIPELINE_SECTION);

  if (pipeline == NULL)
    add_problem_text (self,
                      OAK_APP_PROBLEM_SECTION_MISSING,
                      PIPELINE_SECTION,
                      g_strdup ("the section \"pipeline\" is missing"));
  else if (pipeline->size == 0)
    add_problem (self, OAK_APP_PROBLEM_SECTION_EMPTY, pipeline, "is empty");
}

static gboolean
read_table (OakAppPackage *self)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (self->bytes, &size);
  g_autoptr (GError) local_error = NULL;
  OakSbr table;

  if (!oak_sbr_decode (&table, data, size, &local_error)) {
    add_problem_text (self,
                      OAK_APP_PROBLEM_NOT_A_PACKAGE,
                      NULL,
                      g_strdup_printf ("it is no application package: %s", local_error->message));
    return FALSE;
  }
  for (guint i = 0; i < OAK_SBR_N_ENTRIES; i++) {
    if (table.entries[i].name[0] == '\0')
      continue;
    self->slots[self->n_sections] = (guint8) i;
    self->sections[self->n_sections++] = table.entries[i];
  }
  if (self->n_sections > 0)
    return TRUE;
  add_problem_text (self,
                    OAK_APP_PROBLEM_NOT_A_PACKAGE,
                    NULL,
                    g_strdup ("its table names no section at all"));
  return FALSE;
}

static char *
dup_section_text (const OakAppPackage *self, const char *name)
{
  const OakSbrEntry *section = find_section (self, name);
  const char *data = g_bytes_get_data (self->bytes, NULL);

  if (section == NULL || section->size == 0 || is_outside (self, section))
    return NULL;
  return oak_text_escape (data + section->offset, section->size, MAX_TEXT_LENGTH);
}

/* All checks, in the order in which a person should hear of what they find. */
static void
read_package (OakAppPackage *self)
{
  const OakSbrEntry *firmware;

  if (!read_table (self))
    return;
  check_sections (self);
  check_firmware (self);
  check_pipeline (self);
  self->application_name = dup_section_text (self, APPLICATION_NAME_SECTION);
  self->firmware_version = dup_section_text (self, FIRMWARE_VERSION_SECTION);
  firmware = find_section (self, FIRMWARE_SECTION);
  self->checked_at_boot = firmware != NULL && (firmware->flags & OAK_SBR_FLAG_IGNORE_CHECKSUM) == 0;
}

static void
package_clear (gpointer data)
{
  OakAppPackage *self = data;

  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_clear_pointer (&self->problems, g_ptr_array_unref);
  g_free (self->path);
  g_free (self->file_name);
  g_free (self->application_name);
  g_free (self->firmware_version);
  g_free (self->sha256);
}

static OakAppPackage *
package_new (GBytes *bytes, const char *path, const char *name)
{
  OakAppPackage *self = g_atomic_rc_box_new0 (OakAppPackage);

  self->bytes = g_bytes_ref (bytes);
  self->path = g_strdup (path);
  self->file_name = oak_text_escape (name, -1, MAX_FILE_NAME_LENGTH);
  self->problems = g_ptr_array_new_with_free_func (problem_free);
  read_package (self);
  return self;
}

/* Takes @opened. Returns: (transfer full): NULL for one that must not be used. */
static OakAppPackage *
refuse_problems (OakAppPackage *opened, GError **error)
{
  g_autoptr (OakAppPackage) self = opened;

  if (self->problems->len == 0)
    return g_steal_pointer (&self);
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_BAD_FILE,
               "\"%s\" cannot be used: %s",
               self->file_name,
               oak_app_package_get_problem (self, 0)->text);
  return NULL;
}

OakAppPackage *
oak_app_package_open (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *name = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  bytes = oak_file_bytes_load (path, OAK_APP_PACKAGE_MAX_SIZE, cancellable, error);
  if (bytes == NULL)
    return NULL;
  name = g_path_get_basename (path);
  return package_new (bytes, path, name);
}

OakAppPackage *
oak_app_package_open_bytes (GBytes *bytes, const char *name)
{
  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return package_new (bytes, NULL, name);
}

OakAppPackage *
oak_app_package_load (const char *path, GCancellable *cancellable, GError **error)
{
  OakAppPackage *opened = oak_app_package_open (path, cancellable, error);

  return opened == NULL ? NULL : refuse_problems (opened, error);
}

OakAppPackage *
oak_app_package_new_from_bytes (GBytes *bytes, const char *name, GError **error)
{
  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return refuse_problems (package_new (bytes, NULL, name), error);
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
    .slot = self->slots[index],
    .outside = is_outside (self, entry),
  };
}

gboolean
oak_app_package_find_section (const OakAppPackage *self, const char *name, OakAppSection *section)
{
  const OakSbrEntry *entry = find_section (self, name);

  if (entry == NULL)
    return FALSE;
  oak_app_package_get_section (self, (guint) (entry - self->sections), section);
  return TRUE;
}

GBytes *
oak_app_package_dup_section_bytes (const OakAppPackage *self, guint index)
{
  const OakSbrEntry *entry;

  g_return_val_if_fail (index < self->n_sections, NULL);

  entry = &self->sections[index];
  if (is_outside (self, entry))
    return NULL;
  return g_bytes_new_from_bytes (self->bytes, entry->offset, entry->size);
}

GBytes *
oak_app_package_dup_named_bytes (const OakAppPackage *self, const char *name)
{
  const OakSbrEntry *entry = find_section (self, name);

  if (entry == NULL)
    return NULL;
  return oak_app_package_dup_section_bytes (self, (guint) (entry - self->sections));
}

guint
oak_app_package_get_n_problems (const OakAppPackage *self)
{
  return self->problems->len;
}

const OakAppProblem *
oak_app_package_get_problem (const OakAppPackage *self, guint index)
{
  g_return_val_if_fail (index < self->problems->len, NULL);

  return g_ptr_array_index (self->problems, index);
}
