/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-device-view.h"

#include <glib/gi18n.h>

#include "flasher-confirm-dialog.h"
#include "flasher-device-page.h"
#include "flasher-image.h"
#include "flasher-progress-page.h"
#include "flasher-result-page.h"
#include "flasher-text.h"
#include "flasher-widgets.h"
#include "oak-app-contents.h"
#include "oak-app-package.h"
#include "oak-device-facts.h"
#include "oak-device-info.h"
#include "oak-device.h"
#include "oak-error.h"
#include "oak-flash-job.h"
#include "oak-flash-plan.h"
#include "oak-flash-wish.h"

/* Main thread. The job's work is done in its own worker. */

struct _FlasherDeviceView {
  GtkWidget parent_instance;

  GtkStack *stack;
  FlasherDevicePage *page;
  FlasherProgressPage *progress_page;
  FlasherResultPage *result_page;

  OakDevice *device;            /* (owned) */
  FlasherBundle *bundle;        /* (owned) */
  OakLog *log;                  /* (owned) */
  GFile *image_file;            /* (owned) (nullable) */
  OakFlashWish wish;            /* the last one, for another try */
  OakFlashJob *job;             /* (owned) (nullable): confirmed and running */
  FlasherConfirmDialog *dialog; /* (weak) (nullable): destroys itself */
  GCancellable *cancellable;    /* (owned): ends reading of files with the view */
  OakNetworkScope scope;
  gboolean busy;
  gboolean writing;
};

enum { PROP_BUSY = 1, PROP_WRITING, N_PROPS };
enum { SIGNAL_FINISHED, SIGNAL_FLASH_ANOTHER, SIGNAL_SAVE_LOG, N_SIGNALS };

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FlasherDeviceView, flasher_device_view, GTK_TYPE_WIDGET)

static GtkWindow *
flasher_device_view_get_window (FlasherDeviceView *self)
{
  return GTK_WINDOW (gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_WINDOW));
}

static char *
flasher_device_view_dup_name (FlasherDeviceView *self)
{
  return flasher_camera_name (oak_device_get_short_id (self->device),
                              oak_device_get_address (self->device));
}

static void
flasher_device_view_set_busy (FlasherDeviceView *self, gboolean busy)
{
  if (self->busy == busy)
    return;
  self->busy = busy;
  flasher_device_page_set_busy (self->page, busy);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

static void
flasher_device_view_set_writing (FlasherDeviceView *self, gboolean writing)
{
  if (self->writing == writing)
    return;
  self->writing = writing;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WRITING]);
}

/* From the first write to the last read-back. */
static void
job_stage_cb (FlasherDeviceView *self)
{
  OakProgress progress;

  if (self->job == NULL)
    return;
  progress = oak_flash_job_get_progress (self->job);
  flasher_device_view_set_writing (self,
                                   oak_flash_job_get_state (self->job) == OAK_JOB_STATE_RUNNING &&
                                       flasher_stage_is_fragile (progress.stage));
}

/* The window's log gathers the lines of all jobs, each with the camera it is about. */
static void
job_log_cb (GListModel *lines, guint position, guint removed, guint added, FlasherDeviceView *self)
{
  const char *id = oak_device_get_short_id (self->device);

  for (guint i = 0; i < added; i++) {
    g_autoptr (OakLogEntry) entry = g_list_model_get_item (lines, position + i);
    g_autofree char *text = NULL;

    text = g_strdup_printf ("%s: %s",
                            id != NULL ? id : oak_device_get_address (self->device),
                            oak_log_entry_get_text (entry));
    oak_log_append (self->log, oak_log_entry_get_level (entry), text);
  }
}

static void
job_created_cb (FlasherDeviceView *self, OakFlashJob *job)
{
  g_signal_connect_object (oak_flash_job_get_log (job),
                           "items-changed",
                           G_CALLBACK (job_log_cb),
                           self,
                           0);
}

static void
flasher_device_view_take_facts (FlasherDeviceView *self, OakFlashJob *job)
{
  OakDeviceFacts *facts = job != NULL ? oak_flash_job_get_facts (job) : NULL;

  if (facts != NULL)
    flasher_device_page_set_facts (self->page, facts);
}

static void
flasher_device_view_finish (FlasherDeviceView *self)
{
  const char *title = flasher_result_page_get_title (self->result_page);

  flasher_progress_page_set_job (self->progress_page, NULL, NULL);
  g_clear_object (&self->job);
  flasher_device_view_set_writing (self, FALSE);
  flasher_device_view_set_busy (self, FALSE);
  flasher_stack_show (self->stack, GTK_WIDGET (self->result_page));
  g_signal_emit (self, signals[SIGNAL_FINISHED], 0, title);
}

static void
run_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FlasherDeviceView) self = flasher_weak_take (user_data);
  OakFlashJob *job = OAK_FLASH_JOB (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (OakFlashResult) outcome = oak_flash_job_run_finish (job, result, &error);
  g_autofree char *name = NULL;

  if (self == NULL || self->job != job)
    return;
  name = flasher_device_view_dup_name (self);
  if (outcome != NULL)
    flasher_result_page_show_result (self->result_page, self->wish.operation, outcome, name);
  else
    flasher_result_page_show_error (self->result_page,
                                    self->wish.operation,
                                    error,
                                    oak_flash_job_get_remains (job),
                                    oak_flash_job_has_written (job),
                                    name);
  flasher_device_view_finish (self);
}

static void
confirmed_cb (FlasherDeviceView *self, FlasherConfirmDialog *dialog)
{
  g_autofree char *name = flasher_device_view_dup_name (self);

  g_clear_weak_pointer (&self->dialog);
  g_set_object (&self->job, flasher_confirm_dialog_get_job (dialog));
  flasher_progress_page_set_job (self->progress_page, self->job, name);
  flasher_stack_show (self->stack, GTK_WIDGET (self->progress_page));
  g_signal_connect_object (self->job,
                           "notify::stage",
                           G_CALLBACK (job_stage_cb),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->job,
                           "notify::state",
                           G_CALLBACK (job_stage_cb),
                           self,
                           G_CONNECT_SWAPPED);
  /* What was read before is about to be changed. */
  flasher_device_page_set_facts (self->page, NULL);
  oak_flash_job_run_async (self->job, run_cb, flasher_weak_new (self));
}

static void
prepared_cb (FlasherDeviceView *self, FlasherConfirmDialog *dialog)
{
  flasher_device_view_take_facts (self, flasher_confirm_dialog_get_job (dialog));
}

static void
failed_cb (FlasherDeviceView *self, const GError *error, FlasherConfirmDialog *dialog)
{
  OakFlashJob *job = flasher_confirm_dialog_get_job (dialog);
  g_autofree char *name = flasher_device_view_dup_name (self);

  g_clear_weak_pointer (&self->dialog);
  flasher_device_view_take_facts (self, job);
  flasher_result_page_show_error (self->result_page,
                                  self->wish.operation,
                                  error,
                                  oak_flash_job_get_remains (job),
                                  oak_flash_job_has_written (job),
                                  name);
  flasher_device_view_finish (self);
}

static void
dismissed_cb (FlasherDeviceView *self)
{
  g_clear_weak_pointer (&self->dialog);
  flasher_device_view_set_busy (self, FALSE);
}

/* self->wish is complete. */
static void
flasher_device_view_confirm (FlasherDeviceView *self)
{
  g_autofree char *name = flasher_device_view_dup_name (self);
  gboolean running = oak_device_get_state (self->device) == OAK_DEVICE_STATE_FLASH_BOOTED;
  FlasherConfirmDialog *dialog = NULL;

  flasher_device_view_set_busy (self, TRUE);
  dialog = flasher_confirm_dialog_new (flasher_device_view_get_window (self),
                                       name,
                                       oak_device_get_short_id (self->device),
                                       oak_device_get_info (self->device),
                                       &self->wish,
                                       self->scope);
  g_set_weak_pointer (&self->dialog, dialog);
  g_signal_connect_object (dialog,
                           "job-created",
                           G_CALLBACK (job_created_cb),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (dialog, "prepared", G_CALLBACK (prepared_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (dialog, "confirmed", G_CALLBACK (confirmed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (dialog, "failed", G_CALLBACK (failed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (dialog, "dismissed", G_CALLBACK (dismissed_cb), self, G_CONNECT_SWAPPED);
  flasher_confirm_dialog_begin (dialog, running);
}

static void
image_loaded_cb (gpointer object, GBytes *bytes, const char *name, const char *text)
{
  FlasherDeviceView *self = FLASHER_DEVICE_VIEW (object);

  flasher_device_view_set_busy (self, FALSE);
  if (bytes == NULL) {
    flasher_tell (flasher_device_view_get_window (self), _ ("This File Cannot Be Used"), text);
    return;
  }
  oak_flash_wish_clear (&self->wish);
  oak_flash_wish_init (&self->wish, OAK_OPERATION_FACTORY_RESET);
  self->wish.bootloader_image = g_bytes_ref (bytes);
  self->wish.bootloader_name = g_strdup (name);
  flasher_device_view_confirm (self);
}

static void
image_chosen_cb (gpointer object, GFile *file)
{
  FlasherDeviceView *self = FLASHER_DEVICE_VIEW (object);

  g_set_object (&self->image_file, file);
  flasher_device_view_set_busy (self, TRUE);
  flasher_image_load (file, self->cancellable, image_loaded_cb, self);
}

void
flasher_device_view_start (FlasherDeviceView *self, int operation)
{
  g_return_if_fail (FLASHER_IS_DEVICE_VIEW (self));

  if (self->busy)
    return;
  if (operation == OAK_OPERATION_FACTORY_RESET) {
    flasher_open_file (flasher_device_view_get_window (self),
                       _ ("Open Bootloader Image"),
                       self->image_file,
                       FALSE,
                       image_chosen_cb,
                       self);
    return;
  }
  oak_flash_wish_clear (&self->wish);
  oak_flash_wish_init (&self->wish, operation);
  if (operation == OAK_OPERATION_FLASH_APPLICATION) {
    if (flasher_bundle_get_package (self->bundle) == NULL)
      return;
    self->wish.package = oak_app_package_ref (flasher_bundle_get_package (self->bundle));
    self->wish.contents = oak_app_contents_ref (flasher_bundle_get_contents (self->bundle));
    self->wish.allow_host_streams = flasher_bundle_get_allow_host_streams (self->bundle);
  }
  flasher_device_view_confirm (self);
}

static void
operation_cb (FlasherDeviceView *self, int operation)
{
  flasher_device_view_start (self, operation);
}

static void
try_again_cb (FlasherDeviceView *self)
{
  if (self->busy)
    return;
  flasher_device_view_show_page (self);
  flasher_device_view_confirm (self);
}

static void
flash_another_cb (FlasherDeviceView *self)
{
  flasher_device_view_show_page (self);
  g_signal_emit (self, signals[SIGNAL_FLASH_ANOTHER], 0);
}

static void
save_log_cb (FlasherDeviceView *self)
{
  g_signal_emit (self, signals[SIGNAL_SAVE_LOG], 0);
}

static void
flasher_device_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FlasherDeviceView *self = FLASHER_DEVICE_VIEW (object);

  switch (id) {
  case PROP_BUSY:
    g_value_set_boolean (value, self->busy);
    break;
  case PROP_WRITING:
    g_value_set_boolean (value, self->writing);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
flasher_device_view_dispose (GObject *object)
{
  FlasherDeviceView *self = FLASHER_DEVICE_VIEW (object);

  g_cancellable_cancel (self->cancellable);
  if (self->job != NULL)
    oak_flash_job_cancel (self->job);
  if (self->dialog != NULL)
    gtk_window_destroy (GTK_WINDOW (self->dialog));
  g_clear_weak_pointer (&self->dialog);
  g_clear_object (&self->job);
  g_clear_object (&self->device);
  g_clear_object (&self->bundle);
  g_clear_object (&self->log);
  g_clear_object (&self->image_file);
  flasher_widget_drop_children (GTK_WIDGET (object));
  G_OBJECT_CLASS (flasher_device_view_parent_class)->dispose (object);
}

static void
flasher_device_view_finalize (GObject *object)
{
  FlasherDeviceView *self = FLASHER_DEVICE_VIEW (object);

  oak_flash_wish_clear (&self->wish);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (flasher_device_view_parent_class)->finalize (object);
}

static void
flasher_device_view_install_signals (void)
{
  static const struct {
    const char *name;
    GType parameter;
  } rows[N_SIGNALS] = {
    [SIGNAL_FINISHED] = { "finished", G_TYPE_STRING },
    [SIGNAL_FLASH_ANOTHER] = { "flash-another", G_TYPE_NONE },
    [SIGNAL_SAVE_LOG] = { "save-log", G_TYPE_NONE },
  };

  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (rows[i].name,
                               FLASHER_TYPE_DEVICE_VIEW,
                               G_SIGNAL_RUN_LAST,
                               0,
                               NULL,
                               NULL,
                               NULL,
                               G_TYPE_NONE,
                               rows[i].parameter != G_TYPE_NONE ? 1 : 0,
                               rows[i].parameter);
}

static void
flasher_device_view_class_init (FlasherDeviceViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  g_type_ensure (FLASHER_TYPE_DEVICE_PAGE);
  g_type_ensure (FLASHER_TYPE_PROGRESS_PAGE);
  g_type_ensure (FLASHER_TYPE_RESULT_PAGE);
  object_class->dispose = flasher_device_view_dispose;
  object_class->finalize = flasher_device_view_finalize;
  object_class->get_property = flasher_device_view_get_property;
  properties[PROP_BUSY] = g_param_spec_boolean ("busy", NULL, NULL, FALSE, flags);
  properties[PROP_WRITING] = g_param_spec_boolean ("writing", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  flasher_device_view_install_signals ();

  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/oakflasher/OakFlasher/flasher-device-view.ui");
  gtk_widget_class_bind_template_child (widget_class, FlasherDeviceView, stack);
  gtk_widget_class_bind_template_child (widget_class, FlasherDeviceView, page);
  gtk_widget_class_bind_template_child (widget_class, FlasherDeviceView, progress_page);
  gtk_widget_class_bind_template_child (widget_class, FlasherDeviceView, result_page);
  gtk_widget_class_bind_template_callback (widget_class, operation_cb);
  gtk_widget_class_bind_template_callback (widget_class, try_again_cb);
  gtk_widget_class_bind_template_callback (widget_class, flash_another_cb);
  gtk_widget_class_bind_template_callback (widget_class, save_log_cb);
  gtk_widget_class_bind_template_callback (widget_class, flasher_device_view_show_page);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "deviceview");
}

static void
flasher_device_view_init (FlasherDeviceView *self)
{
  self->cancellable = g_cancellable_new ();
  oak_flash_wish_init (&self->wish, OAK_OPERATION_READ_DETAILS);
  gtk_widget_init_template (GTK_WIDGET (self));
  flasher_stack_show (self->stack, GTK_WIDGET (self->page));
}

FlasherDeviceView *
flasher_device_view_new (OakDevice *device,
                         FlasherBundle *bundle,
                         OakLog *log,
                         OakNetworkScope scope,
                         gboolean sample)
{
  FlasherDeviceView *self = g_object_new (FLASHER_TYPE_DEVICE_VIEW, NULL);

  self->bundle = g_object_ref (bundle);
  self->log = g_object_ref (log);
  self->scope = scope;
  flasher_device_page_set_bundle (self->page, bundle, sample);
  flasher_device_view_set_device (self, device);
  return self;
}

void
flasher_device_view_set_device (FlasherDeviceView *self, OakDevice *device)
{
  g_return_if_fail (FLASHER_IS_DEVICE_VIEW (self));
  g_return_if_fail (OAK_IS_DEVICE (device));

  g_set_object (&self->device, device);
  flasher_device_page_set_device (self->page, device);
}

OakDevice *
flasher_device_view_get_device (FlasherDeviceView *self)
{
  g_return_val_if_fail (FLASHER_IS_DEVICE_VIEW (self), NULL);

  return self->device;
}

const OakAppTarget *
flasher_device_view_get_target (FlasherDeviceView *self)
{
  g_return_val_if_fail (FLASHER_IS_DEVICE_VIEW (self), NULL);

  return flasher_device_page_get_target (self->page);
}

void
flasher_device_view_set_image_file (FlasherDeviceView *self, GFile *file)
{
  g_return_if_fail (FLASHER_IS_DEVICE_VIEW (self));

  g_set_object (&self->image_file, file);
}

gboolean
flasher_device_view_get_busy (FlasherDeviceView *self)
{
  g_return_val_if_fail (FLASHER_IS_DEVICE_VIEW (self), FALSE);

  return self->busy;
}

gboolean
flasher_device_view_get_writing (FlasherDeviceView *self)
{
  g_return_val_if_fail (FLASHER_IS_DEVICE_VIEW (self), FALSE);

  return self->writing;
}

gboolean
flasher_device_view_is_idle (FlasherDeviceView *self)
{
  g_return_val_if_fail (FLASHER_IS_DEVICE_VIEW (self), TRUE);

  return !self->busy && gtk_stack_get_visible_child (self->stack) == GTK_WIDGET (self->page);
}

OakFlashJob *
flasher_device_view_get_job (FlasherDeviceView *self)
{
  g_return_val_if_fail (FLASHER_IS_DEVICE_VIEW (self), NULL);

  return self->job;
}

int
flasher_device_view_get_cancel_policy (FlasherDeviceView *self)
{
  int policy = OAK_CANCEL_CLEAN;

  g_return_val_if_fail (FLASHER_IS_DEVICE_VIEW (self), policy);

  if (self->job != NULL)
    g_object_get (self->job, "cancel-policy", &policy, NULL);
  return policy;
}

void
flasher_device_view_cancel (FlasherDeviceView *self)
{
  g_return_if_fail (FLASHER_IS_DEVICE_VIEW (self));

  if (self->job != NULL)
    oak_flash_job_cancel (self->job);
  else if (self->dialog != NULL)
    gtk_window_close (GTK_WINDOW (self->dialog));
}

void
flasher_device_view_show_page (FlasherDeviceView *self)
{
  g_return_if_fail (FLASHER_IS_DEVICE_VIEW (self));

  if (self->job == NULL)
    flasher_stack_show (self->stack, GTK_WIDGET (self->page));
}

void
flasher_device_view_set_drop_active (FlasherDeviceView *self, gboolean active)
{
  g_return_if_fail (FLASHER_IS_DEVICE_VIEW (self));

  flasher_device_page_set_drop_active (self->page, active);
}

void
flasher_device_view_activate_main_action (FlasherDeviceView *self)
{
  g_return_if_fail (FLASHER_IS_DEVICE_VIEW (self));

  if (flasher_device_view_is_idle (self))
    gtk_widget_activate_action (GTK_WIDGET (self->page), "device.flash", NULL);
}
