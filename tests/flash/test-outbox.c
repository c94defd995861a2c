/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-outbox.h"

#include <string.h>

#include "oak-log.h"

/* News from several threads: complete, in order, the newest progress only, and never after the
 * result they belong to. */

#define N_THREADS 4
#define N_LINES   500

typedef struct {
  GMainContext *context; /* (unowned): where news must arrive */
  GThread *thread;
  OakLog *log;
  guint n_deliveries;
  guint n_progress;
  double last_fraction;
  int last_step;
  int last_policy;
} Receiver;

static void
receive (const OakNews *news, gpointer user_data)
{
  Receiver *self = user_data;

  g_assert_true (g_thread_self () == self->thread);
  g_assert_true (news->has_progress || news->has_step || news->entries != NULL);
  self->n_deliveries++;
  if (news->has_progress) {
    self->n_progress++;
    self->last_fraction = news->progress.fraction;
  }
  if (news->has_step) {
    self->last_step = news->step;
    self->last_policy = news->cancel_policy;
  }
  if (news->entries != NULL)
    oak_log_append_entries (self->log, news->entries);
}

static void
receiver_init (Receiver *self)
{
  *self = (Receiver){ .thread = g_thread_self (), .log = oak_log_new (), .last_step = -2 };
}

static void
post_progress (OakOutbox *outbox, double fraction)
{
  OakProgress progress = { .fraction = fraction };

  oak_report_progress (oak_outbox_get_report (outbox), &progress);
}

static const char *
get_line (OakLog *log, guint index)
{
  g_autoptr (OakLogEntry) entry = g_list_model_get_item (G_LIST_MODEL (log), index);

  return oak_log_entry_get_text (entry);
}

static void
test_newest_replaces (void)
{
  g_autoptr (OakOutbox) outbox = NULL;
  Receiver receiver;

  receiver_init (&receiver);
  outbox = oak_outbox_new (receive, &receiver);
  for (guint i = 0; i <= 100; i++)
    post_progress (outbox, i / 100.0);
  oak_outbox_post_step (outbox, 1, 5);
  oak_outbox_post_step (outbox, 2, 6);
  oak_report_log (oak_outbox_get_report (outbox), OAK_LOG_LEVEL_INFO, "one");
  oak_report_log (oak_outbox_get_report (outbox), OAK_LOG_LEVEL_WARNING, "two %d", 2);
  g_assert_cmpuint (receiver.n_deliveries, ==, 0);

  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (receiver.n_deliveries, ==, 1);
  g_assert_cmpfloat (receiver.last_fraction, ==, 1.0);
  g_assert_cmpint (receiver.last_step, ==, 2);
  g_assert_cmpint (receiver.last_policy, ==, 6);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (receiver.log)), ==, 2);
  g_assert_cmpstr (get_line (receiver.log, 1), ==, "two 2");
  g_object_unref (receiver.log);
}

typedef struct {
  OakOutbox *outbox;
  guint number;
} Sender;

static gpointer
send_lines (gpointer data)
{
  Sender *self = data;

  for (guint i = 0; i < N_LINES; i++) {
    oak_report_log (oak_outbox_get_report (self->outbox),
                    OAK_LOG_LEVEL_DEBUG,
                    "%u %u",
                    self->number,
                    i);
    post_progress (self->outbox, i / (double) N_LINES);
  }
  return NULL;
}

/* Every line of every thread, each thread's own in order. */
static void
test_threads_lose_nothing (void)
{
  guint next[N_THREADS] = { 0 };
  GThread *threads[N_THREADS];
  Sender senders[N_THREADS];
  g_autoptr (OakOutbox) outbox = NULL;
  Receiver receiver;
  guint n_lines = 0;

  receiver_init (&receiver);
  outbox = oak_outbox_new (receive, &receiver);
  for (guint i = 0; i < N_THREADS; i++) {
    senders[i] = (Sender){ outbox, i };
    threads[i] = g_thread_new ("sender", send_lines, &senders[i]);
  }
  while (g_list_model_get_n_items (G_LIST_MODEL (receiver.log)) < N_THREADS * N_LINES)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  /* A thread's last progress may follow its last line. */
  while (g_main_context_iteration (NULL, FALSE))
    ;

  for (n_lines = 0; n_lines < N_THREADS * N_LINES; n_lines++) {
    g_auto (GStrv) words = g_strsplit (get_line (receiver.log, n_lines), " ", 2);
    guint thread = (guint) atoi (words[0]);

    g_assert_cmpuint ((guint) atoi (words[1]), ==, next[thread]);
    next[thread]++;
  }
  g_assert_cmpuint (receiver.n_progress, <=, receiver.n_deliveries);
  g_object_unref (receiver.log);
}

typedef struct {
  Receiver receiver;
  OakOutbox *outbox;
  gboolean done;
} ResultTest;

static void
work_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  OakOutbox *outbox = data;

  for (guint i = 1; i <= 50; i++) {
    oak_report_log (oak_outbox_get_report (outbox), OAK_LOG_LEVEL_INFO, "line");
    post_progress (outbox, i / 50.0);
    if (i % 7 == 0)
      g_usleep (100);
  }
  g_task_return_boolean (task, TRUE);
}

static void
result_arrives (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ResultTest *test = user_data;

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (test->receiver.log)), ==, 50);
  g_assert_cmpfloat (test->receiver.last_fraction, ==, 1.0);
  test->done = TRUE;
}

static void
test_news_before_result (void)
{
  for (guint round = 0; round < 200; round++) {
    ResultTest test = { 0 };
    g_autoptr (GTask) task = NULL;

    receiver_init (&test.receiver);
    test.outbox = oak_outbox_new (receive, &test.receiver);
    task = g_task_new (NULL, NULL, result_arrives, &test);
    g_task_set_task_data (task, oak_outbox_ref (test.outbox), (GDestroyNotify) oak_outbox_unref);
    g_task_run_in_thread (task, work_in_thread);
    while (!test.done)
      g_main_context_iteration (NULL, TRUE);
    oak_outbox_unref (test.outbox);
    g_object_unref (test.receiver.log);
  }
}

static void
test_closed_is_silent (void)
{
  g_autoptr (OakOutbox) outbox = NULL;
  Receiver receiver;

  receiver_init (&receiver);
  outbox = oak_outbox_new (receive, &receiver);
  oak_report_log (oak_outbox_get_report (outbox), OAK_LOG_LEVEL_INFO, "waiting");
  oak_outbox_close (outbox);
  oak_report_log (oak_outbox_get_report (outbox), OAK_LOG_LEVEL_INFO, "late");
  post_progress (outbox, 0.5);
  oak_outbox_post_step (outbox, 1, 1);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (receiver.n_deliveries, ==, 0);
  g_object_unref (receiver.log);
}

static gpointer
post_from_elsewhere (gpointer data)
{
  oak_report_log (oak_outbox_get_report (data), OAK_LOG_LEVEL_INFO, "from elsewhere");
  return NULL;
}

static void
test_context_is_that_of_the_maker (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (OakOutbox) outbox = NULL;
  Receiver receiver;

  receiver_init (&receiver);
  g_main_context_push_thread_default (context);
  outbox = oak_outbox_new (receive, &receiver);
  g_main_context_pop_thread_default (context);
  g_thread_join (g_thread_new ("elsewhere", post_from_elsewhere, outbox));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (receiver.n_deliveries, ==, 0);
  g_assert_true (g_main_context_iteration (context, FALSE));
  g_assert_cmpuint (receiver.n_deliveries, ==, 1);
  g_object_unref (receiver.log);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flash/outbox/newest-progress-replaces-lines-queue", test_newest_replaces);
  g_test_add_func ("/flash/outbox/threads-lose-no-line-and-keep-their-order",
                   test_threads_lose_nothing);
  g_test_add_func ("/flash/outbox/news-arrives-before-the-result", test_news_before_result);
  g_test_add_func ("/flash/outbox/closed-outbox-is-silent", test_closed_is_silent);
  g_test_add_func ("/flash/outbox/delivers-where-it-was-made", test_context_is_that_of_the_maker);
  return g_test_run ();
}
