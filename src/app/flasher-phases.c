/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-phases.h"

#include <glib/gi18n.h>

#include "flasher-clamp.h"
#include "flasher-text.h"
#include "oak-flash-plan.h"

/* Main thread. A plan may come back to a phase (write, verify, write the table, verify): a phase is
 * done when its last step is. */

typedef struct {
  OakStage stage;
  int last_step;
  FlasherMark mark;
  GtkWidget *box;     /* (unowned) */
  GtkWidget *image;   /* (unowned) */
  GtkWidget *spinner; /* (unowned) */
  GtkWidget *label;   /* (unowned) */
} FlasherPhase;

struct _FlasherPhases {
  GtkBox parent_instance;

  FlasherPhase phases[OAK_STAGE_N];
  guint n_phases;
  gboolean narrow;
};

enum { PROP_NARROW = 1, N_PROPS };

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (FlasherPhases, flasher_phases, GTK_TYPE_BOX)

static const char *const mark_icons[] = {
  [FLASHER_MARK_PENDING] = "oak-pending-symbolic",
  [FLASHER_MARK_ACTIVE] = "oak-pending-symbolic", /* a spinner stands in its place */
  [FLASHER_MARK_DONE] = "object-select-symbolic",
};

static const char *const mark_classes[] = {
  [FLASHER_MARK_PENDING] = "pending",
  [FLASHER_MARK_ACTIVE] = "active",
  [FLASHER_MARK_DONE] = "done",
};

static const char *
flasher_mark_word (FlasherMark mark)
{
  switch (mark) {
  case FLASHER_MARK_ACTIVE:
    return _ ("running");
  case FLASHER_MARK_DONE:
    return _ ("done");
  case FLASHER_MARK_PENDING:
  default:
    return _ ("to do");
  }
}

static void
flasher_phase_set_mark (FlasherPhase *phase, FlasherMark mark)
{
  g_autofree char *name = NULL;

  gtk_widget_remove_css_class (phase->box, mark_classes[phase->mark]);
  gtk_widget_add_css_class (phase->box, mark_classes[mark]);
  phase->mark = mark;
  gtk_image_set_from_icon_name (GTK_IMAGE (phase->image), mark_icons[mark]);
  gtk_widget_set_visible (phase->image, mark != FLASHER_MARK_ACTIVE);
  gtk_widget_set_visible (phase->spinner, mark == FLASHER_MARK_ACTIVE);
  gtk_spinner_set_spinning (GTK_SPINNER (phase->spinner), mark == FLASHER_MARK_ACTIVE);
  /* Translators: a phase and how far it is: "Write, done" */
  name =
      g_strdup_printf (_ ("%s, %s"), flasher_stage_step (phase->stage), flasher_mark_word (mark));
  gtk_accessible_update_property (GTK_ACCESSIBLE (phase->label),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name,
                                  -1);
}

static void
flasher_phase_init (FlasherPhase *phase, OakStage stage, int last_step)
{
  phase->stage = stage;
  phase->last_step = last_step;
  phase->box = g_object_new (GTK_TYPE_BOX, "css-name", "phase", "spacing", 6, NULL);
  phase->image = gtk_image_new ();
  phase->spinner = gtk_spinner_new ();
  phase->label = gtk_label_new (flasher_stage_step (stage));
  gtk_label_set_xalign (GTK_LABEL (phase->label), 0);
  gtk_box_append (GTK_BOX (phase->box), phase->image);
  gtk_box_append (GTK_BOX (phase->box), phase->spinner);
  gtk_box_append (GTK_BOX (phase->box), phase->label);
  flasher_phase_set_mark (phase, FLASHER_MARK_PENDING);
}

static OakStage
flasher_step_stage (OakStepKind kind)
{
  switch (kind) {
  case OAK_STEP_BOOT_MEMORY:
    return OAK_STAGE_BOOTING;
  case OAK_STEP_COMPARE:
    return OAK_STAGE_COMPARING;
  case OAK_STEP_WRITE_STORAGE:
  case OAK_STEP_WRITE_REGION:
  case OAK_STEP_CHECK_ERASE:
    return OAK_STAGE_WRITING;
  case OAK_STEP_READ_BACK:
    return OAK_STAGE_VERIFYING;
  case OAK_STEP_SET_APP_MEMORY:
    return OAK_STAGE_CONFIGURING;
  case OAK_STEP_RESTART:
    return OAK_STAGE_RESTARTING;
  case OAK_STEP_WAIT_FOR_STATE:
  case OAK_STEP_CHECK_VERSION:
  default:
    return OAK_STAGE_CHECKING;
  }
}

static void
flasher_phases_note_stage (OakStage stage, int step, OakStage *stages, int *last_step, guint *n)
{
  guint i = 0;

  while (i < *n && stages[i] != stage)
    i++;
  if (i == *n)
    stages[(*n)++] = stage;
  if (last_step != NULL)
    last_step[stage] = step;
}

guint
flasher_phases_list_stages (const OakFlashPlan *plan, OakStage *stages, int *last_step)
{
  guint n = 0;

  flasher_phases_note_stage (OAK_STAGE_CONNECTING, -1, stages, last_step, &n);
  for (guint i = 0; i < oak_flash_plan_get_n_steps (plan); i++) {
    OakStepKind kind = oak_flash_plan_get_step (plan, i)->kind;

    /* One single request: its bytes are on their way long before the camera confirms any. */
    if (kind == OAK_STEP_WRITE_STORAGE)
      flasher_phases_note_stage (OAK_STAGE_SENDING, (int) i, stages, last_step, &n);
    flasher_phases_note_stage (flasher_step_stage (kind), (int) i, stages, last_step, &n);
  }
  return n;
}

static void
flasher_phases_clear (FlasherPhases *self)
{
  for (guint i = 0; i < self->n_phases; i++)
    gtk_box_remove (GTK_BOX (self), self->phases[i].box);
  memset (self->phases, 0, sizeof self->phases);
  self->n_phases = 0;
}

static void
flasher_phases_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_assert (id == PROP_NARROW);
  g_value_set_boolean (value, FLASHER_PHASES (object)->narrow);
}

static void
flasher_phases_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  FlasherPhases *self = FLASHER_PHASES (object);

  g_assert (id == PROP_NARROW);
  self->narrow = g_value_get_boolean (value);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self),
                                  flasher_clamp_get_orientation (NULL, self->narrow));
}

static void
flasher_phases_class_init (FlasherPhasesClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = flasher_phases_get_property;
  object_class->set_property = flasher_phases_set_property;
  properties[PROP_NARROW] = g_param_spec_boolean ("narrow",
                                                  NULL,
                                                  NULL,
                                                  FALSE,
                                                  G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_css_name (widget_class, "phases");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
flasher_phases_init (FlasherPhases *self)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Phases"),
                                  -1);
}

void
flasher_phases_set_plan (FlasherPhases *self, OakFlashPlan *plan)
{
  OakStage stages[OAK_STAGE_N];
  int last_step[OAK_STAGE_N];
  guint n = 0;

  g_return_if_fail (FLASHER_IS_PHASES (self));

  flasher_phases_clear (self);
  n = flasher_phases_list_stages (plan, stages, last_step);
  for (guint i = 0; i < n; i++) {
    flasher_phase_init (&self->phases[i], stages[i], last_step[stages[i]]);
    gtk_box_append (GTK_BOX (self), self->phases[i].box);
  }
  self->n_phases = n;
}

void
flasher_phases_update (FlasherPhases *self, OakStage stage, int step)
{
  guint active = 0;

  g_return_if_fail (FLASHER_IS_PHASES (self));

  while (active < self->n_phases && self->phases[active].stage != stage)
    active++;
  for (guint i = 0; i < self->n_phases; i++) {
    FlasherPhase *phase = &self->phases[i];
    FlasherMark mark = FLASHER_MARK_PENDING;

    if (i == active)
      mark = FLASHER_MARK_ACTIVE;
    else if (phase->last_step < step ||
             (phase->last_step == step && active < self->n_phases && i < active))
      mark = FLASHER_MARK_DONE;
    if (mark != phase->mark)
      flasher_phase_set_mark (phase, mark);
  }
}

FlasherMark
flasher_phases_get_mark (FlasherPhases *self, OakStage stage)
{
  g_return_val_if_fail (FLASHER_IS_PHASES (self), FLASHER_MARK_PENDING);

  for (guint i = 0; i < self->n_phases; i++)
    if (self->phases[i].stage == stage)
      return self->phases[i].mark;
  return FLASHER_MARK_PENDING;
}
