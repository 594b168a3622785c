/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds the submission servers that a domain publishes in SRV records, and puts
 * them into the order of RFC 2782.
 */
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

/* By priority; within one priority records of weight 0 come first. */
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
 * Chooses one of the records of one priority (RFC 2782, "Weight"): draws a
 * number from 0 to the sum of the weights, and returns the first record at
 * which the running sum reaches this number.  A record of weight 0 is rarely
 * chosen.
 */
static size_t
choose_weighted(const struct dns_record *records, size_t count,
    struct random *random)
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

/* Without this, records of weight 0 would always have the same order. */
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
		swap_to_front(records + i,
		    choose_weighted(records + i, equals, random));
	}
}

/*
 * Skips ".", which means that the service is not offered (RFC 2782, "Target").
 */
static void
add_server(struct destination *d, const struct dns_record *record,
    bool implicit_tls, bool secure)
{
	struct next_hop *host;

	if (!idna_is_host_name(record->name) || record->port == 0)
		return;
	host = destination_add_hop(d, record->name, record->port);
	host->preference = record->preference;
	host->implicit_tls = implicit_tls;
	host->mx_authentic = secure;
	strv_add(&host->tls_policy.names, secure ? record->name : d->name);
}

static void
add_servers(struct destination *d, struct dns_questions *q,
    struct random *random)
{
	for (size_t i = 0; i < COUNT_OF(services); i++) {
		struct dns_answer *answer = &q->items[i].answer;

		srv_order(answer->records, answer->count, random);
		for (size_t k = 0;
		     k < answer->count && d->count < DESTINATION_HOPS_MAX; k++)
			add_server(d, &answer->records[k],
			    services[i].implicit_tls, answer->secure);
	}
}

/*
 * No server was found: a temporary failure if the lookup of a service failed.
 */
static void
set_no_server(struct destination *d, const struct dns_questions *q)
{
	for (size_t i = 0; i < COUNT_OF(services); i++) {
		const struct dns_answer *answer = &q->items[i].answer;

		if (answer->status == DNS_FAILED) {
			error_set(&d->failure, ERROR_RESOLVE,
			    "SRV lookup for %s failed: %s", d->domain,
			    dns_answer_reason(answer));
			return;
		}
	}
	error_set(&d->failure, ERROR_CONFIG,
	    "the DNS names no submission server for users of %s (SRV records "
	    "of _submissions._tcp and _submission._tcp): set host to the name "
	    "of the server",
	    d->domain);
}

bool
srv_find(const struct dns_source *dns, const struct srv_params *params,
    struct destination *d, int64_t deadline, struct error *err)
{
	struct dns_questions q = { 0 };
	bool ok;

	if (!idna_to_ascii(d->domain, &d->name, &d->failure)) {
		error_prefix(&d->failure,
		    "cannot look up the submission servers");
		return true;
	}
	for (size_t i = 0; i < COUNT_OF(services); i++)
		dns_questions_add(&q, DNS_SRV, "%s.%s", services[i].service,
		    d->name);
	ok = dns_ask(dns, &q, deadline, err);
	if (ok)
		add_servers(d, &q, params->random);
	if (ok && d->count == 0)
		set_no_server(d, &q);
	dns_questions_free(&q);
	if (!ok || d->count == 0)
		return ok;
	if (!addresses_find(dns, &params->hosts, d, 1, deadline, err))
		return false;
	destination_finish(d);
	if (d->count == 0)
		error_set(&d->failure, ERROR_CONFIG,
		    "none of the submission servers that the DNS names for "
		    "users of %s has an address",
		    d->domain);
	return true;
}
