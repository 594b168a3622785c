/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "runner/events.h"

static struct recipient
failed(int code, const char *status, const char *said)
{
	struct recipient r = { .state = RECIPIENT_FAILED };

	error_reject(&r.outcome, STAGE_RCPT, NULL);
	r.outcome.status.code = code;
	smtp_status_set_enhanced(&r.outcome.status, status);
	r.outcome.temporary = code / 100 == 4;
	r.outcome.said = alloc_string(said);
	r.outcome.host = alloc_string("mx.example");
	return r;
}

static void
a_result_is_what_the_server_said(void **state)
{
	struct recipient later = failed(450, "4.2.0", "450 4.2.0 later");
	struct recipient never = failed(550, "5.1.1", "550 5.1.1 nobody");
	struct queue_events events = { 0 };

	(void)state;
	queue_events_add_result(&events, 4, &later, 1000);
	queue_events_add_result(&events, 5, &never, 2000);
	error_free(&later.outcome);
	error_free(&never.outcome);
	assert_int_equal(events.count, 2);
	assert_int_equal(events.items[0].type, QUEUE_EVENT_DEFERRED);
	assert_int_equal(events.items[0].recipient, 4);
	assert_int_equal(events.items[0].time, 1000);
	assert_int_equal(events.items[0].status.code, 450);
	assert_string_equal(events.items[0].host, "mx.example");
	assert_string_equal(events.items[0].reason, "450 4.2.0 later");
	assert_int_equal(events.items[1].type, QUEUE_EVENT_FAILED);
	assert_int_equal(events.items[1].recipient, 5);
	assert_string_equal(events.items[1].status.enhanced, "5.1.1");
	assert_string_equal(events.items[1].reason, "550 5.1.1 nobody");
	queue_events_free(&events);
	assert_int_equal(events.count, 0);
}

static void
a_delivery_needs_no_reason(void **state)
{
	struct recipient r = { .state = RECIPIENT_DELIVERED,
		.status = { .code = 250, .enhanced = "2.0.0" } };
	struct queue_events events = { 0 };

	(void)state;
	queue_events_add_result(&events, 0, &r, 1000);
	assert_int_equal(events.items[0].type, QUEUE_EVENT_DELIVERED);
	assert_int_equal(events.items[0].status.code, 250);
	assert_null(events.items[0].reason);
	queue_events_free(&events);
}

static void
without_a_server_the_reason_is_that_of_this_program(void **state)
{
	struct recipient r = { .state = RECIPIENT_FAILED };
	struct queue_events events = { 0 };

	(void)state;
	error_set(&r.outcome, ERROR_CONNECT, "connection refused");
	queue_events_add_result(&events, 0, &r, 1000);
	error_free(&r.outcome);
	assert_int_equal(events.items[0].type, QUEUE_EVENT_DEFERRED);
	assert_null(events.items[0].host);
	assert_string_equal(events.items[0].reason, "connection refused");
	queue_events_free(&events);
}

/* The sender may have to know that the message may have been delivered. */
static void
an_uncertain_result_is_not_one_of_this_host(void **state)
{
	struct recipient r = { .state = RECIPIENT_FAILED };
	struct queue_events events = { 0 };

	(void)state;
	error_set(&r.outcome, ERROR_INTERRUPTED, "signal 15");
	r.outcome.uncertain = true;
	queue_events_add_result(&events, 0, &r, 1000);
	error_free(&r.outcome);
	assert_string_equal(events.items[0].status.enhanced, "4.4.2");
	queue_events_free(&events);
}

/* Whatever the code, the sender hears nothing of the login of this host. */
static void
a_rejected_login_is_a_problem_of_this_host(void **state)
{
	struct recipient r = failed(550, "5.1.1", "550 5.1.1 no bob");
	struct recipient known = failed(535, "5.7.8", "535 5.7.8 no bob");
	struct queue_events events = { 0 };

	(void)state;
	r.outcome.stage = known.outcome.stage = STAGE_AUTH;
	queue_events_add_result(&events, 0, &r, 1000);
	queue_events_add_result(&events, 1, &known, 1000);
	error_free(&r.outcome);
	error_free(&known.outcome);
	assert_int_equal(events.items[0].status.code, 0);
	assert_string_equal(events.items[0].status.enhanced, "5.7.8");
	assert_string_equal(events.items[0].reason, "550 5.1.1 no bob");
	assert_int_equal(events.items[1].status.code, 535);
	queue_events_free(&events);
}

static void
other_events_have_times(void **state)
{
	struct queue_events events = { 0 };

	(void)state;
	queue_events_add(&events, QUEUE_EVENT_ATTEMPT, 5);
	queue_events_add_next(&events, 6, 7);
	assert_int_equal(events.items[0].type, QUEUE_EVENT_ATTEMPT);
	assert_int_equal(events.items[0].time, 5);
	assert_int_equal(events.items[1].type, QUEUE_EVENT_NEXT);
	assert_int_equal(events.items[1].next, 7);
	queue_events_free(&events);
	assert_true(queue_now() / 1000 - time(NULL) <= 1);
	assert_true(queue_now() / 1000 - time(NULL) >= -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_result_is_what_the_server_said),
		cmocka_unit_test(a_delivery_needs_no_reason),
		cmocka_unit_test(
		    without_a_server_the_reason_is_that_of_this_program),
		cmocka_unit_test(an_uncertain_result_is_not_one_of_this_host),
		cmocka_unit_test(a_rejected_login_is_a_problem_of_this_host),
		cmocka_unit_test(other_events_have_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
