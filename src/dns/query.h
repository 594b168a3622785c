/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What all resolvers do with the octets of a query, and when they trust the AD
 * flag of a response.
 */
#ifndef VEREDUS_DNS_QUERY_H
#define VEREDUS_DNS_QUERY_H

#include <arpa/nameser.h>
#include <stdbool.h>

#include "dns/params.h"

/* The octets of an OPT record without data. */
#define QUERY_OPT_SIZE 11
/* The room for a query: its header, a name, type and class, and OPT. */
#define QUERY_MAX \
	(NS_HFIXEDSZ + NS_MAXCDNAME + NS_QFIXEDSZ + QUERY_OPT_SIZE + 1)

/* Appends an OPT record (RFC 6891 section 6.1.2), and returns the new length. */
int query_add_opt(unsigned char *query, int len);
/* Takes that record out of the count in the header: the query is then sent with
 * the length that it had before. */
void query_remove_opt(unsigned char *query);
/* The response code in the header of a message. */
int query_code(const unsigned char *message);

/*
 * The reason to trust the AD flag as one clause, or NULL.  trust-ad in resolv.conf
 * (conf_trusts) is about the servers in that file, not about those of the
 * settings.  are_local: every server is on this host.
 */
const char *query_trust(const struct dns_params *params, bool conf_trusts,
    bool are_local);

#endif
