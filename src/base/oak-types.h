/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The words every layer shares. Values are those of the wire where the wire has them (bootloader.md
 * §1, xlink.md §1.1). */

/* What a camera is doing. */
typedef enum {
  OAK_DEVICE_STATE_UNKNOWN = 0,
  OAK_DEVICE_STATE_BOOTED = 1,       /* firmware loaded by a host; somebody else is using it */
  OAK_DEVICE_STATE_UNBOOTED = 2,     /* chip ROM waits for an image; USB only */
  OAK_DEVICE_STATE_BOOTLOADER = 3,   /* bootloader waits for a host */
  OAK_DEVICE_STATE_FLASH_BOOTED = 4, /* the flashed application runs */
} OakDeviceState;

/* How a camera is reached. */
typedef enum {
  OAK_TRANSPORT_NETWORK,
  OAK_TRANSPORT_USB,
} OakTransport;

/* Whether a camera on USB can be opened, found out by trying. */
typedef enum {
  OAK_USB_ACCESS_UNTRIED, /* not tried: a job owns it, or there is nothing to be opened */
  OAK_USB_ACCESS_FINE,
  OAK_USB_ACCESS_DENIED, /* no right to open its node: udev rule */
  OAK_USB_ACCESS_BUSY,   /* another program holds its interface */
  OAK_USB_ACCESS_FAILED, /* it could not be opened for another reason */
} OakUsbAccess;

/* Which destinations may be spoken to at all. LOOPBACK is what a demo uses: no datagram is sent to
 * and no answer accepted from an address outside 127.0.0.0/8, so that a demo can never touch a real
 * camera. */
typedef enum {
  OAK_NETWORK_SCOPE_ANY,
  OAK_NETWORK_SCOPE_LOOPBACK,
} OakNetworkScope;

typedef enum {
  OAK_BOOTLOADER_TYPE_AUTO = -1, /* also: not known */
  OAK_BOOTLOADER_TYPE_USB = 0,
  OAK_BOOTLOADER_TYPE_NETWORK = 1,
} OakBootloaderType;

typedef enum {
  OAK_MEMORY_AUTO = -1,
  OAK_MEMORY_FLASH = 0, /* SPI NOR */
  OAK_MEMORY_EMMC = 1,
} OakMemory;

/* Flash sections (bootloader.md §6). */
typedef enum {
  OAK_SECTION_HEADER = 0,
  OAK_SECTION_BOOTLOADER = 1,
  OAK_SECTION_BOOTLOADER_CONFIG = 2,
  OAK_SECTION_APPLICATION = 3,
  OAK_SECTION_USER_BOOTLOADER = 4,
} OakSection;

/* A bootloader's version number. The commit, where there is one, is kept beside it and takes no
 * part in comparisons. */
typedef struct {
  guint32 major;
  guint32 minor;
  guint32 patch;
} OakVersion;

#define OAK_VERSION(major, minor, patch) ((OakVersion){ (major), (minor), (patch) })

/* Returns: less than, equal to or greater than zero, as @a is older than, the same as or newer than
 * @b. */
int
oak_version_compare (OakVersion a, OakVersion b);
gboolean
oak_version_at_least (OakVersion version, guint32 major, guint32 minor, guint32 patch);
/* Returns: (transfer full): "0.0.28". */
char *
oak_version_to_string (OakVersion version);
/* Reads exactly "X.Y.Z". Returns: FALSE without touching @version when @text is anything else. */
gboolean
oak_version_parse (const char *text, OakVersion *version);

/* Stable words for logs, JSON and arguments, such as "flash-booted", "network", "emmc". Unknown
 * values give "unknown". Returns: (transfer none). */
const char *
oak_device_state_to_string (OakDeviceState state);
const char *
oak_transport_to_string (OakTransport transport);
const char *
oak_bootloader_type_to_string (OakBootloaderType type);
const char *
oak_memory_to_string (OakMemory memory);
const char *
oak_section_to_string (OakSection section);

/* The reverse for arguments. Returns: FALSE without touching the result when the word is none of
 * them. */
gboolean
oak_device_state_parse (const char *text, OakDeviceState *state);
gboolean
oak_bootloader_type_parse (const char *text, OakBootloaderType *type);
gboolean
oak_memory_parse (const char *text, OakMemory *memory);

#define OAK_KIB ((gsize) 1024)
#define OAK_MIB ((gsize) 1024 * 1024)

G_END_DECLS
