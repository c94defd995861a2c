/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-progress-page.h"

#include <glib/gi18n.h>

#include "flasher-clamp.h"
#include "flasher-facts-text.h"
#include "flasher-phases.h"
#include "flasher-text.h"
#include "flasher-widgets.h"
#include "oak-flash-job.h"
#include "oak-flash-plan.h"
#include "oak-flash-wish.h"

/* Main thread. */

struct _FlasherProgressPage {
  GtkWidget parent_instance;

  GtkWidget *scroller;
  GtkLabel *title_label;
  GtkLabel *device_label;
  GtkWidget *power_box;
  GtkLabel *power_label;
  FlasherPhases *phases;
  GtkLabel *stage_label;
  GtkLabel *percent_label;
  GtkLabel *time_label;
  GtkProgressBar *bar;
  GtkLabel *figures_label;
  GtkLabel *cancel_label;
  GtkButton *cancel_button;

  OakFlashJob *job;      /* (owned) (nullable) */
  GSignalGroup *signals; /* (owned) */
  gboolean cancelled;    /* the person asked for the end already */
};

G_DEFINE_FINAL_TYPE (FlasherProgressPage, flasher_progress_page, GTK_TYPE_WIDGET)

static void
flasher_progress_page_update_bar (FlasherProgressPage *self,
                                  const OakProgress *progress,
                                  const char *stage_text)
{
  g_autofree char *percent = flasher_percent_text (progress->fraction);
  g_autofree char *value = NULL;

  if (progress->fraction >= 0)
    gtk_progress_bar_set_fraction (self->bar, CLAMP (progress->fraction, 0, 1));
  else
    gtk_progress_bar_pulse (self->bar);
  gtk_label_set_text (self->percent_label, percent != NULL ? percent : "");
  value = percent != NULL ? g_strdup_printf ("%s, %s", stage_text, percent) : g_strdup (stage_text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bar),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                  value,
                                  -1);
}

static void
flasher_progress_page_update_figures (FlasherProgressPage *self, const OakProgress *progress)
{
  double speed = 0;
  int seconds_left = -1;
  g_autofree char *speed_text = NULL;
  g_autofree char *time_text = NULL;
  g_autofree char *start = NULL;
  const char *figures = "";

  g_object_get (self->job, "bytes-per-second", &speed, "seconds-left", &seconds_left, NULL);
  time_text = flasher_time_left_text (progress->stage, seconds_left);
  if (progress->bytes_total > 0)
    speed_text = flasher_speed_text (speed);
  start = flasher_describe_start (oak_flash_job_get_wish (self->job)->operation,
                                  oak_flash_job_get_facts (self->job));
  if (speed_text != NULL)
    figures = speed_text;
  else if (progress->stage == OAK_STAGE_CHECKING)
    figures = start;
  gtk_label_set_text (self->figures_label, figures);
  gtk_label_set_text (self->time_label, time_text != NULL ? time_text : "");
}

static void
flasher_progress_page_update_cancel (FlasherProgressPage *self)
{
  int policy = OAK_CANCEL_CLEAN;
  g_autofree char *meaning = NULL;

  g_object_get (self->job, "cancel-policy", &policy, NULL);
  if (self->cancelled)
    meaning = g_strdup (_ ("Stopping as soon as the camera allows it…"));
  else
    meaning = oak_cancel_policy_describe (policy);
  gtk_label_set_text (self->cancel_label, meaning);
  gtk_button_set_label (self->cancel_button, flasher_cancel_label (policy));
  gtk_widget_set_sensitive (GTK_WIDGET (self->cancel_button),
                            policy != OAK_CANCEL_NEVER && !self->cancelled);
}

static void
flasher_progress_page_update_power (FlasherProgressPage *self, OakStage stage)
{
  gboolean fragile = oak_flash_job_has_written (self->job) && flasher_stage_is_fragile (stage);

  gtk_label_set_text (self->power_label,
                      fragile ? _ ("Do not unplug the camera.")
                              : _ ("Leave the camera connected until the end."));
  if (fragile)
    gtk_widget_add_css_class (self->power_box, "warning");
  else
    gtk_widget_remove_css_class (self->power_box, "warning");
}

static void
flasher_progress_page_update (FlasherProgressPage *self)
{
  OakProgress progress;
  g_autofree char *stage_text = NULL;

  if (self->job == NULL)
    return;
  progress = oak_flash_job_get_progress (self->job);
  stage_text = flasher_stage_text (&progress);
  gtk_label_set_text (self->stage_label, stage_text);
  flasher_phases_update (self->phases, progress.stage, oak_flash_job_get_step (self->job));
  flasher_progress_page_update_bar (self, &progress, stage_text);
  flasher_progress_page_update_figures (self, &progress);
  flasher_progress_page_update_cancel (self);
  flasher_progress_page_update_power (self, progress.stage);
}

static void
cancel_cb (FlasherProgressPage *self)
{
  if (self->job == NULL)
    return;
  self->cancelled = TRUE;
  oak_flash_job_cancel (self->job);
  flasher_progress_page_update_cancel (self);
}

static void
flasher_progress_page_dispose (GObject *object)
{
  FlasherProgressPage *self = FLASHER_PROGRESS_PAGE (object);

  g_clear_object (&self->signals);
  g_clear_object (&self->job);
  flasher_widget_drop_children (GTK_WIDGET (object));
  G_OBJECT_CLASS (flasher_progress_page_parent_class)->dispose (object);
}

static void
flasher_progress_page_class_init (FlasherProgressPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (FLASHER_TYPE_CLAMP);
  g_type_ensure (FLASHER_TYPE_PHASES);
  G_OBJECT_CLASS (klass)->dispose = flasher_progress_page_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/oakflasher/OakFlasher/flasher-progress-page.ui");
  gtk_widget_class_bind_template_child (widget_class, FlasherProgressPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, FlasherProgressPage, title_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherProgressPage, device_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherProgressPage, power_box);
  gtk_widget_class_bind_template_child (widget_class, FlasherProgressPage, power_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherProgressPage, phases);
  gtk_widget_class_bind_template_child (widget_class, FlasherProgressPage, stage_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherProgressPage, percent_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherProgressPage, time_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherProgressPage, bar);
  gtk_widget_class_bind_template_child (widget_class, FlasherProgressPage, figures_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherProgressPage, cancel_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherProgressPage, cancel_button);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "progresspage");
}

static void
flasher_progress_page_init (FlasherProgressPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->signals = g_signal_group_new (OAK_TYPE_FLASH_JOB);
  g_signal_group_connect_swapped (self->signals,
                                  "notify",
                                  G_CALLBACK (flasher_progress_page_update),
                                  self);
}

void
flasher_progress_page_set_job (FlasherProgressPage *self, OakFlashJob *job, const char *name)
{
  const OakFlashWish *wish = NULL;

  g_return_if_fail (FLASHER_IS_PROGRESS_PAGE (self));
  g_return_if_fail (job == NULL || OAK_IS_FLASH_JOB (job));

  g_set_object (&self->job, job);
  g_signal_group_set_target (self->signals, job);
  self->cancelled = FALSE;
  if (job == NULL)
    return;
  wish = oak_flash_job_get_wish (job);
  gtk_label_set_text (self->title_label, flasher_operation_progress (wish->operation));
  gtk_label_set_text (self->device_label, name);
  flasher_phases_set_plan (self->phases, oak_flash_job_get_plan (job));
  flasher_progress_page_update (self);
}
