/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/helper.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "unit.h"

#include "broken_pipe.h"
/* The module itself, so that its read() can fail. */
#include "base/helper.c"

/* In seconds; this is long enough for a slow machine. */
#define TIMEOUT 60
#define OUTPUT_MAX 1000

/* Runs a script of the shell, which gets the input. */
static bool
run(const char *script, const struct str *input, struct helper *h, int *status,
    struct error *err)
{
	char path[] = "/tmp/veredus-helper-XXXXXX";
	int fd = mkstemp(path);
	bool ok;

	assert_true(fd >= 0);
	assert_true(
	    write(fd, script, strlen(script)) == (ssize_t)strlen(script));
	close(fd);
	ok = helper_run(h, "/bin/sh", path, input, status, err);
	unlink(path);
	return ok;
}

static void
begin(struct helper *h, int seconds)
{
	*h = (struct helper){ .max = OUTPUT_MAX,
		.deadline = clock_after_seconds((unsigned)seconds) };
}

static void
runs_a_program_to_its_end(void **state)
{
	static const struct {
		const char *script, *output, *errors;
		int status;
	} rows[] = {
		{ "cat", "hello\n", "", 0 },
		{ "cat; echo bad >&2; exit 77", "hello\n", "bad\n", 77 },
		{ "read a; echo 1; sleep 0.1; echo 2", "1\n2\n", "", 0 },
		{ "exec >&- 2>&-; sleep 0.1; exit 3", "", "", 3 },
		{ "echo 1; kill -9 $$", "1\n", "", HELPER_KILLED },
		/* The helper has no environment, and a session of its own. */
		{ "echo ${HOME-none}", "none\n", "", 0 },
		{ "set -- $(cat /proc/$$/stat); test $1 = $6 && echo alone",
		    "alone\n", "", 0 },
	};
	struct str input = { 0 };

	(void)state;
	str_add(&input, "hello\n");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct helper h;
		struct error err = { 0 };
		int status = -9;

		begin(&h, TIMEOUT);
		if (!run(rows[i].script, &input, &h, &status, &err))
			fail_msg("%s: %s", rows[i].script, err.text);
		assert_string_equal(str_text(&h.output), rows[i].output);
		assert_string_equal(str_text(&h.errors), rows[i].errors);
		assert_int_equal(status, rows[i].status);
		helper_free(&h);
	}
	str_free(&input);
}

static void
needs_no_reader_for_its_input(void **state)
{
	struct str input = { 0 };
	struct helper h;
	int status = -9;

	(void)state;
	for (int i = 0; i < 20000; i++)
		str_add(&input, "a line for a program that reads none\n");
	begin(&h, TIMEOUT);
	assert_true(run("exit 4", &input, &h, &status, NULL));
	assert_int_equal(status, 4);
	helper_free(&h);
	str_free(&input);
}

static void
rejects_output_that_is_too_long(void **state)
{
	const struct str none = { 0 };
	struct helper h;
	struct error err = { 0 };
	int status;

	(void)state;
	begin(&h, TIMEOUT);
	assert_false(run("head -c 5000 /dev/zero", &none, &h, &status, &err));
	assert_int_equal(err.kind, ERROR_SECRET);
	assert_non_null(strstr(err.text, "more than 1000 octets"));
	error_free(&err);
	helper_free(&h);
}

/* What was read before may be only the beginning of a token. */
static void
fails_if_the_output_cannot_be_read(void **state)
{
	const struct str none = { 0 };
	struct helper h;
	struct error err = { 0 };
	int status;

	(void)state;
	begin(&h, TIMEOUT);
	pipe_state = PIPE_BREAKS;
	assert_false(run("printf ses; sleep 0.1", &none, &h, &status, &err));
	assert_int_equal(err.kind, ERROR_SECRET);
	assert_non_null(strstr(err.text, "cannot read the output"));
	pipe_state = PIPE_WORKS;
	error_free(&err);
	helper_free(&h);
}

static void
lets_a_program_go_on_after_the_deadline(void **state)
{
	char folder[] = "/tmp/veredus-helper-XXXXXX";
	const struct str none = { 0 };
	char *path, *script, *go;
	struct helper h;
	struct error err = { 0 };
	int status = 0;

	(void)state;
	assert_non_null(mkdtemp(folder));
	path = alloc_printf("%s/done", folder);
	script =
	    alloc_printf("until test -e %s/go; do sleep 0.05; done; mkdir %s",
		folder, path);
	go = alloc_printf("%s/go", folder);
	begin(&h, TIMEOUT);
	h.deadline = clock_after(100);
	assert_false(run(script, &none, &h, &status, &err));
	assert_int_equal(err.kind, ERROR_SECRET);
	assert_true(err.temporary);
	assert_int_equal(status, HELPER_RUNS);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(mkdir(go, 0700), 0);
	for (int i = 0; i < TIMEOUT * 20 && access(path, F_OK) != 0; i++)
		poll(NULL, 0, 50);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(go), 0);
	assert_int_equal(rmdir(folder), 0);
	error_free(&err);
	helper_free(&h);
	free(script);
	free(path);
	free(go);
}

static void
needs_the_program(void **state)
{
	const struct str none = { 0 };
	struct helper h;
	struct error err = { 0 };
	int status;

	(void)state;
	begin(&h, TIMEOUT);
	assert_false(helper_run(&h, "/nonexistent", "x", &none, &status, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	error_free(&err);
	helper_free(&h);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_a_program_to_its_end),
		cmocka_unit_test(needs_no_reader_for_its_input),
		cmocka_unit_test(rejects_output_that_is_too_long),
		cmocka_unit_test(fails_if_the_output_cannot_be_read),
		cmocka_unit_test(lets_a_program_go_on_after_the_deadline),
		cmocka_unit_test(needs_the_program),
	};

	/* As in the program. */
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
