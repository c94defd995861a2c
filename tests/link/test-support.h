/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Small helpers for tests of things that wait, hold descriptors and start threads. */

/* Returns: how much slower than usual this machine may be: the environment's TEST_SLOWDOWN, at
 * least 1. */
double
test_slowdown (void);

/* Returns: a point on the monotonic clock, @timeout_ms times the slowdown from now. */
gint64
test_deadline (guint timeout_ms);

/* What this process holds at the moment, from /proc/self. */
typedef struct {
  guint n_descriptors;
  guint n_threads;
} TestResources;

void
test_resources_take (TestResources *self);
/* Fails the test when more or less is held than in @before; gives ending threads a moment to
 * vanish. */
void
test_resources_assert_equal (const TestResources *before);

/* Returns: CPU time that this process has used, in microseconds. */
gint64
test_cpu_time_us (void);

G_END_DECLS
