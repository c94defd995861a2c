/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What the benchmarks measure with. Kept free of libraries, so that it adds nothing of its own: the
 * peak memory of a process is never less than that of the one it was forked from.
 *
 *   bench-tool copy FILE          copies FILE's bytes once over TCP to another process, and prints
 * the microseconds bench-tool run COMMAND...     runs COMMAND and prints to standard error its wall
 * time in microseconds, its peak memory in KiB and its exit code
 *
 * The copy is as plain as one can be: one connection over the loopback, blocking calls, the
 * receiver reads into memory of the full size and answers with one byte when it has everything, as
 * a camera answers when it has written everything. */

#define PIECE_SIZE ((size_t) 1024 * 1024)

static void
fail (const char *what)
{
  fprintf (stderr, "bench-tool: %s: %s\n", what, strerror (errno));
  exit (1);
}

static int64_t
now_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int
open_listener (struct sockaddr_in *address)
{
  socklen_t size = sizeof *address;
  int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  *address = (struct sockaddr_in){ .sin_family = AF_INET };
  address->sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (listener < 0 || bind (listener, (struct sockaddr *) address, size) != 0 ||
      listen (listener, 1) != 0 || getsockname (listener, (struct sockaddr *) address, &size) != 0)
    fail ("listening");
  return listener;
}

/* The child: takes @size bytes into memory and answers. */
static void
receive_all (int listener, size_t size)
{
  int connection = accept (listener, NULL, NULL);
  char *memory = malloc (size);
  size_t done = 0;

  if (connection < 0 || memory == NULL)
    fail ("receiving");
  while (done < size) {
    ssize_t part =
        read (connection, memory + done, size - done < PIECE_SIZE ? size - done : PIECE_SIZE);

    if (part <= 0)
      fail ("receiving");
    done += (size_t) part;
  }
  if (write (connection, memory + size - 1, 1) != 1)
    fail ("answering");
  free (memory);
  exit (0);
}

static int64_t
send_all (const struct sockaddr_in *address, const char *bytes, size_t size)
{
  int connection = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int no_delay = 1;
  int64_t start_us = 0;
  size_t done = 0;
  char answer;

  if (connection < 0 ||
      connect (connection, (const struct sockaddr *) address, sizeof *address) != 0)
    fail ("connecting");
  setsockopt (connection, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
  start_us = now_us ();
  while (done < size) {
    ssize_t part =
        write (connection, bytes + done, size - done < PIECE_SIZE ? size - done : PIECE_SIZE);

    if (part <= 0)
      fail ("sending");
    done += (size_t) part;
  }
  if (read (connection, &answer, 1) != 1)
    fail ("waiting for the answer");
  return now_us () - start_us;
}

static int
copy (const char *path)
{
  struct sockaddr_in address;
  struct stat status;
  int file = open (path, O_RDONLY | O_CLOEXEC);
  int listener = open_listener (&address);
  const char *bytes = NULL;
  pid_t child = 0;

  if (file < 0 || fstat (file, &status) != 0 || status.st_size == 0)
    fail (path);
  bytes = mmap (NULL, (size_t) status.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
  if (bytes == MAP_FAILED)
    fail (path);
  child = fork ();
  if (child < 0)
    fail ("fork");
  if (child == 0)
    receive_all (listener, (size_t) status.st_size);
  printf ("%lld\n", (long long) send_all (&address, bytes, (size_t) status.st_size));
  waitpid (child, NULL, 0);
  return 0;
}

static int
run (char **command)
{
  struct rusage usage;
  int64_t start_us = now_us ();
  pid_t child = fork ();
  int status = 0;

  if (child < 0)
    fail ("fork");
  if (child == 0) {
    execv (command[0], command);
    fail (command[0]);
  }
  if (wait4 (child, &status, 0, &usage) != child)
    fail ("wait4");
  fprintf (stderr,
           "bench %lld %ld %d\n",
           (long long) (now_us () - start_us),
           usage.ru_maxrss,
           WIFEXITED (status) ? WEXITSTATUS (status) : -1);
  return 0;
}

int
main (int argc, char **argv)
{
  if (argc == 3 && strcmp (argv[1], "copy") == 0)
    return copy (argv[2]);
  if (argc >= 3 && strcmp (argv[1], "run") == 0)
    return run (argv + 2);
  fprintf (stderr, "usage: bench-tool copy FILE | bench-tool run COMMAND...\n");
  return 2;
}
