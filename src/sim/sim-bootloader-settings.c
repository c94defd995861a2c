/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-bson.h"
#include "oak-flash-map.h"
#include "sim-bootloader-private.h"

/* The two small things a bootloader keeps for itself: the configuration and the boot header
 * (bootloader.md §5.5, §5.6). No threads. */

/* Returns: (transfer full): the erase block around [@offset, @offset + @size) with those bytes
 * replaced, so that writing it loses no neighbour, whatever the chip's options are. */
static GBytes *
sim_flash_merge_block (const SimFlash *flash,
                       gsize offset,
                       const void *data,
                       gsize size,
                       gsize *block)
{
  gsize erase_size = MAX (sim_flash_get_erase_size (flash), 1);
  gsize from = offset - offset % erase_size;
  gsize to =
      MIN ((offset + size + erase_size - 1) / erase_size * erase_size, sim_flash_get_size (flash));
  guint8 *merged = g_memdup2 (sim_flash_get_data (flash) + from, to - from);

  memcpy (merged + (offset - from), data, size);
  *block = from;
  return g_bytes_new_take (merged, to - from);
}

static gboolean
sim_bootloader_put_header (SimBootloader *self, guint64 offset, GBytes *header)
{
  SimFlash *nor = self->board->nor;
  gsize block;
  g_autoptr (GBytes) merged = sim_flash_merge_block (nor,
                                                     offset,
                                                     g_bytes_get_data (header, NULL),
                                                     SIM_BOOT_HEADER_SIZE,
                                                     &block);

  return sim_flash_write (nor, block, g_bytes_get_data (merged, NULL), g_bytes_get_size (merged));
}

/* By the datasheet the answer comes when the chip would be done; @busy_ns: its time before. */
static void
sim_bootloader_complete_later (SimBootloader *self, const SimFlash *flash, guint64 busy_ns)
{
  if (self->board->options.datasheet_timing)
    self->extra_delay_ms = (gint64) ((sim_flash_get_busy_ns (flash) - busy_ns) / 1000000);
  sim_bootloader_complete (self, TRUE, "");
  self->extra_delay_ms = 0;
}

void
sim_bootloader_write_boot_header (SimBootloader *self, const OakBootloaderRequest *request)
{
  SimBootHeader header = {
    request->update_boot_header.type,      request->update_boot_header.offset,
    request->update_boot_header.location,  request->update_boot_header.dummy_cycles,
    request->update_boot_header.frequency, request->update_boot_header.gpio_mode,
  };
  guint64 offset = header.offset < 0 ? 0 : (guint64) header.offset;
  guint64 busy_ns = sim_flash_get_busy_ns (self->board->nor);
  g_autoptr (GBytes) bytes = NULL;

  if (header.type < OAK_BOOT_HEADER_GPIO_MODE || header.type > OAK_BOOT_HEADER_FAST) {
    sim_bootloader_complete (self, FALSE, "Unknown boot header type");
    return;
  }
  if (!sim_flash_contains (self->board->nor, offset, SIM_BOOT_HEADER_SIZE)) {
    sim_bootloader_complete (self, FALSE, "Out of memory range");
    return;
  }
  bytes = sim_board_make_boot_header (self->board, self->identity.type, &header);
  sim_stats_add_region (&self->board->stats, OAK_MEMORY_FLASH, offset, SIM_BOOT_HEADER_SIZE);
  if (sim_bootloader_put_header (self, offset, bytes))
    sim_bootloader_complete_later (self, self->board->nor, busy_ns);
  else
    self->left = TRUE;
}

/* Storage BOOTLOADER has to leave a flash that boots (bootloader.md §5.3), also when the chip lost
 * the header with its erase block. A header that is still there is not touched. */
gboolean
sim_bootloader_restore_header (SimBootloader *self, GBytes *header)
{
  SimBootHeader normal = { OAK_BOOT_HEADER_NORMAL, -1, -1, -1, -1, -1 };
  SimFlash *nor = self->board->nor;
  g_autoptr (GBytes) fresh = NULL;
  const guint8 *before = g_bytes_get_data (header, NULL);

  if (!sim_flash_is_blank (nor, 0, SIM_BOOT_HEADER_SIZE))
    return TRUE;
  if (before[0] == 0xff && memcmp (before, before + 1, SIM_BOOT_HEADER_SIZE - 1) == 0)
    fresh = sim_board_make_boot_header (self->board, self->identity.type, &normal);
  return sim_flash_program (nor,
                            0,
                            fresh != NULL ? g_bytes_get_data (fresh, NULL) : before,
                            SIM_BOOT_HEADER_SIZE);
}

static gboolean
sim_config_is_document (GBytes *document)
{
  g_autoptr (JsonNode) node =
      oak_bson_decode (g_bytes_get_data (document, NULL), g_bytes_get_size (document), NULL);

  return node != NULL;
}

/* The whole section is rewritten: what an older, longer document left behind would never be read
 * again. */
static gboolean
sim_config_store (SimFlash *flash, guint64 offset, guint64 size, GBytes *document)
{
  g_autofree guint8 *section = g_malloc (size);

  memset (section, 0xff, size);
  if (document != NULL)
    memcpy (section, g_bytes_get_data (document, NULL), MIN (g_bytes_get_size (document), size));
  return sim_flash_write (flash, offset, section, size);
}

void
sim_bootloader_write_config (SimBootloader *self,
                             const OakBootloaderRequest *request,
                             GBytes *document)
{
  gint32 memory = request->set_config.memory;
  gboolean clear = request->set_config.clear_config != 0;
  SimFlash *flash = sim_board_get_memory (self->board, memory);
  const SimFault *refusal = sim_faults_take (self->board->faults, SIM_FAULT_CONFIG_ERROR);
  OakFlashRange range = { 0, 0 };
  guint64 offset;

  oak_flash_map_get (self->identity.type, OAK_SECTION_BOOTLOADER_CONFIG, &range);
  offset = request->set_config.offset < 0 ? range.start : (guint64) request->set_config.offset;
  if (refusal != NULL) {
    sim_bootloader_complete (self, FALSE, refusal->text);
  } else if (flash == NULL || !sim_flash_contains (flash, offset, range.size)) {
    sim_bootloader_complete (self, FALSE, "Out of memory range");
  } else if (!clear && (document == NULL || g_bytes_get_size (document) > range.size)) {
    sim_bootloader_complete (self, FALSE, "Configuration has the wrong size");
  } else if (!clear && !sim_config_is_document (document)) {
    sim_bootloader_complete (self, FALSE, "Configuration is no BSON document");
  } else {
    guint64 busy_ns = sim_flash_get_busy_ns (flash);

    sim_stats_add_region (&self->board->stats,
                          memory == OAK_MEMORY_EMMC ? OAK_MEMORY_EMMC : OAK_MEMORY_FLASH,
                          offset,
                          range.size);
    if (sim_config_store (flash, offset, range.size, document))
      sim_bootloader_complete_later (self, flash, busy_ns);
    else
      self->left = TRUE;
  }
}
