/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls_server.h"

#include "tls/priority.h"

#define QUANTUM ":+GROUP-X25519-MLKEM768"
#define X25519 29
#define SECP256R1 23

/* The replacement for GnuTLS: its features, and the arguments of the last
 * call. */
static struct {
	bool has_group;
	const char *
	    rejected; /* rejects priority texts that contain this text, or NULL */
	char text[512];
	unsigned flags, asked;
	bool only_dtls; /* is what the priorities leave */
} fake;

static gnutls_group_t
find_group(const char *name)
{
	assert_string_equal(name, "X25519-MLKEM768");
	return fake.has_group ? (gnutls_group_t)4711 : GNUTLS_GROUP_INVALID;
}

static int
parse_text(gnutls_priority_t *made, const char *text, const char **at,
    unsigned flags)
{
	snprintf(fake.text, sizeof(fake.text), "%s", text);
	fake.flags = flags;
	fake.asked++;
	*made = NULL;
	if (at != NULL)
		*at = text + 1;
	return fake.rejected != NULL && strstr(text, fake.rejected) != NULL
	    ? GNUTLS_E_INVALID_REQUEST
	    : 0;
}

static int
list_versions(gnutls_priority_t made, const unsigned **list)
{
	static const unsigned versions[] = { GNUTLS_DTLS1_2, GNUTLS_TLS1_2 };

	(void)made;
	*list = versions;
	return fake.only_dtls ? 1 : 2;
}

static const struct tls_priority_library fake_library = { find_group,
	parse_text, list_versions };

static bool
has_end(const char *text, const char *end)
{
	size_t len = strlen(text), tail = strlen(end);

	return len >= tail && strcmp(text + len - tail, end) == 0;
}

static void
adds_the_quantum_group_if_gnutls_supports_it(void **state)
{
	static const struct {
		const char *what;
		bool has_group;
		const char *rejected;
		unsigned asked;
		bool ordered, quantum;
	} cases[] = {
		{ "GnuTLS supports it", true, NULL, 1, true, true },
		{ "GnuTLS does not support it", false, NULL, 1, true, false },
		{ "GnuTLS knows it, but rejects it", true, "MLKEM", 2, true,
		    false },
		{ "a crypto policy that removes groups", true, "X448", 3, false,
		    false },
		{ "the same, and GnuTLS does not support it", false, "X448", 2,
		    false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		gnutls_priority_t made;
		const char *first;

		memset(&fake, 0, sizeof(fake));
		fake.has_group = cases[i].has_group;
		fake.rejected = cases[i].rejected;
		assert_true(
		    tls_priority_make(&fake_library, NULL, 12, &made, NULL));
		first = strstr(fake.text, "+GROUP-");
		if (fake.asked != cases[i].asked
		    || (first != NULL) != cases[i].ordered
		    || has_end(fake.text, QUANTUM) != cases[i].quantum)
			fail_msg("%s: %s", cases[i].what, fake.text);
		assert_true(
		    first == NULL || strncmp(first, "+GROUP-X25519:", 14) == 0);
		assert_int_equal(fake.flags, GNUTLS_PRIORITY_INIT_DEF_APPEND);
		assert_non_null(strstr(fake.text, "-VERS-TLS1.1"));
	}
}

static void
reports_an_impossible_minimum_version(void **state)
{
	struct error err = { 0 };
	gnutls_priority_t made;

	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.rejected = "TLS1.3";
	assert_false(tls_priority_make(&fake_library, NULL, 13, &made, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_string_equal(err.subject, "tls_min_version");
	error_free(&err);
	assert_false(tls_priority_make(&fake_library, NULL, 14, &made, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	error_free(&err);
}

static void
adds_only_the_minimum_to_user_priorities(void **state)
{
	struct error err = { 0 };
	gnutls_priority_t made;

	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.has_group = true;
	assert_true(tls_priority_make(&fake_library, "PFS", 13, &made, NULL));
	assert_string_equal(fake.text,
	    "PFS:-NULL:-VERS-TLS1.2:-VERS-TLS1.1:-VERS-TLS1.0");
	assert_int_equal(fake.flags, 0);
	fake.rejected = "PFS";
	assert_false(tls_priority_make(&fake_library, "PFS", 12, &made, &err));
	assert_int_equal(fake.asked, 2);
	assert_non_null(strstr(err.text, "know \"FS\","));
	error_free(&err);
	fake.rejected = NULL;
	fake.only_dtls = true;
	assert_false(tls_priority_make(&fake_library, "PFS", 13, &made, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_string_equal(err.subject, "tls_priorities");
	assert_non_null(strstr(err.text, "tls_min_version"));
	error_free(&err);
}

/* The first flight of the client: ClientHello (RFC 8446 section 4.1.2). */

struct hello {
	const unsigned char *at, *end;
};

static size_t
read_number(struct hello *h, size_t octets)
{
	size_t number = 0;

	for (; octets > 0; octets--) {
		assert_true(h->at < h->end);
		number = number << 8 | *h->at++;
	}
	return number;
}

/* Skips a vector whose length field has `octets` octets. */
static struct hello
skip_vector(struct hello *h, size_t octets)
{
	size_t len = read_number(h, octets);
	struct hello inner = { h->at, h->at + len };

	assert_true(len <= (size_t)(h->end - h->at));
	h->at += len;
	return inner;
}

static struct hello
find_extension(struct hello record, size_t wanted)
{
	struct hello h = { record.at + 5 + 4 + 2 + 32, record.end };

	skip_vector(&h, 1); /* session */
	skip_vector(&h, 2); /* ciphers */
	skip_vector(&h, 1); /* compression */
	h = skip_vector(&h, 2);
	while (h.at < h.end) {
		size_t type = read_number(&h, 2);
		struct hello inner = skip_vector(&h, 2);

		if (type == wanted)
			return inner;
	}
	fail_msg("no extension %zu", wanted);
	return h;
}

/* Starts a handshake without a server, and stores the first flight. */
static struct hello
send_ehlo(const char *priorities, unsigned char *record, size_t size)
{
	struct tls_params params = { .trust_file = cert_path("ca.pem", ""),
		.priorities = alloc_string(priorities) };
	const struct tls_target target = { .host = "mx.test" };
	struct transport t = { 0 };
	struct tls_context *context;
	struct error err = { 0 };
	int pair[2];
	ssize_t got;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
			     pair),
	    0);
	assert_true(tls_prepare(&params, &context, &err));
	transport_init_socket(&t, pair[0]);
	assert_false(tls_start(context, &t, &target, clock_now(), &err));
	got = read(pair[1], record, size);
	assert_true(got > 100);
	transport_close(&t);
	close(pair[1]);
	tls_context_free(context);
	free(params.priorities);
	error_free(&err);
	return (struct hello){ record, record + got };
}

static void
sends_one_key_share(void **state)
{
	static const struct {
		const char *priorities;
		size_t group;
	} cases[] = {
		{ NULL, X25519 },
		{ "NORMAL:-GROUP-ALL:+GROUP-SECP256R1:+GROUP-X25519",
		    SECP256R1 },
	};
	unsigned char record[4096];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct hello hello =
		    send_ehlo(cases[i].priorities, record, sizeof(record));
		struct hello groups = find_extension(hello, 10);
		struct hello shares = find_extension(hello, 51);

		groups = skip_vector(&groups, 2);
		shares = skip_vector(&shares, 2);
		assert_int_equal(read_number(&groups, 2), cases[i].group);
		assert_true(groups.at < groups.end);
		assert_int_equal(read_number(&shares, 2), cases[i].group);
		skip_vector(&shares, 2);
		assert_true(shares.at == shares.end);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_the_quantum_group_if_gnutls_supports_it),
		cmocka_unit_test(reports_an_impossible_minimum_version),
		cmocka_unit_test(adds_only_the_minimum_to_user_priorities),
		cmocka_unit_test(sends_one_key_share),
	};

	return cmocka_run_group_tests(tests, make_certificates,
	    remove_certificates);
}
