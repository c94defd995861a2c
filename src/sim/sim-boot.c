/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oak-bootloader-message.h"
#include "oak-config.h"
#include "oak-demo-image.h"
#include "oak-flash-map.h"
#include "oak-reader.h"
#include "oak-sbr.h"
#include "oak-writer.h"
#include "sim-board.h"
#include "sim-flash.h"
#include "sim-image.h"

/* How a camera starts from what is in its flash, and whether it then still answers. Unfinished work
 * must show here: a torn bootloader or application hangs, as on a real camera. No threads. */

#define SIM_BOOT_HEADER_MAGIC    "OAKSIMHD"
#define SIM_BOOT_HEADER_VERSION  1
#define SIM_GPIO_MODE_USB        0x16 /* bootloader.md §13 */
#define SIM_USER_BOOTLOADER_FROM 0, 0, 21

typedef struct {
  gint32 type;
  gint32 gpio_mode;
  guint32 location;
  guint32 size;
  guint32 checksum;
} SimStoredHeader;

/* Finds the firmware a FAST header is going to jump to, so that moving it later is noticed. */
static void
sim_header_find_firmware (SimBoard *self,
                          OakBootloaderType type,
                          gint64 location,
                          SimStoredHeader *header)
{
  guint32 start = oak_flash_map_get_application_offset (type);
  const OakSbrEntry *firmware;
  OakSbr sbr;

  header->location = location < 0 ? start + OAK_SBR_SIZE : (guint32) location;
  if (!sim_flash_contains (self->nor, start, OAK_SBR_SIZE) ||
      !oak_sbr_decode (&sbr, sim_flash_get_data (self->nor) + start, OAK_SBR_SIZE, NULL))
    return;
  firmware = oak_sbr_find (&sbr, "__firmware");
  if (firmware == NULL || (guint64) start + firmware->offset != header->location ||
      !sim_flash_contains (self->nor, header->location, firmware->size))
    return;
  header->size = firmware->size;
  header->checksum = oak_sbr_checksum (OAK_SBR_CHECKSUM_START,
                                       sim_flash_get_data (self->nor) + header->location,
                                       firmware->size);
}

GBytes *
sim_board_make_boot_header (SimBoard *self, OakBootloaderType type, const SimBootHeader *header)
{
  g_auto (OakWriter) writer = { NULL };
  SimStoredHeader stored = { header->type, header->gpio_mode, 0, 0, 0 };
  guint8 rest[SIM_BOOT_HEADER_SIZE];

  if (header->type == OAK_BOOT_HEADER_FAST)
    sim_header_find_firmware (self, type, header->location, &stored);
  oak_writer_init (&writer);
  oak_writer_bytes (&writer, SIM_BOOT_HEADER_MAGIC, strlen (SIM_BOOT_HEADER_MAGIC));
  oak_writer_u32 (&writer, SIM_BOOT_HEADER_VERSION);
  oak_writer_i32 (&writer, stored.type);
  oak_writer_i32 (&writer, stored.gpio_mode);
  oak_writer_i32 (&writer, header->dummy_cycles);
  oak_writer_i32 (&writer, header->frequency);
  oak_writer_u32 (&writer, stored.location);
  oak_writer_u32 (&writer, stored.size);
  oak_writer_u32 (&writer, stored.checksum);
  memset (rest, 0xff, sizeof rest);
  oak_writer_bytes (&writer, rest, SIM_BOOT_HEADER_SIZE - oak_writer_get_size (&writer));
  return oak_writer_steal_bytes (&writer);
}

/* Returns: FALSE when there is none of ours: blank, or something brought from elsewhere. */
static gboolean
sim_board_read_boot_header (SimBoard *self, SimStoredHeader *header)
{
  const guint8 *data = sim_flash_get_data (self->nor);
  gsize magic_size = strlen (SIM_BOOT_HEADER_MAGIC);
  OakReader reader;

  if (memcmp (data, SIM_BOOT_HEADER_MAGIC, magic_size) != 0)
    return FALSE;
  oak_reader_init (&reader, data + magic_size, SIM_BOOT_HEADER_SIZE - magic_size);
  oak_reader_skip (&reader, 4, "version");
  header->type = oak_reader_i32 (&reader, "type");
  header->gpio_mode = oak_reader_i32 (&reader, "gpio mode");
  oak_reader_skip (&reader, 8, "dummy cycles and frequency");
  header->location = oak_reader_u32 (&reader, "location");
  header->size = oak_reader_u32 (&reader, "size");
  header->checksum = oak_reader_u32 (&reader, "checksum");
  return TRUE;
}

static gboolean
sim_flash_matches (const SimFlash *flash, guint64 offset, guint64 size, guint32 checksum)
{
  if (!sim_flash_contains (flash, offset, size))
    return FALSE;
  return oak_sbr_checksum (OAK_SBR_CHECKSUM_START, sim_flash_get_data (flash) + offset, size) ==
         checksum;
}

SimApplication
sim_flash_check_application (const SimFlash *flash, guint64 offset)
{
  gboolean has_bootable = FALSE;
  gboolean is_checked = FALSE;
  gboolean is_torn = FALSE;
  OakSbr sbr;

  if (!sim_flash_contains (flash, offset, OAK_SBR_SIZE) ||
      !oak_sbr_decode (&sbr, sim_flash_get_data (flash) + offset, OAK_SBR_SIZE, NULL))
    return SIM_APPLICATION_NONE;
  for (guint i = 0; i < OAK_SBR_N_ENTRIES; i++) {
    const OakSbrEntry *entry = &sbr.entries[i];
    gboolean bootable = (entry->flags & OAK_SBR_FLAG_BOOTABLE) != 0;
    gboolean matches;

    if (entry->name[0] == '\0')
      continue;
    matches = sim_flash_matches (flash, offset + entry->offset, entry->size, entry->checksum);
    has_bootable |= bootable;
    is_torn |= !matches;
    is_checked |= bootable && !matches && (entry->flags & OAK_SBR_FLAG_IGNORE_CHECKSUM) == 0;
  }
  if (!has_bootable)
    return SIM_APPLICATION_NONE;
  if (is_checked)
    return SIM_APPLICATION_REFUSED;
  return is_torn ? SIM_APPLICATION_TORN : SIM_APPLICATION_WHOLE;
}

static OakConfig *
sim_board_load_config (SimBoard *self, OakBootloaderType type)
{
  g_autoptr (GBytes) stored = sim_board_read_config (self, type, OAK_MEMORY_FLASH, -1);
  OakConfig *config = NULL;

  if (stored != NULL)
    config =
        oak_config_new_from_bson (g_bytes_get_data (stored, NULL), g_bytes_get_size (stored), NULL);
  return config != NULL ? config : oak_config_new ();
}

SimApplication
sim_board_check_application (SimBoard *self, OakBootloaderType type)
{
  g_autoptr (OakConfig) config = sim_board_load_config (self, type);
  guint64 offset = oak_flash_map_get_application_offset (type);
  OakMemory memory = oak_config_get_app_memory (config);
  SimFlash *flash = sim_board_get_memory (self, memory);

  if (memory == OAK_MEMORY_AUTO && self->emmc != NULL) {
    SimApplication application = sim_flash_check_application (self->emmc, offset);

    if (application != SIM_APPLICATION_NONE)
      return application;
  }
  return flash == NULL ? SIM_APPLICATION_NONE : sim_flash_check_application (flash, offset);
}

void
sim_board_get_boot_wait (SimBoard *self, SimBoot *boot)
{
  g_autoptr (OakConfig) config = sim_board_load_config (self, boot->type);

  boot->wait_ms = self->options.has_boot_wait ? self->options.boot_wait_ms
                                              : oak_config_get_timeout_ms (config, boot->type);
}

/* bootloader.md §1: the factory bootloader starts the user bootloader when its size and checksum
 * match. */
static void
sim_board_boot_user (SimBoard *self, SimBoot *boot)
{
  g_autoptr (OakConfig) config = sim_board_load_config (self, boot->type);
  guint32 size = oak_config_get_user_bootloader_size (config);
  OakFlashRange range;
  SimImage image;

  if (boot->type != OAK_BOOTLOADER_TYPE_NETWORK ||
      !oak_version_at_least (boot->version, SIM_USER_BOOTLOADER_FROM) ||
      !oak_flash_map_get (boot->type, OAK_SECTION_USER_BOOTLOADER, &range))
    return;
  if (size == 0 || size > range.size ||
      !sim_flash_matches (self->nor,
                          range.start,
                          size,
                          oak_config_get_user_bootloader_checksum (config)))
    return;
  boot->is_user = TRUE;
  if (sim_image_decode (&image, sim_flash_get_data (self->nor) + range.start, size))
    boot->version = image.version;
}

static void
sim_boot_fail (SimBoot *boot, SimBootOutcome outcome, const char *reason)
{
  boot->outcome = outcome;
  boot->reason = reason;
}

/* Starts what lies behind the boot header. An image that is none of ours cannot be judged: it runs
 * unless its write was cut. */
static void
sim_board_boot_factory (SimBoard *self, SimBoot *boot)
{
  gsize start = SIM_BOOT_HEADER_SIZE;
  const guint8 *data = sim_flash_get_data (self->nor) + start;
  gsize size = sim_flash_get_size (self->nor) - start;
  SimImage image;

  if (sim_image_decode (&image, data, size)) {
    if (!sim_image_is_whole (&image, data, size)) {
      sim_boot_fail (boot, SIM_BOOT_BRICKED, "the factory bootloader is torn");
      return;
    }
    boot->type = image.type;
    boot->version = image.version;
  } else if (self->factory_write_open) {
    sim_boot_fail (boot, SIM_BOOT_BRICKED, "writing the factory bootloader was cut short");
    return;
  } else if (sim_flash_is_blank (self->nor, start, OAK_SBR_SIZE) && !self->factory_assumed) {
    sim_boot_fail (boot, SIM_BOOT_BRICKED, "there is no factory bootloader");
    return;
  }
  boot->outcome = SIM_BOOT_BOOTLOADER;
  boot->reason = "bootloader started";
  sim_board_boot_user (self, boot);
  sim_board_get_boot_wait (self, boot);
}

void
sim_board_boot (SimBoard *self, gboolean to_bootloader, SimBoot *boot)
{
  SimStoredHeader header;

  *boot = (SimBoot){ .type = self->options.type, .version = self->options.version };
  if (!sim_board_read_boot_header (self, &header)) {
    if (sim_flash_is_blank (self->nor, 0, SIM_BOOT_HEADER_SIZE) && !self->header_assumed)
      sim_boot_fail (boot, SIM_BOOT_RECOVERY, "there is no boot header");
    else
      sim_board_boot_factory (self, boot);
  } else if (header.type == OAK_BOOT_HEADER_USB_RECOVERY ||
             (header.type == OAK_BOOT_HEADER_GPIO_MODE && header.gpio_mode == SIM_GPIO_MODE_USB)) {
    sim_boot_fail (boot, SIM_BOOT_RECOVERY, "the boot header leads to USB recovery");
  } else if (header.type != OAK_BOOT_HEADER_FAST || to_bootloader) {
    sim_board_boot_factory (self, boot);
  } else if (header.size > 0 &&
             sim_flash_matches (self->nor, header.location, header.size, header.checksum)) {
    sim_boot_fail (boot, SIM_BOOT_APPLICATION, "fast boot header started the application");
  } else {
    sim_boot_fail (boot,
                   SIM_BOOT_BRICKED,
                   "the fast boot header leads to firmware that is not there any more");
  }
}
