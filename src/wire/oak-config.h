/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "oak-types.h"

G_BEGIN_DECLS

/**
 * OakConfig:
 *
 * A bootloader's configuration (bootloader.md §9.1): a JSON document of which a few keys are known.
 * Setters change exactly one key; everything else, known or not, survives at every level. Single
 * owner, no threads.
 */
typedef struct _OakConfig OakConfig;

/* An empty document, as on a camera that never had one. */
OakConfig *
oak_config_new (void);
/* Returns: (transfer full): takes a copy of @document. NULL with OAK_ERROR_BAD_FILE when it is no
 * object. */
OakConfig *
oak_config_new_from_json (JsonNode *document, GError **error);
OakConfig *
oak_config_new_from_text (const char *text, GError **error);
OakConfig *
oak_config_new_from_bson (const void *data, gsize size, GError **error);
OakConfig *
oak_config_copy (const OakConfig *self);
void
oak_config_free (OakConfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakConfig, oak_config_free)

/* Returns: (transfer full). */
JsonNode *
oak_config_to_json (const OakConfig *self);
char *
oak_config_to_text (const OakConfig *self, gboolean pretty);
GBytes *
oak_config_to_bson (const OakConfig *self, GError **error);
gboolean
oak_config_equal (const OakConfig *a, const OakConfig *b);

/* Getters give the bootloader's own default where the key is absent or of the wrong kind
 * (bootloader.md §9.1). */
OakMemory
oak_config_get_app_memory (const OakConfig *self);
gboolean
oak_config_has_app_memory (const OakConfig *self);
void
oak_config_set_app_memory (OakConfig *self, OakMemory memory);
/* How long the bootloader waits for a host before it starts the application: milliseconds, negative
 * for ever, 0 not at all. */
int
oak_config_get_timeout_ms (const OakConfig *self, OakBootloaderType type);
guint32
oak_config_get_user_bootloader_size (const OakConfig *self);
guint32
oak_config_get_user_bootloader_checksum (const OakConfig *self);
void
oak_config_set_user_bootloader (OakConfig *self, guint32 size, guint32 checksum);
gboolean
oak_config_get_static_ipv4 (const OakConfig *self);
/* Returns: (transfer full): "192.168.1.150", "0.0.0.0" where unset; @key is one of ipv4, ipv4Mask,
 * ipv4Gateway, ipv4Dns, ipv4DnsAlt. */
char *
oak_config_get_ipv4 (const OakConfig *self, const char *key);

G_END_DECLS
