/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-types.h"

G_BEGIN_DECLS

/* What a camera looks like on USB: names and numbers only (xlink.md §1.4, §2, §3). */

#define OAK_USB_VENDOR_ID               0x03e7
#define OAK_USB_PRODUCT_ID_UNBOOTED     0x2485 /* chip ROM */
#define OAK_USB_PRODUCT_ID_BOOTED       0xf63b
#define OAK_USB_PRODUCT_ID_BOOTLOADER   0xf63c
#define OAK_USB_PRODUCT_ID_FLASH_BOOTED 0xf63d

#define OAK_USB_CONFIGURATION 1
#define OAK_USB_INTERFACE     0
#define OAK_USB_ENDPOINT_OUT  0x01
#define OAK_USB_ENDPOINT_IN   0x81
#define OAK_USB_CHUNK_SIZE    1048576 /* largest transfer, xlink.md §3 */

/* An image for the ROM ends in an empty transfer when its size is a multiple of this, at every
 * speed (xlink.md §2). */
#define OAK_USB_ROM_EMPTY_TRANSFER_MODULUS 512

/* From the application to the bootloader: a control request without data (xlink.md §2.1). */
#define OAK_USB_TO_BOOTLOADER_REQUEST_TYPE 0x00
#define OAK_USB_TO_BOOTLOADER_REQUEST      0xf5
#define OAK_USB_TO_BOOTLOADER_VALUE        0x0da1
#define OAK_USB_TO_BOOTLOADER_INDEX        0x0000

#define OAK_USB_MAX_PORT_DEPTH 7

/* The state is told by the product id and nothing else. UNKNOWN: no camera. */
static inline OakDeviceState
oak_usb_state_from_ids (guint16 vendor_id, guint16 product_id)
{
  if (vendor_id != OAK_USB_VENDOR_ID)
    return OAK_DEVICE_STATE_UNKNOWN;
  switch (product_id) {
  case OAK_USB_PRODUCT_ID_UNBOOTED:
    return OAK_DEVICE_STATE_UNBOOTED;
  case OAK_USB_PRODUCT_ID_BOOTED:
    return OAK_DEVICE_STATE_BOOTED;
  case OAK_USB_PRODUCT_ID_BOOTLOADER:
    return OAK_DEVICE_STATE_BOOTLOADER;
  case OAK_USB_PRODUCT_ID_FLASH_BOOTED:
    return OAK_DEVICE_STATE_FLASH_BOOTED;
  default:
    return OAK_DEVICE_STATE_UNKNOWN;
  }
}

/* Returns: the product id of a state; 0 when a camera in it is not on USB. */
static inline guint16
oak_usb_product_id_from_state (OakDeviceState state)
{
  switch (state) {
  case OAK_DEVICE_STATE_UNBOOTED:
    return OAK_USB_PRODUCT_ID_UNBOOTED;
  case OAK_DEVICE_STATE_BOOTED:
    return OAK_USB_PRODUCT_ID_BOOTED;
  case OAK_DEVICE_STATE_BOOTLOADER:
    return OAK_USB_PRODUCT_ID_BOOTLOADER;
  case OAK_DEVICE_STATE_FLASH_BOOTED:
    return OAK_USB_PRODUCT_ID_FLASH_BOOTED;
  case OAK_DEVICE_STATE_UNKNOWN:
  default:
    return 0;
  }
}

G_END_DECLS
