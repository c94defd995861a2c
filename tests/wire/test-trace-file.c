/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "trace-content.h"
#include "trace-file.h"

/* The trace reader itself: what it restores is what was recorded. */

typedef struct {
  const char *name;
  gsize size;
  const char *digest;
} Content;

/* From tests/data/traces/README.md. */
static const Content contents[] = {
  { "dap-small", 2057, "62f3f2894c94c1d0f7bbfa9f62b1d8e175bc28328d9e0cf11b36d5ad152ae920" },
  { "dap-8MiB", 8388608, "11bdd0c1f1b77bcfd73df8ea18ef00e7f4b25bf68255ac0cc5b3ea1832b0625f" },
  { "bl-network", 2345678, "eb4939adf064a63651c521abaa5dd4f42ff353bfd456e76aba71a94baa02a8d0" },
  { "bl-usb", 876543, "ebc357da7ad6bb8b6b91526cc768b320597d32a56cb1fdd138a5d04693f2b5dc" },
  { "bl-small", 1500, "4cbdeacb65e44622cca6ea8c6fc9b7eb3819c40a9a4a1775e15baf58f6f74197" },
  { "raw-3000", 3000, "4bf62a0c31af28abec430cdb9776c6dacf2bdb950ab9ee8c2f352c5c6fb759d8" },
  { "raw-6MiB", 6291456, "1cb46a0e76f588b38ac45aa06dda93a06895a43cce65a1a9a7ad32a3d379c653" },
  { "flash-blank", 16777216, "dffab0dd410657cb30c7b2fd7f2586a4792e8472e58882b3532581f8111a646d" },
  { "flash-loaded", 16777216, "1a489097e6893d61b82b577adc41f6dbf2675824be4fd2b3b2cbbd8f52b9bea9" },
};

static void
test_content (gconstpointer data)
{
  const Content *expected = data;
  g_autoptr (GBytes) content = trace_content_get (expected->name);
  g_autofree char *digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, content);

  g_assert_cmpuint (g_bytes_get_size (content), ==, expected->size);
  g_assert_cmpstr (digest, ==, expected->digest);
}

static void
test_every_trace_loads (void)
{
  g_auto (GStrv) names = trace_file_list ();

  g_assert_cmpuint (g_strv_length (names), ==, 39);
  for (char **name = names; *name != NULL; name++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (TraceFile) trace = trace_file_load (*name, &error);

    g_assert_no_error (error);
    g_assert_nonnull (trace);
    g_assert_cmpuint (trace->parts->len, >, 10);
    g_assert_cmpuint (trace->connections->len, <=, 2);
  }
}

static GByteArray *
gather_host_packets (const TraceConnection *connection, gsize minimum)
{
  GByteArray *gathered = g_byte_array_new ();

  for (guint i = 0; i < connection->messages->len; i++) {
    const TraceMessage *message = g_ptr_array_index (connection->messages, i);

    if (message->from_host && trace_message_is_write (message, "__bootloader") &&
        g_bytes_get_size (message->payload) >= minimum)
      g_byte_array_append (gathered,
                           g_bytes_get_data (message->payload, NULL),
                           (guint) g_bytes_get_size (message->payload));
  }
  return gathered;
}

static void
assert_sends (const char *trace_name, guint connection, const char *content_name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TraceFile) trace = trace_file_load (trace_name, &error);
  g_autoptr (GBytes) content = trace_content_get (content_name);
  g_autoptr (GByteArray) sent = NULL;

  g_assert_no_error (error);
  sent = gather_host_packets (g_ptr_array_index (trace->connections, connection), 500000);
  g_assert_cmpmem (sent->data,
                   sent->len,
                   g_bytes_get_data (content, NULL),
                   g_bytes_get_size (content));
}

static void
test_long_payloads_are_restored (void)
{
  assert_sends ("flash-dap-8MiB.txt", 0, "dap-8MiB");
  assert_sends ("usb-flash-dap-8MiB.txt", 0, "dap-8MiB");
  assert_sends ("factory-reset.txt", 0, "bl-network");
  assert_sends ("factory-reset.txt", 1, "factory-image");
  assert_sends ("write-flash-6MiB.txt", 0, "raw-6MiB");
}

static void
test_connections_are_apart (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TraceFile) trace = trace_file_load ("flash-bootloader-network.txt", &error);
  const TraceConnection *first = NULL;
  const TraceConnection *second = NULL;
  const TraceMessage *last = NULL;
  const TraceMessage *ping = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (trace->connections->len, ==, 2);
  first = g_ptr_array_index (trace->connections, 0);
  second = g_ptr_array_index (trace->connections, 1);
  last = g_ptr_array_index (first->messages, first->messages->len - 1);
  ping = g_ptr_array_index (second->messages, 0);
  g_assert_true (last->is_incomplete);
  g_assert_null (last->payload);
  g_assert_cmpstr (g_ptr_array_index (first->endings, 0), ==, "device closed");
  g_assert_cmpuint (ping->event.type, ==, OAK_XLINK_EVENT_PING_REQ);
  g_assert_true (ping->from_host);
}

static void
test_damaged_trace_is_refused (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TraceFile) trace = trace_file_load ("README.md", &error);

  g_assert_nonnull (error);
  g_assert_null (trace);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (contents); i++) {
    g_autofree char *path =
        g_strdup_printf ("/trace-file/content/%s-is-the-recorded-one", contents[i].name);

    g_test_add_data_func (path, &contents[i], test_content);
  }
  g_test_add_func ("/trace-file/every-trace-loads", test_every_trace_loads);
  g_test_add_func ("/trace-file/long-payloads-are-restored", test_long_payloads_are_restored);
  g_test_add_func ("/trace-file/connections-are-apart", test_connections_are_apart);
  g_test_add_func ("/trace-file/damaged-trace-is-refused", test_damaged_trace_is_refused);
  return g_test_run ();
}
