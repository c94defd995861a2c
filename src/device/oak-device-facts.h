/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-types.h"

G_BEGIN_DECLS

typedef struct _OakBootloader OakBootloader;
typedef struct _OakConfig OakConfig;
typedef struct _OakDeviceInfo OakDeviceInfo;

/* What could be learnt of one memory. */
typedef struct {
  gboolean known; /* the bootloader is new enough to be asked, and answered */
  gboolean available;
  guint64 size;      /* bytes, 0: not known */
  char *description; /* (nullable), escaped */
  gboolean application_known;
  gboolean application_present;
  char *application_name;    /* (nullable), escaped */
  char *application_version; /* (nullable), escaped: firmware version of the package */
} OakMemoryFacts;

/**
 * OakDeviceFacts:
 *
 * Everything a plan may rest on, read from the camera in its bootloader before anything is written.
 * Immutable once made, atomically reference-counted. Tests make their own: all members are public.
 */
typedef struct _OakDeviceFacts OakDeviceFacts;
struct _OakDeviceFacts {
  OakDeviceInfo
      *info; /* (owned): confirmed id and address; the state is the one found before the job */
  OakVersion version; /* of the running bootloader */
  char *commit;       /* (owned): empty for releases; escaped */
  OakBootloaderType type;
  gboolean
      type_trusted; /* FALSE: read from an image we booted ourselves; then it decides nothing */
  gboolean user_bootloader_known;
  gboolean is_user_bootloader; /* the running one is the user bootloader; the factory version is
                                  then not readable */
  OakMemoryFacts flash;
  OakMemoryFacts emmc;
  OakConfig *config; /* (owned) (nullable): NULL when there is none or the bootloader is too old */
  char *config_problem; /* (owned) (nullable): why config is NULL, the camera's words escaped */
};

OakDeviceFacts *
oak_device_facts_new (void);
OakDeviceFacts *
oak_device_facts_ref (OakDeviceFacts *self);
void
oak_device_facts_unref (OakDeviceFacts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakDeviceFacts, oak_device_facts_unref)

/* Asks whatever the bootloader's version allows; a refused question leaves its part unknown, a lost
 * link or garbage is an error. Blocking, worker thread. Returns: (transfer full). */
OakDeviceFacts *
oak_device_facts_read (OakBootloader *bootloader,
                       OakDeviceInfo *info,
                       GCancellable *cancellable,
                       GError **error);

/* Returns: (transfer none). */
const OakMemoryFacts *
oak_device_facts_get_memory (const OakDeviceFacts *self, OakMemory memory);

G_END_DECLS
