/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "route/mx.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/idna.h"
#include "base/text.h"
#include "net/resolve.h"

#define SMTP_PORT 25
#define NOT_ASKED SIZE_MAX

/* What is asked about one domain: the numbers of the questions. */
struct asked {
	size_t mx, sts;
	bool implicit; /* there are no MX records: the domain is the host */
};

/* A record and its place among those of the same preference. */
struct candidate {
	const struct dns_record *record;
	uint64_t rank;
};

static unsigned
port_of(const struct mx_params *params)
{
	return params->port != 0 ? params->port : SMTP_PORT;
}

/* The domain has no way for its mail, whoever asks again. */
static void
refuse(struct destination *r, const char *status, const char *why)
{
	error_reject(&r->failure, STAGE_RCPT, "%s %s", r->domain, why);
	error_status(&r->failure, status);
}

static void
refuse_loop(struct destination *r)
{
	error_set(&r->failure, ERROR_LOOP,
	    "mail for %s loops back to this host; to deliver it here, use an "
	    "account with an explicit host",
	    r->domain);
}

static bool
is_literal(const char *domain)
{
	return domain[0] == '[';
}

/* user@[192.0.2.1]: RFC 5321 section 4.1.3. */
static void
find_literal(struct destination *r, const struct mx_params *params)
{
	struct next_hop *host;
	struct endpoint a;

	if (!endpoint_parse(&a, r->domain)) {
		error_set(&r->failure, ERROR_ADDRESS,
		    "\"%s\" is not an address literal", r->domain);
	} else if (!endpoint_is_family(&a, params->hosts.family)) {
		refuse(r, "5.4.4", "is excluded by address_family");
	} else {
		host = destination_add_hop(r, r->domain, port_of(params));
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

/* The questions about one domain, if it has to be asked about; a bare name has
 * none. */
static struct asked
ask_about(struct destination *r, const struct mx_params *params,
    struct dns_questions *q)
{
	struct asked asked = { .mx = NOT_ASKED, .sts = NOT_ASKED };

	if (*r->domain == '\0') {
		error_set(&r->failure, ERROR_ADDRESS,
		    "the address has no domain: add one, or set "
		    "qualify_domain");
	} else if (is_literal(r->domain)) {
		find_literal(r, params);
	} else if (!idna_to_ascii(r->domain, &r->name, &r->failure)) {
		error_prefix(&r->failure, "cannot look up the MX hosts");
	} else if (resolve_is_localhost(r->name)) {
		refuse_loop(r);
	} else {
		drop_dot(r->name);
		asked.mx = dns_questions_add(q, DNS_MX, "%s", r->name);
		if (params->sts)
			asked.sts = dns_questions_add(q, DNS_TXT, "_mta-sts.%s",
			    r->name);
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

/* What no host can be called is no host: "192.0.2.1", or "." beside others. */
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
has_host(const struct destination *r, const char *name)
{
	for (size_t i = 0; i < r->count; i++)
		if (text_equal_nocase(r->hosts[i].name, name))
			return true;
	return false;
}

static void
take_exchangers(struct destination *r, const struct dns_answer *mx,
    const struct mx_params *params)
{
	struct candidate *candidates =
	    alloc_zeroed(mx->count + 1, sizeof(*candidates));
	size_t count = collect_candidates(mx, params->rank, candidates);

	for (size_t i = 0; i < count && r->count < DESTINATION_HOPS_MAX; i++) {
		const struct dns_record *record = candidates[i].record;
		struct next_hop *host;

		if (has_host(r, record->name))
			continue;
		host = destination_add_hop(r, record->name, port_of(params));
		host->preference = record->preference;
		host->mx_authentic = mx->secure;
	}
	free(candidates);
	if (r->count == 0)
		refuse(r, "5.4.4", "has no MX record with a valid host name");
}

/* RFC 5321 section 5.1: without MX records the domain is its own host. */
static void
take_domain(struct destination *r, const struct dns_answer *mx,
    const struct mx_params *params)
{
	struct next_hop *host =
	    destination_add_hop(r, r->name, port_of(params));

	host->mx_authentic = mx->secure;
}

/* RFC 7505 section 3. */
static bool
is_null_mx(const struct dns_answer *mx)
{
	return mx->count == 1 && strcmp(mx->records[0].name, ".") == 0;
}

static void
take_answer(struct destination *r, const struct dns_answer *mx,
    const struct mx_params *params)
{
	switch (mx->status) {
	case DNS_FOUND:
		if (is_null_mx(mx))
			refuse(r, "5.1.10", "does not accept mail (null MX)");
		else
			take_exchangers(r, mx, params);
		break;
	case DNS_NO_DATA:
		take_domain(r, mx, params);
		break;
	case DNS_NO_NAME:
		refuse(r, "5.1.2", "does not exist: check the spelling");
		break;
	case DNS_FAILED:
		error_set(&r->failure, ERROR_RESOLVE,
		    "MX lookup for %s failed: %s", r->domain,
		    mx->why != NULL ? mx->why : "no answer");
		break;
	}
}

static void
take_answers(struct destination *r, struct asked *asked,
    const struct dns_questions *q, const struct mx_params *params)
{
	if (asked->mx != NOT_ASKED) {
		const struct dns_answer *mx = &q->items[asked->mx].answer;

		asked->implicit = mx->status == DNS_NO_DATA;
		take_answer(r, mx, params);
	}
	if (asked->sts != NOT_ASKED)
		dns_answer_copy(&r->sts, &q->items[asked->sts].answer);
}

static bool
is_self(const struct next_hop *host, const struct local_host *self)
{
	if (local_host_has_name(self, host->name))
		return true;
	for (size_t i = 0; i < host->addresses.count; i++)
		if (local_host_has_address(self, &host->addresses.items[i]))
			return true;
	return false;
}

/*
 * RFC 5321 section 5.1: when this host is in the list, those that are not
 * better than it would hand the mail on to it.
 */
static bool
drop_from_local_mx(struct destination *r, const struct local_host *self)
{
	for (size_t i = 0; i < r->count; i++) {
		unsigned preference = r->hosts[i].preference;

		if (!is_self(&r->hosts[i], self))
			continue;
		while (i > 0 && r->hosts[i - 1].preference == preference)
			i--;
		destination_truncate(r, i);
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

/* With the addresses known: who is left. */
static void
judge(struct destination *r, bool implicit, const struct local_host *self)
{
	bool loop;

	if (r->count == 0)
		return;
	loop = drop_from_local_mx(r, self);
	for (size_t i = 0; i < r->count; i++)
		drop_unroutable_addresses(&r->hosts[i].addresses);
	destination_drop_unreachable(r);
	destination_limit(r);
	if (r->count > 0)
		destination_start(r);
	else if (loop)
		refuse_loop(r);
	else if (implicit)
		refuse(r, "5.1.2", "has neither MX nor address records");
	else
		refuse(r, "5.4.4", "has no usable MX host");
}

bool
mx_find(const struct dns_source *dns, const struct mx_params *params,
    struct destination *routes, size_t count, int64_t deadline,
    struct error *err)
{
	struct asked *asked = alloc_zeroed(count + 1, sizeof(*asked));
	struct dns_questions q = { 0 };
	bool ok;

	for (size_t i = 0; i < count; i++)
		asked[i] = ask_about(&routes[i], params, &q);
	ok = dns_ask(dns, &q, deadline, err);
	for (size_t i = 0; ok && i < count; i++)
		take_answers(&routes[i], &asked[i], &q, params);
	dns_questions_free(&q);
	ok = ok
	    && addresses_find_for_destinations(dns, &params->hosts, routes,
		count, deadline, err);
	for (size_t i = 0; ok && i < count; i++)
		judge(&routes[i], asked[i].implicit, params->self);
	free(asked);
	return ok;
}
