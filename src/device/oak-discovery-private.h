/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oak-discovery.h"
#include "oak-network-scanner.h"

G_BEGIN_DECLS

/* What arrives from the network and from USB (element-type OakUsbFacts), for tests that speak no
 * network. Main thread. */
void
oak_discovery_hear (OakDiscovery *self, const OakHeardAnswer *answer);
void
oak_discovery_see_usb (OakDiscovery *self, GPtrArray *devices);
void
oak_discovery_end_round (OakDiscovery *self);

G_END_DECLS
