/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _OakDeviceFacts OakDeviceFacts;

/* What a camera said of itself, row by row; before it was asked, the offer to ask it
 * ("device.read-details"). "narrow" turns rows into columns. Main thread. */
#define FLASHER_TYPE_DETAILS_CARD (flasher_details_card_get_type ())
G_DECLARE_FINAL_TYPE (FlasherDetailsCard, flasher_details_card, FLASHER, DETAILS_CARD, GtkWidget)

/* What discovery knows; each (nullable). */
void
flasher_details_card_set_identity (FlasherDetailsCard *self,
                                   const char *mxid,
                                   const char *addresses,
                                   const char *transport);
/* @facts: (nullable): what the camera told in its bootloader. */
void
flasher_details_card_set_facts (FlasherDetailsCard *self, const OakDeviceFacts *facts);
/* @reason: (nullable): why the camera cannot be asked now. */
void
flasher_details_card_set_reason (FlasherDetailsCard *self, const char *reason);
/* Returns: (transfer full): all rows as text, to be copied. */
char *
flasher_details_card_to_text (FlasherDetailsCard *self);

G_END_DECLS
