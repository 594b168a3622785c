# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later

# VEREDUS_TRY_FLAG(VARIABLE, FLAG, [IF-UNSUPPORTED])
# Appends FLAG to VARIABLE if the compiler supports it together with the flags
# that VARIABLE already has.  Warnings are errors in this test, because clang
# only warns about unknown flags.
AC_DEFUN([VEREDUS_TRY_FLAG], [
  AC_MSG_CHECKING([whether $CC supports $2])
  veredus_saved_cflags=$CFLAGS
  CFLAGS="$CFLAGS -Werror $$1 $2"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <string.h>]],
      [[char text[16]; memset(text, 0, sizeof(text)); return text[1];]])],
    [AC_MSG_RESULT([yes])
     $1="${$1:+$$1 }$2"],
    [AC_MSG_RESULT([no])
     $3])
  CFLAGS=$veredus_saved_cflags
])

# Requires C17.
AC_DEFUN([VEREDUS_LANGUAGE], [
  VEREDUS_TRY_FLAG([LANGUAGE_CFLAGS], [-std=c17],
    [AC_MSG_ERROR([a compiler for C17 is needed: apt-get install gcc])])
  AC_SUBST([LANGUAGE_CFLAGS])
])

# Flags of --enable-sanitizers, --enable-coverage and --enable-fuzzers.
AC_DEFUN([VEREDUS_INSTRUMENTATION], [
  AS_IF([test "$enable_sanitizers" = yes], [
    VEREDUS_TRY_FLAG([INSTRUMENTATION_CFLAGS],
      [-fsanitize=address,undefined],
      [AC_MSG_ERROR([the sanitizers' libraries are missing; for clang:
                     apt-get install libclang-rt-14-dev])])
    VEREDUS_TRY_FLAG([INSTRUMENTATION_CFLAGS], [-fno-sanitize-recover=all])
    VEREDUS_TRY_FLAG([INSTRUMENTATION_CFLAGS], [-fno-omit-frame-pointer])])
  AS_IF([test "$enable_coverage" = yes], [
    CFLAGS="-g -O0"
    VEREDUS_TRY_FLAG([INSTRUMENTATION_CFLAGS], [--coverage])
    # Threads and child processes may update the counters at the same time.
    VEREDUS_TRY_FLAG([INSTRUMENTATION_CFLAGS], [-fprofile-update=atomic])])
  AS_IF([test "$enable_fuzzers" = yes], [
    VEREDUS_TRY_FLAG([INSTRUMENTATION_CFLAGS], [-fsanitize=fuzzer-no-link],
      [AC_MSG_ERROR([libFuzzer is missing: configure with CC=clang, and
                     apt-get install clang libclang-rt-14-dev])])
    FUZZER_LIBS=-fsanitize=fuzzer])
  AC_SUBST([FUZZER_LIBS])
  AM_CONDITIONAL([FUZZERS], [test "$enable_fuzzers" = yes])
  AM_CONDITIONAL([INSTRUMENTED],
    [test "$enable_sanitizers" = yes || test "$enable_coverage" = yes])
  AC_SUBST([INSTRUMENTATION_CFLAGS])
])

AC_DEFUN([VEREDUS_WARNINGS], [
  for flag in -Wall -Wextra -Wpedantic -Wshadow \
      -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla \
      -Wconversion -Wno-sign-conversion -Wimplicit-fallthrough -Wundef \
      -Wtrampolines -Wbidi-chars=any \
      -Werror=format-security -Werror=implicit \
      -Werror=incompatible-pointer-types -Werror=int-conversion
  do
    VEREDUS_TRY_FLAG([WARNING_CFLAGS], [$flag])
  done
  AS_IF([test "$enable_werror" = yes], [WARNING_CFLAGS="$WARNING_CFLAGS -Werror"])
  AC_SUBST([WARNING_CFLAGS])
])
