/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OakAppPackage:
 *
 * An application package (`.dap`): a section table with firmware, pipeline and assets behind it
 * (bootloader.md §7, §8). Loading checks everything that can be known without a camera. Immutable,
 * atomically reference-counted, any thread.
 */
typedef struct _OakAppPackage OakAppPackage;

#define OAK_APP_PACKAGE_MAX_SIZE (512u * 1024u * 1024u)
#define OAK_APP_PACKAGE_MAX_TEXT_SIZE                                                              \
  (64u * 1024u) /* of a name or version that is given in full                                      \
                 */

typedef struct {
  const char *name; /* (unowned): as long as the package; may hold any bytes but NUL: escape before
                       showing */
  guint32 offset;
  guint32 size;
  guint32 checksum;
  guint8 type;
  guint8 flags;
  guint8 slot;      /* place in the table, 0 to 16 */
  gboolean outside; /* its range is not inside the file: only a damaged package has such */
} OakAppSection;

typedef enum {
  OAK_APP_PROBLEM_NOT_A_PACKAGE,
  OAK_APP_PROBLEM_SECTION_OUTSIDE,
  OAK_APP_PROBLEM_SECTION_OVERLAP,
  OAK_APP_PROBLEM_SECTION_DUPLICATE,
  OAK_APP_PROBLEM_SECTION_COMPRESSION,
  OAK_APP_PROBLEM_SECTION_CHECKSUM,
  OAK_APP_PROBLEM_FIRMWARE_NOT_BOOTABLE, /* none, several, or the wrong section is marked so */
  OAK_APP_PROBLEM_SECTION_MISSING,
  OAK_APP_PROBLEM_SECTION_EMPTY,
} OakAppProblemKind;

/* Something that is wrong with the container. */
typedef struct {
  OakAppProblemKind kind;
  const char *section; /* (unowned) (nullable): real name of the section it is about */
  const char *text;    /* (unowned): escaped, in English: "section \"assets\" at byte ..." */
} OakAppProblem;

/* Blocking. Returns: (transfer full): NULL with the errors of oak_file_bytes_load (), or with
 * OAK_ERROR_BAD_FILE when it is no package or a damaged one: the message says which section is
 * wrong and where. */
OakAppPackage *
oak_app_package_load (const char *path, GCancellable *cancellable, GError **error);
/* The same for bytes that are already in memory; @name is what to call them. */
OakAppPackage *
oak_app_package_new_from_bytes (GBytes *bytes, const char *name, GError **error);

/* Blocking. The same for looking at damaged packages: gives whatever is readable of them, and a
 * list of everything that is wrong. Only what has no problem may be flashed.
 *
 * Returns: (transfer full): NULL only with the errors of oak_file_bytes_load (). */
OakAppPackage *
oak_app_package_open (const char *path, GCancellable *cancellable, GError **error);
OakAppPackage *
oak_app_package_open_bytes (GBytes *bytes, const char *name);

OakAppPackage *
oak_app_package_ref (OakAppPackage *self);
void
oak_app_package_unref (OakAppPackage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakAppPackage, oak_app_package_unref)

/* Returns: (transfer none). */
GBytes *
oak_app_package_get_bytes (const OakAppPackage *self);
gsize
oak_app_package_get_size (const OakAppPackage *self);
const char *
oak_app_package_get_path (const OakAppPackage *self); /* (nullable) */
const char *
oak_app_package_get_file_name (const OakAppPackage *self); /* escaped, fit to be shown */
/* Escaped, fit to be shown; (nullable): the package has no such section or an empty one. */
const char *
oak_app_package_get_application_name (const OakAppPackage *self);
const char *
oak_app_package_get_firmware_version (const OakAppPackage *self);
const char *
oak_app_package_get_sha256 (const OakAppPackage *self);
/* TRUE when the firmware's checksum is verified by the bootloader at every start (flag
 * IGNORE_CHECKSUM clear). */
gboolean
oak_app_package_is_checked_at_boot (const OakAppPackage *self);

guint
oak_app_package_get_n_sections (const OakAppPackage *self);
void
oak_app_package_get_section (const OakAppPackage *self, guint index, OakAppSection *section);
/* The first section of that name. Returns: FALSE without touching @section when there is none. */
gboolean
oak_app_package_find_section (const OakAppPackage *self, const char *name, OakAppSection *section);
/* Returns: (transfer full) (nullable): the stored bytes of a section; NULL when they are not inside
 * the file. */
GBytes *
oak_app_package_dup_section_bytes (const OakAppPackage *self, guint index);
/* The same by name; NULL also when there is no such section. */
GBytes *
oak_app_package_dup_named_bytes (const OakAppPackage *self, const char *name);

/* Always 0 after oak_app_package_load (). */
guint
oak_app_package_get_n_problems (const OakAppPackage *self);
/* Returns: (transfer none). */
const OakAppProblem *
oak_app_package_get_problem (const OakAppPackage *self, guint index);

G_END_DECLS
