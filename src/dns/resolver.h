/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One query to the name servers, which blocks the process.  configure chooses the
 * implementation: resolver_libc.c, or resolver_own.c where the resolver of the C
 * library can be told neither name servers nor a deadline, as that of musl.
 */
#ifndef VEREDUS_DNS_RESOLVER_H
#define VEREDUS_DNS_RESOLVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "dns/answer.h"
#include "dns/params.h"

/* What is known besides the message. */
struct resolver_outcome {
	bool trusted; /* the AD flag of the message can be trusted */
	int rcode;    /* of the last server that reported an error, or -1 */
	int number;   /* errno, if there is no message */
};

/*
 * Asks for the records of a name.  `message` has room for DNS_MESSAGE_MAX
 * octets; returns the length of the response, or -1.  Each name server gets a
 * part of the time up to the deadline, so that the last one is asked, too.
 */
ssize_t resolver_query(const struct dns_params *params, const char *name,
    enum dns_type type, int64_t deadline, unsigned char *message,
    struct resolver_outcome *outcome);

/* Why the AD flag is trusted, as one clause; NULL if it is not. */
const char *resolver_trust(const struct dns_params *params);

#endif
