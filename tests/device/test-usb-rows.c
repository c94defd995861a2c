/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-device-info.h"
#include "oak-device.h"
#include "oak-discovery-datagram.h"
#include "oak-discovery-private.h"
#include "oak-error.h"
#include "oak-usb-facts.h"

/* How pictures of the USB bus become rows. No bus: the pictures are painted by hand. */

#define MXID_A "14442C10D1234567D0"
#define MXID_B "1944301031C3765B00"

#define MISSING 3
#define REMOVED 5

typedef struct {
  OakDiscovery *discovery;
  GPtrArray *picture; /* (owned) of OakUsbFacts */
  guint n_changes;    /* items-changed */
} Fixture;

static void
count_change (Fixture *fixture)
{
  fixture->n_changes++;
}

static void
clear_picture (Fixture *fixture)
{
  g_clear_pointer (&fixture->picture, g_ptr_array_unref);
  fixture->picture = g_ptr_array_new_with_free_func ((GDestroyNotify) oak_usb_facts_unref);
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
  clear_picture (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_ptr_array_unref (fixture->picture);
  g_assert_finalize_object (fixture->discovery);
}

/* Socket N has its high speed half at 1.N and its super speed half at 2.N. */
static OakUsbFacts *
paint (Fixture *fixture, guint bus, guint port, const char *serial, OakDeviceState state)
{
  OakUsbFacts *facts = g_atomic_rc_box_new0 (OakUsbFacts);

  facts->path = g_strdup_printf ("%u.%u", bus, port);
  facts->peer_path = g_strdup_printf ("%u.%u", 3 - bus, port);
  facts->serial = g_strdup (serial);
  facts->state = state;
  facts->bus = bus;
  facts->address = 2;
  facts->speed_mbps = bus == 2 ? 5000 : 480;
  facts->access = OAK_USB_ACCESS_FINE;
  g_ptr_array_add (fixture->picture, facts);
  return facts;
}

static void
show (Fixture *fixture)
{
  oak_discovery_see_usb (fixture->discovery, fixture->picture);
  clear_picture (fixture);
}

static void
show_one (Fixture *fixture, guint bus, guint port, const char *serial, OakDeviceState state)
{
  paint (fixture, bus, port, serial, state);
  show (fixture);
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
hear (Fixture *fixture, const char *mxid, const char *address, OakDeviceState state)
{
  OakHeardAnswer answer = { .mxid = mxid,
                            .address = address,
                            .state = state,
                            .platform = OAK_DISCOVERY_PLATFORM_RVC2 };

  oak_discovery_hear (fixture->discovery, &answer);
}

static void
end_rounds (Fixture *fixture, guint n_rounds)
{
  for (guint i = 0; i < n_rounds; i++)
    oak_discovery_end_round (fixture->discovery);
}

static void
test_every_state_is_a_row (Fixture *fixture, gconstpointer data)
{
  OakDevice *device;

  paint (fixture, 1, 1, NULL, OAK_DEVICE_STATE_UNBOOTED);
  paint (fixture, 1, 2, MXID_A, OAK_DEVICE_STATE_BOOTLOADER);
  paint (fixture, 2, 3, MXID_B, OAK_DEVICE_STATE_BOOTED);
  paint (fixture, 1, 4, "184430101234567800", OAK_DEVICE_STATE_FLASH_BOOTED);
  show (fixture);

  g_assert_cmpuint (count_rows (fixture), ==, 4);
  device = get_row (fixture, 0);
  g_assert_null (oak_device_get_mxid (device));
  g_assert_null (oak_device_get_short_id (device));
  g_assert_cmpstr (oak_device_get_address (device), ==, "usb:1.1");
  g_assert_cmpstr (oak_device_get_usb_path (device), ==, "1.1");
  g_assert_cmpint (oak_device_get_state (device), ==, OAK_DEVICE_STATE_UNBOOTED);
  g_assert_cmpint (oak_device_get_presence (device), ==, OAK_PRESENCE_ANSWERING);
  g_assert_cmpint (oak_device_get_transport (device), ==, OAK_TRANSPORT_USB);

  device = get_row (fixture, 1);
  g_assert_cmpstr (oak_device_get_mxid (device), ==, MXID_A);
  g_assert_cmpstr (oak_device_get_short_id (device), ==, "234567");
  g_assert_cmpuint (oak_device_get_usb_speed (device), ==, 480);
  g_assert_cmpint (oak_device_get_state (get_row (fixture, 2)), ==, OAK_DEVICE_STATE_BOOTED);
  g_assert_cmpuint (oak_device_get_usb_speed (get_row (fixture, 2)), ==, 5000);
  g_assert_cmpint (oak_device_get_state (get_row (fixture, 3)), ==, OAK_DEVICE_STATE_FLASH_BOOTED);
}

static void
test_the_same_picture_changes_nothing (Fixture *fixture, gconstpointer data)
{
  OakDeviceInfo *before;

  show_one (fixture, 1, 1, MXID_A, OAK_DEVICE_STATE_BOOTLOADER);
  before = oak_device_get_info (get_row (fixture, 0));
  show_one (fixture, 1, 1, MXID_A, OAK_DEVICE_STATE_BOOTLOADER);
  g_assert_true (oak_device_info_equal (before, oak_device_get_info (get_row (fixture, 0))));
  g_assert_cmpuint (fixture->n_changes, ==, 1);
}

/* Out of the ROM into the bootloader on the other half of its socket, on to the application, back
 * into the ROM. */
static void
test_one_camera_is_one_row_in_all_its_states (Fixture *fixture, gconstpointer data)
{
  OakDevice *device;

  show_one (fixture, 1, 3, NULL, OAK_DEVICE_STATE_UNBOOTED);
  device = get_row (fixture, 0);
  show (fixture);
  g_assert_cmpint (oak_device_get_presence (device), ==, OAK_PRESENCE_MISSING);
  end_rounds (fixture, REMOVED - 1);

  show_one (fixture, 2, 3, MXID_A, OAK_DEVICE_STATE_BOOTLOADER);
  g_assert_cmpuint (count_rows (fixture), ==, 1);
  g_assert_true (get_row (fixture, 0) == device);
  g_assert_cmpstr (oak_device_get_mxid (device), ==, MXID_A);
  g_assert_cmpstr (oak_device_get_short_id (device), ==, "234567");
  g_assert_cmpstr (oak_device_get_address (device), ==, "usb:2.3");
  g_assert_cmpint (oak_device_get_presence (device), ==, OAK_PRESENCE_ANSWERING);

  show (fixture);
  show_one (fixture, 2, 3, MXID_A, OAK_DEVICE_STATE_FLASH_BOOTED);
  show (fixture);
  show_one (fixture, 1, 3, NULL, OAK_DEVICE_STATE_UNBOOTED);
  g_assert_cmpuint (count_rows (fixture), ==, 1);
  g_assert_true (get_row (fixture, 0) == device);
  g_assert_cmpint (oak_device_get_state (device), ==, OAK_DEVICE_STATE_UNBOOTED);
  g_assert_cmpstr (oak_device_get_mxid (device), ==, MXID_A);
  g_assert_cmpuint (fixture->n_changes, ==, 1);
}

static void
test_another_camera_in_the_socket_is_another_row (Fixture *fixture, gconstpointer data)
{
  show_one (fixture, 1, 3, MXID_A, OAK_DEVICE_STATE_BOOTLOADER);
  show_one (fixture, 1, 3, MXID_B, OAK_DEVICE_STATE_BOOTLOADER);

  g_assert_cmpuint (count_rows (fixture), ==, 2);
  g_assert_cmpint (oak_device_get_presence (get_row (fixture, 0)), ==, OAK_PRESENCE_MISSING);
  g_assert_cmpstr (oak_device_get_mxid (get_row (fixture, 1)), ==, MXID_B);
  g_assert_false (oak_device_get_conflict (get_row (fixture, 1)));
}

/* Two unbooted cameras were in the two halves of one socket: nobody knows which of them it is. */
static void
test_two_candidates_are_not_adopted (Fixture *fixture, gconstpointer data)
{
  paint (fixture, 1, 3, NULL, OAK_DEVICE_STATE_UNBOOTED);
  paint (fixture, 2, 3, NULL, OAK_DEVICE_STATE_UNBOOTED);
  show (fixture);
  show_one (fixture, 2, 3, MXID_A, OAK_DEVICE_STATE_BOOTLOADER);

  g_assert_cmpuint (count_rows (fixture), ==, 3);
  g_assert_null (oak_device_get_mxid (get_row (fixture, 0)));
  g_assert_null (oak_device_get_mxid (get_row (fixture, 1)));
  g_assert_cmpstr (oak_device_get_mxid (get_row (fixture, 2)), ==, MXID_A);
}

static void
test_moving_to_another_socket_keeps_the_row (Fixture *fixture, gconstpointer data)
{
  show_one (fixture, 1, 3, MXID_A, OAK_DEVICE_STATE_BOOTLOADER);
  show (fixture);
  show_one (fixture, 1, 5, MXID_A, OAK_DEVICE_STATE_BOOTLOADER);
  g_assert_cmpuint (count_rows (fixture), ==, 1);
  g_assert_cmpstr (oak_device_get_address (get_row (fixture, 0)), ==, "usb:1.5");
}

static void
test_two_with_one_id_are_a_conflict (Fixture *fixture, gconstpointer data)
{
  paint (fixture, 1, 3, MXID_A, OAK_DEVICE_STATE_BOOTLOADER);
  paint (fixture, 1, 4, MXID_A, OAK_DEVICE_STATE_BOOTLOADER);
  show (fixture);
  g_assert_cmpuint (count_rows (fixture), ==, 1);
  g_assert_true (oak_device_get_conflict (get_row (fixture, 0)));

  show_one (fixture, 1, 3, MXID_A, OAK_DEVICE_STATE_BOOTLOADER);
  g_assert_false (oak_device_get_conflict (get_row (fixture, 0)));
}

static void
test_usb_and_network_are_two_ways_to_one_row (Fixture *fixture, gconstpointer data)
{
  OakDevice *device;

  hear (fixture, MXID_A, "192.168.1.5", OAK_DEVICE_STATE_BOOTLOADER);
  show_one (fixture, 1, 3, MXID_A, OAK_DEVICE_STATE_BOOTLOADER);
  g_assert_cmpuint (count_rows (fixture), ==, 1);
  device = get_row (fixture, 0);
  g_assert_true (g_strv_contains (oak_device_get_addresses (device), "192.168.1.5"));
  g_assert_true (g_strv_contains (oak_device_get_addresses (device), "usb:1.3"));
  g_assert_cmpint (oak_device_get_transport (device), ==, OAK_TRANSPORT_USB);

  show (fixture);
  g_assert_cmpint (oak_device_get_transport (device), ==, OAK_TRANSPORT_NETWORK);
  g_assert_cmpstr (oak_device_get_address (device), ==, "192.168.1.5");
  g_assert_cmpint (oak_device_get_presence (device), ==, OAK_PRESENCE_ANSWERING);
}

static void
test_a_closed_usb_way_leaves_the_network (Fixture *fixture, gconstpointer data)
{
  OakUsbFacts *facts = paint (fixture, 1, 3, MXID_A, OAK_DEVICE_STATE_BOOTLOADER);

  facts->access = OAK_USB_ACCESS_DENIED;
  hear (fixture, MXID_A, "192.168.1.5", OAK_DEVICE_STATE_BOOTLOADER);
  show (fixture);
  g_assert_cmpint (oak_device_get_transport (get_row (fixture, 0)), ==, OAK_TRANSPORT_NETWORK);
  g_assert_cmpint (oak_device_get_usb_access (get_row (fixture, 0)), ==, OAK_USB_ACCESS_FINE);
}

static void
count_notify (guint *n_notifies)
{
  *n_notifies += 1;
}

static void
test_access_is_told_and_taken_back (Fixture *fixture, gconstpointer data)
{
  OakUsbFacts *facts = paint (fixture, 1, 3, MXID_A, OAK_DEVICE_STATE_BOOTLOADER);
  guint n_notifies = 0;
  OakDevice *device;

  facts->access = OAK_USB_ACCESS_DENIED;
  show (fixture);
  device = get_row (fixture, 0);
  g_assert_cmpint (oak_device_get_usb_access (device), ==, OAK_USB_ACCESS_DENIED);
  g_signal_connect_swapped (device, "notify::usb-access", G_CALLBACK (count_notify), &n_notifies);
  show_one (fixture, 1, 3, MXID_A, OAK_DEVICE_STATE_BOOTLOADER);
  g_assert_cmpint (oak_device_get_usb_access (device), ==, OAK_USB_ACCESS_FINE);
  g_assert_cmpuint (n_notifies, ==, 1);
  g_signal_handlers_disconnect_by_data (device, &n_notifies);
}

static void
test_unplugged_rows_go_after_a_while_unless_held (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakDevice) held = NULL;

  paint (fixture, 1, 3, MXID_A, OAK_DEVICE_STATE_BOOTLOADER);
  paint (fixture, 1, 4, NULL, OAK_DEVICE_STATE_UNBOOTED);
  show (fixture);
  held = g_object_ref (get_row (fixture, 0));
  oak_discovery_hold (fixture->discovery, held);
  end_rounds (fixture, REMOVED + 1);
  g_assert_cmpuint (count_rows (fixture), ==, 2);

  show (fixture);
  end_rounds (fixture, REMOVED);
  g_assert_cmpuint (count_rows (fixture), ==, 1);
  g_assert_true (get_row (fixture, 0) == held);
  oak_discovery_release (fixture->discovery, held);
  end_rounds (fixture, 1);
  g_assert_cmpuint (count_rows (fixture), ==, 0);
}

static void
test_find_by_usb_path (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  paint (fixture, 1, 3, NULL, OAK_DEVICE_STATE_UNBOOTED);
  paint (fixture, 1, 4, MXID_A, OAK_DEVICE_STATE_BOOTLOADER);
  show (fixture);
  g_assert_true (oak_discovery_find (fixture->discovery, "usb:1.3", &error) ==
                 get_row (fixture, 0));
  g_assert_true (oak_discovery_find (fixture->discovery, "usb:1.4", &error) ==
                 get_row (fixture, 1));
  g_assert_no_error (error);
  g_assert_null (oak_discovery_find (fixture->discovery, "usb:1.5", &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_NOT_FOUND);
}

static void
test_paths_are_told_from_other_text (void)
{
  g_assert_true (oak_usb_path_is_valid ("1.2"));
  g_assert_true (oak_usb_path_is_valid ("1.2.13"));
  g_assert_true (oak_usb_path_is_valid ("12.1.2.3.4.5.6.7"));
  g_assert_false (oak_usb_path_is_valid ("12.1.2.3.4.5.6.7.8"));
  g_assert_false (oak_usb_path_is_valid (""));
  g_assert_false (oak_usb_path_is_valid ("1"));
  g_assert_false (oak_usb_path_is_valid ("1."));
  g_assert_false (oak_usb_path_is_valid (".1"));
  g_assert_false (oak_usb_path_is_valid ("1..2"));
  g_assert_false (oak_usb_path_is_valid ("1.2000"));
  g_assert_false (oak_usb_path_is_valid ("1-2"));
}

#define ADD(name, function)                                                                        \
  g_test_add ("/device/usb-rows/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("every-state-is-a-row", test_every_state_is_a_row);
  ADD ("the-same-picture-changes-nothing", test_the_same_picture_changes_nothing);
  ADD ("one-camera-is-one-row-in-all-its-states", test_one_camera_is_one_row_in_all_its_states);
  ADD ("another-camera-in-the-socket-is-another-row",
       test_another_camera_in_the_socket_is_another_row);
  ADD ("two-candidates-are-not-adopted", test_two_candidates_are_not_adopted);
  ADD ("moving-to-another-socket-keeps-the-row", test_moving_to_another_socket_keeps_the_row);
  ADD ("two-with-one-id-are-a-conflict", test_two_with_one_id_are_a_conflict);
  ADD ("usb-and-network-are-two-ways-to-one-row", test_usb_and_network_are_two_ways_to_one_row);
  ADD ("a-closed-usb-way-leaves-the-network", test_a_closed_usb_way_leaves_the_network);
  ADD ("access-is-told-and-taken-back", test_access_is_told_and_taken_back);
  ADD ("unplugged-rows-go-after-a-while-unless-held",
       test_unplugged_rows_go_after_a_while_unless_held);
  ADD ("find-by-usb-path", test_find_by_usb_path);
  g_test_add_func ("/device/usb-rows/paths-are-told-from-other-text",
                   test_paths_are_told_from_other_text);
  return g_test_run ();
}
