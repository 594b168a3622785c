/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "report/log_file.h"

static char *folder;

static int
make_folder(void **state)
{
	(void)state;
	folder = alloc_string("/tmp/veredus-logfile.XXXXXX");
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int
remove_folder(void **state)
{
	int result = rmdir(folder);

	(void)state;
	free(folder);
	return result;
}

static void
expect_content(const char *path, const char *content)
{
	struct file_rules rules = { .max = 4096 };
	struct error err = { 0 };
	struct str text = { 0 };

	assert_true(file_read(path, &rules, &text, NULL, &err));
	assert_string_equal(str_text(&text), content);
	str_free(&text);
}

static void
appends_lines_to_a_private_file(void **state)
{
	char *path = alloc_printf("%s/log", folder);
	struct error err = { 0 };
	struct stat info;

	(void)state;
	assert_true(logfile_append(path, "then", "host=a exit=0", &err));
	assert_true(logfile_append(path, "now", "host=b exit=75", &err));
	expect_content(path, "then host=a exit=0\nnow host=b exit=75\n");
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	unlink(path);
	free(path);
}

static void
writes_the_time_in_the_given_format(void **state)
{
	char *path = alloc_printf("%s/log", folder);
	struct file_rules rules = { .max = 4096 };
	struct error err = { 0 };
	struct str text = { 0 };

	(void)state;
	assert_true(logfile_append(path, "%Y-%m-%d", "x", &err));
	assert_true(logfile_append(path, NULL, "x", &err));
	assert_true(file_read(path, &rules, &text, NULL, &err));
	assert_int_equal(text.data[4], '-');
	assert_string_equal(text.data + 10, strchr(text.data, ' '));
	assert_int_equal(strlen(strchr(text.data, '\n') + 1),
	    strlen("Nov 21 12:00:00 x\n"));
	str_free(&text);
	unlink(path);
	free(path);
}

static void
rejects_links_and_folders(void **state)
{
	char *target = alloc_printf("%s/target", folder);
	char *path = alloc_printf("%s/link", folder);
	struct error err = { 0 };

	(void)state;
	assert_int_equal(symlink(target, path), 0);
	assert_false(logfile_append(path, NULL, "x", &err));
	assert_int_equal(err.kind, ERROR_CREATE);
	assert_non_null(strstr(err.text, path));
	assert_int_not_equal(access(target, F_OK), 0);
	error_free(&err);
	assert_false(logfile_append(folder, NULL, "x", &err));
	assert_int_equal(err.kind, ERROR_CREATE);
	error_free(&err);
	unlink(path);
	free(path);
	free(target);
}

static void
rejects_a_pipe_without_a_reader_at_once(void **state)
{
	char *path = alloc_printf("%s/pipe", folder);
	struct error err = { 0 };

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_false(logfile_append(path, NULL, "x", &err));
	error_free(&err);
	unlink(path);
	free(path);
}

static void
expect_failure(const char *path, const char *why)
{
	struct error err = { 0 };

	assert_false(logfile_append(path, NULL, "x", &err));
	assert_non_null(strstr(err.text, why));
	error_free(&err);
}

/* A reader that is stuck, and then a lock: together they last a second. */
static void
waits_for_other_programs_for_a_limited_time(void **state)
{
	char *path = alloc_printf("%s/log", folder), block[4096] = { 0 };
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	int before = dup(STDOUT_FILENO), ends[2];
	int64_t start = clock_now();
	struct error err = { 0 };

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	while (write(ends[1], block, sizeof(block)) > 0)
		;
	assert_int_equal(fcntl(ends[1], F_SETFL, 0), 0);
	dup2(ends[1], STDOUT_FILENO);
	assert_false(logfile_append("-", NULL, "x", &err));
	dup2(before, STDOUT_FILENO);
	assert_non_null(strstr(err.text, "nobody reads it"));
	error_free(&err);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	for (int i = 0; i < 20; i++)
		expect_failure(path, "another program has locked it");
	assert_in_range(clock_now() - start, 500, 10000);

	close(fd);
	assert_true(logfile_append(path, "now", "x", &err));
	expect_content(path, "now x\n");
	unlink(path);
	free(path);
	close(before);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends_lines_to_a_private_file),
		cmocka_unit_test(writes_the_time_in_the_given_format),
		cmocka_unit_test(rejects_links_and_folders),
		cmocka_unit_test(rejects_a_pipe_without_a_reader_at_once),
		cmocka_unit_test(waits_for_other_programs_for_a_limited_time),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
