/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "net/socks.h"
#include "proxy_pair.h"

/* The data that the proxy sends.  It is in the socket before the client
 * starts. */
struct octets {
	const char *data;
	size_t len;
};

#define OCTETS(literal) \
	{ \
		literal, sizeof(literal) - 1 \
	}

#define GREETED "\x05\x00"
#define BOUND_IPV4 "\x00\x01\x7f\x00\x00\x01\x04\x38"
#define CONNECTED GREETED "\x05\x00" BOUND_IPV4

static void
send_reply(const char *data, size_t len)
{
	assert_int_equal(send(proxy, data, len, 0), len);
}

/* Connects through a proxy that sends the data and then closes its side. */
static bool
connect_and_close(const char *data, size_t len, struct error *err)
{
	bool ok;

	open_pair(NULL);
	send_reply(data, len);
	shutdown(proxy, SHUT_WR);
	ok = socks_connect(&ours, &no_login, "mx.example", 25,
	    clock_after_seconds(60), err);
	close_pair(NULL);
	return ok;
}

static const struct {
	const char *host;
	unsigned port;
	struct octets request;
} requests[] = {
	{ "mx.example", 587, OCTETS("\x05\x01\x00\x03\x0amx.example\x02\x4b") },
	{ "[mx.example]", 25,
	    OCTETS("\x05\x01\x00\x03\x0amx.example\x00\x19") },
	{ "localhost", 65535, OCTETS("\x05\x01\x00\x03\x09localhost\xff\xff") },
	{ "192.0.2.1", 25, OCTETS("\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x19") },
	{ "[2001:db8::1]", 465,
	    OCTETS("\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
		   "\x01\xd1") },
};

static void
sends_requests_for_names_and_addresses(void **state)
{
	static const char hello[] = "\x05\x01\x00";

	(void)state;
	for (size_t i = 0; i < COUNT_OF(requests); i++) {
		struct error err = { 0 };
		char got[300];
		ssize_t len;

		open_pair(NULL);
		send_reply(CONNECTED, sizeof(CONNECTED) - 1);
		if (!socks_connect(&ours, &no_login, requests[i].host,
			requests[i].port, clock_after_seconds(60), &err))
			fail_msg("%s: %s", requests[i].host, err.text);
		len = recv(proxy, got, sizeof(got), MSG_DONTWAIT);
		assert_int_equal(len, 3 + requests[i].request.len);
		assert_memory_equal(got, hello, 3);
		assert_memory_equal(got + 3, requests[i].request.data,
		    requests[i].request.len);
		close_pair(NULL);
	}
}

static const struct octets successes[] = {
	OCTETS(CONNECTED),
	OCTETS(GREETED "\x05\x00\x00\x04"
		       "0123456789abcdef"
		       "\x00\x19"),
	OCTETS(GREETED "\x05\x00\x00\x03\x05proxy\x00\x19"),
	OCTETS(GREETED "\x05\x00\x00\x03\x00\x00\x19"),
};

static void
leaves_the_greeting_of_the_server_unread(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(successes); i++) {
		struct error err = { 0 };
		char got[16] = "";

		open_pair(NULL);
		send_reply(successes[i].data, successes[i].len);
		send_reply("220 mx", 6);
		assert_true(socks_connect(&ours, &no_login, "mx.example", 25,
		    clock_after_seconds(60), &err));
		assert_int_equal(ours.read(&ours, got, sizeof(got), &err), 6);
		assert_string_equal(got, "220 mx");
		close_pair(NULL);
	}
}

static void
fails_for_truncated_replies(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(successes); i++)
		for (size_t len = 0; len < successes[i].len; len++) {
			struct error err = { 0 };

			assert_false(
			    connect_and_close(successes[i].data, len, &err));
			assert_int_equal(err.kind, ERROR_NETWORK);
			assert_non_null(strstr(err.text, "closed"));
			error_free(&err);
		}
}

static const struct {
	struct octets reply;
	enum error_kind kind;
	const char *text;
} rejections[] = {
	{ OCTETS(GREETED "\x05\x01" BOUND_IPV4), ERROR_CONNECT, "general" },
	{ OCTETS(GREETED "\x05\x02" BOUND_IPV4), ERROR_CONNECT,
	    "the rules of the proxy" },
	{ OCTETS(GREETED "\x05\x03" BOUND_IPV4), ERROR_CONNECT,
	    "network unreachable" },
	{ OCTETS(GREETED "\x05\x04" BOUND_IPV4), ERROR_CONNECT,
	    "host unreachable" },
	{ OCTETS(GREETED "\x05\x05" BOUND_IPV4), ERROR_CONNECT,
	    "connection refused" },
	{ OCTETS(GREETED "\x05\x06" BOUND_IPV4), ERROR_CONNECT, "TTL expired" },
	{ OCTETS(GREETED "\x05\x07" BOUND_IPV4), ERROR_CONNECT, "command" },
	{ OCTETS(GREETED "\x05\x08" BOUND_IPV4), ERROR_CONNECT,
	    "address type" },
	{ OCTETS(GREETED "\x05\x05"), ERROR_CONNECT, "connection refused" },
	{ OCTETS("\x05\xff"), ERROR_CONFIG, "login" },
	{ OCTETS("\x05\x02"), ERROR_NETWORK, "0x02" },
	{ OCTETS("\x04\x00"), ERROR_NETWORK, "0x04" },
	{ OCTETS("HTTP/1.1 400 Bad Request\r\n"), ERROR_NETWORK, "0x48" },
	{ OCTETS(GREETED "HTTP"), ERROR_NETWORK, "0x48" },
	{ OCTETS(GREETED "\x05\x00\x00\x02"), ERROR_NETWORK, "0x02" },
};

static void
explains_every_error_of_the_proxy(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rejections); i++) {
		struct error err = { 0 };

		assert_false(connect_and_close(rejections[i].reply.data,
		    rejections[i].reply.len, &err));
		if (err.kind != rejections[i].kind
		    || !strstr(err.text, rejections[i].text))
			fail_msg("row %zu: kind %d: %s", i, (int)err.kind,
			    err.text);
		error_free(&err);
	}
	for (int code = 9; code < 256; code++) {
		char garbage[] = GREETED "\x05?" BOUND_IPV4;
		struct error err = { 0 };

		garbage[3] = (char)code;
		assert_false(
		    connect_and_close(garbage, sizeof(garbage) - 1, &err));
		assert_int_equal(err.kind, ERROR_CONNECT);
		assert_non_null(strstr(err.text, "unknown reply code"));
		error_free(&err);
	}
}

static void
sends_no_request_for_an_invalid_host(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(invalid_hosts); i++) {
		struct error err = { 0 };
		char got[16];

		open_pair(NULL);
		send_reply(CONNECTED, sizeof(CONNECTED) - 1);
		assert_false(socks_connect(&ours, &no_login, invalid_hosts[i],
		    25, clock_after_seconds(60), &err));
		assert_int_equal(err.kind, ERROR_CONFIG);
		error_free(&err);
		assert_int_equal(recv(proxy, got, sizeof(got), MSG_DONTWAIT),
		    3);
		close_pair(NULL);
	}
}

static void
times_out(void **state)
{
	struct error err = { 0 };

	(void)state;
	send_reply(GREETED, 2);
	assert_false(socks_connect(&ours, &no_login, "mx.example", 25,
	    clock_after_seconds(1), &err));
	assert_int_equal(err.kind, ERROR_TIMEOUT);
	error_free(&err);
}

static void
reports_a_closed_connection(void **state)
{
	struct error err = { 0 };

	(void)state;
	shutdown(ours.fd_plus_1 - 1, SHUT_WR);
	assert_false(socks_connect(&ours, &no_login, "mx.example", 25,
	    clock_after_seconds(1), &err));
	assert_int_equal(err.kind, ERROR_NETWORK);
	error_free(&err);
}

#define CHOSE_LOGIN "\x05\x02"

static const struct {
	struct octets reply;
	const char *error; /* NULL: connected */
} logins[] = {
	{ OCTETS(CHOSE_LOGIN "\x01\x00"
			     "\x05\x00" BOUND_IPV4),
	    NULL },
	{ OCTETS(CHOSE_LOGIN "\x01\x01"), "it rejects the login" },
	{ OCTETS("\x05\xff"), "accepts no login by user and password" },
};

static void
logs_in_with_user_and_password(void **state)
{
	static const char sent[] = "\x05\x02\x00\x02\x01\x05"
				   "alice\x06s3cret";
	struct secret password = { 0 };
	const struct proxy_login login = { "alice", &password };

	(void)state;
	secret_set(&password, "s3cret", 6);
	for (size_t i = 0; i < COUNT_OF(logins); i++) {
		struct error err = { 0 };
		char got[300];
		size_t len = i < 2 ? sizeof(sent) - 1 : 4;
		bool ok;

		open_pair(NULL);
		send_reply(logins[i].reply.data, logins[i].reply.len);
		ok = socks_connect(&ours, &login, "mx.example", 25,
		    clock_after_seconds(60), &err);
		assert_true(ok == (logins[i].error == NULL));
		if (!ok) {
			assert_non_null(strstr(err.text, logins[i].error));
			assert_null(strstr(err.text, "s3cret"));
			assert_int_equal(err.kind, ERROR_CONFIG);
		}
		assert_true(recv(proxy, got, sizeof(got), MSG_DONTWAIT)
		    >= (ssize_t)len);
		assert_memory_equal(got, sent, len);
		error_free(&err);
		close_pair(NULL);
	}
	secret_free(&password);
}

#define PAIR_TEST(f) cmocka_unit_test_setup_teardown(f, open_pair, close_pair)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sends_requests_for_names_and_addresses),
		cmocka_unit_test(leaves_the_greeting_of_the_server_unread),
		cmocka_unit_test(fails_for_truncated_replies),
		cmocka_unit_test(explains_every_error_of_the_proxy),
		cmocka_unit_test(sends_no_request_for_an_invalid_host),
		cmocka_unit_test(logs_in_with_user_and_password),
		PAIR_TEST(times_out),
		PAIR_TEST(reports_a_closed_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
