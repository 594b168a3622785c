# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later

# VEREDUS_LIBRARY(NAME, OPTION, MODULE, DEBIAN-PACKAGE, WHAT-FOR)
# Requires a library, unless configured with --without-OPTION.  Sets
# NAME_CFLAGS and NAME_LIBS, with_OPTION for the summary, and the automake
# conditional WITH_NAME, which selects one of two source files.
AC_DEFUN([VEREDUS_LIBRARY], [
  AC_ARG_WITH([$2],
    [AS_HELP_STRING([--without-$2], [build without $5])],
    [], [with_$2=yes])
  AS_IF([test "$with_$2" != no],
    [PKG_CHECK_MODULES([$1], [$3],
      [with_$2=`$PKG_CONFIG --modversion "$3"`],
      [veredus_missing="$veredus_missing
    $3: apt-get install $4, or configure --without-$2"])])
  AM_CONDITIONAL([WITH_$1], [test "$with_$2" != no])
])

# Lists all missing libraries in one error.
AC_DEFUN([VEREDUS_MISSING_LIBRARIES], [
  AS_IF([test -n "$veredus_missing"],
    [AC_MSG_ERROR([libraries are missing:$veredus_missing])])
])
