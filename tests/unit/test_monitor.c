/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/command.h"
#include "base/process.h"
#include "secret_is.h"
#include "unit.h"

/* In seconds; this is long enough for a slow machine. */
#define TIMEOUT 60

enum kind { ECHO, FAIL, DIE, LOOK, SLEEP, WAIT, COPY };

/* What the second process may find. */
static struct {
	int inherited; /* from the caller of the program */
	int own;       /* of the program */
} descriptors;
static struct secret known;

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static bool
is_null(int fd)
{
	struct stat st, null;

	return fstat(fd, &st) == 0 && stat("/dev/null", &null) == 0
	    && st.st_rdev == null.st_rdev;
}

static void
look(struct secret *result)
{
	char *text = alloc_printf("in %d out %d err %d inherited %d own %d "
				  "dumpable %d known %d",
	    is_null(0), is_null(1), is_null(2), is_open(descriptors.inherited),
	    is_open(descriptors.own), prctl(PR_GET_DUMPABLE, 0, 0, 0, 0),
	    secret_is(&known, "sesame"));

	secret_set(result, text, strlen(text));
	free(text);
}

static bool
wait_for_child(struct secret *result)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(7);
	secret_set(result, "waited", 6);
	return waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 7;
}

static bool
copy(const struct monitor_request *request, struct error *err)
{
	char octet;

	if (request->has_files == 0)
		return error_set(err, ERROR_INTERNAL, "no files");
	while (read(request->input, &octet, 1) == 1)
		if (write(request->output, &octet, 1) != 1)
			return error_set(err, ERROR_INTERNAL, "no output");
	return true;
}

static bool
work(void *ctx, const struct monitor_request *request, struct secret *result,
    struct error *err)
{
	const char *prefix = ctx;
	char *text;

	switch (request->kind) {
	case ECHO:
		text = alloc_printf("%s %u", prefix, request->number);
		secret_set(result, text, strlen(text));
		free(text);
		return true;
	case FAIL:
		error_set(err, (enum error_kind)request->number,
		    "no secret: %s", "100%s");
		error_temporary(err, true);
		return error_subject(err, "passwordeval");
	case DIE:
		_exit(0);
	case LOOK:
		look(result);
		return true;
	case SLEEP:
		return command_read_line("x", "sleep 1000; :", CLOCK_NEVER,
		    result, err);
	case WAIT:
		return wait_for_child(result);
	case COPY:
		return copy(request, err);
	default:
		return error_set(err, ERROR_INTERNAL, "unknown");
	}
}

static char prefix[] = "secret";

static void
start(struct monitor *m)
{
	struct error err = { 0 };

	assert_false(monitor_is_started(m));
	if (!monitor_start(m, work, prefix, &err))
		fail_msg("%s", err.text);
	assert_true(monitor_is_started(m));
}

static bool
ask(const struct monitor *m, enum kind kind, unsigned number,
    struct secret *result, struct error *err)
{
	const struct monitor_request request = { .kind = kind,
		.number = number };

	return monitor_ask(m, &request, clock_after_seconds(TIMEOUT), result,
	    err);
}

static void
answers_with_the_secret(void **state)
{
	struct monitor m = { 0 };
	struct secret s = { 0 };

	(void)state;
	start(&m);
	assert_true(ask(&m, ECHO, 7, &s, NULL));
	assert_true(secret_is(&s, "secret 7"));
	assert_true(ask(&m, ECHO, ~0U, &s, NULL));
	assert_true(secret_is(&s, "secret 4294967295"));
	assert_true(ask(&m, WAIT, 0, &s, NULL));
	assert_true(secret_is(&s, "waited"));
	secret_free(&s);
	monitor_stop(&m);
	assert_false(monitor_is_started(&m));
}

static void
answers_with_the_error(void **state)
{
	struct monitor m = { 0 };
	struct secret s = { 0 };
	struct error err = { 0 };

	(void)state;
	start(&m);
	assert_false(ask(&m, FAIL, ERROR_CONFIG, &s, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_string_equal(err.text, "no secret: 100%s");
	assert_string_equal(err.subject, "passwordeval");
	assert_true(err.temporary);
	assert_false(secret_is_set(&s));
	assert_false(ask(&m, FAIL, ERROR_SECRET, &s, NULL));
	error_free(&err);
	monitor_stop(&m);
}

static void
reports_that_there_is_no_answer(void **state)
{
	struct monitor m = { 0 };
	struct secret s = { 0 };
	struct error err = { 0 };
	const struct monitor_request request = { .kind = SLEEP };

	(void)state;
	start(&m);
	assert_false(ask(&m, DIE, 0, &s, &err));
	assert_int_equal(err.kind, ERROR_SECRET);
	/* It goes on with the next request. */
	assert_true(ask(&m, ECHO, 1, &s, &err));
	assert_false(monitor_ask(&m, &request, clock_after(50), &s, &err));
	assert_int_equal(err.kind, ERROR_SECRET);
	error_free(&err);
	secret_free(&s);
	monitor_stop(&m);
}

static void
passes_on_an_input_and_an_output(void **state)
{
	struct monitor m = { 0 };
	struct secret s = { 0 };
	struct monitor_request request = { .kind = COPY, .has_files = 1 };
	char text[10] = "";
	int in[2], out[2], answer;

	(void)state;
	start(&m);
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	request.input = in[0];
	request.output = out[1];
	assert_true(monitor_send(&m, &request, &answer, NULL));
	close(in[0]);
	close(out[1]);
	assert_int_equal(write(in[1], "sesame", 6), 6);
	close(in[1]);
	assert_true(
	    monitor_receive(answer, clock_after_seconds(TIMEOUT), &s, NULL));
	assert_int_equal(read(out[0], text, sizeof(text)), 6);
	assert_string_equal(text, "sesame");
	assert_int_equal(read(out[0], text, sizeof(text)), 0);
	close(out[0]);
	assert_false(ask(&m, COPY, 0, &s, NULL));
	monitor_stop(&m);
}

static void
ignores_what_is_no_request(void **state)
{
	struct monitor m = { 0 };
	struct secret s = { 0 };

	(void)state;
	start(&m);
	assert_int_equal(send(m.socket_plus_1 - 1, "abc", 3, 0), 3);
	assert_int_equal(send(m.socket_plus_1 - 1, "0123456789abcdef", 16, 0),
	    16);
	assert_false(ask(&m, 99, 0, &s, NULL));
	assert_true(ask(&m, ECHO, 2, &s, NULL));
	assert_true(secret_is(&s, "secret 2"));
	secret_free(&s);
	monitor_stop(&m);
}

/* Asks in another process, which has this one's standard descriptors replaced by
 * those of a client. */
static void
look_as_server(int to)
{
	struct monitor m = { 0 };
	struct secret s = { 0 };
	struct secret_text text;
	int client[2], inherited[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, client) != 0
	    || pipe(inherited) != 0)
		return;
	for (int fd = 0; fd <= 2; fd++)
		dup2(client[0], fd);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	descriptors.inherited = inherited[0];
	descriptors.own = fcntl(inherited[1], F_DUPFD_CLOEXEC, 3);
	secret_set(&known, "sesame", 6);
	if (!monitor_start(&m, work, prefix, NULL)
	    || !ask(&m, LOOK, 0, &s, NULL))
		return;
	secret_reveal(&s, &text);
	(void)!write(to, text.data, text.len);
}

static void
has_no_descriptor_of_the_client(void **state)
{
	char found[200] = "";
	int ends[2], status;
	pid_t child;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		look_as_server(ends[1]);
		_exit(0);
	}
	close(ends[1]);
	assert_true(read(ends[0], found, sizeof(found) - 1) > 0);
	assert_string_equal(found,
	    "in 1 out 1 err 1 inherited 0 own 0 dumpable 0 known 1");
	assert_int_equal(waitpid(child, &status, 0), child);
	close(ends[0]);
}

/* The standard error output is a pipe that only the second process, and what
 * runs for it, still has: its end comes when they have ended. */
static void
start_and_die(int kind, int error_output)
{
	const struct monitor_request request = { .kind = SLEEP };
	struct monitor m = { 0 };
	struct secret s = { 0 };

	dup2(error_output, 2);
	close(error_output);
	if (monitor_start(&m, work, prefix, NULL) && kind == SLEEP)
		(void)monitor_ask(&m, &request, clock_after(200), &s, NULL);
	kill(getpid(), SIGKILL);
}

static void
ends_with_the_process_that_asks(void **state)
{
	static const enum kind kinds[] = { ECHO, SLEEP };
	char octet;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		int ends[2], status;
		pid_t child;

		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		child = fork();
		assert_true(child >= 0);
		if (child == 0)
			start_and_die((int)kinds[i], ends[1]);
		close(ends[1]);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(read(ends[0], &octet, 1), 0);
		close(ends[0]);
	}
}

/* Several processes ask at the same time, and none gets the answer of another
 * one. */
static void
a_child_process_may_ask_as_well(void **state)
{
	struct monitor m = { 0 };
	struct secret s = { 0 };
	pid_t children[4];

	(void)state;
	start(&m);
	for (unsigned i = 0; i < COUNT_OF(children); i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0) {
			char *expected = alloc_printf("secret %u", i);
			bool ok = true;

			for (unsigned k = 0; k < 20; k++)
				ok = ok && ask(&m, ECHO, i, &s, NULL)
				    && secret_is(&s, expected);
			_exit(ok ? 0 : 1);
		}
	}
	for (unsigned i = 0; i < COUNT_OF(children); i++) {
		int status;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	monitor_stop(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_with_the_secret),
		cmocka_unit_test(answers_with_the_error),
		cmocka_unit_test(reports_that_there_is_no_answer),
		cmocka_unit_test(passes_on_an_input_and_an_output),
		cmocka_unit_test(ignores_what_is_no_request),
		cmocka_unit_test(has_no_descriptor_of_the_client),
		cmocka_unit_test(ends_with_the_process_that_asks),
		cmocka_unit_test(a_child_process_may_ask_as_well),
	};

	process_catch_signals();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
