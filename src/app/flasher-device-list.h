/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _OakDevice OakDevice;

/**
 * FlasherDeviceList:
 *
 * The left side: a search entry over the live list of cameras. Rows keep their order of appearance,
 * and the selection follows its camera while others come and go. Main thread.
 *
 * Property "selected" (OakDevice, nullable, read-only). Signal "activated": a row was chosen with
 * Enter or a double click, also when it was selected before.
 */
#define FLASHER_TYPE_DEVICE_LIST (flasher_device_list_get_type ())
G_DECLARE_FINAL_TYPE (FlasherDeviceList, flasher_device_list, FLASHER, DEVICE_LIST, GtkWidget)

/* @devices: of OakDevice; the list keeps a reference. */
void
flasher_device_list_set_model (FlasherDeviceList *self, GListModel *devices);
OakDevice *
flasher_device_list_get_selected (FlasherDeviceList *self); /* (transfer none) (nullable) */
/* @device: (nullable): NULL selects none. Returns: FALSE when @device is not shown. */
gboolean
flasher_device_list_select (FlasherDeviceList *self, OakDevice *device);
void
flasher_device_list_set_busy (FlasherDeviceList *self, OakDevice *device, gboolean busy);
void
flasher_device_list_focus_search (FlasherDeviceList *self);

G_END_DECLS
