/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The udev rule that lets people open cameras on USB, and how to install it. The text is that of
 * data/70-oak-cameras.rules, taken over when the program is built. Any thread. */

#define OAK_USB_RULE_FILE "70-oak-cameras.rules"
#define OAK_USB_RULE_PATH "/etc/udev/rules.d/" OAK_USB_RULE_FILE

/* Returns: (transfer none): the whole file, with its comments. */
const char *
oak_usb_rule_get_text (void);
/* Returns: (transfer none): commands that make udev read the rule and apply it to what is plugged
 * in already, one per string. */
const char *const *
oak_usb_rule_get_reload_commands (void);
/* Returns: (transfer full): lines to be pasted into a terminal, which install the rule and apply
 * it. They need nothing of this program, so that they also work outside its sandbox. */
char *
oak_usb_rule_get_script (void);

G_END_DECLS
