/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include "base/alloc.h"
#include "modes/verify.h"

static void
shows_what_each_address_becomes(void **state)
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_what_each_address_becomes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
