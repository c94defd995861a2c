/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-types.h"

G_BEGIN_DECLS

/**
 * SimImage:
 *
 * The record of 64 bytes a made-up bootloader image begins with: magic "OAKSIMBL", u32 record
 * version, i32 type, u32 major, minor and patch, u32 size of the whole image, u32 checksum of
 * everything behind the record, zeros. Pure functions, any thread.
 */
typedef struct {
  OakBootloaderType type;
  OakVersion version;
  guint32 size;
  guint32 checksum;
} SimImage;

#define SIM_IMAGE_DEFAULT_SIZE ((gsize) 640 * 1024)

/* Reads only the record. Returns: FALSE when @data does not begin with one that makes sense. */
gboolean
sim_image_decode (SimImage *self, const void *data, gsize size);

/* Returns: TRUE when the whole image that the record describes is at @data, unchanged. */
gboolean
sim_image_is_whole (const SimImage *self, const void *data, gsize size);

/* Returns: (transfer full): an image of @size bytes (at least 64) whose body depends on nothing but
 * the arguments. */
GBytes *
sim_image_make (OakBootloaderType type, OakVersion version, gsize size);

G_END_DECLS
