/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-bootloader-message.h"
#include "oak-bson.h"
#include "oak-discovery-datagram.h"
#include "oak-error.h"
#include "oak-sbr.h"
#include "oak-xlink-event.h"
#include "test-bytes.h"

/* Every decoder at every length: below its size it fails with OAK_ERROR_PROTOCOL and reads no byte
 * beyond; from its size on it succeeds. The input always ends with its heap block. */

typedef gboolean (*Decoder) (const void *data, gsize size, GError **error);

static gboolean
decode_event (const void *data, gsize size, GError **error)
{
  OakXlinkEvent event;

  return oak_xlink_event_decode (&event, data, size, error);
}

static gboolean
decode_request (const void *data, gsize size, GError **error)
{
  OakBootloaderRequest request;

  return oak_bootloader_request_decode (&request, data, size, error);
}

static gboolean
decode_response (const void *data, gsize size, GError **error)
{
  OakBootloaderResponse response;

  return oak_bootloader_response_decode (&response, data, size, error);
}

static gboolean
decode_discovery_request (const void *data, gsize size, GError **error)
{
  guint32 command = 0;

  return oak_discovery_request_decode (&command, data, size, error);
}

static gboolean
decode_discovery_reply (const void *data, gsize size, GError **error)
{
  OakDiscoveryReply reply;

  return oak_discovery_reply_decode (&reply, data, size, error);
}

static gboolean
decode_discovery_info (const void *data, gsize size, GError **error)
{
  OakDiscoveryInfo info;

  return oak_discovery_info_decode (&info, data, size, error);
}

static gboolean
decode_sbr (const void *data, gsize size, GError **error)
{
  OakSbr sbr;

  return oak_sbr_decode (&sbr, data, size, error);
}

static gboolean
decode_bson (const void *data, gsize size, GError **error)
{
  g_autoptr (JsonNode) document = oak_bson_decode (data, size, error);

  return document != NULL;
}

typedef struct {
  const char *name;
  Decoder decode;
  gsize size; /* the shortest that must succeed */
  const char *digits;
} Row;

#define ID_DIGITS "31 31*00 "

static const Row rows[] = {
  { "xlink-event", decode_event, 84, "0b000000 05000000 76*00" },
  { "xlink-event-with-full-name", decode_event, 84, "0b000000 03000000 52*78 24*00" },
  { "request-0", decode_request, 4, "00000000" },
  { "request-1", decode_request, 4, "01000000" },
  { "request-2", decode_request, 16, "02000000 12*01" },
  { "request-3", decode_request, 4, "03000000" },
  { "request-4", decode_request, 12, "04000000 8*01" },
  { "request-5", decode_request, 20, "05000000 16*01" },
  { "request-6", decode_request, 20, "06000000 16*01" },
  { "request-8", decode_request, 4, "08000000" },
  { "request-9", decode_request, 32, "09000000 28*01" },
  { "request-10", decode_request, 24, "0a000000 20*01" },
  { "request-11", decode_request, 4, "0b000000" },
  { "request-12", decode_request, 4, "0c000000" },
  { "request-13", decode_request, 40, "0d000000 36*01" },
  { "request-14", decode_request, 16, "0e000000 12*01" },
  { "request-15", decode_request, 8, "0f000000 4*01" },
  { "request-16", decode_request, 8, "10000000 4*01" },
  { "request-17", decode_request, 4, "11000000" },
  { "response-0", decode_response, 72, "00000000 68*78" },
  { "response-1", decode_response, 8, "01000000 4*01" },
  { "response-2", decode_response, 16, "02000000 12*01" },
  { "response-3", decode_response, 8, "03000000 4*01" },
  { "response-4", decode_response, 80, "04000000 76*78" },
  { "response-5", decode_response, 8, "05000000 4*01" },
  { "response-6", decode_response, 72, "06000000 68*78" },
  { "response-7", decode_response, 68, "07000000 64*78" },
  { "response-8", decode_response, 80, "08000000 76*78" },
  { "response-9", decode_response, 4436, "09000000 4432*78" },
  { "response-10", decode_response, 536, "0a000000 532*78" },
  { "response-11", decode_response, 8, "0b000000 4*01" },
  { "response-12", decode_response, 8, "0c000000 4*01" },
  { "discovery-request", decode_discovery_request, 4, "01000000" },
  { "discovery-reply", decode_discovery_reply, 40, "01000000 " ID_DIGITS "03000000" },
  { "discovery-reply-extended",
    decode_discovery_reply,
    52,
    "04000000 " ID_DIGITS "03000000 12*00" },
  { "discovery-info", decode_discovery_info, 48, "02000000 " ID_DIGITS "12*00" },
  { "sbr", decode_sbr, 512, "4252 510*61" },
  { "bson-empty", decode_bson, 5, "05000000 00" },
  { "bson-app-memory", decode_bson, 17, "11000000 10 6170704d656d00 00000000 00" },
  { "bson-double", decode_bson, 16, "10000000 01 6100 8*00 00" },
  { "bson-string", decode_bson, 14, "0e000000 02 6100 02000000 6200 00" },
  { "bson-document", decode_bson, 20, "14000000 03 6100 0c000000 10 6200 01000000 00 00" },
  { "bson-array", decode_bson, 20, "14000000 04 6100 0c000000 10 3000 01000000 00 00" },
  { "bson-binary", decode_bson, 15, "0f000000 05 6100 02000000 80 0102 00" },
  { "bson-regular-expression", decode_bson, 12, "0c000000 0b 6100 6200 6300 00" },
  { "bson-pointer", decode_bson, 26, "1a000000 0c 6100 02000000 6200 12*01 00" },
  { "bson-code-with-scope",
    decode_bson,
    23,
    "17000000 0f 6100 0f000000 02000000 6200 05000000 00 00" },
  { "bson-decimal", decode_bson, 24, "18000000 13 6100 16*01 00" },
};

static void
assert_fails (const Row *row, GBytes *bytes, gsize size)
{
  g_autofree guint8 *block = test_bytes_cut (bytes, size);
  g_autoptr (GError) error = NULL;
  gboolean is_good = row->decode (block, size, &error);

  if (is_good)
    g_error ("%s succeeded with %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " bytes",
             row->name,
             size,
             row->size);
  g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
}

static void
assert_succeeds (const Row *row, GBytes *bytes, gsize size)
{
  g_autofree guint8 *block = test_bytes_cut (bytes, size);
  g_autoptr (GError) error = NULL;
  gboolean is_good = row->decode (block, size, &error);

  g_assert_no_error (error);
  g_assert_true (is_good);
}

static void
test_every_length (gconstpointer data)
{
  const Row *row = data;
  g_autofree char *longer_digits = g_strdup_printf ("%s 16*ff", row->digits);
  g_autoptr (GBytes) bytes = test_bytes_new (row->digits);
  g_autoptr (GBytes) longer = test_bytes_new (longer_digits);

  g_assert_cmpuint (g_bytes_get_size (bytes), ==, row->size);
  for (gsize size = 0; size < row->size; size++)
    assert_fails (row, longer, size);
  for (gsize size = row->size; size <= row->size + 16; size++)
    assert_succeeds (row, longer, size);
}

static void
test_no_bytes_at_all (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (GError) error = NULL;

  g_assert_false (row->decode (NULL, 0, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *lengths = g_strdup_printf ("/wire/truncation/every-length/%s", rows[i].name);
    g_autofree char *nothing =
        g_strdup_printf ("/wire/truncation/no-bytes-at-all/%s", rows[i].name);

    g_test_add_data_func (lengths, &rows[i], test_every_length);
    g_test_add_data_func (nothing, &rows[i], test_no_bytes_at_all);
  }
  return g_test_run ();
}
