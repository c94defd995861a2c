/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-inspect-lists.h"

#include <string.h>

#include <glib/gi18n.h>

#include "oak-app-contents.h"
#include "oak-app-package.h"
#include "oak-asset-map.h"
#include "oak-sbr.h"
#include "oak-text.h"

#include "cli-columns.h"

/* What is inside a package as lists for people. Names from the file come escaped from below. Main
 * thread. */

#define INDENT          2
#define MAX_NAME_LENGTH 64

/* A heading with the number of rows below it. */
static void
print_list (const CliTerminal *terminal, const char *heading, guint n, const CliColumns *columns)
{
  cli_terminal_print (terminal, "\n%s (%u)\n", heading, n);
  cli_columns_print (columns, terminal, INDENT);
}

static void
append_remark (GString *remarks, const char *remark)
{
  if (remarks->len > 0)
    g_string_append (remarks, ", ");
  g_string_append (remarks, remark);
}

static char *
describe_section (const OakAppSection *section)
{
  GString *remarks = g_string_new (NULL);

  if (section->outside)
    append_remark (remarks, _ ("outside the file"));
  if ((section->flags & OAK_SBR_FLAG_BOOTABLE) != 0)
    append_remark (remarks, _ ("starts here"));
  if ((section->flags & OAK_SBR_FLAG_COMPRESSION_MASK) != 0)
    append_remark (remarks, _ ("compressed"));
  if ((section->flags & OAK_SBR_FLAG_IGNORE_CHECKSUM) != 0)
    append_remark (remarks, _ ("not checked"));
  return g_string_free (remarks, FALSE);
}

static void
add_section (CliColumns *columns, const OakAppSection *section)
{
  g_autofree char *name = oak_text_escape (section->name, -1, MAX_NAME_LENGTH);
  g_autofree char *offset = g_strdup_printf ("0x%08x", section->offset);
  g_autofree char *size = g_strdup_printf ("%u", section->size);
  g_autofree char *checksum = g_strdup_printf ("%08x", section->checksum);
  g_autofree char *remarks = describe_section (section);

  cli_columns_add (columns, name, offset, size, checksum, remarks);
}

static void
print_sections (const OakAppPackage *package, const CliTerminal *terminal)
{
  g_autoptr (CliColumns) columns = cli_columns_new ("lrrrl");
  guint n_sections = oak_app_package_get_n_sections (package);

  if (n_sections == 0)
    return;
  cli_columns_add (columns, _ ("NAME"), _ ("BEGINS AT"), _ ("BYTES"), _ ("CHECKSUM"), "");
  for (guint i = 0; i < n_sections; i++) {
    OakAppSection section;

    oak_app_package_get_section (package, i, &section);
    add_section (columns, &section);
  }
  print_list (terminal, _ ("Sections"), n_sections, columns);
}

static gboolean
is_output (const OakPipelinePort *port)
{
  return port->type == OAK_PORT_TYPE_M_SENDER || port->type == OAK_PORT_TYPE_S_SENDER;
}

static char *
describe_ports (const OakPipelineNode *node)
{
  guint n_outputs = 0;
  guint n_inputs = 0;
  g_autofree char *inputs = NULL;
  g_autofree char *outputs = NULL;

  for (guint i = 0; i < node->n_ports; i++)
    n_outputs += is_output (&node->ports[i]) ? 1 : 0;
  n_inputs = node->n_ports - n_outputs;
  if (n_inputs > 0)
    inputs = g_strdup_printf (ngettext ("%u input", "%u inputs", n_inputs), n_inputs);
  if (n_outputs > 0)
    outputs = g_strdup_printf (ngettext ("%u output", "%u outputs", n_outputs), n_outputs);
  if (inputs != NULL && outputs != NULL)
    return g_strdup_printf ("%s, %s", inputs, outputs);
  return g_strdup (inputs != NULL ? inputs : outputs != NULL ? outputs : _ ("no ports"));
}

static void
add_node (CliColumns *columns, const OakPipelineNode *node)
{
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, node->id);
  g_autofree char *ports = describe_ports (node);
  g_autofree char *stream = NULL;

  if (node->stream_name != NULL)
    stream = g_strdup_printf (_ ("stream “%s”"), node->stream_name);
  cli_columns_add (columns, id, node->name, ports, stream != NULL ? stream : "");
}

static void
print_nodes (const OakPipeline *pipeline, const CliTerminal *terminal)
{
  g_autoptr (CliColumns) columns = cli_columns_new ("rlll");
  guint n_nodes = oak_pipeline_get_n_nodes (pipeline);

  for (guint i = 0; i < n_nodes; i++)
    add_node (columns, oak_pipeline_get_node (pipeline, i));
  print_list (terminal, _ ("Nodes"), n_nodes, columns);
}

static char *
describe_end (const OakPipeline *pipeline, gint64 id)
{
  const OakPipelineNode *node = oak_pipeline_find_node (pipeline, id);

  return g_strdup_printf ("%" G_GINT64_FORMAT " %s", id, node != NULL ? node->name : "?");
}

static char *
describe_port (const char *group, const char *port)
{
  return g_strdup_printf ("%s%s%s", group, group[0] != '\0' ? "/" : "", port);
}

static void
add_connection (CliColumns *columns,
                const OakPipeline *pipeline,
                const OakPipelineConnection *connection,
                gboolean unicode)
{
  g_autofree char *from = describe_end (pipeline, connection->from_node);
  g_autofree char *to = describe_end (pipeline, connection->to_node);
  g_autofree char *from_port = describe_port (connection->from_group, connection->from_port);
  g_autofree char *to_port = describe_port (connection->to_group, connection->to_port);

  cli_columns_add (columns,
                   from,
                   from_port,
                   unicode ? "→" : "->",
                   to,
                   to_port,
                   connection->dangling ? _ ("(no such port)") : "");
}

/* By where they begin; in the file they stand in no order (bootloader.md §8.3). */
static int
compare_connections (gconstpointer a, gconstpointer b)
{
  const OakPipelineConnection *first = *(const OakPipelineConnection *const *) a;
  const OakPipelineConnection *second = *(const OakPipelineConnection *const *) b;

  if (first->from_node != second->from_node)
    return first->from_node < second->from_node ? -1 : 1;
  return oak_raw_text_compare (first->raw_from_port, second->raw_from_port);
}

static void
print_connections (const OakPipeline *pipeline, const CliTerminal *terminal)
{
  g_autoptr (CliColumns) columns = cli_columns_new ("llllll");
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  guint n_connections = oak_pipeline_get_n_connections (pipeline);

  for (guint i = 0; i < n_connections; i++)
    g_ptr_array_add (sorted, (gpointer) oak_pipeline_get_connection (pipeline, i));
  g_ptr_array_sort (sorted, compare_connections);
  for (guint i = 0; i < n_connections; i++)
    add_connection (columns, pipeline, g_ptr_array_index (sorted, i), terminal->unicode);
  print_list (terminal, _ ("Connections"), n_connections, columns);
}

static void
add_asset (CliColumns *columns, const OakAsset *asset)
{
  g_autofree char *offset = g_strdup_printf ("0x%08x", asset->offset);
  g_autofree char *size = g_strdup_printf ("%u", asset->size);
  g_autofree char *alignment = g_strdup_printf ("%u", asset->alignment);

  cli_columns_add (columns,
                   offset,
                   size,
                   alignment,
                   asset->name,
                   asset->outside ? _ ("(outside the storage)") : "");
}

static void
print_assets (const OakAssetMap *assets, const CliTerminal *terminal)
{
  g_autoptr (CliColumns) columns = cli_columns_new ("rrrll");
  guint n_assets = oak_asset_map_get_n_assets (assets);

  if (n_assets > 0)
    cli_columns_add (columns, _ ("BEGINS AT"), _ ("BYTES"), _ ("ALIGNED"), _ ("NAME"), "");
  for (guint i = 0; i < n_assets; i++)
    add_asset (columns, oak_asset_map_get_asset (assets, i));
  print_list (terminal, _ ("Assets"), n_assets, columns);
}

static guint
count_lines (GBytes *bytes)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (bytes, &size);
  guint n_lines = 0;

  for (gsize i = 0; i < size; i++)
    n_lines += data[i] == '\n' || i + 1 == size ? 1 : 0;
  return n_lines;
}

static void
add_script (CliColumns *columns, OakAppContents *contents, const OakPipelineNode *node)
{
  g_autoptr (GBytes) script = oak_app_contents_dup_script (contents, node->id, NULL);
  g_autofree char *id = NULL;
  g_autofree char *lines = NULL;
  g_autofree char *size = NULL;
  guint n_lines = 0;

  if (script == NULL)
    return;
  n_lines = count_lines (script);
  id = g_strdup_printf ("%" G_GINT64_FORMAT " %s", node->id, node->name);
  lines = g_strdup_printf (ngettext ("%u line", "%u lines", n_lines), n_lines);
  size = oak_text_size (g_bytes_get_size (script));
  cli_columns_add (columns, id, lines, size);
}

static void
print_scripts (OakAppContents *contents, const char *file, const CliTerminal *terminal)
{
  const OakPipeline *pipeline = oak_app_contents_get_pipeline (contents, NULL);
  g_autoptr (CliColumns) columns = cli_columns_new ("lrr");
  g_autofree char *advice = NULL;
  guint n_scripts = 0;

  for (guint i = 0; i < oak_pipeline_get_n_nodes (pipeline); i++)
    add_script (columns, contents, oak_pipeline_get_node (pipeline, i));
  n_scripts = cli_columns_get_n_rows (columns);
  if (n_scripts == 0)
    return;
  print_list (terminal, _ ("Scripts"), n_scripts, columns);
  /* Translators: a command to type. */
  advice = g_strdup_printf (_ ("To read one: oakflash extract %s --script NODE -o -\n"), file);
  cli_terminal_print (terminal, "%*s", INDENT, "");
  cli_terminal_write_wrapped (terminal, advice, INDENT);
}

void
cli_inspect_print_lists (OakAppContents *contents, const char *file, const CliTerminal *terminal)
{
  const OakPipeline *pipeline = oak_app_contents_get_pipeline (contents, NULL);
  const OakAssetMap *assets = oak_app_contents_get_assets (contents, NULL);

  print_sections (oak_app_contents_get_package (contents), terminal);
  if (pipeline != NULL) {
    print_nodes (pipeline, terminal);
    print_connections (pipeline, terminal);
  }
  if (assets != NULL)
    print_assets (assets, terminal);
  if (pipeline != NULL && assets != NULL)
    print_scripts (contents, file, terminal);
}
