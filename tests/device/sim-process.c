/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-process.h"

#include <errno.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* Speaks with the child through signals and its standard output, which is read line by line. */

struct _SimProcess {
  GPid pid;
  FILE *output;
  int input_fd;
  guint n_cameras;
};

static char *
read_line (SimProcess *self)
{
  char *line = NULL;
  size_t size = 0;
  ssize_t length = getline (&line, &size, self->output);
  char *copy;

  if (length < 0)
    g_error ("oak-sim ended before it had said everything");
  copy = g_strchomp (g_strndup (line, (gsize) length));
  free (line);
  return copy;
}

static guint
count_cameras (GStrv arguments)
{
  for (char **argument = arguments; *argument != NULL; argument++)
    if (g_str_has_prefix (*argument, "--cameras="))
      return (guint) atoi (*argument + strlen ("--cameras="));
  return 1;
}

SimProcess *
sim_process_start (const char *first_argument, ...)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) arguments = NULL;
  g_autofree char *line = NULL;
  SimProcess *self = g_new0 (SimProcess, 1);
  int output_fd = -1;
  va_list list;

  g_assert_nonnull (g_getenv ("OAK_SIM"));
  g_strv_builder_add (builder, g_getenv ("OAK_SIM"));
  g_strv_builder_add (builder, "--exit-with-parent");
  va_start (list, first_argument);
  for (const char *argument = first_argument; argument != NULL; argument = va_arg (list, char *))
    g_strv_builder_add (builder, argument);
  va_end (list);
  arguments = g_strv_builder_end (builder);

  g_spawn_async_with_pipes (NULL,
                            arguments,
                            NULL,
                            G_SPAWN_DO_NOT_REAP_CHILD,
                            NULL,
                            NULL,
                            &self->pid,
                            &self->input_fd,
                            &output_fd,
                            NULL,
                            &error);
  g_assert_no_error (error);
  self->output = fdopen (output_fd, "r");
  self->n_cameras = count_cameras (arguments);
  line = read_line (self);
  g_assert_cmpstr (line, ==, "ready");
  return self;
}

static JsonNode *
read_facts (SimProcess *self, guint camera)
{
  g_autoptr (JsonNode) wanted = NULL;

  g_assert_cmpuint (camera, <, self->n_cameras);
  g_assert_cmpint (kill (self->pid, SIGUSR1), ==, 0);
  for (guint i = 0; i < self->n_cameras; i++) {
    g_autofree char *line = read_line (self);

    if (i == camera)
      wanted = json_from_string (line, NULL);
  }
  g_assert_nonnull (wanted);
  return g_steal_pointer (&wanted);
}

gint64
sim_process_get_int (SimProcess *self, guint camera, const char *name)
{
  g_autoptr (JsonNode) facts = read_facts (self, camera);
  JsonObject *object = json_node_get_object (facts);

  g_assert_true (json_object_has_member (object, name));
  return json_object_get_int_member (object, name);
}

char *
sim_process_get_string (SimProcess *self, guint camera, const char *name)
{
  g_autoptr (JsonNode) facts = read_facts (self, camera);
  JsonObject *object = json_node_get_object (facts);

  g_assert_true (json_object_has_member (object, name));
  return g_strdup (json_object_get_string_member (object, name));
}

void
sim_process_assert_untouched (SimProcess *self, guint camera)
{
  g_autoptr (JsonNode) facts = read_facts (self, camera);
  JsonObject *object = json_node_get_object (facts);

  g_assert_cmpint (json_object_get_int_member (object, "connections"), ==, 0);
  g_assert_cmpint (json_object_get_int_member (object, "writes"), ==, 0);
  g_assert_cmpint (json_object_get_int_member (object, "resets"), ==, 0);
}

void
sim_process_freeze (SimProcess *self, gboolean frozen)
{
  int status = 0;

  g_assert_cmpint (kill (self->pid, frozen ? SIGSTOP : SIGCONT), ==, 0);
  if (frozen)
    g_assert_cmpint (waitpid (self->pid, &status, WUNTRACED), ==, self->pid);
}

void
sim_process_stop (SimProcess *self)
{
  int status = 0;

  if (self == NULL)
    return;
  g_assert_cmpint (kill (self->pid, SIGTERM), ==, 0);
  for (guint i = 0; i < self->n_cameras; i++) {
    g_autofree char *line = read_line (self);

    g_assert_true (g_str_has_prefix (line, "{"));
  }
  while (waitpid (self->pid, &status, 0) < 0)
    g_assert_cmpint (errno, ==, EINTR);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  fclose (self->output);
  close (self->input_fd);
  g_spawn_close_pid (self->pid);
  g_free (self);
}
