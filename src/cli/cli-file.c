/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-file.h"

#include "oak-app-package.h"
#include "oak-file-bytes.h"

#include "cli-program.h"

/* Loads chosen files in a worker thread while the main loop looks after Ctrl+C. Main thread, but
 * for the two thread functions. */

typedef struct {
  char *path;
  gsize max_size; /* 0: a package */
} Load;

static void
load_free (Load *load)
{
  g_free (load->path);
  g_free (load);
}

/* worker thread */
static void
load_package_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Load *load = task_data;
  OakAppPackage *package = NULL;
  GError *error = NULL;

  package = oak_app_package_load (load->path, cancellable, &error);
  if (package != NULL)
    g_task_return_pointer (task, package, (GDestroyNotify) oak_app_package_unref);
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

static gpointer
run (CliProgram *program,
     const char *path,
     gsize max_size,
     GTaskThreadFunc thread_func,
     GError **error)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GTask) task = NULL;
  Load *load = g_new0 (Load, 1);

  load->path = g_strdup (path);
  load->max_size = max_size;
  task = g_task_new (NULL, cancellable, cli_program_store_result, &result);
  g_task_set_source_tag (task, run);
  g_task_set_task_data (task, load, (GDestroyNotify) load_free);

  cli_program_set_interrupt (program, on_interrupt, cancellable);
  g_task_run_in_thread (task, thread_func);
  cli_program_await (&result);
  cli_program_set_interrupt (program, NULL, NULL);
  return g_task_propagate_pointer (task, error);
}

OakAppPackage *
cli_file_load_package (CliProgram *program, const char *path, GError **error)
{
  return run (program, path, 0, load_package_thread, error);
}

GBytes *
cli_file_load_bytes (CliProgram *program, const char *path, gsize max_size, GError **error)
{
  return run (program, path, max_size, load_bytes_thread, error);
}
