/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cuts-camera.h"
#include "oak-app-contents.h"
#include "oak-flash-job.h"
#include "oak-flash-wish.h"

G_BEGIN_DECLS

/* One plan on one camera, and what becomes of both when the power goes on the way. What a camera
 * holds afterwards is judged by comparing bytes with the packages and images the test has, never by
 * a checksum. One thread. */

/* Where a cut may leave a camera that needs help at once: nowhere else. */
typedef enum {
  CUTS_DANGER_NONE,
  CUTS_DANGER_TABLE,   /* while the section table itself is programmed */
  CUTS_DANGER_HEAD,    /* while the application's first 256 KiB are written for the last time */
  CUTS_DANGER_WRITE,   /* at any time: the bootloader is too old for a better order */
  CUTS_DANGER_FACTORY, /* while the factory bootloader, or the boot header, is being written */
} CutsDanger;

/* A package: @size bytes of which the first and the last @dense ones are not erased flash. */
typedef struct {
  guint32 size;
  guint32 dense;
  guint8 seed;
  gboolean checked; /* the bootloader is to check the firmware before it starts it */
  guint32 edits[2]; /* where a page differs from the package without edits; 0: nowhere */
  const char *file; /* (nullable): instead of all that, one of tests/data/daps */
} CutsPackage;

typedef struct {
  const char *name;
  OakOperation operation;
  OakBootloaderType type;
  guint bootloader; /* last number of its version */
  guint nor_mib;
  guint emmc_mib;
  OakMemory memory;          /* of the wish */
  const CutsPackage *before; /* (nullable) */
  OakMemory before_memory;
  const CutsPackage *after; /* (nullable); CLEAR_APPLICATION: what is flashed next */
  const char *config;       /* (nullable): JSON */
  CutsDanger danger;
  gboolean full;     /* write also what is there already */
  guint n_compared;  /* so often comparing is called worth it; 0: always */
  gboolean is_large; /* too many steps for all of them */
} CutsPlan;

typedef struct {
  const char *name;
  gsize erase_kib;
  gboolean preserve;
} CutsModel;

/* What was counted for one plan on one model. */
typedef struct {
  guint n_steps;
  guint n_messages;
  guint n_cuts;
  guint n_booted;
  guint n_none;
  guint n_old;
  guint n_new;
  guint n_dangerous;
  guint first_dangerous; /* steps */
  guint last_dangerous;
  guint64 danger_ns; /* from the first to the end of the last of them, by the datasheet */
  guint64 total_ns;
} CutsCount;

typedef struct _CutsScene CutsScene;

/* Runs the plan once, undisturbed, and remembers its steps. */
CutsScene *
cuts_scene_new (const CutsPlan *plan, const CutsModel *model);
void
cuts_scene_free (CutsScene *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CutsScene, cuts_scene_free)

guint
cuts_scene_get_n_steps (const CutsScene *self);
guint
cuts_scene_get_n_messages (const CutsScene *self);
/* The steps during which @plan may be dangerous; FALSE: none. */
gboolean
cuts_scene_get_window (const CutsScene *self, guint *first, guint *last);

/* From the beginning: cuts the power in step @step, looks what is left, and flashes once more.
 * Whatever is not as it must be ends the program. */
void
cuts_scene_cut_step (CutsScene *self, guint step, guint32 seed);
/* The same instead of delivering the message @message. */
void
cuts_scene_cut_message (CutsScene *self, guint message);

/* Returns: (transfer none). */
const CutsCount *
cuts_scene_get_count (CutsScene *self);

G_END_DECLS
