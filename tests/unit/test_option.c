/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "option_values.h"
#include "unit.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "config/option.h"
#include "config/option_names.h"
#include "config/option_print.h"
#include "error_says.h"

static const struct option_context in_file = {
	.origin = { .kind = ORIGIN_FILE, .file = "f", .line = 3 },
	.section = 1,
	.home = "/home/alice"
};
static const struct option_context on_command_line = {
	.origin = { .kind = ORIGIN_COMMAND_LINE },
	.home = "/home/alice"
};

/* These settings accept any text without control characters. */
static bool
accepts_any_text(const char *name)
{
	static const char *const names[] = { "passwordeval", "passwordfile",
		"ntlmdomain", "oauth_client_secret_eval", "alert_account",
		"filter", "proxy_passwordfile" };

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void
expect_shown(const struct account *a, const char *name, const char *shown)
{
	struct str out = { 0 };

	option_print(a, option_find(name), &out);
	if (strcmp(str_text(&out), shown) != 0)
		fail_msg("%s is shown as \"%s\", not \"%s\"", name,
		    str_text(&out), shown);
	str_free(&out);
}

static void
accepts_valid_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(right); i++) {
		struct settings s;
		struct error err = { 0 };

		settings_init(&s, "x");
		if (!option_set(&s, option_find(right[i].name), right[i].text,
			&in_file, &err))
			fail_msg("%s", err.text);
		expect_shown(&s.values, right[i].name,
		    right[i].shown ? right[i].shown : right[i].text);
		assert_true(account_has(&s.values, right[i].name));
		settings_free(&s);
	}
}

static void
rejects_invalid_values_and_keeps_the_old_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		const struct option_row *row = option_find(wrong[i].name);
		struct settings s;
		struct error err = { 0 };

		settings_init(&s, "x");
		if (option_set(&s, row, wrong[i].text, &in_file, &err))
			fail_msg("%s \"%s\" was taken", row->name,
			    wrong[i].text);
		assert_int_equal(err.kind, ERROR_CONFIG);
		assert_string_equal(err.subject, row->name);
		if (!error_says(&err, wrong[i].said))
			fail_msg("%s", err.text);
		if (row->type != OPTION_ALIAS) {
			assert_false(account_has(&s.values, row->name));
			expect_shown(&s.values, row->name,
			    row->fallback ? row->fallback : "");
		}
		error_free(&err);
		settings_free(&s);
	}
}

/* Every setting must occur in the tables above. */
static void
every_setting_has_a_test(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		bool found = false, rejected = accepts_any_text(row->name);

		for (size_t j = 0; j < COUNT_OF(right); j++)
			found |= strcmp(right[j].name, row->name) == 0;
		for (size_t j = 0; j < COUNT_OF(wrong); j++)
			rejected |= strcmp(wrong[j].name, row->name) == 0;
		if (!(found || row->type == OPTION_ALIAS) || !rejected)
			fail_msg("no test for %s", row->name);
		assert_ptr_equal(option_find(row->name), row);
		assert_int_equal(option_number(row), i);
	}
}

static void
accepts_its_own_defaults(void **state)
{
	struct settings s;

	(void)state;
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		struct error err = { 0 };

		settings_init(&s, "x");
		if (row->type != OPTION_ALIAS)
			expect_shown(&s.values, row->name,
			    row->fallback ? row->fallback : "");
		if (row->fallback != NULL
		    && !option_set(&s, row, row->fallback, &in_file, &err))
			fail_msg("%s", err.text);
		settings_free(&s);
	}
}

static void
stores_values_in_the_right_members(void **state)
{
	struct settings s;

	(void)state;
	settings_init(&s, "x");
	assert_int_equal(s.values.server.proxy_port, 1080);
	assert_int_equal(s.values.server.connect_timeout, 30);
	assert_int_equal(s.values.session.deadline, 900);
	assert_int_equal(s.values.session.timeout, 0);
	assert_true(s.values.session.partial);
	assert_true(s.values.tls.starttls);
	assert_int_equal(s.values.tls.mode, TLS_ON);
	assert_int_equal(s.values.tls.min_version, 12);
	assert_string_equal(s.values.tls.trust_file, "system");
	assert_string_equal(s.values.auth.mechanism, "off");
	assert_int_equal(s.values.header.from, HEADER_MODE_AUTO);
	assert_true(s.values.header.remove_bcc);
	assert_false(s.values.header.set_to);
	assert_int_equal(s.values.syslog, LOG_MAIL);
	option_set(&s, option_find("dsn_notify"), "delay,success", &in_file,
	    NULL);
	assert_int_equal(s.values.dsn_notify,
	    DSN_NOTIFY_DELAY | DSN_NOTIFY_SUCCESS);
	option_set(&s, option_find("syslog"), "off", &in_file, NULL);
	assert_int_equal(s.values.syslog, LOG_DISABLED);
	settings_free(&s);
}

static void
never_prints_a_secret(void **state)
{
	static const char *const names[] = { "password", "passwordeval",
		"auth" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct settings s;
		struct error err = { 0 };
		struct str out = { 0 };
		const struct option_row *row = option_find(names[i]);

		settings_init(&s, "x");
		assert_int_equal(option_set(&s, row, "hunter2", &in_file, &err),
		    i < 2);
		if (error_is_set(&err))
			assert_false(error_says(&err, "hunter2"));
		option_print(&s.values, row, &out);
		assert_null(strstr(str_text(&out), "hunter2"));
		str_free(&out);
		error_free(&err);
		settings_free(&s);
	}
}

static void
replaces_the_old_names_of_msmtp(void **state)
{
	static const struct {
		const char *name, *text, *setting, *value, *note;
	} cases[] = {
		{ "tls_nocertcheck", "", "tls_certcheck", "off",
		    "f:3: tls_nocertcheck is an old name: use "
		    "\"tls_certcheck off\" instead" },
		{ "tls_nostarttls", "", "tls_starttls", "off", "old name" },
		{ "keepbcc", "", "remove_bcc_headers", "off", "old name" },
		{ "keepbcc", "on", "remove_bcc_headers", "off", "old name" },
		{ "keepbcc", "off", "remove_bcc_headers", "on", "old name" },
		{ "add_missing_from_header", "", "set_from_header", "auto",
		    "old name" },
		{ "add_missing_from_header", "on", "set_from_header", "auto",
		    "old name" },
		{ "add_missing_from_header", "off", "set_from_header", "off",
		    "old name" },
		{ "add_missing_date_header", "on", "set_date_header", "auto",
		    "old name" },
		{ "add_missing_date_header", "off", "set_date_header", "off",
		    "old name" },
		{ "auto_from", "on", "auto_from", "on", "from %U@DOMAIN" },
		{ "maildomain", "example.org", "maildomain", "example.org",
		    "from %U@DOMAIN" },
		{ "undisclosed_recipients", "off", "host", "",
		    "has no effect" },
		{ "tls_cache", "/var/cache/veredus", "host", "",
		    "f:3: tls_cache has no effect: TLS sessions are no longer "
		    "resumed" },
		{ "tls_cache", "cache", "host", "", "has no effect" },
		{ "tls_cache", "", "host", "", "has no effect" },
		{ "tls_force_sslv3", "", "host", "", "has no effect" },
		{ "tls_force_sslv3", "on", "host", "", "has no effect" },
		{ "tls_min_dh_prime_bits", "", "host", "", "has no effect" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct strv notes = { 0 };
		struct option_context context = in_file;
		struct settings s;

		context.notes = &notes;
		settings_init(&s, "x");
		assert_true(option_set(&s, option_find(cases[i].name),
		    cases[i].text, &context, NULL));
		expect_shown(&s.values, cases[i].setting, cases[i].value);
		assert_int_equal(notes.count, 1);
		if (strstr(notes.items[0], cases[i].note) == NULL)
			fail_msg("%s", notes.items[0]);
		strv_free(&notes);
		settings_free(&s);
	}
}

static void
appends_to_a_list_within_one_section(void **state)
{
	struct option_context later = in_file;
	const struct option_row *from = option_find("from");
	struct settings s;

	(void)state;
	settings_init(&s, "x");
	assert_true(option_set(&s, from, "a@x.org", &in_file, NULL));
	assert_true(option_set(&s, from, "b@x.org", &in_file, NULL));
	expect_shown(&s.values, "from", "a@x.org, b@x.org");
	later.origin.line = 9;
	later.section = 8;
	assert_true(option_set(&s, from, "c@x.org", &later, NULL));
	expect_shown(&s.values, "from", "c@x.org");
	assert_true(option_set(&s, from, "d@x.org", &on_command_line, NULL));
	assert_true(option_set(&s, from, "e@x.org", &on_command_line, NULL));
	expect_shown(&s.values, "from", "d@x.org, e@x.org");
	assert_true(option_set(&s, from, "", &on_command_line, NULL));
	expect_shown(&s.values, "from", "");
	settings_free(&s);
}

static void
uses_the_last_value_on_the_command_line_only(void **state)
{
	const struct option_row *port = option_find("port");
	struct error err = { 0 };
	struct settings s;

	(void)state;
	settings_init(&s, "x");
	assert_true(option_set(&s, port, "26", &in_file, NULL));
	assert_false(option_set(&s, port, "27", &in_file, &err));
	expect_message(&err,
	    "port: set twice, first on line 3; remove one of the lines");
	assert_true(option_set(&s, port, "28", &on_command_line, NULL));
	assert_true(option_set(&s, port, "29", &on_command_line, NULL));
	assert_int_equal(s.values.server.port, 29);
	error_free(&err);
	settings_free(&s);
}

static void
names_the_old_name_of_a_setting_that_is_set_twice(void **state)
{
	const struct option_row *old = option_find("add_missing_from_header");
	const struct option_row *row = option_find("set_from_header");
	struct error err = { 0 };
	struct settings s;

	(void)state;
	settings_init(&s, "x");
	assert_true(option_set(&s, old, "on", &in_file, NULL));
	assert_false(option_set(&s, row, "off", &in_file, &err));
	expect_message(&err,
	    "set_from_header: set twice, first on line 3 as "
	    "add_missing_from_header; remove one of the lines");
	error_free(&err);
	settings_free(&s);

	settings_init(&s, "x");
	assert_true(option_set(&s, row, "off", &in_file, NULL));
	assert_false(option_set(&s, old, "on", &in_file, &err));
	expect_message(&err,
	    "add_missing_from_header: set_from_header: set twice, first on "
	    "line 3; remove one of the lines");
	error_free(&err);
	settings_free(&s);
}

static void
accepts_relative_paths_on_the_command_line_only(void **state)
{
	const struct option_row *row = option_find("tls_trust_file");
	struct settings s;

	(void)state;
	settings_init(&s, "x");
	assert_true(option_set(&s, row, "ca.pem", &on_command_line, NULL));
	assert_string_equal(s.values.tls.trust_file, "ca.pem");
	settings_free(&s);
}

static void
rejects_a_tilde_without_a_home(void **state)
{
	struct option_context homeless = in_file;
	struct error err = { 0 };
	struct settings s;

	(void)state;
	homeless.home = NULL;
	settings_init(&s, "x");
	assert_false(
	    option_set(&s, option_find("aliases"), "~/a", &homeless, &err));
	assert_non_null(strstr(err.text, "no home directory"));
	error_free(&err);
	settings_free(&s);
}

static void
rejects_very_long_values(void **state)
{
	struct error err = { 0 };
	char *text = test_malloc(100001);
	struct settings s;

	(void)state;
	memset(text, 'a', 100000);
	text[100000] = '\0';
	settings_init(&s, "x");
	for (size_t i = 0; i < option_count; i++) {
		assert_false(option_set(&s, &option_rows[i], text,
		    &on_command_line, &err));
		assert_true(strlen(err.text) < 2000);
		error_free(&err);
	}
	settings_free(&s);
	test_free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_valid_values),
		cmocka_unit_test(
		    rejects_invalid_values_and_keeps_the_old_value),
		cmocka_unit_test(every_setting_has_a_test),
		cmocka_unit_test(accepts_its_own_defaults),
		cmocka_unit_test(stores_values_in_the_right_members),
		cmocka_unit_test(never_prints_a_secret),
		cmocka_unit_test(replaces_the_old_names_of_msmtp),
		cmocka_unit_test(appends_to_a_list_within_one_section),
		cmocka_unit_test(uses_the_last_value_on_the_command_line_only),
		cmocka_unit_test(
		    names_the_old_name_of_a_setting_that_is_set_twice),
		cmocka_unit_test(
		    accepts_relative_paths_on_the_command_line_only),
		cmocka_unit_test(rejects_a_tilde_without_a_home),
		cmocka_unit_test(rejects_very_long_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
