/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asks for the A, AAAA and TLSA records of next hops, once for each name, and
 * sorts the addresses so that the families alternate.
 */
#include "route/addresses.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/text.h"

/* The indexes of the questions about one host. */
struct asked {
	size_t ipv6, ipv4, tlsa;
};

/* Sorts hosts that need the same questions next to each other. */
static int
compare_hosts(const void *a, const void *b)
{
	const struct next_hop *x = *(struct next_hop *const *)a;
	const struct next_hop *y = *(struct next_hop *const *)b;
	int order = strcasecmp(x->name, y->name);

	if (order == 0)
		order = (x->port > y->port) - (x->port < y->port);
	return order != 0 ? order : x->mx_authentic - y->mx_authentic;
}

static struct asked
ask_about(const struct addresses_params *params, const struct next_hop *host,
    struct dns_questions *q)
{
	struct asked asked = { DNS_NOT_ASKED, DNS_NOT_ASKED, DNS_NOT_ASKED };

	if (params->family != FAMILY_IPV4)
		asked.ipv6 = dns_questions_add(q, DNS_AAAA, "%s", host->name);
	if (params->family != FAMILY_IPV6)
		asked.ipv4 = dns_questions_add(q, DNS_A, "%s", host->name);
	if (params->tlsa && host->mx_authentic)
		asked.tlsa = dns_questions_add(q, DNS_TLSA, "_%u._tcp.%s",
		    host->port, host->name);
	return asked;
}

/* Adds the address of record number i, if the answer has so many. */
static void
add_address(struct next_hop *host, const struct dns_answer *answer, size_t i)
{
	struct endpoint a;

	if (answer == NULL || i >= answer->count)
		return;
	a = answer->records[i].address;
	endpoint_set_port(&a, host->port);
	endpoint_list_add(&host->addresses, &a);
}

/* A failed lookup gave no address, so it cannot have given a false one. */
static bool
is_authentic(const struct dns_answer *answer)
{
	return answer == NULL || answer->status == DNS_FAILED || answer->secure;
}

static void
set_canonical(struct next_hop *host, const struct dns_answer *answer)
{
	if (answer != NULL && answer->status == DNS_FOUND
	    && !text_equal_nocase(answer->name, host->name))
		alloc_replace(&host->canonical, answer->name);
}

/* Sets the lookup error of a host without an address, if a lookup failed. */
static void
set_lookup_error(struct next_hop *host, const struct dns_answer *ipv6,
    const struct dns_answer *ipv4)
{
	const struct dns_answer *failed = NULL;

	if (ipv6 != NULL && ipv6->status == DNS_FAILED)
		failed = ipv6;
	if (ipv4 != NULL && ipv4->status == DNS_FAILED)
		failed = ipv4;
	if (failed != NULL)
		error_set(&host->lookup_error, ERROR_RESOLVE,
		    "address lookup failed: %s", dns_answer_reason(failed));
}

static void
add_answers(struct next_hop *host, const struct dns_questions *q,
    const struct asked *asked)
{
	const struct dns_answer *ipv6 = dns_questions_answer(q, asked->ipv6);
	const struct dns_answer *ipv4 = dns_questions_answer(q, asked->ipv4);
	size_t most = 0;

	if (ipv6 != NULL)
		most = ipv6->count;
	if (ipv4 != NULL && ipv4->count > most)
		most = ipv4->count;
	for (size_t i = 0; i < most; i++) {
		add_address(host, ipv6, i);
		add_address(host, ipv4, i);
	}
	set_canonical(host, ipv6);
	set_canonical(host, ipv4);
	host->addr_authentic =
	    host->mx_authentic && is_authentic(ipv6) && is_authentic(ipv4);
	if (host->addresses.count == 0)
		set_lookup_error(host, ipv6, ipv4);
}

static void
copy_tlsa(struct next_hop *host, const struct dns_questions *q,
    const struct asked *asked)
{
	const struct dns_answer *tlsa = dns_questions_answer(q, asked->tlsa);

	if (tlsa != NULL && host->mx_authentic)
		dns_answer_copy(&host->tlsa, tlsa);
}

/* Adds the hosts without an address, and returns their number. */
static size_t
collect_hosts(const struct destination *destinations, size_t count,
    struct next_hop **hosts)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < destinations[i].count; k++)
			if (destinations[i].hosts[k].addresses.count == 0)
				hosts[n++] = &destinations[i].hosts[k];
	return n;
}

bool
addresses_find(const struct dns_source *dns,
    const struct addresses_params *params, struct destination *destinations,
    size_t count, int64_t deadline, struct error *err)
{
	size_t total = destinations_count_hops(destinations, count);
	struct next_hop **hosts =
	    alloc_zeroed(total + 1, sizeof(struct next_hop *));
	struct asked *asked = alloc_zeroed(total + 1, sizeof(*asked));
	struct dns_questions q = { 0 };
	bool ok;

	total = collect_hosts(destinations, count, hosts);
	qsort(hosts, total, sizeof(struct next_hop *), compare_hosts);
	for (size_t i = 0; i < total; i++)
		asked[i] = i > 0 && compare_hosts(&hosts[i - 1], &hosts[i]) == 0
		    ? asked[i - 1]
		    : ask_about(params, hosts[i], &q);
	ok = dns_ask(dns, &q, deadline, err);
	for (size_t i = 0; ok && i < total; i++) {
		add_answers(hosts[i], &q, &asked[i]);
		copy_tlsa(hosts[i], &q, &asked[i]);
	}
	dns_questions_free(&q);
	free(asked);
	free(hosts);
	return ok;
}
