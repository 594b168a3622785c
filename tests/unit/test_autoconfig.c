/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/autoconfig.h"

#include <string.h>
#include <sysexits.h>

#include "unit.h"

#define SOURCE "source https://autoconfig.thunderbird.net/v1.1/a.example\n"
#define SERVER "server a.example 465 tls password"

static bool
read_result(const char *text, struct autoconfig *found, struct error *err)
{
	struct str copy = { 0 };
	bool ok;

	str_add(&copy, text);
	ok = autoconfig_read(&copy, found, err);
	str_free(&copy);
	return ok;
}

static void
reads_what_the_helper_has_found(void **state)
{
	struct autoconfig found = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_true(read_result(SOURCE
	    "title A B\n"
	    "server 192.0.2.1 465 tls none\n"
	    "server a.example 25 plain unknown\n"
	    "server b.example 587 starttls oauth2 al ice\n" SERVER "\nend\n",
	    &found, &err));
	assert_null(found.absent);
	assert_true(found.is_database);
	assert_string_equal(found.title, "A B");
	assert_int_equal(found.count, 3);
	assert_int_equal(found.first, 1);
	assert_string_equal(found.servers[1].host, "b.example");
	assert_int_equal(found.servers[1].port, 587);
	assert_int_equal(found.servers[1].tls, AUTOCONFIG_STARTTLS);
	assert_int_equal(found.servers[1].auth, AUTOCONFIG_AUTH_OAUTH2);
	assert_string_equal(found.servers[1].user, "al ice");
	assert_null(found.servers[2].user);
	autoconfig_free(&found);
}

static const struct {
	const char *text, *absent;
} absents[] = {
	{ "absent x: HTTP status 404\nend\n", "x: HTTP status 404" },
	{ SOURCE "server a..b 465 tls password\nend\n", "no valid host" },
	{ SOURCE "server a.example 25 plain password\nend\n", "no valid host" },
	{ SOURCE "end\n", "no valid host" },
};

static void
says_why_there_is_no_server(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(absents); i++) {
		struct autoconfig found = { 0 };

		assert_true(read_result(absents[i].text, &found, NULL));
		assert_non_null(found.absent);
		assert_non_null(strstr(found.absent, absents[i].absent));
		autoconfig_free(&found);
	}
}

static const struct {
	const char *text;
	int exit;
} failures[] = {
	{ "unreachable x: no route\nend\n", EX_TEMPFAIL },
	{ "", EX_OSERR },
	{ "end\n", EX_OSERR },
	{ SOURCE SERVER "\n", EX_OSERR },
	{ SERVER "\nend\n", EX_OSERR },
	{ SOURCE "absent x\nend\n", EX_OSERR },
	{ SOURCE SERVER "\nend\n" SERVER "\n", EX_OSERR },
	{ SOURCE "end x\n", EX_OSERR },
	{ SOURCE "what x\nend\n", EX_OSERR },
	{ SOURCE "title\nend\n", EX_OSERR },
	{ SOURCE "server a.example\nend\n", EX_OSERR },
	{ SOURCE "server a.example 0 tls password\nend\n", EX_OSERR },
	{ SOURCE "server a.example 465 ssl password\nend\n", EX_OSERR },
	{ SOURCE "server a.example 465 tls magic\nend\n", EX_OSERR },
	{ SOURCE SERVER "\n" SERVER "\n" SERVER "\n" SERVER "\n" SERVER
			"\n" SERVER "\n" SERVER "\n" SERVER "\n" SERVER
			"\n" SERVER "\n" SERVER "\nend\n",
	    EX_OSERR },
};

static void
rejects_other_results(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(failures); i++) {
		struct autoconfig found = { 0 };
		struct error err = { 0 };

		if (read_result(failures[i].text, &found, &err)
		    || error_exit_status(&err) != failures[i].exit)
			fail_msg("%s: %d", failures[i].text,
			    error_exit_status(&err));
		error_free(&err);
		autoconfig_free(&found);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_the_helper_has_found),
		cmocka_unit_test(says_why_there_is_no_server),
		cmocka_unit_test(rejects_other_results),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
