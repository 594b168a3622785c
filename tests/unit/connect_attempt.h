/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Servers at kernel-chosen ports of loopback, and attempts to reach them.
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

/* A socket at the address with a port of the kernel's choice. */
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

/* The outcome of one connection. */
struct outcome {
	bool ok;
	struct transport transport;
	struct peer peer;
	struct error err;
};

ATTR_UNUSED static void
attempt(const struct server_params *server, struct outcome *outcome)
{
	static const struct meanwhile nothing;

	*outcome = (struct outcome){ 0 };
	outcome->ok = connect_server(server, clock_after_seconds(60), &nothing,
	    &outcome->transport, &outcome->peer, &outcome->err);
	assert_int_equal(outcome->ok, transport_is_open(&outcome->transport));
	assert_int_equal(outcome->ok, !error_is_set(&outcome->err));
}

ATTR_UNUSED static void
release(struct outcome *outcome)
{
	transport_close(&outcome->transport);
	peer_free(&outcome->peer);
	error_free(&outcome->err);
}

ATTR_UNUSED static void
expect_failure(const struct server_params *server, enum error_kind kind,
    const char *text)
{
	struct outcome outcome;

	attempt(server, &outcome);
	if (outcome.err.kind != kind || !error_says(&outcome.err, text))
		fail_msg("kind %d: %s", (int)outcome.err.kind,
		    outcome.err.text);
	release(&outcome);
}

#endif
