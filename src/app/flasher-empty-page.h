/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "flasher-bundle.h"

G_BEGIN_DECLS

/* What to do when no camera is found: the computer's own addresses, and remedies in the order in
 * which they help. Its buttons activate "win.add-address" and "win.refresh". Main thread. */
#define FLASHER_TYPE_EMPTY_PAGE (flasher_empty_page_get_type ())
G_DECLARE_FINAL_TYPE (FlasherEmptyPage, flasher_empty_page, FLASHER, EMPTY_PAGE, GtkWidget)

/* @interfaces: as oak_discovery_list_interfaces () gives them; @problem: (nullable): why no network
 * can be asked at all. */
void
flasher_empty_page_set_network (FlasherEmptyPage *self,
                                const char *const *interfaces,
                                const char *problem);
/* Returns: TRUE when one of @interfaces has an address in 169.254.0.0/16, where cameras without
 * DHCP sit. Pure. */
gboolean
flasher_has_link_local (const char *const *interfaces);

/* A package can be opened and looked at without a camera. Once only. */
void
flasher_empty_page_set_bundle (FlasherEmptyPage *self, FlasherBundle *bundle);

G_END_DECLS
