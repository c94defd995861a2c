/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* BSON as bootloaders keep their configuration in it (bootloader.md §9.3), to and from JSON.
 * Element types without a faithful JSON form are carried through as raw bytes in an object {
 * "$bson": { "type": N, "data": "BASE64" } }, and come out as they were. Keys are written sorted by
 * bytes, integers in the shortest of the two widths. Pure functions, any thread. */

#define OAK_BSON_MAX_DEPTH 32
#define OAK_BSON_MAX_SIZE  16384 /* the configuration section, bootloader.md §6 */

/* Returns: (transfer full): an object node. NULL with OAK_ERROR_PROTOCOL when the bytes are no BSON
 * document, are nested deeper than OAK_BSON_MAX_DEPTH, hold a key twice in one object, or are
 * larger than OAK_BSON_MAX_SIZE. Bytes behind the document are ignored. */
JsonNode *
oak_bson_decode (const void *data, gsize size, GError **error);

/* Returns: (transfer full): NULL with OAK_ERROR_BAD_FILE when @document is no object, is nested too
 * deep, has a key with a NUL, or becomes larger than OAK_BSON_MAX_SIZE. */
GBytes *
oak_bson_encode (JsonNode *document, GError **error);

G_END_DECLS
