/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One query with the resolver of the C library.  It blocks and has its own
 * timeouts, so dns.c calls it in a child.
 */
#ifndef VEREDUS_DNS_QUERY_H
#define VEREDUS_DNS_QUERY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"
#include "dns/dns.h"
#include "dns/params.h"

/* What is known besides the message. */
struct dns_outcome {
	bool trusted; /* the AD flag of the message can be trusted */
	int rcode;    /* of the last server that reported an error, or -1 */
	int number;   /* errno, if there is no message */
};

/*
 * Asks for the records of a name.  `message` has room for DNS_MESSAGE_MAX
 * octets; returns the length of the response, or -1.  Each name server gets a
 * part of the time up to the deadline, so that the last one is asked, too.
 */
ssize_t dns_query(const struct dns_params *params, const char *name,
    enum dns_type type, int64_t deadline, unsigned char *message,
    struct dns_outcome *outcome);

/*
 * Whether the AD flag is trusted: by the parameters, by trust-ad in
 * resolv.conf, or because every name server is on this host.  Appends the
 * reason as one clause to why, which may be NULL.
 */
bool dns_trusts_ad(const struct dns_params *params, struct str *why);

#endif
