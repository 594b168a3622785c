/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <string.h>

#include "base/text.h"
#include "mail/parameters.h"

static struct header_field
field_of(const char *value)
{
	return (
	    struct header_field){ .value = value, .value_len = strlen(value) };
}

static void
encodes_each_form_of_a_parameter(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "a/b; n=\303\244", "a/b; n*=utf-8''%C3%A4" },
		{ "a/b;n=\"\303\244\"", "a/b;n*=utf-8''%C3%A4" },
		{ "a/b; n = \"\303\244\\\"\n b\" (c)",
		    "a/b; n*=utf-8''%C3%A4%22%20b (c)" },
		{ "a/b; n=\"\303\244; m=\"",
		    "a/b; n*=utf-8''%C3%A4%3B%20m%3D" },
		{ "a/b; n=\"\303\244", "a/b; n*=utf-8''%C3%A4" },
		/* Names of files without quotes. */
		{ "a/b; n=\303\244 b.txt; c=d",
		    "a/b; n*=utf-8''%C3%A4%20b.txt; c=d" },
		{ "a/b; n=\303\244 (1).txt",
		    "a/b; n*=utf-8''%C3%A4%20%281%29.txt" },
		{ "a/b; n=c (\303\244)", "a/b; n=c (=?utf-8?B?w6Q=?=)" },
		/* Extended already. */
		{ "a/b; n*=utf-8'de'\303\244%20%C3%a4",
		    "a/b; n*=utf-8'de'%C3%A4%20%C3%A4" },
		{ "a/b; n*=\"utf-8''\303\244\"", "a/b; n*=utf-8''%C3%A4" },
		{ "a/b; n*=iso-8859-1''\344", "a/b; n*=iso-8859-1''%E4" },
		{ "a/b; n*=\303\24450%", "a/b; n*=utf-8''%C3%A450%25" },
		{ "a/b; n*=%C3%A4; m=\303\244",
		    "a/b; n*=%C3%A4; m*=utf-8''%C3%A4" },
		/* Sections. */
		{ "a/b; n*0=b; n*1=\303\244; n*2*=%20",
		    "a/b; n*0*=utf-8''b; n*1*=%C3%A4; n*2*=%20" },
		{ "a/b; n*0*=utf-8''b; n*1*=\303\244",
		    "a/b; n*0*=utf-8''b; n*1*=%C3%A4" },
		/* The first section names the charset of all. */
		{ "a/b; n*0=b; n*1=\344",
		    "a/b; n*0*=unknown-8bit''b; n*1*=%E4" },
		/* No parameters. */
		{ "a/\303\244; \303\244; \303\244=b; =\303\244; n**=\303\244",
		    "a/%C3%A4; %C3%A4; %C3%A4=b; =%C3%A4; n**=%C3%A4" },
		{ "\303\244", "%C3%A4" },
		{ ";;\303\244;", ";;%C3%A4;" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct header_field field = field_of(cases[i].before);
		struct str out = { 0 };

		parameters_encode(&out, &field, NULL);
		assert_string_equal(out.data, cases[i].after);
		str_free(&out);
	}
}

/* name*0*=charset''...; name*1*=...: joins the values of the sections. */
static void
join_sections(struct str *out, const char *text)
{
	for (unsigned n = 0;; n++) {
		struct str name = { 0 };
		const char *at;

		str_printf(&name, "n*%u*=", n);
		at = strstr(text, name.data);
		str_free(&name);
		if (at == NULL)
			return;
		at = strchr(at, '=') + 1;
		if (n == 0)
			at = strrchr(at, '\'') + 1;
		str_append(out, at, strcspn(at, ";"));
	}
}

static void
splits_sections_between_characters(void **state)
{
	static const char *const characters[] = { "\303\244", "\342\202\254",
		"\360\237\230\200", "a\303\244" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(characters); i++) {
		struct str value = { 0 }, out = { 0 }, joined = { 0 };
		struct header_field field;
		size_t digits = 0;

		str_add(&value, "a/b; n=\"");
		for (size_t n = 0; n < 200; n++)
			str_add(&value, characters[i]);
		str_add(&value, "\"; c=d");
		field = field_of(value.data);
		parameters_encode(&out, &field, NULL);
		join_sections(&joined, out.data);
		for (size_t n = 0; n < joined.len; n++)
			digits += joined.data[n] == '%';
		assert_int_equal(digits,
		    200 * strlen(characters[i]) - (i == 3 ? 200 : 0));
		for (const char *line = out.data; line != NULL;
		     line = strchr(line + 1, '\n')) {
			size_t len = strcspn(line + 1, "\n");

			assert_true(len <= 76);
			/* A section begins with the first octet of a
			 * character, never with a tail. */
			if (len > 8 && line[len] == ';')
				assert_true(strstr(line, "*=%8") == NULL
				    || strstr(line, "*=%8") > line + len);
		}
		assert_non_null(strstr(out.data, "; c=d"));
		str_free(&value);
		str_free(&out);
		str_free(&joined);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes_each_form_of_a_parameter),
		cmocka_unit_test(splits_sections_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
