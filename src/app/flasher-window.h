/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "oak-types.h"

G_BEGIN_DECLS

typedef struct _FlasherDemo FlasherDemo;
typedef struct _OakDiscovery OakDiscovery;

/**
 * FlasherWindow:
 *
 * The main window: cameras on the left, one camera on the right, the log below. It keeps a page for
 * each camera that was looked at, so that a job and its result stay while another camera is
 * selected or its own restarts. While a job runs it asks before it closes and keeps the session
 * from ending. Too narrow for both sides it shows one of them. Main thread.
 */
#define FLASHER_TYPE_WINDOW (flasher_window_get_type ())
G_DECLARE_FINAL_TYPE (FlasherWindow, flasher_window, FLASHER, WINDOW, GtkApplicationWindow)

/* @discovery: started already; the window keeps a reference. */
FlasherWindow *
flasher_window_new (GtkApplication *application, OakDiscovery *discovery, OakNetworkScope scope);
/* Says in a banner that cameras are simulated, and offers what the demo brings along. */
void
flasher_window_set_demo (FlasherWindow *self, FlasherDemo *demo);
/* Chooses an application package. */
void
flasher_window_open_file (FlasherWindow *self, GFile *file);
/* How many cameras are being worked on, or asked about, now. */
guint
flasher_window_count_busy (FlasherWindow *self);

G_END_DECLS
