/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-checked.h"

#include "oak-app-contents.h"
#include "oak-app-package.h"
#include "oak-app-repack.h"
#include "oak-flash-wish.h"

#include "cli-file.h"
#include "cli-program.h"

/* Packages usually tell the camera not to check the firmware before it starts it. One that is
 * changed to have it checked closes the last moment in which a loss of power can leave something
 * that starts damaged. Main thread, but for the thread function. */

/* worker thread */
static void
change_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  OakAppContents *contents = task_data;
  OakRepackWish change = { .check_at_boot = OAK_REPACK_YES };
  const char *name = oak_app_package_get_file_name (oak_app_contents_get_package (contents));
  GError *error = NULL;
  g_autoptr (GBytes) bytes = oak_app_repack (contents, &change, cancellable, &error);
  g_autoptr (OakAppPackage) package = NULL;
  OakAppContents *changed = NULL;

  if (bytes != NULL)
    package = oak_app_package_new_from_bytes (bytes, name, &error);
  if (package != NULL)
    changed = oak_app_contents_read (package, cancellable, &error);
  if (changed != NULL)
    g_task_return_pointer (task, changed, (GDestroyNotify) oak_app_contents_unref);
  else
    g_task_return_error (task, error);
}

static gboolean
is_checked (OakAppContents *contents)
{
  return oak_app_package_is_checked_at_boot (oak_app_contents_get_package (contents));
}

gboolean
cli_checked_load (CliProgram *program, OakFlashWish *wish, GError **error)
{
  wish->contents = cli_file_load_contents (program, program->options.file_path, error);
  if (wish->contents == NULL)
    return FALSE;
  if (program->options.check_firmware && !is_checked (wish->contents)) {
    g_autoptr (OakAppContents) original = g_steal_pointer (&wish->contents);

    wish->contents = cli_file_run (program, change_thread, original, error);
    if (wish->contents == NULL)
      return FALSE;
    wish->changed_to_check = TRUE;
  }
  wish->package = oak_app_package_ref (oak_app_contents_get_package (wish->contents));
  return TRUE;
}
