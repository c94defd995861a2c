/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz-assert.h"

#include <stdlib.h>

/* What all fuzz targets share: a broken promise, ours or a warning of GLib, ends the run with the
 * input saved. */

void
fuzz_fail (const char *file, int line, const char *condition)
{
  g_printerr ("%s:%d: %s\n", file, line, condition);
  abort ();
}

static void
on_log (const char *domain, GLogLevelFlags level, const char *text, gpointer data)
{
  if ((level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING)) == 0)
    return;
  g_printerr ("%s: %s\n", domain != NULL ? domain : "no domain", text);
  abort ();
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_log_set_default_handler (on_log, NULL);
  return 0;
}
