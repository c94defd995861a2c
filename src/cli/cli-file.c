/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-file.h"

#include "oak-app-contents.h"
#include "oak-file-bytes.h"

#include "cli-program.h"

/* Works on chosen files in a worker thread while the main loop looks after Ctrl+C. Main thread, but
 * for the two thread functions. */

typedef struct {
  const char *path;
  gsize max_size;
} Load;

/* worker thread */
static void
load_contents_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Load *load = task_data;
  OakAppContents *contents = NULL;
  GError *error = NULL;

  contents = oak_app_contents_load (load->path, cancellable, &error);
  if (contents != NULL)
    g_task_return_pointer (task, contents, (GDestroyNotify) oak_app_contents_unref);
  else
    g_task_return_error (task, error);
}

/* worker thread */
static void
load_bytes_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Load *load = task_data;
  GBytes *bytes = NULL;
  GError *error = NULL;

  bytes = oak_file_bytes_load (load->path, load->max_size, cancellable, &error);
  if (bytes != NULL)
    g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_error (task, error);
}

static void
on_interrupt (gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

gpointer
cli_file_run (CliProgram *program, GTaskThreadFunc thread_func, gpointer work, GError **error)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GTask) task = NULL;

  task = g_task_new (NULL, cancellable, cli_program_store_result, &result);
  g_task_set_source_tag (task, cli_file_run);
  g_task_set_task_data (task, work, NULL);
  /* What is done is done: a file that is in its place is no cancelled one. */
  g_task_set_check_cancellable (task, FALSE);

  cli_program_set_interrupt (program, on_interrupt, cancellable);
  g_task_run_in_thread (task, thread_func);
  cli_program_await (&result);
  cli_program_set_interrupt (program, NULL, NULL);
  return g_task_propagate_pointer (task, error);
}

OakAppContents *
cli_file_load_contents (CliProgram *program, const char *path, GError **error)
{
  Load load = { .path = path };
  g_autoptr (OakAppContents) contents = NULL;

  contents = cli_file_run (program, load_contents_thread, &load, error);
  if (contents == NULL || !cli_program_check_interrupt (program, error))
    return NULL;
  return g_steal_pointer (&contents);
}

GBytes *
cli_file_load_bytes (CliProgram *program, const char *path, gsize max_size, GError **error)
{
  Load load = { .path = path, .max_size = max_size };
  g_autoptr (GBytes) bytes = NULL;

  bytes = cli_file_run (program, load_bytes_thread, &load, error);
  if (bytes == NULL || !cli_program_check_interrupt (program, error))
    return NULL;
  return g_steal_pointer (&bytes);
}
