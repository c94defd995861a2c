/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-discovery-private.h"

#include <string.h>

#include "oak-device-info.h"
#include "oak-device-table.h"
#include "oak-device.h"
#include "oak-error.h"
#include "oak-network.h"
#include "oak-usb-context.h"

/* The clock between the scanner, which asks, and the table, which understands the answers; a list
 * model of the result. Main thread. */

#define DEFAULT_ROUND_MS 1000
/* How long answers to one round are awaited before people are told that looking is over (xlink.md
 * §4.2). */
#define ANSWER_WINDOW_MS 500

struct _OakDiscovery {
  GObject parent_instance;

  OakNetworkScope scope;
  char *interface_name; /* (nullable) */
  OakDeviceTable *table;
  OakNetworkScanner *scanner;
  OakUsbContext *usb;    /* (owned) (nullable): never in a demonstration */
  GMainContext *context; /* (owned) */
  GArray *typed;         /* (owned) of guint32 */
  guint round_ms;
  gint64 round_start_us; /* 0: no round yet */
  gboolean running;
  gboolean scanning;
  char *problem;          /* (nullable) */
  GSource *round_source;  /* (owned) (nullable) */
  GSource *window_source; /* (owned) (nullable) */
};

typedef enum {
  PROPERTY_SCANNING = 1,
  PROPERTY_PROBLEM,
} OakDiscoveryProperty;

static GParamSpec *properties[PROPERTY_PROBLEM + 1];

static void
list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (OakDiscovery,
                               oak_discovery,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static GType
oak_discovery_get_item_type (GListModel *model)
{
  return OAK_TYPE_DEVICE;
}

static guint
oak_discovery_get_n_items (GListModel *model)
{
  return oak_device_table_get_n_rows (OAK_DISCOVERY (model)->table);
}

static gpointer
oak_discovery_get_item (GListModel *model, guint position)
{
  OakDevice *device = oak_device_table_get_device (OAK_DISCOVERY (model)->table, position);

  return device != NULL ? g_object_ref (device) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = oak_discovery_get_item_type;
  iface->get_n_items = oak_discovery_get_n_items;
  iface->get_item = oak_discovery_get_item;
}

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
oak_discovery_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  OakDiscovery *self = OAK_DISCOVERY (object);

  switch ((OakDiscoveryProperty) property_id) {
  case PROPERTY_SCANNING:
    g_value_set_boolean (value, self->scanning);
    break;
  case PROPERTY_PROBLEM:
    g_value_set_string (value, self->problem);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
  }
}

static void
oak_discovery_dispose (GObject *object)
{
  OakDiscovery *self = OAK_DISCOVERY (object);

  clear_source (&self->round_source);
  clear_source (&self->window_source);
  g_clear_pointer (&self->scanner, oak_network_scanner_free);
  if (self->usb != NULL)
    oak_usb_context_stop (self->usb);
  g_clear_object (&self->usb);
  G_OBJECT_CLASS (oak_discovery_parent_class)->dispose (object);
}

static void
oak_discovery_finalize (GObject *object)
{
  OakDiscovery *self = OAK_DISCOVERY (object);

  g_clear_pointer (&self->table, oak_device_table_free);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_array_unref (self->typed);
  g_free (self->interface_name);
  g_free (self->problem);
  G_OBJECT_CLASS (oak_discovery_parent_class)->finalize (object);
}

static void
oak_discovery_class_init (OakDiscoveryClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = oak_discovery_get_property;
  object_class->dispose = oak_discovery_dispose;
  object_class->finalize = oak_discovery_finalize;

  properties[PROPERTY_SCANNING] = g_param_spec_boolean ("scanning", NULL, NULL, FALSE, flags);
  properties[PROPERTY_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
table_changed (guint position, guint n_removed, guint n_added, gpointer user_data)
{
  g_list_model_items_changed (G_LIST_MODEL (user_data), position, n_removed, n_added);
}

static void
scanner_heard (const OakHeardAnswer *answer, gpointer user_data)
{
  g_autoptr (OakDiscovery) self = g_object_ref (OAK_DISCOVERY (user_data));

  if (self->running)
    oak_discovery_hear (self, answer);
}

static void
oak_discovery_init (OakDiscovery *self)
{
  self->round_ms = DEFAULT_ROUND_MS;
  self->context = g_main_context_ref_thread_default ();
  self->typed = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->table = oak_device_table_new (table_changed, self);
}

static void
usb_changed (OakUsbContext *usb, gpointer user_data)
{
  g_autoptr (OakDiscovery) self = g_object_ref (OAK_DISCOVERY (user_data));

  if (self->running)
    oak_discovery_see_usb (self, oak_usb_context_get_devices (usb));
}

OakDiscovery *
oak_discovery_new (OakNetworkScope scope, const char *interface_name)
{
  OakDiscovery *self = g_object_new (OAK_TYPE_DISCOVERY, NULL);

  self->scope = scope;
  self->interface_name = g_strdup (interface_name);
  self->scanner = oak_network_scanner_new (scope, interface_name, scanner_heard, self);
  if (scope != OAK_NETWORK_SCOPE_LOOPBACK) {
    self->usb = oak_usb_context_new ();
    g_signal_connect_object (self->usb, "changed", G_CALLBACK (usb_changed), self, 0);
  }
  return self;
}

static void
set_scanning (OakDiscovery *self, gboolean scanning)
{
  if (self->scanning == scanning)
    return;
  self->scanning = scanning;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROPERTY_SCANNING]);
}

static void
set_problem (OakDiscovery *self, const char *problem)
{
  if (g_strcmp0 (self->problem, problem) == 0)
    return;
  g_free (self->problem);
  self->problem = g_strdup (problem);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROPERTY_PROBLEM]);
}

static GSource *
add_timeout (OakDiscovery *self, guint delay_ms, GSourceFunc callback)
{
  GSource *source = g_timeout_source_new (delay_ms);

  g_source_set_static_name (source, "oak-discovery");
  g_source_set_callback (source, callback, self, NULL);
  g_source_attach (source, self->context);
  return source;
}

static gboolean
window_passed (gpointer user_data)
{
  OakDiscovery *self = user_data;

  clear_source (&self->window_source);
  set_scanning (self, FALSE);
  return G_SOURCE_REMOVE;
}

/* A round that was cut short by a refresh proves nobody's silence. */
static gboolean
round_was_long_enough (OakDiscovery *self)
{
  gint64 elapsed_us = g_get_monotonic_time () - self->round_start_us;

  return self->round_start_us != 0 && elapsed_us >= (gint64) self->round_ms * 1000 / 2;
}

static void
ask_around (OakDiscovery *self)
{
  g_autoptr (GError) local_error = NULL;
  gboolean asked;

  asked = oak_network_scanner_ask (self->scanner,
                                   (const guint32 *) self->typed->data,
                                   self->typed->len,
                                   &local_error);
  self->round_start_us = g_get_monotonic_time ();
  set_problem (self, asked ? NULL : local_error->message);
}

static gboolean
round_is_due (gpointer user_data)
{
  g_autoptr (OakDiscovery) self = g_object_ref (OAK_DISCOVERY (user_data));

  clear_source (&self->round_source);
  self->round_source = add_timeout (self, self->round_ms, round_is_due);
  if (round_was_long_enough (self))
    oak_discovery_end_round (self);
  if (self->running)
    ask_around (self);
  return G_SOURCE_REMOVE;
}

static void
begin_asked_round (OakDiscovery *self)
{
  clear_source (&self->round_source);
  clear_source (&self->window_source);
  self->round_source = add_timeout (self, self->round_ms, round_is_due);
  self->window_source = add_timeout (self, MIN (ANSWER_WINDOW_MS, self->round_ms), window_passed);
  ask_around (self);
  set_scanning (self, TRUE);
}

void
oak_discovery_set_pace (OakDiscovery *self,
                        guint round_ms,
                        guint rounds_until_missing,
                        guint rounds_until_removed)
{
  g_return_if_fail (OAK_IS_DISCOVERY (self));
  g_return_if_fail (round_ms > 0);

  self->round_ms = round_ms;
  oak_device_table_set_patience (self->table, rounds_until_missing, rounds_until_removed);
}

void
oak_discovery_start (OakDiscovery *self)
{
  g_return_if_fail (OAK_IS_DISCOVERY (self));

  if (self->running)
    return;
  self->running = TRUE;
  self->round_start_us = 0;
  if (self->usb != NULL)
    oak_usb_context_start (self->usb);
  begin_asked_round (self);
}

void
oak_discovery_stop (OakDiscovery *self)
{
  g_return_if_fail (OAK_IS_DISCOVERY (self));

  if (!self->running)
    return;
  self->running = FALSE;
  clear_source (&self->round_source);
  clear_source (&self->window_source);
  oak_network_scanner_pause (self->scanner);
  if (self->usb != NULL)
    oak_usb_context_stop (self->usb);
  set_scanning (self, FALSE);
}

/* The silence of the round before is counted by the next regular round, not here: this may be
 * called from a handler. */
void
oak_discovery_refresh (OakDiscovery *self)
{
  g_return_if_fail (OAK_IS_DISCOVERY (self));

  if (!self->running)
    return;
  if (self->usb != NULL)
    oak_usb_context_refresh (self->usb);
  begin_asked_round (self);
}

void
oak_discovery_hear (OakDiscovery *self, const OakHeardAnswer *answer)
{
  g_return_if_fail (OAK_IS_DISCOVERY (self));

  oak_device_table_hear (self->table, answer);
}

void
oak_discovery_see_usb (OakDiscovery *self, GPtrArray *devices)
{
  g_return_if_fail (OAK_IS_DISCOVERY (self));
  g_return_if_fail (devices != NULL);

  oak_device_table_set_usb (self->table, devices);
}

void
oak_discovery_end_round (OakDiscovery *self)
{
  g_return_if_fail (OAK_IS_DISCOVERY (self));

  oak_device_table_end_round (self->table);
}

static gboolean
parse_camera_address (OakDiscovery *self, const char *text, guint32 *address, GError **error)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));

  if (!oak_network_parse_address (trimmed, address)) {
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_NOT_FOUND,
                         "not an IPv4 address: four numbers from 0 to 255 with dots are expected, "
                         "such as 192.168.1.45");
    return FALSE;
  }
  if (oak_network_is_camera_address (self->scope, *address))
    return TRUE;

  if (self->scope == OAK_NETWORK_SCOPE_LOOPBACK)
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_NOT_FOUND,
                         "only addresses of this computer are asked here, such as 127.0.0.2");
  else
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_NOT_FOUND,
                         "no camera can have this address: it stands for many or for none; a "
                         "camera's looks like 192.168.1.45");
  return FALSE;
}

gboolean
oak_discovery_add_address (OakDiscovery *self, const char *address, GError **error)
{
  g_autofree char *text = NULL;
  guint32 number = 0;

  g_return_val_if_fail (OAK_IS_DISCOVERY (self), FALSE);
  g_return_val_if_fail (address != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!parse_camera_address (self, address, &number, error))
    return FALSE;

  for (guint i = 0; i < self->typed->len; i++)
    if (g_array_index (self->typed, guint32, i) == number)
      return TRUE;

  text = oak_network_format_address (number);
  g_array_append_val (self->typed, number);
  oak_device_table_add_typed (self->table, text);
  oak_discovery_refresh (self);
  return TRUE;
}

void
oak_discovery_remove_address (OakDiscovery *self, const char *address)
{
  g_autofree char *text = NULL;
  guint32 number = 0;

  g_return_if_fail (OAK_IS_DISCOVERY (self));
  g_return_if_fail (address != NULL);

  if (!oak_network_parse_address (address, &number))
    return;
  for (guint i = self->typed->len; i > 0; i--)
    if (g_array_index (self->typed, guint32, i - 1) == number)
      g_array_remove_index (self->typed, i - 1);
  text = oak_network_format_address (number);
  oak_device_table_remove_typed (self->table, text);
}

void
oak_discovery_hold (OakDiscovery *self, OakDevice *device)
{
  g_return_if_fail (OAK_IS_DISCOVERY (self));
  g_return_if_fail (OAK_IS_DEVICE (device));

  oak_device_table_hold (self->table, device);
}

void
oak_discovery_release (OakDiscovery *self, OakDevice *device)
{
  g_return_if_fail (OAK_IS_DISCOVERY (self));
  g_return_if_fail (OAK_IS_DEVICE (device));

  oak_device_table_release (self->table, device);
}

static gboolean
device_matches (OakDevice *device, const char *text)
{
  const char *mxid = oak_device_get_mxid (device);

  return g_strv_contains (oak_device_get_addresses (device), text) ||
         (mxid != NULL && oak_short_id_matches (mxid, text));
}

OakDevice *
oak_discovery_find (OakDiscovery *self, const char *text, GError **error)
{
  OakDevice *found = NULL;

  g_return_val_if_fail (OAK_IS_DISCOVERY (self), NULL);
  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  for (guint i = 0; i < oak_device_table_get_n_rows (self->table); i++) {
    OakDevice *device = oak_device_table_get_device (self->table, i);
    const char *mxid = oak_device_get_mxid (device);

    if (mxid != NULL && g_ascii_strcasecmp (mxid, text) == 0)
      return device;
    if (!device_matches (device, text))
      continue;
    if (found != NULL) {
      g_set_error (error,
                   OAK_ERROR,
                   OAK_ERROR_WRONG_DEVICE,
                   "“%s” may mean camera %s or camera %s",
                   text,
                   oak_device_get_mxid (found) != NULL ? oak_device_get_mxid (found)
                                                       : oak_device_get_address (found),
                   mxid != NULL ? mxid : oak_device_get_address (device));
      return NULL;
    }
    found = device;
  }

  if (found == NULL)
    g_set_error (error, OAK_ERROR, OAK_ERROR_NOT_FOUND, "no camera “%s” has answered", text);
  return found;
}

static guint
count_mask_bits (guint32 mask)
{
  return mask == 0 ? 0 : (guint) __builtin_popcount (mask);
}

char **
oak_discovery_list_interfaces (OakDiscovery *self)
{
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();
  g_autoptr (GArray) interfaces = NULL;

  g_return_val_if_fail (OAK_IS_DISCOVERY (self), NULL);

  interfaces = oak_network_list_interfaces (self->scope, self->interface_name, NULL);
  for (guint i = 0; interfaces != NULL && i < interfaces->len; i++) {
    const OakNetworkInterface *interface = &g_array_index (interfaces, OakNetworkInterface, i);
    g_autofree char *address = oak_network_format_address (interface->address);
    g_autofree char *line =
        g_strdup_printf ("%s %s/%u", interface->name, address, count_mask_bits (interface->mask));

    g_strv_builder_add (lines, line);
  }
  return g_strv_builder_end (lines);
}

gboolean
oak_discovery_get_scanning (OakDiscovery *self)
{
  g_return_val_if_fail (OAK_IS_DISCOVERY (self), FALSE);

  return self->scanning;
}

const char *
oak_discovery_get_problem (OakDiscovery *self)
{
  g_return_val_if_fail (OAK_IS_DISCOVERY (self), NULL);

  return self->problem;
}
