/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One lock file per camera in the user's runtime directory keeps window and terminal from working
 * on one camera at once. The kernel drops it when the process dies. Any thread. */
typedef struct _OakDeviceLock OakDeviceLock;

/* Never waits. Returns: (transfer full): NULL with OAK_ERROR_BUSY when another job or program holds
 * @mxid. */
OakDeviceLock *
oak_device_lock_acquire (const char *mxid, GError **error);
void
oak_device_lock_free (OakDeviceLock *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OakDeviceLock, oak_device_lock_free)

/* Returns: (transfer full): a file name for @id, which comes from a camera: no two ids, and nothing
 * that is no id, share one. Case does not count. */
char *
oak_device_file_name_for_id (const char *id, const char *suffix);

G_END_DECLS
