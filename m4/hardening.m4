# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later

# VEREDUS_HARDENING
# Tests each hardening flag.  The summary of configure lists the flags that the
# compiler does not support; tests/checks/hardening verifies the binary.
#
# -z nodlopen is not used, because the libraries load modules of their own.
AC_DEFUN([VEREDUS_HARDENING], [
  flags="-fstrict-flex-arrays=3 -fstack-clash-protection
    -fstack-protector-strong -fno-delete-null-pointer-checks
    -fno-strict-aliasing -fPIE"
  AS_CASE([`uname -m`],
    [aarch64|arm64], [flags="$flags -mbranch-protection=standard"],
    [x86_64|i?86], [flags="$flags -fcf-protection=full"])
  # These two hide bugs from the sanitizers.
  AS_IF([test "$enable_sanitizers" = no],
    [flags="$flags -fno-strict-overflow -ftrivial-auto-var-init=zero"])
  for flag in $flags; do
    VEREDUS_HARDENING_FLAG([HARDENING_CFLAGS], [$flag])
  done

  VEREDUS_HARDENING_FLAG([PIE_LDFLAGS], [-pie])
  for flag in -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed
  do
    VEREDUS_HARDENING_FLAG([HARDENING_LDFLAGS], [$flag])
  done

  VEREDUS_FORTIFY
  AC_SUBST([HARDENING_CFLAGS])
  AC_SUBST([HARDENING_CPPFLAGS])
  AC_SUBST([HARDENING_LDFLAGS])
  AC_SUBST([PIE_LDFLAGS])
])

AC_DEFUN([VEREDUS_HARDENING_FLAG], [
  VEREDUS_TRY_FLAG([$1], [$2], [hardening_unsupported="$hardening_unsupported $2"])
])

# _FORTIFY_SOURCE needs optimization, and hides calls from the sanitizers.
AC_DEFUN([VEREDUS_FORTIFY], [
  fortify="no (not with this CFLAGS)"
  AS_CASE(["$enable_sanitizers $enable_fuzzers $CFLAGS "],
    [yes*|*" yes "*], [fortify="no (instrumented)"],
    [*" -O0 "*], [],
    [*" -O"*], [
      VEREDUS_TRY_FLAG([HARDENING_CPPFLAGS],
        [-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3],
        [hardening_unsupported="$hardening_unsupported -D_FORTIFY_SOURCE=3"])
      AS_IF([test -n "$HARDENING_CPPFLAGS"], [fortify=3])])
])
