/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/idna.h"
#include "config/option.h"
#include "config/option_names.h"
#include "config/sender_login.h"
#include "unit.h"

static const struct option_context context = {
	.origin = { .kind = ORIGIN_COMMAND_LINE }
};

static void
add(struct settings *s, const char *setting, const char *value)
{
	assert_true(option_set(s, option_find(setting), value, &context, NULL));
}

/* Returns the pattern of the rule that decides, or "none". */
static const char *
decides(const struct sender_rules *rules, const char *address)
{
	const struct sender_rule *rule = sender_rules_find(rules, address);

	return rule != NULL ? rule->pattern : "none";
}

static void
the_first_pattern_that_matches_decides(void **state)
{
	static const struct {
		const char *address, *pattern;
	} cases[] = {
		{ "boss@example.org", "boss@example.org" },
		{ "BOSS@Example.ORG", "boss@example.org" },
		{ "a@example.org", "*@example.org" },
		{ "alice@users.example", "alice@users.example" },
		{ "bob@users.example", "none" },
		{ "x@example.org.evil.example", "none" },
		{ "\"boss@bank.example\"@example.org", "none" },
		{ "\"a b\"@example.org", "none" },
		{ "", "<>" },
		{ "root", "none" },
	};
	struct user user = { 0 };
	struct settings s;
	struct sender_rules rules = { 0 };
	struct error err = { 0 };

	(void)state;
	user_init_service(&user, 1000, "alice");
	settings_init(&s, "a");
	add(&s, "sender_login", "Boss@example.org root");
	add(&s, "sender_login", "*@example.org *");
	add(&s, "sender_login", "%U@users.example *");
	add(&s, "sender_login", "<> *");
	assert_true(
	    sender_rules_init(&rules, &s.values, &user, true, NULL, &err));
	assert_false(rules.is_free);
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(decides(&rules, cases[i].address),
		    cases[i].pattern);
	sender_rules_free(&rules);
	settings_free(&s);
	user_free(&user);
}

/* An address cannot slip through to a later rule. */
static void
a_domain_is_compared_in_ascii_label_by_label(void **state)
{
	static const struct {
		const char *address, *pattern;
	} cases[] = {
		{ "boss@a.b\xc3\xbc.example", "boss@*.xn--b-eha.example" },
		{ "boss@a.B\xc3\x9c.example", "boss@*.xn--b-eha.example" },
		{ "boss@a.xn--b-eha.example", "boss@*.xn--b-eha.example" },
		{ "x@a.b\xc3\xbc.example", "*" },
		{ "b\xc3\xbc@b\xc3\xbc.example", "*@xn--b-eha.example" },
		{ "x@xn--b-eha.example", "*@xn--b-eha.example" },
		/* A fullwidth "e", and an ideographic full stop. */
		{ "x@\xef\xbd\x85xample.org", "none" },
		{ "x@example\xe3\x80\x82org", "none" },
	};
	struct user user = { 0 };
	struct settings s;
	struct sender_rules rules = { 0 };
	struct error err = { 0 };

	(void)state;
	if (!idna_is_available())
		skip();
	user_init_service(&user, 1000, "alice");
	settings_init(&s, "a");
	add(&s, "sender_login", "boss@*.b\xc3\xbc.example root");
	add(&s, "sender_login", "*@b\xc3\xbc.example *");
	add(&s, "sender_login", "* *");
	assert_true(
	    sender_rules_init(&rules, &s.values, &user, true, NULL, &err));
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(decides(&rules, cases[i].address),
		    cases[i].pattern);
	sender_rules_free(&rules);
	add(&s, "sender_login", "x@b\xc3\xbc*.example root");
	assert_false(
	    sender_rules_init(&rules, &s.values, &user, true, NULL, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	error_free(&err);
	sender_rules_free(&rules);
	settings_free(&s);
	user_free(&user);
}

static void
a_star_does_not_match_the_null_sender(void **state)
{
	struct user user = { 0 };
	struct settings s;
	struct sender_rules rules = { 0 };

	(void)state;
	user_init_service(&user, 1000, "alice");
	settings_init(&s, "a");
	assert_true(
	    sender_rules_init(&rules, &s.values, &user, true, NULL, NULL));
	assert_true(rules.is_free);
	sender_rules_free(&rules);
	add(&s, "sender_login", "* *");
	assert_true(
	    sender_rules_init(&rules, &s.values, &user, true, NULL, NULL));
	assert_string_equal(decides(&rules, "a@example.org"), "*");
	assert_string_equal(decides(&rules, "root"), "*");
	assert_string_equal(decides(&rules, ""), "none");
	sender_rules_free(&rules);
	settings_free(&s);
	user_free(&user);
}

static void
an_error_in_the_file_has_its_line(void **state)
{
	char path[] = "/tmp/veredus-test-XXXXXX";
	struct user user = { 0 };
	struct settings s;
	struct sender_rules rules = { 0 };
	struct error err = { 0 };
	int fd = mkstemp(path);
	char *expected = alloc_printf("%s:3", path);
	struct strv errors = { 0 };

	(void)state;
	assert_true(fd >= 0);
	dprintf(fd, "# comment\n\na@example.org no-such-user\nb@x.example *");
	close(fd);
	user_init_service(&user, 1000, "alice");
	settings_init(&s, "a");
	add(&s, "sender_login_file", path);
	assert_true(
	    sender_rules_init(&rules, &s.values, &user, true, NULL, &err));
	assert_int_equal(rules.count, 2);
	assert_string_equal(rules.items[0].place, expected);
	sender_rules_free(&rules);
	assert_true(
	    sender_rules_init(&rules, &s.values, &user, true, &errors, &err));
	assert_int_equal(rules.count, 1);
	assert_string_equal(rules.items[0].pattern, "b@x.example");
	assert_int_equal(errors.count, 1);
	assert_memory_equal(errors.items[0], expected, strlen(expected));
	assert_non_null(strstr(errors.items[0], "no-such-user"));
	strv_free(&errors);
	sender_rules_free(&rules);
	assert_true(
	    sender_rules_init(&rules, &s.values, &user, false, NULL, NULL));
	assert_int_equal(rules.count, 0);
	sender_rules_free(&rules);
	unlink(path);
	free(expected);
	error_free(&err);
	settings_free(&s);
	user_free(&user);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_pattern_that_matches_decides),
		cmocka_unit_test(a_domain_is_compared_in_ascii_label_by_label),
		cmocka_unit_test(a_star_does_not_match_the_null_sender),
		cmocka_unit_test(an_error_in_the_file_has_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
