/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-network-scanner.h"

#include <glib-unix.h>
#include <unistd.h>

#include "oak-discovery-datagram.h"
#include "oak-error.h"
#include "oak-network.h"

/* One socket per interface, and one for addresses typed by hand, all served by the main loop. Not
 * the list of cameras: that is oak-device-table.c. Main thread. */

/* Datagrams taken in one turn of the main loop: a flood must not keep it from drawing. */
#define MAX_DATAGRAMS_PER_DISPATCH 64

typedef struct {
  OakNetworkScanner *scanner; /* (unowned) */
  OakNetworkInterface interface;
  gboolean has_interface; /* FALSE: the socket for typed addresses */
  gboolean wanted;
  int socket_fd;
  GSource *source; /* (owned) */
} ScannerPort;

struct _OakNetworkScanner {
  OakNetworkScope scope;
  char *interface_name; /* (nullable) */
  OakNetworkScannerFunc heard;
  gpointer user_data;
  GMainContext *context; /* (owned) */
  GPtrArray *ports;      /* (owned) of ScannerPort */
};

static void
scanner_port_free (gpointer data)
{
  ScannerPort *port = data;

  g_source_destroy (port->source);
  g_source_unref (port->source);
  close (port->socket_fd);
  g_free (port);
}

static void
hear_datagram (OakNetworkScanner *self, const guint8 *data, gsize size, guint32 sender)
{
  g_autofree char *address = oak_network_format_address (sender);
  g_autoptr (GError) local_error = NULL;
  OakDiscoveryReply reply;
  OakHeardAnswer answer;

  if (!oak_discovery_reply_decode (&reply, data, size, &local_error)) {
    g_debug ("datagram from %s ignored: %s", address, local_error->message);
    return;
  }
  answer = (OakHeardAnswer){ .mxid = reply.mxid,
                             .address = address,
                             .state = reply.state,
                             .platform = reply.platform };
  self->heard (&answer, self->user_data);
}

/* Answers come before drawing, which never ends where it is slow: a machine without a graphics
 * processor would find no camera. Only a flood comes after drawing and input. */
static void
set_flooded (GSource *source, gboolean flooded)
{
  int priority = flooded ? G_PRIORITY_DEFAULT_IDLE : G_PRIORITY_DEFAULT;

  if (g_source_get_priority (source) != priority)
    g_source_set_priority (source, priority);
}

static gboolean
port_is_readable (int socket_fd, GIOCondition condition, gpointer user_data)
{
  ScannerPort *port = user_data;
  OakNetworkScanner *self = port->scanner;
  g_autoptr (GSource) keep = g_source_ref (port->source);
  guint n_read = 0;

  for (; n_read < MAX_DATAGRAMS_PER_DISPATCH && !g_source_is_destroyed (keep); n_read++) {
    guint8 buffer[OAK_NETWORK_DATAGRAM_SIZE];
    guint32 sender = 0;
    gssize size = oak_network_receive (socket_fd, self->scope, buffer, &sender);

    if (size < 0)
      break;
    if (size > 0)
      hear_datagram (self, buffer, (gsize) size, sender);
  }
  if (!g_source_is_destroyed (keep))
    set_flooded (keep, n_read == MAX_DATAGRAMS_PER_DISPATCH);
  return G_SOURCE_CONTINUE;
}

static ScannerPort *
open_port (OakNetworkScanner *self, const OakNetworkInterface *interface, GError **error)
{
  int socket_fd = oak_network_open_socket (self->scope, interface, error);
  ScannerPort *port;

  if (socket_fd < 0)
    return NULL;

  port = g_new0 (ScannerPort, 1);
  port->scanner = self;
  port->has_interface = interface != NULL;
  if (interface != NULL)
    port->interface = *interface;
  port->socket_fd = socket_fd;
  port->source = g_unix_fd_source_new (socket_fd, G_IO_IN);
  g_source_set_static_name (port->source, "oak-network-scanner");
  set_flooded (port->source, FALSE);
  g_source_set_callback (port->source, G_SOURCE_FUNC (port_is_readable), port, NULL);
  g_source_attach (port->source, self->context);
  g_ptr_array_add (self->ports, port);
  return port;
}

static ScannerPort *
find_port (OakNetworkScanner *self, const OakNetworkInterface *interface)
{
  for (guint i = 0; i < self->ports->len; i++) {
    ScannerPort *port = g_ptr_array_index (self->ports, i);

    if (interface == NULL
            ? !port->has_interface
            : port->has_interface && oak_network_interface_equal (&port->interface, interface))
      return port;
  }
  return NULL;
}

/* Returns: (transfer none) (nullable): the port, opened now if need be. */
static ScannerPort *
want_port (OakNetworkScanner *self, const OakNetworkInterface *interface, GError **error)
{
  ScannerPort *port = find_port (self, interface);

  if (port == NULL)
    port = open_port (self, interface, error);
  if (port != NULL)
    port->wanted = TRUE;
  return port;
}

static void
close_unwanted_ports (OakNetworkScanner *self)
{
  for (guint i = self->ports->len; i > 0; i--) {
    ScannerPort *port = g_ptr_array_index (self->ports, i - 1);

    if (port->wanted)
      port->wanted = FALSE;
    else
      g_ptr_array_remove_index (self->ports, i - 1);
  }
}

/* Returns: how many interfaces could be asked. */
static guint
ask_interfaces (OakNetworkScanner *self, GArray *interfaces)
{
  guint n_asked = 0;

  for (guint i = 0; i < interfaces->len; i++) {
    const OakNetworkInterface *interface = &g_array_index (interfaces, OakNetworkInterface, i);
    g_autoptr (GError) local_error = NULL;
    ScannerPort *port = want_port (self, interface, &local_error);

    if (port == NULL)
      g_debug ("%s: %s", interface->name, local_error->message);
    else if (oak_network_broadcast (port->socket_fd, self->scope, interface) > 0)
      n_asked++;
  }
  return n_asked;
}

static guint
ask_addresses (OakNetworkScanner *self,
               GArray *interfaces,
               const guint32 *addresses,
               gsize n_addresses)
{
  const OakNetworkInterface *interface = NULL;
  g_autoptr (GError) local_error = NULL;
  ScannerPort *port;
  guint n_asked = 0;

  if (n_addresses == 0)
    return 0;
  /* A named interface is the only way out, also for typed addresses. */
  if (self->interface_name != NULL) {
    if (interfaces->len == 0)
      return 0;
    interface = &g_array_index (interfaces, OakNetworkInterface, 0);
  }

  port = want_port (self, interface, &local_error);
  for (gsize i = 0; port != NULL && i < n_addresses; i++) {
    g_clear_error (&local_error);
    if (oak_network_send (port->socket_fd,
                          self->scope,
                          interface,
                          addresses[i],
                          OAK_DISCOVERY_COMMAND_DISCOVER,
                          &local_error))
      n_asked++;
  }
  if (local_error != NULL)
    g_debug ("typed address: %s", local_error->message);
  return n_asked;
}

gboolean
oak_network_scanner_ask (OakNetworkScanner *self,
                         const guint32 *addresses,
                         gsize n_addresses,
                         GError **error)
{
  g_autoptr (GArray) interfaces = NULL;
  guint n_asked;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  interfaces = oak_network_list_interfaces (self->scope, self->interface_name, error);
  if (interfaces == NULL)
    return FALSE;

  n_asked = ask_interfaces (self, interfaces);
  n_asked += ask_addresses (self, interfaces, addresses, n_addresses);
  close_unwanted_ports (self);
  if (n_asked > 0)
    return TRUE;

  if (interfaces->len > 0)
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_UNREACHABLE,
                         "no network interface lets a question out");
  else if (self->interface_name != NULL)
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_UNREACHABLE,
                 "interface %s is not there or has no IPv4 address",
                 self->interface_name);
  else
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_UNREACHABLE,
                         "no network interface is up and has an IPv4 address");
  return FALSE;
}

void
oak_network_scanner_pause (OakNetworkScanner *self)
{
  g_return_if_fail (self != NULL);

  g_ptr_array_set_size (self->ports, 0);
}

OakNetworkScanner *
oak_network_scanner_new (OakNetworkScope scope,
                         const char *interface_name,
                         OakNetworkScannerFunc heard,
                         gpointer user_data)
{
  OakNetworkScanner *self = g_new0 (OakNetworkScanner, 1);

  self->scope = scope;
  self->interface_name = g_strdup (interface_name);
  self->heard = heard;
  self->user_data = user_data;
  self->context = g_main_context_ref_thread_default ();
  self->ports = g_ptr_array_new_with_free_func (scanner_port_free);
  return self;
}

void
oak_network_scanner_free (OakNetworkScanner *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->ports);
  g_main_context_unref (self->context);
  g_free (self->interface_name);
  g_free (self);
}
