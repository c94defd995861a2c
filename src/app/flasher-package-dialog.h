/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "flasher-bundle.h"

G_BEGIN_DECLS

/* The page about the chosen package in a window of its own over @parent, so that it can be read
 * with and without a camera. Escape closes it. Main thread.
 *
 * @target, @camera: as flasher_package_page_set_bundle (). Returns: (transfer none): destroys
 * itself when it is closed, and with @parent. Shows nothing yet. */
GtkWindow *
flasher_package_dialog_new (GtkWindow *parent,
                            FlasherBundle *bundle,
                            const OakAppTarget *target,
                            const char *camera);

G_END_DECLS
