/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "flasher-bundle.h"
#include "flasher-clamp.h"
#include "flasher-demo.h"
#include "flasher-device-list.h"
#include "flasher-device-view.h"
#include "flasher-empty-page.h"
#include "flasher-log-view.h"
#include "flasher-package-page.h"
#include "flasher-window.h"

G_BEGIN_DECLS

typedef struct _OakLog OakLog;

/* What the window's own files share. Main thread. */

struct _FlasherWindow {
  GtkApplicationWindow parent_instance;

  GtkButton *back_button;
  GtkWidget *list_buttons;
  GtkInfoBar *demo_bar;
  GtkLabel *demo_label;
  FlasherClamp *clamp;
  GtkPaned *paned;
  FlasherDeviceList *device_list;
  GtkStack *content;
  FlasherEmptyPage *empty_page;
  GtkLabel *camera_label;
  GtkWidget *camera_help_button;
  FlasherPackagePage *package_page; /* while no camera has one of its own */
  FlasherLogView *log_view;

  OakDiscovery *discovery; /* (owned) */
  FlasherDemo *demo;       /* (owned) (nullable) */
  FlasherBundle *bundle;   /* (owned) */
  OakLog *log;             /* (owned): of all jobs */
  GPtrArray *views;        /* (unowned) of FlasherDeviceView: children of content */
  GtkWidget *guard;        /* (weak) (nullable): the question before closing */
  GFile *remembered; /* (owned) (nullable): the package last put into the list of recent ones */
  OakNetworkScope scope;
  guint inhibit_cookie; /* 0: the session may end */
  guint network_source; /* refreshes the remedies while they are shown */
  gboolean chosen;      /* a camera was selected once */
  gboolean wants_help;  /* how to find a camera, rather than the package that is open */
  gboolean closing;     /* as soon as the jobs have ended */
};

FlasherDeviceView *
flasher_window_get_view (FlasherWindow *self); /* (nullable): the one that is shown */

/* Shows what belongs there: the chosen camera, or what there is without one. */
void
flasher_window_update_content (FlasherWindow *self);

/* flasher-window-actions.c */
void
flasher_window_install_actions (FlasherWindow *self);

/* flasher-window-guard.c: what a running job means for the window and the session. */
void
flasher_window_watch_view (FlasherWindow *self, FlasherDeviceView *view);
/* Returns: TRUE when the window has to stay; a question is asked then. */
gboolean
flasher_window_refuse_to_close (FlasherWindow *self);

G_END_DECLS
