/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-package-text.h"

#include <inttypes.h>

#include <glib/gi18n.h>

#include "flasher-text.h"
#include "oak-app-package.h"
#include "oak-asset-map.h"
#include "oak-device-facts.h"
#include "oak-error.h"
#include "oak-flash-map.h"
#include "oak-text.h"

/* Pure functions. */

void
flasher_target_from_facts (OakAppTarget *target, const OakDeviceFacts *facts)
{
  const OakMemoryFacts *memory = NULL;

  *target = (OakAppTarget) OAK_APP_TARGET_INIT;
  if (facts == NULL || !facts->type_trusted)
    return;
  target->bootloader_type = facts->type;
  target->version_known = TRUE;
  target->bootloader_version = facts->version;
  /* The memory that the bootloader itself would choose. */
  memory = &facts->flash;
  if (facts->type == OAK_BOOTLOADER_TYPE_NETWORK && facts->emmc.known && facts->emmc.available)
    memory = &facts->emmc;
  if (memory->known && memory->available && memory->size != 0)
    target->room = oak_flash_map_get_application_room (facts->type, memory->size);
  target->room_known = target->room != 0;
}

const char *
flasher_severity_word (OakFindingSeverity severity)
{
  switch (severity) {
  case OAK_FINDING_ERROR:
    return _ ("Error");
  case OAK_FINDING_WARNING:
    return _ ("Warning");
  case OAK_FINDING_NOTE:
  default:
    return _ ("Note");
  }
}

const char *
flasher_severity_icon (OakFindingSeverity severity)
{
  switch (severity) {
  case OAK_FINDING_ERROR:
    return "dialog-error-symbolic";
  case OAK_FINDING_WARNING:
    return "dialog-warning-symbolic";
  case OAK_FINDING_NOTE:
  default:
    return "dialog-information-symbolic";
  }
}

const char *
flasher_severity_style (OakFindingSeverity severity)
{
  switch (severity) {
  case OAK_FINDING_ERROR:
    return "error";
  case OAK_FINDING_WARNING:
    return "warning";
  case OAK_FINDING_NOTE:
  default:
    return "accent";
  }
}

const char *
flasher_verdict_headline (const OakAppVerdict *verdict)
{
  switch (oak_app_verdict_get_result (verdict)) {
  case OAK_APP_OK:
    return _ ("Can be flashed");
  case OAK_APP_WARN:
    return _ ("Can be flashed; read the warnings first");
  case OAK_APP_REJECT:
  default:
    return _ ("Must not be flashed");
  }
}

OakFindingSeverity
flasher_verdict_severity (const OakAppVerdict *verdict)
{
  switch (oak_app_verdict_get_result (verdict)) {
  case OAK_APP_OK:
    return OAK_FINDING_NOTE;
  case OAK_APP_WARN:
    return OAK_FINDING_WARNING;
  case OAK_APP_REJECT:
  default:
    return OAK_FINDING_ERROR;
  }
}

char *
flasher_verdict_reason (const OakAppVerdict *verdict)
{
  if (oak_app_verdict_get_result (verdict) != OAK_APP_REJECT)
    return NULL;
  /* Errors come first. */
  if (flasher_verdict_can_override (verdict))
    return g_strdup_printf (_ ("%s Experts can override that under Details."),
                            oak_app_verdict_get_finding (verdict, 0)->text);
  return g_strdup (oak_app_verdict_get_finding (verdict, 0)->text);
}

gboolean
flasher_verdict_can_override (const OakAppVerdict *verdict)
{
  g_autoptr (GError) error = NULL;

  return !oak_app_verdict_check (verdict, &error) &&
         g_error_matches (error, OAK_ERROR, OAK_ERROR_NOT_STANDALONE);
}

char *
flasher_package_describe_size (guint64 size)
{
  g_autofree char *text = oak_text_size (size);

  if (size < OAK_KIB)
    return g_steal_pointer (&text);
  return g_strdup_printf (_ ("%s (%" PRIu64 " bytes)"), text, size);
}

static char *
flasher_package_describe_packing (const OakFirmwareFacts *firmware)
{
  g_autofree char *stored = oak_text_size (firmware->stored_size);
  g_autofree char *inflated = oak_text_size (firmware->inflated_size);

  if (firmware->state != OAK_FIRMWARE_READABLE)
    return g_strdup_printf (_ ("%s, cannot be unpacked"), stored);
  if (!firmware->compressed)
    return g_strdup_printf (_ ("%s, not compressed"), stored);
  return g_strdup_printf (_ ("%s, compressed from %s"), stored, inflated);
}

char *
flasher_package_describe_firmware (const OakAppContents *contents)
{
  const OakFirmwareFacts *firmware = oak_app_contents_get_firmware (contents);
  g_autofree char *packing = NULL;

  if (firmware->state == OAK_FIRMWARE_ABSENT)
    return g_strdup (_ ("none"));
  packing = flasher_package_describe_packing (firmware);
  if (oak_app_package_is_checked_at_boot (oak_app_contents_get_package (contents)))
    return g_strdup_printf (_ ("%s, checked at every start"), packing);
  return g_strdup_printf (_ ("%s, not checked at start"), packing);
}

const char *
flasher_package_describe_generation (OakPipelineGeneration generation)
{
  switch (generation) {
  case OAK_PIPELINE_GENERATION_MESSAGE_PACK:
    return _ ("Library before 2.14 (MessagePack)");
  case OAK_PIPELINE_GENERATION_V2:
    return _ ("Library version 2");
  case OAK_PIPELINE_GENERATION_V3:
    return _ ("Library version 3");
  case OAK_PIPELINE_GENERATION_UNKNOWN:
  default:
    return _ ("Not known");
  }
}

char *
flasher_package_describe_standalone (const OakAppVerdict *verdict)
{
  guint n_streams = oak_app_verdict_get_n_host_streams (verdict);
  gboolean standalone_ok = FALSE;

  if (!oak_app_verdict_get_standalone (verdict, &standalone_ok))
    return g_strdup (_ ("Not known"));
  if (standalone_ok)
    return g_strdup (_ ("Yes, no node waits for a computer"));
  return g_strdup_printf (
      ngettext ("No, %u node waits for a computer", "No, %u nodes wait for a computer", n_streams),
      n_streams);
}

char *
flasher_package_describe_room (guint64 size, const OakAppTarget *target)
{
  g_autofree char *size_text = oak_text_size (size);
  g_autofree char *room_text = oak_text_size (target->room);

  if (!target->room_known)
    return g_strdup_printf (_ ("The package takes %s. How much room there is for it is known as "
                               "soon as a camera’s details have been read."),
                            size_text);
  if (size > target->room)
    return g_strdup_printf (
        _ ("The package takes %s, and the camera has room for %s: %" PRIu64 " bytes too much."),
        size_text,
        room_text,
        size - target->room);
  return g_strdup_printf (_ ("The package takes %s of the %s that the camera has for it."),
                          size_text,
                          room_text);
}

static gboolean
flasher_port_is_output (const OakPipelinePort *port)
{
  return port->type == OAK_PORT_TYPE_M_SENDER || port->type == OAK_PORT_TYPE_S_SENDER;
}

static char *
flasher_describe_ports (const OakPipelineNode *node)
{
  guint n_outputs = 0;
  guint n_inputs = 0;
  g_autofree char *inputs = NULL;
  g_autofree char *outputs = NULL;

  for (guint i = 0; i < node->n_ports; i++)
    n_outputs += flasher_port_is_output (&node->ports[i]) ? 1 : 0;
  n_inputs = node->n_ports - n_outputs;
  if (n_inputs > 0)
    inputs = g_strdup_printf (ngettext ("%u input", "%u inputs", n_inputs), n_inputs);
  if (n_outputs > 0)
    outputs = g_strdup_printf (ngettext ("%u output", "%u outputs", n_outputs), n_outputs);
  if (inputs != NULL && outputs != NULL)
    return g_strdup_printf ("%s, %s", inputs, outputs);
  return g_strdup (inputs != NULL ? inputs : outputs != NULL ? outputs : _ ("no ports"));
}

static char *
flasher_describe_node (const OakPipelineNode *node)
{
  g_autofree char *ports = flasher_describe_ports (node);

  if (node->stream_name == NULL)
    return g_strdup_printf ("%" PRId64 "  %s: %s", node->id, node->name, ports);
  /* Translators: a node's number, its kind, its ports, and the stream it reads or writes. */
  return g_strdup_printf (_ ("%" PRId64 "  %s: %s, stream “%s”"),
                          node->id,
                          node->name,
                          ports,
                          node->stream_name);
}

GtkStringList *
flasher_package_list_nodes (const OakAppContents *contents)
{
  const OakPipeline *pipeline = oak_app_contents_get_pipeline (contents, NULL);
  GtkStringList *list = gtk_string_list_new (NULL);

  for (guint i = 0; pipeline != NULL && i < oak_pipeline_get_n_nodes (pipeline); i++)
    gtk_string_list_take (list, flasher_describe_node (oak_pipeline_get_node (pipeline, i)));
  return list;
}

/* "Script", or "Script 4" where @several holds the name. */
static char *
flasher_describe_end (const OakPipeline *pipeline, GHashTable *several, gint64 id)
{
  const OakPipelineNode *node = oak_pipeline_find_node (pipeline, id);

  if (node == NULL)
    return g_strdup_printf ("%" PRId64, id);
  if (g_hash_table_contains (several, node->name))
    return g_strdup_printf ("%s %" PRId64, node->name, id);
  return g_strdup (node->name);
}

static char *
flasher_describe_port (const char *group, const char *port)
{
  if (group[0] == '\0')
    return g_strdup (port);
  return g_strdup_printf ("%s[%s]", group, port);
}

static char *
flasher_describe_connection (const OakPipeline *pipeline,
                             GHashTable *several,
                             const OakPipelineConnection *connection)
{
  g_autofree char *from = flasher_describe_end (pipeline, several, connection->from_node);
  g_autofree char *to = flasher_describe_end (pipeline, several, connection->to_node);
  g_autofree char *from_port =
      flasher_describe_port (connection->from_group, connection->from_port);
  g_autofree char *to_port = flasher_describe_port (connection->to_group, connection->to_port);

  if (connection->dangling)
    return g_strdup_printf (_ ("%s.%s → %s.%s (no such port)"), from, from_port, to, to_port);
  return g_strdup_printf ("%s.%s → %s.%s", from, from_port, to, to_port);
}

/* By where they begin; in the file they stand in no order (bootloader.md §8.3). */
static int
flasher_compare_connections (gconstpointer a, gconstpointer b)
{
  const OakPipelineConnection *first = *(const OakPipelineConnection *const *) a;
  const OakPipelineConnection *second = *(const OakPipelineConnection *const *) b;

  if (first->from_node != second->from_node)
    return first->from_node < second->from_node ? -1 : 1;
  return oak_raw_text_compare (first->raw_from_port, second->raw_from_port);
}

/* Returns: (transfer full): the names that more than one node has. */
static GHashTable *
flasher_find_several (const OakPipeline *pipeline)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTable *several = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < oak_pipeline_get_n_nodes (pipeline); i++) {
    const OakPipelineNode *node = oak_pipeline_get_node (pipeline, i);

    if (!g_hash_table_add (seen, (gpointer) node->name))
      g_hash_table_add (several, (gpointer) node->name);
  }
  return several;
}

GtkStringList *
flasher_package_list_connections (const OakAppContents *contents)
{
  const OakPipeline *pipeline = oak_app_contents_get_pipeline (contents, NULL);
  GtkStringList *list = gtk_string_list_new (NULL);
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  g_autoptr (GHashTable) several = NULL;

  if (pipeline == NULL)
    return list;
  several = flasher_find_several (pipeline);
  for (guint i = 0; i < oak_pipeline_get_n_connections (pipeline); i++)
    g_ptr_array_add (sorted, (gpointer) oak_pipeline_get_connection (pipeline, i));
  g_ptr_array_sort (sorted, flasher_compare_connections);
  for (guint i = 0; i < sorted->len; i++)
    gtk_string_list_take (
        list,
        flasher_describe_connection (pipeline, several, g_ptr_array_index (sorted, i)));
  return list;
}

static char *
flasher_describe_asset (const OakAsset *asset)
{
  g_autofree char *size = oak_text_size (asset->size);

  if (asset->outside)
    return g_strdup_printf (_ ("%s: %s (outside the storage)"), asset->name, size);
  return g_strdup_printf ("%s: %s", asset->name, size);
}

GtkStringList *
flasher_package_list_assets (const OakAppContents *contents)
{
  const OakAssetMap *assets = oak_app_contents_get_assets (contents, NULL);
  GtkStringList *list = gtk_string_list_new (NULL);

  for (guint i = 0; assets != NULL && i < oak_asset_map_get_n_assets (assets); i++)
    gtk_string_list_take (list, flasher_describe_asset (oak_asset_map_get_asset (assets, i)));
  return list;
}
