/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <string.h>

#include "tls/pin.h"

#define HEX "0123456789abcdef"
#define UPPER "0123456789ABCDEF"
#define COLONS "01:23:45:67:89:ab:cd:ef"

static const struct {
	const char *text;
	bool ok, key;
} texts[] = {
	{ HEX HEX HEX HEX, true, false },
	{ UPPER UPPER UPPER UPPER, true, false },
	{ "spki:" HEX HEX UPPER HEX, true, true },
	{ "SPKI:" HEX HEX HEX HEX, true, true },
	{ COLONS ":" COLONS ":" COLONS ":" COLONS, true, false },
	{ "spki:" COLONS ":" COLONS COLONS ":" COLONS, true, true },
	{ "", false, false },
	{ "spki:", false, false },
	{ HEX HEX "01234567", false, false }, /* SHA-1 */
	{ HEX HEX HEX "0123456789abcde", false, false },
	{ HEX HEX HEX HEX "0", false, false },
	{ HEX HEX HEX HEX ":", false, false },
	{ ":" HEX HEX HEX HEX, false, false },
	{ HEX HEX HEX "0:123456789abcdef", false, false },
	{ HEX HEX HEX "01::23456789abcdef", false, false },
	{ HEX HEX HEX "0123456789abcdeg", false, false },
	{ " " HEX HEX HEX HEX, false, false },
	{ "sha256:" HEX HEX HEX HEX, false, false },
};

static void
parses_fingerprints(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct tls_pin pin;
		struct error err = { 0 };
		struct str shown = { 0 };
		bool ok = tls_pin_parse(texts[i].text, &pin, &err);

		if (ok != texts[i].ok || (ok && pin.key != texts[i].key))
			fail_msg("%s", texts[i].text);
		if (ok) {
			tls_pin_text(&pin, &shown);
			assert_string_equal(shown.data, HEX HEX HEX HEX);
		} else {
			assert_int_equal(err.kind, ERROR_CONFIG);
			assert_non_null(strstr(err.text, "tls_fingerprint"));
		}
		str_free(&shown);
		error_free(&err);
	}
}

static void
compares_certificate_with_certificate_and_key_with_key(void **state)
{
	struct tls_pin a = { .digest = { 1 } }, b = { .key = true, { 2 } };
	struct tls_pin pin = { .digest = { 2 } };
	struct tls_pins pins = { &pin, 1 };

	(void)state;
	assert_false(tls_pins_match(&pins, &a, &b));
	pin.key = true;
	assert_true(tls_pins_match(&pins, &a, &b));
	pin = a;
	assert_true(tls_pins_match(&pins, &a, &b));
	pins.count = 0;
	assert_false(tls_pins_match(&pins, &a, &b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_fingerprints),
		cmocka_unit_test(
		    compares_certificate_with_certificate_and_key_with_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
