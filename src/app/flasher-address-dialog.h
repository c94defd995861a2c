/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _OakDiscovery OakDiscovery;

/* Asks for the address of a camera that the search does not find, and adds it to discovery; says at
 * once what is wrong with it. Signal "added" (address). Main thread. */
#define FLASHER_TYPE_ADDRESS_DIALOG (flasher_address_dialog_get_type ())
G_DECLARE_FINAL_TYPE (FlasherAddressDialog,
                      flasher_address_dialog,
                      FLASHER,
                      ADDRESS_DIALOG,
                      GtkWindow)

FlasherAddressDialog *
flasher_address_dialog_new (GtkWindow *parent, OakDiscovery *discovery);

G_END_DECLS
