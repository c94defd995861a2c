/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "flasher-bundle.h"

G_BEGIN_DECLS

/* Shows the chosen package, or invites to choose one; says what is wrong with a file that is none.
 * Its buttons activate "win.open-bundle", "win.open-recent", "win.use-sample" and
 * "win.package-details". Main thread. */
#define FLASHER_TYPE_BUNDLE_CARD (flasher_bundle_card_get_type ())
G_DECLARE_FINAL_TYPE (FlasherBundleCard, flasher_bundle_card, FLASHER, BUNDLE_CARD, GtkWidget)

/* The card keeps a reference. */
void
flasher_bundle_card_set_bundle (FlasherBundleCard *self, FlasherBundle *bundle);
void
flasher_bundle_card_set_sample_offered (FlasherBundleCard *self, gboolean offered);
/* @room: bytes the chosen camera has for an application; 0: not known. */
void
flasher_bundle_card_set_room (FlasherBundleCard *self, guint64 room);

G_END_DECLS
