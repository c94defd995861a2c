/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-app-repack.h"

G_BEGIN_DECLS

/* The three sections that change when assets are replaced. */
typedef struct {
  GBytes *pipeline; /* (owned) */
  GBytes *assets;   /* (owned) */
  GBytes *storage;  /* (owned) */
} OakRepackedAssets;

void
oak_repacked_assets_clear (OakRepackedAssets *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OakRepackedAssets, oak_repacked_assets_clear)

/* Returns: FALSE with the errors of oak_app_repack (). */
gboolean
oak_app_repack_assets (OakAppContents *contents,
                       const OakRepackWish *wish,
                       OakRepackedAssets *result,
                       GError **error);

G_END_DECLS
