/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz-assert.h"

#include <stdlib.h>

/* What all fuzz targets share: a broken promise, ours or a warning of GLib, ends the run with the
 * input saved. So does an input that takes more memory than any file is worth. The sanitizer's own
 * memory, many times that of the program, is not what is meant: only what is allocated counts. */

#define FUZZ_MEMORY_MAX ((gssize) 64 * 1024 * 1024) /* bytes at a time, for one input */

/* Of the sanitizer; not every compiler comes with a header for these. */
int
__sanitizer_install_malloc_and_free_hooks (void (*malloc_hook) (const volatile void *, size_t),
                                           void (*free_hook) (const volatile void *));
size_t
__sanitizer_get_allocated_size (const volatile void *address);

static gssize in_use; /* by the input under test; any thread */
static gint counting;

void
fuzz_fail (const char *file, int line, const char *condition)
{
  g_printerr ("%s:%d: %s\n", file, line, condition);
  abort ();
}

static void
note_malloc (const volatile void *address, size_t size)
{
  if (g_atomic_int_get (&counting) == 0)
    return;
  if (g_atomic_pointer_add (&in_use, (gssize) size) + (gssize) size <= FUZZ_MEMORY_MAX)
    return;
  g_atomic_int_set (&counting, 0);
  fuzz_fail (__FILE__, __LINE__, "an input takes little memory");
}

static void
note_free (const volatile void *address)
{
  if (g_atomic_int_get (&counting) != 0 && address != NULL)
    g_atomic_pointer_add (&in_use, -(gssize) __sanitizer_get_allocated_size (address));
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
  FUZZ_ASSERT (__sanitizer_install_malloc_and_free_hooks (note_malloc, note_free) != 0);
  return 0;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  int result = 0;

  g_atomic_pointer_set (&in_use, 0);
  g_atomic_int_set (&counting, 1);
  result = fuzz_one_input (data, size);
  g_atomic_int_set (&counting, 0);
  return result;
}
