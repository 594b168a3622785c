/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/clock.h"

/*
 * What a parent may have left ignored and we cannot live with.  SIGHUP and
 * SIGINT are not among them: nohup and mail programs that send in the
 * background ignore them for us on purpose.
 */
static const int signals_to_reset[] = { SIGCHLD, SIGTERM, SIGQUIT, SIGABRT,
	SIGXCPU };
/* Of the timers of the parent, and of peers and files that we write to. */
static const int signals_to_ignore[] = { SIGPIPE, SIGXFSZ, SIGALRM, SIGVTALRM,
	SIGPROF };
static const enum __itimer_which timers[] = { ITIMER_REAL, ITIMER_VIRTUAL,
	ITIMER_PROF };

/* Variables that steer the libraries below us; "*" ends a prefix. */
static const char *const unwanted_variables[] = { "SSLKEYLOGFILE", "GNUTLS_*",
	"HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS", "RESOLV_HOST_CONF",
	"NLSPATH", "GCONV_PATH", "MALLOC_*" };

static volatile sig_atomic_t signal_caught;

/* An open() takes the lowest free number: the missing one. */
static bool
open_missing(bool *no_input, struct error *err)
{
	*no_input = false;
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		if (fd == 0)
			*no_input = true;
		if (open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) != fd)
			return error_set(err, ERROR_SYSTEM,
			    "cannot open /dev/null in place of descriptor %d: %s",
			    fd, strerror(errno));
	}
	return true;
}

/* The kernel tells these without a system call. */
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
		    "capabilities: take these away from the program");
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

/* A signal that the caller had ignored on purpose stays ignored. */
static void
catch_signal(int number, bool even_if_ignored)
{
	struct sigaction old, action = { 0 };

	if (!even_if_ignored && sigaction(number, NULL, &old) == 0
	    && old.sa_handler == SIG_IGN)
		return;
	/* Without SA_RESTART: who waits must notice. */
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

/*
 * Helper commands.
 *
 * The end of a helper is the end of its process, not of its output: what it
 * left in the background may hold the pipe for ever.  So we wait in ppoll()
 * for both, with SIGCHLD let through only there.
 */

/* A secret, its line end, and one byte that shows that there is too much. */
#define OUTPUT_SIZE (SECRET_MAX + 3)
/* Where open descriptors end when the system does not tell. */
#define DESCRIPTORS_MAX 65536

static const int signals_of_helper[] = { SIGPIPE, SIGXFSZ, SIGCHLD, SIGALRM,
	SIGVTALRM, SIGPROF, SIGHUP, SIGINT, SIGTERM, SIGQUIT };

struct helper {
	const char *what;
	pid_t pid;
	int fd; /* its output */
	char *output;
	size_t len;
	bool at_end; /* of the output */
	bool ended;
	int status;
	int64_t deadline;
	sigset_t waiting; /* the mask while we wait */
};

static void
wake_up(int number)
{
	(void)number;
}

static void
close_inherited(void)
{
	long max;

	if (close_range(3, ~0U, 0) == 0)
		return;
	max = sysconf(_SC_OPEN_MAX);
	if (max < 0 || max > DESCRIPTORS_MAX)
		max = DESCRIPTORS_MAX;
	for (int fd = 3; fd < max; fd++)
		close(fd);
}

/* In the child; only async-signal-safe calls. */
ATTR_NORETURN static void
run_helper(const char *command, int output)
{
	int input = open("/dev/null", O_RDONLY);
	sigset_t none;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	for (size_t i = 0; i < COUNT_OF(signals_of_helper); i++)
		signal(signals_of_helper[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (input < 0 || dup2(input, STDIN_FILENO) < 0
	    || dup2(output, STDOUT_FILENO) < 0)
		_exit(127);
	close_inherited();
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static bool
start_helper(struct helper *h, const char *command, struct error *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, ERROR_SYSTEM,
		    "%s: cannot make a pipe: %s", h->what, strerror(errno));
	h->pid = fork();
	if (h->pid == 0)
		run_helper(command, ends[1]);
	close(ends[1]);
	if (h->pid < 0) {
		error_set(err, ERROR_SYSTEM, "%s: cannot start a process: %s",
		    h->what, strerror(errno));
		close(ends[0]);
		return false;
	}
	setpgid(h->pid, h->pid);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	h->fd = ends[0];
	return true;
}

/* Takes what is there.  False when it is more than any secret. */
static bool
take_output(struct helper *h)
{
	while (!h->at_end && h->len < OUTPUT_SIZE) {
		ssize_t n =
		    read(h->fd, h->output + h->len, OUTPUT_SIZE - h->len);

		if (n > 0)
			h->len += (size_t)n;
		else if (n == 0 || (errno != EINTR && errno != EAGAIN))
			h->at_end = true;
		else if (errno == EAGAIN)
			break;
	}
	return h->len < OUTPUT_SIZE;
}

/* Looks without collecting the process: until then nobody else has its id,
 * so that its group can be killed safely. */
static bool
has_ended(struct helper *h)
{
	siginfo_t info = { 0 };

	if (!h->ended
	    && waitid(P_PID, (id_t)h->pid, &info, WEXITED | WNOHANG | WNOWAIT)
		== 0
	    && info.si_pid == h->pid) {
		h->ended = true;
		h->status = info.si_code == CLD_EXITED ? info.si_status : -1;
	}
	return h->ended;
}

static bool
wait_helper(struct helper *h, struct error *err)
{
	for (;;) {
		struct pollfd pipe = { .fd = h->at_end ? -1 : h->fd,
			.events = POLLIN };
		int ms = clock_poll_timeout(h->deadline);
		struct timespec timeout = { .tv_sec = ms / 1000,
			.tv_nsec = (long)(ms % 1000) * 1000000 };
		bool ended = has_ended(h);

		if (!take_output(h))
			return error_set(err, ERROR_CONFIG,
			    "%s: the command printed more than %d bytes",
			    h->what, SECRET_MAX);
		if (ended)
			return true;
		if (process_signal())
			return error_set(err, ERROR_INTERRUPTED,
			    "%s: interrupted by a signal (%s)", h->what,
			    strsignal(process_signal()));
		if (clock_has_passed(h->deadline))
			return error_set(err, ERROR_SECRET,
			    "%s: the command did not end in time", h->what);
		ppoll(&pipe, 1, ms < 0 ? NULL : &timeout, &h->waiting);
	}
}

/* What must be there is one line; its end may be missing. */
static bool
check_output(struct helper *h, struct error *err)
{
	char *end;

	if (h->status == 127 || h->status == 126)
		return error_set(err, ERROR_CONFIG,
		    "%s: the command was not found or cannot be run", h->what);
	if (h->status < 0)
		return error_set(err, ERROR_SECRET,
		    "%s: the command was killed by a signal", h->what);
	if (h->status > 0)
		return error_set(err, ERROR_SECRET,
		    "%s: the command failed with exit status %d", h->what,
		    h->status);
	if (memchr(h->output, '\0', h->len))
		return error_set(err, ERROR_CONFIG,
		    "%s: the command printed a NUL byte", h->what);
	end = memchr(h->output, '\n', h->len);
	if (end && end + 1 != h->output + h->len)
		return error_set(err, ERROR_CONFIG,
		    "%s: the command printed more than one line", h->what);
	if (end)
		h->len--;
	if (h->len > 0 && h->output[h->len - 1] == '\r')
		h->len--;
	if (h->len == 0)
		return error_set(err, ERROR_SECRET,
		    "%s: the command printed nothing", h->what);
	if (h->len > SECRET_MAX)
		return error_set(err, ERROR_CONFIG,
		    "%s: the command printed more than %d bytes", h->what,
		    SECRET_MAX);
	return true;
}

static bool
run_to_its_end(struct helper *h, const char *command, struct error *err)
{
	bool ok;

	if (!start_helper(h, command, err))
		return false;
	h->output = alloc_bytes(OUTPUT_SIZE);
	ok = wait_helper(h, err) && check_output(h, err);
	if (!ok)
		kill(-h->pid, SIGKILL);
	while (waitpid(h->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(h->fd);
	return ok;
}

bool
process_read_line(const char *what, const char *command, int64_t deadline,
    struct secret *line, struct error *err)
{
	struct helper h = { .what = what, .deadline = deadline };
	struct sigaction old, action = { .sa_handler = wake_up };
	sigset_t held;
	bool ok;

	sigemptyset(&action.sa_mask);
	sigemptyset(&held);
	sigaddset(&held, SIGCHLD);
	sigaddset(&held, SIGHUP);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigprocmask(SIG_BLOCK, &held, &h.waiting);
	sigaction(SIGCHLD, &action, &old);

	ok = run_to_its_end(&h, command, err);
	if (ok)
		secret_set(line, h.output, h.len);
	if (h.output)
		secret_wipe(h.output, OUTPUT_SIZE);
	free(h.output);

	sigaction(SIGCHLD, &old, NULL);
	sigprocmask(SIG_SETMASK, &h.waiting, NULL);
	return ok;
}
