/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "usb-bed-private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oak-usb-ids.h"

/* The virtual bus as sysfs shows it: two root hubs of one controller, hubs between them and the
 * cameras where port numbers ask for them, and ports that know their twin on the other bus. Used by
 * the bed's clock thread, and by whoever makes the bed. */

#define USB_CONTROLLER "/devices/pci0000:00/0000:00:14.0"
#define USB_N_BUSES    2

/* Device class 9; one configuration with an interrupt endpoint. */
#define USB_HUB_INTERFACE "0904000001090000000705810304000c"
#define USB_HUB_DESCRIPTORS_HIGH                                                                   \
  "12010002090001406b1d0200000603020101"                                                           \
  "09021900010100e000" USB_HUB_INTERFACE
#define USB_HUB_DESCRIPTORS_SUPER                                                                  \
  "12010003090003096b1d0300000603020101"                                                           \
  "09021f00010100e000" USB_HUB_INTERFACE "063000000200"

static void
usb_bed_add_text (UsbBed *self, const char *text)
{
  g_autoptr (GError) error = NULL;

  if (!umockdev_testbed_add_from_string (self->testbed, text, &error))
    g_error ("virtual device: %s", error->message);
}

/* Returns: (transfer full): "2-2.13" for ports "2.13"; "usb2" for no ports. */
static char *
usb_make_name (guint bus, const char *ports)
{
  return *ports == '\0' ? g_strdup_printf ("usb%u", bus) : g_strdup_printf ("%u-%s", bus, ports);
}

/* Returns: (transfer full): the path below /sys of the device behind @ports. */
static char *
usb_make_path (guint bus, const char *ports)
{
  g_autoptr (GString) path = g_string_new (NULL);

  g_string_append_printf (path, "%s/usb%u", USB_CONTROLLER, bus);
  for (const char *end = ports; *end != '\0'; end++) {
    gsize length = strcspn (end, ".");

    end += length;
    g_string_append_printf (path, "/%u-%.*s", bus, (int) (end - ports), ports);
    if (*end == '\0')
      break;
  }
  return g_string_free (g_steal_pointer (&path), FALSE);
}

/* Returns: (transfer full): "2" of "2.13"; "" of "2". */
static char *
usb_get_parent_ports (const char *ports)
{
  const char *dot = strrchr (ports, '.');

  return dot == NULL ? g_strdup ("") : g_strndup (ports, (gsize) (dot - ports));
}

static const char *
usb_get_last_port (const char *ports)
{
  const char *dot = strrchr (ports, '.');

  return dot == NULL ? ports : dot + 1;
}

/* Returns: (transfer full): the directory of a port, below /sys. */
static char *
usb_make_port_path (guint bus, const char *ports)
{
  g_autofree char *parent = usb_get_parent_ports (ports);
  g_autofree char *hub_path = usb_make_path (bus, parent);
  g_autofree char *hub_name = usb_make_name (bus, parent);
  const char *last = usb_get_last_port (ports);

  if (*parent == '\0')
    return g_strdup_printf ("%s/%u-0:1.0/usb%u-port%s", hub_path, bus, bus, last);
  return g_strdup_printf ("%s/%s:1.0/%s-port%s", hub_path, hub_name, hub_name, last);
}

static void
usb_bed_make_port (UsbBed *self, guint bus, const char *ports)
{
  g_autofree char *root = umockdev_testbed_get_root_dir (self->testbed);
  g_autofree char *path = usb_make_port_path (bus, ports);
  g_autofree char *twin = usb_make_port_path (USB_N_BUSES + 1 - bus, ports);
  g_autofree char *directory = g_strconcat (root, "/sys", path, NULL);
  g_autofree char *link = g_strconcat (directory, "/peer", NULL);
  g_autoptr (GString) target = g_string_new (NULL);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0755), ==, 0);
  for (const char *slash = path + 1; (slash = strchr (slash, '/')) != NULL; slash++)
    g_string_append (target, "../");
  g_string_append_printf (target, "..%s", twin);
  if (symlink (target->str, link) < 0)
    g_assert_cmpint (errno, ==, EEXIST);
}

static void
usb_bed_add_hub (UsbBed *self, guint bus, const char *ports)
{
  g_autofree char *path = usb_make_path (bus, ports);
  g_autofree char *name = usb_make_name (bus, ports);
  g_autofree char *text = NULL;
  guint number = self->next_number[bus]++;
  gboolean is_super = bus == USB_N_BUSES;

  g_ptr_array_add (self->hubs, g_strdup (name));
  text =
      g_strdup_printf ("P: %s\nN: bus/usb/%03u/%03u\nE: DEVNAME=/dev/bus/usb/%03u/%03u\n"
                       "E: DEVTYPE=usb_device\nE: SUBSYSTEM=usb\nE: DRIVER=usb\nE: BUSNUM=%03u\n"
                       "E: DEVNUM=%03u\nA: busnum=%u\\n\nA: devnum=%u\\n\nA: speed=%s\\n\n"
                       "A: bConfigurationValue=1\\n\nA: idVendor=1d6b\\n\nA: idProduct=000%u\\n\n"
                       "A: devpath=%s\\n\nH: descriptors=%s\n",
                       path,
                       bus,
                       number,
                       bus,
                       number,
                       bus,
                       number,
                       bus,
                       number,
                       is_super ? "5000" : "480",
                       is_super ? 3 : 2,
                       *ports == '\0' ? "0" : ports,
                       is_super ? USB_HUB_DESCRIPTORS_SUPER : USB_HUB_DESCRIPTORS_HIGH);
  usb_bed_add_text (self, text);
}

void
usb_bed_add_root_hubs (UsbBed *self)
{
  for (guint bus = 1; bus <= USB_N_BUSES; bus++)
    usb_bed_add_hub (self, bus, "");
}

/* Hubs are there on both buses, like those of a real USB 3 hub. */
static void
usb_bed_ensure_port (UsbBed *self, const char *ports)
{
  g_autofree char *parent = usb_get_parent_ports (ports);

  if (*parent != '\0')
    usb_bed_ensure_port (self, parent);
  for (guint bus = 1; bus <= USB_N_BUSES; bus++) {
    g_autofree char *name = usb_make_name (bus, parent);

    if (!g_ptr_array_find_with_equal_func (self->hubs, name, g_str_equal, NULL))
      usb_bed_add_hub (self, bus, parent);
    usb_bed_make_port (self, bus, ports);
  }
}

static void
usb_append_hex (GString *text, const guint8 *data, gsize size)
{
  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", data[i]);
}

/* Everybody who waits for news of udev does so at a socket of the testbed; out of its sight nobody
 * hears of a device. */
static void
usb_bed_set_listeners (UsbBed *self, gboolean are_there)
{
  g_autofree char *root = umockdev_testbed_get_root_dir (self->testbed);
  g_autoptr (GDir) directory = g_dir_open (root, 0, NULL);
  const char *prefix = are_there ? "quiet-event" : "event";
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL) {
    g_autofree char *from = g_build_filename (root, name, NULL);
    g_autofree char *to = NULL;

    if (!g_str_has_prefix (name, prefix))
      continue;
    to = are_there ? g_build_filename (root, name + strlen ("quiet-"), NULL)
                   : g_strdup_printf ("%s/quiet-%s", root, name);
    g_assert_cmpint (rename (from, to), ==, 0);
  }
}

static void
usb_camera_name_node (UsbBed *self, UsbCamera *camera, gboolean is_super)
{
  g_autofree char *node = NULL;
  g_autofree char *path = NULL;

  g_mutex_lock (&self->lock);
  camera->bus = is_super ? 2 : 1;
  camera->number = self->next_number[camera->bus]++;
  node = g_strdup_printf ("/dev/bus/usb/%03u/%03u", camera->bus, camera->number);
  path = usb_make_path (camera->bus, camera->ports);
  g_free (camera->node);
  g_free (camera->sysfs_path);
  camera->node = g_steal_pointer (&node);
  camera->sysfs_path = g_steal_pointer (&path);
  g_mutex_unlock (&self->lock);
}

static char *
usb_describe_camera (UsbCamera *camera, const UsbLook *look)
{
  GString *text = g_string_new (NULL);
  guint product = look->descriptors[10] | (guint) look->descriptors[11] << 8;

  g_string_append_printf (text,
                          "P: %s\nN: %s\nE: DEVNAME=%s\nE: DEVTYPE=usb_device\nE: SUBSYSTEM=usb\n"
                          "E: DRIVER=usb\nE: BUSNUM=%03u\nE: DEVNUM=%03u\nE: PRODUCT=3e7/%x/1\n",
                          camera->sysfs_path,
                          camera->node + strlen ("/dev/"),
                          camera->node,
                          camera->bus,
                          camera->number,
                          product);
  g_string_append_printf (text,
                          "A: busnum=%u\\n\nA: devnum=%u\\n\nA: bConfigurationValue=%s\n"
                          "A: speed=%s\\n\nA: version= %u.00\\n\nA: idVendor=%04x\\n\n"
                          "A: idProduct=%04x\\n\nA: devpath=%s\\n\n",
                          camera->bus,
                          camera->number,
                          look->is_configured ? "1\\n" : "", /* the kernel says nothing at all */
                          look->is_super ? "5000" : "480",
                          look->is_super ? 3 : 2,
                          OAK_USB_VENDOR_ID,
                          product,
                          camera->ports);
  if (*look->serial != '\0')
    g_string_append_printf (text, "A: serial=%s\\n\n", look->serial);
  g_string_append (text, "H: descriptors=");
  usb_append_hex (text, look->descriptors, look->size);
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}

static void
usb_bed_link_port (UsbBed *self, UsbCamera *camera)
{
  g_autofree char *root = umockdev_testbed_get_root_dir (self->testbed);
  g_autofree char *port = usb_make_port_path (camera->bus, camera->ports);
  g_autofree char *link = g_strconcat (root, "/sys", camera->sysfs_path, "/port", NULL);
  g_autoptr (GString) target = g_string_new (NULL);

  for (const char *slash = camera->sysfs_path + 1; (slash = strchr (slash, '/')) != NULL; slash++)
    g_string_append (target, "../");
  g_string_append_printf (target, "..%s", port);
  if (symlink (target->str, link) < 0)
    g_assert_cmpint (errno, ==, EEXIST);
}

void
usb_bed_show (UsbBed *self, UsbCamera *camera, const UsbLook *look)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *full_path = NULL;

  usb_bed_ensure_port (self, camera->ports);
  usb_camera_name_node (self, camera, look->is_super);
  if (!umockdev_testbed_attach_ioctl (self->testbed, camera->node, self->base, &error))
    g_error ("device node %s: %s", camera->node, error->message);
  text = usb_describe_camera (camera, look);
  /* Adding tells udev by itself, before rights and links are there: so it is told again. */
  usb_bed_set_listeners (self, FALSE);
  usb_bed_add_text (self, text);
  usb_bed_link_port (self, camera);
  usb_bed_apply_access (self, camera, look->has_access, FALSE);
  usb_bed_set_listeners (self, TRUE);
  full_path = g_strconcat ("/sys", camera->sysfs_path, NULL);
  if (!camera->is_quiet)
    umockdev_testbed_uevent (self->testbed, full_path, "add");
}

void
usb_bed_hide (UsbBed *self, UsbCamera *camera)
{
  g_autofree char *root = umockdev_testbed_get_root_dir (self->testbed);
  g_autofree char *full_path = g_strconcat ("/sys", camera->sysfs_path, NULL);
  g_autofree char *link = g_strconcat (root, full_path, "/port", NULL);

  if (!camera->is_quiet)
    umockdev_testbed_uevent (self->testbed, full_path, "remove");
  usb_bed_set_listeners (self, FALSE);
  unlink (link);
  umockdev_testbed_detach_ioctl (self->testbed, camera->node, NULL);
  umockdev_testbed_remove_device (self->testbed, full_path);
  usb_bed_set_listeners (self, TRUE);
}

void
usb_bed_apply_access (UsbBed *self, UsbCamera *camera, gboolean has_access, gboolean tell)
{
  g_autofree char *root = umockdev_testbed_get_root_dir (self->testbed);
  g_autofree char *node = g_strconcat (root, camera->node, NULL);
  g_autofree char *full_path = g_strconcat ("/sys", camera->sysfs_path, NULL);

  g_assert_cmpint (chmod (node, has_access ? 0666 : 0), ==, 0);
  if (tell && !camera->is_quiet)
    umockdev_testbed_uevent (self->testbed, full_path, "change");
}
