/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a server says that it can do: the answer to EHLO (RFC 5321 4.1.1.1).
 * The keywords are rows of one table in capability.c.
 */
#ifndef VEREDUS_SMTP_CAPABILITY_H
#define VEREDUS_SMTP_CAPABILITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/strv.h"
#include "smtp/reply.h"

enum capability {
	CAP_PIPELINING = 1 << 0,
	CAP_CHUNKING = 1 << 1,
	CAP_8BITMIME = 1 << 2,
	CAP_SMTPUTF8 = 1 << 3,
	CAP_SIZE = 1 << 4,
	CAP_DSN = 1 << 5,
	CAP_STARTTLS = 1 << 6,
	CAP_AUTH = 1 << 7,
	CAP_ENHANCEDSTATUSCODES = 1 << 8,
	CAP_BINARYMIME = 1 << 9,
	CAP_LIMITS = 1 << 10,
	CAP_REQUIRETLS = 1 << 11,
	CAP_DELIVERBY = 1 << 12,
	CAP_FUTURERELEASE = 1 << 13,
	CAP_MT_PRIORITY = 1 << 14,
	CAP_ETRN = 1 << 15
};

/* What LIMITS tells (RFC 9422 section 4); 0: no limit. */
struct server_limits {
	uint64_t mail;        /* transactions in a session */
	uint64_t rcpt;        /* recipients in a transaction */
	uint64_t rcpt_domain; /* different domains among them */
};

struct capabilities {
	unsigned set;        /* of enum capability */
	uint64_t size_limit; /* of SIZE; 0: none was said */
	struct server_limits limits;
	uint64_t deliver_by_min; /* seconds, of DELIVERBY; 0: any */
	uint64_t hold_max;       /* seconds, of FUTURERELEASE; 0: not said */
	struct strv mechanisms; /* of AUTH, upper case, in the server's order */
	struct strv keywords;   /* every line as it came, for --serverinfo */
};

/* Forgets what was known and reads the lines of a 250 reply to EHLO. */
void capabilities_parse(struct capabilities *c, const struct reply *reply);
/* Adds the keyword of each that is in the set, as a server offers it. */
void capabilities_names(unsigned set, struct strv *names);
bool capabilities_have(const struct capabilities *c, enum capability which);
void capabilities_free(struct capabilities *c);

#endif
