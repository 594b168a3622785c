/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "queue/faults.h"
#include "queue_folder.h"

#define DAY ((int64_t)86400 * 1000)
#define NOW (20000 * DAY)

static void
append(const char *text)
{
	int fd = openat(folder.root_plus_1 - 1, "faults",
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void
faults_are_those_of_a_server(void **state)
{
	(void)state;
	assert_int_equal(queue_faults_find(&folder, "mx.example:25", NOW), 0);
	queue_faults_add(&folder, "mx.example:25", QUEUE_FAULT_PIPELINE, NOW);
	queue_faults_add(&folder, "mx.example:25", QUEUE_FAULT_BDAT, NOW);
	assert_int_equal(queue_faults_find(&folder, "mx.example:25", NOW),
	    QUEUE_FAULT_PIPELINE | QUEUE_FAULT_BDAT);
	assert_int_equal(queue_faults_find(&folder, "mx.example:2", NOW), 0);
	assert_int_equal(queue_faults_find(&folder, "x.example:25", NOW), 0);
}

static void
faults_are_forgotten_after_a_month(void **state)
{
	(void)state;
	queue_faults_add(&folder, "mx", QUEUE_FAULT_PIPELINE, NOW);
	assert_int_not_equal(queue_faults_find(&folder, "mx", NOW + 29 * DAY),
	    0);
	assert_int_equal(queue_faults_find(&folder, "mx", NOW + 31 * DAY), 0);
	/* The clock was wrong when it was noted. */
	assert_int_equal(queue_faults_find(&folder, "mx", NOW - DAY), 0);
}

static void
damaged_lines_do_not_count(void **state)
{
	(void)state;
	append("no line of faults\n\n12345678 9 2 mx\n00000000 1 2 mx");
	assert_int_equal(queue_faults_find(&folder, "mx", NOW), 0);
	/* The one behind a line without an end is lost with it. */
	queue_faults_add(&folder, "mx", QUEUE_FAULT_BDAT, NOW);
	assert_int_equal(queue_faults_find(&folder, "mx", NOW), 0);
	queue_faults_add(&folder, "mx", QUEUE_FAULT_BDAT, NOW);
	assert_int_equal(queue_faults_find(&folder, "mx", NOW),
	    QUEUE_FAULT_BDAT);
}

static void
the_file_has_a_limited_size(void **state)
{
	struct stat st;

	(void)state;
	for (int i = 0; i < 2000; i++)
		queue_faults_add(&folder, "mx.example.com:587",
		    QUEUE_FAULT_BDAT, NOW);
	assert_int_equal(fstatat(folder.root_plus_1 - 1, "faults", &st, 0), 0);
	assert_true(st.st_size < 64 * 1024);
	assert_int_equal(queue_faults_find(&folder, "mx.example.com:587", NOW),
	    QUEUE_FAULT_BDAT);
}

static void
names_that_would_be_lines_are_not_noted(void **state)
{
	(void)state;
	queue_faults_add(&folder, "mx\nother", QUEUE_FAULT_BDAT, NOW);
	assert_int_not_equal(faccessat(folder.root_plus_1 - 1, "faults", F_OK,
				 0),
	    0);
}

static void
a_link_is_not_followed(void **state)
{
	(void)state;
	assert_int_equal(symlinkat("elsewhere", folder.root_plus_1 - 1,
			     "faults"),
	    0);
	queue_faults_add(&folder, "mx", QUEUE_FAULT_BDAT, NOW);
	assert_int_equal(queue_faults_find(&folder, "mx", NOW), 0);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_queue_folder, \
	    close_queue_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(faults_are_those_of_a_server),
		TEST(faults_are_forgotten_after_a_month),
		TEST(damaged_lines_do_not_count),
		TEST(the_file_has_a_limited_size),
		TEST(names_that_would_be_lines_are_not_noted),
		TEST(a_link_is_not_followed),
	};

	return cmocka_run_group_tests(tests, make_queue_parent,
	    remove_queue_parent);
}
