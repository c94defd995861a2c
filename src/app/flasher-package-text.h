/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "oak-app-contents.h"
#include "oak-app-verdict.h"

G_BEGIN_DECLS

typedef struct _OakDeviceFacts OakDeviceFacts;

/* What is inside a package and what is thought of it, in words; pure functions. Everything is plain
 * text, never markup; names from the file come escaped from below. `const char *` is static text;
 * `char *` and lists are (transfer full). */

/* What is known of the camera, as far as it decides on a package. @facts: (nullable). */
void
flasher_target_from_facts (OakAppTarget *target, const OakDeviceFacts *facts);

const char *
flasher_severity_word (OakFindingSeverity severity); /* "Error" */
const char *
flasher_severity_icon (OakFindingSeverity severity);
const char *
flasher_severity_style (OakFindingSeverity severity); /* a CSS class beside the word */

const char *
flasher_verdict_headline (const OakAppVerdict *verdict); /* "Must not be flashed" */
OakFindingSeverity
flasher_verdict_severity (const OakAppVerdict *verdict);
/* Why the package must not be flashed; (nullable): NULL when it may. */
char *
flasher_verdict_reason (const OakAppVerdict *verdict);
/* TRUE when a person may override all that is against the package. */
gboolean
flasher_verdict_can_override (const OakAppVerdict *verdict);

char *
flasher_package_describe_size (guint64 size); /* "13.2 MiB (13841203 bytes)" */
char *
flasher_package_describe_firmware (const OakAppContents *contents);
const char *
flasher_package_describe_generation (OakPipelineGeneration generation);
char *
flasher_package_describe_standalone (const OakAppVerdict *verdict);
/* The package against the camera's memory. */
char *
flasher_package_describe_room (guint64 size, const OakAppTarget *target);

/* One line each: "0 Script: 1 input, 2 outputs". Empty where nothing can be read. */
GtkStringList *
flasher_package_list_nodes (const OakAppContents *contents);
GtkStringList *
flasher_package_list_connections (const OakAppContents *contents); /* "Script.io[o] → SPIOut.in" */
GtkStringList *
flasher_package_list_assets (const OakAppContents *contents);

G_END_DECLS
