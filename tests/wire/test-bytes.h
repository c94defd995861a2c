/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes for tests, from digits and into blocks of exactly their size. */

/* Hexadecimal digits with blanks and line breaks anywhere; "N*HH" means N times the byte HH, as in
 * the fact books. Returns: (transfer full): aborts the test for anything else. */
GBytes *
test_bytes_new (const char *digits);

/* Returns: (transfer full): the first @size bytes in a heap block of their own, so that reading one
 * byte further ends the program under the address sanitizer; a block of size 0 is not NULL. */
guint8 *
test_bytes_cut (GBytes *bytes, gsize size);

/* Aborts the test with the first place where they differ. */
void
test_bytes_assert_equal (GBytes *bytes, GBytes *expected);

/* The same with digits for the expected ones. */
void
test_bytes_assert (GBytes *bytes, const char *expected_digits);

G_END_DECLS
