/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who calls us and on which host.  Trusts the system's tables more than the
 * environment, and never fails: a missing entry has a stand-in.
 */
#ifndef VEREDUS_BASE_IDENTITY_H
#define VEREDUS_BASE_IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * The login name of the real uid: the system's entry; if several names share
 * the uid LOGNAME or USER may choose among them; "uid-N" without an entry.
 * The caller frees, here and below.
 */
char *identity_user(void);
/* NAME, else the gecos field up to its first comma ("&" is the login name). */
char *identity_full_name(void);
/* The folder that a variable of the environment names, if the caller owns it;
 * else NULL: with sudo and its like it may be another user's. */
const char *identity_folder(const char *variable);
/* HOME if the caller owns it, else the system's entry; NULL without one. */
char *identity_home(void);

/* The host's short name, gethostname() up to the first dot. */
char *identity_host(void);
/* gethostname() as it is, if a host may have that name, else as above: for
 * where nobody may wait for a resolver. */
char *identity_host_name(void);
/*
 * The fully qualified name: gethostname() if it has a dot, else the canonical
 * name by the system's tables (getaddrinfo).  NULL if there is none: a bare
 * name or any form of localhost is never returned.
 */
char *identity_fqdn(void);
/* The first line of /etc/mailname if it is a host name, else NULL. */
char *identity_mailname(void);

#endif
