/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-usb-facts.h"

#include <string.h>

#include "oak-error.h"
#include "oak-usb-ids.h"
#include "oak-usb-private.h"

/* One look at the bus. Who is there comes from libusb; serial, speed and the other half of the
 * socket come from sysfs, so that nothing is opened and a camera that may not be opened is known as
 * well as any other. Any thread. */

#define SYSFS_DEVICES "/sys/bus/usb/devices"
/* An MXID has 18 digits; 31 is what the protocol has room for (xlink.md §1.2). */
#define MAX_SERIAL_LENGTH  31
#define HIGH_SPEED_MBPS    480
#define BCD_USB_KNOWS_BOS  0x0201 /* a USB 3 device at high speed says 2.1 */
#define MAX_ATTRIBUTE_SIZE 255

OakUsbFacts *
oak_usb_facts_ref (OakUsbFacts *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
facts_clear (gpointer data)
{
  OakUsbFacts *self = data;

  g_free (self->path);
  g_free (self->peer_path);
  g_free (self->serial);
}

void
oak_usb_facts_unref (OakUsbFacts *self)
{
  g_atomic_rc_box_release_full (self, facts_clear);
}

OakUsbFacts *
oak_usb_facts_with_access (const OakUsbFacts *self, OakUsbAccess access)
{
  OakUsbFacts *copy;

  g_return_val_if_fail (self != NULL, NULL);

  copy = g_atomic_rc_box_new0 (OakUsbFacts);
  *copy = *self;
  copy->path = g_strdup (self->path);
  copy->peer_path = g_strdup (self->peer_path);
  copy->serial = g_strdup (self->serial);
  copy->access = access;
  return copy;
}

gboolean
oak_usb_facts_equal (const OakUsbFacts *a, const OakUsbFacts *b)
{
  g_return_val_if_fail (a != NULL && b != NULL, FALSE);

  return strcmp (a->path, b->path) == 0 && g_strcmp0 (a->peer_path, b->peer_path) == 0 &&
         g_strcmp0 (a->serial, b->serial) == 0 && a->state == b->state && a->bus == b->bus &&
         a->address == b->address && a->speed_mbps == b->speed_mbps &&
         a->could_be_faster == b->could_be_faster && a->access == b->access;
}

gboolean
oak_usb_facts_is_at (const OakUsbFacts *self, const char *path, const char *peer_path)
{
  g_return_val_if_fail (self != NULL && path != NULL, FALSE);

  return strcmp (self->path, path) == 0 || g_strcmp0 (self->peer_path, path) == 0 ||
         (peer_path != NULL && strcmp (self->path, peer_path) == 0);
}

gboolean
oak_usb_path_is_valid (const char *path)
{
  guint n_numbers = 0;

  g_return_val_if_fail (path != NULL, FALSE);

  for (const char *c = path;;) {
    gsize n_digits = strspn (c, "0123456789");

    if (n_digits == 0 || n_digits > 3)
      return FALSE;
    n_numbers++;
    c += n_digits;
    if (*c == '\0')
      return n_numbers >= 2 && n_numbers <= OAK_USB_MAX_PORT_DEPTH + 1;
    if (*c++ != '.')
      return FALSE;
  }
}

/* "1.2.13" is 1-2.13 for the kernel. */
static char *
kernel_name_for_path (const char *path)
{
  char *name = g_strdup (path);

  *strchr (name, '.') = '-';
  return name;
}

/* The other way round for a port's name: "usb2-port3" of a root hub is 2.3, and "2-1.4-port3" of
 * another hub is 2.1.4.3. Returns: (transfer full) (nullable). */
static char *
path_for_port_name (const char *name)
{
  const char *port = g_strrstr (name, "-port");
  g_autofree char *hub = NULL;
  g_autofree char *path = NULL;

  if (port == NULL)
    return NULL;
  hub = g_strndup (name, (gsize) (port - name));
  g_strdelimit (hub, "-", '.');
  path = g_strdup_printf ("%s.%s",
                          g_str_has_prefix (hub, "usb") ? hub + strlen ("usb") : hub,
                          port + strlen ("-port"));
  return oak_usb_path_is_valid (path) ? g_steal_pointer (&path) : NULL;
}

/* Returns: (transfer full) (nullable). */
static char *
read_attribute (const char *device_name, const char *attribute)
{
  g_autofree char *file = g_build_filename (SYSFS_DEVICES, device_name, attribute, NULL);
  g_autofree char *text = NULL;
  gsize size = 0;

  if (!g_file_get_contents (file, &text, &size, NULL) || size > MAX_ATTRIBUTE_SIZE)
    return NULL;
  return g_strdup (g_strchomp (text));
}

/* Returns: (transfer full) (nullable). */
static char *
read_peer_path (const char *device_name)
{
  g_autofree char *link = g_build_filename (SYSFS_DEVICES, device_name, "port", "peer", NULL);
  g_autofree char *target = g_file_read_link (link, NULL);
  g_autofree char *name = target != NULL ? g_path_get_basename (target) : NULL;

  return name != NULL ? path_for_port_name (name) : NULL;
}

/* Whatever a device says of itself is not trusted to be text. */
static gboolean
serial_is_sensible (const char *serial)
{
  gsize length = strlen (serial);

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (serial[i]))
      return FALSE;
  return length > 0 && length <= MAX_SERIAL_LENGTH;
}

static char *
read_serial (const char *device_name)
{
  g_autofree char *serial = read_attribute (device_name, "serial");

  return serial != NULL && serial_is_sensible (serial) ? g_steal_pointer (&serial) : NULL;
}

static guint
speed_from_libusb (libusb_device *device)
{
  switch (libusb_get_device_speed (device)) {
  case LIBUSB_SPEED_LOW:
    return 1;
  case LIBUSB_SPEED_FULL:
    return 12;
  case LIBUSB_SPEED_HIGH:
    return HIGH_SPEED_MBPS;
  case LIBUSB_SPEED_SUPER:
    return 5000;
  case LIBUSB_SPEED_SUPER_PLUS:
    return 10000;
  default:
    return 0;
  }
}

static guint
read_speed (libusb_device *device, const char *device_name)
{
  g_autofree char *text = read_attribute (device_name, "speed");
  guint64 speed = text != NULL ? g_ascii_strtoull (text, NULL, 10) : 0;

  return speed > 0 && speed <= G_MAXUINT ? (guint) speed : speed_from_libusb (device);
}

/* The ROM itself knows USB 2 only; of all others it matters. */
static gboolean
could_be_faster (libusb_device *device, const OakUsbFacts *facts)
{
  struct libusb_device_descriptor descriptor;

  return facts->state != OAK_DEVICE_STATE_UNBOOTED && facts->speed_mbps > 0 &&
         facts->speed_mbps <= HIGH_SPEED_MBPS &&
         libusb_get_device_descriptor (device, &descriptor) == LIBUSB_SUCCESS &&
         descriptor.bcdUSB >= BCD_USB_KNOWS_BOS;
}

/* Returns: (transfer full) (nullable): NULL when it is no camera. */
static OakUsbFacts *
look_at (libusb_device *device)
{
  OakDeviceState state = oak_usb_device_state (device);
  g_autofree char *path = NULL;
  g_autofree char *name = NULL;
  OakUsbFacts *facts;

  if (state == OAK_DEVICE_STATE_UNKNOWN)
    return NULL;
  path = oak_usb_device_path (device);
  if (path == NULL)
    return NULL;

  name = kernel_name_for_path (path);
  facts = g_atomic_rc_box_new0 (OakUsbFacts);
  facts->state = state;
  facts->bus = libusb_get_bus_number (device);
  facts->address = libusb_get_device_address (device);
  facts->speed_mbps = read_speed (device, name);
  facts->could_be_faster = could_be_faster (device, facts);
  facts->peer_path = read_peer_path (name);
  facts->serial = state != OAK_DEVICE_STATE_UNBOOTED ? read_serial (name) : NULL;
  facts->path = g_steal_pointer (&path);
  return facts;
}

GPtrArray *
oak_usb_scan (GError **error)
{
  g_autoptr (GPtrArray) found =
      g_ptr_array_new_with_free_func ((GDestroyNotify) oak_usb_facts_unref);
  libusb_context *context = oak_usb_library_begin (error);
  libusb_device **devices = NULL;
  gssize n_devices;

  if (context == NULL)
    return NULL;

  n_devices = libusb_get_device_list (context, &devices);
  if (n_devices < 0) {
    oak_usb_set_error (error, (int) n_devices, "looking at the USB bus");
    oak_usb_library_end (context);
    return NULL;
  }
  for (gssize i = 0; i < n_devices; i++) {
    OakUsbFacts *facts = look_at (devices[i]);

    if (facts != NULL)
      g_ptr_array_add (found, facts);
  }
  libusb_free_device_list (devices, TRUE);
  oak_usb_library_end (context);
  return g_steal_pointer (&found);
}
