/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _OakReport OakReport;

/**
 * OakSilenceWatch:
 *
 * Says in the log, again and again, that a camera is silent while its owner waits without a
 * deadline. It changes nothing. Private to device/.
 */
typedef struct _OakSilenceWatch OakSilenceWatch;

/* Starts a thread of its own. @report: (nullable): must outlive the watch. */
OakSilenceWatch *
oak_silence_watch_new (OakReport *report, guint silence_ms, const char *what);
/* Joins the thread. */
void
oak_silence_watch_free (OakSilenceWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakSilenceWatch, oak_silence_watch_free)

/* Something moved. Any thread. */
void
oak_silence_watch_touch (OakSilenceWatch *self);

G_END_DECLS
