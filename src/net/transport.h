/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Octets to and from a host, over a socket, TLS, or other descriptors.
 *
 * A transport never blocks: if it cannot proceed it returns TRANSPORT_WANT_READ
 * or TRANSPORT_WANT_WRITE, and the caller (stream.c, the handshake of TLS)
 * waits for the descriptor until its deadline.
 */
#ifndef VEREDUS_NET_TRANSPORT_H
#define VEREDUS_NET_TRANSPORT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* Results of read and write other than a count; read returns 0 at the end. */
#define TRANSPORT_FAILED (-1)
#define TRANSPORT_WANT_READ (-2)
#define TRANSPORT_WANT_WRITE (-3)

struct transport {
	int fd_plus_1;  /* the descriptor + 1; 0: not open, so { 0 } is valid */
	int out_plus_1; /* the descriptor for output + 1; 0: the same */
	void *ctx;      /* NULL for a plain socket */
	ssize_t (*read)(struct transport *t, void *buf, size_t len,
	    struct error *err);
	ssize_t (*write)(struct transport *t, const void *buf, size_t len,
	    struct error *err);
	/* Writes buffered output: 1 or TRANSPORT_*; may be NULL. */
	ssize_t (*flush)(struct transport *t, struct error *err);
	/* Octets that are buffered for read(); may be NULL. */
	size_t (*pending)(const struct transport *t);
	/* Ends the protocol without waiting, releases ctx and the socket. */
	void (*close)(struct transport *t);
};

/* Makes a transport of a connected socket, which it owns; whether the socket
 * has O_NONBLOCK does not matter. */
void transport_init_socket(struct transport *t, int fd);
bool transport_is_open(const struct transport *t);
void transport_close(struct transport *t);
/* Puts a copy of another descriptor in place of the socket, which stays open in
 * other processes that have it: what is read or written then is not theirs. */
void transport_replace(const struct transport *t, int fd);

/* False with ERROR_INTERRUPTED after a signal (base/process.h). */
bool transport_check_signal(struct error *err);

/*
 * Waits until the transport is ready for reading (POLLIN), writing (POLLOUT) or
 * either; sets *ready to the events of poll().  Polls once even if the deadline
 * has passed, so that input that has arrived is used; after a signal only input
 * counts.  A transport that is not open is never ready, so that the call
 * sleeps.  Errors: ERROR_TIMEOUT, ERROR_INTERRUPTED (base/process.h),
 * ERROR_SYSTEM.
 */
bool transport_wait(const struct transport *t, short events, int64_t deadline,
    short *ready, struct error *err);

/*
 * Calls poll() for several sockets; returns when one of them is ready or the
 * deadline has passed, with revents set.  Errors: ERROR_INTERRUPTED,
 * ERROR_SYSTEM.
 */
bool transport_poll(struct pollfd *polled, size_t count, int64_t deadline,
    struct error *err);

#endif
