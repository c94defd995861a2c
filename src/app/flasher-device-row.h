/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _OakDevice OakDevice;

/* One camera in the list: icon, name, state in words, address. Follows its camera's properties.
 * Main thread. */
#define FLASHER_TYPE_DEVICE_ROW (flasher_device_row_get_type ())
G_DECLARE_FINAL_TYPE (FlasherDeviceRow, flasher_device_row, FLASHER, DEVICE_ROW, GtkWidget)

FlasherDeviceRow *
flasher_device_row_new (void);
/* @device: (nullable): the row keeps a reference. */
void
flasher_device_row_set_device (FlasherDeviceRow *self, OakDevice *device);
/* A job of ours runs on the camera. */
void
flasher_device_row_set_busy (FlasherDeviceRow *self, gboolean busy);
/* Returns: (transfer full): what assistive technology calls the row. */
char *
flasher_device_row_to_label (FlasherDeviceRow *self);

G_END_DECLS
