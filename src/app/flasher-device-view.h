/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "flasher-bundle.h"
#include "oak-types.h"

G_BEGIN_DECLS

typedef struct _OakDevice OakDevice;
typedef struct _OakFlashJob OakFlashJob;
typedef struct _OakLog OakLog;

/**
 * FlasherDeviceView:
 *
 * The right side for one camera, and the jobs on it: its page, then a confirmation, progress and a
 * result. It stays what it is while its camera restarts or vanishes from the list, so that a job
 * and its result are never lost from view. One job at a time. Main thread; destroying it cancels a
 * running job by the job's own rules.
 *
 * Properties: "busy" (boolean: a job runs or a person is asked), "writing" (boolean: bytes that
 * must not be interrupted are on their way). Signals: "finished" (title as string) when a job
 * ended; "flash-another"; "save-log".
 */
#define FLASHER_TYPE_DEVICE_VIEW (flasher_device_view_get_type ())
G_DECLARE_FINAL_TYPE (FlasherDeviceView, flasher_device_view, FLASHER, DEVICE_VIEW, GtkWidget)

/* @log: where the jobs' lines go; @sample: a sample package can be offered. */
FlasherDeviceView *
flasher_device_view_new (OakDevice *device,
                         FlasherBundle *bundle,
                         OakLog *log,
                         OakNetworkScope scope,
                         gboolean sample);

/* The same camera, found again. */
void
flasher_device_view_set_device (FlasherDeviceView *self, OakDevice *device);
OakDevice *
flasher_device_view_get_device (FlasherDeviceView *self); /* (transfer none) */
/* What is known of the camera that decides on a package. */
const OakAppTarget *
flasher_device_view_get_target (FlasherDeviceView *self); /* (transfer none) */
/* The folder or file a bootloader image is first looked for in; (nullable). */
void
flasher_device_view_set_image_file (FlasherDeviceView *self, GFile *file);

gboolean
flasher_device_view_get_busy (FlasherDeviceView *self);
gboolean
flasher_device_view_get_writing (FlasherDeviceView *self);
/* FALSE on progress and result pages. */
gboolean
flasher_device_view_is_idle (FlasherDeviceView *self);
OakFlashJob *
flasher_device_view_get_job (FlasherDeviceView *self); /* (transfer none) (nullable) */
/* OakCancelPolicy of the running job; OAK_CANCEL_CLEAN when none runs. */
int
flasher_device_view_get_cancel_policy (FlasherDeviceView *self);
void
flasher_device_view_cancel (FlasherDeviceView *self);
/* Back to the camera's page; does nothing while a job runs. */
void
flasher_device_view_show_page (FlasherDeviceView *self);
/* Asks for the operation (OakOperation) as the page's buttons do. */
void
flasher_device_view_start (FlasherDeviceView *self, int operation);
void
flasher_device_view_set_drop_active (FlasherDeviceView *self, gboolean active);
/* What the page offers first: activates "device.flash" there when it can run. */
void
flasher_device_view_activate_main_action (FlasherDeviceView *self);

G_END_DECLS
