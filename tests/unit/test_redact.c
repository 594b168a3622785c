/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <string.h>

#include "net/redact.h"

static const struct {
	const char *secrets[3];
	const char *text;
	const char *shown;
} rows[] = {
	{ { NULL }, "250 ok", "250 ok" },
	{ { "" }, "250 ok", "250 ok" },
	{ { "sesame" }, "", "" },
	{ { "sesame" }, "sesame", "[hidden]" },
	{ { "sesame" }, "open sesame!", "open [hidden]!" },
	{ { "sesame" }, "sesamesesame sesam", "[hidden][hidden] sesam" },
	{ { "sesame" }, "535 bad c2VzYW1l", "535 bad [hidden]" },
	{ { "pass" }, "cGFzcw== cGFzcw", "[hidden] [hidden]" },
	{ { "a  b\x01" }, "you said a  b\x01", "you said [hidden]" },
	{ { "a  b\x01" }, "you said a b?", "you said [hidden]" },
	{ { "AGJvYgBwYXNz==" }, "AGJvYgBwYXNz", "[hidden]" },
	{ { "open", "open sesame" }, "open sesame", "[hidden]" },
	{ { "open sesame", "open" }, "open sesam", "[hidden] sesam" },
	{ { "hidden" }, "hidden [hidden]", "[hidden] [[hidden]]" },
	{ { "e" }, "sesame", "s[hidden]sam[hidden]" },
};

static void
hides_every_form_of_a_secret(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct redact_forms hidden = { 0 };
		struct str text = { 0 };

		for (size_t j = 0; j < 3 && rows[i].secrets[j]; j++)
			redact_add(&hidden, rows[i].secrets[j]);
		str_add(&text, rows[i].text);
		redact_apply(&hidden, &text);
		assert_string_equal(str_text(&text), rows[i].shown);
		str_free(&text);
		redact_free(&hidden);
	}
}

static void
finds_a_secret_behind_a_nul(void **state)
{
	struct redact_forms hidden = { 0 };
	struct str text = { 0 };

	(void)state;
	redact_add(&hidden, "sesame");
	str_append(&text, "x\0sesame", 8);
	redact_apply(&hidden, &text);
	assert_int_equal(text.len, 10);
	assert_memory_equal(text.data, "x\0[hidden]", 10);
	str_free(&text);
	redact_free(&hidden);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hides_every_form_of_a_secret),
		cmocka_unit_test(finds_a_secret_behind_a_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
