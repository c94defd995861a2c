/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-device-facts.h"

#include "oak-bootloader-message.h"
#include "oak-bootloader-private.h"
#include "oak-bootloader.h"
#include "oak-config.h"
#include "oak-device-info.h"
#include "oak-error.h"

/* Gathers what a plan rests on. Reading is done once, in the worker thread; afterwards it is an
 * immutable value for any thread. */

OakDeviceFacts *
oak_device_facts_new (void)
{
  OakDeviceFacts *self = g_atomic_rc_box_new0 (OakDeviceFacts);

  self->type = OAK_BOOTLOADER_TYPE_AUTO;
  self->type_trusted = TRUE;
  return self;
}

OakDeviceFacts *
oak_device_facts_ref (OakDeviceFacts *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
memory_facts_clear (OakMemoryFacts *self)
{
  g_free (self->description);
  g_free (self->application_name);
  g_free (self->application_version);
}

static void
device_facts_clear (gpointer data)
{
  OakDeviceFacts *self = data;

  g_clear_pointer (&self->info, oak_device_info_unref);
  g_clear_pointer (&self->config, oak_config_free);
  g_free (self->config_problem);
  g_free (self->commit);
  memory_facts_clear (&self->flash);
  memory_facts_clear (&self->emmc);
}

void
oak_device_facts_unref (OakDeviceFacts *self)
{
  g_atomic_rc_box_release_full (self, device_facts_clear);
}

/* A question the bootloader is too old for, does not understand, or says no to leaves its part
 * unknown. Everything else, a lost link, an answer that belongs to another question, ends the
 * reading. */
static gboolean
may_stay_unknown (const GError *error)
{
  return g_error_matches (error, OAK_ERROR, OAK_ERROR_UNSUPPORTED) ||
         g_error_matches (error, OAK_ERROR, OAK_ERROR_REFUSED);
}

static gboolean
forgive (GError *local_error, OakBootloader *bootloader, GError **error)
{
  if (may_stay_unknown (local_error)) {
    oak_report_log (bootloader->report, OAK_LOG_LEVEL_DEBUG, "not known: %s", local_error->message);
    g_error_free (local_error);
    return TRUE;
  }
  g_propagate_error (error, local_error);
  return FALSE;
}

static gboolean
read_application (OakBootloader *bootloader,
                  OakMemory memory,
                  OakMemoryFacts *facts,
                  GCancellable *cancellable,
                  GError **error)
{
  g_auto (OakApplicationDetails) details = { 0 };
  GError *local_error = NULL;

  if (!oak_bootloader_read_application_details (bootloader,
                                                memory,
                                                &details,
                                                cancellable,
                                                &local_error))
    return forgive (local_error, bootloader, error);

  facts->application_known = TRUE;
  facts->application_present = details.present;
  facts->application_name = g_steal_pointer (&details.name);
  facts->application_version = g_steal_pointer (&details.firmware_version);
  return TRUE;
}

static gboolean
read_memory (OakBootloader *bootloader,
             OakMemory memory,
             OakMemoryFacts *facts,
             GCancellable *cancellable,
             GError **error)
{
  OakMemoryDetails details;
  GError *local_error = NULL;

  if (!oak_bootloader_read_memory_details (bootloader, memory, &details, cancellable, &local_error))
    return forgive (local_error, bootloader, error);

  facts->known = TRUE;
  facts->available = details.available;
  facts->size = details.available ? details.size : 0;
  facts->description = g_strdup (details.description);
  return !details.available || read_application (bootloader, memory, facts, cancellable, error);
}

static gboolean
read_user_bootloader (OakDeviceFacts *self,
                      OakBootloader *bootloader,
                      GCancellable *cancellable,
                      GError **error)
{
  GError *local_error = NULL;

  if (!oak_bootloader_read_is_user_bootloader (bootloader,
                                               &self->is_user_bootloader,
                                               cancellable,
                                               &local_error))
    return forgive (local_error, bootloader, error);
  self->user_bootloader_known = TRUE;
  return TRUE;
}

/* A configuration whose bytes make no sense is a fact about the camera, too: only a conversation
 * out of step is an error. */
static gboolean
read_config (OakDeviceFacts *self,
             OakBootloader *bootloader,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (GError) local_error = NULL;

  self->config = oak_bootloader_read_config (bootloader, cancellable, &local_error);
  if (self->config != NULL)
    return TRUE;

  if (may_stay_unknown (local_error) ||
      (g_error_matches (local_error, OAK_ERROR, OAK_ERROR_PROTOCOL) && !bootloader->out_of_step)) {
    self->config_problem = g_strdup (local_error->message);
    return TRUE;
  }
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

OakDeviceFacts *
oak_device_facts_read (OakBootloader *bootloader,
                       OakDeviceInfo *info,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (OakDeviceFacts) self = NULL;

  g_return_val_if_fail (bootloader != NULL, NULL);
  g_return_val_if_fail (info != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  self = oak_device_facts_new ();
  self->info = oak_device_info_ref (info);
  self->version = oak_bootloader_get_version (bootloader);
  self->commit = g_strdup (oak_bootloader_get_commit (bootloader));
  self->type = oak_bootloader_get_type (bootloader);

  if (read_user_bootloader (self, bootloader, cancellable, error) &&
      read_memory (bootloader, OAK_MEMORY_FLASH, &self->flash, cancellable, error) &&
      read_memory (bootloader, OAK_MEMORY_EMMC, &self->emmc, cancellable, error) &&
      read_config (self, bootloader, cancellable, error))
    return g_steal_pointer (&self);

  g_prefix_error (error, "reading what the camera knows of itself: ");
  return NULL;
}

const OakMemoryFacts *
oak_device_facts_get_memory (const OakDeviceFacts *self, OakMemory memory)
{
  g_return_val_if_fail (self != NULL, NULL);

  return memory == OAK_MEMORY_EMMC ? &self->emmc : &self->flash;
}
