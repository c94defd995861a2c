/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "oak-types.h"

G_BEGIN_DECLS

typedef struct _OakDevice OakDevice;
typedef struct _OakHeardAnswer OakHeardAnswer;

/**
 * OakDeviceTable:
 *
 * What the answers of many rounds mean: which camera is which, who is missing, which address is
 * claimed twice. No sockets, no clock: time is counted in rounds. Main thread; private to device/.
 */
typedef struct _OakDeviceTable OakDeviceTable;

/* More answers than this are a fault or an attack, and no list for people. */
#define OAK_DEVICE_TABLE_MAX_ROWS      1024
#define OAK_DEVICE_TABLE_MAX_ADDRESSES 16 /* of one camera */

/* Rows came or went at @position; the table is consistent already. */
typedef void (*OakDeviceTableFunc) (guint position,
                                    guint n_removed,
                                    guint n_added,
                                    gpointer user_data);

OakDeviceTable *
oak_device_table_new (OakDeviceTableFunc changed, gpointer user_data);
void
oak_device_table_free (OakDeviceTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakDeviceTable, oak_device_table_free)

void
oak_device_table_set_patience (OakDeviceTable *self,
                               guint rounds_until_missing,
                               guint rounds_until_removed);

void
oak_device_table_hear (OakDeviceTable *self, const OakHeardAnswer *answer);
/* The cameras on USB, all of them (element-type OakUsbFacts). One that leaves and comes back as
 * something else, in the same socket or with the same id, stays one row. */
void
oak_device_table_set_usb (OakDeviceTable *self, GPtrArray *devices);
/* A round is over: whoever did not answer in it has been silent for one more. */
void
oak_device_table_end_round (OakDeviceTable *self);

void
oak_device_table_add_typed (OakDeviceTable *self, const char *address);
void
oak_device_table_remove_typed (OakDeviceTable *self, const char *address);

/* A held row is marked when it is silent, but never removed. Counted. */
void
oak_device_table_hold (OakDeviceTable *self, OakDevice *device);
void
oak_device_table_release (OakDeviceTable *self, OakDevice *device);

guint
oak_device_table_get_n_rows (OakDeviceTable *self);
/* Returns: (transfer none) (nullable). */
OakDevice *
oak_device_table_get_device (OakDeviceTable *self, guint position);

G_END_DECLS
