/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>

#include "network-guard.h"
#include "oak-bootloader-message.h"
#include "oak-discovery-datagram.h"
#include "oak-xlink-event.h"

/* The program oak-sim itself, over real sockets on the loopback. Its path is the only argument. */

static const char *program_path; /* (unowned) */

typedef struct {
  GSubprocess *process;     /* (owned) */
  GDataInputStream *output; /* (owned) */
} Program;

static double
get_slowdown (void)
{
  const char *text = g_getenv ("TEST_SLOWDOWN");

  return text == NULL ? 1 : MAX (1, g_ascii_strtod (text, NULL));
}

static void
program_start_v (Program *self, const char *const *arguments, GSubprocessFlags flags)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (argv, (gpointer) program_path);
  for (guint i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add (argv, (gpointer) arguments[i]);
  g_ptr_array_add (argv, NULL);
  self->process = g_subprocess_newv ((const char *const *) argv->pdata,
                                     flags | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                     &error);
  g_assert_no_error (error);
  self->output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
}

static char *
program_read_line (Program *self)
{
  g_autoptr (GError) error = NULL;
  char *line = g_data_input_stream_read_line (self->output, NULL, NULL, &error);

  g_assert_no_error (error);
  return line;
}

/* Starts oak-sim and waits until it is ready. */
static void
program_start (Program *self, const char *const *arguments)
{
  g_autofree char *line = NULL;

  program_start_v (self, arguments, G_SUBPROCESS_FLAGS_NONE);
  line = program_read_line (self);
  g_assert_cmpstr (line, ==, "ready");
}

/* Returns: (transfer full): the next line, which tells of one camera. */
static JsonNode *
program_read_report (Program *self)
{
  g_autofree char *line = program_read_line (self);
  g_autoptr (GError) error = NULL;
  JsonNode *node;

  g_assert_nonnull (line);
  node = json_from_string (line, &error);
  g_assert_no_error (error);
  return node;
}

static void
program_wait (Program *self, int status)
{
  g_autoptr (GError) error = NULL;

  g_subprocess_wait (self->process, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (self->process));
  g_assert_cmpint (g_subprocess_get_exit_status (self->process), ==, status);
  g_clear_object (&self->output);
  g_clear_object (&self->process);
}

/* Ends it. Returns: (transfer full): the report of its first camera. */
static JsonNode *
program_stop (Program *self)
{
  JsonNode *report;

  g_subprocess_send_signal (self->process, SIGTERM);
  report = program_read_report (self);
  program_wait (self, 0);
  return report;
}

static gint64
get_number (JsonNode *report, const char *name)
{
  return json_object_get_int_member (json_node_get_object (report), name);
}

static const char *
get_text (JsonNode *report, const char *name)
{
  return json_object_get_string_member (json_node_get_object (report), name);
}

static JsonNode *
program_ask_report (Program *self)
{
  g_subprocess_send_signal (self->process, SIGUSR1);
  return program_read_report (self);
}

static struct sockaddr_in
make_name (const char *address, guint16 port)
{
  struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons (port) };

  g_assert_cmpint (inet_pton (AF_INET, address, &name.sin_addr), ==, 1);
  return name;
}

static void
set_timeout (int fd, double seconds)
{
  gint64 us = (gint64) (seconds * get_slowdown () * G_USEC_PER_SEC);
  struct timeval timeout = { us / G_USEC_PER_SEC, us % G_USEC_PER_SEC };

  g_assert_cmpint (setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout), ==, 0);
}

/* Asks @address until @n_wanted answers are there. Returns: (transfer full): "source id state" by
 * source. */
static GHashTable *
discover (const char *address, guint n_wanted)
{
  GHashTable *answers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  struct sockaddr_in name = make_name (address, OAK_DISCOVERY_PORT);
  int fd = socket (AF_INET, SOCK_DGRAM, 0);
  guint8 request[OAK_DISCOVERY_REQUEST_SIZE];
  int on = 1;

  setsockopt (fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
  set_timeout (fd, n_wanted == 0 ? 0.3 : 5);
  oak_discovery_request_encode (OAK_DISCOVERY_COMMAND_DISCOVER, request);
  g_assert_cmpint (sendto (fd, request, sizeof request, 0, (struct sockaddr *) &name, sizeof name),
                   ==,
                   sizeof request);
  while (g_hash_table_size (answers) < MAX (n_wanted, 1)) {
    struct sockaddr_in source;
    socklen_t source_size = sizeof source;
    char text[INET_ADDRSTRLEN];
    guint8 bytes[100];
    OakDiscoveryReply reply;
    ssize_t size = recvfrom (fd, bytes, sizeof bytes, 0, (struct sockaddr *) &source, &source_size);

    if (size < 0)
      break;
    g_assert_true (oak_discovery_reply_decode (&reply, bytes, (gsize) size, NULL));
    g_assert_cmpuint (ntohs (source.sin_port), ==, OAK_DISCOVERY_PORT);
    inet_ntop (AF_INET, &source.sin_addr, text, sizeof text);
    g_assert_false (g_hash_table_contains (answers, text));
    g_hash_table_insert (answers,
                         g_strdup (text),
                         g_strdup_printf ("%s %d", reply.mxid, reply.state));
  }
  close (fd);
  return answers;
}

/* Returns: a connected socket, or -1 when the connection was refused. */
static int
connect_to (const char *address)
{
  struct sockaddr_in name = make_name (address, OAK_XLINK_PORT);
  int fd = socket (AF_INET, SOCK_STREAM, 0);

  set_timeout (fd, 10);
  if (connect (fd, (struct sockaddr *) &name, sizeof name) == 0)
    return fd;
  g_assert_cmpint (errno, ==, ECONNREFUSED);
  close (fd);
  return -1;
}

/* A port that is about to open, as after a reset. */
static int
connect_patiently (const char *address)
{
  for (guint i = 0; i < 500; i++) {
    int fd = connect_to (address);

    if (fd >= 0)
      return fd;
    g_usleep (20000);
  }
  g_assert_not_reached ();
}

static void
send_event (int fd, OakXlinkEventType type, const char *name, guint32 stream_id, gsize size)
{
  OakXlinkEvent event = { .id = 77,
                          .type = type,
                          .stream_id = stream_id,
                          .size = (guint32) size,
                          .flags = 1 };
  guint8 header[OAK_XLINK_EVENT_SIZE];

  g_strlcpy (event.stream_name, name, sizeof event.stream_name);
  oak_xlink_event_encode (&event, header);
  g_assert_cmpint (send (fd, header, sizeof header, MSG_NOSIGNAL), ==, sizeof header);
}

static gboolean
receive_all (int fd, void *bytes, gsize size)
{
  return size == 0 || recv (fd, bytes, size, MSG_WAITALL) == (ssize_t) size;
}

/* Reads events until one of @type is there. Returns: (transfer full) (nullable): its payload, empty
 * for none; NULL when the camera has gone. */
static GBytes *
wait_for_event (int fd, OakXlinkEventType type)
{
  for (;;) {
    guint8 header[OAK_XLINK_EVENT_SIZE];
    g_autofree guint8 *payload = NULL;
    OakXlinkEvent event;
    gsize size = 0;

    if (!receive_all (fd, header, sizeof header))
      return NULL;
    g_assert_true (oak_xlink_event_decode (&event, header, sizeof header, NULL));
    if (event.type == OAK_XLINK_EVENT_WRITE_REQ)
      size = event.size;
    payload = g_malloc (MAX (size, 1));
    g_assert_true (receive_all (fd, payload, size));
    if (oak_xlink_event_is_request (&event)) {
      OakXlinkEvent answer = event;

      answer.type = event.type + 8;
      if (event.type == OAK_XLINK_EVENT_CREATE_STREAM_REQ)
        answer.stream_id = g_str_equal (event.stream_name, OAK_BOOTLOADER_STREAM) ? 0 : 1;
      oak_xlink_event_encode (&answer, header);
      g_assert_cmpint (send (fd, header, sizeof header, MSG_NOSIGNAL), ==, sizeof header);
    }
    if (event.type == OAK_XLINK_EVENT_WRITE_REQ)
      send_event (fd, OAK_XLINK_EVENT_READ_REL_REQ, "", event.stream_id, event.size);
    if (event.type == (guint32) type)
      return g_bytes_new (payload, size);
  }
}

static void
open_session (int fd)
{
  g_autoptr (GBytes) ping = NULL;
  g_autoptr (GBytes) create = NULL;

  send_event (fd, OAK_XLINK_EVENT_PING_REQ, "", 0, 0);
  ping = wait_for_event (fd, OAK_XLINK_EVENT_PING_RESP);
  g_assert_nonnull (ping);
  send_event (fd,
              OAK_XLINK_EVENT_CREATE_STREAM_REQ,
              OAK_BOOTLOADER_STREAM,
              0,
              OAK_BOOTLOADER_PACKET_SIZE);
  create = wait_for_event (fd, OAK_XLINK_EVENT_CREATE_STREAM_RESP);
  g_assert_nonnull (create);
}

static void
send_packet (int fd, const void *bytes, gsize size)
{
  send_event (fd, OAK_XLINK_EVENT_WRITE_REQ, "", 0, size);
  g_assert_cmpint (send (fd, bytes, size, MSG_NOSIGNAL), ==, (ssize_t) size);
}

static void
send_request (int fd, const OakBootloaderRequest *request)
{
  g_autoptr (GBytes) bytes = oak_bootloader_request_encode (request);

  send_packet (fd, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
assert_response (int fd, OakResponseCommand command)
{
  OakBootloaderResponse response;

  do {
    g_autoptr (GBytes) bytes = wait_for_event (fd, OAK_XLINK_EVENT_WRITE_REQ);

    g_assert_nonnull (bytes);
    g_assert_true (oak_bootloader_response_decode (&response,
                                                   g_bytes_get_data (bytes, NULL),
                                                   g_bytes_get_size (bytes),
                                                   NULL));
  } while (response.command == OAK_RESPONSE_FLASH_STATUS);
  g_assert_cmpint (response.command, ==, command);
  if (command == OAK_RESPONSE_FLASH_COMPLETE)
    g_assert_true (response.flash_complete.success);
}

static void
reset_session (int fd)
{
  g_autoptr (GBytes) answer = NULL;
  guint8 byte;

  send_event (fd, OAK_XLINK_EVENT_RESET_REQ, "", 0, 0);
  answer = wait_for_event (fd, OAK_XLINK_EVENT_RESET_RESP);
  g_assert_nonnull (answer);
  g_assert_cmpint (recv (fd, &byte, 1, 0), ==, 0);
  close (fd);
}

static void
test_broadcast_finds_all_cameras (void)
{
  static const char *const arguments[] = {
    "--cameras", "3", "--camera", "state=flash-booted,mxid=A", "--camera", "mxid=B", NULL
  };
  g_autoptr (GHashTable) answers = NULL;
  g_autoptr (GHashTable) single = NULL;
  g_autoptr (JsonNode) report = NULL;
  Program program;

  program_start (&program, arguments);
  answers = discover ("127.255.255.255", 3);
  g_assert_cmpstr (g_hash_table_lookup (answers, "127.0.0.2"), ==, "A 4");
  g_assert_cmpstr (g_hash_table_lookup (answers, "127.0.0.3"), ==, "B 3");
  g_assert_nonnull (g_hash_table_lookup (answers, "127.0.0.4"));
  single = discover ("127.0.0.3", 1);
  g_assert_cmpstr (g_hash_table_lookup (single, "127.0.0.3"), ==, "B 3");
  report = program_stop (&program);
  g_assert_cmpstr (get_text (report, "mxid"), ==, "A");
  g_assert_cmpstr (get_text (report, "state"), ==, "flash-booted");
  g_assert_cmpint (get_number (report, "connections"), ==, 0);
}

static void
test_only_one_host_is_let_in (void)
{
  static const char *const arguments[] = { "--reboot-ms", "50", NULL };
  OakBootloaderRequest request = { .command = OAK_REQUEST_GET_VERSION };
  g_autoptr (JsonNode) report = NULL;
  Program program;
  int fd;

  program_start (&program, arguments);
  fd = connect_to ("127.0.0.2");
  open_session (fd);
  g_assert_cmpint (connect_to ("127.0.0.2"), ==, -1);
  send_request (fd, &request);
  assert_response (fd, OAK_RESPONSE_VERSION);
  reset_session (fd);
  fd = connect_patiently ("127.0.0.2");
  open_session (fd);
  reset_session (fd);
  report = program_stop (&program);
  g_assert_cmpint (get_number (report, "connections"), ==, 2);
  g_assert_cmpint (get_number (report, "resets"), ==, 2);
  g_assert_cmpint (get_number (report, "protocolErrors"), ==, 0);
}

static void
test_running_application_refuses_hosts (void)
{
  static const char *const arguments[] = { "--state", "flash-booted", NULL };
  g_autoptr (JsonNode) report = NULL;
  Program program;

  program_start (&program, arguments);
  g_assert_cmpint (connect_to ("127.0.0.2"), ==, -1);
  report = program_stop (&program);
  g_assert_cmpint (get_number (report, "connections"), ==, 0);
}

/* What was written is in the file at the end, and there again with the next start. */
static void
test_flash_file_keeps_what_was_written (void)
{
  g_autofree char *directory = g_dir_make_tmp ("oak-sim-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "flash.bin", NULL);
  const char *const arguments[] = {
    "--flash-file", path, "--flash-size", "16", "--watchdog-ms", "0", NULL
  };
  OakBootloaderRequest request = { .command = OAK_REQUEST_UPDATE_FLASH_EX2 };
  g_autofree char *content = NULL;
  g_autoptr (JsonNode) dumped = NULL;
  g_autoptr (JsonNode) report = NULL;
  g_autoptr (JsonNode) again = NULL;
  Program program;
  gsize size;
  int fd;

  program_start (&program, arguments);
  fd = connect_to ("127.0.0.2");
  open_session (fd);
  request.update_flash_ex2.offset = 0x900000;
  request.update_flash_ex2.total_size = 4;
  request.update_flash_ex2.n_packets = 1;
  send_request (fd, &request);
  send_packet (fd, "oak!", 4);
  assert_response (fd, OAK_RESPONSE_FLASH_COMPLETE);
  dumped = program_ask_report (&program);
  g_assert_cmpint (get_number (dumped, "writes"), ==, 1);
  g_assert_cmpint (get_number (dumped, "bytesWritten"), ==, 4);
  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  g_assert_cmpuint (size, ==, 16 * 1024 * 1024);
  g_assert_cmpint (memcmp (content + 0x900000, "oak!", 4), ==, 0);
  g_assert_cmpint (g_unlink (path), ==, 0);
  json_node_unref (dumped);
  dumped = program_ask_report (&program);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  send_request (fd, &request);
  send_packet (fd, "OAK!", 4);
  assert_response (fd, OAK_RESPONSE_FLASH_COMPLETE);
  close (fd);
  report = program_stop (&program);
  program_start (&program, arguments);
  again = program_stop (&program);
  g_assert_cmpint (get_number (report, "writes"), ==, 2);
  g_assert_cmpint (get_number (again, "writes"), ==, 0);
  g_clear_pointer (&content, g_free);
  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  g_assert_cmpmem (content + 0x900000, 4, "OAK!", 4);
  g_unlink (path);
  g_rmdir (directory);
}

static void
test_tcp_reset_is_one (void)
{
  static const char *const arguments[] = { "--fault", "reset-tcp", NULL };
  g_autoptr (JsonNode) report = NULL;
  guint8 byte;
  Program program;
  int fd;

  program_start (&program, arguments);
  fd = connect_to ("127.0.0.2");
  send_event (fd, OAK_XLINK_EVENT_PING_REQ, "", 0, 0);
  while (recv (fd, &byte, 1, 0) > 0)
    ;
  g_assert_cmpint (errno, ==, ECONNRESET);
  close (fd);
  report = program_stop (&program);
}

static void
test_ends_with_standard_input (void)
{
  static const char *const arguments[] = { "--exit-with-parent", NULL };
  g_autoptr (JsonNode) report = NULL;
  g_autofree char *line = NULL;
  Program program;

  program_start_v (&program, arguments, G_SUBPROCESS_FLAGS_STDIN_PIPE);
  line = program_read_line (&program);
  g_assert_cmpstr (line, ==, "ready");
  g_assert_true (g_output_stream_close (g_subprocess_get_stdin_pipe (program.process), NULL, NULL));
  report = program_read_report (&program);
  program_wait (&program, 0);
}

static void
test_second_simulator_is_told_why (void)
{
  static const char *const arguments[] = { "--address", "127.0.0.9", NULL };
  g_autoptr (JsonNode) report = NULL;
  Program first;
  Program second;

  program_start (&first, arguments);
  program_start_v (&second, arguments, G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  program_wait (&second, 1);
  report = program_stop (&first);
}

static void
test_bad_arguments_are_refused (void)
{
  static const char *const rows[][5] = {
    { "--address", "10.0.0.1", NULL },
    { "--erase-kib", "5", NULL },
    { "--version", "0.0", NULL },
    { "--type", "network", "--version", "0.0.11", NULL },
    { "--fault", "nothing", NULL },
    { "--camera", "colour=red", NULL },
    { "--cameras", "100000", NULL },
    { "--state", "asleep", NULL },
    { "surplus", NULL },
    { "--unknown", NULL },
    { "--flash-file", "/", NULL },
    { "--make-image", "/nonexistent/image", NULL },
    { "--user-bootloader", "0.0.28", "--version", "0.0.17", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    Program program;

    program_start_v (&program, rows[i], G_SUBPROCESS_FLAGS_STDERR_SILENCE);
    g_assert_true (g_subprocess_wait (program.process, NULL, NULL));
    g_assert_true (g_subprocess_get_if_exited (program.process));
    g_assert_cmpint (g_subprocess_get_exit_status (program.process), !=, 0);
    g_assert_null (program_read_line (&program));
    g_clear_object (&program.output);
    g_clear_object (&program.process);
  }
}

static void
test_make_image_is_repeatable (void)
{
  g_autofree char *directory = g_dir_make_tmp ("oak-sim-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "image.mvcmd", NULL);
  const char *const arguments[] = { "--make-image", path,           "--type", "usb", "--version",
                                    "0.0.26",       "--image-size", "5000",   NULL };
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  gsize size;

  for (guint i = 0; i < 2; i++) {
    Program program;

    program_start_v (&program, arguments, G_SUBPROCESS_FLAGS_NONE);
    program_wait (&program, 0);
    g_assert_true (g_file_get_contents (path, i == 0 ? &first : &second, &size, NULL));
    g_assert_cmpuint (size, ==, 5000);
  }
  g_assert_cmpmem (first, 5000, second, 5000);
  g_assert_cmpint (memcmp (first, "OAKSIMBL", 8), ==, 0);
  g_unlink (path);
  g_rmdir (directory);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  network_guard_check ();
  g_assert_cmpint (argc, ==, 2);
  program_path = argv[1];
#define ADD(claim, function) g_test_add_func ("/sim/server/" claim, function)
  ADD ("broadcast-finds-all-cameras", test_broadcast_finds_all_cameras);
  ADD ("only-one-host-is-let-in", test_only_one_host_is_let_in);
  ADD ("running-application-refuses-hosts", test_running_application_refuses_hosts);
  ADD ("flash-file-keeps-what-was-written", test_flash_file_keeps_what_was_written);
  ADD ("tcp-reset-is-one", test_tcp_reset_is_one);
  ADD ("ends-with-standard-input", test_ends_with_standard_input);
  ADD ("second-simulator-is-told-why", test_second_simulator_is_told_why);
  ADD ("bad-arguments-are-refused", test_bad_arguments_are_refused);
  ADD ("make-image-is-repeatable", test_make_image_is_repeatable);
#undef ADD
  return g_test_run ();
}
