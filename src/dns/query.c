/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Adds EDNS to queries, and decides whether the AD flag is trusted. */
#include "dns/query.h"

#include <string.h>

/* The size that avoids IP fragments (RFC 9715): the minimum MTU of IPv6, less
 * headers. */
#define UDP_SIZE 1232

/* Root name, UDP payload size, no flags and no data.  The last two octets of the
 * header count the record. */
int
query_add_opt(unsigned char *query, int len)
{
	static const unsigned char opt[QUERY_OPT_SIZE] = { 0, 0, ns_t_opt,
		UDP_SIZE >> 8, UDP_SIZE & 0xff, 0, 0, 0, 0, 0, 0 };

	memcpy(query + len, opt, sizeof(opt));
	query[NS_HFIXEDSZ - 1] = 1;
	return len + (int)sizeof(opt);
}

void
query_remove_opt(unsigned char *query)
{
	query[NS_HFIXEDSZ - 1] = 0;
}

int
query_code(const unsigned char *message)
{
	return message[3] & 0x0f;
}

const char *
query_trust(const struct dns_params *params, bool conf_trusts, bool are_local)
{
	if (params->trust_ad)
		return "dns_trust_ad is on";
	if (params->servers.count == 0 && conf_trusts)
		return "resolv.conf sets trust-ad";
	return are_local ? "the name servers are on this host" : NULL;
}
