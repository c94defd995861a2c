/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-usb-vhci.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "oak-error.h"
#include "oak-usb-ids.h"

/* Messages of 48 bytes, big-endian, as the kernel's documentation of USB/IP lists them; an OUT
 * request and the answer to an IN request carry their bytes behind it. */

#define VHCI_CONTROLLER     "/sys/devices/platform/vhci_hcd.0"
#define VHCI_ATTACH         VHCI_CONTROLLER "/attach"
#define VHCI_HEADER_SIZE    48
#define VHCI_MAX_TRANSFER   (16 * OAK_MIB)
#define VHCI_RETRY_US       20000 /* until the kernel has cleared a port */
#define VHCI_FAREWELL_US    300000
#define VHCI_SOCKET_BUFFER  (4 * 1024 * 1024)
#define VHCI_READ_LIMIT     64 /* messages at a time */
#define VHCI_SPEED_HIGH     3
#define VHCI_SPEED_SUPER    5
#define VHCI_DEVICE_ID      0x10002
#define VHCI_CMD_SUBMIT     1
#define VHCI_CMD_UNLINK     2
#define VHCI_RET_SUBMIT     3
#define VHCI_RET_UNLINK     4
#define VHCI_FLAG_EMPTY_END 0x40
#define VHCI_SETUP_OFFSET   40

typedef struct {
  guint32 sequence;
  guint32 endpoint;
  gboolean is_in;
  gboolean empty_follows; /* an empty packet is still to be sent behind it */
  guint8 setup[SIM_USB_SETUP_SIZE];
  guint8 *data; /* (owned) (nullable) */
  gsize size;
  gsize filled; /* from the kernel */
  gsize done;   /* by the camera */
} VhciRequest;

struct _SimUsbVhci {
  SimUsb *usb; /* (owned) */
  guint port;
  int fd;           /* -1: not attached */
  guint generation; /* of what is attached */
  gint64 retry_us;
  gint64 farewell_us; /* its end; 0: none */
  guint8 header[VHCI_HEADER_SIZE];
  gsize header_fill;
  VhciRequest *incoming; /* (owned) (nullable): its bytes are under way */
  GQueue out;            /* (owned) of VhciRequest */
  GQueue in;             /* (owned) of VhciRequest */
  GQueue output;         /* (owned) of GBytes */
  gsize output_offset;   /* into its head */
};

static void
vhci_request_free (VhciRequest *self)
{
  g_free (self->data);
  g_free (self);
}

static guint32
vhci_get_u32 (const guint8 *data)
{
  return (guint32) data[0] << 24 | (guint32) data[1] << 16 | (guint32) data[2] << 8 | data[3];
}

static void
vhci_put_u32 (guint8 *data, guint32 value)
{
  data[0] = (guint8) (value >> 24);
  data[1] = (guint8) (value >> 16);
  data[2] = (guint8) (value >> 8);
  data[3] = (guint8) value;
}

static void
sim_usb_vhci_detach (SimUsbVhci *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  self->farewell_us = 0;
  self->header_fill = 0;
  g_clear_pointer (&self->incoming, vhci_request_free);
  g_queue_clear_full (&self->out, (GDestroyNotify) vhci_request_free);
  g_queue_clear_full (&self->in, (GDestroyNotify) vhci_request_free);
  g_queue_clear_full (&self->output, (GDestroyNotify) g_bytes_unref);
  self->output_offset = 0;
}

static gboolean
sim_usb_vhci_refuse (int error_number, GError **error)
{
  if (error_number == ENOENT)
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_NOT_FOUND,
                 "this kernel has no virtual USB controller; `modprobe vhci-hcd` may bring it");
  else
    g_set_error (error,
                 OAK_ERROR,
                 error_number == EACCES ? OAK_ERROR_NO_ACCESS : OAK_ERROR_BUSY,
                 "the virtual USB controller: %s",
                 g_strerror (error_number));
  return FALSE;
}

/* Whether the kernel still has a device at that port of one of its root hubs, at high or at super
 * speed. The controller takes the next device as soon as the port's connection is closed, which is
 * before the hub's thread has looked: that thread serves one port after the other, with waits of
 * some 100 ms for each. When it then finds a device at super speed at the port, with the descriptor
 * of the one before, it takes it for the same and chooses no configuration (hub_port_connect_change
 * of the kernel), and the new device stalls all transfers for ever. */
static gboolean
sim_usb_vhci_is_remembered (const SimUsbVhci *self)
{
  g_autoptr (GDir) controller = g_dir_open (VHCI_CONTROLLER, 0, NULL);
  gboolean found = FALSE;
  const char *name;

  while (!found && controller != NULL && (name = g_dir_read_name (controller)) != NULL) {
    g_autofree char *device = NULL;

    if (!g_str_has_prefix (name, "usb"))
      continue;
    device =
        g_strdup_printf (VHCI_CONTROLLER "/%s/%s-%u", name, name + strlen ("usb"), self->port + 1);
    found = access (device, F_OK) == 0;
  }
  return found;
}

/* Returns: FALSE with @error set when the kernel does not take it. */
static gboolean
sim_usb_vhci_hand_over (SimUsbVhci *self, int kernel_fd, GError **error)
{
  g_autofree char *text =
      g_strdup_printf ("%u %d %d %d",
                       self->port,
                       kernel_fd,
                       VHCI_DEVICE_ID,
                       sim_usb_is_super_speed (self->usb) ? VHCI_SPEED_SUPER : VHCI_SPEED_HIGH);
  int attach_fd = open (VHCI_ATTACH, O_WRONLY | O_CLOEXEC);
  ssize_t written;
  int error_number;

  if (attach_fd < 0)
    return sim_usb_vhci_refuse (errno, error);
  written = write (attach_fd, text, strlen (text));
  error_number = errno;
  close (attach_fd);
  return written >= 0 || sim_usb_vhci_refuse (error_number, error);
}

static gboolean
sim_usb_vhci_attach (SimUsbVhci *self, GError **error)
{
  const int size = VHCI_SOCKET_BUFFER;
  int fds[2];
  gboolean taken;

  if (sim_usb_vhci_is_remembered (self))
    return sim_usb_vhci_refuse (EBUSY, error);
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
    return sim_usb_vhci_refuse (errno, error);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    setsockopt (fds[i], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
  taken = sim_usb_vhci_hand_over (self, fds[1], error);
  close (fds[1]);
  if (!taken) {
    close (fds[0]);
    return FALSE;
  }
  self->fd = fds[0];
  self->generation = sim_usb_get_generation (self->usb);
  g_info ("usb port %u: %04x:%04x is plugged in",
          self->port,
          OAK_USB_VENDOR_ID,
          sim_usb_get_product_id (self->usb));
  return TRUE;
}

SimUsbVhci *
sim_usb_vhci_new (SimCamera *camera,
                  const SimUsbOptions *options,
                  guint port,
                  gint64 now_us,
                  GError **error)
{
  g_autoptr (SimUsbVhci) self = g_new0 (SimUsbVhci, 1);

  self->usb = sim_usb_new (camera, options, now_us);
  self->port = port;
  self->fd = -1;
  if (sim_usb_get_state (self->usb) != OAK_DEVICE_STATE_UNKNOWN &&
      !sim_usb_vhci_attach (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
sim_usb_vhci_free (SimUsbVhci *self)
{
  sim_usb_vhci_detach (self);
  g_clear_pointer (&self->usb, sim_usb_free);
  g_free (self);
}

int
sim_usb_vhci_get_fd (const SimUsbVhci *self, gboolean *wants_output)
{
  *wants_output = !g_queue_is_empty ((GQueue *) &self->output);
  return self->fd;
}

static void
sim_usb_vhci_answer (SimUsbVhci *self,
                     guint32 command,
                     guint32 sequence,
                     int status,
                     const guint8 *data,
                     gsize size)
{
  guint8 *header = g_malloc0 (VHCI_HEADER_SIZE);

  vhci_put_u32 (header, command);
  vhci_put_u32 (header + 4, sequence);
  vhci_put_u32 (header + 20, (guint32) status);
  if (command == VHCI_RET_SUBMIT)
    vhci_put_u32 (header + 24, (guint32) size);
  g_queue_push_tail (&self->output, g_bytes_new_take (header, VHCI_HEADER_SIZE));
  if (data != NULL && size > 0)
    g_queue_push_tail (&self->output, g_bytes_new (data, size));
}

static int
vhci_status_from_result (SimUsbResult result)
{
  switch (result) {
  case SIM_USB_DONE:
    return 0;
  case SIM_USB_STALL:
    return -EPIPE;
  case SIM_USB_OVERFLOW:
    return -EOVERFLOW;
  case SIM_USB_GONE:
    return -ESHUTDOWN;
  case SIM_USB_WAIT:
  default:
    g_assert_not_reached ();
  }
}

static void
sim_usb_vhci_finish (SimUsbVhci *self, VhciRequest *request, SimUsbResult result)
{
  sim_usb_vhci_answer (self,
                       VHCI_RET_SUBMIT,
                       request->sequence,
                       vhci_status_from_result (result),
                       request->is_in ? request->data : NULL,
                       request->done);
  vhci_request_free (request);
}

/* Returns: FALSE when what is attached is no longer what the camera is. */
static gboolean
sim_usb_vhci_is_current (const SimUsbVhci *self)
{
  return sim_usb_get_state (self->usb) != OAK_DEVICE_STATE_UNKNOWN &&
         sim_usb_get_generation (self->usb) == self->generation;
}

static void
sim_usb_vhci_control (SimUsbVhci *self, VhciRequest *request, gint64 now_us)
{
  guint8 answer[SIM_USB_CONTROL_SIZE];
  gsize size = 0;
  SimUsbResult result = sim_usb_control (self->usb, request->setup, answer, &size, now_us);

  if (request->is_in) {
    request->done = MIN (size, request->size);
    if (request->done > 0)
      memcpy (request->data, answer, request->done);
  } else {
    request->done = request->size;
  }
  sim_usb_vhci_finish (self, request, result);
}

static SimUsbResult
sim_usb_vhci_write (SimUsbVhci *self, VhciRequest *request, gint64 now_us)
{
  SimUsbResult result = SIM_USB_DONE;
  gsize none = 0;

  if (request->done < request->size || request->size == 0)
    result = sim_usb_write (self->usb, request->data, request->size, &request->done, now_us);
  if (result == SIM_USB_DONE && request->empty_follows)
    result = sim_usb_write (self->usb, NULL, 0, &none, now_us);
  return result;
}

/* Returns: TRUE when something has moved. */
static gboolean
sim_usb_vhci_pump_queue (SimUsbVhci *self, GQueue *queue, gint64 now_us)
{
  VhciRequest *request = g_queue_peek_head (queue);
  gsize before;
  SimUsbResult result;

  if (request == NULL)
    return FALSE;
  if (!sim_usb_vhci_is_current (self)) {
    sim_usb_vhci_finish (self, g_queue_pop_head (queue), SIM_USB_GONE);
    return TRUE;
  }
  before = request->done;
  result = request->is_in
               ? sim_usb_read (self->usb, request->data, request->size, &request->done, now_us)
               : sim_usb_vhci_write (self, request, now_us);
  if (result == SIM_USB_WAIT)
    return request->done > before;
  sim_usb_vhci_finish (self, g_queue_pop_head (queue), result);
  return TRUE;
}

static void
sim_usb_vhci_submit (SimUsbVhci *self, gint64 now_us)
{
  VhciRequest *request = g_steal_pointer (&self->incoming);

  if (!sim_usb_vhci_is_current (self))
    sim_usb_vhci_finish (self, request, SIM_USB_GONE);
  else if (request->endpoint == 0)
    sim_usb_vhci_control (self, request, now_us);
  else if (request->endpoint != OAK_USB_ENDPOINT_OUT)
    sim_usb_vhci_finish (self, request, SIM_USB_STALL);
  else
    g_queue_push_tail (request->is_in ? &self->in : &self->out, request);
}

/* The kernel wants a request back. What is done already has been answered. */
static void
sim_usb_vhci_unlink (SimUsbVhci *self, guint32 sequence, guint32 unwanted)
{
  GQueue *const queues[] = { &self->out, &self->in };

  for (guint q = 0; q < G_N_ELEMENTS (queues); q++)
    for (GList *link = queues[q]->head; link != NULL; link = link->next) {
      VhciRequest *request = link->data;

      if (request->sequence != unwanted)
        continue;
      g_queue_delete_link (queues[q], link);
      vhci_request_free (request);
      sim_usb_vhci_answer (self, VHCI_RET_UNLINK, sequence, -ECONNRESET, NULL, 0);
      return;
    }
  sim_usb_vhci_answer (self, VHCI_RET_UNLINK, sequence, 0, NULL, 0);
}

/* Returns: FALSE when the message makes no sense. */
static gboolean
sim_usb_vhci_handle_header (SimUsbVhci *self, gint64 now_us)
{
  const guint8 *header = self->header;
  guint32 command = vhci_get_u32 (header);
  VhciRequest *request;

  self->header_fill = 0;
  if (command == VHCI_CMD_UNLINK) {
    sim_usb_vhci_unlink (self, vhci_get_u32 (header + 4), vhci_get_u32 (header + 20));
    return TRUE;
  }
  if (command != VHCI_CMD_SUBMIT || vhci_get_u32 (header + 24) > VHCI_MAX_TRANSFER)
    return FALSE;
  request = g_new0 (VhciRequest, 1);
  self->incoming = request;
  request->sequence = vhci_get_u32 (header + 4);
  request->is_in = vhci_get_u32 (header + 12) != 0;
  request->endpoint = vhci_get_u32 (header + 16);
  request->size = vhci_get_u32 (header + 24);
  request->empty_follows = (vhci_get_u32 (header + 20) & VHCI_FLAG_EMPTY_END) != 0 &&
                           !request->is_in && request->size > 0 &&
                           request->size % sim_usb_get_packet_size (self->usb) == 0;
  memcpy (request->setup, header + VHCI_SETUP_OFFSET, sizeof request->setup);
  request->data = g_malloc (MAX (request->size, 1));
  if (request->is_in || request->size == 0)
    sim_usb_vhci_submit (self, now_us);
  return TRUE;
}

/* Returns: where the next bytes from the kernel go. */
static guint8 *
sim_usb_vhci_get_space (SimUsbVhci *self, gsize *size)
{
  VhciRequest *request = self->incoming;

  if (request == NULL) {
    *size = VHCI_HEADER_SIZE - self->header_fill;
    return self->header + self->header_fill;
  }
  *size = request->size - request->filled;
  return request->data + request->filled;
}

static gboolean
sim_usb_vhci_received (SimUsbVhci *self, gsize size, gint64 now_us)
{
  VhciRequest *request = self->incoming;

  if (request != NULL) {
    request->filled += size;
    if (request->filled == request->size)
      sim_usb_vhci_submit (self, now_us);
    return TRUE;
  }
  self->header_fill += size;
  return self->header_fill < VHCI_HEADER_SIZE || sim_usb_vhci_handle_header (self, now_us);
}

/* Returns: FALSE when the kernel has let go of the device. */
static gboolean
sim_usb_vhci_receive (SimUsbVhci *self, gint64 now_us)
{
  for (guint i = 0; i < VHCI_READ_LIMIT; i++) {
    gsize size;
    guint8 *space = sim_usb_vhci_get_space (self, &size);
    ssize_t received = recv (self->fd, space, size, MSG_DONTWAIT);

    if (received < 0)
      return errno == EAGAIN || errno == EINTR;
    if (received == 0 || !sim_usb_vhci_received (self, (gsize) received, now_us))
      return FALSE;
  }
  return TRUE;
}

/* Returns: FALSE when the kernel has let go of the device. */
static gboolean
sim_usb_vhci_send (SimUsbVhci *self)
{
  GBytes *head;

  while ((head = g_queue_peek_head (&self->output)) != NULL) {
    gsize size;
    const guint8 *data = g_bytes_get_data (head, &size);
    ssize_t sent = send (self->fd,
                         data + self->output_offset,
                         size - self->output_offset,
                         MSG_DONTWAIT | MSG_NOSIGNAL);

    if (sent < 0)
      return errno == EAGAIN || errno == EINTR;
    self->output_offset += (gsize) sent;
    if (self->output_offset < size)
      continue;
    g_bytes_unref (g_queue_pop_head (&self->output));
    self->output_offset = 0;
  }
  return TRUE;
}

/* A camera that has left still says so to every request for a while. The kernel loses a request
 * that is taken back between the socket's end and its own noticing of that: whoever waits for it,
 * and then the hub's thread, hang for ever. A host that was told first asks for nothing more. */
static void
sim_usb_vhci_leave (SimUsbVhci *self, gint64 now_us)
{
  if (self->farewell_us == 0)
    self->farewell_us = now_us + VHCI_FAREWELL_US;
  if (now_us < self->farewell_us)
    return;
  sim_usb_vhci_detach (self);
  self->retry_us = now_us + VHCI_RETRY_US;
  g_info ("usb port %u: unplugged", self->port);
}

/* The kernel needs a while to clear a port: until then it gets no other device. */
static void
sim_usb_vhci_update (SimUsbVhci *self, gint64 now_us)
{
  g_autoptr (GError) error = NULL;

  if (self->fd >= 0 && !sim_usb_vhci_is_current (self))
    sim_usb_vhci_leave (self, now_us);
  if (self->fd >= 0 || sim_usb_get_state (self->usb) == OAK_DEVICE_STATE_UNKNOWN ||
      now_us < self->retry_us)
    return;
  if (!sim_usb_vhci_attach (self, &error)) {
    g_debug ("usb port %u: %s", self->port, error->message);
    self->retry_us = now_us + VHCI_RETRY_US;
  }
}

static void
sim_usb_vhci_pump (SimUsbVhci *self, gint64 now_us)
{
  gboolean moved = TRUE;

  while (moved && self->fd >= 0) {
    moved = sim_usb_vhci_pump_queue (self, &self->out, now_us);
    moved |= sim_usb_vhci_pump_queue (self, &self->in, now_us);
  }
}

void
sim_usb_vhci_serve (SimUsbVhci *self, gint64 now_us)
{
  gboolean alive = self->fd < 0 || sim_usb_vhci_receive (self, now_us);

  sim_usb_vhci_pump (self, now_us);
  sim_usb_dispatch (self->usb, now_us);
  /* What was due may have something to say, and nobody else asks for it. */
  sim_usb_vhci_pump (self, now_us);
  if (alive && self->fd >= 0)
    alive = sim_usb_vhci_send (self);
  if (!alive) {
    /* Somebody told the kernel to throw it out. */
    if (sim_usb_vhci_is_current (self)) {
      sim_usb_unplug (self->usb, now_us);
      sim_usb_plug (self->usb, now_us);
    }
    sim_usb_vhci_detach (self);
    self->retry_us = now_us + VHCI_RETRY_US;
  }
  sim_usb_vhci_update (self, now_us);
}

gint64
sim_usb_vhci_get_wake (const SimUsbVhci *self)
{
  gint64 wake = sim_usb_get_wake (self->usb);

  if (self->fd < 0 && sim_usb_get_state (self->usb) != OAK_DEVICE_STATE_UNKNOWN)
    wake = MIN (wake, self->retry_us);
  if (self->farewell_us != 0)
    wake = MIN (wake, self->farewell_us);
  return wake;
}
