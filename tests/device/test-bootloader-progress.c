/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "fake-device.h"
#include "oak-bootloader-message.h"
#include "oak-bootloader.h"
#include "oak-error.h"
#include "test-support.h"

/* What a camera says of its progress while it writes, and when. The camera is a script. */

/* Our host opens this stream first (bootloader.md §2). */
#define STREAM_ID 0

static void
respond (FakeDevice *device, const OakBootloaderResponse *response)
{
  g_autoptr (GBytes) bytes = oak_bootloader_response_encode (response);

  fake_device_request (device,
                       OAK_XLINK_EVENT_WRITE_REQ,
                       OAK_BOOTLOADER_STREAM,
                       STREAM_ID,
                       (guint32) g_bytes_get_size (bytes),
                       g_bytes_get_data (bytes, NULL));
}

static void
respond_with_progress (FakeDevice *device, float progress)
{
  OakBootloaderResponse response = { .command = OAK_RESPONSE_FLASH_STATUS };

  response.flash_status.progress = progress;
  respond (device, &response);
}

static void
respond_with_success (FakeDevice *device)
{
  OakBootloaderResponse response = { .command = OAK_RESPONSE_FLASH_COMPLETE };

  response.flash_complete.success = 1;
  respond (device, &response);
}

static void
take_packet (FakeDevice *device)
{
  g_autoptr (GBytes) packet = fake_device_serve_until_write (device, OAK_BOOTLOADER_STREAM);

  g_assert_nonnull (packet);
}

/* The oldest bootloaders are asked for nothing but their version. */
static void
open_session (FakeDevice *device)
{
  OakBootloaderResponse response = { .command = OAK_RESPONSE_VERSION };

  take_packet (device);
  response.version.patch = 11;
  respond (device, &response);
}

typedef struct {
  FakeDevice *device; /* (nullable): may go on once something is confirmed before all is sent */
  guint64 sent;
  guint64 confirmed;
  GArray *steps; /* (owned) of guint64: every value of confirmed, once */
} Progress;

static void
watch_transfer (guint64 sent, guint64 confirmed, guint64 total, gpointer user_data)
{
  Progress *progress = user_data;

  g_assert_cmpuint (sent, >=, progress->sent);
  g_assert_cmpuint (confirmed, >=, progress->confirmed);
  g_assert_cmpuint (confirmed, <=, total);
  if (confirmed > progress->confirmed)
    g_array_append_val (progress->steps, confirmed);
  progress->sent = sent;
  progress->confirmed = confirmed;
  if (progress->device != NULL && confirmed > 0 && sent < total)
    fake_device_proceed (g_steal_pointer (&progress->device));
}

/* Returns: (transfer full): how the confirmed bytes rose. */
static GArray *
write_to (FakeDevice *device, gsize size, gboolean let_it_proceed, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (size), size);
  Progress progress = { .device = let_it_proceed ? device : NULL,
                        .steps = g_array_new (FALSE, FALSE, sizeof (guint64)) };
  g_autoptr (OakBootloader) bootloader = NULL;
  g_autoptr (GError) local_error = NULL;
  OakTimeouts timeouts;

  oak_timeouts_init (&timeouts);
  oak_timeouts_scale (&timeouts, 4 * test_slowdown ());
  bootloader =
      oak_bootloader_open (fake_device_get_link (device), &timeouts, NULL, NULL, &local_error);
  g_assert_no_error (local_error);
  oak_bootloader_write_storage (bootloader,
                                OAK_STORAGE_SBR,
                                bytes,
                                OAK_WRITE_FLAGS_NONE,
                                watch_transfer,
                                &progress,
                                NULL,
                                error);
  g_clear_pointer (&bootloader, oak_bootloader_free);
  fake_device_finish (device);
  return progress.steps;
}

static void
assert_steps (GArray *steps, const guint64 *expected, guint n_expected)
{
  g_assert_cmpmem (steps->data,
                   steps->len * sizeof (guint64),
                   expected,
                   n_expected * sizeof (guint64));
}

static void
say_nonsense (FakeDevice *device, gpointer user_data)
{
  const float said[] = { 0.25f,     NAN,   -1.0f, 0.5f,  INFINITY, 0.25f,
                         -INFINITY, 1e30f, 0.75f, -0.0f, 1.0f };

  open_session (device);
  take_packet (device);
  take_packet (device);
  for (gsize i = 0; i < G_N_ELEMENTS (said); i++)
    respond_with_progress (device, said[i]);
  respond_with_success (device);
  fake_device_serve (device);
}

static void
test_only_sensible_progress_counts (void)
{
  const guint64 expected[] = { 250, 500, 1000 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) steps = write_to (fake_device_start (say_nonsense, NULL), 1000, FALSE, &error);

  g_assert_no_error (error);
  assert_steps (steps, expected, G_N_ELEMENTS (expected));
}

/* Takes the first packet, keeps its credit while it writes, and tells how far it is. */
static void
work_between_packets (FakeDevice *device, gpointer user_data)
{
  OakXlinkEvent event;
  OakXlinkEvent response;

  open_session (device);
  take_packet (device);
  for (;;) {
    fake_device_wait_for (device, OAK_XLINK_EVENT_WRITE_REQ, &event);
    if (event.stream_id == STREAM_ID)
      break;
    fake_device_answer (device, &event);
  }
  oak_xlink_event_init_response (&response, &event);
  fake_device_send (device, &response, NULL);
  respond_with_progress (device, 0.25f);
  fake_device_wait_to_proceed (device);

  fake_device_request (device, OAK_XLINK_EVENT_READ_REL_REQ, NULL, STREAM_ID, event.size, NULL);
  take_packet (device);
  respond_with_success (device);
  fake_device_serve (device);
}

static void
test_progress_is_heard_between_packets (void)
{
  const guint64 expected[] = { 2 * OAK_MIB, 8 * OAK_MIB };
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) steps =
      write_to (fake_device_start (work_between_packets, NULL), 8 * OAK_MIB, TRUE, &error);

  g_assert_no_error (error);
  assert_steps (steps, expected, G_N_ELEMENTS (expected));
}

/* Refuses while the host still has packets to send, and takes no more of them. */
static void
refuse_half_way (FakeDevice *device, gpointer user_data)
{
  OakBootloaderResponse response = { .command = OAK_RESPONSE_FLASH_COMPLETE };
  OakXlinkEvent event;

  open_session (device);
  take_packet (device);
  do {
    fake_device_wait_for (device, OAK_XLINK_EVENT_WRITE_REQ, &event);
    if (event.stream_id != STREAM_ID)
      fake_device_answer (device, &event);
  } while (event.stream_id != STREAM_ID);
  g_strlcpy (response.flash_complete.error_text,
             "worn \x1b[31mout",
             sizeof response.flash_complete.error_text);
  respond (device, &response);
  fake_device_expect_end (device);
}

static void
test_early_refusal_ends_the_sending (void)
{
  g_autoptr (GError) error = NULL;
  G_GNUC_UNUSED g_autoptr (GArray) steps = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (OAK_MIB), OAK_MIB);
  FakeDevice *device = fake_device_start (refuse_half_way, NULL);
  g_autoptr (OakBootloader) bootloader = NULL;
  OakTimeouts timeouts;

  oak_timeouts_init (&timeouts);
  timeouts.packet_ms = 1000 * test_slowdown ();
  bootloader = oak_bootloader_open (fake_device_get_link (device), &timeouts, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (oak_bootloader_write_storage (bootloader,
                                                OAK_STORAGE_SBR,
                                                bytes,
                                                OAK_WRITE_FLAGS_NONE,
                                                NULL,
                                                NULL,
                                                NULL,
                                                &error));
  /* Its own words, made harmless, and not that it takes no packets. */
  g_assert_error (error, OAK_ERROR, OAK_ERROR_REFUSED);
  g_assert_true (strstr (error->message, "worn ") != NULL);
  g_assert_null (strchr (error->message, '\x1b'));
  g_clear_pointer (&bootloader, oak_bootloader_free);
  fake_device_finish (device);
}

/* Success for data that it does not have yet. The host may hear it before it sends the rest. */
static void
succeed_too_early (FakeDevice *device, gpointer user_data)
{
  open_session (device);
  take_packet (device);
  respond_with_success (device);
  fake_device_serve (device);
}

static void
test_early_success_is_no_success (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) steps =
      write_to (fake_device_start (succeed_too_early, NULL), 8 * OAK_MIB, FALSE, &error);

  g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
  g_assert_cmpuint (steps->len, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/device/progress/only-sensible-progress-counts",
                   test_only_sensible_progress_counts);
  g_test_add_func ("/device/progress/heard-between-packets",
                   test_progress_is_heard_between_packets);
  g_test_add_func ("/device/progress/early-refusal-ends-the-sending",
                   test_early_refusal_ends_the_sending);
  g_test_add_func ("/device/progress/early-success-is-no-success",
                   test_early_success_is_no_success);
  return g_test_run ();
}
