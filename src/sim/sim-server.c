/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "oak-discovery-datagram.h"
#include "oak-error.h"
#include "oak-xlink-event.h"
#include "sim-board.h"
#include "sim-camera.h"
#include "sim-flash.h"
#include "sim-report.h"
#include "sim-session.h"
#include "sim-usb-vhci.h"

/* Sockets and the loop around them; the cameras themselves know nothing of either. One thread for
 * all. */

#define SIM_DATAGRAM_SIZE 1500
#define SIM_READ_LIMIT                                                                             \
  ((gsize) 32 * 1024 * 1024) /* from one link, before the others have their turn */
#define SIM_LISTEN_RETRY_MS   50
#define SIM_BROADCAST_ADDRESS "127.255.255.255"
#define SIM_FDS_PER_CAMERA    4
#define SIM_SHARED_FDS        3

typedef struct {
  char *path; /* (owned) (nullable) */
  gboolean is_saved;
  guint64 n_changes; /* of the memory, when it was saved */
} SimMemoryFile;

typedef struct {
  SimCamera *camera; /* (owned) */
  char *address;     /* (owned) (nullable): NULL when it is not on the network */
  SimUsbVhci *usb;   /* (owned) (nullable) */
  SimMemoryFile flash_file;
  SimMemoryFile emmc_file;
  int udp_fd;
  int listen_fd;       /* -1: closed */
  int link_fd;         /* -1: none */
  SimSession *session; /* (unowned) (nullable): of the camera, while link_fd is open */
} SimPort;

struct _SimServer {
  gboolean any_address;
  GPtrArray *ports; /* (owned) of SimPort */
  int broadcast_fd; /* -1: none */
  int signal_fd;
};

static void
sim_close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

static void
sim_port_free (SimPort *port)
{
  sim_close_fd (&port->udp_fd);
  sim_close_fd (&port->listen_fd);
  sim_close_fd (&port->link_fd);
  g_clear_pointer (&port->usb, sim_usb_vhci_free);
  sim_camera_free (port->camera);
  g_free (port->address);
  g_free (port->flash_file.path);
  g_free (port->emmc_file.path);
  g_free (port);
}

SimServer *
sim_server_new (gboolean any_address)
{
  SimServer *self = g_new0 (SimServer, 1);
  sigset_t signals;

  self->any_address = any_address;
  self->ports = g_ptr_array_new_with_free_func ((GDestroyNotify) sim_port_free);
  self->broadcast_fd = -1;
  sigemptyset (&signals);
  sigaddset (&signals, SIGTERM);
  sigaddset (&signals, SIGINT);
  sigaddset (&signals, SIGUSR1);
  sigprocmask (SIG_BLOCK, &signals, NULL);
  signal (SIGPIPE, SIG_IGN);
  self->signal_fd = signalfd (-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
  return self;
}

void
sim_server_free (SimServer *self)
{
  g_ptr_array_unref (self->ports);
  sim_close_fd (&self->broadcast_fd);
  sim_close_fd (&self->signal_fd);
  g_free (self);
}

static OakError
sim_errno_to_code (int error_number)
{
  if (error_number == EADDRINUSE)
    return OAK_ERROR_BUSY;
  return error_number == EACCES || error_number == EPERM ? OAK_ERROR_NO_ACCESS
                                                         : OAK_ERROR_UNREACHABLE;
}

static const char *
sim_errno_to_advice (int error_number)
{
  if (error_number == EADDRINUSE)
    return "another simulator is running there; end it or choose another --address";
  if (error_number == EADDRNOTAVAIL)
    return "this machine does not have that address";
  return "the port cannot be had";
}

/* Returns: a bound, non-blocking socket, or -1 with @error set. */
static int
sim_socket_bind (int type, const char *address, guint16 port, GError **error)
{
  struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons (port) };
  int fd = socket (AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1;

  inet_pton (AF_INET, address, &name.sin_addr);
  if (fd >= 0) {
    setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (type == SOCK_DGRAM)
      setsockopt (fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
    if (bind (fd, (struct sockaddr *) &name, sizeof name) == 0 &&
        (type == SOCK_DGRAM || listen (fd, 1) == 0))
      return fd;
  }
  g_set_error (error,
               OAK_ERROR,
               sim_errno_to_code (errno),
               "%s port %u of %s: %s (%s)",
               type == SOCK_DGRAM ? "UDP" : "TCP",
               port,
               address,
               g_strerror (errno),
               sim_errno_to_advice (errno));
  sim_close_fd (&fd);
  return -1;
}

/* The TCP port is open only while the camera waits for a host, so that everybody else is refused.
 */
static gboolean
sim_port_update_listener (SimPort *port, GError **error)
{
  if (port->address == NULL || !sim_camera_wants_connection (port->camera)) {
    sim_close_fd (&port->listen_fd);
    return TRUE;
  }
  if (port->listen_fd < 0)
    port->listen_fd = sim_socket_bind (SOCK_STREAM, port->address, OAK_XLINK_PORT, error);
  return port->listen_fd >= 0;
}

/* UDP sockets share addresses for the sake of broadcasts, so that a second simulator has to be
 * noticed by its TCP port. */
static gboolean
sim_port_probe (const SimPort *port, GError **error)
{
  int fd = sim_socket_bind (SOCK_STREAM, port->address, OAK_XLINK_PORT, error);
  gboolean is_free = fd >= 0;

  sim_close_fd (&fd);
  return is_free;
}

gboolean
sim_server_add (SimServer *self,
                SimCamera *camera,
                const char *address,
                const char *flash_file,
                const char *emmc_file,
                GError **error)
{
  SimPort *port = g_new0 (SimPort, 1);

  port->camera = camera;
  port->address = g_strdup (address);
  port->flash_file = (SimMemoryFile){ g_strdup (flash_file), FALSE, 0 };
  port->emmc_file = (SimMemoryFile){ g_strdup (emmc_file), FALSE, 0 };
  port->listen_fd = -1;
  port->link_fd = -1;
  port->udp_fd = -1;
  g_ptr_array_add (self->ports, port);
  if (address == NULL)
    return TRUE;
  if (!sim_port_probe (port, error))
    return FALSE;
  port->udp_fd = sim_socket_bind (SOCK_DGRAM, address, OAK_DISCOVERY_PORT, error);
  return port->udp_fd >= 0 && sim_port_update_listener (port, error);
}

void
sim_server_add_usb (SimServer *self, SimUsbVhci *usb)
{
  SimPort *port = g_ptr_array_index (self->ports, self->ports->len - 1);

  g_clear_pointer (&port->usb, sim_usb_vhci_free);
  port->usb = usb;
}

gboolean
sim_server_listen (SimServer *self, GError **error)
{
  const char *address = self->any_address ? "0.0.0.0" : SIM_BROADCAST_ADDRESS;
  guint n_addresses = 0;

  for (guint i = 0; i < self->ports->len; i++) {
    SimPort *port = g_ptr_array_index (self->ports, i);

    n_addresses += port->address != NULL;
    /* Such a camera hears broadcasts on its own socket. */
    if (g_strcmp0 (port->address, "0.0.0.0") == 0)
      return TRUE;
  }
  if (n_addresses == 0)
    return TRUE;
  self->broadcast_fd = sim_socket_bind (SOCK_DGRAM, address, OAK_DISCOVERY_PORT, error);
  return self->broadcast_fd >= 0;
}

/* Answers go out from the camera's own address, whichever socket heard the question. */
static void
sim_port_handle_datagram (SimPort *port,
                          const void *data,
                          gsize size,
                          const struct sockaddr_in *peer)
{
  g_autoptr (GPtrArray) replies = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  if (port->address == NULL)
    return;
  sim_camera_handle_datagram (port->camera, data, size, replies, g_get_monotonic_time ());
  for (guint i = 0; i < replies->len; i++) {
    gsize reply_size;
    const void *reply = g_bytes_get_data (g_ptr_array_index (replies, i), &reply_size);

    if (sendto (port->udp_fd,
                reply,
                reply_size,
                MSG_NOSIGNAL,
                (const struct sockaddr *) peer,
                sizeof *peer) < 0)
      g_info ("answering discovery: %s", g_strerror (errno));
  }
}

/* @port NULL: a broadcast, for all of them. */
static void
sim_server_read_datagrams (SimServer *self, int fd, SimPort *port)
{
  guint8 data[SIM_DATAGRAM_SIZE];
  struct sockaddr_in peer;
  socklen_t peer_size = sizeof peer;
  ssize_t size;

  while ((size = recvfrom (fd, data, sizeof data, 0, (struct sockaddr *) &peer, &peer_size)) >= 0) {
    if (port != NULL)
      sim_port_handle_datagram (port, data, (gsize) size, &peer);
    for (guint i = 0; port == NULL && i < self->ports->len; i++)
      sim_port_handle_datagram (g_ptr_array_index (self->ports, i), data, (gsize) size, &peer);
    peer_size = sizeof peer;
  }
}

/* Returns: FALSE when the link is broken. */
static gboolean
sim_port_send (SimPort *port)
{
  const guint8 *data;
  gsize size;

  while (sim_session_get_output (port->session, &data, &size)) {
    ssize_t sent = send (port->link_fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (sent < 0)
      return errno == EAGAIN || errno == EINTR;
    sim_session_sent (port->session, (gsize) sent);
  }
  return TRUE;
}

static void
sim_port_close_link (SimPort *port, gboolean hard)
{
  struct linger at_once = { 1, 0 };
  guint8 rest[4096];

  if (hard) {
    setsockopt (port->link_fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  } else {
    /* Bytes left unread would turn the close into a reset, which could overtake the last answer. */
    shutdown (port->link_fd, SHUT_WR);
    while (recv (port->link_fd, rest, sizeof rest, MSG_DONTWAIT) > 0)
      ;
  }
  sim_close_fd (&port->link_fd);
  port->session = NULL;
  sim_camera_close_session (port->camera, g_get_monotonic_time ());
}

/* Returns: FALSE when the host has gone. */
static gboolean
sim_port_receive (SimPort *port)
{
  gsize total = 0;

  while (total < SIM_READ_LIMIT) {
    gsize size;
    guint8 *space = sim_session_get_space (port->session, &size);
    ssize_t received;

    if (size == 0)
      return TRUE;
    received = recv (port->link_fd, space, size, MSG_DONTWAIT);
    if (received < 0)
      return errno == EAGAIN || errno == EINTR;
    if (received == 0)
      return FALSE;
    sim_camera_received (port->camera, (gsize) received, g_get_monotonic_time ());
    total += (gsize) received;
    if (!sim_port_send (port))
      return FALSE;
  }
  return TRUE;
}

static void
sim_port_serve_link (SimPort *port, gboolean readable)
{
  gboolean alive = TRUE;

  if (readable)
    alive = sim_port_receive (port);
  if (alive)
    alive = sim_port_send (port);
  if (!alive || sim_session_is_finished (port->session))
    sim_port_close_link (port, sim_session_is_hard (port->session));
}

static void
sim_port_accept (SimPort *port)
{
  int on = 1;
  int fd = accept4 (port->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

  if (fd < 0)
    return;
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  port->session = sim_camera_connect (port->camera, g_get_monotonic_time ());
  if (port->session == NULL)
    close (fd);
  else
    port->link_fd = fd;
}

static void
sim_server_add_poll_fd (GArray *fds, int fd, short events)
{
  struct pollfd entry = { fd, events, 0 };

  g_array_append_val (fds, entry);
}

static void
sim_port_add_poll_fds (SimPort *port, GArray *fds)
{
  const guint8 *data;
  gsize size;
  gboolean has_output =
      port->session != NULL && sim_session_get_output (port->session, &data, &size);
  gboolean usb_has_output = FALSE;
  int usb_fd = port->usb == NULL ? -1 : sim_usb_vhci_get_fd (port->usb, &usb_has_output);

  sim_server_add_poll_fd (fds, port->udp_fd, POLLIN);
  sim_server_add_poll_fd (fds, port->listen_fd, POLLIN);
  sim_server_add_poll_fd (fds, port->link_fd, (short) (POLLIN | (has_output ? POLLOUT : 0)));
  sim_server_add_poll_fd (fds, usb_fd, (short) (POLLIN | (usb_has_output ? POLLOUT : 0)));
}

static void
sim_port_handle_poll (SimServer *self, SimPort *port, const struct pollfd *fds)
{
  if (fds[0].revents != 0)
    sim_server_read_datagrams (self, port->udp_fd, port);
  if (fds[1].revents != 0 && port->listen_fd >= 0)
    sim_port_accept (port);
  if (fds[2].revents != 0 && port->link_fd >= 0)
    sim_port_serve_link (port, (fds[2].revents & ~POLLOUT) != 0);
}

/* What time brings: programming, watchdog, reboot. */
static void
sim_port_dispatch (SimPort *port)
{
  g_autoptr (GError) error = NULL;
  gint64 now_us = g_get_monotonic_time ();

  if (sim_camera_get_wake (port->camera) <= now_us)
    sim_camera_dispatch (port->camera, now_us);
  if (port->link_fd >= 0)
    sim_port_serve_link (port, FALSE);
  if (port->usb != NULL)
    sim_usb_vhci_serve (port->usb, now_us);
  if (!sim_port_update_listener (port, &error))
    g_info ("%s", error->message);
}

static int
sim_server_get_timeout (SimServer *self)
{
  gint64 wake_us = G_MAXINT64;
  gint64 left_us;

  for (guint i = 0; i < self->ports->len; i++) {
    SimPort *port = g_ptr_array_index (self->ports, i);

    wake_us = MIN (wake_us, sim_camera_get_wake (port->camera));
    if (port->usb != NULL)
      wake_us = MIN (wake_us, sim_usb_vhci_get_wake (port->usb));
    if (port->address != NULL && port->listen_fd < 0 && sim_camera_wants_connection (port->camera))
      wake_us = MIN (wake_us, g_get_monotonic_time () + SIM_LISTEN_RETRY_MS * 1000);
  }
  if (wake_us == G_MAXINT64)
    return -1;
  left_us = wake_us - g_get_monotonic_time ();
  return left_us <= 0 ? 0 : (int) MIN ((left_us + 999) / 1000, G_MAXINT32);
}

static gboolean
sim_memory_save (SimMemoryFile *file, const SimFlash *flash, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (file->path == NULL || flash == NULL ||
      (file->is_saved && file->n_changes == sim_flash_get_n_changes (flash)))
    return TRUE;

  file->is_saved = g_file_set_contents (file->path,
                                        (const char *) sim_flash_get_data (flash),
                                        (gssize) sim_flash_get_size (flash),
                                        &local_error);
  file->n_changes = sim_flash_get_n_changes (flash);
  if (!file->is_saved)
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "writing %s: %s",
                 file->path,
                 local_error->message);
  return file->is_saved;
}

gboolean
sim_server_dump (SimServer *self, GError **error)
{
  gboolean saved = TRUE;

  for (guint i = 0; i < self->ports->len; i++) {
    SimPort *port = g_ptr_array_index (self->ports, i);
    SimBoard *board = sim_camera_get_board (port->camera);
    g_autofree char *line =
        sim_report_camera (port->camera, port->address == NULL ? "" : port->address);

    saved = saved && sim_memory_save (&port->flash_file, board->nor, error) &&
            sim_memory_save (&port->emmc_file, board->emmc, error);
    puts (line);
  }
  fflush (stdout);
  return saved;
}

static void
sim_server_report (SimServer *self)
{
  g_autoptr (GError) error = NULL;

  if (!sim_server_dump (self, &error))
    g_printerr ("oak-sim: %s\n", error->message);
}

/* Returns: FALSE when the simulator was told to end. */
static gboolean
sim_server_handle_signals (SimServer *self)
{
  struct signalfd_siginfo info;

  while (read (self->signal_fd, &info, sizeof info) == (ssize_t) sizeof info) {
    if (info.ssi_signo != SIGUSR1)
      return FALSE;
    sim_server_report (self);
  }
  return TRUE;
}

/* Returns: FALSE at the end of standard input. */
static gboolean
sim_server_handle_stdin (void)
{
  char ignored[256];
  ssize_t size = read (STDIN_FILENO, ignored, sizeof ignored);

  return size > 0 || (size < 0 && (errno == EINTR || errno == EAGAIN));
}

void
sim_server_run (SimServer *self, gboolean watch_stdin)
{
  g_autoptr (GArray) fds = g_array_new (FALSE, FALSE, sizeof (struct pollfd));
  gboolean running = TRUE;

  while (running) {
    struct pollfd *ready;

    g_array_set_size (fds, 0);
    sim_server_add_poll_fd (fds, self->signal_fd, POLLIN);
    sim_server_add_poll_fd (fds, watch_stdin ? STDIN_FILENO : -1, POLLIN);
    sim_server_add_poll_fd (fds, self->broadcast_fd, POLLIN);
    for (guint i = 0; i < self->ports->len; i++)
      sim_port_add_poll_fds (g_ptr_array_index (self->ports, i), fds);
    ready = (struct pollfd *) fds->data;
    if (poll (ready, fds->len, sim_server_get_timeout (self)) < 0 && errno != EINTR)
      break;
    if (ready[0].revents != 0)
      running = sim_server_handle_signals (self);
    if (ready[1].revents != 0)
      running = running && sim_server_handle_stdin ();
    if (ready[2].revents != 0)
      sim_server_read_datagrams (self, self->broadcast_fd, NULL);
    for (guint i = 0; i < self->ports->len; i++) {
      sim_port_handle_poll (self,
                            g_ptr_array_index (self->ports, i),
                            ready + SIM_SHARED_FDS + SIM_FDS_PER_CAMERA * i);
      sim_port_dispatch (g_ptr_array_index (self->ports, i));
    }
  }
}
