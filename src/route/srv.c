/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "route/srv.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/idna.h"
#include "base/text.h"

/* In the order of RFC 8314 section 5.1. */
static const struct {
	const char *service;
	bool implicit_tls;
} services[] = {
	{ "_submissions._tcp", true },
	{ "_submission._tcp", false },
};

/* By priority; those of weight 0 before the others of the same. */
static int
compare_records(const void *a, const void *b)
{
	const struct dns_record *x = a, *y = b;

	if (x->preference != y->preference)
		return x->preference < y->preference ? -1 : 1;
	return (x->weight > 0) - (y->weight > 0);
}

static void
swap_to_front(struct dns_record *records, size_t chosen)
{
	struct dns_record record = records[chosen];

	memmove(records + 1, records, chosen * sizeof(*records));
	records[0] = record;
}

/*
 * RFC 2782: a number of 0 to the sum of the weights; the first record at
 * which the running sum reaches it is next.  That gives those of weight 0,
 * which stand in front, a small chance.
 */
static size_t
draw(const struct dns_record *records, size_t count, struct random *random)
{
	uint64_t sum = 0, running = 0, lot;

	for (size_t i = 0; i < count; i++)
		sum += records[i].weight;
	lot = random_below(random, sum + 1);
	for (size_t i = 0; i < count; i++) {
		running += records[i].weight;
		if (running >= lot)
			return i;
	}
	return count - 1;
}

/* Several records of weight 0 would otherwise keep their order. */
static void
shuffle(struct dns_record *records, size_t count, struct random *random)
{
	for (size_t i = count; i > 1; i--) {
		size_t other = (size_t)random_below(random, i);
		struct dns_record record = records[i - 1];

		records[i - 1] = records[other];
		records[other] = record;
	}
}

void
srv_order(struct dns_record *records, size_t count, struct random *random)
{
	if (count == 0)
		return;
	shuffle(records, count, random);
	qsort(records, count, sizeof(*records), compare_records);
	for (size_t i = 0; i < count; i++) {
		size_t equals = 1;

		while (i + equals < count
		    && records[i + equals].preference == records[i].preference)
			equals++;
		swap_to_front(records + i, draw(records + i, equals, random));
	}
}

/* "." says that the service is not offered (RFC 2782, "Target"). */
static void
take_record(struct destination *r, const struct dns_record *record,
    bool implicit_tls, bool secure)
{
	struct next_hop *host;

	if (!idna_is_host_name(record->name) || record->port == 0)
		return;
	host = destination_add_hop(r, record->name, record->port);
	host->preference = record->preference;
	host->implicit_tls = implicit_tls;
	host->mx_authentic = secure;
	strv_add(&host->tls_policy.names, secure ? record->name : r->name);
}

static void
take_answers(struct destination *r, struct dns_questions *q,
    struct random *random)
{
	for (size_t i = 0; i < COUNT_OF(services); i++) {
		struct dns_answer *answer = &q->items[i].answer;

		srv_order(answer->records, answer->count, random);
		for (size_t k = 0;
		     k < answer->count && r->count < DESTINATION_HOPS_MAX; k++)
			take_record(r, &answer->records[k],
			    services[i].implicit_tls, answer->secure);
	}
}

/* Nobody can be asked to do without TLS, so one service is as good as the
 * other; but when none is known the one that failed may have been it. */
static void
note_absence(struct destination *r, const struct dns_questions *q)
{
	for (size_t i = 0; i < COUNT_OF(services); i++) {
		const struct dns_answer *answer = &q->items[i].answer;

		if (answer->status == DNS_FAILED) {
			error_set(&r->failure, ERROR_RESOLVE,
			    "SRV lookup for %s failed: %s", r->domain,
			    answer->why != NULL ? answer->why : "no answer");
			return;
		}
	}
	error_set(&r->failure, ERROR_CONFIG,
	    "the DNS names no submission server for users of %s (SRV records "
	    "of _submissions._tcp and _submission._tcp): set host to the name "
	    "of the server",
	    r->domain);
}

/* With the addresses known: who is left. */
static void
judge(struct destination *r)
{
	destination_drop_unreachable(r);
	destination_limit(r);
	if (r->count > 0)
		destination_start(r);
	else
		error_set(&r->failure, ERROR_CONFIG,
		    "none of the submission servers that the DNS names for "
		    "users of %s has an address",
		    r->domain);
}

bool
srv_find(const struct dns_source *dns, const struct srv_params *params,
    struct destination *route, int64_t deadline, struct error *err)
{
	struct dns_questions q = { 0 };
	bool ok;

	if (!idna_to_ascii(route->domain, &route->name, &route->failure)) {
		error_prefix(&route->failure,
		    "cannot look up the submission servers");
		return true;
	}
	for (size_t i = 0; i < COUNT_OF(services); i++)
		dns_questions_add(&q, DNS_SRV, "%s.%s", services[i].service,
		    route->name);
	ok = dns_ask(dns, &q, deadline, err);
	if (ok)
		take_answers(route, &q, params->random);
	if (ok && route->count == 0)
		note_absence(route, &q);
	dns_questions_free(&q);
	if (!ok || route->count == 0)
		return ok;
	if (!addresses_find_for_destinations(dns, &params->hosts, route, 1,
		deadline, err))
		return false;
	judge(route);
	return true;
}
