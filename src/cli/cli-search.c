/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-search.h"

#include <glib/gi18n.h>

#include "oak-device-info.h"
#include "oak-device.h"
#include "oak-discovery.h"
#include "oak-error.h"

#include "cli-failure.h"
#include "cli-program.h"
#include "cli-text.h"

/* Finds the one camera a command is about, without opening anything. Main thread. */

#define SEARCH_MS            1500 /* looking at who is there, when no camera was named */
#define ROUND_MS             400  /* an answer that was lost is asked for again soon */
#define ROUNDS_UNTIL_MISSING 1000 /* longer than any search: rows only ever arrive */
#define SETTLE_MS            150 /* after a short id was found: would a second camera match it too? */

typedef struct {
  OakDiscovery *discovery; /* (owned) */
  gboolean timed_out;
  guint timer;
  gint64 found_us; /* 0: nothing yet */
} Search;

static gboolean
on_timer (gpointer user_data)
{
  Search *search = user_data;

  search->timed_out = TRUE;
  search->timer = 0;
  return G_SOURCE_REMOVE;
}

static void
search_clear (Search *search)
{
  g_clear_handle_id (&search->timer, g_source_remove);
  if (search->discovery != NULL)
    oak_discovery_stop (search->discovery);
  g_clear_object (&search->discovery);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Search, search_clear)

static gboolean
check_address (OakDiscovery *discovery, const char *address, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *shown = NULL;

  if (oak_discovery_add_address (discovery, address, &local_error))
    return TRUE;
  shown = cli_text_show (address);
  g_set_error (error,
               CLI_USAGE_ERROR,
               CLI_USAGE_ERROR_FAILED,
               "“%s”: %s",
               shown,
               local_error->message);
  return FALSE;
}

gboolean
cli_search_check_addresses (CliProgram *program, GError **error)
{
  const CliOptions *options = &program->options;
  g_autoptr (OakDiscovery) discovery = oak_discovery_new (program->scope, NULL);

  for (guint i = 0; options->addresses != NULL && options->addresses[i] != NULL; i++)
    if (!check_address (discovery, options->addresses[i], error))
      return FALSE;
  if (options->device != NULL && cli_options_looks_like_address (options->device))
    return check_address (discovery, options->device, error);
  return TRUE;
}

OakDiscovery *
cli_search_new_discovery (CliProgram *program)
{
  const CliOptions *options = &program->options;
  OakDiscovery *discovery = oak_discovery_new (program->scope, options->interface_name);

  oak_discovery_set_pace (discovery, ROUND_MS, ROUNDS_UNTIL_MISSING, ROUNDS_UNTIL_MISSING + 1);
  for (guint i = 0; options->addresses != NULL && options->addresses[i] != NULL; i++)
    oak_discovery_add_address (discovery, options->addresses[i], NULL);
  return discovery;
}

static guint
get_search_ms (const CliProgram *program)
{
  if (program->options.wait_ms != 0)
    return program->options.wait_ms;
  return program->options.device != NULL ? program->timeouts.search_ms : SEARCH_MS;
}

static void
search_start (Search *search, CliProgram *program)
{
  search->discovery = cli_search_new_discovery (program);
  search->timer = g_timeout_add (get_search_ms (program), on_timer, search);
  oak_discovery_start (search->discovery);
}

/* The camera itself, unless something about it forbids a job. */
static OakDeviceInfo *
take_device (OakDevice *device, GError **error)
{
  const char *reason = NULL;

  if (oak_device_get_conflict (device)) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_WRONG_DEVICE,
                 "two cameras answer at %s",
                 oak_device_get_address (device));
    return NULL;
  }
  if (!oak_device_is_supported (device, &reason)) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_UNSUPPORTED,
                 "%s: %s",
                 oak_device_get_address (device),
                 reason);
    return NULL;
  }
  return oak_device_info_ref (oak_device_get_info (device));
}

static void
set_nothing_found_error (GError **error, Search *search, const CliProgram *program)
{
  g_autofree char *problem = NULL;

  g_object_get (search->discovery, "problem", &problem, NULL);
  if (problem != NULL)
    g_set_error (error, OAK_ERROR, OAK_ERROR_UNREACHABLE, "%s", problem);
  else if (program->options.device != NULL)
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_NOT_FOUND,
                 "no camera %s answered",
                 program->options.device);
  else
    g_set_error (error, OAK_ERROR, OAK_ERROR_NOT_FOUND, "no camera answered");
}

/* A full id is found when it answers; a shortened one might also be that of another camera, which
 * gets a moment to show itself. */
static gboolean
is_settled (Search *search, OakDevice *device, const char *wanted)
{
  const char *mxid = oak_device_get_mxid (device);

  if (mxid == NULL || g_ascii_strcasecmp (mxid, wanted) == 0 ||
      g_strv_contains (oak_device_get_addresses (device), wanted))
    return TRUE;
  if (search->found_us == 0) {
    search->found_us = g_get_monotonic_time ();
    g_clear_handle_id (&search->timer, g_source_remove);
    search->timer = g_timeout_add (SETTLE_MS, on_timer, search);
  }
  return search->timed_out;
}

static OakDeviceInfo *
find_by_id (CliProgram *program, GError **error)
{
  g_auto (Search) search = { 0 };
  const char *wanted = program->options.device;

  search_start (&search, program);
  while (cli_program_check_interrupt (program, error)) {
    g_autoptr (GError) local_error = NULL;
    OakDevice *device = oak_discovery_find (search.discovery, wanted, &local_error);

    if (device != NULL && is_settled (&search, device, wanted))
      return take_device (device, error);
    if (device == NULL && !g_error_matches (local_error, OAK_ERROR, OAK_ERROR_NOT_FOUND)) {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
    if (search.timed_out) {
      set_nothing_found_error (error, &search, program);
      return NULL;
    }
    g_main_context_iteration (NULL, TRUE);
  }
  return NULL;
}

/* Cameras that answered: all, or those a job is possible on. Returns: (transfer container). */
static GPtrArray *
collect_devices (OakDiscovery *discovery, gboolean only_supported)
{
  GListModel *model = G_LIST_MODEL (discovery);
  GPtrArray *devices = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++) {
    g_autoptr (OakDevice) device = g_list_model_get_item (model, i);

    if (oak_device_get_presence (device) != OAK_PRESENCE_ANSWERING)
      continue;
    if (!only_supported || oak_device_is_supported (device, NULL))
      g_ptr_array_add (devices, g_steal_pointer (&device));
  }
  return devices;
}

static void
set_several_error (GError **error, GPtrArray *devices)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < devices->len; i++) {
    OakDevice *device = g_ptr_array_index (devices, i);
    const char *short_id = oak_device_get_short_id (device);

    g_string_append_printf (names,
                            "%s%s (%s)",
                            i > 0 ? ", " : "",
                            short_id != NULL ? short_id : "?",
                            oak_device_get_address (device));
  }
  g_set_error (error,
               CLI_ERROR,
               CLI_ERROR_SEVERAL_CAMERAS,
               "%u cameras answered: %s",
               devices->len,
               names->str);
}

static OakDeviceInfo *
find_the_only_one (CliProgram *program, GError **error)
{
  g_auto (Search) search = { 0 };
  g_autoptr (GPtrArray) devices = NULL;

  search_start (&search, program);
  while (!search.timed_out) {
    if (!cli_program_check_interrupt (program, error))
      return NULL;
    g_main_context_iteration (NULL, TRUE);
  }

  devices = collect_devices (search.discovery, TRUE);
  if (devices->len == 0) {
    g_clear_pointer (&devices, g_ptr_array_unref);
    devices = collect_devices (search.discovery, FALSE);
  }
  if (devices->len == 0) {
    set_nothing_found_error (error, &search, program);
    return NULL;
  }
  if (devices->len > 1) {
    set_several_error (error, devices);
    return NULL;
  }
  return take_device (g_ptr_array_index (devices, 0), error);
}

/* A mistyped interface must not go unnoticed where nothing is looked for, either. */
static gboolean
check_interface (CliProgram *program, GError **error)
{
  g_autoptr (OakDiscovery) discovery = cli_search_new_discovery (program);
  g_auto (GStrv) interfaces = oak_discovery_list_interfaces (discovery);

  if (program->options.interface_name == NULL || interfaces[0] != NULL)
    return TRUE;
  g_set_error (error,
               OAK_ERROR,
               OAK_ERROR_UNREACHABLE,
               "no IPv4 network interface called %s is in use",
               program->options.interface_name);
  return FALSE;
}

OakDeviceInfo *
cli_search_find (CliProgram *program, GError **error)
{
  const char *wanted = program->options.device;

  if (!check_interface (program, error))
    return NULL;

  if (wanted == NULL)
    return find_the_only_one (program, error);
  if (cli_options_looks_like_address (wanted))
    return oak_device_info_new_network (NULL, wanted, OAK_DEVICE_STATE_UNKNOWN);
  return find_by_id (program, error);
}
