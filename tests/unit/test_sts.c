/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "dns_table.h"
#include "error_says.h"
#include "route/sts.h"

static const struct {
	const char *records; /* separated by "|" */
	const char *id;
} texts[] = {
	{ "v=STSv1; id=20160831085700Z;", "20160831085700Z" },
	{ "v=STSv1;id=1", "1" },
	{ "v=STSv1 \t;\t id=1 ; ", "1" },
	{ "v=STSv1; a=b; id=1; c=d", "1" },
	{ "v=STSv1; id=1; id=2", "1" },
	{ "v=STSv1; ID=1", "1" },
	{ "v=spf1 -all|v=STSv1; id=1;|something=else", "1" },
	{ "v=STSv1; id=12345678901234567890123456789012;",
	    "12345678901234567890123456789012" },
	{ "v=STSv1; id=123456789012345678901234567890123;", NULL },
	{ "v=STSv1; id=1;|v=STSv1; id=2;", NULL },
	{ "v=STSv1; id=1;|v=STSv1; id=1;", NULL },
	{ "v=STSv1; id=1;|v=STSv10; id=2;", "1" },
	{ "v=STSv1", NULL },
	{ "v=STSv1;", NULL },
	{ "v=STSv1; id=;", NULL },
	{ "v=STSv1; id=1-2;", NULL },
	{ "v=STSv1; id=a/b;", NULL },
	{ "v=STSv1; id = 1;", NULL },
	{ "v=STSv1; id", NULL },
	{ "v=STSv1; id=1 2;", NULL },
	{ "v=STSv1; id=1=2;", NULL },
	{ "v=STSv1; =1; id=1", NULL },
	{ "v=STSv1; id=1;;", NULL },
	{ "V=STSv1; id=1;", NULL },
	{ " v=STSv1; id=1;", NULL },
	{ "id=1; v=STSv1;", NULL },
	{ "v=STSv2; id=1;", NULL },
	{ "nothing", NULL },
	{ "", NULL },
};

static void
finds_the_id_of_the_only_record(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		const struct dns_row row = { "x.example", DNS_TXT, INSECURE,
			texts[i].records, NULL };
		struct dns_answer answer = { 0 };
		char *id;

		fill_table_answer(&row, &answer);
		id = sts_record_id(&answer);
		if ((id == NULL) != (texts[i].id == NULL)
		    || (id != NULL && strcmp(id, texts[i].id) != 0))
			fail_msg("%s: %s", texts[i].records,
			    id != NULL ? id : "NULL");
		free(id);
		dns_answer_free(&answer);
	}
}

static void
rejects_a_record_that_contains_nul(void **state)
{
	struct dns_record record = { 0 };
	const struct dns_answer answer = { .status = DNS_FOUND,
		.records = &record,
		.count = 1 };

	(void)state;
	str_append(&record.data, "v=STSv1; id=1;\0 x=y", 20);
	assert_null(sts_record_id(&answer));
	str_free(&record.data);
}

#define HEAD "version: STSv1\nmode: enforce\n"

static const struct {
	const char *text;
	const char *shown; /* mode, max_age and names; or a part of the error */
} policies[] = {
	{ "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\n"
	  "mx: *.example.net\r\nmax_age: 604800\r\n",
	    "enforce 604800 mail.example.com *.example.net" },
	{ "version:STSv1\nmode:testing\nmx:a.example\nmax_age:0",
	    "testing 0 a.example" },
	{ "max_age: 1 \t\nmx: \t a.example \nversion: STSv1\nmode: Enforce\n",
	    "enforce 1 a.example" },
	{ "version: STSv1\nmode: none\nmax_age: 86400\n", "none 86400" },
	{ HEAD "mx: a.example\nmax_age: 9999999999\n",
	    "enforce 31557600 a.example" },
	{ HEAD "mode: none\nmx: a.example\nmax_age: 1\nmax_age: x\n",
	    "enforce 1 a.example" },
	{ HEAD "future: field\nmx: a.example\nmax_age: 1\n",
	    "enforce 1 a.example" },
	{ HEAD "mx: a.example\nmax_age: 1\n\n\n", "enforce 1 a.example" },
	{ "", "is empty" },
	{ "version: STSv1\n", "no mode" },
	{ HEAD "mx: a.example\n", "no max_age" },
	{ HEAD "max_age: 1\n", "no mx" },
	{ "mode: enforce\nmx: a.example\nmax_age: 1\n", "no version" },
	{ "version: STSv2\nmode: enforce\nmx: a.example\nmax_age: 1\n",
	    "invalid version: STSv2" },
	{ "version: stsv1\nmode: enforce\nmx: a.example\nmax_age: 1\n",
	    "invalid version" },
	{ "version: STSv1\nmode: report\nmx: a.example\nmax_age: 1\n",
	    "invalid mode: report" },
	{ HEAD "mx: a.example\nmax_age: -1\n", "invalid max_age" },
	{ HEAD "mx: a.example\nmax_age: 1h\n", "invalid max_age" },
	{ HEAD "mx: a.example\nmax_age: \n", "invalid max_age" },
	{ HEAD "mx: a.example\nmax_age: 00000000001\n", "invalid max_age" },
	{ HEAD "mx: *\nmax_age: 1\n", "invalid mx: *" },
	{ HEAD "mx: *.\nmax_age: 1\n", "invalid mx" },
	{ HEAD "mx: a.*.example\nmax_age: 1\n", "invalid mx" },
	{ HEAD "mx: *.*.example\nmax_age: 1\n", "invalid mx" },
	{ HEAD "mx: 192.0.2.1\nmax_age: 1\n", "invalid mx" },
	{ HEAD "mx: a.example b.example\nmax_age: 1\n", "invalid mx" },
	{ HEAD "mx:\nmax_age: 1\n", "invalid mx" },
	{ "<!DOCTYPE html>\n<html>\n", "is not a field" },
	{ HEAD "mx a.example\nmax_age: 1\n", "is not a field: mx a.example" },
};

static void
show_policy(const struct sts_policy *policy, struct str *out)
{
	static const char *const modes[] = { [STS_NONE] = "none",
		[STS_TESTING] = "testing",
		[STS_ENFORCE] = "enforce" };

	str_printf(out, "%s %lu", modes[policy->mode], policy->max_age);
	for (size_t i = 0; i < policy->mx.count; i++)
		str_printf(out, " %s", policy->mx.items[i]);
}

static void
parses_policies_and_reports_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(policies); i++) {
		struct sts_policy policy;
		struct error err = { 0 };
		struct str shown = { 0 };
		/* The buffer has the exact size, so that sanitizers detect an
		 * overrun. */
		size_t len = strlen(policies[i].text);
		char *copy = malloc(len > 0 ? len : 1);

		memcpy(copy, policies[i].text, len);
		if (sts_parse(copy, len, &policy, &err))
			show_policy(&policy, &shown);
		else
			str_add(&shown, err.text);
		if (strstr(str_text(&shown), policies[i].shown) == NULL)
			fail_msg("row %zu: %s", i, str_text(&shown));
		str_free(&shown);
		sts_policy_free(&policy);
		error_free(&err);
		free(copy);
	}
}

static void
rejects_policies_that_are_too_long_or_contain_nul(void **state)
{
	static const char good[] = HEAD "mx: a.example\nmax_age: 1\n";
	static char text[STS_TEXT_MAX + 1];
	struct sts_policy policy;
	struct error err = { 0 };

	(void)state;
	/* The size includes the NUL at the end. */
	assert_false(sts_parse(good, sizeof(good), &policy, &err));
	memset(text, '\n', sizeof(text));
	memcpy(text, good, sizeof(good) - 1);
	assert_true(sts_parse(text, STS_TEXT_MAX, &policy, &err));
	sts_policy_free(&policy);
	assert_false(sts_parse(text, STS_TEXT_MAX + 1, &policy, &err));
	error_free(&err);
}

static const struct {
	const char *pattern, *host;
	bool allowed;
} names[] = {
	{ "mx.example.org", "mx.example.org", true },
	{ "mx.example.org", "MX.Example.ORG", true },
	{ "mx.example.org", "mx2.example.org", false },
	{ "mx.example.org", "a.mx.example.org", false },
	{ "*.example.org", "mx.example.org", true },
	{ "*.Example.org", "MX.example.ORG", true },
	{ "*.example.org", "a.mx.example.org", false },
	{ "*.example.org", "example.org", false },
	{ "*.example.org", ".example.org", false },
	{ "*.example.org", "mx.example.org.evil.example", false },
	{ "*.org", "example.org", true },
	{ "mx.example.org", "[192.0.2.1]", false },
};

static void
matches_one_label_with_a_star(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct sts_policy policy = { 0 };

		strv_add(&policy.mx, "other.example");
		strv_add(&policy.mx, names[i].pattern);
		if (sts_allows(&policy, names[i].host) != names[i].allowed)
			fail_msg("%s %s", names[i].pattern, names[i].host);
		sts_policy_free(&policy);
	}
}

/* Hosts: a.example, b.example (with usable TLSA records), c.example (TLS
 * required by DANE). */
static void
make_destination(struct destination *r)
{
	*r = (struct destination){ .domain = alloc_string("example.org"),
		.name = alloc_string("example.org") };
	destination_add_hop(r, "a.example", 25);
	destination_add_hop(r, "b.example", 25)->tls_policy.level =
	    TLS_LEVEL_DANE;
	destination_add_hop(r, "c.example", 25)->tls_policy.level =
	    TLS_LEVEL_ENCRYPT;
	destination_start(r);
}

static void
requires_a_verified_certificate_of_hosts_in_the_policy(void **state)
{
	struct sts_policy policy = { .mode = STS_ENFORCE };
	struct destination r;

	(void)state;
	strv_add(&policy.mx, "c.example");
	make_destination(&r);
	sts_apply(&policy, &r);
	assert_true(error_is_set(&r.hosts[0].lookup_error));
	assert_true(r.hosts[0].lookup_error.temporary);
	assert_string_equal(destination_current_hop(&r)->name, "b.example");
	assert_int_equal(r.hosts[1].tls_policy.level, TLS_LEVEL_DANE);
	assert_false(error_is_set(&r.hosts[1].lookup_error));
	assert_int_equal(r.hosts[2].tls_policy.level, TLS_LEVEL_VERIFY);
	assert_int_equal(r.hosts[2].tls_policy.source, TLS_BY_MTA_STS);
	assert_string_equal(r.hosts[2].tls_policy.names.items[0], "c.example");
	destination_free(&r);
	sts_policy_free(&policy);
}

static void
fails_if_the_policy_allows_no_host(void **state)
{
	struct sts_policy policy = { .mode = STS_ENFORCE };
	struct destination r = { .domain = alloc_string("example.org"),
		.name = alloc_string("example.org") };

	(void)state;
	strv_add(&policy.mx, "mx.example");
	destination_add_hop(&r, "a.example", 25);
	destination_start(&r);
	sts_apply(&policy, &r);
	assert_null(destination_current_hop(&r));
	assert_true(r.failure.temporary);
	assert_string_equal(r.failure.host, "a.example");
	expect_message(&r.failure,
	    "the MTA-STS policy of example.org does not name this host");
	destination_free(&r);
	sts_policy_free(&policy);
}

static void
changes_no_host_in_modes_testing_and_none(void **state)
{
	static const enum sts_mode modes[] = { STS_TESTING, STS_NONE };
	struct sts_policy policy = { 0 };
	struct destination r;

	(void)state;
	strv_add(&policy.mx, "b.example");
	strv_add(&policy.mx, "c.example");
	for (size_t i = 0; i < COUNT_OF(modes); i++) {
		policy.mode = modes[i];
		make_destination(&r);
		sts_apply(&policy, &r);
		assert_int_equal(r.sts_testing, modes[i] == STS_TESTING);
		assert_int_equal(r.hosts[0].tls_policy.level, TLS_LEVEL_CONFIG);
		assert_int_equal(r.hosts[1].tls_policy.level, TLS_LEVEL_DANE);
		assert_int_equal(r.hosts[2].tls_policy.level,
		    TLS_LEVEL_ENCRYPT);
		for (size_t k = 0; k < r.count; k++) {
			assert_int_equal(r.hosts[k].tls_policy.names.count, 0);
			assert_false(error_is_set(&r.hosts[k].lookup_error));
		}
		assert_string_equal(destination_current_hop(&r)->name,
		    "a.example");
		destination_free(&r);
	}
	sts_policy_free(&policy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_id_of_the_only_record),
		cmocka_unit_test(rejects_a_record_that_contains_nul),
		cmocka_unit_test(parses_policies_and_reports_errors),
		cmocka_unit_test(
		    rejects_policies_that_are_too_long_or_contain_nul),
		cmocka_unit_test(matches_one_label_with_a_star),
		cmocka_unit_test(
		    requires_a_verified_certificate_of_hosts_in_the_policy),
		cmocka_unit_test(fails_if_the_policy_allows_no_host),
		cmocka_unit_test(changes_no_host_in_modes_testing_and_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
