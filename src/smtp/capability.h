/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The extensions that a server supports: its reply to EHLO (RFC 5321 section
 * 4.1.1.1).
 */
#ifndef VEREDUS_SMTP_CAPABILITY_H
#define VEREDUS_SMTP_CAPABILITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/string_index.h"
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
	CAP_ETRN = 1 << 15,
	CAP_XQUEUE = 1 << 16 /* client/xqueue.h */
};

/* The values of LIMITS (RFC 9422 section 4); 0: no limit. */
struct server_limits {
	uint64_t mail;        /* transactions in a session */
	uint64_t rcpt;        /* recipients in a transaction */
	uint64_t rcpt_domain; /* different domains of these recipients */
};

struct capabilities {
	unsigned set;        /* of enum capability */
	uint64_t size_limit; /* of SIZE, in octets; 0: no limit is known */
	struct server_limits limits;
	uint64_t deliver_by_min; /* of DELIVERBY, in seconds; 0: any */
	uint64_t hold_max;      /* of FUTURERELEASE, in seconds; 0: not known */
	struct strv mechanisms; /* of AUTH, in upper case, in this order */
	struct string_index mechanism_index;
	struct strv keywords; /* all lines as received, for --serverinfo */
};

/* Parses a 250 reply to EHLO; replaces all members. */
void capabilities_parse(struct capabilities *c, const struct reply *reply);

/* Adds the keyword of each capability in the set to names. */
void capabilities_names(unsigned set, struct strv *names);

bool capabilities_have(const struct capabilities *c, enum capability which);

void capabilities_free(struct capabilities *c);

#endif
