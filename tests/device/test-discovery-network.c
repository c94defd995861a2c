/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "device-support.h"
#include "oak-device-info.h"
#include "oak-device.h"
#include "oak-discovery-datagram.h"
#include "oak-discovery.h"
#include "oak-error.h"
#include "oak-network.h"
#include "sim-process.h"
#include "test-support.h"

/* Discovery with sockets, on the loopback, against simulated cameras. */

#define PATIENCE_MS 20000

typedef struct {
  TestResources before;
  OakDiscovery *discovery;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  /* GLib keeps its wake-up descriptor for the main context once it is used. */
  g_main_context_iteration (NULL, FALSE);
  test_resources_take (&fixture->before);
  fixture->discovery = oak_discovery_new (OAK_NETWORK_SCOPE_LOOPBACK, NULL);
  oak_discovery_set_pace (fixture->discovery, 100, 3, 6);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->discovery);
  test_resources_assert_equal (&fixture->before);
}

static guint
count_rows (Fixture *fixture)
{
  return g_list_model_get_n_items (G_LIST_MODEL (fixture->discovery));
}

typedef gboolean (*Condition) (Fixture *fixture, gconstpointer data);

static gboolean
wake_up (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static gboolean
wait_at_most (Fixture *fixture, guint timeout_ms, Condition condition, gconstpointer data)
{
  gint64 deadline_us = test_deadline (timeout_ms);
  guint source_id = g_timeout_add (10, wake_up, NULL);
  gboolean met = FALSE;

  while (!(met = condition (fixture, data)) && g_get_monotonic_time () < deadline_us)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source_id);
  return met;
}

static void
wait_for (Fixture *fixture, Condition condition, gconstpointer data)
{
  g_assert_true (wait_at_most (fixture, PATIENCE_MS, condition, data));
}

static gboolean
has_rows (Fixture *fixture, gconstpointer data)
{
  return count_rows (fixture) == GPOINTER_TO_UINT (data);
}

static OakDevice *
find (Fixture *fixture, const char *text)
{
  return oak_discovery_find (fixture->discovery, text, NULL);
}

static gboolean
is_found (Fixture *fixture, gconstpointer text)
{
  return find (fixture, text) != NULL;
}

static gboolean
is_missing (Fixture *fixture, gconstpointer text)
{
  OakDevice *device = find (fixture, text);

  return device != NULL && oak_device_get_presence (device) == OAK_PRESENCE_MISSING;
}

static gboolean
runs_application (Fixture *fixture, gconstpointer text)
{
  OakDevice *device = find (fixture, text);

  return device != NULL && oak_device_get_state (device) == OAK_DEVICE_STATE_FLASH_BOOTED;
}

static gboolean
is_in_conflict (Fixture *fixture, gconstpointer text)
{
  OakDevice *device = find (fixture, text);

  return device != NULL && oak_device_get_conflict (device);
}

static gboolean
has_finished_looking (Fixture *fixture, gconstpointer data)
{
  return !oak_discovery_get_scanning (fixture->discovery);
}

static gboolean
never (Fixture *fixture, gconstpointer data)
{
  return FALSE;
}

static void
test_cameras_are_found_by_broadcast (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimProcess) sim =
      sim_process_start ("--address=" ADDRESS_A, "--mxid=" CAMERA_A, "--cameras=3", NULL);
  OakDevice *device;

  oak_discovery_start (fixture->discovery);
  g_assert_true (oak_discovery_get_scanning (fixture->discovery));
  wait_for (fixture, has_rows, GUINT_TO_POINTER (3));
  device = find (fixture, CAMERA_A);
  g_assert_nonnull (device);
  g_assert_cmpstr (oak_device_get_address (device), ==, ADDRESS_A);
  g_assert_cmpint (oak_device_get_state (device), ==, OAK_DEVICE_STATE_BOOTLOADER);
  wait_for (fixture, has_finished_looking, NULL);
  g_assert_null (oak_discovery_get_problem (fixture->discovery));
  /* Looking opens nothing and resets nobody. */
  for (guint i = 0; i < 3; i++) {
    g_assert_cmpint (sim_process_get_int (sim, i, "connections"), ==, 0);
    g_assert_cmpint (sim_process_get_int (sim, i, "resets"), ==, 0);
  }
}

static void
test_state_is_followed (Fixture *fixture, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (SimProcess) sim =
      sim_process_start ("--address=" ADDRESS_A, "--mxid=" CAMERA_A, "--state=flash-booted", NULL);

  oak_discovery_start (fixture->discovery);
  wait_for (fixture, runs_application, CAMERA_A);
}

static void
test_vanished_camera_is_marked_and_comes_back (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimProcess) sim = sim_process_start ("--address=" ADDRESS_A, "--mxid=" CAMERA_A, NULL);
  OakDevice *device;

  oak_discovery_set_pace (fixture->discovery, 100, 3, 10000);
  oak_discovery_start (fixture->discovery);
  wait_for (fixture, is_found, CAMERA_A);
  device = find (fixture, CAMERA_A);
  g_clear_pointer (&sim, sim_process_stop);
  wait_for (fixture, is_missing, CAMERA_A);

  sim =
      sim_process_start ("--address=" ADDRESS_B, "--mxid=" CAMERA_A, "--state=flash-booted", NULL);
  wait_for (fixture, runs_application, CAMERA_A);
  g_assert_true (find (fixture, CAMERA_A) == device);
  g_assert_cmpstr (oak_device_get_address (device), ==, ADDRESS_B);
}

static void
test_vanished_camera_is_removed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimProcess) sim = sim_process_start ("--address=" ADDRESS_A, NULL);

  oak_discovery_start (fixture->discovery);
  wait_for (fixture, has_rows, GUINT_TO_POINTER (1));
  g_clear_pointer (&sim, sim_process_stop);
  wait_for (fixture, has_rows, GUINT_TO_POINTER (0));
}

static void
test_two_ids_are_a_conflict (Fixture *fixture, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (SimProcess) sim = sim_process_start ("--address=" ADDRESS_A,
                                                                "--mxid=" CAMERA_A,
                                                                "--fault=second-id=" CAMERA_B,
                                                                NULL);

  oak_discovery_start (fixture->discovery);
  wait_for (fixture, is_in_conflict, CAMERA_A);
  g_assert_true (is_in_conflict (fixture, CAMERA_B));
}

static void
test_garbage_makes_no_row (Fixture *fixture, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (SimProcess) sim =
      sim_process_start ("--address=" ADDRESS_A, "--fault=discovery-garbage", NULL);

  oak_discovery_start (fixture->discovery);
  g_assert_false (wait_at_most (fixture, 500, never, NULL));
  g_assert_cmpuint (count_rows (fixture), ==, 0);
}

/* A responder at one address, in a thread, that answers unicast only. */
typedef struct {
  int socket_fd;
  const char *mxid;
  guint n_answers; /* datagrams sent for each one received */
} Responder;

static gpointer
respond (gpointer user_data)
{
  Responder *self = user_data;

  for (;;) {
    OakDiscoveryReply reply = { .command = OAK_DISCOVERY_COMMAND_DISCOVER,
                                .state = OAK_DEVICE_STATE_BOOTLOADER };
    struct sockaddr_in peer = { 0 };
    socklen_t peer_size = sizeof peer;
    guint8 request[64];

    if (recvfrom (self->socket_fd, request, sizeof request, 0, (void *) &peer, &peer_size) <= 0)
      return NULL;
    for (guint i = 0; i < self->n_answers; i++) {
      g_autoptr (GBytes) bytes = NULL;

      if (self->n_answers == 1)
        g_strlcpy (reply.mxid, self->mxid, sizeof reply.mxid);
      else
        g_snprintf (reply.mxid, sizeof reply.mxid, "%010X%06X00", i * 7919, i);
      bytes = oak_discovery_reply_encode (&reply);
      (void) sendto (self->socket_fd,
                     g_bytes_get_data (bytes, NULL),
                     g_bytes_get_size (bytes),
                     MSG_DONTWAIT,
                     (void *) &peer,
                     peer_size);
    }
  }
}

static GThread *
start_responder (Responder *self, const char *address, const char *mxid, guint n_answers)
{
  struct sockaddr_in local = { .sin_family = AF_INET, .sin_port = htons (OAK_DISCOVERY_PORT) };

  g_assert_cmpint (inet_pton (AF_INET, address, &local.sin_addr), ==, 1);
  self->socket_fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (self->socket_fd, (void *) &local, sizeof local), ==, 0);
  self->mxid = mxid;
  self->n_answers = n_answers;
  return g_thread_new ("responder", respond, self);
}

static void
stop_responder (Responder *self, GThread *thread)
{
  /* Wakes the thread, although the socket is not connected. */
  (void) shutdown (self->socket_fd, SHUT_RDWR);
  g_thread_join (thread);
  close (self->socket_fd);
}

static void
test_typed_address_is_asked_by_unicast (Fixture *fixture, gconstpointer data)
{
  Responder responder;
  GThread *thread = start_responder (&responder, "127.0.0.77", CAMERA_B, 1);
  g_autoptr (GError) error = NULL;

  oak_discovery_start (fixture->discovery);
  g_assert_false (wait_at_most (fixture, 400, is_found, CAMERA_B));
  g_assert_true (oak_discovery_add_address (fixture->discovery, "127.0.0.77", &error));
  g_assert_cmpuint (count_rows (fixture), ==, 1);
  wait_for (fixture, is_found, CAMERA_B);
  g_assert_cmpuint (count_rows (fixture), ==, 1);
  g_assert_true (oak_device_get_typed_by_hand (find (fixture, CAMERA_B)));

  stop_responder (&responder, thread);
  wait_for (fixture, is_missing, CAMERA_B);
  oak_discovery_remove_address (fixture->discovery, "127.0.0.77");
  wait_for (fixture, has_rows, GUINT_TO_POINTER (0));
}

static gboolean
count_turn (gpointer user_data)
{
  guint *n_turns = user_data;

  (*n_turns)++;
  return G_SOURCE_CONTINUE;
}

static gboolean
has_turned (Fixture *fixture, gconstpointer n_turns)
{
  return *(const guint *) n_turns >= 10 && count_rows (fixture) > 100;
}

/* Hundreds of answers to each question: everything else on the main loop goes on. */
static void
test_flood_does_not_starve_the_main_loop (Fixture *fixture, gconstpointer data)
{
  Responder responder;
  GThread *thread = start_responder (&responder, "127.0.0.77", CAMERA_B, 400);
  guint n_turns = 0;
  guint source_id;

  g_assert_true (oak_discovery_add_address (fixture->discovery, "127.0.0.77", NULL));
  oak_discovery_set_pace (fixture->discovery, 20, 3, 10000);
  oak_discovery_start (fixture->discovery);
  source_id = g_timeout_add (5, count_turn, &n_turns);
  wait_for (fixture, has_turned, &n_turns);
  g_source_remove (source_id);
  stop_responder (&responder, thread);
}

/* A spinner where drawing is slow: GTK always has something to draw, at this priority. */
static void
test_drawing_without_end_hides_no_camera (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimProcess) sim = sim_process_start ("--address=" ADDRESS_A, NULL);
  guint n_frames = 0;
  guint source_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE + 20, count_turn, &n_frames, NULL);

  while (n_frames < 10)
    g_main_context_iteration (NULL, TRUE);
  oak_discovery_start (fixture->discovery);
  wait_for (fixture, has_rows, GUINT_TO_POINTER (1));
  g_source_remove (source_id);
}

static void
test_stopped_discovery_is_quiet (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimProcess) sim = sim_process_start ("--address=" ADDRESS_A, NULL);
  gint64 n_answers;

  oak_discovery_start (fixture->discovery);
  wait_for (fixture, has_rows, GUINT_TO_POINTER (1));
  oak_discovery_stop (fixture->discovery);
  g_assert_false (oak_discovery_get_scanning (fixture->discovery));
  n_answers = sim_process_get_int (sim, 0, "discoveryAnswers");
  g_assert_false (wait_at_most (fixture, 400, never, NULL));
  g_assert_cmpint (sim_process_get_int (sim, 0, "discoveryAnswers"), ==, n_answers);
  g_assert_cmpuint (count_rows (fixture), ==, 1);
}

static void
test_scope_names_only_the_loopback (Fixture *fixture, gconstpointer data)
{
  g_auto (GStrv) lines = oak_discovery_list_interfaces (fixture->discovery);

  g_assert_cmpuint (g_strv_length (lines), ==, 1);
  g_assert_cmpstr (lines[0], ==, "lo 127.0.0.1/8");
}

static void
test_unknown_interface_is_a_problem (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OakDiscovery) discovery = oak_discovery_new (OAK_NETWORK_SCOPE_LOOPBACK, "nosuch0");

  oak_discovery_start (discovery);
  g_assert_nonnull (oak_discovery_get_problem (discovery));
  g_assert_true (strstr (oak_discovery_get_problem (discovery), "nosuch0") != NULL);
}

static void
test_nothing_is_sent_out_of_scope (Fixture *fixture, gconstpointer data)
{
  const char *const outside[] = { "192.168.1.5",     "10.99.0.2", "10.99.0.255",
                                  "255.255.255.255", "128.0.0.1", "126.255.255.255" };
  g_autoptr (GError) error = NULL;
  int socket_fd = oak_network_open_socket (OAK_NETWORK_SCOPE_LOOPBACK, NULL, &error);

  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (outside); i++) {
    guint32 address = 0;

    g_assert_true (oak_network_parse_address (outside[i], &address));
    for (guint32 command = 0; command < 5; command++) {
      g_assert_false (
          oak_network_send (socket_fd, OAK_NETWORK_SCOPE_LOOPBACK, NULL, address, command, &error));
      g_assert_error (error, OAK_ERROR, OAK_ERROR_UNREACHABLE);
      g_clear_error (&error);
    }
  }
  close (socket_fd);
}

static void
assert_broadcast (const char *address, const char *mask, const char *expected)
{
  OakNetworkInterface interface = { .name = "x" };
  guint32 broadcast = 0;

  g_assert_true (oak_network_parse_address (address, &interface.address));
  g_assert_true (oak_network_parse_address (mask, &interface.mask));
  if (expected != NULL)
    g_assert_true (oak_network_parse_address (expected, &broadcast));
  g_assert_cmphex (oak_network_interface_get_broadcast (&interface), ==, broadcast);
}

static void
test_broadcast_addresses (Fixture *fixture, gconstpointer data)
{
  assert_broadcast ("192.168.1.5", "255.255.255.0", "192.168.1.255");
  assert_broadcast ("169.254.7.9", "255.255.0.0", "169.254.255.255");
  assert_broadcast ("10.1.2.3", "255.255.255.252", "10.1.2.3");
  assert_broadcast ("10.1.2.3", "255.255.255.254", NULL);
  assert_broadcast ("10.1.2.3", "255.255.255.255", NULL);
}

#define add(name, function)                                                                        \
  g_test_add ("/device/discovery-network/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  test_device_main_begin ();
  add ("cameras-are-found-by-broadcast", test_cameras_are_found_by_broadcast);
  add ("state-is-followed", test_state_is_followed);
  add ("vanished-camera-is-marked-and-comes-back", test_vanished_camera_is_marked_and_comes_back);
  add ("vanished-camera-is-removed", test_vanished_camera_is_removed);
  add ("two-ids-are-a-conflict", test_two_ids_are_a_conflict);
  add ("garbage-makes-no-row", test_garbage_makes_no_row);
  add ("typed-address-is-asked-by-unicast", test_typed_address_is_asked_by_unicast);
  add ("flood-does-not-starve-the-main-loop", test_flood_does_not_starve_the_main_loop);
  add ("drawing-without-end-hides-no-camera", test_drawing_without_end_hides_no_camera);
  add ("stopped-discovery-is-quiet", test_stopped_discovery_is_quiet);
  add ("scope-names-only-the-loopback", test_scope_names_only_the_loopback);
  add ("unknown-interface-is-a-problem", test_unknown_interface_is_a_problem);
  add ("nothing-is-sent-out-of-scope", test_nothing_is_sent_out_of_scope);
  add ("broadcast-addresses", test_broadcast_addresses);
  result = g_test_run ();
  test_device_main_end ();
  return result;
}
