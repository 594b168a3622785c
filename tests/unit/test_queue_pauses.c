/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "queue/pauses.h"
#include "queue_folder.h"

#define MINUTE ((int64_t)60 * 1000)
#define NOW ((int64_t)1700000000 * 1000)

static const struct queue_schedule schedule = { .first_pause = 120,
	.longest_pause = 7200 };
static const struct queue_destination work = { .account = "work" };
static const struct queue_failure refused = { .status = { 0, "4.4.1" },
	.host = "mx.example",
	.reason = "connection refused" };

static void
begin(struct queue_pauses *p, const struct queue_destination *d, int64_t now)
{
	queue_pauses_lock(p);
	queue_pauses_begin(p, d, &refused, &schedule, now);
	assert_true(queue_pauses_write(p));
}

static void
end(struct queue_pauses *p, const struct queue_destination *d, int64_t now)
{
	queue_pauses_lock(p);
	queue_pauses_end(p, d, now);
	assert_true(queue_pauses_write(p));
}

static void
forget_released(struct queue_pauses *p, struct stat seen)
{
	queue_pauses_lock(p);
	queue_pauses_forget_released(p, &seen);
	assert_true(queue_pauses_write(p));
}

/* Whether another process does not try the destination. */
static bool
lasts(const struct queue_destination *d, int64_t now)
{
	struct queue_pauses p = { .folder = &folder };
	const struct queue_pause *pause;
	bool result;

	queue_pauses_read(&p);
	pause = queue_pauses_find(&p, d);
	result = pause != NULL && queue_pause_lasts(&p, pause, now);
	queue_pauses_free(&p);
	return result;
}

static void
a_pause_doubles_up_to_the_longest(void **state)
{
	static const int minutes[] = { 2, 4, 8, 16, 32, 64, 120, 120 };
	struct queue_pauses p = { .folder = &folder };
	int64_t now = NOW;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(minutes); i++) {
		assert_false(lasts(&work, now));
		begin(&p, &work, now);
		now += minutes[i] * MINUTE;
		assert_true(lasts(&work, now - 1));
	}
	end(&p, &work, now);
	begin(&p, &work, now);
	assert_false(lasts(&work, now + 2 * MINUTE));
	queue_pauses_free(&p);
}

static void
a_failure_within_a_pause_does_not_prolong_it(void **state)
{
	const struct queue_failure other = { .needs_administrator = true,
		.status = { 535, "5.7.8" },
		.reason = "535 5.7.8 wrong\npassword" };
	struct queue_pauses p = { .folder = &folder };
	const struct queue_pause *pause;

	(void)state;
	begin(&p, &work, NOW);
	queue_pauses_lock(&p);
	queue_pauses_begin(&p, &work, &other, &schedule, NOW + MINUTE);
	assert_true(queue_pauses_write(&p));
	assert_false(lasts(&work, NOW + 2 * MINUTE));
	pause = queue_pauses_find(&p, &work);
	assert_int_equal(pause->failures, 1);
	assert_int_equal(pause->last, NOW + MINUTE);
	assert_true(pause->needs_administrator);
	assert_int_equal(pause->status.code, 535);
	assert_null(pause->host);
	assert_null(strchr(pause->reason, '\n'));
	queue_pauses_free(&p);
}

static void
destinations_differ_by_account_configuration_and_domain(void **state)
{
	static const struct queue_destination others[] = {
		{ .account = "home" },
		{ .account = "work", .configuration = "/etc/other.conf" },
		{ .account = "work", .domain = "example.org" },
	};
	const struct queue_destination domain = { .account = "work",
		.domain = "EXAMPLE.com" };
	const struct queue_destination same = { .account = "work",
		.domain = "example.com" };
	struct queue_pauses p = { .folder = &folder };

	(void)state;
	begin(&p, &work, NOW);
	begin(&p, &domain, NOW);
	assert_true(lasts(&work, NOW + 1));
	assert_true(lasts(&same, NOW + 1));
	for (size_t i = 0; i < COUNT_OF(others); i++)
		assert_false(lasts(&others[i], NOW + 1));
	queue_pauses_free(&p);
}

static void
another_process_sees_what_has_changed(void **state)
{
	struct queue_pauses p = { .folder = &folder };
	struct queue_pauses q = { .folder = &folder };

	(void)state;
	queue_pauses_read(&q);
	assert_null(queue_pauses_find(&q, &work));
	begin(&p, &work, NOW);
	queue_pauses_read(&q);
	assert_non_null(queue_pauses_find(&q, &work));
	end(&p, &work, NOW + 5 * MINUTE);
	queue_pauses_read(&q);
	assert_null(queue_pauses_find(&q, &work));
	queue_pauses_free(&p);
	queue_pauses_free(&q);
}

static void
only_a_pause_that_ends_early_releases_messages(void **state)
{
	struct queue_pauses p = { .folder = &folder };
	struct queue_pauses q = { .folder = &folder };

	(void)state;
	begin(&p, &work, NOW);
	end(&p, &work, NOW + 3 * MINUTE);
	assert_false(p.has_released);
	begin(&p, &work, NOW);
	end(&p, &work, NOW + MINUTE);
	queue_pauses_read(&q);
	assert_true(q.has_released);
	forget_released(&q, q.seen);
	queue_pauses_read(&p);
	assert_false(p.has_released);
	queue_pauses_free(&p);
	queue_pauses_free(&q);
}

/* Whoever looks at the messages has seen that one pause has ended, and meanwhile
 * somebody ends another one. */
static void
a_pause_that_ends_meanwhile_is_not_forgotten(void **state)
{
	const struct queue_destination home = { .account = "home" };
	struct queue_pauses p = { .folder = &folder };
	struct queue_pauses q = { .folder = &folder };
	struct stat seen;

	(void)state;
	begin(&p, &work, NOW);
	begin(&p, &home, NOW);
	end(&p, &work, NOW + MINUTE);
	queue_pauses_read(&q);
	seen = q.seen;
	end(&p, &home, NOW + MINUTE);
	forget_released(&q, seen);
	queue_pauses_read(&p);
	assert_true(p.has_released);
	forget_released(&q, p.seen);
	queue_pauses_read(&p);
	assert_false(p.has_released);
	queue_pauses_free(&p);
	queue_pauses_free(&q);
}

static void
all_pauses_can_be_ended(void **state)
{
	const struct queue_destination home = { .account = "home" };
	struct queue_pauses p = { .folder = &folder };

	(void)state;
	begin(&p, &work, NOW);
	begin(&p, &home, NOW);
	queue_pauses_lock(&p);
	queue_pauses_end_all(&p, NOW + 1);
	assert_true(queue_pauses_write(&p));
	assert_true(p.has_released);
	assert_false(lasts(&work, NOW + 1) || lasts(&home, NOW + 1));
	queue_pauses_free(&p);
}

static void
a_wrong_clock_ends_a_pause(void **state)
{
	struct queue_pauses p = { .folder = &folder };

	(void)state;
	begin(&p, &work, NOW);
	/* A correction of some seconds does not. */
	assert_true(lasts(&work, NOW - 20 * 1000));
	assert_false(lasts(&work, NOW - MINUTE));
	assert_false(lasts(&work, 0));
	queue_pauses_free(&p);
}

static void
old_failures_are_forgotten(void **state)
{
	const struct queue_destination home = { .account = "home" };
	struct queue_pauses p = { .folder = &folder };

	(void)state;
	begin(&p, &work, NOW);
	begin(&p, &work, NOW + 3 * MINUTE);
	assert_int_equal(queue_pauses_find(&p, &work)->failures, 2);
	begin(&p, &home, NOW + 100 * MINUTE);
	assert_null(queue_pauses_find(&p, &work));
	queue_pauses_free(&p);
}

static void
pauses_before_a_time_can_be_ignored(void **state)
{
	struct queue_pauses p = { .folder = &folder, .since = NOW + 1 };

	(void)state;
	begin(&p, &work, NOW);
	assert_false(
	    queue_pause_lasts(&p, queue_pauses_find(&p, &work), NOW + 2));
	begin(&p, &work, NOW + 1);
	assert_true(
	    queue_pause_lasts(&p, queue_pauses_find(&p, &work), NOW + 2));
	queue_pauses_free(&p);
}

static void
replace_in_file(size_t at, char octet)
{
	char *path = alloc_printf("%s/pauses", queue_path);
	int fd = open(path, O_WRONLY);

	assert_int_equal(pwrite(fd, &octet, 1, (off_t)at), 1);
	close(fd);
	free(path);
}

static void
damaged_lines_do_not_count(void **state)
{
	static const char octets[] = { '\0', '\n', '#', '~', '\xFF' };
	const struct queue_destination home = { .account = "home" };
	struct queue_pauses p = { .folder = &folder };

	(void)state;
	for (size_t at = 0; at < 60; at++) {
		queue_pauses_lock(&p);
		queue_pauses_end_all(&p, NOW + 100 * MINUTE);
		queue_pauses_begin(&p, &work, &refused, &schedule, NOW);
		queue_pauses_begin(&p, &home, &refused, &schedule, NOW);
		assert_true(queue_pauses_write(&p));
		replace_in_file(at, octets[at % COUNT_OF(octets)]);
		if (lasts(&work, NOW + 1))
			fail_msg("octet %zu is not noticed", at);
		assert_true(lasts(&home, NOW + 1));
		queue_pauses_read(&p);
		assert_true(p.has_released);
		forget_released(&p, p.seen);
	}
	queue_pauses_free(&p);
}

static void
names_with_control_characters_get_no_pause(void **state)
{
	const struct queue_destination odd = { .account = "a\tb" };
	struct queue_pauses p = { .folder = &folder };

	(void)state;
	begin(&p, &odd, NOW);
	assert_null(queue_pauses_find(&p, &odd));
	queue_pauses_free(&p);
}

static void
there_is_a_limit_to_the_number_of_pauses(void **state)
{
	struct queue_pauses p = { .folder = &folder };
	char domain[16];
	const struct queue_destination d = { .account = "a", .domain = domain };

	(void)state;
	queue_pauses_lock(&p);
	for (int i = 0; i <= QUEUE_PAUSES_MAX; i++) {
		snprintf(domain, sizeof(domain), "%d.example", i);
		queue_pauses_begin(&p, &d, &refused, &schedule, NOW);
	}
	assert_true(queue_pauses_write(&p));
	assert_null(queue_pauses_find(&p, &d));
	snprintf(domain, sizeof(domain), "%d.example", QUEUE_PAUSES_MAX - 1);
	assert_true(lasts(&d, NOW + 1));
	queue_pauses_free(&p);
}

static void
without_a_file_a_pause_counts_in_this_process(void **state)
{
	char *path = alloc_printf("%s/pauses", queue_path);
	struct queue_pauses p = { .folder = &folder };

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	queue_pauses_lock(&p);
	queue_pauses_begin(&p, &work, &refused, &schedule, NOW);
	assert_false(queue_pauses_write(&p));
	queue_pauses_read(&p);
	assert_true(
	    queue_pause_lasts(&p, queue_pauses_find(&p, &work), NOW + 1));
	assert_false(lasts(&work, NOW + 1));
	queue_pauses_free(&p);
	free(path);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_queue_folder, \
	    close_queue_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_pause_doubles_up_to_the_longest),
		TEST(a_failure_within_a_pause_does_not_prolong_it),
		TEST(destinations_differ_by_account_configuration_and_domain),
		TEST(another_process_sees_what_has_changed),
		TEST(only_a_pause_that_ends_early_releases_messages),
		TEST(a_pause_that_ends_meanwhile_is_not_forgotten),
		TEST(all_pauses_can_be_ended),
		TEST(a_wrong_clock_ends_a_pause),
		TEST(old_failures_are_forgotten),
		TEST(pauses_before_a_time_can_be_ignored),
		TEST(damaged_lines_do_not_count),
		TEST(names_with_control_characters_get_no_pause),
		TEST(there_is_a_limit_to_the_number_of_pauses),
		TEST(without_a_file_a_pause_counts_in_this_process),
	};

	return cmocka_run_group_tests(tests, make_queue_parent,
	    remove_queue_parent);
}
