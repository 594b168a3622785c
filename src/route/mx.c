/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds the MX hosts of domains (RFC 5321 section 5.1): sorts the records,
 * looks up the addresses, and removes this host and hosts that no mail can be
 * sent to.
 */
#include "route/mx.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/idna.h"
#include "base/text.h"
#include "net/resolve.h"

#define SMTP_PORT 25

/* The indexes of the questions about one domain. */
struct asked {
	size_t mx, sts;
	bool implicit; /* no MX record: the domain itself is the host */
};

/* An MX record and its random place among those of equal preference. */
struct candidate {
	const struct dns_record *record;
	uint64_t rank;
};

static unsigned
port_of(const struct mx_params *params)
{
	return params->port != 0 ? params->port : SMTP_PORT;
}

/* Sets a permanent failure of the domain. */
static void
reject(struct destination *d, const char *status, const char *why)
{
	error_reject(&d->failure, STAGE_RCPT, "%s %s", d->domain, why);
	error_status(&d->failure, status);
}

static void
reject_loop(struct destination *d)
{
	error_set(&d->failure, ERROR_LOOP,
	    "mail for %s loops back to this host: give its recipients other "
	    "addresses with aliases, or set host to localhost if a mail server "
	    "runs here",
	    d->domain);
}

static bool
is_literal(const char *domain)
{
	return domain[0] == '[';
}

/* user@[192.0.2.1] (RFC 5321 section 4.1.3). */
static void
add_literal(struct destination *d, const struct mx_params *params)
{
	struct next_hop *host;
	struct endpoint a;

	if (!endpoint_parse(&a, d->domain)) {
		error_set(&d->failure, ERROR_ADDRESS,
		    "\"%s\" is not an address literal", d->domain);
	} else if (!endpoint_is_family(&a, params->hosts.family)) {
		reject(d, "5.4.4", "is excluded by address_family");
	} else {
		host = destination_add_hop(d, d->domain, port_of(params));
		endpoint_set_port(&a, host->port);
		endpoint_list_add(&host->addresses, &a);
	}
}

static void
drop_dot(char *name)
{
	size_t len = strlen(name);

	if (len > 0 && name[len - 1] == '.')
		name[len - 1] = '\0';
}

/* Adds the questions about one domain, or sets its host or failure if none is
 * needed. */
static struct asked
ask_about(struct destination *d, const struct mx_params *params,
    struct dns_questions *q)
{
	struct asked asked = { .mx = DNS_NOT_ASKED, .sts = DNS_NOT_ASKED };

	if (*d->domain == '\0') {
		error_set(&d->failure, ERROR_ADDRESS,
		    "the address has no domain: add one, or set "
		    "qualify_domain");
	} else if (is_literal(d->domain)) {
		add_literal(d, params);
	} else if (!idna_to_ascii(d->domain, &d->name, &d->failure)) {
		error_prefix(&d->failure, "cannot look up the MX hosts");
	} else if (resolve_is_localhost(d->name)) {
		reject_loop(d);
	} else {
		drop_dot(d->name);
		asked.mx = dns_questions_add(q, DNS_MX, "%s", d->name);
		if (params->sts)
			asked.sts = dns_questions_add(q, DNS_TXT, "_mta-sts.%s",
			    d->name);
	}
	return asked;
}

static int
compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->record->preference != y->record->preference)
		return x->record->preference < y->record->preference ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return 0;
}

/* Skips targets that are no valid host names, such as "192.0.2.1", or "."
 * beside other records. */
static size_t
collect_candidates(const struct dns_answer *mx, const struct random *rank,
    struct candidate *candidates)
{
	size_t count = 0;

	for (size_t i = 0; i < mx->count; i++) {
		const struct dns_record *record = &mx->records[i];

		if (idna_is_host_name(record->name))
			candidates[count++] = (struct candidate){ record,
				random_rank(rank, record->name) };
	}
	qsort(candidates, count, sizeof(*candidates), compare_candidates);
	return count;
}

static bool
has_host(const struct destination *d, const char *name)
{
	for (size_t i = 0; i < d->count; i++)
		if (text_equal_nocase(d->hosts[i].name, name))
			return true;
	return false;
}

static void
add_mx_hosts(struct destination *d, const struct dns_answer *mx,
    const struct mx_params *params)
{
	struct candidate *candidates =
	    alloc_zeroed(mx->count + 1, sizeof(*candidates));
	size_t count = collect_candidates(mx, params->rank, candidates);

	for (size_t i = 0; i < count && d->count < DESTINATION_HOPS_MAX; i++) {
		const struct dns_record *record = candidates[i].record;
		struct next_hop *host;

		if (has_host(d, record->name))
			continue;
		host = destination_add_hop(d, record->name, port_of(params));
		host->preference = record->preference;
		host->mx_authentic = mx->secure;
	}
	free(candidates);
	if (d->count == 0)
		reject(d, "5.4.4", "has no MX record with a valid host name");
}

/* Without MX records the domain is its own host (RFC 5321 section 5.1). */
static void
add_domain(struct destination *d, const struct dns_answer *mx,
    const struct mx_params *params)
{
	struct next_hop *host =
	    destination_add_hop(d, d->name, port_of(params));

	host->mx_authentic = mx->secure;
}

/* RFC 7505 section 3. */
static bool
is_null_mx(const struct dns_answer *mx)
{
	return mx->count == 1 && strcmp(mx->records[0].name, ".") == 0;
}

static void
apply_mx_answer(struct destination *d, const struct dns_answer *mx,
    const struct mx_params *params)
{
	switch (mx->status) {
	case DNS_FOUND:
		if (is_null_mx(mx))
			reject(d, "5.1.10", "does not accept mail (null MX)");
		else
			add_mx_hosts(d, mx, params);
		break;
	case DNS_NO_DATA:
		add_domain(d, mx, params);
		break;
	case DNS_NO_NAME:
		reject(d, "5.1.2", "does not exist: check the spelling");
		break;
	case DNS_FAILED:
		error_set(&d->failure, ERROR_RESOLVE,
		    "MX lookup for %s failed: %s", d->domain,
		    dns_answer_reason(mx));
		break;
	}
}

static void
apply_answers(struct destination *d, struct asked *asked,
    const struct dns_questions *q, const struct mx_params *params)
{
	const struct dns_answer *mx = dns_questions_answer(q, asked->mx);
	const struct dns_answer *sts = dns_questions_answer(q, asked->sts);

	if (mx != NULL) {
		asked->implicit = mx->status == DNS_NO_DATA;
		apply_mx_answer(d, mx, params);
	}
	if (sts != NULL)
		dns_answer_copy(&d->sts, sts);
}

static bool
is_local(const struct next_hop *host, const struct local_host *local)
{
	if (local_host_has_name(local, host->name))
		return true;
	for (size_t i = 0; i < host->addresses.count; i++)
		if (local_host_has_address(local, &host->addresses.items[i]))
			return true;
	return false;
}

/*
 * Removes this host and those of the same or a higher preference value, which
 * would send the mail on to this host (RFC 5321 section 5.1).  Returns whether
 * this host was in the list.
 */
static bool
drop_from_local_mx(struct destination *d, const struct local_host *local)
{
	for (size_t i = 0; i < d->count; i++) {
		unsigned preference = d->hosts[i].preference;

		if (!is_local(&d->hosts[i], local))
			continue;
		while (i > 0 && d->hosts[i - 1].preference == preference)
			i--;
		destination_truncate(d, i);
		return true;
	}
	return false;
}

static void
drop_unroutable_addresses(struct endpoint_list *list)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++)
		if (!local_host_is_unroutable(&list->items[i]))
			list->items[count++] = list->items[i];
	list->count = count;
}

/* Removes unusable hosts once the addresses are known. */
static void
check_mx_hosts(struct destination *d, bool implicit,
    const struct local_host *local)
{
	bool loop;

	if (d->count == 0)
		return;
	loop = drop_from_local_mx(d, local);
	for (size_t i = 0; i < d->count; i++)
		drop_unroutable_addresses(&d->hosts[i].addresses);
	destination_finish(d);
	if (d->count > 0)
		return;
	if (loop)
		reject_loop(d);
	else if (implicit)
		reject(d, "5.1.2", "has neither MX nor address records");
	else
		reject(d, "5.4.4", "has no usable MX host");
}

bool
mx_find(const struct dns_source *dns, const struct mx_params *params,
    struct destination *destinations, size_t count, int64_t deadline,
    struct error *err)
{
	struct asked *asked = alloc_zeroed(count + 1, sizeof(*asked));
	struct dns_questions q = { 0 };
	bool ok;

	for (size_t i = 0; i < count; i++)
		asked[i] = ask_about(&destinations[i], params, &q);
	ok = dns_ask(dns, &q, deadline, err);
	for (size_t i = 0; ok && i < count; i++)
		apply_answers(&destinations[i], &asked[i], &q, params);
	dns_questions_free(&q);
	ok = ok
	    && addresses_find(dns, &params->hosts, destinations, count,
		deadline, err);
	for (size_t i = 0; ok && i < count; i++)
		check_mx_hosts(&destinations[i], asked[i].implicit,
		    params->local);
	free(asked);
	return ok;
}
