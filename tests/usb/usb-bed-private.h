/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <umockdev.h>

#include "sim-camera.h"
#include "sim-usb.h"
#include "usb-bed.h"

G_BEGIN_DECLS

/* What the files of the virtual bus share. The bed's lock guards the cameras, their handles and
 * requests; the testbed itself is touched only by the clock thread, and never under the lock. */

struct _UsbBed {
  UMockdevTestbed *testbed; /* (owned) */
  UMockdevIoctlBase *base;  /* (owned) */
  GPtrArray *cameras;       /* (owned) of UsbCamera */
  GPtrArray *hubs;          /* (owned) of char: names in sysfs that are there already */
  GThread *clock;
  GMutex lock;
  GCond changed;
  gboolean ending;
  guint next_number[3]; /* of a device, by bus */
};

struct _UsbCamera {
  UsbBed *bed;       /* (unowned) */
  SimCamera *camera; /* (owned) */
  SimUsb *usb;       /* (owned) */
  char *mxid;        /* (owned) */
  char *ports;       /* (owned) */
  gint64 reboot_ms;
  gboolean is_busy;
  gboolean has_access;
  gboolean access_changed;
  gboolean is_syncing;
  gboolean is_quiet;
  gboolean unplug_at_claim;
  guint n_opened;
  GPtrArray *handles; /* (owned) of UsbHandle */
  guint shown;        /* generation that sysfs shows, 0 for none */
  guint bus;          /* of what is shown, or was last */
  guint number;
  char *node;       /* (owned) (nullable) */
  char *sysfs_path; /* (owned) (nullable) */
};

/* What sysfs tells of a camera. */
typedef struct {
  guint8 descriptors[2 * SIM_USB_CONTROL_SIZE];
  gsize size;
  char serial[64];
  gboolean is_super;
  gboolean is_configured;
  gboolean has_access;
} UsbLook;

/* One request of libusb. */
typedef struct {
  UMockdevIoctlData *urb;    /* (owned) */
  UMockdevIoctlData *buffer; /* (owned) (nullable) */
  gsize done;
  gboolean empty_follows; /* an empty packet is still to be sent behind it */
} UsbRequest;

/* One open file of the device node. */
typedef struct {
  UsbCamera *camera;           /* (unowned) */
  UMockdevIoctlClient *client; /* (unowned) */
  guint generation;            /* of the camera when it was opened */
  gboolean is_claimed;
  GQueue out;      /* (owned) of UsbRequest */
  GQueue in;       /* (owned) of UsbRequest */
  GQueue finished; /* (owned) of UsbRequest */
} UsbHandle;

void
usb_handle_free (UsbHandle *self);
/* With the lock: moves what can be moved, and fails what belongs to a camera that is not there any
 * more. */
void
usb_camera_pump (UsbCamera *self, gint64 now_us);
/* With the lock. Returns: what the host sees at present: 0 for nothing. */
guint
usb_camera_get_present (const UsbCamera *self);
void
usb_bed_connect_ioctl (UsbBed *self);

/* Without the lock, from one thread at a time. */
void
usb_bed_add_root_hubs (UsbBed *self);
void
usb_bed_show (UsbBed *self, UsbCamera *camera, const UsbLook *look);
void
usb_bed_hide (UsbBed *self, UsbCamera *camera);
void
usb_bed_apply_access (UsbBed *self, UsbCamera *camera, gboolean has_access, gboolean tell);

G_END_DECLS
