#!/usr/bin/env bash
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs COMMAND on a virtual screen with a session bus of its own and with the settings every window test shares: software
# drawing, no portals, the stock look, no animations, and a home directory that nobody else has seen. It touches no network.
#
# Usage: run-ui.sh COMMAND [ARGUMENT...]
#   UI_SCREEN     size of the screen, 1280x900 unless set
#   UI_FONT       the interface font, "Cantarell 11" unless set (large text: "Cantarell 17")
#   GTK_THEME, GDK_SCALE   as GTK reads them, for pictures in other styles and sizes
#   GTK_A11Y      accessibility backend, "none" unless set ("test" for gtk_test_accessible_*, "atspi" for scenarios from outside)
set -euo pipefail

[ $# -gt 0 ] || { echo 'usage: run-ui.sh COMMAND [ARGUMENT...]' >&2; exit 2; }

home=$(mktemp -d "${TMPDIR:-/tmp}/oak-ui-XXXXXX")
trap 'rm -rf "$home"' EXIT
mkdir -p "$home/config/gtk-4.0" "$home/data" "$home/state"
mkdir -m 700 "$home/runtime"
cat >"$home/config/gtk-4.0/settings.ini" <<INI
[Settings]
gtk-font-name=${UI_FONT:-Cantarell 11}
gtk-icon-theme-name=Adwaita
gtk-enable-animations=0
INI

export XDG_CONFIG_HOME="$home/config" XDG_DATA_HOME="$home/data" XDG_STATE_HOME="$home/state" XDG_RUNTIME_DIR="$home/runtime"
export GSK_RENDERER=cairo GDK_DEBUG=gl-disable GDK_BACKEND=x11 GTK_USE_PORTAL=0 GSETTINGS_BACKEND=memory NO_AT_BRIDGE=1
export GTK_A11Y="${GTK_A11Y:-none}"
unset WAYLAND_DISPLAY

xvfb-run -a -s "-screen 0 ${UI_SCREEN:-1280x900}x24 -nolisten tcp" dbus-run-session -- "$@"
