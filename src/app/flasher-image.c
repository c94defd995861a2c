/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-image.h"

#include <glib/gi18n.h>

#include "flasher-text.h"
#include "flasher-widgets.h"
#include "oak-file-bytes.h"
#include "oak-text.h"
#include "oak-types.h"

/* Main thread, but for the reading itself. */

#define FLASHER_IMAGE_MAXIMUM      (64 * OAK_MIB)
#define FLASHER_IMAGE_NAME_MAXIMUM 120 /* characters */

typedef struct {
  GFile *file;     /* (owned) */
  gpointer object; /* (owned) (nullable): a weak reference of flasher_weak_new () */
  FlasherImageFunc callback;
} FlasherImageLoad;

static void
flasher_image_load_free (FlasherImageLoad *self)
{
  g_autoptr (GObject) object = self->object != NULL ? flasher_weak_take (self->object) : NULL;

  g_object_unref (self->file);
  g_free (self);
}

/* Worker thread. */
static void
load_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  FlasherImageLoad *load = data;
  const char *path = g_file_peek_path (load->file);
  GError *error = NULL;
  GBytes *bytes = oak_file_bytes_load (path, FLASHER_IMAGE_MAXIMUM, cancellable, &error);

  if (bytes != NULL)
    g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_error (task, error);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FlasherImageLoad *load = g_task_get_task_data (G_TASK (result));
  g_autoptr (GObject) object = flasher_weak_take (g_steal_pointer (&load->object));
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_task_propagate_pointer (G_TASK (result), &error);
  g_autofree char *base_name = g_file_get_basename (load->file);
  g_autofree char *name = oak_text_escape (base_name, -1, FLASHER_IMAGE_NAME_MAXIMUM);
  g_autofree char *text = NULL;

  if (object == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (bytes == NULL)
    text = flasher_sentence (error->message);
  load->callback (object, bytes, name, text);
}

void
flasher_image_load (GFile *file,
                    GCancellable *cancellable,
                    FlasherImageFunc callback,
                    gpointer object)
{
  g_autoptr (GTask) task = NULL;
  FlasherImageLoad *load = NULL;

  g_return_if_fail (G_IS_FILE (file));
  g_return_if_fail (callback != NULL);

  if (g_file_peek_path (file) == NULL) {
    callback (object, NULL, NULL, _ ("This file is not on this computer. Copy it here first."));
    return;
  }
  load = g_new0 (FlasherImageLoad, 1);
  load->file = g_object_ref (file);
  load->object = flasher_weak_new (object);
  load->callback = callback;
  task = g_task_new (NULL, cancellable, loaded_cb, NULL);
  g_task_set_source_tag (task, flasher_image_load);
  g_task_set_task_data (task, load, (GDestroyNotify) flasher_image_load_free);
  g_task_run_in_thread (task, load_in_thread);
}
