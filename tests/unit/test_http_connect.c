/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "net/http_connect.h"
#include "proxy_pair.h"

#define OK "HTTP/1.1 200 Connection established\r\n\r\n"

/* Connects through a proxy that sends the text and then closes its side; the
 * caller closes the pair. */
static bool
connect_by_octets(const char *reply, size_t len,
    const struct proxy_login *login, const char *host, struct error *err)
{
	assert_int_equal(open_pair(NULL), 0);
	assert_int_equal(send(proxy, reply, len, 0), len);
	shutdown(proxy, SHUT_WR);
	return http_connect(&ours, login, host, 25, clock_after_seconds(60),
	    err);
}

static bool
connect_by(const char *reply, const struct proxy_login *login, const char *host,
    struct error *err)
{
	return connect_by_octets(reply, strlen(reply), login, host, err);
}

static void
expect_sent(const char *text)
{
	char got[500] = "";

	assert_int_equal(recv(proxy, got, sizeof(got) - 1, MSG_DONTWAIT),
	    strlen(text));
	assert_string_equal(got, text);
}

static void
sends_a_request_for_names_and_addresses(void **state)
{
	static const struct {
		const char *host, *authority;
	} rows[] = {
		{ "mx.example", "mx.example:25" },
		{ "[mx.example]", "mx.example:25" },
		{ "192.0.2.1", "192.0.2.1:25" },
		{ "2001:db8::1", "[2001:db8::1]:25" },
		{ "[2001:db8::1]", "[2001:db8::1]:25" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct error err = { 0 };
		char *sent =
		    alloc_printf("CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n",
			rows[i].authority, rows[i].authority);

		if (!connect_by(OK, &no_login, rows[i].host, &err))
			fail_msg("%s", err.text);
		expect_sent(sent);
		close_pair(NULL);
		free(sent);
	}
}

static void
sends_no_request_for_an_invalid_host(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(invalid_hosts); i++) {
		struct error err = { 0 };
		char got[16];

		assert_false(connect_by(OK, &no_login, invalid_hosts[i], &err));
		assert_int_equal(err.kind, ERROR_CONFIG);
		error_free(&err);
		assert_true(recv(proxy, got, sizeof(got), MSG_DONTWAIT) < 0);
		close_pair(NULL);
	}
}

static const char *const successes[] = { OK, "HTTP/1.0 200\r\n\r\n",
	"HTTP/1.1 299 \r\nContent-Length: 5\r\nX:\r\n\r\n",
	("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 x\r\na: b\r\n\r\n" OK) };

static void
leaves_the_greeting_of_the_server_unread(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(successes); i++) {
		struct error err = { 0 };
		char got[16] = "";
		char *all = alloc_printf("%s220 mx\r\n\r\n", successes[i]);

		if (!connect_by(all, &no_login, "mx.example", &err))
			fail_msg("row %zu: %s", i, err.text);
		assert_int_equal(ours.read(&ours, got, sizeof(got), &err), 10);
		assert_string_equal(got, "220 mx\r\n\r\n");
		close_pair(NULL);
		free(all);
	}
}

static void
fails_for_truncated_replies(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(successes); i++)
		for (size_t len = 0; len < strlen(successes[i]); len++) {
			struct error err = { 0 };
			char *part = alloc_string_n(successes[i], len);

			assert_false(
			    connect_by(part, &no_login, "mx.example", &err));
			assert_int_equal(err.kind, ERROR_NETWORK);
			assert_non_null(strstr(err.text, "closed"));
			error_free(&err);
			close_pair(NULL);
			free(part);
		}
}

static const struct {
	const char *reply;
	enum error_kind kind;
	const char *text;
} rejections[] = {
	{ "HTTP/1.1 403 Forbidden\r\n\r\n<p>", ERROR_CONNECT,
	    "it replied 403 Forbidden (it may allow other ports" },
	{ "HTTP/1.0 502 no\x1b way\r\na: b\r\n\r\n", ERROR_CONNECT,
	    "it replied 502 no? way" },
	{ "HTTP/1.1 302 Found\r\n\r\n", ERROR_CONNECT, "it replied 302" },
	{ "HTTP/1.1 599\r\n\r\n", ERROR_CONNECT, "it replied 599" },
	{ "HTTP/1.1 401 Unauthorized\r\n\r\n", ERROR_CONFIG,
	    "it requires a login: set proxy_user" },
	{ "HTTP/1.1 407 Login\r\n\r\n", ERROR_CONFIG,
	    "it requires a login: set proxy_user" },
	{ "HTTP/1.1 407 Login\r\nproxy-authenticate: Digest a=\"b\"\r\n"
	  "Proxy-Authenticate: basic realm=x\r\n\r\n",
	    ERROR_CONFIG, "it requires a login: set proxy_user" },
	{ "HTTP/1.1 407 Login\r\nProxy-Authenticate: Negotiate\r\n"
	  "X: Basic\r\n\r\n",
	    ERROR_CONFIG, "no login by Basic" },
	{ "220 mx.example ESMTP\r\n", ERROR_NETWORK,
	    "it is not an HTTP proxy: its reply begins with \"220\"" },
	{ "\x05\xff..", ERROR_NETWORK, "it is not an HTTP proxy" },
	{ "HTTP/2 200 OK\r\n\r\n", ERROR_NETWORK, "not an HTTP proxy" },
	{ "HTTP/1.x 200 OK\r\n\r\n", ERROR_NETWORK, "not an HTTP proxy" },
	{ "HTTP/1.1 20 OK\r\n\r\n", ERROR_NETWORK, "not an HTTP proxy" },
	{ "HTTP/1.1 2000 OK\r\n\r\n", ERROR_NETWORK, "not an HTTP proxy" },
	{ "HTTP/1.1 099 OK\r\n\r\n", ERROR_NETWORK, "not an HTTP proxy" },
	{ "HTTP/1.1 600 OK\r\n\r\n", ERROR_NETWORK, "not an HTTP proxy" },
	{ "HTTP/1.1  200 OK\r\n\r\n", ERROR_NETWORK, "not an HTTP proxy" },
	{ "HTTP/1.1 200 OK\n\n", ERROR_NETWORK, "does not end with CRLF" },
	{ "HTTP/1.1 200 OK\r\nA: b\n\r\n", ERROR_NETWORK,
	    "does not end with CRLF" },
};

static void
shows_a_reply_that_is_no_text(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_false(connect_by_octets("\0\x1b"
				       "ab\r\n",
	    6, &no_login, "mx.example", &err));
	assert_non_null(strstr(err.text, "begins with \"??ab\""));
	error_free(&err);
	close_pair(NULL);
}

static void
explains_every_error_of_the_proxy(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rejections); i++) {
		struct error err = { 0 };

		assert_false(connect_by(rejections[i].reply, &no_login,
		    "mx.example", &err));
		if (err.kind != rejections[i].kind
		    || !strstr(err.text, rejections[i].text))
			fail_msg("row %zu: kind %d: %s", i, (int)err.kind,
			    err.text);
		error_free(&err);
		close_pair(NULL);
	}
}

/* Whether `unit` is repeated in the header section or as a whole response. */
static void
limits_the_response(void **state)
{
	static const struct {
		const char *begin, *unit;
	} rows[] = {
		{ "HTTP/1.1 200 OK\r\nX: ", "xxxxxxxxxx" },
		{ "HTTP/1.1 200 OK\r\n", "X: y\r\n" },
		{ "HTTP/1.1 200 ", "OK" },
		{ "", "HTTP/1.1 100 Continue\r\n\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct str reply = { 0 };
		struct error err = { 0 };

		str_add(&reply, rows[i].begin);
		while (reply.len < HTTP_CONNECT_MAX + 10)
			str_add(&reply, rows[i].unit);
		assert_false(connect_by(str_text(&reply), &no_login,
		    "mx.example", &err));
		assert_int_equal(err.kind, ERROR_NETWORK);
		assert_non_null(strstr(err.text, "more than 16384 octets"));
		error_free(&err);
		str_free(&reply);
		close_pair(NULL);
	}
}

static void
logs_in_with_user_and_password(void **state)
{
	struct secret password = { 0 };
	const struct proxy_login login = { "alice", &password };
	struct error err = { 0 };

	(void)state;
	secret_set(&password, "s3:cret", 7);
	assert_true(connect_by(OK, &login, "mx.example", &err));
	expect_sent("CONNECT mx.example:25 HTTP/1.1\r\nHost: mx.example:25\r\n"
		    "Proxy-Authorization: Basic YWxpY2U6czM6Y3JldA==\r\n\r\n");
	close_pair(NULL);
	assert_false(
	    connect_by("HTTP/1.1 407 no\r\n\r\n", &login, "mx.example", &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.text, "it rejects the login: check"));
	error_free(&err);
	close_pair(NULL);
	secret_free(&password);
}

static void
times_out(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_int_equal(open_pair(NULL), 0);
	assert_int_equal(send(proxy, "HTTP/1.1 200 OK\r\n", 17, 0), 17);
	assert_false(http_connect(&ours, &no_login, "mx.example", 25,
	    clock_after_seconds(1), &err));
	assert_int_equal(err.kind, ERROR_TIMEOUT);
	error_free(&err);
	close_pair(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sends_a_request_for_names_and_addresses),
		cmocka_unit_test(sends_no_request_for_an_invalid_host),
		cmocka_unit_test(leaves_the_greeting_of_the_server_unread),
		cmocka_unit_test(fails_for_truncated_replies),
		cmocka_unit_test(shows_a_reply_that_is_no_text),
		cmocka_unit_test(explains_every_error_of_the_proxy),
		cmocka_unit_test(limits_the_response),
		cmocka_unit_test(logs_in_with_user_and_password),
		cmocka_unit_test(times_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
