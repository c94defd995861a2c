/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "usb-bed-private.h"

#include <errno.h>
#include <linux/usbdevice_fs.h>
#include <string.h>
#include <sys/ioctl.h>

#include "oak-usb-ids.h"

/* The device node's requests as libusb makes them, answered by the simulated camera's plug. Runs in
 * umockdev's own thread, under the bed's lock. */

#define USB_REAP_HOLD_US                                                                           \
  300 /* the node is always ready to be reaped, so that an empty hand is held back a little */

static struct usbdevfs_urb *
usb_request_get_urb (UsbRequest *self)
{
  return (struct usbdevfs_urb *) self->urb->data;
}

static void
usb_request_free (UsbRequest *self)
{
  g_object_unref (self->urb);
  g_clear_object (&self->buffer);
  g_free (self);
}

static void
usb_requests_clear (GQueue *queue)
{
  g_queue_clear_full (queue, (GDestroyNotify) usb_request_free);
}

void
usb_handle_free (UsbHandle *self)
{
  usb_requests_clear (&self->out);
  usb_requests_clear (&self->in);
  usb_requests_clear (&self->finished);
  g_object_unref (self->client);
  g_free (self);
}

guint
usb_camera_get_present (const UsbCamera *self)
{
  return sim_usb_get_state (self->usb) == OAK_DEVICE_STATE_UNKNOWN
             ? 0
             : sim_usb_get_generation (self->usb);
}

static gboolean
usb_handle_is_gone (const UsbHandle *self)
{
  return self->generation != usb_camera_get_present (self->camera);
}

static void
usb_handle_finish (UsbHandle *self, UsbRequest *request, int status)
{
  struct usbdevfs_urb *urb = usb_request_get_urb (request);

  urb->status = status;
  urb->actual_length = (int) request->done;
  g_queue_push_tail (&self->finished, request);
}

static int
usb_result_to_status (SimUsbResult result)
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

static SimUsbResult
usb_request_write (UsbRequest *self, SimUsb *usb, gint64 now_us)
{
  const guint8 *data = self->buffer == NULL ? NULL : self->buffer->data;
  gsize size = (gsize) usb_request_get_urb (self)->buffer_length;
  gsize none = 0;
  SimUsbResult result = SIM_USB_DONE;

  if (self->done < size || size == 0)
    result = sim_usb_write (usb, data, size, &self->done, now_us);
  if (result == SIM_USB_DONE && self->empty_follows)
    result = sim_usb_write (usb, NULL, 0, &none, now_us);
  return result;
}

/* Returns: TRUE when something has moved. */
static gboolean
usb_handle_pump_queue (UsbHandle *self, GQueue *queue, gint64 now_us)
{
  UsbRequest *request = g_queue_peek_head (queue);
  SimUsb *usb = self->camera->usb;
  gsize before;
  SimUsbResult result;

  if (request == NULL || usb_handle_is_gone (self))
    return FALSE;
  before = request->done;
  if (queue == &self->out)
    result = usb_request_write (request, usb, now_us);
  else
    result = sim_usb_read (usb,
                           request->buffer == NULL ? NULL : request->buffer->data,
                           (gsize) usb_request_get_urb (request)->buffer_length,
                           &request->done,
                           now_us);
  if (result == SIM_USB_WAIT)
    return request->done > before;
  usb_handle_finish (self, g_queue_pop_head (queue), usb_result_to_status (result));
  return TRUE;
}

static void
usb_handle_abandon (UsbHandle *self)
{
  while (!g_queue_is_empty (&self->out))
    usb_handle_finish (self, g_queue_pop_head (&self->out), -ESHUTDOWN);
  while (!g_queue_is_empty (&self->in))
    usb_handle_finish (self, g_queue_pop_head (&self->in), -ESHUTDOWN);
}

void
usb_camera_pump (UsbCamera *self, gint64 now_us)
{
  gboolean moved = TRUE;

  while (moved) {
    moved = FALSE;
    for (guint i = 0; i < self->handles->len; i++) {
      UsbHandle *handle = g_ptr_array_index (self->handles, i);

      moved |= usb_handle_pump_queue (handle, &handle->out, now_us);
      moved |= usb_handle_pump_queue (handle, &handle->in, now_us);
    }
  }
  sim_usb_dispatch (self->usb, now_us);
  for (guint i = 0; i < self->handles->len; i++)
    if (usb_handle_is_gone (g_ptr_array_index (self->handles, i)))
      usb_handle_abandon (g_ptr_array_index (self->handles, i));
}

static void
usb_handle_control (UsbHandle *self, UsbRequest *request, gint64 now_us)
{
  guint8 *setup = request->buffer->data;
  guint8 answer[SIM_USB_CONTROL_SIZE];
  gsize room = (gsize) usb_request_get_urb (request)->buffer_length - SIM_USB_SETUP_SIZE;
  gsize size = 0;
  SimUsbResult result = sim_usb_control (self->camera->usb, setup, answer, &size, now_us);

  request->done = MIN (size, room);
  memcpy (setup + SIM_USB_SETUP_SIZE, answer, request->done);
  usb_handle_finish (self, request, usb_result_to_status (result));
}

/* Returns: what the ioctl returns: 0, or a negative errno. */
static int
usb_handle_submit (UsbHandle *self, UMockdevIoctlData *argument, gint64 now_us)
{
  UsbRequest *request = g_new0 (UsbRequest, 1);
  struct usbdevfs_urb *urb;

  request->urb = umockdev_ioctl_data_resolve (argument, 0, sizeof (struct usbdevfs_urb), NULL);
  urb = usb_request_get_urb (request);
  urb->status = 0;
  if (urb->buffer_length > 0) {
    request->buffer = umockdev_ioctl_data_resolve (request->urb,
                                                   G_STRUCT_OFFSET (struct usbdevfs_urb, buffer),
                                                   (gsize) urb->buffer_length,
                                                   NULL);
    urb = usb_request_get_urb (request);
  }
  if (urb->type == USBDEVFS_URB_TYPE_CONTROL && urb->buffer_length >= SIM_USB_SETUP_SIZE) {
    usb_handle_control (self, request, now_us);
    return 0;
  }
  if (urb->type != USBDEVFS_URB_TYPE_BULK || !self->is_claimed ||
      (urb->endpoint != OAK_USB_ENDPOINT_IN && urb->endpoint != OAK_USB_ENDPOINT_OUT)) {
    usb_request_free (request);
    return -EINVAL;
  }
  request->empty_follows =
      (urb->flags & USBDEVFS_URB_ZERO_PACKET) != 0 && urb->buffer_length > 0 &&
      (guint) urb->buffer_length % sim_usb_get_packet_size (self->camera->usb) == 0;
  g_queue_push_tail (urb->endpoint == OAK_USB_ENDPOINT_IN ? &self->in : &self->out, request);
  return 0;
}

static int
usb_handle_discard (UsbHandle *self, gulong address)
{
  GQueue *const queues[] = { &self->out, &self->in };

  for (guint q = 0; q < G_N_ELEMENTS (queues); q++)
    for (GList *link = queues[q]->head; link != NULL; link = link->next) {
      UsbRequest *request = link->data;

      if (request->urb->client_addr != address)
        continue;
      g_queue_delete_link (queues[q], link);
      usb_handle_finish (self, request, -ENOENT);
      return 0;
    }
  return -EINVAL;
}

static int
usb_handle_reap (UsbHandle *self, UMockdevIoctlData *argument)
{
  UsbBed *bed = self->camera->bed;
  UsbRequest *request;
  g_autoptr (UMockdevIoctlData) place = NULL;

  if (g_queue_is_empty (&self->finished))
    g_cond_wait_until (&bed->changed, &bed->lock, g_get_monotonic_time () + USB_REAP_HOLD_US);
  request = g_queue_pop_head (&self->finished);
  if (request == NULL)
    return usb_handle_is_gone (self) ? -ENODEV : -EAGAIN;
  place = umockdev_ioctl_data_resolve (argument, 0, sizeof (gpointer), NULL);
  umockdev_ioctl_data_set_ptr (place, 0, request->urb);
  usb_request_free (request);
  return 0;
}

static int
usb_handle_claim (UsbHandle *self)
{
  UsbCamera *camera = self->camera;

  if (camera->is_busy)
    return -EBUSY;
  for (guint i = 0; i < camera->handles->len; i++) {
    UsbHandle *other = g_ptr_array_index (camera->handles, i);

    if (other != self && other->is_claimed && other->generation == self->generation)
      return -EBUSY;
  }
  self->is_claimed = TRUE;
  if (camera->unplug_at_claim) {
    camera->unplug_at_claim = FALSE;
    sim_usb_unplug (camera->usb, g_get_monotonic_time ());
  }
  return 0;
}

static int
usb_handle_release (UsbHandle *self)
{
  if (!self->is_claimed)
    return -EINVAL;
  self->is_claimed = FALSE;
  return 0;
}

static int
usb_store_u32 (UMockdevIoctlData *argument, guint32 value)
{
  g_autoptr (UMockdevIoctlData) place =
      umockdev_ioctl_data_resolve (argument, 0, sizeof value, NULL);

  memcpy (place->data, &value, sizeof value);
  return 0;
}

static guint32
usb_load_u32 (UMockdevIoctlData *argument)
{
  g_autoptr (UMockdevIoctlData) place =
      umockdev_ioctl_data_resolve (argument, 0, sizeof (guint32), NULL);
  guint32 value;

  memcpy (&value, place->data, sizeof value);
  return value;
}

static int
usb_handle_clear_halt (UsbHandle *self, UMockdevIoctlData *argument, gint64 now_us)
{
  const guint8 setup[SIM_USB_SETUP_SIZE] = { 0x02, 0x01, 0, 0, (guint8) usb_load_u32 (argument),
                                             0,    0,    0 };
  guint8 answer[SIM_USB_CONTROL_SIZE];
  gsize size;

  sim_usb_control (self->camera->usb, setup, answer, &size, now_us);
  return 0;
}

static int
usb_handle_set_configuration (UsbHandle *self, UMockdevIoctlData *argument)
{
  guint32 configuration = usb_load_u32 (argument);

  if (configuration > OAK_USB_CONFIGURATION && configuration != G_MAXUINT32)
    return -EINVAL;
  sim_usb_set_configuration (self->camera->usb, configuration == G_MAXUINT32 ? 0 : configuration);
  return 0;
}

/* Returns: 0 or more, or a negative errno. */
static int
usb_handle_request (UsbHandle *self, gulong request, UMockdevIoctlData *argument)
{
  const guint32 capabilities = USBDEVFS_CAP_BULK_SCATTER_GATHER | USBDEVFS_CAP_BULK_CONTINUATION |
                               USBDEVFS_CAP_NO_PACKET_SIZE_LIM |
                               USBDEVFS_CAP_REAP_AFTER_DISCONNECT | USBDEVFS_CAP_ZERO_PACKET;
  gint64 now_us = g_get_monotonic_time ();

  switch (request) {
  case USBDEVFS_REAPURB:
  case USBDEVFS_REAPURBNDELAY:
    return usb_handle_reap (self, argument);
  case USBDEVFS_DISCARDURB:
    return usb_handle_discard (self, *(const gulong *) (gconstpointer) argument->data);
  case USBDEVFS_RELEASEINTERFACE:
    return usb_handle_release (self);
  default:
    break;
  }
  if (usb_handle_is_gone (self))
    return -ENODEV;
  switch (request) {
  case USBDEVFS_GET_CAPABILITIES:
    return usb_store_u32 (argument, capabilities);
  case USBDEVFS_CLAIMINTERFACE:
  case USBDEVFS_DISCONNECT_CLAIM:
    return usb_handle_claim (self);
  case USBDEVFS_SUBMITURB:
    return usb_handle_submit (self, argument, now_us);
  case USBDEVFS_SETCONFIGURATION:
    return usb_handle_set_configuration (self, argument);
  case USBDEVFS_CLEAR_HALT:
    return usb_handle_clear_halt (self, argument, now_us);
  case USBDEVFS_RESET:
  case USBDEVFS_SETINTERFACE:
    return 0;
  case USBDEVFS_GET_SPEED:
    return sim_usb_is_super_speed (self->camera->usb) ? 5 : 3;
  case USBDEVFS_GETDRIVER:
    return -ENODATA;
  default:
    return -ENOTTY;
  }
}

static UsbCamera *
usb_bed_find_camera (UsbBed *self, const char *node)
{
  for (guint i = 0; i < self->cameras->len; i++) {
    UsbCamera *camera = g_ptr_array_index (self->cameras, i);

    if (g_strcmp0 (camera->node, node) == 0)
      return camera;
  }
  return NULL;
}

static UsbHandle *
usb_bed_find_handle (UsbBed *self, UMockdevIoctlClient *client)
{
  for (guint i = 0; i < self->cameras->len; i++) {
    UsbCamera *camera = g_ptr_array_index (self->cameras, i);

    for (guint j = 0; j < camera->handles->len; j++) {
      UsbHandle *handle = g_ptr_array_index (camera->handles, j);

      if (handle->client == client)
        return handle;
    }
  }
  return NULL;
}

/* Returns: (nullable): made at the handle's first request. */
static UsbHandle *
usb_bed_get_handle (UsbBed *self, UMockdevIoctlClient *client)
{
  UsbHandle *handle = usb_bed_find_handle (self, client);
  UsbCamera *camera;

  if (handle != NULL)
    return handle;
  camera = usb_bed_find_camera (self, umockdev_ioctl_client_get_devnode (client));
  if (camera == NULL)
    return NULL;
  handle = g_new0 (UsbHandle, 1);
  handle->camera = camera;
  /* Kept, so that no later client has its address and is taken for it. */
  handle->client = g_object_ref (client);
  handle->generation = camera->shown;
  g_ptr_array_add (camera->handles, handle);
  camera->n_opened++;
  return handle;
}

static gboolean
usb_bed_on_ioctl (UMockdevIoctlBase *base, UMockdevIoctlClient *client, gpointer user_data)
{
  UsbBed *self = user_data;
  gulong request = umockdev_ioctl_client_get_request (client);
  UMockdevIoctlData *argument = umockdev_ioctl_client_get_arg (client);
  UsbHandle *handle;
  int result = -ENODEV;

  g_mutex_lock (&self->lock);
  handle = usb_bed_get_handle (self, client);
  if (handle != NULL)
    result = usb_handle_request (handle, request, argument);
  if (handle != NULL && request != USBDEVFS_REAPURBNDELAY && request != USBDEVFS_REAPURB) {
    usb_camera_pump (handle->camera, g_get_monotonic_time ());
    g_cond_broadcast (&self->changed);
  }
  g_mutex_unlock (&self->lock);
  umockdev_ioctl_client_complete (client, result < 0 ? -1 : result, result < 0 ? -result : 0);
  return TRUE;
}

static void
usb_bed_on_vanished (UMockdevIoctlBase *base, UMockdevIoctlClient *client, gpointer user_data)
{
  UsbBed *self = user_data;
  UsbHandle *handle;

  g_mutex_lock (&self->lock);
  handle = usb_bed_find_handle (self, client);
  if (handle != NULL)
    g_ptr_array_remove_fast (handle->camera->handles, handle);
  g_mutex_unlock (&self->lock);
}

void
usb_bed_connect_ioctl (UsbBed *self)
{
  g_signal_connect (self->base, "handle-ioctl", G_CALLBACK (usb_bed_on_ioctl), self);
  g_signal_connect (self->base, "client-vanished", G_CALLBACK (usb_bed_on_vanished), self);
}
