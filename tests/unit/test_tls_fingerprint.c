/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests the comparison of fingerprints.  test_tls_verify.c tests the
 * fingerprints of certificates. */
#include "unit.h"

#include "tls/params.h"

#define HEX "0123456789abcdef"
#define FIRST HEX HEX HEX HEX
#define SECOND HEX HEX HEX "0123456789abcdee"

static void
compares_certificate_with_certificate_and_key_with_key(void **state ATTR_UNUSED)
{
	static const struct tls_fingerprints actual = { FIRST, SECOND };
	static const struct {
		const char *expected;
		bool matches;
	} cases[] = {
		{ FIRST, true },
		{ "spki:" SECOND, true },
		{ SECOND, false },
		{ "spki:" FIRST, false },
		{ "", false },
		{ "spki:", false },
		{ "spki", false },
		{ FIRST "0", false },
		{ "spki:" SECOND "0", false },
		{ "spki:spki:" SECOND, false },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (tls_fingerprint_matches(cases[i].expected, &actual)
		    != cases[i].matches)
			fail_msg("row %zu", i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    compares_certificate_with_certificate_and_key_with_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
