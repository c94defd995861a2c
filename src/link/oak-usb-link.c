/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-usb-link.h"

#include "oak-error.h"
#include "oak-usb-ids.h"
#include "oak-usb-private.h"

/* Bulk transfers, one at a time in each direction. They are asynchronous for libusb, so that a
 * deadline, a cancel and a close can end them; the caller waits on a condition that the handle's
 * thread signals. A transfer that is taken back is still waited for, because until then the bytes
 * belong to the kernel; taking back never depends on the camera. */

typedef struct {
  struct libusb_transfer *transfer; /* (owned) */
  gboolean flying;                  /* submitted, its callback has not run yet */
  gboolean cancelled;               /* by the caller's cancellable */
  GCond changed;
} Direction;

struct _OakUsbLink {
  OakLink parent_instance;

  OakUsbHandle *handle; /* (owned) */
  GMutex mutex;
  gboolean closed;
  Direction in;
  Direction out;
};

G_DEFINE_FINAL_TYPE (OakUsbLink, oak_usb_link, OAK_TYPE_LINK)

typedef struct {
  OakUsbLink *link;
  Direction *direction;
} Waiter;

/* usb-events thread, also for transfers that were taken back. */
static void
transfer_ended (struct libusb_transfer *transfer)
{
  Waiter *waiter = transfer->user_data;
  OakUsbLink *self = waiter->link;

  g_mutex_lock (&self->mutex);
  waiter->direction->flying = FALSE;
  g_cond_broadcast (&waiter->direction->changed);
  g_mutex_unlock (&self->mutex);
}

/* Any thread. */
static void
cancellable_cancelled (GCancellable *cancellable, gpointer user_data)
{
  Waiter *waiter = user_data;

  g_mutex_lock (&waiter->link->mutex);
  waiter->direction->cancelled = TRUE;
  g_cond_broadcast (&waiter->direction->changed);
  g_mutex_unlock (&waiter->link->mutex);
}

/* With the mutex held. Returns: FALSE when the deadline passed. */
static gboolean
wait_for_change (OakUsbLink *self, Direction *direction, gint64 deadline_us)
{
  if (deadline_us == OAK_LINK_NO_DEADLINE) {
    g_cond_wait (&direction->changed, &self->mutex);
    return TRUE;
  }
  return g_cond_wait_until (&direction->changed, &self->mutex, deadline_us);
}

/* With the mutex held. @timed_out: (out): the transfer was taken back because of the deadline. */
static void
wait_for_transfer (OakUsbLink *self, Direction *direction, gint64 deadline_us, gboolean *timed_out)
{
  while (direction->flying && !direction->cancelled && !self->closed && !*timed_out)
    *timed_out = !wait_for_change (self, direction, deadline_us);

  if (direction->flying)
    libusb_cancel_transfer (direction->transfer);
  while (direction->flying)
    g_cond_wait (&direction->changed, &self->mutex);
}

/* Returns: a code of libusb; the transfer has ended in any case. */
static int
submit_and_wait (OakUsbLink *self, Direction *direction, gint64 deadline_us, gboolean *timed_out)
{
  int code = LIBUSB_ERROR_NO_DEVICE;

  g_mutex_lock (&self->mutex);
  if (!self->closed)
    code = libusb_submit_transfer (direction->transfer);
  if (code == LIBUSB_SUCCESS) {
    direction->flying = TRUE;
    wait_for_transfer (self, direction, deadline_us, timed_out);
  }
  g_mutex_unlock (&self->mutex);
  return code;
}

static gboolean
judge_transfer (Direction *direction,
                int code,
                gboolean timed_out,
                GCancellable *cancellable,
                GError **error)
{
  gboolean reading = (direction->transfer->endpoint & LIBUSB_ENDPOINT_IN) != 0;
  const char *what = reading ? "receiving" : "sending";

  if (code != LIBUSB_SUCCESS) {
    oak_usb_set_error (error, code, what);
    return FALSE;
  }
  if (direction->transfer->status == LIBUSB_TRANSFER_COMPLETED)
    return TRUE;
  if (direction->transfer->status != LIBUSB_TRANSFER_CANCELLED)
    oak_usb_set_transfer_error (error, direction->transfer->status, what);
  else if (!g_cancellable_set_error_if_cancelled (cancellable, error)) {
    if (timed_out)
      g_set_error (error,
                   OAK_ERROR,
                   OAK_ERROR_TIMED_OUT,
                   "no %s before the deadline",
                   reading ? "bytes" : "room to send");
    else
      oak_usb_set_transfer_error (error, LIBUSB_TRANSFER_NO_DEVICE, what);
  }
  return FALSE;
}

/* One transfer of @size bytes. @n_moved: (out): how many of them passed. */
static gboolean
transfer (OakUsbLink *self,
          Direction *direction,
          guint8 endpoint,
          guint8 *buffer,
          gsize size,
          gsize *n_moved,
          gint64 deadline_us,
          GCancellable *cancellable,
          GError **error)
{
  Waiter waiter = { .link = self, .direction = direction };
  gboolean timed_out = FALSE;
  gulong handler = 0;
  int code;

  libusb_fill_bulk_transfer (direction->transfer,
                             self->handle->handle,
                             endpoint,
                             buffer,
                             (int) size,
                             transfer_ended,
                             &waiter,
                             0);
  direction->cancelled = FALSE;
  if (cancellable != NULL)
    handler =
        g_cancellable_connect (cancellable, G_CALLBACK (cancellable_cancelled), &waiter, NULL);
  code = submit_and_wait (self, direction, deadline_us, &timed_out);
  g_cancellable_disconnect (cancellable, handler);

  if (!judge_transfer (direction, code, timed_out, cancellable, error))
    return FALSE;
  *n_moved = (gsize) CLAMP (direction->transfer->actual_length, 0, (int) size);
  return TRUE;
}

static gboolean
oak_usb_link_read_all (OakLink *link,
                       void *buffer,
                       gsize size,
                       gint64 deadline_us,
                       GCancellable *cancellable,
                       GError **error)
{
  OakUsbLink *self = OAK_USB_LINK (link);
  gsize offset = 0;

  /* A camera may split what it sends, and an empty transfer means nothing (xlink.md §3). */
  while (offset < size) {
    gsize n_moved = 0;

    if (!transfer (self,
                   &self->in,
                   OAK_USB_ENDPOINT_IN,
                   (guint8 *) buffer + offset,
                   MIN (size - offset, OAK_USB_CHUNK_SIZE),
                   &n_moved,
                   deadline_us,
                   cancellable,
                   error))
      return FALSE;
    offset += n_moved;
  }
  return TRUE;
}

static gboolean
write_vector (OakUsbLink *self,
              const GOutputVector *vector,
              gint64 deadline_us,
              GCancellable *cancellable,
              GError **error)
{
  gsize offset = 0;

  while (offset < vector->size) {
    gsize size = MIN (vector->size - offset, OAK_USB_CHUNK_SIZE);
    gsize n_moved = 0;

    if (!transfer (self,
                   &self->out,
                   OAK_USB_ENDPOINT_OUT,
                   (guint8 *) vector->buffer + offset,
                   size,
                   &n_moved,
                   deadline_us,
                   cancellable,
                   error))
      return FALSE;
    if (n_moved < size) {
      g_set_error_literal (error,
                           OAK_ERROR,
                           OAK_ERROR_DISCONNECTED,
                           "sending: the camera took only a part of a transfer");
      return FALSE;
    }
    offset += size;
  }
  return TRUE;
}

static gboolean
oak_usb_link_write_all (OakLink *link,
                        const GOutputVector *vectors,
                        guint n_vectors,
                        gint64 deadline_us,
                        GCancellable *cancellable,
                        GError **error)
{
  OakUsbLink *self = OAK_USB_LINK (link);

  for (guint i = 0; i < n_vectors; i++)
    if (!write_vector (self, &vectors[i], deadline_us, cancellable, error))
      return FALSE;
  return TRUE;
}

/* Any thread. Both sides take their transfers back themselves. */
static void
oak_usb_link_close (OakLink *link)
{
  OakUsbLink *self = OAK_USB_LINK (link);

  g_mutex_lock (&self->mutex);
  self->closed = TRUE;
  g_cond_broadcast (&self->in.changed);
  g_cond_broadcast (&self->out.changed);
  g_mutex_unlock (&self->mutex);
}

static void
direction_clear (Direction *direction)
{
  libusb_free_transfer (direction->transfer);
  g_cond_clear (&direction->changed);
}

static void
oak_usb_link_finalize (GObject *object)
{
  OakUsbLink *self = OAK_USB_LINK (object);

  /* Before the handle: freeing a transfer still looks at the handle it was made for. */
  direction_clear (&self->in);
  direction_clear (&self->out);
  g_clear_pointer (&self->handle, oak_usb_handle_free);
  g_mutex_clear (&self->mutex);

  G_OBJECT_CLASS (oak_usb_link_parent_class)->finalize (object);
}

static void
oak_usb_link_class_init (OakUsbLinkClass *klass)
{
  OakLinkClass *link_class = OAK_LINK_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = oak_usb_link_finalize;
  link_class->chunk_size = OAK_USB_CHUNK_SIZE;
  link_class->read_all = oak_usb_link_read_all;
  link_class->write_all = oak_usb_link_write_all;
  link_class->close = oak_usb_link_close;
}

static void
oak_usb_link_init (OakUsbLink *self)
{
  g_mutex_init (&self->mutex);
  g_cond_init (&self->in.changed);
  g_cond_init (&self->out.changed);
  self->in.transfer = libusb_alloc_transfer (0);
  self->out.transfer = libusb_alloc_transfer (0);
}

OakLink *
oak_usb_link_open (const char *path, const char *serial, GError **error)
{
  g_autofree char *description = NULL;
  OakUsbHandle *handle;
  OakUsbLink *self;

  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  description = g_strdup_printf ("usb:%s", path);
  handle = oak_usb_open (path, OAK_DEVICE_STATE_BOOTLOADER, serial, OAK_USB_OPEN_CLAIM, error);
  if (handle == NULL) {
    g_prefix_error (error, "connecting to %s: ", description);
    return NULL;
  }
  self = g_object_new (OAK_TYPE_USB_LINK, "description", description, NULL);
  self->handle = handle;
  return OAK_LINK (self);
}
