/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "helpers/url.h"

#include <stdlib.h>

#include "unit.h"

static void
finds_host_and_port(void **state)
{
	static const struct {
		const char *url, *host;
		unsigned port;
	} rows[] = {
		{ "https://example.org", "example.org", 443 },
		{ "https://example.org:8443/a:1", "example.org", 8443 },
		{ "https://example.org?a:1", "example.org", 443 },
		{ "https://example.org:/", "example.org", 443 },
		{ "https://example.org:0/", "example.org", 443 },
		{ "https://example.org:65536/", "example.org", 443 },
		{ "https://[2001:db8::1]:444/", "[2001:db8::1]", 444 },
		{ "https://[2001:db8::1]/", "[2001:db8::1]", 443 },
		{ "socks5h://proxy:1080", "proxy", 1080 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *host = url_host(rows[i].url);

		assert_string_equal(host, rows[i].host);
		assert_int_equal(url_port(rows[i].url, 443), rows[i].port);
		free(host);
	}
}

static void
accepts_https_without_user_and_fragment(void **state)
{
	static const struct {
		const char *url;
		bool accepted;
	} rows[] = {
		{ "https://example.org/a?b=c@d", true },
		{ "HTTPS://example.org", true },
		{ "http://example.org/", false },
		{ "example.org", false },
		{ "https:///path", false },
		{ "https://user@example.org/", false },
		{ "https://example.org/#part", false },
		{ "https://example.org/a b", false },
		{ "https://example.org/\xc3\xa4", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (url_is_https(rows[i].url) != rows[i].accepted)
			fail_msg("%s", rows[i].url);
}

static void
rejects_a_domain_with_characters_of_a_url(void **state)
{
	static const struct {
		const char *domain;
		bool accepted;
	} rows[] = {
		{ "example.org", true },
		{ "_a-b.example.", true },
		{ "", false },
		{ ".example.org", false },
		{ "example.org/", false },
		{ "example.org:1", false },
		{ "a@example.org", false },
		{ "example.org?", false },
		{ "16.characters.aa", true },
		{ "17.characters.aaa", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (url_is_domain(rows[i].domain, 16) != rows[i].accepted)
			fail_msg("%s", rows[i].domain);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_host_and_port),
		cmocka_unit_test(accepts_https_without_user_and_fragment),
		cmocka_unit_test(rejects_a_domain_with_characters_of_a_url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
