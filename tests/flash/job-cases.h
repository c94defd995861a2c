/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "job-support.h"

G_BEGIN_DECLS

/* Rows of a table: what goes wrong with a camera, and what a job on it ends with. Main thread. */

typedef struct {
  const char *name;
  const char *options[6];
  int code; /* OakError or OUTCOME () */
  gboolean in_prepare;
  OakRemains remains; /* after run */
  const char *words;
  gboolean full;      /* everything is to be written */
  gboolean unwritten; /* fails in run, before the first write request */
} Case;

#define OUTCOME(outcome) (-1 - (int) (outcome))

void
impatient_timeouts (OakTimeouts *timeouts);
/* With a quick restart. */
void
start_camera (Camera *camera, const char *const *options);
void
run_case (Run *run, const Case *test);
void
assert_case (Run *run, const Case *test);
gboolean
is_bricked (Camera *camera);
void
add_cases (const char *prefix, const Case *cases, gsize n_cases, GTestDataFunc function);

G_END_DECLS
