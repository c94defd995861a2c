/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "job-support.h"

#include <glib/gstdio.h>
#include <string.h>

#include "network-guard.h"
#include "oak-config.h"
#include "oak-device-info.h"
#include "test-daps.h"
#include "test-support.h"

#define MAX_OPTIONS 12
#define IMAGE_ROOM  (1024 * 1024 - 0x4000) /* more than a made-up factory bootloader takes */

static void
fill_pattern (GByteArray *memory, gsize start, gsize end)
{
  for (gsize i = start; i < end; i++)
    memory->data[i] = (guint8) (i * 31 + (i >> 8) * 7 + (i >> 16));
}

static GByteArray *
new_memory (gsize mebibytes)
{
  GByteArray *memory = g_byte_array_new ();

  g_byte_array_set_size (memory, (guint) (mebibytes * OAK_MIB));
  return memory;
}

static void
read_memory (const char *path, GByteArray *memory)
{
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  gsize size = 0;

  g_file_get_contents (path, &content, &size, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (size, ==, memory->len);
  memcpy (memory->data, content, size);
}

static void
write_memory (const char *path, const GByteArray *memory)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, (const char *) memory->data, (gssize) memory->len, &error);
  g_assert_no_error (error);
}

/* What the simulator's factory put there, and a pattern everywhere else. */
static void
make_content (Camera *self, OakBootloaderType type, const char *version, gsize nor_mib)
{
  g_autofree char *type_option =
      g_strdup_printf ("--type=%s", oak_bootloader_type_to_string (type));
  g_autofree char *version_option =
      g_strdup_printf ("--version=%s", version != NULL ? version : "0.0.28");
  g_autofree char *size_option = g_strdup_printf ("--flash-size=%" G_GSIZE_FORMAT, nor_mib);
  g_autofree char *file_option = g_strdup_printf ("--flash-file=%s", self->nor_path);
  gboolean network = type == OAK_BOOTLOADER_TYPE_NETWORK;
  SimProcess *factory = sim_process_start (type_option,
                                           version_option,
                                           size_option,
                                           file_option,
                                           "--address=" CAMERA_ADDRESS,
                                           NULL);

  sim_process_stop (factory);
  self->nor = new_memory (nor_mib);
  read_memory (self->nor_path, self->nor);
  if (network)
    fill_pattern (self->nor, IMAGE_ROOM, NETWORK_CONFIG_OFFSET);
  fill_pattern (self->nor,
                network ? NETWORK_APPLICATION_OFFSET : USB_APPLICATION_OFFSET,
                self->nor->len);
}

void
camera_init (Camera *self,
             OakBootloaderType type,
             const char *version,
             gsize nor_mib,
             gsize emmc_mib,
             gsize erase_kib,
             gboolean preserve)
{
  *self = (Camera){ .erase_size = erase_kib * OAK_KIB, .preserve = preserve };
  self->folder = g_dir_make_tmp ("oak-job-XXXXXX", NULL);
  g_assert_nonnull (self->folder);
  self->nor_path = g_build_filename (self->folder, "nor", NULL);
  self->emmc_path = g_build_filename (self->folder, "emmc", NULL);
  make_content (self, type, version, nor_mib);
  if (emmc_mib > 0) {
    self->emmc = new_memory (emmc_mib);
    fill_pattern (self->emmc, 0, self->emmc->len);
  }
}

const char *
camera_find_version (const char *const *options)
{
  for (guint i = 0; options != NULL && options[i] != NULL; i++)
    if (g_str_has_prefix (options[i], "--version="))
      return options[i] + strlen ("--version=");
  return NULL;
}

static SimProcess *
start_with (char **options)
{
  g_assert_cmpuint (g_strv_length (options), <=, MAX_OPTIONS);
  /* Those behind the end are NULL and end the list. */
  return sim_process_start (options[0],
                            options[1],
                            options[2],
                            options[3],
                            options[4],
                            options[5],
                            options[6],
                            options[7],
                            options[8],
                            options[9],
                            options[10],
                            options[11],
                            NULL);
}

void
camera_start (Camera *self, const char *const *options)
{
  char *all[MAX_OPTIONS + 1] = { NULL };
  guint n = 0;

  write_memory (self->nor_path, self->nor);
  all[n++] = g_strdup_printf ("--flash-file=%s", self->nor_path);
  all[n++] = g_strdup_printf ("--flash-size=%u", self->nor->len / (guint) OAK_MIB);
  all[n++] = g_strdup_printf ("--erase-kib=%" G_GSIZE_FORMAT, self->erase_size / OAK_KIB);
  all[n++] = g_strdup ("--address=" CAMERA_ADDRESS);
  all[n++] = g_strdup ("--mxid=" CAMERA_MXID);
  if (!self->preserve)
    all[n++] = g_strdup ("--no-preserve");
  if (self->emmc != NULL) {
    write_memory (self->emmc_path, self->emmc);
    all[n++] = g_strdup_printf ("--emmc-file=%s", self->emmc_path);
    all[n++] = g_strdup_printf ("--emmc=%u", self->emmc->len / (guint) OAK_MIB);
  }
  for (guint i = 0; options != NULL && options[i] != NULL; i++) {
    g_assert_cmpuint (n, <, MAX_OPTIONS);
    all[n++] = g_strdup (options[i]);
  }
  self->sim = start_with (all);
  for (guint i = 0; i < n; i++)
    g_free (all[i]);
}

void
camera_stop (Camera *self)
{
  g_clear_pointer (&self->sim, sim_process_stop);
}

void
camera_clear (Camera *self)
{
  camera_stop (self);
  g_unlink (self->nor_path);
  g_unlink (self->emmc_path);
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_clear_pointer (&self->nor, g_byte_array_unref);
  g_clear_pointer (&self->emmc, g_byte_array_unref);
  g_free (self->folder);
  g_free (self->nor_path);
  g_free (self->emmc_path);
}

void
camera_expect_write (Camera *self, OakMemory memory, gsize offset, const void *data, gsize size)
{
  GByteArray *model = memory == OAK_MEMORY_EMMC ? self->emmc : self->nor;
  gsize erase = self->erase_size;
  gsize start = offset - offset % erase;
  gsize end = MIN ((offset + size + erase - 1) / erase * erase, model->len);

  g_assert_cmpuint (offset + size, <=, model->len);
  if (memory == OAK_MEMORY_FLASH && !self->preserve)
    memset (model->data + start, 0xff, end - start);
  memcpy (model->data + offset, data, size);
}

void
camera_expect_fill (Camera *self, OakMemory memory, gsize offset, guint8 byte, gsize size)
{
  g_autofree guint8 *data = g_malloc (size);

  memset (data, byte, size);
  camera_expect_write (self, memory, offset, data, size);
}

void
camera_expect_config (Camera *self, gsize offset, const char *json)
{
  g_autoptr (OakConfig) config = oak_config_new_from_text (json, NULL);
  g_autoptr (GBytes) document = oak_config_to_bson (config, NULL);
  guint8 section[CONFIG_SIZE];

  memset (section, 0xff, sizeof section);
  memcpy (section, g_bytes_get_data (document, NULL), g_bytes_get_size (document));
  camera_expect_write (self, OAK_MEMORY_FLASH, offset, section, sizeof section);
}

void
camera_put (Camera *self, OakMemory memory, gsize offset, const void *data, gsize size)
{
  GByteArray *model = memory == OAK_MEMORY_EMMC ? self->emmc : self->nor;

  g_assert_null (self->sim);
  g_assert_cmpuint (offset + size, <=, model->len);
  memcpy (model->data + offset, data, size);
}

static void
assert_memory (const char *path, const GByteArray *model)
{
  g_autoptr (GByteArray) memory = g_byte_array_new ();

  g_byte_array_set_size (memory, model->len);
  read_memory (path, memory);
  for (guint i = 0; i < model->len; i++)
    if (memory->data[i] != model->data[i])
      g_error ("byte 0x%x is 0x%02x instead of 0x%02x", i, memory->data[i], model->data[i]);
}

void
camera_assert_content (Camera *self)
{
  g_assert_null (self->sim);
  assert_memory (self->nor_path, self->nor);
  if (self->emmc != NULL)
    assert_memory (self->emmc_path, self->emmc);
}

void
run_default_timeouts (OakTimeouts *timeouts)
{
  oak_timeouts_init (timeouts);
  timeouts->reboot_ms = 6000;
  timeouts->start_margin_ms = 4000;
  oak_timeouts_scale (timeouts, test_slowdown ());
}

static void
follow_fraction (OakFlashJob *job, GParamSpec *pspec, gpointer user_data)
{
  Run *self = user_data;
  double fraction = oak_flash_job_get_progress (job).fraction;

  g_assert_cmpfloat (fraction, >=, self->fraction);
  g_assert_cmpfloat (fraction, <=, 1.0);
  self->fraction = fraction;
}

static void
follow_stage (OakFlashJob *job, GParamSpec *pspec, gpointer user_data)
{
  Run *self = user_data;

  self->stage = (int) oak_flash_job_get_progress (job).stage;
  self->n_stages++;
}

static void
cancel_when_wanted (OakFlashJob *job, GParamSpec *pspec, gpointer user_data)
{
  Run *self = user_data;
  int index = oak_flash_job_get_step (job);
  OakProgress progress = oak_flash_job_get_progress (job);
  OakFlashPlan *plan = oak_flash_job_get_plan (job);

  if (self->cancel_at_step >= 0 && index >= 0 &&
      (int) oak_flash_plan_get_step (plan, (guint) index)->kind == self->cancel_at_step &&
      progress.bytes_done >= self->cancel_at_bytes)
    oak_flash_job_cancel (job);
  if (self->cancel_at_stage >= 0 && (int) progress.stage == self->cancel_at_stage)
    oak_flash_job_cancel (job);
}

void
run_init (Run *self, const OakFlashWish *wish, const OakTimeouts *timeouts)
{
  g_autoptr (OakDeviceInfo) info =
      oak_device_info_new_network (CAMERA_MXID, CAMERA_ADDRESS, OAK_DEVICE_STATE_UNKNOWN);
  OakTimeouts used;

  run_default_timeouts (&used);
  if (timeouts != NULL)
    used = *timeouts;
  *self = (Run){ .cancel_at_step = -1, .cancel_at_stage = -1 };
  self->job = oak_flash_job_new (info, wish, OAK_NETWORK_SCOPE_LOOPBACK, &used);
  g_signal_connect (self->job, "notify::fraction", G_CALLBACK (follow_fraction), self);
  g_signal_connect (self->job, "notify::stage", G_CALLBACK (follow_stage), self);
  g_signal_connect (self->job, "notify", G_CALLBACK (cancel_when_wanted), self);
}

void
run_clear (Run *self)
{
  g_signal_handlers_disconnect_by_data (self->job, self);
  g_clear_object (&self->job);
  g_clear_pointer (&self->result, oak_flash_result_free);
  g_clear_error (&self->error);
}

static gboolean
is_done (gpointer user_data)
{
  return ((Run *) user_data)->done;
}

static void
prepared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Run *self = user_data;

  self->plan = oak_flash_job_prepare_finish (self->job, result, &self->error);
  g_assert_true ((self->plan == NULL) == (self->error != NULL));
  self->done = TRUE;
}

void
run_prepare (Run *self)
{
  self->done = FALSE;
  oak_flash_job_prepare_async (self->job, prepared, self);
  wait_until (is_done, self, "the end of preparing");
}

static void
ran (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Run *self = user_data;

  self->result = oak_flash_job_run_finish (self->job, result, &self->error);
  g_assert_true ((self->result == NULL) == (self->error != NULL));
  g_assert_cmpint (oak_flash_job_get_state (self->job), >=, OAK_JOB_STATE_CLOSING);
  self->done = TRUE;
}

void
run_run (Run *self)
{
  self->done = FALSE;
  oak_flash_job_run_async (self->job, ran, self);
  wait_until (is_done, self, "the end of the job");
}

void
run_both (Run *self)
{
  run_prepare (self);
  g_assert_no_error (self->error);
  g_assert_cmpint (oak_flash_job_get_state (self->job), ==, OAK_JOB_STATE_READY);
  run_run (self);
}

static void
abandoned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Run *self = user_data;

  g_assert_true (oak_flash_job_abandon_finish (self->job, result, NULL));
  g_assert_cmpint (oak_flash_job_get_state (self->job), ==, OAK_JOB_STATE_FINISHED);
  self->done = TRUE;
}

void
run_abandon (Run *self)
{
  self->done = FALSE;
  oak_flash_job_abandon_async (self->job, abandoned, self);
  wait_until (is_done, self, "the end of abandoning");
}

void
run_assert_error (Run *self, GQuark domain, int code, const char *words)
{
  g_assert_null (self->result);
  g_assert_error (self->error, domain, code);
  g_test_message ("%s", self->error->message);
  if (words != NULL && strstr (self->error->message, words) == NULL)
    g_error ("“%s” is not in “%s”", words, self->error->message);
}

gboolean
run_log_has (Run *self, const char *words)
{
  g_autofree char *text = oak_log_to_text (oak_flash_job_get_log (self->job));

  return strstr (text, words) != NULL;
}

static gboolean
keep_awake (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

void
wait_until (Condition condition, gpointer user_data, const char *what)
{
  gint64 deadline_us = test_deadline (60000);
  guint timer = g_timeout_add (20, keep_awake, NULL);

  while (!condition (user_data)) {
    if (g_get_monotonic_time () > deadline_us)
      g_error ("waited in vain for %s", what);
    g_main_context_iteration (NULL, TRUE);
  }
  g_source_remove (timer);
}

static gboolean
has_passed (gpointer user_data)
{
  return g_get_monotonic_time () > *(gint64 *) user_data;
}

void
wait_ms (guint milliseconds)
{
  gint64 end_us = g_get_monotonic_time () + (gint64) milliseconds * 1000;

  wait_until (has_passed, &end_us, "time");
}

OakAppPackage *
load_package (const char *file)
{
  g_autoptr (GBytes) bytes = test_daps_load (file);
  g_autoptr (GError) error = NULL;
  OakAppPackage *package = oak_app_package_new_from_bytes (bytes, file, &error);

  g_assert_no_error (error);
  return package;
}

void
wish_package (OakFlashWish *wish, const char *file)
{
  oak_flash_wish_init (wish, OAK_OPERATION_FLASH_APPLICATION);
  wish->package = load_package (file);
}

GBytes *
make_image (const char *type, const char *version, gsize size)
{
  g_autofree char *folder = g_dir_make_tmp ("oak-image-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "image", NULL);
  g_autofree char *type_option = g_strdup_printf ("--type=%s", type);
  g_autofree char *version_option = g_strdup_printf ("--version=%s", version);
  g_autofree char *size_option = g_strdup_printf ("--image-size=%" G_GSIZE_FORMAT, size);
  const char *arguments[] = { g_getenv ("OAK_SIM"), "--make-image", path, type_option,
                              version_option,       size_option,    NULL };
  g_autoptr (GError) error = NULL;
  char *content = NULL;
  gsize content_size = 0;
  int status = -1;

  g_spawn_sync (NULL,
                (char **) arguments,
                NULL,
                G_SPAWN_DEFAULT,
                NULL,
                NULL,
                NULL,
                NULL,
                &status,
                &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  g_file_get_contents (path, &content, &content_size, &error);
  g_assert_no_error (error);
  g_unlink (path);
  g_rmdir (folder);
  return g_bytes_new_take (content, content_size);
}

/* The locks of this program are its own. */
void
job_test_init (int *argc, char ***argv)
{
  g_autofree char *folder = g_dir_make_tmp ("oak-runtime-XXXXXX", NULL);

  g_setenv ("XDG_RUNTIME_DIR", folder, TRUE);
  network_guard_check ();
  g_test_init (argc, argv, NULL);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *inner = g_build_filename (path, name, NULL);

    remove_tree (inner);
  }
  g_remove (path);
}

int
job_test_run (void)
{
  int result = g_test_run ();

  remove_tree (g_getenv ("XDG_RUNTIME_DIR"));
  return result;
}
