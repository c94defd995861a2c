/* Copyright 2026 The OAK Flasher authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "oak-image-release.h"

#include <string.h>

#include "oak-error.h"
#include "oak-firmware-archive.h"

/* Addresses, and which of them are allowed. */

static void
test_versions_on_offer_are_versions_newest_first (void)
{
  const char *const *versions = oak_image_release_get_versions ();
  OakVersion before = OAK_VERSION (99, 0, 0);

  g_assert_cmpuint (g_strv_length ((char **) versions), ==, 4);
  for (guint i = 0; versions[i] != NULL; i++) {
    OakVersion version = { 0 };

    g_assert_true (oak_firmware_check_version (versions[i], &version));
    g_assert_cmpint (oak_version_compare (version, before), <, 0);
    before = version;
  }
}

/* As the vendor's own build fetches them (bootloader.md §10.1). */
static void
test_addresses_are_the_vendors (void)
{
  static const struct {
    const char *server;
    const char *version;
    const char *address;
  } rows[] = {
    { NULL,
      "0.0.28",
      "https://artifacts.luxonis.com/artifactory/luxonis-myriad-release-local/depthai-bootloader/"
      "0.0.28/depthai-bootloader-fwp-0.0.28.tar.xz" },
    { "https://example.org/mirror",
      "0.0.18+c555ac2f",
      "https://example.org/mirror/luxonis-myriad-snapshot-local/depthai-bootloader/"
      "0.0.18%2Bc555ac2f/depthai-bootloader-fwp-0.0.18%2Bc555ac2f.tar.xz" },
    { "http://127.0.0.1:8080/",
      "1.2.3",
      "http://127.0.0.1:8080/luxonis-myriad-release-local/depthai-bootloader/1.2.3/"
      "depthai-bootloader-fwp-1.2.3.tar.xz" },
  };

  g_unsetenv (OAK_IMAGE_SERVER_VARIABLE);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *address =
        oak_image_release_make_address (rows[i].server, rows[i].version, &error);

    g_assert_no_error (error);
    g_assert_cmpstr (address, ==, rows[i].address);
  }
}

static void
test_the_environment_names_another_server (void)
{
  g_autofree char *other = NULL;
  g_autofree char *named = NULL;

  g_setenv (OAK_IMAGE_SERVER_VARIABLE, "https://mirror.example", TRUE);
  other = oak_image_release_make_address (NULL, "0.0.28", NULL);
  named = oak_image_release_make_address ("https://named.example", "0.0.28", NULL);
  g_unsetenv (OAK_IMAGE_SERVER_VARIABLE);
  g_assert_true (g_str_has_prefix (other, "https://mirror.example/luxonis"));
  g_assert_true (g_str_has_prefix (named, "https://named.example/luxonis"));
}

static void
test_what_is_no_version_gives_no_address (void)
{
  static const char *const versions[] = {
    "",        "0.0",     "0.0.28/../../x", "../0.0.28",
    "v0.0.28", "0.0.-1",  "0.0.28+",        "0.0.28+xyzxyzxyz",
    "00.0.28", " 0.0.28", "0.0.28\n",       "latest"
  };

  for (guint i = 0; i < G_N_ELEMENTS (versions); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (oak_image_release_make_address (NULL, versions[i], &error));
    g_assert_error (error, OAK_ERROR, OAK_ERROR_UNSUPPORTED);
  }
}

static void
test_only_https_and_literal_loopback_addresses_are_allowed (void)
{
  static const struct {
    const char *address;
    gboolean is_allowed;
    gboolean is_allowed_in_tests;
  } rows[] = {
    { "https://example.org/a", TRUE, TRUE },
    { "HTTPS://example.org/a", TRUE, TRUE },
    { "https://127.0.0.1:8443/a", TRUE, TRUE },
    { "http://127.0.0.1/a", FALSE, TRUE },
    { "http://127.9.9.9:80/a", FALSE, TRUE },
    { "http://[::1]:8080/a", FALSE, TRUE },
    { "http://localhost/a", FALSE, FALSE },
    { "http://127.0.0.1.example.org/a", FALSE, FALSE },
    { "http://example.org/a", FALSE, FALSE },
    { "http://10.0.0.1/a", FALSE, FALSE },
    { "http://127.0.0.1@example.org/a", FALSE, FALSE },
    { "https://me:secret@example.org/a", FALSE, FALSE },
    { "https:///a", FALSE, FALSE },
    { "https:a", FALSE, FALSE },
    { "ftp://127.0.0.1/a", FALSE, FALSE },
    { "file:///etc/passwd", FALSE, FALSE },
    { "data:text/plain,x", FALSE, FALSE },
    { "//example.org/a", FALSE, FALSE },
    { "example.org", FALSE, FALSE },
    { "", FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;

    g_test_message ("%s", rows[i].address);
    g_assert_cmpint (oak_image_release_check_address (rows[i].address, FALSE, NULL),
                     ==,
                     rows[i].is_allowed);
    g_assert_cmpint (oak_image_release_check_address (rows[i].address, TRUE, &error),
                     ==,
                     rows[i].is_allowed_in_tests);
    if (!rows[i].is_allowed_in_tests)
      g_assert_error (error, OAK_ERROR, OAK_ERROR_UNSUPPORTED);
  }
}

static void
test_sidecars_are_64_digits_and_no_more (void)
{
#define DIGITS "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  static const struct {
    const char *text;
    gsize size;
    gboolean is_right;
  } rows[] = {
    { DIGITS, 64, TRUE },           { DIGITS "\n", 65, TRUE },    { DIGITS, 63, FALSE },
    { DIGITS, 0, FALSE },           { DIGITS "\n\n", 66, FALSE }, { DIGITS "  file", 70, FALSE },
    { "G" DIGITS, 64, FALSE },      { "A" DIGITS, 64, FALSE },    { "\0" DIGITS, 64, FALSE },
    { "<html>" DIGITS, 70, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *sha256 = oak_image_release_parse_sidecar (rows[i].text, rows[i].size, &error);

    g_assert_cmpstr (sha256, ==, rows[i].is_right ? DIGITS : NULL);
    if (!rows[i].is_right)
      g_assert_error (error, OAK_ERROR, OAK_ERROR_PROTOCOL);
  }
}

#define ADD(name, function) g_test_add_func ("/images/release/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("versions-on-offer-are-versions-newest-first",
       test_versions_on_offer_are_versions_newest_first);
  ADD ("addresses-are-the-vendors", test_addresses_are_the_vendors);
  ADD ("the-environment-names-another-server", test_the_environment_names_another_server);
  ADD ("what-is-no-version-gives-no-address", test_what_is_no_version_gives_no_address);
  ADD ("only-https-and-literal-loopback-addresses-are-allowed",
       test_only_https_and_literal_loopback_addresses_are_allowed);
  ADD ("sidecars-are-64-digits-and-no-more", test_sidecars_are_64_digits_and_no_more);
  return g_test_run ();
}
