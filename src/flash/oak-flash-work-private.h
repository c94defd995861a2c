/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-bootloader.h"
#include "oak-connector.h"
#include "oak-device-facts.h"
#include "oak-flash-blocks.h"
#include "oak-flash-pace.h"
#include "oak-flash-plan.h"
#include "oak-flash-tracker.h"
#include "oak-flash-wish.h"
#include "oak-flash-work.h"

G_BEGIN_DECLS

struct _OakFlashWork {
  /* Fixed from the beginning. */
  OakDeviceInfo *info;
  OakFlashWish wish;
  OakNetworkScope scope;
  OakTimeouts timeouts;
  OakOutbox *outbox;
  GCancellable *cancellable;
  OakFlashTracker tracker;

  /* The worker's. */
  OakFlashWish judged;       /* the wish, with what was found inside the package */
  OakDeviceInfo *found;      /* (owned) (nullable): as it was met, in the state it was met in */
  OakConnector *connector;   /* (owned) (nullable) */
  OakBootloader *bootloader; /* (owned) (nullable): the open session */
  OakDeviceFacts *facts;     /* (owned) (nullable) */
  OakFlashPlan *plan;        /* (owned) (nullable) */
  gboolean confirmed;        /* the camera was asked for its id on this session */
  guint n_attempts;          /* of the steps that write the bootloader */

  /* What differs, and what was learnt of the camera's way to erase. */
  OakFlashBlocks *blocks;    /* (owned) (nullable): the application's place, as far as compared */
  OakFlashPace pace;         /* how quickly it reads and writes */
  gboolean comparing;        /* FALSE: what was not found equal so far is written unseen */
  gboolean nothing_differs;  /* everything was there already */
  gboolean only_table;       /* the first block is right but for the table */
  gboolean keeps_neighbours; /* erasing the table left the bytes beside it alone */
  gboolean was_empty;        /* nothing lay beside the table */
  gboolean may_keep_neighbours; /* nothing lay there that could have told */
  gboolean neighbours_checked;  /* and writing some blocks left those beside them alone */
  gboolean rewrite;             /* it did not: everything has to be written once more */
  gsize differs_at;             /* address of the first byte that differs */

  /* What proves the result, or why proof is missing. */
  gboolean read_back;       /* something was read back, and nothing could not be */
  char *unproven;           /* (owned) (nullable): why reading back was not possible */
  gboolean watched;         /* somebody waited until the wait was over */
  gboolean seen;            /* in the state that was waited for */
  char *wait_problem;       /* (owned) (nullable): what the wait ended with instead */
  gboolean version_checked; /* the bootloader that started by itself told its version */
  OakVersion version_written;
  OakVersion version_started;
  char *version_problem; /* (owned) (nullable): why it could not be asked */
  gint64 seen_us;        /* how long after the restart */
  gint64 restarted_us;   /* when */
  OakDeviceState state;
  guint64 bytes_written;
  guint64 bytes_verified;
  gint64 write_us;
  gint64 read_us;
  gint64 prepare_us;
  gint64 run_us;

  /* Any thread, with the lock. */
  GMutex patience_lock;
  OakBootloader *awaited; /* (unowned) (nullable): what the worker waits for without an end */
  gboolean given_up;

  /* Read by any thread, written by the worker. */
  gint has_written; /* atomic */
  gint remains;     /* atomic: OakRemains */
};

/* Bytes before the current request, for the progress of one step that takes several. */
typedef struct {
  OakFlashTracker *tracker;
  guint64 done;
  guint64 total;
} OakStepTransfer;

/* For OakTransferFunc; @user_data is an OakStepTransfer, whose total counts. */
void
oak_flash_work_forward_transfer (guint64 sent,
                                 guint64 confirmed,
                                 guint64 total,
                                 gpointer user_data);

/* Bytes in a memory that are compared with others. */
typedef struct {
  OakMemory memory;
  guint32 offset;            /* where position 0 lies */
  OakStepTransfer *transfer; /* (unowned) (nullable) */
  GCancellable *cancellable; /* (unowned) (nullable) */
} OakReading;

/* @wanted between the positions @start and @end. Returns: FALSE with VERIFY_FAILED when the camera
 * holds something else; @differs_at: (out) (optional): its first position. */
gboolean
oak_flash_work_read_equal (OakFlashWork *self,
                           const OakReading *reading,
                           GBytes *wanted,
                           gsize start,
                           gsize end,
                           gsize *differs_at,
                           GError **error);
/* Takes @local_error. A camera that says no to reading leaves the result unproven; that is no
 * failure of the writing. Returns: FALSE with every other error. */
gboolean
oak_flash_work_forgive_reading (OakFlashWork *self, GError *local_error, GError **error);
/* At @offset, in as many requests as sensible; @transfer moves on. */
gboolean
oak_flash_work_write_bytes (OakFlashWork *self,
                            const OakFlashStep *step,
                            guint32 offset,
                            GBytes *bytes,
                            OakStepTransfer *transfer,
                            GError **error);
/* At the step's place, and nobody hears of its progress: what is written once more. */
gboolean
oak_flash_work_write_silently (OakFlashWork *self,
                               const OakFlashStep *step,
                               GBytes *bytes,
                               GError **error);
/* Before a step's first write request. From here on the camera may not be as it was. */
gboolean
oak_flash_work_begin_writing (OakFlashWork *self, const OakFlashStep *step, GError **error);
/* Returns: (nullable): what ends a step. */
GCancellable *
oak_flash_work_get_cancellable (const OakFlashWork *self, const OakFlashStep *step);

/* Kinds of steps, and what they consist of. */
gboolean
oak_flash_work_run_compare (OakFlashWork *self, const OakFlashStep *step, GError **error);
gboolean
oak_flash_work_run_check_erase (OakFlashWork *self, const OakFlashStep *step, GError **error);
gboolean
oak_flash_work_run_write_region (OakFlashWork *self, const OakFlashStep *step, GError **error);
gboolean
oak_flash_work_write_differing (OakFlashWork *self,
                                const OakFlashStep *step,
                                OakStepTransfer *transfer,
                                GError **error);
gboolean
oak_flash_work_write_head (OakFlashWork *self,
                           const OakFlashStep *step,
                           OakStepTransfer *transfer,
                           GError **error);
gboolean
oak_flash_work_run_read_back (OakFlashWork *self, const OakFlashStep *step, GError **error);
/* Sets rewrite where blocks have changed that nobody wrote. */
gboolean
oak_flash_work_read_written (OakFlashWork *self,
                             const OakFlashStep *step,
                             const OakReading *reading,
                             GError **error);

/* One step of the plan; the tracker has entered it. */
gboolean
oak_flash_work_run_step (OakFlashWork *self, const OakFlashStep *step, GError **error);
/* Waits for proof that the camera is there; never fails, what it found is in @self. */
void
oak_flash_work_wait (OakFlashWork *self, const OakFlashStep *step);
/* Asks the bootloader that started by itself what it is; never fails, what it found is in @self. */
void
oak_flash_work_check_version (OakFlashWork *self);
/* A failed write or comparison must not leave a table over firmware that is not whole. */
void
oak_flash_work_disarm (OakFlashWork *self);
/* Sends RESET if a session is open, and frees it. */
void
oak_flash_work_restart (OakFlashWork *self);

/* Returns: (transfer full). */
OakFlashResult *
oak_flash_work_make_result (const OakFlashWork *self);

G_END_DECLS
