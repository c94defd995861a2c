/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-bundle-card.h"

#include <glib/gi18n.h>

#include "flasher-clamp.h"
#include "flasher-layout-bar.h"
#include "flasher-package-text.h"
#include "flasher-recent.h"
#include "flasher-widgets.h"
#include "oak-app-package.h"
#include "oak-text.h"

/* Main thread. */

#define FLASHER_COMMIT_LENGTH 40
#define FLASHER_COMMIT_SHOWN  10

struct _FlasherBundleCard {
  GtkWidget parent_instance;

  FlasherBundle *bundle; /* (owned) (nullable) */
  GtkStack *stack;
  GtkBox *chosen_box;
  GtkBox *buttons_box;
  GtkButton *sample_button;
  GtkSpinner *spinner;
  GtkImage *image;
  GtkLabel *name_label;
  GtkLabel *facts_label;
  GtkLabel *error_label;
  FlasherLayoutBar *layout_bar;
  GtkFlowBox *legend;
  GtkWidget *details_button;
  GtkMenuButton *first_recent_button;
  GtkMenuButton *recent_button;
  guint64 room; /* bytes the chosen camera has for it; 0: not known */
  gboolean narrow;
};

enum { PROP_NARROW = 1, N_PROPS };

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (FlasherBundleCard, flasher_bundle_card, GTK_TYPE_WIDGET)

static void
flasher_bundle_card_show_sections (FlasherBundleCard *self, OakAppPackage *package)
{
  flasher_layout_bar_set_package (self->layout_bar, package, self->room);
  flasher_layout_legend_fill (self->legend, package, self->room);
  gtk_widget_set_visible (GTK_WIDGET (self->layout_bar), package != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->legend), package != NULL);
}

/* Library builds name themselves by a commit: its beginning tells it from all others, and the whole
 * is on the package's own page. */
static char *
flasher_shorten_version (const char *version)
{
  if (strlen (version) != FLASHER_COMMIT_LENGTH ||
      strspn (version, "0123456789abcdef") != FLASHER_COMMIT_LENGTH)
    return g_strdup (version);
  return g_strdup_printf ("%.*s…", FLASHER_COMMIT_SHOWN, version);
}

static char *
flasher_bundle_card_describe (OakAppPackage *package)
{
  g_autofree char *size = oak_text_size (oak_app_package_get_size (package));
  g_autofree char *short_version = NULL;
  const char *version = oak_app_package_get_firmware_version (package);
  const char *file_name = oak_app_package_get_file_name (package);

  if (version == NULL)
    return g_strdup_printf (_ ("%s · %s · firmware version not given"), file_name, size);
  short_version = flasher_shorten_version (version);
  return g_strdup_printf (_ ("%s · %s · firmware %s"), file_name, size, short_version);
}

static void
flasher_bundle_card_update (FlasherBundleCard *self)
{
  OakAppPackage *package = flasher_bundle_get_package (self->bundle);
  const char *error = flasher_bundle_get_error (self->bundle);
  const char *error_details = flasher_bundle_get_error_details (self->bundle);
  gboolean loading = flasher_bundle_get_loading (self->bundle);
  const char *title = flasher_bundle_get_name (self->bundle);
  g_autoptr (OakAppVerdict) verdict = flasher_bundle_judge (self->bundle, NULL);
  gboolean rejected = verdict != NULL && oak_app_verdict_get_result (verdict) == OAK_APP_REJECT;
  g_autofree char *facts = NULL;

  if (package != NULL) {
    if (oak_app_package_get_application_name (package) != NULL)
      title = oak_app_package_get_application_name (package);
    facts = flasher_bundle_card_describe (package);
  } else if (loading) {
    facts = g_strdup (_ ("Checking the package…"));
  } else if (error != NULL) {
    facts = g_strdup (error);
  }
  if (package != NULL && rejected)
    error_details = flasher_verdict_headline (verdict);
  gtk_widget_set_visible (self->details_button, !loading);
  flasher_stack_show_name (self->stack, title != NULL ? "chosen" : "none");
  gtk_label_set_text (self->name_label, title != NULL ? title : "");
  gtk_label_set_text (self->facts_label, facts != NULL ? facts : "");
  gtk_label_set_text (self->error_label, error_details != NULL ? error_details : "");
  gtk_widget_set_visible (GTK_WIDGET (self->error_label), error_details != NULL);
  gtk_image_set_from_icon_name (self->image,
                                error != NULL || rejected ? "dialog-warning-symbolic"
                                                          : "oak-package-symbolic");
  if (error != NULL || rejected)
    gtk_widget_add_css_class (GTK_WIDGET (self->image), "warning");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->image), "warning");
  gtk_spinner_set_spinning (self->spinner, loading);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), loading);
  flasher_bundle_card_show_sections (self, package);
}

static void
flasher_bundle_card_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_assert (id == PROP_NARROW);
  g_value_set_boolean (value, FLASHER_BUNDLE_CARD (object)->narrow);
}

static void
flasher_bundle_card_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  FlasherBundleCard *self = FLASHER_BUNDLE_CARD (object);

  g_assert (id == PROP_NARROW);
  self->narrow = g_value_get_boolean (value);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->chosen_box),
                                  flasher_clamp_get_orientation (NULL, self->narrow));
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->buttons_box),
                                  flasher_clamp_get_orientation (NULL, self->narrow));
}

static void
flasher_bundle_card_dispose (GObject *object)
{
  FlasherBundleCard *self = FLASHER_BUNDLE_CARD (object);

  g_clear_object (&self->bundle);
  flasher_widget_drop_children (GTK_WIDGET (object));
  G_OBJECT_CLASS (flasher_bundle_card_parent_class)->dispose (object);
}

static void
flasher_bundle_card_class_init (FlasherBundleCardClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (FLASHER_TYPE_LAYOUT_BAR);
  object_class->dispose = flasher_bundle_card_dispose;
  object_class->get_property = flasher_bundle_card_get_property;
  object_class->set_property = flasher_bundle_card_set_property;
  properties[PROP_NARROW] = g_param_spec_boolean ("narrow",
                                                  NULL,
                                                  NULL,
                                                  FALSE,
                                                  G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/oakflasher/OakFlasher/flasher-bundle-card.ui");
  gtk_widget_class_bind_template_child (widget_class, FlasherBundleCard, stack);
  gtk_widget_class_bind_template_child (widget_class, FlasherBundleCard, chosen_box);
  gtk_widget_class_bind_template_child (widget_class, FlasherBundleCard, buttons_box);
  gtk_widget_class_bind_template_child (widget_class, FlasherBundleCard, sample_button);
  gtk_widget_class_bind_template_child (widget_class, FlasherBundleCard, spinner);
  gtk_widget_class_bind_template_child (widget_class, FlasherBundleCard, image);
  gtk_widget_class_bind_template_child (widget_class, FlasherBundleCard, name_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherBundleCard, facts_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherBundleCard, error_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherBundleCard, layout_bar);
  gtk_widget_class_bind_template_child (widget_class, FlasherBundleCard, legend);
  gtk_widget_class_bind_template_child (widget_class, FlasherBundleCard, details_button);
  gtk_widget_class_bind_template_child (widget_class, FlasherBundleCard, first_recent_button);
  gtk_widget_class_bind_template_child (widget_class, FlasherBundleCard, recent_button);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "bundlecard");
}

static void
flasher_bundle_card_init (FlasherBundleCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  flasher_recent_watch (self->first_recent_button);
  flasher_recent_watch (self->recent_button);
}

void
flasher_bundle_card_set_bundle (FlasherBundleCard *self, FlasherBundle *bundle)
{
  g_return_if_fail (FLASHER_IS_BUNDLE_CARD (self));
  g_return_if_fail (FLASHER_IS_BUNDLE (bundle));
  g_return_if_fail (self->bundle == NULL);

  self->bundle = g_object_ref (bundle);
  g_signal_connect_object (bundle,
                           "changed",
                           G_CALLBACK (flasher_bundle_card_update),
                           self,
                           G_CONNECT_SWAPPED);
  flasher_bundle_card_update (self);
}

void
flasher_bundle_card_set_sample_offered (FlasherBundleCard *self, gboolean offered)
{
  g_return_if_fail (FLASHER_IS_BUNDLE_CARD (self));

  gtk_widget_set_visible (GTK_WIDGET (self->sample_button), offered);
}

void
flasher_bundle_card_set_room (FlasherBundleCard *self, guint64 room)
{
  g_return_if_fail (FLASHER_IS_BUNDLE_CARD (self));

  if (self->room == room)
    return;
  self->room = room;
  if (self->bundle != NULL)
    flasher_bundle_card_show_sections (self, flasher_bundle_get_package (self->bundle));
}
