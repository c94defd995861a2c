/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * FlasherDemo:
 *
 * Simulated cameras for --demo: runs `oak-sim` as a child process that ends with this one. Looked
 * for in this order: the file named by the environment variable OAK_SIM, the build tree beside this
 * program, the installed places. Main thread.
 *
 * Signals: "ready" when the cameras can be asked; "failed" (text) when there are none (any more).
 */
#define FLASHER_TYPE_DEMO (flasher_demo_get_type ())
G_DECLARE_FINAL_TYPE (FlasherDemo, flasher_demo, FLASHER, DEMO, GObject)

FlasherDemo *
flasher_demo_new (void);
/* Once only. What goes wrong later is told with "failed". */
gboolean
flasher_demo_start (FlasherDemo *self, GError **error);
/* A real package to try with, and a made-up bootloader image for a factory reset. Returns:
 * (transfer none) (nullable). */
GFile *
flasher_demo_get_sample (FlasherDemo *self);
GFile *
flasher_demo_get_image (FlasherDemo *self);

G_END_DECLS
