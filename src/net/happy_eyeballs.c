/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Connects to one of several addresses: starts attempts on nonblocking
 * sockets, a short time apart, and keeps the first one that succeeds.
 */
#include "net/happy_eyeballs.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"

/* A server may scan a message for minutes before it replies; some NAT gateways
 * forget a silent connection sooner. */
#define KEEPALIVE_SECONDS 60

void
connect_order(struct endpoint_list *list)
{
	for (size_t i = 1; i < list->count; i++) {
		sa_family_t last = list->items[i - 1].any.sa_family;
		size_t other = i;
		struct endpoint moved;

		while (other < list->count
		    && list->items[other].any.sa_family == last)
			other++;
		if (other == list->count || other == i)
			continue;
		moved = list->items[other];
		memmove(&list->items[i + 1], &list->items[i],
		    (other - i) * sizeof(moved));
		list->items[i] = moved;
	}
}

static void
fail_address(struct connect_attempts *a, size_t index, const char *prefix,
    int number)
{
	const char *reason = strerror(number);

	error_set(&a->failures[index], ERROR_CONNECT, "%s%c%s", prefix,
	    text_lower((unsigned char)reason[0]), reason + 1);
}

/* These options are not essential, so errors are ignored. */
static void
set_options(int fd)
{
	static const int on = 1, idle = KEEPALIVE_SECONDS;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
}

static void
win(struct connect_attempts *a, int fd, size_t index)
{
	a->winner = fd;
	a->winner_index = index;
}

/* Starts an attempt at the next address; it may succeed or fail at once. */
static void
start_attempt(struct connect_attempts *a)
{
	size_t index = a->next++;
	const struct endpoint *to = &a->list->items[index];
	int fd = socket(to->any.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		fail_address(a, index, "", errno);
		return;
	}
	set_options(fd);
	if (a->source.any.sa_family != AF_UNSPEC
	    && bind(fd, &a->source.any, endpoint_size(&a->source)) != 0) {
		fail_address(a, index,
		    "cannot use the source address: ", errno);
	} else if (connect(fd, &to->any, endpoint_size(to)) == 0) {
		win(a, fd, index);
		return;
	} else if (errno == EINPROGRESS || errno == EINTR) {
		a->running[a->running_count++] =
		    (struct connect_attempt){ .index = index,
			    .fd = fd,
			    .started = clock_now() };
		a->next_start = clock_after(CONNECT_DELAY_MS);
		return;
	} else {
		fail_address(a, index, "", errno);
	}
	close(fd);
}

static bool
may_start(const struct connect_attempts *a)
{
	return a->next < a->list->count
	    && a->running_count < CONNECT_ATTEMPTS_MAX;
}

static bool
is_due(const struct connect_attempts *a)
{
	return a->winner < 0 && may_start(a)
	    && (a->running_count == 0 || clock_has_passed(a->next_start))
	    && (a->next == 0 || !clock_has_passed(a->deadline));
}

static int64_t
end_of(const struct connect_attempts *a, const struct connect_attempt *attempt)
{
	return clock_earlier(attempt->started + (int64_t)a->timeout * 1000,
	    a->deadline);
}

/* When to stop waiting for the sockets: an attempt starts or times out. */
static int64_t
next_event(const struct connect_attempts *a)
{
	int64_t when = may_start(a) ? a->next_start : CLOCK_NEVER;

	for (size_t i = 0; i < a->running_count; i++)
		when = clock_earlier(when, end_of(a, &a->running[i]));
	return when;
}

/* A socket that is ready for writing has connected or failed. */
static void
finish_attempt(struct connect_attempts *a, size_t i)
{
	struct connect_attempt attempt = a->running[i];
	int number = 0;
	socklen_t size = sizeof(number);

	if (getsockopt(attempt.fd, SOL_SOCKET, SO_ERROR, &number, &size) != 0)
		number = errno;
	a->running[i] = a->running[--a->running_count];
	if (number == 0 && a->winner < 0) {
		win(a, attempt.fd, attempt.index);
		return;
	}
	close(attempt.fd);
	if (number != 0) {
		fail_address(a, attempt.index, "", number);
		a->next_start = clock_now();
	}
}

static void
time_out_attempt(struct connect_attempts *a, size_t i)
{
	struct connect_attempt attempt = a->running[i];
	int64_t seconds = (clock_now() - attempt.started + 500) / 1000;

	error_set(&a->failures[attempt.index], ERROR_TIMEOUT,
	    "no response in %u seconds", (unsigned)seconds);
	close(attempt.fd);
	a->running[i] = a->running[--a->running_count];
}

static bool
wait_for_attempts(struct connect_attempts *a, struct error *err)
{
	struct pollfd polled[CONNECT_ATTEMPTS_MAX];

	for (size_t i = 0; i < a->running_count; i++)
		polled[i] = (struct pollfd){ .fd = a->running[i].fd,
			.events = POLLOUT };
	if (!transport_poll(polled, a->running_count, next_event(a), err))
		return false;
	/* Backwards, because the last attempt replaces one that has ended. */
	for (size_t i = a->running_count; i-- > 0;) {
		if (polled[i].revents != 0)
			finish_attempt(a, i);
		else if (clock_has_passed(end_of(a, &a->running[i])))
			time_out_attempt(a, i);
	}
	return true;
}

/* Keeps the addresses that have not failed, for a later connection. */
static void
keep_remaining_addresses(struct connect_attempts *a)
{
	size_t kept = 0;

	for (size_t i = 0; i < a->list->count; i++)
		if (i != a->winner_index && !error_is_set(&a->failures[i]))
			a->list->items[kept++] = a->list->items[i];
	a->list->count = kept;
}

static bool
report_failures(const struct connect_attempts *a, struct error *err)
{
	struct error all = { 0 };

	for (size_t i = 0; i < a->list->count; i++) {
		struct error *failure = &a->failures[i];
		struct str address = { 0 };

		if (!error_is_set(failure))
			error_set(failure, ERROR_TIMEOUT, "not tried in time");
		endpoint_text(&a->list->items[i], &address);
		error_subject(failure, "%s", str_text(&address));
		str_free(&address);
		error_merge_attempt(&all, failure);
	}
	error_move(err, &all);
	return false;
}

static bool
run(struct connect_attempts *a, struct error *err)
{
	for (;;) {
		while (is_due(a)) {
			start_attempt(a);
			a->hook_failed = a->next == 1 && a->hook.run != NULL
			    && !a->hook.run(a->hook.ctx, err);
			if (a->hook_failed)
				return false;
		}
		if (a->winner >= 0)
			return true;
		if (a->running_count == 0)
			return report_failures(a, err);
		if (!wait_for_attempts(a, err))
			return false;
	}
}

bool
connect_attempts_run(struct connect_attempts *attempts, struct transport *t,
    struct endpoint *reached, struct error *err)
{
	struct connect_attempts *a = attempts;
	size_t count = a->list->count;
	bool ok;

	a->winner = -1;
	a->failures = alloc_zeroed(count, sizeof(*a->failures));
	ok = run(a, err);
	while (a->running_count > 0)
		close(a->running[--a->running_count].fd);
	if (!ok && a->winner >= 0)
		close(a->winner);
	if (ok) {
		*reached = a->list->items[a->winner_index];
		transport_init_socket(t, a->winner);
		keep_remaining_addresses(a);
	}
	for (size_t i = 0; i < count; i++)
		error_free(&a->failures[i]);
	free(a->failures);
	return ok;
}
