/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "error_says.h"
#include "queue/rate.h"
#include "queue_folder.h"

static struct queue_params queue;
static struct rate_owner owner;
static time_t clock_ahead; /* seconds */

/* Takes the place of libc's function. */
int
clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = (int)syscall(SYS_clock_gettime, clock, now);

	if (clock == CLOCK_REALTIME)
		now->tv_sec += clock_ahead;
	return result;
}

static int
begin(void **state)
{
	(void)state;
	clock_ahead = 0;
	queue = (struct queue_params){ .folder = queue_path };
	owner = (struct rate_owner){ .queue = &queue,
		.account = "default",
		.uid = 1000 };
	return 0;
}

static void
limit(enum rate_kind kind, unsigned count)
{
	queue.rate.limits[kind] = (struct token_rate){ .count = count,
		.period = 3600,
		.burst = count };
}

static bool
take(unsigned recipients, struct rate_tokens *tokens, struct error *err)
{
	struct rate_excess excess;

	*tokens = (struct rate_tokens){ 0 };
	return rate_take(&owner, RATE_ALL, recipients, tokens, &excess, err);
}

static void
expect_excess(unsigned recipients, enum rate_kind kind, const char *words)
{
	struct rate_tokens tokens = { 0 };
	struct rate_excess excess;
	struct error err = { 0 };

	assert_false(
	    rate_take(&owner, RATE_ALL, recipients, &tokens, &excess, &err));
	assert_int_equal(excess.kind, kind);
	assert_true(excess.when > (int64_t)time(NULL) * 1000);
	assert_int_equal(err.kind, ERROR_REJECTED);
	assert_int_equal(err.status.code, 450);
	assert_string_equal(err.status.enhanced, "4.7.1");
	assert_true(err.temporary);
	assert_true(error_says(&err, words));
	for (size_t i = 0; i < RATE_KINDS; i++)
		assert_int_equal(tokens.taken[i], 0);
	error_free(&err);
}

static void
expect_left(const char *wanted)
{
	struct str text = { 0 };

	rate_describe(&owner, &text);
	assert_string_equal(str_text(&text), wanted);
	str_free(&text);
}

/* The path of the only file in rate/. */
static const char *
only_file(void)
{
	static char path[512];
	char *rate_folder = alloc_printf("%s/rate", queue_path);
	DIR *stream = opendir(rate_folder);
	const struct dirent *entry;
	unsigned count = 0;

	assert_non_null(stream);
	while ((entry = readdir(stream)) != NULL) {
		if (*entry->d_name == '.')
			continue;
		count++;
		snprintf(path, sizeof(path), "%s/%s", rate_folder,
		    entry->d_name);
	}
	closedir(stream);
	free(rate_folder);
	assert_int_equal(count, 1);
	return path;
}

static void
without_limits_nothing_is_written(void **state)
{
	struct rate_tokens tokens;
	struct error err = { 0 };

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_true(take(1, &tokens, &err));
	rate_give_back(&owner, RATE_ALL, 0, &tokens);
	assert_int_not_equal(access(queue_path, F_OK), 0);
	expect_left("");
}

static void
counts_messages_and_recipients(void **state)
{
	struct rate_tokens tokens;
	struct error err = { 0 };

	(void)state;
	limit(RATE_MESSAGES, 3);
	limit(RATE_RECIPIENTS, 10);
	expect_left("rate 3 of 3, rate_recipients 10 of 10");
	assert_true(take(4, &tokens, &err));
	assert_true(take(4, &tokens, &err));
	expect_left("rate 1 of 3, rate_recipients 2 of 10");
	expect_excess(4, RATE_RECIPIENTS,
	    "the limit of account default is reached, 10 recipients in 1h "
	    "(rate_recipients): try again at ");
	expect_left("rate 1 of 3, rate_recipients 2 of 10");
	assert_true(take(1, &tokens, &err));
	expect_excess(1, RATE_MESSAGES, "3 messages in 1h (rate)");
}

static void
users_have_limits_of_their_own(void **state)
{
	struct rate_tokens tokens;
	struct error err = { 0 };

	(void)state;
	owner.uid = 54321;
	limit(RATE_USER, 1);
	limit(RATE_MESSAGES, 3);
	assert_true(take(1, &tokens, &err));
	/* What is refused to the user takes nothing from the account. */
	expect_excess(1, RATE_USER,
	    "the limit of user uid-54321 in account default is reached, "
	    "1 messages in 1h (rate_user)");
	expect_left("rate_user 0 of 1, rate 2 of 3");
	owner.uid = 1001;
	expect_left("rate_user 1 of 1, rate 2 of 3");
	assert_true(take(1, &tokens, &err));
	owner.uid = 1002;
	assert_true(take(1, &tokens, &err));
	/* And the other way round. */
	owner.uid = 1003;
	expect_excess(1, RATE_MESSAGES, "(rate)");
	expect_left("rate_user 1 of 1, rate 0 of 3");
}

static void
accounts_have_limits_of_their_own(void **state)
{
	static const struct {
		const char *account, *configuration;
	} owners[] = { { "default", NULL }, { "default", "/etc/a" },
		{ "default", "/etc/b" }, { "a/b", NULL }, { "a_b", NULL },
		{ "../default", NULL }, { "", NULL }, { "\303\244", NULL },
		{ "0123456789012345678901234567890123456789a", NULL },
		{ "0123456789012345678901234567890123456789b", NULL } };
	struct rate_tokens tokens;
	struct error err = { 0 };

	(void)state;
	limit(RATE_MESSAGES, 1);
	for (size_t i = 0; i < COUNT_OF(owners); i++) {
		owner.account = owners[i].account;
		owner.configuration = owners[i].configuration;
		assert_true(take(1, &tokens, &err));
		expect_excess(1, RATE_MESSAGES, "");
	}
}

static void
gives_back_what_nobody_got(void **state)
{
	struct rate_tokens tokens;
	struct error err = { 0 };

	(void)state;
	limit(RATE_USER, 3);
	limit(RATE_MESSAGES, 3);
	limit(RATE_RECIPIENTS, 10);
	assert_true(take(5, &tokens, &err));
	rate_give_back(&owner, RATE_ALL & ~RATE_BIT(RATE_USER), 0, &tokens);
	expect_left("rate_user 2 of 3, rate 3 of 3, rate_recipients 10 of 10");
	rate_give_back(&owner, RATE_ALL, 0, &tokens);
	expect_left("rate_user 3 of 3, rate 3 of 3, rate_recipients 10 of 10");
	/* Once only. */
	assert_true(take(5, &tokens, &err));
	rate_give_back(&owner, RATE_ALL, 2, &tokens);
	rate_give_back(&owner, RATE_ALL, 0, &tokens);
	expect_left("rate_user 2 of 3, rate 2 of 3, rate_recipients 8 of 10");
}

static void
damaged_state_is_a_full_bucket(void **state)
{
	struct rate_tokens tokens;
	struct error err = { 0 };
	struct stat st;

	(void)state;
	limit(RATE_MESSAGES, 1);
	for (off_t at = 0;; at++) {
		int fd;
		char octet;

		assert_true(take(1, &tokens, &err));
		assert_int_equal(stat(only_file(), &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		if (at >= st.st_size)
			break;
		fd = open(only_file(), O_RDWR);
		assert_int_equal(pread(fd, &octet, 1, at), 1);
		octet = (char)(octet ^ 1);
		assert_int_equal(pwrite(fd, &octet, 1, at), 1);
		close(fd);
	}
	for (off_t size = 0; size < st.st_size; size += 10) {
		assert_int_equal(truncate(only_file(), size), 0);
		assert_true(take(1, &tokens, &err));
	}
	expect_excess(1, RATE_MESSAGES, "");
}

/* The clock was a year ahead for a while, as that of a device without battery
 * may be. */
static void
a_limit_ends_after_the_clock_went_back(void **state)
{
	struct rate_tokens tokens;
	struct error err = { 0 };

	(void)state;
	limit(RATE_MESSAGES, 1);
	clock_ahead = (time_t)366 * 86400;
	assert_true(take(1, &tokens, &err));
	clock_ahead = 0;
	expect_excess(1, RATE_MESSAGES, "");
	clock_ahead = 2 * 3600;
	assert_true(take(1, &tokens, &err));
}

static void
expect_unwritable(void)
{
	struct rate_tokens tokens = { 0 };
	struct rate_excess excess;
	struct error err = { 0 };

	assert_false(rate_take(&owner, RATE_ALL, 1, &tokens, &excess, &err));
	assert_true(excess.when == 0);
	assert_int_equal(err.kind, ERROR_FILE);
	assert_string_equal(err.status.enhanced, "4.3.0");
	assert_true(err.temporary);
	error_free(&err);
}

static void
state_that_cannot_be_written_is_an_error(void **state)
{
	struct rate_tokens tokens;
	struct error err = { 0 };
	char *path;

	(void)state;
	limit(RATE_MESSAGES, 5);
	assert_true(take(1, &tokens, &err));
	path = alloc_string(only_file());
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/null", path), 0);
	expect_unwritable();
	rate_give_back(&owner, RATE_ALL, 0, &tokens);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_unwritable();
	assert_int_equal(unlink(path), 0);
	assert_true(take(1, &tokens, &err));
	free(path);
	path = alloc_printf("%s/rate", queue_path);
	assert_int_equal(chmod(path, 0755), 0);
	expect_unwritable();
	assert_int_equal(chmod(path, 0700), 0);
	free(path);
	queue.folder = NULL;
	expect_unwritable();
}

static void
processes_at_once_take_no_more_than_there_is(void **state)
{
	int taken = 0;

	(void)state;
	limit(RATE_USER, 30);
	limit(RATE_MESSAGES, 20);
	for (int i = 0; i < 8; i++) {
		if (fork() == 0) {
			struct rate_tokens tokens;
			int count = 0;

			for (int k = 0; k < 5; k++) {
				struct error err = { 0 };

				count += take(1, &tokens, &err);
				error_free(&err);
			}
			_exit(count);
		}
	}
	for (int i = 0; i < 8; i++) {
		int status;

		assert_true(wait(&status) > 0);
		taken += WEXITSTATUS(status);
	}
	assert_int_equal(taken, 20);
	expect_left("rate_user 10 of 30, rate 0 of 20");
}

static void
knows_which_limits_refuse(void **state)
{
	(void)state;
	assert_int_equal(rate_limits(&queue), 0);
	assert_int_equal(rate_refusing(&queue), 0);
	limit(RATE_USER, 1);
	limit(RATE_MESSAGES, 1);
	assert_int_equal(rate_limits(&queue),
	    RATE_BIT(RATE_USER) | RATE_BIT(RATE_MESSAGES));
	assert_int_equal(rate_refusing(&queue), RATE_BIT(RATE_USER));
	queue.rate.over = RATE_OVER_REFUSE;
	assert_int_equal(rate_refusing(&queue), rate_limits(&queue));
	queue.rate.over = RATE_OVER_QUEUE;
	assert_int_equal(rate_refusing(&queue), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, remove_queue)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_limits_nothing_is_written),
		TEST(counts_messages_and_recipients),
		TEST(users_have_limits_of_their_own),
		TEST(accounts_have_limits_of_their_own),
		TEST(gives_back_what_nobody_got),
		TEST(damaged_state_is_a_full_bucket),
		TEST(a_limit_ends_after_the_clock_went_back),
		TEST(state_that_cannot_be_written_is_an_error),
		TEST(processes_at_once_take_no_more_than_there_is),
		TEST(knows_which_limits_refuse),
	};

	return cmocka_run_group_tests(tests, make_queue_parent,
	    remove_queue_parent);
}
