# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later

# VEREDUS_AUTOCONFIG
# The helper for autoconfig documents needs libcurl and expat.  It is left out
# without either of them.
AC_DEFUN([VEREDUS_AUTOCONFIG], [
  AC_ARG_WITH([expat],
    [AS_HELP_STRING([--without-expat],
      [build without autoconfig documents (--configure --online)])],
    [], [with_expat=yes])
  AS_IF([test "$with_libcurl" = no], [with_expat=no])
  AS_IF([test "$with_expat" != no],
    [PKG_CHECK_MODULES([EXPAT], [expat >= 2.4.0],
      [with_expat=`$PKG_CONFIG --modversion expat`],
      [veredus_missing="$veredus_missing
    expat >= 2.4.0: apt-get install libexpat1-dev, or configure --without-expat"])])
  AM_CONDITIONAL([WITH_AUTOCONFIG], [test "$with_expat" != no])
])
