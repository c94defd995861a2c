/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* How to get the right to open cameras on USB: the lines to be pasted into a terminal, and a button
 * that copies them. Main thread. */
#define FLASHER_TYPE_RULE_CARD (flasher_rule_card_get_type ())
G_DECLARE_FINAL_TYPE (FlasherRuleCard, flasher_rule_card, FLASHER, RULE_CARD, GtkWidget)

G_END_DECLS
