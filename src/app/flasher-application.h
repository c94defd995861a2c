/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * FlasherApplication:
 *
 * The program: one instance for each session, with one window and one discovery; opens packages
 * given on the command line or by the file manager. With --demo it is an instance of its own that
 * talks to simulated cameras on the loopback only. Main thread.
 */
#define FLASHER_TYPE_APPLICATION (flasher_application_get_type ())
G_DECLARE_FINAL_TYPE (FlasherApplication, flasher_application, FLASHER, APPLICATION, GtkApplication)

FlasherApplication *
flasher_application_new (void);

/* Makes the resources of this library known; done by the application, and by tests that go without
 * one. */
void
flasher_application_load_resources (void);
void
flasher_application_load_style (GdkDisplay *display);

G_END_DECLS
