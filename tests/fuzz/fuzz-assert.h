/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Ends the fuzz target, and so makes the input a finding. By abort () and not by g_error (): that
 * one ends in a trap, for which the fuzzer has no handler, and the input would be lost. */
#define FUZZ_ASSERT(condition)                                                                     \
  G_STMT_START                                                                                     \
  {                                                                                                \
    if (!(condition))                                                                              \
      fuzz_fail (__FILE__, __LINE__, #condition);                                                  \
  }                                                                                                \
  G_STMT_END

void
fuzz_fail (const char *file, int line, const char *condition) G_GNUC_NORETURN;

/* What each fuzz target is: does with @data what the program would, and checks what comes of it.
 * Returns: 0 */
int
fuzz_one_input (const guint8 *data, gsize size);

int
LLVMFuzzerInitialize (int *argc, char ***argv);
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

G_END_DECLS
