/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a person is told when bringing images into the store, or taking them out, failed: the same
 * codes as everywhere, but here they are about files, the store and a server, not about a camera.
 * One source for window and terminal. Pure functions, any thread. */

typedef struct {
  const char *title; /* all of them translated, never empty */
  const char *what;
  const char *why;  /* the likely cause */
  const char *todo; /* sentences separated by line feeds */
} OakImageAdvice;

/* @error: OAK_ERROR, a cancellation, or anything else. Returns: texts that live for ever. */
OakImageAdvice
oak_image_advice_get (const GError *error);

G_END_DECLS
