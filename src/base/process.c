/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Resets what a process inherits, cleans its environment, and decides what each
 * signal does.
 */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/descriptors.h"
#include "base/file.h"

enum signal_rule {
	SIGNAL_RESET,   /* the default action */
	SIGNAL_IGNORED, /* says nothing about this program */
	SIGNAL_ENDS,    /* asks the program to end */
	/* The same, but nohup, and a shell that starts a job in the background,
	 * ignore it on purpose: then it stays ignored. */
	SIGNAL_ENDS_UNLESS_IGNORED
};

/*
 * To ignore SIGTERM or SIGXCPU would only lead to SIGKILL, which leaves no word
 * about the message.  Timers and asynchronous input are those of the parent;
 * SIGUSR1 and SIGUSR2 are often sent to all processes of a job; a write to a
 * broken pipe or to a file that is too large fails with an error.
 */
static const struct {
	int number;
	enum signal_rule rule;
} signal_rules[] = {
	{ SIGTERM, SIGNAL_ENDS },
	{ SIGXCPU, SIGNAL_ENDS },
	{ SIGHUP, SIGNAL_ENDS_UNLESS_IGNORED },
	{ SIGINT, SIGNAL_ENDS_UNLESS_IGNORED },
	{ SIGQUIT, SIGNAL_ENDS_UNLESS_IGNORED },
	{ SIGPIPE, SIGNAL_IGNORED },
	{ SIGXFSZ, SIGNAL_IGNORED },
	{ SIGALRM, SIGNAL_IGNORED },
	{ SIGVTALRM, SIGNAL_IGNORED },
	{ SIGPROF, SIGNAL_IGNORED },
	{ SIGPOLL, SIGNAL_IGNORED },
	{ SIGUSR1, SIGNAL_IGNORED },
	{ SIGUSR2, SIGNAL_IGNORED },
	{ SIGCHLD, SIGNAL_RESET },
	{ SIGABRT, SIGNAL_RESET },
};

static const int timers[] = { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF };

/* Variables that configure libraries; "*" stands for any rest of the name. */
static const char *const unwanted_variables[] = { "SSLKEYLOGFILE", "GNUTLS_*",
	"HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS", "RESOLV_HOST_CONF",
	"NLSPATH", "GCONV_PATH", "MALLOC_*" };

static volatile sig_atomic_t signal_caught;
static volatile sig_atomic_t signal_pending;
static unsigned grace; /* seconds; 0: none */
static pid_t parent;   /* passes its own signals on; 0: it does not */
static volatile sig_atomic_t has_own_signal;    /* not only one of the parent */
static volatile sig_atomic_t has_passed_signal; /* one of the parent */
static volatile sig_atomic_t alarm_is_due;
static void (*alarm_call)(void *ctx);
static void *alarm_ctx;
static bool alarm_is_held;
static bool awaits_helper;
static pid_t helper_group;

/*
 * open() returns the lowest free descriptor: the missing one.  Only standard
 * error can be written to, so that output to a missing descriptor is an error.
 */
static bool
open_missing(bool *no_input, struct error *err)
{
	*no_input = false;
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		if (fd == 0)
			*no_input = true;
		if (open("/dev/null", fd < 2 ? O_RDONLY : O_WRONLY) != fd)
			return error_set(err, ERROR_SYSTEM,
			    "cannot open /dev/null as descriptor %d: %s", fd,
			    strerror(errno));
	}
	return true;
}

/* Reads the auxiliary vector, without a system call. */
static bool
is_privileged(void)
{
	return getauxval(AT_SECURE) || getauxval(AT_UID) != getauxval(AT_EUID)
	    || getauxval(AT_GID) != getauxval(AT_EGID);
}

static void
begin_grace(int number)
{
	signal_pending = number;
	alarm(grace);
}

/*
 * A terminal, and a service manager, send a signal to the parent and to this
 * process.  Then the parent passes it on, which is no second signal; the number
 * of a second one that the parent passes on says nothing.
 */
static void
note_signal(int number, siginfo_t *info, void *context)
{
	bool is_passed_on =
	    parent != 0 && info->si_code == SI_USER && info->si_pid == parent;
	volatile sig_atomic_t *has_one =
	    is_passed_on ? &has_passed_signal : &has_own_signal;
	bool is_second = *has_one != 0;

	(void)context;
	*has_one = 1;
	if (grace == 0 || is_second)
		signal_caught = is_passed_on && signal_pending != 0
		    ? signal_pending
		    : number;
	else if (signal_pending == 0)
		begin_grace(number);
}

static void
set_action(int number, void (*handler)(int))
{
	/* No SA_RESTART: system calls that wait fail with EINTR. */
	struct sigaction action = { .sa_handler = handler };

	sigemptyset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

static void
catch_signal(int number)
{
	struct sigaction action = { .sa_sigaction = note_signal,
		.sa_flags = SA_SIGINFO };

	/* Signals that are pending come in the order of their numbers. */
	sigfillset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

static bool
is_ignored(int number)
{
	struct sigaction now;

	return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

static bool
ends(enum signal_rule rule)
{
	return rule == SIGNAL_ENDS || rule == SIGNAL_ENDS_UNLESS_IGNORED;
}

static void
reset_timers(void)
{
	static const struct itimerval off;

	for (size_t i = 0; i < COUNT_OF(timers); i++)
		setitimer(timers[i], &off, NULL);
}

/* A signal that the parent blocked may be pending, so the mask comes last. */
static void
reset_signals(void)
{
	sigset_t none;

	for (size_t i = 0; i < COUNT_OF(signal_rules); i++)
		if (signal_rules[i].rule == SIGNAL_IGNORED)
			set_action(signal_rules[i].number, SIG_IGN);
		else if (signal_rules[i].rule == SIGNAL_RESET)
			set_action(signal_rules[i].number, SIG_DFL);
	process_catch_signals();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
forbid_core(void)
{
	static const struct rlimit no_core;

	setrlimit(RLIMIT_CORE, &no_core);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static bool
matches_variable(const char *entry, const char *pattern)
{
	size_t len = strcspn(pattern, "*");

	if (strncmp(entry, pattern, len) != 0)
		return false;
	return pattern[len] == '*' || entry[len] == '=';
}

static bool
is_unwanted(const char *entry, bool strict)
{
	for (size_t i = 0; i < COUNT_OF(unwanted_variables); i++)
		if (entry[0] == unwanted_variables[i][0]
		    && matches_variable(entry, unwanted_variables[i]))
			return true;
	return strict && matches_variable(entry, "TMPDIR");
}

static void
clean_environment(bool strict)
{
	char **to = environ;

	if (!environ)
		return;
	for (char **from = environ; *from; from++)
		if (!is_unwanted(*from, strict))
			*to++ = *from;
	*to = NULL;
}

bool
process_start(bool strict, bool *no_input, struct error *err)
{
	if (!open_missing(no_input, err))
		return false;
	if (is_privileged())
		return error_set(err, ERROR_CONFIG,
		    "refusing to run set-uid or set-gid, or with file "
		    "capabilities: remove them from the program file");
	reset_timers();
	reset_signals();
	forbid_core();
	umask(077);
	clean_environment(strict);
	return true;
}

void
process_catch_signals(void)
{
	for (size_t i = 0; i < COUNT_OF(signal_rules); i++)
		if (signal_rules[i].rule == SIGNAL_ENDS
		    || (signal_rules[i].rule == SIGNAL_ENDS_UNLESS_IGNORED
			&& !is_ignored(signal_rules[i].number)))
			catch_signal(signal_rules[i].number);
}

void
process_ignore_hangup(void)
{
	set_action(SIGHUP, SIG_IGN);
}

void
process_default_signals(void)
{
	sigset_t none;

	for (size_t i = 0; i < COUNT_OF(signal_rules); i++)
		set_action(signal_rules[i].number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

void
process_exec(const char *path, char *const argv[], char *const environment[])
{
	descriptors_close(NULL);
	execve(path, argv, environment);
	_exit(file_errno_is_temporary(errno) ? EX_OSERR : PROCESS_NOT_FOUND);
}

/* One timer serves both: after a signal, only the end of the grace counts. */
static void
note_alarm(int number)
{
	(void)number;
	if (signal_pending != 0)
		signal_caught = signal_pending;
	else
		alarm_is_due = 1;
}

static void
update_alarm_action(void)
{
	bool is_used = alarm_call != NULL || grace > 0;

	set_action(SIGALRM, is_used ? note_alarm : SIG_IGN);
}

void
process_set_grace(unsigned seconds)
{
	sigset_t before;

	process_hold_signals(&before);
	grace = seconds;
	update_alarm_action();
	if (signal_pending != 0 && seconds == 0)
		signal_caught = signal_pending;
	/* A child process does not inherit the timer of its parent. */
	if (signal_pending != 0)
		alarm(seconds);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

void
process_follow_parent(void)
{
	parent = getppid();
	has_own_signal = 0;
	has_passed_signal = 0;
	/* A child process does not inherit the alarm. */
	if (signal_pending != 0)
		begin_grace(signal_pending);
}

bool
process_is_ending(void)
{
	return signal_pending != 0 || signal_caught != 0;
}

void
process_set_alarm(unsigned seconds, void (*call)(void *ctx), void *ctx)
{
	sigset_t before;

	process_hold_signals(&before);
	alarm_call = call;
	alarm_ctx = ctx;
	alarm_is_due = 0;
	update_alarm_action();
	/* The timer may be that of the grace. */
	if (signal_pending == 0)
		alarm(call != NULL ? seconds : 0);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static void
call_alarm(void)
{
	void (*call)(void *ctx) = alarm_call;

	alarm_is_due = 0;
	alarm_call = NULL;
	if (call != NULL)
		call(alarm_ctx);
}

void
process_hold_alarm(bool hold)
{
	alarm_is_held = hold;
}

void
process_await_helper(bool awaits, pid_t group)
{
	awaits_helper = awaits;
	helper_group = awaits ? group : 0;
}

bool
process_awaits_helper(void)
{
	return awaits_helper;
}

void
process_kill_helper(void)
{
	if (helper_group > 0)
		kill(-helper_group, SIGKILL);
}

int
process_signal(void)
{
	if (alarm_is_due && !alarm_is_held)
		call_alarm();
	return signal_caught;
}

bool
process_fail_signal(const char *when, struct error *err)
{
	int number = process_signal();

	return error_set(err, ERROR_INTERRUPTED, "ended by signal %d (%s)%s",
	    number, strsignal(number), when);
}

void
process_hold_signals(sigset_t *before)
{
	sigset_t ending;

	sigemptyset(&ending);
	for (size_t i = 0; i < COUNT_OF(signal_rules); i++)
		if (ends(signal_rules[i].rule))
			sigaddset(&ending, signal_rules[i].number);
	if (alarm_call != NULL || grace > 0)
		sigaddset(&ending, SIGALRM);
	sigprocmask(SIG_BLOCK, &ending, before);
}

/* Ends ppoll(). */
static void
wake_up(int number)
{
	(void)number;
}

void
process_hold_child_signals(sigset_t *before)
{
	sigset_t child;

	process_hold_signals(before);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	set_action(SIGCHLD, wake_up);
}

void
process_release_child_signals(const sigset_t *before)
{
	set_action(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_SETMASK, before, NULL);
}

int
process_poll(struct pollfd *fds, nfds_t count, int64_t deadline,
    const sigset_t *before)
{
	int ms = clock_poll_timeout(deadline);
	const struct timespec timeout = { .tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000L };

	return ppoll(fds, count, ms < 0 ? NULL : &timeout, before);
}

/* Signals are blocked except in ppoll(), so that one that arrives before it
 * ends the wait, too. */
static bool
wait_for_input(int fd)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };
	sigset_t before;

	process_hold_signals(&before);
	while (signal_caught == 0 && ppoll(&input, 1, NULL, &before) < 0
	    && errno == EINTR)
		;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return signal_caught == 0;
}

ssize_t
process_read(int fd, void *buf, size_t len)
{
	while (wait_for_input(fd)) {
		ssize_t n = read(fd, buf, len);

		if (n >= 0 || (errno != EAGAIN && errno != EINTR))
			return n;
	}
	errno = EINTR;
	return -1;
}
