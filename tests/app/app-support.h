/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "oak-device-facts.h"
#include "oak-device-private.h"
#include "oak-flash-plan.h"
#include "oak-flash-wish.h"

G_BEGIN_DECLS

/* Cameras, facts and plans that need no camera, and ways to find and press what a page shows. Main
 * thread. */

#define TEST_MXID     "184430102175CB0F00"
#define TEST_SHORT_ID "75CB0F"
#define TEST_ADDRESS  "127.0.0.2"

OakDevice *
test_device_new (const char *mxid, const char *address, OakDeviceState state);
void
test_device_change (OakDevice *device,
                    OakDeviceState state,
                    OakPresence presence,
                    gboolean conflict,
                    guint platform);
OakDeviceFacts *
test_facts_new (void);
/* @operation: FLASH_APPLICATION or FACTORY_RESET. */
OakFlashPlan *
test_plan_new (OakOperation operation);

typedef gboolean (*TestMatch) (GtkWidget *widget, gconstpointer data);
/* Returns: (transfer none) (nullable): the first widget below @root, depth first, that is not
 * hidden and matches. */
GtkWidget *
test_find (GtkWidget *root, TestMatch match, gconstpointer data);
GtkWidget *
test_find_button (GtkWidget *root, const char *label); /* with mnemonic */
GtkWidget *
test_find_type (GtkWidget *root, GType type);
gboolean
test_says (GtkWidget *root, const char *text);
gboolean
test_is_visible (GtkWidget *widget); /* with all its parents */

/* Runs the main loop until @condition holds; fails after @seconds times TEST_SLOWDOWN. */
typedef gboolean (*TestCondition) (gpointer data);
void
test_wait (TestCondition condition, gpointer data, guint seconds);
/* A picture of the whole screen for people to look at: "@name.png" in the folder that
 * OAK_TEST_SHOTS names; nothing without it. */
void
test_shot (const char *name);
/* Runs the main loop until nothing is left to do. */
void
test_settle (void);

G_END_DECLS
