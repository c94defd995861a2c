/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "camera-fixture.h"

/* One simulated camera a test. */

void
camera_set_up (Fixture *fixture, gconstpointer data)
{
  test_resources_take (&fixture->before);
  test_report_init (&fixture->report);
  test_timeouts_init_long (&fixture->timeouts);
}

void
camera_tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->bootloader, oak_bootloader_free);
  g_clear_pointer (&fixture->connector, oak_connector_free);
  if (fixture->sim != NULL)
    g_assert_cmpint (sim_process_get_int (fixture->sim, 0, "protocolErrors"), ==, 0);
  g_clear_pointer (&fixture->sim, sim_process_stop);
  test_report_clear (&fixture->report);
  test_resources_assert_equal (&fixture->before);
}

void
camera_open (Fixture *fixture, const char *first, const char *second)
{
  g_autoptr (GError) error = NULL;

  fixture->sim = sim_process_start ("--address=" ADDRESS_A,
                                    "--mxid=" CAMERA_A,
                                    first != NULL ? first : second,
                                    first != NULL ? second : NULL,
                                    NULL);
  fixture->connector =
      test_connector_new (CAMERA_A, ADDRESS_A, &fixture->timeouts, &fixture->report);
  fixture->bootloader = oak_connector_open (fixture->connector, TRUE, NULL, &error);
  g_assert_no_error (error);
}

gint64
camera_count_writes (Fixture *fixture)
{
  return sim_process_get_int (fixture->sim, 0, "writes");
}

GBytes *
make_bytes (gsize size)
{
  guint8 *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (31 * i + 17 * (i / 256) + i / 65536);
  return g_bytes_new_take (bytes, size);
}

void
watch_transfer (guint64 sent, guint64 confirmed, guint64 total, gpointer user_data)
{
  Transfer *transfer = user_data;

  g_assert_cmpuint (sent, >=, transfer->sent);
  g_assert_cmpuint (confirmed, >=, transfer->confirmed);
  g_assert_cmpuint (sent, <=, total);
  g_assert_cmpuint (confirmed, <=, sent);
  transfer->sent = sent;
  transfer->confirmed = confirmed;
  transfer->total = total;
  transfer->n_calls++;
  if (transfer->cancellable != NULL && sent > 0)
    g_cancellable_cancel (transfer->cancellable);
}

gboolean
camera_write_region (Fixture *fixture,
                     guint32 offset,
                     GBytes *bytes,
                     Transfer *transfer,
                     GError **error)
{
  return oak_bootloader_write_region (fixture->bootloader,
                                      OAK_MEMORY_FLASH,
                                      offset,
                                      bytes,
                                      OAK_WRITE_FLAGS_NONE,
                                      watch_transfer,
                                      transfer,
                                      transfer->cancellable,
                                      error);
}
