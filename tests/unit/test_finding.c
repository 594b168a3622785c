/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "check/finding.h"

#include "unit.h"

/* Adds the same finding for an account. */
static void
add_fail(struct findings *f, const char *account, const char *text)
{
	f->account = account;
	findings_add(f, FINDING_FAIL, ITEM_LOGIN, "%s", text);
	findings_mend(f, "do %s", "this");
	f->account = NULL;
}

static void
prints_a_line_for_each_finding(void **state)
{
	struct findings f = { 0 };
	struct str out = { 0 };

	(void)state;
	findings_add(&f, FINDING_OK, ITEM_DNS, "%d\033", 1);
	add_fail(&f, "work", "a\nb");
	findings_print(&f, &out);
	assert_string_equal(str_text(&out),
	    "ok   dns: 1?\nfail login (work): a b; remedy: do this\n");
	assert_int_equal(findings_exit_status(&f), 78);
	str_free(&out);
	findings_free(&f);
}

static void
says_for_a_monitor_what_is_wrong(void **state)
{
	struct findings f = { 0 };
	struct str out = { 0 };

	(void)state;
	findings_add(&f, FINDING_OK, ITEM_DNS, "fine");
	assert_int_equal(findings_print_monitor(&f, &out), 0);
	findings_add(&f, FINDING_WARN, ITEM_LOG, "none | at all");
	assert_int_equal(findings_print_monitor(&f, &out), 1);
	add_fail(&f, "work", "rejected");
	assert_int_equal(findings_print_monitor(&f, &out), 2);
	assert_string_equal(str_text(&out),
	    "VEREDUS OK - 1 ok | ok=1 note=0 warn=0 fail=0\n"
	    "VEREDUS WARNING - 1 ok, 1 warn; log: none / at all | "
	    "ok=1 note=0 warn=1 fail=0\n"
	    "VEREDUS CRITICAL - 1 ok, 1 warn, 1 fail; login (work): rejected "
	    "| ok=1 note=0 warn=1 fail=1\n");
	str_free(&out);
	findings_free(&f);
}

static void
merges_what_is_the_same_for_several_accounts(void **state)
{
	struct findings f = { 0 };

	(void)state;
	add_fail(&f, "a", "same");
	add_fail(&f, "b", "other");
	add_fail(&f, "b", "same");
	add_fail(&f, "b", "other");
	findings_merge(&f);
	assert_int_equal(f.count, 2);
	assert_null(f.items[0].account);
	assert_string_equal(f.items[1].account, "b");
	findings_free(&f);
}

static void
passes_findings_to_another_process(void **state)
{
	struct findings f = { 0 }, copy = { 0 };
	struct str octets = { 0 }, before = { 0 }, after = { 0 };

	(void)state;
	findings_add(&f, FINDING_OK, ITEM_RCPT, "accepted");
	add_fail(&f, "work", "rejected");
	findings_write(&f, &octets);
	assert_true(findings_read(&copy, &octets));
	findings_print(&f, &before);
	findings_print(&copy, &after);
	assert_string_equal(str_text(&before), str_text(&after));
	findings_free(&copy);
	/* Whatever is cut off, nothing is read beyond the end. */
	while (octets.len > 0) {
		str_truncate(&octets, octets.len - 1);
		(void)findings_read(&copy, &octets);
		findings_free(&copy);
	}
	str_free(&octets);
	str_free(&before);
	str_free(&after);
	findings_free(&f);
}

static void
rejects_octets_that_are_no_findings(void **state)
{
	static const char *const wrong[] = { "\x04\x01\x01"
					     "a\0b\0c",
		"\x03\x7f\x01"
		"a\0b\0c",
		"\x03\x01\0"
		"a\0b\0c",
		"\x01\x01\x01"
		"a\0b\0c" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct findings f = { 0 };
		struct str octets = { 0 };

		str_append(&octets, wrong[i], 9);
		assert_false(findings_read(&f, &octets));
		str_free(&octets);
		findings_free(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_a_line_for_each_finding),
		cmocka_unit_test(says_for_a_monitor_what_is_wrong),
		cmocka_unit_test(merges_what_is_the_same_for_several_accounts),
		cmocka_unit_test(passes_findings_to_another_process),
		cmocka_unit_test(rejects_octets_that_are_no_findings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
