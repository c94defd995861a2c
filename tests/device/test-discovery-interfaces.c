/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "device-support.h"
#include "oak-bootloader.h"
#include "oak-device-info.h"
#include "oak-device.h"
#include "oak-discovery.h"
#include "oak-error.h"
#include "test-support.h"

/* Discovery and connecting on several networks at once, which test-interfaces.sh has built: lan0
 * with camera A at 192.168.7.20, lan1 with the same id at 169.254.1.222 and camera B at .223. */

#define A_ON_LAN0 "192.168.7.20"
#define A_ON_LAN1 "169.254.1.222"
#define B_ON_LAN1 "169.254.1.223"

#define PATIENCE_MS 20000

static gboolean
wake_up (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

typedef gboolean (*Condition) (OakDiscovery *discovery);

static gboolean
wait_at_most (OakDiscovery *discovery, guint timeout_ms, Condition condition)
{
  gint64 deadline_us = test_deadline (timeout_ms);
  guint source_id = g_timeout_add (10, wake_up, NULL);
  gboolean met = FALSE;

  while (!(met = condition (discovery)) && g_get_monotonic_time () < deadline_us)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source_id);
  return met;
}

static void
wait_for (OakDiscovery *discovery, Condition condition)
{
  g_assert_true (wait_at_most (discovery, PATIENCE_MS, condition));
}

static OakDevice *
find (OakDiscovery *discovery, const char *text)
{
  return oak_discovery_find (discovery, text, NULL);
}

static gboolean
never (OakDiscovery *discovery)
{
  return FALSE;
}

static gboolean
knows_both_cameras (OakDiscovery *discovery)
{
  OakDevice *a = find (discovery, CAMERA_A);

  return a != NULL && find (discovery, CAMERA_B) != NULL &&
         g_strv_contains (oak_device_get_addresses (a), A_ON_LAN0) &&
         g_strv_contains (oak_device_get_addresses (a), A_ON_LAN1);
}

static gboolean
misses_only_b (OakDiscovery *discovery)
{
  OakDevice *a = find (discovery, CAMERA_A);
  OakDevice *b = find (discovery, CAMERA_B);

  return oak_device_get_presence (a) == OAK_PRESENCE_ANSWERING &&
         oak_device_get_presence (b) == OAK_PRESENCE_MISSING &&
         strcmp (oak_device_get_address (a), A_ON_LAN0) == 0;
}

static gboolean
hears_both_cameras (OakDiscovery *discovery)
{
  OakDevice *b = find (discovery, CAMERA_B);

  return knows_both_cameras (discovery) && oak_device_get_presence (b) == OAK_PRESENCE_ANSWERING;
}

static OakDiscovery *
start_discovery (OakNetworkScope scope, const char *interface_name)
{
  OakDiscovery *discovery = oak_discovery_new (scope, interface_name);

  oak_discovery_set_pace (discovery, 100, 3, 10000);
  oak_discovery_start (discovery);
  return discovery;
}

static void
run (const char *command)
{
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_spawn_command_line_sync (command, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

static void
test_interfaces_are_named (void)
{
  g_autoptr (OakDiscovery) discovery = oak_discovery_new (OAK_NETWORK_SCOPE_ANY, NULL);
  g_auto (GStrv) lines = oak_discovery_list_interfaces (discovery);

  g_assert_true (g_strv_contains ((const char *const *) lines, "lan0 192.168.7.1/24"));
  g_assert_true (g_strv_contains ((const char *const *) lines, "lan1 169.254.9.9/16"));
  g_assert_true (g_strv_contains ((const char *const *) lines, "tiny0 10.8.0.1/32"));
  /* Up, but without a carrier. */
  g_assert_false (g_strv_contains ((const char *const *) lines, "deaf0 10.9.0.1/24"));
}

static void
test_all_networks_are_asked_at_once (void)
{
  g_autoptr (OakDiscovery) discovery = start_discovery (OAK_NETWORK_SCOPE_ANY, NULL);

  wait_for (discovery, knows_both_cameras);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (discovery)), ==, 2);
  g_assert_null (oak_discovery_get_problem (discovery));
  g_assert_false (oak_device_get_conflict (find (discovery, CAMERA_A)));
}

static void
test_named_interface_is_the_only_one_asked (void)
{
  g_autoptr (OakDiscovery) discovery = start_discovery (OAK_NETWORK_SCOPE_ANY, "lan0");

  g_assert_false (wait_at_most (discovery, 1000, never));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (discovery)), ==, 1);
  g_assert_cmpstr (oak_device_get_address (find (discovery, CAMERA_A)), ==, A_ON_LAN0);
}

static void
test_lost_interface_does_not_hurt_the_others (void)
{
  g_autoptr (OakDiscovery) discovery = start_discovery (OAK_NETWORK_SCOPE_ANY, NULL);

  wait_for (discovery, knows_both_cameras);
  run ("ip link set lan1 down");
  wait_for (discovery, misses_only_b);
  run ("ip link set lan1 up");
  wait_for (discovery, hears_both_cameras);
}

static void
test_typed_address_without_a_route_is_no_failure (void)
{
  g_autoptr (OakDiscovery) discovery = start_discovery (OAK_NETWORK_SCOPE_ANY, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (oak_discovery_add_address (discovery, "172.16.5.5", &error));
  g_assert_no_error (error);
  g_assert_true (oak_discovery_add_address (discovery, B_ON_LAN1, &error));
  wait_for (discovery, knows_both_cameras);
  g_assert_true (oak_device_get_typed_by_hand (find (discovery, CAMERA_B)));
  g_assert_cmpint (oak_device_get_presence (find (discovery, "172.16.5.5")),
                   ==,
                   OAK_PRESENCE_NO_ANSWER);
}

/* Everything that interfaces other than the loopback have sent, in packets. */
static guint64
count_sent_packets (void)
{
  g_autofree char *table = NULL;
  g_auto (GStrv) lines = NULL;
  guint64 sum = 0;

  g_assert_true (g_file_get_contents ("/proc/net/dev", &table, NULL, NULL));
  lines = g_strsplit (table, "\n", -1);
  for (guint i = 2; lines[i] != NULL && lines[i][0] != '\0'; i++) {
    char name[64];
    unsigned long long received_bytes, received[7], sent_bytes, sent_packets;

    g_assert_cmpint (sscanf (lines[i],
                             " %63[^:]: %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu",
                             name,
                             &received_bytes,
                             &received[0],
                             &received[1],
                             &received[2],
                             &received[3],
                             &received[4],
                             &received[5],
                             &received[6],
                             &sent_bytes,
                             &sent_packets),
                     ==,
                     11);
    if (g_str_has_prefix (name, "lan"))
      sum += sent_packets;
  }
  return sum;
}

static void
test_loopback_scope_sends_nothing_into_the_networks (void)
{
  OakTimeouts timeouts;
  g_auto (TestReport) report = { 0 };
  g_autoptr (OakConnector) connector = NULL;
  g_autoptr (OakDiscovery) discovery = NULL;
  g_autoptr (GError) error = NULL;
  guint64 before = count_sent_packets ();

  test_report_init (&report);
  test_timeouts_init_short (&timeouts);
  discovery = start_discovery (OAK_NETWORK_SCOPE_LOOPBACK, NULL);
  g_assert_false (oak_discovery_add_address (discovery, A_ON_LAN0, NULL));
  g_assert_false (wait_at_most (discovery, 700, never));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (discovery)), ==, 0);
  connector = test_connector_new (NULL, A_ON_LAN0, &timeouts, &report);
  g_assert_null (oak_connector_open (connector, TRUE, NULL, &error));
  g_assert_error (error, OAK_ERROR, OAK_ERROR_UNREACHABLE);
  /* The kernel may have asked for neighbours of its own accord just before: discovery at this pace
   * alone would have sent more than twenty. */
  g_assert_cmpuint (count_sent_packets () - before, <, 4);
}

static void
test_camera_is_followed_into_another_network (void)
{
  OakTimeouts timeouts;
  g_auto (TestReport) report = { 0 };
  g_autoptr (OakDeviceInfo) info =
      oak_device_info_new_network (CAMERA_A, A_ON_LAN0, OAK_DEVICE_STATE_BOOTLOADER);
  g_autoptr (OakConnector) connector = NULL;
  g_autoptr (OakBootloader) bootloader = NULL;
  g_autoptr (GError) error = NULL;

  test_report_init (&report);
  test_timeouts_init_long (&timeouts);
  connector = oak_connector_new (info, OAK_NETWORK_SCOPE_ANY, &timeouts, &report.report);
  bootloader = oak_connector_open (connector, TRUE, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (oak_connector_confirm (connector, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (oak_bootloader_reset (&bootloader, &error));

  run ("ip link set lan0 down");
  bootloader = oak_connector_reopen (connector, NULL, &error);
  run ("ip link set lan0 up");
  g_assert_no_error (error);
  g_assert_cmpstr (oak_device_info_get_address (oak_connector_get_info (connector)), ==, A_ON_LAN1);
}

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  if (g_strcmp0 (g_getenv ("OAK_TEST_INTERFACES"), "1") != 0)
    g_error ("this program is run by test-interfaces.sh only");
  g_setenv ("OAK_TEST_VETH", "1", TRUE);
  test_device_main_begin ();
  g_test_add_func ("/device/interfaces/interfaces-are-named", test_interfaces_are_named);
  g_test_add_func ("/device/interfaces/all-networks-are-asked-at-once",
                   test_all_networks_are_asked_at_once);
  g_test_add_func ("/device/interfaces/named-interface-is-the-only-one-asked",
                   test_named_interface_is_the_only_one_asked);
  g_test_add_func ("/device/interfaces/lost-interface-does-not-hurt-the-others",
                   test_lost_interface_does_not_hurt_the_others);
  g_test_add_func ("/device/interfaces/typed-address-without-a-route-is-no-failure",
                   test_typed_address_without_a_route_is_no_failure);
  g_test_add_func ("/device/interfaces/loopback-scope-sends-nothing-into-the-networks",
                   test_loopback_scope_sends_nothing_into_the_networks);
  g_test_add_func ("/device/interfaces/camera-is-followed-into-another-network",
                   test_camera_is_followed_into_another_network);
  result = g_test_run ();
  test_device_main_end ();
  return result;
}
