/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "helpers/autoconfig/placeholders.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "helpers/autoconfig/document.h"
#include "unit.h"

#define ADDRESS "al@ice@example.org"

static const struct {
	const char *text, *filled;
} rows[] = {
	{ "smtp.example.org", "smtp.example.org" },
	{ "%EMAILADDRESS%", ADDRESS },
	{ "%EMAILLOCALPART%", "al@ice" },
	{ "x-%EMAILLOCALPART%%EMAILDOMAIN%", "x-al@iceexample.org" },
	{ "100%", "100%" },
	{ "%%EMAILDOMAIN%", "%example.org" },
	{ "%emaildomain%", "%emaildomain%" },
	{ "%EMAILDOMAIN", "%EMAILDOMAIN" },
	/* Only the person knows these. */
	{ "%REALNAME%", NULL },
	{ "%EMAILADDRESS%%USERNAME%", NULL },
};

static void
fills_in_the_parts_of_the_address(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *filled = placeholders_fill(rows[i].text, ADDRESS);

		if (!text_equal(filled, rows[i].filled))
			fail_msg("%s: %s", rows[i].text, filled);
		free(filled);
	}
}

static void
limits_the_result(void **state)
{
	char *text =
	    alloc_printf("%%EMAILLOCALPART%%%0*d", DOCUMENT_TEXT_MAX - 6, 0);
	char *filled = placeholders_fill(text, ADDRESS);

	(void)state;
	assert_non_null(filled);
	assert_int_equal(strlen(filled), DOCUMENT_TEXT_MAX);
	free(filled);
	assert_null(placeholders_fill(text, "x" ADDRESS));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_in_the_parts_of_the_address),
		cmocka_unit_test(limits_the_result),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
