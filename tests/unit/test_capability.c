/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <string.h>

#include "smtp/capability.h"

static void
parse(struct capabilities *c, const char *const *lines)
{
	struct reply reply = { .status.code = 250 };

	strv_add(&reply.lines, "mx.example greets you");
	for (; *lines != NULL; lines++)
		strv_add(&reply.lines, *lines);
	capabilities_parse(c, &reply);
	reply_free(&reply);
}

static void
parses_each_keyword(void **state)
{
	static const struct {
		const char *line;
		unsigned set;
	} cases[] = {
		{ "PIPELINING", CAP_PIPELINING },
		{ "pipelining", CAP_PIPELINING },
		{ "CHUNKING", CAP_CHUNKING },
		{ "8BITMIME", CAP_8BITMIME },
		{ "SMTPUTF8", CAP_SMTPUTF8 },
		{ "SIZE 1000", CAP_SIZE },
		{ "SIZE", CAP_SIZE },
		{ "DSN", CAP_DSN },
		{ "STARTTLS", CAP_STARTTLS },
		{ "AUTH PLAIN", CAP_AUTH },
		{ "AUTH", CAP_AUTH },
		{ "AUTH=PLAIN", CAP_AUTH },
		{ "ENHANCEDSTATUSCODES", CAP_ENHANCEDSTATUSCODES },
		{ "BINARYMIME", CAP_BINARYMIME },
		{ "LIMITS RCPTMAX=5", CAP_LIMITS },
		{ "REQUIRETLS", CAP_REQUIRETLS },
		{ "DELIVERBY 240", CAP_DELIVERBY },
		{ "FUTURERELEASE 86400 2026-12-24T00:00:00Z",
		    CAP_FUTURERELEASE },
		{ "MT-PRIORITY MIXER", CAP_MT_PRIORITY },
		{ "ETRN", CAP_ETRN },
		{ "XQUEUE", CAP_XQUEUE },
		{ "PIPELINING with arguments", CAP_PIPELINING },
		{ "PIPELININGX", 0 },
		{ "PIPELININ", 0 },
		{ "X-STARTTLS", 0 },
		{ "", 0 },
		{ "   ", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *const lines[] = { cases[i].line, NULL };
		struct capabilities c = { 0 };

		parse(&c, lines);
		if (c.set != cases[i].set)
			fail_msg("%s: %x", cases[i].line, c.set);
		capabilities_free(&c);
	}
}

static void
parses_sizes_without_overflow(void **state)
{
	static const struct {
		const char *line;
		uint64_t limit;
	} cases[] = {
		{ "SIZE 10240000", 10240000 },
		{ "size\t 5 6", 5 },
		{ "SIZE 0", 0 },
		{ "SIZE", 0 },
		{ "SIZE abc", 0 },
		{ "SIZE -5", 0 },
		{ "SIZE 18446744073709551615", UINT64_MAX },
		{ "SIZE 999999999999999999999999999999", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *const lines[] = { cases[i].line, NULL };
		struct capabilities c = { 0 };

		parse(&c, lines);
		assert_true(c.size_limit == cases[i].limit);
		assert_true(capabilities_have(&c, CAP_SIZE));
		capabilities_free(&c);
	}
}

static void
parses_limits_and_times(void **state)
{
	static const char *const lines[] = {
		"LIMITS rcptmax=100 MAILMAX=20 RCPTDOMAINMAX=1 OTHER=5 RCPTMAX",
		"DELIVERBY 240,60", "FUTURERELEASE 604800 2027-01-01T00:00:00Z",
		NULL
	};
	static const char *const odd[] = { "LIMITS RCPTMAX=x MAILMAX=-1 =",
		"DELIVERBY", "FUTURERELEASE soon", NULL };
	struct capabilities c = { 0 };

	(void)state;
	parse(&c, lines);
	assert_true(c.limits.rcpt == 100);
	assert_true(c.limits.mail == 20);
	assert_true(c.limits.rcpt_domain == 1);
	assert_true(c.deliver_by_min == 240);
	assert_true(c.hold_max == 604800);
	parse(&c, odd);
	assert_true(c.limits.rcpt == 0);
	assert_true(c.limits.mail == 0);
	assert_true(c.deliver_by_min == 0);
	assert_true(c.hold_max == 0);
	capabilities_free(&c);
}

static void
collects_mechanisms_from_all_lines_once(void **state)
{
	static const char *const lines[] = { "AUTH  plain\tLOGIN  ",
		"AUTH=LOGIN CRAM-MD5", NULL };
	struct capabilities c = { 0 };

	(void)state;
	parse(&c, lines);
	assert_int_equal(c.mechanisms.count, 3);
	assert_string_equal(c.mechanisms.items[0], "PLAIN");
	assert_string_equal(c.mechanisms.items[1], "LOGIN");
	assert_string_equal(c.mechanisms.items[2], "CRAM-MD5");
	capabilities_free(&c);
}

static void
replaces_the_capabilities_of_the_last_reply(void **state)
{
	static const char *const before[] = { "AUTH PLAIN", "SIZE 5", NULL };
	static const char *const after[] = { "PIPELINING", NULL };
	struct capabilities c = { 0 };

	(void)state;
	parse(&c, before);
	parse(&c, after);
	assert_int_equal(c.set, CAP_PIPELINING);
	assert_int_equal(c.mechanisms.count, 0);
	assert_true(c.size_limit == 0);
	capabilities_free(&c);
}

static void
accepts_ten_thousand_unknown_keywords(void **state)
{
	struct reply reply = { .status.code = 250 };
	struct capabilities c = { 0 };

	(void)state;
	for (int i = 0; i < 10000; i++)
		strv_add(&reply.lines, "XUNKNOWN with arguments");
	strv_add(&reply.lines, "DSN");
	capabilities_parse(&c, &reply);
	assert_int_equal(c.set, CAP_DSN);
	assert_int_equal(c.keywords.count, 10000);
	capabilities_free(&c);
	reply_free(&reply);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_each_keyword),
		cmocka_unit_test(parses_sizes_without_overflow),
		cmocka_unit_test(parses_limits_and_times),
		cmocka_unit_test(collects_mechanisms_from_all_lines_once),
		cmocka_unit_test(replaces_the_capabilities_of_the_last_reply),
		cmocka_unit_test(accepts_ten_thousand_unknown_keywords),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
