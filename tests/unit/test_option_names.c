/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "config/option_names.h"
#include "config/option_print.h"

static void
finds_long_names(void **state)
{
	struct str name = { 0 };

	(void)state;
	assert_ptr_equal(option_find_long("tls-trust-file=x", 14),
	    option_find("tls_trust_file"));
	assert_ptr_equal(option_find_long("keepbcc", 7),
	    option_find("keepbcc"));
	assert_null(option_find_long("tls_trust_file", 14));
	assert_null(option_find_long("password", 8));
	assert_null(option_find_long("tls-trust", 9));
	assert_null(option_find("tls-trust-file"));
	assert_true(option_long_name(option_find("from_full_name"), &name));
	assert_string_equal(str_text(&name), "from-full-name");
	assert_false(option_long_name(option_find("password"), &name));
	str_free(&name);
}

static void
suggests_the_nearest_keyword(void **state)
{
	static const struct {
		const char *word, *meant;
	} cases[] = {
		{ "hots", "host" },
		{ "passwort", "password" },
		{ "pass", "password" },
		{ "tls-trust-file", "tls_trust_file" },
		{ "tls_trustfile", "tls_trust_file" },
		{ "accountx", "account" },
		{ "default", "defaults" },
		{ "evil", "eval" },
		{ "hunter2", NULL },
		{ "x", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *found = option_suggest(cases[i].word);

		if (cases[i].meant == NULL)
			assert_null(found);
		else
			assert_string_equal(found, cases[i].meant);
	}
}

static void
lists_every_setting_with_its_default(void **state)
{
	struct str out = { 0 };
	size_t lines = 0;

	(void)state;
	option_list(&out);
	for (size_t i = 0; i < out.len; i++)
		lines += out.data[i] == '\n';
	assert_int_equal(lines, option_count);
	assert_non_null(strstr(out.data,
	    "\ntls\tchoice\toff for this machine unless tls_starttls is off, "
	    "opportunistic with host mx, else on\tWORD\t"
	    "on off opportunistic\n"));
	assert_non_null(strstr(out.data,
	    "\nproxy_port\tnumber\t8080 with proxy_type http, else 1080\tN"));
	assert_non_null(strstr(out.data,
	    "\ntls_starttls\tboolean\toff for port 465 of another machine, "
	    "else on\t"));
	assert_non_null(strstr(out.data, "\ndeadline\tnumber\t900\t"));
	assert_non_null(strstr(out.data, "\npassword\tsecret\t\tTEXT\t\n"));
	assert_non_null(strstr(out.data,
	    "\nport\tnumber\t465 if tls_starttls is off, 587 if auth is used, "
	    "else 25\tN\t\n"));
	assert_non_null(strstr(out.data, "\nkeepbcc\talias\t\t\t\n"));
	str_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_long_names),
		cmocka_unit_test(suggests_the_nearest_keyword),
		cmocka_unit_test(lists_every_setting_with_its_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
