/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One question to the resolver of the C library.  It blocks and knows no
 * deadline: dns.c calls it in a child.
 */
#ifndef VEREDUS_DNS_QUERY_H
#define VEREDUS_DNS_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "dns/dns.h"

/* What came of it besides the message. */
struct dns_outcome {
	bool trusted; /* AD in the message may be believed */
	int rcode;    /* of the last server that could not answer, or -1 */
	int number;   /* errno, when there is no message */
};

/*
 * Returns the length of the message, or -1.  Each server is given a part of
 * the time that is left, so that the last one has its turn, too.
 */
ssize_t dns_query(const struct dns_params *params, const char *name,
    enum dns_type type, int64_t deadline, unsigned char *message,
    struct dns_outcome *outcome);

#endif
