/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _OakAppPackage OakAppPackage;

/* A package: @size bytes of which the first and the last @dense ones are not erased flash. */
typedef struct {
  guint32 size;
  guint32 dense;
  guint8 seed;
  gboolean checked; /* the bootloader is to check the firmware before it starts it */
  guint32 edits[2]; /* where a page differs from the package without edits; 0: nowhere */
  const char *file; /* (nullable): instead of all that, one of tests/data/daps */
} CutsPackage;

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
