/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "session-support.h"

/* The worked example of xlink.md §7, byte by byte: the device sends exactly the printed frames
 * (event numbers of responses mapped to those our host chose), and every frame of our host must be
 * the printed one, except for event numbers, times, and the fields that the original leaves stale.
 * The host's CLOSE_STREAM (steps 15 and 16) is left out: our host does not close streams before a
 * RESET. Steps 3 and 4 cross on the wire: here the device sends 3 when it has 4. */

#define ADDRESS_OF_ID   0
#define ADDRESS_OF_TIME 60
#define TIME_SIZE       12

typedef struct {
  guint step;
  gboolean from_host;
  const char *head;  /* id, type and stream name in hexadecimal, "*N" for N zero bytes */
  const char *tail;  /* time, stream, size, flags, and the payload */
  gboolean is_stale; /* name, stream and size are leftovers of the original */
} Frame;

#define BOOTLOADER_NAME "5f5f626f6f746c6f61646572*40"

static const Frame frames[] = {
  { 1, TRUE, "0b00000005000000*52", "6758af0cce0700000000000000000000*4 01000000" },
  { 2, FALSE, "0b0000000d000000*52", "162cb40cce0700000000000000000000*4 01000000" },
  { 4,
    TRUE,
    "0c00000003000000" BOOTLOADER_NAME,
    "32e3b40cce07000000000000000000000000500001000000" },
  { 3,
    FALSE,
    "0b00000003000000" BOOTLOADER_NAME,
    "6e10b50cce07000000000000addeadde0000500001000000" },
  { 5,
    FALSE,
    "0c0000000b000000" BOOTLOADER_NAME,
    "0986b50cce07000000000000000000000000500001000000" },
  { 6,
    TRUE,
    "0b0000000b000000" BOOTLOADER_NAME,
    "2150b50cce07000000000000000000000000500001000000" },
  { 7, TRUE, "0d00000000000000*52", "89c4b50cce07000000000000000000000400000001000000 03000000" },
  { 8, FALSE, "0d00000008000000*52", "6920b60cce07000000000000000000000400000001000000" },
  { 9, FALSE, "0c00000002000000*52", "2979b60cce07000000000000000000000400000001000000" },
  { 10,
    FALSE,
    "0d00000000000000*52",
    "2cd6b60cce07000000000000000000001000000001000000 0200000000000000000000001c000000" },
  { 11,
    TRUE,
    "0c0000000a000000" BOOTLOADER_NAME,
    "f2a8b60cce07000000000000000000000000500001000000",
    TRUE },
  { 12,
    TRUE,
    "0d00000008000000" BOOTLOADER_NAME,
    "8488b70cce07000000000000000000001000000001000000",
    TRUE },
  { 13, TRUE, "0f00000002000000*52", "f969b80cce07000000000000000000001000000001000000" },
  { 14, FALSE, "0f0000000a000000*52", "a69db80cce07000000000000000000000000000001000000" },
  { 17, TRUE, "1100000006000000*52", "7e6eb90cce07000000000000000000000000000001000000" },
  { 18, FALSE, "110000000e000000*52", "e89dc10cce07000000000000000000000000000001000000" },
};

static void
append_hexadecimal (GByteArray *bytes, const char *text)
{
  while (*text != '\0') {
    guint8 byte = 0;

    if (*text == ' ') {
      text++;
      continue;
    }

    if (*text == '*') {
      char *end = NULL;

      for (guint64 count = g_ascii_strtoull (text + 1, &end, 10); count > 0; count--)
        g_byte_array_append (bytes, &byte, 1);
      text = end;
      continue;
    }

    byte = (guint8) (g_ascii_xdigit_value (text[0]) * 16 + g_ascii_xdigit_value (text[1]));
    g_byte_array_append (bytes, &byte, 1);
    text += 2;
  }
}

/* Returns: (transfer full). */
static GByteArray *
frame_to_bytes (const Frame *frame)
{
  GByteArray *bytes = g_byte_array_new ();

  append_hexadecimal (bytes, frame->head);
  append_hexadecimal (bytes, frame->tail);
  g_assert_cmpuint (bytes->len, >=, OAK_XLINK_EVENT_SIZE);
  return bytes;
}

/* The host's frames as they really came, by step, and how its numbers map to the printed ones. */
typedef struct {
  gint32 ids[32]; /* printed event number -> ours */
} Example;

static gboolean
is_response (const GByteArray *bytes)
{
  return bytes->data[4] >= OAK_XLINK_EVENT_WRITE_RESP;
}

/* Fields that the original fills with leftovers are zero in our responses, or what they should be.
 */
static void
clear_free_fields (GByteArray *bytes, const Frame *frame)
{
  memset (bytes->data + ADDRESS_OF_TIME, 0, TIME_SIZE);
  if (!is_response (bytes))
    memset (bytes->data + ADDRESS_OF_ID, 0, 4);
  if (frame->is_stale) {
    memset (bytes->data + 8, 0, OAK_XLINK_STREAM_NAME_SIZE);
    memset (bytes->data + 72, 0, 8);
  }
}

static void
expect_frame (FakeDevice *device, Example *example, const Frame *frame)
{
  g_autoptr (GByteArray) expected = frame_to_bytes (frame);
  g_autoptr (GByteArray) received = g_byte_array_new ();
  OakXlinkEvent event;

  g_byte_array_set_size (received, expected->len);
  if (!fake_device_read_bytes (device, received->data, received->len))
    g_error ("step %u: the host closed the link", frame->step);

  g_assert_true (oak_xlink_event_decode (&event, received->data, received->len, NULL));
  if (!is_response (received))
    example->ids[expected->data[0]] = event.id;

  /* The host's clock runs. */
  g_assert_cmpuint (event.nanoseconds, <, 1000000000);
  clear_free_fields (expected, frame);
  clear_free_fields (received, frame);
  for (guint i = 0; i < expected->len; i++)
    if (received->data[i] != expected->data[i])
      g_error ("step %u: byte %u is %02x instead of %02x",
               frame->step,
               i,
               received->data[i],
               expected->data[i]);
}

static void
send_frame (FakeDevice *device, Example *example, const Frame *frame)
{
  g_autoptr (GByteArray) bytes = frame_to_bytes (frame);

  if (is_response (bytes)) {
    guint32 id = GUINT32_TO_LE ((guint32) example->ids[bytes->data[0]]);

    memcpy (bytes->data, &id, sizeof id);
  }
  fake_device_send_bytes (device, bytes->data, bytes->len);
}

static void
play_device (FakeDevice *device, gpointer user_data)
{
  Example example = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (frames); i++) {
    if (frames[i].from_host)
      expect_frame (device, &example, &frames[i]);
    else
      send_frame (device, &example, &frames[i]);
  }
}

static void
test_worked_example (void)
{
  g_autoptr (GError) error = NULL;
  FakeDevice *device = fake_device_start (play_device, NULL);
  OakTimeouts timeouts;
  g_autoptr (OakXlinkSession) session = NULL;
  g_autoptr (GBytes) request = g_bytes_new_static ("\x03\0\0\0", 4);
  g_autoptr (GBytes) response = NULL;
  OakXlinkStream *stream = NULL;

  patient_timeouts_init (&timeouts);
  session = oak_xlink_session_open (fake_device_get_link (device), &timeouts, NULL, NULL, &error);
  g_assert_no_error (error);
  stream = oak_xlink_session_open_stream (session, "__bootloader", 5242880, NULL, &error);
  g_assert_no_error (error);
  oak_xlink_stream_write (stream, request, test_deadline (LONG_MS), NULL, &error);
  g_assert_no_error (error);
  response = oak_xlink_stream_read (stream, test_deadline (LONG_MS), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (response, NULL),
                   g_bytes_get_size (response),
                   "\x02\0\0\0\0\0\0\0\0\0\0\0\x1c\0\0\0",
                   16);
  g_assert_true (oak_xlink_session_reset (session, &error));
  g_assert_no_error (error);
  fake_device_finish (device);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/xlink/worked-example/every-byte-of-the-host-is-as-printed",
                   test_worked_example);

  return g_test_run ();
}
