/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <string.h>

#include "base/sha256.h"

static void
expect(const char *data, size_t len, const char *wanted)
{
	unsigned char digest[SHA256_SIZE];
	struct str hex = { 0 };

	sha256(data, len, digest);
	sha256_add_hex(&hex, digest, SHA256_SIZE);
	assert_string_equal(str_text(&hex), wanted);
	str_free(&hex);
}

/* The examples of FIPS 180-4, and the lengths around the end of a block, whose
 * digests are those of sha256sum(1). */
static void
computes_known_digests(void **state)
{
	static const char letters[] = "abcdbcdecdefdefgefghfghighijhijk"
				      "ijkljklmklmnlmnomnopnopq";
	static const struct {
		size_t len;
		const char *digest;
	} zeros[] = {
		{ 55,
		    "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7" },
		{ 56,
		    "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb" },
		{ 63,
		    "c7723fa1e0127975e49e62e753db53924c1bd84b8ac1ac08df78d09270f3d971" },
		{ 64,
		    "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b" },
		{ 65,
		    "98ce42deef51d40269d542f5314bef2c7468d401ad5d85168bfab4c0108f75f7" },
		{ 119,
		    "f616b0d54e78571a9611f343c9f8e022e859e920381ab0e4d3da01e193a7bd7e" },
		{ 120,
		    "6edd9f6f9cc92cded36e6c4a580933f9c9f1b90562b46903b806f21902a1a54f" },
		{ 1000,
		    "541b3e9daa09b20bf85fa273e5cbd3e80185aa4ec298e765db87742b70138a53" },
	};
	static const char data[1000];

	(void)state;
	expect("", 0,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	expect("abc", 3,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	expect(letters, strlen(letters),
	    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	for (size_t i = 0; i < COUNT_OF(zeros); i++)
		expect(data, zeros[i].len, zeros[i].digest);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(computes_known_digests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
