/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the vendor has released and where it lies (bootloader.md §10.1). Pure functions but for one
 * look at the environment; any thread. */

#define OAK_IMAGE_SERVER          "https://artifacts.luxonis.com/artifactory/"
#define OAK_IMAGE_SERVER_VARIABLE "OAK_FLASHER_SERVER" /* an address to use instead */

/* Returns: (transfer none) (array zero-terminated): the versions worth offering, newest first.
 * Others can be asked for by their number. */
const char *const *
oak_image_release_get_versions (void);

/* The address of the archive of @version. @server: (nullable): the base address, with or without a
 * slash at its end; NULL: that of the environment, else the vendor's. Returns: (transfer full):
 * NULL with OAK_ERROR_UNSUPPORTED when @version is no version or @server is not allowed. */
char *
oak_image_release_make_address (const char *server, const char *version, GError **error);

/* Whether something may be fetched from @address: over https without a user's name in it, or, where
 * @is_test, over plain http from a literal loopback address, which leaves no machine. Returns:
 * FALSE with OAK_ERROR_UNSUPPORTED. */
gboolean
oak_image_release_check_address (const char *address, gboolean is_test, GError **error);
/* TRUE for plain http from a loopback address: a server of a test. */
gboolean
oak_image_release_is_test (const char *address);

/* The content of a sidecar: exactly 64 lower-case hexadecimal digits and perhaps a line feed. Any
 * bytes are allowed in @data. Returns: (transfer full): the digits; NULL with OAK_ERROR_PROTOCOL.
 */
char *
oak_image_release_parse_sidecar (const void *data, gsize size, GError **error);

G_END_DECLS
