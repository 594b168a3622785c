/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs helpers that must finish what they have begun: whoever waits for one may
 * give up, and the helper goes on.
 */
#include "base/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/process.h"
#include "base/secret.h"

/* Between looks at a process that has closed its outputs. */
#define EXIT_PAUSE_MS 10
#define BLOCK 4096

enum { INPUT, OUTPUT, ERRORS, PIPES };

static void
close_once(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Runs in the child; calls only async-signal-safe functions. */
ATTR_NORETURN static void
exec_helper(const char *program, char *const argv[], int pipes[PIPES][2])
{
	static char *const no_environment[] = { NULL };

	setsid();
	process_default_signals();
	if (dup2(pipes[INPUT][0], STDIN_FILENO) < 0
	    || dup2(pipes[OUTPUT][1], STDOUT_FILENO) < 0
	    || dup2(pipes[ERRORS][1], STDERR_FILENO) < 0)
		_exit(EX_OSERR);
	process_exec(program, argv, no_environment);
}

static void
close_pipes(int pipes[PIPES][2])
{
	for (size_t i = 0; i < PIPES; i++) {
		close_once(&pipes[i][0]);
		close_once(&pipes[i][1]);
	}
}

/* Keeps this side of each pipe. */
static void
keep_ends(struct helper *h, int pipes[PIPES][2])
{
	h->input = pipes[INPUT][1];
	h->from_output = pipes[OUTPUT][0];
	h->from_errors = pipes[ERRORS][0];
	pipes[INPUT][1] = pipes[OUTPUT][0] = pipes[ERRORS][0] = -1;
	fcntl(h->input, F_SETFL, O_NONBLOCK);
	fcntl(h->from_output, F_SETFL, O_NONBLOCK);
	fcntl(h->from_errors, F_SETFL, O_NONBLOCK);
}

bool
helper_start(struct helper *h, const char *program, const char *argument,
    struct error *err)
{
	const char *const words[] = { program, argument, NULL };
	char *argv[COUNT_OF(words)];
	int pipes[PIPES][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 } };
	bool ok = true;

	/* execve() does not change the words. */
	memcpy(argv, words, sizeof(argv));
	h->input = h->from_output = h->from_errors = -1;
	if (access(program, X_OK) < 0)
		return error_set_about(err, ERROR_CONFIG, program, "%s",
		    strerror(errno));
	for (size_t i = 0; i < PIPES && ok; i++)
		ok = pipe2(pipes[i], O_CLOEXEC) == 0;
	if (ok)
		h->pid = fork();
	if (ok && h->pid == 0)
		exec_helper(program, argv, pipes);
	if (!ok || h->pid < 0)
		ok = error_set(err, ERROR_SECRET, "cannot start a process: %s",
		    strerror(errno));
	else
		keep_ends(h, pipes);
	/* The memory of a result is not moved, which would leave copies. */
	str_reserve(&h->output, h->max + BLOCK);
	close_pipes(pipes);
	return ok;
}

/* Waits until a descriptor is ready, the deadline, or a signal. */
static bool
wait_for(struct pollfd *fds, nfds_t count, int64_t deadline, struct error *err)
{
	sigset_t waiting;
	bool ok = true;
	int ready = 0;

	process_hold_signals(&waiting);
	while (ok && ready == 0) {
		if (process_signal() != 0)
			ok = process_fail_signal("", err);
		else if (clock_has_passed(deadline))
			ok = error_set(err, ERROR_SECRET,
			    "no result came in time");
		else
			ready = process_poll(fds, count, deadline, &waiting);
		if (ready < 0)
			ready = 0;
	}
	sigprocmask(SIG_SETMASK, &waiting, NULL);
	return ok;
}

void
helper_close_input(struct helper *h)
{
	close_once(&h->input);
}

/* A helper that no longer reads has failed, and says why at its other end. */
bool
helper_write(struct helper *h, const char *text, size_t len, struct error *err)
{
	size_t done = 0;

	while (h->input >= 0 && done < len) {
		struct pollfd fd = { .fd = h->input, .events = POLLOUT };
		ssize_t n;

		if (!wait_for(&fd, 1, h->deadline, err))
			return false;
		n = write(h->input, text + done, len - done);
		if (n > 0)
			done += (size_t)n;
		else if (errno != EAGAIN && errno != EINTR)
			helper_close_input(h);
	}
	return true;
}

/* Appends what can be read; closes the descriptor at the end.  After an error the
 * text may be only the beginning of a result. */
static bool
read_available(int *fd, struct str *text, size_t max, struct error *err)
{
	char block[BLOCK];
	bool ok = true;

	while (*fd >= 0 && text->len <= max) {
		ssize_t n = read(*fd, block, sizeof(block));

		if (n > 0) {
			str_append(text, block, (size_t)n);
			continue;
		}
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n < 0)
			ok = error_set(err, ERROR_SECRET,
			    "cannot read the output of the helper: %s",
			    strerror(errno));
		close_once(fd);
	}
	secret_wipe(block, sizeof(block));
	if (ok && text->len > max)
		ok = error_set(err, ERROR_SECRET,
		    "the helper printed more than %zu octets", max);
	return ok;
}

bool
helper_wait(struct helper *h, int terminal, bool *typed, struct error *err)
{
	struct pollfd fds[] = { { .fd = h->from_output, .events = POLLIN },
		{ .fd = h->from_errors, .events = POLLIN },
		{ .fd = terminal, .events = POLLIN } };

	if (!wait_for(fds, COUNT_OF(fds), h->deadline, err))
		return false;
	*typed = terminal >= 0 && fds[2].revents != 0;
	return read_available(&h->from_output, &h->output, h->max, err)
	    && read_available(&h->from_errors, &h->errors, h->max, err);
}

bool
helper_is_at_end(const struct helper *h)
{
	return h->from_output < 0 && h->from_errors < 0;
}

int
helper_end(struct helper *h)
{
	int status = 0;
	pid_t ended = 0;

	close_once(&h->input);
	close_once(&h->from_output);
	close_once(&h->from_errors);
	while (ended == 0) {
		ended = waitpid(h->pid, &status, WNOHANG);
		if (ended < 0 && errno == EINTR)
			ended = 0;
		if (ended == 0 && clock_has_passed(h->deadline))
			return HELPER_RUNS;
		if (ended == 0)
			poll(NULL, 0, EXIT_PAUSE_MS);
	}
	return ended > 0 && WIFEXITED(status) ? WEXITSTATUS(status)
					      : HELPER_KILLED;
}

void
helper_free(struct helper *h)
{
	str_wipe(&h->output);
	str_free(&h->errors);
}

bool
helper_run(struct helper *h, const char *program, const char *argument,
    const struct str *input, int *status, struct error *err)
{
	bool typed, ok;

	if (!helper_start(h, program, argument, err))
		return false;
	process_await_helper(true, 0);
	ok = helper_write(h, input->data, input->len, err);
	helper_close_input(h);
	while (ok && !helper_is_at_end(h))
		ok = helper_wait(h, -1, &typed, err);
	process_await_helper(false, 0);
	if (!ok)
		h->deadline = 0;
	*status = helper_end(h);
	return ok
	    && (*status != HELPER_RUNS
		|| error_set(err, ERROR_SECRET, "no result came in time"));
}
