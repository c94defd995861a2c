/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-device-table.h"

G_BEGIN_DECLS

typedef struct _OakUsbFacts OakUsbFacts;

/* What the table's two files share. */

#define OAK_NEVER G_MININT64

typedef struct {
  char *address;
  gint64 heard_round; /* NEVER: typed by hand, not heard */
} OakRowAddress;

/* One camera, or an address typed by hand at which nobody has answered yet. */
typedef struct {
  OakDevice *device;    /* (owned) */
  char *mxid;           /* (nullable) */
  char *short_id;       /* (nullable) */
  char *short_base;     /* (nullable): the short id before it is lengthened */
  GArray *addresses;    /* (owned) of OakRowAddress, first seen first */
  OakDeviceState state; /* on the network */
  guint platform;
  guint silent_rounds;
  gboolean heard_in_round;
  gboolean conflict;
  gboolean was_in_conflict;
  gboolean dirty; /* the device says something else than the row */
  guint n_holds;
  OakUsbFacts *usb;   /* (owned) (nullable): where and how it was last seen on USB */
  gboolean on_usb;    /* it is there now */
  gboolean usb_twice; /* two cameras there say this id */
} OakRow;

struct _OakDeviceTable {
  GPtrArray *rows;   /* (owned) of OakRow */
  GHashTable *typed; /* (owned): address typed by hand -> OakRow that owns it (unowned) */
  gint64 round;
  guint rounds_until_missing;
  guint rounds_until_removed;
  gboolean full_logged;
  OakDeviceTableFunc changed;
  gpointer user_data;
};

/* Returns: (transfer none) (nullable). */
OakRow *
oak_device_table_find_row_by_mxid (OakDeviceTable *self, const char *mxid);
/* @mxid: (nullable). Returns: (nullable): NULL when there are too many already. Not shown before
 * oak_device_table_show_row (). */
OakRow *
oak_device_table_append_row (OakDeviceTable *self, const char *mxid);
void
oak_device_table_show_row (OakDeviceTable *self, OakRow *row);
/* The camera in this row has said its id. */
void
oak_device_table_name_row (OakDeviceTable *self, OakRow *row, const char *mxid);
/* Hands every dirty row's truth to its OakDevice. */
void
oak_device_table_refresh (OakDeviceTable *self);
void
oak_device_table_find_conflicts (OakDeviceTable *self);

G_END_DECLS
