/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "helpers/oauth/answer.h"
#include "helpers/oauth/client.h"
#include "helpers/oauth/device.h"
#include "helpers/oauth/hints.h"
#include "helpers/oauth/json.h"
#include "helpers/oauth/metadata.h"
#include "secret_is.h"

static int
start(void **state)
{
	(void)state;
	json_start();
	return 0;
}

static void
reads_tokens(void **state)
{
	static const char text[] =
	    "{\"access_token\":\"a\",\"refresh_token\":\"r\\u0041\","
	    "\"token_type\":\"bearer\",\"scope\":\"x y\",\"expires_in\":\"60\"}";
	struct answer a = { 0 };

	(void)state;
	answer_parse(&a, 200, text, strlen(text), NULL);
	assert_true(answer_has_token(&a));
	assert_true(secret_is(&a.access_token, "a"));
	assert_true(secret_is(&a.refresh_token, "rA"));
	assert_string_equal(a.token_type, "bearer");
	assert_string_equal(a.scope, "x y");
	assert_true(a.has_lifetime);
	assert_true(a.expires_in == 60);
	answer_free(&a);
}

static void
rejects_what_is_no_object_with_a_token(void **state)
{
	static const char *const texts[] = { "", "{}", "null", "[]", "\"a\"",
		"{\"access_token\":null}", "{\"access_token\":\"\"}",
		"{\"access_token\":1}", "{\"access_token\":[\"a\"]}",
		"{\"access_token\":\"a\\u0000b\"}",
		"{\"access_token\":\"a\\nb\"}",
		"{\"access_token\":\"\xc3\xa4\"}",
		"{\"access_token\":\"\xff\"}", "{\"access_token\":\"a\"",
		"{\"access_token\":\"a\"} {}",
		"{\"access_token\":\"a\",\"access_token\":\"a\"}",
		"{\"access_token\":\"a\" \"b\":\"c\"}",
		"{\"access_token\":\"a\",\"error\":\"e\"}",
		"{'access_token':'a'}" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct answer a = { 0 };

		answer_parse(&a, 200, texts[i], strlen(texts[i]), NULL);
		if (answer_has_token(&a))
			print_error("%s\n", texts[i]);
		assert_false(answer_has_token(&a));
		answer_free(&a);
	}
}

static void
a_deep_text_is_no_object(void **state)
{
	struct str text = { 0 };
	json_t *object;

	(void)state;
	str_add(&text, "{\"a\":");
	for (int i = 0; i < 31; i++)
		str_add(&text, "[");
	str_add(&text, "\"[[[[\\\"[[[\"");
	for (int i = 0; i < 31; i++)
		str_add(&text, "]");
	str_add(&text, "}");
	object = json_parse(text.data, text.len);
	assert_non_null(object);
	json_decref(object);
	str_truncate(&text, 0);
	for (int i = 0; i < 33; i++)
		str_add(&text, "{\"a\":");
	assert_null(json_parse(text.data, text.len));
	str_free(&text);
}

static void
expect_missing(const char *asked, const char *got, const char *missing)
{
	char *found = answer_missing_scope(asked, got);

	if (missing == NULL)
		assert_null(found);
	else
		assert_string_equal(found, missing);
	free(found);
}

static void
compares_scopes_as_sets(void **state)
{
	(void)state;
	expect_missing("a b", "b  a c", NULL);
	expect_missing("a b", "a", "b");
	expect_missing("a", "ab", "a");
	expect_missing("a", "A", "a");
	expect_missing("a offline_access openid profile email", "a", NULL);
	expect_missing("a", NULL, NULL);
	expect_missing(NULL, "a", NULL);
	expect_missing("a", "", "a");
}

static void
expect_hint(enum oauth_flow flow, const char *description, const char *part)
{
	struct oauth_params p = { .flow = flow };
	struct answer a = { 0 };
	const char *hint;

	answer_set_error(&a, "invalid_grant", description);
	hint = hints_find(&a, &p);
	if (part == NULL)
		assert_null(hint);
	else
		assert_non_null(hint);
	if (hint != NULL)
		assert_non_null(strstr(hint, part));
	answer_free(&a);
}

static void
finds_the_hint_for_a_number(void **state)
{
	char google[] = "google";
	struct oauth_params p = { .provider = google };
	struct answer a = { 0 };

	(void)state;
	expect_hint(OAUTH_BROWSER, "AADSTS700082: x", "too long");
	expect_hint(OAUTH_BROWSER, "x AADSTS70000: x", "password was changed");
	expect_hint(OAUTH_BROWSER, "AADSTS1: AADSTS7000222: x", "expired");
	expect_hint(OAUTH_BROWSER, "AADSTS53003", "administrator");
	expect_hint(OAUTH_DEVICE, "AADSTS53003", "--oauth-flow=browser");
	expect_hint(OAUTH_BROWSER, "AADSTS7000820: x", NULL);
	expect_hint(OAUTH_BROWSER, "AADSTS", NULL);
	expect_hint(OAUTH_BROWSER, NULL, NULL);
	answer_set_error(&a, "invalid_grant", NULL);
	assert_non_null(strstr(hints_find(&a, &p), "Testing"));
	answer_free(&a);
}

static void
expect_failure(long status, const char *text, enum oauth_class outcome,
    const char *part)
{
	char account[] = "work";
	struct oauth_params p = { .account = account };
	struct oauth_failure f = { 0 };
	struct answer a = { 0 };

	answer_parse(&a, status, text, strlen(text), NULL);
	assert_false(answer_fail(&a, ANSWER_TO_RENEWAL, &p, "as.example", &f));
	assert_int_equal(f.outcome, outcome);
	if (strstr(f.text, part) == NULL)
		print_error("%s\n", f.text);
	assert_non_null(strstr(f.text, part));
	oauth_failure_free(&f);
	answer_free(&a);
}

static void
the_error_decides_the_class(void **state)
{
	(void)state;
	expect_failure(400, "{\"error\":\"invalid_grant\"}", OAUTH_LOGIN,
	    "the login has ended (as.example: invalid_grant): run veredus "
	    "--login -a work");
	expect_failure(400,
	    "{\"error\":\"invalid_client\",\"error_description\":\"a\\u001b[1m\\n"
	    "b\"}",
	    OAUTH_CONFIG, "(invalid_client: a?[1m): see oauth_client_id");
	expect_failure(400, "{\"error\":\"org_internal\"}", OAUTH_PERMISSION,
	    "administrator");
	expect_failure(400, "{\"error\":\"server_error\"}", OAUTH_TEMPORARY,
	    "cannot renew the token now (400, server_error)");
	expect_failure(503, "{\"error\":\"invalid_grant\"}", OAUTH_TEMPORARY,
	    "503");
	expect_failure(200, "{}", OAUTH_TEMPORARY, "JSON without a token");
	expect_failure(302, "", OAUTH_TEMPORARY, "HTTP status 302");
}

/* A provider may repeat what was sent, also where the text is cut. */
static void
hides_the_secrets_that_were_sent(void **state)
{
	struct client client = { 0 };
	struct client_request request = { 0 };
	struct redact_forms sent = { 0 };
	struct answer a = { 0 };
	struct str text = { 0 };

	(void)state;
	secret_set(&client.secret, "CLIENTSECRET", 12);
	str_add(&request.form,
	    "grant_type=x&refresh_token=SECRET%2FRT&code=abcde"
	    "&assertion=e.y.J&client_id=public");
	client_hide(&client, &request, &sent);
	str_printf(&text,
	    "{\"error\":\"invalid_grant\",\"error_description\":\"SECRET/RT, "
	    "abcde, e.y.J, CLIENTSECRET of public %0240d SECRET/RT\"}",
	    0);
	answer_parse(&a, 400, text.data, text.len, &sent);
	assert_true(a.description != NULL);
	assert_true(
	    strncmp(a.description,
		"[hidden], [hidden], [hidden], [hidden] of public 0", 50)
	    == 0);
	assert_null(strstr(a.description, "SECRET"));
	answer_free(&a);
	redact_free(&sent);
	str_free(&text);
	client_request_free(&request);
	secret_free(&client.secret);
}

static void
expect_url(const char *issuer, bool openid, const char *wanted)
{
	char *url = metadata_url(issuer, openid);

	assert_string_equal(url, wanted);
	free(url);
}

/* RFC 8414 section 3.1. */
static void
finds_the_metadata(void **state)
{
	(void)state;
	expect_url("https://example.com", false,
	    "https://example.com/.well-known/oauth-authorization-server");
	expect_url("https://example.com/", false,
	    "https://example.com/.well-known/oauth-authorization-server");
	expect_url("https://example.com:8443/issuer1", false,
	    "https://example.com:8443/.well-known/oauth-authorization-server"
	    "/issuer1");
	expect_url("https://example.com/issuer1/", true,
	    "https://example.com/issuer1/.well-known/openid-configuration");
}

static void
reads_the_codes_of_a_device(void **state)
{
	static const char text[] =
	    "{\"device_code\":\"d\",\"user_code\":\"AB-~\","
	    "\"verification_url\":\"https://h/d\",\"interval\":\"7\"}";
	struct oauth_failure f = { 0 };
	struct device d = { 0 };

	(void)state;
	assert_true(device_parse(&d, text, strlen(text), &f));
	assert_true(secret_is(&d.code, "d"));
	assert_string_equal(d.user_code, "AB-~");
	assert_string_equal(d.address, "https://h/d");
	assert_int_equal(d.interval, 7);
	assert_int_equal(d.seconds, 600);
	device_free(&d);
	assert_false(device_parse(&d, "{}", 2, &f));
	assert_int_equal(f.outcome, OAUTH_TEMPORARY);
	device_free(&d);
	oauth_failure_free(&f);
}

/* A blank would end the code where the address is shown behind it. */
static void
a_user_code_is_visible_ascii(void **state)
{
	static const char *const codes[] = { "", "X http://evil.example/login",
		"A\\tB", "A\\u0007B", "A\\u00a0B", "\\u202eAB" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(codes); i++) {
		struct oauth_failure f = { 0 };
		struct device d = { 0 };
		struct str text = { 0 };

		str_printf(&text,
		    "{\"device_code\":\"d\",\"user_code\":\"%s\","
		    "\"verification_uri\":\"https://h/d\"}",
		    codes[i]);
		if (device_parse(&d, text.data, text.len, &f))
			fail_msg("%s", codes[i]);
		assert_int_equal(f.outcome, OAUTH_TEMPORARY);
		device_free(&d);
		oauth_failure_free(&f);
		str_free(&text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_tokens),
		cmocka_unit_test(rejects_what_is_no_object_with_a_token),
		cmocka_unit_test(a_deep_text_is_no_object),
		cmocka_unit_test(compares_scopes_as_sets),
		cmocka_unit_test(finds_the_hint_for_a_number),
		cmocka_unit_test(the_error_decides_the_class),
		cmocka_unit_test(hides_the_secrets_that_were_sent),
		cmocka_unit_test(finds_the_metadata),
		cmocka_unit_test(reads_the_codes_of_a_device),
		cmocka_unit_test(a_user_code_is_visible_ascii),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
