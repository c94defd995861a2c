/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-bootloader.h"

#include <string.h>

#include <glib/gi18n.h>

#include "oak-error.h"
#include "oak-image-import.h"
#include "oak-image-store.h"
#include "oak-image.h"

#include "cli-command.h"
#include "cli-file.h"
#include "cli-program.h"

/* "oakflash bootloader ACTION": the store of bootloader images. The work is done in a worker
 * thread, so that Ctrl+C works however slow the disk is. Main thread, but for the thread functions.
 */

#define MIN_CHECKSUM_LENGTH 6

typedef struct {
  OakImageStore *store; /* (unowned) */
  const CliOptions *options;
} Work;

static void
return_images (GTask *task, GPtrArray *images, GError *error)
{
  if (images != NULL)
    g_task_return_pointer (task, images, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

/* worker thread */
static void
list_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Work *work = task_data;
  GError *error = NULL;
  GPtrArray *images = oak_image_store_list (work->store, cancellable, &error);

  return_images (task, images, error);
}

/* worker thread */
static void
import_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Work *work = task_data;
  const OakImageChoice choice = { .type = work->options->bootloader_type,
                                  .version = work->options->image_version,
                                  .replace = work->options->force };
  GError *error = NULL;
  GPtrArray *images =
      oak_image_import_file (work->store, work->options->file_path, &choice, cancellable, &error);

  return_images (task, images, error);
}

/* By its version, and its type when that was given, or by the beginning of its checksum. */
static gboolean
is_meant (OakImage *image, const CliOptions *options)
{
  const char *word = options->file_path;

  if (options->bootloader_type != OAK_BOOTLOADER_TYPE_AUTO &&
      options->bootloader_type != oak_image_get_type (image))
    return FALSE;
  return g_strcmp0 (oak_image_get_version (image), word) == 0 ||
         (strlen (word) >= MIN_CHECKSUM_LENGTH &&
          g_str_has_prefix (oak_image_get_sha256 (image), word));
}

static GPtrArray *
remove_images (const Work *work, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) images = oak_image_store_list (work->store, cancellable, error);

  if (images == NULL)
    return NULL;
  for (guint i = images->len; i > 0; i--) {
    OakImage *image = g_ptr_array_index (images, i - 1);

    if (!is_meant (image, work->options))
      g_ptr_array_remove_index (images, i - 1);
    else if (!oak_image_store_remove (work->store, image, error))
      return NULL;
  }
  if (images->len > 0)
    return g_steal_pointer (&images);
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_NOT_FOUND,
               "the store has no image of that version, type or checksum: %s",
               work->options->file_path);
  return NULL;
}

/* worker thread */
static void
remove_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  GPtrArray *images = remove_images (task_data, cancellable, &error);

  return_images (task, images, error);
}

int
cli_bootloader_run (CliProgram *program)
{
  static const struct {
    const char *action;
    GTaskThreadFunc thread_func;
    const char *note;
  } rows[] = {
    { "list", list_thread, NULL },
    { "import", import_thread, N_ ("In the store now:") },
    { "remove", remove_thread, N_ ("No longer in the store:") },
  };
  g_autoptr (OakImageStore) store = oak_image_store_new (NULL);
  Work work = { store, &program->options };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GPtrArray) images = NULL;
    g_autoptr (GError) error = NULL;

    if (!g_str_equal (program->options.action, rows[i].action))
      continue;
    images = cli_file_run (program, rows[i].thread_func, &work, &error);
    if (images == NULL)
      return cli_bootloader_fail (program, error);
    return cli_bootloader_report (program, images, rows[i].note != NULL ? _ (rows[i].note) : NULL);
  }
  return cli_bootloader_fetch (program);
}
