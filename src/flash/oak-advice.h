/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "oak-types.h"

G_BEGIN_DECLS

/**
 * OakAdvice:
 *
 * What a person is told when something failed: four parts, all translated, never empty, for every
 * error code. One source for window and terminal. Single owner; any thread.
 */
typedef struct {
  char *title;   /* "The Application Was Not Installed" */
  char *what;    /* what happened, one sentence */
  char *why;     /* the likely cause */
  char *todo;    /* what to do, sentences separated by line feeds */
  char *state;   /* what state the camera is in now */
  char *details; /* code and technical message, untranslated and escaped */
} OakAdvice;

/* What a job adds to its error's message when it has looked for the camera after the link was lost:
 * how it was met again. oak_advice_new () recognises it and says it in the state's words. Returns:
 * (transfer none): an untranslated fragment. */
const char *
oak_advice_name_whereabouts (OakDeviceState state);

/* @operation: OakOperation; @remains: OakRemains; @written: whether a write request was sent.
 * Cancellation gives texts that say "stopped", never "failed". */
OakAdvice *
oak_advice_new (const GError *error, int operation, int remains, gboolean written);
void
oak_advice_free (OakAdvice *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakAdvice, oak_advice_free)

/* Exit codes of the terminal program: 0 ok; 1 failed after the first write request; 2 usage; 3
 * NOT_FOUND or UNREACHABLE; 4 any other refusal or error before the first write request; 5
 * NOT_CONFIRMED; 6 cancelled. @error: (nullable). */
int
oak_advice_get_exit_code (const GError *error, gboolean written);

G_END_DECLS
