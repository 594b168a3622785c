/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/command.h"
#include "base/process.h"
#include "error_says.h"
#include "unit.h"

/* In seconds; this is long enough for a slow machine. */
#define TIMEOUT 60

/* Runs a check in a child, because the check changes the state of the
 * process. */
static void
check_in_child(bool (*check)(void))
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(check() ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static bool
opens_closed_ones(void)
{
	bool no_input = false;

	close(0);
	close(1);
	close(2);
	return process_start(false, &no_input, NULL) && no_input
	    && fcntl(0, F_GETFD) >= 0 && fcntl(1, F_GETFD) >= 0
	    && fcntl(2, F_GETFD) >= 0 && write(2, "x", 1) == 1
	    && write(1, "x", 1) == -1;
}

static bool
keeps_open_ones(void)
{
	bool no_input = true;
	int ends[2];

	return pipe(ends) == 0 && dup2(ends[0], 0) == 0 && close(1) == 0
	    && process_start(false, &no_input, NULL) && !no_input
	    && write(ends[1], "x", 1) == 1 && read(0, ends, 1) == 1;
}

static void
opens_missing_descriptors(void **state)
{
	(void)state;
	check_in_child(opens_closed_ones);
	check_in_child(keeps_open_ones);
}

static bool
is_disposition(int number, void (*handler)(int))
{
	struct sigaction now;

	return sigaction(number, NULL, &now) == 0 && now.sa_handler == handler;
}

static bool
is_caught(int number)
{
	return !is_disposition(number, SIG_DFL)
	    && !is_disposition(number, SIG_IGN);
}

static bool
resets_signals(void)
{
	struct itimerval timer = { .it_value = { .tv_sec = 1000 } };
	sigset_t all, now;
	bool no_input;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_DFL);
	signal(SIGUSR1, SIG_DFL);
	setitimer(ITIMER_REAL, &timer, NULL);
	raise(SIGALRM); /* still blocked: pending */
	raise(SIGXCPU);
	if (!process_start(false, &no_input, NULL))
		return false;
	sigprocmask(SIG_BLOCK, NULL, &now);
	getitimer(ITIMER_REAL, &timer);
	return !sigismember(&now, SIGTERM) && !sigismember(&now, SIGCHLD)
	    && is_disposition(SIGCHLD, SIG_DFL) && is_caught(SIGTERM)
	    && is_caught(SIGQUIT) && process_signal() == SIGXCPU
	    && is_disposition(SIGPIPE, SIG_IGN)
	    && is_disposition(SIGXFSZ, SIG_IGN)
	    && is_disposition(SIGUSR1, SIG_IGN)
	    && is_disposition(SIGHUP, SIG_IGN) /* nohup */
	    && is_disposition(SIGINT, SIG_IGN) /* a job in the background */
	    && timer.it_value.tv_sec == 0;
}

static bool
protects_memory_and_files(void)
{
	struct rlimit core;
	bool no_input;

	umask(0);
	return process_start(false, &no_input, NULL)
	    && prctl(PR_GET_DUMPABLE) == 0 && getrlimit(RLIMIT_CORE, &core) == 0
	    && core.rlim_cur == 0 && core.rlim_max == 0 && umask(0) == 077;
}

static void
resets_what_the_parent_changed(void **state)
{
	(void)state;
	check_in_child(resets_signals);
	check_in_child(protects_memory_and_files);
}

static const char *const unwanted[] = { "SSLKEYLOGFILE",
	"GNUTLS_SYSTEM_PRIORITY_FILE", "GNUTLS_DEBUG_LEVEL", "GNUTLS_",
	"HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS", "RESOLV_HOST_CONF",
	"NLSPATH", "GCONV_PATH", "MALLOC_PERTURB_", "MALLOC_ARENA_MAX" };
static const char *const wanted[] = { "HOME", "LOGNAME", "NAME", "TZ",
	"SSLKEYLOGFILES", "XGNUTLS_DEBUG_LEVEL", "MALLOC", "TMPDIRS" };

static bool
cleans_environment(bool strict)
{
	bool no_input;

	for (size_t i = 0; i < COUNT_OF(unwanted); i++)
		setenv(unwanted[i], "/tmp/x", 1);
	for (size_t i = 0; i < COUNT_OF(wanted); i++)
		setenv(wanted[i], "/tmp/x", 1);
	setenv("TMPDIR", "/tmp/x", 1);
	if (!process_start(strict, &no_input, NULL))
		return false;
	for (size_t i = 0; i < COUNT_OF(unwanted); i++)
		if (getenv(unwanted[i]))
			return false;
	for (size_t i = 0; i < COUNT_OF(wanted); i++)
		if (!getenv(wanted[i]))
			return false;
	return strict ? !getenv("TMPDIR") : getenv("TMPDIR") != NULL;
}

static bool
cleans_as_sendmail(void)
{
	return cleans_environment(true);
}

static bool
cleans_as_veredus(void)
{
	return cleans_environment(false);
}

static bool
accepts_an_empty_environment(void)
{
	bool no_input;

	clearenv();
	return process_start(true, &no_input, NULL);
}

static void
removes_variables_that_configure_libraries(void **state)
{
	(void)state;
	check_in_child(cleans_as_sendmail);
	check_in_child(cleans_as_veredus);
	check_in_child(accepts_an_empty_environment);
}

static bool
notices_a_signal(void)
{
	struct secret line = { 0 };
	struct error err = { 0 };

	signal(SIGINT, SIG_DFL);
	signal(SIGHUP, SIG_IGN);
	process_catch_signals();
	if (process_signal() || !is_disposition(SIGHUP, SIG_IGN))
		return false;
	/* $PPID is this process. */
	if (command_read_line("x", "kill -TERM $PPID; sleep 1000",
		clock_after_seconds(TIMEOUT), &line, &err))
		return false;
	return err.kind == ERROR_INTERRUPTED && process_signal() == SIGTERM
	    && error_says(&err, "x: ended by signal 15 (Terminated)");
}

static bool
survives_a_hangup(void)
{
	signal(SIGHUP, SIG_DFL);
	process_catch_signals();
	process_ignore_hangup();
	raise(SIGHUP);
	return process_signal() == 0;
}

/* The signal arrives before the wait. */
static bool
does_not_wait_after_a_signal(void)
{
	char octet;
	int ends[2];

	process_catch_signals();
	if (pipe(ends) != 0 || write(ends[1], "x", 1) != 1
	    || process_read(ends[0], &octet, 1) != 1 || octet != 'x')
		return false;
	raise(SIGTERM);
	return process_read(ends[0], &octet, 1) == -1 && errno == EINTR;
}

static bool
gives_children_the_default(void)
{
	sigset_t held, now;
	bool no_input;

	signal(SIGHUP, SIG_IGN);
	if (!process_start(false, &no_input, NULL))
		return false;
	process_hold_signals(&held);
	sigprocmask(SIG_BLOCK, NULL, &now);
	if (!sigismember(&now, SIGTERM) || sigismember(&held, SIGTERM))
		return false;
	process_default_signals();
	sigprocmask(SIG_BLOCK, NULL, &now);
	return !sigismember(&now, SIGTERM) && is_disposition(SIGTERM, SIG_DFL)
	    && is_disposition(SIGPIPE, SIG_DFL)
	    && is_disposition(SIGHUP, SIG_DFL);
}

static void
signals_only_set_a_flag(void **state)
{
	(void)state;
	check_in_child(notices_a_signal);
	check_in_child(survives_a_hangup);
	check_in_child(does_not_wait_after_a_signal);
	check_in_child(gives_children_the_default);
}

static void
count(void *ctx)
{
	++*(int *)ctx;
}

/* The wait for input goes on after the function was called. */
static bool
alarm_calls_once(void)
{
	int calls = 0;

	process_set_alarm(1, count, &calls);
	while (process_signal() == 0 && calls == 0)
		poll(NULL, 0, 100);
	raise(SIGALRM);
	return process_signal() == 0 && calls == 1;
}

static bool
alarm_can_be_cancelled(void)
{
	int calls = 0;

	process_set_alarm(1, count, &calls);
	process_set_alarm(0, NULL, NULL);
	raise(SIGALRM);
	return process_signal() == 0 && calls == 0 && alarm(0) == 0;
}

static bool
alarm_ends_a_wait_that_blocks_signals(void)
{
	struct pollfd none = { .fd = -1 };
	sigset_t before;
	int calls = 0, count_ready;

	process_set_alarm(1, count, &calls);
	process_hold_signals(&before);
	if (process_signal() != 0)
		return false;
	count_ready = ppoll(&none, 1, NULL, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return count_ready == -1 && errno == EINTR && process_signal() == 0
	    && calls == 1;
}

static bool
alarm_can_be_held(void)
{
	int calls = 0;

	process_set_alarm(60, count, &calls);
	process_hold_alarm(true);
	raise(SIGALRM);
	if (process_signal() != 0 || calls != 0)
		return false;
	process_hold_alarm(false);
	return process_signal() == 0 && calls == 1;
}

/* Within the grace, a wait goes on after the signal, and the time of
 * process_set_alarm() does not come. */
static bool
alarm_does_not_come_within_the_grace(void)
{
	int calls = 0;

	process_catch_signals();
	process_set_grace(60);
	process_set_alarm(30, count, &calls);
	raise(SIGTERM);
	if (process_signal() != 0 || !process_is_ending() || alarm(60) < 31)
		return false;
	process_set_alarm(0, NULL, NULL);
	if (process_signal() != 0 || alarm(60) < 31)
		return false;
	raise(SIGALRM);
	return process_signal() == SIGTERM && calls == 0;
}

static bool
alarm_comes_before_the_signal(void)
{
	int calls = 0;

	process_catch_signals();
	process_set_grace(60);
	process_set_alarm(30, count, &calls);
	raise(SIGALRM);
	return process_signal() == 0 && calls == 1;
}

static bool
grace_can_be_ended(void)
{
	process_catch_signals();
	process_set_grace(60);
	raise(SIGTERM);
	if (process_signal() != 0)
		return false;
	process_set_grace(0);
	return process_signal() == SIGTERM && alarm(0) == 0;
}

static bool
grace_ends_with_a_second_signal(void)
{
	signal(SIGINT, SIG_DFL); /* the caller may ignore it */
	process_catch_signals();
	process_set_grace(60);
	raise(SIGTERM);
	raise(SIGINT);
	return process_signal() == SIGINT;
}

static void
await_pending(int number)
{
	sigset_t pending;

	do
		sigpending(&pending);
	while (!sigismember(&pending, number));
}

/* Returns process_signal() of a child process that has a grace, and gets its own
 * signal and those of its parent; 0 is no signal. */
static int
signal_of_child(int own, const int passed[2])
{
	sigset_t before;
	int status = 0;
	pid_t child;

	signal(SIGINT, SIG_DFL); /* the caller may ignore it */
	process_catch_signals();
	process_set_grace(60);
	process_hold_signals(&before);
	child = fork();
	if (child == 0) {
		process_follow_parent();
		if (own != 0)
			raise(own);
		for (int i = 0; i < 2 && passed[i] != 0; i++)
			await_pending(passed[i]);
		sigprocmask(SIG_SETMASK, &before, NULL);
		_exit(process_is_ending() ? process_signal() : -1);
	}
	for (int i = 0; i < 2 && passed[i] != 0; i++)
		kill(child, passed[i]);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return waitpid(child, &status, 0) == child && WIFEXITED(status)
	    ? WEXITSTATUS(status)
	    : -1;
}

static bool
grace_ends_with_a_second_signal_of_the_parent(void)
{
	const int once[] = { SIGTERM, 0 };
	const int twice[] = { SIGTERM, SIGXCPU };

	return signal_of_child(0, once) == 0
	    && signal_of_child(SIGINT, once) == 0
	    && signal_of_child(0, twice) == SIGTERM
	    && signal_of_child(SIGINT, twice) == SIGINT;
}

static void
a_signal_leaves_time_for_what_is_under_way(void **state)
{
	(void)state;
	check_in_child(alarm_does_not_come_within_the_grace);
	check_in_child(alarm_comes_before_the_signal);
	check_in_child(grace_can_be_ended);
	check_in_child(grace_ends_with_a_second_signal);
	check_in_child(grace_ends_with_a_second_signal_of_the_parent);
}

static bool
helper_is_killed_with_its_group(void)
{
	int status = 0;
	pid_t helper = fork();

	if (helper == 0) {
		for (;;)
			pause();
	}
	setpgid(helper, helper);
	if (process_awaits_helper())
		return false;
	process_await_helper(true, helper);
	if (!process_awaits_helper())
		return false;
	process_kill_helper();
	process_await_helper(false, 0);
	process_kill_helper(); /* nobody */
	return waitpid(helper, &status, 0) == helper && WIFSIGNALED(status)
	    && !process_awaits_helper();
}

static void
an_alarm_ends_a_wait_and_calls_a_function(void **state)
{
	(void)state;
	check_in_child(alarm_calls_once);
	check_in_child(alarm_can_be_cancelled);
	check_in_child(alarm_ends_a_wait_that_blocks_signals);
	check_in_child(alarm_can_be_held);
	check_in_child(helper_is_killed_with_its_group);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_missing_descriptors),
		cmocka_unit_test(resets_what_the_parent_changed),
		cmocka_unit_test(removes_variables_that_configure_libraries),
		cmocka_unit_test(signals_only_set_a_flag),
		cmocka_unit_test(an_alarm_ends_a_wait_and_calls_a_function),
		cmocka_unit_test(a_signal_leaves_time_for_what_is_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
