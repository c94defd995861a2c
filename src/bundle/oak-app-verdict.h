/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-types.h"

G_BEGIN_DECLS

typedef struct _JsonNode JsonNode;
typedef struct _OakAppContents OakAppContents;

/**
 * OakAppVerdict:
 *
 * A package judged: may it be flashed, and what should a person know first? A pure function of the
 * contents and the camera it is meant for, quick enough for the main loop. Immutable, atomically
 * reference-counted, any thread.
 */
typedef struct _OakAppVerdict OakAppVerdict;

typedef enum {
  OAK_FINDING_ERROR, /* refuses */
  OAK_FINDING_WARNING,
  OAK_FINDING_NOTE,
} OakFindingSeverity;

typedef enum {
  OAK_APP_OK,     /* nothing but notes */
  OAK_APP_WARN,   /* flashable, with warnings */
  OAK_APP_REJECT, /* not to be flashed */
} OakAppResult;

/* Codes are stable words for machines:
 *
 * errors: not-a-package, section-outside, section-overlap, section-duplicate, section-compression,
 * section-missing, section-empty, firmware-checksum, section-checksum, firmware-not-bootable,
 * firmware-unreadable, firmware-too-large, firmware-magic, pipeline-unreadable, assets-unreadable,
 * asset-outside, host-stream, memory-too-small, bootloader-too-old
 *
 * warnings: host-stream-allowed, messagepack, generation-v3, asset-missing, section-alignment,
 * compressible, uvc-network, dangling-connection, node-id-mismatch, trailing-bytes,
 * properties-unreadable, pipeline-unknown-form, no-assets
 *
 * notes: uvc, not-checked-at-boot, no-name, unknown-section, compressible-small, no-nodes */
typedef struct {
  OakFindingSeverity severity;
  const char *code; /* (unowned), static */
  const char
      *text; /* (unowned), translated: what is so, and what to do; plain text, never markup */
} OakFinding;

/* A stream that waits for a host. */
typedef struct {
  gint64 node_id;
  const char *node_name;   /* "XLinkIn" or "XLinkOut" */
  const char *stream_name; /* (nullable), escaped: NULL when the properties cannot be read */
} OakHostStream;

/* The camera the package is meant for. Start with OAK_APP_TARGET_INIT: nothing is known. */
typedef struct {
  OakBootloaderType bootloader_type; /* AUTO: not known */
  gboolean version_known;
  OakVersion bootloader_version;
  gboolean room_known;
  guint64 room; /* bytes for an application: oak_flash_map_get_application_room () */
} OakAppTarget;

#define OAK_APP_TARGET_INIT                                                                        \
  {                                                                                                \
    .bootloader_type = OAK_BOOTLOADER_TYPE_AUTO                                                    \
  }

/* @target: NULL when no camera is chosen. @allow_host_streams: a person has said that streams to a
 * host are wanted; it overrides that refusal and no other. */
OakAppVerdict *
oak_app_verdict_new (OakAppContents *contents,
                     const OakAppTarget *target,
                     gboolean allow_host_streams);
OakAppVerdict *
oak_app_verdict_ref (OakAppVerdict *self);
void
oak_app_verdict_unref (OakAppVerdict *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakAppVerdict, oak_app_verdict_unref)

OakAppContents *
oak_app_verdict_get_contents (const OakAppVerdict *self); /* (transfer none) */
OakAppResult
oak_app_verdict_get_result (const OakAppVerdict *self);

/* Errors first, then warnings, then notes. Returns: (transfer none). */
guint
oak_app_verdict_get_n_findings (const OakAppVerdict *self);
const OakFinding *
oak_app_verdict_get_finding (const OakAppVerdict *self, guint index);

/* Returns: FALSE when the pipeline cannot be read, so that nobody knows; @standalone_ok is TRUE
 * when no node waits for a host, whether that was allowed or not. */
gboolean
oak_app_verdict_get_standalone (const OakAppVerdict *self, gboolean *standalone_ok);
guint
oak_app_verdict_get_n_host_streams (const OakAppVerdict *self);
const OakHostStream *
oak_app_verdict_get_host_stream (const OakAppVerdict *self, guint index);

/* Returns: FALSE for REJECT, with the error a refusal deserves: OAK_ERROR_NOT_STANDALONE when host
 * streams are all there is against it, TOO_LARGE for memory-too-small, UNSUPPORTED for
 * bootloader-too-old, else BAD_FILE. The message is the first finding's, in English. */
gboolean
oak_app_verdict_check (const OakAppVerdict *self, GError **error);

/* Returns: (transfer full): everything that is known as a JSON object. A name that is no UTF-8 or
 * holds NUL is null, and beside it stands the same member with "Hex" behind its name. Computes the
 * SHA-256 of every section: blocking, about 5 ms for each MiB. */
JsonNode *
oak_app_verdict_to_json (const OakAppVerdict *self);

/* Returns: (transfer none): "error", "warning", "note"; "ok", "warn", "reject". */
const char *
oak_finding_severity_to_string (OakFindingSeverity severity);
const char *
oak_app_result_to_string (OakAppResult result);

G_END_DECLS
