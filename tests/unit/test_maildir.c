/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/file.h"
#include "mail/maildir.h"

static char parent[] = "/tmp/veredus-maildir-XXXXXX";
static char *folder;
static struct message message;
static struct str fields;

static int
begin(void **state)
{
	(void)state;
	if (mkdtemp(parent) == NULL)
		return -1;
	folder = alloc_printf("%s/a/b", parent);
	str_add(&fields, "X-Envelope-To: b@example.org\n");
	str_add(&message.header, "Subject: x\n");
	return buffer_file_add(&message.body, "text\n", 5, NULL) ? 0 : -1;
}

static int
end(void **state)
{
	char *command = alloc_printf("rm -rf %s", parent);
	int status = system(command);

	(void)state;
	free(command);
	free(folder);
	str_free(&fields);
	message_free(&message);
	return status;
}

static unsigned
count(const char *place)
{
	char *path = alloc_printf("%s/%s", folder, place);
	DIR *stream = opendir(path);
	const struct dirent *entry;
	unsigned n = 0;

	while (stream != NULL && (entry = readdir(stream)) != NULL)
		n += *entry->d_name != '.';
	if (stream != NULL)
		closedir(stream);
	free(path);
	return n;
}

/* Makes a file of five octets. */
static void
put(const char *place, const char *name)
{
	char *path = alloc_printf("%s/%s/%s", folder, place, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	assert_true(fd >= 0);
	assert_true(file_write(fd, "text\n", 5));
	close(fd);
	free(path);
}

static void
run(const char *command, const char *from, const char *to)
{
	char *line =
	    alloc_printf("cd %s && %s %s/* %s", folder, command, from, to);

	assert_int_equal(system(line), 0);
	free(line);
}

static void
move(const char *from, const char *to)
{
	run("mv", from, to);
}

static void
empty(const char *place)
{
	run("rm -f", place, "");
}

static void
writes_to_tmp_and_moves_to_new(void **state)
{
	struct maildir_copy copy = { 0 };
	struct str text = { 0 };
	const struct file_rules rules = { .max = 1000 };
	char *path;

	(void)state;
	assert_true(maildir_write(&copy, folder, &fields, &message, NULL));
	assert_int_equal(count("tmp"), 1);
	assert_int_equal(count("new"), 0);
	path = alloc_printf("%s/new/%s", folder, copy.name);
	assert_true(maildir_keep(&copy, NULL));
	assert_null(copy.name);
	assert_int_equal(count("tmp"), 0);
	assert_true(file_read(path, &rules, &text, NULL, NULL));
	assert_string_equal(text.data,
	    "X-Envelope-To: b@example.org\nSubject: x\n\ntext\n");
	str_free(&text);
	free(path);
}

static void
removes_a_copy_that_is_not_kept(void **state)
{
	struct maildir_copy copy = { 0 };
	unsigned before = count("new");

	(void)state;
	maildir_discard(&copy);
	assert_true(maildir_write(&copy, folder, &fields, &message, NULL));
	maildir_discard(&copy);
	assert_int_equal(count("tmp"), 0);
	assert_int_equal(count("new"), before);
}

static void
names_the_reason_of_a_failure(void **state)
{
	struct maildir_copy copy = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_false(
	    maildir_write(&copy, "/dev/null/x", &fields, &message, &err));
	assert_int_equal(err.kind, ERROR_FILE);
	assert_string_equal(err.subject, "/dev/null/x");
	assert_null(copy.name);
	error_free(&err);
	assert_true(maildir_write(&copy, folder, &fields, &message, &err));
	free(copy.name);
	copy.name = alloc_string("is-not-there");
	assert_false(maildir_keep(&copy, &err));
	assert_int_equal(err.kind, ERROR_FILE);
	error_free(&err);
}

static void
young_files_stay(void **state)
{
	struct maildir_copy copy = { 0 };
	unsigned kept;

	(void)state;
	assert_true(maildir_write(&copy, folder, &fields, &message, NULL));
	assert_true(maildir_keep(&copy, NULL));
	kept = count("new");
	maildir_sweep(folder, 0);
	maildir_sweep(folder, 1);
	assert_int_equal(count("new"), kept);
	maildir_sweep("/nonexistent", 1);
}

/* The status of a file changes with the clock of the system, which no test sets:
 * two days from now the file is old. */
static time_t shift;

time_t
time(time_t *result)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += shift;
	if (result != NULL)
		*result = now.tv_sec;
	return now.tv_sec;
}

static void
old_files_are_removed(void **state)
{
	struct maildir_copy copy = { 0 };

	(void)state;
	assert_true(maildir_write(&copy, folder, &fields, &message, NULL));
	assert_true(maildir_keep(&copy, NULL));
	move("new", "cur");
	assert_true(maildir_write(&copy, folder, &fields, &message, NULL));
	assert_true(maildir_keep(&copy, NULL));
	shift = 2 * 86400;
	maildir_sweep(folder, 0);
	maildir_sweep(folder, 3);
	assert_true(count("new") > 0);
	assert_true(count("cur") > 0);
	maildir_sweep(folder, 1);
	assert_int_equal(count("new"), 0);
	assert_int_equal(count("cur"), 0);
	shift = 0;
}

/* Names as Postfix, Dovecot, mutt and maildrop make them, and what is almost one
 * of this program. */
static void
files_of_other_programs_stay(void **state)
{
	static const char *const places[] = { "tmp", "new", "cur" };
	static const char *const names[] = { "1700000000.V801I2a3bM123456.host",
		"1700000000.M123456P4242.host,S=5,W=6",
		"1700000000.4242_1.host:2,S", "1700000000.M123456P42R7.host",
		"M123456P42R0123abcd.host", "notes.txt" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(places); i++)
		for (size_t k = 0; k < COUNT_OF(names); k++)
			put(places[i], names[k]);
	shift = 3 * 86400;
	maildir_sweep(folder, 1);
	shift = 0;
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		assert_int_equal(count(places[i]), COUNT_OF(names));
		empty(places[i]);
	}
}

/* A server may have the message. */
static void
a_whole_copy_of_a_killed_process_is_kept(void **state)
{
	struct maildir_copy copy = { 0 };

	(void)state;
	empty("new");
	assert_true(maildir_write(&copy, folder, &fields, &message, NULL));
	maildir_leave(&copy);
	shift = 35 * 3600;
	maildir_sweep(folder, 1);
	assert_int_equal(count("tmp"), 1);
	/* Not only a queue run does it, but every message, too. */
	shift = 37 * 3600;
	assert_true(maildir_write(&copy, folder, &fields, &message, NULL));
	assert_int_equal(count("tmp"), 1);
	assert_int_equal(count("new"), 1);
	maildir_discard(&copy);
	shift = 0;
}

static void
a_part_of_a_copy_is_removed(void **state)
{
	(void)state;
	empty("new");
	put("tmp", "1700000000.M123456P42R0123abcd.host,S=6");
	put("tmp", "1700000000.M123456P42R0123abce.host");
	shift = 37 * 3600;
	maildir_sweep(folder, 0);
	shift = 0;
	assert_int_equal(count("tmp"), 0);
	assert_int_equal(count("new"), 0);
}

/* The folders whose names were written to the disk. */
static ino_t synced[16];
static size_t synced_count;

int
fsync(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && synced_count < COUNT_OF(synced))
		synced[synced_count++] = st.st_ino;
	return 0;
}

static bool
is_synced(const char *path)
{
	struct stat st;
	bool found = false;

	assert_int_equal(stat(path, &st), 0);
	for (size_t i = 0; i < synced_count; i++)
		found |= synced[i] == st.st_ino;
	return found;
}

static void
the_folders_around_a_new_one_are_durable(void **state)
{
	struct maildir_copy copy = { 0 };
	char *above = alloc_printf("%s/c", parent);
	char *below = alloc_printf("%s/d", above);

	(void)state;
	synced_count = 0;
	assert_true(maildir_write(&copy, below, &fields, &message, NULL));
	assert_true(is_synced(parent));
	assert_true(is_synced(above));
	assert_true(is_synced(below));
	maildir_discard(&copy);
	free(above);
	free(below);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_to_tmp_and_moves_to_new),
		cmocka_unit_test(removes_a_copy_that_is_not_kept),
		cmocka_unit_test(names_the_reason_of_a_failure),
		cmocka_unit_test(young_files_stay),
		cmocka_unit_test(old_files_are_removed),
		cmocka_unit_test(files_of_other_programs_stay),
		cmocka_unit_test(a_whole_copy_of_a_killed_process_is_kept),
		cmocka_unit_test(a_part_of_a_copy_is_removed),
		cmocka_unit_test(the_folders_around_a_new_one_are_durable),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
