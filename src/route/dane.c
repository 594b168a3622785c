/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decides by TLSA records which TLS a next hop must offer (RFC 7672), and looks
 * up what this needs for hosts that are aliases.
 */
#include "route/dane.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"

/* The length of the data by matching type; 0: not fixed. */
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

/* Whether a record of the same usage and selector has a stronger digest. */
static bool
has_stronger_digest(const struct dns_record *record,
    const struct dns_answer *tlsa)
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
dane_select(const struct dns_answer *tlsa, struct tls_policy *policy)
{
	policy->records = alloc_resize(policy->records,
	    policy->record_count + tlsa->count + 1, sizeof(*policy->records));
	for (size_t i = 0; i < tlsa->count; i++) {
		const struct dns_record *record = &tlsa->records[i];

		if (dane_is_usable(record)
		    && !has_stronger_digest(record, tlsa))
			copy_record(&policy->records[policy->record_count++],
			    record);
	}
}

static bool
has_authority(const struct tls_policy *policy)
{
	for (size_t i = 0; i < policy->record_count; i++)
		if (policy->records[i].usage == DANE_TA)
			return true;
	return false;
}

/*
 * Sets the names that the certificate may be for: the base name of the records,
 * and the domain (RFC 7672 section 3.2.2).  With DANE-EE alone names are not
 * checked (section 3.1.1), so the domain is left out: destinations with the
 * same host can then share a session.
 */
static void
set_names(struct tls_policy *policy, const char *base, const char *host,
    const char *domain)
{
	const char *other = has_authority(policy) ? domain : host;

	strv_free(&policy->names);
	strv_add(&policy->names, base);
	if (!strv_has_nocase(&policy->names, other))
		strv_add(&policy->names, other);
}

/*
 * Sets the TLS policy of a host whose name is authentic, by the TLSA answer for
 * the name `base` (RFC 7672 section 2.2).  Without authentic records nothing
 * changes; usable records require a matching certificate; unusable ones alone
 * require TLS.  If the lookup failed, the host gets a lookup_error, because
 * sending without TLS would be unsafe.  domain is the recipient's domain, or
 * the configured host.
 */
static void
set_policy(struct next_hop *host, const char *base,
    const struct dns_answer *tlsa, const char *domain)
{
	struct tls_policy *policy = &host->tls_policy;

	if (tlsa->status == DNS_FAILED)
		error_set(&host->lookup_error, ERROR_RESOLVE,
		    "TLSA lookup failed: %s", dns_answer_reason(tlsa));
	if (tlsa->status != DNS_FOUND || !tlsa->secure)
		return;
	dane_select(tlsa, policy);
	policy->level = TLS_LEVEL_ENCRYPT;
	policy->source = TLS_BY_DANE;
	if (policy->record_count > 0) {
		policy->level = TLS_LEVEL_DANE;
		set_names(policy, base, host->name, domain);
	}
}

/* A host whose TLS policy depends on further questions. */
struct pending {
	const struct destination *destination;
	struct next_hop *host;
	size_t end;   /* index of the TLSA question for the canonical name */
	size_t alias; /* index of the CNAME question for the name */
};

static bool
can_be_tried(const struct next_hop *host)
{
	return host->mx_authentic && host->addresses.count > 0
	    && !error_is_set(&host->lookup_error);
}

/*
 * Adds the questions about a host.  Returns false if DANE does not apply to it.
 * An alias in a signed zone may point to a name in a zone that is not signed;
 * the TLSA records of the alias then count (RFC 7672 section 2.2.3).
 */
static bool
ask_about(struct pending *p, struct dns_questions *q)
{
	const struct next_hop *host = p->host;

	p->end = p->alias = DNS_NOT_ASKED;
	if (host->canonical == NULL)
		return host->addr_authentic;
	if (host->addr_authentic)
		p->end = dns_questions_add(q, DNS_TLSA, "_%u._tcp.%s",
		    host->port, host->canonical);
	else
		p->alias = dns_questions_add(q, DNS_CNAME, "%s", host->name);
	return true;
}

/* The TLSA records of the canonical name come first, then those of the name. */
static void
decide_host(const struct pending *p, const struct dns_questions *q)
{
	struct next_hop *host = p->host;
	const char *domain =
	    p->destination->name != NULL ? p->destination->name : host->name;
	const struct dns_answer *end = dns_questions_answer(q, p->end);
	const struct dns_answer *alias = dns_questions_answer(q, p->alias);

	if (end != NULL
	    && (end->status == DNS_FAILED
		|| (end->status == DNS_FOUND && end->secure)))
		set_policy(host, host->canonical, end, domain);
	else if (alias != NULL && alias->status == DNS_FAILED)
		error_set(&host->lookup_error, ERROR_RESOLVE,
		    "CNAME lookup failed: %s", dns_answer_reason(alias));
	else if (alias == NULL || alias->secure)
		set_policy(host, host->name, &host->tlsa, domain);
}

/* Collects the hosts that DANE may apply to. */
static size_t
collect_hosts(struct destination *destinations, size_t count,
    struct pending *pending, struct dns_questions *q)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < destinations[i].count; k++) {
			struct pending *p = &pending[n];

			p->destination = &destinations[i];
			p->host = &destinations[i].hosts[k];
			n += can_be_tried(p->host) && ask_about(p, q);
		}
	return n;
}

bool
dane_find(const struct dns_source *dns, struct destination *destinations,
    size_t count, int64_t deadline, struct error *err)
{
	struct dns_questions q = { 0 };
	size_t total = destinations_count_hops(destinations, count);
	struct pending *pending = alloc_zeroed(total + 1, sizeof(*pending));
	bool ok;

	total = collect_hosts(destinations, count, pending, &q);
	ok = dns_ask(dns, &q, deadline, err);
	for (size_t i = 0; ok && i < total; i++)
		decide_host(&pending[i], &q);
	for (size_t i = 0; ok && i < count; i++)
		destination_start(&destinations[i]);
	dns_questions_free(&q);
	free(pending);
	return ok;
}
