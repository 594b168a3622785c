/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/file.h"
#include "unit.h"

/* If not 0, the next calls of open() and read() fail with this errno. */
static int open_errno;
int read_errno; /* not static: libc declares read() as inline */

/* Takes the place of libc's function. */
int
open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0;
	va_end(args);
	if (open_errno == 0)
		return openat(AT_FDCWD, path, flags, mode);
	errno = open_errno;
	return -1;
}

/* What libc's headers may make of open() with two arguments. */
int __open_2(const char *path, int flags);

int
__open_2(const char *path, int flags)
{
	return open(path, flags, 0);
}

ssize_t
read(int fd, void *buf, size_t len)
{
	if (read_errno == 0)
		return syscall(SYS_read, fd, buf, len);
	errno = read_errno;
	return -1;
}

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
follows_a_symbolic_link_of_the_owner_or_root(void **state)
{
	static const struct file_rules rules = { .max = 1000 };
	struct file_rules secret = { .max = 1000,
		.use = FILE_SECRET,
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
	assert_int_equal(info.link_owner, getuid());
	assert_string_equal(str_text(&text), "text");
	assert_true(file_check_secret(link, &info, getuid(), &err));
	info.link_owner = 12345;
	assert_false(file_check_secret(link, &info, getuid(), &err));
	assert_non_null(strstr(err.text, "symbolic link that belongs to"));
	assert_int_equal(chmod(path, 0604), 0);
	expect_error(link, &secret, "mode 0604");
	expect_error(loop, &rules, strerror(ELOOP));
	error_free(&err);
	str_free(&text);
	free(path);
	free(link);
	free(loop);
}

static void
rejects_a_secret_file_that_others_can_access(void **state)
{
	static const mode_t modes[] = { 0644, 0604, 0620, 0602, 0610, 0666 };
	struct file_rules rules = { .max = 1000,
		.use = FILE_SECRET,
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
lets_root_share_a_secret_file(void **state)
{
	static const struct {
		const char *path;
		uid_t file, caller;
		mode_t mode;
		const char *error; /* NULL: the file is accepted */
	} rows[] = {
		/* systemd, with an access control list */
		{ "/run/credentials/x.service/mail", 0, 1000, 0440, NULL },
		/* a group */
		{ "/etc/mail.secret", 0, 1000, 0640, NULL },
		{ "/etc/mail.secret", 0, 0, 0640, NULL },
		{ "/etc/mail.secret", 0, 1000, 0660, "others may access" },
		{ "/etc/mail.secret", 0, 1000, 0644,
		    "run chmod 640 /etc/mail.secret" },
		{ "/etc/mail.secret", 1000, 1000, 0640, "others may access" },
		{ "/etc/mail.secret", 1000, 0, 0600, "belongs to" },
		/* Docker, Kubernetes */
		{ "/run/secrets/mail", 0, 1000, 0444, NULL },
		{ "/var/run/secrets/x/mail", 0, 0, 0644, NULL },
		{ "/run/secrets/mail", 0, 1000, 0664, "others may access" },
		{ "/run/secrets/mail", 0, 1000, 0646, "others may access" },
		{ "/run/secrets/mail", 1000, 1000, 0444, "others may access" },
		{ "/run/secrets/../../etc/mail", 0, 0, 0444, "others may" },
		{ "/tmp/run/secrets/mail", 0, 0, 0444, "others may access" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct file_info info = { .owner = rows[i].file,
			.mode = rows[i].mode };
		struct error err = { 0 };
		bool ok = file_check_secret(rows[i].path, &info, rows[i].caller,
		    &err);

		if (ok != (rows[i].error == NULL)
		    || (!ok && strstr(err.text, rows[i].error) == NULL))
			fail_msg("row %zu: %s", i, ok ? "accepted" : err.text);
		error_free(&err);
	}
}

static void
rejects_a_trusted_file_that_others_can_change(void **state)
{
	static const mode_t good[] = { 0600, 0644, 0444, 0755 };
	static const mode_t bad[] = { 0602, 0646, 0666, 0777 };
	struct file_rules rules = { .max = 1000,
		.use = FILE_TRUSTED,
		.owner = getuid() };
	struct str text = { 0 };
	char *path = make_file("secret", "x", 0600);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		assert_int_equal(chmod(path, good[i]), 0);
		assert_true(file_read(path, &rules, &text, NULL, NULL));
	}
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_int_equal(chmod(path, bad[i]), 0);
		expect_error(path, &rules, "run chmod go-w");
	}
	if (getuid() == 0) { /* only root can change the owner */
		assert_int_equal(chmod(path, 0664), 0);
		assert_int_equal(chown(path, 0, 12345), 0);
		expect_error(path, &rules, "run chmod go-w");
		assert_int_equal(chmod(path, 0644), 0);
		assert_int_equal(chown(path, 12345, 0), 0);
		expect_error(path, &rules, "belongs to uid 12345");
		rules.owner = 12345;
		assert_true(file_read(path, &rules, &text, NULL, NULL));
		assert_int_equal(chown(path, 0, 0), 0);
		assert_true(file_read(path, &rules, &text, NULL, NULL));
	}
	str_free(&text);
	free(path);
}

static void
reports_a_temporary_failure_as_such(void **state)
{
	static const struct {
		int number;
		enum error_kind kind;
	} rows[] = {
		{ ENFILE, ERROR_FILE },
		{ EMFILE, ERROR_FILE },
		{ ENOMEM, ERROR_FILE },
		{ EIO, ERROR_FILE },
		{ EAGAIN, ERROR_FILE },
		{ ESTALE, ERROR_FILE },
		{ ENOENT, ERROR_CONFIG },
		{ EISDIR, ERROR_CONFIG },
	};
	static const enum file_use uses[] = { FILE_PUBLIC, FILE_TRUSTED,
		FILE_SECRET };
	char *path = make_file("secret", "x", 0600);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows) * COUNT_OF(uses) * 2; i++) {
		size_t row = i / 2 / COUNT_OF(uses);
		struct file_rules rules = { .max = 1000,
			.use = uses[i / 2 % COUNT_OF(uses)],
			.owner = getuid() };
		struct str text = { 0 };
		struct error err = { 0 };
		bool ok;

		open_errno = i % 2 == 0 ? rows[row].number : 0;
		read_errno = i % 2 == 0 ? 0 : rows[row].number;
		ok = file_read(path, &rules, &text, NULL, &err);
		open_errno = read_errno = 0;
		assert_false(ok);
		assert_int_equal(err.kind, rows[row].kind);
		assert_int_equal(err.temporary, rows[row].kind == ERROR_FILE);
		error_free(&err);
		str_free(&text);
	}
	free(path);
}

static void
appends_only_to_files_that_nobody_else_chose(void **state)
{
	char *path = make_file("plain", "", 0600);
	char *other = alloc_printf("%s/second", folder);
	const char *why = NULL;
	int fd = file_open_append(path, &why);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	fd = file_open_append("/dev/null", &why);
	assert_true(fd >= 0);
	close(fd);

	assert_int_equal(link(path, other), 0);
	assert_int_equal(file_open_append(path, &why), -1);
	assert_string_equal(why, "it has a second name (hard link)");
	unlink(other);
	assert_int_equal(symlink(path, other), 0);
	assert_int_equal(file_open_append(other, &why), -1);
	assert_string_equal(why, "it is a symbolic link");
	unlink(other);
	assert_int_equal(mkfifo(other, 0622), 0);
	assert_int_equal(file_open_append(other, &why), -1);
	assert_string_equal(why, "it is not a regular file");
	fd = open(other, O_RDONLY | O_NONBLOCK); /* with a reader, too */
	assert_int_equal(file_open_append(other, &why), -1);
	assert_string_equal(why, "it is not a regular file");
	close(fd);
	unlink(other);
	if (getuid() == 0) { /* only root can change the owner */
		assert_int_equal(chown(path, 12345, 12345), 0);
		fd = file_open_append(path, &why);
		assert_true(fd >= 0); /* no other user can create files here */
		close(fd);
		assert_int_equal(chmod(folder, 01777), 0);
		assert_int_equal(file_open_append(path, &why), -1);
		assert_string_equal(why, "it belongs to another user");
		assert_int_equal(chmod(folder, 0700), 0);
	}
	unlink(path);
	free(path);
	free(other);
}

static void
rejects_a_secret_file_with_two_names(void **state)
{
	struct file_rules rules = { .max = 1000,
		.use = FILE_SECRET,
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
	if (geteuid() == 0) { /* root reads everything */
		assert_int_equal(chmod(folder, 0755), 0);
		assert_int_equal(seteuid(12345), 0);
	}
	expect_error(path, &rules, "mode 0200");
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
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

static void
finds_the_folder_of_a_path(void **state)
{
	static const struct {
		const char *path, *expected;
	} rows[] = {
		{ "/a/b/c", "/a/b" },
		{ "a/b", "a" },
		{ "/a", "/" },
		{ "a", "." },
		{ "", "." },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *path = file_folder(rows[i].path);

		assert_string_equal(path, rows[i].expected);
		free(path);
	}
}

static void
makes_a_folder_and_those_above_it(void **state)
{
	char *above = alloc_printf("%s/above", folder);
	char *inner = alloc_printf("%s/inner", above);
	char *below = alloc_printf("%s/below", inner);
	char *with_slash = alloc_printf("%s/", inner);
	struct stat st;

	(void)state;
	assert_int_equal(chmod(folder, 0755), 0);
	assert_true(file_make_folder(below));
	assert_true(file_make_folder(below));
	assert_int_equal(stat(above, &st), 0);
	assert_int_equal(st.st_mode & 0777, geteuid() == 0 ? 0755 : 0700);
	assert_int_equal(stat(below, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(rmdir(below), 0);
	assert_int_equal(rmdir(inner), 0);
	assert_int_equal(rmdir(above), 0);
	assert_true(file_make_folder(with_slash));
	assert_true(file_make_parents(with_slash));
	assert_true(file_make_parents("name"));
	assert_true(file_make_parents("/name"));
	assert_int_equal(rmdir(inner), 0);
	assert_int_equal(rmdir(above), 0);
	assert_false(file_make_folder("/dev/null/folder"));
	free(with_slash);
	free(below);
	free(inner);
	free(above);
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
		cmocka_unit_test(follows_a_symbolic_link_of_the_owner_or_root),
		cmocka_unit_test(rejects_a_secret_file_that_others_can_access),
		cmocka_unit_test(lets_root_share_a_secret_file),
		cmocka_unit_test(rejects_a_trusted_file_that_others_can_change),
		cmocka_unit_test(reports_a_temporary_failure_as_such),
		cmocka_unit_test(appends_only_to_files_that_nobody_else_chose),
		cmocka_unit_test(rejects_a_secret_file_with_two_names),
		cmocka_unit_test(rejects_a_secret_file_of_another_user),
		cmocka_unit_test(reports_owner_and_mode_of_an_unreadable_file),
		cmocka_unit_test(expands_the_home_directory),
		cmocka_unit_test(finds_the_folder_of_a_path),
		cmocka_unit_test(makes_a_folder_and_those_above_it),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
