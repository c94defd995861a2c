/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-error.h"
#include "oak-xlink-event.h"
#include "test-bytes.h"

/* Event headers: the printed conversation of xlink.md §7, refusals, and answers. */

typedef struct {
  const char *name;
  const char *digits;
  guint32 type;
  const char *type_name;
  gint32 id;
  const char *stream_name;
  guint32 stream_id;
  guint32 size;
} Row;

#define BOOTLOADER_NAME "5f5f626f6f746c6f61646572 40*00 "

/* xlink.md §7, in its order. */
static const Row rows[] = {
  { "01-ping",
    "0b000000 05000000 52*00 6758af0c ce070000 00000000 00000000 00000000 01000000",
    5,
    "PING_REQ",
    11,
    "",
    0,
    0 },
  { "02-ping-answer",
    "0b000000 0d000000 52*00 162cb40c ce070000 00000000 00000000 00000000 01000000",
    13,
    "PING_RESP",
    11,
    "",
    0,
    0 },
  { "03-create-by-device",
    "0b000000 03000000 " BOOTLOADER_NAME "6e10b50c ce070000 00000000 addeadde 00005000 01000000",
    3,
    "CREATE_STREAM_REQ",
    11,
    "__bootloader",
    OAK_XLINK_INVALID_STREAM_ID,
    5242880 },
  { "04-create-by-host",
    "0c000000 03000000 " BOOTLOADER_NAME "32e3b40c ce070000 00000000 00000000 00005000 01000000",
    3,
    "CREATE_STREAM_REQ",
    12,
    "__bootloader",
    0,
    5242880 },
  { "05-create-answer-by-device",
    "0c000000 0b000000 " BOOTLOADER_NAME "0986b50c ce070000 00000000 00000000 00005000 01000000",
    11,
    "CREATE_STREAM_RESP",
    12,
    "__bootloader",
    0,
    5242880 },
  { "06-create-answer-by-host",
    "0b000000 0b000000 " BOOTLOADER_NAME "2150b50c ce070000 00000000 00000000 00005000 01000000",
    11,
    "CREATE_STREAM_RESP",
    11,
    "__bootloader",
    0,
    5242880 },
  { "07-write",
    "0d000000 00000000 52*00 89c4b50c ce070000 00000000 00000000 04000000 01000000",
    0,
    "WRITE_REQ",
    13,
    "",
    0,
    4 },
  { "08-write-answer",
    "0d000000 08000000 52*00 6920b60c ce070000 00000000 00000000 04000000 01000000",
    8,
    "WRITE_RESP",
    13,
    "",
    0,
    4 },
  { "09-release",
    "0c000000 02000000 52*00 2979b60c ce070000 00000000 00000000 04000000 01000000",
    2,
    "READ_REL_REQ",
    12,
    "",
    0,
    4 },
  { "10-write-by-device",
    "0d000000 00000000 52*00 2cd6b60c ce070000 00000000 00000000 10000000 01000000",
    0,
    "WRITE_REQ",
    13,
    "",
    0,
    16 },
  { "11-release-answer-with-leftovers",
    "0c000000 0a000000 " BOOTLOADER_NAME "f2a8b60c ce070000 00000000 00000000 00005000 01000000",
    10,
    "READ_REL_RESP",
    12,
    "__bootloader",
    0,
    5242880 },
  { "12-write-answer-with-leftovers",
    "0d000000 08000000 " BOOTLOADER_NAME "8488b70c ce070000 00000000 00000000 10000000 01000000",
    8,
    "WRITE_RESP",
    13,
    "__bootloader",
    0,
    16 },
  { "13-release-by-host",
    "0f000000 02000000 52*00 f969b80c ce070000 00000000 00000000 10000000 01000000",
    2,
    "READ_REL_REQ",
    15,
    "",
    0,
    16 },
  { "14-release-answer",
    "0f000000 0a000000 52*00 a69db80c ce070000 00000000 00000000 00000000 01000000",
    10,
    "READ_REL_RESP",
    15,
    "",
    0,
    0 },
  { "15-close",
    "10000000 04000000 52*00 b8eeb80c ce070000 00000000 00000000 00000000 01000000",
    4,
    "CLOSE_STREAM_REQ",
    16,
    "",
    0,
    0 },
  { "16-close-answer",
    "10000000 0c000000 52*00 ea2db90c ce070000 00000000 00000000 00000000 01000000",
    12,
    "CLOSE_STREAM_RESP",
    16,
    "",
    0,
    0 },
  { "17-reset",
    "11000000 06000000 52*00 7e6eb90c ce070000 00000000 00000000 00000000 01000000",
    6,
    "RESET_REQ",
    17,
    "",
    0,
    0 },
  { "18-reset-answer",
    "11000000 0e000000 52*00 e89dc10c ce070000 00000000 00000000 00000000 01000000",
    14,
    "RESET_RESP",
    17,
    "",
    0,
    0 },
};

static void
test_printed_event (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (GBytes) bytes = test_bytes_new (row->digits);
  g_autoptr (GError) error = NULL;
  guint8 encoded[OAK_XLINK_EVENT_SIZE];
  OakXlinkEvent event;

  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 84);
  g_assert_true (oak_xlink_event_decode (&event, g_bytes_get_data (bytes, NULL), 84, &error));
  g_assert_no_error (error);
  g_assert_cmpint (event.id, ==, row->id);
  g_assert_cmpuint (event.type, ==, row->type);
  g_assert_cmpstr (oak_xlink_event_type_to_string (event.type), ==, row->type_name);
  g_assert_cmpstr (event.stream_name, ==, row->stream_name);
  g_assert_cmphex (event.seconds_low, ==, 0x7ce);
  g_assert_cmphex (event.stream_id, ==, row->stream_id);
  g_assert_cmpuint (event.size, ==, row->size);
  g_assert_cmphex (event.flags, ==, OAK_XLINK_FLAG_ACK);
  g_assert_cmpint (oak_xlink_event_is_request (&event), ==, row->type < 7);
  oak_xlink_event_encode (&event, encoded);
  g_assert_cmpmem (encoded, sizeof encoded, g_bytes_get_data (bytes, NULL), 84);
}

static void
test_fields_are_in_their_places (void)
{
  const OakXlinkEvent event = {
    .id = -2,
    .type = OAK_XLINK_EVENT_CLOSE_STREAM_RESP,
    .stream_name = "ab",
    .nanoseconds = 0x01020304,
    .seconds_low = 0x11121314,
    .seconds_high = 0x21222324,
    .stream_id = 0x31323334,
    .size = 0x41424344,
    .flags = OAK_XLINK_FLAG_NACK,
  };
  guint8 encoded[OAK_XLINK_EVENT_SIZE];
  g_autoptr (GBytes) bytes = NULL;
  OakXlinkEvent decoded;

  oak_xlink_event_encode (&event, encoded);
  bytes = g_bytes_new_static (encoded, sizeof encoded);
  test_bytes_assert (
      bytes,
      "feffffff 0c000000 6162 50*00 04030201 14131211 24232221 34333231 44434241 02000000");
  g_assert_true (oak_xlink_event_decode (&decoded, encoded, sizeof encoded, NULL));
  g_assert_cmpint (decoded.id, ==, event.id);
  g_assert_cmpuint (decoded.type, ==, event.type);
  g_assert_cmpstr (decoded.stream_name, ==, event.stream_name);
  g_assert_cmphex (decoded.nanoseconds, ==, event.nanoseconds);
  g_assert_cmphex (decoded.seconds_low, ==, event.seconds_low);
  g_assert_cmphex (decoded.seconds_high, ==, event.seconds_high);
  g_assert_cmphex (decoded.stream_id, ==, event.stream_id);
  g_assert_cmphex (decoded.size, ==, event.size);
  g_assert_cmphex (decoded.flags, ==, event.flags);
}

static gboolean
is_accepted (guint32 type, guint32 size)
{
  OakXlinkEvent event = { .type = type, .size = size };
  guint8 encoded[OAK_XLINK_EVENT_SIZE];
  g_autoptr (GError) error = NULL;
  gboolean accepted = FALSE;

  oak_xlink_event_encode (&event, encoded);
  accepted = oak_xlink_event_decode (&event, encoded, sizeof encoded, &error);
  if (!accepted)
    g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
  return accepted;
}

static void
test_only_known_types_are_accepted (void)
{
  for (guint32 type = 0; type < 300; type++) {
    gboolean is_known = type < 15 && type != 1 && type != 7 && type != 9;

    g_assert_cmpint (is_accepted (type, 0), ==, is_known);
    g_assert_cmpint (strcmp (oak_xlink_event_type_to_string (type), "unknown") != 0, ==, is_known);
  }
  g_assert_false (is_accepted (G_MAXUINT32, 0));
  g_assert_false (is_accepted (0x80000000u, 0));
}

static void
test_a_packet_beyond_5_mib_is_refused (void)
{
  g_assert_true (is_accepted (OAK_XLINK_EVENT_WRITE_REQ, 5 * 1024 * 1024));
  g_assert_false (is_accepted (OAK_XLINK_EVENT_WRITE_REQ, 5 * 1024 * 1024 + 1));
  g_assert_false (is_accepted (OAK_XLINK_EVENT_WRITE_REQ, G_MAXUINT32));
}

static void
test_sizes_of_other_events_are_not_judged (void)
{
  for (guint32 type = 2; type < 15; type++)
    if (type != 7 && type != 9)
      g_assert_true (is_accepted (type, G_MAXUINT32));
}

static void
test_a_name_is_cut_to_51_characters (void)
{
  OakXlinkEvent event = { .type = OAK_XLINK_EVENT_CREATE_STREAM_REQ };
  guint8 encoded[OAK_XLINK_EVENT_SIZE];

  memset (event.stream_name, 'x', OAK_XLINK_STREAM_NAME_SIZE);
  oak_xlink_event_encode (&event, encoded);
  g_assert_cmpuint (encoded[8 + 50], ==, 'x');
  g_assert_cmpuint (encoded[8 + 51], ==, 0);
  g_assert_true (oak_xlink_event_decode (&event, encoded, sizeof encoded, NULL));
  g_assert_cmpuint (strlen (event.stream_name), ==, 51);
}

static void
test_a_name_without_end_stays_in_its_field (void)
{
  g_autoptr (GBytes) bytes = test_bytes_new (
      "0b000000 03000000 52*79 ffffffff ffffffff ffffffff 00000000 00000000 01000000");
  OakXlinkEvent event;

  g_assert_true (oak_xlink_event_decode (&event, g_bytes_get_data (bytes, NULL), 84, NULL));
  g_assert_cmpuint (strlen (event.stream_name), ==, 52);
}

static void
assert_answer (guint32 type, const char *expected_digits)
{
  const OakXlinkEvent request = {
    .id = 0x77,
    .type = type,
    .stream_name = "__bootloader",
    .nanoseconds = 1,
    .seconds_low = 2,
    .seconds_high = 3,
    .stream_id = 5,
    .size = 0x500,
    .flags = 0xffff,
  };
  guint8 encoded[OAK_XLINK_EVENT_SIZE];
  g_autoptr (GBytes) bytes = NULL;
  OakXlinkEvent response;

  oak_xlink_event_init_response (&response, &request);
  oak_xlink_event_encode (&response, encoded);
  bytes = g_bytes_new_static (encoded, sizeof encoded);
  test_bytes_assert (bytes, expected_digits);
}

static void
test_answers_carry_only_what_counts (void)
{
  assert_answer (OAK_XLINK_EVENT_WRITE_REQ,
                 "77000000 08000000 52*00 12*00 05000000 00050000 01000000");
  assert_answer (OAK_XLINK_EVENT_READ_REL_REQ,
                 "77000000 0a000000 52*00 12*00 00000000 00000000 01000000");
  assert_answer (OAK_XLINK_EVENT_CREATE_STREAM_REQ,
                 "77000000 0b000000 " BOOTLOADER_NAME "12*00 05000000 00050000 01000000");
  assert_answer (OAK_XLINK_EVENT_CLOSE_STREAM_REQ,
                 "77000000 0c000000 52*00 12*00 05000000 00000000 01000000");
  assert_answer (OAK_XLINK_EVENT_PING_REQ,
                 "77000000 0d000000 52*00 12*00 00000000 00000000 01000000");
  assert_answer (OAK_XLINK_EVENT_RESET_REQ,
                 "77000000 0e000000 52*00 12*00 00000000 00000000 01000000");
}

static void
test_an_answer_may_replace_its_request (void)
{
  OakXlinkEvent event = { .id = 9,
                          .type = OAK_XLINK_EVENT_CREATE_STREAM_REQ,
                          .stream_name = "a",
                          .stream_id = 3,
                          .size = 64 };

  oak_xlink_event_init_response (&event, &event);
  g_assert_cmpuint (event.type, ==, OAK_XLINK_EVENT_CREATE_STREAM_RESP);
  g_assert_cmpint (event.id, ==, 9);
  g_assert_cmpstr (event.stream_name, ==, "a");
  g_assert_cmpuint (event.stream_id, ==, 3);
  g_assert_cmpuint (event.size, ==, 64);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path =
        g_strdup_printf ("/wire/xlink-event/printed-conversation/%s", rows[i].name);

    g_test_add_data_func (path, &rows[i], test_printed_event);
  }
  g_test_add_func ("/wire/xlink-event/fields-are-in-their-places", test_fields_are_in_their_places);
  g_test_add_func ("/wire/xlink-event/only-known-types-are-accepted",
                   test_only_known_types_are_accepted);
  g_test_add_func ("/wire/xlink-event/a-packet-beyond-5-mib-is-refused",
                   test_a_packet_beyond_5_mib_is_refused);
  g_test_add_func ("/wire/xlink-event/sizes-of-other-events-are-not-judged",
                   test_sizes_of_other_events_are_not_judged);
  g_test_add_func ("/wire/xlink-event/a-name-is-cut-to-51-characters",
                   test_a_name_is_cut_to_51_characters);
  g_test_add_func ("/wire/xlink-event/a-name-without-end-stays-in-its-field",
                   test_a_name_without_end_stays_in_its_field);
  g_test_add_func ("/wire/xlink-event/answers-carry-only-what-counts",
                   test_answers_carry_only_what_counts);
  g_test_add_func ("/wire/xlink-event/an-answer-may-replace-its-request",
                   test_an_answer_may_replace_its_request);
  return g_test_run ();
}
