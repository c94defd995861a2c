/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "oak-types.h"

G_BEGIN_DECLS

/* The words of the JSON documents, in one place. All builders must stand inside an object. Main
 * thread. */

/* Each adds one member; a NULL text becomes null. */
void
cli_json_add_text (JsonBuilder *builder, const char *name, const char *text);
void
cli_json_add_boolean (JsonBuilder *builder, const char *name, gboolean value);
void
cli_json_add_number (JsonBuilder *builder, const char *name, gint64 value);
void
cli_json_add_texts (JsonBuilder *builder, const char *name, const char *const *texts);

/* Writes what @builder made to standard output, pretty, with a line feed. */
void
cli_json_print (JsonBuilder *builder);
/* The same with a document that is there already. */
void
cli_json_print_node (JsonNode *root);

G_END_DECLS
