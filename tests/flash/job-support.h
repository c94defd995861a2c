/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-app-package.h"
#include "oak-flash-job.h"
#include "oak-flash-plan.h"
#include "oak-flash-wish.h"
#include "sim-process.h"

G_BEGIN_DECLS

/* A simulated camera with known memories, a job on it, and a model of what the memories must hold
 * afterwards, computed from bootloader.md §5.2 and §6.3 and nothing that the product or the
 * simulator computes. Main thread. */

#define CAMERA_ADDRESS "127.0.0.2"
#define CAMERA_MXID    "18443010E1B2C3D400"

#define NETWORK_CONFIG_OFFSET      0x7fc000u
#define NETWORK_APPLICATION_OFFSET 0x800000u
#define USB_APPLICATION_OFFSET     0x100000u
#define CONFIG_SIZE                0x4000u

typedef struct {
  char *folder;
  char *nor_path;
  char *emmc_path;
  gsize erase_size;
  gboolean preserve;
  GByteArray *nor;  /* what must be there */
  GByteArray *emmc; /* (nullable) */
  SimProcess *sim;  /* (nullable): not running */
} Camera;

/* A NETWORK or USB camera: factory bootloader, and a pattern wherever nothing is defined, so that
 * every byte that changes shows.
 * @options: oak-sim's, terminated by NULL; may be NULL. The version is that of the bootloader in
 * the flash: NULL for the simulator's own. */
void
camera_init (Camera *self,
             OakBootloaderType type,
             const char *version,
             gsize nor_mib,
             gsize emmc_mib,
             gsize erase_kib,
             gboolean preserve);
/* Returns: (nullable): what "--version=" says among @options. */
const char *
camera_find_version (const char *const *options);
void
camera_start (Camera *self, const char *const *options);
/* Ends the simulator and reads its memories. */
void
camera_stop (Camera *self);
void
camera_clear (Camera *self);

/* Writes into the model as the camera's chip would: what else lies in a touched erase block stays
 * or is lost. */
void
camera_expect_write (Camera *self, OakMemory memory, gsize offset, const void *data, gsize size);
void
camera_expect_config (Camera *self, gsize offset, const char *json);
void
camera_expect_fill (Camera *self, OakMemory memory, gsize offset, guint8 byte, gsize size);
/* After camera_stop (): every byte of both memories is that of the model. */
void
camera_assert_content (Camera *self);
/* Puts @data there before the camera is started. */
void
camera_put (Camera *self, OakMemory memory, gsize offset, const void *data, gsize size);

/* What happened to a job until one of its halves ended. */
typedef struct {
  OakFlashJob *job;
  OakFlashPlan *plan;     /* (unowned) (nullable) */
  OakFlashResult *result; /* (nullable) */
  GError *error;          /* (nullable) */
  gboolean done;
  double fraction; /* last seen: must not fall */
  int stage;
  guint n_stages;
  int cancel_at_step; /* kind of the step at which to cancel; -1: never */
  int cancel_at_stage;
  guint64 cancel_at_bytes;
} Run;

/* @timeouts: (nullable): those of camera_timeouts (). */
void
run_init (Run *self, const OakFlashWish *wish, const OakTimeouts *timeouts);
void
run_clear (Run *self);
/* Generous, but without minutes in them. */
void
run_default_timeouts (OakTimeouts *timeouts);
/* Each waits for the end of its half. */
void
run_prepare (Run *self);
void
run_run (Run *self);
void
run_both (Run *self);
void
run_abandon (Run *self);

void
run_assert_error (Run *self, GQuark domain, int code, const char *words);
/* FALSE when no line of the log has these words in it. */
gboolean
run_log_has (Run *self, const char *words);

/* Iterates the main context until @condition holds, or fails the test after a while. */
typedef gboolean (*Condition) (gpointer user_data);
void
wait_until (Condition condition, gpointer user_data, const char *what);
/* Iterates it for that long. */
void
wait_ms (guint milliseconds);

/* (transfer full): a package of tests/data/daps. */
OakAppPackage *
load_package (const char *file);
void
wish_package (OakFlashWish *wish, const char *file);
/* A bootloader image made up for the simulator; @type is "network" or "usb". */
GBytes *
make_image (const char *type, const char *version, gsize size);

/* For main (). */
void
job_test_init (int *argc, char ***argv);
int
job_test_run (void);

G_END_DECLS
