/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bundle-support.h"

#include <stdio.h>
#include <string.h>

#include "oak-app-package.h"
#include "oak-sbr.h"

JsonParser *
support_load_manifest (void)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("OAK_TEST_DATA"), "daps", "MANIFEST.json", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GString) marked = NULL;
  g_autoptr (GError) error = NULL;
  JsonParser *parser = json_parser_new ();

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  marked = g_string_new (text);
  g_string_replace (marked, "\\u0000", SUPPORT_NUL_MARK, 0);
  json_parser_load_from_data (parser, marked->str, (gssize) marked->len, &error);
  g_assert_no_error (error);
  return parser;
}

JsonArray *
support_get_array (JsonParser *manifest, const char *member)
{
  return json_object_get_array_member (json_node_get_object (json_parser_get_root (manifest)),
                                       member);
}

JsonObject *
support_find (JsonParser *manifest, const char *member, const char *id)
{
  JsonArray *entries = support_get_array (manifest, member);

  for (guint i = 0; i < json_array_get_length (entries); i++) {
    JsonObject *entry = json_array_get_object_element (entries, i);

    if (g_str_equal (json_object_get_string_member (entry, "id"), id))
      return entry;
  }
  g_assert_not_reached ();
}

GBytes *
support_repeat (const char *prefix, const char *middle, gsize n, const char *suffix)
{
  g_autoptr (GBytes) first = support_hex (prefix);
  g_autoptr (GBytes) each = support_hex (middle);
  g_autoptr (GBytes) last = support_hex (suffix);
  GByteArray *all = g_byte_array_new ();

  g_byte_array_append (all, g_bytes_get_data (first, NULL), (guint) g_bytes_get_size (first));
  for (gsize i = 0; i < n; i++)
    g_byte_array_append (all, g_bytes_get_data (each, NULL), (guint) g_bytes_get_size (each));
  g_byte_array_append (all, g_bytes_get_data (last, NULL), (guint) g_bytes_get_size (last));
  return g_byte_array_free_to_bytes (all);
}

GBytes *
support_hex (const char *hex)
{
  GByteArray *bytes = g_byte_array_new ();

  for (const char *digit = hex; *digit != '\0'; digit++) {
    guint8 byte;

    if (*digit == ' ')
      continue;
    byte = (guint8) (g_ascii_xdigit_value (digit[0]) * 16 + g_ascii_xdigit_value (digit[1]));
    g_byte_array_append (bytes, &byte, 1);
    digit++;
  }
  return g_byte_array_free_to_bytes (bytes);
}

static gsize
round_up (gsize value, gsize alignment)
{
  return (value + alignment - 1) / alignment * alignment;
}

static void
add_section (GByteArray *file,
             OakSbr *table,
             guint slot,
             const char *name,
             guint8 flags,
             gsize alignment,
             GBytes *bytes)
{
  gsize size = 0;
  const void *data = g_bytes_get_data (bytes, &size);
  OakSbrEntry *entry = &table->entries[slot];
  guint end = file->len;

  g_byte_array_set_size (file, (guint) round_up (end, alignment));
  memset (file->data + end, 0, file->len - end);
  g_strlcpy (entry->name, name, sizeof entry->name);
  entry->offset = file->len;
  entry->size = (guint32) size;
  entry->flags = flags;
  entry->checksum = oak_sbr_checksum (OAK_SBR_CHECKSUM_START, data, size);
  g_byte_array_append (file, data, (guint) size);
}

static GBytes *
or_hex (GBytes *bytes, const char *hex)
{
  return bytes != NULL ? g_bytes_ref (bytes) : support_hex (hex);
}

GBytes *
support_make_package (const SupportPackage *parts)
{
  g_autoptr (GBytes) firmware = or_hex (parts->firmware, "4d 41 32 78 01 02 03 04");
  g_autoptr (GBytes) pipeline = or_hex (parts->pipeline, SUPPORT_EMPTY_PIPELINE);
  g_autoptr (GBytes) assets = or_hex (parts->assets, SUPPORT_EMPTY_ASSETS);
  g_autoptr (GBytes) storage = or_hex (parts->storage, "");
  g_autoptr (GBytes) version = g_bytes_new ("0.0.1", 5);
  const char *text = parts->name != NULL ? parts->name : "demo";
  g_autoptr (GBytes) name = g_bytes_new (text, strlen (text));
  gsize alignment = parts->section_alignment > 0 ? parts->section_alignment : 64 * 1024;
  guint8 flags = OAK_SBR_FLAG_BOOTABLE | parts->firmware_flags;
  GByteArray *file = g_byte_array_new ();
  OakSbr table = { 0 };

  g_byte_array_set_size (file, OAK_SBR_SIZE);
  memset (file->data, 0, OAK_SBR_SIZE);
  add_section (file, &table, 0, "__firmware", flags, 1, firmware);
  add_section (file, &table, 1, "pipeline", 0, MAX (alignment, 1024 * 1024), pipeline);
  add_section (file, &table, 2, "assets", 0, alignment, assets);
  add_section (file, &table, 3, "asset_storage", 0, alignment, storage);
  add_section (file, &table, 4, "__fw_version", 0, alignment, version);
  add_section (file, &table, 5, "app_name", 0, alignment, name);
  oak_sbr_encode (&table, file->data);
  return g_byte_array_free_to_bytes (file);
}

OakAppContents *
support_read (GBytes *package)
{
  g_autoptr (OakAppPackage) opened = oak_app_package_open_bytes (package, "test.dap");
  g_autoptr (GError) error = NULL;
  OakAppContents *contents = oak_app_contents_read (opened, NULL, &error);

  g_assert_no_error (error);
  return contents;
}

OakAppVerdict *
support_judge (GBytes *package)
{
  g_autoptr (OakAppContents) contents = support_read (package);

  return oak_app_verdict_new (contents, NULL, FALSE);
}

OakAppVerdict *
support_judge_parts (const SupportPackage *parts)
{
  g_autoptr (GBytes) package = support_make_package (parts);

  return support_judge (package);
}

const OakFinding *
support_find_finding (const OakAppVerdict *verdict, const char *code)
{
  for (guint i = 0; i < oak_app_verdict_get_n_findings (verdict); i++) {
    const OakFinding *finding = oak_app_verdict_get_finding (verdict, i);

    if (g_str_equal (finding->code, code))
      return finding;
  }
  return NULL;
}

#if defined(__SANITIZE_ADDRESS__)
#define SUPPORT_COUNT_ALLOCATIONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SUPPORT_COUNT_ALLOCATIONS 1
#endif
#endif

#ifdef SUPPORT_COUNT_ALLOCATIONS

/* The sanitizer's own memory, many times that of the program, is not what is asked for: it counts
 * itself. Not every compiler comes with a header for these. */
int
__sanitizer_install_malloc_and_free_hooks (void (*malloc_hook) (const volatile void *, size_t),
                                           void (*free_hook) (const volatile void *));
size_t
__sanitizer_get_allocated_size (const volatile void *address);

static volatile gssize in_use;
static volatile gssize peak;
static volatile gboolean counting;

static void
note_malloc (const volatile void *address, size_t size)
{
  if (!counting)
    return;
  in_use += (gssize) size;
  peak = MAX (peak, in_use);
}

static void
note_free (const volatile void *address)
{
  if (counting && address != NULL)
    in_use -= (gssize) __sanitizer_get_allocated_size (address);
}

void
support_memory_begin (void)
{
  static gboolean installed = FALSE;

  if (!installed)
    installed = __sanitizer_install_malloc_and_free_hooks (note_malloc, note_free) != 0;
  g_assert_true (installed);
  in_use = 0;
  peak = 0;
  counting = TRUE;
}

gsize
support_memory_end (void)
{
  counting = FALSE;
  return (gsize) peak;
}

#else

static gsize resident_before;

static gsize
read_status (const char *field)
{
  g_autofree char *text = NULL;
  const char *place;

  g_assert_true (g_file_get_contents ("/proc/self/status", &text, NULL, NULL));
  place = strstr (text, field);
  g_assert_nonnull (place);
  return (gsize) g_ascii_strtoull (place + strlen (field), NULL, 10) * 1024;
}

void
support_memory_begin (void)
{
  FILE *control = fopen ("/proc/self/clear_refs", "w"); /* "5": forget the highest value so far */

  g_assert_nonnull (control);
  fputs ("5", control);
  fclose (control);
  resident_before = read_status ("VmRSS:");
}

gsize
support_memory_end (void)
{
  gsize highest = read_status ("VmHWM:");

  /* Nearly all of it is valgrind's own there. */
  if (g_getenv ("OAK_TEST_VALGRIND") != NULL)
    return 0;
  return highest - MIN (highest, resident_before);
}

#endif
