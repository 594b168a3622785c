/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The listener on this host to which the browser is redirected (RFC 8252 section
 * 7.3).  It answers one request that is right, and rejects all others.
 */
#ifndef VEREDUS_HELPERS_OAUTH_LISTENER_H
#define VEREDUS_HELPERS_OAUTH_LISTENER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "helpers/oauth/redirect.h"
#include "oauth/failure.h"

#define LISTENER_CLIENTS 32
#define LISTENER_REQUEST_MAX 16384
/* 127.0.0.1 and ::1. */
#define LISTENER_SOCKETS 2
#define LISTENER_POLLED (LISTENER_SOCKETS + LISTENER_CLIENTS)

struct listener_client {
	int fd; /* -1: no client */
	int64_t deadline;
	size_t len;
	bool is_answered; /* waits for the client to close */
	char *request;
};

struct listener {
	int sockets[LISTENER_SOCKETS]; /* -1: not open */
	unsigned port;
	struct listener_client clients[LISTENER_CLIENTS];
};

/* Called first, for an empty struct. */
void listener_init(struct listener *l);
/*
 * Opens 127.0.0.1, and ::1 too if the host is localhost; port 0 chooses a free one.
 * Without `accepts` the port is only kept from other programs, because a person
 * pastes the address.  Failures: OAUTH_TEMPORARY.
 */
bool listener_open(struct listener *l, const char *host, unsigned port,
    bool accepts, struct oauth_failure *failure);
void listener_close(struct listener *l);

/* Fills LISTENER_POLLED entries for poll(); fd is -1 where nothing is waited for.
 * Returns the deadline of the first client that is too slow, or CLOCK_NEVER. */
int64_t listener_poll(const struct listener *l,
    struct pollfd polled[LISTENER_POLLED]);
/* Handles what poll() found.  Returns true once r has a redirection for this
 * request, which then has its answer. */
bool listener_handle(struct listener *l,
    const struct pollfd polled[LISTENER_POLLED],
    const struct redirect_wanted *wanted, struct redirect *r);

#endif
