/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-camera.h"

#include "oak-device-info.h"

#include "cli-json.h"
#include "cli-text.h"

/* One camera in words and in JSON. Main thread. */

static char *
get_short_id (const OakDeviceInfo *info)
{
  const char *mxid = oak_device_info_get_mxid (info);

  return mxid != NULL ? oak_short_id (mxid, NULL) : NULL;
}

char *
cli_camera_get_name (const OakDeviceInfo *info)
{
  g_autofree char *short_id = get_short_id (info);
  g_autofree char *name = NULL;

  if (short_id != NULL)
    name = g_strdup_printf ("%s (%s)", short_id, oak_device_info_get_address (info));
  else
    name = g_strdup (oak_device_info_get_address (info));
  return cli_text_show (name);
}

void
cli_camera_add_json (JsonBuilder *builder, const OakDeviceInfo *info)
{
  g_autofree char *short_id = NULL;

  json_builder_set_member_name (builder, "device");
  if (info == NULL) {
    json_builder_add_null_value (builder);
    return;
  }
  short_id = get_short_id (info);
  json_builder_begin_object (builder);
  cli_json_add_text (builder, "mxid", oak_device_info_get_mxid (info));
  cli_json_add_text (builder, "shortId", short_id);
  cli_json_add_text (builder, "address", oak_device_info_get_address (info));
  cli_json_add_text (builder,
                     "transport",
                     oak_transport_to_string (oak_device_info_get_transport (info)));
  cli_json_add_text (builder,
                     "state",
                     oak_device_state_to_string (oak_device_info_get_state (info)));
  json_builder_end_object (builder);
}
