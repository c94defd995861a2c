/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-flash-map.h"

/* Both layouts, number by number from bootloader.md §6.1 and §6.2. */

typedef struct {
  OakBootloaderType type;
  OakSection section;
  guint32 start;
  guint32 size;
} Row;

static const Row rows[] = {
  { OAK_BOOTLOADER_TYPE_NETWORK, OAK_SECTION_HEADER, 0x000000, 512 },
  { OAK_BOOTLOADER_TYPE_NETWORK, OAK_SECTION_BOOTLOADER, 0x000200, 4193792 },
  { OAK_BOOTLOADER_TYPE_NETWORK, OAK_SECTION_USER_BOOTLOADER, 4194304, 4177920 },
  { OAK_BOOTLOADER_TYPE_NETWORK, OAK_SECTION_BOOTLOADER_CONFIG, 8372224, 16384 },
  { OAK_BOOTLOADER_TYPE_NETWORK, OAK_SECTION_APPLICATION, 8388608, 0 },
  { OAK_BOOTLOADER_TYPE_USB, OAK_SECTION_HEADER, 0x000000, 512 },
  { OAK_BOOTLOADER_TYPE_USB, OAK_SECTION_BOOTLOADER, 0x000200, 1031680 },
  { OAK_BOOTLOADER_TYPE_USB, OAK_SECTION_BOOTLOADER_CONFIG, 1032192, 16384 },
  { OAK_BOOTLOADER_TYPE_USB, OAK_SECTION_APPLICATION, 1048576, 0 },
};

static void
test_sections_are_where_the_table_says (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    OakFlashRange range = { 99, 99 };

    g_assert_true (oak_flash_map_get (rows[i].type, rows[i].section, &range));
    g_assert_cmphex (range.start, ==, rows[i].start);
    g_assert_cmphex (range.size, ==, rows[i].size);
  }
}

static void
test_sections_follow_without_a_gap (void)
{
  static const OakSection network[] = { OAK_SECTION_HEADER,
                                        OAK_SECTION_BOOTLOADER,
                                        OAK_SECTION_USER_BOOTLOADER,
                                        OAK_SECTION_BOOTLOADER_CONFIG,
                                        OAK_SECTION_APPLICATION };
  guint32 end = 0;

  for (guint i = 0; i < G_N_ELEMENTS (network); i++) {
    OakFlashRange range = { 0 };

    g_assert_true (oak_flash_map_get (OAK_BOOTLOADER_TYPE_NETWORK, network[i], &range));
    g_assert_cmphex (range.start, ==, end);
    end = range.start + range.size;
  }
}

static void
test_what_is_not_in_a_layout_is_not_found (void)
{
  OakFlashRange range = { 7, 8 };

  g_assert_false (oak_flash_map_get (OAK_BOOTLOADER_TYPE_USB, OAK_SECTION_USER_BOOTLOADER, &range));
  g_assert_false (oak_flash_map_get (OAK_BOOTLOADER_TYPE_AUTO, OAK_SECTION_APPLICATION, &range));
  g_assert_false (oak_flash_map_get ((OakBootloaderType) 2, OAK_SECTION_APPLICATION, &range));
  g_assert_false (oak_flash_map_get (OAK_BOOTLOADER_TYPE_NETWORK, (OakSection) 5, &range));
  g_assert_false (oak_flash_map_get (OAK_BOOTLOADER_TYPE_NETWORK, (OakSection) -1, &range));
  g_assert_cmpuint (range.start, ==, 7);
  g_assert_cmpuint (range.size, ==, 8);
}

static void
test_room_is_what_lies_above_the_offset (void)
{
  g_assert_cmphex (oak_flash_map_get_application_offset (OAK_BOOTLOADER_TYPE_NETWORK),
                   ==,
                   0x800000);
  g_assert_cmphex (oak_flash_map_get_application_offset (OAK_BOOTLOADER_TYPE_USB), ==, 0x100000);
  g_assert_true (oak_flash_map_get_application_room (OAK_BOOTLOADER_TYPE_NETWORK, 32 * OAK_MIB) ==
                 24 * OAK_MIB);
  g_assert_true (oak_flash_map_get_application_room (OAK_BOOTLOADER_TYPE_USB, 32 * OAK_MIB) ==
                 31 * OAK_MIB);
  g_assert_true (oak_flash_map_get_application_room (OAK_BOOTLOADER_TYPE_NETWORK, 16 * OAK_MIB) ==
                 8 * OAK_MIB);
  g_assert_true (oak_flash_map_get_application_room (OAK_BOOTLOADER_TYPE_USB, 16 * OAK_MIB) ==
                 15 * OAK_MIB);
  g_assert_true (oak_flash_map_get_application_room (OAK_BOOTLOADER_TYPE_NETWORK,
                                                     G_GUINT64_CONSTANT (1) << 40) ==
                 (G_GUINT64_CONSTANT (1) << 40) - 8 * OAK_MIB);
}

static void
test_small_memories_have_no_room (void)
{
  g_assert_true (oak_flash_map_get_application_room (OAK_BOOTLOADER_TYPE_NETWORK, 0) == 0);
  g_assert_true (oak_flash_map_get_application_room (OAK_BOOTLOADER_TYPE_NETWORK, 8 * OAK_MIB) ==
                 0);
  g_assert_true (
      oak_flash_map_get_application_room (OAK_BOOTLOADER_TYPE_NETWORK, 8 * OAK_MIB + 1) == 1);
  g_assert_true (oak_flash_map_get_application_room (OAK_BOOTLOADER_TYPE_AUTO, 32 * OAK_MIB) == 0);
}

static void
test_factory_reset_reaches_the_section_table (void)
{
  g_assert_cmpuint (oak_flash_map_get_factory_reset_size (OAK_BOOTLOADER_TYPE_NETWORK),
                    ==,
                    8389120);
  g_assert_cmpuint (oak_flash_map_get_factory_reset_size (OAK_BOOTLOADER_TYPE_USB), ==, 1049088);
  g_assert_cmpuint (oak_flash_map_get_factory_reset_size (OAK_BOOTLOADER_TYPE_AUTO), ==, 0);
}

#define CASE(name, function) g_test_add_func ("/wire/flash-map/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  CASE ("sections-are-where-the-table-says", test_sections_are_where_the_table_says);
  CASE ("sections-follow-without-a-gap", test_sections_follow_without_a_gap);
  CASE ("what-is-not-in-a-layout-is-not-found", test_what_is_not_in_a_layout_is_not_found);
  CASE ("room-is-what-lies-above-the-offset", test_room_is_what_lies_above_the_offset);
  CASE ("small-memories-have-no-room", test_small_memories_have_no_room);
  CASE ("factory-reset-reaches-the-section-table", test_factory_reset_reaches_the_section_table);
  return g_test_run ();
}
