# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later

# VEREDUS_SYSTEMD
# Chooses the folders of the units, and of the files that make the user and the
# folders of the service: those that systemd names, but none for an installation
# below another folder, such as the home of a user.
AC_DEFUN([VEREDUS_SYSTEMD], [
  VEREDUS_UNIT_FOLDER([systemdsystemunitdir], [units of the system])
  VEREDUS_UNIT_FOLDER([systemduserunitdir], [units of users])
  VEREDUS_UNIT_FOLDER([sysusersdir], [user of the service])
  VEREDUS_UNIT_FOLDER([tmpfilesdir], [folders of the service])
  AM_CONDITIONAL([WITH_SYSTEMD], [test "$with_systemdsystemunitdir" != no])
  AM_CONDITIONAL([WITH_SYSTEMD_USER], [test "$with_systemduserunitdir" != no])
  AM_CONDITIONAL([WITH_SYSUSERS], [test "$with_sysusersdir" != no])
  AM_CONDITIONAL([WITH_TMPFILES], [test "$with_tmpfilesdir" != no])
])

# VEREDUS_UNIT_FOLDER(VARIABLE OF SYSTEMD, WHAT IT HAS)
AC_DEFUN([VEREDUS_UNIT_FOLDER], [
  AC_ARG_WITH([$1],
    [AS_HELP_STRING([--with-$1=DIR], [folder for the $2, or no])],
    [], [with_$1=auto])
  AS_IF([test "$with_$1" = auto || test "$with_$1" = yes],
    [AS_CASE([$prefix],
      [NONE|/usr|/usr/local],
        [with_$1=`$PKG_CONFIG --variable=$1 systemd 2>/dev/null`
        test -n "$with_$1" || with_$1=no],
      [with_$1=no])])
  AC_SUBST([$1], [$with_$1])
])
