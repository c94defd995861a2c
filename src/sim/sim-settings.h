/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-board.h"

G_BEGIN_DECLS

typedef struct _SimCamera SimCamera;

/**
 * SimSettings:
 *
 * What one camera is to be like, as told on the command line: by options for all, or by a list of
 * the same words for one. One owner, no threads.
 */
typedef struct {
  SimBoardOptions board;
  char *mxid;           /* (owned) (nullable) */
  char *address;        /* (owned) (nullable) */
  char *commit;         /* (owned) (nullable) */
  char *flash_file;     /* (owned) (nullable) */
  char *emmc_file;      /* (owned) (nullable) */
  OakDeviceState state; /* at first: UNBOOTED, BOOTLOADER, FLASH_BOOTED or BOOTED */
  int usb_port;         /* of the kernel's virtual controller; -1: not on USB */
  gboolean usb_super_speed;
  gboolean on_network_too; /* even when on USB */
  gint64 reboot_ms;
  gint64 watchdog_ms;
  GPtrArray *faults; /* (owned) of char: specifications */
} SimSettings;

SimSettings *
sim_settings_new (void);
SimSettings *
sim_settings_copy (const SimSettings *self);
void
sim_settings_free (SimSettings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimSettings, sim_settings_free)

/* Sets one thing by its option name without dashes; @value is NULL for those without one. Returns:
 * FALSE with OAK_ERROR_BAD_FILE and a text that says what would have been right. */
gboolean
sim_settings_set (SimSettings *self, const char *name, const char *value, GError **error);
/* The same for a list such as "mxid=184430100000000100,state=flash-booted,no-preserve". */
gboolean
sim_settings_set_list (SimSettings *self, const char *list, GError **error);

/* Returns: (transfer full): a camera made after these settings, with its memory files read. */
SimCamera *
sim_settings_make_camera (const SimSettings *self, gint64 now_us, GError **error);

G_END_DECLS
