/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Small helpers that several pages share. Main thread. */

/* Appends a sentence with an icon before it; @text is plain text. @style: (nullable): a CSS class
 * for the icon. */
void
flasher_box_append_sentence (GtkBox *box,
                             const char *icon_name,
                             const char *style,
                             const char *text);
void
flasher_box_append_sentences (GtkBox *box,
                              const char *icon_name,
                              const char *style,
                              const char *const *texts);
void
flasher_box_clear (GtkBox *box);
/* For dispose (): what a template has put into @widget. May run twice. */
void
flasher_widget_drop_children (GtkWidget *widget);

/* How much larger than usual text is here: 2 when a person has set it to twice its size. */
double
flasher_widget_get_text_scale (GtkWidget *widget);

/* Shows one page of a stack and really hides the others: pages that a stack only unmaps are still
 * there for assistive technology. */
void
flasher_stack_show (GtkStack *stack, GtkWidget *shown);
void
flasher_stack_show_name (GtkStack *stack, const char *name);

/* For callbacks that may outlive their widget: makes a weak reference, and turns it back into a
 * strong one, or NULL when the object is gone. The latter frees the weak reference, so it is called
 * exactly once. */
gpointer
flasher_weak_new (gpointer object);
gpointer
flasher_weak_take (gpointer weak); /* (transfer full) (nullable) */

/* Asks where to put @text and writes it there; says so when that fails. @file_name: what to
 * propose. */
void
flasher_save_text (GtkWindow *parent, const char *title, const char *file_name, const char *text);

/* Asks for a file to open and calls @callback with @object and the file, once, unless the person or
 * @object went away. @initial: (nullable): the file or folder to begin with; @packages: offer
 * application packages first. */
typedef void (*FlasherFileFunc) (gpointer object, GFile *file);
void
flasher_open_file (GtkWindow *parent,
                   const char *title,
                   GFile *initial,
                   gboolean packages,
                   FlasherFileFunc callback,
                   gpointer object);

/* A sentence in a modal window with one button to close it. */
void
flasher_tell (GtkWindow *parent, const char *title, const char *text);

G_END_DECLS
