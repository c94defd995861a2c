/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-types.h"

G_BEGIN_DECLS

typedef struct _OakAppContents OakAppContents;
typedef struct _OakAppPackage OakAppPackage;
typedef struct _OakFlashWish OakFlashWish;

typedef enum {
  OAK_OPERATION_READ_DETAILS, /* only look; still restarts the camera */
  OAK_OPERATION_FLASH_APPLICATION,
  OAK_OPERATION_CLEAR_APPLICATION,
  OAK_OPERATION_FACTORY_RESET,
} OakOperation;

#define OAK_OPERATION_N (OAK_OPERATION_FACTORY_RESET + 1)

/**
 * OakFlashWish:
 *
 * What a person asked for, before anything is known of the camera. A plain value: fill the members,
 * copy to keep.
 */
struct _OakFlashWish {
  OakOperation operation;
  OakMemory memory;         /* FLASH_APPLICATION, CLEAR_APPLICATION */
  OakAppPackage *package;   /* (owned) (nullable): FLASH_APPLICATION */
  OakAppContents *contents; /* (owned) (nullable): what is inside @package; NULL: nobody has looked
                               yet, so the job does before it touches the camera */
  gboolean allow_host_streams; /* agreed: the package may have nodes that wait for a host */
  GBytes *bootloader_image;    /* (owned) (nullable): FACTORY_RESET */
  char *bootloader_name;       /* (owned) (nullable): file name of the image, fit to be shown */
  gboolean size_unknown_ok;    /* agreed: the memory's size cannot be known on this bootloader */
  gboolean stop_application;   /* agreed: a running application is stopped */
  gboolean no_wait;            /* end after read-back; do not watch the start */
};

void
oak_flash_wish_init (OakFlashWish *self, OakOperation operation);
void
oak_flash_wish_copy (OakFlashWish *self, const OakFlashWish *from);
void
oak_flash_wish_clear (OakFlashWish *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OakFlashWish, oak_flash_wish_clear)

/* Refuses a package that must not be written to any camera. Looks inside first where @contents is
 * NULL or of another package, and fills it in, which blocks: about 10 ms for each MiB. A wish without a package passes.
 * Returns: FALSE with the errors of oak_app_verdict_check () or G_IO_ERROR_CANCELLED. */
gboolean
oak_flash_wish_judge (OakFlashWish *self, GCancellable *cancellable, GError **error);

/* Returns: (transfer none): "flash-application". */
const char *
oak_operation_to_string (OakOperation operation);

G_END_DECLS
