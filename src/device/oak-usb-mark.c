/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-usb-mark.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "oak-device-lock.h"
#include "oak-error.h"

/* One small key file per camera. Any thread. */

#define MARK_FOLDER "started-in-memory"
#define GROUP       "Image"

/* Read from the environment at every call, not once per process as GLib does it. */
static char *
mark_folder_path (void)
{
  const char *state_folder = g_getenv ("XDG_STATE_HOME");

  if (state_folder == NULL || !g_path_is_absolute (state_folder))
    state_folder = g_get_user_state_dir ();
  return g_build_filename (state_folder, "oak-flasher", MARK_FOLDER, NULL);
}

static char *
mark_file_path (const char *id)
{
  g_autofree char *folder = mark_folder_path ();
  g_autofree char *name = oak_device_file_name_for_id (id, ".ini");

  return g_build_filename (folder, name, NULL);
}

static gboolean
fail (GError **error, const char *reason)
{
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_NO_ACCESS,
               "it cannot be remembered that an image was started in the camera's memory: %s",
               reason);
  return FALSE;
}

gboolean
oak_usb_mark_save (const char *id, const OakUsbMark *mark, GError **error)
{
  g_autofree char *folder = mark_folder_path ();
  g_autofree char *path = NULL;
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) local_error = NULL;

  g_return_val_if_fail (id != NULL && *id != '\0', FALSE);
  g_return_val_if_fail (mark != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  path = mark_file_path (id);
  g_key_file_set_integer (file, GROUP, "Bus", (int) mark->bus);
  g_key_file_set_integer (file, GROUP, "Address", (int) mark->address);
  g_key_file_set_boolean (file, GROUP, "HadSession", mark->had_session);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    return fail (error, g_strerror (errno));
  if (!g_key_file_save_to_file (file, path, &local_error))
    return fail (error, local_error->message);
  return TRUE;
}

gboolean
oak_usb_mark_load (const char *id, OakUsbMark *mark)
{
  g_autofree char *path = NULL;
  g_autoptr (GKeyFile) file = g_key_file_new ();

  g_return_val_if_fail (id != NULL && *id != '\0', FALSE);
  g_return_val_if_fail (mark != NULL, FALSE);

  *mark = (OakUsbMark){ 0 };
  path = mark_file_path (id);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return FALSE;
  if (g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL)) {
    mark->bus = (guint) g_key_file_get_integer (file, GROUP, "Bus", NULL);
    mark->address = (guint) g_key_file_get_integer (file, GROUP, "Address", NULL);
    mark->had_session = g_key_file_get_boolean (file, GROUP, "HadSession", NULL);
  }
  return TRUE;
}

void
oak_usb_mark_remove (const char *id)
{
  g_autofree char *path = NULL;

  g_return_if_fail (id != NULL && *id != '\0');

  path = mark_file_path (id);
  g_unlink (path);
}
