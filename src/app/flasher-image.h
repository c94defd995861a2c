/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Reads a bootloader image in a worker thread. Calls @callback once in the main thread, unless
 * @object is gone by then or @cancellable was triggered: with @bytes and @name, fit to be shown, or
 * with @text that says why the file cannot be used. */
typedef void (*FlasherImageFunc) (gpointer object,
                                  GBytes *bytes,
                                  const char *name,
                                  const char *text);

void
flasher_image_load (GFile *file,
                    GCancellable *cancellable,
                    FlasherImageFunc callback,
                    gpointer object);

G_END_DECLS
