/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-board.h"

#include <string.h>

#include "oak-bootloader-message.h"
#include "oak-bson.h"
#include "oak-config.h"
#include "oak-flash-map.h"
#include "oak-reader.h"
#include "oak-sbr.h"
#include "oak-writer.h"
#include "sim-faults.h"
#include "sim-flash.h"
#include "sim-image.h"

/* Memories, their preparation, and what a bootloader finds in them. Starting from them is in
 * sim-boot.c. No threads. */

#define SIM_MAX_REGIONS    100000
#define SIM_MILLISECOND_NS ((guint64) 1000000)

void
sim_board_options_init (SimBoardOptions *options)
{
  *options = (SimBoardOptions){
    .type = OAK_BOOTLOADER_TYPE_NETWORK,
    .version = OAK_VERSION (0, 0, 28),
    .commit = "",
    .flash_size = 32 * OAK_MIB,
    .erase_size = 64 * OAK_KIB,
    .preserve = TRUE,
  };
}

/* Typical times of serial NOR chips: a sector of 4 KiB is erased in 45 ms, a block of 64 KiB in 150
 * ms, a page of 256 bytes is programmed in 0.4 ms. Larger blocks are several of those. Reading is
 * as fast as the link. */
static void
sim_nor_set_timing (SimFlashOptions *nor)
{
  gsize n_blocks = nor->erase_size / (64 * OAK_KIB);

  nor->erase_ns = n_blocks == 0 ? 45 * SIM_MILLISECOND_NS : n_blocks * 150 * SIM_MILLISECOND_NS;
  nor->page_ns = 4 * SIM_MILLISECOND_NS / 10;
}

SimBoard *
sim_board_new (const SimBoardOptions *options, SimFaults *faults)
{
  SimBoard *self = g_new0 (SimBoard, 1);
  guint64 byte_ns = options->write_kbps == 0 ? 0 : 1000000 / options->write_kbps;
  SimFlashOptions nor = { .size = options->flash_size,
                          .erase_size = options->erase_size,
                          .preserve = options->preserve,
                          .byte_ns = byte_ns };
  SimFlashOptions emmc = { .size = options->emmc_size, .preserve = TRUE, .byte_ns = byte_ns };

  self->options = *options;
  self->commit = g_strdup (options->commit);
  self->options.commit = self->commit;
  if (options->datasheet_timing)
    sim_nor_set_timing (&nor);
  self->nor = sim_flash_new (&nor);
  if (options->emmc_size > 0)
    self->emmc = sim_flash_new (&emmc);
  self->faults = faults;
  self->stats.regions = g_array_new (FALSE, FALSE, sizeof (SimRegion));
  self->header_assumed = TRUE;
  self->factory_assumed = TRUE;
  return self;
}

void
sim_board_free (SimBoard *self)
{
  g_clear_pointer (&self->nor, sim_flash_free);
  g_clear_pointer (&self->emmc, sim_flash_free);
  g_clear_pointer (&self->faults, sim_faults_free);
  g_free (self->commit);
  g_free (self->stats.last_protocol_error);
  g_array_unref (self->stats.regions);
  g_free (self);
}

static void
sim_board_put_bytes (SimFlash *flash, gsize offset, GBytes *bytes)
{
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  g_return_if_fail (sim_flash_contains (flash, offset, size));
  sim_flash_put (flash, offset, data, size);
}

static guint32
sim_section_start (OakBootloaderType type, OakSection section)
{
  OakFlashRange range = { 0, 0 };

  oak_flash_map_get (type, section, &range);
  return range.start;
}

void
sim_board_prepare_user_bootloader (SimBoard *self)
{
  g_autoptr (GBytes) image = sim_image_make (OAK_BOOTLOADER_TYPE_NETWORK,
                                             self->options.user_bootloader,
                                             SIM_IMAGE_DEFAULT_SIZE);
  g_autoptr (GBytes) stored =
      sim_board_read_config (self, OAK_BOOTLOADER_TYPE_NETWORK, OAK_MEMORY_FLASH, -1);
  g_autoptr (OakConfig) config = NULL;
  g_autoptr (GBytes) document = NULL;
  gsize size;
  const void *data = g_bytes_get_data (image, &size);

  if (stored != NULL)
    config =
        oak_config_new_from_bson (g_bytes_get_data (stored, NULL), g_bytes_get_size (stored), NULL);
  if (config == NULL)
    config = oak_config_new ();
  oak_config_set_user_bootloader (config,
                                  (guint32) size,
                                  oak_sbr_checksum (OAK_SBR_CHECKSUM_START, data, size));
  document = oak_config_to_bson (config, NULL);
  sim_board_put_bytes (self->nor,
                       sim_section_start (OAK_BOOTLOADER_TYPE_NETWORK, OAK_SECTION_USER_BOOTLOADER),
                       image);
  sim_board_put_bytes (
      self->nor,
      sim_section_start (OAK_BOOTLOADER_TYPE_NETWORK, OAK_SECTION_BOOTLOADER_CONFIG),
      document);
}

void
sim_board_prepare_bootloader (SimBoard *self)
{
  SimBootHeader normal = { OAK_BOOT_HEADER_NORMAL, -1, -1, -1, -1, -1 };
  OakBootloaderType type = self->options.type;
  g_autoptr (GBytes) header = sim_board_make_boot_header (self, type, &normal);
  g_autoptr (GBytes) image = sim_image_make (type, self->options.version, SIM_IMAGE_DEFAULT_SIZE);
  guint32 start = sim_section_start (type, OAK_SECTION_BOOTLOADER);

  if (sim_flash_is_blank (self->nor, 0, SIM_BOOT_HEADER_SIZE))
    sim_board_put_bytes (self->nor, 0, header);
  if (sim_flash_is_blank (self->nor, start, SIM_IMAGE_DEFAULT_SIZE))
    sim_board_put_bytes (self->nor, start, image);
  if (self->options.has_user_bootloader)
    sim_board_prepare_user_bootloader (self);
}

static void
sim_sbr_set_entry (OakSbrEntry *entry,
                   const char *name,
                   guint32 offset,
                   const void *data,
                   gsize size,
                   guint8 flags)
{
  g_strlcpy (entry->name, name, sizeof entry->name);
  entry->offset = offset;
  entry->size = (guint32) size;
  entry->checksum = oak_sbr_checksum (OAK_SBR_CHECKSUM_START, data, size);
  entry->flags = flags;
}

void
sim_board_prepare_application (SimBoard *self, OakBootloaderType type)
{
  static const char version[] = "simulated firmware";
  static const char name[] = "Simulated application";
  SimFlash *flash = sim_board_get_memory (self, sim_board_pick_memory (self, type));
  guint32 start = oak_flash_map_get_application_offset (type);
  guint8 firmware[4096];
  guint8 table[OAK_SBR_SIZE];
  OakSbr sbr = { 0 };

  for (gsize i = 0; i < sizeof firmware; i++)
    firmware[i] = (guint8) (i * 7 + i / 256);
  memcpy (firmware, "MA2x", 4);
  sim_sbr_set_entry (&sbr.entries[0],
                     "__firmware",
                     0x200,
                     firmware,
                     sizeof firmware,
                     OAK_SBR_FLAG_BOOTABLE | OAK_SBR_FLAG_IGNORE_CHECKSUM);
  sim_sbr_set_entry (&sbr.entries[1], "__fw_version", 0x2000, version, strlen (version), 0);
  sim_sbr_set_entry (&sbr.entries[2], "app_name", 0x3000, name, strlen (name), 0);
  oak_sbr_encode (&sbr, table);
  sim_flash_put (flash, start, table, sizeof table);
  sim_flash_put (flash, start + 0x200, firmware, sizeof firmware);
  sim_flash_put (flash, start + 0x2000, version, strlen (version));
  sim_flash_put (flash, start + 0x3000, name, strlen (name));
}

void
sim_board_accept_content (SimBoard *self)
{
  guint32 start = sim_section_start (self->options.type, OAK_SECTION_BOOTLOADER);

  self->header_assumed = sim_flash_is_blank (self->nor, 0, SIM_BOOT_HEADER_SIZE);
  self->factory_assumed = sim_flash_is_blank (self->nor, start, OAK_SBR_SIZE);
}

SimFlash *
sim_board_get_memory (SimBoard *self, gint32 memory)
{
  if (memory == OAK_MEMORY_FLASH || memory == OAK_MEMORY_AUTO)
    return self->nor;
  return memory == OAK_MEMORY_EMMC ? self->emmc : NULL;
}

OakMemory
sim_board_pick_memory (SimBoard *self, OakBootloaderType type)
{
  guint64 start = oak_flash_map_get_application_offset (type);

  if (type == OAK_BOOTLOADER_TYPE_NETWORK && self->emmc != NULL &&
      sim_flash_contains (self->emmc, start, OAK_SBR_SIZE))
    return OAK_MEMORY_EMMC;
  return OAK_MEMORY_FLASH;
}

/* Returns: the size of the document that seems to begin at @data, 0 for none. */
static gsize
sim_config_measure (const guint8 *data, gsize size)
{
  OakReader reader;
  guint32 length;

  oak_reader_init (&reader, data, size);
  length = oak_reader_u32 (&reader, "length");
  if (length < 5 || length > size || length > OAK_BSON_MAX_SIZE || data[length - 1] != 0)
    return 0;
  return length;
}

GBytes *
sim_board_read_config (SimBoard *self, OakBootloaderType type, gint32 memory, gint64 offset)
{
  SimFlash *flash = sim_board_get_memory (self, memory);
  guint64 start =
      offset < 0 ? sim_section_start (type, OAK_SECTION_BOOTLOADER_CONFIG) : (guint64) offset;
  gsize size;

  if (flash == NULL || !sim_flash_contains (flash, start, 4))
    return NULL;
  size =
      sim_config_measure (sim_flash_get_data (flash) + start, sim_flash_get_size (flash) - start);
  if (size == 0)
    return NULL;
  return g_bytes_new (sim_flash_get_data (flash) + start, size);
}

void
sim_stats_add_region (SimStats *self, OakMemory memory, guint64 start, guint64 size)
{
  SimRegion region = { memory, start, size };

  self->bytes_written += size;
  if (self->regions->len < SIM_MAX_REGIONS)
    g_array_append_val (self->regions, region);
}

void
sim_stats_add_protocol_error (SimStats *self, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_free (self->last_protocol_error);
  self->last_protocol_error = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  self->protocol_errors++;
  g_info ("the host broke a rule: %s", self->last_protocol_error);
}
