/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The names of this host, which are never looked up in the DNS.  The caller frees
 * the results.
 */
#ifndef VEREDUS_BASE_HOST_H
#define VEREDUS_BASE_HOST_H

#include "base/strv.h"

/* gethostname() up to the first dot; "localhost" if no host may have it. */
char *host_short_name(void);
/* gethostname() as it is if a host may have that name, else as above. */
char *host_name(void);
/*
 * The fully qualified name: gethostname() if it has a dot, else the name in
 * /etc/mailname, else the first name with a dot on a line of /etc/hosts that has
 * gethostname(), too.  NULL if there is none: a bare name or any form of
 * localhost is never returned.  The files are read once for the process.
 */
char *host_fqdn(void);
/* host_fqdn(), or host_name() if there is none. */
char *host_fqdn_or_name(void);
/* The first line of /etc/mailname if it is a host name, else NULL. */
char *host_mailname(void);
/* Adds the names under which this host has local users: localhost and the short
 * name, the fully qualified name and the mail name, as far as they exist. */
void host_local_names(struct strv *names);

#endif
