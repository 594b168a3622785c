/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Questions to the DNS that the system's lookup of hosts cannot answer: mail
 * exchangers, services and keys, and whether an answer is authentic.  The
 * resolver asks the name servers of resolv.conf over UDP, or over TCP if a
 * response has more than 1232 octets (EDNS, RFC 6891).
 *
 * Names are used as they are: no search list, no hosts file.  An answer is
 * secure if a trusted validating name server says so (AD flag, RFC 4035
 * section 3.2.3) for each alias on the way to it.
 */
#ifndef VEREDUS_DNS_DNS_H
#define VEREDUS_DNS_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/error.h"
#include "base/str.h"
#include "dns/answer.h"
#include "dns/params.h"

struct dns_question {
	char *name;
	enum dns_type type;
	struct dns_answer answer;
};

struct dns_questions {
	struct dns_question *items;
	size_t count;
	size_t size; /* allocated items */
};

/*
 * Adds a question with a formatted name, and returns its index.  Earlier
 * questions may move in memory.
 */
size_t dns_questions_add(struct dns_questions *q, enum dns_type type,
    const char *format, ...) ATTR_PRINTF(3, 4);
/* The index of no question. */
#define DNS_NOT_ASKED SIZE_MAX
/* Returns NULL for DNS_NOT_ASKED. */
const struct dns_answer *dns_questions_answer(const struct dns_questions *q,
    size_t index);
void dns_questions_free(struct dns_questions *q);

/*
 * What answers questions: the network, or a table in a test.  ask() fills the
 * answer of each question.  It returns false only after a signal or without
 * system resources, not if a question failed.
 */
struct dns_source {
	bool (*ask)(const struct dns_source *source,
	    struct dns_questions *questions, int64_t deadline,
	    struct error *err);
	const void *ctx;
};

/*
 * Asks all questions at the same time.  Questions without an answer at the
 * deadline are DNS_FAILED.  Errors: ERROR_INTERRUPTED, ERROR_RESOLVE.
 */
bool dns_ask(const struct dns_source *source, struct dns_questions *questions,
    int64_t deadline, struct error *err);

/* Makes a source that asks name servers; the parameters are borrowed. */
void dns_source_init(struct dns_source *source,
    const struct dns_params *params);

/*
 * Whether the AD flag is trusted: by the parameters, by trust-ad in
 * resolv.conf, or because every name server is on this host.  Appends the
 * reason as one clause to why, which may be NULL.
 */
bool dns_trusts_ad(const struct dns_params *params, struct str *why);

#endif
