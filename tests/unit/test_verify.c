/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include "base/alloc.h"
#include "base/attr.h"
#include "modes/pretend.h"

static void
lists_the_address_and_server_of_each_recipient(void **state)
{
	struct account account = { 0 };
	struct envelope e = { 0 };
	struct str out = { 0 };

	(void)state;
	account.name = alloc_string("work");
	account.server.host = alloc_string("mx.example");
	account.server.port = 587;
	envelope_add(&e, "bob@example.org", NULL);
	envelope_add(&e, "admin@example.org", "root");
	verify_print(&out, &account, &e);
	assert_string_equal(str_text(&out),
	    "<bob@example.org>: account work, host mx.example port 587\n"
	    "root is <admin@example.org>: account work, host mx.example port "
	    "587\n");
	str_free(&out);
	account.server.socket = alloc_string("/run/lmtp\x1b");
	verify_print(&out, &account, &e);
	assert_string_equal(str_text(&out),
	    "<bob@example.org>: account work, socket /run/lmtp?\n"
	    "root is <admin@example.org>: account work, socket /run/lmtp?\n");
	str_free(&out);
	envelope_free(&e);
	account_free(&account);
}

static void
names_each_kind_of_server(void **state)
{
	static const struct {
		const char *hosts[2];
		const char *expected;
	} rows[] = {
		{ { "a.test", "b.test" },
		    "<bob@x.test>: account default, host a.test or b.test port "
		    "25\n" },
		{ { "mx" },
		    "<bob@x.test>: account default, the MX hosts of its domain "
		    "(host mx)\n" },
		{ { "srv" },
		    "<bob@x.test>: account default, the servers of a.test "
		    "(host srv)\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct account account = { 0 };
		struct envelope e = { 0 };
		struct str out = { 0 };

		account.name = alloc_string("default");
		account.server.host = alloc_string("a.test");
		account.server.port = 25;
		for (size_t k = 0; k < 2 && rows[i].hosts[k] != NULL; k++)
			strv_add(&account.hosts, rows[i].hosts[k]);
		envelope_add(&e, "bob@x.test", NULL);
		verify_print(&out, &account, &e);
		assert_string_equal(str_text(&out), rows[i].expected);
		str_free(&out);
		envelope_free(&e);
		account_free(&account);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    lists_the_address_and_server_of_each_recipient),
		cmocka_unit_test(names_each_kind_of_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
