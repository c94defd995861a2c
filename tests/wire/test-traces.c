/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-bootloader-message.h"
#include "oak-discovery-datagram.h"
#include "trace-file.h"

/* Everything that was recorded between the original libraries: each header, request, answer and
 * datagram decodes, and our encoder writes the same bytes again. The only freedom taken from
 * tests/data/traces/README.md is the padding at the end of requests: leftovers in answers survive
 * decoding and encoding. */

typedef struct {
  const char *name;
  const char *requests; /* what the host asked for, in order; "|" parts connections */
} Row;

#define CONNECT "GetBootloaderVersion GetBootloaderCommit GetBootloaderType "
#define SWITCH  CONNECT "BootMemory | GetBootloaderVersion GetBootloaderCommit "

static const Row rows[] = {
  { "boot-header-fast.txt", CONNECT "UpdateFlashBootHeader " },
  { "boot-header-gpio.txt", CONNECT "UpdateFlashBootHeader " },
  { "boot-header-normal.txt", CONNECT "UpdateFlashBootHeader " },
  { "boot-header-usb-recovery.txt", CONNECT "UpdateFlashBootHeader " },
  { "boot-memory.txt", CONNECT "BootMemory " },
  { "config-clear.txt", CONNECT "SetBootloaderConfig " },
  { "config-read-none.txt", CONNECT "GetBootloaderConfig " },
  { "config-read.txt", CONNECT "GetBootloaderConfig " },
  { "config-set-static-ip.txt", CONNECT "GetBootloaderConfig SetBootloaderConfig " },
  { "config-write.txt", CONNECT "SetBootloaderConfig " },
  { "factory-reset.txt", SWITCH "UpdateFlash " },
  { "flash-bootloader-network.txt", SWITCH "UpdateFlash " },
  { "flash-bootloader-small.txt", SWITCH "UpdateFlash " },
  { "flash-bootloader-usb-type.txt", SWITCH "UpdateFlashEx2 " },
  { "flash-clear.txt", CONNECT "UpdateFlashEx2 " },
  { "flash-dap-8MiB.txt",
    CONNECT "UpdateFlash GetMemoryDetails GetBootloaderConfig SetBootloaderConfig " },
  { "flash-dap-explicit-flash-memory.txt",
    CONNECT "UpdateFlashEx2 GetBootloaderConfig SetBootloaderConfig " },
  { "flash-dap-link-lost.txt", CONNECT "UpdateFlash " },
  { "flash-dap-slow.txt",
    CONNECT "UpdateFlash GetMemoryDetails GetBootloaderConfig SetBootloaderConfig " },
  { "flash-dap-small-emmc-present.txt",
    CONNECT "UpdateFlash GetMemoryDetails GetBootloaderConfig SetBootloaderConfig " },
  { "flash-dap-small.txt",
    CONNECT "UpdateFlash GetMemoryDetails GetBootloaderConfig SetBootloaderConfig " },
  { "flash-dap-write-error.txt",
    CONNECT "UpdateFlash GetMemoryDetails GetBootloaderConfig SetBootloaderConfig " },
  { "flash-user-bootloader.txt",
    CONNECT "UpdateFlashEx2 GetBootloaderConfig SetBootloaderConfig " },
  { "info-blank.txt",
    CONNECT "IsUserBootloader GetMemoryDetails GetMemoryDetails GetApplicationDetails " },
  { "info-loaded.txt",
    CONNECT "IsUserBootloader GetMemoryDetails GetMemoryDetails GetApplicationDetails " },
  { "info-user-bootloader.txt",
    CONNECT "IsUserBootloader GetMemoryDetails GetMemoryDetails GetApplicationDetails " },
  { "info-version-0.0.17.txt", "GetBootloaderVersion GetBootloaderType " },
  { "read-flash-4096.txt", CONNECT "ReadFlash " },
  { "read-flash-8MiB.txt", CONNECT "ReadFlash " },
  { "read-flash-out-of-range.txt", CONNECT "ReadFlash " },
  { "usb-flash-dap-8MiB.txt", CONNECT "UpdateFlash GetBootloaderConfig SetBootloaderConfig " },
  { "usb-flash-dap-small.txt", CONNECT "UpdateFlash GetBootloaderConfig SetBootloaderConfig " },
  { "usb-info.txt",
    CONNECT "IsUserBootloader GetMemoryDetails GetMemoryDetails GetApplicationDetails " },
  { "usb-read-flash-8MiB.txt", CONNECT "ReadFlash " },
  { "usb-rom-boot.txt", CONNECT "UsbRomBoot " },
  { "write-flash-3000.txt", CONNECT "UpdateFlashEx2 " },
  { "write-flash-6MiB.txt", CONNECT "UpdateFlashEx2 " },
  { "write-flash-out-of-range.txt", CONNECT "UpdateFlashEx2 " },
};

/* Walks over the messages of one connection and knows whether a packet is a message or data that
 * was announced. */
typedef struct {
  guint64 n_data_packets;
  guint64 n_data_bytes;
} Expected;

typedef struct {
  Expected expected[2]; /* by from_host */
  GString *requests;
  guint n_responses;
  guint n_pings;
} Walk;

static void
assert_bytes (const TraceFile *trace,
              guint line,
              GBytes *recorded,
              const guint8 *encoded,
              gsize size,
              gsize padding)
{
  const guint8 *bytes = g_bytes_get_data (recorded, NULL);

  if (g_bytes_get_size (recorded) != size || memcmp (bytes, encoded, size - padding) != 0)
    g_error ("%s:%u: encoding gives other bytes than were recorded", trace->name, line);
}

/* Over TCP a comment says what each header holds, in the words of whoever recorded it. */
static void
assert_agrees_with_comment (const TraceFile *trace, const TraceMessage *message)
{
  g_autofree char *description = trace_event_describe (&message->event);

  if (trace->is_usb)
    return;
  if (message->comment == NULL || !g_str_has_suffix (message->comment, description) ||
      message->seconds < 0)
    g_error ("%s:%u: no comment speaks of %s", trace->name, message->line, description);
}

static void
check_header (const TraceFile *trace, const TraceMessage *message)
{
  guint8 encoded[OAK_XLINK_EVENT_SIZE];

  oak_xlink_event_encode (&message->event, encoded);
  assert_bytes (trace, message->line, message->header, encoded, sizeof encoded, 0);
  assert_agrees_with_comment (trace, message);
}

static gsize
padding_of (OakRequestCommand command)
{
  gboolean has_padding = command == OAK_REQUEST_SET_CONFIG || command == OAK_REQUEST_GET_CONFIG ||
                         command == OAK_REQUEST_UPDATE_BOOT_HEADER;

  return has_padding ? 4 : 0;
}

static Expected
data_of_request (const OakBootloaderRequest *request)
{
  if (request->command == OAK_REQUEST_UPDATE_FLASH)
    return (Expected){ request->update_flash.n_packets, request->update_flash.total_size };
  if (request->command == OAK_REQUEST_UPDATE_FLASH_EX2)
    return (Expected){ request->update_flash_ex2.n_packets, request->update_flash_ex2.total_size };
  if (request->command == OAK_REQUEST_BOOT_MEMORY)
    return (Expected){ request->boot_memory.n_packets, request->boot_memory.total_size };
  if (request->command == OAK_REQUEST_SET_CONFIG)
    return (Expected){ request->set_config.n_packets, request->set_config.total_size };
  return (Expected){ 0, 0 };
}

static void
check_request (const TraceFile *trace, const TraceMessage *message, Walk *walk)
{
  g_autoptr (GBytes) encoded = NULL;
  g_autoptr (GError) error = NULL;
  OakBootloaderRequest request;
  gsize size = 0;
  const guint8 *bytes = g_bytes_get_data (message->payload, &size);

  oak_bootloader_request_decode (&request, bytes, size, &error);
  g_assert_no_error (error);
  encoded = oak_bootloader_request_encode (&request);
  assert_bytes (trace,
                message->line,
                message->payload,
                g_bytes_get_data (encoded, NULL),
                g_bytes_get_size (encoded),
                padding_of (request.command));
  walk->expected[TRUE] = data_of_request (&request);
  g_assert_true (walk->expected[TRUE].n_data_bytes == 0 ||
                 request.command == OAK_REQUEST_SET_CONFIG ||
                 walk->expected[TRUE].n_data_packets ==
                     oak_bootloader_count_packets ((guint32) walk->expected[TRUE].n_data_bytes));
  g_string_append_printf (walk->requests, "%s ", oak_request_command_to_string (request.command));
}

static void
check_response (const TraceFile *trace, const TraceMessage *message, Walk *walk)
{
  g_autoptr (GBytes) encoded = NULL;
  g_autoptr (GError) error = NULL;
  OakBootloaderResponse response;
  gsize size = 0;
  const guint8 *bytes = g_bytes_get_data (message->payload, &size);

  oak_bootloader_response_decode (&response, bytes, size, &error);
  g_assert_no_error (error);
  encoded = oak_bootloader_response_encode (&response);
  assert_bytes (trace,
                message->line,
                message->payload,
                g_bytes_get_data (encoded, NULL),
                g_bytes_get_size (encoded),
                0);
  if ((response.command == OAK_RESPONSE_CONFIG || response.command == OAK_RESPONSE_READ_FLASH) &&
      response.data.success == 1)
    walk->expected[FALSE] = (Expected){ response.data.n_packets, response.data.total_size };
  walk->n_responses++;
}

static void
check_data (const TraceMessage *message, Expected *expected)
{
  gsize size = g_bytes_get_size (message->payload);

  g_assert_cmpuint (size, <=, OAK_BOOTLOADER_PACKET_SIZE);
  g_assert_cmpuint (size, <=, expected->n_data_bytes);
  expected->n_data_packets--;
  expected->n_data_bytes -= size;
  if (expected->n_data_packets == 0)
    g_assert_cmpuint (expected->n_data_bytes, ==, 0);
}

static void
check_watchdog (const TraceMessage *message, Walk *walk)
{
  const guint8 *bytes = g_bytes_get_data (message->payload, NULL);

  g_assert_true (message->from_host);
  g_assert_cmpuint (g_bytes_get_size (message->payload), ==, 4);
  g_assert_cmpuint (bytes[0], <=, 1);
  g_assert_cmpmem (bytes + 1, 3, "\0\0\0", 3);
  walk->n_pings++;
}

static void
check_message (const TraceFile *trace, const TraceMessage *message, Walk *walk)
{
  Expected *expected = &walk->expected[message->from_host];

  check_header (trace, message);
  if (message->event.type != OAK_XLINK_EVENT_WRITE_REQ || message->is_incomplete)
    return;
  if (trace_message_is_write (message, OAK_WATCHDOG_STREAM))
    check_watchdog (message, walk);
  else if (!trace_message_is_write (message, OAK_BOOTLOADER_STREAM))
    g_error ("%s:%u: a packet on an unknown stream", trace->name, message->line);
  else if (expected->n_data_packets > 0)
    check_data (message, expected);
  else if (message->from_host)
    check_request (trace, message, walk);
  else
    check_response (trace, message, walk);
}

static void
check_connection (const TraceFile *trace, const TraceConnection *connection, GString *requests)
{
  Walk walk = { .requests = requests };

  for (guint i = 0; i < connection->messages->len; i++)
    check_message (trace, g_ptr_array_index (connection->messages, i), &walk);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpuint (walk.expected[i].n_data_packets, ==, 0);
  g_assert_cmpuint (walk.n_responses, >, 0);
  g_assert_cmpuint (walk.n_pings, >, 0);
}

static void
test_trace (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (GString) requests = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (TraceFile) trace = trace_file_load (row->name, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (trace->connections->len, >, 0);
  for (guint i = 0; i < trace->connections->len; i++) {
    if (i > 0)
      g_string_append (requests, "| ");
    check_connection (trace, g_ptr_array_index (trace->connections, i), requests);
  }
  g_assert_cmpstr (requests->str, ==, row->requests);
}

static void
check_host_datagram (const TraceFile *trace, const TracePart *part)
{
  guint32 command = 99;
  guint8 encoded[OAK_DISCOVERY_REQUEST_SIZE];
  gsize size = g_bytes_get_size (part->bytes);
  gboolean is_good =
      oak_discovery_request_decode (&command, g_bytes_get_data (part->bytes, NULL), size, NULL);

  g_assert_cmpint (is_good, ==, size >= OAK_DISCOVERY_REQUEST_SIZE);
  oak_discovery_request_encode ((OakDiscoveryCommand) command, encoded);
  if (size == OAK_DISCOVERY_REQUEST_SIZE)
    assert_bytes (trace, part->line, part->bytes, encoded, sizeof encoded, 0);
}

/* Returns: (transfer full) (nullable): what we would have sent, or NULL when it is no answer. */
static GBytes *
encode_device_datagram (const guint8 *bytes, gsize size)
{
  OakDiscoveryReply reply;
  OakDiscoveryInfo info;

  if (oak_discovery_reply_decode (&reply, bytes, size, NULL)) {
    g_assert_cmpstr (reply.mxid, ==, "14442C10D1234567D0");
    return oak_discovery_reply_encode (&reply);
  }
  if (oak_discovery_info_decode (&info, bytes, size, NULL)) {
    g_assert_cmpstr (info.mxid, ==, "14442C10D1234567D0");
    g_assert_cmpint (info.gpio_boot_mode, ==, 3);
    return oak_discovery_info_encode (&info);
  }
  return NULL;
}

static void
test_datagrams (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TraceFile) trace = trace_file_load ("discovery-udp.txt", &error);
  guint n_answers = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < trace->parts->len; i++) {
    const TracePart *part = g_ptr_array_index (trace->parts, i);
    gsize size = 0;
    const guint8 *bytes = g_bytes_get_data (part->bytes, &size);
    g_autoptr (GBytes) encoded = part->from_host ? NULL : encode_device_datagram (bytes, size);

    if (part->from_host)
      check_host_datagram (trace, part);
    else if (encoded == NULL)
      g_assert_cmpmem (bytes, size, "\0\0\0\0", 4); /* NO_COMMAND */
    else {
      assert_bytes (trace,
                    part->line,
                    part->bytes,
                    g_bytes_get_data (encoded, NULL),
                    g_bytes_get_size (encoded),
                    0);
      n_answers++;
    }
  }
  g_assert_cmpuint (n_answers, ==, 5);
}

static void
test_all_39_are_tested (void)
{
  g_auto (GStrv) names = trace_file_list ();
  g_autoptr (GHashTable) tested = g_hash_table_new (g_str_hash, g_str_equal);

  g_hash_table_add (tested, (gpointer) "discovery-udp.txt");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_hash_table_add (tested, (gpointer) rows[i].name);
  g_assert_cmpuint (g_hash_table_size (tested), ==, 39);
  g_assert_cmpuint (g_strv_length (names), ==, 39);
  for (char **name = names; *name != NULL; name++)
    g_assert_true (g_hash_table_contains (tested, *name));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strdup_printf ("/wire/traces/%s", rows[i].name);

    g_test_add_data_func (path, &rows[i], test_trace);
  }
  g_test_add_func ("/wire/traces/discovery-udp.txt", test_datagrams);
  g_test_add_func ("/wire/traces/all-39-are-tested", test_all_39_are_tested);
  return g_test_run ();
}
