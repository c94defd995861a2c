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
  OAK_OPERATION_VERIFY_APPLICATION, /* compares what the camera holds with a package; writes nothing
                                     */
} OakOperation;

#define OAK_OPERATION_N (OAK_OPERATION_VERIFY_APPLICATION + 1)

/**
 * OakFlashWish:
 *
 * What a person asked for, before anything is known of the camera. A plain value: fill the members,
 * copy to keep.
 */
struct _OakFlashWish {
  OakOperation operation;
  OakMemory memory;         /* FLASH_, CLEAR_ and VERIFY_APPLICATION */
  OakAppPackage *package;   /* (owned) (nullable): FLASH_APPLICATION, VERIFY_APPLICATION */
  OakAppContents *contents; /* (owned) (nullable): what is inside @package; NULL: nobody has looked
                               yet, so the job does before it touches the camera */
  gboolean allow_host_streams; /* agreed: the package may have nodes that wait for a host */
  GBytes *bootloader_image;    /* (owned) (nullable): FACTORY_RESET */
  char *bootloader_name;       /* (owned) (nullable): file name of the image, fit to be shown */
  OakBootloaderType bootloader_type; /* chosen by a person, AUTO: not. Where the camera can say its
                                        type they must agree; an unbooted one cannot */
  GBytes *boot_image; /* (owned) (nullable): started in the memory of a camera found unbooted,
                         in order to speak to it; NULL: bootloader_image */
  gboolean made_up_image_ok; /* the camera is simulated, though its address does not say so: images
                                made up for simulated ones are right for it. Never set by people */
  gboolean size_unknown_ok;  /* agreed: the memory's size cannot be known on this bootloader */
  gboolean stop_application; /* agreed: a running application is stopped */
  gboolean no_wait;          /* end after read-back; do not watch the start */
  gboolean changed_to_check; /* @package is not the chosen file, but that file changed to have its
                                firmware checked at every start */
  gboolean full;             /* FLASH_APPLICATION: write everything, also what is there already */
};

void
oak_flash_wish_init (OakFlashWish *self, OakOperation operation);
void
oak_flash_wish_copy (OakFlashWish *self, const OakFlashWish *from);
void
oak_flash_wish_clear (OakFlashWish *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OakFlashWish, oak_flash_wish_clear)

/* Refuses a package that must not be written to any camera; one that is only compared may be
 * anything. Looks inside first where @contents is
 * NULL or of another package, and fills it in, which blocks: about 10 ms for each MiB. A wish
 * without a package passes. Returns: FALSE with the errors of oak_app_verdict_check () or
 * G_IO_ERROR_CANCELLED. */
gboolean
oak_flash_wish_judge (OakFlashWish *self, GCancellable *cancellable, GError **error);

/* Can it be tried on a camera that waits in its chip's ROM? Refuses what would be useless there,
 * and whatever would have to guess the camera's type. Returns: (transfer none): the image to start
 * in its memory; NULL with OAK_ERROR_UNSUPPORTED or OAK_ERROR_BAD_FILE. */
GBytes *
oak_flash_wish_check_unbooted (const OakFlashWish *self, GError **error);
/* Whether @image may be started as, or written for, a bootloader. @is_simulated: a made-up one may,
 * too. Returns: FALSE with OAK_ERROR_BAD_FILE, about the image named @name. */
gboolean
oak_flash_wish_check_image (GBytes *image, const char *name, gboolean is_simulated, GError **error);

/* TRUE for what only looks, and still restarts the camera. */
gboolean
oak_flash_wish_only_looks (const OakFlashWish *self);

/* Returns: (transfer none): "flash-application". */
const char *
oak_operation_to_string (OakOperation operation);

G_END_DECLS
