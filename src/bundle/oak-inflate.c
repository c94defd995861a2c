/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-inflate.h"

#include <string.h>

#include "oak-error.h"
#include "oak-text.h"

/* zlib through GIO, piece by piece: what comes out is counted, compared with a limit and, unless
 * somebody wants it, forgotten. Any thread. */

#define OUTPUT_SIZE    ((gsize) 256 * 1024)
#define ORIGINAL_LEVEL 9
#define ESTIMATE_LEVEL 6
#define SAMPLE_SIZE    ((gsize) 64 * 1024)
#define MAX_SAMPLES    ((gsize) 16)

/* Returns: FALSE to end, with @error set. */
typedef gboolean (*OutputFunc) (const guint8 *data, gsize size, gpointer user_data, GError **error);

typedef struct {
  GConverter *converter; /* (unowned) */
  const guint8 *data;    /* (unowned) what is not yet converted */
  gsize left;
  OutputFunc output;
  gpointer user_data;
} Conversion;

/* Returns: FALSE at the end of the stream, or with @error set. */
static gboolean
convert_piece (Conversion *self, guint8 *buffer, GError **error)
{
  GConverterResult result;
  gsize n_read = 0;
  gsize n_written = 0;

  result = g_converter_convert (self->converter,
                                self->data,
                                self->left,
                                buffer,
                                OUTPUT_SIZE,
                                G_CONVERTER_INPUT_AT_END,
                                &n_read,
                                &n_written,
                                error);
  if (result == G_CONVERTER_ERROR)
    return FALSE;
  self->data += n_read;
  self->left -= n_read;
  if (!self->output (buffer, n_written, self->user_data, error))
    return FALSE;
  return result != G_CONVERTER_FINISHED;
}

static gboolean
convert_all (Conversion *self, GCancellable *cancellable, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (OUTPUT_SIZE);
  GError *local_error = NULL;

  do {
    if (g_cancellable_set_error_if_cancelled (cancellable, error))
      return FALSE;
  } while (convert_piece (self, buffer, &local_error));
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

typedef struct {
  OakInflateResult result;
  guint64 max_size;
  GByteArray *kept; /* (unowned) (nullable) */
} Inflation;

static void
keep_head (OakInflateResult *result, const guint8 *data, gsize size)
{
  if (result->size >= OAK_INFLATE_HEAD_SIZE)
    return;
  size = MIN (size, (gsize) (OAK_INFLATE_HEAD_SIZE - result->size));
  memcpy (result->head + result->size, data, size);
}

static gboolean
count_output (const guint8 *data, gsize size, gpointer user_data, GError **error)
{
  Inflation *self = user_data;
  g_autofree char *limit = NULL;

  keep_head (&self->result, data, size);
  self->result.size += size;
  if (self->result.size <= self->max_size) {
    if (self->kept != NULL)
      g_byte_array_append (self->kept, data, (guint) size);
    return TRUE;
  }
  limit = oak_text_size (self->max_size);
  g_set_error (error, OAK_ERROR, OAK_ERROR_TOO_LARGE, "unpacks to more than %s", limit);
  return FALSE;
}

/* What GIO says about the bytes becomes ours; TOO_LARGE and CANCELLED are already right. */
static gboolean
convert_error (GError *local_error, GError **error)
{
  gboolean too_short = g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT);

  if (local_error->domain == OAK_ERROR ||
      g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_propagate_error (error, local_error);
    return FALSE;
  }
  g_set_error_literal (error,
                       OAK_ERROR,
                       OAK_ERROR_BAD_FILE,
                       too_short ? "the packed bytes end early" : "the packed bytes are damaged");
  g_error_free (local_error);
  return FALSE;
}

static gboolean
inflate (Inflation *self, const void *data, gsize size, GCancellable *cancellable, GError **error)
{
  g_autoptr (GZlibDecompressor) unpack = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
  Conversion conversion = {
    .converter = G_CONVERTER (unpack),
    .data = data,
    .left = size,
    .output = count_output,
    .user_data = self,
  };
  GError *local_error = NULL;

  if (!convert_all (&conversion, cancellable, &local_error))
    return convert_error (local_error, error);
  self->result.n_trailing_bytes = conversion.left;
  return TRUE;
}

gboolean
oak_inflate_measure (const void *data,
                     gsize size,
                     guint64 max_size,
                     OakInflateResult *result,
                     GCancellable *cancellable,
                     GError **error)
{
  Inflation inflation = { .max_size = max_size };
  gboolean complete;

  g_return_val_if_fail (result != NULL, FALSE);

  complete = inflate (&inflation, data, size, cancellable, error);
  *result = inflation.result;
  return complete;
}

GBytes *
oak_inflate (const void *data,
             gsize size,
             guint64 max_size,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (GByteArray) kept = g_byte_array_new ();
  Inflation inflation = { .max_size = MIN (max_size, OAK_INFLATE_MAX_SIZE), .kept = kept };

  if (!inflate (&inflation, data, size, cancellable, error))
    return NULL;
  return g_byte_array_free_to_bytes (g_steal_pointer (&kept));
}

static gboolean
append_output (const guint8 *data, gsize size, gpointer user_data, GError **error)
{
  g_byte_array_append (user_data, data, (guint) size);
  return TRUE;
}

GBytes *
oak_deflate (const void *data, gsize size, GCancellable *cancellable, GError **error)
{
  g_autoptr (GByteArray) kept = g_byte_array_new ();
  g_autoptr (GZlibCompressor) pack =
      g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, ORIGINAL_LEVEL);
  Conversion conversion = {
    .converter = G_CONVERTER (pack),
    .data = data,
    .left = size,
    .output = append_output,
    .user_data = kept,
  };

  if (!convert_all (&conversion, cancellable, error))
    return NULL;
  return g_byte_array_free_to_bytes (g_steal_pointer (&kept));
}

static gboolean
count_packed (const guint8 *data, gsize size, gpointer user_data, GError **error)
{
  *(guint64 *) user_data += size;
  return TRUE;
}

static guint64
measure_sample (const guint8 *data, gsize size)
{
  g_autoptr (GZlibCompressor) pack =
      g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, ESTIMATE_LEVEL);
  guint64 packed_size = 0;
  Conversion conversion = {
    .converter = G_CONVERTER (pack),
    .data = data,
    .left = size,
    .output = count_packed,
    .user_data = &packed_size,
  };

  convert_all (&conversion, NULL, NULL);
  return packed_size;
}

guint64
oak_deflate_estimate (const void *data, gsize size)
{
  const guint8 *bytes = data;
  gsize stride = size / MAX_SAMPLES;
  guint64 packed_size = 0;

  if (size <= MAX_SAMPLES * SAMPLE_SIZE)
    return measure_sample (bytes, size);
  for (gsize i = 0; i < MAX_SAMPLES; i++)
    packed_size += measure_sample (bytes + i * stride, SAMPLE_SIZE);
  return packed_size * size / (MAX_SAMPLES * SAMPLE_SIZE);
}
