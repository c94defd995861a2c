/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-bundle.h"

#include <glib/gi18n.h>

#include "flasher-text.h"
#include "oak-app-contents.h"
#include "oak-app-package.h"
#include "oak-error.h"
#include "oak-text.h"

/* Main thread only; files are read in a GTask worker. */

#define FLASHER_NAME_CHARACTERS 120

struct _FlasherBundle {
  GObject parent_instance;

  GFile *file;               /* (owned) (nullable) */
  OakAppContents *contents;  /* (owned) (nullable): possibly of a damaged package */
  GCancellable *cancellable; /* (owned) (nullable): set while loading */
  char *name;                /* (nullable) */
  char *error;               /* (nullable) */
  char *error_details;       /* (nullable) */
  gboolean allow_host_streams;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (FlasherBundle, flasher_bundle, G_TYPE_OBJECT)

static void
flasher_bundle_reset (FlasherBundle *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->file);
  g_clear_pointer (&self->contents, oak_app_contents_unref);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->error, g_free);
  g_clear_pointer (&self->error_details, g_free);
  self->allow_host_streams = FALSE;
}

static void
flasher_bundle_finalize (GObject *object)
{
  flasher_bundle_reset (FLASHER_BUNDLE (object));
  G_OBJECT_CLASS (flasher_bundle_parent_class)->finalize (object);
}

static void
flasher_bundle_class_init (FlasherBundleClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = flasher_bundle_finalize;
  changed_signal = g_signal_new ("changed",
                                 FLASHER_TYPE_BUNDLE,
                                 G_SIGNAL_RUN_LAST,
                                 0,
                                 NULL,
                                 NULL,
                                 NULL,
                                 G_TYPE_NONE,
                                 0);
}

static void
flasher_bundle_init (FlasherBundle *self)
{
}

FlasherBundle *
flasher_bundle_new (void)
{
  return g_object_new (FLASHER_TYPE_BUNDLE, NULL);
}

/* Worker thread; @data is the file's path. */
static void
load_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  OakAppContents *contents = oak_app_contents_load (data, cancellable, &error);

  if (contents != NULL)
    g_task_return_pointer (task, contents, (GDestroyNotify) oak_app_contents_unref);
  else
    g_task_return_error (task, error);
}

static const char *
flasher_bundle_explain (const GError *error)
{
  if (g_error_matches (error, OAK_ERROR, OAK_ERROR_BAD_FILE))
    return _ ("This file is no application package, or a damaged one.");
  if (g_error_matches (error, OAK_ERROR, OAK_ERROR_TOO_LARGE))
    return _ ("This file is too large to be an application package.");
  return _ ("This file cannot be used.");
}

/* What is in the file, or only a part of it, has been read. */
static void
flasher_bundle_take_contents (FlasherBundle *self, OakAppContents *contents)
{
  OakAppPackage *package = oak_app_contents_get_package (contents);
  g_autoptr (GError) error = NULL;

  self->contents = contents;
  if (oak_app_package_get_n_problems (package) == 0)
    return;
  error = g_error_new_literal (OAK_ERROR,
                               OAK_ERROR_BAD_FILE,
                               oak_app_package_get_problem (package, 0)->text);
  self->error = g_strdup (flasher_bundle_explain (error));
  self->error_details = flasher_sentence (error->message);
}

static void
load_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FlasherBundle) self = FLASHER_BUNDLE (user_data);
  g_autoptr (GError) error = NULL;
  OakAppContents *contents = g_task_propagate_pointer (G_TASK (result), &error);

  if (self->cancellable == NULL || self->cancellable != g_task_get_cancellable (G_TASK (result))) {
    g_clear_pointer (&contents, oak_app_contents_unref); /* a newer choice has replaced it */
    return;
  }
  g_clear_object (&self->cancellable);
  if (contents != NULL) {
    flasher_bundle_take_contents (self, contents);
  } else {
    self->error = g_strdup (flasher_bundle_explain (error));
    self->error_details = flasher_sentence (error->message);
  }
  g_signal_emit (self, changed_signal, 0);
}

void
flasher_bundle_load (FlasherBundle *self, GFile *file)
{
  g_autoptr (GTask) task = NULL;
  g_autofree char *base_name = NULL;
  char *path = NULL;

  g_return_if_fail (FLASHER_IS_BUNDLE (self));
  g_return_if_fail (G_IS_FILE (file));

  g_object_ref (file); /* it may be the one that is let go of here */
  flasher_bundle_reset (self);
  base_name = g_file_get_basename (file);
  self->file = file;
  self->name = oak_text_escape (base_name != NULL ? base_name : "", -1, FLASHER_NAME_CHARACTERS);
  path = g_file_get_path (file);
  if (path == NULL) {
    self->error = g_strdup (_ ("This file is not on this computer. Copy it here first."));
  } else {
    self->cancellable = g_cancellable_new ();
    /* No source object: the last reference must not be dropped on the worker thread. */
    task = g_task_new (NULL, self->cancellable, load_cb, g_object_ref (self));
    g_task_set_source_tag (task, flasher_bundle_load);
    g_task_set_check_cancellable (task, FALSE);
    g_task_set_task_data (task, path, g_free);
    g_task_run_in_thread (task, load_in_thread);
  }
  g_signal_emit (self, changed_signal, 0);
}

void
flasher_bundle_clear (FlasherBundle *self)
{
  g_return_if_fail (FLASHER_IS_BUNDLE (self));

  flasher_bundle_reset (self);
  g_signal_emit (self, changed_signal, 0);
}

OakAppPackage *
flasher_bundle_get_package (FlasherBundle *self)
{
  g_return_val_if_fail (FLASHER_IS_BUNDLE (self), NULL);

  if (self->contents == NULL || self->error != NULL)
    return NULL;
  return oak_app_contents_get_package (self->contents);
}

OakAppContents *
flasher_bundle_get_contents (FlasherBundle *self)
{
  g_return_val_if_fail (FLASHER_IS_BUNDLE (self), NULL);

  return self->contents;
}

OakAppVerdict *
flasher_bundle_judge (FlasherBundle *self, const OakAppTarget *target)
{
  g_return_val_if_fail (FLASHER_IS_BUNDLE (self), NULL);

  if (self->contents == NULL)
    return NULL;
  return oak_app_verdict_new (self->contents, target, self->allow_host_streams);
}

gboolean
flasher_bundle_get_allow_host_streams (FlasherBundle *self)
{
  g_return_val_if_fail (FLASHER_IS_BUNDLE (self), FALSE);

  return self->allow_host_streams;
}

void
flasher_bundle_set_allow_host_streams (FlasherBundle *self, gboolean allow)
{
  g_return_if_fail (FLASHER_IS_BUNDLE (self));

  if (self->allow_host_streams == allow)
    return;
  self->allow_host_streams = allow;
  g_signal_emit (self, changed_signal, 0);
}

GFile *
flasher_bundle_get_file (FlasherBundle *self)
{
  g_return_val_if_fail (FLASHER_IS_BUNDLE (self), NULL);

  return self->file;
}

gboolean
flasher_bundle_get_loading (FlasherBundle *self)
{
  g_return_val_if_fail (FLASHER_IS_BUNDLE (self), FALSE);

  return self->cancellable != NULL;
}

const char *
flasher_bundle_get_name (FlasherBundle *self)
{
  g_return_val_if_fail (FLASHER_IS_BUNDLE (self), NULL);

  return self->name;
}

const char *
flasher_bundle_get_error (FlasherBundle *self)
{
  g_return_val_if_fail (FLASHER_IS_BUNDLE (self), NULL);

  return self->error;
}

const char *
flasher_bundle_get_error_details (FlasherBundle *self)
{
  g_return_val_if_fail (FLASHER_IS_BUNDLE (self), NULL);

  return self->error_details;
}
