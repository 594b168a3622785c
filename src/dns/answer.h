/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The answer to one question to the DNS: its records, and whether they are
 * authentic.
 */
#ifndef VEREDUS_DNS_ANSWER_H
#define VEREDUS_DNS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "net/endpoint.h"

/* Types of records (RFC 1035 section 3.2.2, RFC 2782, RFC 6698). */
enum dns_type {
	DNS_A,
	DNS_AAAA,
	DNS_CNAME,
	DNS_MX,
	DNS_SRV,
	DNS_TLSA,
	DNS_TXT,
	DNS_TYPES
};

enum dns_status {
	DNS_FAILED,  /* timeout, error of the server or bogus; temporary */
	DNS_FOUND,   /* there is at least one record */
	DNS_NO_DATA, /* the name exists, but has no record of the type */
	DNS_NO_NAME  /* the name does not exist (NXDOMAIN) */
};

/* The members that have a value depend on the type. */
struct dns_record {
	uint32_t ttl;            /* seconds */
	struct endpoint address; /* A, AAAA; port 0 */
	char *name;            /* CNAME, MX, SRV: the target, "." for the root,
	                        * escaped as in zone files; it may be no valid
	                        * host name */
	unsigned preference;   /* MX; SRV: the priority */
	unsigned weight, port; /* SRV */
	unsigned usage, selector, matching; /* TLSA */
	struct str data; /* TXT: the strings joined; TLSA: the data */
};

struct dns_answer {
	enum dns_status status;
	bool secure; /* validated with DNSSEC by a trusted name server */
	char *name;  /* the owner of the records, after all aliases */
	struct dns_record *records;
	size_t count;
	char *why; /* DNS_FAILED: the reason as one clause, or NULL */
};

/* Returns the reason of DNS_FAILED as one clause; never NULL. */
const char *dns_answer_reason(const struct dns_answer *answer);

/* Copies src; what dst held before is released. */
void dns_answer_copy(struct dns_answer *dst, const struct dns_answer *src);
void dns_answer_free(struct dns_answer *answer);

#endif
