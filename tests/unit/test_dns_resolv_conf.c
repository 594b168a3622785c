/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <string.h>

#include "dns/resolv_conf.h"

static const struct {
	const char *text;
	const char *shown; /* servers, trust_ad, timeout, attempts */
} files[] = {
	{ "", "127.0.0.1:53 0 5 2" },
	{ "nameserver 192.0.2.1\n", "192.0.2.1:53 0 5 2" },
	{ "# nameserver 192.0.2.9\n;nameserver 192.0.2.9\nsearch example\n"
	  "nameserver\t 2001:db8::1 \r\nnameserver 192.0.2.1",
	    "[2001:db8::1]:53 192.0.2.1:53 0 5 2" },
	{ "nameserver ns.example\nnameserver\nnameservers 192.0.2.9\n",
	    "127.0.0.1:53 0 5 2" },
	{ "nameserver ::1\nnameserver ::2\nnameserver ::3\nnameserver ::4\n",
	    "[::1]:53 [::2]:53 [::3]:53 0 5 2" },
	{ "options edns0 trust-ad timeout:2 attempts:3\n",
	    "127.0.0.1:53 1 2 3" },
	{ "options timeout:0 attempts:x trust-ads\noptions timeout:\n",
	    "127.0.0.1:53 0 5 2" },
	{ "options timeout:900 attempts:99\n", "127.0.0.1:53 0 30 5" },
};

static void
reads_name_servers_and_options(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		struct resolv_conf conf;
		struct str shown = { 0 };

		resolv_conf_parse(files[i].text, strlen(files[i].text), &conf);
		for (size_t j = 0; j < conf.servers.count; j++) {
			endpoint_text_port(&conf.servers.items[j], &shown);
			str_add_char(&shown, ' ');
		}
		str_printf(&shown, "%d %u %u", conf.trust_ad, conf.timeout,
		    conf.attempts);
		assert_string_equal(str_text(&shown), files[i].shown);
		str_free(&shown);
		resolv_conf_free(&conf);
	}
}

static void
always_has_a_name_server(void **state)
{
	struct resolv_conf conf;

	(void)state;
	resolv_conf_read(&conf);
	assert_in_range(conf.servers.count, 1, 3);
	resolv_conf_free(&conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_name_servers_and_options),
		cmocka_unit_test(always_has_a_name_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
