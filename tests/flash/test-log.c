/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-log.h"

#include <string.h>

/* The log as a list model. */

#define MAX_LINES 10000

static void
count_changes (GListModel *model, guint position, guint removed, guint added, gpointer user_data)
{
  guint *n_changes = user_data;

  g_assert_cmpuint (position + added, <=, g_list_model_get_n_items (model));
  *n_changes += 1;
}

static void
test_model (void)
{
  g_autoptr (OakLog) log = oak_log_new ();
  g_autoptr (OakLogEntry) entry = NULL;
  guint n_changes = 0;

  g_signal_connect (log, "items-changed", G_CALLBACK (count_changes), &n_changes);
  oak_log_append (log, OAK_LOG_LEVEL_INFO, "first");
  oak_log_append (log, OAK_LOG_LEVEL_ERROR, "second");
  g_assert_cmpuint (n_changes, ==, 2);
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (log)) == OAK_TYPE_LOG_ENTRY);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (log), 2));
  entry = g_list_model_get_item (G_LIST_MODEL (log), 1);
  g_assert_cmpstr (oak_log_entry_get_text (entry), ==, "second");
  g_assert_cmpint (oak_log_entry_get_level (entry), ==, OAK_LOG_LEVEL_ERROR);
  g_assert_cmpuint (oak_log_count_level (log, OAK_LOG_LEVEL_ERROR), ==, 1);
  g_assert_cmpuint (oak_log_count_level (log, OAK_LOG_LEVEL_WARNING), ==, 0);
  g_assert_cmpint (ABS (g_get_real_time () - oak_log_entry_get_time_us (entry)),
                   <,
                   (gint64) 3600 * G_USEC_PER_SEC);
}

static void
test_text (void)
{
  g_autoptr (OakLog) log = oak_log_new ();
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  oak_log_append (log, OAK_LOG_LEVEL_WARNING, "careful");
  oak_log_append (log, OAK_LOG_LEVEL_INFO, "done");
  text = oak_log_to_text (log);
  lines = g_strsplit (text, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 3);
  g_assert_true (g_regex_match_simple ("^\\d\\d:\\d\\d:\\d\\d\\.\\d\\d\\d  warning  careful$",
                                       lines[0],
                                       0,
                                       0));
  g_assert_true (g_regex_match_simple ("  info     done$", lines[1], 0, 0));
  g_assert_cmpstr (lines[2], ==, "");
}

static GPtrArray *
take_entries (OakLog *log, guint n_entries)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < n_entries; i++)
    g_ptr_array_add (entries, g_list_model_get_item (G_LIST_MODEL (log), i));
  return entries;
}

static void
test_keeps_the_newest (void)
{
  g_autoptr (OakLog) source = oak_log_new ();
  g_autoptr (OakLog) log = oak_log_new ();
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (OakLogEntry) oldest = NULL;
  guint n_changes = 0;

  for (guint i = 0; i < 600; i++) {
    g_autofree char *text = g_strdup_printf ("%u", i);

    oak_log_append (source, i < 300 ? OAK_LOG_LEVEL_WARNING : OAK_LOG_LEVEL_INFO, text);
  }
  entries = take_entries (source, 600);
  g_signal_connect (log, "items-changed", G_CALLBACK (count_changes), &n_changes);
  for (guint i = 0; i < 17; i++)
    oak_log_append_entries (log, entries);
  g_assert_cmpuint (n_changes, ==, 17 + 1);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (log)), ==, MAX_LINES);
  oldest = g_list_model_get_item (G_LIST_MODEL (log), 0);
  g_assert_cmpstr (oak_log_entry_get_text (oldest), ==, "200");
  g_assert_cmpuint (oak_log_count_level (log, OAK_LOG_LEVEL_WARNING), ==, 17 * 300 - 200);
  g_assert_cmpuint (oak_log_count_level (log, OAK_LOG_LEVEL_INFO), ==, 17 * 300);
}

static void
test_huge_batch (void)
{
  g_autoptr (OakLog) source = oak_log_new ();
  g_autoptr (OakLog) log = oak_log_new ();
  g_autoptr (GPtrArray) entries = NULL;

  oak_log_append (source, OAK_LOG_LEVEL_INFO, "again");
  entries = take_entries (source, 1);
  for (guint i = 1; i < MAX_LINES + 7; i++)
    g_ptr_array_add (entries, g_object_ref (g_ptr_array_index (entries, 0)));
  oak_log_append (log, OAK_LOG_LEVEL_ERROR, "old");
  oak_log_append_entries (log, entries);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (log)), ==, MAX_LINES);
  g_assert_cmpuint (oak_log_count_level (log, OAK_LOG_LEVEL_ERROR), ==, 0);
  g_assert_cmpuint (oak_log_count_level (log, OAK_LOG_LEVEL_INFO), ==, MAX_LINES);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flash/log/is-a-list-model", test_model);
  g_test_add_func ("/flash/log/text-has-time-level-and-words", test_text);
  g_test_add_func ("/flash/log/keeps-the-newest-lines-in-one-change-a-batch",
                   test_keeps_the_newest);
  g_test_add_func ("/flash/log/batch-larger-than-the-log", test_huge_batch);
  return g_test_run ();
}
