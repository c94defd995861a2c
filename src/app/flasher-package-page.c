/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "flasher-package-page.h"

#include <glib/gi18n.h>

#include "flasher-clamp.h"
#include "flasher-layout-bar.h"
#include "flasher-package-list.h"
#include "flasher-package-scripts.h"
#include "flasher-package-text.h"
#include "flasher-property-row.h"
#include "flasher-widgets.h"
#include "oak-app-package.h"

/* Main thread. What takes long was done when the bundle was loaded. */

struct _FlasherPackagePage {
  GtkWidget parent_instance;

  GtkWidget *scroller;
  GtkImage *image;
  GtkLabel *title_label;
  GtkLabel *headline_label;
  GtkLabel *camera_label;
  GtkSpinner *spinner;
  GtkWidget *header_box;
  GtkWidget *findings_card;
  GtkBox *findings_box;
  GtkCheckButton *override_check;
  GtkWidget *facts_box;
  FlasherPropertyRow *file_row;
  FlasherPropertyRow *size_row;
  FlasherPropertyRow *firmware_row;
  FlasherPropertyRow *version_row;
  FlasherPropertyRow *generation_row;
  FlasherPropertyRow *standalone_row;
  FlasherPropertyRow *sha256_row;
  FlasherLayoutBar *layout_bar;
  GtkFlowBox *legend;
  GtkLabel *room_label;
  GtkBox *lists_box;
  GtkWidget *scripts_heading;
  GtkBox *scripts_box;
  FlasherPackageList *nodes_list;
  FlasherPackageList *connections_list;
  FlasherPackageList *assets_list;

  FlasherBundle *bundle;    /* (owned) (nullable) */
  OakAppContents *contents; /* (owned) (nullable): those shown now */
  OakAppTarget target;
  const char *style; /* (unowned) (nullable): CSS class of the header now */
};

G_DEFINE_FINAL_TYPE (FlasherPackagePage, flasher_package_page, GTK_TYPE_WIDGET)

static GtkWidget *
flasher_package_page_make_label (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_hexpand (label, TRUE);
  return label;
}

/* Icon, word and text: the colour only accompanies them. */
static void
flasher_package_page_add_finding (FlasherPackagePage *self,
                                  OakFindingSeverity severity,
                                  const char *text)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *word = flasher_package_page_make_label (flasher_severity_word (severity));
  GtkWidget *label = flasher_package_page_make_label (text);
  GtkWidget *image = g_object_new (GTK_TYPE_IMAGE,
                                   "icon-name",
                                   flasher_severity_icon (severity),
                                   "accessible-role",
                                   GTK_ACCESSIBLE_ROLE_PRESENTATION,
                                   NULL);

  gtk_widget_set_valign (image, GTK_ALIGN_START);
  gtk_widget_add_css_class (image, "line-icon");
  gtk_widget_add_css_class (image, "state");
  gtk_widget_add_css_class (word, "state-text");
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_can_focus (label, FALSE);
  gtk_widget_add_css_class (row, "finding");
  gtk_widget_add_css_class (row, flasher_severity_style (severity));
  gtk_box_append (GTK_BOX (texts), word);
  gtk_box_append (GTK_BOX (texts), label);
  gtk_box_append (GTK_BOX (row), image);
  gtk_box_append (GTK_BOX (row), texts);
  gtk_box_append (self->findings_box, row);
}

static void
flasher_package_page_show_findings (FlasherPackagePage *self, const OakAppVerdict *verdict)
{
  const char *error = flasher_bundle_get_error (self->bundle);
  const char *details = flasher_bundle_get_error_details (self->bundle);
  gboolean allowed = flasher_bundle_get_allow_host_streams (self->bundle);
  guint n_findings = verdict != NULL ? oak_app_verdict_get_n_findings (verdict) : 0;

  flasher_box_clear (self->findings_box);
  for (guint i = 0; i < n_findings; i++) {
    const OakFinding *finding = oak_app_verdict_get_finding (verdict, i);

    flasher_package_page_add_finding (self, finding->severity, finding->text);
  }
  if (verdict == NULL && error != NULL) {
    g_autofree char *text = g_strjoin (" ", error, details, NULL);

    flasher_package_page_add_finding (self, OAK_FINDING_ERROR, text);
  }
  gtk_check_button_set_active (self->override_check, allowed);
  gtk_widget_set_visible (GTK_WIDGET (self->override_check),
                          allowed || (verdict != NULL && flasher_verdict_can_override (verdict)));
  gtk_widget_set_visible (self->findings_card,
                          n_findings > 0 || (verdict == NULL && error != NULL));
}

static void
flasher_package_page_set_style (FlasherPackagePage *self, const char *style)
{
  if (self->style != NULL)
    gtk_widget_remove_css_class (self->header_box, self->style);
  self->style = style;
  if (style != NULL)
    gtk_widget_add_css_class (self->header_box, style);
}

static void
flasher_package_page_show_header (FlasherPackagePage *self, const OakAppVerdict *verdict)
{
  const char *title = flasher_bundle_get_name (self->bundle);
  const char *headline = _ ("Cannot be flashed");
  gboolean loading = flasher_bundle_get_loading (self->bundle);
  const char *name = NULL;

  if (self->contents != NULL)
    name = oak_app_package_get_application_name (oak_app_contents_get_package (self->contents));
  if (loading)
    headline = _ ("Checking the package…");
  else if (title == NULL)
    headline = _ ("Open an application package first.");
  else if (verdict != NULL)
    headline = flasher_verdict_headline (verdict);
  gtk_label_set_text (self->title_label, name != NULL ? name : title != NULL ? title : "");
  gtk_label_set_text (self->headline_label, headline);
  gtk_spinner_set_spinning (self->spinner, loading);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), loading);
  if (loading || title == NULL)
    flasher_package_page_set_style (self, NULL);
  else if (verdict != NULL && oak_app_verdict_get_result (verdict) == OAK_APP_OK)
    flasher_package_page_set_style (self, "success");
  else
    flasher_package_page_set_style (self,
                                    flasher_severity_style (verdict != NULL
                                                                ? flasher_verdict_severity (verdict)
                                                                : OAK_FINDING_ERROR));
}

static void
flasher_package_page_show_facts (FlasherPackagePage *self, const OakAppVerdict *verdict)
{
  OakAppPackage *package = oak_app_contents_get_package (self->contents);
  const char *version = oak_app_package_get_firmware_version (package);
  gsize size = oak_app_package_get_size (package);
  g_autofree char *size_text = flasher_package_describe_size (size);
  g_autofree char *firmware = flasher_package_describe_firmware (self->contents);
  g_autofree char *standalone = flasher_package_describe_standalone (verdict);
  g_autofree char *room = flasher_package_describe_room (size, &self->target);
  const char *generation =
      flasher_package_describe_generation (oak_app_contents_get_generation (self->contents));
  guint64 known_room = self->target.room_known ? self->target.room : 0;

  flasher_property_row_set_value (self->file_row, oak_app_package_get_file_name (package));
  flasher_property_row_set_value (self->size_row, size_text);
  flasher_property_row_set_value (self->firmware_row, firmware);
  flasher_property_row_set_value (self->version_row, version != NULL ? version : _ ("Not given"));
  flasher_property_row_set_value (self->generation_row, generation);
  flasher_property_row_set_value (self->standalone_row, standalone);
  flasher_property_row_set_value (self->sha256_row, oak_app_package_get_sha256 (package));
  flasher_layout_bar_set_package (self->layout_bar, package, known_room);
  flasher_layout_legend_fill (self->legend, package, known_room);
  gtk_label_set_text (self->room_label, room);
}

/* Only when the package is another one: a person may be reading a script. */
static void
flasher_package_page_show_lists (FlasherPackagePage *self)
{
  guint n_scripts = flasher_package_scripts_fill (self->scripts_box, self->contents);

  flasher_package_list_take_lines (self->nodes_list, flasher_package_list_nodes (self->contents));
  flasher_package_list_take_lines (self->connections_list,
                                   flasher_package_list_connections (self->contents));
  flasher_package_list_take_lines (self->assets_list, flasher_package_list_assets (self->contents));
  gtk_widget_set_visible (self->scripts_heading, n_scripts > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->scripts_box), n_scripts > 0);
}

static void
flasher_package_page_update (FlasherPackagePage *self)
{
  OakAppContents *contents = flasher_bundle_get_contents (self->bundle);
  g_autoptr (OakAppVerdict) verdict = flasher_bundle_judge (self->bundle, &self->target);
  gboolean another = contents != self->contents;
  gboolean readable = FALSE;

  if (another) {
    g_clear_pointer (&self->contents, oak_app_contents_unref);
    self->contents = contents != NULL ? oak_app_contents_ref (contents) : NULL;
  }
  flasher_package_page_show_header (self, verdict);
  flasher_package_page_show_findings (self, verdict);
  /* What is no package has no parts to tell about. */
  readable = contents != NULL &&
             oak_app_package_get_n_sections (oak_app_contents_get_package (contents)) > 0;
  gtk_widget_set_visible (self->facts_box, readable);
  if (!readable)
    return;
  flasher_package_page_show_facts (self, verdict);
  if (another)
    flasher_package_page_show_lists (self);
}

static void
override_cb (FlasherPackagePage *self)
{
  if (self->bundle != NULL)
    flasher_bundle_set_allow_host_streams (self->bundle,
                                           gtk_check_button_get_active (self->override_check));
}

static void
flasher_package_page_dispose (GObject *object)
{
  FlasherPackagePage *self = FLASHER_PACKAGE_PAGE (object);

  g_clear_object (&self->bundle);
  g_clear_pointer (&self->contents, oak_app_contents_unref);
  flasher_widget_drop_children (GTK_WIDGET (object));
  G_OBJECT_CLASS (flasher_package_page_parent_class)->dispose (object);
}

static void
flasher_package_page_bind_rows (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, file_row);
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, size_row);
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, firmware_row);
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, version_row);
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, generation_row);
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, standalone_row);
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, sha256_row);
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, layout_bar);
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, legend);
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, room_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, lists_box);
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, scripts_heading);
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, scripts_box);
}

static void
flasher_package_page_class_init (FlasherPackagePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (FLASHER_TYPE_CLAMP);
  g_type_ensure (FLASHER_TYPE_LAYOUT_BAR);
  g_type_ensure (FLASHER_TYPE_PROPERTY_ROW);
  G_OBJECT_CLASS (klass)->dispose = flasher_package_page_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class,
      "/io/github/oakflasher/OakFlasher/flasher-package-page.ui");
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, scroller);
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, image);
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, title_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, headline_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, camera_label);
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, spinner);
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, header_box);
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, findings_card);
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, findings_box);
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, override_check);
  gtk_widget_class_bind_template_child (widget_class, FlasherPackagePage, facts_box);
  flasher_package_page_bind_rows (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, override_cb);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "packagepage");
}

static FlasherPackageList *
flasher_package_page_add_list (FlasherPackagePage *self, const char *title)
{
  GtkWidget *list = flasher_package_list_new (title);

  gtk_box_append (self->lists_box, list);
  return FLASHER_PACKAGE_LIST (list);
}

static void
flasher_package_page_init (FlasherPackagePage *self)
{
  GtkWidget *viewport = NULL;

  self->target = (OakAppTarget) OAK_APP_TARGET_INIT;
  gtk_widget_init_template (GTK_WIDGET (self));
  /* Lists that scroll by themselves are as high as they want to be, not as low as they can be. */
  viewport = gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (self->scroller));
  gtk_scrollable_set_vscroll_policy (GTK_SCROLLABLE (viewport), GTK_SCROLL_NATURAL);
  self->nodes_list = flasher_package_page_add_list (self, _ ("Nodes"));
  self->connections_list = flasher_package_page_add_list (self, _ ("Connections"));
  self->assets_list = flasher_package_page_add_list (self, _ ("Assets"));
}

void
flasher_package_page_set_bundle (FlasherPackagePage *self,
                                 FlasherBundle *bundle,
                                 const OakAppTarget *target,
                                 const char *camera)
{
  g_autofree char *text = NULL;

  g_return_if_fail (FLASHER_IS_PACKAGE_PAGE (self));
  g_return_if_fail (FLASHER_IS_BUNDLE (bundle));
  g_return_if_fail (self->bundle == NULL);

  self->bundle = g_object_ref (bundle);
  if (target != NULL)
    self->target = *target;
  if (camera != NULL && self->target.version_known)
    text = g_strdup_printf (_ ("Judged for %s"), camera);
  gtk_label_set_text (self->camera_label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->camera_label), text != NULL);
  g_signal_connect_object (bundle,
                           "changed",
                           G_CALLBACK (flasher_package_page_update),
                           self,
                           G_CONNECT_SWAPPED);
  flasher_package_page_update (self);
}
