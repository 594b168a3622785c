/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
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

/* Servers scan a message for minutes before they answer: some NAT gateways
 * forget a silent connection sooner than that. */
#define KEEPALIVE_SECONDS 60

/* One attempt that is under way. */
struct runner {
	size_t index; /* in the list */
	int fd;
	int64_t begun;
};

struct track {
	struct race *race;
	struct runner runners[RACE_RUNNERS];
	size_t running;
	size_t next;        /* the address that begins next */
	int64_t next_start; /* when, at the latest */
	char **failures;    /* by index: why it is out, or NULL */
	bool refused;       /* somebody answered, but said no */
	int winner;         /* its socket, or -1 */
	size_t winner_index;
};

void
race_order(struct endpoint_list *list)
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
fail_address(struct track *track, size_t index, const char *prefix, int number)
{
	const char *reason = strerror(number);

	track->failures[index] = alloc_printf("%s%c%s", prefix,
	    text_lower((unsigned char)reason[0]), reason + 1);
	track->refused = true;
}

/* No failure of these keeps a message from being sent. */
static void
set_options(int fd)
{
	static const int on = 1, idle = KEEPALIVE_SECONDS;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
}

static void
win(struct track *track, int fd, size_t index)
{
	track->winner = fd;
	track->winner_index = index;
}

/* Begins with the next address; it may win or fail at once. */
static void
begin(struct track *track)
{
	const struct race *race = track->race;
	size_t index = track->next++;
	const struct endpoint *a = &race->list->items[index];
	int fd = socket(a->any.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		fail_address(track, index, "", errno);
		return;
	}
	set_options(fd);
	if (race->source.any.sa_family != AF_UNSPEC
	    && bind(fd, &race->source.any, endpoint_size(&race->source)) != 0) {
		fail_address(track, index,
		    "cannot use the source address: ", errno);
	} else if (connect(fd, &a->any, endpoint_size(a)) == 0) {
		win(track, fd, index);
		return;
	} else if (errno == EINPROGRESS || errno == EINTR) {
		track->runners[track->running++] =
		    (struct runner){ .index = index,
			    .fd = fd,
			    .begun = clock_now() };
		track->next_start = clock_after(RACE_DELAY_MS);
		return;
	} else {
		fail_address(track, index, "", errno);
	}
	close(fd);
}

static bool
is_due(const struct track *track)
{
	return track->winner < 0 && track->next < track->race->list->count
	    && track->running < RACE_RUNNERS
	    && (track->running == 0 || clock_has_passed(track->next_start))
	    && (track->next == 0 || !clock_has_passed(track->race->deadline));
}

static int64_t
end_of(const struct track *track, const struct runner *runner)
{
	return clock_earlier(runner->begun
		+ (int64_t)track->race->timeout * 1000,
	    track->race->deadline);
}

/* When something is to be done even if no socket is ready. */
static int64_t
next_event(const struct track *track)
{
	int64_t when = CLOCK_NEVER;

	if (track->next < track->race->list->count
	    && track->running < RACE_RUNNERS)
		when = track->next_start;
	for (size_t i = 0; i < track->running; i++)
		when = clock_earlier(when, end_of(track, &track->runners[i]));
	return when;
}

static void
remove_runner(struct track *track, size_t i)
{
	track->runners[i] = track->runners[--track->running];
}

/* A socket that can be written to is connected or has failed. */
static void
judge_runner(struct track *track, size_t i)
{
	struct runner runner = track->runners[i];
	int number = 0;
	socklen_t size = sizeof(number);

	if (getsockopt(runner.fd, SOL_SOCKET, SO_ERROR, &number, &size) != 0)
		number = errno;
	remove_runner(track, i);
	if (number == 0 && track->winner < 0) {
		win(track, runner.fd, runner.index);
		return;
	}
	close(runner.fd);
	if (number != 0) {
		fail_address(track, runner.index, "", number);
		track->next_start = clock_now();
	}
}

static void
give_up_runner(struct track *track, size_t i)
{
	struct runner runner = track->runners[i];
	int64_t seconds = (clock_now() - runner.begun + 500) / 1000;

	track->failures[runner.index] =
	    alloc_printf("no answer in %u seconds", (unsigned)seconds);
	close(runner.fd);
	remove_runner(track, i);
}

/* Backwards, because a runner that is out leaves its place to the last. */
static void
judge_all(struct track *track, const struct pollfd *polled)
{
	for (size_t i = track->running; i-- > 0;) {
		if (polled[i].revents != 0)
			judge_runner(track, i);
		else if (clock_has_passed(end_of(track, &track->runners[i])))
			give_up_runner(track, i);
	}
}

static bool
wait_for_runners(struct track *track, struct error *err)
{
	struct pollfd polled[RACE_RUNNERS];

	for (size_t i = 0; i < track->running; i++)
		polled[i] = (struct pollfd){ .fd = track->runners[i].fd,
			.events = POLLOUT };
	if (!transport_poll(polled, track->running, next_event(track), err))
		return false;
	judge_all(track, polled);
	return true;
}

/* Those behind the winner and those still under way may be tried later. */
static void
keep_remaining_addresses(struct track *track)
{
	struct endpoint_list *list = track->race->list;
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++)
		if (i != track->winner_index && track->failures[i] == NULL)
			list->items[kept++] = list->items[i];
	list->count = kept;
}

static bool
tell_failures(const struct track *track, struct error *err)
{
	const struct endpoint_list *list = track->race->list;
	struct str text = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		str_add(&text, i == 0 ? "" : "; ");
		endpoint_text(&list->items[i], &text);
		str_printf(&text, ": %s",
		    track->failures[i] != NULL ? track->failures[i]
					       : "not tried in time");
	}
	error_set(err, track->refused ? ERROR_CONNECT : ERROR_TIMEOUT, "%s",
	    str_text(&text));
	str_free(&text);
	return false;
}

/* The first attempt is under way, or already decided. */
static bool
load_libraries(struct race *race, struct error *err)
{
	const struct meanwhile *work = &race->meanwhile;

	race->stopped = work->run != NULL && !work->run(work->ctx, err);
	return !race->stopped;
}

static bool
run(struct track *track, struct error *err)
{
	bool working = true;

	for (;;) {
		while (is_due(track)) {
			begin(track);
			if (working && !load_libraries(track->race, err))
				return false;
			working = false;
		}
		if (track->winner >= 0)
			return true;
		if (track->running == 0)
			return tell_failures(track, err);
		if (!wait_for_runners(track, err))
			return false;
	}
}

bool
race_run(struct race *race, struct transport *t, struct endpoint *reached,
    struct error *err)
{
	struct track track = { .race = race, .winner = -1 };
	size_t count = race->list->count;
	bool ok;

	track.failures = alloc_zeroed(count, sizeof(*track.failures));
	ok = run(&track, err);
	while (track.running > 0)
		close(track.runners[--track.running].fd);
	if (!ok && track.winner >= 0)
		close(track.winner);
	if (ok) {
		*reached = race->list->items[track.winner_index];
		transport_init_socket(t, track.winner);
		keep_remaining_addresses(&track);
	}
	for (size_t i = 0; i < count; i++)
		free(track.failures[i]);
	free(track.failures);
	return ok;
}
