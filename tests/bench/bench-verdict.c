/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <glib/gstdio.h>

#include "oak-app-contents.h"
#include "oak-app-package.h"
#include "oak-app-verdict.h"
#include "oak-inflate.h"
#include "oak-sbr.h"

/* How long it takes to open and judge a package with 24 MiB of firmware, plain and packed, and how
 * much memory beside the package itself. Ends with 1 when a limit is broken. */

#define FIRMWARE_SIZE ((gsize) 24 * 1024 * 1024)
#define MAX_SECONDS   0.25
#define MAX_EXTRA     ((gsize) 16 * 1024 * 1024)
#define N_RUNS        7

static const guint8 empty_pipeline[] = {
  0xb9, 0x03, 0xba, 0x00, 0xb9, 0x0a, 0x89, 0x00, 0x00, 0x00, 0x80, 0x93, 0xdc,
  0xc4, 0x41, 0x89, 0x00, 0x00, 0x00, 0x80, 0x93, 0xdc, 0xc4, 0x41, 0xbe, 0xbe,
  0xbe, 0xbd, 0x00, 0xbe, 0xff, 0x81, 0x00, 0x48, 0x81, 0x00, 0x40, 0xbb, 0x00,
};
static const guint8 empty_assets[] = { 0xb9, 0x01, 0xbb, 0x00 };

/* About as compressible as programs are: words of noise that come back. */
static GBytes *
make_firmware (gsize size)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (24);
  guint8 *data = g_malloc (size);

  for (gsize i = 0; i < size; i += 4) {
    guint32 word = g_rand_int (rand);

    if (i > 4096 && word % 4 != 0)
      memcpy (data + i, data + i - 4 * (1 + word % 1000), 4);
    else
      memcpy (data + i, &word, 4);
  }
  memcpy (data, "MA2x", 4);
  return g_bytes_new_take (data, size);
}

static void
add (guint8 *file,
     OakSbrEntry *entry,
     const char *name,
     gsize offset,
     guint8 flags,
     const void *data,
     gsize size)
{
  g_strlcpy (entry->name, name, sizeof entry->name);
  entry->offset = (guint32) offset;
  entry->size = (guint32) size;
  entry->flags = flags;
  entry->checksum = oak_sbr_checksum (OAK_SBR_CHECKSUM_START, data, size);
  memcpy (file + offset, data, size);
}

static void
write_package (const char *path, GBytes *firmware, guint8 flags)
{
  gsize firmware_size = g_bytes_get_size (firmware);
  gsize pipeline = (OAK_SBR_SIZE + firmware_size + 0xfffff) & ~(gsize) 0xfffff;
  gsize size = pipeline + 0x10000 + sizeof empty_assets;
  g_autofree guint8 *file = g_malloc0 (size);
  OakSbr table = { 0 };

  add (file,
       &table.entries[0],
       "__firmware",
       OAK_SBR_SIZE,
       OAK_SBR_FLAG_BOOTABLE | flags,
       g_bytes_get_data (firmware, NULL),
       firmware_size);
  add (file, &table.entries[1], "pipeline", pipeline, 0, empty_pipeline, sizeof empty_pipeline);
  add (file, &table.entries[2], "assets", pipeline + 0x10000, 0, empty_assets, sizeof empty_assets);
  oak_sbr_encode (&table, file);
  g_assert_true (g_file_set_contents (path, (const char *) file, (gssize) size, NULL));
}

static gsize
read_status (const char *field)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/status", &text, NULL, NULL));
  return (gsize) g_ascii_strtoull (strstr (text, field) + strlen (field), NULL, 10) * 1024;
}

static void
forget_peak (void)
{
  FILE *control = fopen ("/proc/self/clear_refs", "w");

  g_assert_nonnull (control);
  fputs ("5", control);
  fclose (control);
}

static double
judge (const char *path, gsize *size)
{
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;
  g_autoptr (OakAppContents) contents = oak_app_contents_load (path, NULL, &error);
  g_autoptr (OakAppVerdict) verdict = NULL;

  g_assert_no_error (error);
  verdict = oak_app_verdict_new (contents, NULL, FALSE);
  g_assert_cmpint (oak_app_verdict_get_result (verdict), !=, OAK_APP_REJECT);
  *size = oak_app_package_get_size (oak_app_contents_get_package (contents));
  return (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
}

static double
get_cpu_seconds (void)
{
  struct timespec time;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

/* The best of several runs: what the machine does besides is not the question. Beside it stands the
 * time of the processor, which is near it on a machine that has nothing else to do. */
static gboolean
bench (const char *name, const char *path)
{
  double best = G_MAXDOUBLE;
  double cpu;
  gsize before;
  gsize extra;
  gsize size = 0;
  gboolean good;

  forget_peak ();
  before = read_status ("VmRSS:");
  cpu = get_cpu_seconds ();
  for (guint i = 0; i < N_RUNS; i++) {
    double seconds = judge (path, &size);

    best = MIN (best, seconds);
  }
  cpu = (get_cpu_seconds () - cpu) / N_RUNS;
  extra = read_status ("VmHWM:") - before;
  extra -= MIN (extra, size);
  good = best < MAX_SECONDS && extra < MAX_EXTRA;
  printf ("%s: %.1f MiB judged in %.3f s (limit %.2f s; %.3f s of processor), %.1f MiB beside the "
          "package (limit %.0f "
          "MiB): %s\n",
          name,
          (double) size / (1024 * 1024),
          best,
          MAX_SECONDS,
          cpu,
          (double) extra / (1024 * 1024),
          (double) MAX_EXTRA / (1024 * 1024),
          good ? "good" : "TOO MUCH");
  return good;
}

int
main (void)
{
  g_autofree char *folder = g_dir_make_tmp ("oak-bench-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "bench.dap", NULL);
  g_autoptr (GBytes) plain = make_firmware (FIRMWARE_SIZE);
  g_autoptr (GBytes) packed =
      oak_deflate (g_bytes_get_data (plain, NULL), g_bytes_get_size (plain), NULL, NULL);
  gboolean good;

  write_package (path, plain, 0);
  good = bench ("plain", path);
  write_package (path, packed, OAK_SBR_FLAG_COMPRESSION_ZLIB);
  good = bench ("packed", path) && good;
  g_unlink (path);
  g_rmdir (folder);
  return good ? 0 : 1;
}
