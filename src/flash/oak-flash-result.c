/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>

#include "oak-config.h"
#include "oak-flash-plan-private.h"
#include "oak-flash-work-private.h"
#include "oak-text.h"

/* What a finished job may claim, and why. Nothing here is a success without evidence: the camera's
 * own result, then the bytes read back, then the state after the restart. Worker thread. */

void
oak_flash_result_free (OakFlashResult *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->evidence);
  g_free (self->next);
  g_free (self);
}

static gboolean
is_read_back (const OakFlashWork *work)
{
  return work->read_back && work->unproven == NULL;
}

static gboolean
awaits_version (const OakFlashPlan *plan)
{
  guint n_steps = oak_flash_plan_get_n_steps (plan);

  return n_steps > 0 && oak_flash_plan_get_step (plan, n_steps - 1)->kind == OAK_STEP_CHECK_VERSION;
}

static gboolean
has_expected_version (const OakFlashWork *work)
{
  if (!awaits_version (work->plan))
    return TRUE;
  return work->version_checked &&
         oak_version_compare (work->version_started, work->version_written) == 0;
}

static OakOutcome
judge (const OakFlashWork *work)
{
  if (work->wish.operation == OAK_OPERATION_VERIFY_APPLICATION && !work->nothing_differs)
    return OAK_OUTCOME_DIFFERENT;
  if (!oak_flash_plan_writes (work->plan))
    return OAK_OUTCOME_CONFIRMED;
  if (!is_read_back (work))
    return OAK_OUTCOME_NOT_CONFIRMED;
  if (work->seen && has_expected_version (work))
    return OAK_OUTCOME_CONFIRMED;
  return work->watched ? OAK_OUTCOME_NOT_CONFIRMED : OAK_OUTCOME_START_NOT_OBSERVED;
}

static void
add_written (const OakFlashWork *work, GPtrArray *lines)
{
  g_autofree char *size = oak_text_size (work->bytes_written);

  if (work->nothing_differs)
    g_ptr_array_add (lines,
                     g_strdup (_ ("The camera held exactly this application already: it was not "
                                  "written again.")));
  if (work->bytes_written > 0)
    g_ptr_array_add (lines,
                     g_strdup_printf (_ ("The camera itself reported that it wrote %s."), size));
}

static void
add_read_back (const OakFlashWork *work, GPtrArray *lines)
{
  g_autofree char *size = oak_text_size (work->bytes_verified);

  if (is_read_back (work))
    g_ptr_array_add (lines, g_strdup_printf (_ ("%s were read back and are equal."), size));
  else if (work->unproven != NULL)
    g_ptr_array_add (
        lines,
        g_strdup_printf (_ ("Not proven: what was written could not be read back (%s)."),
                         work->unproven));
  else
    g_ptr_array_add (lines,
                     g_strdup (_ ("Not proven: this bootloader cannot read its memory back.")));
}

static char *
describe_seen (const OakFlashWork *work)
{
  guint seconds = (guint) ((work->seen_us + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);

  if (work->state == OAK_DEVICE_STATE_FLASH_BOOTED)
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                         "The application runs, %u second after the restart.",
                                         "The application runs, %u seconds after the restart.",
                                         seconds),
                            seconds);
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE,
                   "The camera is back in its bootloader, %u second after the restart.",
                   "The camera is back in its bootloader, %u seconds after the restart.",
                   seconds),
      seconds);
}

static char *
describe_missing (const OakFlashWork *work)
{
  if (!work->watched)
    return g_strdup (_ ("Whether the camera came back was not watched."));
  switch (work->state) {
  case OAK_DEVICE_STATE_BOOTLOADER:
    return g_strdup (_ ("Not proven: the camera is back in its bootloader, but the application did "
                        "not start in time."));
  case OAK_DEVICE_STATE_FLASH_BOOTED:
    return g_strdup (_ ("Not proven: the camera runs an application after the restart, instead of "
                        "staying in its bootloader."));
  case OAK_DEVICE_STATE_UNBOOTED:
    return g_strdup (_ ("Not proven: the camera waits in its chip’s recovery mode after the "
                        "restart."));
  case OAK_DEVICE_STATE_UNKNOWN:
  case OAK_DEVICE_STATE_BOOTED:
  default:
    return g_strdup_printf (_ ("Not proven: after the restart the camera was not seen as expected "
                               "(%s)."),
                            work->wait_problem);
  }
}

static char *
describe_version (const OakFlashWork *work)
{
  g_autofree char *started = oak_version_to_string (work->version_started);
  g_autofree char *written = oak_version_to_string (work->version_written);

  if (!work->version_checked)
    return g_strdup_printf (
        _ ("Not proven: which bootloader the camera started could not be asked (%s)."),
        work->version_problem);
  if (has_expected_version (work))
    return g_strdup_printf (_ ("The camera started bootloader %s by itself, which was written."),
                            started);
  return g_strdup_printf (_ ("Not proven: the camera started bootloader %s, but %s was written."),
                          started,
                          written);
}

/* What is there instead. */
static void
add_installed (const OakFlashWork *work, GPtrArray *lines)
{
  const OakMemoryFacts *memory = oak_device_facts_get_memory (work->facts, work->plan->memory);
  g_autofree char *name = oak_flash_plan_name_installed (memory);

  if (name != NULL)
    g_ptr_array_add (lines, g_strdup_printf (_ ("Installed there: %s."), name));
  else if (memory->application_known)
    g_ptr_array_add (lines, g_strdup (_ ("No application is installed there.")));
}

static void
add_comparison (const OakFlashWork *work, GPtrArray *lines)
{
  const char *memory = oak_flash_plan_name_memory (work->plan->memory);
  g_autofree char *size = oak_text_size (work->bytes_verified);

  if (work->nothing_differs) {
    g_ptr_array_add (
        lines,
        g_strdup_printf (_ ("%s in %s were read and are equal to the package."), size, memory));
    return;
  }
  g_ptr_array_add (
      lines,
      g_strdup_printf (_ ("What the camera holds in %s differs from the package, first at 0x%x."),
                       memory,
                       (guint) work->differs_at));
  add_installed (work, lines);
}

static char **
make_evidence (const OakFlashWork *work)
{
  GPtrArray *lines = g_ptr_array_new ();

  if (oak_flash_plan_writes (work->plan)) {
    add_written (work, lines);
    add_read_back (work, lines);
    g_ptr_array_add (lines, work->seen ? describe_seen (work) : describe_missing (work));
    if (work->seen && awaits_version (work->plan))
      g_ptr_array_add (lines, describe_version (work));
  } else if (work->wish.operation == OAK_OPERATION_VERIFY_APPLICATION) {
    add_comparison (work, lines);
  } else {
    g_ptr_array_add (lines, g_strdup (_ ("The details were read, and the camera restarts.")));
  }
  g_ptr_array_add (lines, NULL);
  return (char **) g_ptr_array_free (lines, FALSE);
}

static char *
advise_start (const OakFlashWork *work)
{
  int wait_ms = oak_flash_plan_get_boot_wait_ms (work->plan);
  guint seconds = (guint) (MAX (wait_ms, 0) + 999) / 1000;

  if (work->plan->waits_too_long)
    return g_strdup (_ ("The camera is configured to wait for a computer before it starts an "
                        "application: change that setting if it shall start by itself."));
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                       "The application should start about %u second after the "
                                       "camera is back. It is safe to unplug the camera.",
                                       "The application should start about %u seconds after the "
                                       "camera is back. It is safe to unplug the camera.",
                                       seconds),
                          seconds);
}

static const char *
get_retry_advice (OakOperation operation)
{
  switch (operation) {
  case OAK_OPERATION_FLASH_APPLICATION:
    return _ ("Switch the camera’s power off and on, wait a minute and look for it in the list. If "
              "it does not appear, check its power and its cable; if it stays in its bootloader, "
              "write the application again.");
  case OAK_OPERATION_CLEAR_APPLICATION:
    return _ ("Switch the camera’s power off and on, wait a minute and look for it in the list. If "
              "it does not appear, check its power and its cable; if it still runs an application, "
              "remove the application again.");
  case OAK_OPERATION_FACTORY_RESET:
    return _ ("Wait a minute and refresh the list: the camera may have got another address. If it "
              "does not appear, check its power and its cable; if it still does not, recover it by "
              "USB.");
  case OAK_OPERATION_READ_DETAILS:
  case OAK_OPERATION_VERIFY_APPLICATION:
  default:
    return _ ("Refresh the list and look for the camera.");
  }
}

static char *
advise_unproven (const OakFlashWork *work)
{
  if (work->watched && work->state == OAK_DEVICE_STATE_UNBOOTED)
    return g_strdup (_ ("If the camera has switches for recovery, set them back. Then switch its "
                        "power off and on, wait a minute and look for it in the list; if it is "
                        "unbooted again, write its bootloader once more."));
  if (work->watched && !(work->seen && has_expected_version (work)))
    return g_strdup (get_retry_advice (work->wish.operation));
  return g_strdup (_ ("Look whether the camera does what it should. Updating its bootloader makes "
                      "proof possible."));
}

static char *
advise (const OakFlashWork *work, OakOutcome outcome)
{
  OakOperation operation = work->wish.operation;

  if (oak_flash_wish_only_looks (&work->wish))
    return NULL;
  if (outcome == OAK_OUTCOME_NOT_CONFIRMED)
    return advise_unproven (work);
  if (operation == OAK_OPERATION_FACTORY_RESET && work->facts->type == OAK_BOOTLOADER_TYPE_NETWORK)
    return g_strdup (_ ("The camera now asks the network for an address and may appear at another "
                        "one; without an answer it uses 169.254.1.222."));
  if (operation == OAK_OPERATION_FLASH_APPLICATION && !work->seen)
    return advise_start (work);
  return g_strdup (_ ("It is safe to unplug the camera."));
}

OakFlashResult *
oak_flash_work_make_result (const OakFlashWork *self)
{
  OakFlashResult *result = g_new0 (OakFlashResult, 1);

  result->outcome = judge (self);
  result->evidence = make_evidence (self);
  result->next = advise (self, result->outcome);
  result->state = self->state;
  result->bytes_written = self->bytes_written;
  result->bytes_verified = self->bytes_verified;
  result->write_us = self->write_us;
  result->transfer_us = self->write_us + self->read_us;
  result->total_us = self->prepare_us + self->run_us;
  return result;
}
