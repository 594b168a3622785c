/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/background.h"
#include "base/descriptors.h"

/* What the process in the background finds. */
struct findings {
	pid_t pid;
	pid_t session;
	bool standard_is_null;
	bool has_own;       /* a descriptor with FD_CLOEXEC */
	bool has_inherited; /* one without */
};

static bool
is_null(int fd)
{
	struct stat st, null;

	return fstat(fd, &st) == 0 && stat("/dev/null", &null) == 0
	    && st.st_rdev == null.st_rdev;
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

ATTR_NORETURN static void
tell(int out, int inherited)
{
	const struct findings f = { .pid = getpid(),
		.session = getsid(0),
		.standard_is_null = is_null(0) && is_null(1) && is_null(2),
		.has_own = is_open(out),
		.has_inherited = is_open(inherited) };

	background_exit(write(out, &f, sizeof(f)) == sizeof(f) ? 0 : 1);
}

static void
a_process_in_the_background_has_only_what_is_its_own(void **state)
{
	struct findings f = { 0 };
	int ends[2], inherited = dup(0), status = 0;
	pid_t caller;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	caller = fork();
	assert_true(caller >= 0);
	if (caller == 0) {
		switch (background_fork()) {
		case BACKGROUND_PARENT:
			background_exit(7);
		case BACKGROUND_CHILD:
			tell(ends[1], inherited);
		case BACKGROUND_FAILED:
			background_exit(8);
		}
	}
	close(ends[1]);
	assert_int_equal(waitpid(caller, &status, 0), caller);
	assert_int_equal(WEXITSTATUS(status), 7);
	assert_int_equal(read(ends[0], &f, sizeof(f)), sizeof(f));
	assert_int_equal(f.session, f.pid);
	assert_int_not_equal(f.pid, caller);
	assert_true(f.standard_is_null);
	assert_true(f.has_own);
	assert_false(f.has_inherited);
	close(ends[0]);
	close(inherited);
}

/* The child has init, or another process that collects children, as parent. */
static void
a_process_may_be_detached_from_one_that_goes_on(void **state)
{
	struct findings f = { 0 };
	int ends[2], inherited = dup(0);

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	switch (background_detach()) {
	case BACKGROUND_CHILD:
		tell(ends[1], inherited);
	case BACKGROUND_PARENT:
		break;
	case BACKGROUND_FAILED:
		fail();
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &f, sizeof(f)), sizeof(f));
	assert_int_equal(f.session, f.pid);
	assert_true(f.standard_is_null);
	assert_int_equal(waitpid(-1, NULL, 0), -1);
	assert_int_equal(errno, ECHILD);
	close(ends[0]);
	close(inherited);
}

/* /dev/null cannot be opened. */
static void
without_descriptors_there_is_no_background(void **state)
{
	static const struct rlimit none = { .rlim_cur = 3, .rlim_max = 3 };
	int status = 0;
	pid_t child = fork();

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		descriptors_close(NULL);
		setrlimit(RLIMIT_NOFILE, &none);
		_exit(background_fork() == BACKGROUND_FAILED ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_process_in_the_background_has_only_what_is_its_own),
		cmocka_unit_test(
		    a_process_may_be_detached_from_one_that_goes_on),
		cmocka_unit_test(without_descriptors_there_is_no_background),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
