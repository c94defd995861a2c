/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "oak-app-package.h"
#include "oak-app-verdict.h"
#include "oak-bootloader-message.h"
#include "oak-config.h"
#include "oak-device-facts.h"
#include "oak-device-info.h"
#include "oak-flash-map.h"
#include "oak-flash-plan-private.h"
#include "oak-text.h"

/* A plan in words: one place for confirmation, --dry-run and log. Names from cameras and files come
 * escaped from below. Pure functions, any thread. */

/* Bootloaders below this may hang at start or restart until the power is cycled (bootloader.md,
 * hazard H5). */
static const OakVersion reliable_since = { 0, 0, 28 };

G_GNUC_PRINTF (2, 3)
static void
add_line (GPtrArray *lines, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (lines, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

static char **
end_lines (GPtrArray *lines)
{
  g_ptr_array_add (lines, NULL);
  return (char **) g_ptr_array_free (lines, FALSE);
}

const char *
oak_flash_plan_name_memory (OakMemory memory)
{
  switch (memory) {
  case OAK_MEMORY_FLASH:
    return _ ("flash");
  case OAK_MEMORY_EMMC:
    return _ ("eMMC");
  case OAK_MEMORY_AUTO:
  default:
    return _ ("the memory the camera chooses");
  }
}

char *
oak_flash_plan_describe_seconds (guint milliseconds)
{
  guint seconds = (milliseconds + 999) / 1000;

  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u second", "%u seconds", seconds),
                          seconds);
}

/* "OAK 75CB0F at 192.168.1.40" */
static char *
name_camera (const OakFlashPlan *self)
{
  const char *mxid = oak_device_info_get_mxid (self->facts->info);
  const char *address = oak_device_info_get_address (self->facts->info);
  g_autofree char *short_id = NULL;

  if (mxid == NULL)
    return g_strdup_printf (_ ("the camera at %s"), address);
  short_id = oak_short_id (mxid, NULL);
  return g_strdup_printf (_ ("OAK %s at %s"), short_id, address);
}

static gboolean
is_known_empty (const OakMemoryFacts *memory)
{
  if (memory->known && !memory->available)
    return TRUE;
  return memory->application_known && !memory->application_present;
}

static gboolean
has_no_application (const OakFlashPlan *self)
{
  if (self->memory == OAK_MEMORY_AUTO)
    return FALSE;
  return is_known_empty (oak_device_facts_get_memory (self->facts, self->memory));
}

char *
oak_flash_plan_get_title (const OakFlashPlan *self)
{
  g_autofree char *camera = name_camera (self);

  switch (self->wish.operation) {
  case OAK_OPERATION_READ_DETAILS:
    return g_strdup_printf (_ ("Read the details of %s"), camera);
  case OAK_OPERATION_FLASH_APPLICATION:
    if (has_no_application (self))
      return g_strdup_printf (_ ("Install an application on %s"), camera);
    return g_strdup_printf (_ ("Replace the application on %s"), camera);
  case OAK_OPERATION_CLEAR_APPLICATION:
    return g_strdup_printf (_ ("Remove the application from %s"), camera);
  case OAK_OPERATION_VERIFY_APPLICATION:
    return g_strdup_printf (_ ("Compare the application on %s with a package"), camera);
  case OAK_OPERATION_FACTORY_RESET:
  default:
    return g_strdup_printf (_ ("Reset %s"), camera);
  }
}

/* Returns: (nullable): "people-counter, firmware 2.28", as the camera tells it. */
char *
oak_flash_plan_name_installed (const OakMemoryFacts *memory)
{
  const char *name = memory->application_name;
  const char *version = memory->application_version;
  gboolean has_name = name != NULL && name[0] != '\0';
  gboolean has_version = version != NULL && version[0] != '\0';

  if (!memory->application_known || !memory->application_present)
    return NULL;
  if (has_name && has_version)
    return g_strdup_printf (_ ("“%s” (firmware %s)"), name, version);
  if (has_name)
    return g_strdup_printf (_ ("“%s”"), name);
  if (has_version)
    return g_strdup_printf (_ ("an application without a name (firmware %s)"), version);
  return g_strdup (_ ("an application without a name"));
}

static char *
name_package (const OakFlashPlan *self)
{
  const char *file = oak_app_package_get_file_name (self->wish.package);
  const char *name = oak_app_package_get_application_name (self->wish.package);

  if (name == NULL)
    return g_strdup_printf (_ ("“%s”"), file);
  return g_strdup_printf (_ ("“%s” from the file “%s”"), name, file);
}

static void
add_replaced (const OakFlashPlan *self, GPtrArray *lines)
{
  g_autofree char *installed = NULL;

  if (self->memory == OAK_MEMORY_AUTO) {
    add_line (lines, _ ("An application that is installed now is replaced."));
    return;
  }
  installed =
      oak_flash_plan_name_installed (oak_device_facts_get_memory (self->facts, self->memory));
  if (installed != NULL)
    add_line (lines, _ ("Replaced: %s."), installed);
  else if (has_no_application (self))
    add_line (lines, _ ("No application is installed now."));
  else
    add_line (lines, _ ("An application that is installed now is replaced."));
}

static void
add_written (const OakFlashPlan *self, GPtrArray *lines)
{
  g_autofree char *package = name_package (self);
  g_autofree char *size = oak_text_size (oak_app_package_get_size (self->wish.package));
  g_autofree char *room = oak_text_size (self->room);
  const char *memory = oak_flash_plan_name_memory (self->memory);

  if (self->memory == OAK_MEMORY_AUTO)
    add_line (lines,
              _ ("Written: %s, %s, to a place that the camera chooses itself."),
              package,
              size);
  else if (self->room == 0)
    add_line (lines, _ ("Written: %s, %s, to %s of unknown size."), package, size, memory);
  else
    add_line (lines,
              _ ("Written: %s, %s, to %s, which has room for %s."),
              package,
              size,
              memory,
              room);
}

static void
add_change (const OakFlashPlan *self, GPtrArray *lines)
{
  if (self->wish.changed_to_check)
    add_line (lines,
              _ ("Changed: the package, so that the camera checks the firmware at every start; the "
                 "file stays as it is."));
}

static gboolean
writes_what_differs (const OakFlashPlan *self)
{
  for (guint i = 0; i < oak_flash_plan_get_n_steps (self); i++)
    if (oak_flash_plan_get_step (self, i)->kind == OAK_STEP_COMPARE)
      return TRUE;
  return FALSE;
}

static gboolean
sets_app_memory (const OakFlashPlan *self)
{
  for (guint i = 0; i < oak_flash_plan_get_n_steps (self); i++)
    if (oak_flash_plan_get_step (self, i)->kind == OAK_STEP_SET_APP_MEMORY)
      return TRUE;
  return FALSE;
}

static void
add_start (const OakFlashPlan *self, GPtrArray *lines)
{
  int wait_ms = oak_flash_plan_get_boot_wait_ms (self);
  g_autofree char *wait = oak_flash_plan_describe_seconds ((guint) MAX (wait_ms, 0));

  if (wait_ms > 0 && !self->waits_too_long)
    add_line (lines,
              _ ("Then the camera restarts, waits %s for a computer, and starts the application."),
              wait);
  else if (wait_ms == 0)
    add_line (lines, _ ("Then the camera restarts and starts the application."));
  else
    add_line (lines, _ ("Then the camera restarts."));
}

static void
add_application_effects (const OakFlashPlan *self, GPtrArray *lines)
{
  add_replaced (self, lines);
  add_written (self, lines);
  add_change (self, lines);
  if (writes_what_differs (self))
    add_line (lines, _ ("Only what differs from what the camera holds already is written."));
  if (sets_app_memory (self))
    add_line (lines,
              _ ("Kept: the bootloader and the configuration, except that applications are started "
                 "from %s from now on."),
              oak_flash_plan_name_memory (self->memory));
  else
    add_line (lines, _ ("Kept: the bootloader and the configuration."));
  add_start (self, lines);
}

static void
add_removed (GPtrArray *lines, const OakFlashPlan *self, const OakFlashStep *step)
{
  g_autofree char *installed =
      oak_flash_plan_name_installed (oak_device_facts_get_memory (self->facts, step->memory));
  const char *memory = oak_flash_plan_name_memory (step->memory);

  if (installed != NULL)
    add_line (lines, _ ("Removed: the start record of %s in %s."), installed, memory);
  else
    add_line (lines, _ ("Removed: the start record of an application in %s."), memory);
}

static void
add_clear_effects (const OakFlashPlan *self, GPtrArray *lines)
{
  for (guint i = 0; i < oak_flash_plan_get_n_steps (self); i++) {
    const OakFlashStep *step = oak_flash_plan_get_step (self, i);

    if (step->kind == OAK_STEP_WRITE_REGION)
      add_removed (lines, self, step);
  }
  add_line (lines,
            _ ("Kept: the bootloader, the configuration, and the bytes of the application behind "
               "its start record."));
  add_line (lines, _ ("Then the camera restarts and stays in its bootloader."));
}

static void
add_verify_effects (const OakFlashPlan *self, GPtrArray *lines)
{
  g_autofree char *package = name_package (self);

  add_line (lines,
            _ ("Compared: what the camera holds in %s with %s."),
            oak_flash_plan_name_memory (self->memory),
            package);
  add_change (self, lines);
  add_line (lines, _ ("Nothing is written."));
  add_line (lines, _ ("The camera restarts."));
}

static void
add_lost_configuration (const OakFlashPlan *self, GPtrArray *lines)
{
  g_autofree char *address = NULL;

  if (self->facts->type != OAK_BOOTLOADER_TYPE_NETWORK) {
    add_line (lines, _ ("Erased: the configuration (USB settings, time-outs)."));
    return;
  }
  if (self->facts->config == NULL || !oak_config_get_static_ipv4 (self->facts->config)) {
    add_line (lines,
              _ ("Erased: the configuration (IP address, MAC address override, time-outs)."));
    return;
  }
  address = oak_config_get_ipv4 (self->facts->config, "ipv4");
  add_line (
      lines,
      _ ("Erased: the configuration (static IP address %s, MAC address override, time-outs)."),
      address);
}

static void
add_reset_effects (const OakFlashPlan *self, GPtrArray *lines)
{
  gboolean network = self->facts->type == OAK_BOOTLOADER_TYPE_NETWORK;
  const char *name = self->wish.bootloader_name;
  g_autofree char *size = oak_text_size (g_bytes_get_size (self->wish.bootloader_image));
  const char *type = network ? "NETWORK" : "USB";

  add_line (lines, _ ("Erased: the start record of the installed application."));
  if (network)
    add_line (lines, _ ("Erased: the user bootloader, if there is one."));
  add_lost_configuration (self, lines);
  add_line (lines,
            _ ("Written: the factory bootloader “%s”, %s, as type %s."),
            name != NULL ? name : "?",
            size,
            type);
  add_line (
      lines,
      _ ("Not erased: the bytes of the application behind its start record, and everything in "
         "eMMC memory."));
  if (network)
    add_line (lines,
              _ ("Afterwards the camera asks the network for an address (DHCP) and without an "
                 "answer uses 169.254.1.222."));
}

char **
oak_flash_plan_get_effects (const OakFlashPlan *self)
{
  GPtrArray *lines = g_ptr_array_new ();

  switch (self->wish.operation) {
  case OAK_OPERATION_READ_DETAILS:
    add_line (lines, _ ("Nothing is written."));
    add_line (lines, _ ("The camera restarts."));
    break;
  case OAK_OPERATION_FLASH_APPLICATION:
    add_application_effects (self, lines);
    break;
  case OAK_OPERATION_CLEAR_APPLICATION:
    add_clear_effects (self, lines);
    break;
  case OAK_OPERATION_VERIFY_APPLICATION:
    add_verify_effects (self, lines);
    break;
  case OAK_OPERATION_FACTORY_RESET:
  default:
    add_reset_effects (self, lines);
    break;
  }
  return end_lines (lines);
}

static void
add_torn_warning (const OakFlashPlan *self, GPtrArray *lines)
{
  gboolean checked = oak_app_package_is_checked_at_boot (self->wish.package);

  if (self->safe_order && !checked)
    add_line (
        lines,
        _ ("This package tells the bootloader not to check the firmware before starting it: "
           "losing power while the last block is written can leave an application that starts "
           "damaged."));
  else if (!self->safe_order && !checked)
    add_line (lines,
              _ ("This bootloader writes in its own order, and the package tells it not to check "
                 "the firmware: losing power or the connection while writing can leave an "
                 "application that starts damaged."));
  else if (!self->safe_order)
    add_line (lines,
              _ ("This bootloader writes in its own order: losing power or the connection while "
                 "writing can leave a damaged application."));
}

static void
add_package_warnings (const OakFlashPlan *self, GPtrArray *lines)
{
  for (guint i = 0; i < oak_app_verdict_get_n_findings (self->verdict); i++) {
    const OakFinding *finding = oak_app_verdict_get_finding (self->verdict, i);

    if (finding->severity == OAK_FINDING_WARNING)
      add_line (lines, "%s", finding->text);
  }
}

static void
add_application_warnings (const OakFlashPlan *self, GPtrArray *lines)
{
  add_package_warnings (self, lines);
  add_torn_warning (self, lines);
  if (self->room == 0)
    add_line (
        lines,
        _ ("The size of the camera’s memory is not known: a package that does not fit can make "
           "the camera unusable."));
  if (sets_app_memory (self) && self->facts->config == NULL && self->facts->config_problem != NULL)
    add_line (lines,
              _ ("The camera has no configuration that can be read, as is usual for new ones: one "
                 "that only says from which memory the application starts is written."));
  if (self->waits_too_long)
    add_line (lines,
              _ ("The camera is configured to wait for a computer before it starts an application: "
                 "its start is not watched."));
}

static void
add_clear_warnings (const OakFlashPlan *self, GPtrArray *lines)
{
  if (self->wish.memory == OAK_MEMORY_AUTO && !self->facts->emmc.known)
    add_line (lines,
              _ ("Whether there is an application in eMMC memory as well is not known: it would "
                 "stay."));
}

static void
add_reset_warnings (const OakFlashPlan *self, GPtrArray *lines)
{
  add_line (
      lines,
      _ ("While the bootloader is written, losing power or the connection can make the camera "
         "unable to start; it can then be recovered by USB only."));
  /* Neither the boot into memory nor this storage can be sent in pieces. */
  add_line (lines,
            _ ("A connection slower than 1 MB/s is too slow for this: the bootloader goes out "
               "undivided, and the camera may restart before it has all of it."));
  if (!is_known_empty (&self->facts->emmc) && self->facts->emmc.known)
    add_line (lines,
              _ ("An application in eMMC memory stays and may start again: remove the application "
                 "first."));
}

static void
add_common_warnings (const OakFlashPlan *self, GPtrArray *lines)
{
  g_autofree char *version = oak_version_to_string (self->facts->version);
  gboolean resets = self->wish.operation == OAK_OPERATION_FACTORY_RESET;

  if (!oak_flash_plan_writes (self))
    return;
  if (!self->can_read_back && !resets)
    add_line (lines,
              _ ("Bootloader %s cannot read its memory back: the result can be written, but not "
                 "confirmed."),
              version);
  if (oak_version_compare (self->facts->version, reliable_since) < 0 && !resets)
    add_line (
        lines,
        _ ("Bootloaders before 0.0.28 sometimes hang when they start, and this camera runs %s: "
           "if it does not come back, switch its power off and on."),
        version);
}

char **
oak_flash_plan_get_warnings (const OakFlashPlan *self)
{
  GPtrArray *lines = g_ptr_array_new ();

  switch (self->wish.operation) {
  case OAK_OPERATION_FLASH_APPLICATION:
    add_application_warnings (self, lines);
    break;
  case OAK_OPERATION_CLEAR_APPLICATION:
    add_clear_warnings (self, lines);
    break;
  case OAK_OPERATION_FACTORY_RESET:
    add_reset_warnings (self, lines);
    break;
  case OAK_OPERATION_READ_DETAILS:
  case OAK_OPERATION_VERIFY_APPLICATION:
  default:
    break;
  }
  add_common_warnings (self, lines);
  return end_lines (lines);
}
