/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OakReport:
 *
 * The sink for facts about work in progress that every layer gets passed down: where the work is,
 * and lines for the log. Thread-safe by contract: any thread may call it at any time, an
 * implementation never blocks for longer than one short lock. Texts are for the log only, in
 * English; people's words are made in cli/ and app/.
 */
typedef struct _OakReport OakReport;

/* The phases a person sees, in the order in which they can occur. */
typedef enum {
  OAK_STAGE_CONNECTING, /* finding the camera, going to the bootloader, opening the link, reading
                           its facts */
  OAK_STAGE_BOOTING,    /* another bootloader is being started in memory */
  OAK_STAGE_COMPARING,  /* reading what is there already */
  OAK_STAGE_SENDING, /* bytes of one single large request are on their way; nothing is confirmed yet
                      */
  OAK_STAGE_WRITING, /* bytes are sent, programmed and confirmed by the camera */
  OAK_STAGE_VERIFYING,   /* reading back and comparing */
  OAK_STAGE_CONFIGURING, /* small writes to the configuration or the boot header */
  OAK_STAGE_RESTARTING,  /* the camera restarts */
  OAK_STAGE_CHECKING,    /* waiting for the state that proves the result */
} OakStage;

#define OAK_STAGE_N (OAK_STAGE_CHECKING + 1)

typedef enum {
  OAK_LOG_LEVEL_DEBUG,
  OAK_LOG_LEVEL_INFO,
  OAK_LOG_LEVEL_WARNING,
  OAK_LOG_LEVEL_ERROR,
} OakLogLevel;

typedef struct {
  OakStage stage;
  double fraction;       /* 0..1 of the whole job, never falling; negative: unknown */
  double stage_fraction; /* 0..1 of this stage; negative: unknown, show activity only */
  guint64 bytes_done;    /* in this stage; meaningless when bytes_total is 0 */
  guint64 bytes_total;   /* 0: this stage does not count bytes */
  int seconds_left; /* until a wait ends at the latest; negative: this stage is no wait with a known
                       end */
} OakProgress;

struct _OakReport {
  void (*progress) (OakReport *self, const OakProgress *progress);
  void (*log) (OakReport *self, OakLogLevel level, const char *text);
};

/* All of these accept a NULL @self and then do nothing. */
void
oak_report_progress (OakReport *self, const OakProgress *progress);
void
oak_report_log (OakReport *self, OakLogLevel level, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Returns: (transfer none): stable words such as "writing" and "warning". */
const char *
oak_stage_to_string (OakStage stage);
const char *
oak_log_level_to_string (OakLogLevel level);

G_END_DECLS
