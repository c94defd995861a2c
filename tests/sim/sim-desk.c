/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-desk.h"

#include <string.h>

#include "sim-faults.h"
#include "sim-flash.h"

static void
on_send (GBytes *message, gpointer user_data)
{
  SimDesk *desk = user_data;

  g_queue_push_tail (&desk->sent, g_bytes_ref (message));
}

static void
on_leave (SimLeave leave, GBytes *image, gpointer user_data)
{
  SimDesk *desk = user_data;

  g_assert_false (desk->left);
  desk->left = TRUE;
  desk->leave = leave;
  desk->image = image == NULL ? NULL : g_bytes_ref (image);
}

SimDesk *
sim_desk_new (const SimBoardOptions *options, const char *fault)
{
  SimFaults *faults = sim_faults_new ();
  SimBootloaderIdentity identity = { options->type, options->version, FALSE };
  SimDesk *desk = g_new0 (SimDesk, 1);
  SimBootloaderFuncs funcs = { on_send, on_leave, desk };

  if (fault != NULL)
    g_assert_true (sim_faults_add (faults, fault, NULL));
  desk->board = sim_board_new (options, faults);
  desk->bootloader = sim_bootloader_new (desk->board, &identity, &funcs);
  desk->now_us = G_USEC_PER_SEC;
  return desk;
}

SimDesk *
sim_desk_new_default (const char *fault)
{
  SimBoardOptions options;

  sim_board_options_init (&options);
  options.flash_size = 16 * OAK_MIB;
  return sim_desk_new (&options, fault);
}

void
sim_desk_free (SimDesk *desk)
{
  sim_bootloader_free (desk->bootloader);
  sim_board_free (desk->board);
  g_queue_clear_full (&desk->sent, (GDestroyNotify) g_bytes_unref);
  g_clear_pointer (&desk->image, g_bytes_unref);
  g_free (desk);
}

/* Until the bootloader wants nothing more. */
void
sim_desk_run (SimDesk *desk)
{
  gint64 wake_us;

  while ((wake_us = sim_bootloader_get_wake (desk->bootloader)) != G_MAXINT64) {
    desk->now_us = MAX (desk->now_us, wake_us);
    sim_bootloader_dispatch (desk->bootloader, desk->now_us);
  }
}

void
sim_desk_send_bytes (SimDesk *desk, const void *data, gsize size)
{
  g_autoptr (GBytes) packet = g_bytes_new (data, size);

  sim_bootloader_receive (desk->bootloader, packet, desk->now_us);
}

void
sim_desk_send (SimDesk *desk, const OakBootloaderRequest *request)
{
  g_autoptr (GBytes) packet = oak_bootloader_request_encode (request);

  sim_bootloader_receive (desk->bootloader, packet, desk->now_us);
}

/* The next message has to be there and to be @command. */
OakBootloaderResponse
sim_desk_take (SimDesk *desk, OakResponseCommand command)
{
  g_autoptr (GBytes) message = g_queue_pop_head (&desk->sent);
  OakBootloaderResponse response;

  g_assert_nonnull (message);
  g_assert_true (oak_bootloader_response_decode (&response,
                                                 g_bytes_get_data (message, NULL),
                                                 g_bytes_get_size (message),
                                                 NULL));
  g_assert_cmpint (response.command, ==, command);
  return response;
}

OakBootloaderResponse
sim_desk_ask (SimDesk *desk, OakRequestCommand command, OakResponseCommand answer)
{
  OakBootloaderRequest request = { .command = command };

  sim_desk_send (desk, &request);
  return sim_desk_take (desk, answer);
}

void
sim_desk_assert_silent (SimDesk *desk)
{
  g_assert_cmpuint (desk->sent.length, ==, 0);
}

void
sim_desk_send_data (SimDesk *desk, const guint8 *data, gsize size)
{
  for (gsize done = 0; done < size; done += OAK_BOOTLOADER_PACKET_SIZE)
    sim_desk_send_bytes (desk, data + done, MIN (size - done, (gsize) OAK_BOOTLOADER_PACKET_SIZE));
}

/* Returns: the closing response; progress before it only rises. */
OakBootloaderResponse
sim_desk_finish_write (SimDesk *desk)
{
  float last = 0;

  sim_desk_run (desk);
  for (;;) {
    GBytes *head = g_queue_peek_head (&desk->sent);
    OakBootloaderResponse response;

    g_assert_nonnull (head);
    if (g_bytes_get_size (head) != 8)
      return sim_desk_take (desk, OAK_RESPONSE_FLASH_COMPLETE);
    response = sim_desk_take (desk, OAK_RESPONSE_FLASH_STATUS);
    g_assert_cmpfloat (response.flash_status.progress, >, last);
    g_assert_cmpfloat (response.flash_status.progress, <=, 1);
    last = response.flash_status.progress;
  }
}

OakBootloaderResponse
sim_desk_write_at (SimDesk *desk, gint32 memory, guint32 offset, const guint8 *data, guint32 size)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_UPDATE_FLASH_EX2 };

  request.update_flash_ex2.memory = memory;
  request.update_flash_ex2.offset = offset;
  request.update_flash_ex2.total_size = size;
  request.update_flash_ex2.n_packets = oak_bootloader_count_packets (size);
  sim_desk_send (desk, &request);
  sim_desk_send_data (desk, data, size);
  return sim_desk_finish_write (desk);
}

OakBootloaderResponse
sim_desk_write_storage (SimDesk *desk, OakStorage storage, const guint8 *data, guint32 size)
{
  OakBootloaderRequest request = { .command = OAK_REQUEST_UPDATE_FLASH };

  request.update_flash.storage = storage;
  request.update_flash.total_size = size;
  request.update_flash.n_packets = oak_bootloader_count_packets (size);
  sim_desk_send (desk, &request);
  sim_desk_send_data (desk, data, size);
  return sim_desk_finish_write (desk);
}

guint8 *
sim_desk_make_pattern (gsize size, guint seed)
{
  guint8 *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (i * 31 + i / 256 * 17 + seed);
  return bytes;
}
