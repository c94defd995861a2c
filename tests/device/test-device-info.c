/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-device-info.h"

/* What is known of a camera, and its id for people. */

#define MXID_A "14442C10D1234567D0"
#define MXID_B "1944301031C3765B00"
/* Ends like A from the eleventh digit on, and from the tenth. */
#define MXID_C "14442C10D9234567D0"
#define MXID_D "94442C10D1234567D0"

static void
test_copies_differ_in_one_thing (void)
{
  g_autoptr (OakDeviceInfo) info =
      oak_device_info_new_network (NULL, "192.168.1.5", OAK_DEVICE_STATE_BOOTLOADER);
  g_autoptr (OakDeviceInfo) named = oak_device_info_with_mxid (info, MXID_A);
  g_autoptr (OakDeviceInfo) moved = oak_device_info_with_address (named, "127.0.0.9");
  g_autoptr (OakDeviceInfo) started =
      oak_device_info_with_state (moved, OAK_DEVICE_STATE_FLASH_BOOTED);

  g_assert_null (oak_device_info_get_mxid (info));
  g_assert_cmpstr (oak_device_info_get_mxid (named), ==, MXID_A);
  g_assert_cmpstr (oak_device_info_get_address (named), ==, "192.168.1.5");
  g_assert_false (oak_device_info_is_loopback (named));
  g_assert_true (oak_device_info_is_loopback (moved));
  g_assert_cmpint (oak_device_info_get_state (moved), ==, OAK_DEVICE_STATE_BOOTLOADER);
  g_assert_cmpint (oak_device_info_get_state (started), ==, OAK_DEVICE_STATE_FLASH_BOOTED);
  g_assert_cmpint (oak_device_info_get_transport (started), ==, OAK_TRANSPORT_NETWORK);
  g_assert_false (oak_device_info_equal (info, named));
  g_assert_false (oak_device_info_equal (named, moved));
  g_assert_false (oak_device_info_equal (moved, started));
  g_assert_false (oak_device_info_equal (NULL, started));
}

static void
test_equal_values_are_equal (void)
{
  g_autoptr (OakDeviceInfo) a =
      oak_device_info_new_network (MXID_A, "127.0.0.2", OAK_DEVICE_STATE_BOOTLOADER);
  g_autoptr (OakDeviceInfo) b =
      oak_device_info_new_network (MXID_A, "127.0.0.2", OAK_DEVICE_STATE_BOOTLOADER);
  g_autoptr (OakDeviceInfo) same = oak_device_info_ref (a);

  g_assert_true (oak_device_info_equal (a, b));
  g_assert_true (oak_device_info_equal (a, same));
}

static void
assert_short_id (const char *mxid, const char *const *others, const char *expected)
{
  g_autofree char *short_id = oak_short_id (mxid, others);

  g_assert_cmpstr (short_id, ==, expected);
}

static void
test_short_id_is_digits_11_to_16 (void)
{
  assert_short_id (MXID_A, NULL, "234567");
  assert_short_id (MXID_B, NULL, "C3765B");
  assert_short_id ("1944301031c3765b00", NULL, "C3765B");
}

static void
test_short_id_of_a_short_mxid_is_all_of_it (void)
{
  assert_short_id ("abc123", NULL, "ABC123");
  assert_short_id ("123456789012345", NULL, "123456789012345");
}

static void
test_short_id_grows_to_the_left_until_unique (void)
{
  const char *const with_b[] = { MXID_A, MXID_B, NULL };
  const char *const with_c[] = { MXID_A, MXID_C, NULL };
  const char *const with_d[] = { MXID_D, MXID_C, MXID_A, NULL };
  const char *const with_tail[] = { MXID_A, "14442C10D1234567FF", NULL };

  assert_short_id (MXID_A, with_b, "234567");
  assert_short_id (MXID_A, with_c, "1234567");
  assert_short_id (MXID_C, with_c, "9234567");
  assert_short_id (MXID_A, with_d, "14442C10D1234567");
  assert_short_id (MXID_D, with_d, "94442C10D1234567");
  /* Nothing before the last two digits tells them apart. */
  assert_short_id (MXID_A, with_tail, MXID_A);
}

static void
test_typed_ids_match (void)
{
  g_assert_true (oak_short_id_matches (MXID_A, MXID_A));
  g_assert_true (oak_short_id_matches (MXID_B, "1944301031c3765b00"));
  g_assert_true (oak_short_id_matches (MXID_B, "c3765b"));
  g_assert_true (oak_short_id_matches (MXID_B, "31C3765B"));
  g_assert_true (oak_short_id_matches (MXID_B, "1944301031C3765B"));
}

static void
test_typed_ids_that_mean_nobody (void)
{
  g_assert_false (oak_short_id_matches (MXID_B, ""));
  g_assert_false (oak_short_id_matches (MXID_B, "3765B"));
  g_assert_false (oak_short_id_matches (MXID_B, "C3765"));
  g_assert_false (oak_short_id_matches (MXID_B, "3765B00"));
  g_assert_false (oak_short_id_matches (MXID_B, "01944301031C3765B"));
  g_assert_false (oak_short_id_matches (MXID_B, "1944301031C3765B0"));
  g_assert_false (oak_short_id_matches ("abc", "abcdef"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/device/info/copies-differ-in-one-thing", test_copies_differ_in_one_thing);
  g_test_add_func ("/device/info/equal-values-are-equal", test_equal_values_are_equal);
  g_test_add_func ("/device/short-id/digits-11-to-16", test_short_id_is_digits_11_to_16);
  g_test_add_func ("/device/short-id/all-of-a-short-mxid",
                   test_short_id_of_a_short_mxid_is_all_of_it);
  g_test_add_func ("/device/short-id/grows-to-the-left-until-unique",
                   test_short_id_grows_to_the_left_until_unique);
  g_test_add_func ("/device/short-id/typed-ids-match", test_typed_ids_match);
  g_test_add_func ("/device/short-id/typed-ids-that-mean-nobody", test_typed_ids_that_mean_nobody);
  return g_test_run ();
}
