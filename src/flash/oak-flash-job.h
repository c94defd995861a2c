/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-log.h"
#include "oak-report.h"
#include "oak-timeouts.h"
#include "oak-types.h"

G_BEGIN_DECLS

typedef struct _OakDeviceFacts OakDeviceFacts;
typedef struct _OakDeviceInfo OakDeviceInfo;
typedef struct _OakFlashPlan OakFlashPlan;
typedef struct _OakFlashWish OakFlashWish;

typedef enum {
  OAK_JOB_STATE_NEW,
  OAK_JOB_STATE_PREPARING,
  OAK_JOB_STATE_READY, /* session open and fed; waiting for the decision, at most five minutes */
  OAK_JOB_STATE_RUNNING,
  OAK_JOB_STATE_CLOSING, /* restarting the camera after a decision against it */
  OAK_JOB_STATE_FINISHED,
} OakJobState;

typedef enum {
  OAK_OUTCOME_CONFIRMED,          /* camera's own result, read back equal, expected state seen */
  OAK_OUTCOME_START_NOT_OBSERVED, /* written and read back; nobody waited for the start (no_wait, or
                                     stopped watching) */
  OAK_OUTCOME_NOT_CONFIRMED,      /* written, but proof could not be had; not a success */
  OAK_OUTCOME_DIFFERENT,          /* VERIFY_APPLICATION: the camera holds something else */
} OakOutcome;

/* The end of a job that wrote (or looked at) everything it planned. Single owner. */
typedef struct {
  OakOutcome outcome;
  char **evidence; /* (owned): sentences in order, fit to be shown: what proves it, or what proof is
                      missing */
  char *next;      /* (owned) (nullable): what to do or look for now */
  OakDeviceState state; /* last state seen */
  guint64 bytes_written;
  guint64 bytes_verified;
  gint64 transfer_us; /* time spent in writing steps and reading back */
  gint64 write_us;    /* writing steps alone */
  gint64 total_us;    /* from prepare to the end, without the time a person took to decide */
} OakFlashResult;

void
oak_flash_result_free (OakFlashResult *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakFlashResult, oak_flash_result_free)

/**
 * OakFlashJob:
 *
 * One job on one camera, in two halves in one session: prepare goes to the bootloader, reads the
 * facts and makes the plan, and changes no flash; run walks the plan. Lives in the thread-default
 * main context it was made in; the work is done in worker threads, news arrives there as
 * properties, all with notify: "state" (OakJobState as int), "stage" (OakStage as int), "fraction"
 * (double 0..1, never falls), "stage-fraction" (double; negative: unknown, show activity),
 * "bytes-done", "bytes-total" (uint64), "bytes-per-second" (double; 0: not known yet, needs 3 s of
 * samples), "seconds-left" (int; negative: not known; in CHECKING the longest wait left; never 0
 * while running), "cancel-policy" (OakCancelPolicy as int), "log" (OakLog, constant).
 */
#define OAK_TYPE_FLASH_JOB (oak_flash_job_get_type ())
G_DECLARE_FINAL_TYPE (OakFlashJob, oak_flash_job, OAK, FLASH_JOB, GObject)

/* @wish is copied. @timeouts: (nullable): the defaults. */
OakFlashJob *
oak_flash_job_new (OakDeviceInfo *info,
                   const OakFlashWish *wish,
                   OakNetworkScope scope,
                   const OakTimeouts *timeouts);

/* First half. Fails without having changed anything in flash; the camera may have been restarted.
 */
void
oak_flash_job_prepare_async (OakFlashJob *self, GAsyncReadyCallback callback, gpointer user_data);
/* Returns: (transfer none): the plan, kept by the job. */
OakFlashPlan *
oak_flash_job_prepare_finish (OakFlashJob *self, GAsyncResult *result, GError **error);

/* Second half; only in state READY. */
void
oak_flash_job_run_async (OakFlashJob *self, GAsyncReadyCallback callback, gpointer user_data);
/* Returns: (transfer full): NULL on failure; oak_flash_job_get_remains () then says what the camera
 * is left with. */
OakFlashResult *
oak_flash_job_run_finish (OakFlashJob *self, GAsyncResult *result, GError **error);

/* Instead of the second half: restarts the camera and ends the job. Harmless in any state; ends at
 * once when nothing is open. */
void
oak_flash_job_abandon_async (OakFlashJob *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean
oak_flash_job_abandon_finish (OakFlashJob *self, GAsyncResult *result, GError **error);

/* Asks either half to end, by the rules of "cancel-policy": the half then ends in
 * G_IO_ERROR_CANCELLED, or, while only proof is being waited for, in
 * OAK_OUTCOME_START_NOT_OBSERVED. */
void
oak_flash_job_cancel (OakFlashJob *self);

OakDeviceInfo *
oak_flash_job_get_info (OakFlashJob *self); /* as confirmed, once prepared, also when that failed */
const OakFlashWish *
oak_flash_job_get_wish (OakFlashJob *self); /* as it was given */
OakDeviceFacts *
oak_flash_job_get_facts (OakFlashJob *self); /* (nullable): known after prepare read them, also when
                                                no plan was possible */
OakFlashPlan *
oak_flash_job_get_plan (OakFlashJob *self); /* (nullable) */
OakJobState
oak_flash_job_get_state (OakFlashJob *self);
OakLog *
oak_flash_job_get_log (OakFlashJob *self);
OakProgress
oak_flash_job_get_progress (OakFlashJob *self);
int
oak_flash_job_get_step (OakFlashJob *self); /* index into the plan; -1 outside */
gboolean
oak_flash_job_has_written (OakFlashJob *self); /* the first write request was sent */
int
oak_flash_job_get_remains (OakFlashJob *self); /* OakRemains */

G_END_DECLS
