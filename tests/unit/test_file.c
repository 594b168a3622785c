/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/file.h"
#include "unit.h"

static char folder[] = "/tmp/veredus-file-XXXXXX";

static int
make_folder(void **state)
{
	(void)state;
	umask(022);
	return mkdtemp(folder) ? 0 : -1;
}

static int
remove_folder(void **state)
{
	static const char *const names[] = { "plain", "secret", "link",
		"second", "fifo", "loop", "open", "grown" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char *path = alloc_printf("%s/%s", folder, names[i]);

		unlink(path);
		free(path);
	}
	return rmdir(folder);
}

/* Creates a file; the caller frees its path. */
static char *
make_file(const char *name, const char *text, mode_t mode)
{
	char *path = alloc_printf("%s/%s", folder, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

static void
expect_error(const char *path, const struct file_rules *rules,
    const char *expected)
{
	struct error err = { 0 };
	struct str text = { 0 };

	assert_false(file_read(path, rules, &text, NULL, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_int_equal(text.len, 0);
	if (!strstr(err.text, path) || !strstr(err.text, expected))
		fail_msg("\"%s\" lacks \"%s\"", err.text, expected);
	error_free(&err);
	str_free(&text);
}

static void
reads_a_whole_file(void **state)
{
	static const struct file_rules rules = { .max = 9000 };
	char *path = make_file("plain", "one\ntwo", 0644);
	struct file_info info;
	struct str text = { 0 };
	FILE *file;

	(void)state;
	str_add(&text, "before ");
	assert_true(file_read(path, &rules, &text, &info, NULL));
	assert_string_equal(str_text(&text), "before one\ntwo");
	assert_int_equal(info.mode, 0644);
	assert_int_equal(info.owner, getuid());
	assert_false(info.absent || info.symlink || info.linked);

	file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < 9000; i++)
		fputc('x', file);
	fclose(file);
	str_truncate(&text, 0);
	assert_true(file_read(path, &rules, &text, NULL, NULL));
	assert_int_equal(text.len, 9000);
	str_free(&text);
	free(path);
}

static void
reads_a_file_of_unknown_size(void **state)
{
	static const struct file_rules rules = { .max = 65536 };
	struct str text = { 0 };

	(void)state;
	assert_true(file_read("/proc/self/status", &rules, &text, NULL, NULL));
	assert_non_null(strstr(str_text(&text), "Pid:"));
	str_free(&text);
}

static void
rejects_a_file_that_is_too_large(void **state)
{
	static const struct file_rules rules = { .max = 6 };
	static const struct file_rules small = { .max = 10 };
	char *path = make_file("plain", "one\ntwo", 0644);

	(void)state;
	expect_error(path, &rules, "larger than 6 bytes");
	expect_error("/proc/self/status", &small, "larger than 10 bytes");
	free(path);
}

static void
accepts_an_absent_file_if_allowed(void **state)
{
	static const struct file_rules rules = { .max = 10,
		.may_be_absent = true };
	static const struct file_rules needed = { .max = 10 };
	struct file_info info;
	struct str text = { 0 };

	(void)state;
	assert_true(file_read("/no/such/file", &rules, &text, &info, NULL));
	assert_true(info.absent);
	assert_true(file_read("/etc/passwd/no", &rules, &text, &info, NULL));
	assert_true(info.absent);
	expect_error("/no/such/file", &needed, "No such file");
}

static void
rejects_files_that_are_not_regular_without_waiting(void **state)
{
	static const struct file_rules rules = { .max = 1000,
		.may_be_absent = true };
	char *fifo = alloc_printf("%s/fifo", folder);

	(void)state;
	assert_int_equal(mkfifo(fifo, 0600), 0);
	expect_error(fifo, &rules, "not a regular file");
	expect_error(folder, &rules, "is a directory");
	expect_error("/dev/null", &rules, "not a regular file");
	free(fifo);
}

static void
follows_a_symbolic_link_unless_the_file_is_secret(void **state)
{
	static const struct file_rules rules = { .max = 1000 };
	struct file_rules secret = { .max = 1000,
		.secret = true,
		.owner = getuid() };
	char *path = make_file("plain", "text", 0600);
	char *link = alloc_printf("%s/link", folder);
	char *loop = alloc_printf("%s/loop", folder);
	struct file_info info;
	struct str text = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(symlink(loop, loop), 0);
	assert_true(file_read(link, &rules, &text, &info, NULL));
	assert_true(info.symlink);
	assert_string_equal(str_text(&text), "text");
	assert_false(file_check_secret(link, &info, getuid(), &err));
	expect_error(link, &secret, "symbolic link");
	expect_error(loop, &rules, "symbolic links");
	error_free(&err);
	str_free(&text);
	free(path);
	free(link);
	free(loop);
}

static void
rejects_a_secret_file_that_others_can_access(void **state)
{
	static const mode_t modes[] = { 0640, 0604, 0620, 0602, 0610, 0666 };
	struct file_rules rules = { .max = 1000,
		.secret = true,
		.owner = getuid() };
	struct str text = { 0 };
	char *path = make_file("secret", "x", 0600);

	(void)state;
	assert_true(file_read(path, &rules, &text, NULL, NULL));
	assert_int_equal(chmod(path, 0400), 0);
	assert_true(file_read(path, &rules, &text, NULL, NULL));
	for (size_t i = 0; i < COUNT_OF(modes); i++) {
		assert_int_equal(chmod(path, modes[i]), 0);
		expect_error(path, &rules, "chmod 600");
	}
	str_free(&text);
	free(path);
}

static void
rejects_a_secret_file_with_two_names(void **state)
{
	struct file_rules rules = { .max = 1000,
		.secret = true,
		.owner = getuid() };
	char *path = make_file("secret", "x", 0600);
	char *second = alloc_printf("%s/second", folder);

	(void)state;
	assert_int_equal(link(path, second), 0);
	expect_error(path, &rules, "hard link");
	free(path);
	free(second);
}

static void
rejects_a_secret_file_of_another_user(void **state)
{
	struct file_info info = { .owner = 12345, .mode = 0600 };
	struct error err = { 0 };

	(void)state;
	assert_true(file_check_secret("p", &info, 12345, NULL));
	assert_false(file_check_secret("p", &info, 12346, &err));
	assert_non_null(strstr(err.text, "chown"));
	info.owner = 0;
	assert_true(file_check_secret("p", &info, 12346, NULL));
	error_free(&err);
}

static void
reports_owner_and_mode_of_an_unreadable_file(void **state)
{
	static const struct file_rules rules = { .max = 1000,
		.may_be_absent = true };
	char *path = make_file("open", "x", 0200);

	(void)state;
	if (geteuid() == 0) {
		free(path);
		skip(); /* root reads everything */
	}
	expect_error(path, &rules, "mode 0200");
	free(path);
}

static void
expands_the_home_directory(void **state)
{
	static const struct {
		const char *path, *home, *expected;
	} rows[] = {
		{ "~/a", "/home/bob", "/home/bob/a" },
		{ "~", "/home/bob", "~" },
		{ "~bob/a", "/home/bob", "~bob/a" },
		{ "/x/~/a", "/home/bob", "/x/~/a" },
		{ "~/a", NULL, "~/a" },
		{ "", "/home/bob", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *path = file_expand_home(rows[i].path, rows[i].home);

		assert_string_equal(path, rows[i].expected);
		free(path);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_whole_file),
		cmocka_unit_test(reads_a_file_of_unknown_size),
		cmocka_unit_test(rejects_a_file_that_is_too_large),
		cmocka_unit_test(accepts_an_absent_file_if_allowed),
		cmocka_unit_test(
		    rejects_files_that_are_not_regular_without_waiting),
		cmocka_unit_test(
		    follows_a_symbolic_link_unless_the_file_is_secret),
		cmocka_unit_test(rejects_a_secret_file_that_others_can_access),
		cmocka_unit_test(rejects_a_secret_file_with_two_names),
		cmocka_unit_test(rejects_a_secret_file_of_another_user),
		cmocka_unit_test(reports_owner_and_mode_of_an_unreadable_file),
		cmocka_unit_test(expands_the_home_directory),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
