/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-types.h"

G_BEGIN_DECLS

/* Bootloader images as the vendor hands them out: an xz-packed tar with one image a type
 * (bootloader.md §10), or an image by itself. Everything is looked at in memory, nothing is ever
 * written under a name from inside an archive. Blocking; any thread. */

/* The limits everything from outside has to keep. The largest release known is far below. */
#define OAK_FIRMWARE_ARCHIVE_MAX_SIZE        (16 * OAK_MIB) /* packed */
#define OAK_FIRMWARE_ARCHIVE_MAX_CONTENT     (32 * OAK_MIB) /* unpacked, names and padding too */
#define OAK_FIRMWARE_ARCHIVE_MAX_ENTRIES     64
#define OAK_FIRMWARE_ARCHIVE_MAX_NAME_LENGTH 255 /* bytes */

/* What a chosen file begins like. */
typedef enum {
  OAK_FIRMWARE_UNKNOWN,
  OAK_FIRMWARE_ARCHIVE, /* packed by xz */
  OAK_FIRMWARE_IMAGE,   /* for the chip's ROM (bootloader.md §10.3), or made up for simulated
                           cameras */
} OakFirmwareKind;

OakFirmwareKind
oak_firmware_recognise (GBytes *bytes);
/* TRUE for an image that only simulated cameras understand. */
gboolean
oak_firmware_is_made_up (GBytes *image);

/* Whether @image begins like one and fits into the bootloader's section of @type (bootloader.md
 * §6); AUTO: into the larger one. @name: as people know it, fit to be shown. Returns: FALSE with
 * OAK_ERROR_BAD_FILE or OAK_ERROR_TOO_LARGE. */
gboolean
oak_firmware_check_image (GBytes *image, OakBootloaderType type, const char *name, GError **error);

/* Returns: the type an image has that is called @name inside an archive of the vendor: exactly
 * "depthai-bootloader-usb.cmd" or "depthai-bootloader-eth.cmd"; AUTO for any other name. */
OakBootloaderType
oak_firmware_type_of_name (const char *name);
/* The ending of an image alone may also be ".mvcmd". Returns: TRUE when @name is that of a single
 * image as people keep it, with @type (AUTO: the name does not say it). */
gboolean
oak_firmware_parse_image_name (const char *name, OakBootloaderType *type);

/* The version in "depthai-bootloader-fwp-V.tar.xz". Returns: (transfer full) (nullable): V, in the
 * form oak_firmware_check_version () accepts; NULL: any other name. */
char *
oak_firmware_version_of_name (const char *name);
/* "0.0.28", or with the commit of a test build "0.0.18+c555ac2f". Returns: FALSE for any other
 * text, without touching @version, (nullable): the number alone. */
gboolean
oak_firmware_check_version (const char *text, OakVersion *version);

/* One image of an archive. */
typedef struct {
  OakBootloaderType type;
  char *name;    /* (owned): inside the archive */
  GBytes *bytes; /* (owned) */
} OakFirmwareEntry;

/* Unpacks the bootloader images of an archive; other plain files in it are passed over. An archive
 * that has links, special files, absolute names or names that lead out of it is refused whole, and
 * so is one that is damaged anywhere or exceeds a limit. @name: as people know it, fit to be shown.
 *
 * Returns: (transfer full) (element-type OakFirmwareEntry): at least one, each type at most once;
 * NULL with OAK_ERROR_BAD_FILE, OAK_ERROR_TOO_LARGE or G_IO_ERROR_CANCELLED. The message says what
 * to do. */
GPtrArray *
oak_firmware_archive_read (GBytes *archive,
                           const char *name,
                           GCancellable *cancellable,
                           GError **error);

G_END_DECLS
