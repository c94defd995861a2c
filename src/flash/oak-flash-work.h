/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-flash-job.h"
#include "oak-flash-plan.h"
#include "oak-outbox.h"

G_BEGIN_DECLS

/**
 * OakFlashWork:
 *
 * What the two halves of a job share: the session that stays open between them, and what was found
 * out. The calls that do something block and belong into a worker thread, one at a time; while none
 * runs the owner's thread may look at the results. Atomically reference-counted, because a job may
 * be dropped while a worker is busy.
 */
typedef struct _OakFlashWork OakFlashWork;

/* @wish and @timeouts are copied. */
OakFlashWork *
oak_flash_work_new (OakDeviceInfo *info,
                    const OakFlashWish *wish,
                    OakNetworkScope scope,
                    const OakTimeouts *timeouts,
                    OakOutbox *outbox,
                    GCancellable *cancellable);
OakFlashWork *
oak_flash_work_ref (OakFlashWork *self);
void
oak_flash_work_unref (OakFlashWork *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakFlashWork, oak_flash_work_unref)

/* Worker thread. On success the session is open and fed; on failure everything is closed, but the
 * facts are kept as far as they were read. */
gboolean
oak_flash_work_prepare (OakFlashWork *self, GError **error);
/* Worker thread, after prepare. Everything is closed afterwards. Returns: (transfer full). */
OakFlashResult *
oak_flash_work_run (OakFlashWork *self, GError **error);
/* Worker thread. Restarts the camera if a session is open, and lets go of it. */
void
oak_flash_work_close (OakFlashWork *self);

/* Any thread, any time: as it was given, never changed. */
const OakFlashWish *
oak_flash_work_get_wish (const OakFlashWork *self);

/* Any thread, any time. Ends a wait below the application, which has no end of its own, by cutting
 * the link: oak_flash_work_run () then ends in G_IO_ERROR_CANCELLED. Returns: FALSE when there is
 * no such wait, and nothing was done. */
gboolean
oak_flash_work_give_up (OakFlashWork *self);

/* While no worker is busy. */
OakDeviceInfo *
oak_flash_work_get_info (const OakFlashWork *self);
OakDeviceFacts *
oak_flash_work_get_facts (const OakFlashWork *self); /* (nullable) */
OakFlashPlan *
oak_flash_work_get_plan (const OakFlashWork *self); /* (nullable) */

/* Any thread, any time. */
gboolean
oak_flash_work_has_written (const OakFlashWork *self);
OakRemains
oak_flash_work_get_remains (const OakFlashWork *self);

G_END_DECLS
