/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-app-verdict.h"

G_BEGIN_DECLS

/* Between the verdict, those who find something, and its JSON. */

typedef struct {
  OakFinding finding; /* first, so that it can be handed out */
  char *text;
  char *english;
} OakFindingEntry;

struct _OakAppVerdict {
  OakAppContents *contents;
  OakAppTarget target;
  gboolean allow_host_streams;
  OakAppResult result;
  GArray *findings;     /* of OakFindingEntry */
  GHashTable *counts;   /* code -> how often it was found, also beyond what is written out */
  GArray *host_streams; /* of OakHostStream; the texts belong to the pipeline */
};

/* The same code is written out only so many times; more of them become one line. */
#define OAK_FINDING_MAX_EACH 16

/* @code is static; @format is a message id, so mark it with N_ (). */
void
oak_app_verdict_add (OakAppVerdict *self,
                     OakFindingSeverity severity,
                     const char *code,
                     const char *format,
                     ...) G_GNUC_PRINTF (4, 5);

/* TRUE when another one of @code would only be counted; then oak_app_verdict_count () does as well.
 */
gboolean
oak_app_verdict_is_full (const OakAppVerdict *self, const char *code);
void
oak_app_verdict_count (OakAppVerdict *self, const char *code);

/* What there is to find in each part. */
void
oak_app_verdict_look_at_container (OakAppVerdict *self);
void
oak_app_verdict_look_at_firmware (OakAppVerdict *self);
void
oak_app_verdict_look_at_pipeline (OakAppVerdict *self);
void
oak_app_verdict_look_at_assets (OakAppVerdict *self);
void
oak_app_verdict_look_at_target (OakAppVerdict *self);

G_END_DECLS
