/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The transport over a plain socket, and waiting for any transport to be ready
 * until a deadline or a signal.
 */
#include "net/transport.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process.h"

static int
descriptor(const struct transport *t)
{
	return t->fd_plus_1 - 1;
}

static bool
would_block(int number)
{
	return number == EAGAIN || number == EWOULDBLOCK;
}

static ssize_t
connection_lost(struct error *err)
{
	error_set(err, ERROR_NETWORK, "the connection was lost: %s",
	    strerror(errno));
	return TRANSPORT_FAILED;
}

static ssize_t
socket_read(struct transport *t, void *buf, size_t len, struct error *err)
{
	ssize_t got;

	do
		got = recv(descriptor(t), buf, len, MSG_DONTWAIT);
	while (got < 0 && errno == EINTR);
	if (got >= 0)
		return got;
	return would_block(errno) ? TRANSPORT_WANT_READ : connection_lost(err);
}

/* MSG_NOSIGNAL: a closed connection is an error, not SIGPIPE. */
static ssize_t
socket_write(struct transport *t, const void *buf, size_t len,
    struct error *err)
{
	ssize_t put;

	do
		put =
		    send(descriptor(t), buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (put < 0 && errno == EINTR);
	if (put >= 0)
		return put;
	return would_block(errno) ? TRANSPORT_WANT_WRITE : connection_lost(err);
}

static void
socket_close(struct transport *t)
{
	close(descriptor(t));
}

void
transport_init_socket(struct transport *t, int fd)
{
	*t = (struct transport){ .fd_plus_1 = fd + 1,
		.read = socket_read,
		.write = socket_write,
		.close = socket_close };
}

bool
transport_is_open(const struct transport *t)
{
	return t->fd_plus_1 > 0;
}

void
transport_replace(const struct transport *t, int fd)
{
	dup3(fd, descriptor(t), O_CLOEXEC);
}

void
transport_close(struct transport *t)
{
	if (transport_is_open(t) && t->close != NULL)
		t->close(t);
	*t = (struct transport){ 0 };
}

bool
transport_check_signal(struct error *err)
{
	return process_signal() == 0 || process_fail_signal("", err);
}

/*
 * Fills pfd and returns the number of entries.  Of two descriptors only the one
 * with wanted events is polled, because poll() always reports a hang-up.
 */
static nfds_t
poll_set(const struct transport *t, short events, struct pollfd pfd[2])
{
	pfd[0] = (struct pollfd){ .fd = descriptor(t), .events = events };
	if (t->out_plus_1 == 0)
		return 1;
	pfd[0].events = events & POLLIN;
	if (pfd[0].events == 0)
		pfd[0].fd = -1;
	pfd[1] = (struct pollfd){ .fd = -1, .events = events & POLLOUT };
	if (pfd[1].events != 0)
		pfd[1].fd = t->out_plus_1 - 1;
	return 2;
}

/*
 * Calls ppoll() once.  Signals are blocked except during ppoll() itself:
 * otherwise one that arrives between process_signal() and ppoll() would not end
 * the wait.
 */
static int
poll_once(struct pollfd *pfd, nfds_t polled, int64_t deadline,
    bool *interrupted)
{
	sigset_t before;
	int count, failure;

	process_hold_signals(&before);
	*interrupted = process_signal() != 0;
	count = process_poll(pfd, polled, *interrupted ? 0 : deadline, &before);
	failure = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = failure;
	return count;
}

/*
 * A server without TCP_NODELAY that has sent a small segment (a session ticket,
 * the first line of a reply) sends the next one only after our acknowledgement,
 * which the kernel may delay by 40 ms.  The kernel resets this option, so it is
 * set before each wait.  It fails on sockets other than TCP.
 */
static void
acknowledge_at_once(const struct transport *t)
{
	static const int on = 1;

	setsockopt(descriptor(t), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

/*
 * After a signal the wait still succeeds for input, so that a reply is used,
 * but not for output: an upload that never has to wait would otherwise not end.
 */
bool
transport_wait(const struct transport *t, short events, int64_t deadline,
    short *ready, struct error *err)
{
	struct pollfd pfd[2] = { 0 };
	nfds_t polled = poll_set(t, events, pfd);

	if (events == POLLIN)
		acknowledge_at_once(t);
	for (;;) {
		bool late = clock_has_passed(deadline), interrupted;
		int count = poll_once(pfd, polled, deadline, &interrupted);

		*ready = count > 0 ? pfd[0].revents | pfd[1].revents : 0;
		if (*ready & ~POLLOUT)
			return true;
		if (interrupted)
			return transport_check_signal(err);
		if (count > 0)
			return true;
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return error_set(err, ERROR_SYSTEM,
			    "cannot wait for the network: %s", strerror(errno));
		if (late)
			return error_set(err, ERROR_TIMEOUT,
			    "timed out while waiting for the network");
	}
}

bool
transport_poll(struct pollfd *polled, size_t count, int64_t deadline,
    struct error *err)
{
	bool interrupted;
	int ready = poll_once(polled, (nfds_t)count, deadline, &interrupted);

	if (interrupted)
		return transport_check_signal(err);
	if (ready < 0 && errno != EINTR)
		return error_set(err, ERROR_SYSTEM,
		    "cannot wait for the network: %s", strerror(errno));
	if (ready < 0)
		for (size_t i = 0; i < count; i++)
			polled[i].revents = 0;
	return true;
}
