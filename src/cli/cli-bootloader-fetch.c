/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli-bootloader.h"

#include <glib/gi18n.h>

#include "oak-image-download.h"
#include "oak-image-store.h"
#include "oak-text.h"

#include "cli-file.h"
#include "cli-program.h"
#include "cli-text.h"

/* "oakflash bootloader fetch VERSION": downloads in a worker thread; what it tells waits under a
 * lock until the main thread writes it. Main thread, but for what says otherwise. */

#define SHOW_MS 200

typedef struct {
  OakReport report; /* first: what the download gets is this */
  CliProgram *program;
  OakImageStore *store; /* (owned) */
  char *partial_folder;
  GMutex lock; /* over the next four */
  guint64 bytes_done;
  guint64 bytes_total;
  GPtrArray *lines; /* (owned) of char *: not written yet */
  guint64 shown;    /* main thread: bytes in the line that stands on the terminal */
  gboolean stands;  /* main thread */
  gboolean is_new;  /* set by the worker, read when it has ended */
} Fetch;

/* any thread */
static void
on_log (OakReport *report, OakLogLevel level, const char *text)
{
  Fetch *self = (Fetch *) report;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  if (level >= OAK_LOG_LEVEL_WARNING)
    g_ptr_array_add (self->lines, cli_text_show (text));
}

/* worker thread */
static void
on_progress (guint64 bytes_done, guint64 bytes_total, gpointer user_data)
{
  Fetch *self = user_data;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);

  self->bytes_done = bytes_done;
  self->bytes_total = bytes_total;
}

static void
erase_line (Fetch *self)
{
  if (self->stands)
    cli_terminal_write (&self->program->errors, "\r\033[K");
  self->stands = FALSE;
}

/* Returns: (transfer full). */
static char *
describe (guint64 bytes_done, guint64 bytes_total)
{
  g_autofree char *done = oak_text_size (bytes_done);
  g_autofree char *total = oak_text_size (bytes_total);

  if (bytes_total == 0)
    return g_strdup_printf (_ ("Downloading: %s"), done);
  return g_strdup_printf (_ ("Downloading: %d %% (%s of %s)"),
                          (int) (MIN (bytes_done, bytes_total) * 100 / bytes_total),
                          done,
                          total);
}

/* Takes what is to be written. Returns: (transfer full): lines. */
static GPtrArray *
take_news (Fetch *self, guint64 *bytes_done, guint64 *bytes_total)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->lock);
  GPtrArray *lines = g_steal_pointer (&self->lines);

  self->lines = g_ptr_array_new_with_free_func (g_free);
  *bytes_done = self->bytes_done;
  *bytes_total = self->bytes_total;
  return lines;
}

/* The line that changes is for people who watch; what went wrong on the way is for all. */
static gboolean
on_show (gpointer user_data)
{
  Fetch *self = user_data;
  const CliTerminal *terminal = &self->program->errors;
  guint64 bytes_done = 0;
  guint64 bytes_total = 0;
  g_autoptr (GPtrArray) lines = take_news (self, &bytes_done, &bytes_total);

  if (lines->len > 0)
    erase_line (self);
  for (guint i = 0; i < lines->len; i++)
    cli_terminal_print (terminal, "%s\n", (char *) g_ptr_array_index (lines, i));
  if (terminal->interactive && bytes_done > 0 && (!self->stands || bytes_done != self->shown)) {
    g_autofree char *words = describe (bytes_done, bytes_total);
    g_autofree char *line =
        cli_text_fit (words, cli_terminal_get_width (terminal) - 1, terminal->unicode);

    erase_line (self);
    cli_terminal_write (terminal, line);
    self->stands = TRUE;
    self->shown = bytes_done;
  }
  return G_SOURCE_CONTINUE;
}

/* worker thread */
static void
fetch_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Fetch *self = task_data;
  const CliOptions *options = &self->program->options;
  const OakImageDownload download = { .server = options->server,
                                      .timeouts = &self->program->timeouts,
                                      .partial_folder = self->partial_folder,
                                      .report = &self->report,
                                      .progress = on_progress,
                                      .user_data = self };
  GError *error = NULL;
  GPtrArray *images = oak_image_fetch (self->store,
                                       &download,
                                       options->file_path,
                                       options->force,
                                       &self->is_new,
                                       cancellable,
                                       &error);

  if (images != NULL)
    g_task_return_pointer (task, images, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

static void
fetch_clear (Fetch *self)
{
  oak_image_store_free (self->store);
  g_ptr_array_unref (self->lines);
  g_mutex_clear (&self->lock);
  g_free (self->partial_folder);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fetch, fetch_clear)

int
cli_bootloader_fetch (CliProgram *program)
{
  g_auto (Fetch) self = {
    .report = { .log = on_log },
    .program = program,
    .store = oak_image_store_new (NULL),
    .partial_folder = g_build_filename (g_get_user_cache_dir (), "oak-flasher", "downloads", NULL),
    .lines = g_ptr_array_new_with_free_func (g_free),
  };
  g_autoptr (GPtrArray) images = NULL;
  g_autoptr (GError) error = NULL;
  guint timer = 0;

  g_mutex_init (&self.lock);
  timer = g_timeout_add (SHOW_MS, on_show, &self);
  images = cli_file_run (program, fetch_thread, &self, &error);
  g_source_remove (timer);
  on_show (&self);
  erase_line (&self);
  if (images == NULL)
    return cli_bootloader_fail (program, error);
  return cli_bootloader_report (program,
                                images,
                                self.is_new ? _ ("In the store now:")
                                            : _ ("In the store already:"));
}
