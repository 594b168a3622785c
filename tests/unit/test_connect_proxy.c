/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "connect_attempt.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>

struct proxy {
	int listener;
	const char *reply;
	size_t reply_len;
	char request[64];
	ssize_t request_len;
};

static void *
run_proxy(void *arg)
{
	struct proxy *proxy = arg;
	int fd = accept(proxy->listener, NULL, NULL);
	char hello[3];

	if (recv(fd, hello, sizeof(hello), MSG_WAITALL) == sizeof(hello)
	    && send(fd, "\x05\x00", 2, MSG_NOSIGNAL) == 2) {
		proxy->request_len =
		    recv(fd, proxy->request, sizeof(proxy->request), 0);
		if (send(fd, proxy->reply, proxy->reply_len, MSG_NOSIGNAL) < 0)
			proxy->request_len = -1;
	}
	close(fd);
	return NULL;
}

static void
ask_proxy(struct host_params *server, struct proxy *proxy,
    struct outcome *outcome)
{
	pthread_t thread;

	server->proxy_port = 0;
	proxy->listener = listen_at("127.0.0.1", &server->proxy_port);
	pthread_create(&thread, NULL, run_proxy, proxy);
	attempt(server, outcome);
	pthread_join(thread, NULL);
	close(proxy->listener);
}

static void
connects_through_a_proxy(void **state)
{
	static const char reply[] = "\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x19"
				    "220 mx";
	struct host_params server = { .host = "mx.example",
		.port = 25,
		.proxy_host = "localhost" };
	struct proxy proxy = { .reply = reply, .reply_len = sizeof(reply) - 1 };
	struct outcome outcome;
	char wanted[64], got[16] = "";
	short ready;

	(void)state;
	ask_proxy(&server, &proxy, &outcome);
	assert_true(outcome.ok);
	assert_int_equal(proxy.request_len, 17);
	assert_memory_equal(proxy.request,
	    "\x05\x01\x00\x03\x0amx.example\x00\x19", 17);
	snprintf(wanted, sizeof(wanted), "mx.example:25 via 127.0.0.1:%u",
	    server.proxy_port);
	assert_string_equal(str_text(&outcome.connection.address), wanted);
	assert_false(outcome.connection.local);
	assert_true(transport_wait(&outcome.transport, POLLIN,
	    clock_after_seconds(60), &ready, &outcome.err));
	assert_int_equal(outcome.transport.read(&outcome.transport, got,
			     sizeof(got), &outcome.err),
	    6);
	assert_string_equal(got, "220 mx");
	release(&outcome);
}

static void
names_the_proxy_that_rejects_the_request(void **state)
{
	static const char reply[] = "\x05\x04\x00\x01\x00\x00\x00\x00\x00\x00";
	struct host_params server = { .host = "mx.example",
		.port = 25,
		.proxy_host = "127.0.0.1" };
	struct proxy proxy = { .reply = reply, .reply_len = sizeof(reply) - 1 };
	struct outcome outcome;
	int fd;

	(void)state;
	ask_proxy(&server, &proxy, &outcome);
	assert_false(outcome.ok);
	assert_int_equal(outcome.err.kind, ERROR_CONNECT);
	assert_string_equal(outcome.err.text,
	    "proxy 127.0.0.1, connecting to mx.example port 25: host unreachable");
	release(&outcome);

	server.proxy_port = 0;
	fd = bind_to("127.0.0.1", &server.proxy_port);
	expect_failure(&server, ERROR_CONNECT, "proxy: 127.0.0.1 port");
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connects_through_a_proxy),
		cmocka_unit_test(names_the_proxy_that_rejects_the_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
