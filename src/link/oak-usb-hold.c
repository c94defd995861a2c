/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-usb-context.h"
#include "oak-usb-private.h"

/* Which paths are owned by jobs, and which one is being opened for a test: process-wide, any
 * thread. A job waits for a test; a test never waits for a job. */

static GMutex mutex;
static GCond test_ended;
static GHashTable *holds;  /* (owned) (nullable): path -> count */
static char *path_in_test; /* (nullable) */

void
oak_usb_context_hold_path (const char *path)
{
  guint count;

  g_return_if_fail (path != NULL);

  g_mutex_lock (&mutex);
  if (holds == NULL)
    holds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  count = GPOINTER_TO_UINT (g_hash_table_lookup (holds, path));
  g_hash_table_insert (holds, g_strdup (path), GUINT_TO_POINTER (count + 1));
  while (g_strcmp0 (path_in_test, path) == 0)
    g_cond_wait (&test_ended, &mutex);
  g_mutex_unlock (&mutex);
}

void
oak_usb_context_release_path (const char *path)
{
  guint count;

  g_return_if_fail (path != NULL);

  g_mutex_lock (&mutex);
  count = holds != NULL ? GPOINTER_TO_UINT (g_hash_table_lookup (holds, path)) : 0;
  if (count > 1)
    g_hash_table_insert (holds, g_strdup (path), GUINT_TO_POINTER (count - 1));
  else if (count == 1)
    g_hash_table_remove (holds, path);
  if (holds != NULL && g_hash_table_size (holds) == 0)
    g_clear_pointer (&holds, g_hash_table_unref);
  g_mutex_unlock (&mutex);
}

static gboolean
is_held (const char *path)
{
  return holds != NULL && g_hash_table_contains (holds, path);
}

gboolean
oak_usb_hold_is_held (const char *path)
{
  gboolean held;

  g_mutex_lock (&mutex);
  held = is_held (path);
  g_mutex_unlock (&mutex);
  return held;
}

gboolean
oak_usb_hold_begin_test (const char *path)
{
  gboolean may_begin;

  g_mutex_lock (&mutex);
  while (path_in_test != NULL)
    g_cond_wait (&test_ended, &mutex);
  may_begin = !is_held (path);
  if (may_begin)
    path_in_test = g_strdup (path);
  g_mutex_unlock (&mutex);
  return may_begin;
}

void
oak_usb_hold_end_test (const char *path)
{
  g_mutex_lock (&mutex);
  g_clear_pointer (&path_in_test, g_free);
  g_cond_broadcast (&test_ended);
  g_mutex_unlock (&mutex);
}
