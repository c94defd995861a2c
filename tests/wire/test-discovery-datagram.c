/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-discovery-datagram.h"
#include "oak-error.h"
#include "test-bytes.h"

/* Discovery datagrams: the printed ones of xlink.md §4 and §7, and what must be refused. */

#define ID_DIGITS "3138343433303130433137354342304630 30 14*00 "

static void
test_requests_are_one_word (void)
{
  static const char *const digits[] = { "00000000", "01000000", "02000000", "03000000" };

  for (guint i = 0; i < G_N_ELEMENTS (digits); i++) {
    g_autoptr (GBytes) bytes = test_bytes_new (digits[i]);
    guint8 encoded[OAK_DISCOVERY_REQUEST_SIZE];
    guint32 command = 99;

    oak_discovery_request_encode ((OakDiscoveryCommand) i, encoded);
    g_assert_cmpmem (encoded, 4, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    g_assert_true (oak_discovery_request_decode (&command, encoded, 4, NULL));
    g_assert_cmpuint (command, ==, i);
  }
}

static void
test_longer_requests_count_by_their_first_word (void)
{
  g_autoptr (GBytes) bytes = test_bytes_new ("01000000 aaaaaaaa");
  guint32 command = 99;

  g_assert_true (oak_discovery_request_decode (&command, g_bytes_get_data (bytes, NULL), 8, NULL));
  g_assert_cmpuint (command, ==, OAK_DISCOVERY_COMMAND_DISCOVER);
}

static void
test_printed_reply_is_read_and_written (void)
{
  g_autoptr (GBytes) bytes = test_bytes_new ("01000000 " ID_DIGITS "03000000");
  g_autoptr (GBytes) encoded = NULL;
  g_autoptr (GError) error = NULL;
  OakDiscoveryReply reply;

  g_assert_true (oak_discovery_reply_decode (&reply,
                                             g_bytes_get_data (bytes, NULL),
                                             g_bytes_get_size (bytes),
                                             &error));
  g_assert_no_error (error);
  g_assert_cmpstr (reply.mxid, ==, "18443010C175CB0F00");
  g_assert_cmpint (reply.state, ==, OAK_DEVICE_STATE_BOOTLOADER);
  g_assert_cmpint (reply.platform, ==, OAK_DISCOVERY_PLATFORM_RVC2);
  encoded = oak_discovery_reply_encode (&reply);
  g_assert_cmpuint (g_bytes_get_size (encoded), ==, 40);
  test_bytes_assert_equal (encoded, bytes);
}

static void
test_extended_reply_is_read_and_written (void)
{
  g_autoptr (GBytes) bytes =
      test_bytes_new ("04000000 " ID_DIGITS "01000000 04000000 03000000 0000 0000");
  g_autoptr (GBytes) encoded = NULL;
  OakDiscoveryReply reply;

  g_assert_true (oak_discovery_reply_decode (&reply, g_bytes_get_data (bytes, NULL), 52, NULL));
  g_assert_cmpint (reply.state, ==, OAK_DEVICE_STATE_BOOTED);
  g_assert_cmpuint (reply.protocol, ==, 4);
  g_assert_cmpint (reply.platform, ==, OAK_DISCOVERY_PLATFORM_RVC3);
  encoded = oak_discovery_reply_encode (&reply);
  test_bytes_assert_equal (encoded, bytes);
}

static void
test_unknown_platform_survives (void)
{
  g_autoptr (GBytes) bytes =
      test_bytes_new ("04000000 " ID_DIGITS "01000000 07000000 2a000000 9012 9112");
  OakDiscoveryReply reply;

  g_assert_true (oak_discovery_reply_decode (&reply, g_bytes_get_data (bytes, NULL), 52, NULL));
  g_assert_cmpuint (reply.protocol, ==, 7);
  g_assert_cmpint (reply.platform, ==, 42);
}

static void
test_only_three_states_are_sent (void)
{
  static const OakDeviceState expected[] = {
    OAK_DEVICE_STATE_UNKNOWN,    OAK_DEVICE_STATE_BOOTED,       OAK_DEVICE_STATE_UNKNOWN,
    OAK_DEVICE_STATE_BOOTLOADER, OAK_DEVICE_STATE_FLASH_BOOTED, OAK_DEVICE_STATE_UNKNOWN,
  };

  for (guint8 i = 0; i < G_N_ELEMENTS (expected); i++) {
    g_autoptr (GBytes) bytes = test_bytes_new ("01000000 " ID_DIGITS "00000000");
    g_autofree guint8 *copy = test_bytes_cut (bytes, 40);
    OakDiscoveryReply reply;

    copy[36] = i;
    g_assert_true (oak_discovery_reply_decode (&reply, copy, 40, NULL));
    g_assert_cmpint (reply.state, ==, expected[i]);
  }
}

static void
assert_refused (const char *digits, const char *message)
{
  g_autoptr (GBytes) bytes = test_bytes_new (digits);
  g_autoptr (GError) error = NULL;
  OakDiscoveryReply reply;

  g_assert_false (oak_discovery_reply_decode (&reply,
                                              g_bytes_get_data (bytes, NULL),
                                              g_bytes_get_size (bytes),
                                              &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_no_answer_is_no_reply (void)
{
  assert_refused ("00000000 " ID_DIGITS "03000000", "discovery answer has the wrong command 0");
  assert_refused ("02000000 " ID_DIGITS "03000000", "discovery answer has the wrong command 2");
  assert_refused ("05000000 " ID_DIGITS "03000000", "discovery answer has the wrong command 5");
}

static void
test_ids_must_be_there_and_printable (void)
{
  assert_refused ("01000000 32*00 03000000", "discovery answer has an empty id");
  assert_refused ("01000000 31 0a 30*00 03000000", "discovery answer has byte 0x0a in its id");
  assert_refused ("01000000 31 7f 30*00 03000000", "discovery answer has byte 0x7f in its id");
  assert_refused ("01000000 c3a4 30*00 03000000", "discovery answer has byte 0xc3 in its id");
}

static void
test_bytes_behind_the_id_are_garbage (void)
{
  g_autoptr (GBytes) bytes = test_bytes_new ("01000000 3132 00 29*ff 03000000");
  OakDiscoveryReply reply;

  g_assert_true (oak_discovery_reply_decode (&reply, g_bytes_get_data (bytes, NULL), 40, NULL));
  g_assert_cmpstr (reply.mxid, ==, "12");
}

static void
test_an_id_may_fill_its_field (void)
{
  g_autoptr (GBytes) bytes = test_bytes_new ("01000000 32*41 04000000");
  g_autoptr (GBytes) encoded = NULL;
  OakDiscoveryReply reply;

  g_assert_true (oak_discovery_reply_decode (&reply, g_bytes_get_data (bytes, NULL), 40, NULL));
  g_assert_cmpuint (strlen (reply.mxid), ==, 32);
  encoded = oak_discovery_reply_encode (&reply);
  test_bytes_assert_equal (encoded, bytes);
}

static void
test_info_is_48_bytes (void)
{
  g_autoptr (GBytes) bytes = test_bytes_new ("02000000 " ID_DIGITS "e8030000 01000000 03000000");
  g_autoptr (GBytes) encoded = NULL;
  OakDiscoveryInfo info;

  g_assert_true (oak_discovery_info_decode (&info, g_bytes_get_data (bytes, NULL), 48, NULL));
  g_assert_cmpstr (info.mxid, ==, "18443010C175CB0F00");
  g_assert_cmpint (info.link_speed, ==, 1000);
  g_assert_cmpint (info.full_duplex, ==, 1);
  g_assert_cmpint (info.gpio_boot_mode, ==, 3);
  encoded = oak_discovery_info_encode (&info);
  g_assert_cmpuint (g_bytes_get_size (encoded), ==, OAK_DISCOVERY_INFO_SIZE);
  test_bytes_assert_equal (encoded, bytes);
}

static void
test_info_with_another_command_is_refused (void)
{
  g_autoptr (GBytes) bytes = test_bytes_new ("01000000 " ID_DIGITS "e8030000 01000000 03000000");
  g_autoptr (GError) error = NULL;
  OakDiscoveryInfo info;

  g_assert_false (oak_discovery_info_decode (&info, g_bytes_get_data (bytes, NULL), 48, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
}

#define CASE(name, function) g_test_add_func ("/wire/discovery-datagram/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  CASE ("requests-are-one-word", test_requests_are_one_word);
  CASE ("longer-requests-count-by-their-first-word",
        test_longer_requests_count_by_their_first_word);
  CASE ("printed-reply-is-read-and-written", test_printed_reply_is_read_and_written);
  CASE ("extended-reply-is-read-and-written", test_extended_reply_is_read_and_written);
  CASE ("unknown-platform-survives", test_unknown_platform_survives);
  CASE ("only-three-states-are-sent", test_only_three_states_are_sent);
  CASE ("no-answer-is-no-reply", test_no_answer_is_no_reply);
  CASE ("ids-must-be-there-and-printable", test_ids_must_be_there_and_printable);
  CASE ("bytes-behind-the-id-are-garbage", test_bytes_behind_the_id_are_garbage);
  CASE ("an-id-may-fill-its-field", test_an_id_may_fill_its_field);
  CASE ("info-is-48-bytes", test_info_is_48_bytes);
  CASE ("info-with-another-command-is-refused", test_info_with_another_command_is_refused);
  return g_test_run ();
}
