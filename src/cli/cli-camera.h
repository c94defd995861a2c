/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef struct _OakDeviceInfo OakDeviceInfo;

/* One camera in words and in JSON. Main thread. */

/* Returns: (transfer full): "75CB0F (192.168.1.40)", or the address alone while no id is known;
 * safe to be shown. */
char *
cli_camera_get_name (const OakDeviceInfo *info);

/* Adds the member "device": mxid, shortId, address, transport, state. @info: (nullable): gives
 * null. */
void
cli_camera_add_json (JsonBuilder *builder, const OakDeviceInfo *info);

G_END_DECLS
