/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Helper commands.
 *
 * The end of a helper is the end of its process, not of its output: what it
 * left in the background may hold the pipe for ever.  So we wait in ppoll()
 * for both, with SIGCHLD let through only there.
 */
#include "base/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/process.h"

/* Where open descriptors end when the system does not tell. */
#define DESCRIPTORS_MAX 65536

static const int signals_of_helper[] = { SIGPIPE, SIGXFSZ, SIGCHLD, SIGALRM,
	SIGVTALRM, SIGPROF, SIGHUP, SIGINT, SIGTERM, SIGQUIT };

struct helper {
	const char *what, *path;
	char *const *argv;
	bool ours; /* a program of ours: all that it prints is one output, and
	            * the environment is not for it */
	enum error_kind passing; /* what may be right the next time */
	enum error_kind lasting;
	size_t max; /* of its output */
	pid_t pid;
	int fd; /* its output */
	char *output;
	size_t size; /* room for it: max, a line end, and one byte that shows
	              * that there is too much */
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
run_helper(const struct helper *h, int output)
{
	static char *const no_environment[] = { NULL };
	int input = open("/dev/null", O_RDONLY);
	sigset_t none;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	for (size_t i = 0; i < COUNT_OF(signals_of_helper); i++)
		signal(signals_of_helper[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (input < 0 || dup2(input, STDIN_FILENO) < 0
	    || dup2(output, STDOUT_FILENO) < 0
	    || (h->ours && dup2(output, STDERR_FILENO) < 0))
		_exit(127);
	close_inherited();
	execve(h->path, h->argv, h->ours ? no_environment : environ);
	_exit(127);
}

static bool
start_helper(struct helper *h, struct error *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, ERROR_SYSTEM,
		    "%s: cannot make a pipe: %s", h->what, strerror(errno));
	h->pid = fork();
	if (h->pid == 0)
		run_helper(h, ends[1]);
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

/* Takes what is there.  False when it is more than there may be. */
static bool
take_output(struct helper *h)
{
	while (!h->at_end && h->len < h->size) {
		ssize_t n = read(h->fd, h->output + h->len, h->size - h->len);

		if (n > 0)
			h->len += (size_t)n;
		else if (n == 0 || (errno != EINTR && errno != EAGAIN))
			h->at_end = true;
		else if (errno == EAGAIN)
			break;
	}
	return h->len < h->size;
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
refuse_length(const struct helper *h, struct error *err)
{
	return error_set(err, h->lasting,
	    "%s: the command printed more than %zu bytes", h->what, h->max);
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
			return refuse_length(h, err);
		if (ended)
			return true;
		if (process_signal())
			return error_set(err, ERROR_INTERRUPTED,
			    "%s: interrupted by a signal (%s)", h->what,
			    strsignal(process_signal()));
		if (clock_has_passed(h->deadline))
			return error_set(err, h->passing,
			    "%s: the command did not end in time", h->what);
		ppoll(&pipe, 1, ms < 0 ? NULL : &timeout, &h->waiting);
	}
}

/* What a program of ours says when it fails is for the reader. */
static bool
check_status(const struct helper *h, struct error *err)
{
	if (h->status == 127 || h->status == 126)
		return error_set(err, ERROR_CONFIG,
		    "%s: the command was not found or cannot be run", h->what);
	if (h->status < 0)
		return error_set(err, h->passing,
		    "%s: the command was killed by a signal", h->what);
	if (h->status > 0 && h->ours && h->len > 0)
		return error_set(err, h->passing, "%s: %.*s", h->what,
		    (int)strcspn(h->output, "\n"), h->output);
	if (h->status > 0)
		return error_set(err, h->passing,
		    "%s: the command failed with exit status %d", h->what,
		    h->status);
	return true;
}

/* What must be there is one line; its end may be missing. */
static bool
check_line(struct helper *h, struct error *err)
{
	char *end;

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
	return true;
}

static bool
run_to_its_end(struct helper *h, struct error *err)
{
	bool ok;

	if (!start_helper(h, err))
		return false;
	h->size = h->max + 3;
	h->output = alloc_zeroed(h->size + 1, 1);
	ok = wait_helper(h, err) && check_status(h, err)
	    && (h->ours || check_line(h, err));
	if (ok && h->len > h->max)
		ok = refuse_length(h, err);
	if (!ok)
		kill(-h->pid, SIGKILL);
	while (waitpid(h->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(h->fd);
	return ok;
}

/* The caller has to release the output. */
static bool
run(struct helper *h, struct error *err)
{
	struct sigaction old, action = { .sa_handler = wake_up };
	sigset_t held;
	bool ok;

	sigemptyset(&action.sa_mask);
	sigemptyset(&held);
	sigaddset(&held, SIGCHLD);
	sigaddset(&held, SIGHUP);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigprocmask(SIG_BLOCK, &held, &h->waiting);
	sigaction(SIGCHLD, &action, &old);

	ok = run_to_its_end(h, err);

	sigaction(SIGCHLD, &old, NULL);
	sigprocmask(SIG_SETMASK, &h->waiting, NULL);
	return ok;
}

bool
command_read_line(const char *what, const char *command, int64_t deadline,
    struct secret *line, struct error *err)
{
	char name[] = "sh", option[] = "-c";
	char *copy = alloc_string(command);
	char *argv[] = { name, option, copy, NULL };
	struct helper h = { .what = what,
		.path = "/bin/sh",
		.argv = argv,
		.passing = ERROR_SECRET,
		.lasting = ERROR_CONFIG,
		.max = SECRET_MAX,
		.deadline = deadline };
	bool ok = run(&h, err);

	if (ok)
		secret_set(line, h.output, h.len);
	if (h.output)
		secret_wipe(h.output, h.size);
	free(h.output);
	free(copy);
	return ok;
}

bool
command_read_output(char *const argv[], size_t max, int64_t deadline,
    struct str *output, struct error *err)
{
	const char *slash = strrchr(argv[0], '/');
	struct helper h = { .what = slash ? slash + 1 : argv[0],
		.path = argv[0],
		.argv = argv,
		.ours = true,
		.passing = ERROR_SYSTEM,
		.lasting = ERROR_SYSTEM,
		.max = max,
		.deadline = deadline };
	bool ok = run(&h, err);

	if (ok)
		str_append(output, h.output, h.len);
	free(h.output);
	return ok;
}
