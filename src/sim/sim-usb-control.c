/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-usb-ids.h"
#include "sim-camera.h"
#include "sim-usb-private.h"

/* Descriptors and control requests: the standard ones a kernel sends while it gets to know a
 * device, and the one that sends an application to its bootloader (xlink.md §1.4, §2.1). No
 * threads. */

#define USB_DESCRIPTOR_DEVICE        1
#define USB_DESCRIPTOR_CONFIGURATION 2
#define USB_DESCRIPTOR_STRING        3
#define USB_DESCRIPTOR_BOS           15

#define USB_REQUEST_GET_STATUS        0
#define USB_REQUEST_CLEAR_FEATURE     1
#define USB_REQUEST_SET_FEATURE       3
#define USB_REQUEST_GET_DESCRIPTOR    6
#define USB_REQUEST_GET_CONFIGURATION 8
#define USB_REQUEST_SET_CONFIGURATION 9
#define USB_REQUEST_GET_INTERFACE     10
#define USB_REQUEST_SET_INTERFACE     11
#define USB_REQUEST_SET_SEL           48
#define USB_REQUEST_SET_ISOCH_DELAY   49

#define USB_TYPE_MASK           0x60
#define USB_RECIPIENT_MASK      0x1f
#define USB_RECIPIENT_ENDPOINT  2
#define USB_FEATURE_HALT        0
#define USB_STRING_MANUFACTURER 1
#define USB_STRING_PRODUCT      2
#define USB_STRING_SERIAL       3

#define SIM_DEVICE_SIZE                 18
#define SIM_CONFIGURATION_SIZE_POSITION 2

static gsize
sim_usb_fill_device (const SimUsb *self, guint8 *data)
{
  gboolean is_super = sim_usb_is_super_speed (self);
  guint16 product = sim_usb_get_product_id (self);
  /* A device that could do super speed says USB 2.1 where it cannot (bcdUSB 0x0210). */
  guint8 minor = self->options.is_held_back && self->state != OAK_DEVICE_STATE_UNBOOTED ? 0x10 : 0;
  const guint8 descriptor[SIM_DEVICE_SIZE] = {
    SIM_DEVICE_SIZE,
    USB_DESCRIPTOR_DEVICE,
    minor,
    is_super ? 0x03 : 0x02,
    0x00,
    0x00,
    0x00,
    is_super ? 9 : 64, /* of endpoint 0: an exponent at super speed */
    OAK_USB_VENDOR_ID & 0xff,
    OAK_USB_VENDOR_ID >> 8,
    product & 0xff,
    product >> 8,
    0x01,
    0x00,
    USB_STRING_MANUFACTURER,
    USB_STRING_PRODUCT,
    sim_usb_get_serial (self) == NULL ? 0 : USB_STRING_SERIAL,
    1,
  };

  memcpy (data, descriptor, sizeof descriptor);
  return sizeof descriptor;
}

static gsize
sim_usb_fill_endpoint (const SimUsb *self, guint8 *data, guint8 address)
{
  static const guint8 companion[] = { 6, 0x30, 15, 0, 0, 0 };
  guint packet = sim_usb_get_packet_size (self);
  const guint8 endpoint[] = {
    7, 5, address, 2, (guint8) (packet & 0xff), (guint8) (packet >> 8), 0
  };

  memcpy (data, endpoint, sizeof endpoint);
  if (!sim_usb_is_super_speed (self))
    return sizeof endpoint;
  memcpy (data + sizeof endpoint, companion, sizeof companion);
  return sizeof endpoint + sizeof companion;
}

static gsize
sim_usb_fill_configuration (const SimUsb *self, guint8 *data)
{
  /* At most 500 mA at high speed in steps of 2, 896 mA at super speed in steps of 8. */
  const guint8 power = sim_usb_is_super_speed (self) ? 112 : 250;
  const guint8 configuration[] = {
    9, USB_DESCRIPTOR_CONFIGURATION, 0, 0, 1, OAK_USB_CONFIGURATION, 0, 0x80, power,
  };
  const guint8 interface[] = { 9, 4, OAK_USB_INTERFACE, 0, 2, 0xff, 0xff, 0xff, 0 };
  gsize size = sizeof configuration + sizeof interface;

  memcpy (data, configuration, sizeof configuration);
  memcpy (data + sizeof configuration, interface, sizeof interface);
  size += sim_usb_fill_endpoint (self, data + size, OAK_USB_ENDPOINT_IN);
  size += sim_usb_fill_endpoint (self, data + size, OAK_USB_ENDPOINT_OUT);
  data[SIM_CONFIGURATION_SIZE_POSITION] = (guint8) size;
  return size;
}

gsize
sim_usb_get_descriptors (const SimUsb *self, guint8 *data)
{
  gsize size = sim_usb_fill_device (self, data);

  return size + sim_usb_fill_configuration (self, data + size);
}

/* USB 2 extension without power management, and the super speed capability. */
static gsize
sim_usb_fill_bos (guint8 *data)
{
  static const guint8 bos[] = {
    5, USB_DESCRIPTOR_BOS, 22, 0, 2, 7, 16, 2, 0, 0, 0, 0, 10, 16, 3, 0, 0x0e, 0, 1, 10, 0xff, 7,
  };

  memcpy (data, bos, sizeof bos);
  return sizeof bos;
}

static const char *
sim_usb_get_string (const SimUsb *self, guint8 index)
{
  static const char *const products[] = {
    [OAK_DEVICE_STATE_UNKNOWN] = "",
    [OAK_DEVICE_STATE_BOOTED] = "Luxonis Device",
    [OAK_DEVICE_STATE_UNBOOTED] = "Movidius MyriadX",
    [OAK_DEVICE_STATE_BOOTLOADER] = "Luxonis Bootloader",
    [OAK_DEVICE_STATE_FLASH_BOOTED] = "Luxonis Device",
  };

  if (index == USB_STRING_MANUFACTURER)
    return self->state == OAK_DEVICE_STATE_UNBOOTED ? "Movidius Ltd." : "Luxonis";
  if (index == USB_STRING_PRODUCT)
    return products[self->state];
  return index == USB_STRING_SERIAL ? sim_usb_get_serial (self) : NULL;
}

static gsize
sim_usb_fill_string (const SimUsb *self, guint8 index, guint8 *data)
{
  static const guint8 languages[] = { 4, USB_DESCRIPTOR_STRING, 0x09, 0x04 };
  const char *text = sim_usb_get_string (self, index);
  gsize size = 2;

  if (index == 0) {
    memcpy (data, languages, sizeof languages);
    return sizeof languages;
  }
  if (text == NULL)
    return 0;
  for (gsize i = 0; text[i] != '\0' && size < SIM_USB_CONTROL_SIZE - 2; i++) {
    data[size++] = (guint8) text[i];
    data[size++] = 0;
  }
  data[0] = (guint8) size;
  data[1] = USB_DESCRIPTOR_STRING;
  return size;
}

static gsize
sim_usb_fill_descriptor (const SimUsb *self, guint8 type, guint8 index, guint8 *data)
{
  switch (type) {
  case USB_DESCRIPTOR_DEVICE:
    return sim_usb_fill_device (self, data);
  case USB_DESCRIPTOR_CONFIGURATION:
    return index == 0 ? sim_usb_fill_configuration (self, data) : 0;
  case USB_DESCRIPTOR_STRING:
    return sim_usb_fill_string (self, index, data);
  case USB_DESCRIPTOR_BOS:
    return sim_usb_is_super_speed (self) || self->options.is_held_back ? sim_usb_fill_bos (data)
                                                                       : 0;
  default:
    return 0;
  }
}

/* Returns: the size of the answer, 0 for a stall. */
static gsize
sim_usb_control_in (SimUsb *self, const guint8 *setup, guint8 *data)
{
  memset (data, 0, 2);
  switch (setup[1]) {
  case USB_REQUEST_GET_DESCRIPTOR:
    return sim_usb_fill_descriptor (self, setup[3], setup[2], data);
  case USB_REQUEST_GET_STATUS:
    data[0] = (setup[0] & USB_RECIPIENT_MASK) == USB_RECIPIENT_ENDPOINT && self->stalled;
    return 2;
  case USB_REQUEST_GET_CONFIGURATION:
    data[0] = (guint8) self->configuration;
    return 1;
  case USB_REQUEST_GET_INTERFACE:
    return 1;
  default:
    return 0;
  }
}

static gboolean
sim_usb_change_feature (SimUsb *self, const guint8 *setup)
{
  gboolean is_halt =
      (setup[0] & USB_RECIPIENT_MASK) == USB_RECIPIENT_ENDPOINT && setup[2] == USB_FEATURE_HALT;

  if (is_halt)
    self->stalled = setup[1] == USB_REQUEST_SET_FEATURE;
  return TRUE;
}

static gboolean
sim_usb_choose_configuration (SimUsb *self, guint8 value)
{
  if (value > OAK_USB_CONFIGURATION)
    return FALSE;
  sim_usb_set_configuration (self, value);
  return TRUE;
}

/* Only an application understands it; the bootloader and the ROM stall. */
static gboolean
sim_usb_to_bootloader (SimUsb *self, const guint8 *setup, gint64 now_us)
{
  if (self->state != OAK_DEVICE_STATE_FLASH_BOOTED ||
      setup[0] != OAK_USB_TO_BOOTLOADER_REQUEST_TYPE ||
      (setup[2] | setup[3] << 8) != OAK_USB_TO_BOOTLOADER_VALUE ||
      (setup[4] | setup[5] << 8) != OAK_USB_TO_BOOTLOADER_INDEX)
    return FALSE;
  sim_camera_go_to_bootloader (self->camera, now_us);
  return TRUE;
}

static gboolean
sim_usb_control_out (SimUsb *self, const guint8 *setup, gint64 now_us)
{
  switch (setup[1]) {
  case USB_REQUEST_SET_CONFIGURATION:
    return sim_usb_choose_configuration (self, setup[2]);
  case USB_REQUEST_CLEAR_FEATURE:
  case USB_REQUEST_SET_FEATURE:
    return sim_usb_change_feature (self, setup);
  case USB_REQUEST_SET_INTERFACE:
    return setup[2] == 0;
  case USB_REQUEST_SET_SEL:
  case USB_REQUEST_SET_ISOCH_DELAY:
    return TRUE;
  case OAK_USB_TO_BOOTLOADER_REQUEST:
    return sim_usb_to_bootloader (self, setup, now_us);
  default:
    return FALSE;
  }
}

SimUsbResult
sim_usb_control (SimUsb *self,
                 const guint8 setup[SIM_USB_SETUP_SIZE],
                 guint8 *data,
                 gsize *size,
                 gint64 now_us)
{
  gsize wanted = setup[6] | (gsize) setup[7] << 8;
  gboolean is_in = (setup[0] & 0x80) != 0;
  gsize answer;

  *size = 0;
  if (!self->present)
    return SIM_USB_GONE;
  if ((setup[0] & USB_TYPE_MASK) != 0)
    return SIM_USB_STALL;
  if (!is_in)
    return sim_usb_control_out (self, setup, now_us) ? SIM_USB_DONE : SIM_USB_STALL;
  answer = sim_usb_control_in (self, setup, data);
  if (answer == 0)
    return SIM_USB_STALL;
  *size = MIN (answer, wanted);
  return SIM_USB_DONE;
}
