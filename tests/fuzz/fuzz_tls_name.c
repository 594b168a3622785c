/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names of servers (net/tls_name.h, net/endpoint.h, base/idna.h).  Input: a
 * line with a host, as it is configured, and a dNSName of a certificate.
 *
 *   - A host is a name of letters, digits, hyphens and underscores within the
 *     limits of DNS, or an address, or refused with ERROR_CONFIG; what it
 *     became stands for itself, and an address is read back as the same.
 *   - An address that looks like a name is none: nothing that ends in a number.
 *   - The dNSName stands for the host if and only if a second reader of
 *     RFC 9525 says so: equal but for case, or "*" for one whole label in front
 *     of two more.  A NUL hides nothing.
 *   - The host itself stands for the host.
 */
#include "base/idna.h"
#include "fuzz.h"
#include "net/endpoint.h"
#include "net/tls_name.h"

static bool
equal(const char *a, const char *b, size_t len)
{
	return strlen(a) == len && memchr(b, '\0', len) == NULL
	    && strncasecmp(a, b, len) == 0;
}

/* A wildcard needs a host with a label for it, and two labels behind it. */
static bool
reference(const char *host, const char *pattern, size_t len)
{
	const char *dot = strchr(host, '.');

	if (len == 0)
		return false;
	if (len < 3 || memcmp(pattern, "*.", 2) != 0)
		return equal(host, pattern, len);
	return dot != NULL && dot > host && strchr(dot + 1, '.') != NULL
	    && equal(dot, pattern + 1, len - 1);
}

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
check_pattern(const char *host, const struct input *pattern)
{
	char *copy = input_copy(pattern), wildcard[512];
	const char *dot = strchr(host, '.');

	fuzz_assert(tls_name_fits(host, copy, pattern->left)
	    == reference(host, copy, pattern->left));
	fuzz_assert(tls_name_fits(host, host, strlen(host)));
	fuzz_assert(!tls_name_fits(host, host, strlen(host) + 1));
	if (dot != NULL && strlen(host) < sizeof(wildcard)) {
		snprintf(wildcard, sizeof(wildcard), "*%s", dot);
		fuzz_assert(tls_name_fits(host, wildcard, strlen(wildcard))
		    == (strchr(dot + 1, '.') != NULL));
	}
	free(copy);
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input pattern = { data, size };
	struct input host_in = input_take(&pattern, '\n');
	char *host = input_text(&host_in);
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
		check_pattern(name.text, &pattern);
	}
	error_free(&err);
	tls_name_free(&name);
	free(host);
}
