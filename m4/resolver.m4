# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later

# VEREDUS_RESOLVER
# Chooses what sends queries to name servers: the resolver of the C library, if
# its state can be told the servers, also those with IPv6 addresses, and the time,
# as in glibc; else our own.
AC_DEFUN([VEREDUS_RESOLVER], [
  resolver=own
  AS_IF([test "$enable_libc_resolver" != no], [
    AC_CACHE_CHECK([for a resolver with a state], [veredus_cv_res_nsend],
      [AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <netinet/in.h>
          #include <resolv.h>]],
          [[static struct __res_state state;
          unsigned char octets[512];
          state.retrans = 1;
          state._u._ext.nsaddrs[0] = 0;
          return res_nsend(&state, octets, 12, octets, 512);]])],
        [veredus_cv_res_nsend=yes], [veredus_cv_res_nsend=no])])
    AS_IF([test "$veredus_cv_res_nsend" = yes],
      [resolver="of the C library"])])
  AM_CONDITIONAL([LIBC_RESOLVER], [test "$resolver" != own])
])
