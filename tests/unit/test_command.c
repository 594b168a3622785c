/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "error_says.h"
#include "secret_is.h"
#include "unit.h"

#include "broken_pipe.h"
/* The module itself, so that its read() can fail. */
#include "base/command.c"

/* In seconds; this is long enough for a slow machine. */
#define TIMEOUT 60

static void
reads_the_line_of_a_command(void **state)
{
	static const struct {
		const char *command, *line;
	} rows[] = {
		{ "echo sesame", "sesame" },
		{ "printf sesame", "sesame" },
		{ "printf 'sesame\\r\\n'", "sesame" },
		{ "echo ' open  sesame '", " open  sesame " },
		{ "cat; echo sesame", "sesame" },
		{ "printf se; sleep 0.1; printf same", "sesame" },
		{ "echo sesame; exec >&-; sleep 0.1", "sesame" },
		/* Notes after the first line, as in pass(1). */
		{ "echo sesame; echo login: al; printf 'no\\000te'", "sesame" },
		{ "echo sesame; head -c 300000 /dev/zero", "sesame" },
		/* The background process keeps the pipe open. */
		{ "echo sesame; sleep 5 2>/dev/null &", "sesame" },
		{ "test -z \"$(cat /dev/fd/0)\" && echo sesame", "sesame" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct secret line = { 0 };
		struct error err = { 0 };

		if (!command_read_line("passwordeval", rows[i].command,
			clock_after_seconds(TIMEOUT), &line, &err))
			fail_msg("%s: %s", rows[i].command, err.text);
		assert_true(secret_is(&line, rows[i].line));
		secret_free(&line);
	}
}

static void
rejects_output_without_a_usable_first_line(void **state)
{
	static const struct {
		const char *command;
		enum error_kind kind;
		const char *expected;
	} rows[] = {
		{ "echo canary; exit 1", ERROR_SECRET, "exit status 1" },
		{ "true", ERROR_SECRET, "printed nothing" },
		{ "echo", ERROR_SECRET, "printed nothing" },
		{ "echo canary; kill -9 $$", ERROR_SECRET, "killed" },
		{ "exec /no/such/canary 2>/dev/null", ERROR_CONFIG,
		    "not found" },
		{ "exec /etc/passwd 2>/dev/null", ERROR_CONFIG,
		    "cannot be run" },
		{ "printf '\\ncanary'", ERROR_SECRET, "nothing on its first" },
		{ "printf 'can\\000ary\\n'", ERROR_CONFIG, "NUL" },
		{ "head -c 1048576 /dev/zero", ERROR_CONFIG, "65536" },
		{ "yes canary", ERROR_CONFIG, "1048576" },
		{ "head -c 65537 /dev/zero | tr '\\0' x; echo; echo canary",
		    ERROR_CONFIG, "65536" },
		{ "head -c 65537 /dev/zero | tr '\\0' x", ERROR_CONFIG,
		    "65536" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct secret line = { 0 };
		struct error err = { 0 };

		assert_false(command_read_line("passwordeval", rows[i].command,
		    clock_after_seconds(TIMEOUT), &line, &err));
		assert_false(secret_is_set(&line));
		if (err.kind != rows[i].kind
		    || !strstr(err.text, rows[i].expected)
		    || strcmp(err.subject, "passwordeval") != 0
		    || strstr(err.text, "canary"))
			fail_msg("%s: %s", rows[i].command, err.text);
		error_free(&err);
	}
}

static void
reads_the_longest_line(void **state)
{
	struct secret line = { 0 };

	(void)state;
	assert_true(
	    command_read_line("x", "head -c 65536 /dev/zero | tr '\\0' x",
		clock_after_seconds(TIMEOUT), &line, NULL));
	assert_int_equal(line.len, 65536);
	secret_free(&line);
}

/* Runs a script as if the shell were a program of veredus. */
static bool
run_script(const char *script, size_t max, struct str *output,
    struct error *err)
{
	char shell[] = "/bin/sh", option[] = "-c", *copy = strdup(script);
	char *argv[] = { shell, option, copy, NULL };
	bool ok = command_read_output(argv, max, clock_after_seconds(TIMEOUT),
	    output, err);

	free(copy);
	return ok;
}

static void
reads_the_whole_output_of_a_program(void **state)
{
	static const struct {
		const char *script, *output;
	} rows[] = {
		{ "printf 'a\\nb\\n'", "a\nb\n" },
		{ "printf 'a\\r\\n\\r\\n'", "a\r\n\r\n" },
		{ "true", "" },
		{ "printf 12345678", "12345678" },
		{ "printf a; printf b >&2", "ab" },
		{ "cat; echo \"$HOME$LD_PRELOAD$https_proxy\"", "\n" },
	};

	(void)state;
	setenv("https_proxy", "http://127.0.0.1:9", 1);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct str output = { 0 };
		struct error err = { 0 };

		if (!run_script(rows[i].script, 8, &output, &err))
			fail_msg("%s: %s", rows[i].script, err.text);
		assert_string_equal(str_text(&output), rows[i].output);
		str_free(&output);
	}
	unsetenv("https_proxy");
}

static void
reports_why_a_program_failed(void **state)
{
	static const struct {
		const char *script;
		enum error_kind kind;
		const char *expected;
	} rows[] = {
		{ "echo it is dark >&2; exit 1", ERROR_SYSTEM,
		    "sh: it is dark" },
		{ "exit 3", ERROR_SYSTEM,
		    "sh: the command failed with exit status 3" },
		{ "kill -9 $$", ERROR_SYSTEM, "killed" },
		{ "printf 123456789", ERROR_SYSTEM, "more than 8 bytes" },
		{ "yes", ERROR_SYSTEM, "more than 8 bytes" },
		{ "exec /no/such/program", ERROR_CONFIG, "not found" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t max = i == 0 || i == 5 ? 80 : 8;
		struct str output = { 0 };
		struct error err = { 0 };

		assert_false(run_script(rows[i].script, max, &output, &err));
		if (err.kind != rows[i].kind
		    || !error_says(&err, rows[i].expected))
			fail_msg("%s: %s", rows[i].script, err.text);
		assert_int_equal(output.len, 0);
		error_free(&err);
	}
}

static void
reports_that_a_program_is_missing(void **state)
{
	char path[] = "/nonexistent/helper";
	char *argv[] = { path, NULL };
	struct str output = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_false(command_read_output(argv, 8, clock_after_seconds(TIMEOUT),
	    &output, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_string_equal(err.subject, "helper");
	error_free(&err);
}

/* What was read before may be only the beginning of a secret. */
static void
fails_if_the_output_of_a_command_cannot_be_read(void **state)
{
	struct secret line = { 0 };
	struct error err = { 0 };
	/* musl has other words. */
	char *text = alloc_printf("passwordeval: cannot read the output of the "
				  "command: %s",
	    strerror(EIO));

	(void)state;
	pipe_state = PIPE_BREAKS;
	assert_false(command_read_line("passwordeval", "printf ses; sleep 0.1",
	    clock_after_seconds(TIMEOUT), &line, &err));
	assert_false(secret_is_set(&line));
	assert_int_equal(err.kind, ERROR_SECRET);
	assert_true(err.temporary);
	expect_message(&err, text);
	pipe_state = PIPE_WORKS;
	free(text);
	error_free(&err);
}

static void
fails_if_the_output_of_a_program_cannot_be_read(void **state)
{
	struct str output = { 0 };
	struct error err = { 0 };

	(void)state;
	pipe_state = PIPE_BREAKS;
	assert_false(run_script("printf a; sleep 0.1", 8, &output, &err));
	assert_int_equal(output.len, 0);
	assert_int_equal(err.kind, ERROR_SYSTEM);
	assert_true(error_says(&err, "sh: cannot read the output"));
	pipe_state = PIPE_WORKS;
	error_free(&err);
}

/* A zombie process counts as ended, because init reaps it. */
static bool
is_dead(int pid)
{
	char path[40], text[200] = "";
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	file = fopen(path, "r");
	if (!file)
		return true;
	if (!fgets(text, sizeof text, file))
		text[0] = '\0';
	fclose(file);
	return text[0] == '\0' || strstr(text, ") Z ");
}

static void
kills_a_command_and_its_children_at_the_deadline(void **state)
{
	char folder[] = "/tmp/veredus-process-XXXXXX";
	char command[200], path[100];
	struct secret line = { 0 };
	struct error err = { 0 };
	FILE *file;
	int child = 0;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/pid", folder);
	snprintf(command, sizeof command,
	    "sleep 1000 & echo $! >%s; echo canary; wait", path);
	assert_false(command_read_line("passwordeval", command,
	    clock_after_seconds(2), &line, &err));
	assert_int_equal(err.kind, ERROR_SECRET);
	assert_non_null(strstr(err.text, "in time"));

	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%d", &child), 1);
	fclose(file);
	for (int i = 0; i < 1000 && !is_dead(child); i++)
		usleep(10000);
	assert_true(is_dead(child));
	unlink(path);
	rmdir(folder);
	error_free(&err);
}

static void
passes_no_descriptors_to_a_command(void **state)
{
	struct secret line = { 0 };
	struct error err = { 0 };
	int fd = dup(0);

	(void)state;
	assert_true(fd > 2);
	if (!command_read_line("x",
		"for i in 3 4 5 6 7 8 9; do test -e /proc/self/fd/$i && exit 3; "
		"done; echo none",
		clock_after_seconds(TIMEOUT), &line, &err))
		fail_msg("%s", err.text);
	secret_free(&line);
	close(fd);
}

static void
takes_the_first_line_of_the_errors_of_a_filter(void **state)
{
	static const struct {
		const char *command;
		enum error_kind kind;
		const char *expected; /* the text of the error, or the remark */
	} rows[] = {
		{ "cat; cat >&2", ERROR_NONE, "" },
		{ "test \"$PWD $A\" = '/ b'", ERROR_NONE, "" },
		{ "printf 'no\\r\\nkey' >&2", ERROR_NONE, "no" },
		{ "echo spam >&2; exit 65", ERROR_MESSAGE,
		    "the filter rejected the message: spam" },
		{ "exit 65", ERROR_MESSAGE, "the filter rejected the message" },
		{ "printf 'no\\r\\nkey' >&2; exit 1", ERROR_FILTER,
		    "x: the command failed with exit status 1: no" },
		{ "exit 127", ERROR_FILTER,
		    "x: the command failed with exit status 127" },
		{ "kill -9 $$", ERROR_FILTER,
		    "x: the command was killed by a signal" },
		{ "yes >&2 2>/dev/null & yes >&2; :", ERROR_FILTER,
		    "x: the command did not finish in time" },
	};
	static char variable[] = "A=b";
	char *const environment[] = { variable, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct str remark = { 0 };
	const struct command_filter filter = { null, null, environment,
		&remark };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct error err = { 0 };
		bool endless = strstr(rows[i].expected, "in time") != NULL;
		bool ok = command_filter("x", rows[i].command, &filter,
		    clock_after_seconds(endless ? 2 : TIMEOUT), &err);

		assert_int_equal(ok, rows[i].kind == ERROR_NONE);
		assert_int_equal(err.kind, rows[i].kind);
		if (ok)
			assert_string_equal(str_text(&remark),
			    rows[i].expected);
		else
			expect_message(&err, rows[i].expected);
		str_truncate(&remark, 0);
		error_free(&err);
	}
	str_free(&remark);
	close(null);
}

static void
fails_if_the_errors_of_a_filter_cannot_be_read(void **state)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char *const environment[] = { NULL };
	struct str remark = { 0 };
	const struct command_filter filter = { null, null, environment,
		&remark };
	struct error err = { 0 };

	(void)state;
	pipe_state = PIPE_BREAKS;
	assert_false(command_filter("filter", "echo no key >&2; sleep 0.1",
	    &filter, clock_after_seconds(TIMEOUT), &err));
	assert_int_equal(err.kind, ERROR_FILTER);
	assert_true(err.temporary);
	assert_int_equal(remark.len, 0);
	pipe_state = PIPE_WORKS;
	error_free(&err);
	close(null);
}

static void
restores_the_signal_state(void **state)
{
	struct secret line = { 0 };
	sigset_t before, after;
	struct sigaction action;

	(void)state;
	sigprocmask(SIG_BLOCK, NULL, &before);
	assert_true(command_read_line("x", "echo a",
	    clock_after_seconds(TIMEOUT), &line, NULL));
	sigprocmask(SIG_BLOCK, NULL, &after);
	for (int i = 1; i < SIGRTMIN; i++)
		assert_int_equal(sigismember(&before, i),
		    sigismember(&after, i));
	assert_int_equal(sigaction(SIGCHLD, NULL, &action), 0);
	assert_true(action.sa_handler == SIG_DFL);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	secret_free(&line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_line_of_a_command),
		cmocka_unit_test(rejects_output_without_a_usable_first_line),
		cmocka_unit_test(reads_the_longest_line),
		cmocka_unit_test(reads_the_whole_output_of_a_program),
		cmocka_unit_test(reports_why_a_program_failed),
		cmocka_unit_test(reports_that_a_program_is_missing),
		cmocka_unit_test(
		    fails_if_the_output_of_a_command_cannot_be_read),
		cmocka_unit_test(
		    fails_if_the_output_of_a_program_cannot_be_read),
		cmocka_unit_test(
		    kills_a_command_and_its_children_at_the_deadline),
		cmocka_unit_test(passes_no_descriptors_to_a_command),
		cmocka_unit_test(
		    takes_the_first_line_of_the_errors_of_a_filter),
		cmocka_unit_test(
		    fails_if_the_errors_of_a_filter_cannot_be_read),
		cmocka_unit_test(restores_the_signal_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
