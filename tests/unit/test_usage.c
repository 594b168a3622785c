/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/option_names.h"
#include "modes/usage.h"

#include <string.h>

#include "config/long_options.h"
#include "config/sendmail_options.h"
#include "unit.h"

static void
expect_part(const struct str *text, const char *part)
{
	if (strstr(str_text(text), part) == NULL)
		fail_msg("no \"%s\" in:\n%s", part, str_text(text));
}

static void
expect_switches(const struct str *text, enum personality personality)
{
	for (size_t i = 0; i < sendmail_option_count; i++) {
		struct str name = { 0 };

		sendmail_option_print_name(&sendmail_options[i], &name);
		if ((sendmail_options[i].personalities & personality) != 0)
			expect_part(text, str_text(&name));
		str_free(&name);
	}
}

static void
expect_narrow(const struct str *text)
{
	const char *line = str_text(text);

	while (*line != '\0') {
		size_t len = strcspn(line, "\n");

		if (len > 80)
			fail_msg("%.*s", (int)len, line);
		line += len + (line[len] == '\n');
	}
}

static void
help_lists_every_option(void **state)
{
	struct cmdline cmdline = { .personality = PERSONALITY_VEREDUS,
		.name = "veredus" };
	struct str text = { 0 };

	(void)state;
	usage_help(&cmdline, &text);
	expect_part(&text, "Usage: veredus ");
	expect_switches(&text, PERSONALITY_VEREDUS);
	for (size_t i = 0; i < long_option_count; i++)
		expect_part(&text, long_options[i].name);
	for (size_t i = 0; i < option_count; i++) {
		struct str name = { 0 };

		str_add(&name, "--");
		if (option_rows[i].help != NULL
		    && option_long_name(&option_rows[i], &name))
			expect_part(&text, str_text(&name));
		if (strcmp(option_rows[i].name, "from") == 0)
			assert_null(strstr(str_text(&text), "  --from="));
		str_free(&name);
	}
	assert_null(strstr(str_text(&text), "--password="));
	expect_narrow(&text);
	str_free(&text);
}

static void
help_lists_only_options_of_that_name(void **state)
{
	static const struct {
		enum personality personality;
		const char *name;
	} rows[] = {
		{ PERSONALITY_SENDMAIL, "sendmail" },
		{ PERSONALITY_MAILQ, "mailq" },
		{ PERSONALITY_NEWALIASES, "newaliases" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct cmdline cmdline = { .personality = rows[i].personality,
			.name = rows[i].name };
		struct str text = { 0 };

		usage_help(&cmdline, &text);
		assert_int_equal(strncmp(str_text(&text), "Usage: ", 7), 0);
		expect_part(&text, rows[i].name);
		expect_switches(&text, rows[i].personality);
		expect_part(&text, "--version");
		assert_null(strstr(str_text(&text), "--host"));
		assert_null(strstr(str_text(&text), "-a ACCOUNT"));
		expect_narrow(&text);
		str_free(&text);
	}
}

static void
version_lists_the_features(void **state)
{
	static const char *const parts[] = { "TLS: ", "SASL: ", "plain",
		"domain names: ", "MTA-STS: ", "Autoconfig: ", "veredus.conf",
		"NO WARRANTY" };
	struct str text = { 0 };

	(void)state;
	usage_version(&text);
	assert_int_equal(strncmp(str_text(&text), "veredus ", 8), 0);
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		expect_part(&text, parts[i]);
	str_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_lists_every_option),
		cmocka_unit_test(help_lists_only_options_of_that_name),
		cmocka_unit_test(version_lists_the_features),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
