/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <string.h>

#include "base/base64.h"

static const struct {
	const char *plain, *encoded;
} vectors[] = {
	/* RFC 4648 section 10 */
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xfb\xff\xfe", "+//+" },
};

static void
encodes_the_vectors_of_rfc_4648(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(vectors); i++) {
		struct str out = { 0 };

		base64_encode(&out, vectors[i].plain, strlen(vectors[i].plain));
		assert_string_equal(str_text(&out), vectors[i].encoded);
		str_free(&out);
	}
}

static void
decodes_the_vectors_of_rfc_4648(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(vectors); i++) {
		struct str out = { 0 };

		assert_true(base64_decode(&out, vectors[i].encoded,
		    strlen(vectors[i].encoded)));
		assert_true(str_equal(&out, vectors[i].plain));
		str_free(&out);
	}
}

static void
rejects_base64_that_is_not_canonical(void **state)
{
	static const char *const bad[] = { "Zg",
		"Zg=", "Zg===", "Z===", "====", "Zg==Zg==", "Zm9v\n", " Zm9v",
		"Zm9-", "Zh==", "Zm9=", "Zm9vZ" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct str out = { 0 };

		str_add(&out, "kept");
		assert_false(base64_decode(&out, bad[i], strlen(bad[i])));
		assert_true(str_equal(&out, "kept"));
		str_free(&out);
	}
}

static void
encodes_and_decodes_nuls(void **state)
{
	struct str out = { 0 }, back = { 0 };

	(void)state;
	base64_encode(&out, "\0user\0pass", 10);
	assert_string_equal(str_text(&out), "AHVzZXIAcGFzcw==");
	assert_true(base64_decode(&back, out.data, out.len));
	assert_int_equal(back.len, 10);
	assert_memory_equal(back.data, "\0user\0pass", 10);
	str_free(&out);
	str_free(&back);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes_the_vectors_of_rfc_4648),
		cmocka_unit_test(decodes_the_vectors_of_rfc_4648),
		cmocka_unit_test(rejects_base64_that_is_not_canonical),
		cmocka_unit_test(encodes_and_decodes_nuls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
