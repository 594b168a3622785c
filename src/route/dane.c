/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "route/dane.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"

#define NOT_ASKED SIZE_MAX

/* The length of the data by matching type; 0: any but none. */
static const size_t
    lengths[] = { [DANE_FULL] = 0, [DANE_SHA256] = 32, [DANE_SHA512] = 64 };

bool
dane_is_usable(const struct dns_record *record)
{
	if (record->usage != DANE_TA && record->usage != DANE_EE)
		return false;
	if (record->selector != DANE_CERTIFICATE
	    && record->selector != DANE_KEY)
		return false;
	if (record->matching >= COUNT_OF(lengths) || record->data.len == 0)
		return false;
	return record->matching == DANE_FULL
	    || record->data.len == lengths[record->matching];
}

/* Whether another record of the same kind has a stronger digest. */
static bool
is_outdone(const struct dns_record *record, const struct dns_answer *tlsa)
{
	if (record->matching != DANE_SHA256)
		return false;
	for (size_t i = 0; i < tlsa->count; i++) {
		const struct dns_record *other = &tlsa->records[i];

		if (other->matching == DANE_SHA512
		    && other->usage == record->usage
		    && other->selector == record->selector
		    && dane_is_usable(other))
			return true;
	}
	return false;
}

static void
copy_record(struct tlsa_record *tlsa, const struct dns_record *record)
{
	*tlsa = (struct tlsa_record){ .usage = record->usage,
		.selector = record->selector,
		.matching = record->matching };
	str_append(&tlsa->data, str_text(&record->data), record->data.len);
}

void
dane_select(const struct dns_answer *tlsa, struct tls_policy *demand)
{
	demand->records = alloc_resize(demand->records,
	    demand->record_count + tlsa->count + 1, sizeof(*demand->records));
	for (size_t i = 0; i < tlsa->count; i++) {
		const struct dns_record *record = &tlsa->records[i];

		if (dane_is_usable(record) && !is_outdone(record, tlsa))
			copy_record(&demand->records[demand->record_count++],
			    record);
	}
}

static bool
has_authority(const struct tls_policy *demand)
{
	for (size_t i = 0; i < demand->record_count; i++)
		if (demand->records[i].usage == DANE_TA)
			return true;
	return false;
}

/*
 * RFC 7672 section 3.2.2: the name of the records, and the domain.  Where the
 * key says it all the domain does not matter (section 3.1.1), and those with
 * the same host can share a session.
 */
static void
set_names(struct tls_policy *demand, const char *base, const char *host,
    const char *domain)
{
	const char *other = has_authority(demand) ? domain : host;

	strv_free(&demand->names);
	strv_add(&demand->names, base);
	if (!strv_has_nocase(&demand->names, other))
		strv_add(&demand->names, other);
}

void
dane_decide(struct next_hop *host, const char *base,
    const struct dns_answer *tlsa, const char *domain)
{
	struct tls_policy *demand = &host->tls_policy;

	if (tlsa->status == DNS_FAILED)
		error_set(&host->lookup_error, ERROR_RESOLVE,
		    "TLSA lookup failed: %s",
		    tlsa->why != NULL ? tlsa->why : "no answer");
	if (tlsa->status != DNS_FOUND || !tlsa->secure)
		return;
	dane_select(tlsa, demand);
	demand->level = TLS_LEVEL_ENCRYPT;
	demand->source = TLS_BY_DANE;
	if (demand->record_count > 0) {
		demand->level = TLS_LEVEL_DANE;
		set_names(demand, base, host->name, domain);
	}
}

/* What has to be asked about a host before it can be decided about. */
struct pending {
	const struct destination *route;
	struct next_hop *host;
	size_t end;   /* number of the question about the name at its end, */
	size_t alias; /* or about the alias itself */
};

static bool
can_be_tried(const struct next_hop *host)
{
	return host->mx_authentic && host->addresses.count > 0
	    && !error_is_set(&host->lookup_error);
}

/*
 * Adds the questions about a host; false when none of its records counts.
 * An alias of a zone that is not signed may stand in one that is, with records
 * of its own (RFC 7672 section 2.2.3).
 */
static bool
ask_about(struct pending *p, struct dns_questions *q)
{
	const struct next_hop *host = p->host;

	p->end = p->alias = NOT_ASKED;
	if (host->canonical == NULL)
		return host->addr_authentic;
	if (host->addr_authentic)
		p->end = dns_questions_add(q, DNS_TLSA, "_%u._tcp.%s",
		    host->port, host->canonical);
	else
		p->alias = dns_questions_add(q, DNS_CNAME, "%s", host->name);
	return true;
}

/* Decides about a host; its own name counts when the other has no records. */
static void
decide(const struct pending *p, const struct dns_questions *q)
{
	struct next_hop *host = p->host;
	const char *domain =
	    p->route->name != NULL ? p->route->name : host->name;
	const struct dns_answer *end = NULL, *alias = NULL;

	if (p->end != NOT_ASKED)
		end = &q->items[p->end].answer;
	if (p->alias != NOT_ASKED)
		alias = &q->items[p->alias].answer;
	if (end != NULL
	    && (end->status == DNS_FAILED
		|| (end->status == DNS_FOUND && end->secure)))
		dane_decide(host, host->canonical, end, domain);
	else if (alias != NULL && alias->status == DNS_FAILED)
		error_set(&host->lookup_error, ERROR_RESOLVE,
		    "CNAME lookup failed: %s",
		    alias->why != NULL ? alias->why : "no answer");
	else if (alias == NULL || alias->secure)
		dane_decide(host, host->name, &host->tlsa, domain);
}

/* All hosts of the routes that DANE can say anything about. */
static size_t
collect_hosts(struct destination *routes, size_t count, struct pending *pending,
    struct dns_questions *q)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < routes[i].count; k++) {
			struct pending *p = &pending[n];

			p->route = &routes[i];
			p->host = &routes[i].hosts[k];
			n += can_be_tried(p->host) && ask_about(p, q);
		}
	return n;
}

bool
dane_find(const struct dns_source *dns, struct destination *routes,
    size_t count, int64_t deadline, struct error *err)
{
	struct dns_questions q = { 0 };
	struct pending *pending;
	size_t total = 0;
	bool ok;

	for (size_t i = 0; i < count; i++)
		total += routes[i].count;
	pending = alloc_zeroed(total + 1, sizeof(*pending));
	total = collect_hosts(routes, count, pending, &q);
	ok = dns_ask(dns, &q, deadline, err);
	for (size_t i = 0; ok && i < total; i++)
		decide(&pending[i], &q);
	for (size_t i = 0; ok && i < count; i++)
		destination_start(&routes[i]);
	dns_questions_free(&q);
	free(pending);
	return ok;
}
