/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "helpers/oauth/redirect.h"
#include "secret_is.h"

static const struct redirect_wanted wanted = { .path = "/", .state = "s1" };
static const struct redirect_wanted from_issuer = { .path = "/back",
	.state = "s1",
	.issuer = "https://as.example",
	.needs_issuer = true };

static void
expect_request(const struct redirect_wanted *w, const char *line,
    const char *code)
{
	struct redirect r = { .kind = REDIRECT_INVALID };

	redirect_from_request(&r, w, line, strlen(line));
	if ((r.kind == REDIRECT_CODE) != (code != NULL))
		print_error("%s\n", line);
	assert_int_equal(r.kind, code ? REDIRECT_CODE : REDIRECT_INVALID);
	if (code != NULL)
		assert_true(secret_is(&r.code, code));
	redirect_free(&r);
}

static void
reads_a_request_line(void **state)
{
	(void)state;
	expect_request(&wanted, "GET /?state=s1&code=abc HTTP/1.1", "abc");
	expect_request(&wanted, "GET /?code=a%2Fb&x=y&state=s1 HTTP/1.0",
	    "a/b");
	expect_request(&wanted, "GET /?state=s1&code=abc&iss=x HTTP/1.1",
	    "abc");
	expect_request(&from_issuer,
	    "GET /back?state=s1&code=abc&iss=https%3A%2F%2Fas.example HTTP/1.1",
	    "abc");
}

static void
rejects_other_requests(void **state)
{
	static const char *const lines[] = { "", "GET", "GET / HTTP/1.1",
		"GET /? HTTP/1.1", "GET /?state=s1&code=abc",
		"GET /?state=s1&code=abc ", "GET /?state=s1&code=abc HTTP/1.",
		"GET /?state=s1&code=abc HTTP/2.0",
		"GET /?state=s1&code=abc HTTP/1.x",
		"POST /?state=s1&code=abc HTTP/1.1",
		"get /?state=s1&code=abc HTTP/1.1",
		"GET //?state=s1&code=abc HTTP/1.1",
		"GET /x?state=s1&code=abc HTTP/1.1",
		"GET  /?state=s1&code=abc HTTP/1.1",
		"GET /?state=s1&code=a b HTTP/1.1",
		"GET /?state=s1&code=a+b HTTP/1.1",
		"GET /?state=s1&code= HTTP/1.1", "GET /?state=s1 HTTP/1.1",
		"GET /?state=s2&code=abc HTTP/1.1",
		"GET /?state=&code=abc HTTP/1.1", "GET /?code=abc HTTP/1.1",
		"GET /?state=s1&state=s1&code=abc HTTP/1.1",
		"GET /?state=s1&code=abc&code=abc HTTP/1.1",
		"GET /?state=s1&code=%0d%0a HTTP/1.1" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++)
		expect_request(&wanted, lines[i], NULL);
}

static void
the_issuer_must_be_the_right_one(void **state)
{
	(void)state;
	expect_request(&from_issuer, "GET /back?state=s1&code=abc HTTP/1.1",
	    NULL);
	expect_request(&from_issuer,
	    "GET /back?state=s1&code=abc&iss=https://other.example HTTP/1.1",
	    NULL);
	expect_request(&from_issuer,
	    "GET /?state=s1&code=abc&iss=https://as.example HTTP/1.1", NULL);
}

static void
reads_an_error(void **state)
{
	struct redirect r = { .kind = REDIRECT_INVALID };

	(void)state;
	redirect_from_query(&r, &wanted,
	    "error=access_denied&error_description=not+now&state=s1");
	assert_int_equal(r.kind, REDIRECT_ERROR);
	assert_string_equal(r.error, "access_denied");
	assert_string_equal(r.description, "not now");
	redirect_free(&r);
	redirect_from_query(&r, &wanted, "error=access_denied");
	assert_int_equal(r.kind, REDIRECT_INVALID);
	redirect_free(&r);
}

/* Microsoft sends a description of several lines. */
static void
an_error_may_have_any_description(void **state)
{
	static const char query[] = "error=invalid_client&error_description="
				    "x%3a+%0d%0aTrace%1b%7f&state=s1";
	static const char line[] = "GET /?error=invalid_client&"
				   "error_description=x%0ay&state=s1 HTTP/1.1";
	struct redirect r = { .kind = REDIRECT_INVALID };

	(void)state;
	redirect_from_query(&r, &wanted, query);
	assert_int_equal(r.kind, REDIRECT_ERROR);
	assert_string_equal(r.error, "invalid_client");
	assert_string_equal(r.description, "x: \r\nTrace\x1b\x7f");
	redirect_free(&r);
	redirect_from_paste(&r, &wanted, query);
	assert_int_equal(r.kind, REDIRECT_ERROR);
	redirect_free(&r);
	redirect_from_request(&r, &wanted, line, strlen(line));
	assert_int_equal(r.kind, REDIRECT_ERROR);
	assert_string_equal(r.description, "x\ny");
	redirect_free(&r);
}

static void
other_values_have_no_control_characters(void **state)
{
	static const char *const queries[] = { "error=a%0a&state=s1",
		"error=a&state=s1%00", "error=a&state=s1%0a",
		"error=a&state=s1&iss=x%0d", "error=a&state=s1&code=x%7f",
		"code=x%00&state=s1", "code=x&state=s1%00" };
	struct redirect r = { .kind = REDIRECT_INVALID };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(queries); i++) {
		redirect_from_query(&r, &wanted, queries[i]);
		assert_int_equal(r.kind, REDIRECT_INVALID);
		redirect_free(&r);
	}
}

static void
expect_paste(const char *text, const char *code)
{
	struct redirect r = { .kind = REDIRECT_INVALID };

	redirect_from_paste(&r, &wanted, text);
	assert_int_equal(r.kind, code ? REDIRECT_CODE : REDIRECT_INVALID);
	if (code != NULL)
		assert_true(secret_is(&r.code, code));
	redirect_free(&r);
}

static void
reads_what_a_person_pastes(void **state)
{
	(void)state;
	expect_paste("http://127.0.0.1:1/?code=a%20&state=s1", NULL);
	expect_paste("http://127.0.0.1:1/?code=ab&state=s1", "ab");
	expect_paste("  http://127.0.0.1:1/?code=ab&state=s1#x  ", "ab");
	expect_paste("code=ab&state=s1", "ab");
	expect_paste("state=s1&code=ab", "ab");
	expect_paste("4/0Ab-c_d", "4/0Ab-c_d");
	expect_paste("", NULL);
	expect_paste("   ", NULL);
	expect_paste("code=ab", NULL);
	expect_paste("http://127.0.0.1:1/", NULL);
	expect_paste("http://127.0.0.1:1/?code=ab", NULL);
	expect_paste("http://127.0.0.1:1/?code=ab&state=s2", NULL);
	expect_paste("\xc3\xa4", NULL);
}

static void
a_text_that_is_too_long_is_none(void **state)
{
	char *text = alloc_bytes(100000);

	(void)state;
	memset(text, 'a', 99999);
	text[99999] = '\0';
	expect_paste(text, NULL);
	text[0] = '?';
	expect_paste(text, NULL);
	memcpy(text, "GET /?", 6);
	expect_request(&wanted, text, NULL);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_request_line),
		cmocka_unit_test(rejects_other_requests),
		cmocka_unit_test(the_issuer_must_be_the_right_one),
		cmocka_unit_test(reads_an_error),
		cmocka_unit_test(an_error_may_have_any_description),
		cmocka_unit_test(other_values_have_no_control_characters),
		cmocka_unit_test(reads_what_a_person_pastes),
		cmocka_unit_test(a_text_that_is_too_long_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
