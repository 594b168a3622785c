/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <string.h>

#include "base/crc32c.h"

/* The examples of RFC 3720 appendix B.4, and the usual check value. */
static void
has_the_values_of_the_rfc(void **state)
{
	unsigned char bytes[32];

	(void)state;
	assert_int_equal(crc32c(0, "123456789", 9), 0xE3069283);
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(crc32c(0, bytes, sizeof(bytes)), 0x8A9136AA);
	memset(bytes, 0xFF, sizeof(bytes));
	assert_int_equal(crc32c(0, bytes, sizeof(bytes)), 0x62A8AB43);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	assert_int_equal(crc32c(0, bytes, sizeof(bytes)), 0x46DD794E);
}

static void
continues_the_checksum_of_a_beginning(void **state)
{
	static const char text[] =
	    "The quick brown fox jumps over the lazy dog";
	const size_t len = strlen(text);

	(void)state;
	assert_int_equal(crc32c(0, text, 0), 0);
	for (size_t i = 0; i <= len; i++)
		assert_int_equal(crc32c(crc32c(0, text, i), text + i, len - i),
		    crc32c(0, text, len));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_the_values_of_the_rfc),
		cmocka_unit_test(continues_the_checksum_of_a_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
