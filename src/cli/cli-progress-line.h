/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "oak-report.h"

G_BEGIN_DECLS

/* What is known of the work at one moment, and how one line says it. Pure functions, any thread. */
typedef struct {
  OakStage stage;
  double fraction;       /* 0..1 of the whole job; negative: unknown */
  double stage_fraction; /* 0..1 of this stage; negative: unknown, show activity only */
  guint64 bytes_done;
  guint64 bytes_total;     /* 0: this stage does not count bytes */
  double bytes_per_second; /* 0: not known yet */
  int seconds_left;        /* negative: not known */
  guint tick;              /* moves the sign of activity */
} CliProgressView;

/* Returns: (transfer none): the stage in the person's language, "Writing". */
const char *
cli_progress_get_stage_name (OakStage stage);

/* Returns: (transfer full): "about 20 seconds left", rounded coarsely; NULL while not known. Never
 * "0 seconds". */
char *
cli_progress_describe_time_left (OakStage stage, int seconds_left);

/* Returns: (transfer full): one line for a terminal, never wider than @width columns: name, bar and
 * percent first, then as much of bytes, time left and speed as there is room for. @colour adds
 * escape sequences that take no columns. */
char *
cli_progress_format_bar (const CliProgressView *view,
                         guint width,
                         gboolean unicode,
                         gboolean colour);

/* Returns: (transfer full): one line for a pipe, without line feed: "Writing: 40 % (5.3 MiB of 13.2
 * MiB)". */
char *
cli_progress_format_plain (const CliProgressView *view);

G_END_DECLS
