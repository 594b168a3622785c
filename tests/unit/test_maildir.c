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
	maildir_leave(&copy);
	shift = 2 * 86400;
	maildir_sweep(folder, 0);
	assert_int_equal(count("tmp"), 0);
	assert_true(count("new") > 0);
	maildir_sweep(folder, 3);
	assert_true(count("new") > 0);
	maildir_sweep(folder, 1);
	assert_int_equal(count("new"), 0);
	shift = 0;
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
	};

	return cmocka_run_group_tests(tests, begin, end);
}
