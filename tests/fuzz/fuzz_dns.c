/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responses of DNS servers (dns/parse.h), and their use (route/sts.h,
 * route/dane.h, route/srv.h).  Input: an octet for the type, and a message.
 * The queried name is that of the question in the message, because otherwise
 * most inputs would fail there.
 *
 *   - The status is FOUND if and only if there are records.  A failure has a
 *     printable reason, no records, and is not secure.
 *   - There are no more records than fit into the message.
 *   - Every name is printable and not too long, and addresses are of the
 *     queried family.
 *   - An answer is secure only if the message has the AD flag.
 *   - Parsing the message again returns the same.
 *   - Sorting loses no record; the TLSA records that DANE selects are usable.
 */
#include <arpa/nameser.h>
#include <resolv.h>

#include "dns/parse.h"
#include "fuzz.h"
#include "route/dane.h"
#include "route/srv.h"
#include "route/sts.h"

/* A root name, type, class, TTL and length. */
#define RECORD_MIN 11

static void
check_name(const char *name)
{
	fuzz_assert(name != NULL && strlen(name) < NS_MAXDNAME);
	fuzz_check_shown(name);
}

static void
check_record(const struct dns_record *r, enum dns_type type)
{
	switch (type) {
	case DNS_A:
		fuzz_assert(r->address.any.sa_family == AF_INET);
		break;
	case DNS_AAAA:
		fuzz_assert(r->address.any.sa_family == AF_INET6);
		break;
	case DNS_CNAME:
	case DNS_MX:
	case DNS_SRV:
		check_name(r->name);
		fuzz_assert(r->name[0] != '\0');
		fuzz_assert(r->preference <= 65535 && r->weight <= 65535
		    && r->port <= 65535);
		break;
	default:
		fuzz_assert(r->name == NULL);
		fuzz_assert(r->usage <= 255 && r->selector <= 255
		    && r->matching <= 255);
	}
}

static void
check_answer(const struct dns_answer *answer, enum dns_type type,
    const struct input *message)
{
	fuzz_assert((answer->status == DNS_FOUND) == (answer->count > 0));
	fuzz_assert((answer->status == DNS_FAILED) == (answer->why != NULL));
	fuzz_assert(answer->count <= message->left / RECORD_MIN);
	fuzz_check_shown(answer->why);
	if (answer->status == DNS_FAILED)
		fuzz_assert(!answer->secure && answer->name == NULL);
	else
		check_name(answer->name);
	if (answer->secure)
		fuzz_assert((message->at[3] & 0x20) != 0);
	for (size_t i = 0; i < answer->count; i++)
		check_record(&answer->records[i], type);
}

static void
use_texts(const struct dns_answer *answer)
{
	char *id = sts_record_id(answer);

	if (id != NULL) {
		fuzz_assert(id[0] != '\0' && strlen(id) <= 32);
		fuzz_assert(strspn(id,
				"0123456789abcdefghijklmnopqrstuvwxyz"
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
		    == strlen(id));
	}
	free(id);
}

static void
use_keys(const struct dns_answer *answer)
{
	struct next_hop host = { 0 };

	dane_select(answer, &host.tls_policy);
	fuzz_assert(host.tls_policy.record_count <= answer->count);
	for (size_t i = 0; i < host.tls_policy.record_count; i++) {
		const struct tlsa_record *tlsa = &host.tls_policy.records[i];
		const struct dns_record record = { .usage = tlsa->usage,
			.selector = tlsa->selector,
			.matching = tlsa->matching,
			.data = tlsa->data };

		fuzz_assert(dane_is_usable(&record));
	}
	next_hop_free(&host);
}

static void
use_services(const struct dns_answer *answer)
{
	struct random random = { answer->count };
	unsigned long before = 0, after = 0;

	for (size_t i = 0; i < answer->count; i++)
		before += answer->records[i].port;
	srv_order(answer->records, answer->count, &random);
	for (size_t i = 0; i < answer->count; i++)
		after += answer->records[i].port;
	fuzz_assert(before == after);
	for (size_t i = 1; i < answer->count; i++)
		fuzz_assert(answer->records[i - 1].preference
		    <= answer->records[i].preference);
}

static void
check_again(const char *message, size_t len, const char *name,
    enum dns_type type, const struct dns_answer *first)
{
	struct dns_answer second = { 0 };

	dns_parse((const unsigned char *)message, len, name, type, &second);
	fuzz_assert(first->status == second.status
	    && first->count == second.count && first->secure == second.secure);
	dns_answer_free(&second);
}

/* Copies the name of the question, or "example.org" if there is none. */
static void
find_name(const char *message, size_t len, char name[NS_MAXDNAME])
{
	const unsigned char *start = (const unsigned char *)message;

	if (len <= NS_HFIXEDSZ
	    || dn_expand(start, start + len, start + NS_HFIXEDSZ, name,
		   NS_MAXDNAME)
		< 0)
		memcpy(name, "example.org", sizeof("example.org"));
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size };
	enum dns_type type = (enum dns_type)(input_octet(&in) % DNS_TYPES);
	struct dns_answer answer = { 0 };
	char name[NS_MAXDNAME];
	char *message = input_copy(&in);
	bool complete;

	find_name(message, in.left, name);
	complete = dns_parse((const unsigned char *)message, in.left, name,
	    type, &answer);
	check_answer(&answer, type, &in);
	fuzz_assert(complete || answer.status == DNS_NO_DATA);
	check_again(message, in.left, name, type, &answer);
	if (type == DNS_TXT)
		use_texts(&answer);
	else if (type == DNS_TLSA)
		use_keys(&answer);
	else if (type == DNS_SRV)
		use_services(&answer);
	dns_answer_free(&answer);
	free(message);
}
