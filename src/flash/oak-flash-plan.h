/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-types.h"

G_BEGIN_DECLS

typedef struct _OakFlashStep OakFlashStep;

/**
 * OakFlashPlan:
 *
 * The ordered steps a job will take: a pure function of what the camera said, what the person
 * wants, and the bytes. The same value is shown in the confirmation, printed by --dry-run, walked
 * by the job, weighted by the progress and written to the log. Immutable, atomically
 * reference-counted, any thread.
 */
typedef struct _OakFlashPlan OakFlashPlan;

typedef enum {
  OAK_STEP_BOOT_MEMORY,    /* start a bootloader image in the camera's memory; flash unchanged */
  OAK_STEP_COMPARE,        /* read a region until it differs from what shall be there */
  OAK_STEP_WRITE_STORAGE,  /* one single request, the bootloader chooses the place */
  OAK_STEP_WRITE_REGION,   /* bytes at an absolute offset */
  OAK_STEP_CHECK_ERASE,    /* read around the erased table: is it gone, and what went with it? */
  OAK_STEP_READ_BACK,      /* read a region and compare with what was written */
  OAK_STEP_SET_APP_MEMORY, /* configuration key appMem */
  OAK_STEP_RESTART,        /* RESET; ends the session */
  OAK_STEP_WAIT_FOR_STATE, /* proof: the camera answers in the expected state */
  OAK_STEP_CHECK_VERSION,  /* proof: the bootloader that started by itself is the one that was
                              written; restarts the camera once more */
} OakStepKind;

/* What Cancel means while a step runs. */
typedef enum {
  OAK_CANCEL_CLEAN,          /* nothing has been written: the camera is as it was */
  OAK_CANCEL_BOUNDARY,       /* takes effect at the next request boundary */
  OAK_CANCEL_DROPS_LINK,     /* one single request: the link is dropped */
  OAK_CANCEL_NEVER,          /* below the application: no cancel */
  OAK_CANCEL_AFTER_PATIENCE, /* instead of NEVER, once the camera has been silent for ten minutes:
                                cuts the link. Never in a plan */
  OAK_CANCEL_STOP_WATCHING,  /* everything is written and read back: only stops waiting for proof */
} OakCancelPolicy;

/* What a camera is left with when a job ends early at some point. */
typedef enum {
  OAK_REMAINS_UNCHANGED,      /* as it was before (though restarted) */
  OAK_REMAINS_NO_APPLICATION, /* no or an incomplete application; the bootloader is intact, it can
                                 be flashed again */
  OAK_REMAINS_BOOTLOADER_AT_RISK, /* the factory bootloader may be damaged: try again at once, do
                                     not power off; else USB recovery */
  OAK_REMAINS_NOT_SELECTED, /* the application was written, but perhaps not the setting which memory
                               the camera starts one from */
  OAK_REMAINS_WRITTEN,      /* everything was written; only the proof is missing */
} OakRemains;

struct _OakFlashStep {
  OakStepKind kind;
  OakMemory memory;
  guint32 offset;       /* absolute, in bytes; WRITE_STORAGE: where the plan expects the bytes, for
                           reading back */
  guint32 size;         /* bytes */
  guint32 storage;      /* WRITE_STORAGE: OakStorage */
  GBytes *bytes;        /* (owned) (nullable): what is written, booted or compared with */
  OakMemory app_memory; /* SET_APP_MEMORY */
  guint state_mask;     /* WAIT_FOR_STATE: 1 << OakDeviceState */
  guint timeout_ms;     /* WAIT_FOR_STATE: the camera's own wait before it gets there; the job
                           adds the time for the restart and a margin (OakTimeouts) */
  gboolean patient;     /* below the application: silence is only ever a warning */
  gboolean if_differs;  /* left out when the comparison before found nothing that differs */
  gboolean only_what_differs; /* WRITE_REGION: reads on and writes the blocks that differ;
                                 READ_BACK: reads these and what lies around them */
  gboolean table_last; /* WRITE_REGION: where the camera keeps the bytes beside the table, the table
                          is written by itself after everything else was read back */
  OakCancelPolicy cancel;
  OakRemains remains; /* if the job ends inside this step */
};

typedef struct _OakDeviceFacts OakDeviceFacts;
typedef struct _OakFlashWish OakFlashWish;

/* Returns: (transfer full): NULL with the reason why it cannot or must not be done, before one byte
 * is written: UNSUPPORTED, TOO_LARGE (with the exact excess), BAD_FILE, NOT_STANDALONE,
 * NEEDS_CONSENT (the message names what to agree to), REFUSED. Nothing else is read than the
 * arguments. */
OakFlashPlan *
oak_flash_plan_new (const OakDeviceFacts *facts, const OakFlashWish *wish, GError **error);

OakFlashPlan *
oak_flash_plan_ref (OakFlashPlan *self);
void
oak_flash_plan_unref (OakFlashPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakFlashPlan, oak_flash_plan_unref)

guint
oak_flash_plan_get_n_steps (const OakFlashPlan *self);
const OakFlashStep *
oak_flash_plan_get_step (const OakFlashPlan *self, guint index);
gboolean
oak_flash_plan_writes (const OakFlashPlan *self); /* FALSE: only looks and restarts */
gboolean
oak_flash_plan_needs_typed_id (
    const OakFlashPlan *self); /* touches what lies below the application */
/* Share of the whole job's duration, summing up to 1. */
double
oak_flash_plan_get_step_weight (const OakFlashPlan *self, guint index);

/* The plan in words, from one place for everybody: confirmation, --dry-run, log. Translated with
 * the program's catalogue; text from cameras and files inside is escaped. Each is (transfer full).
 */
char *
oak_flash_plan_get_title (const OakFlashPlan *self); /* "Replace the application on OAK 75CB0F" */
char **
oak_flash_plan_get_effects (
    const OakFlashPlan *self); /* what is erased, written, kept: whole sentences */
char **
oak_flash_plan_get_warnings (const OakFlashPlan *self); /* risks that remain, may be empty */
char *
oak_flash_plan_describe_step (const OakFlashPlan *self,
                              guint index); /* "Write 13.2 MiB to flash at 0x800000" */
/* One sentence each: what Cancel does during a step, and what the camera is left with. */
char *
oak_cancel_policy_describe (OakCancelPolicy policy);
char *
oak_remains_describe (OakRemains remains);

G_END_DECLS
