/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-app-verdict.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "oak-app-contents.h"
#include "oak-app-verdict-private.h"
#include "oak-error.h"

/* Collects findings and draws the conclusion. What there is to find is in
 * oak-app-verdict-findings.c. Any thread. */

static void
clear_entry (gpointer data)
{
  OakFindingEntry *entry = data;

  g_free (entry->text);
  g_free (entry->english);
}

static void
append (OakAppVerdict *self,
        OakFindingSeverity severity,
        const char *code,
        char *text,
        char *english)
{
  OakFindingEntry entry = {
    .finding = { severity, code, text },
    .text = text,
    .english = english,
  };

  g_array_append_val (self->findings, entry);
}

static guint
get_count (const OakAppVerdict *self, const char *code)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, code));
}

/* A file can be wrong in a million places; what is written out stays readable, and small. */
gboolean
oak_app_verdict_is_full (const OakAppVerdict *self, const char *code)
{
  return get_count (self, code) >= OAK_FINDING_MAX_EACH;
}

void
oak_app_verdict_count (OakAppVerdict *self, const char *code)
{
  guint count = get_count (self, code) + 1;

  g_hash_table_insert (self->counts, (gpointer) code, GUINT_TO_POINTER (count));
}

void
oak_app_verdict_add (OakAppVerdict *self,
                     OakFindingSeverity severity,
                     const char *code,
                     const char *format,
                     ...)
{
  gboolean full = oak_app_verdict_is_full (self, code);
  va_list arguments;
  char *text;
  char *english;

  oak_app_verdict_count (self, code);
  if (full)
    return;
  va_start (arguments, format);
  text = g_strdup_vprintf (g_dgettext (GETTEXT_PACKAGE, format), arguments);
  va_end (arguments);
  va_start (arguments, format);
  english = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  append (self, severity, code, text, english);
}

static const OakFindingEntry *
get_entry (const OakAppVerdict *self, guint index)
{
  return &g_array_index (self->findings, OakFindingEntry, index);
}

static void
add_rest (OakAppVerdict *self, OakFindingSeverity severity, const char *code)
{
  guint count = get_count (self, code);
  guint more = count - MIN (count, OAK_FINDING_MAX_EACH);

  g_hash_table_remove (self->counts, code);
  if (more == 0)
    return;
  append (
      self,
      severity,
      code,
      g_strdup_printf (
          g_dngettext (GETTEXT_PACKAGE, "And %u more like that.", "And %u more like those.", more),
          more),
      g_strdup_printf ("And %u more like that.", more));
}

/* All of one severity, in the order in which they were found. */
static void
take_severity (OakAppVerdict *self, GArray *found, OakFindingSeverity severity)
{
  for (guint i = 0; i < found->len; i++) {
    OakFindingEntry *entry = &g_array_index (found, OakFindingEntry, i);

    if (entry->finding.severity == severity)
      append (self,
              severity,
              entry->finding.code,
              g_steal_pointer (&entry->text),
              g_steal_pointer (&entry->english));
  }
  for (guint i = 0; i < found->len; i++) {
    const OakFinding *finding = &g_array_index (found, OakFindingEntry, i).finding;

    if (finding->severity == severity)
      add_rest (self, severity, finding->code);
  }
}

static GArray *
new_findings (void)
{
  GArray *findings = g_array_new (FALSE, FALSE, sizeof (OakFindingEntry));

  g_array_set_clear_func (findings, clear_entry);
  return findings;
}

static void
sort_findings (OakAppVerdict *self)
{
  g_autoptr (GArray) found = g_steal_pointer (&self->findings);

  self->findings = new_findings ();
  take_severity (self, found, OAK_FINDING_ERROR);
  take_severity (self, found, OAK_FINDING_WARNING);
  take_severity (self, found, OAK_FINDING_NOTE);
}

static OakAppResult
conclude (const OakAppVerdict *self)
{
  if (self->findings->len == 0)
    return OAK_APP_OK;
  switch (get_entry (self, 0)->finding.severity) {
  case OAK_FINDING_ERROR:
    return OAK_APP_REJECT;
  case OAK_FINDING_WARNING:
    return OAK_APP_WARN;
  case OAK_FINDING_NOTE:
  default:
    return OAK_APP_OK;
  }
}

OakAppVerdict *
oak_app_verdict_new (OakAppContents *contents,
                     const OakAppTarget *target,
                     gboolean allow_host_streams)
{
  OakAppVerdict *self = g_atomic_rc_box_new0 (OakAppVerdict);

  self->contents = oak_app_contents_ref (contents);
  self->target = target != NULL ? *target : (OakAppTarget) OAK_APP_TARGET_INIT;
  self->allow_host_streams = allow_host_streams;
  self->findings = new_findings ();
  self->counts = g_hash_table_new (g_str_hash, g_str_equal);
  self->host_streams = g_array_new (FALSE, FALSE, sizeof (OakHostStream));
  oak_app_verdict_look_at_container (self);
  oak_app_verdict_look_at_firmware (self);
  oak_app_verdict_look_at_pipeline (self);
  oak_app_verdict_look_at_assets (self);
  oak_app_verdict_look_at_target (self);
  sort_findings (self);
  self->result = conclude (self);
  return self;
}

static void
verdict_clear (gpointer data)
{
  OakAppVerdict *self = data;

  g_clear_pointer (&self->findings, g_array_unref);
  g_clear_pointer (&self->counts, g_hash_table_unref);
  g_clear_pointer (&self->host_streams, g_array_unref);
  g_clear_pointer (&self->contents, oak_app_contents_unref);
}

OakAppVerdict *
oak_app_verdict_ref (OakAppVerdict *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
oak_app_verdict_unref (OakAppVerdict *self)
{
  g_atomic_rc_box_release_full (self, verdict_clear);
}

OakAppContents *
oak_app_verdict_get_contents (const OakAppVerdict *self)
{
  return self->contents;
}

OakAppResult
oak_app_verdict_get_result (const OakAppVerdict *self)
{
  return self->result;
}

guint
oak_app_verdict_get_n_findings (const OakAppVerdict *self)
{
  return self->findings->len;
}

const OakFinding *
oak_app_verdict_get_finding (const OakAppVerdict *self, guint index)
{
  g_return_val_if_fail (index < self->findings->len, NULL);

  return &get_entry (self, index)->finding;
}

gboolean
oak_app_verdict_get_standalone (const OakAppVerdict *self, gboolean *standalone_ok)
{
  if (oak_app_contents_get_pipeline (self->contents, NULL) == NULL)
    return FALSE;
  *standalone_ok = self->host_streams->len == 0;
  return TRUE;
}

guint
oak_app_verdict_get_n_host_streams (const OakAppVerdict *self)
{
  return self->host_streams->len;
}

const OakHostStream *
oak_app_verdict_get_host_stream (const OakAppVerdict *self, guint index)
{
  g_return_val_if_fail (index < self->host_streams->len, NULL);

  return &g_array_index (self->host_streams, OakHostStream, index);
}

static OakError
get_error_code (const char *code)
{
  if (g_str_equal (code, "host-stream"))
    return OAK_ERROR_NOT_STANDALONE;
  if (g_str_equal (code, "memory-too-small"))
    return OAK_ERROR_TOO_LARGE;
  if (g_str_equal (code, "bootloader-too-old"))
    return OAK_ERROR_UNSUPPORTED;
  return OAK_ERROR_BAD_FILE;
}

/* The first one that no flag can override; otherwise the first one. */
static const OakFindingEntry *
find_decisive (const OakAppVerdict *self)
{
  for (guint i = 0; i < self->findings->len; i++) {
    const OakFindingEntry *entry = get_entry (self, i);

    if (entry->finding.severity == OAK_FINDING_ERROR &&
        !g_str_equal (entry->finding.code, "host-stream"))
      return entry;
  }
  return get_entry (self, 0);
}

gboolean
oak_app_verdict_check (const OakAppVerdict *self, GError **error)
{
  const OakFindingEntry *decisive;
  g_autofree char *message = NULL;

  if (self->result != OAK_APP_REJECT)
    return TRUE;
  decisive = find_decisive (self);
  message = g_strdup (decisive->english);
  message[0] = g_ascii_tolower (message[0]);
  if (g_str_has_suffix (message, "."))
    message[strlen (message) - 1] = '\0';
  g_set_error_literal (error, OAK_ERROR, (int) get_error_code (decisive->finding.code), message);
  return FALSE;
}

const char *
oak_finding_severity_to_string (OakFindingSeverity severity)
{
  switch (severity) {
  case OAK_FINDING_ERROR:
    return "error";
  case OAK_FINDING_WARNING:
    return "warning";
  case OAK_FINDING_NOTE:
    return "note";
  default:
    return "unknown";
  }
}

const char *
oak_app_result_to_string (OakAppResult result)
{
  switch (result) {
  case OAK_APP_OK:
    return "ok";
  case OAK_APP_WARN:
    return "warn";
  case OAK_APP_REJECT:
    return "reject";
  default:
    return "unknown";
  }
}
