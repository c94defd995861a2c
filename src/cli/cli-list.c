/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-command.h"

#include <glib/gi18n.h>

#include "oak-device.h"
#include "oak-discovery.h"
#include "oak-error.h"
#include "oak-flash-plan.h"
#include "oak-flash-wish.h"

#include "cli-failure.h"
#include "cli-json.h"
#include "cli-program.h"
#include "cli-remedy.h"
#include "cli-search.h"
#include "cli-table.h"

/* "oakflash list": looks at who answers, opens nothing, disturbs nobody. On a terminal the table
 * grows while answers arrive; in a pipe it is written once, at the end. Main thread. */

#define LIST_MS 1500

typedef struct {
  CliProgram *program;
  OakDiscovery *discovery; /* (owned) */
  gboolean done;
  guint timer;
  guint n_lines; /* standing on the terminal */
} List;

static const char *
get_presence_word (OakPresence presence)
{
  switch (presence) {
  case OAK_PRESENCE_ANSWERING:
    return "answering";
  case OAK_PRESENCE_MISSING:
    return "missing";
  case OAK_PRESENCE_NO_ANSWER:
  default:
    return "no-answer";
  }
}

static const char *
get_access_word (OakUsbAccess access)
{
  switch (access) {
  case OAK_USB_ACCESS_FINE:
    return "fine";
  case OAK_USB_ACCESS_DENIED:
    return "denied";
  case OAK_USB_ACCESS_BUSY:
    return "busy";
  case OAK_USB_ACCESS_FAILED:
    return "failed";
  case OAK_USB_ACCESS_UNTRIED:
  default:
    return "untried";
  }
}

static void
add_usb (JsonBuilder *builder, OakDevice *device)
{
  if (oak_device_get_usb_path (device) == NULL)
    return;
  json_builder_set_member_name (builder, "usb");
  json_builder_begin_object (builder);
  cli_json_add_text (builder, "path", oak_device_get_usb_path (device));
  cli_json_add_text (builder, "access", get_access_word (oak_device_get_usb_access (device)));
  json_builder_set_member_name (builder, "speedMbps");
  json_builder_add_int_value (builder, oak_device_get_usb_speed (device));
  cli_json_add_boolean (builder, "couldBeFaster", oak_device_get_usb_could_be_faster (device));
  json_builder_end_object (builder);
}

static void
add_device (JsonBuilder *builder, OakDevice *device)
{
  const char *reason = NULL;
  gboolean supported = oak_device_is_supported (device, &reason);

  json_builder_begin_object (builder);
  cli_json_add_text (builder, "mxid", oak_device_get_mxid (device));
  cli_json_add_text (builder, "shortId", oak_device_get_short_id (device));
  cli_json_add_text (builder, "address", oak_device_get_address (device));
  cli_json_add_texts (builder, "addresses", oak_device_get_addresses (device));
  cli_json_add_text (builder, "state", oak_device_state_to_string (oak_device_get_state (device)));
  cli_json_add_text (builder,
                     "transport",
                     oak_transport_to_string (oak_device_get_transport (device)));
  cli_json_add_text (builder, "presence", get_presence_word (oak_device_get_presence (device)));
  cli_json_add_boolean (builder, "conflict", oak_device_get_conflict (device));
  cli_json_add_boolean (builder, "supported", supported);
  cli_json_add_text (builder, "unsupportedReason", supported ? NULL : reason);
  add_usb (builder, device);
  cli_json_add_text (builder, "remedy", cli_remedy_get (device));
  json_builder_end_object (builder);
}

static void
print_json (List *list)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  GListModel *model = G_LIST_MODEL (list->discovery);

  json_builder_begin_array (builder);
  for (guint i = 0; i < g_list_model_get_n_items (model); i++) {
    g_autoptr (OakDevice) device = g_list_model_get_item (model, i);

    add_device (builder, device);
  }
  json_builder_end_array (builder);
  cli_json_print (builder);
}

/* Writes the table, over the one written before. */
static void
draw_table (List *list, char **lines)
{
  const CliTerminal *terminal = &list->program->output;

  if (list->n_lines > 0)
    cli_terminal_print (terminal, "\033[%uA", list->n_lines);
  for (guint i = 0; lines[i] != NULL; i++)
    cli_terminal_print (terminal, "%s\033[K\n", lines[i]);
  list->n_lines = g_strv_length (lines);
}

/* @final: all rows are there. A table that does not fit the terminal cannot be written over: it
 * then grows no more, and is written once, at the end. */
static void
show_table (List *list, gboolean final)
{
  const CliTerminal *terminal = &list->program->output;
  guint width = terminal->interactive ? cli_terminal_get_width (terminal) - 1 : 0;
  g_auto (GStrv) lines = NULL;

  if (g_list_model_get_n_items (G_LIST_MODEL (list->discovery)) == 0)
    return;
  lines = cli_table_format (G_LIST_MODEL (list->discovery), width, terminal->unicode);
  if (terminal->interactive && g_strv_length (lines) < cli_terminal_get_height (terminal)) {
    draw_table (list, lines);
    return;
  }
  for (guint i = 0; final && lines[i] != NULL; i++)
    cli_terminal_print (terminal, "%s\n", lines[i]);
}

static guint
count_answering (OakDiscovery *discovery)
{
  GListModel *model = G_LIST_MODEL (discovery);
  guint n_answering = 0;

  for (guint i = 0; i < g_list_model_get_n_items (model); i++) {
    g_autoptr (OakDevice) device = g_list_model_get_item (model, i);

    if (oak_device_get_presence (device) != OAK_PRESENCE_NO_ANSWER)
      n_answering++;
  }
  return n_answering;
}

static gboolean
on_timer (gpointer user_data)
{
  List *list = user_data;

  list->done = TRUE;
  list->timer = 0;
  return G_SOURCE_REMOVE;
}

static void
on_device_changed (List *list)
{
  show_table (list, FALSE);
}

static void
on_items_changed (GListModel *model, guint position, guint removed, guint added, List *list)
{
  for (guint i = position; i < position + added; i++) {
    g_autoptr (OakDevice) device = g_list_model_get_item (model, i);

    g_signal_connect_swapped (device, "notify", G_CALLBACK (on_device_changed), list);
  }
  show_table (list, FALSE);
}

static void
list_clear (List *list)
{
  GListModel *model = G_LIST_MODEL (list->discovery);

  g_clear_handle_id (&list->timer, g_source_remove);
  for (guint i = 0; i < g_list_model_get_n_items (model); i++) {
    g_autoptr (OakDevice) device = g_list_model_get_item (model, i);

    g_signal_handlers_disconnect_by_data (device, list);
  }
  g_signal_handlers_disconnect_by_data (model, list);
  oak_discovery_stop (list->discovery);
  g_clear_object (&list->discovery);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (List, list_clear)

/* Nothing answered: why not, and on which interfaces was asked. */
static int
report_nothing_found (List *list)
{
  g_autofree char *problem = NULL;
  g_autofree char *names = NULL;
  g_autofree char *hint = NULL;
  g_auto (GStrv) interfaces = oak_discovery_list_interfaces (list->discovery);
  g_autoptr (GError) error = NULL;
  CliFailure failure = { .operation = OAK_OPERATION_READ_DETAILS,
                         .remains = OAK_REMAINS_UNCHANGED };

  g_object_get (list->discovery, "problem", &problem, NULL);
  names = g_strjoinv (", ", interfaces);
  if (names[0] != '\0')
    hint = g_strdup_printf (_ ("Asked on: %s."), names);
  failure.hint = hint;
  error = g_error_new (OAK_ERROR,
                       problem != NULL ? OAK_ERROR_UNREACHABLE : OAK_ERROR_NOT_FOUND,
                       "%s",
                       problem != NULL ? problem : "no camera answered");
  return cli_failure_report_text (list->program, error, &failure);
}

static int
report_stopped (List *list)
{
  g_autoptr (GError) error = NULL;
  CliFailure failure = { .operation = OAK_OPERATION_READ_DETAILS,
                         .remains = OAK_REMAINS_UNCHANGED };

  cli_program_check_interrupt (list->program, &error);
  return cli_failure_report_text (list->program, error, &failure);
}

int
cli_list_run (CliProgram *program)
{
  g_auto (List) list = { .program = program };
  guint wait_ms = program->options.wait_ms != 0 ? program->options.wait_ms : LIST_MS;
  gboolean live = program->output.interactive && !program->options.json;

  list.discovery = cli_search_new_discovery (program);
  if (live) {
    on_items_changed (G_LIST_MODEL (list.discovery),
                      0,
                      0,
                      g_list_model_get_n_items (G_LIST_MODEL (list.discovery)),
                      &list);
    g_signal_connect (list.discovery, "items-changed", G_CALLBACK (on_items_changed), &list);
  }
  list.timer = g_timeout_add (wait_ms, on_timer, &list);
  oak_discovery_start (list.discovery);
  while (!list.done && program->n_interrupts == 0)
    g_main_context_iteration (NULL, TRUE);

  if (program->options.json)
    print_json (&list);
  else
    show_table (&list, TRUE);
  if (!program->options.json)
    cli_remedy_print (G_LIST_MODEL (list.discovery), &program->errors);
  if (program->n_interrupts > 0)
    return report_stopped (&list);
  return count_answering (list.discovery) > 0 ? 0 : report_nothing_found (&list);
}
