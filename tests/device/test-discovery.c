/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-device-info.h"
#include "oak-device-table.h"
#include "oak-device.h"
#include "oak-discovery-datagram.h"
#include "oak-discovery-private.h"
#include "oak-error.h"

/* How answers become rows. No sockets: the answers are told by hand, and the rounds end when the
 * test says so. */

#define MXID_A "14442C10D1234567D0"
#define MXID_B "1944301031C3765B00"
#define MXID_C "14442C10D9234567D0"

#define MISSING 3
#define REMOVED 5

typedef struct {
  OakDiscovery *discovery;
  guint n_changes; /* items-changed */
  guint n_notifies;
} Fixture;

static void
count_change (Fixture *fixture)
{
  fixture->n_changes++;
}

static void
count_notify (Fixture *fixture)
{
  fixture->n_notifies++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->discovery = oak_discovery_new (OAK_NETWORK_SCOPE_ANY, NULL);
  oak_discovery_set_pace (fixture->discovery, 1000, MISSING, REMOVED);
  g_signal_connect_swapped (fixture->discovery,
                            "items-changed",
                            G_CALLBACK (count_change),
                            fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->discovery);
}

static void
hear (Fixture *fixture, const char *mxid, const char *address, OakDeviceState state)
{
  OakHeardAnswer answer = { .mxid = mxid,
                            .address = address,
                            .state = state,
                            .platform = OAK_DISCOVERY_PLATFORM_RVC2 };

  oak_discovery_hear (fixture->discovery, &answer);
}

static void
hear_bootloader (Fixture *fixture, const char *mxid, const char *address)
{
  hear (fixture, mxid, address, OAK_DEVICE_STATE_BOOTLOADER);
}

static void
end_rounds (Fixture *fixture, guint n_rounds)
{
  for (guint i = 0; i < n_rounds; i++)
    oak_discovery_end_round (fixture->discovery);
}

static guint
count_rows (Fixture *fixture)
{
  return g_list_model_get_n_items (G_LIST_MODEL (fixture->discovery));
}

/* Returns: (transfer none): the list keeps it. */
static OakDevice *
get_row (Fixture *fixture, guint position)
{
  g_autoptr (OakDevice) device =
      g_list_model_get_item (G_LIST_MODEL (fixture->discovery), position);

  g_assert_nonnull (device);
  return device;
}

static void
add_address (Fixture *fixture, const char *address)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (oak_discovery_add_address (fixture->discovery, address, &error));
  g_assert_no_error (error);
}

static void
test_row_appears_with_the_answer (Fixture *fixture, gconstpointer data)
{
  OakDevice *device;

  hear_bootloader (fixture, MXID_A, "192.168.1.5");
  g_assert_cmpuint (count_rows (fixture), ==, 1);
  g_assert_cmpuint (fixture->n_changes, ==, 1);
  device = get_row (fixture, 0);
  g_assert_cmpstr (oak_device_get_mxid (device), ==, MXID_A);
  g_assert_cmpstr (oak_device_get_short_id (device), ==, "234567");
  g_assert_cmpstr (oak_device_get_address (device), ==, "192.168.1.5");
  g_assert_cmpint (oak_device_get_state (device), ==, OAK_DEVICE_STATE_BOOTLOADER);
  g_assert_cmpint (oak_device_get_presence (device), ==, OAK_PRESENCE_ANSWERING);
  g_assert_false (oak_device_get_conflict (device));
  g_assert_false (oak_device_get_typed_by_hand (device));
  g_assert_true (oak_device_is_supported (device, NULL));
}

static void
test_same_answer_again_changes_nothing (Fixture *fixture, gconstpointer data)
{
  hear_bootloader (fixture, MXID_A, "192.168.1.5");
  g_signal_connect_swapped (get_row (fixture, 0), "notify", G_CALLBACK (count_notify), fixture);
  for (guint i = 0; i < 20; i++) {
    hear_bootloader (fixture, MXID_A, "192.168.1.5");
    end_rounds (fixture, 1);
  }
  g_assert_cmpuint (fixture->n_changes, ==, 1);
  g_assert_cmpuint (fixture->n_notifies, ==, 0);
}

static void
assert_consistent_state (OakDevice *device, GParamSpec *pspec, gpointer user_data)
{
  g_assert_cmpint (oak_device_get_state (device), ==, OAK_DEVICE_STATE_FLASH_BOOTED);
  g_assert_cmpint (oak_device_info_get_state (oak_device_get_info (device)),
                   ==,
                   OAK_DEVICE_STATE_FLASH_BOOTED);
  g_assert_cmpstr (oak_device_get_address (device), ==, "192.168.1.5");
}

static void
test_change_of_state_notifies_once (Fixture *fixture, gconstpointer data)
{
  hear_bootloader (fixture, MXID_A, "192.168.1.5");
  g_signal_connect_swapped (get_row (fixture, 0),
                            "notify::state",
                            G_CALLBACK (count_notify),
                            fixture);
  g_signal_connect (get_row (fixture, 0), "notify", G_CALLBACK (assert_consistent_state), NULL);
  hear (fixture, MXID_A, "192.168.1.5", OAK_DEVICE_STATE_FLASH_BOOTED);
  g_assert_cmpuint (fixture->n_notifies, ==, 1);
  g_assert_cmpuint (fixture->n_changes, ==, 1);
}

static void
test_two_ways_are_one_row (Fixture *fixture, gconstpointer data)
{
  OakDevice *device;

  hear_bootloader (fixture, MXID_A, "192.168.1.5");
  hear_bootloader (fixture, MXID_A, "169.254.1.222");
  g_assert_cmpuint (count_rows (fixture), ==, 1);
  device = get_row (fixture, 0);
  g_assert_cmpstr (oak_device_get_address (device), ==, "192.168.1.5");
  g_assert_cmpuint (g_strv_length ((GStrv) oak_device_get_addresses (device)), ==, 2);
  g_assert_cmpstr (oak_device_get_addresses (device)[1], ==, "169.254.1.222");
}

static void
test_moved_camera_is_followed (Fixture *fixture, gconstpointer data)
{
  OakDevice *device;

  hear_bootloader (fixture, MXID_A, "192.168.1.5");
  device = get_row (fixture, 0);
  for (guint i = 0; i < MISSING + 1; i++) {
    hear_bootloader (fixture, MXID_A, "192.168.1.9");
    end_rounds (fixture, 1);
  }
  g_assert_true (get_row (fixture, 0) == device);
  g_assert_cmpstr (oak_device_get_address (device), ==, "192.168.1.9");
  g_assert_cmpuint (g_strv_length ((GStrv) oak_device_get_addresses (device)), ==, 1);
  g_assert_cmpint (oak_device_get_presence (device), ==, OAK_PRESENCE_ANSWERING);
}

static void
test_silent_camera_is_marked_then_removed (Fixture *fixture, gconstpointer data)
{
  OakDevice *device;

  hear_bootloader (fixture, MXID_A, "192.168.1.5");
  device = get_row (fixture, 0);
  end_rounds (fixture, 1); /* the round in which it answered */
  end_rounds (fixture, MISSING - 1);
  g_assert_cmpint (oak_device_get_presence (device), ==, OAK_PRESENCE_ANSWERING);
  end_rounds (fixture, 1);
  g_assert_cmpint (oak_device_get_presence (device), ==, OAK_PRESENCE_MISSING);
  end_rounds (fixture, REMOVED - MISSING - 1);
  g_assert_cmpuint (count_rows (fixture), ==, 1);
  end_rounds (fixture, 1);
  g_assert_cmpuint (count_rows (fixture), ==, 0);
  g_assert_cmpuint (fixture->n_changes, ==, 2);
}

static void
test_returning_camera_keeps_its_row (Fixture *fixture, gconstpointer data)
{
  OakDevice *device;

  hear_bootloader (fixture, MXID_A, "192.168.1.5");
  device = get_row (fixture, 0);
  end_rounds (fixture, MISSING + 1);
  g_assert_cmpint (oak_device_get_presence (device), ==, OAK_PRESENCE_MISSING);
  hear (fixture, MXID_A, "192.168.1.77", OAK_DEVICE_STATE_FLASH_BOOTED);
  g_assert_true (get_row (fixture, 0) == device);
  g_assert_cmpint (oak_device_get_presence (device), ==, OAK_PRESENCE_ANSWERING);
  g_assert_cmpstr (oak_device_get_address (device), ==, "192.168.1.77");
  g_assert_cmpuint (fixture->n_changes, ==, 1);
}

static void
test_held_camera_is_not_removed (Fixture *fixture, gconstpointer data)
{
  OakDevice *device;

  hear_bootloader (fixture, MXID_A, "192.168.1.5");
  device = get_row (fixture, 0);
  oak_discovery_hold (fixture->discovery, device);
  end_rounds (fixture, 10 * REMOVED);
  g_assert_true (get_row (fixture, 0) == device);
  g_assert_cmpint (oak_device_get_presence (device), ==, OAK_PRESENCE_MISSING);
  oak_discovery_release (fixture->discovery, device);
  end_rounds (fixture, 1);
  g_assert_cmpuint (count_rows (fixture), ==, 0);
}

static void
test_two_ids_at_one_address_are_in_conflict (Fixture *fixture, gconstpointer data)
{
  hear_bootloader (fixture, MXID_A, "169.254.1.222");
  g_assert_false (oak_device_get_conflict (get_row (fixture, 0)));
  hear_bootloader (fixture, MXID_B, "169.254.1.222");
  g_assert_cmpuint (count_rows (fixture), ==, 2);
  g_assert_true (oak_device_get_conflict (get_row (fixture, 0)));
  g_assert_true (oak_device_get_conflict (get_row (fixture, 1)));
}

static void
test_conflict_ends_when_one_goes (Fixture *fixture, gconstpointer data)
{
  hear_bootloader (fixture, MXID_A, "169.254.1.222");
  hear_bootloader (fixture, MXID_B, "169.254.1.222");
  for (guint i = 0; i < MISSING - 1; i++) {
    end_rounds (fixture, 1);
    hear_bootloader (fixture, MXID_B, "169.254.1.222");
    g_assert_true (oak_device_get_conflict (get_row (fixture, 1)));
  }
  end_rounds (fixture, 1);
  g_assert_false (oak_device_get_conflict (get_row (fixture, 0)));
  g_assert_false (oak_device_get_conflict (get_row (fixture, 1)));
}

static void
test_conflict_stays_while_both_answer (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 4 * MISSING; i++) {
    hear_bootloader (fixture, MXID_A, "169.254.1.222");
    hear_bootloader (fixture, MXID_B, "169.254.1.222");
    end_rounds (fixture, 1);
    g_assert_true (oak_device_get_conflict (get_row (fixture, 0)));
    g_assert_true (oak_device_get_conflict (get_row (fixture, 1)));
  }
}

static void
test_typed_address_has_its_own_row (Fixture *fixture, gconstpointer data)
{
  OakDevice *device;

  add_address (fixture, "10.0.0.7");
  add_address (fixture, " 10.0.0.7 ");
  g_assert_cmpuint (count_rows (fixture), ==, 1);
  device = get_row (fixture, 0);
  g_assert_null (oak_device_get_mxid (device));
  g_assert_null (oak_device_get_short_id (device));
  g_assert_cmpstr (oak_device_get_address (device), ==, "10.0.0.7");
  g_assert_cmpint (oak_device_get_presence (device), ==, OAK_PRESENCE_NO_ANSWER);
  g_assert_true (oak_device_get_typed_by_hand (device));
  end_rounds (fixture, 10 * REMOVED);
  g_assert_cmpuint (count_rows (fixture), ==, 1);
}

static void
test_typed_row_becomes_the_camera (Fixture *fixture, gconstpointer data)
{
  OakDevice *device;

  add_address (fixture, "10.0.0.7");
  device = get_row (fixture, 0);
  hear_bootloader (fixture, MXID_A, "10.0.0.7");
  g_assert_cmpuint (count_rows (fixture), ==, 1);
  g_assert_true (get_row (fixture, 0) == device);
  g_assert_cmpstr (oak_device_get_mxid (device), ==, MXID_A);
  g_assert_cmpint (oak_device_get_presence (device), ==, OAK_PRESENCE_ANSWERING);
  g_assert_true (oak_device_get_typed_by_hand (device));
  end_rounds (fixture, 10 * REMOVED);
  g_assert_cmpint (oak_device_get_presence (device), ==, OAK_PRESENCE_MISSING);
  oak_discovery_remove_address (fixture->discovery, "10.0.0.7");
  end_rounds (fixture, 1);
  g_assert_cmpuint (count_rows (fixture), ==, 0);
}

static void
test_typed_row_merges_with_a_known_camera (Fixture *fixture, gconstpointer data)
{
  OakDevice *device;

  add_address (fixture, "10.0.0.7");
  hear_bootloader (fixture, MXID_A, "192.168.1.5");
  g_assert_cmpuint (count_rows (fixture), ==, 2);
  device = get_row (fixture, 1);
  hear_bootloader (fixture, MXID_A, "10.0.0.7");
  g_assert_cmpuint (count_rows (fixture), ==, 1);
  g_assert_true (get_row (fixture, 0) == device);
  g_assert_true (oak_device_get_typed_by_hand (device));
}

static void
test_typing_a_known_address_adds_no_row (Fixture *fixture, gconstpointer data)
{
  hear_bootloader (fixture, MXID_A, "10.0.0.7");
  add_address (fixture, "10.0.0.7");
  g_assert_cmpuint (count_rows (fixture), ==, 1);
  g_assert_true (oak_device_get_typed_by_hand (get_row (fixture, 0)));
}

static void
test_typed_address_passes_to_the_new_owner (Fixture *fixture, gconstpointer data)
{
  add_address (fixture, "10.0.0.7");
  hear_bootloader (fixture, MXID_A, "10.0.0.7");
  end_rounds (fixture, MISSING + 1);
  hear_bootloader (fixture, MXID_B, "10.0.0.7");
  g_assert_cmpuint (count_rows (fixture), ==, 2);
  g_assert_false (oak_device_get_typed_by_hand (get_row (fixture, 0)));
  g_assert_true (oak_device_get_typed_by_hand (get_row (fixture, 1)));
  end_rounds (fixture, REMOVED);
  g_assert_cmpuint (count_rows (fixture), ==, 1);
  g_assert_cmpstr (oak_device_get_mxid (get_row (fixture, 0)), ==, MXID_B);
}

static void
test_bad_addresses_are_refused (Fixture *fixture, gconstpointer data)
{
  const char *const bad[] = { "",          "x",          "1.2.3",
                              "1.2.3.4.5", "256.1.1.1",  "0.0.0.0",
                              "224.0.0.1", "240.1.1.1",  "255.255.255.255",
                              "1.2.3.4 5", "camera.lan", "192.168.1.5:11490",
                              "::1",       "0.1.2.3",    "-1.2.3.4" };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (oak_discovery_add_address (fixture->discovery, bad[i], &error));
    g_assert_error (error, OAK_ERROR, OAK_ERROR_NOT_FOUND);
    g_assert_true (strstr (error->message, "192.168.1.45") != NULL);
  }
  g_assert_cmpuint (count_rows (fixture), ==, 0);
}

static void
test_loopback_scope_takes_no_other_address (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakDiscovery) discovery = oak_discovery_new (OAK_NETWORK_SCOPE_LOOPBACK, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (oak_discovery_add_address (discovery, "192.168.1.5", &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (oak_discovery_add_address (discovery, "127.255.255.255", &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_true (oak_discovery_add_address (discovery, "127.0.0.9", &error));
  g_assert_no_error (error);
}

static void
test_short_ids_grow_and_shrink (Fixture *fixture, gconstpointer data)
{
  hear_bootloader (fixture, MXID_A, "10.0.0.1");
  g_assert_cmpstr (oak_device_get_short_id (get_row (fixture, 0)), ==, "234567");
  hear_bootloader (fixture, MXID_C, "10.0.0.2");
  g_assert_cmpstr (oak_device_get_short_id (get_row (fixture, 0)), ==, "1234567");
  g_assert_cmpstr (oak_device_get_short_id (get_row (fixture, 1)), ==, "9234567");
  for (guint i = 0; i < REMOVED + 1; i++) {
    hear_bootloader (fixture, MXID_A, "10.0.0.1");
    end_rounds (fixture, 1);
  }
  g_assert_cmpuint (count_rows (fixture), ==, 1);
  g_assert_cmpstr (oak_device_get_short_id (get_row (fixture, 0)), ==, "234567");
}

static void
test_order_is_that_of_appearance (Fixture *fixture, gconstpointer data)
{
  hear_bootloader (fixture, MXID_B, "10.0.0.9");
  hear_bootloader (fixture, MXID_A, "10.0.0.1");
  hear_bootloader (fixture, MXID_B, "10.0.0.1");
  hear (fixture, MXID_B, "10.0.0.9", OAK_DEVICE_STATE_FLASH_BOOTED);
  end_rounds (fixture, MISSING + 1);
  hear_bootloader (fixture, MXID_A, "10.0.0.1");
  g_assert_cmpstr (oak_device_get_mxid (get_row (fixture, 0)), ==, MXID_B);
  g_assert_cmpstr (oak_device_get_mxid (get_row (fixture, 1)), ==, MXID_A);
}

static void
test_other_platforms_are_shown_as_unsupported (Fixture *fixture, gconstpointer data)
{
  OakHeardAnswer answer = { .mxid = MXID_A,
                            .address = "10.0.0.1",
                            .state = OAK_DEVICE_STATE_BOOTLOADER,
                            .platform = OAK_DISCOVERY_PLATFORM_RVC4 };
  const char *reason = NULL;

  oak_discovery_hear (fixture->discovery, &answer);
  g_assert_false (oak_device_is_supported (get_row (fixture, 0), &reason));
  g_assert_cmpstr (reason, ==, "RVC4");
}

static void
test_number_of_rows_is_bounded (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < OAK_DEVICE_TABLE_MAX_ROWS + 100; i++) {
    g_autofree char *mxid = g_strdup_printf ("%010X%06X00", i * 7, i);
    g_autofree char *address = g_strdup_printf ("10.1.%u.%u", i / 250, i % 250 + 1);

    hear_bootloader (fixture, mxid, address);
  }
  g_assert_cmpuint (count_rows (fixture), ==, OAK_DEVICE_TABLE_MAX_ROWS);
  for (guint i = 0; i < 1000; i++) {
    g_autofree char *address = g_strdup_printf ("10.9.%u.%u", i / 250, i % 250 + 1);

    hear_bootloader (fixture, "000000000000000000", address);
  }
  g_assert_cmpuint (g_strv_length ((GStrv) oak_device_get_addresses (get_row (fixture, 0))),
                    ==,
                    OAK_DEVICE_TABLE_MAX_ADDRESSES);
}

static void
remove_typed (GListModel *model, guint position, guint removed, guint added, gpointer user_data)
{
  oak_discovery_remove_address (OAK_DISCOVERY (model), "10.0.0.7");
}

static void
test_list_may_be_changed_from_its_signals (Fixture *fixture, gconstpointer data)
{
  g_signal_connect (fixture->discovery, "items-changed", G_CALLBACK (remove_typed), NULL);
  add_address (fixture, "10.0.0.7");
  g_assert_cmpuint (count_rows (fixture), ==, 0);
  add_address (fixture, "10.0.0.8");
  hear_bootloader (fixture, MXID_A, "10.0.0.8");
  g_assert_cmpuint (count_rows (fixture), ==, 1);
}

static void
assert_found (Fixture *fixture, const char *text, OakDevice *expected)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (oak_discovery_find (fixture->discovery, text, &error) == expected);
  g_assert_no_error (error);
}

static void
test_find_by_id_short_id_and_address (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  hear_bootloader (fixture, MXID_A, "10.0.0.1");
  hear_bootloader (fixture, MXID_B, "10.0.0.2");
  hear_bootloader (fixture, MXID_B, "10.0.0.3");
  assert_found (fixture, MXID_A, get_row (fixture, 0));
  assert_found (fixture, "234567", get_row (fixture, 0));
  assert_found (fixture, "c3765b", get_row (fixture, 1));
  assert_found (fixture, "10.0.0.3", get_row (fixture, 1));
  g_assert_null (oak_discovery_find (fixture->discovery, "10.0.0.4", &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_NOT_FOUND);
}

static void
test_find_names_both_when_two_match (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  hear_bootloader (fixture, MXID_A, "10.0.0.1");
  hear_bootloader (fixture, MXID_C, "10.0.0.1");
  g_assert_null (oak_discovery_find (fixture->discovery, "234567", &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_WRONG_DEVICE);
  g_assert_true (strstr (error->message, MXID_A) != NULL);
  g_assert_true (strstr (error->message, MXID_C) != NULL);
  g_clear_error (&error);
  g_assert_null (oak_discovery_find (fixture->discovery, "10.0.0.1", &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_WRONG_DEVICE);
  assert_found (fixture, MXID_C, get_row (fixture, 1));
}

#define add(name, function)                                                                        \
  g_test_add ("/device/discovery/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add ("row-appears-with-the-answer", test_row_appears_with_the_answer);
  add ("same-answer-again-changes-nothing", test_same_answer_again_changes_nothing);
  add ("change-of-state-notifies-once", test_change_of_state_notifies_once);
  add ("two-ways-are-one-row", test_two_ways_are_one_row);
  add ("moved-camera-is-followed", test_moved_camera_is_followed);
  add ("silent-camera-is-marked-then-removed", test_silent_camera_is_marked_then_removed);
  add ("returning-camera-keeps-its-row", test_returning_camera_keeps_its_row);
  add ("held-camera-is-not-removed", test_held_camera_is_not_removed);
  add ("two-ids-at-one-address-are-in-conflict", test_two_ids_at_one_address_are_in_conflict);
  add ("conflict-ends-when-one-goes", test_conflict_ends_when_one_goes);
  add ("conflict-stays-while-both-answer", test_conflict_stays_while_both_answer);
  add ("typed-address-has-its-own-row", test_typed_address_has_its_own_row);
  add ("typed-row-becomes-the-camera", test_typed_row_becomes_the_camera);
  add ("typed-row-merges-with-a-known-camera", test_typed_row_merges_with_a_known_camera);
  add ("typing-a-known-address-adds-no-row", test_typing_a_known_address_adds_no_row);
  add ("typed-address-passes-to-the-new-owner", test_typed_address_passes_to_the_new_owner);
  add ("bad-addresses-are-refused", test_bad_addresses_are_refused);
  add ("loopback-scope-takes-no-other-address", test_loopback_scope_takes_no_other_address);
  add ("short-ids-grow-and-shrink", test_short_ids_grow_and_shrink);
  add ("order-is-that-of-appearance", test_order_is_that_of_appearance);
  add ("other-platforms-are-unsupported", test_other_platforms_are_shown_as_unsupported);
  add ("number-of-rows-is-bounded", test_number_of_rows_is_bounded);
  add ("list-may-be-changed-from-its-signals", test_list_may_be_changed_from_its_signals);
  add ("find-by-id-short-id-and-address", test_find_by_id_short_id_and_address);
  add ("find-names-both-when-two-match", test_find_names_both_when_two_match);
  return g_test_run ();
}
