/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "route/addresses.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

/* The numbers of the questions about one name. */
struct asked {
	size_t ipv6, ipv4, tlsa;
};

#define NOT_ASKED SIZE_MAX

/* Hosts about which the same is asked stand side by side then. */
static int
compare_hosts(const void *a, const void *b)
{
	const struct next_hop *x = *(struct next_hop *const *)a;
	const struct next_hop *y = *(struct next_hop *const *)b;
	int order = dns_name_compare(x->name, y->name);

	if (order == 0)
		order = (x->port > y->port) - (x->port < y->port);
	return order != 0 ? order : x->mx_authentic - y->mx_authentic;
}

static struct asked
ask_about(const struct addresses_params *params, const struct next_hop *host,
    struct dns_questions *q)
{
	struct asked asked = { NOT_ASKED, NOT_ASKED, NOT_ASKED };

	if (params->family != FAMILY_IPV4)
		asked.ipv6 = dns_questions_add(q, DNS_AAAA, "%s", host->name);
	if (params->family != FAMILY_IPV6)
		asked.ipv4 = dns_questions_add(q, DNS_A, "%s", host->name);
	if (params->tlsa && host->mx_authentic)
		asked.tlsa = dns_questions_add(q, DNS_TLSA, "_%u._tcp.%s",
		    host->port, host->name);
	return asked;
}

static const struct dns_answer *
answer_of(const struct dns_questions *q, size_t number)
{
	return number != NOT_ASKED ? &q->items[number].answer : NULL;
}

/* The i-th address of an answer, if it has so many. */
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

/* An answer that failed has taught us nothing, and nothing wrong. */
static bool
is_secure(const struct dns_answer *answer)
{
	return answer == NULL || answer->status == DNS_FAILED || answer->secure;
}

static void
note_canonical(struct next_hop *host, const struct dns_answer *answer)
{
	if (answer != NULL && answer->status == DNS_FOUND
	    && !text_equal_nocase(answer->name, host->name))
		alloc_replace(&host->canonical, answer->name);
}

/* No address: whether that is all there is to it. */
static void
note_trouble(struct next_hop *host, const struct dns_answer *ipv6,
    const struct dns_answer *ipv4)
{
	const struct dns_answer *failed = NULL;

	if (ipv6 != NULL && ipv6->status == DNS_FAILED)
		failed = ipv6;
	if (ipv4 != NULL && ipv4->status == DNS_FAILED)
		failed = ipv4;
	if (failed != NULL)
		error_set(&host->lookup_error, ERROR_RESOLVE,
		    "address lookup failed: %s",
		    failed->why != NULL ? failed->why : "no answer");
}

static void
take_answers(struct next_hop *host, const struct dns_questions *q,
    const struct asked *asked)
{
	const struct dns_answer *ipv6 = answer_of(q, asked->ipv6);
	const struct dns_answer *ipv4 = answer_of(q, asked->ipv4);
	size_t most = 0;

	if (ipv6 != NULL)
		most = ipv6->count;
	if (ipv4 != NULL && ipv4->count > most)
		most = ipv4->count;
	for (size_t i = 0; i < most; i++) {
		add_address(host, ipv6, i);
		add_address(host, ipv4, i);
	}
	note_canonical(host, ipv6);
	note_canonical(host, ipv4);
	host->addr_authentic =
	    host->mx_authentic && is_secure(ipv6) && is_secure(ipv4);
	if (host->addresses.count == 0)
		note_trouble(host, ipv6, ipv4);
}

/* The TLSA records go to every host of that name, the last one included. */
static void
take_tlsa(struct next_hop *host, const struct dns_questions *q,
    const struct asked *asked)
{
	const struct dns_answer *tlsa = answer_of(q, asked->tlsa);

	if (tlsa != NULL && host->mx_authentic)
		dns_answer_copy(&host->tlsa, tlsa);
}

bool
addresses_find(const struct dns_source *dns,
    const struct addresses_params *params, struct next_hop **hosts,
    size_t count, int64_t deadline, struct error *err)
{
	struct asked *asked = alloc_zeroed(count + 1, sizeof(*asked));
	struct dns_questions q = { 0 };
	bool ok;

	qsort(hosts, count, sizeof(struct next_hop *), compare_hosts);
	for (size_t i = 0; i < count; i++)
		asked[i] = i > 0 && compare_hosts(&hosts[i - 1], &hosts[i]) == 0
		    ? asked[i - 1]
		    : ask_about(params, hosts[i], &q);
	ok = dns_ask(dns, &q, deadline, err);
	for (size_t i = 0; ok && i < count; i++) {
		take_answers(hosts[i], &q, &asked[i]);
		take_tlsa(hosts[i], &q, &asked[i]);
	}
	dns_questions_free(&q);
	free(asked);
	return ok;
}

bool
addresses_find_for_destinations(const struct dns_source *dns,
    const struct addresses_params *params, struct destination *routes,
    size_t count, int64_t deadline, struct error *err)
{
	struct next_hop **hosts;
	size_t total = 0, n = 0;
	bool ok;

	for (size_t i = 0; i < count; i++)
		total += routes[i].count;
	hosts = alloc_zeroed(total + 1, sizeof(struct next_hop *));
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < routes[i].count; k++)
			if (routes[i].hosts[k].addresses.count == 0)
				hosts[n++] = &routes[i].hosts[k];
	ok = addresses_find(dns, params, hosts, n, deadline, err);
	free(hosts);
	return ok;
}
