/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "oak-app-contents.h"
#include "oak-app-package.h"
#include "oak-app-verdict-private.h"
#include "oak-inflate.h"
#include "oak-sbr.h"
#include "oak-text.h"

/* What can be said against a package as a container, against its firmware, and for one camera; and
 * in which words. Names from the file come escaped from below. Pure functions, any thread. */

#define SECTION_ALIGNMENT  (64 * OAK_KIB)
#define PIPELINE_ALIGNMENT OAK_MIB

/* A network bootloader older than this can be made useless by an application (bootloader.md, hazard
 * H4), and packed firmware is known since then (bootloader.md §10.5). */
static const OakVersion applications_since = { 0, 0, 14 };

static const char *const known_sections[] = { "__firmware",    "pipeline",     "assets",
                                              "asset_storage", "__fw_version", "app_name" };

static OakAppPackage *
get_package (const OakAppVerdict *self)
{
  return oak_app_contents_get_package (self->contents);
}

static const char *
get_problem_code (const OakAppProblem *problem)
{
  switch (problem->kind) {
  case OAK_APP_PROBLEM_NOT_A_PACKAGE:
    return "not-a-package";
  case OAK_APP_PROBLEM_SECTION_OUTSIDE:
    return "section-outside";
  case OAK_APP_PROBLEM_SECTION_OVERLAP:
    return "section-overlap";
  case OAK_APP_PROBLEM_SECTION_DUPLICATE:
    return "section-duplicate";
  case OAK_APP_PROBLEM_SECTION_COMPRESSION:
    return "section-compression";
  case OAK_APP_PROBLEM_SECTION_CHECKSUM:
    return g_str_equal (problem->section, "__firmware") ? "firmware-checksum" : "section-checksum";
  case OAK_APP_PROBLEM_FIRMWARE_NOT_BOOTABLE:
    return "firmware-not-bootable";
  case OAK_APP_PROBLEM_SECTION_MISSING:
    return "section-missing";
  case OAK_APP_PROBLEM_SECTION_EMPTY:
  default:
    return "section-empty";
  }
}

static gboolean
is_about_firmware (const OakAppProblem *problem)
{
  return problem->section != NULL && g_str_equal (problem->section, "__firmware");
}

static void
add_problem (OakAppVerdict *self, const OakAppProblem *problem)
{
  const char *code = get_problem_code (problem);

  if (problem->kind == OAK_APP_PROBLEM_NOT_A_PACKAGE)
    oak_app_verdict_add (self,
                         OAK_FINDING_ERROR,
                         code,
                         N_ ("This file cannot be flashed: %s. Choose an application package; its "
                             "name usually ends in .dap."),
                         problem->text);
  else if (problem->kind == OAK_APP_PROBLEM_SECTION_CHECKSUM && is_about_firmware (problem))
    oak_app_verdict_add (self,
                         OAK_FINDING_ERROR,
                         code,
                         N_ ("The firmware is damaged: %s. Copy, download or build the package "
                             "again; damaged firmware can make a camera unreachable."),
                         problem->text);
  else if (problem->kind == OAK_APP_PROBLEM_SECTION_COMPRESSION)
    oak_app_verdict_add (self,
                         OAK_FINDING_ERROR,
                         code,
                         N_ ("No camera can unpack this package: %s. Build it again."),
                         problem->text);
  else
    oak_app_verdict_add (self,
                         OAK_FINDING_ERROR,
                         code,
                         N_ ("The package is damaged: %s. Copy, download or build it again."),
                         problem->text);
}

static gboolean
is_known_section (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (known_sections); i++)
    if (strcmp (name, known_sections[i]) == 0)
      return TRUE;
  return FALSE;
}

/* Where the bootloader looks for the parts is only known for the vendor's own layout. */
static gboolean
is_aligned (const OakAppSection *section)
{
  if (strcmp (section->name, "__firmware") == 0)
    return section->offset == OAK_SBR_SIZE;
  if (strcmp (section->name, "pipeline") == 0)
    return section->offset % PIPELINE_ALIGNMENT == 0;
  return section->offset % SECTION_ALIGNMENT == 0;
}

static void
look_at_section (OakAppVerdict *self, const OakAppSection *section)
{
  g_autofree char *name = oak_text_escape (section->name, -1, OAK_SBR_NAME_SIZE);

  if (!section->outside && !is_aligned (section))
    oak_app_verdict_add (self,
                         OAK_FINDING_WARNING,
                         "section-alignment",
                         N_ ("Section “%s” begins at byte %u, where no known library would put it. "
                             "Repacking the package puts everything in its place."),
                         name,
                         section->offset);
  if (!is_known_section (section->name))
    oak_app_verdict_add (self,
                         OAK_FINDING_NOTE,
                         "unknown-section",
                         N_ ("The package has a section “%s” that this program does not know; it "
                             "is written to the camera like all the others."),
                         name);
}

static void
look_at_package_notes (OakAppVerdict *self)
{
  OakAppPackage *package = get_package (self);

  if (oak_app_package_get_application_name (package) == NULL)
    oak_app_verdict_add (self,
                         OAK_FINDING_NOTE,
                         "no-name",
                         N_ ("The application has no name. Repacking the package can give it "
                             "one."));
  if (!oak_app_package_is_checked_at_boot (package))
    oak_app_verdict_add (self,
                         OAK_FINDING_NOTE,
                         "not-checked-at-boot",
                         N_ ("The camera will not check the firmware at every start, which is "
                             "quicker and the usual choice."));
}

void
oak_app_verdict_look_at_container (OakAppVerdict *self)
{
  OakAppPackage *package = get_package (self);
  guint n_sections = oak_app_package_get_n_sections (package);

  for (guint i = 0; i < oak_app_package_get_n_problems (package); i++)
    add_problem (self, oak_app_package_get_problem (package, i));
  if (n_sections == 0)
    return;
  for (guint i = 0; i < n_sections; i++) {
    OakAppSection section;

    oak_app_package_get_section (package, i, &section);
    look_at_section (self, &section);
  }
  look_at_package_notes (self);
}

static guint64
count_mib_with_table (guint64 size)
{
  return (OAK_SBR_SIZE + size + PIPELINE_ALIGNMENT - 1) / PIPELINE_ALIGNMENT;
}

static void
look_at_packing (OakAppVerdict *self, const OakFirmwareFacts *facts)
{
  g_autofree char *before = oak_text_size (facts->inflated_size);
  g_autofree char *after = oak_text_size (facts->deflated_size);

  if (facts->compressed || facts->deflated_size > facts->inflated_size / 2)
    return;
  if (count_mib_with_table (facts->deflated_size) < count_mib_with_table (facts->inflated_size))
    oak_app_verdict_add (self,
                         OAK_FINDING_WARNING,
                         "compressible",
                         N_ ("The firmware is not compressed: about %s instead of %s would do, and "
                             "flashing would take less time. Repack the package with "
                             "compression."),
                         after,
                         before);
  else
    oak_app_verdict_add (self,
                         OAK_FINDING_NOTE,
                         "compressible-small",
                         N_ ("The firmware is not compressed (%s, compressed about %s), but the "
                             "package would not become smaller by it."),
                         before,
                         after);
}

static void
look_at_readable_firmware (OakAppVerdict *self, const OakFirmwareFacts *facts)
{
  if (!facts->has_magic)
    oak_app_verdict_add (self,
                         OAK_FINDING_ERROR,
                         "firmware-magic",
                         N_ ("The firmware does not begin like a program for these cameras. Build "
                             "the package again with the library made for the camera."));
  if (facts->n_trailing_bytes > 0)
    oak_app_verdict_add (self,
                         OAK_FINDING_WARNING,
                         "trailing-bytes",
                         N_ ("Behind the compressed firmware lie %zu bytes that nobody reads. Find "
                             "out who changed the package."),
                         facts->n_trailing_bytes);
  look_at_packing (self, facts);
}

void
oak_app_verdict_look_at_firmware (OakAppVerdict *self)
{
  const OakFirmwareFacts *facts = oak_app_contents_get_firmware (self->contents);
  g_autofree char *limit = oak_text_size (OAK_INFLATE_MAX_SIZE);

  switch (facts->state) {
  case OAK_FIRMWARE_READABLE:
    look_at_readable_firmware (self, facts);
    break;
  case OAK_FIRMWARE_UNREADABLE:
    oak_app_verdict_add (self,
                         OAK_FINDING_ERROR,
                         "firmware-unreadable",
                         N_ ("The compressed firmware is damaged or ends early. Copy, download or "
                             "build the package again."));
    break;
  case OAK_FIRMWARE_TOO_LARGE:
    oak_app_verdict_add (self,
                         OAK_FINDING_ERROR,
                         "firmware-too-large",
                         N_ ("The compressed firmware unpacks to more than %s, which is more than "
                             "any camera can load. Build the package again."),
                         limit);
    break;
  case OAK_FIRMWARE_ABSENT: /* the container has said so */
  default:
    break;
  }
}

static void
look_at_room (OakAppVerdict *self, guint64 size)
{
  guint64 room = self->target.room;
  g_autofree char *size_text = oak_text_size (size);
  g_autofree char *room_text = oak_text_size (room);

  if (!self->target.room_known || size <= room)
    return;
  oak_app_verdict_add (self,
                       OAK_FINDING_ERROR,
                       "memory-too-small",
                       N_ ("The package has %s, and the camera has room for %s: %" PRIu64
                           " bytes too much. Repack it with compression, leave assets out, or "
                           "choose a camera with more memory."),
                       size_text,
                       room_text,
                       size - room);
}

static void
look_at_version (OakAppVerdict *self)
{
  const OakAppTarget *target = &self->target;
  g_autofree char *version = oak_version_to_string (target->bootloader_version);
  g_autofree char *needed = oak_version_to_string (applications_since);

  if (!target->version_known ||
      oak_version_compare (target->bootloader_version, applications_since) >= 0)
    return;
  if (target->bootloader_type == OAK_BOOTLOADER_TYPE_NETWORK)
    oak_app_verdict_add (self,
                         OAK_FINDING_ERROR,
                         "bootloader-too-old",
                         N_ ("The camera’s bootloader %s can make it unusable when it is given an "
                             "application. Update the bootloader to %s or newer first."),
                         version,
                         needed);
  else if (oak_app_contents_get_firmware (self->contents)->compressed)
    oak_app_verdict_add (self,
                         OAK_FINDING_ERROR,
                         "bootloader-too-old",
                         N_ ("The camera’s bootloader %s cannot unpack compressed firmware. Update "
                             "the bootloader to %s or newer, or repack the package without "
                             "compression."),
                         version,
                         needed);
}

void
oak_app_verdict_look_at_target (OakAppVerdict *self)
{
  if (oak_app_package_get_n_sections (get_package (self)) == 0)
    return;
  look_at_room (self, oak_app_package_get_size (get_package (self)));
  look_at_version (self);
}
