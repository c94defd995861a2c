/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-text.h"

#include <glib/gi18n.h>
#include <math.h>

#include "oak-device.h"
#include "oak-flash-plan.h"
#include "oak-flash-wish.h"
#include "oak-text.h"

/* Pure functions; any thread. */

#define FLASHER_SENTENCE_MAXIMUM 400 /* characters */

void
flasher_situation_init (FlasherSituation *situation, OakDevice *device)
{
  *situation = (FlasherSituation){ 0 };
  situation->state = oak_device_get_state (device);
  situation->presence = oak_device_get_presence (device);
  situation->conflict = oak_device_get_conflict (device);
  situation->supported = oak_device_is_supported (device, &situation->unsupported_reason);
  situation->transport = oak_device_get_transport (device);
  situation->usb_access = oak_device_get_usb_access (device);
  situation->usb_speed_mbps = oak_device_get_usb_speed (device);
  situation->usb_could_be_faster = oak_device_get_usb_could_be_faster (device);
}

/* Returns: (nullable): why a camera on USB cannot be opened. */
static const char *
flasher_describe_access (OakUsbAccess access)
{
  switch (access) {
  case OAK_USB_ACCESS_DENIED:
    return _ ("No permission");
  case OAK_USB_ACCESS_BUSY:
    return _ ("Busy");
  case OAK_USB_ACCESS_FAILED:
    return _ ("Cannot be opened");
  case OAK_USB_ACCESS_UNTRIED:
  case OAK_USB_ACCESS_FINE:
  default:
    return NULL;
  }
}

static gboolean
flasher_is_on_usb (const FlasherSituation *situation)
{
  return situation->transport == OAK_TRANSPORT_USB;
}

const char *
flasher_describe_state (const FlasherSituation *situation)
{
  if (situation->busy)
    return _ ("Working");
  if (situation->conflict)
    return _ ("Address conflict");
  if (situation->presence == OAK_PRESENCE_NO_ANSWER)
    return _ ("No answer");
  if (situation->presence == OAK_PRESENCE_MISSING)
    return flasher_is_on_usb (situation) ? _ ("Not plugged in") : _ ("Not answering");
  if (!situation->supported)
    return _ ("Not supported");
  if (flasher_describe_access (situation->usb_access) != NULL)
    return flasher_describe_access (situation->usb_access);
  switch (situation->state) {
  case OAK_DEVICE_STATE_BOOTLOADER:
    return _ ("Ready");
  case OAK_DEVICE_STATE_FLASH_BOOTED:
    return _ ("Application running");
  case OAK_DEVICE_STATE_BOOTED:
    return _ ("In use");
  case OAK_DEVICE_STATE_UNBOOTED:
    return _ ("Waits for a bootloader");
  case OAK_DEVICE_STATE_UNKNOWN:
  default:
    return _ ("Unknown state");
  }
}

static const char *
flasher_explain_answering (const FlasherSituation *situation)
{
  switch (situation->state) {
  case OAK_DEVICE_STATE_BOOTLOADER:
    return _ ("The bootloader is waiting for a host. The camera can be flashed now.");
  case OAK_DEVICE_STATE_FLASH_BOOTED:
    return _ ("The camera runs the application in its flash. Before anything can be read or "
              "written, the application is stopped and the camera restarts.");
  case OAK_DEVICE_STATE_BOOTED:
    if (flasher_is_on_usb (situation))
      return _ ("A program on this computer has started its own firmware on this camera and is "
                "using it. Close that program, or unplug the camera for a moment: it can be worked "
                "on as soon as it is back.");
    return _ ("A program on some computer has started its own firmware on this camera and is "
              "using it. Close that program, or disconnect the camera from its power for a "
              "moment.");
  case OAK_DEVICE_STATE_UNBOOTED:
    return _ ("The camera’s chip waits for a bootloader over USB: its flash has none, or its "
              "recovery switch is set. A factory reset writes one, and the camera can be flashed "
              "after that. Until then it can tell neither its id nor its type.");
  case OAK_DEVICE_STATE_UNKNOWN:
  default:
    return _ ("The camera answers, but does not say what it is doing. A newer version of this "
              "program may know more.");
  }
}

static const char *
flasher_explain_access (OakUsbAccess access)
{
  switch (access) {
  case OAK_USB_ACCESS_DENIED:
    return _ ("This computer does not let you open the camera: the rule that allows it is not "
              "installed. The camera is tried again by itself as soon as the rule is there.");
  case OAK_USB_ACCESS_BUSY:
    return _ ("Another program on this computer holds the camera, and only one can at a time. "
              "Close that program: the camera is tried again by itself.");
  case OAK_USB_ACCESS_FAILED:
    return _ ("The camera is plugged in, but cannot be opened. Unplug it and plug it in again, "
              "straight into this computer and with another cable.");
  case OAK_USB_ACCESS_UNTRIED:
  case OAK_USB_ACCESS_FINE:
  default:
    return NULL;
  }
}

const char *
flasher_explain_state (const FlasherSituation *situation)
{
  if (situation->busy)
    return _ ("An operation is running on this camera.");
  if (situation->conflict)
    return _ ("Two cameras answer at this address. As long as they do, nothing is written to "
              "either: disconnect one of them, or give each its own address.");
  if (situation->presence == OAK_PRESENCE_NO_ANSWER)
    return _ ("Nothing has answered at this address yet. It is asked again every second. Check "
              "the camera’s power and cable, and that this computer has an address in the same "
              "network.");
  if (situation->presence == OAK_PRESENCE_MISSING && flasher_is_on_usb (situation))
    return _ ("The camera was plugged in before and is gone now. It may be restarting, or its "
              "cable was pulled.");
  if (situation->presence == OAK_PRESENCE_MISSING)
    return _ ("The camera answered before and is silent now. It may be restarting, or have lost "
              "its power or its cable.");
  if (!situation->supported && situation->unsupported_reason != NULL)
    return situation->unsupported_reason;
  if (flasher_explain_access (situation->usb_access) != NULL)
    return flasher_explain_access (situation->usb_access);
  return flasher_explain_answering (situation);
}

const char *
flasher_speed_hint (const FlasherSituation *situation)
{
  if (!situation->usb_could_be_faster || !flasher_is_on_usb (situation) ||
      situation->presence != OAK_PRESENCE_ANSWERING)
    return NULL;
  return _ ("This camera could do USB 3, but is connected at the speed of USB 2. It works like "
            "this, only slower: use a USB 3 cable of 2 m at most, in a USB 3 socket.");
}

const char *
flasher_state_style (const FlasherSituation *situation)
{
  if (situation->busy)
    return "accent";
  if (situation->conflict)
    return "error";
  if (situation->presence != OAK_PRESENCE_ANSWERING || !situation->supported)
    return "warning";
  if (flasher_describe_access (situation->usb_access) != NULL)
    return "warning";
  if (situation->state == OAK_DEVICE_STATE_BOOTLOADER)
    return "success";
  if (situation->state == OAK_DEVICE_STATE_FLASH_BOOTED)
    return "accent";
  return "warning";
}

const char *
flasher_state_icon (const FlasherSituation *situation)
{
  if (situation->conflict)
    return "dialog-error-symbolic";
  if (situation->presence != OAK_PRESENCE_ANSWERING)
    return flasher_is_on_usb (situation) ? "oak-plug-symbolic" : "network-offline-symbolic";
  if (!situation->supported)
    return "dialog-warning-symbolic";
  if (situation->usb_access == OAK_USB_ACCESS_DENIED)
    return "changes-prevent-symbolic";
  if (flasher_describe_access (situation->usb_access) != NULL)
    return "dialog-warning-symbolic";
  return "oak-camera-symbolic";
}

/* Returns: (nullable). */
static const char *
flasher_why_not_open (OakUsbAccess access)
{
  switch (access) {
  case OAK_USB_ACCESS_DENIED:
    return _ ("You have no permission to open the camera yet.");
  case OAK_USB_ACCESS_BUSY:
    return _ ("Another program holds the camera.");
  case OAK_USB_ACCESS_FAILED:
    return _ ("The camera cannot be opened.");
  case OAK_USB_ACCESS_UNTRIED:
  case OAK_USB_ACCESS_FINE:
  default:
    return NULL;
  }
}

/* A reset brings a bootloader of its own; for everything else there has to be one. Returns:
 * (nullable). */
static const char *
flasher_why_not_unbooted (int operation)
{
  if (operation == OAK_OPERATION_FACTORY_RESET)
    return NULL;
  if (operation == OAK_OPERATION_FLASH_APPLICATION)
    return _ ("Without a bootloader an application never starts: do a factory reset first.");
  return _ ("The camera has no bootloader to ask: do a factory reset first.");
}

const char *
flasher_why_not (int operation, const FlasherSituation *situation)
{
  if (situation->busy)
    return _ ("An operation is running on this camera.");
  if (situation->conflict)
    return _ ("Two cameras answer at this address.");
  if (situation->presence == OAK_PRESENCE_NO_ANSWER)
    return _ ("Nothing answers at this address.");
  if (situation->presence == OAK_PRESENCE_MISSING)
    return flasher_is_on_usb (situation) ? _ ("The camera is not plugged in at the moment.")
                                         : _ ("The camera does not answer at the moment.");
  if (!situation->supported)
    return _ ("This kind of camera cannot be flashed by this program.");
  if (flasher_why_not_open (situation->usb_access) != NULL)
    return flasher_why_not_open (situation->usb_access);
  if (situation->state == OAK_DEVICE_STATE_BOOTED)
    return _ ("Another program is using the camera.");
  if (situation->state == OAK_DEVICE_STATE_UNBOOTED)
    return flasher_why_not_unbooted (operation);
  if (situation->state != OAK_DEVICE_STATE_BOOTLOADER &&
      situation->state != OAK_DEVICE_STATE_FLASH_BOOTED)
    return _ ("The camera is not in a state in which it can be worked on.");
  if (operation == OAK_OPERATION_FLASH_APPLICATION && situation->loading_package)
    return _ ("The package is being checked.");
  if (operation == OAK_OPERATION_FLASH_APPLICATION && !situation->has_package)
    return _ ("Open an application package first.");
  return NULL;
}

char *
flasher_camera_title (const char *short_id, const char *address)
{
  if (short_id != NULL)
    return g_strdup_printf (_ ("OAK Camera %s"), short_id);
  return g_strdup_printf (_ ("Camera at %s"), address != NULL ? address : _ ("unknown address"));
}

char *
flasher_camera_name (const char *short_id, const char *address)
{
  if (short_id == NULL)
    return flasher_camera_title (NULL, address);
  if (address == NULL)
    return flasher_camera_title (short_id, NULL);
  /* Translators: a camera's id and its network address: "OAK 75CB0F at 192.168.1.40" */
  return g_strdup_printf (_ ("OAK %s at %s"), short_id, address);
}

char *
flasher_row_label (const char *title, const char *state, const char *address)
{
  if (address == NULL)
    return g_strdup_printf ("%s, %s", title, state);
  return g_strdup_printf ("%s, %s, %s", title, state, address);
}

char *
flasher_transport_name (const FlasherSituation *situation)
{
  if (flasher_is_on_usb (situation))
    return oak_text_usb_speed (situation->usb_speed_mbps);
  return g_strdup (_ ("Network"));
}

const char *
flasher_stage_step (OakStage stage)
{
  switch (stage) {
  case OAK_STAGE_CONNECTING:
    return _ ("Connect");
  case OAK_STAGE_BOOTING:
    return _ ("Start Bootloader");
  case OAK_STAGE_COMPARING:
    return _ ("Compare");
  case OAK_STAGE_SENDING:
    return _ ("Send");
  case OAK_STAGE_WRITING:
    return _ ("Write");
  case OAK_STAGE_VERIFYING:
    return _ ("Verify");
  case OAK_STAGE_CONFIGURING:
    return _ ("Configure");
  case OAK_STAGE_RESTARTING:
    return _ ("Restart");
  case OAK_STAGE_CHECKING:
  default:
    return _ ("Check");
  }
}

const char *
flasher_stage_activity (OakStage stage)
{
  switch (stage) {
  case OAK_STAGE_CONNECTING:
    return _ ("Connecting");
  case OAK_STAGE_BOOTING:
    return _ ("Starting the bootloader");
  case OAK_STAGE_COMPARING:
    return _ ("Comparing with what is there");
  case OAK_STAGE_SENDING:
    return _ ("Sending");
  case OAK_STAGE_WRITING:
    return _ ("Writing");
  case OAK_STAGE_VERIFYING:
    return _ ("Reading back and comparing");
  case OAK_STAGE_CONFIGURING:
    return _ ("Writing the configuration");
  case OAK_STAGE_RESTARTING:
    return _ ("Restarting the camera");
  case OAK_STAGE_CHECKING:
  default:
    return _ ("Waiting for the camera");
  }
}

char *
flasher_percent_text (double fraction)
{
  if (!(fraction >= 0))
    return NULL;
  /* Translators: a percentage */
  return g_strdup_printf (_ ("%d %%"), (int) floor (MIN (fraction, 1) * 100));
}

char *
flasher_bytes_text (const OakProgress *progress)
{
  g_autofree char *done = NULL;
  g_autofree char *total = NULL;

  if (progress->bytes_total == 0)
    return NULL;
  done = oak_text_size (progress->bytes_done);
  total = oak_text_size (progress->bytes_total);
  /* Translators: "6.1 MiB of 13.2 MiB" */
  return g_strdup_printf (_ ("%s of %s"), done, total);
}

char *
flasher_stage_text (const OakProgress *progress)
{
  g_autofree char *bytes = flasher_bytes_text (progress);
  g_autofree char *percent = flasher_percent_text (progress->stage_fraction);
  const char *activity = flasher_stage_activity (progress->stage);

  /* Translators: an activity and how far it is: "Writing: 6.1 MiB of 13.2 MiB", "Writing: 46 %" */
  if (bytes != NULL)
    return g_strdup_printf (_ ("%s: %s"), activity, bytes);
  if (percent != NULL && progress->seconds_left < 0)
    return g_strdup_printf (_ ("%s: %s"), activity, percent);
  return g_strdup_printf (_ ("%s…"), activity);
}

char *
flasher_speed_text (double bytes_per_second)
{
  g_autofree char *size = NULL;

  if (!(bytes_per_second >= 1))
    return NULL;
  size = oak_text_size ((guint64) bytes_per_second);
  /* Translators: a speed: "1.9 MiB/s" */
  return g_strdup_printf (_ ("%s/s"), size);
}

static int
flasher_round_seconds (int seconds)
{
  if (seconds <= 5)
    return 5;
  if (seconds < 60)
    return (seconds + 4) / 5 * 5;
  return seconds;
}

char *
flasher_time_left_text (OakStage stage, int seconds)
{
  int minutes = (seconds + 59) / 60;

  if (seconds < 0)
    return NULL;
  if (stage == OAK_STAGE_CHECKING)
    return g_strdup_printf (
        ngettext ("At most %d second left", "At most %d seconds left", (gulong) MAX (seconds, 1)),
        MAX (seconds, 1));
  if (flasher_round_seconds (seconds) < 60) {
    seconds = flasher_round_seconds (seconds);
    return g_strdup_printf (
        ngettext ("About %d second left", "About %d seconds left", (gulong) seconds),
        seconds);
  }
  return g_strdup_printf (
      ngettext ("About %d minute left", "About %d minutes left", (gulong) minutes),
      minutes);
}

gboolean
flasher_stage_is_fragile (OakStage stage)
{
  return stage >= OAK_STAGE_SENDING && stage <= OAK_STAGE_CONFIGURING;
}

const char *
flasher_cancel_label (int policy)
{
  if (policy == OAK_CANCEL_AFTER_PATIENCE)
    return _ ("_Stop Waiting");
  return policy == OAK_CANCEL_STOP_WATCHING ? _ ("_Stop Watching") : _ ("_Cancel");
}

const char *
flasher_operation_verb (int operation)
{
  switch (operation) {
  case OAK_OPERATION_FLASH_APPLICATION:
    return _ ("_Flash");
  case OAK_OPERATION_CLEAR_APPLICATION:
    return _ ("_Clear");
  case OAK_OPERATION_FACTORY_RESET:
    return _ ("_Reset Device");
  case OAK_OPERATION_READ_DETAILS:
  case OAK_OPERATION_VERIFY_APPLICATION:
  default:
    return _ ("_Read Details");
  }
}

const char *
flasher_operation_progress (int operation)
{
  switch (operation) {
  case OAK_OPERATION_FLASH_APPLICATION:
    return _ ("Flashing the Application");
  case OAK_OPERATION_CLEAR_APPLICATION:
    return _ ("Clearing the Application");
  case OAK_OPERATION_FACTORY_RESET:
    return _ ("Resetting the Camera");
  case OAK_OPERATION_READ_DETAILS:
  case OAK_OPERATION_VERIFY_APPLICATION:
  default:
    return _ ("Reading Details");
  }
}

const char *
flasher_operation_success (int operation)
{
  switch (operation) {
  case OAK_OPERATION_FLASH_APPLICATION:
    return _ ("Application Installed");
  case OAK_OPERATION_CLEAR_APPLICATION:
    return _ ("Application Cleared");
  case OAK_OPERATION_FACTORY_RESET:
    return _ ("Camera Reset");
  case OAK_OPERATION_READ_DETAILS:
  case OAK_OPERATION_VERIFY_APPLICATION:
  default:
    return _ ("Details Read");
  }
}

const char *
flasher_operation_unproven (int operation)
{
  return operation == OAK_OPERATION_FLASH_APPLICATION ? _ ("Written, Start Not Observed")
                                                      : _ ("Written, Restart Not Observed");
}

const char *
flasher_operation_stop_consent (int operation)
{
  if (operation == OAK_OPERATION_READ_DETAILS)
    return _ ("To read its details, the application is stopped and the camera restarts into its "
              "bootloader. Afterwards it restarts once more, and the application starts again as "
              "it did before.");
  return _ ("To continue, the application is stopped and the camera restarts into its bootloader. "
            "Nothing is written before you have seen the plan and agreed to it.");
}

char *
flasher_sentence (const char *fragment)
{
  g_autofree char *text = oak_text_escape (fragment, -1, FLASHER_SENTENCE_MAXIMUM);
  gunichar first = g_utf8_get_char (text);
  char capital[7] = "";

  if (first == 0)
    return g_strdup ("");
  g_unichar_to_utf8 (g_unichar_toupper (first), capital);
  return g_strdup_printf ("%s%s%s",
                          capital,
                          g_utf8_next_char (text),
                          g_str_has_suffix (text, ".") ? "" : ".");
}

char *
flasher_log_title (guint n_warnings, guint n_errors)
{
  if (n_errors > 0)
    return g_strdup_printf (ngettext ("Log (%u error)", "Log (%u errors)", n_errors), n_errors);
  if (n_warnings > 0)
    return g_strdup_printf (ngettext ("Log (%u warning)", "Log (%u warnings)", n_warnings),
                            n_warnings);
  return g_strdup (_ ("Log"));
}
