/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "oak-app-verdict.h"

G_BEGIN_DECLS

typedef struct _OakAppPackage OakAppPackage;

/**
 * FlasherBundle:
 *
 * The application package a person has chosen, one for the whole window, so that it can be put onto
 * one camera after the other. Loads, unpacks and looks inside in a worker thread; a newer choice
 * replaces one that is still being loaded. Main thread only.
 *
 * "changed" is emitted after any of the getters below gives something else.
 */
#define FLASHER_TYPE_BUNDLE (flasher_bundle_get_type ())
G_DECLARE_FINAL_TYPE (FlasherBundle, flasher_bundle, FLASHER, BUNDLE, GObject)

FlasherBundle *
flasher_bundle_new (void);
void
flasher_bundle_load (FlasherBundle *self, GFile *file);
void
flasher_bundle_clear (FlasherBundle *self);

OakAppPackage *
flasher_bundle_get_package (FlasherBundle *self); /* (transfer none) (nullable): an undamaged one */
/* What is inside, also of a damaged package. Returns: (transfer none) (nullable). */
OakAppContents *
flasher_bundle_get_contents (FlasherBundle *self);
/* @target: (nullable): the camera it is meant for. Returns: (transfer full) (nullable): NULL while
 * there are no contents. */
OakAppVerdict *
flasher_bundle_judge (FlasherBundle *self, const OakAppTarget *target);
/* A person wants this package though it waits for a host. Forgotten with the next choice. */
gboolean
flasher_bundle_get_allow_host_streams (FlasherBundle *self);
void
flasher_bundle_set_allow_host_streams (FlasherBundle *self, gboolean allow);
GFile *
flasher_bundle_get_file (FlasherBundle *self); /* (transfer none) (nullable) */
gboolean
flasher_bundle_get_loading (FlasherBundle *self);
const char *
flasher_bundle_get_name (FlasherBundle *self); /* (nullable): file name, fit to be shown */
/* Why the file cannot be used, and the core's own words on it, escaped; both (nullable). */
const char *
flasher_bundle_get_error (FlasherBundle *self);
const char *
flasher_bundle_get_error_details (FlasherBundle *self);

G_END_DECLS
