/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gtk/gtk.h>

/* Another program with a file to be dragged out of it, as a file manager has: "drag-source FILE".
 * Its window is the file. */

static void
quit_cb (gpointer loop)
{
  g_main_loop_quit (loop);
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GFile) file = NULL;
  GtkDragSource *source = gtk_drag_source_new ();
  GtkWidget *window = NULL;

  g_assert (argc == 2);
  gtk_init ();
  file = g_file_new_for_commandline_arg (argv[1]);
  window = g_object_new (GTK_TYPE_WINDOW,
                         "title",
                         "A File",
                         "decorated",
                         FALSE,
                         "default-width",
                         120,
                         "default-height",
                         80,
                         NULL);
  gtk_drag_source_set_content (source, gdk_content_provider_new_typed (G_TYPE_FILE, file));
  gtk_widget_add_controller (window, GTK_EVENT_CONTROLLER (source));
  g_signal_connect_swapped (source, "drag-end", G_CALLBACK (quit_cb), loop);
  gtk_window_present (GTK_WINDOW (window));
  g_main_loop_run (loop);
  return 0;
}
