/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/renameat2.h"
#include "error_says.h"
#include "queue/folder.h"
#include "queue_folder.h"

/* The folders are on a file system that does not know the flags. */
static bool without_flags;

int
renameat2(int from, const char *old, int to, const char *new, unsigned flags)
{
	if (without_flags && flags != 0) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_renameat2, from, old, to, new, flags);
}

/* A file with two names would be two messages after a crash. */
int
linkat(int from, const char *old, int to, const char *new, int flags)
{
	(void)from;
	(void)to;
	(void)flags;
	fail_msg("%s is linked to %s", new, old);
	return -1;
}

static mode_t
mode_of(const char *name)
{
	char *path = alloc_printf("%s%s", queue_path, name);
	struct stat st = { 0 };

	assert_int_equal(stat(path, &st), 0);
	free(path);
	return st.st_mode & 07777;
}

static void
creates_private_folders(void **state)
{
	struct error err = { 0 };

	(void)state;
	umask(0);
	assert_true(queue_folder_open(&folder, queue_path, true, &err));
	assert_true(queue_folder_place(&folder, QUEUE_TMP, &err) >= 0);
	assert_true(queue_folder_place(&folder, QUEUE_ACTIVE, &err) >= 0);
	assert_int_equal(mode_of(""), 0700);
	assert_int_equal(mode_of("/tmp"), 0700);
	assert_int_equal(mode_of("/queue"), 0700);
	queue_folder_close(&folder);
	umask(077);
}

static void
creates_the_folders_above_it(void **state)
{
	char *path = alloc_printf("%s/a/b", queue_path);
	struct error err = { 0 };

	(void)state;
	assert_true(queue_folder_open(&folder, path, true, &err));
	assert_int_equal(mode_of("/a/b"), 0700);
	queue_folder_close(&folder);
	free(path);
}

static void
takes_a_missing_folder_as_an_empty_queue(void **state)
{
	struct queue_list list = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_true(queue_folder_open(&folder, queue_path, false, &err));
	assert_true(queue_folder_list(&folder, QUEUE_ACTIVE, &list, &err));
	assert_int_equal(list.count, 0);
	assert_int_equal(access(queue_path, F_OK), -1);
	queue_folder_close(&folder);
}

/* Expects that the folder cannot be opened, for a reason with that text. */
static void
expect_refusal(const char *says)
{
	struct error err = { 0 };

	assert_false(queue_folder_open(&folder, queue_path, true, &err));
	assert_int_equal(err.kind, ERROR_FILE);
	if (!error_says(&err, says) || !error_says(&err, queue_path))
		fail_msg("%s", err.text);
	error_free(&err);
}

static void
refuses_a_folder_that_others_can_use(void **state)
{
	(void)state;
	assert_int_equal(mkdir(queue_path, 0700), 0);
	assert_int_equal(chmod(queue_path, 0750), 0);
	expect_refusal("mode 0750");
}

static void
refuses_a_symbolic_link_and_names_its_target(void **state)
{
	(void)state;
	assert_int_equal(symlink("/nonexistent/target", queue_path), 0);
	expect_refusal("symbolic link (to /nonexistent/target)");
}

static void
refuses_a_link_in_place_of_a_subfolder(void **state)
{
	struct error err = { 0 };
	char *path = alloc_printf("%s/queue", queue_path);

	(void)state;
	assert_int_equal(mkdir(queue_path, 0700), 0);
	assert_int_equal(symlink("/tmp", path), 0);
	assert_true(queue_folder_open(&folder, queue_path, true, &err));
	assert_int_equal(queue_folder_place(&folder, QUEUE_ACTIVE, &err), -1);
	assert_true(error_says(&err, "symbolic link (to /tmp)"));
	error_free(&err);
	queue_folder_close(&folder);
	free(path);
}

static void
refuses_a_file(void **state)
{
	int fd = open(queue_path, O_WRONLY | O_CREAT, 0600);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	expect_refusal("Not a directory");
}

static void
lists_messages_in_the_order_of_arrival(void **state)
{
	static const char *const names[] = { "000000000000C", "000000000000A",
		"notes", ".hidden", "000000000000B" };
	struct queue_list list = { 0 };
	struct error err = { 0 };
	int place;

	(void)state;
	assert_true(queue_folder_open(&folder, queue_path, true, &err));
	place = queue_folder_place(&folder, QUEUE_ACTIVE, &err);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		close(openat(place, names[i], O_WRONLY | O_CREAT, 0600));
	/* The second time, the folder is read from its start again. */
	for (int i = 0; i < 2; i++) {
		assert_true(
		    queue_folder_list(&folder, QUEUE_ACTIVE, &list, &err));
		assert_int_equal(list.count, 3);
		assert_int_equal(list.foreign, 2);
		assert_string_equal(list.ids[0].text, "000000000000A");
		assert_string_equal(list.ids[2].text, "000000000000C");
		queue_list_free(&list);
	}
	queue_folder_close(&folder);
}

static void
create_file(int place, const char *name, const char *text)
{
	int fd = openat(place, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	ssize_t len = (ssize_t)strlen(text);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, (size_t)len), len);
	close(fd);
}

static off_t
size_of(int place, const char *name)
{
	struct stat st;

	return fstatat(place, name, &st, 0) == 0 ? st.st_size : -1;
}

static void
moves_a_file_and_replaces_none(void **state)
{
	struct error err = { 0 };
	int from, to;

	(void)state;
	assert_true(queue_folder_open(&folder, queue_path, true, &err));
	from = queue_folder_place(&folder, QUEUE_TMP, &err);
	to = queue_folder_place(&folder, QUEUE_ACTIVE, &err);
	for (int i = 0; i < 2; i++) {
		without_flags = i == 1;
		create_file(from, "a", "first");
		assert_true(queue_folder_move(from, to, "a"));
		assert_int_equal(size_of(to, "a"), 5);
		assert_int_equal(size_of(from, "a"), -1);
		create_file(from, "a", "second");
		assert_false(queue_folder_move(from, to, "a"));
		assert_int_equal(errno, EEXIST);
		assert_int_equal(size_of(to, "a"), 5);
		assert_int_equal(size_of(from, "a"), 6);
		assert_int_equal(unlinkat(from, "a", 0), 0);
		assert_int_equal(unlinkat(to, "a", 0), 0);
		assert_false(queue_folder_move(from, to, "a"));
		assert_int_equal(errno, ENOENT);
	}
	without_flags = false;
	queue_folder_close(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(creates_private_folders,
		    remove_queue),
		cmocka_unit_test_teardown(creates_the_folders_above_it,
		    remove_queue),
		cmocka_unit_test_teardown(
		    takes_a_missing_folder_as_an_empty_queue, remove_queue),
		cmocka_unit_test_teardown(refuses_a_folder_that_others_can_use,
		    remove_queue),
		cmocka_unit_test_teardown(
		    refuses_a_symbolic_link_and_names_its_target, remove_queue),
		cmocka_unit_test_teardown(
		    refuses_a_link_in_place_of_a_subfolder, remove_queue),
		cmocka_unit_test_teardown(refuses_a_file, remove_queue),
		cmocka_unit_test_teardown(
		    lists_messages_in_the_order_of_arrival, remove_queue),
		cmocka_unit_test_teardown(moves_a_file_and_replaces_none,
		    remove_queue),
	};

	return cmocka_run_group_tests(tests, make_queue_parent,
	    remove_queue_parent);
}
