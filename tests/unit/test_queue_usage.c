/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error_says.h"
#include "queue/usage.h"
#include "queue_folder.h"

static const struct queue_usage limits = { .messages = 3, .octets = 1000 };

static void
limits_the_number_of_messages(void **state)
{
	struct error err = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(queue_usage_add(&folder, 10, &limits, &err));
	assert_false(queue_usage_add(&folder, 10, &limits, &err));
	assert_int_equal(err.kind, ERROR_SPACE);
	assert_true(error_says(&err, "queue_limit allows no more messages"));
	error_free(&err);
	queue_usage_subtract(&folder, 10);
	assert_true(queue_usage_add(&folder, 10, &limits, &err));
}

static void
limits_the_number_of_octets(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_true(queue_usage_add(&folder, 600, &limits, &err));
	assert_false(queue_usage_add(&folder, 401, &limits, &err));
	assert_true(error_says(&err, "queue_limit allows no more octets"));
	error_free(&err);
	/* What was refused does not count. */
	assert_true(queue_usage_add(&folder, 400, &limits, &err));
}

static void
leaves_room_on_the_file_system(void **state)
{
	const struct queue_usage all = { UINT64_MAX, UINT64_MAX };
	struct error err = { 0 };

	(void)state;
	assert_false(queue_usage_add(&folder, UINT64_MAX / 4, &all, &err));
	assert_int_equal(err.kind, ERROR_SPACE);
	assert_true(error_says(&err, "no room left"));
	error_free(&err);
}

static void
counts_again_after_a_run(void **state)
{
	const struct queue_usage counted = { 2, 20 };
	const struct queue_usage large = { INT64_MAX, INT64_MAX };
	struct error err = { 0 };

	(void)state;
	queue_usage_set(&folder, &large);
	assert_false(queue_usage_add(&folder, 1, &limits, &err));
	error_free(&err);
	queue_usage_set(&folder, &counted);
	assert_true(queue_usage_add(&folder, 980, &limits, &err));
	queue_usage_subtract(&folder, 5000);
	queue_usage_subtract(&folder, 0);
	queue_usage_subtract(&folder, 0);
	queue_usage_subtract(&folder, 0);
	assert_true(queue_usage_add(&folder, 1000, &limits, &err));
}

static void
takes_a_damaged_file_for_an_empty_queue(void **state)
{
	char *path = alloc_printf("%s/state", queue_path);
	struct error err = { 0 };
	int fd;

	(void)state;
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	for (int i = 0; i < 10; i++)
		assert_int_equal(write(fd, "\xFF\0nonsense", 10), 10);
	close(fd);
	assert_true(queue_usage_add(&folder, 1000, &limits, &err));
	assert_false(queue_usage_add(&folder, 1, &limits, &err));
	error_free(&err);
	free(path);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_queue_folder, \
	    close_queue_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(limits_the_number_of_messages),
		TEST(limits_the_number_of_octets),
		TEST(leaves_room_on_the_file_system),
		TEST(counts_again_after_a_run),
		TEST(takes_a_damaged_file_for_an_empty_queue),
	};

	return cmocka_run_group_tests(tests, make_queue_parent,
	    remove_queue_parent);
}
