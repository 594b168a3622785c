/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names of servers (tls/name.h, net/endpoint.h, base/idna.h).  Input: a
 * host, as it is configured.
 *
 *   - A host is a name of letters, digits, hyphens and underscores within the
 *     limits of DNS, or an address, or an ERROR_CONFIG.  Parsing the result
 *     again returns the same.
 *   - A name never ends in a number, because it would look like an address.
 */
#include "base/idna.h"
#include "fuzz.h"
#include "net/endpoint.h"
#include "tls/name.h"

static void
check_name(const char *name)
{
	size_t len = strlen(name);
	const char *last = strrchr(name, '.');

	last = last == NULL ? name : last + 1;
	fuzz_assert(len > 0 && len <= 253);
	fuzz_assert_text(strspn(name,
			     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
			     "WXYZ0123456789-_.")
		== len,
	    name);
	fuzz_assert_text(strspn(last, "0123456789") < strlen(last), name);
	for (const char *p = name; *p != '\0';) {
		size_t label = strcspn(p, ".");

		fuzz_assert_text(label > 0 && label <= 63, name);
		fuzz_assert_text(p[0] != '-' && p[label - 1] != '-', name);
		p += label;
		p += *p == '.' ? 1 : 0;
		fuzz_assert_text(*p != '\0' || p[-1] != '.', name);
	}
	fuzz_assert(idna_is_host_name(name));
}

static void
check_address(const struct tls_name *name)
{
	struct endpoint endpoint;
	const void *octets;

	fuzz_assert(endpoint_parse(&endpoint, name->text));
	if (name->address_len == 4) {
		fuzz_assert(endpoint_is_family(&endpoint, FAMILY_IPV4));
		octets = &endpoint.ipv4.sin_addr;
	} else {
		fuzz_assert(name->address_len == 16);
		fuzz_assert(endpoint_is_family(&endpoint, FAMILY_IPV6));
		octets = &endpoint.ipv6.sin6_addr;
	}
	fuzz_assert(memcmp(octets, name->address, name->address_len) == 0);
}

static void
check_again(const struct tls_name *name)
{
	struct tls_name again = { 0 };
	struct error err = { 0 };

	fuzz_assert_text(tls_name_set(&again, name->text, &err), name->text);
	fuzz_assert(strcmp(again.text, name->text) == 0);
	fuzz_assert(again.address_len == name->address_len);
	tls_name_free(&again);
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size };
	char *host = input_text(&in);
	struct tls_name name = { 0 };
	struct error err = { 0 };
	bool ok = tls_name_set(&name, host, &err);

	fuzz_check_result(ok, &err);
	fuzz_assert(ok || err.kind == ERROR_CONFIG);
	if (ok && name.address_len > 0) {
		check_address(&name);
		check_again(&name);
	} else if (ok) {
		check_name(name.text);
		check_again(&name);
	}
	error_free(&err);
	tls_name_free(&name);
	free(host);
}
