/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "flasher-bundle.h"

G_BEGIN_DECLS

typedef struct _OakDevice OakDevice;
typedef struct _OakDeviceFacts OakDeviceFacts;

/**
 * FlasherDevicePage:
 *
 * What is known of one camera and what can be done with it. Actions "device.flash", "device.clear",
 * "device.reset", "device.read-details" are enabled exactly when they can run; otherwise the reason
 * stands beside their buttons. They emit "operation" with an OakOperation as int. "device.copy-id"
 * and "device.copy-details" fill the clipboard. Main thread.
 */
#define FLASHER_TYPE_DEVICE_PAGE (flasher_device_page_get_type ())
G_DECLARE_FINAL_TYPE (FlasherDevicePage, flasher_device_page, FLASHER, DEVICE_PAGE, GtkWidget)

/* Once only. */
void
flasher_device_page_set_bundle (FlasherDevicePage *self, FlasherBundle *bundle, gboolean sample);
void
flasher_device_page_set_device (FlasherDevicePage *self, OakDevice *device);
void
flasher_device_page_set_busy (FlasherDevicePage *self, gboolean busy);
/* @facts: (nullable): read at once, not kept, but for what decides on a package. */
void
flasher_device_page_set_facts (FlasherDevicePage *self, OakDeviceFacts *facts);
/* Returns: (transfer none): what is known of the camera that decides on a package. */
const OakAppTarget *
flasher_device_page_get_target (FlasherDevicePage *self);
/* Highlights the place where a dragged file would go. */
void
flasher_device_page_set_drop_active (FlasherDevicePage *self, gboolean active);

G_END_DECLS
