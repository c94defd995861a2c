/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-faults.h"

#include <string.h>

#include "oak-bootloader-message.h"
#include "oak-error.h"

/* Reads the words people write behind --fault. The table below is also what --help prints. No
 * threads. */

typedef enum {
  SIM_VALUE_NONE,
  SIM_VALUE_NUMBER,
  SIM_VALUE_OPTIONAL_NUMBER, /* the default of the table when there is none */
  SIM_VALUE_PERCENT,
  SIM_VALUE_COMMAND,
  SIM_VALUE_TEXT,
  SIM_VALUE_ID,    /* a text */
  SIM_VALUE_ID_AT, /* a text and, behind an @, a number */
} SimValueKind;

typedef struct {
  const char *name;
  SimFaultKind kind;
  SimValueKind value;
  gint64 default_number;
  const char *help;
} SimFaultWord;

static const SimFaultWord words[] = {
  { "silent-discovery", SIM_FAULT_SILENT_DISCOVERY, SIM_VALUE_NONE, 0, "never answers discovery" },
  { "discovery-garbage",
    SIM_FAULT_DISCOVERY_GARBAGE,
    SIM_VALUE_NONE,
    0,
    "answers discovery with nonsense" },
  { "change-id",
    SIM_FAULT_CHANGE_ID,
    SIM_VALUE_ID_AT,
    0,
    "answers with this id after N discovery answers" },
  { "second-id",
    SIM_FAULT_SECOND_ID,
    SIM_VALUE_ID,
    0,
    "a second answer with this id follows each answer" },
  { "refuse-connect", SIM_FAULT_REFUSE_CONNECT, SIM_VALUE_NONE, 0, "no TCP port is open" },
  { "close-on-accept",
    SIM_FAULT_CLOSE_ON_ACCEPT,
    SIM_VALUE_NONE,
    0,
    "closes each connection at once" },
  { "reset-tcp",
    SIM_FAULT_RESET_TCP,
    SIM_VALUE_OPTIONAL_NUMBER,
    84,
    "TCP reset after N received bytes" },
  { "drop-at-byte",
    SIM_FAULT_DROP_AT_BYTE,
    SIM_VALUE_NUMBER,
    0,
    "cuts the link after N received bytes" },
  { "drop-after-request",
    SIM_FAULT_DROP_AFTER_REQUEST,
    SIM_VALUE_COMMAND,
    0,
    "cuts the link instead of answering" },
  { "drop-in-data",
    SIM_FAULT_DROP_IN_DATA,
    SIM_VALUE_PERCENT,
    0,
    "cuts the link while data of a write arrive" },
  { "drop-at-progress",
    SIM_FAULT_DROP_AT_PROGRESS,
    SIM_VALUE_PERCENT,
    0,
    "cuts the link while programming" },
  { "no-ping", SIM_FAULT_NO_PING, SIM_VALUE_NONE, 0, "never answers a ping" },
  { "no-create", SIM_FAULT_NO_CREATE, SIM_VALUE_NONE, 0, "never answers the opening of a stream" },
  { "huge-size",
    SIM_FAULT_HUGE_SIZE,
    SIM_VALUE_NONE,
    0,
    "announces an enormous packet instead of an answer" },
  { "bad-event-type",
    SIM_FAULT_BAD_EVENT_TYPE,
    SIM_VALUE_NONE,
    0,
    "sends an event that does not exist" },
  { "unknown-stream-write",
    SIM_FAULT_UNKNOWN_STREAM_WRITE,
    SIM_VALUE_NONE,
    0,
    "writes on a stream nobody opened" },
  { "no-release",
    SIM_FAULT_NO_RELEASE,
    SIM_VALUE_NONE,
    0,
    "gives no credit back for requests and data" },
  { "no-watchdog-release",
    SIM_FAULT_NO_WATCHDOG_RELEASE,
    SIM_VALUE_NONE,
    0,
    "gives no credit back for keep-alives" },
  { "slow-response", SIM_FAULT_SLOW_RESPONSE, SIM_VALUE_NUMBER, 0, "answers N ms late" },
  { "short-response", SIM_FAULT_SHORT_RESPONSE, SIM_VALUE_COMMAND, 0, "the answer ends too early" },
  { "garbage-response",
    SIM_FAULT_GARBAGE_RESPONSE,
    SIM_VALUE_COMMAND,
    0,
    "the answer is nonsense" },
  { "wrong-response", SIM_FAULT_WRONG_RESPONSE, SIM_VALUE_COMMAND, 0, "answers another question" },
  { "no-response", SIM_FAULT_NO_RESPONSE, SIM_VALUE_COMMAND, 0, "does not answer" },
  { "flash-error",
    SIM_FAULT_FLASH_ERROR,
    SIM_VALUE_TEXT,
    0,
    "refuses a write with this text, nothing is written" },
  { "flash-error-at",
    SIM_FAULT_FLASH_ERROR_AT,
    SIM_VALUE_PERCENT,
    0,
    "fails in the middle of a write" },
  { "lie-success", SIM_FAULT_LIE_SUCCESS, SIM_VALUE_NONE, 0, "reports success without writing" },
  { "lie-read", SIM_FAULT_LIE_READ, SIM_VALUE_NONE, 0, "one bit of what is read back is wrong" },
  { "lie-size", SIM_FAULT_LIE_SIZE, SIM_VALUE_NUMBER, 0, "says its memory has N bytes" },
  { "no-memory-details", SIM_FAULT_NO_MEMORY_DETAILS, SIM_VALUE_NONE, 0, "says it has no memory" },
  { "progress-silence",
    SIM_FAULT_PROGRESS_SILENCE,
    SIM_VALUE_OPTIONAL_NUMBER,
    -1,
    "no progress, and the result N ms late (never without N)" },
  { "config-error",
    SIM_FAULT_CONFIG_ERROR,
    SIM_VALUE_TEXT,
    0,
    "refuses to write the configuration with this text" },
  { "never-reboots",
    SIM_FAULT_NEVER_REBOOTS,
    SIM_VALUE_NONE,
    0,
    "does not come back after a reset" },
  { "no-start", SIM_FAULT_NO_START, SIM_VALUE_NONE, 0, "the flashed application never starts" },
  { "usb-stall",
    SIM_FAULT_USB_STALL,
    SIM_VALUE_NUMBER,
    0,
    "USB: both endpoints stall after N received bytes" },
  { "usb-silent",
    SIM_FAULT_USB_SILENT,
    SIM_VALUE_NUMBER,
    0,
    "USB: takes and gives nothing after N received bytes" },
};

static const char *const value_names[] = {
  [SIM_VALUE_NONE] = "",
  [SIM_VALUE_NUMBER] = "=N",
  [SIM_VALUE_OPTIONAL_NUMBER] = "[=N]",
  [SIM_VALUE_PERCENT] = "=PERCENT",
  [SIM_VALUE_COMMAND] = "=REQUEST",
  [SIM_VALUE_TEXT] = "=TEXT",
  [SIM_VALUE_ID] = "=ID",
  [SIM_VALUE_ID_AT] = "=ID[@N]",
};

#define SIM_FAULT_LAST_COMMAND OAK_REQUEST_IS_USER_BOOTLOADER

struct _SimFaults {
  GPtrArray *faults; /* (owned) of SimFault */
};

static void
sim_fault_free (SimFault *fault)
{
  g_free (fault->text);
  g_free (fault);
}

SimFaults *
sim_faults_new (void)
{
  SimFaults *self = g_new0 (SimFaults, 1);

  self->faults = g_ptr_array_new_with_free_func ((GDestroyNotify) sim_fault_free);
  return self;
}

void
sim_faults_free (SimFaults *self)
{
  g_ptr_array_unref (self->faults);
  g_free (self);
}

static const SimFaultWord *
sim_fault_word_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (words[i].name, name))
      return &words[i];
  return NULL;
}

static gboolean
sim_fault_parse_command (const char *text, gint64 *number)
{
  guint64 value;

  if (g_ascii_string_to_unsigned (text, 10, 0, SIM_FAULT_LAST_COMMAND, &value, NULL)) {
    *number = (gint64) value;
    return TRUE;
  }
  for (guint32 command = 0; command <= SIM_FAULT_LAST_COMMAND; command++)
    if (g_ascii_strcasecmp (oak_request_command_to_string (command), text) == 0) {
      *number = command;
      return TRUE;
    }
  return FALSE;
}

static gboolean
sim_fault_parse_id_at (SimFault *fault, const char *value)
{
  const char *at = strchr (value, '@');

  if (at == NULL) {
    fault->text = g_strdup (value);
    return TRUE;
  }
  fault->text = g_strndup (value, (gsize) (at - value));
  return g_ascii_string_to_signed (at + 1, 10, 0, G_MAXINT32, &fault->number, NULL);
}

static gboolean
sim_fault_parse_value (SimFault *fault, const SimFaultWord *word, const char *value)
{
  gboolean has_value = value != NULL && *value != '\0';

  fault->number = word->default_number;
  switch (word->value) {
  case SIM_VALUE_NONE:
    return value == NULL;
  case SIM_VALUE_OPTIONAL_NUMBER:
    return value == NULL ||
           g_ascii_string_to_signed (value, 10, 0, G_MAXINT64, &fault->number, NULL);
  case SIM_VALUE_NUMBER:
    return has_value && g_ascii_string_to_signed (value, 10, 0, G_MAXINT64, &fault->number, NULL);
  case SIM_VALUE_PERCENT:
    return has_value && g_ascii_string_to_signed (value, 10, 0, 100, &fault->number, NULL);
  case SIM_VALUE_COMMAND:
    return has_value && sim_fault_parse_command (value, &fault->number);
  case SIM_VALUE_ID_AT:
    return has_value && sim_fault_parse_id_at (fault, value);
  case SIM_VALUE_TEXT:
  case SIM_VALUE_ID:
    fault->text = g_strdup (value);
    return has_value;
  default:
    g_assert_not_reached ();
  }
}

static SimFault *
sim_fault_parse (const char *specification, GError **error)
{
  g_autofree char *name = g_strdup (specification);
  SimFault *fault = g_new0 (SimFault, 1);
  const SimFaultWord *word;
  char *value;

  if (g_str_has_suffix (name, ":once")) {
    fault->once = TRUE;
    name[strlen (name) - strlen (":once")] = '\0';
  }
  value = strchr (name, '=');
  if (value != NULL)
    *value++ = '\0';
  word = sim_fault_word_find (name);
  if (word != NULL)
    fault->kind = word->kind;
  if (word != NULL && sim_fault_parse_value (fault, word, value))
    return fault;
  if (word == NULL)
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "there is no fault “%s”; --help lists them",
                 name);
  else
    g_set_error (error,
                 OAK_ERROR,
                 OAK_ERROR_BAD_FILE,
                 "write this fault as “%s%s”",
                 word->name,
                 value_names[word->value]);
  sim_fault_free (fault);
  return NULL;
}

gboolean
sim_faults_add (SimFaults *self, const char *specification, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (specification, ",", -1);

  for (guint i = 0; parts[i] != NULL; i++) {
    SimFault *fault = sim_fault_parse (parts[i], error);

    if (fault == NULL)
      return FALSE;
    g_ptr_array_add (self->faults, fault);
  }
  return TRUE;
}

static SimFault *
sim_faults_find (const SimFaults *self, SimFaultKind kind, gint64 number, gboolean any_number)
{
  for (guint i = 0; i < self->faults->len; i++) {
    SimFault *fault = g_ptr_array_index (self->faults, i);

    if (fault->kind == kind && !fault->spent && (any_number || fault->number == number))
      return fault;
  }
  return NULL;
}

const SimFault *
sim_faults_peek (const SimFaults *self, SimFaultKind kind)
{
  return sim_faults_find (self, kind, 0, TRUE);
}

const SimFault *
sim_faults_take (SimFaults *self, SimFaultKind kind)
{
  SimFault *fault = sim_faults_find (self, kind, 0, TRUE);

  if (fault != NULL)
    fault->spent = fault->once;
  return fault;
}

const SimFault *
sim_faults_take_for (SimFaults *self, SimFaultKind kind, guint32 command)
{
  SimFault *fault = sim_faults_find (self, kind, command, FALSE);

  if (fault != NULL)
    fault->spent = fault->once;
  return fault;
}

char *
sim_faults_describe (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
    g_autofree char *word = g_strconcat (words[i].name, value_names[words[i].value], NULL);

    g_string_append_printf (text, "  %-32s %s\n", word, words[i].help);
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}
