/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Starts processes and waits for them.
 */
#include "runner/workers.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process.h"

void
workers_start(struct workers *w, unsigned wanted)
{
	*w = (struct workers){ 0 };
	for (unsigned i = 1; i < wanted; i++) {
		enum worker worker = workers_add(w);

		if (worker == WORKER_NEW)
			w->number = i;
		if (worker != WORKER_OLD)
			return;
	}
}

enum worker
workers_add(struct workers *w)
{
	pid_t child = w->count < WORKERS_MAX ? fork() : -1;

	if (child < 0)
		return WORKER_FAILED;
	if (child > 0) {
		w->processes[w->count++] = child;
		return WORKER_OLD;
	}
	process_follow_parent();
	/* The old worker may be killed. */
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	w->count = 0;
	return WORKER_NEW;
}

/*
 * The first signal lets the workers finish what is under way, the second does
 * not.  It has another number, so that it arrives even if the first is still
 * pending.
 */
static void
pass_signals_on(const struct workers *w, unsigned *passed)
{
	static const int numbers[] = { SIGTERM, SIGXCPU };
	unsigned caught =
	    process_signal() != 0 ? 2 : (unsigned)process_is_ending();

	for (; *passed < caught; (*passed)++)
		for (size_t i = 0; i < w->count; i++)
			if (w->processes[i] != 0)
				kill(w->processes[i], numbers[*passed]);
}

/* Signals are blocked except in ppoll(), so that one that arrives before it is
 * passed on, too. */
static bool
wait_for(struct workers *w, size_t i, const sigset_t *before, unsigned *passed)
{
	int status = 0;
	pid_t got;

	for (;;) {
		pass_signals_on(w, passed);
		got = waitpid(w->processes[i], &status, WNOHANG);
		if (got != 0)
			break;
		process_poll(NULL, 0, CLOCK_NEVER, before);
	}
	w->processes[i] = 0;
	return got > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool
workers_wait(struct workers *w)
{
	unsigned passed = 0;
	sigset_t before;
	bool ok = true;

	process_hold_child_signals(&before);
	for (size_t i = 0; i < w->count; i++)
		ok &= wait_for(w, i, &before, &passed);
	process_release_child_signals(&before);
	w->count = 0;
	return ok;
}
