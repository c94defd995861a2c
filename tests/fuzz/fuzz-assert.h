/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Ends the fuzz target, and so makes the input a finding. */
#define FUZZ_ASSERT(condition)                                                                     \
  G_STMT_START                                                                                     \
  {                                                                                                \
    if (!(condition))                                                                              \
      g_error ("%s:%d: %s", __FILE__, __LINE__, #condition);                                       \
  }                                                                                                \
  G_STMT_END

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

G_END_DECLS
