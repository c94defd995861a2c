/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "flasher-bundle.h"

G_BEGIN_DECLS

/**
 * FlasherPackagePage:
 *
 * What is inside the chosen package and what is thought of it: findings first, then the facts, the
 * room it takes, and its nodes, connections, assets and scripts. Where streams to a host are all
 * that is against it, a person can decide to flash it anyway; nothing else can be overridden here.
 * Follows the bundle. Main thread.
 */
#define FLASHER_TYPE_PACKAGE_PAGE (flasher_package_page_get_type ())
G_DECLARE_FINAL_TYPE (FlasherPackagePage, flasher_package_page, FLASHER, PACKAGE_PAGE, GtkWidget)

/* Once only. @target: (nullable): the camera it is judged for; copied. @camera: (nullable): that
 * camera in words. */
void
flasher_package_page_set_bundle (FlasherPackagePage *self,
                                 FlasherBundle *bundle,
                                 const OakAppTarget *target,
                                 const char *camera);

G_END_DECLS
