/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-report.h"

#include <json-glib/json-glib.h>

#include "sim-board.h"
#include "sim-camera.h"
#include "sim-flash.h"

/* What a simulated camera has been through, for tests and people. No threads. */

static void
sim_json_add_regions (JsonBuilder *builder, const GArray *regions)
{
  json_builder_set_member_name (builder, "regionsWritten");
  json_builder_begin_array (builder);
  for (guint i = 0; i < regions->len; i++) {
    const SimRegion *region = &g_array_index (regions, SimRegion, i);

    json_builder_begin_array (builder);
    json_builder_add_string_value (builder, oak_memory_to_string (region->memory));
    json_builder_add_int_value (builder, (gint64) region->start);
    json_builder_add_int_value (builder, (gint64) region->size);
    json_builder_end_array (builder);
  }
  json_builder_end_array (builder);
}

static void
sim_json_add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
sim_json_add_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

char *
sim_report_camera (SimCamera *camera, const char *address)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *version = oak_version_to_string (sim_camera_get_version (camera));
  SimBoard *board = sim_camera_get_board (camera);
  const SimStats *stats = &board->stats;
  SimCameraState state = sim_camera_get_state (camera);

  json_builder_begin_object (builder);
  sim_json_add_string (builder, "mxid", sim_camera_get_mxid (camera));
  sim_json_add_string (builder, "address", address);
  sim_json_add_string (builder, "state", sim_camera_state_to_string (state));
  sim_json_add_string (builder,
                       "type",
                       oak_bootloader_type_to_string (sim_camera_get_bootloader_type (camera)));
  sim_json_add_string (builder, "version", version);
  json_builder_set_member_name (builder, "userBootloader");
  json_builder_add_boolean_value (builder, sim_camera_is_user_bootloader (camera));
  json_builder_set_member_name (builder, "bricked");
  json_builder_add_boolean_value (builder, state == SIM_CAMERA_BRICKED);
  sim_json_add_int (builder, "discoveryAnswers", sim_camera_get_n_answers (camera));
  sim_json_add_int (builder, "connections", stats->connections);
  sim_json_add_int (builder, "requests", stats->requests);
  sim_json_add_int (builder, "writes", stats->writes);
  sim_json_add_int (builder, "bytesWritten", (gint64) stats->bytes_written);
  sim_json_add_int (builder, "resets", stats->resets);
  sim_json_add_int (builder, "protocolErrors", stats->protocol_errors);
  sim_json_add_string (builder,
                       "lastProtocolError",
                       stats->last_protocol_error == NULL ? "" : stats->last_protocol_error);
  sim_json_add_regions (builder, stats->regions);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  return json_generator_to_data (generator, NULL);
}
