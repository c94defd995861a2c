/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "oak-app-contents.h"
#include "oak-app-verdict.h"

/* What the tests of packages share: the manifest of the recorded ones, packages made to measure,
 * and a look at how much memory something takes. One thread. */

/* In place of NUL in the texts of the manifest, which json-glib cannot hold. */
#define SUPPORT_NUL_MARK "\xee\x80\x80"

/* Returns: (transfer full). */
JsonParser *
support_load_manifest (void);
JsonArray *
support_get_array (JsonParser *manifest, const char *member);
/* Returns: (transfer none): the entry of "packages" or "damaged" of that id. */
JsonObject *
support_find (JsonParser *manifest, const char *member, const char *id);

/* Everything is NULL for the smallest package that is right: an empty pipeline, no assets. */
typedef struct {
  GBytes *firmware;
  GBytes *pipeline;
  GBytes *assets;
  GBytes *storage;
  const char *name;
  guint8 firmware_flags;   /* beside "bootable" */
  gsize section_alignment; /* 0: 64 KiB */
} SupportPackage;

/* Returns: (transfer full). */
GBytes *
support_make_package (const SupportPackage *parts);
OakAppContents *
support_read (GBytes *package);
/* Returns: (transfer full): read and judged for no camera at all. */
OakAppVerdict *
support_judge (GBytes *package);
OakAppVerdict *
support_judge_parts (const SupportPackage *parts);
/* Returns: (transfer none) (nullable): the first finding of that code. */
const OakFinding *
support_find_finding (const OakAppVerdict *verdict, const char *code);

/* Bytes from "b9 03 ba" with spaces where they please. Returns: (transfer full). */
GBytes *
support_hex (const char *hex);
/* Returns: (transfer full): @prefix, @n times @middle, @suffix, all in hexadecimal. */
GBytes *
support_repeat (const char *prefix, const char *middle, gsize n, const char *suffix);

#define SUPPORT_EMPTY_GLOBALS                                                                      \
  "b9 0a 89 00 00 00 80 93 dc c4 41 89 00 00 00 80 93 dc c4 41 be be be bd 00 be ff 81 00 48 81 "  \
  "00 40 "
#define SUPPORT_EMPTY_PIPELINE "b9 03 ba 00 " SUPPORT_EMPTY_GLOBALS "bb 00"
#define SUPPORT_EMPTY_V3                                                                           \
  "b9 04 ba 00 b9 0d 89 00 00 00 80 93 dc c4 41 89 00 00 00 80 93 dc c4 41 be be be bd 00 bb 00 "  \
  "bb 00 be 00 ff 81 00 48 81 00 40 bb 00 ba 00"
#define SUPPORT_EMPTY_ASSETS "b9 01 bb 00"

/* From begin to end: how much more memory was in use at once than at the beginning, in bytes. */
void
support_memory_begin (void);
gsize
support_memory_end (void);
