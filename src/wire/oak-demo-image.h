/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <string.h>

#include <glib.h>

G_BEGIN_DECLS

/* Made-up bootloader images begin with a record of 64 bytes. Only the simulator reads what is in
 * it; everybody else needs no more than to recognise such an image, so that it never reaches a real
 * camera. Any thread. */

#define OAK_DEMO_IMAGE_MAGIC       "OAKSIMBL"
#define OAK_DEMO_IMAGE_MAGIC_SIZE  8
#define OAK_DEMO_IMAGE_RECORD_SIZE 64

/* Returns: TRUE when @data begins like an image made for the simulator. */
static inline gboolean
oak_demo_image_recognise (const void *data, gsize size)
{
  return size >= OAK_DEMO_IMAGE_MAGIC_SIZE &&
         memcmp (data, OAK_DEMO_IMAGE_MAGIC, OAK_DEMO_IMAGE_MAGIC_SIZE) == 0;
}

G_END_DECLS
