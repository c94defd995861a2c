/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a person may be asked, or told, before there is a plan. Pure functions, any thread. */

typedef enum {
  FLASHER_QUESTION_NONE,
  FLASHER_QUESTION_STOP_APPLICATION,
  FLASHER_QUESTION_TYPE,
  FLASHER_QUESTION_SIZE_UNKNOWN,
  FLASHER_QUESTION_PLAN, /* has no text of its own */
  FLASHER_QUESTION_EXPIRED,
} FlasherQuestion;

typedef struct {
  const char *title;
  const char *text;
  const char *accept; /* (nullable): the button's label, with mnemonic; NULL: nothing to agree to */
} FlasherQuestionText;

/* @operation: OakOperation. Returns: translated static text. */
FlasherQuestionText
flasher_question_get_text (FlasherQuestion question, int operation);

G_END_DECLS
