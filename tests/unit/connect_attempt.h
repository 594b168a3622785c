/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Servers on loopback addresses, and attempts to connect to them.
 */
#ifndef VEREDUS_TESTS_CONNECT_ATTEMPT_H
#define VEREDUS_TESTS_CONNECT_ATTEMPT_H

#include "unit.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "error_says.h"
#include "net/connect.h"

/* Binds a socket to the port.  If the port is 0, the kernel chooses it. */
ATTR_UNUSED static int
bind_to(const char *address, unsigned *port)
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	socklen_t size = sizeof(name);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, address, &name.sin_addr);
	name.sin_port = htons((uint16_t)*port);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, size), 0);
	getsockname(fd, (struct sockaddr *)&name, &size);
	*port = ntohs(name.sin_port);
	return fd;
}

ATTR_UNUSED static int
listen_at(const char *address, unsigned *port)
{
	int fd = bind_to(address, port);

	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

/* Fills the queue of a listening socket that accepts nothing, so that the
 * kernel does not respond to the next connection. */
ATTR_UNUSED static void
fill_queue(const char *address, unsigned port, int fds[4])
{
	struct sockaddr_in name = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };

	inet_pton(AF_INET, address, &name.sin_addr);
	for (int i = 0; i < 4; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(fds[i], (struct sockaddr *)&name, sizeof(name));
	}
}

/* The result of one call of connect_server(). */
struct outcome {
	bool ok;
	struct transport transport;
	struct connection connection;
	struct error err;
};

ATTR_UNUSED static void
attempt_with_lookup(const struct host_params *host, struct resolve *lookup,
    struct outcome *outcome)
{
	const struct connect_request request = { .host = host,
		.lookup = lookup,
		.deadline = clock_after_seconds(60) };

	*outcome = (struct outcome){ 0 };
	outcome->ok = connect_server(&request, &outcome->transport,
	    &outcome->connection, &outcome->err);
	assert_int_equal(outcome->ok, transport_is_open(&outcome->transport));
	assert_int_equal(outcome->ok, !error_is_set(&outcome->err));
}

ATTR_UNUSED static void
attempt(const struct host_params *host, struct outcome *outcome)
{
	attempt_with_lookup(host, NULL, outcome);
}

ATTR_UNUSED static void
release(struct outcome *outcome)
{
	transport_close(&outcome->transport);
	connection_free(&outcome->connection);
	error_free(&outcome->err);
}

ATTR_UNUSED static void
expect_failure(const struct host_params *host, enum error_kind kind,
    const char *text)
{
	struct outcome outcome;

	attempt(host, &outcome);
	if (outcome.err.kind != kind || !error_says(&outcome.err, text))
		fail_msg("kind %d: %s", (int)outcome.err.kind,
		    outcome.err.text);
	release(&outcome);
}

#endif
