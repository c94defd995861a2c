/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-app-package.h"
#include "oak-device-facts.h"
#include "oak-flash-plan.h"
#include "oak-flash-wish.h"

G_BEGIN_DECLS

/* Cameras, packages, images and wishes that exist only for plans, written as words. Any thread. */

#define PLAN_MXID    "18443010E1B2C3D400"
#define PLAN_ADDRESS "192.168.1.40"

/* @camera: type, last number of the version, what is known of the flash, what of the eMMC: each of
 * those "unknown", "none", "sizeless", or its size in MiB. "network 28 32 none". @config: JSON
 * (nullable). Returns: (transfer full). */
OakDeviceFacts *
plan_facts_new (const char *camera, const char *config);

/* @words: operation, memory, size of the package or the image, and perhaps "agreed" (to an unknown
 * size), "full" and "no-wait": "flash auto 1000 agreed". */
void
plan_wish_init (OakFlashWish *wish, const char *words);

/* A valid package of exactly @size bytes: its firmware is a pattern, its pipeline is empty.
 * Returns: (transfer full). */
OakAppPackage *
plan_package_new (gsize size, gboolean checked);
/* Returns: (transfer full): @size bytes that begin with @magic. */
GBytes *
plan_image_new (gsize size, const char *magic);

/* Text fit to be shown: not empty, valid, nothing invisible in it. */
void
assert_shown (const char *text);

G_END_DECLS
