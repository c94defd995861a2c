/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <arpa/inet.h>
#include <glib.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

/* For the main () of every test program that opens sockets: where an IPv4 interface other than the
 * loopback is up, a mistake could reach a real camera, so the program does not even begin. Run it
 * as tests/tools/loopback.sh does; tests/tools/veth-guard.sh sets OAK_TEST_VETH, because its second
 * interface leads nowhere. */
static inline void
network_guard_check (void)
{
  struct ifaddrs *entries = NULL;
  gboolean safe = TRUE;

  if (g_strcmp0 (g_getenv ("OAK_TEST_VETH"), "1") == 0)
    return;
  if (getifaddrs (&entries) != 0)
    g_error ("cannot list network interfaces");

  for (struct ifaddrs *entry = entries; entry != NULL; entry = entry->ifa_next)
    if (entry->ifa_addr != NULL && entry->ifa_addr->sa_family == AF_INET &&
        (entry->ifa_flags & IFF_UP) != 0 && (entry->ifa_flags & IFF_LOOPBACK) == 0)
      safe = FALSE;
  freeifaddrs (entries);
  if (!safe)
    g_error (
        "a network interface besides the loopback is up: run tests by tests/tools/loopback.sh");
}
