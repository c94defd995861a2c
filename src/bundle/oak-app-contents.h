/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-pipeline.h"

G_BEGIN_DECLS

typedef struct _OakAppPackage OakAppPackage;
typedef struct _OakAssetMap OakAssetMap;

/**
 * OakAppContents:
 *
 * Everything inside one package, looked at once: firmware, pipeline and assets, or why they cannot
 * be read. It does not judge; see OakAppVerdict. Immutable, atomically reference-counted, any
 * thread.
 */
typedef struct _OakAppContents OakAppContents;

/* How much of the firmware is known. */
typedef enum {
  OAK_FIRMWARE_ABSENT,     /* no such section, or its place is outside the file */
  OAK_FIRMWARE_UNREADABLE, /* the packed bytes are damaged or end early */
  OAK_FIRMWARE_TOO_LARGE,  /* unpacks to more than OAK_INFLATE_MAX_SIZE */
  OAK_FIRMWARE_READABLE,
} OakFirmwareState;

typedef struct {
  OakFirmwareState state;
  gboolean compressed;
  gboolean has_magic;     /* begins with MA2x, unpacked */
  guint64 stored_size;    /* as it lies in the file */
  guint64 inflated_size;  /* the same when not compressed; READABLE only */
  guint64 deflated_size;  /* about what packing would leave of it; 0: not compressible, or packed
                             already */
  gsize n_trailing_bytes; /* behind the packed stream */
} OakFirmwareFacts;

/* Loads with oak_app_package_open () and reads. Blocking: about 10 ms for each MiB of packed
 * firmware. Returns: (transfer full): NULL with the errors of oak_file_bytes_load (). */
OakAppContents *
oak_app_contents_load (const char *path, GCancellable *cancellable, GError **error);
/* Returns: (transfer full): NULL only with G_IO_ERROR_CANCELLED. */
OakAppContents *
oak_app_contents_read (OakAppPackage *package, GCancellable *cancellable, GError **error);
OakAppContents *
oak_app_contents_ref (OakAppContents *self);
void
oak_app_contents_unref (OakAppContents *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakAppContents, oak_app_contents_unref)

/* Returns: (transfer none): possibly a damaged one. */
OakAppPackage *
oak_app_contents_get_package (const OakAppContents *self);
const OakFirmwareFacts *
oak_app_contents_get_firmware (const OakAppContents *self);
/* Known also when the pipeline itself is unreadable. */
OakPipelineGeneration
oak_app_contents_get_generation (const OakAppContents *self);
/* Returns: (transfer none) (nullable): NULL when there is none that can be read; then @reason says
 * why, in English and for the log. */
OakPipeline *
oak_app_contents_get_pipeline (const OakAppContents *self, const char **reason);
/* TRUE when there is no pipeline for the one reason that its form is one this program does not
 * know, older or newer, while nothing in it is damaged as far as can be told. */
gboolean
oak_app_contents_is_unknown_form (const OakAppContents *self);
/* The same for the list of assets. */
OakAssetMap *
oak_app_contents_get_assets (const OakAppContents *self, const char **reason);

/* Extraction. Returns: (transfer full): NULL with OAK_ERROR_NOT_FOUND (the message names what there
 * is) or OAK_ERROR_BAD_FILE (it is there but outside the file). The bytes stay valid by themselves.
 * Names may be the real or the escaped ones. */
GBytes *
oak_app_contents_dup_section (const OakAppContents *self, const char *name, GError **error);
GBytes *
oak_app_contents_dup_asset (const OakAppContents *self, const char *name, GError **error);
/* The source of the Script node @node_id, as given by its author: any bytes. */
GBytes *
oak_app_contents_dup_script (const OakAppContents *self, gint64 node_id, GError **error);
/* Returns: (transfer full) (nullable): the same, fit to be shown: valid UTF-8 with line feeds and
 * tabulators kept and every other control character escaped, at most 1 MiB. NULL: no such script.
 */
char *
oak_app_contents_dup_script_text (const OakAppContents *self, gint64 node_id);

G_END_DECLS
