/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Resets what a process inherits, cleans its environment, catches signals. */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/attr.h"

/*
 * Signals that the parent may have ignored by mistake.  SIGHUP and SIGINT are
 * not reset: nohup, and mail programs that send in the background, ignore them
 * on purpose.
 */
static const int signals_to_reset[] = { SIGCHLD, SIGTERM, SIGQUIT, SIGABRT,
	SIGXCPU };
/* Signals from the parent's timers, and from writing to sockets and files. */
static const int signals_to_ignore[] = { SIGPIPE, SIGXFSZ, SIGALRM, SIGVTALRM,
	SIGPROF };
static const enum __itimer_which timers[] = { ITIMER_REAL, ITIMER_VIRTUAL,
	ITIMER_PROF };

/* Variables that configure libraries; "*" stands for any rest of the name. */
static const char *const unwanted_variables[] = { "SSLKEYLOGFILE", "GNUTLS_*",
	"HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS", "RESOLV_HOST_CONF",
	"NLSPATH", "GCONV_PATH", "MALLOC_*" };

static volatile sig_atomic_t signal_caught;

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
reset_signals(void)
{
	static const struct itimerval off;
	struct sigaction action = { 0 };
	sigset_t none;

	for (size_t i = 0; i < COUNT_OF(timers); i++)
		setitimer(timers[i], &off, NULL);
	sigemptyset(&action.sa_mask);
	action.sa_handler = SIG_IGN;
	for (size_t i = 0; i < COUNT_OF(signals_to_ignore); i++)
		sigaction(signals_to_ignore[i], &action, NULL);
	action.sa_handler = SIG_DFL;
	for (size_t i = 0; i < COUNT_OF(signals_to_reset); i++)
		sigaction(signals_to_reset[i], &action, NULL);
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
	reset_signals();
	forbid_core();
	umask(077);
	clean_environment(strict);
	return true;
}

static void
note_signal(int number)
{
	signal_caught = number;
}

/* A signal that the parent ignored stays ignored, unless even_if_ignored. */
static void
catch_signal(int number, bool even_if_ignored)
{
	struct sigaction old, action = { 0 };

	if (!even_if_ignored && sigaction(number, NULL, &old) == 0
	    && old.sa_handler == SIG_IGN)
		return;
	/* No SA_RESTART: system calls that wait fail with EINTR. */
	action.sa_handler = note_signal;
	sigemptyset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

void
process_catch_signals(void)
{
	catch_signal(SIGTERM, true);
	catch_signal(SIGINT, false);
	catch_signal(SIGHUP, false);
}

void
process_ignore_hangup(void)
{
	signal(SIGHUP, SIG_IGN);
}

int
process_signal(void)
{
	return signal_caught;
}
