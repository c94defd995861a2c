/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-advice.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include "oak-error.h"
#include "oak-flash-plan.h"
#include "oak-flash-wish.h"
#include "oak-text.h"

/* What a person is told when something failed, for people who have never seen a terminal and for
 * those who help them on the phone: no code, no jargon, one thing to do per line. Pure functions,
 * any thread. */

#define MAX_DETAILS_LENGTH 2000

typedef struct {
  const char *what; /* all of them marked for translation; NULL: take the general one */
  const char *why;
  const char *todo;
} Texts;

static const Texts texts_of_codes[OAK_ERROR_N_CODES] = {
  [OAK_ERROR_NO_ACCESS] = {
      N_("You are not allowed to open the camera."),
      N_("The system keeps USB devices from normal users until a rule for them is installed."),
      N_("Install the rule for these cameras.\nUnplug the camera and plug it in again.\nTry again."),
  },
  [OAK_ERROR_BUSY] = {
      N_("Another program or another window is working on this camera."),
      N_("Only one program at a time can talk to a camera."),
      N_("Close the other program, or wait until it has finished.\nTry again."),
  },
  [OAK_ERROR_NOT_FOUND] = {
      N_("The camera was not found."),
      N_("It has no power, is in another network, or its address has changed."),
      N_("Check the camera’s power and cable.\nWait a minute and look for it in the list.\nWithout "
         "an address from the network a camera uses 169.254.1.222: add it by that address."),
  },
  [OAK_ERROR_UNREACHABLE] = {
      N_("The camera does not answer at its address."),
      N_("It has no power, is in another network, or a firewall keeps its answers away."),
      N_("Check the camera’s power and cable.\nCheck that this computer is in the same network as "
         "the camera.\nLet UDP port 11491 and TCP port 11490 pass the firewall, and switch a VPN "
         "off.\nTry again."),
  },
  [OAK_ERROR_DISCONNECTED] = {
      N_("The connection to the camera broke off."),
      N_("Most often it is the power supply or the cable: a camera draws more while it works."),
      N_("Check the power supply (PoE injector or switch) and the cable.\nConnect the camera without "
         "adapters in between.\nTry again."),
  },
  [OAK_ERROR_TIMED_OUT] = {
      N_("The camera stopped answering."),
      N_("It may have hung, lost its power, or the network is overloaded."),
      N_("Switch the camera’s power off and on.\nWait until it appears in the list.\nTry again."),
  },
  [OAK_ERROR_WRONG_DEVICE] = {
      N_("Another camera than the chosen one answered, so the work was stopped."),
      N_("Two cameras use the same address, as cameras without an address from the network do, or "
         "the address went to another camera."),
      N_("Connect one of the two cameras only, or give them different addresses.\nRefresh the list "
         "and choose the camera again."),
  },
  [OAK_ERROR_PROTOCOL] = {
      N_("The camera sent something that makes no sense."),
      N_("Its bootloader is damaged or of an unknown kind, or something else answers at this "
         "address."),
      N_("Switch the camera’s power off and on.\nTry again.\nIf it happens again, save the log and "
         "ask for help with it."),
  },
  [OAK_ERROR_REFUSED] = {
      N_("The camera itself said no."),
      N_("Its memory may be missing, full or worn out; its own words are in the details."),
      N_("Try once more.\nIf it refuses again, save the log and ask for help with it."),
  },
  [OAK_ERROR_UNSUPPORTED] = {
      N_("This camera cannot do that."),
      N_("Its bootloader is too old, it lacks the memory that is needed, or it is in use by another "
         "computer; the details say which."),
      N_("Read the details.\nIf the bootloader is too old, update it first.\nIf the camera is in use "
         "elsewhere, end the program there."),
  },
  [OAK_ERROR_NEEDS_CONSENT] = {
      N_("This needs your agreement first."),
      N_("It is possible, but has a consequence that you should know; the details name it."),
      N_("Read the details.\nIf you accept the consequence, agree to it and try again."),
  },
  [OAK_ERROR_NOT_STANDALONE] = {
      N_("This application cannot run without a computer."),
      N_("It sends pictures to, or waits for, a program on a computer, so it would never do anything "
         "by itself."),
      N_("Ask whoever made the application for a version that runs by itself (without XLink nodes)."),
  },
  [OAK_ERROR_BAD_FILE] = {
      N_("The chosen file cannot be used."),
      N_("It is damaged, incomplete, or of another kind."),
      N_("Download or build the file again.\nChoose it again."),
  },
  [OAK_ERROR_TOO_LARGE] = {
      N_("The file is too large for this camera."),
      N_("The camera’s memory has less room than the file needs; the details have both numbers."),
      N_("Make the file smaller, for example by building the application compressed.\nOr use a "
         "camera with more memory."),
  },
  [OAK_ERROR_VERIFY_FAILED] = {
      N_("What the camera holds is not what was written."),
      N_("Its memory may be worn out, or the camera reported success without writing."),
      N_("Try once more.\nIf it happens again, the camera’s memory is probably broken: save the log "
         "and ask for help with it."),
  },
  [OAK_ERROR_NOT_CONFIRMED] = {
      N_("Everything was written, but there is no proof that it works."),
      N_("The bootloader is too old to be read back, or the camera did not come back as expected."),
      N_("Switch the camera’s power off and on, and wait a minute.\nLook whether it does what it "
         "should.\nIf it does not, try again."),
  },
};

static const Texts cancelled_texts = {
  N_ ("The work was stopped because you asked for it."),
  N_ ("Nothing is wrong with the camera or the file."),
  N_ ("Start again whenever you like; your choices are kept."),
};

static const Texts unknown_texts = {
  N_ ("Something unexpected happened."),
  N_ ("The cause is not known; the details have what the program knows."),
  N_ ("Switch the camera’s power off and on.\nTry again.\nIf it happens again, save the log and "
      "ask "
      "for help with it."),
};

/* The one stop that may have done harm. */
static const Texts given_up_texts = {
  N_ ("The work was stopped because you did not want to wait any longer."),
  N_ ("The camera had been silent for a long time while its bootloader was written. It may have "
      "hung "
      "or be very slow."),
  N_ ("Do not switch the camera off.\nTry again at once.\nIf the camera no longer answers, recover "
      "it by USB."),
};

/* Where all is well with the application itself, and only the setting behind it went wrong. */
static const Texts not_selected_texts = {
  N_ ("The application was written, but not the setting from which memory the camera starts one."),
  NULL,
  N_ ("Install the application once more.\nIf that fails in the same way, save the log and ask for "
      "help with it."),
};

/* Where the operation makes a difference. */
static const struct {
  OakError code;
  OakOperation operation;
  Texts texts;
} special_texts[] = {
  { OAK_ERROR_BAD_FILE,
    OAK_OPERATION_FLASH_APPLICATION,
    { N_ ("The chosen application package cannot be used."),
      N_ ("The file is damaged, incomplete, or is no application package (.dap)."),
      N_ ("Download or build the package again.\nChoose it again.") } },
  { OAK_ERROR_BAD_FILE,
    OAK_OPERATION_VERIFY_APPLICATION,
    { N_ ("The chosen application package cannot be used."),
      N_ ("The file is damaged, incomplete, or is no application package (.dap)."),
      N_ ("Download or build the package again.\nChoose it again.") } },
  { OAK_ERROR_BAD_FILE,
    OAK_OPERATION_FACTORY_RESET,
    { N_ ("The chosen bootloader image cannot be used."),
      N_ ("The file is damaged, is no bootloader image, or is one for another kind of camera."),
      N_ ("Network cameras need the image called “eth”, USB cameras the one called "
          "“usb”.\nChoose "
          "the right file and try again.") } },
  { OAK_ERROR_TOO_LARGE,
    OAK_OPERATION_FLASH_APPLICATION,
    { N_ ("The application does not fit into this camera."),
      N_ ("The camera’s memory has less room than the package needs; the details have both "
          "numbers."),
      N_ ("Build the application compressed, or with smaller networks.\nOr use a camera with more "
          "memory.") } },
  { OAK_ERROR_TOO_LARGE,
    OAK_OPERATION_FACTORY_RESET,
    { N_ ("The bootloader image does not fit into this camera."),
      N_ ("The file is probably no bootloader image, or one for another kind of camera."),
      N_ ("Choose the right bootloader image and try again.") } },
  { OAK_ERROR_NEEDS_CONSENT,
    OAK_OPERATION_READ_DETAILS,
    { N_ ("The camera runs an application, which would be stopped."),
      N_ ("Details can be read in the bootloader only, and going there restarts the camera."),
      N_ ("If the application may be interrupted, agree to stop it and try again.") } },
  { OAK_ERROR_NEEDS_CONSENT,
    OAK_OPERATION_VERIFY_APPLICATION,
    { N_ ("The camera runs an application, which would be stopped."),
      N_ ("Its memory can be read in the bootloader only, and going there restarts the camera."),
      N_ ("If the application may be interrupted, agree to stop it and try again.") } },
  { OAK_ERROR_DISCONNECTED,
    OAK_OPERATION_FACTORY_RESET,
    { NULL,
      NULL,
      N_ ("Do not switch the camera off.\nCheck the cable and the connection.\nTry again at "
          "once.\nIf "
          "the camera no longer answers, recover it by USB.") } },
  { OAK_ERROR_REFUSED,
    OAK_OPERATION_FACTORY_RESET,
    { NULL,
      NULL,
      N_ ("Do not switch the camera off.\nTry again at once.\nIf the camera no longer answers, "
          "recover "
          "it by USB.") } },
  { OAK_ERROR_VERIFY_FAILED,
    OAK_OPERATION_FACTORY_RESET,
    { NULL,
      NULL,
      N_ ("Do not switch the camera off.\nTry again at once.\nIf the camera no longer answers, "
          "recover "
          "it by USB.") } },
};

static gboolean
is_cancelled (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static gboolean
is_ours (const GError *error)
{
  return error != NULL && error->domain == OAK_ERROR && error->code >= 0 &&
         error->code < OAK_ERROR_N_CODES;
}

static Texts
get_general_texts (const GError *error)
{
  if (is_cancelled (error))
    return cancelled_texts;
  return is_ours (error) ? texts_of_codes[error->code] : unknown_texts;
}

static gboolean
is_not_selected (const GError *error, int remains, gboolean written)
{
  return written && remains == OAK_REMAINS_NOT_SELECTED && !is_cancelled (error);
}

static Texts
get_texts (const GError *error, int operation, int remains, gboolean written)
{
  Texts texts = get_general_texts (error);

  for (gsize i = 0; i < G_N_ELEMENTS (special_texts); i++) {
    const Texts *special = &special_texts[i].texts;

    if (!is_ours (error) || (int) special_texts[i].code != error->code ||
        (int) special_texts[i].operation != operation)
      continue;
    /* What only concerns a half-written bootloader. */
    if (special->what == NULL && !written)
      continue;
    texts.what = special->what != NULL ? special->what : texts.what;
    texts.why = special->why != NULL ? special->why : texts.why;
    texts.todo = special->todo;
  }
  if (is_cancelled (error) && written && remains == OAK_REMAINS_BOOTLOADER_AT_RISK)
    return given_up_texts;
  if (is_not_selected (error, remains, written)) {
    texts.what = not_selected_texts.what;
    texts.todo = not_selected_texts.todo;
  }
  return texts;
}

static const char *
get_stopped_title (int operation)
{
  switch (operation) {
  case OAK_OPERATION_READ_DETAILS:
    return _ ("Reading the Details Was Stopped");
  case OAK_OPERATION_FLASH_APPLICATION:
    return _ ("Installing the Application Was Stopped");
  case OAK_OPERATION_CLEAR_APPLICATION:
    return _ ("Removing the Application Was Stopped");
  case OAK_OPERATION_FACTORY_RESET:
    return _ ("The Reset Was Stopped");
  case OAK_OPERATION_VERIFY_APPLICATION:
    return _ ("Comparing Was Stopped");
  default:
    return _ ("The Work Was Stopped");
  }
}

static const char *
get_unconfirmed_title (int operation)
{
  switch (operation) {
  case OAK_OPERATION_FLASH_APPLICATION:
    return _ ("The Application Was Written, but Not Confirmed");
  case OAK_OPERATION_CLEAR_APPLICATION:
    return _ ("The Application Was Removed, but That Is Not Confirmed");
  case OAK_OPERATION_FACTORY_RESET:
    return _ ("The Camera Was Reset, but That Is Not Confirmed");
  default:
    return _ ("Written, but Not Confirmed");
  }
}

static const char *
get_failed_title (int operation)
{
  switch (operation) {
  case OAK_OPERATION_READ_DETAILS:
    return _ ("The Details Could Not Be Read");
  case OAK_OPERATION_FLASH_APPLICATION:
    return _ ("The Application Was Not Installed");
  case OAK_OPERATION_CLEAR_APPLICATION:
    return _ ("The Application Was Not Removed");
  case OAK_OPERATION_FACTORY_RESET:
    return _ ("The Camera Was Not Reset");
  case OAK_OPERATION_VERIFY_APPLICATION:
    return _ ("The Camera Could Not Be Compared");
  default:
    return _ ("That Did Not Work");
  }
}

static const char *
get_title (const GError *error, int operation, int remains, gboolean written)
{
  if (is_cancelled (error))
    return get_stopped_title (operation);
  if (is_not_selected (error, remains, written))
    return _ ("The Application Was Written, but Is Not Set to Start");
  if (g_error_matches (error, OAK_ERROR, OAK_ERROR_NOT_CONFIRMED) ||
      (written && remains == OAK_REMAINS_WRITTEN))
    return get_unconfirmed_title (operation);
  return get_failed_title (operation);
}

static const struct {
  OakDeviceState state;
  const char *fragment; /* in messages */
  const char *text;     /* for people */
} whereabouts[] = {
  { OAK_DEVICE_STATE_BOOTLOADER,
    "the camera answers again and is in its bootloader",
    N_ ("It answers again and is in its bootloader.") },
  { OAK_DEVICE_STATE_FLASH_BOOTED,
    "the camera answers again and runs an application",
    N_ ("It answers again and runs an application.") },
  { OAK_DEVICE_STATE_UNKNOWN,
    "the camera has not answered again",
    N_ ("It has not answered again so far.") },
};

const char *
oak_advice_name_whereabouts (OakDeviceState state)
{
  gsize i = 0;

  while (i + 1 < G_N_ELEMENTS (whereabouts) && whereabouts[i].state != state)
    i++;
  return whereabouts[i].fragment;
}

/* Returns: (transfer full): what is left, and how the camera was met again if somebody looked. */
static char *
add_whereabouts (char *state, const GError *error)
{
  g_autofree char *remains = state;

  for (gsize i = 0; error != NULL && i < G_N_ELEMENTS (whereabouts); i++)
    if (g_str_has_suffix (error->message, whereabouts[i].fragment))
      return g_strdup_printf ("%s %s", remains, _ (whereabouts[i].text));
  return g_steal_pointer (&remains);
}

static char *
get_state (const GError *error, int remains, gboolean written)
{
  if (g_error_matches (error, OAK_ERROR, OAK_ERROR_NOT_CONFIRMED))
    return oak_remains_describe (OAK_REMAINS_WRITTEN);
  if (!written || remains < OAK_REMAINS_UNCHANGED || remains > OAK_REMAINS_WRITTEN)
    return oak_remains_describe (written ? OAK_REMAINS_NO_APPLICATION : OAK_REMAINS_UNCHANGED);
  return oak_remains_describe ((OakRemains) remains);
}

static char *
get_details (const GError *error)
{
  g_autofree char *message = NULL;

  if (error == NULL)
    return g_strdup ("no error was given");
  message = oak_text_escape (error->message, -1, MAX_DETAILS_LENGTH);
  if (is_cancelled (error))
    return g_strdup_printf ("cancelled: %s", message);
  if (is_ours (error))
    return g_strdup_printf ("%s: %s", oak_error_code_to_string ((OakError) error->code), message);
  return g_strdup_printf ("%s %d: %s", g_quark_to_string (error->domain), error->code, message);
}

OakAdvice *
oak_advice_new (const GError *error, int operation, int remains, gboolean written)
{
  Texts texts = get_texts (error, operation, remains, written);
  OakAdvice *self = g_new0 (OakAdvice, 1);

  self->title = g_strdup (get_title (error, operation, remains, written));
  self->what = g_strdup (_ (texts.what));
  self->why = g_strdup (_ (texts.why));
  self->todo = g_strdup (_ (texts.todo));
  self->state = add_whereabouts (get_state (error, remains, written), error);
  self->details = get_details (error);
  return self;
}

void
oak_advice_free (OakAdvice *self)
{
  if (self == NULL)
    return;
  g_free (self->title);
  g_free (self->what);
  g_free (self->why);
  g_free (self->todo);
  g_free (self->state);
  g_free (self->details);
  g_free (self);
}

int
oak_advice_get_exit_code (const GError *error, gboolean written)
{
  if (error == NULL)
    return 0;
  if (is_cancelled (error))
    return 6;
  if (g_error_matches (error, OAK_ERROR, OAK_ERROR_NOT_CONFIRMED))
    return 5;
  if (written)
    return 1;
  if (g_error_matches (error, OAK_ERROR, OAK_ERROR_NOT_FOUND) ||
      g_error_matches (error, OAK_ERROR, OAK_ERROR_UNREACHABLE))
    return 3;
  return 4;
}
