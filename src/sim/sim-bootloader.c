/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-bootloader-private.h"

#include <string.h>

/* The way of a message through a bootloader: in, by version, out. What it asks for is done in the
 * files beside this one. No threads. */

typedef struct {
  gint64 due_us;
  GBytes *message; /* (owned) */
} SimDelayedMessage;

static void
sim_delayed_message_free (SimDelayedMessage *delayed)
{
  g_bytes_unref (delayed->message);
  g_free (delayed);
}

SimBootloader *
sim_bootloader_new (SimBoard *board,
                    const SimBootloaderIdentity *identity,
                    const SimBootloaderFuncs *funcs)
{
  SimBootloader *self = g_new0 (SimBootloader, 1);

  self->board = board;
  self->identity = *identity;
  self->funcs = *funcs;
  g_queue_init (&self->inbox);
  g_queue_init (&self->outbox);
  return self;
}

void
sim_bootloader_free (SimBootloader *self)
{
  g_queue_clear_full (&self->inbox, (GDestroyNotify) g_bytes_unref);
  g_queue_clear_full (&self->outbox, (GDestroyNotify) sim_delayed_message_free);
  sim_bootloader_clear_write (self);
  g_free (self);
}

static void
sim_bootloader_flush (SimBootloader *self)
{
  SimDelayedMessage *delayed;

  while ((delayed = g_queue_peek_head (&self->outbox)) != NULL && delayed->due_us <= self->now_us) {
    g_queue_pop_head (&self->outbox);
    self->funcs.send (delayed->message, self->funcs.user_data);
    sim_delayed_message_free (delayed);
  }
}

static void
sim_bootloader_send (SimBootloader *self, GBytes *message)
{
  const SimFault *slow = sim_faults_peek (self->board->faults, SIM_FAULT_SLOW_RESPONSE);
  gint64 delay_ms = self->extra_delay_ms + (slow == NULL ? 0 : slow->number);
  SimDelayedMessage *delayed;

  if (self->answer_none || self->left)
    return;
  delayed = g_new0 (SimDelayedMessage, 1);
  delayed->due_us = self->now_us + delay_ms * 1000;
  delayed->message = g_bytes_ref (message);
  g_queue_push_tail (&self->outbox, delayed);
  sim_bootloader_flush (self);
}

static GBytes *
sim_message_make_garbage (gsize size)
{
  guint8 *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (0xa5 ^ (i * 29));
  return g_bytes_new_take (bytes, size);
}

static GBytes *
sim_message_make_wrong (guint32 command)
{
  OakBootloaderResponse response = { .command = OAK_RESPONSE_TYPE };

  if (command == OAK_REQUEST_GET_TYPE)
    response.command = OAK_RESPONSE_BOOTLOADER_MEMORY;
  return oak_bootloader_response_encode (&response);
}

void
sim_bootloader_respond (SimBootloader *self, const OakBootloaderResponse *response)
{
  g_autoptr (GBytes) message = oak_bootloader_response_encode (response);
  gsize size = g_bytes_get_size (message);
  g_autoptr (GBytes) spoiled = NULL;

  if (self->answer_short)
    spoiled = g_bytes_new_from_bytes (message, 0, size / 2);
  else if (self->answer_garbage)
    spoiled = sim_message_make_garbage (size);
  else if (self->answer_wrong)
    spoiled = sim_message_make_wrong (self->command);
  sim_bootloader_send (self, spoiled != NULL ? spoiled : message);
}

void
sim_bootloader_send_data (SimBootloader *self, GBytes *data)
{
  sim_bootloader_send (self, data);
}

void
sim_bootloader_complete (SimBootloader *self, gboolean success, const char *error_text)
{
  OakBootloaderResponse response = { .command = OAK_RESPONSE_FLASH_COMPLETE };

  response.flash_complete.success = success;
  g_strlcpy (response.flash_complete.error_text,
             error_text,
             sizeof response.flash_complete.error_text);
  if (!success)
    g_info ("%s refused: %s", oak_request_command_to_string (self->command), error_text);
  sim_bootloader_respond (self, &response);
}

void
sim_bootloader_leave (SimBootloader *self, SimLeave leave, GBytes *image)
{
  if (self->left)
    return;
  self->left = TRUE;
  self->funcs.leave (leave, image, self->funcs.user_data);
}

/* NoOp came with 0.0.21 (bootloader.md §4.2); what older ones do with a request they do not know is
 * not told: here, nothing. */
static void
sim_bootloader_refuse_unknown (SimBootloader *self, guint32 command)
{
  OakBootloaderResponse response = { .command = OAK_RESPONSE_NO_OP };

  g_info ("request %u is not known to this version", command);
  if (!oak_version_at_least (self->identity.version, 0, 0, 21))
    return;
  response.no_op.invalid_op = 1;
  sim_bootloader_respond (self, &response);
}

static gboolean
sim_bootloader_knows (SimBootloader *self, OakRequestCommand command)
{
  return oak_version_compare (self->identity.version, oak_request_command_get_since (command)) >= 0;
}

/* The first four bytes of a message, also of one that cannot be read any further. */
static guint32
sim_message_get_command (GBytes *packet)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (packet, &size);

  if (size < 4)
    return G_MAXUINT32;
  return data[0] | ((guint32) data[1] << 8) | ((guint32) data[2] << 16) | ((guint32) data[3] << 24);
}

static void
sim_bootloader_take_answer_faults (SimBootloader *self)
{
  SimFaults *faults = self->board->faults;

  self->answer_none = sim_faults_take_for (faults, SIM_FAULT_NO_RESPONSE, self->command) != NULL;
  self->answer_short =
      sim_faults_take_for (faults, SIM_FAULT_SHORT_RESPONSE, self->command) != NULL;
  self->answer_garbage =
      sim_faults_take_for (faults, SIM_FAULT_GARBAGE_RESPONSE, self->command) != NULL;
  self->answer_wrong =
      sim_faults_take_for (faults, SIM_FAULT_WRONG_RESPONSE, self->command) != NULL;
}

static void
sim_bootloader_handle_request (SimBootloader *self, GBytes *packet)
{
  OakBootloaderRequest request = { 0 };
  g_autoptr (GError) error = NULL;

  self->command = sim_message_get_command (packet);
  self->board->stats.requests++;
  sim_bootloader_take_answer_faults (self);
  g_debug ("request %s", oak_request_command_to_string (self->command));
  if (sim_faults_take_for (self->board->faults, SIM_FAULT_DROP_AFTER_REQUEST, self->command) !=
      NULL) {
    sim_bootloader_leave (self, SIM_LEAVE_DROP, NULL);
    return;
  }
  if (!oak_bootloader_request_decode (&request,
                                      g_bytes_get_data (packet, NULL),
                                      g_bytes_get_size (packet),
                                      &error)) {
    sim_stats_add_protocol_error (&self->board->stats, "unreadable request: %s", error->message);
    sim_bootloader_refuse_unknown (self, self->command);
    return;
  }
  if (!sim_bootloader_knows (self, request.command) ||
      (!sim_bootloader_query (self, &request) && !sim_bootloader_begin_write (self, &request)))
    sim_bootloader_refuse_unknown (self, self->command);
}

static void
sim_bootloader_work (SimBootloader *self)
{
  while (!self->left && !self->job.active && !g_queue_is_empty (&self->inbox)) {
    g_autoptr (GBytes) packet = g_queue_pop_head (&self->inbox);

    if (self->gather.active)
      sim_bootloader_gather (self, packet);
    else
      sim_bootloader_handle_request (self, packet);
  }
}

void
sim_bootloader_receive (SimBootloader *self, GBytes *packet, gint64 now_us)
{
  self->now_us = now_us;
  if (self->left)
    return;
  g_queue_push_tail (&self->inbox, g_bytes_ref (packet));
  sim_bootloader_work (self);
}

void
sim_bootloader_dispatch (SimBootloader *self, gint64 now_us)
{
  self->now_us = now_us;
  sim_bootloader_flush (self);
  if (self->left)
    return;
  sim_bootloader_step_job (self);
  sim_bootloader_work (self);
}

gint64
sim_bootloader_get_wake (const SimBootloader *self)
{
  const SimDelayedMessage *delayed = g_queue_peek_head ((GQueue *) &self->outbox);
  gint64 wake = G_MAXINT64;

  if (self->left)
    return G_MAXINT64;
  if (delayed != NULL)
    wake = delayed->due_us;
  if (self->job.active)
    wake = MIN (wake, self->job.due_us);
  return wake;
}

gboolean
sim_bootloader_is_booting_memory (const SimBootloader *self)
{
  return self->booting_memory;
}

gboolean
sim_bootloader_is_gathering (const SimBootloader *self, guint64 *done, guint64 *total)
{
  if (!self->gather.active)
    return FALSE;
  *done = self->gather.received;
  *total = self->gather.total;
  return TRUE;
}

gboolean
sim_bootloader_is_writing (const SimBootloader *self)
{
  return self->job.active;
}
