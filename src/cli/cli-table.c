/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-table.h"

#include <glib/gi18n.h>

#include "oak-text.h"

#include "cli-text.h"

/* Lays out the list of cameras. Main thread. */

#define N_COLUMNS 4
#define GAP       2

typedef struct {
  char *cells[N_COLUMNS];
} Row;

static void
row_clear (gpointer data)
{
  Row *row = data;

  for (guint i = 0; i < N_COLUMNS; i++)
    g_free (row->cells[i]);
}

static const char *
describe_state (OakDeviceState state)
{
  switch (state) {
  case OAK_DEVICE_STATE_BOOTLOADER:
    return _ ("ready (bootloader)");
  case OAK_DEVICE_STATE_FLASH_BOOTED:
    return _ ("application running");
  case OAK_DEVICE_STATE_BOOTED:
    return _ ("in use by another program");
  case OAK_DEVICE_STATE_UNBOOTED:
    return _ ("waits for a bootloader");
  case OAK_DEVICE_STATE_UNKNOWN:
  default:
    return _ ("state not known");
  }
}

/* Returns: (transfer none) (nullable): why a camera on USB cannot be opened. */
static const char *
describe_access (OakDevice *device)
{
  switch (oak_device_get_usb_access (device)) {
  case OAK_USB_ACCESS_DENIED:
    return _ ("no permission: a udev rule is missing");
  case OAK_USB_ACCESS_BUSY:
    return _ ("busy: another program holds it");
  case OAK_USB_ACCESS_FAILED:
    return _ ("cannot be opened");
  case OAK_USB_ACCESS_UNTRIED:
  case OAK_USB_ACCESS_FINE:
  default:
    return NULL;
  }
}

static char *
describe_with_speed (OakDevice *device, const char *words)
{
  g_autofree char *speed = oak_text_usb_speed (oak_device_get_usb_speed (device));

  if (oak_device_get_transport (device) != OAK_TRANSPORT_USB)
    return g_strdup (words);
  if (oak_device_get_usb_could_be_faster (device))
    return g_strdup_printf (_ ("%s, %s: slow for it"), words, speed);
  return g_strdup_printf ("%s, %s", words, speed);
}

char *
cli_table_describe_device (OakDevice *device)
{
  const char *reason = NULL;

  if (oak_device_get_presence (device) == OAK_PRESENCE_NO_ANSWER)
    return g_strdup (_ ("no answer"));
  if (oak_device_get_presence (device) == OAK_PRESENCE_MISSING)
    return g_strdup (_ ("answers no more"));
  if (oak_device_get_conflict (device))
    return g_strdup (_ ("address conflict: two cameras answer here"));
  if (!oak_device_is_supported (device, &reason))
    return g_strdup_printf (_ ("not supported: %s"), reason);
  if (describe_access (device) != NULL)
    return g_strdup (describe_access (device));
  return describe_with_speed (device, describe_state (oak_device_get_state (device)));
}

static Row
make_row (OakDevice *device)
{
  const char *short_id = oak_device_get_short_id (device);
  const char *mxid = oak_device_get_mxid (device);
  g_autofree char *addresses = NULL;
  g_autofree char *words = cli_table_describe_device (device);

  addresses = g_strjoinv (", ", (char **) oak_device_get_addresses (device));
  return (Row){ {
      cli_text_show (short_id != NULL ? short_id : "-"),
      cli_text_show (mxid != NULL ? mxid : "-"),
      cli_text_show (addresses[0] != '\0' ? addresses : oak_device_get_address (device)),
      cli_text_show (words),
  } };
}

static char *
format_row (const Row *row, const guint widths[N_COLUMNS], guint width, gboolean unicode)
{
  g_autoptr (GString) line = g_string_new (NULL);

  for (guint i = 0; i < N_COLUMNS; i++) {
    g_autofree char *cell = cli_text_pad (row->cells[i], i + 1 < N_COLUMNS ? widths[i] + GAP : 0);

    g_string_append (line, cell);
  }
  return width > 0 ? cli_text_fit (line->str, width, unicode) : g_strdup (line->str);
}

char **
cli_table_format (GListModel *devices, guint width, gboolean unicode)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (Row));
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();
  guint widths[N_COLUMNS] = { 0 };
  Row heading = {
    { g_strdup (_ ("ID")), g_strdup (_ ("MXID")), g_strdup (_ ("ADDRESS")), g_strdup (_ ("STATE")) }
  };

  g_array_set_clear_func (rows, row_clear);
  g_array_append_val (rows, heading);
  for (guint i = 0; i < g_list_model_get_n_items (devices); i++) {
    g_autoptr (OakDevice) device = g_list_model_get_item (devices, i);
    Row row = make_row (device);

    g_array_append_val (rows, row);
  }

  for (guint i = 0; i < rows->len; i++)
    for (guint j = 0; j < N_COLUMNS; j++)
      widths[j] = MAX (widths[j], cli_text_get_width (g_array_index (rows, Row, i).cells[j]));
  for (guint i = 0; i < rows->len; i++) {
    g_autofree char *line = format_row (&g_array_index (rows, Row, i), widths, width, unicode);

    g_strv_builder_add (lines, line);
  }
  return g_strv_builder_end (lines);
}
