/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-confirm-dialog.h"

#include <glib/gi18n.h>

#include "flasher-plan-lists.h"
#include "flasher-question.h"
#include "flasher-text.h"
#include "flasher-widgets.h"
#include "oak-device-facts.h"
#include "oak-device-info.h"
#include "oak-flash-job.h"
#include "oak-flash-plan.h"
#include "oak-flash-wish.h"

/* Main thread. Holds the job's prepared session while a person decides; whoever is told "confirmed"
 * takes the job over. */

#define FLASHER_TEXT_CHARACTER  10  /* pixels, about, in text of the usual size */
#define FLASHER_TITLE_CHARACTER 12  /* pixels, about */
#define FLASHER_MINIMUM_WIDTH   280 /* pixels, as all below */
#define FLASHER_USUAL_WIDTH     460
#define FLASHER_SETTLE_MS       200
#define FLASHER_DIALOG_MARGINS  60
#define FLASHER_PLAN_MINIMUM    200 /* of its height: the rest is scrolled */
#define FLASHER_PLAN_REST       220 /* of a dialog's height, beside its plan */

struct _FlasherConfirmDialog {
  GtkWindow parent_instance;

  GtkStack *stack;
  GtkLabel *question_title;
  GtkLabel *question_text;
  GtkWidget *type_box;
  GtkCheckButton *usb_button;
  GtkCheckButton *network_button;
  GtkLabel *busy_title;
  GtkLabel *busy_text;
  GtkSpinner *spinner;
  GtkScrolledWindow *plan_scroller;
  GtkWidget *plan_box;
  GtkLabel *plan_title;
  GtkLabel *plan_device;
  GtkBox *effects_box;
  GtkBox *warnings_box;
  GtkBox *steps_box;
  GtkBox *typed_box;
  GtkLabel *typed_label;
  GtkEntry *typed_entry;
  GtkButton *cancel_button;
  GtkButton *accept_button;

  char *name;
  char *short_id; /* (nullable) */
  char *mxid;     /* (nullable): what has to be typed */
  OakDeviceInfo *info;
  OakFlashWish wish;
  OakNetworkScope scope;
  OakFlashJob *job; /* (owned) (nullable) */
  FlasherQuestion question;
  int room; /* pixels, for what is in it */
  int plan_height;
  guint settle_source;
  gboolean cancellable;
  gboolean ending; /* one of the final signals was sent or is being prepared */
};

enum {
  SIGNAL_JOB_CREATED,
  SIGNAL_PREPARED,
  SIGNAL_CONFIRMED,
  SIGNAL_FAILED,
  SIGNAL_DISMISSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FlasherConfirmDialog, flasher_confirm_dialog, GTK_TYPE_WINDOW)

static void
flasher_confirm_dialog_prepare (FlasherConfirmDialog *self);

static gboolean
settle_cb (gpointer user_data)
{
  FlasherConfirmDialog *self = FLASHER_CONFIRM_DIALOG (user_data);

  self->settle_source = 0;
  gtk_widget_queue_resize (GTK_WIDGET (self));
  return G_SOURCE_REMOVE;
}

/* On X11 a window that changes its size right after it was shown can miss the answer to that, and
 * then stays as small as its first page was: so its size is looked at once more. */
static void
flasher_confirm_dialog_show (FlasherConfirmDialog *self, const char *page)
{
  flasher_stack_show_name (self->stack, page);
  g_clear_handle_id (&self->settle_source, g_source_remove);
  self->settle_source = g_timeout_add (FLASHER_SETTLE_MS, settle_cb, self);
}

static void
flasher_confirm_dialog_set_cancellable (FlasherConfirmDialog *self, gboolean cancellable)
{
  self->cancellable = cancellable;
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "dialog.cancel", cancellable);
}

static void
flasher_confirm_dialog_show_busy (FlasherConfirmDialog *self, const char *text)
{
  gtk_label_set_text (self->busy_text, text);
  gtk_spinner_start (self->spinner);
  flasher_confirm_dialog_show (self, "busy");
  gtk_widget_set_visible (GTK_WIDGET (self->accept_button), FALSE);
}

static void
flasher_confirm_dialog_ask (FlasherConfirmDialog *self, FlasherQuestion question)
{
  FlasherQuestionText words = flasher_question_get_text (question, self->wish.operation);

  self->question = question;
  gtk_label_set_text (self->question_title, words.title);
  gtk_label_set_text (self->question_text, words.text);
  gtk_widget_set_visible (self->type_box, question == FLASHER_QUESTION_TYPE);
  flasher_confirm_dialog_show (self, "question");
  gtk_spinner_stop (self->spinner);
  gtk_widget_set_visible (GTK_WIDGET (self->accept_button), words.accept != NULL);
  if (words.accept != NULL)
    gtk_button_set_label (self->accept_button, words.accept);
  /* No type is chosen beforehand: the wrong one leaves a camera that does not start. */
  gtk_widget_set_sensitive (GTK_WIDGET (self->accept_button), question != FLASHER_QUESTION_TYPE);
  flasher_confirm_dialog_set_cancellable (self, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->cancel_button));
}

/* Sends one of the final signals and closes. */
static void
flasher_confirm_dialog_end (FlasherConfirmDialog *self, guint signal, const GError *error)
{
  g_object_ref (self);
  self->ending = TRUE;
  if (signal == SIGNAL_FAILED)
    g_signal_emit (self, signals[signal], 0, error);
  else
    g_signal_emit (self, signals[signal], 0);
  gtk_window_destroy (GTK_WINDOW (self));
  g_object_unref (self);
}

static void
abandon_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FlasherConfirmDialog) self = flasher_weak_take (user_data);
  g_autoptr (GError) error = NULL;

  oak_flash_job_abandon_finish (OAK_FLASH_JOB (source), result, &error);
  if (self != NULL)
    flasher_confirm_dialog_end (self, SIGNAL_DISMISSED, NULL);
}

/* Lets the camera restart, then closes. */
static void
flasher_confirm_dialog_abandon (FlasherConfirmDialog *self)
{
  self->ending = TRUE;
  flasher_confirm_dialog_show_busy (self, _ ("Restarting the camera…"));
  flasher_confirm_dialog_set_cancellable (self, FALSE);
  oak_flash_job_abandon_async (self->job, abandon_cb, flasher_weak_new (self));
}

static void
flasher_confirm_dialog_cancel (FlasherConfirmDialog *self)
{
  OakJobState state = OAK_JOB_STATE_NEW;

  if (self->ending)
    return;
  if (self->job != NULL)
    state = oak_flash_job_get_state (self->job);
  if (state == OAK_JOB_STATE_READY) {
    flasher_confirm_dialog_abandon (self);
  } else if (state == OAK_JOB_STATE_PREPARING) {
    flasher_confirm_dialog_show_busy (self, _ ("Stopping…"));
    flasher_confirm_dialog_set_cancellable (self, FALSE);
    oak_flash_job_cancel (self->job);
  } else {
    flasher_confirm_dialog_end (self, SIGNAL_DISMISSED, NULL);
  }
}

static void
flasher_confirm_dialog_accept (FlasherConfirmDialog *self)
{
  if (self->ending)
    return;
  if (self->question == FLASHER_QUESTION_PLAN) {
    flasher_confirm_dialog_end (self, SIGNAL_CONFIRMED, NULL);
    return;
  }
  if (self->question == FLASHER_QUESTION_STOP_APPLICATION)
    self->wish.stop_application = TRUE;
  if (self->question == FLASHER_QUESTION_TYPE)
    self->wish.bootloader_type = gtk_check_button_get_active (self->usb_button)
                                     ? OAK_BOOTLOADER_TYPE_USB
                                     : OAK_BOOTLOADER_TYPE_NETWORK;
  if (self->question == FLASHER_QUESTION_SIZE_UNKNOWN)
    self->wish.size_unknown_ok = TRUE;
  flasher_confirm_dialog_prepare (self);
}

static gboolean
close_request_cb (FlasherConfirmDialog *self)
{
  flasher_confirm_dialog_cancel (self);
  return GDK_EVENT_STOP;
}

static void
cancel_action_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  flasher_confirm_dialog_cancel (FLASHER_CONFIRM_DIALOG (widget));
}

static void
typed_changed_cb (FlasherConfirmDialog *self)
{
  const char *typed = gtk_editable_get_text (GTK_EDITABLE (self->typed_entry));

  gtk_widget_set_sensitive (GTK_WIDGET (self->accept_button),
                            self->mxid != NULL && oak_short_id_matches (self->mxid, typed));
}

/* A scrolled window asks for no more than it must have: this asks for all of the plan, as far as a
 * screen has room. */
static void
flasher_confirm_dialog_fit (FlasherConfirmDialog *self)
{
  int minimum = 0;
  int width = 0;
  int height = 0;

  gtk_widget_measure (self->plan_box, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &width, NULL, NULL);
  width = MIN (width, MAX (minimum, self->room));
  width = MAX (width, gtk_widget_get_width (GTK_WIDGET (self->stack)));
  gtk_widget_measure (self->plan_box, GTK_ORIENTATION_VERTICAL, width, NULL, &height, NULL, NULL);
  gtk_scrolled_window_set_min_content_width (self->plan_scroller, width);
  gtk_scrolled_window_set_min_content_height (self->plan_scroller, MIN (height, self->plan_height));
}

static void
type_toggled_cb (FlasherConfirmDialog *self)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->accept_button),
                            gtk_check_button_get_active (self->usb_button) ||
                                gtk_check_button_get_active (self->network_button));
}

/* What runs in the camera was started there by us, so that it knows no more than we do. */
static gboolean
flasher_confirm_dialog_lacks_type (FlasherConfirmDialog *self)
{
  const OakDeviceFacts *facts = oak_flash_job_get_facts (self->job);

  return self->wish.operation == OAK_OPERATION_FACTORY_RESET &&
         self->wish.bootloader_type == OAK_BOOTLOADER_TYPE_AUTO && facts != NULL &&
         !facts->type_trusted;
}

/* A plan that needs an agreement first. Returns: FALSE when the agreement was given already. */
static gboolean
flasher_confirm_dialog_ask_for_consent (FlasherConfirmDialog *self)
{
  if (!self->wish.stop_application && oak_device_info_get_state (oak_flash_job_get_info (
                                          self->job)) == OAK_DEVICE_STATE_FLASH_BOOTED)
    flasher_confirm_dialog_ask (self, FLASHER_QUESTION_STOP_APPLICATION);
  else if (!self->wish.size_unknown_ok)
    flasher_confirm_dialog_ask (self, FLASHER_QUESTION_SIZE_UNKNOWN);
  else
    return FALSE;
  return TRUE;
}

static void
flasher_confirm_dialog_prepare_failed (FlasherConfirmDialog *self, const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    flasher_confirm_dialog_end (self, SIGNAL_DISMISSED, NULL);
    return;
  }
  if (g_error_matches (error, OAK_ERROR, OAK_ERROR_NEEDS_CONSENT) &&
      flasher_confirm_dialog_ask_for_consent (self))
    return;
  if (g_error_matches (error, OAK_ERROR, OAK_ERROR_UNSUPPORTED) &&
      flasher_confirm_dialog_lacks_type (self)) {
    flasher_confirm_dialog_ask (self, FLASHER_QUESTION_TYPE);
    return;
  }
  flasher_confirm_dialog_end (self, SIGNAL_FAILED, error);
}

static void
prepare_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FlasherConfirmDialog) self = flasher_weak_take (user_data);
  g_autoptr (GError) error = NULL;
  OakFlashPlan *plan = oak_flash_job_prepare_finish (OAK_FLASH_JOB (source), result, &error);

  if (self == NULL || self->job != OAK_FLASH_JOB (source))
    return;
  if (plan == NULL) {
    flasher_confirm_dialog_prepare_failed (self, error);
    return;
  }
  g_signal_emit (self, signals[SIGNAL_PREPARED], 0);
  if (self->wish.operation == OAK_OPERATION_READ_DETAILS)
    flasher_confirm_dialog_abandon (self);
  else
    flasher_confirm_dialog_show_plan (
        self,
        plan,
        oak_device_info_get_mxid (oak_flash_job_get_info (self->job)));
}

/* The job gave up waiting for a decision by itself. */
static void
state_cb (FlasherConfirmDialog *self)
{
  if (self->ending || self->question != FLASHER_QUESTION_PLAN ||
      oak_flash_job_get_state (self->job) == OAK_JOB_STATE_READY)
    return;
  gtk_button_set_label (self->cancel_button, _ ("_Close"));
  flasher_confirm_dialog_ask (self, FLASHER_QUESTION_EXPIRED);
}

static void
stage_cb (FlasherConfirmDialog *self)
{
  OakProgress progress = oak_flash_job_get_progress (self->job);
  g_autofree char *text = flasher_stage_text (&progress);

  if (!self->ending && self->cancellable)
    gtk_label_set_text (self->busy_text, text);
}

static void
flasher_confirm_dialog_prepare (FlasherConfirmDialog *self)
{
  g_clear_object (&self->job);
  self->question = FLASHER_QUESTION_NONE;
  self->job = oak_flash_job_new (self->info, &self->wish, self->scope, NULL);
  g_signal_emit (self, signals[SIGNAL_JOB_CREATED], 0, self->job);
  g_signal_connect_object (self->job,
                           "notify::state",
                           G_CALLBACK (state_cb),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->job,
                           "notify::stage",
                           G_CALLBACK (stage_cb),
                           self,
                           G_CONNECT_SWAPPED);
  flasher_confirm_dialog_show_busy (self, _ ("Connecting…"));
  oak_flash_job_prepare_async (self->job, prepare_cb, flasher_weak_new (self));
  gtk_widget_grab_focus (GTK_WIDGET (self->cancel_button));
}

static void
flasher_confirm_dialog_dispose (GObject *object)
{
  FlasherConfirmDialog *self = FLASHER_CONFIRM_DIALOG (object);
  g_autoptr (OakFlashJob) job = g_steal_pointer (&self->job);
  gboolean taken_over = self->ending;

  /* What the job tells from here on concerns nobody. */
  self->ending = TRUE;
  g_clear_handle_id (&self->settle_source, g_source_remove);
  if (job != NULL)
    g_signal_handlers_disconnect_by_data (job, self);
  if (job != NULL && !taken_over) {
    oak_flash_job_cancel (job);
    oak_flash_job_abandon_async (job, NULL, NULL);
  }
  G_OBJECT_CLASS (flasher_confirm_dialog_parent_class)->dispose (object);
}

static void
flasher_confirm_dialog_finalize (GObject *object)
{
  FlasherConfirmDialog *self = FLASHER_CONFIRM_DIALOG (object);

  g_free (self->name);
  g_free (self->short_id);
  g_free (self->mxid);
  g_clear_pointer (&self->info, oak_device_info_unref);
  oak_flash_wish_clear (&self->wish);
  G_OBJECT_CLASS (flasher_confirm_dialog_parent_class)->finalize (object);
}

static guint
flasher_confirm_dialog_new_signal (const char *name, GType parameter)
{
  return g_signal_new (name,
                       FLASHER_TYPE_CONFIRM_DIALOG,
                       G_SIGNAL_RUN_LAST,
                       0,
                       NULL,
                       NULL,
                       NULL,
                       G_TYPE_NONE,
                       parameter != G_TYPE_NONE ? 1 : 0,
                       parameter);
}

static void
flasher_confirm_dialog_bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/oakflasher/OakFlasher/flasher-confirm-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, FlasherConfirmDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, FlasherConfirmDialog, question_title);
  gtk_widget_class_bind_template_child (widget_class, FlasherConfirmDialog, question_text);
  gtk_widget_class_bind_template_child (widget_class, FlasherConfirmDialog, type_box);
  gtk_widget_class_bind_template_child (widget_class, FlasherConfirmDialog, usb_button);
  gtk_widget_class_bind_template_child (widget_class, FlasherConfirmDialog, network_button);
  gtk_widget_class_bind_template_child (widget_class, FlasherConfirmDialog, busy_title);
  gtk_widget_class_bind_template_child (widget_class, FlasherConfirmDialog, busy_text);
  gtk_widget_class_bind_template_child (widget_class, FlasherConfirmDialog, spinner);
  gtk_widget_class_bind_template_child (widget_class, FlasherConfirmDialog, plan_scroller);
  gtk_widget_class_bind_template_child (widget_class, FlasherConfirmDialog, plan_box);
  gtk_widget_class_bind_template_child (widget_class, FlasherConfirmDialog, plan_title);
  gtk_widget_class_bind_template_child (widget_class, FlasherConfirmDialog, plan_device);
  gtk_widget_class_bind_template_child (widget_class, FlasherConfirmDialog, effects_box);
  gtk_widget_class_bind_template_child (widget_class, FlasherConfirmDialog, warnings_box);
  gtk_widget_class_bind_template_child (widget_class, FlasherConfirmDialog, steps_box);
  gtk_widget_class_bind_template_child (widget_class, FlasherConfirmDialog, typed_box);
  gtk_widget_class_bind_template_child (widget_class, FlasherConfirmDialog, typed_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherConfirmDialog, typed_entry);
  gtk_widget_class_bind_template_child (widget_class, FlasherConfirmDialog, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, FlasherConfirmDialog, accept_button);
  gtk_widget_class_bind_template_callback (widget_class, close_request_cb);
  gtk_widget_class_bind_template_callback (widget_class, typed_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, type_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, flasher_confirm_dialog_fit);
  gtk_widget_class_bind_template_callback (widget_class, flasher_confirm_dialog_accept);
}

static void
flasher_confirm_dialog_class_init (FlasherConfirmDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = flasher_confirm_dialog_dispose;
  object_class->finalize = flasher_confirm_dialog_finalize;
  signals[SIGNAL_JOB_CREATED] =
      flasher_confirm_dialog_new_signal ("job-created", OAK_TYPE_FLASH_JOB);
  signals[SIGNAL_PREPARED] = flasher_confirm_dialog_new_signal ("prepared", G_TYPE_NONE);
  signals[SIGNAL_CONFIRMED] = flasher_confirm_dialog_new_signal ("confirmed", G_TYPE_NONE);
  signals[SIGNAL_FAILED] = flasher_confirm_dialog_new_signal ("failed", G_TYPE_ERROR);
  signals[SIGNAL_DISMISSED] = flasher_confirm_dialog_new_signal ("dismissed", G_TYPE_NONE);
  flasher_confirm_dialog_bind_template (widget_class);
  gtk_widget_class_install_action (widget_class, "dialog.cancel", NULL, cancel_action_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "dialog.cancel", NULL);
}

static void
flasher_confirm_dialog_init (FlasherConfirmDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->cancellable = TRUE;
  oak_flash_wish_init (&self->wish, OAK_OPERATION_READ_DETAILS);
}

/* As wide and high as @parent allows: more than usual where text is larger than usual. */
static void
flasher_confirm_dialog_set_room (FlasherConfirmDialog *self, GtkWidget *parent)
{
  double scale = flasher_widget_get_text_scale (parent);
  int usual = (int) (FLASHER_USUAL_WIDTH * scale);
  int room = gtk_widget_get_width (parent) - FLASHER_DIALOG_MARGINS;
  int rest = gtk_widget_get_height (parent) - (int) (FLASHER_PLAN_REST * scale);

  self->plan_height = MAX (rest, FLASHER_PLAN_MINIMUM);
  gtk_widget_set_size_request (GTK_WIDGET (self->stack),
                               CLAMP (room, FLASHER_MINIMUM_WIDTH, usual),
                               -1);
  self->room = MAX (room, FLASHER_MINIMUM_WIDTH);
  if (room >= usual)
    return;
  gtk_label_set_max_width_chars (self->question_title,
                                 (int) (self->room / (FLASHER_TITLE_CHARACTER * scale)));
  gtk_label_set_max_width_chars (self->busy_title,
                                 (int) (self->room / (FLASHER_TITLE_CHARACTER * scale)));
  gtk_label_set_max_width_chars (self->question_text,
                                 (int) (self->room / (FLASHER_TEXT_CHARACTER * scale)));
}

FlasherConfirmDialog *
flasher_confirm_dialog_new (GtkWindow *parent,
                            const char *name,
                            const char *short_id,
                            OakDeviceInfo *info,
                            const OakFlashWish *wish,
                            OakNetworkScope scope)
{
  FlasherConfirmDialog *self = g_object_new (FLASHER_TYPE_CONFIRM_DIALOG,
                                             "transient-for",
                                             parent,
                                             "destroy-with-parent",
                                             TRUE,
                                             NULL);
  g_autofree char *title = NULL;

  flasher_confirm_dialog_set_room (self, GTK_WIDGET (parent));
  self->name = g_strdup (name);
  self->short_id = g_strdup (short_id);
  self->info = oak_device_info_ref (info);
  oak_flash_wish_clear (&self->wish);
  oak_flash_wish_copy (&self->wish, wish);
  self->scope = scope;
  title = g_strdup_printf (_ ("Connecting to %s"), name);
  gtk_label_set_text (self->busy_title, title);
  gtk_window_set_title (GTK_WINDOW (self), flasher_operation_progress (wish->operation));
  return self;
}

void
flasher_confirm_dialog_begin (FlasherConfirmDialog *self, gboolean running)
{
  g_return_if_fail (FLASHER_IS_CONFIRM_DIALOG (self));

  if (running && !self->wish.stop_application)
    flasher_confirm_dialog_ask (self, FLASHER_QUESTION_STOP_APPLICATION);
  else if (oak_device_info_get_state (self->info) == OAK_DEVICE_STATE_UNBOOTED &&
           self->wish.bootloader_type == OAK_BOOTLOADER_TYPE_AUTO)
    flasher_confirm_dialog_ask (self, FLASHER_QUESTION_TYPE);
  else
    flasher_confirm_dialog_prepare (self);
  gtk_window_present (GTK_WINDOW (self));
}

void
flasher_confirm_dialog_show_plan (FlasherConfirmDialog *self, OakFlashPlan *plan, const char *mxid)
{
  gboolean typed = FALSE;
  g_autofree char *short_id = NULL;
  g_autofree char *prompt = NULL;
  g_autofree char *device = NULL;

  g_return_if_fail (FLASHER_IS_CONFIRM_DIALOG (self));
  g_return_if_fail (plan != NULL && mxid != NULL);

  typed = oak_flash_plan_needs_typed_id (plan);
  g_free (self->mxid);
  self->mxid = g_strdup (mxid);
  short_id = self->short_id != NULL ? g_strdup (self->short_id) : oak_short_id (mxid, NULL);
  self->question = FLASHER_QUESTION_PLAN;
  flasher_plan_lists_fill (plan,
                           self->plan_title,
                           self->effects_box,
                           self->warnings_box,
                           self->steps_box);
  device = g_strdup_printf (_ ("Id %s"), mxid);
  gtk_label_set_text (self->plan_device, device);
  prompt = g_strdup_printf (_ ("Type the camera’s id, %s, to go on:"), short_id);
  gtk_label_set_text (self->typed_label, prompt);
  gtk_widget_set_visible (GTK_WIDGET (self->typed_box), typed);
  gtk_button_set_label (self->accept_button, flasher_operation_verb (self->wish.operation));
  gtk_widget_remove_css_class (GTK_WIDGET (self->accept_button), "suggested-action");
  gtk_widget_add_css_class (GTK_WIDGET (self->accept_button),
                            self->wish.operation == OAK_OPERATION_FLASH_APPLICATION
                                ? "suggested-action"
                                : "destructive-action");
  gtk_widget_set_visible (GTK_WIDGET (self->accept_button), TRUE);
  gtk_widget_set_sensitive (GTK_WIDGET (self->accept_button), !typed);
  gtk_spinner_stop (self->spinner);
  flasher_confirm_dialog_show (self, "plan");
  flasher_confirm_dialog_fit (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->cancel_button));
}

OakFlashJob *
flasher_confirm_dialog_get_job (FlasherConfirmDialog *self)
{
  g_return_val_if_fail (FLASHER_IS_CONFIRM_DIALOG (self), NULL);

  return self->job;
}
