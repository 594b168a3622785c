/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The settings for questions to the DNS.
 */
#ifndef VEREDUS_DNS_PARAMS_H
#define VEREDUS_DNS_PARAMS_H

#include <stdbool.h>

#include "base/error.h"
#include "net/endpoint.h"

/* The highest number of name servers that glibc supports (MAXNS). */
#define DNS_SERVERS_MAX 3

struct dns_params {
	struct endpoint_list servers; /* empty: those of resolv.conf */
	bool trust_ad;                /* trust the AD flag of any name server */
	unsigned timeout;             /* seconds for one dns_ask(); 0: 30 */
};

/*
 * Adds the name server of "ADDRESS", "ADDRESS:PORT" or "[IPV6]:PORT"; the
 * default port is 53.  ERROR_CONFIG if the text is none of these, or if there
 * are DNS_SERVERS_MAX servers already.
 */
bool dns_nameserver_add(struct endpoint_list *servers, const char *text,
    struct error *err);

#endif
