/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-keep.h"

#include <errno.h>

#include "oak-config.h"
#include "oak-device-facts.h"
#include "oak-device-info.h"
#include "oak-error.h"

/* Saves a camera's configuration before it is erased. Main thread. */

#define FOLDER "oak-flasher"

/* The id comes from the network: nothing but letters and digits of it may become part of a path. */
static char *
make_file_name (const OakDeviceFacts *facts)
{
  const char *mxid = oak_device_info_get_mxid (facts->info);
  g_autofree char *id = g_strdup (mxid != NULL ? mxid : "camera");
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%Y%m%dT%H%M%SZ");

  g_strcanon (id, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS, '_');
  return g_strdup_printf ("configuration-%s-%s.json", id, time);
}

char *
cli_keep_configuration (const OakDeviceFacts *facts, GError **error)
{
  g_autofree char *folder = g_build_filename (g_get_user_state_dir (), FOLDER, NULL);
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) local_error = NULL;

  if (facts == NULL || facts->config == NULL)
    return NULL;

  name = make_file_name (facts);
  path = g_build_filename (folder, name, NULL);
  text = oak_config_to_text (facts->config, TRUE);
  if (g_mkdir_with_parents (folder, 0700) != 0) {
    int code = errno;

    g_set_error (error, OAK_ERROR, OAK_ERROR_BAD_FILE, "%s: %s", folder, g_strerror (code));
    return NULL;
  }
  if (!g_file_set_contents_full (path,
                                 text,
                                 -1,
                                 G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                 0600,
                                 &local_error)) {
    g_set_error_literal (error, OAK_ERROR, OAK_ERROR_BAD_FILE, local_error->message);
    return NULL;
  }
  return g_steal_pointer (&path);
}
