/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cuts-camera.h"
#include "cuts-package.h"
#include "oak-flash-job.h"
#include "oak-flash-wish.h"
#include "oak-flash-work.h"

G_BEGIN_DECLS

/* A camera with known content and a job to be done on it, again and again from the beginning. What
 * the camera holds afterwards is judged by comparing bytes with the packages and images the test
 * has, never by a checksum. One thread. */

/* Where a cut may leave a camera that needs help at once: nowhere else. */
typedef enum {
  CUTS_DANGER_NONE,
  CUTS_DANGER_TABLE,   /* while the section table itself is programmed */
  CUTS_DANGER_HEAD,    /* while the application's first 256 KiB are written for the last time */
  CUTS_DANGER_WRITE,   /* at any time: the bootloader is too old for a better order */
  CUTS_DANGER_FACTORY, /* while the factory bootloader, or the boot header, is being written */
} CutsDanger;

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

/* What a chip erases at once, and whether its bootloader keeps what else lies there. */
typedef struct {
  const char *name;
  gsize erase_kib;
  gboolean preserve;
} CutsModel;

typedef struct {
  gpointer owner; /* (unowned): for whoever watches the steps */
  OakMemory memory;
  SimFlash *flash; /* (unowned) (nullable) */
  guint8 *content; /* (owned) (nullable): at the beginning */
} CutsChip;

typedef struct {
  const CutsPlan *plan;
  const CutsModel *model;
  CutsCamera *camera; /* (owned) */
  SimBoard *board;    /* (unowned) */
  CutsChip nor;
  CutsChip emmc;
  guint32 application; /* where it starts */
  guint32 image_end;   /* of the factory bootloader that a reset writes */
  OakFlashWish wish;
  OakFlashWish next;     /* the same; after clearing: an application */
  OakAppPackage *before; /* (owned) (nullable) */
  OakAppPackage *after;  /* (owned) (nullable) */
  GBytes *old;           /* (unowned) (nullable) */
  GBytes *new;           /* (unowned) (nullable) */
  GBytes *image;         /* (owned): of a bootloader */
} CutsStage;

void
cuts_stage_init (CutsStage *self, const CutsPlan *plan, const CutsModel *model);
void
cuts_stage_clear (CutsStage *self);

/* The camera as it was before everything, switched on, and without faults. @step_func: (nullable):
 * watches both chips, each with its CutsChip. */
void
cuts_stage_restore (CutsStage *self, SimFlashStepFunc step_func);
/* Off and on again, with whatever it holds; nobody watches the chips any more. Returns: whether it
 * answers in its bootloader. */
gboolean
cuts_stage_power_cycle (CutsStage *self);

/* Returns: (transfer full): not yet prepared. */
OakFlashWork *
cuts_stage_make_work (CutsStage *self, const OakFlashWish *wish, const OakTimeouts *timeouts);
/* With time for everything. Returns: (transfer full): NULL with the job's error. */
OakFlashResult *
cuts_stage_run (CutsStage *self, const OakFlashWish *wish, GError **error);

/* What a bootloader would start. */
CutsFound
cuts_stage_find_application (CutsStage *self);
/* Returns: (nullable): what is missing of that which @operation promises; NULL: nothing. */
const char *
cuts_stage_find_missing (CutsStage *self, OakOperation operation);
/* Returns: (nullable): what is wrong with the end of a job that nothing disturbed. */
const char *
cuts_stage_check_success (CutsStage *self, OakOperation operation, const OakFlashResult *result);

G_END_DECLS
