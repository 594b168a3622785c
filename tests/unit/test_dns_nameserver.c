/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <string.h>

#include "dns/dns.h"
#include "dns/params.h"

static void
trusts_local_name_servers_and_dns_trust_ad(void **state)
{
	struct dns_params near = { 0 }, far = { 0 };
	struct str why = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_true(dns_nameserver_add(&near.servers, "127.0.0.1:5353", &err));
	assert_true(dns_trusts_ad(&near, &why));
	assert_string_equal(why.data, "the name servers are on this host");
	assert_true(dns_nameserver_add(&far.servers, "::1", &err));
	assert_true(dns_trusts_ad(&far, NULL));
	assert_true(dns_nameserver_add(&far.servers, "2001:db8::53", &err));
	assert_false(dns_trusts_ad(&far, NULL));
	far.trust_ad = true;
	str_truncate(&why, 0);
	assert_true(dns_trusts_ad(&far, &why));
	assert_string_equal(why.data, "dns_trust_ad is on");
	str_free(&why);
	endpoint_list_free(&near.servers);
	endpoint_list_free(&far.servers);
}

static const struct {
	const char *text;
	const char *server; /* NULL: rejected */
} servers[] = {
	{ "192.0.2.1", "192.0.2.1:53" },
	{ "192.0.2.1:5353", "192.0.2.1:5353" },
	{ "[192.0.2.1]:5353", "192.0.2.1:5353" },
	{ "2001:db8::1", "[2001:db8::1]:53" },
	{ "[2001:db8::1]", "[2001:db8::1]:53" },
	{ "[2001:db8::1]:5353", "[2001:db8::1]:5353" },
	{ "::1", "[::1]:53" },
	{ "", NULL },
	{ ":53", NULL },
	{ "ns.example", NULL },
	{ "ns.example:53", NULL },
	{ "192.0.2.1:", NULL },
	{ "192.0.2.1:0", NULL },
	{ "192.0.2.1:65536", NULL },
	{ "192.0.2.1]:53", NULL },
	{ "[192.0.2.1:53", NULL },
	{ "192.0.2.1:53:53", NULL },
	{ "[2001:db8::1]53", NULL },
};

static void
parses_name_servers_with_their_ports(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(servers); i++) {
		struct endpoint_list list = { 0 };
		struct error err = { 0 };
		struct str text = { 0 };

		if (dns_nameserver_add(&list, servers[i].text, &err))
			endpoint_text_port(&list.items[0], &text);
		else
			assert_int_equal(err.kind, ERROR_CONFIG);
		if (strcmp(str_text(&text),
			servers[i].server ? servers[i].server : "")
		    != 0)
			fail_msg("%s: %s", servers[i].text, str_text(&text));
		error_free(&err);
		str_free(&text);
		endpoint_list_free(&list);
	}
}

static void
rejects_more_servers_than_the_resolver_supports(void **state)
{
	struct endpoint_list list = { 0 };
	struct error err = { 0 };

	(void)state;
	for (int i = 0; i < DNS_SERVERS_MAX; i++)
		assert_true(dns_nameserver_add(&list, "::1", &err));
	assert_false(dns_nameserver_add(&list, "::1", &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	error_free(&err);
	endpoint_list_free(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trusts_local_name_servers_and_dns_trust_ad),
		cmocka_unit_test(parses_name_servers_with_their_ports),
		cmocka_unit_test(
		    rejects_more_servers_than_the_resolver_supports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
