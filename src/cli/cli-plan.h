/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "cli-terminal.h"

G_BEGIN_DECLS

typedef struct _OakFlashPlan OakFlashPlan;

/* A plan in words and in JSON. Main thread. */

/* Title, effects, warnings, and what is done one after the other, as a person must have read them
 * before agreeing. */
void
cli_plan_print (const OakFlashPlan *plan, const CliTerminal *terminal);

/* Adds the member "plan". */
void
cli_plan_add_json (JsonBuilder *builder, const OakFlashPlan *plan);

G_END_DECLS
