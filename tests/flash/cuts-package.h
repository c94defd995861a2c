/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cuts-scene.h"

G_BEGIN_DECLS

/* @self: (nullable). Returns: (transfer full) (nullable). */
OakAppPackage *
cuts_package_make (const CutsPackage *self);

/* Returns: whether every byte of @package is there, also those between its sections. */
gboolean
cuts_package_is_equal (const guint8 *data, gsize size, GBytes *package);

/* What lies where an application starts, by comparing with the two packages that could. */
typedef enum {
  CUTS_FOUND_NONE, /* nothing that a bootloader would start */
  CUTS_FOUND_OLD,
  CUTS_FOUND_NEW,
  CUTS_FOUND_TORN, /* something that it would start, and that is neither */
} CutsFound;

/* @old, @new: (nullable). @size: bytes up to the end of the memory. */
CutsFound
cuts_package_find (const guint8 *data, gsize size, GBytes *old, GBytes *new);

G_END_DECLS
