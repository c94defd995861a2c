/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "oak-discovery-datagram.h"
#include "oak-error.h"

/* Which interfaces there are, and the one door for datagrams. What the scope forbids is decided
 * here and nowhere else, so that a demonstration cannot reach a real camera by another way. No
 * threads, no waiting. */

gboolean
oak_network_parse_address (const char *text, guint32 *address)
{
  struct in_addr parsed;

  if (text == NULL || inet_pton (AF_INET, text, &parsed) != 1)
    return FALSE;
  *address = ntohl (parsed.s_addr);
  return TRUE;
}

char *
oak_network_format_address (guint32 address)
{
  return g_strdup_printf ("%u.%u.%u.%u",
                          address >> 24,
                          (address >> 16) & 0xff,
                          (address >> 8) & 0xff,
                          address & 0xff);
}

gboolean
oak_network_is_loopback (guint32 address)
{
  return address >> 24 == 127;
}

gboolean
oak_network_is_camera_address (OakNetworkScope scope, guint32 address)
{
  if (scope == OAK_NETWORK_SCOPE_LOOPBACK && !oak_network_is_loopback (address))
    return FALSE;
  if (address >> 24 == 0 || address >> 28 >= 0xe)
    return FALSE;
  return address != 0x7fffffff && address != 0x7f000000;
}

static gboolean
scope_allows (OakNetworkScope scope, guint32 address)
{
  return scope == OAK_NETWORK_SCOPE_ANY || oak_network_is_loopback (address);
}

gboolean
oak_network_interface_equal (const OakNetworkInterface *a, const OakNetworkInterface *b)
{
  return a->index == b->index && a->address == b->address && a->mask == b->mask &&
         strcmp (a->name, b->name) == 0;
}

guint32
oak_network_interface_get_broadcast (const OakNetworkInterface *self)
{
  if (self->mask >= 0xfffffffe)
    return 0;
  return self->address | ~self->mask;
}

static guint32
address_of (const struct sockaddr *socket_address)
{
  struct sockaddr_in ipv4;

  if (socket_address == NULL)
    return G_MAXUINT32;
  memcpy (&ipv4, socket_address, sizeof ipv4);
  return ntohl (ipv4.sin_addr.s_addr);
}

static gboolean
is_usable (const struct ifaddrs *entry, OakNetworkScope scope, const char *only_name)
{
  const guint needed = IFF_UP | IFF_RUNNING;

  if (entry->ifa_addr == NULL || entry->ifa_addr->sa_family != AF_INET ||
      (entry->ifa_flags & needed) != needed)
    return FALSE;
  if (only_name != NULL && strcmp (entry->ifa_name, only_name) != 0)
    return FALSE;
  return scope_allows (scope, address_of (entry->ifa_addr)) &&
         (scope == OAK_NETWORK_SCOPE_ANY || (entry->ifa_flags & IFF_LOOPBACK) != 0);
}

/* Further addresses of an interface carry labels such as "eth0:1": the device is what stands before
 * the colon. */
static void
interface_init (OakNetworkInterface *self, const struct ifaddrs *entry)
{
  char *label;

  memset (self, 0, sizeof *self);
  g_strlcpy (self->name, entry->ifa_name, sizeof self->name);
  label = strchr (self->name, ':');
  if (label != NULL)
    *label = '\0';
  self->index = if_nametoindex (self->name);
  self->address = address_of (entry->ifa_addr);
  self->mask = address_of (entry->ifa_netmask);
  self->is_loopback = (entry->ifa_flags & IFF_LOOPBACK) != 0;
}

GArray *
oak_network_list_interfaces (OakNetworkScope scope, const char *only_name, GError **error)
{
  g_autoptr (GArray) interfaces = g_array_new (FALSE, FALSE, sizeof (OakNetworkInterface));
  struct ifaddrs *entries = NULL;

  if (getifaddrs (&entries) != 0) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_UNREACHABLE,
                 "cannot list network interfaces: %s",
                 g_strerror (errno));
    return NULL;
  }

  for (struct ifaddrs *entry = entries;
       entry != NULL && interfaces->len < OAK_NETWORK_MAX_INTERFACES;
       entry = entry->ifa_next) {
    OakNetworkInterface interface;

    if (!is_usable (entry, scope, only_name))
      continue;
    interface_init (&interface, entry);
    g_array_append_val (interfaces, interface);
  }
  freeifaddrs (entries);
  return g_steal_pointer (&interfaces);
}

static void
set_socket_error (GError **error, int error_number, const char *what)
{
  OakError code =
      error_number == EACCES || error_number == EPERM ? OAK_ERROR_NO_ACCESS : OAK_ERROR_UNREACHABLE;

  g_set_error (error, OAK_ERROR, code, "%s: %s", what, g_strerror (error_number));
}

static struct sockaddr_in
socket_address (guint32 address, guint16 port)
{
  struct sockaddr_in result = { .sin_family = AF_INET };

  result.sin_port = htons (port);
  result.sin_addr.s_addr = htonl (address);
  return result;
}

int
oak_network_open_socket (OakNetworkScope scope,
                         const OakNetworkInterface *interface,
                         GError **error)
{
  guint32 unbound = scope == OAK_NETWORK_SCOPE_LOOPBACK ? INADDR_LOOPBACK : INADDR_ANY;
  struct sockaddr_in local = socket_address (interface != NULL ? interface->address : unbound, 0);
  const int on = 1;
  int socket_fd;

  if (interface != NULL && !scope_allows (scope, interface->address)) {
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_UNREACHABLE,
                 "interface %s is outside the permitted addresses",
                 interface->name);
    return -1;
  }

  socket_fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket_fd < 0) {
    set_socket_error (error, errno, "cannot make a UDP socket");
    return -1;
  }

  /* Binding to the device keeps answers from other interfaces away; without the right to do so the
   * address has to suffice. */
  if (interface != NULL)
    (void) setsockopt (socket_fd,
                       SOL_SOCKET,
                       SO_BINDTODEVICE,
                       interface->name,
                       (socklen_t) strlen (interface->name) + 1);

  if (setsockopt (socket_fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) != 0 ||
      bind (socket_fd, (const struct sockaddr *) &local, sizeof local) != 0) {
    set_socket_error (error, errno, "cannot bind a UDP socket");
    close (socket_fd);
    return -1;
  }
  return socket_fd;
}

/* Names the interface in every message: needs no privilege, and makes 255.255.255.255 leave where
 * it should. */
static void
add_packet_info (struct msghdr *message,
                 void *control,
                 gsize control_size,
                 const OakNetworkInterface *interface)
{
  struct in_pktinfo info = { .ipi_ifindex = (int) interface->index };
  struct cmsghdr *header;

  info.ipi_spec_dst.s_addr = htonl (interface->address);
  memset (control, 0, control_size);
  message->msg_control = control;
  message->msg_controllen = control_size;
  header = CMSG_FIRSTHDR (message);
  header->cmsg_level = IPPROTO_IP;
  header->cmsg_type = IP_PKTINFO;
  header->cmsg_len = CMSG_LEN (sizeof info);
  memcpy (CMSG_DATA (header), &info, sizeof info);
}

gboolean
oak_network_send (int socket_fd,
                  OakNetworkScope scope,
                  const OakNetworkInterface *interface,
                  guint32 address,
                  guint32 command,
                  GError **error)
{
  _Alignas(struct cmsghdr) char control[CMSG_SPACE (sizeof (struct in_pktinfo))];
  struct sockaddr_in destination = socket_address (address, OAK_DISCOVERY_PORT);
  guint8 request[OAK_DISCOVERY_REQUEST_SIZE];
  struct iovec vector = { .iov_base = request, .iov_len = sizeof request };
  struct msghdr message = { .msg_name = &destination,
                            .msg_namelen = sizeof destination,
                            .msg_iov = &vector,
                            .msg_iovlen = 1 };
  gssize sent;

  if (!scope_allows (scope, address)) {
    g_autofree char *text = oak_network_format_address (address);

    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_UNREACHABLE,
                 "%s is outside 127.0.0.0/8, nothing is sent there",
                 text);
    return FALSE;
  }

  oak_discovery_request_encode (command, request);
  if (interface != NULL)
    add_packet_info (&message, control, sizeof control, interface);
  do {
    sent = sendmsg (socket_fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);

  if (sent < 0) {
    set_socket_error (error, errno, "cannot send a discovery request");
    return FALSE;
  }
  return TRUE;
}

/* An ICMP answer to an earlier request shows itself as an error of receiving; it says nothing about
 * what else waits. */
static gboolean
is_passing_error (int error_number)
{
  return error_number == EINTR || error_number == ECONNREFUSED || error_number == EHOSTUNREACH ||
         error_number == ENETUNREACH;
}

gssize
oak_network_receive (int socket_fd,
                     OakNetworkScope scope,
                     guint8 buffer[OAK_NETWORK_DATAGRAM_SIZE],
                     guint32 *sender)
{
  struct sockaddr_in from = { 0 };
  socklen_t from_size = sizeof from;
  gssize size = recvfrom (socket_fd,
                          buffer,
                          OAK_NETWORK_DATAGRAM_SIZE,
                          MSG_DONTWAIT,
                          (struct sockaddr *) &from,
                          &from_size);

  if (size < 0)
    return is_passing_error (errno) ? 0 : -1;
  if (from_size < sizeof from || from.sin_family != AF_INET)
    return 0;

  *sender = ntohl (from.sin_addr.s_addr);
  if (!scope_allows (scope, *sender)) {
    g_debug ("datagram from outside the permitted addresses dropped");
    return 0;
  }
  return size;
}

static guint
try_to_send (int socket_fd,
             OakNetworkScope scope,
             const OakNetworkInterface *interface,
             guint32 address)
{
  g_autoptr (GError) local_error = NULL;

  if (oak_network_send (socket_fd,
                        scope,
                        interface,
                        address,
                        OAK_DISCOVERY_COMMAND_DISCOVER,
                        &local_error))
    return 1;
  g_debug ("%s: %s", interface->name, local_error->message);
  return 0;
}

guint
oak_network_broadcast (int socket_fd, OakNetworkScope scope, const OakNetworkInterface *interface)
{
  guint32 broadcast = oak_network_interface_get_broadcast (interface);
  guint n_sent;

  if (broadcast == 0)
    return 0;

  n_sent = try_to_send (socket_fd, scope, interface, broadcast);
  if (!interface->is_loopback && scope == OAK_NETWORK_SCOPE_ANY && broadcast != INADDR_BROADCAST)
    n_sent += try_to_send (socket_fd, scope, interface, INADDR_BROADCAST);
  return n_sent;
}
