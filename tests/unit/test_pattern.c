/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdbool.h>

#include "mail/path.h"

static void
matches_addresses(void **state)
{
	static const struct {
		const char *pattern, *address;
		bool matches;
	} cases[] = {
		{ "alice@example.org", "alice@example.org", true },
		{ "alice@example.org", "alice@EXAMPLE.org", true },
		{ "alice@Example.ORG", "alice@example.org", true },
		{ "Alice@example.org", "alice@example.org", true },
		{ "alice@example.org", "Alice@Example.org", true },
		{ "Alic[e]@example.org", "alice@example.org", false },
		{ "Alic[e]@example.org", "Alice@Example.org", true },
		{ "alic[e]@example.org", "ALIC[E]@example.org", true },
		{ "alice@example.org", "xalice@example.org", false },
		{ "*@example.org", "bob@example.ORG", true },
		{ "*@EXAMPLE.org", "bob@example.org", true },
		{ "*@example.org", "bob@a.example.org", false },
		{ "a?ice@*", "alice@example.org", true },
		{ "[ab]*@example.org", "bob@example.org", true },
		{ "[!ab]*@example.org", "bob@example.org", false },
		{ "a\\*@example.org", "a*@example.org", false },
		{ "a@[192.0.2.1]", "a@[192.0.2.1]", true },
		{ "a@[192.0.2.1]", "a@1", false },
		{ "root", "root", true },
		{ "root", "Root", true },
		{ "*", "a@b", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (path_matches(cases[i].pattern, cases[i].address)
		    != cases[i].matches)
			fail_msg("%s and %s", cases[i].pattern,
			    cases[i].address);
}

static void
detects_wildcards(void **state)
{
	(void)state;
	assert_true(path_has_wildcard("*@example.org"));
	assert_true(path_has_wildcard("a?b"));
	assert_true(path_has_wildcard("[ab]@[192.0.2.1]"));
	assert_false(path_has_wildcard("a@example.org"));
	assert_false(path_has_wildcard("a@[192.0.2.1]"));
	assert_false(path_has_wildcard(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_addresses),
		cmocka_unit_test(detects_wildcards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
