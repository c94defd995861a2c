/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-types.h"

G_BEGIN_DECLS

typedef struct _SimCamera SimCamera;

/**
 * UsbBed:
 *
 * A virtual USB bus in this process (and in the programs it starts), made by umockdev: unmodified
 * libusb sees one controller with two root hubs, bus 1 for high speed and bus 2 for super speed,
 * whose ports of the same number are each other's twins (sysfs `peer`). Cameras plugged into it are
 * the simulator's. The program runs with LD_PRELOAD=libumockdev-preload.so.0. Every call is safe
 * from the test's own thread; threads of the bed answer what libusb submits.
 *
 *   g_autoptr (UsbBed) bed = usb_bed_new ();
 *   UsbCameraOptions options;
 *   UsbCamera *camera;
 *
 *   usb_camera_options_init (&options);
 *   options.state = OAK_DEVICE_STATE_UNBOOTED;
 *   camera = usb_bed_add_camera (bed, &options);
 *   ... libusb ...
 *   usb_camera_unplug (camera);
 *
 * Free the libusb contexts first, the bed last; a bed frees its cameras.
 */
typedef struct _UsbBed UsbBed;
typedef struct _UsbCamera UsbCamera;

/* When a camera is to be unplugged; what the number behind it means is said with each. */
typedef enum {
  USB_MOMENT_OPENED,        /* as soon as its interface is claimed; none */
  USB_MOMENT_HEADER,        /* in the middle of the Nth header the host sends, counted from 1 */
  USB_MOMENT_PAYLOAD,       /* N bytes of payload have come, and more are on their way */
  USB_MOMENT_PROGRAMMING,   /* N percent of a write are in the flash: the host waits */
  USB_MOMENT_IMAGE,         /* N bytes of an image have come into the ROM */
  USB_MOMENT_REENUMERATION, /* the next time it leaves the bus by itself; none */
} UsbMoment;

typedef struct {
  const char *mxid;         /* "14442C10D1234567D0" */
  OakDeviceState state;     /* UNBOOTED, BOOTLOADER (the default), FLASH_BOOTED or BOOTED */
  const char *ports;        /* "1": port numbers from the root hub on, such as "2.13" */
  gboolean super_speed;     /* FALSE: high speed. The ROM is always at high speed, so that a super
                               speed camera changes its bus when it is booted */
  gboolean super_speed_rom; /* the ROM is at super speed, too */
  gboolean is_held_back;    /* could do super speed, but its cable cannot: at high speed */
  OakBootloaderType type;   /* of its factory bootloader; USB */
  OakVersion version;       /* 0.0.28 */
  gsize flash_size;         /* 32 MiB */
  gsize emmc_size;          /* 0: none */
  guint write_kbps;         /* programming speed in 1000 bytes a second; 0: no delay */
  gint64 reboot_ms;         /* 100: away from the bus after a reset */
  gint64 watchdog_ms;       /* 1500, times TEST_SLOWDOWN; 0: never */
  gint64 boot_wait_ms;      /* -1: the bootloader waits for ever before an application starts */
  const char *faults;       /* (nullable): as for `oak-sim --fault` */
  gboolean has_application; /* a whole one lies in its flash; always so in FLASH_BOOTED */
  gboolean is_unprepared;   /* nothing at all in the flash; always so in UNBOOTED */
  const char *rom_serial;   /* (nullable): serial number text of the ROM; none */
  gboolean is_unconfigured; /* configuration 0 when it comes, the host has to set 1 */
  gboolean is_unplugged;    /* known to the bed, but not plugged in yet */
  gboolean is_quiet;        /* comes and goes without udev telling anybody */
} UsbCameraOptions;

/* Returns: (transfer full). Ends the program with a message when it does not run with the
 * preloaded library. Takes from the program the right to open files whatever their mode, so that
 * a device node without rights behaves for root as it does for everybody else. */
UsbBed *
usb_bed_new (void);
void
usb_bed_free (UsbBed *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (UsbBed, usb_bed_free)

void
usb_camera_options_init (UsbCameraOptions *options);
/* Returns: (transfer none): on the bus already unless told otherwise. */
UsbCamera *
usb_bed_add_camera (UsbBed *self, const UsbCameraOptions *options);

/* Pulls the cable, which takes the power away: what was under way ends there. */
void
usb_camera_unplug (UsbCamera *self);
/* Plugs it in again, when it is not: it starts from flash, and is on the bus reboot_ms later. */
void
usb_camera_plug (UsbCamera *self);
/* The same into another port, such as "2.3". */
void
usb_camera_plug_into (UsbCamera *self, const char *ports);
/* Pulls the cable by itself once, at that moment; it stays out until it is plugged in. */
void
usb_camera_unplug_at (UsbCamera *self, UsbMoment moment, guint64 number);
/* Somebody else holds the interface: claiming it fails. */
void
usb_camera_set_busy (UsbCamera *self, gboolean is_busy);
/* FALSE: the device node cannot be opened. Udev tells of the change. */
void
usb_camera_set_access (UsbCamera *self, gboolean has_access);
/* The endpoints take and give nothing from now on; transfers wait. */
void
usb_camera_set_silent (UsbCamera *self, gboolean is_silent);
/* Lets an application in the flash start now, as after the bootloader's waiting time. */
void
usb_camera_start_application (UsbCamera *self);
/* Adds to what goes wrong. */
void
usb_camera_add_faults (UsbCamera *self, const char *faults);

gboolean
usb_camera_is_on_bus (UsbCamera *self);
/* Returns: TRUE when @state came about within 10 s times TEST_SLOWDOWN and the camera is on the
 * bus; UNKNOWN waits for it to be off the bus. */
gboolean
usb_camera_wait_for_state (UsbCamera *self, OakDeviceState state);
/* Returns: (transfer full): "2-1.4", its name in /sys/bus/usb/devices at present or before. */
char *
usb_camera_get_sysfs_name (UsbCamera *self);
/* Returns: (transfer full): "2.1.4", what a user calls it: bus and ports. */
char *
usb_camera_get_path (UsbCamera *self);
/* Returns: how many file handles of it are claimed at present. */
guint
usb_camera_get_n_claims (UsbCamera *self);
/* Returns: how often it was opened since it was made: the first request of each file handle. */
guint
usb_camera_get_n_opened (UsbCamera *self);

/* A copy of what the simulated camera has to tell; memory is 0 for the NOR flash, 1 for the eMMC.
 */
typedef struct {
  guint requests;
  guint writes;
  guint64 bytes_written;
  guint resets;
  guint protocol_errors;
  char last_protocol_error[200];
} UsbCameraStats;

void
usb_camera_get_stats (UsbCamera *self, UsbCameraStats *stats);
/* Returns: (transfer full): a copy of the memory. */
GBytes *
usb_camera_read_memory (UsbCamera *self, OakMemory memory, gsize offset, gsize size);
/* Returns: (transfer full): an image that the simulator boots from RAM or flash. */
GBytes *
usb_make_image (OakBootloaderType type, OakVersion version, gsize size);
/* Returns: TEST_SLOWDOWN, at least 1. */
guint
usb_get_slowdown (void);

G_END_DECLS
