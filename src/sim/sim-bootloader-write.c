/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-flash-map.h"
#include "sim-bootloader-private.h"

/* The requests that carry data: gathering their packets, then programming them piece by piece on
 * the virtual clock, with progress (bootloader.md §4.3, §5 "FLASH EXCHANGE"). No threads. */

#define SIM_SLICE_SIZE          ((guint64) 256 * 1024) /* a multiple of every erase size */
#define SIM_BOOT_IMAGE_MAX_SIZE ((guint64) 64 * 1024 * 1024)
#define SIM_PROGRESS_PERIOD_US  G_USEC_PER_SEC
#define SIM_PROGRESS_PARTS      4

typedef struct {
  gint32 memory;
  guint64 offset;
  gboolean is_bootloader;
} SimTarget;

void
sim_bootloader_clear_write (SimBootloader *self)
{
  if (self->job.active)
    sim_stats_add_region (&self->board->stats,
                          self->job.memory,
                          self->job.offset,
                          self->job.position);
  g_clear_pointer (&self->gather.packets, g_ptr_array_unref);
  g_clear_pointer (&self->job.packets, g_ptr_array_unref);
  g_clear_pointer (&self->job.header, g_bytes_unref);
  memset (&self->gather, 0, sizeof self->gather);
  memset (&self->job, 0, sizeof self->job);
}

/* Which place the request means. Returns: FALSE when this camera has none such. */
static gboolean
sim_bootloader_find_target (SimBootloader *self,
                            const OakBootloaderRequest *request,
                            SimTarget *target)
{
  OakBootloaderType type = self->identity.type;
  OakFlashRange range = { 0, 0 };

  *target = (SimTarget){ OAK_MEMORY_FLASH, 0, FALSE };
  if (request->command == OAK_REQUEST_UPDATE_FLASH_EX2) {
    target->memory = request->update_flash_ex2.memory;
    target->offset = request->update_flash_ex2.offset;
    return TRUE;
  }
  if (request->command == OAK_REQUEST_UPDATE_FLASH_EX) {
    target->memory = request->update_flash_ex.memory;
    if (!oak_flash_map_get (type, (OakSection) request->update_flash_ex.section, &range))
      return FALSE;
    target->offset = range.start;
    return range.size == 0 || request->update_flash_ex.total_size <= range.size;
  }
  if (request->update_flash.storage == OAK_STORAGE_SBR) {
    target->memory = sim_board_pick_memory (self->board, type);
    target->offset = oak_flash_map_get_application_offset (type);
    return TRUE;
  }
  if (request->update_flash.storage != OAK_STORAGE_BOOTLOADER ||
      !oak_flash_map_get (type, OAK_SECTION_BOOTLOADER, &range))
    return FALSE;
  target->offset = range.start;
  target->is_bootloader = TRUE;
  return TRUE;
}

static void
sim_bootloader_report_progress (SimBootloader *self)
{
  OakBootloaderResponse response = { .command = OAK_RESPONSE_FLASH_STATUS };
  SimWriteJob *job = &self->job;

  response.flash_status.progress = (float) ((double) job->position / (double) job->total);
  job->reported = job->position;
  job->reported_us = self->now_us;
  sim_bootloader_respond (self, &response);
}

/* Returns: (transfer full): the next @size bytes of the packets in one piece. */
static GBytes *
sim_job_take (SimWriteJob *job, gsize size)
{
  guint8 *bytes = NULL;
  gsize done = 0;
  GBytes *first = g_ptr_array_index (job->packets, job->packet);

  /* Inside one packet nothing is copied. */
  if (job->packet_offset + size < g_bytes_get_size (first)) {
    job->packet_offset += size;
    return g_bytes_new_from_bytes (first, job->packet_offset - size, size);
  }
  bytes = g_malloc (size);

  while (done < size) {
    gsize packet_size;
    const guint8 *packet =
        g_bytes_get_data (g_ptr_array_index (job->packets, job->packet), &packet_size);
    gsize part = MIN (packet_size - job->packet_offset, size - done);

    if (part > 0)
      memcpy (bytes + done, packet + job->packet_offset, part);
    done += part;
    job->packet_offset += part;
    if (job->packet_offset == packet_size) {
      job->packet++;
      job->packet_offset = 0;
    }
  }
  return g_bytes_new_take (bytes, size);
}

static void
sim_bootloader_end_job (SimBootloader *self, gboolean success, const char *error_text)
{
  SimWriteJob *job = &self->job;
  gint64 silence_ms = job->silence_ms;

  if (success && job->is_bootloader)
    success = sim_bootloader_restore_header (self, job->header);
  if (success && job->covers_factory)
    self->board->factory_write_open = FALSE;
  sim_bootloader_clear_write (self);
  if (!sim_flash_is_powered (self->board->nor) || silence_ms == -1)
    return;
  self->extra_delay_ms = MAX (silence_ms, 0);
  sim_bootloader_complete (self, success, error_text);
  self->extra_delay_ms = 0;
}

static gboolean
sim_job_wants_progress (const SimWriteJob *job, gint64 now_us)
{
  if (job->silence_ms != -2)
    return FALSE;
  return job->position == job->total ||
         (job->position - job->reported) * SIM_PROGRESS_PARTS >= job->total ||
         now_us - job->reported_us >= SIM_PROGRESS_PERIOD_US;
}

/* Up to the next boundary of SIM_SLICE_SIZE, so that no erase block is touched twice. */
static gboolean
sim_bootloader_write_slice (SimBootloader *self)
{
  SimWriteJob *job = &self->job;
  guint64 from = job->offset + job->position;
  guint64 size = MIN (SIM_SLICE_SIZE - from % SIM_SLICE_SIZE, job->total - job->position);
  g_autoptr (GBytes) slice = sim_job_take (job, size);

  if (!sim_flash_write (job->flash, from, g_bytes_get_data (slice, NULL), size))
    return FALSE;
  job->position += size;
  job->due_us =
      job->start_us + (gint64) ((sim_flash_get_busy_ns (job->flash) - job->start_busy_ns) / 1000);
  return TRUE;
}

void
sim_bootloader_step_job (SimBootloader *self)
{
  SimWriteJob *job = &self->job;

  if (!job->active || self->now_us < job->due_us)
    return;
  if (job->position > 0 && sim_job_wants_progress (job, self->now_us))
    sim_bootloader_report_progress (self);
  if (job->position >= job->drop_at) {
    sim_bootloader_leave (self, SIM_LEAVE_DROP, NULL);
  } else if (job->position >= job->fail_at) {
    sim_bootloader_end_job (self, FALSE, "Flash write error");
  } else if (job->position == job->total) {
    sim_bootloader_end_job (self, TRUE, "");
  } else if (!sim_bootloader_write_slice (self)) {
    /* The power is gone in the middle of a step. */
    self->left = TRUE;
  }
}

static guint64
sim_job_find_mark (SimFaults *faults, SimFaultKind kind, guint64 total)
{
  const SimFault *fault = sim_faults_take (faults, kind);

  return fault == NULL ? G_MAXUINT64 : total * (guint64) fault->number / 100;
}

/* Marks the factory bootloader as unfinished for as long as the write goes on. */
static void
sim_job_mark_factory (SimBootloader *self, SimWriteJob *job)
{
  OakFlashRange range = { 0, 0 };

  oak_flash_map_get (self->identity.type, OAK_SECTION_BOOTLOADER, &range);
  job->covers_factory = job->memory == OAK_MEMORY_FLASH && job->offset <= range.start &&
                        job->offset + job->total > range.start;
  if (job->covers_factory)
    self->board->factory_write_open = TRUE;
}

static void
sim_bootloader_begin_job (SimBootloader *self,
                          const SimTarget *target,
                          GPtrArray *packets,
                          guint64 total)
{
  SimFaults *faults = self->board->faults;
  const SimFault *silence = sim_faults_take (faults, SIM_FAULT_PROGRESS_SILENCE);
  SimWriteJob *job = &self->job;

  *job = (SimWriteJob){ .active = TRUE, .offset = target->offset, .total = total };
  job->memory = target->memory == OAK_MEMORY_EMMC ? OAK_MEMORY_EMMC : OAK_MEMORY_FLASH;
  job->flash = sim_board_get_memory (self->board, target->memory);
  job->packets = g_ptr_array_ref (packets);
  job->fail_at = sim_job_find_mark (faults, SIM_FAULT_FLASH_ERROR_AT, total);
  job->drop_at = sim_job_find_mark (faults, SIM_FAULT_DROP_AT_PROGRESS, total);
  job->silence_ms = silence == NULL ? -2 : silence->number;
  job->start_us = self->now_us;
  job->due_us = self->now_us;
  job->reported_us = self->now_us;
  job->start_busy_ns = sim_flash_get_busy_ns (job->flash);
  job->is_bootloader = target->is_bootloader;
  if (job->is_bootloader)
    job->header = g_bytes_new (sim_flash_get_data (job->flash), SIM_BOOT_HEADER_SIZE);
  sim_job_mark_factory (self, job);
  if (sim_faults_take (faults, SIM_FAULT_LIE_SUCCESS) != NULL) {
    self->board->factory_write_open = FALSE;
    job->active = FALSE;
    job->position = total;
    sim_bootloader_report_progress (self);
    sim_bootloader_clear_write (self);
    sim_bootloader_complete (self, TRUE, "");
  }
}

static void
sim_bootloader_finish_update (SimBootloader *self,
                              const OakBootloaderRequest *request,
                              GPtrArray *packets,
                              gboolean is_exact,
                              guint64 total)
{
  const SimFault *refusal = sim_faults_take (self->board->faults, SIM_FAULT_FLASH_ERROR);
  SimFlash *flash = NULL;
  SimTarget target;

  if (refusal != NULL) {
    sim_bootloader_complete (self, FALSE, refusal->text);
    return;
  }
  if (!is_exact) {
    sim_bootloader_complete (self, FALSE, "Received size differs from the announced one");
    return;
  }
  if (sim_bootloader_find_target (self, request, &target))
    flash = sim_board_get_memory (self->board, target.memory);
  if (flash == NULL)
    sim_bootloader_complete (self, FALSE, "No such section or memory");
  else if (!sim_flash_contains (flash, target.offset, total))
    sim_bootloader_complete (self, FALSE, "Out of memory range");
  else
    sim_bootloader_begin_job (self, &target, packets, total);
}

static GBytes *
sim_packets_join (GPtrArray *packets)
{
  GByteArray *joined = g_byte_array_new ();

  for (guint i = 0; i < packets->len; i++) {
    gsize size;
    const guint8 *data = g_bytes_get_data (g_ptr_array_index (packets, i), &size);

    g_byte_array_append (joined, data, (guint) size);
  }
  return g_byte_array_free_to_bytes (joined);
}

static void
sim_bootloader_finish_gather (SimBootloader *self)
{
  SimGather gather = self->gather;
  g_autoptr (GPtrArray) packets = g_steal_pointer (&gather.packets);
  gboolean is_exact = gather.received == gather.total;

  memset (&self->gather, 0, sizeof self->gather);
  if (gather.request.command == OAK_REQUEST_BOOT_MEMORY) {
    g_autoptr (GBytes) image = gather.keep && is_exact ? sim_packets_join (packets) : NULL;

    sim_bootloader_leave (self, image != NULL ? SIM_LEAVE_BOOT_MEMORY : SIM_LEAVE_RESET, image);
  } else if (gather.request.command == OAK_REQUEST_SET_CONFIG) {
    g_autoptr (GBytes) document = is_exact && gather.keep ? sim_packets_join (packets) : NULL;

    sim_bootloader_write_config (self, &gather.request, document);
  } else {
    sim_bootloader_finish_update (self, &gather.request, packets, is_exact, gather.total);
  }
}

void
sim_bootloader_gather (SimBootloader *self, GBytes *packet)
{
  SimGather *gather = &self->gather;

  gather->received += g_bytes_get_size (packet);
  gather->keep &= gather->received <= gather->total;
  if (gather->keep)
    g_ptr_array_add (gather->packets, g_bytes_ref (packet));
  else
    g_ptr_array_set_size (gather->packets, 0);
  gather->packets_left--;
  if (gather->packets_left == 0)
    sim_bootloader_finish_gather (self);
}

/* Nothing larger than the camera's memory is kept: a size from the host is no reason to use up
 * ours. */
static void
sim_bootloader_begin_gather (SimBootloader *self,
                             const OakBootloaderRequest *request,
                             guint64 total,
                             guint32 n_packets,
                             guint64 limit)
{
  SimGather *gather = &self->gather;

  *gather =
      (SimGather){ .active = TRUE, .request = *request, .total = total, .packets_left = n_packets };
  gather->packets = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  gather->keep = total <= limit;
  if (n_packets > 0)
    return;
  sim_stats_add_protocol_error (&self->board->stats, "a write without data packets");
  sim_bootloader_clear_write (self);
  sim_bootloader_complete (self, FALSE, "No data announced");
}

static void
sim_bootloader_begin_update (SimBootloader *self, const OakBootloaderRequest *request)
{
  guint64 limit = sim_flash_get_size (self->board->nor);

  if (self->board->emmc != NULL)
    limit = MAX (limit, sim_flash_get_size (self->board->emmc));
  if (request->command == OAK_REQUEST_UPDATE_FLASH)
    sim_bootloader_begin_gather (self,
                                 request,
                                 request->update_flash.total_size,
                                 request->update_flash.n_packets,
                                 limit);
  else if (request->command == OAK_REQUEST_UPDATE_FLASH_EX)
    sim_bootloader_begin_gather (self,
                                 request,
                                 request->update_flash_ex.total_size,
                                 request->update_flash_ex.n_packets,
                                 limit);
  else
    sim_bootloader_begin_gather (self,
                                 request,
                                 request->update_flash_ex2.total_size,
                                 request->update_flash_ex2.n_packets,
                                 limit);
}

static void
sim_bootloader_begin_config (SimBootloader *self, const OakBootloaderRequest *request)
{
  self->board->stats.writes++;
  if (request->set_config.clear_config != 0)
    sim_bootloader_write_config (self, request, NULL);
  else
    sim_bootloader_begin_gather (self,
                                 request,
                                 request->set_config.total_size,
                                 request->set_config.n_packets,
                                 sim_flash_get_size (self->board->nor));
}

/* bootloader.md §4.1: answered since 0.0.14, silent before. */
static void
sim_bootloader_boot_application (SimBootloader *self)
{
  OakBootloaderResponse response = { .command = OAK_RESPONSE_BOOT_APPLICATION };
  SimApplication application = sim_board_check_application (self->board, self->identity.type);
  gboolean starts = application == SIM_APPLICATION_WHOLE || application == SIM_APPLICATION_TORN;

  response.flash_complete.success = starts;
  if (!starts)
    g_strlcpy (response.flash_complete.error_text,
               "No application to start",
               sizeof response.flash_complete.error_text);
  if (oak_version_at_least (self->identity.version, 0, 0, 14))
    sim_bootloader_respond (self, &response);
  if (starts)
    sim_bootloader_leave (self, SIM_LEAVE_BOOT_APPLICATION, NULL);
}

gboolean
sim_bootloader_begin_write (SimBootloader *self, const OakBootloaderRequest *request)
{
  switch ((guint) request->command) {
  case OAK_REQUEST_USB_ROM_BOOT:
    sim_bootloader_leave (self, SIM_LEAVE_USB_ROM, NULL);
    return TRUE;
  case OAK_REQUEST_BOOT_APPLICATION:
    sim_bootloader_boot_application (self);
    return TRUE;
  case OAK_REQUEST_BOOT_MEMORY:
    self->booting_memory = TRUE;
    sim_bootloader_begin_gather (self,
                                 request,
                                 request->boot_memory.total_size,
                                 request->boot_memory.n_packets,
                                 SIM_BOOT_IMAGE_MAX_SIZE);
    return TRUE;
  case OAK_REQUEST_UPDATE_FLASH:
  case OAK_REQUEST_UPDATE_FLASH_EX:
  case OAK_REQUEST_UPDATE_FLASH_EX2:
    self->board->stats.writes++;
    sim_bootloader_begin_update (self, request);
    return TRUE;
  case OAK_REQUEST_SET_CONFIG:
    sim_bootloader_begin_config (self, request);
    return TRUE;
  case OAK_REQUEST_UPDATE_BOOT_HEADER:
    self->board->stats.writes++;
    sim_bootloader_write_boot_header (self, request);
    return TRUE;
  default:
    return FALSE;
  }
}
