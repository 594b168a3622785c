/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Questions to the DNS that the system's look-up of hosts cannot answer: who
 * takes mail for a domain, which keys a server has, and whether an answer is
 * authentic.  In front of the resolver of the C library, which asks the name
 * servers of resolv.conf, in order, over UDP and, when an answer does not fit
 * (EDNS, RFC 6891, with 1232 octets), over TCP.
 *
 * Names are asked for as they are: no search list, no hosts file.  An answer
 * is secure when a validating name server that we trust has said so (AD,
 * RFC 4035 section 3.2.3), for every step of a chain of aliases.
 */
#ifndef VEREDUS_DNS_DNS_H
#define VEREDUS_DNS_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/error.h"
#include "base/str.h"
#include "net/endpoint.h"

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
	DNS_FAILED,  /* nobody knows: bogus, refused, silence; may pass later */
	DNS_FOUND,   /* there is a record at least */
	DNS_NO_DATA, /* the name exists, without records of this type */
	DNS_NO_NAME  /* there is no such name */
};

/* What is of use depends on the type. */
struct dns_record {
	uint32_t ttl;            /* seconds */
	struct endpoint address; /* A, AAAA; port 0 */
	char *name;            /* CNAME, MX, SRV: the target, "." for the root,
	                           * in the form of zone files: it need not be a
	                           * name that a host may have */
	unsigned preference;   /* MX; of SRV the priority */
	unsigned weight, port; /* SRV */
	unsigned usage, selector; /* TLSA */
	unsigned matching;        /* TLSA */
	struct str data;          /* TXT: the strings in one; TLSA: the data */
};

struct dns_answer {
	enum dns_status status;
	bool secure;
	char *name; /* whose records they are: behind all aliases */
	struct dns_record *records;
	size_t count;
	char *why; /* of DNS_FAILED: one clause, or NULL */
};

struct dns_question {
	char *name;
	enum dns_type type;
	struct dns_answer answer;
};

struct dns_questions {
	struct dns_question *items;
	size_t count;
	size_t size; /* room in items */
};

/*
 * Adds a question whose name is formatted; returns its number.  The question
 * may move when another is added.
 */
size_t dns_questions_add(struct dns_questions *q, enum dns_type type,
    const char *format, ...) ATTR_PRINTF(3, 4);
void dns_questions_free(struct dns_questions *q);

/*
 * Whoever answers: the network, or a table in a test.  Fills the answer of
 * every question; false only when it makes no sense to go on (a signal, no
 * resources), never because a question has failed.
 */
struct dns_source {
	bool (*ask)(const struct dns_source *source,
	    struct dns_questions *questions, int64_t deadline,
	    struct error *err);
	const void *ctx;
};

/* All questions at once.  Errors: ERROR_INTERRUPTED, ERROR_RESOLVE. */
bool dns_ask(const struct dns_source *source, struct dns_questions *questions,
    int64_t deadline, struct error *err);

/* As many as the C library knows. */
#define DNS_SERVERS_MAX 3

struct dns_params {
	struct endpoint_list servers; /* in place of those of resolv.conf */
	bool trust_ad;    /* believe AD, whoever the name servers are */
	unsigned timeout; /* seconds for one dns_ask(); 0: 30 */
};

/* The source that asks the network; the parameters are borrowed. */
void dns_source_init(struct dns_source *source,
    const struct dns_params *params);

/*
 * Adds the server of "ADDRESS", "ADDRESS:PORT" or "[IPV6]:PORT"; port 53 if
 * none is given.  Errors: ERROR_CONFIG.
 */
bool dns_server_add(struct endpoint_list *servers, const char *text,
    struct error *err);

/*
 * Whether AD is believed: by the parameters, because resolv.conf says
 * trust-ad, or because every name server is on this machine.  Appends the
 * reason, one clause, to why, which may be NULL.
 */
bool dns_trusts_ad(const struct dns_params *params, struct str *why);

/* "MX" */
const char *dns_type_name(enum dns_type type);

/* The order of names, without regard to case: as strcmp() tells it. */
int dns_name_compare(const char *a, const char *b);

/* The copies replace an answer, but fill a record that was never used. */
void dns_record_copy(struct dns_record *dst, const struct dns_record *src);
void dns_record_free(struct dns_record *record);
void dns_answer_copy(struct dns_answer *dst, const struct dns_answer *src);
void dns_answer_free(struct dns_answer *answer);
void dns_params_free(struct dns_params *params);

#endif
