# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later

# VEREDUS_MODULES
# Flags and libraries to build and load shared objects on GNU and similar
# systems, without libtool.
AC_DEFUN([VEREDUS_MODULES], [
  AM_CONDITIONAL([MODULES], [test "$enable_modules" = yes])
  AS_IF([test "$enable_modules" = yes], [
    VEREDUS_TRY_FLAG([PIC_CFLAGS], [-fPIC],
      [AC_MSG_ERROR([the compiler cannot make shared objects: configure --disable-modules])])
    VEREDUS_TRY_FLAG([PIC_CFLAGS], [-fvisibility=hidden])
    veredus_saved_libs=$LIBS
    AC_SEARCH_LIBS([dlopen], [dl], [],
      [AC_MSG_ERROR([dlopen() is missing: configure --disable-modules])])
    AS_CASE([$ac_cv_search_dlopen], [-l*], [DL_LIBS=$ac_cv_search_dlopen])
    LIBS=$veredus_saved_libs])
  AC_SUBST([PIC_CFLAGS])
  AC_SUBST([DL_LIBS])
])
