/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-bootloader.h"
#include "oak-connector.h"
#include "oak-device-facts.h"
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

  /* What proves the result, or why proof is missing. */
  gboolean read_back;  /* something was read back, and nothing could not be */
  char *unproven;      /* (owned) (nullable): why reading back was not possible */
  gboolean watched;    /* somebody waited until the wait was over */
  gboolean seen;       /* in the state that was waited for */
  char *wait_problem;  /* (owned) (nullable): what the wait ended with instead */
  gint64 seen_us;      /* how long after the restart */
  gint64 restarted_us; /* when */
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

/* One step of the plan; the tracker has entered it. */
gboolean
oak_flash_work_run_step (OakFlashWork *self, const OakFlashStep *step, GError **error);
/* Waits for proof that the camera is there; never fails, what it found is in @self. */
void
oak_flash_work_wait (OakFlashWork *self, const OakFlashStep *step);
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
