/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Forks the second process, and passes requests and answers.
 *
 * Each request comes with one end of a pipe for its answer, so that answers to
 * several processes are not mixed up.
 */
#include "base/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/descriptors.h"
#include "base/file.h"
#include "base/process.h"

/* Longer texts of an error are cut. */
#define TEXT_MAX ((size_t)4096)

/* Subject and text, without NULs, and the secret follow. */
struct answer {
	enum error_kind kind; /* ERROR_NONE: there is a secret */
	bool temporary;
	bool needs_config;
	struct smtp_status status;
	size_t subject_len;
	size_t text_len;
	size_t secret_len;
};

#define ANSWER_MAX (sizeof(struct answer) + 2 * TEXT_MAX + SECRET_MAX)

/* What comes with a request. */
enum file { FILE_ANSWER, FILE_INPUT, FILE_OUTPUT, FILES };

union control {
	struct cmsghdr align;
	char data[CMSG_SPACE(FILES * sizeof(int))];
};

/* No more of them can come with it. */
#define DESCRIPTORS_MAX (sizeof(union control) / sizeof(int))

/* ---- in the second process ---- */

static int served; /* the socket for requests */
static sigset_t mask_of_work;

/* The masks of secrets are in a file without a name. */
static bool
is_needed(int fd)
{
	return fd == served
	    || (descriptor_is_own(fd) && fcntl(fd, F_GET_SEALS) >= 0);
}

/* Whether both are one end of a pipe or socket. */
static bool
is_same_stream(int a, int b)
{
	struct stat of_a, of_b;

	return fstat(a, &of_a) == 0 && fstat(b, &of_b) == 0
	    && (S_ISSOCK(of_a.st_mode) || S_ISFIFO(of_a.st_mode))
	    && of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

static bool
leave_client(void)
{
	bool told_to_client = is_same_stream(STDERR_FILENO, STDIN_FILENO)
	    || is_same_stream(STDERR_FILENO, STDOUT_FILENO);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	bool ok = null >= 0 && dup2(null, STDIN_FILENO) >= 0
	    && dup2(null, STDOUT_FILENO) >= 0
	    && (!told_to_client || dup2(null, STDERR_FILENO) >= 0);

	descriptors_close(is_needed);
	return ok;
}

static size_t
length_of(const char *text)
{
	size_t len = text == NULL ? 0 : strlen(text);

	return len < TEXT_MAX ? len : TEXT_MAX;
}

static bool
write_text(int fd, const char *text)
{
	return text == NULL || file_write(fd, text, length_of(text));
}

static void
write_answer(int fd, const struct secret *result, const struct error *err)
{
	const struct answer a = { .kind = err->kind,
		.temporary = err->temporary,
		.needs_config = err->needs_config,
		.status = err->status,
		.subject_len = length_of(err->subject),
		.text_len = length_of(err->text),
		.secret_len = result->len };
	struct secret_text text;

	secret_reveal(result, &text);
	if (file_write(fd, &a, sizeof(a)) && write_text(fd, err->subject)
	    && write_text(fd, err->text) && text.data != NULL)
		(void)file_write(fd, text.data, text.len);
	secret_text_free(&text);
}

/* The process that does the work waits for children of its own.  It must not go
 * on without its parent: a signal ends the command that it waits for. */
static bool
begin_work(pid_t parent)
{
	signal(SIGCHLD, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	sigprocmask(SIG_SETMASK, &mask_of_work, NULL);
	return getppid() == parent;
}

static void
work_for(monitor_fn *work, void *ctx, const struct monitor_request *request,
    int answer)
{
	struct secret result = { 0 };
	struct error err = { 0 };

	close(served);
	if (!work(ctx, request, &result, &err))
		secret_free(&result);
	write_answer(answer, &result, &err);
	secret_free(&result);
	error_free(&err);
}

/* Stores the descriptors that came with the message; returns their number. */
static size_t
take_descriptors(struct msghdr *message, int fds[DESCRIPTORS_MAX])
{
	const struct cmsghdr *header = CMSG_FIRSTHDR(message);
	size_t count;

	if (header == NULL || header->cmsg_level != SOL_SOCKET
	    || header->cmsg_type != SCM_RIGHTS)
		return 0;
	count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(fds, CMSG_DATA(header), count * sizeof(int));
	return count;
}

static void
close_all(const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
}

/*
 * Waits for a request.  Returns its octets, 0 at the end.  *count is the number of
 * descriptors that came with it, or 0 for a request that is not valid, whose
 * descriptors are closed.
 */
static ssize_t
receive(struct monitor_request *request, int fds[DESCRIPTORS_MAX],
    size_t *count)
{
	union control control = { 0 };
	struct iovec part = { request, sizeof(*request) };
	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.data,
		.msg_controllen = sizeof(control.data) };
	ssize_t n;

	do
		n = recvmsg(served, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	*count = n > 0 ? take_descriptors(&message, fds) : 0;
	if (n == (ssize_t)sizeof(*request)
	    && *count == (request->has_files != 0 ? FILES : FILE_ANSWER + 1))
		return n;
	close_all(fds, *count);
	*count = 0;
	return n;
}

static void
serve_requests(monitor_fn *work, void *ctx)
{
	pid_t self = getpid();
	struct monitor_request request;
	int fds[DESCRIPTORS_MAX];
	size_t count;

	while (receive(&request, fds, &count) > 0) {
		if (count > 0 && fork() == 0) {
			request.input =
			    request.has_files != 0 ? fds[FILE_INPUT] : -1;
			request.output =
			    request.has_files != 0 ? fds[FILE_OUTPUT] : -1;
			if (begin_work(self))
				work_for(work, ctx, &request, fds[FILE_ANSWER]);
			return;
		}
		close_all(fds, count);
	}
}

/* ---- in the process that asks ---- */

bool
monitor_start(struct monitor *m, monitor_fn *work, void *ctx, struct error *err)
{
	int ends[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return error_set(err, ERROR_SYSTEM,
		    "cannot create a socket: %s", strerror(errno));
	child = fork();
	if (child == 0) {
		served = ends[0];
		process_hold_signals(&mask_of_work);
		signal(SIGCHLD, SIG_IGN);
		if (leave_client())
			serve_requests(work, ctx);
		_exit(0);
	}
	close(ends[0]);
	m->socket_plus_1 = ends[1] + 1;
	if (child > 0)
		return true;
	error_set(err, ERROR_SYSTEM, "cannot start a process: %s",
	    strerror(errno));
	monitor_stop(m);
	return false;
}

bool
monitor_is_started(const struct monitor *m)
{
	return m->socket_plus_1 != 0;
}

void
monitor_stop(struct monitor *m)
{
	if (m->socket_plus_1 != 0)
		close(m->socket_plus_1 - 1);
	m->socket_plus_1 = 0;
}

static bool
send_request(const struct monitor *m, const struct monitor_request *request,
    int answer)
{
	const int fds[FILES] = { answer, request->input, request->output };
	const size_t len =
	    (request->has_files != 0 ? FILES : FILE_ANSWER + 1) * sizeof(int);
	struct monitor_request copy = *request;
	union control control = { 0 };
	struct iovec part = { &copy, sizeof(copy) };
	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.data,
		.msg_controllen = (socklen_t)CMSG_SPACE(len) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	ssize_t n;

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = (socklen_t)CMSG_LEN(len);
	memcpy(CMSG_DATA(header), fds, len);
	do
		n = sendmsg(m->socket_plus_1 - 1, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(copy);
}

static bool
fail_answer(const char *text, struct error *err)
{
	return error_set(err, ERROR_SECRET, "the process that runs commands %s",
	    text);
}

/* Reads up to the end; a signal ends the wait. */
static bool
read_answer(int fd, int64_t deadline, char *data, size_t *len,
    struct error *err)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };
	sigset_t before;
	bool ok = false, at_end = false;

	process_hold_signals(&before);
	while (!at_end) {
		ssize_t n;

		if (process_signal() != 0) {
			process_fail_signal("", err);
			break;
		}
		if (clock_has_passed(deadline)) {
			fail_answer("did not answer in time", err);
			break;
		}
		if (process_poll(&input, 1, deadline, &before) <= 0)
			continue;
		n = read(fd, data + *len, ANSWER_MAX - *len);
		*len += n > 0 ? (size_t)n : 0;
		ok = at_end = n == 0;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ok;
}

static bool
fail_with(const struct answer *a, const char *data, struct error *err)
{
	error_set(err, a->kind, "%.*s", (int)a->text_len,
	    data + a->subject_len);
	error_temporary(err, a->temporary);
	if (a->subject_len > 0)
		error_subject(err, "%.*s", (int)a->subject_len, data);
	if (err != NULL) {
		err->needs_config = a->needs_config;
		err->status = a->status;
	}
	return false;
}

static bool
take_answer(const char *data, size_t len, struct secret *result,
    struct error *err)
{
	struct answer a;

	if (len < sizeof(a))
		return fail_answer("has ended", err);
	memcpy(&a, data, sizeof(a));
	data += sizeof(a);
	if (len != sizeof(a) + a.subject_len + a.text_len + a.secret_len)
		return fail_answer("has ended before its answer", err);
	if (a.kind != ERROR_NONE)
		return fail_with(&a, data, err);
	secret_set(result, data + a.subject_len + a.text_len, a.secret_len);
	return true;
}

bool
monitor_send(const struct monitor *m, const struct monitor_request *request,
    int *answer, struct error *err)
{
	int ends[2];
	bool ok;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return error_set(err, ERROR_SECRET, "cannot create a pipe: %s",
		    strerror(errno));
	ok = send_request(m, request, ends[1]) || fail_answer("has ended", err);
	close(ends[1]);
	*answer = ends[0];
	if (!ok)
		close(ends[0]);
	return ok;
}

bool
monitor_receive(int answer, int64_t deadline, struct secret *result,
    struct error *err)
{
	char *data = alloc_zeroed(ANSWER_MAX, 1);
	size_t len = 0;
	bool ok;

	process_await_helper(true, 0);
	ok = read_answer(answer, deadline, data, &len, err);
	process_await_helper(false, 0);
	ok = ok && take_answer(data, len, result, err);
	secret_wipe(data, len);
	free(data);
	close(answer);
	return ok;
}

bool
monitor_ask(const struct monitor *m, const struct monitor_request *request,
    int64_t deadline, struct secret *result, struct error *err)
{
	int answer;

	return monitor_send(m, request, &answer, err)
	    && monitor_receive(answer, deadline, result, err);
}
