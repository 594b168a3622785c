# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later

# VEREDUS_OAUTH
# The helper for OAuth2 needs libcurl, GnuTLS and jansson.  It is left out with one
# of the first two.
AC_DEFUN([VEREDUS_OAUTH], [
  with_oauth=no
  AS_IF([test "$with_libcurl" != no && test "$with_gnutls" != no],
    [PKG_CHECK_MODULES([JANSSON], [jansson >= 2.14],
      [with_oauth=`$PKG_CONFIG --modversion jansson`],
      [veredus_missing="$veredus_missing
    jansson: apt-get install libjansson-dev, or configure --without-libcurl"])])
  AM_CONDITIONAL([WITH_OAUTH], [test "$with_oauth" != no])
])
