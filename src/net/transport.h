/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes to and from a host, whatever carries them.
 *
 * A transport never waits: what cannot be done now is said with
 * TRANSPORT_WANT_READ or TRANSPORT_WANT_WRITE, and whoever calls (stream.c,
 * or the handshake in tls.c) polls the descriptor with a deadline.
 */
#ifndef VEREDUS_NET_TRANSPORT_H
#define VEREDUS_NET_TRANSPORT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* Results of read and write besides a count; 0 from read is the end. */
#define TRANSPORT_FAILED (-1)
#define TRANSPORT_WANT_READ (-2)
#define TRANSPORT_WANT_WRITE (-3)

struct transport {
	int fd_plus_1;  /* of the socket; 0: not connected, so { 0 } is valid */
	int out_plus_1; /* what is written goes there; 0: to the socket, too */
	void *ctx;      /* NULL for a plain socket */
	ssize_t (*read)(struct transport *t, void *buf, size_t len,
	    struct error *err);
	ssize_t (*write)(struct transport *t, const void *buf, size_t len,
	    struct error *err);
	/* Writes what a layer has gathered: 1, or WANT_ or FAILED; may be NULL. */
	ssize_t (*flush)(struct transport *t, struct error *err);
	/* Bytes that read() can give without the socket; may be NULL. */
	size_t (*pending)(const struct transport *t);
	/* Says goodbye if that needs no waiting, releases ctx and the socket. */
	void (*close)(struct transport *t);
};

/* Makes a plain transport of a connected socket, which it owns from now on;
 * whether that would block is all the same. */
void transport_init_socket(struct transport *t, int fd);
bool transport_is_open(const struct transport *t);
void transport_close(struct transport *t);

/* False, with ERROR_INTERRUPTED, when a signal has come that ends us. */
bool transport_check_signal(struct error *err);

/*
 * Waits until it can be read (POLLIN), written (POLLOUT) or either;
 * *ready gets the poll() events.  Errors: ERROR_TIMEOUT when the deadline
 * passes, ERROR_INTERRUPTED when a signal ended us (base/process.h).  Looks
 * once even when the deadline has passed: what has arrived is used; after a
 * signal only what can be read is.  A transport that is not open is never
 * ready: that is a way to sleep.
 */
bool transport_wait(const struct transport *t, short events, int64_t deadline,
    short *ready, struct error *err);

/*
 * poll() for several sockets, until one of them is ready or the deadline
 * passes; revents tell which.  Errors: ERROR_INTERRUPTED, ERROR_SYSTEM.
 */
bool transport_poll(struct pollfd *polled, size_t count, int64_t deadline,
    struct error *err);

#endif
