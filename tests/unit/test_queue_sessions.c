/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "queue/sessions.h"
#include "queue_folder.h"

static const struct queue_destination a = { .account = "a" };
static const struct queue_destination b = { .account = "b" };

static void
an_account_has_so_many_sessions(void **state)
{
	int first, second, third;

	(void)state;
	assert_true(queue_session_begin(&folder, &a, 2, &first));
	assert_true(queue_session_begin(&folder, &a, 2, &second));
	assert_false(queue_session_begin(&folder, &a, 2, &third));
	assert_int_equal(third, -1);
	assert_true(queue_session_begin(&folder, &b, 2, &third));
	close(third);
	close(first);
	assert_true(queue_session_begin(&folder, &a, 2, &first));
	close(first);
	close(second);
}

static void
a_session_goes_on_in_a_child(void **state)
{
	int ends[2], fd, other;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_true(queue_session_begin(&folder, &a, 1, &fd));
	child = fork();
	if (child == 0) {
		char octet;

		close(ends[1]);
		_exit(read(ends[0], &octet, 1) == 0 ? 0 : 1);
	}
	close(fd);
	assert_false(queue_session_begin(&folder, &a, 1, &other));
	close(ends[1]);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_true(queue_session_begin(&folder, &a, 1, &other));
	close(other);
	close(ends[0]);
}

static void
without_a_file_there_is_no_limit(void **state)
{
	char *path = alloc_printf("%s/sessions", queue_path);
	int fd;

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_true(queue_session_begin(&folder, &a, 1, &fd));
	assert_int_equal(fd, -1);
	free(path);
}

static void
a_configuration_has_accounts_of_its_own(void **state)
{
	const struct queue_destination other = { .account = "a",
		.configuration = "/etc/other.conf" };
	int first, second;

	(void)state;
	assert_true(queue_session_begin(&folder, &a, 1, &first));
	assert_true(queue_session_begin(&folder, &other, 1, &second));
	close(first);
	close(second);
}

static void
an_account_has_one_run(void **state)
{
	int run = queue_sessions_open(&folder);
	int other = queue_sessions_open(&folder);
	int session;

	(void)state;
	assert_true(queue_run_begin(run, &a));
	assert_true(queue_run_begin(run, &a)); /* another process of it */
	assert_false(queue_run_begin(other, &a));
	assert_true(queue_run_begin(other, &b));
	assert_true(queue_session_begin(&folder, &a, 1, &session));
	close(run);
	assert_true(queue_run_begin(other, &a));
	close(other);
	close(session);
	assert_true(queue_run_begin(-1, &a));
}

static enum queue_probe
probe(const struct queue_destination *d, bool wait, int *fd)
{
	return queue_probe_begin(&folder, d, wait, fd);
}

static void
one_process_tries_first(void **state)
{
	int first, second;

	(void)state;
	assert_int_equal(probe(&a, false, &first), QUEUE_PROBE_OWN);
	assert_int_equal(probe(&a, false, &second), QUEUE_PROBE_BUSY);
	assert_int_equal(second, -1);
	assert_int_equal(probe(&b, false, &second), QUEUE_PROBE_OWN);
	close(second);
	queue_probe_works(first, &a);
	assert_int_equal(probe(&a, false, &second), QUEUE_PROBE_WORKS);
	assert_int_equal(second, -1);
	close(first);
	assert_int_equal(probe(&a, false, &first), QUEUE_PROBE_OWN);
	close(first);
}

static void
others_wait_for_what_it_finds(void **state)
{
	int first, second, ends[2];
	char octet;
	pid_t child;

	(void)state;
	for (int works = 0; works < 2; works++) {
		assert_int_equal(probe(&a, false, &first), QUEUE_PROBE_OWN);
		assert_int_equal(pipe(ends), 0);
		child = fork();
		if (child == 0) {
			close(first);
			octet = (char)probe(&a, true, &second);
			_exit(write(ends[1], &octet, 1) == 1 ? 0 : 1);
		}
		if (works)
			queue_probe_works(first, &a);
		else
			close(first);
		assert_int_equal(read(ends[0], &octet, 1), 1);
		assert_int_equal(octet,
		    works ? QUEUE_PROBE_WORKS : QUEUE_PROBE_OWN);
		assert_int_equal(waitpid(child, NULL, 0), child);
		close(ends[0]);
		close(ends[1]);
	}
	close(first);
}

int
main(void)
{
#define ROW(f) \
	cmocka_unit_test_setup_teardown(f, open_queue_folder, \
	    close_queue_folder)
	const struct CMUnitTest tests[] = {
		ROW(an_account_has_so_many_sessions),
		ROW(a_session_goes_on_in_a_child),
		ROW(a_configuration_has_accounts_of_its_own),
		ROW(an_account_has_one_run),
		ROW(one_process_tries_first),
		ROW(others_wait_for_what_it_finds),
		ROW(without_a_file_there_is_no_limit),
	};

	return cmocka_run_group_tests(tests, make_queue_parent,
	    remove_queue_parent);
}
