/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-demo.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "flasher-paths.h"
#include "oak-error.h"

/* Main thread; the simulator is another process, spoken to over the loopback like any camera. */

#define FLASHER_SAMPLE_NAME "script-spi.dap"

struct _FlasherDemo {
  GObject parent_instance;

  GSubprocess *simulator;    /* (owned) (nullable) */
  GDataInputStream *output;  /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) */
  GFile *sample;             /* (owned) (nullable) */
  GFile *image;              /* (owned) (nullable) */
  char *directory;           /* (nullable): for the image; removed at the end */
};

enum { SIGNAL_READY, SIGNAL_FAILED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FlasherDemo, flasher_demo, G_TYPE_OBJECT)

/* Cameras of every kind a person meets, slow enough that progress can be seen. */
static const char *const cameras[] = {
  "address=127.0.0.2,mxid=184430102175CB0F00,version=0.0.28",
  ("address=127.0.0.3,mxid=14442C10D12A77C000,version=0.0.26,user-bootloader=0.0.28,"
   "state=flash-booted"),
  "address=127.0.0.4,mxid=194430102191C4A300,version=0.0.28,emmc=64",
  "address=127.0.0.5,mxid=14442C10819E21D400,version=0.0.17",
  "address=127.0.0.6,mxid=18443010C13F80B600,version=0.0.24,type=usb",
};

/* Returns: (transfer full): the folder this program was started from. */
static char *
flasher_demo_get_folder (void)
{
  g_autofree char *here = g_file_read_link ("/proc/self/exe", NULL);

  return here != NULL ? g_path_get_dirname (here) : g_strdup (FLASHER_BIN_DIR);
}

static char *
flasher_demo_find_program (void)
{
  const char *wanted = g_getenv ("OAK_SIM");
  g_autofree char *folder = flasher_demo_get_folder ();
  g_auto (GStrv) candidates = g_new0 (char *, 5);

  if (wanted != NULL)
    return g_strdup (wanted);
  candidates[0] = g_build_filename (folder, "..", "sim", "oak-sim", NULL);
  candidates[1] = g_build_filename (folder, "oak-sim", NULL);
  candidates[2] = g_build_filename (FLASHER_LIBEXEC_DIR, "oak-sim", NULL);
  candidates[3] = g_build_filename (FLASHER_BIN_DIR, "oak-sim", NULL);
  for (guint i = 0; candidates[i] != NULL; i++)
    if (g_file_test (candidates[i], G_FILE_TEST_IS_EXECUTABLE))
      return g_strdup (candidates[i]);
  return g_find_program_in_path ("oak-sim");
}

static GFile *
flasher_demo_find_sample (void)
{
  g_autofree char *folder = flasher_demo_get_folder ();
  g_autofree char *built = g_build_filename (folder, FLASHER_SAMPLE_NAME, NULL);
  g_autofree char *installed =
      g_build_filename (FLASHER_DATA_DIR, "demo", FLASHER_SAMPLE_NAME, NULL);

  if (g_file_test (built, G_FILE_TEST_IS_REGULAR))
    return g_file_new_for_path (built);
  if (g_file_test (installed, G_FILE_TEST_IS_REGULAR))
    return g_file_new_for_path (installed);
  return NULL;
}

static void
flasher_demo_fail (FlasherDemo *self, const char *text)
{
  g_signal_emit (self, signals[SIGNAL_FAILED], 0, text);
}

static void
line_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FlasherDemo) self = FLASHER_DEMO (user_data);
  g_autoptr (GError) error = NULL;
  g_autofree char *line =
      g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (line != NULL && g_str_has_prefix (line, "ready"))
    g_signal_emit (self, signals[SIGNAL_READY], 0);
  if (line != NULL)
    g_data_input_stream_read_line_async (G_DATA_INPUT_STREAM (source),
                                         G_PRIORITY_DEFAULT,
                                         self->cancellable,
                                         line_cb,
                                         g_object_ref (self));
}

static void
wait_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FlasherDemo) self = FLASHER_DEMO (user_data);
  g_autoptr (GError) error = NULL;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, &error);
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    flasher_demo_fail (self,
                       _ ("The camera simulator has ended. Is another demo already running?"));
}

static void
flasher_demo_make_image (FlasherDemo *self, const char *program)
{
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *path = NULL;

  self->directory = g_dir_make_tmp ("oak-flasher-XXXXXX", NULL);
  if (self->directory == NULL)
    return;
  path = g_build_filename (self->directory, "demo-bootloader.bin", NULL);
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE,
                              NULL,
                              program,
                              "--make-image",
                              path,
                              "--type",
                              "network",
                              "--version",
                              "0.0.29",
                              NULL);
  if (process != NULL)
    self->image = g_file_new_for_path (path);
}

static GPtrArray *
flasher_demo_make_arguments (const char *program)
{
  GPtrArray *arguments = g_ptr_array_new_with_free_func (g_free);
  const char *const common[] = { "--exit-with-parent", "--write-kbps", "400", "--reboot-ms", "700",
                                 "--boot-wait-ms",     "3000" };

  g_ptr_array_add (arguments, g_strdup (program));
  for (guint i = 0; i < G_N_ELEMENTS (common); i++)
    g_ptr_array_add (arguments, g_strdup (common[i]));
  for (guint i = 0; i < G_N_ELEMENTS (cameras); i++) {
    g_ptr_array_add (arguments, g_strdup ("--camera"));
    g_ptr_array_add (arguments, g_strdup (cameras[i]));
  }
  g_ptr_array_add (arguments, NULL);
  return arguments;
}

static void
flasher_demo_dispose (GObject *object)
{
  FlasherDemo *self = FLASHER_DEMO (object);

  g_cancellable_cancel (self->cancellable);
  if (self->simulator != NULL)
    g_subprocess_send_signal (self->simulator, SIGTERM);
  g_clear_object (&self->simulator);
  g_clear_object (&self->output);
  G_OBJECT_CLASS (flasher_demo_parent_class)->dispose (object);
}

static void
flasher_demo_finalize (GObject *object)
{
  FlasherDemo *self = FLASHER_DEMO (object);

  if (self->image != NULL)
    g_unlink (g_file_peek_path (self->image));
  if (self->directory != NULL)
    g_rmdir (self->directory);
  g_free (self->directory);
  g_clear_object (&self->image);
  g_clear_object (&self->sample);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (flasher_demo_parent_class)->finalize (object);
}

static void
flasher_demo_class_init (FlasherDemoClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = flasher_demo_dispose;
  G_OBJECT_CLASS (klass)->finalize = flasher_demo_finalize;
  signals[SIGNAL_READY] = g_signal_new ("ready",
                                        FLASHER_TYPE_DEMO,
                                        G_SIGNAL_RUN_LAST,
                                        0,
                                        NULL,
                                        NULL,
                                        NULL,
                                        G_TYPE_NONE,
                                        0);
  signals[SIGNAL_FAILED] = g_signal_new ("failed",
                                         FLASHER_TYPE_DEMO,
                                         G_SIGNAL_RUN_LAST,
                                         0,
                                         NULL,
                                         NULL,
                                         NULL,
                                         G_TYPE_NONE,
                                         1,
                                         G_TYPE_STRING);
}

static void
flasher_demo_init (FlasherDemo *self)
{
  self->cancellable = g_cancellable_new ();
}

FlasherDemo *
flasher_demo_new (void)
{
  return g_object_new (FLASHER_TYPE_DEMO, NULL);
}

gboolean
flasher_demo_start (FlasherDemo *self, GError **error)
{
  g_autofree char *program = NULL;
  g_autoptr (GPtrArray) arguments = NULL;

  g_return_val_if_fail (FLASHER_IS_DEMO (self), FALSE);
  g_return_val_if_fail (self->simulator == NULL, FALSE);

  self->sample = flasher_demo_find_sample ();
  program = flasher_demo_find_program ();
  if (program == NULL) {
    g_set_error_literal (error,
                         OAK_ERROR,
                         OAK_ERROR_NOT_FOUND,
                         "the simulator oak-sim is not installed");
    return FALSE;
  }
  arguments = flasher_demo_make_arguments (program);
  /* The open pipe to its standard input is what tells the simulator that this program lives. */
  self->simulator =
      g_subprocess_newv ((const char *const *) arguments->pdata,
                         G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                         error);
  if (self->simulator == NULL)
    return FALSE;
  flasher_demo_make_image (self, program);
  self->output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->simulator));
  g_data_input_stream_read_line_async (self->output,
                                       G_PRIORITY_DEFAULT,
                                       self->cancellable,
                                       line_cb,
                                       g_object_ref (self));
  g_subprocess_wait_async (self->simulator, self->cancellable, wait_cb, g_object_ref (self));
  return TRUE;
}

GFile *
flasher_demo_get_sample (FlasherDemo *self)
{
  g_return_val_if_fail (FLASHER_IS_DEMO (self), NULL);

  return self->sample;
}

GFile *
flasher_demo_get_image (FlasherDemo *self)
{
  g_return_val_if_fail (FLASHER_IS_DEMO (self), NULL);

  return self->image;
}
