/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _SimCamera SimCamera;
typedef struct _SimUsbVhci SimUsbVhci;

/**
 * SimServer:
 *
 * The sockets of all cameras and the one loop that serves them: UDP 11491 and TCP 11490 at each
 * camera's own address, and one more UDP socket that hears broadcasts for all of them. Without
 * @any_address nothing is bound outside 127.0.0.0/8. One thread.
 */
typedef struct _SimServer SimServer;

SimServer *
sim_server_new (gboolean any_address);
void
sim_server_free (SimServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimServer, sim_server_free)

/* Binds the camera's sockets; takes ownership of @camera. @address NULL: it is not on the network.
 * The files are read by the caller; they are written when the server dumps and when it ends.
 * Returns: FALSE with OAK_ERROR_BUSY, NO_ACCESS or UNREACHABLE when the address cannot be had. */
gboolean
sim_server_add (SimServer *self,
                SimCamera *camera,
                const char *address,
                const char *flash_file,
                const char *emmc_file,
                GError **error);
/* The camera added last is on USB, too; takes ownership of @usb. */
void
sim_server_add_usb (SimServer *self, SimUsbVhci *usb);
/* Binds the broadcast socket, if there is a camera on the network. */
gboolean
sim_server_listen (SimServer *self, GError **error);

/* Serves until SIGTERM or SIGINT comes, or the end of standard input when @watch_stdin. SIGUSR1
 * dumps. */
void
sim_server_run (SimServer *self, gboolean watch_stdin);

/* Writes the memory files, and one line of JSON a camera to standard output. Returns: FALSE when a
 * file could not be written. */
gboolean
sim_server_dump (SimServer *self, GError **error);

G_END_DECLS
