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

void
dane_select(const struct dns_answer *tlsa, struct route_policy *policy)
{
	policy->records = alloc_resize(policy->records,
	    policy->record_count + tlsa->count + 1, sizeof(*policy->records));
	for (size_t i = 0; i < tlsa->count; i++) {
		const struct dns_record *record = &tlsa->records[i];

		if (dane_is_usable(record) && !is_outdone(record, tlsa))
			dns_record_copy(&policy
					     ->records[policy->record_count++],
			    record);
	}
}

/* RFC 7672 section 3.2.2: the name of the records, and the domain. */
static void
set_names(struct route_policy *policy, const char *base, const char *domain)
{
	strv_free(&policy->names);
	strv_add(&policy->names, base);
	if (domain != NULL && !strv_has_nocase(&policy->names, domain))
		strv_add(&policy->names, domain);
}

void
dane_decide(struct route_host *host, const char *base,
    const struct dns_answer *tlsa, const char *domain)
{
	struct route_policy *policy = &host->policy;

	if (!host->secure)
		return;
	if (tlsa->status == DNS_FAILED)
		error_set(&host->trouble, ERROR_RESOLVE,
		    "cannot look up its keys (TLSA): %s",
		    tlsa->why != NULL ? tlsa->why : "no answer");
	if (tlsa->status != DNS_FOUND || !tlsa->secure)
		return;
	dane_select(tlsa, policy);
	policy->origin = ROUTE_BY_DANE;
	policy->tls = ROUTE_TLS_ENCRYPTED;
	if (policy->record_count > 0) {
		policy->tls = ROUTE_TLS_DANE;
		set_names(policy, base, domain);
	}
}

/* A host that is an alias, and the question about the name at its end. */
struct alias {
	const struct route *route;
	struct route_host *host;
	size_t question;
};

static bool
is_wanted(const struct route_host *host)
{
	return host->secure && host->addresses.count > 0
	    && !error_is_set(&host->trouble);
}

/* Decides about a host; its own name counts when the other has no records. */
static void
decide(const struct alias *alias, const struct dns_questions *q)
{
	struct route_host *host = alias->host;
	const struct dns_answer *end = NULL;

	if (alias->question != NOT_ASKED)
		end = &q->items[alias->question].answer;
	if (end != NULL
	    && (end->status == DNS_FAILED
		|| (end->status == DNS_FOUND && end->secure)))
		dane_decide(host, host->canonical, end, alias->route->name);
	else
		dane_decide(host, host->name, &host->tlsa, alias->route->name);
}

/* All hosts of the routes that DANE can say anything about. */
static size_t
collect_hosts(struct route *routes, size_t count, struct alias *aliases,
    struct dns_questions *q)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < routes[i].count; k++) {
			struct route_host *host = &routes[i].hosts[k];
			size_t question = NOT_ASKED;

			if (!is_wanted(host))
				continue;
			if (host->canonical != NULL)
				question = dns_questions_add(q, DNS_TLSA,
				    "_%u._tcp.%s", host->port, host->canonical);
			aliases[n++] =
			    (struct alias){ &routes[i], host, question };
		}
	return n;
}

bool
dane_find(const struct dns_source *dns, struct route *routes, size_t count,
    int64_t deadline, struct error *err)
{
	struct dns_questions q = { 0 };
	struct alias *hosts;
	size_t total = 0;
	bool ok;

	for (size_t i = 0; i < count; i++)
		total += routes[i].count;
	hosts = alloc_zeroed(total + 1, sizeof(*hosts));
	total = collect_hosts(routes, count, hosts, &q);
	ok = dns_ask(dns, &q, deadline, err);
	for (size_t i = 0; ok && i < total; i++)
		decide(&hosts[i], &q);
	for (size_t i = 0; ok && i < count; i++)
		route_start(&routes[i]);
	dns_questions_free(&q);
	free(hosts);
	return ok;
}
