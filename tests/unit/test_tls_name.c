/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/idna.h"
#include "net/tls_name.h"

/*
 * What we accept for a dNSName (RFC 9525 section 6.3), documented here.
 * Stricter than the RFC: no wildcard for a whole top-level domain.
 */
static const struct {
	const char *host;
	const char *name;
	size_t len; /* 0: up to its NUL */
	bool fits;
} patterns[] = {
	{ "mx.test", "mx.test", 0, true },
	{ "mx.test", "MX.Test", 0, true },
	{ "MX.TEST", "mx.test", 0, true },
	{ "mx.test", "mx.tes", 0, false },
	{ "mx.test", "mx.testt", 0, false },
	{ "mx.test", "", 0, false },
	/* A dNSName is no text of C. */
	{ "mx.test", "mx.test\0.evil.test", 18, false },
	{ "mx.test", "mx.test\0", 8, false },
	/* Our own trailing dot is taken away before, theirs is an error. */
	{ "mx.test", "mx.test.", 0, false },
	{ "mx.test", " mx.test", 0, false },
	/* "*" is the whole left-most label, no more and no less. */
	{ "a.wild.test", "*.wild.test", 0, true },
	{ "A.WILD.test", "*.wild.TEST", 0, true },
	{ "xn--mnchen-3ya.wild.test", "*.wild.test", 0, true },
	{ "wild.test", "*.wild.test", 0, false },
	{ ".wild.test", "*.wild.test", 0, false },
	{ "a.b.wild.test", "*.wild.test", 0, false },
	{ "mx.test", "*.test", 0, false },
	{ "mx.test", "*.", 0, false },
	{ "mx.test", "*", 0, false },
	{ "localhost", "*", 0, false },
	{ "foo.wild.test", "f*.wild.test", 0, false },
	{ "foo.wild.test", "*o.wild.test", 0, false },
	{ "xn--a.wild.test", "xn--*.wild.test", 0, false },
	{ "mx.a.test", "mx.*.test", 0, false },
	{ "a.b.c.test", "*.*.c.test", 0, false },
	{ "a.b.test", "**.b.test", 0, false },
	/* A U-label is never in a dNSName; A-labels are as any other. */
	{ "xn--mnchen-3ya.test", "xn--mnchen-3ya.test", 0, true },
	{ "xn--mnchen-3ya.test", "m\xc3\xbcnchen.test", 0, false },
};

static void
fits_patterns_by_the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(patterns); i++) {
		const char *name = patterns[i].name;
		size_t len = patterns[i].len ? patterns[i].len : strlen(name);

		if (tls_name_fits(patterns[i].host, name, len)
		    != patterns[i].fits)
			fail_msg("%s against %s", patterns[i].host, name);
	}
}

static const struct {
	const char *host;
	const char *text; /* NULL: refused */
	size_t address_len;
} hosts[] = {
	{ "mx.test", "mx.test", 0 },
	{ "MX.Test.", "MX.Test", 0 },
	{ "[mx.test]", "mx.test", 0 },
	{ "192.0.2.1", "192.0.2.1", 4 },
	{ "[192.0.2.1]", "192.0.2.1", 4 },
	{ "2001:DB8::1", "2001:db8::1", 16 },
	{ "[IPv6:2001:db8::1]", "2001:db8::1", 16 },
	{ "", NULL, 0 },
	{ "*.test", NULL, 0 },
	{ "mx..test", NULL, 0 },
	{ "mx.test\r\nQUIT", NULL, 0 },
	{ "192.0.2.1.5", NULL, 0 },
};

static void
reads_host_names_and_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(hosts); i++) {
		struct tls_name name;
		struct error err = { 0 };
		bool ok = tls_name_set(&name, hosts[i].host, &err);

		if (ok != (hosts[i].text != NULL))
			fail_msg("%s", hosts[i].host);
		if (ok) {
			assert_string_equal(name.text, hosts[i].text);
			assert_int_equal(name.address_len,
			    hosts[i].address_len);
		} else {
			assert_int_equal(err.kind, ERROR_CONFIG);
		}
		tls_name_free(&name);
		error_free(&err);
	}
}

static void
converts_a_name_beyond_ascii(void **state)
{
	struct tls_name name;

	(void)state;
	if (!idna_is_available())
		skip();
	assert_true(tls_name_set(&name, "m\xc3\xbcnchen.test", NULL));
	assert_string_equal(name.text, "xn--mnchen-3ya.test");
	tls_name_free(&name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fits_patterns_by_the_table),
		cmocka_unit_test(reads_host_names_and_addresses),
		cmocka_unit_test(converts_a_name_beyond_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
