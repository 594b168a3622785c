/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "error_says.h"
#include "oauth/request.h"
#include "secret_is.h"

#define HEAD "veredus-oauth-request 1\n"
#define REQUIRED "user u@example.org\nstore /s\ntimeout 20\n"

static void
fill(struct oauth_params *p)
{
	p->user = alloc_string("alice@example.net");
	p->grant = OAUTH_SERVICE_ACCOUNT;
	p->flow = OAUTH_DEVICE;
	p->client_auth = OAUTH_AUTH_BASIC;
	p->key_alg = OAUTH_ES256;
	p->client_id = alloc_string("client");
	p->scope = alloc_string("a b");
	p->auth_params = alloc_string("");
	p->token_url = alloc_string("https://as.example/token");
	p->store = alloc_string("/home/alice/the store");
	p->redirect_port = 8080;
	p->timeout = 20;
	p->rejected = INT64_C(5000000000);
	p->retry = true;
	secret_set(&p->client_secret, "s3 cret", 7);
}

static void
expect_filled(const struct oauth_params *p)
{
	assert_string_equal(p->user, "alice@example.net");
	assert_int_equal(p->grant, OAUTH_SERVICE_ACCOUNT);
	assert_int_equal(p->flow, OAUTH_DEVICE);
	assert_int_equal(p->client_auth, OAUTH_AUTH_BASIC);
	assert_int_equal(p->key_alg, OAUTH_ES256);
	assert_string_equal(p->client_id, "client");
	assert_string_equal(p->scope, "a b");
	assert_string_equal(p->auth_params, "");
	assert_string_equal(p->store, "/home/alice/the store");
	assert_null(p->issuer);
	assert_int_equal(p->redirect_port, 8080);
	assert_int_equal(p->timeout, 20);
	assert_true(p->rejected == INT64_C(5000000000));
	assert_true(p->retry);
	assert_false(p->no_sandbox);
	assert_true(secret_is(&p->client_secret, "s3 cret"));
}

static void
reads_what_it_writes(void **state)
{
	struct oauth_params p = { 0 }, back = { 0 }, copy = { 0 };
	struct error err = { 0 };
	struct str text = { 0 };

	(void)state;
	fill(&p);
	assert_true(oauth_request_write(&p, &text, &err));
	assert_true(oauth_request_read(&back, text.data, text.len, &err));
	expect_filled(&back);
	oauth_params_copy(&copy, &back);
	oauth_params_free(&back);
	expect_filled(&copy);
	assert_null(back.user);
	assert_false(secret_is_set(&back.client_secret));
	oauth_params_free(&copy);
	oauth_params_free(&p);
	str_wipe(&text);
}

static void
rejects_a_line_end_in_a_value(void **state)
{
	struct oauth_params p = { 0 };
	struct error err = { 0 };
	struct str text = { 0 };

	(void)state;
	fill(&p);
	secret_set(&p.client_secret, "a\nstore /etc", 12);
	assert_false(oauth_request_write(&p, &text, &err));
	expect_message(&err, "client_secret has a control character");
	error_free(&err);
	oauth_params_free(&p);
	str_wipe(&text);
}

static void
rejects_a_damaged_request(void **state)
{
	static const struct {
		const char *text, *says;
	} damaged[] = {
		{ "", "does not begin with" },
		{ "veredus-oauth-request 2\n" REQUIRED "end\n",
		    "does not begin with" },
		{ HEAD REQUIRED, "ends without \"end\"" },
		{ HEAD REQUIRED "end", "ends without \"end\"" },
		{ HEAD REQUIRED "end\nend\n", "text after \"end\"" },
		{ HEAD REQUIRED "user other\nend\n", "line 5 is invalid" },
		{ HEAD "colour blue\n" REQUIRED "end\n", "line 2 is invalid" },
		{ HEAD "grant password\n" REQUIRED "end\n",
		    "line 2 is invalid" },
		{ HEAD "retry 2\n" REQUIRED "end\n", "line 2 is invalid" },
		{ HEAD "deadline -1\n" REQUIRED "end\n", "line 2 is invalid" },
		{ HEAD "deadline \n" REQUIRED "end\n", "line 2 is invalid" },
		{ HEAD "scope\n" REQUIRED "end\n", "line 2 is invalid" },
		{ HEAD "scope a\tb\r\n" REQUIRED "end\n", "line 2 is invalid" },
		{ HEAD "rejected 9999999999999999999\n" REQUIRED "end\n",
		    "line 2 is invalid" },
		{ HEAD "user u\nstore /s\nend\n", "lacks the key timeout" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(damaged); i++) {
		struct oauth_params p = { 0 };
		struct error err = { 0 };

		assert_false(oauth_request_read(&p, damaged[i].text,
		    strlen(damaged[i].text), &err));
		if (!error_says(&err, damaged[i].says))
			print_error("row %zu\n", i);
		assert_true(error_says(&err, damaged[i].says));
		error_free(&err);
		oauth_params_free(&p);
	}
}

static void
the_origin_is_the_token_url_or_the_issuer(void **state)
{
	char token_url[] = "https://as.example/token";
	char issuer[] = "https://as.example";
	struct oauth_params p = { .issuer = issuer };

	(void)state;
	assert_string_equal(oauth_params_origin(&p), issuer);
	p.token_url = token_url;
	assert_string_equal(oauth_params_origin(&p), token_url);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_it_writes),
		cmocka_unit_test(rejects_a_line_end_in_a_value),
		cmocka_unit_test(rejects_a_damaged_request),
		cmocka_unit_test(the_origin_is_the_token_url_or_the_issuer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
