/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process.h"
#include "unit.h"

/* In seconds; this is long enough for a slow machine. */
#define GRACE 20

/* A signal arrives just before the first one. */
static pid_t
waitpid_after_signal(pid_t pid, int *status, int options)
{
	static bool has_come;

	if (!has_come)
		raise(SIGTERM);
	has_come = true;
	return waitpid(pid, status, options);
}

/* The module itself, so that a signal can come between its system calls. */
#define waitpid waitpid_after_signal
#include "runner/workers.c"
#undef waitpid

ATTR_NORETURN static void
end_after_signal(void)
{
	sigset_t before;

	process_hold_signals(&before);
	while (!process_is_ending())
		process_poll(NULL, 0, CLOCK_NEVER, &before);
	_exit(0);
}

static void
passes_a_signal_on_before_the_grace_is_over(void **state)
{
	struct workers workers;

	(void)state;
	process_catch_signals();
	process_set_grace(GRACE);
	workers_start(&workers, 3);
	if (workers.number > 0)
		end_after_signal();
	assert_int_equal(workers.count, 2);
	assert_true(workers_wait(&workers));
	assert_true(process_is_ending());
	assert_int_equal(process_signal(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passes_a_signal_on_before_the_grace_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
