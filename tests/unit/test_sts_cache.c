/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "route/sts_cache.h"

#define POLICY \
	"version: STSv1\r\nmode: enforce\r\nmx: mx.example\r\n" \
	"max_age: 1000\r\n"

static char base[] = "/tmp/veredus-test-sts-XXXXXX";
static char *folder;

static int
set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(base));
	folder = alloc_printf("%s/cache", base);
	return 0;
}

static char *
path_of(const char *name)
{
	return alloc_printf("%s/%s", folder, name);
}

static int
tear_down(void **state)
{
	char *path = path_of("example.org");

	(void)state;
	unlink(path);
	free(path);
	rmdir(folder);
	rmdir(base);
	free(folder);
	return 0;
}

static void
write_entry(const char *id, int64_t fetched)
{
	struct sts_entry entry;
	struct error err = { 0 };

	assert_true(sts_entry_make(&entry, id, POLICY, strlen(POLICY), &err));
	if (fetched > 0)
		entry.fetched = fetched;
	assert_true(sts_cache_write(folder, "Example.ORG", &entry, &err));
	sts_entry_free(&entry);
}

static void
reads_back_a_written_entry(void **state)
{
	struct sts_entry entry;
	struct error err = { 0 };
	int64_t now = (int64_t)time(NULL);

	(void)state;
	write_entry("20260101", 0);
	assert_true(sts_cache_read(folder, "example.org", &entry, &err));
	assert_string_equal(entry.id, "20260101");
	assert_in_range(entry.fetched, now - 5, now + 5);
	assert_true(str_equal(&entry.text, POLICY));
	assert_int_equal(entry.policy.mode, STS_ENFORCE);
	assert_int_equal(entry.policy.max_age, 1000);
	assert_true(sts_allows(&entry.policy, "mx.example"));
	sts_entry_free(&entry);
}

static int
count_files(void)
{
	DIR *entries = opendir(folder);
	struct dirent *entry;
	int count = 0;

	assert_non_null(entries);
	while ((entry = readdir(entries)) != NULL)
		count += strcmp(entry->d_name, ".") != 0
		    && strcmp(entry->d_name, "..") != 0;
	closedir(entries);
	return count;
}

static void
replaces_an_entry_and_leaves_no_temporary_file(void **state)
{
	struct sts_entry entry;
	struct error err = { 0 };
	char *path = path_of("example.org");
	char *beside = alloc_printf("%s/.%ld", folder, (long)getpid());
	FILE *others;
	struct stat st;

	(void)state;
	write_entry("1", 0);
	/* In another container a process may have the same process id. */
	others = fopen(beside, "w");
	assert_non_null(others);
	fclose(others);
	write_entry("2", 0);
	assert_true(sts_cache_read(folder, "example.org", &entry, &err));
	assert_string_equal(entry.id, "2");
	assert_int_equal(unlink(beside), 0);
	assert_int_equal(count_files(), 1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	sts_entry_free(&entry);
	free(beside);
	free(path);
}

static void
has_no_entry_without_a_file(void **state)
{
	struct sts_entry entry;
	struct error err = { 0 };

	(void)state;
	assert_true(sts_cache_read(folder, "other.example", &entry, &err));
	assert_null(entry.id);
	assert_true(
	    sts_cache_read("/nonexistent", "example.org", &entry, &err));
	assert_null(entry.id);
	assert_false(sts_entry_is_fresh(&entry, 0));
}

#define TITLE "veredus MTA-STS 1\n"

static const char *const damaged[] = { "", "veredus MTA-STS 2\n", TITLE,
	TITLE "id \n", TITLE "id 1\n", TITLE "id 1\nfetched \n\n" POLICY,
	TITLE "id 1\nfetched -1\n\n" POLICY, TITLE "id 1\nfetched 1\n" POLICY,
	TITLE "id 1\nfetched 1\n\n", TITLE "fetched 1\nid 1\n\n" POLICY,
	TITLE "id 1\nfetched 99999999999999999999\n\n" POLICY,
	TITLE "id 1\nfetched 1", "id 1\nfetched 1\n\n" POLICY };

static void
rejects_a_damaged_entry(void **state)
{
	char *path = path_of("example.org");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(damaged); i++) {
		struct sts_entry entry;
		struct error err = { 0 };
		FILE *file;

		write_entry("1", 0);
		file = fopen(path, "w");
		assert_non_null(file);
		fputs(damaged[i], file);
		fclose(file);
		if (sts_cache_read(folder, "example.org", &entry, &err))
			fail_msg("%s", damaged[i]);
		assert_null(entry.id);
		assert_non_null(strstr(err.text, path));
		error_free(&err);
		unlink(path);
	}
	free(path);
}

static void
rejects_an_entry_that_is_readable_by_others_or_a_link(void **state)
{
	struct sts_entry entry;
	struct error err = { 0 };
	char *path = path_of("example.org"), *real = path_of("real");

	(void)state;
	write_entry("1", 0);
	assert_int_equal(chmod(path, 0644), 0);
	assert_false(sts_cache_read(folder, "example.org", &entry, &err));
	error_free(&err);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(rename(path, real), 0);
	assert_int_equal(symlink(real, path), 0);
	assert_false(sts_cache_read(folder, "example.org", &entry, &err));
	error_free(&err);
	unlink(real);
	unlink(path);
	free(path);
	free(real);
}

static void
reports_that_it_cannot_write(void **state)
{
	struct sts_entry entry;
	struct error err = { 0 };

	(void)state;
	assert_true(sts_entry_make(&entry, "1", POLICY, strlen(POLICY), &err));
	assert_false(
	    sts_cache_write("/dev/null/folder", "example.org", &entry, &err));
	assert_int_equal(err.kind, ERROR_CREATE);
	assert_non_null(strstr(err.text, "/dev/null/folder/example.org"));
	error_free(&err);
	assert_false(
	    sts_cache_record_failure("/dev/null", "example.org", "1", 1, &err));
	assert_int_equal(err.kind, ERROR_CREATE);
	error_free(&err);
	sts_entry_free(&entry);
	assert_false(sts_entry_make(&entry, "1", "<html>", 6, &err));
	assert_null(entry.id);
	error_free(&err);
}

static void
makes_missing_folders(void **state)
{
	struct sts_entry entry;
	struct error err = { 0 };
	char *above = path_of("above"), *below = path_of("above/below");
	char *file = path_of("above/below/example.org");
	struct stat st;

	(void)state;
	assert_true(sts_entry_make(&entry, "1", POLICY, strlen(POLICY), &err));
	assert_true(sts_cache_check(below, &err));
	assert_true(sts_cache_write(below, "example.org", &entry, &err));
	assert_true(sts_cache_check(below, &err));
	assert_int_equal(stat(above, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(below), 0);
	assert_int_equal(rmdir(above), 0);
	sts_entry_free(&entry);
	free(above);
	free(below);
	free(file);
}

static void
rejects_a_folder_that_others_can_change(void **state)
{
	struct error err = { 0 };

	(void)state;
	write_entry("1", 0);
	assert_int_equal(chmod(folder, 0720), 0);
	assert_false(sts_cache_check(folder, &err));
	assert_non_null(strstr(err.text, "is writable by others"));
	error_free(&err);
	assert_int_equal(chmod(folder, 0700), 0);
	assert_true(sts_cache_check(folder, &err));
	assert_false(sts_cache_check("/dev/null", &err));
	assert_non_null(strstr(err.text, "is not a directory"));
	error_free(&err);
	if (geteuid() != 0)
		assert_false(sts_cache_check("/etc", &err));
	error_free(&err);
}

/* The policy of id "1" could not be fetched at 5000. */
static const struct {
	const char *domain, *id;
	int64_t now;
	bool failed;
} failures[] = {
	{ "example.org", "1", 5000, true },
	{ "EXAMPLE.org", "1", 5299, true },
	{ "example.org", "1", 5300, false },
	{ "example.org", "1", 4999, false },
	{ "example.org", "2", 5001, false },
	{ "example.net", "1", 5001, false },
};

static void
records_a_failure_until_an_entry_is_written(void **state)
{
	char *path = path_of(".example.org");
	struct error err = { 0 };

	(void)state;
	assert_true(
	    sts_cache_record_failure(folder, "example.org", "1", 5000, &err));
	for (size_t i = 0; i < COUNT_OF(failures); i++)
		if (sts_cache_has_failed(folder, failures[i].domain,
			failures[i].id, failures[i].now)
		    != failures[i].failed)
			fail_msg("row %zu", i);
	write_entry("1", 0);
	assert_false(sts_cache_has_failed(folder, "example.org", "1", 5000));
	assert_int_equal(access(path, F_OK), -1);
	free(path);
}

/* An entry with id "1", fetched at 5000, with a max_age of 1000 seconds. */
static const struct {
	bool present;
	int64_t now;
	const char *id;
	enum sts_step step;
} steps[] = {
	{ true, 5000, "1", STS_USE },
	{ true, 5999, "1", STS_USE },
	{ true, 5999, NULL, STS_USE },
	{ true, 5999, "2", STS_FETCH },
	{ true, 6000, "1", STS_FETCH },
	{ true, 6000, NULL, STS_GO_WITHOUT },
	{ true, 4999, "1", STS_FETCH },
	{ true, 4999, NULL, STS_GO_WITHOUT },
	{ false, 5000, "1", STS_FETCH },
	{ false, 5000, NULL, STS_GO_WITHOUT },
};

static void
fetches_new_ids_and_expired_entries(void **state)
{
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		struct sts_entry entry = { 0 };

		if (steps[i].present) {
			write_entry("1", 5000);
			assert_true(sts_cache_read(folder, "example.org",
			    &entry, &err));
		}
		if (sts_next_step(&entry, steps[i].id, steps[i].now)
		    != steps[i].step)
			fail_msg("row %zu", i);
		sts_entry_free(&entry);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_back_a_written_entry),
		cmocka_unit_test(
		    replaces_an_entry_and_leaves_no_temporary_file),
		cmocka_unit_test(has_no_entry_without_a_file),
		cmocka_unit_test(rejects_a_damaged_entry),
		cmocka_unit_test(
		    rejects_an_entry_that_is_readable_by_others_or_a_link),
		cmocka_unit_test(reports_that_it_cannot_write),
		cmocka_unit_test(makes_missing_folders),
		cmocka_unit_test(rejects_a_folder_that_others_can_change),
		cmocka_unit_test(records_a_failure_until_an_entry_is_written),
		cmocka_unit_test(fetches_new_ids_and_expired_entries),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
