/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test-support.h"

#include <time.h>

/* Helpers for tests; any thread. */

double
test_slowdown (void)
{
  const char *text = g_getenv ("TEST_SLOWDOWN");

  return text != NULL ? MAX (g_ascii_strtod (text, NULL), 1.0) : 1.0;
}

gint64
test_deadline (guint timeout_ms)
{
  return g_get_monotonic_time () + (gint64) (timeout_ms * 1000.0 * test_slowdown ());
}

static guint
count_entries (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  guint count = 0;

  g_assert_nonnull (directory);
  while (g_dir_read_name (directory) != NULL)
    count++;

  return count;
}

static gpointer
do_nothing (gpointer data)
{
  return data;
}

/* ThreadSanitizer has a thread of its own, which begins with the first that the program makes. */
static void
begin_hidden_threads (void)
{
  static gsize begun = 0;

  if (g_once_init_enter (&begun)) {
    g_thread_join (g_thread_new ("first", do_nothing, NULL));
    g_once_init_leave (&begun, 1);
  }
}

void
test_resources_take (TestResources *self)
{
  begin_hidden_threads ();
  self->n_descriptors = count_entries ("/proc/self/fd");
  self->n_threads = count_entries ("/proc/self/task");
}

void
test_resources_assert_equal (const TestResources *before)
{
  gint64 deadline_us = test_deadline (5000);
  TestResources now;

  /* A joined thread's entry may outlive it for an instant; fewer threads than before are those of
   * an earlier test, or of GLib's own pool, which have retired meanwhile. */
  do {
    test_resources_take (&now);
    if (now.n_threads <= before->n_threads && now.n_descriptors == before->n_descriptors)
      return;

    g_usleep (2000);
  } while (g_get_monotonic_time () < deadline_us);

  g_assert_cmpuint (now.n_descriptors, ==, before->n_descriptors);
  g_assert_cmpuint (now.n_threads, <=, before->n_threads);
}

gint64
test_cpu_time_us (void)
{
  struct timespec time = { 0 };

  g_assert_no_errno (clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time));
  return (gint64) time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}
